#include "http_cursor.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECONDS_FROM INT64_C(100000000000)
#define DAY               INT64_C(86400000)

static bool is_number(const char *text)
{
    text += *text == '-' ? 1 : 0;
    size_t size = strlen(text);
    return size > 0 && strspn(text, "0123456789") == size;
}

static int compare_numbers(const char *a, const char *b)
{
    bool below = *a == '-';
    if (below != (*b == '-')) {
        return below ? -1 : 1;
    }
    a += strspn(a, "-0");
    b += strspn(b, "-0");
    size_t size = strlen(a), other = strlen(b);
    int order = size != other ? (size < other ? -1 : 1) : strcmp(a, b);
    return below ? -order : order;
}

/* `count` digits; NULL when there are fewer. */
static const char *digits(const char *at, int count, int64_t *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, at++) {
        if (!isdigit((unsigned char)*at)) {
            return NULL;
        }
        *out = *out * 10 + (*at - '0');
    }
    return at;
}

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Z", "+02:00", "+0200" or nothing, up to the end. */
static bool read_zone(const char *at, int64_t *offset)
{
    int64_t hours = 0, minutes = 0;
    *offset = 0;
    if (*at == '\0' || ((*at == 'Z' || *at == 'z') && at[1] == '\0')) {
        return true;
    }
    int64_t sign = *at == '-' ? -1 : 1;
    if (*at != '+' && *at != '-') {
        return false;
    }
    at = digits(at + 1, 2, &hours);
    at = at != NULL && *at == ':' ? at + 1 : at;
    if (at != NULL && *at != '\0') {
        at = digits(at, 2, &minutes);
    }
    *offset = sign * (hours * 60 + minutes) * 60000;
    return at != NULL && *at == '\0';
}

static bool read_time(const char *text, int64_t *out)
{
    int64_t part[6] = {0}, milliseconds = 0, offset = 0;
    const char *at = digits(text, 4, &part[0]);
    at = at != NULL && *at == '-' ? digits(at + 1, 2, &part[1]) : NULL;
    at = at != NULL && *at == '-' ? digits(at + 1, 2, &part[2]) : NULL;
    if (at == NULL || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31) {
        return false;
    }
    if (*at == 'T' || *at == 't' || *at == ' ') {
        at = digits(at + 1, 2, &part[3]);
        at = at != NULL && *at == ':' ? digits(at + 1, 2, &part[4]) : NULL;
        if (at != NULL && *at == ':') {
            at = digits(at + 1, 2, &part[5]);
        }
        if (at != NULL && (*at == '.' || *at == ',')) {
            int64_t weight = 100;
            for (at++; isdigit((unsigned char)*at); at++, weight /= 10) {
                milliseconds += (*at - '0') * weight;
            }
        }
    }
    if (at == NULL || !read_zone(at, &offset)) {
        return false;
    }
    *out = days_of(part[0], part[1], part[2]) * DAY + part[3] * 3600000 +
           part[4] * 60000 + part[5] * 1000 + milliseconds - offset;
    return true;
}

int http_cursor_compare(const char *a, const char *b)
{
    int64_t first = 0, second = 0;
    if (is_number(a) && is_number(b)) {
        return compare_numbers(a, b);
    }
    if (read_time(a, &first) && read_time(b, &second)) {
        return first < second ? -1 : first > second;
    }
    return strcmp(a, b);
}

bool http_lag_read(const char *lag, int64_t *amount, bool *is_duration)
{
    static const struct {
        const char *name;
        int64_t milliseconds;
    } units[] = {{"ms", 1},      {"s", 1000}, {"m", 60000},
                 {"h", 3600000}, {"d", DAY},  {"w", 7 * DAY}};
    char *end = NULL;
    *is_duration = false;
    if (!isdigit((unsigned char)*lag) || strspn(lag, "0123456789") > 12) {
        return false;
    }
    *amount = strtoll(lag, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].name) == 0) {
            *amount *= units[i].milliseconds;
            *is_duration = true;
        }
    }
    return *is_duration || *end == '\0';
}

/* Years of the calendar from days since 1970. */
static void write_time(int64_t time, struct http_text *out)
{
    int64_t day = time >= 0 ? time / DAY : -((DAY - 1 - time) / DAY);
    int64_t rest = time - day * DAY;
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted_month = (5 * of_year + 2) / 153;
    int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
    char text[160];
    char fraction[24] = "";
    if (rest % 1000 != 0) {
        (void)snprintf(fraction, sizeof fraction, ".%03" PRId64, rest % 1000);
    }
    (void)snprintf(text, sizeof text,
                   "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64
                   ":%02" PRId64 "%sZ",
                   year + era * 400 + (month <= 2 ? 1 : 0), month,
                   of_year - (153 * shifted_month + 2) / 5 + 1, rest / 3600000,
                   rest / 60000 % 60, rest / 1000 % 60, fraction);
    http_text_string(out, text);
}

bool http_cursor_before(const char *value, const char *lag, struct http_text *out)
{
    int64_t amount = 0, time = 0;
    bool is_duration = false;
    if (lag == NULL || (http_lag_read(lag, &amount, &is_duration) && amount == 0)) {
        http_text_string(out, value);
        return true;
    }
    if (is_number(value) && strlen(value) <= 18) {
        int64_t number = strtoll(value, NULL, 10);
        char text[32];
        if (is_duration && number < MILLISECONDS_FROM) {
            amount /= 1000;
        }
        (void)snprintf(text, sizeof text, "%" PRId64, number - amount);
        http_text_string(out, text);
        return true;
    }
    if (!is_duration || !read_time(value, &time)) {
        return false;
    }
    write_time(time - amount, out);
    return true;
}
