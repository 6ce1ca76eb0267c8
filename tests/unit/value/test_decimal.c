#include "../base/cmocka_all.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/decimal.h"

__extension__ typedef __int128 int128;

#define MZ_ROUNDS 20000

static uint64_t random_state = 88172645463325252U;

/* xorshift: the same numbers on every run. */
static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Of any number of bits, and either sign. */
static int64_t random_integer(void)
{
    uint64_t bits = next_random() >> (next_random() % 64);
    return (int64_t)bits;
}

static struct mz_decimal random_decimal(void)
{
    char text[80];
    struct mz_decimal value;
    snprintf(text, sizeof text, "%s%" PRIu64 "%0*" PRIu64 "e%d",
             next_random() % 2 == 0 ? "-" : "", next_random() >> (next_random() % 64),
             (int)(next_random() % 18 + 1), next_random() % 10,
             (int)(next_random() % 60) - 30);
    assert_int_equal(mz_decimal_parse(text, strlen(text), &value), MZ_DECIMAL_OK);
    return value;
}

static struct mz_decimal number(const char *text)
{
    struct mz_decimal value = {0, 0, false};
    if (mz_decimal_parse(text, strlen(text), &value) != MZ_DECIMAL_OK) {
        fail_msg("not read: %s", text);
    }
    return value;
}

static void assert_text(struct mz_decimal value, const char *expected)
{
    char text[MZ_DECIMAL_TEXT];
    size_t size = mz_decimal_format(value, text);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
}

static const char *of_int128(int128 value, char out[64])
{
    char *at = out + 63;
    bool negative = value < 0;
    mz_uint128 size = negative ? 0 - (mz_uint128)value : (mz_uint128)value;
    *at = '\0';
    do {
        *--at = (char)('0' + (int)(size % 10));
        size /= 10;
    } while (size > 0);
    if (negative) {
        *--at = '-';
    }
    return at;
}

static bool same(struct mz_decimal a, struct mz_decimal b)
{
    return a.coefficient == b.coefficient && a.exponent == b.exponent &&
           a.negative == b.negative;
}

static void reads_and_writes(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.000", "0"},
        {"0e999999999999999999999", "0"},
        {"-12.50", "-12.5"},
        {"+3", "3"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"1e6", "1000000"},
        {"1E+6", "1000000"},
        {"12.34e-1", "1.234"},
        {"12.34e1", "123.4"},
        {"12.34e3", "12340"},
        {"1e-3", "0.001"},
        {"0007", "7"},
        {"9800000000", "9800000000"},
        {"1000000000000000000000000000000000000000000000000000", NULL},
        {"0.00000000000000000000000000000000000000000000000001", NULL},
        {"99999999999999999999999999999999999999", NULL},
        {"-9.9999999999999999999999999999999999999", NULL},
        {"10000000000000000000000000000000000000.000",
         "10000000000000000000000000000000000000"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_text(number(pairs[i][0]),
                    pairs[i][1] == NULL ? pairs[i][0] : pairs[i][1]);
    }
}

static void assert_status(const char *text, enum mz_decimal_status expected)
{
    struct mz_decimal value;
    enum mz_decimal_status status = mz_decimal_parse(text, strlen(text), &value);
    if (status != expected) {
        fail_msg("%s: %s", text, mz_decimal_status_text(status));
    }
}

static void refuses_other_texts(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",     "-",    "+",     ".",      "-.",  "5.",    "1e",    "1e+", "e5",
        "1.e5", "1 ",   " 1",    "1,5",    "--1", "+-1",   "1.2.3", "NaN", "inf",
        "0x10", "1e5x", "1e1.5", "12,500", "١٢",  "1_000", "1e-"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_status(wrong[i], MZ_DECIMAL_SYNTAX);
    }
    struct mz_decimal value;
    assert_int_equal(mz_decimal_parse("1\0", 2, &value), MZ_DECIMAL_SYNTAX);
    assert_int_equal(mz_decimal_parse(NULL, 0, &value), MZ_DECIMAL_SYNTAX);
    assert_status("1e400", MZ_DECIMAL_OK);
    assert_status("1e401", MZ_DECIMAL_OVERFLOW);
    assert_status("10e399", MZ_DECIMAL_OK);
    assert_status("1e-400", MZ_DECIMAL_OK);
    assert_status("0.1e-400", MZ_DECIMAL_OVERFLOW);
    assert_status("1e99999999999999999999999", MZ_DECIMAL_OVERFLOW);
    assert_status("1e-99999999999999999999999", MZ_DECIMAL_OVERFLOW);
    assert_status("100000000000000000000000000000000000001", MZ_DECIMAL_OVERFLOW);
    assert_status("0.000100000000000000000000000000000000000001", MZ_DECIMAL_OVERFLOW);
    assert_status("100000000000000000000000000000000000001x", MZ_DECIMAL_SYNTAX);
}

static void formats_the_longest(void **state)
{
    (void)state;
    static const char digits[] = "-99999999999999999999999999999999999999";
    char text[64];
    char out[MZ_DECIMAL_TEXT];
    snprintf(text, sizeof text, "%se400", digits);
    assert_int_equal(mz_decimal_format(number(text), out), 439);
    snprintf(text, sizeof text, "%se-400", digits);
    assert_int_equal(mz_decimal_format(number(text), out), 403);
    assert_true(same(number(out), number(text)));
}

static void integers_agree_with_the_machine(void **state)
{
    (void)state;
    char text[64];
    for (int i = 0; i < MZ_ROUNDS; i++) {
        int64_t a = i == 0 ? INT64_MIN : i == 1 ? INT64_MAX : random_integer();
        int64_t b = i == 2 ? INT64_MIN : random_integer();
        int64_t back = 0;
        struct mz_decimal x = mz_decimal_from_integer(a);
        struct mz_decimal y = mz_decimal_from_integer(b);
        struct mz_decimal result;
        assert_text(x, of_int128(a, text));
        assert_true(mz_decimal_to_integer(x, &back) && back == a);
        assert_int_equal(mz_decimal_add(x, y, &result), MZ_DECIMAL_OK);
        assert_text(result, of_int128((int128)a + b, text));
        assert_int_equal(mz_decimal_subtract(x, y, &result), MZ_DECIMAL_OK);
        assert_text(result, of_int128((int128)a - b, text));
        assert_int_equal(mz_decimal_multiply(x, y, &result), MZ_DECIMAL_OK);
        assert_text(result, of_int128((int128)a * b, text));
        assert_int_equal(mz_decimal_compare(x, y), a < b ? -1 : a > b ? 1 : 0);
    }
}

static void texts_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < MZ_ROUNDS; i++) {
        char text[MZ_DECIMAL_TEXT];
        struct mz_decimal value = random_decimal();
        size_t size = mz_decimal_format(value, text);
        struct mz_decimal back;
        assert_int_equal(mz_decimal_parse(text, size, &back), MZ_DECIMAL_OK);
        assert_true(same(value, back));
        double expected = strtod(text, NULL);
        double got = mz_decimal_to_double(value);
        assert_memory_equal(&expected, &got, sizeof got);
    }
}

static void sums_and_differences_agree(void **state)
{
    (void)state;
    int exact = 0;
    for (int i = 0; i < MZ_ROUNDS; i++) {
        struct mz_decimal a = random_decimal();
        struct mz_decimal b = random_decimal();
        struct mz_decimal sum;
        struct mz_decimal back;
        struct mz_decimal swapped;
        enum mz_decimal_status status = mz_decimal_add(a, b, &sum);
        assert_int_equal(mz_decimal_add(b, a, &swapped), status);
        if (status != MZ_DECIMAL_OK) {
            assert_int_equal(status, MZ_DECIMAL_OVERFLOW);
            continue;
        }
        exact += 1;
        assert_true(same(sum, swapped));
        assert_int_equal(mz_decimal_subtract(sum, b, &back), MZ_DECIMAL_OK);
        assert_true(same(back, a));
        if (mz_decimal_subtract(a, b, &back) == MZ_DECIMAL_OK) {
            int sign = back.coefficient == 0 ? 0 : back.negative ? -1 : 1;
            assert_int_equal(mz_decimal_compare(a, b), sign);
        }
    }
    assert_true(exact > MZ_ROUNDS / 2);
}

static void quotients_agree_with_products(void **state)
{
    (void)state;
    int divided = 0;
    for (int i = 0; i < MZ_ROUNDS; i++) {
        struct mz_decimal a = random_decimal();
        struct mz_decimal b = random_decimal();
        struct mz_decimal product;
        struct mz_decimal quotient;
        if (b.coefficient == 0 ||
            mz_decimal_multiply(a, b, &product) != MZ_DECIMAL_OK) {
            continue;
        }
        divided += 1;
        assert_int_equal(mz_decimal_divide(product, b, &quotient), MZ_DECIMAL_OK);
        assert_true(same(quotient, a));
        assert_int_equal(mz_decimal_quotient(product, b, 38, &quotient), MZ_DECIMAL_OK);
        assert_true(same(quotient, a));
    }
    assert_true(divided > MZ_ROUNDS / 4);
}

/* |q * b - a| is at most half a unit in the last place of q, times b. */
static void quotients_are_near(void **state)
{
    (void)state;
    int checked = 0;
    for (int i = 0; i < MZ_ROUNDS; i++) {
        struct mz_decimal a = mz_decimal_from_integer(random_integer());
        struct mz_decimal b = mz_decimal_from_integer(random_integer() >> 20);
        int digits = (int)(next_random() % 16) + 1;
        struct mz_decimal quotient;
        struct mz_decimal rest;
        if (a.coefficient == 0 || b.coefficient == 0) {
            continue;
        }
        assert_int_equal(mz_decimal_quotient(a, b, digits, &quotient), MZ_DECIMAL_OK);
        double exact = mz_decimal_to_double(a) / mz_decimal_to_double(b);
        double unit = pow(10.0, floor(log10(fabs(exact))) - digits + 1);
        assert_true(fabs(mz_decimal_to_double(quotient) - exact) <=
                    unit * 0.5000001 + fabs(exact) * 1e-15);
        if (mz_decimal_multiply(quotient, b, &rest) == MZ_DECIMAL_OK &&
            mz_decimal_subtract(rest, a, &rest) == MZ_DECIMAL_OK) {
            checked += 1;
            assert_true(fabs(mz_decimal_to_double(rest)) <=
                        unit * 0.5000001 * fabs(mz_decimal_to_double(b)) * 10);
        }
    }
    assert_true(checked > MZ_ROUNDS / 2);
}

static void assert_quotient(const char *a, const char *b, int digits,
                            const char *expected)
{
    struct mz_decimal result;
    assert_int_equal(mz_decimal_quotient(number(a), number(b), digits, &result),
                     MZ_DECIMAL_OK);
    assert_text(result, expected);
}

static void rounds_half_to_even(void **state)
{
    (void)state;
    assert_quotient("1", "3", 5, "0.33333");
    assert_quotient("2", "3", 5, "0.66667");
    assert_quotient("-2", "3", 2, "-0.67");
    assert_quotient("25", "10", 1, "2");
    assert_quotient("35", "10", 1, "4");
    assert_quotient("25", "1", 1, "20");
    assert_quotient("251", "10", 1, "30");
    assert_quotient("250000001", "100000000", 1, "3");
    assert_quotient("99", "10", 1, "10");
    assert_quotient("1", "8", 2, "0.12");
    assert_quotient("3", "8", 2, "0.38");
    assert_quotient("9.8", "0.457", 3, "21.4");
    assert_quotient("9.8", "1.19", 2, "8.2");
    assert_quotient("0", "7", 3, "0");
    assert_quotient("1", "3", 38, "0.33333333333333333333333333333333333333");
    assert_quotient("2", "3", 99, "0.66666666666666666666666666666666666667");
    assert_quotient("1", "99999999999999999999999999999999999999", 3,
                    "0.00000000000000000000000000000000000001");
    assert_quotient("99999999999999999999999999999999999999", "3", 38,
                    "33333333333333333333333333333333333333");
    assert_quotient("77777777777777777777777777777777777777",
                    "88888888888888888888888888888888888889", 4, "0.875");
    struct mz_decimal result;
    assert_int_equal(mz_decimal_quotient(number("1"), number("0"), 5, &result),
                     MZ_DECIMAL_DIVISION);
    assert_int_equal(mz_decimal_quotient(number("1e300"), number("1e-300"), 5, &result),
                     MZ_DECIMAL_OVERFLOW);
}

static void divides_only_exactly(void **state)
{
    (void)state;
    struct mz_decimal result;
    assert_int_equal(mz_decimal_divide(number("1"), number("8"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "0.125");
    assert_int_equal(mz_decimal_divide(number("6"), number("-0.3"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "-20");
    assert_int_equal(mz_decimal_divide(number("7"), number("1.4"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "5");
    assert_int_equal(mz_decimal_divide(number("0"), number("3"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "0");
    assert_int_equal(mz_decimal_divide(number("1"), number("3"), &result),
                     MZ_DECIMAL_DIVISION);
    assert_int_equal(mz_decimal_divide(number("1"), number("0"), &result),
                     MZ_DECIMAL_DIVISION);
    assert_int_equal(mz_decimal_divide(number("0"), number("0"), &result),
                     MZ_DECIMAL_DIVISION);
    assert_int_equal(mz_decimal_divide(number("1"),
                                       number("85070591730234615865843651857942052864"),
                                       &result),
                     MZ_DECIMAL_OVERFLOW);
}

static void meets_its_limits(void **state)
{
    (void)state;
    struct mz_decimal result;
    assert_int_equal(mz_decimal_subtract(number("1e38"), number("1"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "99999999999999999999999999999999999999");
    assert_int_equal(mz_decimal_add(number("1e38"), number("1"), &result),
                     MZ_DECIMAL_OVERFLOW);
    assert_int_equal(mz_decimal_add(number("99999999999999999999999999999999999999"),
                                    number("1"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "100000000000000000000000000000000000000");
    assert_int_equal(mz_decimal_add(number("1e400"), number("1e-400"), &result),
                     MZ_DECIMAL_OVERFLOW);
    assert_int_equal(mz_decimal_add(number("1e400"), number("0"), &result),
                     MZ_DECIMAL_OK);
    assert_int_equal(mz_decimal_multiply(number("1e200"), number("1e200"), &result),
                     MZ_DECIMAL_OK);
    assert_int_equal(mz_decimal_multiply(number("1e201"), number("1e200"), &result),
                     MZ_DECIMAL_OVERFLOW);
    assert_int_equal(mz_decimal_multiply(number("1e-400"), number("1e-400"), &result),
                     MZ_DECIMAL_OVERFLOW);
    assert_int_equal(mz_decimal_multiply(number("36893488147419103232"),
                                         number("227373675443232059478759765625"),
                                         &result),
                     MZ_DECIMAL_OK);
    assert_int_equal(mz_decimal_multiply(number("99999999999999999999"),
                                         number("99999999999999999999"), &result),
                     MZ_DECIMAL_OVERFLOW);
    assert_int_equal(mz_decimal_subtract(number("5"), number("5"), &result),
                     MZ_DECIMAL_OK);
    assert_text(result, "0");
    assert_int_equal(mz_decimal_subtract(number("0"), number("0"), &result),
                     MZ_DECIMAL_OK);
    assert_false(result.negative);
}

static void compares(void **state)
{
    (void)state;
    static const char *const rising[] = {"-1e400",
                                         "-99999999999999999999999999999999999999",
                                         "-10",
                                         "-9.5",
                                         "-1e-400",
                                         "0",
                                         "1e-400",
                                         "0.1",
                                         "0.11",
                                         "1",
                                         "1.0000000000001",
                                         "9",
                                         "10",
                                         "11",
                                         "99999999999999999999999999999999999999",
                                         "1e38",
                                         "1e400"};
    size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int expected = i < j ? -1 : i > j ? 1 : 0;
            assert_int_equal(mz_decimal_compare(number(rising[i]), number(rising[j])),
                             expected);
        }
    }
}

static void gives_integers_where_they_fit(void **state)
{
    (void)state;
    int64_t out = 0;
    assert_true(mz_decimal_to_integer(number("1e18"), &out));
    assert_true(mz_decimal_to_integer(number("-9223372036854775808"), &out));
    assert_true(out == INT64_MIN);
    assert_false(mz_decimal_to_integer(number("9223372036854775808"), &out));
    assert_false(mz_decimal_to_integer(number("1e19"), &out));
    assert_false(
        mz_decimal_to_integer(number("99999999999999999999999999999999999999"), &out));
    assert_false(mz_decimal_to_integer(number("0.5"), &out));
    assert_true(mz_decimal_to_integer(number("12.00"), &out));
    assert_int_equal(out, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(refuses_other_texts),
        cmocka_unit_test(formats_the_longest),
        cmocka_unit_test(integers_agree_with_the_machine),
        cmocka_unit_test(texts_round_trip),
        cmocka_unit_test(sums_and_differences_agree),
        cmocka_unit_test(quotients_agree_with_products),
        cmocka_unit_test(quotients_are_near),
        cmocka_unit_test(rounds_half_to_even),
        cmocka_unit_test(divides_only_exactly),
        cmocka_unit_test(meets_its_limits),
        cmocka_unit_test(compares),
        cmocka_unit_test(gives_integers_where_they_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
