#include "value/decimal.h"

#include "value/decimal_internal.h"

static mz_uint128 greatest_divisor(mz_uint128 a, mz_uint128 b)
{
    while (b != 0) {
        mz_uint128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Divides *number by `factor` as often as it goes; returns how often. */
static int take_factor(mz_uint128 *number, unsigned int factor)
{
    int count = 0;
    while (*number % factor == 0) {
        *number /= factor;
        count += 1;
    }
    return count;
}

/* In lowest terms the quotient ends exactly when the divisor has no factor but 2 and 5.
 */
enum mz_decimal_status mz_decimal_divide(struct mz_decimal a, struct mz_decimal b,
                                         struct mz_decimal *out)
{
    if (b.coefficient == 0) {
        return MZ_DECIMAL_DIVISION;
    }
    if (a.coefficient == 0) {
        return mz_decimal_make(0, 0, false, out);
    }
    mz_uint128 common = greatest_divisor(a.coefficient, b.coefficient);
    mz_uint128 quotient = a.coefficient / common;
    mz_uint128 divisor = b.coefficient / common;
    int twos = take_factor(&divisor, 2);
    int fives = take_factor(&divisor, 5);
    if (divisor != 1) {
        return MZ_DECIMAL_DIVISION;
    }
    int places = twos > fives ? twos : fives;
    int missing = twos > fives ? twos - fives : fives - twos;
    mz_uint128 factor = twos > fives ? 5 : 2;
    for (int i = 0; i < missing; i++) {
        if (__builtin_mul_overflow(quotient, factor, &quotient)) {
            return MZ_DECIMAL_OVERFLOW;
        }
    }
    return mz_decimal_make(quotient, (int64_t)a.exponent - b.exponent - places,
                           a.negative != b.negative, out);
}

/* The next digit of *rest / divisor, *rest being less than the divisor. Ten times the
 * rest may need 131 bits, so it is added up ten times instead. */
static unsigned int next_digit(mz_uint128 *rest, mz_uint128 divisor)
{
    unsigned int digit = 0;
    mz_uint128 sum = 0;
    for (int i = 0; i < 10; i++) {
        sum += *rest;
        if (sum >= divisor) {
            sum -= divisor;
            digit += 1;
        }
    }
    *rest = sum;
    return digit;
}

/* Whether part/whole lies above a half, or on it beside an odd digit. */
static bool rounds_up(mz_uint128 part, mz_uint128 whole, bool more, bool odd)
{
    mz_uint128 other = whole - part;
    if (part != other) {
        return part > other;
    }
    return more || odd;
}

enum mz_decimal_status mz_decimal_quotient(struct mz_decimal a, struct mz_decimal b,
                                           int digits, struct mz_decimal *out)
{
    if (b.coefficient == 0) {
        return MZ_DECIMAL_DIVISION;
    }
    if (digits < 1 || digits > MZ_DECIMAL_DIGITS) {
        digits = digits < 1 ? 1 : MZ_DECIMAL_DIGITS;
    }
    int64_t exponent = (int64_t)a.exponent - b.exponent;
    mz_uint128 quotient = a.coefficient / b.coefficient;
    mz_uint128 rest = a.coefficient % b.coefficient;
    int length = mz_decimal_length(quotient);
    while (length < digits && rest != 0) {
        quotient = quotient * 10 + next_digit(&rest, b.coefficient);
        exponent -= 1;
        length = quotient == 0 ? 0 : length + 1;
    }
    bool up = false;
    if (length > digits) {
        mz_uint128 cut = mz_decimal_power(length - digits);
        mz_uint128 tail = quotient % cut;
        quotient /= cut;
        exponent += length - digits;
        up = rounds_up(tail, cut, rest != 0, quotient % 2 == 1);
    } else if (rest != 0) {
        up = rounds_up(rest, b.coefficient, false, quotient % 2 == 1);
    }
    return mz_decimal_make(quotient + (up ? 1 : 0), exponent, a.negative != b.negative,
                           out);
}
