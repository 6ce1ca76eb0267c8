/* Rounding to places behind the point, and division with a whole quotient: the two
 * operations that may lose digits, each only when it is asked for. */
#include <string.h>

#include "value/decimal_internal.h"

static const char *const mode_names[] = {
    [MZ_ROUND_HALF_EVEN] = "half_even", [MZ_ROUND_HALF_UP] = "half_up",
    [MZ_ROUND_HALF_DOWN] = "half_down", [MZ_ROUND_UP] = "up",
    [MZ_ROUND_DOWN] = "down",           [MZ_ROUND_CEILING] = "ceiling",
    [MZ_ROUND_FLOOR] = "floor",
};

bool mz_decimal_mode(const char *name, enum mz_decimal_rounding *out)
{
    for (size_t i = 0; i < sizeof mode_names / sizeof *mode_names; i++) {
        if (strcmp(name, mode_names[i]) == 0) {
            *out = (enum mz_decimal_rounding)i;
            return true;
        }
    }
    return false;
}

/* Whether the size grows by one: `half` is -1, 0 or 1 for a rest below, at or above the
 * half; there is a rest. */
static bool rounds_away(enum mz_decimal_rounding mode, bool negative, bool odd,
                        int half)
{
    switch (mode) {
    case MZ_ROUND_HALF_EVEN:
        return half > 0 || (half == 0 && odd);
    case MZ_ROUND_HALF_UP:
        return half >= 0;
    case MZ_ROUND_HALF_DOWN:
        return half > 0;
    case MZ_ROUND_UP:
        return true;
    case MZ_ROUND_CEILING:
        return !negative;
    case MZ_ROUND_FLOOR:
        return negative;
    case MZ_ROUND_DOWN:
    default:
        return false;
    }
}

enum mz_decimal_status mz_decimal_round(struct mz_decimal value, int places,
                                        enum mz_decimal_rounding mode,
                                        struct mz_decimal *out)
{
    int64_t cut = -(int64_t)places - value.exponent; /* digits that go */
    if (value.coefficient == 0 || cut <= 0) {
        *out = value;
        return MZ_DECIMAL_OK;
    }
    mz_uint128 kept = 0;
    int half = -1;
    if (cut <= MZ_DECIMAL_DIGITS) {
        mz_uint128 unit = mz_decimal_power((int)cut);
        mz_uint128 rest = value.coefficient % unit;
        kept = value.coefficient / unit;
        if (rest == 0) {
            *out = value;
            return MZ_DECIMAL_OK;
        }
        half = rest == unit / 2 ? 0 : rest < unit / 2 ? -1 : 1;
    }
    kept += rounds_away(mode, value.negative, kept % 2 == 1, half);
    return mz_decimal_make(kept, -(int64_t)places, value.negative, out);
}

enum mz_decimal_status mz_decimal_divide_whole(struct mz_decimal a, struct mz_decimal b,
                                               struct mz_decimal *quotient,
                                               struct mz_decimal *rest)
{
    if (b.coefficient == 0) {
        return MZ_DECIMAL_DIVISION;
    }
    int exponent = a.exponent < b.exponent ? a.exponent : b.exponent;
    mz_uint128 left = a.coefficient, right = b.coefficient;
    int up_left = a.exponent - exponent, up_right = b.exponent - exponent;
    if ((a.coefficient != 0 && up_left > MZ_DECIMAL_DIGITS) ||
        up_right > MZ_DECIMAL_DIGITS ||
        (a.coefficient != 0 &&
         __builtin_mul_overflow(left, mz_decimal_power(up_left), &left)) ||
        __builtin_mul_overflow(right, mz_decimal_power(up_right), &right)) {
        return MZ_DECIMAL_OVERFLOW;
    }
    mz_uint128 whole = left / right, over = left % right;
    bool negative = a.negative != b.negative;
    if (negative && over != 0) {
        whole += 1; /* towards minus infinity, as // of Lua */
        over = right - over;
    }
    enum mz_decimal_status status = mz_decimal_make(whole, 0, negative, quotient);
    if (status == MZ_DECIMAL_OK) {
        status = mz_decimal_make(over, exponent, b.negative, rest);
    }
    return status;
}
