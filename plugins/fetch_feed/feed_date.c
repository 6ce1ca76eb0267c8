#include "feed_date.h"

#include "feed_date_words.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define FIRST  INT64_C(631152000000) /* 1990-01-01 */

struct moment {
    int year, month, day, hour, minute, second, millisecond;
    int offset; /* minutes east of UTC */
};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};

struct zone {
    const char *name;
    int offset; /* minutes */
};

static const struct zone zones[] = {
    {"UTC", 0},    {"GMT", 0},    {"UT", 0},     {"Z", 0},      {"WET", 0},
    {"BST", 60},   {"WEST", 60},  {"CET", 60},   {"MET", 60},   {"CEST", 120},
    {"MEST", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180},  {"MSD", 240},
    {"JST", 540},  {"KST", 540},  {"AEST", 600}, {"AEDT", 660}, {"EST", -300},
    {"EDT", -240}, {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360},
    {"PST", -480}, {"PDT", -420},
};

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return text;
}

/* Between `least` and `most` digits; NULL when there are fewer. */
static const char *read_digits(const char *text, int least, int most, int *number)
{
    int count = 0;
    *number = 0;
    while (count < most && isdigit((unsigned char)text[count])) {
        *number = *number * 10 + (text[count] - '0');
        count++;
    }
    return count < least ? NULL : text + count;
}

static size_t word_size(const char *text)
{
    size_t size = 0;
    while (isalpha((unsigned char)text[size])) {
        size++;
    }
    return size;
}

/* `jan`, `January`, `Sept.`: three letters decide. */
static const char *read_month(const char *text, int *month)
{
    size_t size = word_size(text);
    for (int i = 0; size >= 3 && i < 12; i++) {
        if (strncasecmp(text, months[i], 3) == 0) {
            *month = i + 1;
            text += size;
            return *text == '.' ? text + 1 : text;
        }
    }
    return NULL;
}

/* `10:00`, `10:00:05`, `10:00:05.123`; hours and minutes may have one digit; then
 * perhaps am or pm. */
static const char *read_clock(const char *text, struct moment *moment)
{
    text = read_digits(text, 1, 2, &moment->hour);
    if (text == NULL || *text != ':') {
        return NULL;
    }
    text = read_digits(text + 1, 1, 2, &moment->minute);
    if (text != NULL && *text == ':') {
        text = read_digits(text + 1, 1, 2, &moment->second);
    }
    if (text != NULL && (*text == '.' || *text == ',')) {
        int weight = 100;
        for (text++; isdigit((unsigned char)*text); text++) {
            moment->millisecond += (*text - '0') * weight;
            weight /= 10;
        }
    }
    if (text != NULL) {
        const char *half = skip_blanks(text);
        bool afternoon = strncasecmp(half, "pm", 2) == 0;
        if ((afternoon || strncasecmp(half, "am", 2) == 0) && word_size(half) == 2 &&
            moment->hour >= 1 && moment->hour <= 12) {
            moment->hour = moment->hour % 12 + (afternoon ? 12 : 0);
            text = half + 2;
        }
    }
    return text;
}

/* `+0300`, `+03:00`, `-5`; NULL when it is none. */
static const char *read_offset(const char *text, int *offset)
{
    int sign = *text == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    const char *start = text + 1;
    if (*text != '+' && *text != '-') {
        return NULL;
    }
    text = read_digits(start, 1, 2, &hours);
    if (text == NULL) {
        return NULL;
    }
    if (*text == ':') {
        text = read_digits(text + 1, 2, 2, &minutes);
    } else if (isdigit((unsigned char)*text)) {
        text = read_digits(text, 2, 2, &minutes);
    }
    if (text == NULL || hours > 14 || minutes > 59) {
        return NULL;
    }
    *offset = sign * (hours * 60 + minutes);
    return text;
}

/* A zone that is not known, or none, leaves UTC. */
static void read_zone(const char *text, struct moment *moment)
{
    text = skip_blanks(text);
    size_t size = word_size(text);
    for (size_t i = 0; size > 0 && i < sizeof zones / sizeof *zones; i++) {
        if (strlen(zones[i].name) == size &&
            strncasecmp(text, zones[i].name, size) == 0) {
            moment->offset = zones[i].offset;
            break;
        }
    }
    /* "GMT+3", "UTC +0300" */
    int offset = 0;
    if (read_offset(skip_blanks(text + size), &offset) != NULL) {
        moment->offset += offset;
    }
}

static const char *read_year(const char *text, int *year)
{
    const char *start = text;
    text = read_digits(text, 2, 4, year);
    if (text != NULL && text - start == 2) {
        *year += *year < 70 ? 2000 : 1900;
    }
    return text != NULL && text - start != 3 ? text : NULL;
}

static const char *skip_separators(const char *text)
{
    while (isspace((unsigned char)*text) || *text == '-' || *text == ',' ||
           *text == '/' || *text == '.') {
        text++;
    }
    return text;
}

/* A leading weekday, whether right or not. */
static const char *skip_weekday(const char *text)
{
    int month = 0;
    size_t size = word_size(text);
    if (size == 0 || (read_month(text, &month) != NULL && text[size] != ',')) {
        return text;
    }
    return skip_separators(text + size);
}

/* `03 Sep 2025 10:00:00 GMT`, `03-Sep-25 10:00:00 GMT`, `Sep  3 10:00:00 2025`,
 * `Sep 3, 2025 10:00`. */
static bool read_named_month(const char *text, struct moment *moment)
{
    text = skip_weekday(text);
    const char *next = read_month(text, &moment->month);
    if (next != NULL) {
        text = read_digits(skip_separators(next), 1, 2, &moment->day);
    } else {
        text = read_digits(text, 1, 2, &moment->day);
        text = text == NULL ? NULL : read_month(skip_separators(text), &moment->month);
    }
    if (text == NULL) {
        return false;
    }
    text = skip_separators(text);
    next = read_clock(text, moment);
    if (next != NULL) {
        /* asctime: the year comes last, sometimes after a zone. */
        next = skip_blanks(next);
        read_zone(next, moment);
        next = skip_blanks(next + word_size(next));
        return read_year(next, &moment->year) != NULL;
    }
    moment->hour = moment->minute = moment->second = moment->millisecond = 0;
    text = read_year(text, &moment->year);
    if (text == NULL) {
        return false;
    }
    text = skip_separators(text);
    next = read_clock(text, moment);
    if (next == NULL) {
        moment->hour = moment->minute = 0;
        return true;
    }
    read_zone(next, moment);
    return true;
}

/* `2025-09-03T10:00:00Z`, `2025-09-03 10:00`, `20250903T100000Z`, `2025-09`. */
static bool read_numeric(const char *text, struct moment *moment)
{
    text = read_digits(text, 4, 4, &moment->year);
    if (text == NULL) {
        return false;
    }
    bool basic = isdigit((unsigned char)*text) != 0;
    char mark = *text;
    if (!basic && mark != '-' && mark != '/') {
        return false;
    }
    text = read_digits(basic ? text : text + 1, basic ? 2 : 1, 2, &moment->month);
    moment->day = 1;
    if (text != NULL && (basic || *text == mark)) {
        text = read_digits(basic ? text : text + 1, basic ? 2 : 1, 2, &moment->day);
    }
    if (text == NULL || isdigit((unsigned char)*text)) {
        return false;
    }
    const char *next = skip_blanks(*text == 'T' || *text == 't' ? text + 1 : text);
    const char *end = read_clock(next, moment);
    if (end == NULL && basic) {
        moment->hour = 0;
        end = read_digits(next, 2, 2, &moment->hour);
        end = end == NULL ? NULL : read_digits(end, 2, 2, &moment->minute);
        end = end == NULL || !isdigit((unsigned char)*end)
                  ? end
                  : read_digits(end, 2, 2, &moment->second);
    }
    if (end == NULL) {
        moment->hour = moment->minute = moment->second = 0;
        return *next == '\0';
    }
    read_zone(end, moment);
    return true;
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days since 1970-01-01; the year starts in March, so that leap days come last. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_of_year = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_of_year + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool parse(const char *text, int64_t *time)
{
    struct moment moment = {.year = 0};
    text = skip_blanks(text);
    if (!read_numeric(text, &moment)) {
        moment = (struct moment){.year = 0};
        if (!read_named_month(text, &moment)) {
            return false;
        }
    }
    if (moment.month < 1 || moment.month > 12 || moment.day < 1 ||
        moment.day > month_length(moment.year, moment.month) || moment.hour > 24 ||
        moment.minute > 59 || moment.second > 60 ||
        (moment.hour == 24 && (moment.minute > 0 || moment.second > 0))) {
        return false;
    }
    int64_t value = days_since_epoch(moment.year, moment.month, moment.day) * DAY +
                    moment.hour * HOUR + (moment.minute - moment.offset) * MINUTE +
                    moment.second * INT64_C(1000) + moment.millisecond;
    if (value < FIRST) {
        return false;
    }
    *time = value;
    return true;
}

/* Names of other languages when English ones do not do: "mar" is March before it is a
 * Tuesday somewhere. */
bool feed_date_parse(const char *text, int64_t *time)
{
    char translated[FEED_DATE_MOST];
    return parse(text, time) ||
           (feed_date_translate(text, translated) && parse(translated, time));
}
