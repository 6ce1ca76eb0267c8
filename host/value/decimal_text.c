#include "value/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/decimal_internal.h"

struct scan {
    const char *at, *end;
    mz_uint128 coefficient;
    int length;       /* digits in the coefficient */
    int64_t zeros;    /* digits 0 seen but not yet in the coefficient */
    int64_t exponent; /* of the coefficient, without the zeros */
    bool overflow, any;
};

/* Zeros wait until a digit follows them, so that trailing ones cost no place. */
static void take_digit(struct scan *scan, unsigned int digit, bool fraction)
{
    scan->any = true;
    if (fraction) {
        scan->exponent -= 1;
    }
    if (digit == 0) {
        scan->zeros += scan->coefficient == 0 ? 0 : 1;
        return;
    }
    int64_t length = scan->length + scan->zeros + 1;
    if (length > MZ_DECIMAL_DIGITS) {
        scan->overflow = true;
        return;
    }
    scan->coefficient =
        scan->coefficient * mz_decimal_power((int)scan->zeros + 1) + digit;
    scan->length = (int)length;
    scan->zeros = 0;
}

static bool at_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static void take_digits(struct scan *scan, bool fraction)
{
    while (at_digit(scan)) {
        take_digit(scan, (unsigned int)(*scan->at - '0'), fraction);
        scan->at += 1;
    }
}

static bool take_exponent(struct scan *scan)
{
    if (scan->at == scan->end) {
        return true;
    }
    if (*scan->at != 'e' && *scan->at != 'E') {
        return false;
    }
    scan->at += 1;
    bool negative = scan->at < scan->end && *scan->at == '-';
    if (negative || (scan->at < scan->end && *scan->at == '+')) {
        scan->at += 1;
    }
    int64_t exponent = 0;
    bool any = false;
    while (at_digit(scan)) {
        any = true;
        if (exponent < INT64_C(1000000000000000)) {
            exponent = exponent * 10 + (*scan->at - '0');
        }
        scan->at += 1;
    }
    scan->exponent += negative ? -exponent : exponent;
    return any && scan->at == scan->end;
}

/* Up to 18 digits with a point among them or none: nearly all there are. */
static bool parse_short(const char *text, size_t size, struct mz_decimal *out)
{
    size_t at = text[0] == '-' ? 1 : 0;
    size_t first = at;
    size_t point = size;
    uint64_t coefficient = 0;
    if (size - first > 18 || size == first || text[first] == '.' ||
        text[size - 1] == '.') {
        return false;
    }
    for (; at < size; at++) {
        unsigned int digit = (unsigned int)(unsigned char)text[at] - '0';
        if (digit <= 9) {
            coefficient = coefficient * 10 + digit;
        } else if (text[at] == '.' && point == size) {
            point = at;
        } else {
            return false;
        }
    }
    int64_t behind = point == size ? 0 : (int64_t)(size - point - 1);
    return mz_decimal_make(coefficient, -behind, first == 1, out) == MZ_DECIMAL_OK;
}

enum mz_decimal_status mz_decimal_parse(const char *text, size_t size,
                                        struct mz_decimal *out)
{
    if (size > 0 && parse_short(text, size, out)) {
        return MZ_DECIMAL_OK;
    }
    struct scan scan = {.at = text, .end = text + size};
    if (size == 0) {
        return MZ_DECIMAL_SYNTAX;
    }
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') {
        scan.at += 1;
    }
    take_digits(&scan, false);
    if (scan.at < scan.end && *scan.at == '.') {
        scan.at += 1;
        if (!at_digit(&scan)) {
            return MZ_DECIMAL_SYNTAX;
        }
        take_digits(&scan, true);
    }
    if (!scan.any || !take_exponent(&scan)) {
        return MZ_DECIMAL_SYNTAX;
    }
    if (scan.overflow) {
        return MZ_DECIMAL_OVERFLOW;
    }
    return mz_decimal_make(scan.coefficient, scan.exponent + scan.zeros, negative, out);
}

static int write_digits(mz_uint128 coefficient, char digits[MZ_DECIMAL_DIGITS + 2])
{
    char backwards[20];
    uint64_t small = (uint64_t)coefficient;
    int count = 0;
    if (coefficient == small) {
        for (; small > 0; small /= 10) {
            backwards[count++] = (char)('0' + small % 10);
        }
        for (int i = 0; i < count; i++) {
            digits[i] = backwards[count - 1 - i];
        }
        return count;
    }
    int length = mz_decimal_length(coefficient);
    for (int i = length; i > 0; i--) {
        digits[i - 1] = (char)('0' + (int)(coefficient % 10));
        coefficient /= 10;
    }
    return length;
}

size_t mz_decimal_format(struct mz_decimal value, char out[MZ_DECIMAL_TEXT])
{
    char digits[MZ_DECIMAL_DIGITS + 2];
    size_t length = (size_t)write_digits(value.coefficient, digits);
    char *at = out;
    if (length == 0) {
        memcpy(out, "0", 2);
        return 1;
    }
    if (value.negative) {
        *at++ = '-';
    }
    size_t behind = value.exponent < 0 ? (size_t)-value.exponent : 0;
    if (behind == 0) {
        memcpy(at, digits, length);
        memset(at + length, '0', (size_t)value.exponent);
        at += length + (size_t)value.exponent;
    } else if (behind < length) {
        memcpy(at, digits, length - behind);
        at[length - behind] = '.';
        memcpy(at + length - behind + 1, digits + length - behind, behind);
        at += length + 1;
    } else {
        memcpy(at, "0.", 2);
        memset(at + 2, '0', behind - length);
        memcpy(at + 2 + behind - length, digits, length);
        at += 2 + behind;
    }
    *at = '\0';
    return (size_t)(at - out);
}

/* The C library rounds digits and exponent to the nearest double; without a point the
 * text does not depend on the locale. */
double mz_decimal_to_double(struct mz_decimal value)
{
    char text[MZ_DECIMAL_DIGITS + 16];
    char digits[MZ_DECIMAL_DIGITS + 2];
    int length = write_digits(value.coefficient, digits);
    if (length == 0) {
        return 0.0;
    }
    snprintf(text, sizeof text, "%s%.*se%d", value.negative ? "-" : "", length, digits,
             (int)value.exponent);
    return strtod(text, NULL);
}

bool mz_decimal_is_canonical(const char *text, size_t size)
{
    size_t at = size > 0 && text[0] == '-' ? 1 : 0;
    size_t first = at;
    while (at < size && text[at] >= '0' && text[at] <= '9') {
        at += 1;
    }
    size_t whole = at - first;
    if (whole == 0 || size - first > MZ_DECIMAL_DIGITS ||
        (text[first] == '0' && (whole > 1 || (first == 1 && at == size)))) {
        return false;
    }
    if (at == size) {
        return true;
    }
    if (text[at] != '.' || at + 1 == size || text[size - 1] == '0') {
        return false;
    }
    for (at += 1; at < size; at++) {
        if (text[at] < '0' || text[at] > '9') {
            return false;
        }
    }
    return true;
}
