/* Solar Hijri and Hijri dates as Gregorian ones. The new years are those that the
 * calendars of Iran announced; the Hijri dates those of the tabular calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calendar.h"

struct known {
    int calendar, year, month, day;
    const char *text; /* NULL: there is no such date */
};

static void test_dates(void **state)
{
    static const struct known dates[] = {
        {CALENDAR_SOLAR_HIJRI, 1399, 1, 1, "2020-03-20"},
        {CALENDAR_SOLAR_HIJRI, 1400, 1, 1, "2021-03-21"},
        {CALENDAR_SOLAR_HIJRI, 1402, 1, 1, "2023-03-21"},
        {CALENDAR_SOLAR_HIJRI, 1403, 1, 1, "2024-03-20"},
        {CALENDAR_SOLAR_HIJRI, 1399, 12, 30, "2021-03-20"},
        {CALENDAR_SOLAR_HIJRI, 1402, 12, 30, NULL},
        {CALENDAR_SOLAR_HIJRI, 1357, 11, 22, "1979-02-11"},
        {CALENDAR_SOLAR_HIJRI, 1403, 7, 31, NULL},
        {CALENDAR_SOLAR_HIJRI, 1403, 3, 0, "2024-05-21/2024-06-20"},
        {CALENDAR_SOLAR_HIJRI, 1402, 0, 0, "2023-03-21/2024-03-19"},
        {CALENDAR_HIJRI, 1445, 1, 1, "2023-07-19"},
        {CALENDAR_HIJRI, 1445, 9, 1, "2024-03-11"},
        {CALENDAR_HIJRI, 1446, 10, 1, "2025-03-31"},
        {CALENDAR_HIJRI, 1445, 0, 0, "2023-07-19/2024-07-07"},
        {CALENDAR_HIJRI, 1445, 1, 31, NULL},
        {CALENDAR_HIJRI, 2024, 1, 1, NULL},
        {CALENDAR_GREGORIAN, 1403, 1, 1, NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        char out[40];
        bool is_date = calendar_text(out, dates[i].calendar, dates[i].year,
                                     dates[i].month, dates[i].day);
        assert_int_equal(is_date, dates[i].text != NULL);
        if (is_date) {
            assert_string_equal(out, dates[i].text);
        }
    }
}

/* Every day of 455 years follows the one before it: no month or year has a gap. */
static void test_no_gaps(void **state)
{
    static const int calendars[] = {CALENDAR_SOLAR_HIJRI, CALENDAR_HIJRI};
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        char last[40] = "";
        for (int year = 1179; year < 1633; year++) {
            char whole[40];
            char first[40];
            assert_true(calendar_text(whole, calendars[c], year, 0, 0));
            assert_true(calendar_text(first, calendars[c], year, 1, 1));
            assert_memory_equal(whole, first, 10);
            if (last[0] != '\0') {
                assert_true(strcmp(last, first) < 0);
            }
            memcpy(last, whole + 11, 11);
        }
    }
}

static void test_months(void **state)
{
    int month;
    char out[40];
    (void)state;
    assert_int_equal(calendar_of_month(12, &month), CALENDAR_GREGORIAN);
    assert_int_equal(month, 12);
    assert_int_equal(calendar_of_month(13, &month), CALENDAR_SOLAR_HIJRI);
    assert_int_equal(month, 1);
    assert_int_equal(calendar_of_month(36, &month), CALENDAR_HIJRI);
    assert_int_equal(month, 12);
    assert_true(calendar_yearless(out, CALENDAR_SOLAR_HIJRI, 11, 22));
    assert_string_equal(out, "--02-11");
    assert_false(calendar_yearless(out, CALENDAR_HIJRI, 1, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates),
                                       cmocka_unit_test(test_no_gaps),
                                       cmocka_unit_test(test_months)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
