#include "base/text.h"

#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit durations[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

static const struct unit sizes[] = {
    {"B", 1},
    {"k", INT64_C(1) << 10},
    {"K", INT64_C(1) << 10},
    {"M", INT64_C(1) << 20},
    {"G", INT64_C(1) << 30},
    {"T", INT64_C(1) << 40},
};

/* Digits at *text, which is moved behind them; false when there are none or too many.
 */
static bool take_number(const char **text, int64_t *value)
{
    const char *at = *text;
    int64_t result = 0;
    while (*at >= '0' && *at <= '9') {
        if (__builtin_mul_overflow(result, INT64_C(10), &result) ||
            __builtin_add_overflow(result, (int64_t)(*at - '0'), &result)) {
            return false;
        }
        at += 1;
    }
    if (at == *text) {
        return false;
    }
    *text = at;
    *value = result;
    return true;
}

static bool apply_unit(int64_t number, const char *name, const struct unit *units,
                       size_t count, int64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, units[i].name) == 0) {
            int64_t product = 0;
            if (__builtin_mul_overflow(number, units[i].factor, &product)) {
                return false;
            }
            *out = product;
            return true;
        }
    }
    return false;
}

bool mz_parse_duration(const char *text, int64_t *milliseconds)
{
    int64_t number = 0;
    return take_number(&text, &number) &&
           apply_unit(number, text, durations, sizeof durations / sizeof durations[0],
                      milliseconds);
}

bool mz_parse_size(const char *text, int64_t *bytes)
{
    int64_t number = 0;
    return take_number(&text, &number) &&
           apply_unit(number, text, sizes, sizeof sizes / sizeof sizes[0], bytes);
}

/* `5/1m` and `1/s`; rounded up, so that a host is never asked more often than said. */
bool mz_parse_rate(const char *text, int64_t *milliseconds)
{
    int64_t count = 0;
    int64_t number = 1;
    int64_t period = 0;
    if (!take_number(&text, &count) || count == 0 || *text != '/') {
        return false;
    }
    text += 1;
    if (*text >= '0' && *text <= '9' && !take_number(&text, &number)) {
        return false;
    }
    if (!apply_unit(number, text, durations, sizeof durations / sizeof durations[0],
                    &period) ||
        period == 0) {
        return false;
    }
    *milliseconds = period / count + (period % count == 0 ? 0 : 1);
    return true;
}

bool mz_parse_integer(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    int64_t result = 0;
    if (*text == '-' || *text == '+') {
        text += 1;
    }
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        int64_t digit = negative ? '0' - *text : *text - '0';
        if (__builtin_mul_overflow(result, INT64_C(10), &result) ||
            __builtin_add_overflow(result, digit, &result)) {
            return false;
        }
    }
    *value = result;
    return true;
}
