/* Numbers of sheets: what they are by their formats, and how they read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "office.h"

#define DAY        INT64_C(86400000)
#define DAYS_1900  25569 /* from 1899-12-30, where Excel's days begin, to 1970 */
#define DAYS_1904  24107
#define LAST_DAY   2958466 /* 9999-12-31 */
#define LEAP_FAULT 60      /* Excel's 29 February 1900, which never was */

/* ---- formats ---- */

/* The currency in "[$€-407]" or beside the digits. */
static bool find_currency(struct table_slice format, char unit[16])
{
    static const char *const signs[] = {"€", "$", "£", "¥", "₽", "₺", "₹", "₪", "﷼"};
    const char *open =
        format.size > 2 ? memmem(format.data, format.size, "[$", 2) : NULL;
    if (open != NULL) {
        const char *end = format.data + format.size;
        size_t size = 0;
        open += 2;
        while (open + size < end && open[size] != '-' && open[size] != ']') {
            size++;
        }
        if (size > 0 && size < 16) {
            memcpy(unit, open, size);
            unit[size] = '\0';
            return true;
        }
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (format.size > 0 &&
            memmem(format.data, format.size, signs[i], strlen(signs[i])) != NULL) {
            snprintf(unit, 16, "%s", signs[i]);
            return true;
        }
    }
    return false;
}

enum number_kind number_format_kind(struct table_slice format, char unit[16])
{
    bool date = false, time = false, percent = false;
    unit[0] = '\0';
    for (size_t i = 0; i < format.size && format.data[i] != ';'; i++) {
        char c = format.data[i];
        if (c == '"' || c == '[') { /* words, colours, conditions; [h] counts hours */
            char close = c == '"' ? '"' : ']';
            time = time || (c == '[' && i + 1 < format.size &&
                            strchr("hHmMsS", format.data[i + 1]) != NULL);
            while (i + 1 < format.size && format.data[++i] != close) {
            }
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c == '%') {
            percent = true;
        } else if (strchr("yYdD", c) != NULL) {
            date = true;
        } else if (strchr("hHsS", c) != NULL) {
            time = true;
        }
    }
    if (date || time) {
        return date && !time ? NUMBER_DATE : NUMBER_TIME;
    }
    if (percent) {
        return NUMBER_PERCENT;
    }
    return find_currency(format, unit) ? NUMBER_MONEY : NUMBER_PLAIN;
}

/* ECMA-376, part 1, 18.8.30. */
enum number_kind number_builtin_kind(uint32_t format)
{
    if (format == 9 || format == 10) {
        return NUMBER_PERCENT;
    }
    if ((format >= 14 && format <= 17) || (format >= 27 && format <= 31) ||
        format == 36 || (format >= 50 && format <= 54) || format == 57 ||
        format == 58) {
        return NUMBER_DATE;
    }
    bool time = (format >= 18 && format <= 22) || (format >= 32 && format <= 35) ||
                (format >= 45 && format <= 47);
    return time ? NUMBER_TIME : NUMBER_PLAIN;
}

/* ---- values ---- */

static bool read_double(struct table_slice text, double *out)
{
    char copy[64];
    char *end;
    if (text.size == 0 || text.size >= sizeof copy) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (strchr("0123456789+-.eE", text.data[i]) == NULL) {
            return false;
        }
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

/* Plain digits of a double: the shortest of 15 that the author can have typed. */
static bool write_double(double number, char out[OFFICE_DECIMAL])
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.14e", number);
    char *mark = strchr(digits, 'e');
    int exponent = (int)strtol(mark + 1, NULL, 10);
    if (number != 0 && (exponent > 20 || exponent < -15)) {
        return false;
    }
    int places = 14 - exponent;
    snprintf(out, OFFICE_DECIMAL, "%.*f", places < 0 ? 0 : places, number);
    if (strchr(out, '.') != NULL) {
        size_t size = strlen(out);
        while (out[size - 1] == '0') {
            out[--size] = '\0';
        }
        if (out[size - 1] == '.') {
            out[--size] = '\0';
        }
    }
    if (strcmp(out, "-0") == 0) {
        memcpy(out, "0", 2);
    }
    return true;
}

bool number_decimal(struct table_slice text, char out[OFFICE_DECIMAL])
{
    double number;
    return read_double(text, &number) && write_double(number, out);
}

bool number_time(struct table_slice days, bool since_1904, int64_t *out)
{
    double number;
    if (!read_double(days, &number) || number < 0 || number >= LAST_DAY) {
        return false;
    }
    if (!since_1904 && number < LEAP_FAULT) {
        number += 1;
    }
    number -= since_1904 ? DAYS_1904 : DAYS_1900;
    *out = (int64_t)llround(number * (double)DAY / 1000) * 1000;
    return true;
}

static bool digits(const char *text, size_t count, int *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        *out = *out * 10 + text[i] - '0';
    }
    return true;
}

bool number_iso(struct table_slice text, int64_t *out, bool *date)
{
    struct tm time = {0};
    const char *t = text.data;
    *date = text.size == 10;
    if (text.size < 10 || !digits(t, 4, &time.tm_year) ||
        !digits(t + 5, 2, &time.tm_mon) || !digits(t + 8, 2, &time.tm_mday) ||
        time.tm_mon < 1 || time.tm_mon > 12 || time.tm_mday < 1 || time.tm_mday > 31) {
        return false;
    }
    if (text.size >= 19 &&
        (!digits(t + 11, 2, &time.tm_hour) || !digits(t + 14, 2, &time.tm_min) ||
         !digits(t + 17, 2, &time.tm_sec))) {
        return false;
    }
    time.tm_year -= 1900;
    time.tm_mon -= 1;
    *out = (int64_t)timegm(&time) * 1000;
    return true;
}

/* ---- as text ---- */

static void show_time(const struct office_value *value, char *out, size_t size)
{
    time_t seconds = (time_t)(value->time / 1000);
    struct tm time;
    if (gmtime_r(&seconds, &time) == NULL) {
        out[0] = '\0';
        return;
    }
    if (value->type == OFFICE_DATE) {
        snprintf(out, size, "%04d-%02d-%02d", time.tm_year + 1900, time.tm_mon + 1,
                 time.tm_mday);
    } else {
        snprintf(out, size, "%04d-%02d-%02d %02d:%02d", time.tm_year + 1900,
                 time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min);
    }
}

/* Three digits behind a point are thousands to half of the world's readers. */
static const char *more_digits(const char *decimal)
{
    const char *point = strchr(decimal, '.');
    return point != NULL && strlen(point) == 4 ? "0" : "";
}

void number_shown(const struct office_value *value, enum number_kind kind,
                  const char *unit, char *out, size_t size)
{
    char percent[OFFICE_DECIMAL];
    if (value->type == OFFICE_TIME || value->type == OFFICE_DATE) {
        show_time(value, out, size);
    } else if (value->type == OFFICE_BOOLEAN) {
        snprintf(out, size, "%s", value->time != 0 ? "TRUE" : "FALSE");
    } else if (value->type == OFFICE_NUMBER && kind == NUMBER_PERCENT &&
               write_double(strtod(value->decimal, NULL) * 100, percent)) {
        snprintf(out, size, "%s%s%%", percent, more_digits(percent));
    } else if (value->type == OFFICE_NUMBER) {
        snprintf(out, size, "%s%s%s%s", value->decimal, more_digits(value->decimal),
                 kind == NUMBER_MONEY ? " " : "", kind == NUMBER_MONEY ? unit : "");
    } else {
        out[0] = '\0';
    }
}
