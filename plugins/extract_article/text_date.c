#include "text_date.h"

#include <string.h>

#include "dates.h"
#include "text.h"

#define TEXT_LIMIT 400 /* bytes that are looked at */
#define PART_LIMIT 24
#define WORD_LIMIT 40

enum part_kind { PART_NUMBER, PART_MONTH, PART_MARK };

/* A number, the name of a month, or a character between them. */
struct part {
    enum part_kind kind;
    int value, digits;
    uint32_t mark;
    size_t start, end;
};

struct parts {
    struct part items[PART_LIMIT];
    size_t count;
};

/* The value of a decimal digit, or -1. */
static int digit_of(uint32_t code)
{
    static const uint32_t zeros[] = {'0',   0x660, 0x6f0,  0x966,  0x9e6, 0xa66,
                                     0xae6, 0xb66, 0xbe6,  0xc66,  0xce6, 0xd66,
                                     0xe50, 0xed0, 0x1040, 0x17e0, 0xff10};
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (code >= zeros[i] && code <= zeros[i] + 9) {
            return (int)(code - zeros[i]);
        }
    }
    return -1;
}

/* Letters, and marks that stand in words; what is none parts them. */
static bool is_letter(uint32_t code)
{
    if (code < 0x80) {
        return article_is_letter((unsigned char)code);
    }
    return code >= 0xc0 && code != 0xd7 && code != 0xf7 && code != 0x60c &&
           digit_of(code) < 0 &&
           !(code >= 0x2000 && code <= 0x206f && code != 0x200c) &&
           !(code >= 0x3000 && code <= 0x303f) && code < 0xff00;
}

static uint32_t lower(uint32_t code)
{
    if (code < 0x80) {
        return (uint32_t)(unsigned char)article_lower((char)code);
    }
    if ((code >= 0xc0 && code <= 0xde) || (code >= 0x391 && code <= 0x3a9) ||
        (code >= 0x410 && code <= 0x42f)) {
        return code + 0x20;
    }
    if (code >= 0x400 && code <= 0x40f) {
        return code + 0x50;
    }
    if (code >= 0x139 && code <= 0x148) {
        return code + (code & 1);
    }
    return code >= 0x100 && code <= 0x177 ? code | 1 : code;
}

static bool same_language(struct article_slice language, const char *tag)
{
    size_t size = strlen(tag);
    return language.size >= size && article_begins(language, tag) &&
           (language.size == size || language.data[size] == '-');
}

/* The month that a word names in the language, or, when none is given or it has no such
 * word, in most others. 0: none. */
static int month_of(const char *word, struct article_slice language)
{
    size_t low = 0, high = article_month_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(article_month_words + article_months[middle].word, word) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    int votes[33] = {0}, best = 0;
    for (; low < article_month_count &&
           strcmp(article_month_words + article_months[low].word, word) == 0;
         low++) {
        int month = article_months[low].month;
        if (same_language(language, article_months[low].language)) {
            return month;
        }
        best = ++votes[month] > votes[best] || best == 0 ? month : best;
    }
    /* Words of two letters are names of months in some language or other. */
    return strlen(word) > 2 ? best : 0;
}

/* A word and, where the month is named by two, the next. */
static size_t read_word(struct article_slice text, size_t at,
                        struct article_slice language, struct part *part)
{
    char word[WORD_LIMIT + 8];
    size_t size = 0, end = at, first_end = 0;
    int month = 0;
    for (int words = 0; words < 2; words++) {
        size_t i = end;
        if (words == 1) {
            if (i >= text.size || text.data[i] != ' ') {
                break;
            }
            word[size++] = ' ';
            i++;
        }
        while (i < text.size && size < WORD_LIMIT) {
            uint32_t code;
            size_t step =
                article_utf8_next((const unsigned char *)text.data + i,
                                  (const unsigned char *)text.data + text.size, &code);
            if (code == ARTICLE_INVALID || !is_letter(code)) {
                break;
            }
            size += article_utf8_put(lower(code), word + size);
            i += step;
        }
        word[size] = '\0';
        end = i;
        if (words == 0) {
            first_end = end;
        }
        int found = month_of(word, language);
        if (found > 0) {
            month = found;
            part->end = end;
        }
    }
    part->kind = PART_MONTH;
    part->value = month;
    part->start = at;
    if (month == 0) {
        part->kind = PART_MARK;
        part->mark = 'w';
        part->end = first_end > at ? first_end : at + 1;
    }
    return part->end;
}

static size_t read_part(struct article_slice text, size_t at,
                        struct article_slice language, struct part *part)
{
    const unsigned char *end = (const unsigned char *)text.data + text.size;
    uint32_t code;
    size_t step = article_utf8_next((const unsigned char *)text.data + at, end, &code);
    memset(part, 0, sizeof(*part));
    part->start = at;
    if (code != ARTICLE_INVALID && digit_of(code) >= 0) {
        part->kind = PART_NUMBER;
        while (at < text.size) {
            step = article_utf8_next((const unsigned char *)text.data + at, end, &code);
            if (code == ARTICLE_INVALID || digit_of(code) < 0) {
                break;
            }
            part->digits++;
            part->value = part->digits <= 4 ? part->value * 10 + digit_of(code) : 0;
            at += step;
        }
        part->end = at;
        return at;
    }
    /* 年 月 日, 년 월 일: letters that follow numbers without a blank. */
    if (code == 0x5e74 || code == 0x6708 || code == 0x65e5 || code == 0xb144 ||
        code == 0xc6d4 || code == 0xc77c) {
        part->kind = PART_MARK;
        part->mark = code;
        part->end = at + step;
        return part->end;
    }
    if (code != ARTICLE_INVALID && is_letter(code)) {
        return read_word(text, at, language, part);
    }
    part->kind = PART_MARK;
    part->mark = code;
    part->end = at + step;
    return part->end;
}

/* Blanks, commas and words that join ("de", "of") count for nothing between day, month
 * and year. */
static bool is_join(const struct part *part)
{
    return part->kind == PART_MARK &&
           (part->mark == ' ' || part->mark == ',' || part->mark == 'w' ||
            part->mark == '.' || part->mark == 0x60c || part->mark == 0xa0 ||
            part->mark == 0xba);
}

struct date {
    int year, month, day, hour, minute;
    size_t first, last; /* parts */
};

/* Index of the next part that is no joint, at most two joints of words away. */
static size_t next_solid(const struct parts *parts, size_t i)
{
    int words = 0;
    for (i++; i < parts->count && is_join(&parts->items[i]); i++) {
        words += parts->items[i].mark == 'w';
        if (words > 1) {
            return parts->count;
        }
    }
    return i;
}

static bool is_year(const struct part *part)
{
    return part->kind == PART_NUMBER && part->digits == 4;
}

static bool is_day(const struct part *part)
{
    return part->kind == PART_NUMBER && part->digits <= 2 && part->value >= 1 &&
           part->value <= 31;
}

/* 24 November 2025, November 24 2025, 2025 November 24. */
static bool read_named(const struct parts *parts, size_t i, struct date *date)
{
    size_t second = next_solid(parts, i);
    size_t third = second < parts->count ? next_solid(parts, second) : second;
    if (third >= parts->count) {
        return false;
    }
    const struct part *a = &parts->items[i], *b = &parts->items[second],
                      *c = &parts->items[third];
    const struct part *month = a->kind == PART_MONTH ? a : b;
    const struct part *day = a->kind == PART_MONTH ? b : is_day(a) ? a : c;
    const struct part *year = is_year(a) ? a : c;
    if (month->kind != PART_MONTH || !is_day(day) || !is_year(year) || day == year) {
        return false;
    }
    *date = (struct date){
        .year = year->value, .month = month->value, .day = day->value, .first = i};
    date->last = third;
    return true;
}

/* 24.11.2025, 24/11/2025, 2025-11-24, 2025年11月24日; `american`: month before day. */
static bool read_numbers(const struct parts *parts, size_t i, bool american,
                         struct date *date)
{
    if (parts->items[i].kind != PART_NUMBER) {
        return false;
    }
    size_t at[3] = {i, 0, 0};
    uint32_t marks[2];
    for (int k = 0; k < 2; k++) {
        size_t mark = at[k] + 1, next = mark + 1;
        if (next >= parts->count || parts->items[mark].kind != PART_MARK) {
            return false;
        }
        marks[k] = parts->items[mark].mark;
        while (next < parts->count && parts->items[next].kind == PART_MARK &&
               parts->items[next].mark == ' ') {
            next++;
        }
        if (next >= parts->count || parts->items[next].kind != PART_NUMBER) {
            return false;
        }
        at[k + 1] = next;
    }
    bool cut =
        marks[0] == marks[1] && (marks[0] == '.' || marks[0] == '/' || marks[0] == '-');
    bool east = (marks[0] == 0x5e74 && marks[1] == 0x6708) ||
                (marks[0] == 0xb144 && marks[1] == 0xc6d4);
    const struct part *a = &parts->items[at[0]], *b = &parts->items[at[1]],
                      *c = &parts->items[at[2]];
    date->first = i;
    date->last = at[2];
    if ((cut || east) && is_year(a) && is_day(b) && is_day(c)) {
        date->year = a->value;
        date->month = b->value;
        date->day = c->value;
        if (east && date->last + 1 < parts->count &&
            parts->items[date->last + 1].kind == PART_MARK) {
            date->last++;
        }
        return true;
    }
    if (!cut || !is_day(a) || !is_day(b) || !is_year(c)) {
        return false;
    }
    bool first_is_month = b->value > 12 || (american && a->value <= 12);
    date->year = c->value;
    date->month = first_is_month ? a->value : b->value;
    date->day = first_is_month ? b->value : a->value;
    return true;
}

/* A clock within four parts behind the date: 06:52, 14.30 Uhr is left out. */
static bool read_clock(const struct parts *parts, struct date *date)
{
    int others = 0;
    for (size_t i = date->last + 1; i + 2 < parts->count && others < 6; i++, others++) {
        const struct part *hour = &parts->items[i], *minute = &parts->items[i + 2];
        if (hour->kind == PART_NUMBER && hour->digits <= 2 && hour->value <= 23 &&
            parts->items[i + 1].kind == PART_MARK && parts->items[i + 1].mark == ':' &&
            minute->kind == PART_NUMBER && minute->digits == 2 && minute->value <= 59) {
            date->hour = hour->value;
            date->minute = minute->value;
            date->last = i + 2;
            return true;
        }
    }
    return false;
}

/* Days since 1970-01-01 of a date of the Persian calendar, by its 33-year cycle, which
 * holds from 1244 to 1500. */
static int64_t days_of_persian(int year, int month, int day)
{
    int64_t y = year - 1;
    int64_t leaps = (y / 33) * 8 + ((y % 33) + 3) / 4;
    int64_t of_year = month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30;
    return y * 365 + leaps + of_year + day - 1 - 492268;
}

static bool finish(const struct date *date, struct article_slice language,
                   int64_t *milliseconds)
{
    int year = date->year;
    int month = date->month > 20 ? date->month - 20 : date->month;
    int64_t clock = (date->hour * INT64_C(60) + date->minute) * 60000;
    bool persian = year >= 1300 && year <= 1500 &&
                   (date->month > 20 || same_language(language, "fa"));
    if (month < 1 || month > 12) {
        return false;
    }
    if (persian) {
        *milliseconds = days_of_persian(year, month, date->day) * 86400000 + clock;
        return true;
    }
    if (year >= 2400 && year <= 2700 && same_language(language, "th")) {
        year -= 543;
    }
    if (date->month > 20 || year < 1990 || year > 2100) {
        return false;
    }
    if (!article_day(year, month, date->day, milliseconds)) {
        return false;
    }
    *milliseconds += clock;
    return true;
}

bool article_find_text_date(struct article_slice text, struct article_slice language,
                            struct article_text_date *out)
{
    struct parts parts = {.count = 0};
    bool american = article_same(language, "en-US");
    size_t at = 0;
    if (text.size > TEXT_LIMIT) {
        text.size = TEXT_LIMIT;
    }
    while (at < text.size && parts.count < PART_LIMIT) {
        at = read_part(text, at, language, &parts.items[parts.count]);
        parts.count++;
    }
    for (size_t i = 0; i < parts.count; i++) {
        struct date date = {0};
        if (!read_numbers(&parts, i, american, &date) &&
            !(parts.items[i].kind != PART_MARK && read_named(&parts, i, &date))) {
            continue;
        }
        out->has_clock = read_clock(&parts, &date);
        out->start = parts.items[date.first].start;
        out->end = parts.items[date.last].end;
        if (finish(&date, language, &out->milliseconds)) {
            return true;
        }
    }
    return false;
}

int article_zone_of_language(struct article_slice language)
{
    static const struct {
        const char *tag;
        int minutes;
    } zones[] = {{"zh", 480}, {"ja", 540}, {"ko", 540}, {"th", 420}, {"vi", 420},
                 {"hi", 330}, {"ta", 330}, {"te", 330}, {"bn", 360}, {"fa", 210},
                 {"tr", 180}, {"ka", 240}, {"hy", 240}, {"km", 420}, {"lo", 420},
                 {"my", 390}, {"ne", 345}, {"si", 330}, {"ur", 300}, {"kk", 300}};
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (same_language(language, zones[i].tag)) {
            return zones[i].minutes;
        }
    }
    return 0;
}
