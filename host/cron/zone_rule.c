/* The POSIX TZ text of a zone file's footer (RFC 9636, section 3.3.1: hours of a change
 * may go from -167 to 167). */
#include "cron/zone_internal.h"

#include <string.h>

#include "base/clock.h"

#define DAY INT64_C(86400)

struct reader {
    const char *at, *end;
};

static bool take(struct reader *reader, char wanted)
{
    if (reader->at < reader->end && *reader->at == wanted) {
        reader->at++;
        return true;
    }
    return false;
}

static bool take_number(struct reader *reader, int least, int most, int *out)
{
    int value = 0;
    int digits = 0;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' &&
           digits < 4) {
        value = value * 10 + (*reader->at++ - '0');
        digits++;
    }
    *out = value;
    return digits > 0 && value >= least && value <= most;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool take_name(struct reader *reader)
{
    const char *start = reader->at;
    if (take(reader, '<')) {
        while (reader->at < reader->end && *reader->at != '>') {
            reader->at++;
        }
        return reader->at - start > 1 && take(reader, '>');
    }
    while (reader->at < reader->end && is_letter(*reader->at)) {
        reader->at++;
    }
    return reader->at - start >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct reader *reader, int most_hours, int64_t *out)
{
    int64_t sign = take(reader, '-') ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    if (sign > 0) {
        (void)take(reader, '+');
    }
    if (!take_number(reader, 0, most_hours, &hours)) {
        return false;
    }
    if (take(reader, ':')) {
        if (!take_number(reader, 0, 59, &minutes) ||
            (take(reader, ':') && !take_number(reader, 0, 59, &seconds))) {
            return false;
        }
    }
    *out = sign * (((int64_t)hours * 60 + minutes) * 60 + seconds);
    return true;
}

static bool take_date(struct reader *reader, struct mz_rule_date *date)
{
    if (!take(reader, ',')) {
        return false;
    }
    date->time = INT64_C(7200);
    if (take(reader, 'M')) {
        date->kind = MZ_DAY_WEEKDAY;
        if (!take_number(reader, 1, 12, &date->month) || !take(reader, '.') ||
            !take_number(reader, 1, 5, &date->week) || !take(reader, '.') ||
            !take_number(reader, 0, 6, &date->weekday)) {
            return false;
        }
    } else if (take(reader, 'J')) {
        date->kind = MZ_DAY_JULIAN;
        if (!take_number(reader, 1, 365, &date->day)) {
            return false;
        }
    } else {
        date->kind = MZ_DAY_COUNT;
        if (!take_number(reader, 0, 365, &date->day)) {
            return false;
        }
    }
    return !take(reader, '/') || take_time(reader, 167, &date->time);
}

bool mz_zone_rule_parse(const char *text, size_t size, struct mz_zone_rule *rule)
{
    struct reader reader = {text, text + size};
    int64_t west = 0;
    memset(rule, 0, sizeof *rule);
    if (!take_name(&reader) || !take_time(&reader, 24, &west)) {
        return false;
    }
    rule->standard = -west;
    if (reader.at == reader.end) {
        return true;
    }
    rule->has_summer = true;
    rule->summer = rule->standard + 3600;
    if (!take_name(&reader)) {
        return false;
    }
    if (reader.at < reader.end && *reader.at != ',') {
        if (!take_time(&reader, 24, &west)) {
            return false;
        }
        rule->summer = -west;
    }
    return take_date(&reader, &rule->begin) && take_date(&reader, &rule->end) &&
           reader.at == reader.end;
}

/* Days since 1970-01-01 of the date in a year. */
static int64_t date_day(const struct mz_rule_date *date, int year)
{
    int64_t january = mz_days_from_date(year, 1, 1);
    bool leap = mz_days_from_date(year + 1, 1, 1) - january == 366;
    if (date->kind == MZ_DAY_COUNT) {
        return january + date->day;
    }
    if (date->kind == MZ_DAY_JULIAN) {
        return january + date->day - 1 + (leap && date->day >= 60 ? 1 : 0);
    }
    int64_t first = mz_days_from_date(year, date->month, 1);
    int64_t after = date->month == 12 ? mz_days_from_date(year + 1, 1, 1)
                                      : mz_days_from_date(year, date->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t day =
        first + (date->weekday - weekday + 7) % 7 + INT64_C(7) * (date->week - 1);
    return day < after ? day : day - 7;
}

/* The year, the one after it, and two before it: changes may lie a week outside of
 * their year, so that those of two years ago may be the last before this one. */
#define YEARS 4

void mz_zone_rule_span(const struct mz_zone_rule *rule, int64_t time,
                       struct mz_zone_span *out)
{
    int64_t times[2 * YEARS];
    int64_t offsets[2 * YEARS];
    int year = 0;
    int month = 0;
    int day = 0;
    size_t count = 0;
    out->start = INT64_MIN / 4;
    out->end = INT64_MAX / 4;
    out->offset = rule->standard;
    if (!rule->has_summer) {
        return;
    }
    time = time < MZ_SECOND_LEAST ? MZ_SECOND_LEAST : time;
    time = time > MZ_SECOND_MOST ? MZ_SECOND_MOST : time;
    int64_t days = time / DAY - (time % DAY < 0 ? 1 : 0);
    mz_date_from_days(days, &year, &month, &day);
    for (int y = year - 2; y < year - 2 + YEARS; y++) {
        for (int summer = 1; summer >= 0; summer--) {
            const struct mz_rule_date *date = summer ? &rule->begin : &rule->end;
            int64_t before = summer ? rule->standard : rule->summer;
            int64_t at = date_day(date, y) * DAY + date->time - before;
            size_t place = count++;
            for (; place > 0 && times[place - 1] > at; place--) {
                times[place] = times[place - 1];
                offsets[place] = offsets[place - 1];
            }
            times[place] = at;
            offsets[place] = summer ? rule->summer : rule->standard;
        }
    }
    /* Where two changes fall together (summer time all year) the later one holds. */
    for (size_t i = 0; i < count; i++) {
        if (times[i] > time) {
            out->end = times[i];
            break;
        }
        out->start = times[i];
        out->offset = offsets[i];
    }
}
