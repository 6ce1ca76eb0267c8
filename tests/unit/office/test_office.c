/* Numbers of sheets and the parts that a sheet falls into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "office.h"

static struct table_slice slice(const char *text)
{
    return (struct table_slice){text, strlen(text)};
}

static void test_formats(void **state)
{
    static const struct {
        const char *format;
        enum number_kind kind;
        const char *unit;
    } cases[] = {
        {"General", NUMBER_PLAIN, ""},
        {"#,##0.00", NUMBER_PLAIN, ""},
        {"0.0%", NUMBER_PERCENT, ""},
        {"yyyy-mm-dd", NUMBER_DATE, ""},
        {"dd/mm/yyyy hh:mm", NUMBER_TIME, ""},
        {"[h]:mm", NUMBER_TIME, ""},
        {"#,##0.00 [$€-407]", NUMBER_MONEY, "€"},
        {"[$USD] #,##0", NUMBER_MONEY, "USD"},
        {"\"days\" 0", NUMBER_PLAIN, ""},
        {"[Red]0;[Blue]-0", NUMBER_PLAIN, ""},
        {"0\\d", NUMBER_PLAIN, ""},
        {"", NUMBER_PLAIN, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char unit[16];
        assert_int_equal(number_format_kind(slice(cases[i].format), unit),
                         cases[i].kind);
        assert_string_equal(unit, cases[i].unit);
    }
    assert_int_equal(number_builtin_kind(14), NUMBER_DATE);
    assert_int_equal(number_builtin_kind(22), NUMBER_TIME);
    assert_int_equal(number_builtin_kind(10), NUMBER_PERCENT);
    assert_int_equal(number_builtin_kind(4), NUMBER_PLAIN);
}

static void test_decimals(void **state)
{
    static const char *const cases[][2] = {{"0.30000000000000004", "0.3"},
                                           {"1250.5", "1250.5"},
                                           {"-0", "0"},
                                           {"1E3", "1000"},
                                           {"12345678901234", "12345678901234"},
                                           {"1.2E-7", "0.00000012"},
                                           {"398.5", "398.5"}};
    char out[OFFICE_DECIMAL];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(number_decimal(slice(cases[i][0]), out));
        assert_string_equal(out, cases[i][1]);
    }
    assert_false(number_decimal(slice("1e400"), out));
    assert_false(number_decimal(slice("nan"), out));
    assert_false(number_decimal(slice("1 2"), out));
    assert_false(number_decimal(slice(""), out));
    assert_false(number_decimal(slice("1e30"), out));
}

static void test_dates(void **state)
{
    int64_t time;
    bool date;
    (void)state;
    assert_true(number_time(slice("45717"), false, &time));
    assert_int_equal(time, INT64_C(1740787200000)); /* 2025-03-01 */
    assert_true(number_time(slice("44255"), true, &time));
    assert_int_equal(time, INT64_C(1740787200000));
    assert_true(number_time(slice("1"), false, &time));
    assert_int_equal(time, INT64_C(-2208988800000)); /* 1900-01-01 */
    assert_true(number_time(slice("61"), false, &time));
    assert_int_equal(time, INT64_C(-2203891200000)); /* 1900-03-01 */
    assert_false(number_time(slice("-1"), false, &time));
    assert_false(number_time(slice("99999999"), false, &time));
    assert_true(number_iso(slice("2025-03-01"), &time, &date));
    assert_true(date);
    assert_false(number_iso(slice("2025-13-01"), &time, &date));
}

static void test_shown(void **state)
{
    struct office_value value = {.type = OFFICE_NUMBER, .decimal = "1.204"};
    char out[96];
    (void)state;
    number_shown(&value, NUMBER_PLAIN, "", out, sizeof out);
    assert_string_equal(out, "1.2040"); /* no thousand anywhere */
    number_shown(&value, NUMBER_MONEY, "€", out, sizeof out);
    assert_string_equal(out, "1.2040 €");
    number_shown(&value, NUMBER_PERCENT, "", out, sizeof out);
    assert_string_equal(out, "120.4%");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_shown),
    };
    return cmocka_run_group_tests_name("office", tests, NULL, NULL);
}
