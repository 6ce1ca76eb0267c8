#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decimal.h"

static void check(figures_decimal decimal, const char *expected)
{
    char text[FIGURES_DECIMAL_TEXT];
    assert_true(decimal.set);
    assert_int_equal(figures_decimal_text(&decimal, text), strlen(expected));
    assert_string_equal(text, expected);
}

static figures_decimal parse(const char *digits, size_t point)
{
    return decimal_parse(digits, strlen(digits), point);
}

static void test_text(void **state)
{
    (void)state;
    check(decimal_from(0, 0), "0");
    check(decimal_from(119, 7), "1190000000");
    check(decimal_from(1, -1), "0.1");
    check(parse("000120", 2), "1.2");
    check(decimal_negate(decimal_from(504, 0)), "-504");
    check(decimal_negate(decimal_from(0, 0)), "0");
    check(decimal_from(1, 20), "100000000000000000000");
    check(decimal_from(1, 21), "1e21");
    check(decimal_from(12345, 30), "1.2345e34");
    check(decimal_from(UINT64_MAX, 0), "18446744073709551615");
    check(parse("123456789012345678901234567890123456", 0),
          "1.23456789012345678901234567890123456e35");
    assert_false(parse("1234567890123456789012345678901234567", 0).set);
}

static void test_arithmetic(void **state)
{
    (void)state;
    check(decimal_multiply(parse("98", 1), decimal_from(1, 9)), "9800000000");
    check(decimal_multiply(parse("01", 1), parse("02", 1)), "0.02");
    check(decimal_add(parse("01", 1), parse("02", 1)), "0.3");
    check(decimal_add(decimal_from(1, 6), decimal_from(2, 5)), "1200000");
    check(decimal_add(decimal_negate(decimal_from(5, 0)), decimal_from(3, 0)), "-2");
    check(decimal_add(decimal_negate(decimal_from(3, 0)), decimal_from(5, 0)), "2");
    assert_false(
        decimal_multiply(decimal_from(UINT64_MAX, 0), decimal_from(UINT64_MAX, 0)).set);
}

static void test_division(void **state)
{
    (void)state;
    check(decimal_divide(decimal_from(2, 0), 3, 17), "0.66666666666666667");
    check(decimal_divide(decimal_from(1, 0), 3, 17), "0.33333333333333333");
    check(decimal_divide(decimal_from(1, 0), 4, 17), "0.25");
    check(decimal_divide(decimal_from(1, 0), 35000, 17), "0.000028571428571428571");
    assert_false(decimal_divide(decimal_from(1, 0), 0, 17).set);
}

static void test_order(void **state)
{
    (void)state;
    assert_int_equal(decimal_compare(decimal_from(5, 0), decimal_from(50, -1)), 0);
    assert_int_equal(decimal_compare(decimal_from(5, 0), decimal_from(6, 0)), -1);
    assert_int_equal(decimal_compare(decimal_from(1, 9), decimal_from(999, 6)), 1);
    assert_int_equal(
        decimal_compare(decimal_negate(decimal_from(9, 0)), decimal_from(0, 0)), -1);
    assert_int_equal(decimal_compare(decimal_from(0, 0), decimal_from(1, -9)), -1);
    assert_int_equal(decimal_compare(decimal_from(1, 3000), decimal_from(2, -3000)), 1);
}

static void test_whole(void **state)
{
    (void)state;
    int64_t whole = 0;
    assert_true(decimal_to_whole(decimal_from(42, 3), &whole));
    assert_int_equal(whole, 42000);
    assert_false(decimal_to_whole(decimal_from(5, -1), &whole));
    assert_false(decimal_to_whole(decimal_from(1, 30), &whole));
    assert_int_equal(decimal_power_of_ten(decimal_from(1000, 0)), 3);
    assert_int_equal(decimal_power_of_ten(decimal_from(20, 0)), -1);
    assert_int_equal(decimal_digits(decimal_from(9800, 0)), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text), cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_division), cmocka_unit_test(test_order),
        cmocka_unit_test(test_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
