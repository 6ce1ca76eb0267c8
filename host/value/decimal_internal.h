/* What the files of decimal share. */
#ifndef MIZAN_VALUE_DECIMAL_INTERNAL_H
#define MIZAN_VALUE_DECIMAL_INTERNAL_H

#include "value/decimal.h"

#define MZ_DECIMAL_EXPONENT 400 /* either side of zero */

/* 10 to the power of 0 to 38. */
mz_uint128 mz_decimal_power(int exponent);
/* Digits of a coefficient; 0 has none. */
int mz_decimal_length(mz_uint128 coefficient);
/* Brings any coefficient and exponent into the form of struct mz_decimal. */
enum mz_decimal_status mz_decimal_make(mz_uint128 coefficient, int64_t exponent,
                                       bool negative, struct mz_decimal *out);
/* Whether the text is already what mz_decimal_format would write, seen without reading
 * its value: the case of nearly every decimal that is stored or printed. */
bool mz_decimal_is_canonical(const char *text, size_t size);

#endif
