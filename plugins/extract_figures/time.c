#include "calendar.h"
#include "period.h"

#include <stdio.h>
#include <string.h>

/* Dates, read before the numbers are, and what all times share. */

struct date {
    int year, month, day; /* 0: not given */
};

/* The whole number of a token of plain digits, -1 if it is none. */
int plain_whole(const struct reader *reader, int token)
{
    if (token < 0 || token >= reader->token_count ||
        reader->tokens[token].kind != TOKEN_DIGITS) {
        return -1;
    }
    const struct literal *literal = &reader->literals[reader->tokens[token].literal];
    int64_t whole;
    if (literal->flags || literal->digits > 4 ||
        !decimal_to_whole(literal->value, &whole)) {
        return -1;
    }
    return (int)whole;
}

int digits_of(const struct reader *reader, int token)
{
    return reader->literals[reader->tokens[token].literal].digits;
}

bool is_year(const struct reader *reader, int token)
{
    int year = plain_whole(reader, token);
    return year >= 1000 && year <= 2199 && digits_of(reader, token) == 4;
}

int whole_value(const struct reader *reader, int token, int role)
{
    const struct lexicon_sense *sense = token_sense(reader, token, role);
    int64_t whole;
    if (!sense || !decimal_to_whole(lexicon_value(reader->lexicon, sense), &whole)) {
        return -1;
    }
    return whole >= 0 && whole < 100000 ? (int)whole : -1;
}

const struct lexicon_sense *year_word(const struct reader *reader, int token, int word)
{
    const struct lexicon_sense *sense = token_sense(reader, token, ROLE_YEAR);
    while (sense && sense->value != word) {
        sense = token_sense_next(reader, token, ROLE_YEAR, sense);
    }
    return sense;
}

void add_time(struct reader *reader, int first, int end, const char *text,
              float confidence)
{
    if (reader->time_count == TIMES) {
        return;
    }
    struct time_mark *mark = &reader->times[reader->time_count++];
    memset(mark, 0, sizeof *mark);
    mark->first = first;
    mark->end = end;
    mark->confidence = confidence;
    snprintf(mark->text, sizeof mark->text, "%s", text);
    for (int i = first; i < end; i++) {
        reader->tokens[i].flags |= TOKEN_TIME;
    }
}

static void date_text(char out[40], struct date date)
{
    char year[12];
    if (date.year) {
        snprintf(year, sizeof year, "%04d", date.year % 100000);
    } else {
        snprintf(year, sizeof year, "-");
    }
    if (date.day && !date.month) {
        snprintf(out, 40, "---%02d", date.day);
    } else if (date.day) {
        snprintf(out, 40, "%s-%02d-%02d", year, date.month, date.day);
    } else if (date.month) {
        snprintf(out, 40, "%s-%02d", year, date.month);
    } else {
        snprintf(out, 40, "%s", year);
    }
}

static bool fits_date(struct date date)
{
    static const int lengths[13] = {31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return date.month >= 0 && date.month <= 12 && date.day >= 0 &&
           date.day <= lengths[date.month];
}

/* `27.`, `27th`, `the 28th of`, `الثامن والعشرين من`: a day before a month.
 * Returns the token after it, `at` if there is none. */
static int read_day(const struct reader *reader, int at, int *day)
{
    int next = at;
    *day = plain_whole(reader, at);
    if (*day > 0 && *day <= 31 && digits_of(reader, at) <= 2) {
        next = at + 1;
        if (token_is_sign(reader, next, '.') && token_glued(reader, next)) {
            next++;
        } else if (token_glued(reader, next) && token_has(reader, next, ROLE_ORDINAL)) {
            next++;
        }
    } else {
        *day = whole_value(reader, at, ROLE_ORDINAL);
        next = at + 1;
        int tens = next;
        while (tens < reader->token_count &&
               (reader->tokens[tens].kind == TOKEN_PREFIX ||
                token_is_sign(reader, tens, '-'))) {
            tens++;
        }
        int more = whole_value(reader, tens, ROLE_ORDINAL);
        more = more < 0 ? whole_value(reader, tens, ROLE_NUMBER) : more;
        if (*day > 0 && *day < 10 && tens > next && (more == 20 || more == 30)) {
            *day += more;
            next = tens + 1;
        }
    }
    if (*day < 1 || *day > 31) {
        return at;
    }
    while (token_has(reader, next, ROLE_SKIP) ||
           token_has(reader, next, ROLE_ARTICLE)) {
        next++;
    }
    return next;
}

/* A year after a month: `2024`, `, 2024`, `من عام 2024`. Returns the token after it. */
int read_year_after(const struct reader *reader, int at, int *year)
{
    int next = at;
    if (token_is_sign(reader, next, ',') || token_is_sign(reader, next, '.') ||
        token_is_sign(reader, next, '/')) {
        next++;
    }
    while (token_has(reader, next, ROLE_SKIP) || year_word(reader, next, YEAR_YEAR)) {
        next++;
    }
    if (is_year(reader, next)) {
        *year = plain_whole(reader, next);
        return next + 1;
    }
    return at;
}

/* `۱۵ خرداد ۱۴۰۳`, `15 رمضان 1445 هـ`: written down as the Gregorian days it covers. */
static bool read_other_calendar(struct reader *reader, int at, int month_at,
                                struct date date)
{
    int month;
    int calendar = calendar_of_month(date.month, &month);
    int end = read_year_after(reader, month_at + 1, &date.year);
    const struct lexicon_sense *name = token_sense(reader, month_at, ROLE_MONTH);
    char text[40] = "";
    bool weak = name && (name->attributes & ATTR_WEAK) && !date.day && !date.year;
    bool known = date.year ? calendar_text(text, calendar, date.year, month, date.day)
                           : calendar_yearless(text, calendar, month, date.day);
    if (weak || (date.year && !known)) {
        return false;
    }
    end += date.year && (year_word(reader, end, YEAR_HIJRI) ||
                         year_word(reader, end, YEAR_SOLAR_HIJRI));
    /* without a year a month that wanders has no ISO date, but is no number either */
    add_time(reader, at, end, text, date.year ? 0.9f : 0.7f);
    return true;
}

static bool read_month_date(struct reader *reader, int at)
{
    struct date date = {0, 0, 0};
    int month_at = read_day(reader, at, &date.day);
    if (month_at == at) {
        date.day = 0;
    }
    date.month = whole_value(reader, month_at, ROLE_MONTH);
    if (date.month > 12) {
        return read_other_calendar(reader, at, month_at, date);
    }
    if (date.month < 1 || !fits_date(date)) {
        return false;
    }
    const struct lexicon_sense *month = token_sense(reader, month_at, ROLE_MONTH);
    int next = month_at + 1;
    if (token_is_sign(reader, next, '.') && token_glued(reader, next) &&
        (month->attributes & ATTR_DOT)) {
        next++;
    }
    /* a second name of the month: `يناير/كانون الثاني`, `تشرين الأول (أكتوبر)` */
    int slash = next;
    if ((token_is_sign(reader, slash, '/') || token_is_sign(reader, slash, '(')) &&
        whole_value(reader, slash + 1, ROLE_MONTH) == date.month) {
        next = slash + 2;
        next += token_is_sign(reader, slash, '(') && token_is_sign(reader, next, ')');
    }
    int end = read_year_after(reader, next, &date.year);
    if (!date.day && !date.year) {
        /* March 5, 2024 */
        int day = plain_whole(reader, next);
        int after = next + 1;
        if (day > 0 && day <= 31 && digits_of(reader, next) <= 2) {
            after +=
                token_glued(reader, after) && token_has(reader, after, ROLE_ORDINAL);
            date.day = day;
            end = read_year_after(reader, after, &date.year);
        }
    }
    bool weak = (month->attributes & ATTR_WEAK) && !date.day && !date.year &&
                !token_has(reader, at - 1, ROLE_TIME);
    if (weak || !fits_date(date)) {
        return false;
    }
    char text[40];
    date_text(text, date);
    add_time(reader, at, end, text, 0.95f);
    return true;
}

static struct date ordered(const struct reader *reader, int a, int b, int c)
{
    struct date date = {c, b, a};
    if (a > 31) {
        date = (struct date){a, b, c};
    } else if (reader->language->date_order == ORDER_MDY || (b > 12 && a <= 12)) {
        date = (struct date){c, a, b};
    }
    if (date.month > 12 && date.day <= 12) {
        int swap = date.month;
        date.month = date.day;
        date.day = swap;
    }
    if (date.year < 100) {
        date.year += date.year < 70 ? 2000 : 1900;
    }
    return date;
}

/* 5/6/2024, 2024-05-06 */
static bool read_number_date(struct reader *reader, int at)
{
    int a = plain_whole(reader, at);
    int b = plain_whole(reader, at + 2);
    int c = plain_whole(reader, at + 4);
    bool slash =
        token_is_sign(reader, at + 1, '/') && token_is_sign(reader, at + 3, '/');
    bool dash =
        token_is_sign(reader, at + 1, '-') && token_is_sign(reader, at + 3, '-');
    if (a < 0 || b < 0 || c < 0 || (!slash && !dash) || !token_glued(reader, at + 1) ||
        !token_glued(reader, at + 4)) {
        return false;
    }
    bool year = digits_of(reader, at) == 4 || digits_of(reader, at + 4) == 4;
    struct date date = ordered(reader, a, b, c);
    if (!year || date.month < 1 || date.day < 1 || !fits_date(date)) {
        return false;
    }
    char text[40];
    date_text(text, date);
    add_time(reader, at, at + 5, text, 0.9f);
    return true;
}

/* 1995-01: a month, where the second number cannot be the year that ends a season */
static bool read_year_month(struct reader *reader, int at)
{
    int year = plain_whole(reader, at);
    int month = plain_whole(reader, at + 2);
    bool joined = token_is_sign(reader, at + 1, '-') && token_glued(reader, at + 1) &&
                  token_glued(reader, at + 2) && !token_glued(reader, at + 3);
    if (!is_year(reader, at) || !joined || month < 1 || month > 12 ||
        digits_of(reader, at + 2) != 2 || month >= year % 100) {
        return false;
    }
    char text[40];
    date_text(text, (struct date){.year = year, .month = month});
    add_time(reader, at, at + 3, text, 0.8f);
    return true;
}

/* 27.01.1820 is one literal that is no number */
static bool read_dotted_date(struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    const struct literal *literal = &reader->literals[token->literal];
    if (!(literal->flags & LITERAL_NAME)) {
        return false;
    }
    int parts[3] = {0, 0, 0};
    int lengths[3] = {0, 0, 0};
    int count = 0;
    for (uint32_t i = token->from; i < token->to; i++) {
        unsigned char byte = reader->folded[i];
        if (byte == '.') {
            if (++count > 2) {
                return false;
            }
            continue;
        }
        if (++lengths[count] > 4) {
            return false;
        }
        parts[count] = parts[count] * 10 + (byte - '0');
    }
    bool year = lengths[2] == 4 || lengths[0] == 4 || lengths[2] == 2;
    struct date date = ordered(reader, parts[0], parts[1], parts[2]);
    if (count != 2 || !year || date.month < 1 || date.day < 1 || !fits_date(date)) {
        return false;
    }
    char text[40];
    date_text(text, date);
    add_time(reader, at, at + 1, text, 0.9f);
    return true;
}

/* 2024年5月1日: year, month and day words after their digits. */
static bool read_marked_date(struct reader *reader, int at)
{
    static const char *const names[] = {"year", "month", "day"};
    struct date date = {0, 0, 0};
    int *fields[] = {&date.year, &date.month, &date.day};
    int next = at;
    int read = 0;
    for (int i = 0; i < 3; i++) {
        int value = plain_whole(reader, next);
        const struct lexicon_sense *unit = token_sense(reader, next + 1, ROLE_UNIT);
        bool word = unit && strcmp(lexicon_text(reader->lexicon, unit), names[i]) == 0;
        const struct lexicon_sense *month = token_sense(reader, next + 1, ROLE_MONTH);
        word = word || (i == 0 && year_word(reader, next + 1, YEAR_YEAR)) ||
               (i == 1 && month && (month->attributes & ATTR_SUFFIX));
        if (value > 0 && word && (i > 0 || digits_of(reader, next) == 4)) {
            *fields[i] = value;
            next += 2;
            read++;
        }
    }
    bool spaced = (reader->language->flags & LANGUAGE_SPACES) != 0;
    /* 8개월 and 10か月 are durations: a month alone needs its own mark */
    const struct lexicon_sense *mark = token_sense(reader, at + 1, ROLE_MONTH);
    if (read == 1 && date.month && !(mark && (mark->attributes & ATTR_SUFFIX))) {
        return false;
    }
    if (read < 1 || spaced || !(date.month || (date.day && !date.year)) ||
        !fits_date(date)) {
        return false;
    }
    char text[40];
    date_text(text, date);
    add_time(reader, at, next, text, 0.95f);
    return true;
}

/* `since 2023` is the interval 2023/.. */
static void widen(struct reader *reader, struct time_mark *mark)
{
    int before = mark->first - 1;
    while (before >= 0 && (reader->tokens[before].kind == TOKEN_PREFIX ||
                           token_has(reader, before, ROLE_ARTICLE))) {
        before--;
    }
    int word = time_word(reader, before);
    /* 2023年以降: the word of time stands after */
    bool behind = !(reader->language->flags & LANGUAGE_SPACES) &&
                  time_word(reader, mark->end) > TIME_IN;
    if (behind && word <= TIME_IN) {
        word = time_word(reader, mark->end);
        before = mark->first;
    } else {
        behind = false;
    }
    if (strchr(mark->text, '/') || strlen(mark->text) + 4 > sizeof mark->text ||
        mark->text[0] == 'T' || mark->text[0] == '\0') {
        return;
    }
    mark->end += behind;
    if (word == TIME_SINCE || word == TIME_AFTER) {
        strncat(mark->text, "/..", sizeof mark->text - strlen(mark->text) - 1);
        mark->first = before;
    } else if (word == TIME_UNTIL || word == TIME_BEFORE || word == TIME_BY) {
        char text[40];
        snprintf(text, sizeof text, "../%.35s", mark->text);
        memcpy(mark->text, text, sizeof text);
        mark->first = before;
    }
}

void read_times(struct reader *reader)
{
    const bool months = (reader->sentence_roles & ROLE_BIT(ROLE_MONTH)) != 0;
    const bool years = (reader->sentence_roles & ROLE_BIT(ROLE_YEAR)) != 0;
    const bool spaced = (reader->language->flags & LANGUAGE_SPACES) != 0;
    reader->time_count = 0;
    for (int i = 0, next = 0; i < reader->active_count; i++) {
        int at = reader->active[i];
        struct token *token = &reader->tokens[at];
        if (at < next) {
            continue;
        }
        const uint64_t roles =
            ROLE_BIT(ROLE_ORDINAL) | ROLE_BIT(ROLE_MONTH) | ROLE_BIT(ROLE_YEAR) |
            ((reader->language->flags & LANGUAGE_MYRIAD) ? ROLE_BIT(ROLE_NUMBER) : 0);
        bool digits = token->kind == TOKEN_DIGITS;
        bool quarter = year_word(reader, at, YEAR_QUARTER) != NULL;
        if ((!digits && !(token->roles & roles)) || (token->flags & TOKEN_TIME) ||
            ((token->flags & TOKEN_DEAD) && !quarter)) {
            continue;
        }
        bool read = (months && read_month_date(reader, at)) ||
                    (years && (read_quarter(reader, at) || read_century(reader, at) ||
                               read_decade(reader, at) || read_word_year(reader, at)));
        if (!read && digits) {
            read = read_fiscal(reader, at) ||
                   (!spaced && read_marked_date(reader, at)) ||
                   read_number_date(reader, at) || read_year_month(reader, at) ||
                   read_dotted_date(reader, at) || read_clock(reader, at) ||
                   (years && read_era(reader, at)) || read_year(reader, at);
        }
        if (read) {
            widen(reader, &reader->times[reader->time_count - 1]);
            next = reader->times[reader->time_count - 1].end;
        }
    }
}
