#include "decimal.h"

#include <string.h>

#define LIMB 1000000000u

static int16_t clamp_exponent(int exponent, bool *fits)
{
    if (exponent > 4000 || exponent < -4000) {
        *fits = false;
        return 0;
    }
    return (int16_t)exponent;
}

/* Multiplies the coefficient by a small factor and adds; false on overflow. */
static bool scale_limbs(uint32_t limb[4], uint32_t factor, uint32_t carry)
{
    uint64_t rest = carry;
    for (int i = 0; i < 4; i++) {
        uint64_t x = (uint64_t)limb[i] * factor + rest;
        limb[i] = (uint32_t)(x % LIMB);
        rest = x / LIMB;
    }
    return rest == 0;
}

static uint32_t divide_limbs(uint32_t limb[4], uint32_t divisor)
{
    uint64_t rest = 0;
    for (int i = 3; i >= 0; i--) {
        uint64_t x = rest * LIMB + limb[i];
        limb[i] = (uint32_t)(x / divisor);
        rest = x % divisor;
    }
    return (uint32_t)rest;
}

bool decimal_is_zero(figures_decimal a)
{
    return (a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3]) == 0;
}

/* Takes trailing zeros out of the coefficient, so that equal values look equal. */
static figures_decimal trim(figures_decimal a)
{
    if (decimal_is_zero(a)) {
        a.exponent = 0;
        a.negative = false;
        return a;
    }
    if (!(a.limb[1] | a.limb[2] | a.limb[3])) {
        while (a.limb[0] % 10 == 0) {
            a.limb[0] /= 10;
            a.exponent++;
        }
        return a;
    }
    while (a.limb[0] % 10 == 0 && a.exponent < 4000) {
        divide_limbs(a.limb, 10);
        a.exponent++;
    }
    return a;
}

figures_decimal decimal_from(uint64_t coefficient, int exponent)
{
    figures_decimal a = {{0, 0, 0, 0}, 0, false, true};
    if (coefficient < LIMB && exponent <= 100 && exponent >= -100) {
        uint32_t x = (uint32_t)coefficient;
        while (x >= 10 && x % 10 == 0) {
            x /= 10;
            exponent++;
        }
        a.limb[0] = x;
        a.exponent = (int16_t)(x ? exponent : 0);
        return a;
    }
    a.limb[0] = (uint32_t)(coefficient % LIMB);
    a.limb[1] = (uint32_t)(coefficient / LIMB % LIMB);
    a.limb[2] = (uint32_t)(coefficient / LIMB / LIMB);
    a.exponent = clamp_exponent(exponent, &a.set);
    return trim(a);
}

figures_decimal decimal_parse(const char *digits, size_t count, size_t point)
{
    figures_decimal a = {{0, 0, 0, 0}, 0, false, true};
    for (size_t i = 0; i < count; i++) {
        if (!scale_limbs(a.limb, 10, (uint32_t)(digits[i] - '0'))) {
            a.set = false;
            return a;
        }
    }
    a.exponent = clamp_exponent(-(int)point, &a.set);
    return trim(a);
}

/* Brings the exponent down to `exponent`; false on overflow. */
static bool lower_exponent(figures_decimal *a, int exponent)
{
    while (a->exponent > exponent) {
        if (!scale_limbs(a->limb, 10, 0)) {
            return false;
        }
        a->exponent--;
    }
    return true;
}

static int compare_limbs(const uint32_t a[4], const uint32_t b[4])
{
    for (int i = 3; i >= 0; i--) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

static int top_exponent(figures_decimal a)
{
    int digits = 0;
    uint32_t limb[4];
    memcpy(limb, a.limb, sizeof limb);
    if (!(limb[1] | limb[2] | limb[3])) {
        for (uint32_t x = limb[0]; x; x /= 10) {
            digits++;
        }
        return digits + a.exponent;
    }
    while (limb[0] | limb[1] | limb[2] | limb[3]) {
        divide_limbs(limb, 10);
        digits++;
    }
    return digits + a.exponent;
}

static int compare_sizes(figures_decimal a, figures_decimal b)
{
    if (decimal_is_zero(a) || decimal_is_zero(b)) {
        return (int)decimal_is_zero(b) - (int)decimal_is_zero(a);
    }
    if (a.exponent == b.exponent) {
        return compare_limbs(a.limb, b.limb);
    }
    int x = top_exponent(a);
    int y = top_exponent(b);
    if (x != y) {
        return x < y ? -1 : 1;
    }
    int low = a.exponent < b.exponent ? a.exponent : b.exponent;
    if (!lower_exponent(&a, low)) {
        return 1;
    }
    if (!lower_exponent(&b, low)) {
        return -1;
    }
    return compare_limbs(a.limb, b.limb);
}

int decimal_compare(figures_decimal a, figures_decimal b)
{
    if (a.negative != b.negative) {
        return a.negative ? -1 : 1;
    }
    int c = compare_sizes(a, b);
    return a.negative ? -c : c;
}

static figures_decimal unset(void)
{
    figures_decimal a = {{0, 0, 0, 0}, 0, false, false};
    return a;
}

static figures_decimal subtract_sizes(figures_decimal a, figures_decimal b)
{
    int64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        int64_t x = (int64_t)a.limb[i] - b.limb[i] - borrow;
        borrow = x < 0;
        a.limb[i] = (uint32_t)(x < 0 ? x + LIMB : x);
    }
    return trim(a);
}

figures_decimal decimal_add(figures_decimal a, figures_decimal b)
{
    if (!a.set || !b.set) {
        return unset();
    }
    int low = a.exponent < b.exponent ? a.exponent : b.exponent;
    if (decimal_is_zero(a)) {
        return b;
    }
    if (decimal_is_zero(b)) {
        return a;
    }
    if (!lower_exponent(&a, low) || !lower_exponent(&b, low)) {
        return unset();
    }
    if (a.negative != b.negative) {
        if (compare_limbs(a.limb, b.limb) >= 0) {
            return subtract_sizes(a, b);
        }
        return subtract_sizes(b, a);
    }
    uint64_t carry = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t x = (uint64_t)a.limb[i] + b.limb[i] + carry;
        a.limb[i] = (uint32_t)(x % LIMB);
        carry = x / LIMB;
    }
    return carry ? unset() : trim(a);
}

figures_decimal decimal_multiply(figures_decimal a, figures_decimal b)
{
    if (!a.set || !b.set) {
        return unset();
    }
    uint64_t product[8] = {0};
    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 4; j++) {
            uint64_t x = (uint64_t)a.limb[i] * b.limb[j] + product[i + j] + carry;
            product[i + j] = x % LIMB;
            carry = x / LIMB;
        }
        product[i + 4] += carry;
    }
    if (product[4] | product[5] | product[6] | product[7]) {
        return unset();
    }
    for (int i = 0; i < 4; i++) {
        a.limb[i] = (uint32_t)product[i];
    }
    a.negative = a.negative != b.negative;
    a.exponent = clamp_exponent(a.exponent + b.exponent, &a.set);
    return trim(a);
}

figures_decimal decimal_divide(figures_decimal a, uint32_t divisor, int digits)
{
    if (!a.set || divisor == 0) {
        return unset();
    }
    /* a part such as 1/4 that has few digits: exact */
    uint64_t x = a.limb[0];
    for (int shift = 0; !(a.limb[1] | a.limb[2] | a.limb[3]) && shift < 9; shift++) {
        if (x % divisor == 0 && digits >= 17) {
            figures_decimal exact = decimal_from(x / divisor, a.exponent - shift);
            exact.negative = a.negative && x > 0;
            return exact;
        }
        x *= 10;
    }
    uint32_t shifts = 0;
    while (digits > 0 && shifts < 34) {
        figures_decimal wider = a;
        if (!scale_limbs(wider.limb, 10, 0) || wider.limb[3] >= LIMB / 10) {
            break;
        }
        wider.exponent--;
        a = wider;
        shifts++;
    }
    uint32_t rest = divide_limbs(a.limb, divisor);
    if (rest * 2ull >= divisor) {
        scale_limbs(a.limb, 1, 1);
    }
    /* keep `digits` significant digits, rounded half up */
    while (decimal_digits(trim(a)) > digits) {
        int extra = top_exponent(a) - a.exponent - digits;
        uint32_t last = 0;
        for (int i = 0; i < extra; i++) {
            last = divide_limbs(a.limb, 10);
            a.exponent++;
        }
        if (last >= 5) {
            scale_limbs(a.limb, 1, 1);
        }
    }
    return trim(a);
}

figures_decimal decimal_negate(figures_decimal a)
{
    if (!decimal_is_zero(a)) {
        a.negative = !a.negative;
    }
    return a;
}

int decimal_digits(figures_decimal a)
{
    a = trim(a);
    return top_exponent(a) - a.exponent;
}

bool decimal_to_whole(figures_decimal a, int64_t *out)
{
    if (!a.set || !lower_exponent(&a, 0) || a.exponent < 0 || a.limb[3] ||
        a.limb[2] > 8) {
        return false;
    }
    int64_t x =
        (int64_t)a.limb[2] * LIMB * LIMB + (int64_t)a.limb[1] * LIMB + a.limb[0];
    *out = a.negative ? -x : x;
    return true;
}

int decimal_power_of_ten(figures_decimal a)
{
    a = trim(a);
    bool one = a.limb[0] == 1 && (a.limb[1] | a.limb[2] | a.limb[3]) == 0;
    return a.set && one && !a.negative && a.exponent >= 0 ? a.exponent : -1;
}

static size_t digits_of(figures_decimal a, char *out)
{
    char reversed[40];
    size_t count = 0;
    while (!decimal_is_zero(a)) {
        reversed[count++] = (char)('0' + divide_limbs(a.limb, 10));
    }
    if (count == 0) {
        reversed[count++] = '0';
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = reversed[count - 1 - i];
    }
    return count;
}

/* digits, then an exponent as JSON writes it */
static size_t scientific(const char *digits, size_t count, int exponent, char *out)
{
    size_t n = 0;
    out[n++] = digits[0];
    if (count > 1) {
        out[n++] = '.';
        memcpy(out + n, digits + 1, count - 1);
        n += count - 1;
    }
    int top = exponent + (int)count - 1;
    out[n++] = 'e';
    if (top < 0) {
        out[n++] = '-';
        top = -top;
    }
    char reversed[8];
    size_t used = 0;
    do {
        reversed[used++] = (char)('0' + top % 10);
        top /= 10;
    } while (top > 0 && used < sizeof reversed);
    while (used > 0) {
        out[n++] = reversed[--used];
    }
    return n;
}

static size_t positional(const char *digits, size_t count, int exponent, char *out)
{
    size_t n = 0;
    int whole = (int)count + exponent; /* digits before the decimal sign */
    if (whole <= 0) {
        out[n++] = '0';
        out[n++] = '.';
        for (int i = whole; i < 0; i++) {
            out[n++] = '0';
        }
        memcpy(out + n, digits, count);
        return n + count;
    }
    for (int i = 0; i < whole; i++) {
        out[n++] = (size_t)i < count ? digits[i] : '0';
    }
    if ((size_t)whole < count) {
        out[n++] = '.';
        memcpy(out + n, digits + whole, count - (size_t)whole);
        n += count - (size_t)whole;
    }
    return n;
}

size_t figures_decimal_text(const figures_decimal *decimal, char *out)
{
    figures_decimal a = trim(*decimal);
    char digits[40];
    size_t n = 0;
    size_t count = digits_of(a, digits);
    if (a.negative) {
        out[n++] = '-';
    }
    int top = (int)count + a.exponent;
    if (top > 21 || top < -30) {
        n += scientific(digits, count, a.exponent, out + n);
    } else {
        n += positional(digits, count, a.exponent, out + n);
    }
    out[n] = '\0';
    return n;
}
