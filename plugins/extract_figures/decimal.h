/* Exact decimals of at most 36 digits: what the reader computes with. */
#ifndef MIZAN_FIGURES_DECIMAL_H
#define MIZAN_FIGURES_DECIMAL_H

#include "figures.h"

/* coefficient · 10^exponent */
figures_decimal decimal_from(uint64_t coefficient, int exponent);

/* From ASCII digits; `point` is how many of them follow the decimal sign. Digits past
 * the 36th significant one make it unset. */
figures_decimal decimal_parse(const char *digits, size_t count, size_t point);

/* All of these return an unset decimal when an operand is unset or the result needs
 * more than 36 digits. */
figures_decimal decimal_add(figures_decimal a, figures_decimal b);
figures_decimal decimal_multiply(figures_decimal a, figures_decimal b);
figures_decimal decimal_divide(figures_decimal a, uint32_t divisor, int digits);
figures_decimal decimal_negate(figures_decimal a);

/* -1, 0, 1; both must be set. */
int decimal_compare(figures_decimal a, figures_decimal b);
/* True if both are set and a is smaller. */
static inline bool decimal_less(figures_decimal a, figures_decimal b)
{
    return a.set && b.set && decimal_compare(a, b) < 0;
}
bool decimal_is_zero(figures_decimal a);
/* True for a whole number below 2^63, written to *out. */
bool decimal_to_whole(figures_decimal a, int64_t *out);
/* The exponent k when the value is 10^k, else -1. */
int decimal_power_of_ten(figures_decimal a);
/* The number of significant digits of the coefficient, trailing zeros not counted. */
int decimal_digits(figures_decimal a);

#endif
