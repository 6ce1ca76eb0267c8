#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL_LIMIT 400

bool slice_is(struct mizan_slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

bool is_one_of(struct mizan_slice word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (word.size > 0 && slice_is(word, *words)) {
            return true;
        }
    }
    return false;
}

struct mizan_slice text_field(const struct mizan_host *host, const mizan_record *record,
                              const char *name)
{
    struct mizan_value value;
    struct mizan_slice none = {NULL, 0};
    return host->record_get(record, name, &value) && value.type == MIZAN_TEXT
               ? value.as.text
               : none;
}

bool integer_field(const struct mizan_host *host, const mizan_record *record,
                   const char *name, int64_t *out)
{
    struct mizan_value value;
    if (!host->record_get(record, name, &value) || value.type != MIZAN_INTEGER) {
        return false;
    }
    *out = value.as.integer;
    return true;
}

const struct mizan_value *map_member(const struct mizan_value *map, const char *name)
{
    for (size_t i = 0; map->type == MIZAN_MAP && i < map->as.map.count; i++) {
        if (slice_is(map->as.map.fields[i].name, name)) {
            return &map->as.map.fields[i].value;
        }
    }
    return NULL;
}

struct mizan_slice map_text(const struct mizan_value *map, const char *name)
{
    const struct mizan_value *value = map_member(map, name);
    struct mizan_slice none = {NULL, 0};
    return value != NULL && value->type == MIZAN_TEXT ? value->as.text : none;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_decimal(struct mizan_slice text)
{
    size_t i = text.size > 0 && text.data[0] == '-' ? 1 : 0;
    size_t start = i;
    while (i < text.size && is_digit(text.data[i])) {
        i++;
    }
    if (i == start) {
        return false;
    }
    if (i < text.size && text.data[i] == '.') {
        start = ++i;
        while (i < text.size && is_digit(text.data[i])) {
            i++;
        }
        if (i == start) {
            return false;
        }
    }
    return i == text.size;
}

bool decimal_text(const struct mizan_value *value, char *buffer,
                  struct mizan_slice *out)
{
    if (value->type == MIZAN_INTEGER) {
        int size = snprintf(buffer, 32, "%" PRId64, value->as.integer);
        out->data = buffer;
        out->size = (size_t)size;
        return true;
    }
    if ((value->type != MIZAN_DECIMAL && value->type != MIZAN_TEXT) ||
        !is_decimal(value->as.text)) {
        return false;
    }
    *out = value->as.text;
    return true;
}

int64_t significant_digits(struct mizan_slice decimal)
{
    int64_t digits = 0, zeros = 0; /* trailing, of the integer part */
    bool fraction = false, begun = false;
    for (size_t i = 0; i < decimal.size; i++) {
        char c = decimal.data[i];
        if (c == '.') {
            fraction = true;
        }
        if (!is_digit(c) || (c == '0' && !begun)) {
            continue;
        }
        begun = true;
        digits++;
        zeros = c == '0' ? zeros + 1 : 0;
    }
    if (!begun) {
        return 1; /* zero */
    }
    return fraction ? digits : digits - zeros;
}

bool decimal_number(const struct store *store, struct mizan_slice decimal, double *out)
{
    char text[DECIMAL_LIMIT + 1];
    if (decimal.size > DECIMAL_LIMIT) {
        return false;
    }
    memcpy(text, decimal.data, decimal.size);
    text[decimal.size] = '\0';
    *out = strtod_l(text, NULL, store->locale);
    return true;
}

/* Part of a date: its digits, or -1. */
static int number_at(struct mizan_slice text, size_t at, size_t size)
{
    int number = 0;
    if (at + size > text.size) {
        return -1;
    }
    for (size_t i = at; i < at + size; i++) {
        if (!is_digit(text.data[i])) {
            return -1;
        }
        number = number * 10 + (text.data[i] - '0');
    }
    return number;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* The first or the last second of a year, quarter, month or day; "" when it is none. */
static void edge_of(struct mizan_slice text, bool last, char out[MOMENT_SIZE])
{
    int year = number_at(text, 0, 4);
    int first_month = 1, last_month = 12, first_day = 1, last_day = 0;
    out[0] = '\0';
    if (year < 0 || (text.size > 4 && text.data[4] != '-')) {
        return;
    }
    if (text.size == 7 && text.data[5] == 'Q') {
        int quarter = number_at(text, 6, 1);
        if (quarter < 1 || quarter > 4) {
            return;
        }
        first_month = 3 * quarter - 2;
        last_month = 3 * quarter;
    } else if (text.size >= 7) {
        first_month = last_month = number_at(text, 5, 2);
    }
    if (first_month < 1 || last_month > 12) {
        return;
    }
    if (text.size >= 10) {
        first_day = last_day = text.data[7] == '-' ? number_at(text, 8, 2) : -1;
        if (first_day < 1 || first_day > days_in_month(year, first_month)) {
            return;
        }
    } else if (text.size != 4 && text.size != 7) {
        return;
    } else {
        last_day = days_in_month(year, last_month);
    }
    if (text.size > 10) { /* a time: kept when it has the form that the database uses */
        if (text.size == MOMENT_SIZE - 1 && text.data[10] == 'T' &&
            text.data[19] == 'Z') {
            memcpy(out, text.data, text.size);
            out[text.size] = '\0';
        }
        return;
    }
    unsigned month = (unsigned)(last ? last_month : first_month);
    unsigned day = (unsigned)(last ? last_day : first_day);
    snprintf(out, MOMENT_SIZE, "%04u-%02u-%02uT%s", (unsigned)year % 10000U,
             month % 100U, day % 100U, last ? "23:59:59Z" : "00:00:00Z");
}

void span_of_time(struct mizan_slice text, char from[MOMENT_SIZE], char to[MOMENT_SIZE])
{
    struct mizan_slice first = text, second = text;
    const char *slash = text.size > 0 ? memchr(text.data, '/', text.size) : NULL;
    if (slash != NULL) {
        first.size = (size_t)(slash - text.data);
        second.data = slash + 1;
        second.size = text.size - first.size - 1;
    }
    edge_of(first, false, from);
    edge_of(second, true, to);
}
