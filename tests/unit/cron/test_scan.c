/* A year of each zone, minute by minute, by the C library's own reading of the zones
 * and by a matcher that shares nothing with the one under test: every tick must be
 * equal, forwards and backwards. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cron/cron.h"

#define MINUTES  (368 * 1440)
#define MOST_GAP 180

static const struct {
    const char *zone;
    int year;
} years[] = {
    {"Australia/Lord_Howe", 2019}, {"Asia/Gaza", 2011},
    {"Africa/Cairo", 2023},        {"Antarctica/Troll", 2016},
    {"Pacific/Apia", 2011},        {"Asia/Pyongyang", 2015},
    {"Asia/Pyongyang", 2018},      {"America/Sao_Paulo", 2018},
    {"Africa/Casablanca", 2022},   {"America/St_Johns", 2011},
    {"Asia/Kathmandu", 2020},      {"Europe/Berlin", 2025},
    {"America/New_York", 2024},    {"Asia/Tehran", 2016},
    {"Europe/Dublin", 2023},       {"Pacific/Chatham", 2020},
    {"Antarctica/Casey", 2009},    {"America/Nuuk", 2023},
    {"America/Caracas", 2016},     {"Europe/Moscow", 2011},
    {"Asia/Damascus", 2022},       {"America/Havana", 2024},
    {"Europe/Berlin", 2482},       {"America/Asuncion", 2017},
};

static const char *const expressions[] = {
    "30 2 * * *",      "0 0 * * *",       "*/15 2 * * *", "7 * * * *",
    "10,40 0-3 * * *", "6 0-23/2 * * *",  "0 */3 * * *",  "45 23 * * *",
    "1 0 13 * 5",      "30 0 L * *",      "15 1 * * 0#L", "29 2 */9 * *",
    "30 1 * 3,10 0",   "0-59/20 1 * * *", "5 0 1-7 * +0",
};

/* ---- a matcher of its own ---- */

static bool item_matches(const char *item, int value, int last)
{
    int first = 0;
    int end = 0;
    int step = 1;
    if (strcmp(item, "*") == 0) {
        return true;
    }
    if (sscanf(item, "*/%d", &step) == 1) {
        return value % step == (last == 31 ? 1 % step : 0);
    }
    int count = sscanf(item, "%d-%d/%d", &first, &end, &step);
    end = count == 1 ? first : end;
    return value >= first && value <= end && (value - first) % step == 0;
}

static bool field_matches(const char *field, int value, int last)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s", field);
    char *rest = copy;
    for (char *item; (item = strsep(&rest, ",")) != NULL;) {
        if (item_matches(item, value, last)) {
            return true;
        }
    }
    return false;
}

struct fields {
    char minute[32], hour[32], day[32], month[32], weekday[32];
    bool minutes[60], hours[24];
    bool wall;
};

static int days_of(const struct tm *date)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = date->tm_year + 1900;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[date->tm_mon] + (date->tm_mon == 1 && leap ? 1 : 0);
}

static bool date_matches(const struct fields *fields, const struct tm *date)
{
    const char *weekday = fields->weekday;
    bool both = weekday[0] == '+';
    weekday += both;
    int length = days_of(date);
    bool by_day = strcmp(fields->day, "L") == 0
                      ? date->tm_mday == length
                      : field_matches(fields->day, date->tm_mday, 31);
    bool by_weekday = strcmp(weekday, "0#L") == 0
                          ? date->tm_wday == 0 && date->tm_mday + 7 > length
                          : field_matches(weekday, date->tm_wday, 6);
    bool any_day = strcmp(fields->day, "*") == 0;
    bool any_weekday = strcmp(weekday, "*") == 0;
    if (!field_matches(fields->month, date->tm_mon + 1, 12)) {
        return false;
    }
    return any_day || any_weekday || both ? by_day && by_weekday : by_day || by_weekday;
}

static void read_fields(const char *text, struct fields *fields)
{
    assert_int_equal(sscanf(text, "%31s %31s %31s %31s %31s", fields->minute,
                            fields->hour, fields->day, fields->month, fields->weekday),
                     5);
    for (int i = 0; i < 60; i++) {
        fields->minutes[i] = field_matches(fields->minute, i, 59);
        fields->hours[i % 24] = field_matches(fields->hour, i % 24, 23);
    }
    fields->wall = fields->minute[0] == '*' || fields->hour[0] == '*';
}

/* ---- the scan ---- */

static int64_t wall[MINUTES];  /* what the clock shows, in minutes like UTC's */
static int64_t ticks[MINUTES]; /* the scan's answer, in minutes since 1970 */

static bool wall_matches(const struct fields *fields, int64_t minutes)
{
    struct tm date;
    time_t seconds = (time_t)(minutes * 60);
    int minute = (int)(minutes % 60);
    int hour = (int)(minutes / 60 % 24);
    if (!fields->minutes[minute] || !fields->hours[hour]) {
        return false;
    }
    gmtime_r(&seconds, &date);
    return date_matches(fields, &date);
}

static size_t scan(const struct fields *fields, int64_t first, size_t from, size_t to)
{
    size_t count = 0;
    int64_t shown = wall[0];
    for (size_t i = 0; i < to; i++) {
        bool due = wall_matches(fields, wall[i]);
        if (!fields->wall && wall[i] < shown) {
            due = false; /* the second pass */
        }
        if (!fields->wall && wall[i] > shown && wall[i] - shown <= MOST_GAP) {
            for (int64_t lost = shown; lost < wall[i]; lost++) {
                due = due || wall_matches(fields, lost);
            }
        }
        shown = wall[i] >= shown ? wall[i] + 1 : shown;
        if (due && i >= from) {
            ticks[count++] = first + (int64_t)i;
        }
    }
    return count;
}

static void differ(const char *expression, const char *zone, int64_t expected,
                   int64_t actual)
{
    char first[MZ_TIME_TEXT];
    char second[MZ_TIME_TEXT];
    fail_msg("%s in %s: %s, by the scan %s", expression, zone,
             mz_time_format(actual * 1000, second),
             mz_time_format(expected * 1000, first));
}

static void compare(const char *expression, const struct mz_zone *zone, int64_t first,
                    size_t count)
{
    struct mz_cron cron;
    struct mz_tick tick = {.time = (first + 1440) * 60 - 1};
    assert_int_equal(mz_cron_parse(expression, NULL, &cron, NULL), MZ_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        if (!mz_cron_next(&cron, zone, tick.time, &tick) ||
            tick.time != ticks[i] * 60) {
            differ(expression, mz_zone_name(zone), ticks[i] * 60, tick.time);
        }
    }
    tick.time++;
    for (size_t i = count; i-- > 0;) {
        if (!mz_cron_previous(&cron, zone, tick.time, &tick) ||
            tick.time != ticks[i] * 60) {
            differ(expression, mz_zone_name(zone), ticks[i] * 60, tick.time);
        }
    }
}

static void a_year_of_each_zone(void **state)
{
    struct mz_arena *arena = mz_arena_create((size_t)4 << 20);
    (void)state;
    assert_non_null(arena);
    for (size_t y = 0; y < sizeof years / sizeof *years; y++) {
        const struct mz_zone *zone = NULL;
        assert_int_equal(mz_zone_load(NULL, years[y].zone, arena, &zone, NULL), MZ_OK);
        assert_int_equal(setenv("TZ", years[y].zone, 1), 0);
        tzset();
        /* A day before the year and two after it: what is shown must be known. */
        int64_t first = (mz_days_from_date(years[y].year, 1, 1) - 1) * 1440;
        for (size_t i = 0; i < MINUTES; i++) {
            struct tm local;
            time_t seconds = (time_t)((first + (int64_t)i) * 60);
            localtime_r(&seconds, &local);
            wall[i] = first + (int64_t)i + local.tm_gmtoff / 60;
        }
        for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
            struct fields fields;
            read_fields(expressions[e], &fields);
            size_t count = scan(&fields, first, 1440, MINUTES);
            compare(expressions[e], zone, first, count);
        }
    }
    mz_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_year_of_each_zone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
