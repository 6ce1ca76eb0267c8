/* Which times of a wall clock match: calendar arithmetic only, no zones. */
#include "cron/cron_internal.h"

#include "base/clock.h"

#define DAY INT64_C(86400)

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : lengths[month - 1];
}

/* The day that is a working day and nearest to `day`, within its month. */
static int working_day(int first, int length, int day)
{
    int weekday = (first + day - 1) % 7;
    if (weekday == 6) {
        return day > 1 ? day - 1 : day + 2;
    }
    if (weekday == 0) {
        return day < length ? day + 1 : day - 2;
    }
    return day;
}

static uint32_t month_days(const struct mz_cron *cron, int first, int length)
{
    uint32_t found = cron->days;
    if (cron->last_day) {
        found |= UINT32_C(1) << length;
    }
    if (cron->last_working_day) {
        found |= UINT32_C(1) << working_day(first, length, length);
    }
    for (uint32_t left = cron->near_days; left != 0; left &= left - 1) {
        int day = __builtin_ctz(left);
        if (day <= length) {
            found |= UINT32_C(1) << working_day(first, length, day);
        }
    }
    return found;
}

static uint32_t weekday_days(const struct mz_cron *cron, int first, int length)
{
    uint32_t found = 0;
    for (int weekday = 0; weekday < 7; weekday++) {
        uint32_t bit = UINT32_C(1) << weekday;
        int day = 1 + (weekday - first + 7) % 7; /* its first of the month */
        for (int nth = 0; day <= length; nth++, day += 7) {
            if ((cron->weekdays & bit) != 0 || (cron->nth[nth] & bit) != 0 ||
                ((cron->last & bit) != 0 && day + 7 > length)) {
                found |= UINT32_C(1) << day;
            }
        }
    }
    return found;
}

uint32_t mz_cron_days(const struct mz_cron *cron, int first, int length)
{
    uint32_t valid = (uint32_t)((UINT64_C(2) << length) - 2);
    if (cron->any_weekday) {
        return cron->any_day ? valid : month_days(cron, first, length) & valid;
    }
    uint32_t by_weekday = weekday_days(cron, first, length);
    if (cron->any_day) {
        return by_weekday & valid;
    }
    uint32_t by_day = month_days(cron, first, length);
    return valid & (cron->both ? by_day & by_weekday : by_day | by_weekday);
}

/* In 400 years each month begins on each weekday, February in both its lengths. */
bool mz_cron_ever(const struct mz_cron *cron)
{
    for (int month = 1; month <= 12; month++) {
        for (int first = 0; (cron->months >> month & 1) != 0 && first < 7; first++) {
            if (mz_cron_days(cron, first, month_length(2023, month)) != 0 ||
                mz_cron_days(cron, first, month_length(2024, month)) != 0) {
                return true;
            }
        }
    }
    return false;
}

/* ---- times of the day ---- */

/* The lowest member that is `from` or more, or -1. */
static int member_from(uint64_t set, int from)
{
    uint64_t left = from > 63 ? 0 : set >> from << from;
    return left == 0 ? -1 : __builtin_ctzll(left);
}

/* The highest member that is `to` or less, or -1. */
static int member_to(uint64_t set, int to)
{
    uint64_t left = to < 0 ? 0 : set & (UINT64_MAX >> (63 - to));
    return left == 0 ? -1 : 63 - __builtin_clzll(left);
}

/* The first match of the day at `from` seconds or later, or -1. */
static int time_from(const struct mz_cron *cron, int from)
{
    int hour = from / 3600;
    int minute = from / 60 % 60;
    int second = member_from(cron->seconds, from % 60);
    int found = member_from(cron->minutes, second < 0 ? minute + 1 : minute);
    if (found != minute) {
        second = member_from(cron->seconds, 0);
    }
    minute = found;
    found = member_from(cron->hours, minute < 0 ? hour + 1 : hour);
    if (found != hour) {
        minute = member_from(cron->minutes, 0);
        second = member_from(cron->seconds, 0);
    }
    return found < 0 ? -1 : (found * 60 + minute) * 60 + second;
}

/* The last match of the day at `to` seconds or earlier, or -1. */
static int time_to(const struct mz_cron *cron, int to)
{
    int hour = to / 3600;
    int minute = to / 60 % 60;
    int second = member_to(cron->seconds, to % 60);
    int found = member_to(cron->minutes, second < 0 ? minute - 1 : minute);
    if (found != minute) {
        second = member_to(cron->seconds, 59);
    }
    minute = found;
    found = member_to(cron->hours, minute < 0 ? hour - 1 : hour);
    if (found != hour) {
        minute = member_to(cron->minutes, 59);
        second = member_to(cron->seconds, 59);
    }
    return found < 0 ? -1 : (found * 60 + minute) * 60 + second;
}

/* ---- days ---- */

/* A month of the calendar and its days that match. */
struct month {
    int year, month;
    int64_t start; /* day of its first since 1970 */
    int length;
    uint32_t days;
};

static void look_at(const struct mz_cron *cron, struct month *month)
{
    month->start = mz_days_from_date(month->year, month->month, 1);
    month->length = month_length(month->year, month->month);
    month->days = 0;
    if ((cron->months >> month->month & 1) != 0) {
        int first =
            (int)(((month->start + 4) % 7 + 7) % 7); /* 1970 began on Thursday */
        month->days = mz_cron_days(cron, first, month->length);
    }
}

static int64_t floor_day(int64_t time)
{
    return time / DAY - (time % DAY < 0 ? 1 : 0);
}

bool mz_cron_wall_next(const struct mz_cron *cron, int64_t from, int64_t end,
                       int64_t *out)
{
    struct month month;
    int day = 0;
    if (from >= end) {
        return false;
    }
    int64_t date = floor_day(from);
    int second = time_from(cron, (int)(from - date * DAY));
    mz_date_from_days(date, &month.year, &month.month, &day);
    look_at(cron, &month);
    if (second >= 0 && (month.days >> day & 1) != 0) {
        *out = date * DAY + second;
        return *out < end;
    }
    second = time_from(cron, 0);
    for (day++; month.start * DAY < end; day = 1) {
        int found = member_from(month.days, day);
        if (found > 0) {
            *out = (month.start + found - 1) * DAY + second;
            return *out < end;
        }
        month.year += month.month == 12;
        month.month = month.month % 12 + 1;
        look_at(cron, &month);
    }
    return false;
}

bool mz_cron_wall_previous(const struct mz_cron *cron, int64_t to, int64_t start,
                           int64_t *out)
{
    struct month month;
    int day = 0;
    if (to < start) {
        return false;
    }
    int64_t date = floor_day(to);
    int second = time_to(cron, (int)(to - date * DAY));
    mz_date_from_days(date, &month.year, &month.month, &day);
    look_at(cron, &month);
    if (second >= 0 && (month.days >> day & 1) != 0) {
        *out = date * DAY + second;
        return *out >= start;
    }
    second = time_to(cron, (int)DAY - 1);
    for (day--; (month.start + month.length) * DAY > start; day = 31) {
        int found = member_to(month.days, day);
        if (found > 0) {
            *out = (month.start + found - 1) * DAY + second;
            return *out >= start;
        }
        month.year -= month.month == 1;
        month.month = month.month == 1 ? 12 : month.month - 1;
        look_at(cron, &month);
    }
    return false;
}
