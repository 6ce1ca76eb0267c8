/* Ticks of known dates: the grammar's days, the hard zones of the plan, the limits. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cron/cron.h"

static struct mz_arena *arena;

static int64_t at(const char *text)
{
    int64_t time = 0;
    if (!mz_time_parse(text, strlen(text), &time)) {
        fail_msg("%s is no time", text);
    }
    return time / 1000;
}

static const struct mz_zone *zone_of(const char *name)
{
    const struct mz_zone *zone = NULL;
    struct mz_error error;
    if (mz_zone_load(NULL, name, arena, &zone, &error) != MZ_OK) {
        fail_msg("%s", error.message);
    }
    return zone;
}

#define MOST 6

struct row {
    const char *expression, *zone, *from;
    const char *next[MOST]; /* "…" in front: G moved by a gap, O first of an overlap */
};

static const struct row rows[] = {
    /* days of the month */
    {"0 0 31 * *", "UTC", "2025-01-31", {"2025-03-31", "2025-05-31", "2025-07-31"}},
    {"0 0 29 2 *", "UTC", "2025-01-01", {"2028-02-29", "2032-02-29"}},
    {"0 0 29 2 *", "UTC", "2097-01-01", {"2104-02-29"}},
    {"0 0 L * *", "UTC", "2024-01-31", {"2024-02-29", "2024-03-31", "2024-04-30"}},
    {"0 0 15,L 2 *", "UTC", "2025-01-01", {"2025-02-15", "2025-02-28", "2026-02-15"}},
    {"0 0 LW * *",
     "UTC",
     "2025-05-01",
     {"2025-05-30", "2025-06-30", "2025-07-31", "2025-08-29"}},
    /* 1 November 2025 was a Saturday, 1 June a Sunday, 31 August a Sunday */
    {"0 0 1W 6,11 *", "UTC", "2025-01-01", {"2025-06-02", "2025-11-03"}},
    {"0 0 31W 5,8 *", "UTC", "2025-01-01", {"2025-05-30", "2025-08-29"}},
    {"0 0 15W * *",
     "UTC",
     "2025-02-01",
     {"2025-02-14", "2025-03-14", "2025-04-15", "2025-05-15", "2025-06-16"}},
    {"0 0 30W * *", "UTC", "2025-01-31", {"2025-03-31", "2025-04-30"}},
    /* weekdays */
    {"0 0 * * 1#2", "UTC", "2025-09-01", {"2025-09-08", "2025-10-13"}},
    {"0 0 * * FRI#5", "UTC", "2025-09-01", {"2025-10-31", "2026-01-30"}},
    {"0 0 * * 5L", "UTC", "2025-09-01", {"2025-09-26", "2025-10-31"}},
    {"0 0 * * 5#L,1#1",
     "UTC",
     "2025-09-02",
     {"2025-09-26", "2025-10-06", "2025-10-31"}},
    {"0 0 13 * 5",
     "UTC",
     "2025-06-01",
     {"2025-06-06", "2025-06-13", "2025-06-20", "2025-06-27", "2025-07-04",
      "2025-07-11"}},
    {"0 0 13 * +5", "UTC", "2025-01-01", {"2025-06-13", "2026-02-13", "2026-03-13"}},
    {"0 0 13 7 5", "UTC", "2025-07-05", {"2025-07-11", "2025-07-13", "2025-07-18"}},
    {"0 0 */10 * +5", "UTC", "2025-01-01", {"2025-01-31", "2025-02-21", "2025-03-21"}},
    {"0 0 29 2 +SUN",
     "UTC",
     "2025-01-01",
     {"2032-02-29", "2060-02-29", "2088-02-29", "2128-02-29"}},
    {"0 0 31 2 1", "UTC", "2025-02-01", {"2025-02-03", "2025-02-10"}},
    /* seconds, strictly after */
    {"*/20 59 23 31 12 *",
     "UTC",
     "2024-12-31T23:59:20Z",
     {"2024-12-31T23:59:40Z", "2025-12-31T23:59:00Z"}},
    {"59 59 23 * * *",
     "UTC",
     "2024-12-31T23:59:58Z",
     {"2024-12-31T23:59:59Z", "2025-01-01T23:59:59Z"}},
    {"5,35 * * * *",
     "Asia/Kathmandu",
     "2025-01-01T00:00:00Z",
     {"2025-01-01T00:20:00Z", "2025-01-01T00:50:00Z"}},
    /* Berlin: 02:00 to 03:00 is missing in March and twice in October */
    {"30 2 * * *",
     "Europe/Berlin",
     "2025-03-29",
     {"2025-03-29T01:30:00Z", "G2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"}},
    {"30 2 * * *",
     "Europe/Berlin",
     "2025-10-25",
     {"2025-10-25T00:30:00Z", "O2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"}},
    {"0,20,40 2 30 3 *",
     "Europe/Berlin",
     "2025-03-01",
     {"G2025-03-30T01:00:00Z", "2026-03-30T00:00:00Z"}},
    {"0,30 2,3 30 3 *",
     "Europe/Berlin",
     "2025-03-01",
     {"2025-03-30T01:00:00Z", "2025-03-30T01:30:00Z"}},
    {"*/30 2 * * *",
     "Europe/Berlin",
     "2025-03-29",
     {"2025-03-29T01:00:00Z", "2025-03-29T01:30:00Z", "2025-03-31T00:00:00Z"}},
    {"*/30 2 * * *",
     "Europe/Berlin",
     "2025-10-25T12:00Z",
     {"2025-10-26T00:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:00:00Z",
      "2025-10-26T01:30:00Z", "2025-10-27T01:00:00Z"}},
    {"30 * * * *",
     "Europe/Berlin",
     "2025-10-26T00:00:00Z",
     {"2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T02:30:00Z"}},
    {"30 1-3 * * *",
     "Europe/Berlin",
     "2025-10-26T00:00:00Z",
     {"O2025-10-26T00:30:00Z", "2025-10-26T02:30:00Z"}},
    {"30 1-3 * * *",
     "Europe/Berlin",
     "2025-03-30T00:00:00Z",
     {"2025-03-30T00:30:00Z", "G2025-03-30T01:00:00Z", "2025-03-30T01:30:00Z"}},
    {"*/20 30 2 * * *",
     "Europe/Berlin",
     "2025-03-30T00:00:00Z",
     {"G2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"}},
    {"59 1 * * *",
     "Europe/Berlin",
     "2025-10-25T12:00Z",
     {"2025-10-25T23:59:00Z", "2025-10-27T00:59:00Z"}},
    /* from within the overlap, and from the moved tick itself */
    {"30 2 * * *", "Europe/Berlin", "2025-10-26T01:00:00Z", {"2025-10-27T01:30:00Z"}},
    {"30 2 * * *", "Europe/Berlin", "2025-03-30T00:59:59Z", {"G2025-03-30T01:00:00Z"}},
    {"30 2 * * *", "Europe/Berlin", "2025-03-30T01:00:00Z", {"2025-03-31T00:30:00Z"}},
    /* half an hour at Lord Howe */
    {"15 2 * * *",
     "Australia/Lord_Howe",
     "2019-10-04T20:00Z",
     {"G2019-10-05T15:30:00Z", "2019-10-06T15:15:00Z"}},
    {"45 1 * * *",
     "Australia/Lord_Howe",
     "2019-04-06T00:00Z",
     {"O2019-04-06T14:45:00Z", "2019-04-07T15:15:00Z"}},
    /* Gaza changed at 00:01; Cairo and Sao Paulo skip midnight */
    {"30 0 1 4 *", "Asia/Gaza", "2011-03-30", {"G2011-03-31T22:01:00Z"}},
    {"0 0 1 4 *", "Asia/Gaza", "2011-03-30", {"2011-03-31T22:00:00Z"}},
    {"0 0 28 4 *", "Africa/Cairo", "2023-04-01", {"G2023-04-27T22:00:00Z"}},
    {"@daily",
     "Africa/Cairo",
     "2023-04-27",
     {"G2023-04-27T22:00:00Z", "2023-04-28T21:00:00Z"}},
    {"*/30 0 * * *",
     "Africa/Cairo",
     "2023-04-27",
     {"2023-04-28T21:00:00Z", "2023-04-28T21:30:00Z"}},
    {"@weekly",
     "America/Sao_Paulo",
     "2018-11-01",
     {"G2018-11-04T03:00:00Z", "2018-11-11T02:00:00Z"}},
    {"30 23 * * *",
     "America/Sao_Paulo",
     "2018-02-17",
     {"2018-02-17T01:30:00Z", "O2018-02-18T01:30:00Z", "2018-02-19T02:30:00Z"}},
    /* two hours at Troll */
    {"30 1,2 27 3 *", "Antarctica/Troll", "2016-03-26", {"G2016-03-27T01:00:00Z"}},
    {"30 1,2 30 10 *",
     "Antarctica/Troll",
     "2016-10-01",
     {"O2016-10-29T23:30:00Z", "O2016-10-30T00:30:00Z"}},
    /* Apia had no 30 December 2011: a gap of a day is not made up for */
    {"0 12 * * *",
     "Pacific/Apia",
     "2011-12-29",
     {"2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"}},
    {"0 12 30 * *",
     "Pacific/Apia",
     "2011-11-29",
     {"2011-11-30T22:00:00Z", "2012-01-29T22:00:00Z"}},
    {"* * 30 12 *", "Pacific/Apia", "2011-12-01", {"2012-12-29T10:00:00Z"}},
    /* Pyongyang: half an hour twice in 2015, missing in 2018 up to the next date */
    {"45 23 14 8 *", "Asia/Pyongyang", "2015-08-01", {"O2015-08-14T14:45:00Z"}},
    {"45 23 4 5 *", "Asia/Pyongyang", "2018-05-01", {"G2018-05-04T15:00:00Z"}},
    {"45 23 * * *",
     "Asia/Pyongyang",
     "2018-05-04",
     {"G2018-05-04T15:00:00Z", "2018-05-05T14:45:00Z"}},
    /* Casablanca turns back for Ramadan and forward after it */
    {"30 2 * * *",
     "Africa/Casablanca",
     "2022-03-26T12:00Z",
     {"O2022-03-27T01:30:00Z", "2022-03-28T02:30:00Z"}},
    {"30 2 * * *",
     "Africa/Casablanca",
     "2022-05-07T12:00Z",
     {"G2022-05-08T02:00:00Z", "2022-05-09T01:30:00Z"}},
    /* St. John's changed at 00:01 */
    {"30 0 * * *",
     "America/St_Johns",
     "2011-03-12T12:00Z",
     {"G2011-03-13T03:31:00Z", "2011-03-14T03:00:00Z"}},
    {"30 23 * * *",
     "America/St_Johns",
     "2010-11-07",
     {"O2010-11-07T02:00:00Z", "2010-11-08T03:00:00Z"}},
    /* three hours at Casey are the most that is made up for */
    {"0 3 18 10 *", "Antarctica/Casey", "2009-10-01", {"G2009-10-17T18:00:00Z"}},
    /* years that 32 bits do not hold, by the footer */
    {"30 2 28 3 *", "Europe/Berlin", "2499-03-27T00:00Z", {"2499-03-28T01:30:00Z"}},
    {"30 2 * 3 +7#L", "Europe/Berlin", "2400-01-01", {"G2400-03-26T01:00:00Z"}},
    {"0 0 1 1 *", "Asia/Kathmandu", "9998-01-01T00:00Z", {"9998-12-31T18:15:00Z"}},
};

static void compare(const struct row *row, size_t index, const struct mz_tick *tick)
{
    const char *expected = row->next[index];
    unsigned notes = *expected == 'G'   ? MZ_CRON_GAP_MOVED
                     : *expected == 'O' ? MZ_CRON_OVERLAP_FIRST
                                        : 0;
    char text[MZ_TIME_TEXT];
    mz_time_format(tick->time * 1000, text);
    if (tick->time != at(expected + (notes != 0)) || tick->notes != notes) {
        fail_msg("%s in %s after %s: number %zu is %s with notes %u, expected %s",
                 row->expression, row->zone, row->from, index + 1, text, tick->notes,
                 expected);
    }
}

static void ticks_are_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct mz_zone *zone = zone_of(rows[i].zone);
        struct mz_cron cron;
        struct mz_tick tick = {.time = at(rows[i].from)};
        size_t count = 0;
        assert_int_equal(mz_cron_parse(rows[i].expression, NULL, &cron, NULL), MZ_OK);
        for (; count < MOST && rows[i].next[count] != NULL; count++) {
            assert_true(mz_cron_next(&cron, zone, tick.time, &tick));
            compare(&rows[i], count, &tick);
        }
        for (tick.time++; count-- > 0;) {
            assert_true(mz_cron_previous(&cron, zone, tick.time, &tick));
            compare(&rows[i], count, &tick);
        }
    }
}

static void the_missed_time_is_told(void **state)
{
    struct mz_cron cron;
    struct mz_tick tick;
    (void)state;
    assert_int_equal(mz_cron_parse("15,45 2 * * *", NULL, &cron, NULL), MZ_OK);
    assert_true(mz_cron_next(&cron, zone_of("Europe/Berlin"), at("2025-03-30"), &tick));
    assert_int_equal(tick.notes, MZ_CRON_GAP_MOVED);
    assert_int_equal(tick.missed, at("2025-03-30T02:15:00Z")); /* of the wall clock */
    assert_int_equal(tick.offset, 7200);
}

/* The first answer of the calendar and the last one, and nothing behind them. */
static void time_has_ends(void **state)
{
    struct mz_cron cron;
    struct mz_tick tick;
    static const char *const zones[] = {"UTC", "Pacific/Apia", "America/New_York"};
    (void)state;
    assert_int_equal(mz_cron_parse("* * * * * *", NULL, &cron, NULL), MZ_OK);
    for (size_t i = 0; i < 3; i++) {
        const struct mz_zone *zone = zone_of(zones[i]);
        assert_true(mz_cron_next(&cron, zone, INT64_MIN, &tick));
        assert_int_equal(tick.time, MZ_SECOND_LEAST);
        assert_false(mz_cron_previous(&cron, zone, tick.time, &tick));
        assert_true(mz_cron_previous(&cron, zone, INT64_MAX, &tick));
        assert_int_equal(tick.time, MZ_SECOND_MOST);
        assert_false(mz_cron_next(&cron, zone, tick.time, &tick));
        assert_false(mz_cron_next(&cron, zone, INT64_MAX, &tick));
        assert_false(mz_cron_previous(&cron, zone, INT64_MIN, &tick));
    }
    assert_int_equal(mz_cron_parse("0 0 29 2 +MON", NULL, &cron, NULL), MZ_OK);
    assert_false(
        mz_cron_next(&cron, zone_of("Europe/Berlin"), at("9990-01-01"), &tick));
    assert_true(mz_cron_previous(&cron, zone_of("Europe/Berlin"), INT64_MAX, &tick));
    assert_true(mz_cron_next(&cron, zone_of("Europe/Berlin"), INT64_MIN, &tick));
}

static void every_counts_from_its_anchor(void **state)
{
    const struct mz_zone *zone = zone_of("Europe/Berlin");
    struct mz_cron cron;
    struct mz_tick tick;
    (void)state;
    assert_int_equal(mz_cron_parse("@every 1h30m", NULL, &cron, NULL), MZ_OK);
    assert_true(mz_cron_next(&cron, zone, 0, &tick));
    assert_int_equal(tick.time, 5400);
    assert_true(mz_cron_next(&cron, zone, -1, &tick));
    assert_int_equal(tick.time, 0);
    assert_true(mz_cron_previous(&cron, zone, 0, &tick));
    assert_int_equal(tick.time, -5400);
    assert_true(mz_cron_previous(&cron, zone, 1, &tick));
    assert_int_equal(tick.time, 0);
    cron.anchor = at("2025-03-30T00:10:00Z"); /* no change of the clock matters */
    assert_true(mz_cron_next(&cron, zone, cron.anchor, &tick));
    assert_int_equal(tick.time, at("2025-03-30T01:40:00Z"));
    assert_int_equal(tick.offset, 7200);
    assert_int_equal(tick.notes, 0);
    assert_true(mz_cron_previous(&cron, zone, cron.anchor, &tick));
    assert_int_equal(tick.time, at("2025-03-29T22:40:00Z"));
    assert_false(mz_cron_next(&cron, zone, MZ_SECOND_MOST, &tick));
    assert_false(mz_cron_previous(&cron, zone, MZ_SECOND_LEAST, &tick));
}

static int make_arena(void **state)
{
    (void)state;
    arena = mz_arena_create((size_t)16 << 20);
    return arena == NULL;
}

static int destroy_arena(void **state)
{
    (void)state;
    mz_arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_as_written),
        cmocka_unit_test(the_missed_time_is_told),
        cmocka_unit_test(time_has_ends),
        cmocka_unit_test(every_counts_from_its_anchor),
    };
    return cmocka_run_group_tests(tests, make_arena, destroy_arena);
}
