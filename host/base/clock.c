#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MZ_DAY INT64_C(86400000)

static _Atomic int64_t standing = -1; /* negative: the real clock */

static int64_t read_clock(clockid_t which)
{
    struct timespec time = {0, 0};
    clock_gettime(which, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t mz_clock_now(void)
{
    int64_t now = atomic_load_explicit(&standing, memory_order_relaxed);
    return now >= 0 ? now : read_clock(CLOCK_REALTIME);
}

int64_t mz_clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void mz_clock_set(int64_t now)
{
    atomic_store_explicit(&standing, now < 0 ? -1 : now, memory_order_relaxed);
}

bool mz_clock_stands(void)
{
    return atomic_load_explicit(&standing, memory_order_relaxed) >= 0;
}

void mz_clock_setup(void)
{
    const char *text = secure_getenv("MIZAN_NOW");
    int64_t now = 0;
    if (text != NULL && mz_time_parse(text, strlen(text), &now)) {
        mz_clock_set(now);
    }
}

/* Howard Hinnant's civil-date arithmetic: eras of 400 years that begin in March. */
int64_t mz_days_from_date(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void mz_date_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
        365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

const char *mz_time_format(int64_t time, char *out)
{
    int64_t days = time / MZ_DAY;
    int64_t rest = time % MZ_DAY;
    if (rest < 0) {
        rest += MZ_DAY;
        days -= 1;
    }
    int year = 0;
    int month = 0;
    int day = 0;
    mz_date_from_days(days, &year, &month, &day);
    int seconds = (int)(rest / 1000);
    snprintf(out, MZ_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day,
             seconds / 3600, seconds / 60 % 60, seconds % 60);
    return out;
}

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *cursor, char wanted)
{
    if (cursor->at < cursor->end && *cursor->at == wanted) {
        cursor->at += 1;
        return true;
    }
    return false;
}

static bool take_digits(struct cursor *cursor, int count, int *value)
{
    int result = 0;
    for (int i = 0; i < count; i++) {
        if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9') {
            return false;
        }
        result = result * 10 + (*cursor->at - '0');
        cursor->at += 1;
    }
    *value = result;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct cursor *cursor, int64_t *days)
{
    int year = 0;
    int month = 0;
    int day = 0;
    if (!take_digits(cursor, 4, &year) || !take(cursor, '-') ||
        !take_digits(cursor, 2, &month) || !take(cursor, '-') ||
        !take_digits(cursor, 2, &day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    *days = mz_days_from_date(year, month, day);
    return true;
}

/* `.25` in milliseconds, cut down; true when there is none. */
static bool take_fraction(struct cursor *cursor, int64_t *milliseconds)
{
    if (!take(cursor, '.') && !take(cursor, ',')) {
        return true;
    }
    int digit = 0;
    int64_t unit = 100;
    bool any = false;
    while (take_digits(cursor, 1, &digit)) {
        any = true;
        *milliseconds += digit * unit;
        unit /= 10;
    }
    return any;
}

/* `10:00`, `10:00:30.5`; second 60 is a leap second, the next minute's first. */
static bool take_time(struct cursor *cursor, int64_t *milliseconds)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t fraction = 0;
    if (!take_digits(cursor, 2, &hour) || !take(cursor, ':') ||
        !take_digits(cursor, 2, &minute)) {
        return false;
    }
    if (take(cursor, ':') &&
        (!take_digits(cursor, 2, &second) || !take_fraction(cursor, &fraction))) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    *milliseconds = (((int64_t)hour * 60 + minute) * 60 + second) * 1000 + fraction;
    return true;
}

/* `Z`, `+03:00`, `+0300`, `+03`, or nothing. */
static bool take_zone(struct cursor *cursor, int64_t *milliseconds)
{
    *milliseconds = 0;
    if (cursor->at == cursor->end || take(cursor, 'Z') || take(cursor, 'z')) {
        return true;
    }
    int hours = 0;
    int minutes = 0;
    int64_t sign = take(cursor, '-') ? -1 : 1;
    if (sign > 0 && !take(cursor, '+')) {
        return false;
    }
    if (!take_digits(cursor, 2, &hours)) {
        return false;
    }
    bool colon = take(cursor, ':');
    if ((colon || cursor->at != cursor->end) && !take_digits(cursor, 2, &minutes)) {
        return false;
    }
    if (hours > 23 || minutes > 59) {
        return false;
    }
    *milliseconds = sign * ((int64_t)hours * 60 + minutes) * 60000;
    return true;
}

bool mz_time_parse(const char *text, size_t size, int64_t *time)
{
    struct cursor cursor = {text, text + size};
    int64_t days = 0;
    int64_t of_day = 0;
    int64_t zone = 0;
    if (!take_date(&cursor, &days)) {
        return false;
    }
    if (cursor.at != cursor.end) {
        if (!take(&cursor, 'T') && !take(&cursor, 't') && !take(&cursor, ' ')) {
            return false;
        }
        if (!take_time(&cursor, &of_day) || !take_zone(&cursor, &zone)) {
            return false;
        }
    }
    if (cursor.at != cursor.end) {
        return false;
    }
    *time = days * MZ_DAY + of_day - zone;
    return true;
}
