#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static void stands_when_told(void **state)
{
    (void)state;
    int64_t real = (int64_t)time(NULL) * 1000;
    assert_in_range(mz_clock_now(), real - 2000, real + 2000);
    mz_clock_set(1000);
    assert_int_equal(mz_clock_now(), 1000);
    mz_clock_set(-1);
    assert_in_range(mz_clock_now(), real - 2000, real + 10000);
    setenv("MIZAN_NOW", "2025-09-03T10:00:00Z", 1);
    mz_clock_setup();
    assert_int_equal(mz_clock_now(), INT64_C(1756893600000));
    mz_clock_set(-5);
    setenv("MIZAN_NOW", "tomorrow", 1);
    mz_clock_setup();
    assert_in_range(mz_clock_now(), real - 2000, real + 10000);
    int64_t first = mz_clock_monotonic();
    assert_true(mz_clock_monotonic() >= first);
}

static void assert_time(const char *text, int64_t expected)
{
    int64_t value = -1;
    if (!mz_time_parse(text, strlen(text), &value) || value != expected) {
        fail_msg("%s gave %lld", text, (long long)value);
    }
}

static void reads_times(void **state)
{
    (void)state;
    assert_time("1970-01-01", 0);
    assert_time("2025-09-03", INT64_C(1756857600000));
    assert_time("2025-09-03T10:00Z", INT64_C(1756893600000));
    assert_time("2025-09-03T10:00:00Z", INT64_C(1756893600000));
    assert_time("2025-09-03 10:00:00", INT64_C(1756893600000));
    assert_time("2025-09-03t13:00:00+03:00", INT64_C(1756893600000));
    assert_time("2025-09-03T13:00:00+0300", INT64_C(1756893600000));
    assert_time("2025-09-03T13:00:00+03", INT64_C(1756893600000));
    assert_time("2025-09-03T06:30:00-03:30", INT64_C(1756893600000));
    assert_time("2025-09-03T10:00:00.5Z", INT64_C(1756893600500));
    assert_time("2025-09-03T10:00:00.123456789Z", INT64_C(1756893600123));
    assert_time("2025-09-03T10:00:00,999z", INT64_C(1756893600999));
    assert_time("1969-12-31T23:59:59Z", -1000);
    assert_time("2016-12-31T23:59:60Z", INT64_C(1483228800000));
    assert_time("2024-02-29", INT64_C(1709164800000));
    assert_time("2000-02-29", INT64_C(951782400000));
    assert_time("2038-01-19T03:14:08Z", INT64_C(2147483648000));
}

static void refuses_other_texts(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2025",
        "2025-9-3",
        "2025-13-01",
        "2025-00-01",
        "2025-02-30",
        "2023-02-29",
        "1900-02-29",
        "2025-09-03T",
        "2025-09-03T24:00Z",
        "2025-09-03T10:60Z",
        "2025-09-03T10",
        "2025-09-03T10:00:61Z",
        "2025-09-03T10:00:00.Z",
        "2025-09-03T10:00Zx",
        "2025-09-03T10:00+3",
        "2025-09-03T10:00+03:",
        "2025-09-03T10:00+24:00",
        " 2025-09-03",
        "2025-09-03 ",
        "2025/09/03",
        "٢٠٢٥-09-03",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t value = 0;
        if (mz_time_parse(wrong[i], strlen(wrong[i]), &value)) {
            fail_msg("accepted: %s", wrong[i]);
        }
    }
}

static void formats_times(void **state)
{
    (void)state;
    char text[MZ_TIME_TEXT];
    assert_string_equal(mz_time_format(0, text), "1970-01-01T00:00:00Z");
    assert_string_equal(mz_time_format(-1, text), "1969-12-31T23:59:59Z");
    assert_string_equal(mz_time_format(INT64_C(1756893600999), text),
                        "2025-09-03T10:00:00Z");
    assert_true(strlen(mz_time_format(INT64_MAX, text)) < MZ_TIME_TEXT);
    assert_true(strlen(mz_time_format(INT64_MIN, text)) < MZ_TIME_TEXT);
}

/* Every day of 800 years, counted one by one. */
static void dates_and_days_agree(void **state)
{
    (void)state;
    int64_t expected = mz_days_from_date(1600, 1, 1);
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert_int_equal(mz_days_from_date(1970, 1, 1), 0);
    for (int year = 1600; year < 2400; year++) {
        int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 ? leap : 0);
            for (int day = 1; day <= length; day++, expected++) {
                int back[3];
                mz_date_from_days(expected, &back[0], &back[1], &back[2]);
                assert_int_equal(mz_days_from_date(year, month, day), expected);
                assert_true(back[0] == year && back[1] == month && back[2] == day);
            }
        }
    }
}

static void times_round_trip(void **state)
{
    (void)state;
    char text[MZ_TIME_TEXT];
    for (int64_t second = -INT64_C(60000000000); second < INT64_C(200000000000);
         second += INT64_C(98765432)) {
        int64_t back = 0;
        mz_time_format(second * 1000, text);
        assert_true(mz_time_parse(text, strlen(text), &back));
        assert_int_equal(back, second * 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_when_told),     cmocka_unit_test(reads_times),
        cmocka_unit_test(refuses_other_texts),  cmocka_unit_test(formats_times),
        cmocka_unit_test(dates_and_days_agree), cmocka_unit_test(times_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
