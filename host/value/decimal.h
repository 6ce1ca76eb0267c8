/* Exact decimals of up to 38 significant digits: coefficient times a power of ten. No
 * operation rounds; what does not fit is an error. They never pass through binary
 * floating point. */
#ifndef MIZAN_VALUE_DECIMAL_H
#define MIZAN_VALUE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MZ_DECIMAL_DIGITS 38
/* Room for the longest text: sign, digits, point, and zeros up to exponent +-400. */
#define MZ_DECIMAL_TEXT 448

__extension__ typedef unsigned __int128 mz_uint128;

struct mz_decimal {
    mz_uint128 coefficient; /* without trailing zeros; 0 for zero */
    int32_t exponent;       /* of ten; 0 for zero */
    bool negative;          /* false for zero */
};

enum mz_decimal_status {
    MZ_DECIMAL_OK,
    MZ_DECIMAL_SYNTAX,   /* not a decimal number */
    MZ_DECIMAL_OVERFLOW, /* more than 38 digits, or exponent beyond +-400 */
    MZ_DECIMAL_DIVISION  /* divisor zero, or the quotient does not end */
};

/* `-12.50`, `+3`, `.5`, `1e6`: ASCII digits, the whole of the text. NaN and infinity
 * are MZ_DECIMAL_SYNTAX. */
enum mz_decimal_status mz_decimal_parse(const char *text, size_t size,
                                        struct mz_decimal *out);
struct mz_decimal mz_decimal_from_integer(int64_t value);
/* The canonical text: no plus, no trailing zeros behind the point, no exponent. */
size_t mz_decimal_format(struct mz_decimal value, char out[MZ_DECIMAL_TEXT]);
/* Nearest double, for computing beside the exact text. */
double mz_decimal_to_double(struct mz_decimal value);
/* False when it is not whole or does not fit. */
bool mz_decimal_to_integer(struct mz_decimal value, int64_t *out);

int mz_decimal_compare(struct mz_decimal a, struct mz_decimal b); /* -1, 0, 1 */
enum mz_decimal_status mz_decimal_add(struct mz_decimal a, struct mz_decimal b,
                                      struct mz_decimal *out);
enum mz_decimal_status mz_decimal_subtract(struct mz_decimal a, struct mz_decimal b,
                                           struct mz_decimal *out);
enum mz_decimal_status mz_decimal_multiply(struct mz_decimal a, struct mz_decimal b,
                                           struct mz_decimal *out);
/* Exact quotient, or MZ_DECIMAL_DIVISION. */
enum mz_decimal_status mz_decimal_divide(struct mz_decimal a, struct mz_decimal b,
                                         struct mz_decimal *out);
/* Quotient rounded half to even to `digits` significant digits (1 to 38). */
enum mz_decimal_status mz_decimal_quotient(struct mz_decimal a, struct mz_decimal b,
                                           int digits, struct mz_decimal *out);
enum mz_decimal_rounding {
    MZ_ROUND_HALF_EVEN,
    MZ_ROUND_HALF_UP,
    MZ_ROUND_HALF_DOWN,
    MZ_ROUND_UP,   /* away from zero */
    MZ_ROUND_DOWN, /* towards zero */
    MZ_ROUND_CEILING,
    MZ_ROUND_FLOOR
};
/* "half_even" … */
bool mz_decimal_mode(const char *name, enum mz_decimal_rounding *out);
/* To `places` digits behind the point; negative: in front of it (-3: thousands). */
enum mz_decimal_status mz_decimal_round(struct mz_decimal value, int places,
                                        enum mz_decimal_rounding mode,
                                        struct mz_decimal *out);
/* The whole quotient below the exact one, and what is left: a = quotient * b + rest,
 * where the rest has the sign of b. */
enum mz_decimal_status mz_decimal_divide_whole(struct mz_decimal a, struct mz_decimal b,
                                               struct mz_decimal *quotient,
                                               struct mz_decimal *rest);
const char *mz_decimal_status_text(enum mz_decimal_status status);

#endif
