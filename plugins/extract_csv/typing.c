#include "typing.h"

#include <string.h>
#include <strings.h>

#define MOST_DIGITS 38

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits before the decimal mark, groups taken out; false: they are none. */
static bool take_whole(const char **at, const char *end, char group, char *out,
                       size_t *size, bool *grouped)
{
    size_t run = 0;
    *grouped = false;
    for (; *at < end; ++*at) {
        if (is_digit(**at)) {
            if (*size >= MOST_DIGITS + 1) {
                return false;
            }
            out[(*size)++] = **at;
            run++;
        } else if (**at == group || (group != '\0' && **at == ' ')) {
            if (run == 0 || (*grouped ? run != 3 : run > 3)) {
                return false;
            }
            *grouped = true;
            run = 0;
        } else {
            break;
        }
    }
    return run > 0 && (!*grouped || run == 3);
}

size_t number_of(const char *data, size_t size, char mark, bool strict, char *out)
{
    const char *at = data;
    const char *end = data + size;
    size_t used = 0;
    bool grouped = false;
    if (at < end && (*at == '-' || (*at == '+' && !strict))) {
        if (*at == '-') {
            out[used++] = '-';
        }
        at++;
    }
    size_t first = used;
    char group = mark == ',' ? '.' : ',';
    if (!take_whole(&at, end, group, out, &used, &grouped)) {
        return 0;
    }
    bool zero = out[first] == '0' && used - first > 1;
    if (zero && strict) {
        return 0;
    }
    if (at == end && grouped && strict) {
        return 0; /* 1.234 may be a thousand or a little more than one */
    }
    size_t zeros = 0;
    while (zero && zeros + 1 < used - first && out[first + zeros] == '0') {
        zeros++;
    }
    memmove(out + first, out + first + zeros, used - first - zeros);
    used -= zeros;
    if (at < end && *at == mark) {
        size_t point = used;
        out[used++] = '.';
        for (at++; at < end && is_digit(*at) && used - first <= MOST_DIGITS; at++) {
            out[used++] = *at;
        }
        if (used - point < 2) {
            return 0;
        }
    }
    return at == end && used - first <= MOST_DIGITS + 1 ? used : 0;
}

/* ---- times ---- */

static bool take_number(const char **at, const char *end, int digits, int *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++, ++*at) {
        if (*at == end || !is_digit(**at)) {
            return false;
        }
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take(const char **at, const char *end, char wanted)
{
    if (*at < end && **at == wanted) {
        ++*at;
        return true;
    }
    return false;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01: whole years from 0000-03-01, then months. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_zone(const char **at, const char *end, int *minutes)
{
    int hour = 0, minute = 0;
    *minutes = 0;
    if (take(at, end, 'Z')) {
        return true;
    }
    bool west = *at < end && **at == '-';
    if (!take(at, end, '-') && !take(at, end, '+')) {
        return false;
    }
    if (!take_number(at, end, 2, &hour)) {
        return false;
    }
    (void)take(at, end, ':');
    if (*at < end && !take_number(at, end, 2, &minute)) {
        return false;
    }
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return hour <= 14 && minute < 60;
}

static bool take_clock(const char **at, const char *end, int64_t *milliseconds)
{
    int hour, minute, second = 0;
    int64_t fraction = 0, scale = 100;
    if (!take_number(at, end, 2, &hour) || !take(at, end, ':') ||
        !take_number(at, end, 2, &minute)) {
        return false;
    }
    if (take(at, end, ':') && !take_number(at, end, 2, &second)) {
        return false;
    }
    if (take(at, end, '.')) {
        for (; *at < end && is_digit(**at); ++*at, scale /= 10) {
            fraction += (**at - '0') * scale;
        }
    }
    *milliseconds = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

bool time_of(const char *data, size_t size, bool strict, int64_t *out)
{
    const char *at = data;
    const char *end = data + size;
    int year, month, day, zone = 0;
    int64_t clock = 0;
    if (!take_number(&at, end, 4, &year) || !take(&at, end, '-') ||
        !take_number(&at, end, 2, &month) || !take(&at, end, '-') ||
        !take_number(&at, end, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month)) {
        return false;
    }
    *out = days_since_epoch(year, month, day) * INT64_C(86400000);
    if (at == end) {
        return !strict;
    }
    if ((!take(&at, end, 'T') && !take(&at, end, ' ')) ||
        !take_clock(&at, end, &clock)) {
        return false;
    }
    if (at == end ? strict : !take_zone(&at, end, &zone)) {
        return false;
    }
    *out += clock - zone * INT64_C(60000);
    return at == end;
}

bool boolean_of(const char *data, size_t size, bool *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (size == strlen(words[i]) && strncasecmp(data, words[i], size) == 0) {
            *out = i % 2 == 1;
            return true;
        }
    }
    return false;
}
