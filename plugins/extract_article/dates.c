#include "dates.h"

#include <string.h>

#include "text.h"

struct moment {
    int year, month, day, hour, minute, second, millisecond;
    int zone; /* minutes east of UTC */
    bool has_time, afternoon, forenoon, zoned;
};

struct reader {
    const char *data;
    size_t size, at;
};

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool finish(struct moment *m, int64_t *milliseconds)
{
    if (m->afternoon && m->hour < 12) {
        m->hour += 12;
    } else if (m->forenoon && m->hour == 12) {
        m->hour = 0;
    }
    if (m->year < 1900 || m->year > 2199 || m->month < 1 || m->month > 12 ||
        m->day < 1 || m->day > days_in_month(m->year, m->month) || m->hour > 24 ||
        m->minute > 59 || m->second > 60 || m->zone < -15 * 60 || m->zone > 15 * 60 ||
        (m->hour == 24 && m->minute + m->second > 0)) {
        return false;
    }
    int64_t seconds = days_since_epoch(m->year, m->month, m->day) * 86400 +
                      m->hour * INT64_C(3600) + (m->minute - m->zone) * INT64_C(60) +
                      m->second;
    *milliseconds = seconds * 1000 + m->millisecond;
    return true;
}

static int peek(const struct reader *r)
{
    return r->at < r->size ? (unsigned char)r->data[r->at] : -1;
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != c) {
        return false;
    }
    r->at++;
    return true;
}

/* Reads digits, at most `most`; returns how many there were. */
static int take_number(struct reader *r, int most, int *value)
{
    int digits = 0;
    *value = 0;
    while (digits < most && r->at < r->size &&
           article_is_digit((unsigned char)r->data[r->at])) {
        *value = *value * 10 + (r->data[r->at++] - '0');
        digits++;
    }
    return digits;
}

/* Z, +02:00, +0200, +02, or one of the few zone names that are unambiguous. */
static bool take_zone(struct reader *r, int *zone)
{
    static const struct {
        const char *name;
        int minutes;
    } zones[] = {{"GMT", 0},    {"UTC", 0},    {"EST", -300}, {"EDT", -240},
                 {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360},
                 {"PST", -480}, {"PDT", -420}, {"CET", 60},   {"CEST", 120},
                 {"MSK", 180},  {"JST", 540},  {"KST", 540}};
    int hours, minutes = 0;
    if (peek(r) == '+' || peek(r) == '-') {
        int sign = r->data[r->at++] == '-' ? -1 : 1;
        if (take_number(r, 2, &hours) != 2) {
            return false;
        }
        take(r, ':');
        int digits = take_number(r, 2, &minutes);
        *zone = sign * (hours * 60 + minutes);
        return digits == 0 || digits == 2;
    }
    size_t start = r->at;
    while (r->at < r->size && article_is_letter((unsigned char)r->data[r->at])) {
        r->at++;
    }
    struct article_slice word = {r->data + start, r->at - start};
    if (article_same(word, "Z")) {
        *zone = 0;
        return true;
    }
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (article_same(word, zones[i].name)) {
            *zone = zones[i].minutes;
            return true;
        }
    }
    r->at = start;
    return false;
}

/* hh:mm[:ss[.fff]], the hour already read. */
static bool take_clock(struct reader *r, struct moment *m)
{
    if (!take(r, ':') || take_number(r, 2, &m->minute) != 2) {
        return false;
    }
    if (take(r, ':') && take_number(r, 2, &m->second) != 2) {
        return false;
    }
    if (take(r, '.') || take(r, ',')) {
        int digits = take_number(r, 3, &m->millisecond), rest;
        for (; digits > 0 && digits < 3; digits++) {
            m->millisecond *= 10;
        }
        while (take_number(r, 9, &rest) > 0) {
        }
    }
    m->has_time = true;
    return true;
}

static bool parse_iso(struct article_slice text, struct moment *m)
{
    struct reader r = {text.data, text.size, 0};
    if (take_number(&r, 4, &m->year) != 4) {
        return false;
    }
    bool extended = take(&r, '-');
    if (take_number(&r, 2, &m->month) != 2 || (extended && !take(&r, '-')) ||
        take_number(&r, 2, &m->day) != 2) {
        return false;
    }
    if (r.at == r.size) {
        return true;
    }
    if (!take(&r, 'T') && !take(&r, 't') && !take(&r, ' ')) {
        return false;
    }
    while (take(&r, ' ')) {
    }
    if (r.at == r.size) {
        return true;
    }
    if (take_number(&r, 2, &m->hour) != 2) {
        return false;
    }
    if (peek(&r) == ':') {
        if (!take_clock(&r, m)) {
            return false;
        }
    } else if (take_number(&r, 2, &m->minute) == 2) {
        take_number(&r, 2, &m->second);
    }
    while (take(&r, ' ')) {
    }
    m->has_time = true;
    m->zoned = r.at < r.size;
    return !m->zoned || take_zone(&r, &m->zone);
}

static int month_of(struct article_slice word)
{
    static const char *const names[12] = {
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
    for (int i = 0; word.size >= 3 && i < 12; i++) {
        struct article_slice name = article_slice_of(names[i]);
        if (word.size <= 4 && word.size < name.size) {
            name.size = word.size; /* Jan, Sept */
        }
        if (article_same_slice(word, name)) {
            return i + 1;
        }
    }
    return 0;
}

static void read_word(struct reader *r, struct moment *m)
{
    size_t start = r->at;
    if (m->has_time && take_zone(r, &m->zone)) {
        m->zoned = true;
        return;
    }
    while (r->at < r->size && article_is_letter((unsigned char)r->data[r->at])) {
        r->at++;
    }
    struct article_slice word = {r->data + start, r->at - start};
    int month = month_of(word);
    if (month > 0 && m->month == 0) {
        m->month = month;
    } else if (m->has_time && article_same(word, "pm")) {
        m->afternoon = true;
    } else if (m->has_time && article_same(word, "am")) {
        m->forenoon = true;
    }
}

static bool read_number(struct reader *r, struct moment *m)
{
    int value;
    int digits = take_number(r, 4, &value);
    if (digits <= 2 && peek(r) == ':' && !m->has_time) {
        m->hour = value;
        return take_clock(r, m);
    }
    if (digits == 4 && m->year == 0) {
        m->year = value;
    } else if (digits <= 2 && m->day == 0) {
        m->day = value;
    } else if (digits == 2 && m->year == 0 && m->month > 0) {
        m->year = value + (value < 70 ? 2000 : 1900); /* RFC 850 */
    } else {
        return false;
    }
    return true;
}

/* Day, month name and year in any order, a clock and a zone: RFC 822, RFC 850, asctime,
 * "May 1, 2024". */
static bool parse_words(struct article_slice text, struct moment *m)
{
    struct reader r = {text.data, text.size, 0};
    while (r.at < r.size) {
        unsigned char c = (unsigned char)r.data[r.at];
        if (article_is_digit(c)) {
            if (!read_number(&r, m)) {
                return false;
            }
        } else if (article_is_letter(c)) {
            read_word(&r, m);
        } else if (m->has_time && (c == '+' || c == '-')) {
            if (!take_zone(&r, &m->zone)) {
                return false;
            }
            m->zoned = true;
        } else if (c >= 0x80) {
            return false;
        } else {
            r.at++;
        }
    }
    return m->year > 0 && m->month > 0 && m->day > 0;
}

bool article_parse_local(struct article_slice text, int64_t *milliseconds, bool *local)
{
    struct moment iso = {0}, words = {0};
    text = article_trim(text);
    if (text.size < 8 || text.size > 64) {
        return false;
    }
    if (parse_iso(text, &iso)) {
        *local = iso.has_time && !iso.zoned;
        return finish(&iso, milliseconds);
    }
    if (!parse_words(text, &words)) {
        return false;
    }
    *local = words.has_time && !words.zoned;
    return finish(&words, milliseconds);
}

bool article_parse_date(struct article_slice text, int64_t *milliseconds)
{
    bool local;
    return article_parse_local(text, milliseconds, &local);
}

bool article_day(int year, int month, int day, int64_t *milliseconds)
{
    struct moment m = {.year = year, .month = month, .day = day};
    return finish(&m, milliseconds);
}

bool article_date_of_url(struct article_slice url, int64_t *milliseconds)
{
    for (size_t i = 0; i + 11 <= url.size; i++) {
        if (url.data[i] != '/') {
            continue;
        }
        struct reader r = {url.data, url.size, i + 1};
        struct moment m = {0};
        if (take_number(&r, 4, &m.year) != 4) {
            continue;
        }
        int separator = peek(&r);
        if (separator != '/' && separator != '-') {
            continue;
        }
        if (take(&r, (char)separator) && take_number(&r, 2, &m.month) == 2 &&
            take(&r, (char)separator) && take_number(&r, 2, &m.day) == 2 &&
            !article_is_digit((unsigned char)(r.at < r.size ? r.data[r.at] : '/')) &&
            finish(&m, milliseconds)) {
            return true;
        }
    }
    return false;
}
