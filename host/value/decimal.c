#include "value/decimal.h"

#include "value/decimal_internal.h"

mz_uint128 mz_decimal_power(int exponent)
{
    /* clang-format off */
    static const uint64_t small[] = {
        1U, 10U, 100U, 1000U, 10000U, 100000U, 1000000U, 10000000U, 100000000U,
        1000000000U, 10000000000U, 100000000000U, 1000000000000U, 10000000000000U,
        100000000000000U, 1000000000000000U, 10000000000000000U, 100000000000000000U,
        1000000000000000000U, 10000000000000000000U
    };
    /* clang-format on */
    return exponent < 20 ? (mz_uint128)small[exponent]
                         : (mz_uint128)small[19] * small[exponent - 19];
}

int mz_decimal_length(mz_uint128 coefficient)
{
    int low = 0;
    int high = MZ_DECIMAL_DIGITS + 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (middle <= MZ_DECIMAL_DIGITS && coefficient >= mz_decimal_power(middle)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum mz_decimal_status mz_decimal_make(mz_uint128 coefficient, int64_t exponent,
                                       bool negative, struct mz_decimal *out)
{
    if (coefficient == 0) {
        *out = (struct mz_decimal){0, 0, false};
        return MZ_DECIMAL_OK;
    }
    uint64_t small = (uint64_t)coefficient;
    if (coefficient == small) {
        /* Most are, and dividing them is cheap. */
        for (; small % 10 == 0; exponent++) {
            small /= 10;
        }
        coefficient = small;
    }
    while (coefficient % 10 == 0) {
        coefficient /= 10;
        exponent += 1;
    }
    if (coefficient >= mz_decimal_power(MZ_DECIMAL_DIGITS) ||
        exponent > MZ_DECIMAL_EXPONENT || exponent < -MZ_DECIMAL_EXPONENT) {
        return MZ_DECIMAL_OVERFLOW;
    }
    *out = (struct mz_decimal){coefficient, (int32_t)exponent, negative};
    return MZ_DECIMAL_OK;
}

struct mz_decimal mz_decimal_from_integer(int64_t value)
{
    struct mz_decimal result = {0, 0, false};
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    /* 19 digits always fit. */
    (void)mz_decimal_make(size, 0, value < 0, &result);
    return result;
}

bool mz_decimal_to_integer(struct mz_decimal value, int64_t *out)
{
    if (value.exponent < 0 || value.exponent > 18) {
        return false;
    }
    mz_uint128 most = (mz_uint128)INT64_MAX + (value.negative ? 1 : 0);
    mz_uint128 size = 0;
    if (__builtin_mul_overflow(value.coefficient, mz_decimal_power(value.exponent),
                               &size) ||
        size > most) {
        return false;
    }
    uint64_t bits = (uint64_t)size;
    *out = value.negative ? (int64_t)(0 - bits) : (int64_t)bits;
    return true;
}

static int compare_sizes(struct mz_decimal a, struct mz_decimal b)
{
    int a_place = mz_decimal_length(a.coefficient) + a.exponent;
    int b_place = mz_decimal_length(b.coefficient) + b.exponent;
    if (a_place != b_place) {
        return a_place < b_place ? -1 : 1;
    }
    /* The same first place: aligning gives both the same number of digits. */
    if (a.exponent > b.exponent) {
        a.coefficient *= mz_decimal_power(a.exponent - b.exponent);
    } else {
        b.coefficient *= mz_decimal_power(b.exponent - a.exponent);
    }
    return a.coefficient == b.coefficient ? 0 : a.coefficient < b.coefficient ? -1 : 1;
}

int mz_decimal_compare(struct mz_decimal a, struct mz_decimal b)
{
    int a_sign = a.coefficient == 0 ? 0 : a.negative ? -1 : 1;
    int b_sign = b.coefficient == 0 ? 0 : b.negative ? -1 : 1;
    if (a_sign != b_sign) {
        return a_sign < b_sign ? -1 : 1;
    }
    return a_sign == 0 ? 0 : a_sign * compare_sizes(a, b);
}

/* Scales the one with the higher exponent down to the other's. A scaled coefficient of
 * 39 digits is allowed, since a difference may have 38 again (1e38 - 1). */
enum mz_decimal_status mz_decimal_add(struct mz_decimal a, struct mz_decimal b,
                                      struct mz_decimal *out)
{
    if (a.coefficient == 0 || b.coefficient == 0) {
        *out = a.coefficient == 0 ? b : a;
        return MZ_DECIMAL_OK;
    }
    if (a.exponent < b.exponent) {
        struct mz_decimal swapped = a;
        a = b;
        b = swapped;
    }
    int shift = a.exponent - b.exponent;
    mz_uint128 scaled = 0;
    if (shift > MZ_DECIMAL_DIGITS ||
        __builtin_mul_overflow(a.coefficient, mz_decimal_power(shift), &scaled)) {
        return MZ_DECIMAL_OVERFLOW;
    }
    mz_uint128 sum = 0;
    bool negative = a.negative;
    if (a.negative != b.negative) {
        negative = scaled >= b.coefficient ? a.negative : b.negative;
        sum = scaled >= b.coefficient ? scaled - b.coefficient : b.coefficient - scaled;
    } else if (__builtin_add_overflow(scaled, b.coefficient, &sum)) {
        return MZ_DECIMAL_OVERFLOW;
    }
    return mz_decimal_make(sum, b.exponent, negative, out);
}

enum mz_decimal_status mz_decimal_subtract(struct mz_decimal a, struct mz_decimal b,
                                           struct mz_decimal *out)
{
    b.negative = b.coefficient != 0 && !b.negative;
    return mz_decimal_add(a, b, out);
}

/* Pairs of 2 in one factor and 5 in the other are trailing zeros of the product; once
 * they are taken out, the product is as short as it can be. */
enum mz_decimal_status mz_decimal_multiply(struct mz_decimal a, struct mz_decimal b,
                                           struct mz_decimal *out)
{
    if (a.coefficient == 0 || b.coefficient == 0) {
        return mz_decimal_make(0, 0, false, out);
    }
    int64_t exponent = (int64_t)a.exponent + b.exponent;
    if (a.coefficient <= UINT32_MAX && b.coefficient <= UINT32_MAX) {
        return mz_decimal_make(a.coefficient * b.coefficient, exponent,
                               a.negative != b.negative, out);
    }
    while (a.coefficient % 2 == 0 && b.coefficient % 5 == 0) {
        a.coefficient /= 2;
        b.coefficient /= 5;
        exponent += 1;
    }
    while (a.coefficient % 5 == 0 && b.coefficient % 2 == 0) {
        a.coefficient /= 5;
        b.coefficient /= 2;
        exponent += 1;
    }
    mz_uint128 product = 0;
    if (__builtin_mul_overflow(a.coefficient, b.coefficient, &product)) {
        return MZ_DECIMAL_OVERFLOW;
    }
    return mz_decimal_make(product, exponent, a.negative != b.negative, out);
}

const char *mz_decimal_status_text(enum mz_decimal_status status)
{
    switch (status) {
    case MZ_DECIMAL_OK:
        return "success";
    case MZ_DECIMAL_SYNTAX:
        return "not a decimal number";
    case MZ_DECIMAL_OVERFLOW:
        return "more than 38 digits, or an exponent beyond 400";
    case MZ_DECIMAL_DIVISION:
        return "division by zero, or a quotient that does not end";
    }
    return "unknown";
}
