#include "reader.h"

#include <stdio.h>
#include <string.h>

/* Dates, years, decades, quarters and clock times, read before the numbers are. */

struct date {
    int year, month, day; /* 0: not given */
};

/* The whole number of a token of plain digits, -1 if it is none. */
static int plain(const struct reader *reader, int token)
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

static int digits_of(const struct reader *reader, int token)
{
    return reader->literals[reader->tokens[token].literal].digits;
}

static bool is_year(const struct reader *reader, int token)
{
    int year = plain(reader, token);
    return year >= 1000 && year <= 2199 && digits_of(reader, token) == 4;
}

static int value_of(const struct reader *reader, int token, int role)
{
    const struct lexicon_sense *sense = token_sense(reader, token, role);
    int64_t whole;
    if (!sense || !decimal_to_whole(lexicon_value(reader->lexicon, sense), &whole)) {
        return -1;
    }
    return whole >= 0 && whole < 100000 ? (int)whole : -1;
}

static const struct lexicon_sense *year_word(const struct reader *reader, int token,
                                             int word)
{
    const struct lexicon_sense *sense = token_sense(reader, token, ROLE_YEAR);
    while (sense && sense->value != word) {
        sense = token_sense_next(reader, token, ROLE_YEAR, sense);
    }
    return sense;
}

static void add_time(struct reader *reader, int first, int end, const char *text,
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
    *day = plain(reader, at);
    if (*day > 0 && *day <= 31 && digits_of(reader, at) <= 2) {
        next = at + 1;
        if (token_is_sign(reader, next, '.') && token_glued(reader, next)) {
            next++;
        } else if (token_glued(reader, next) && token_has(reader, next, ROLE_ORDINAL)) {
            next++;
        }
    } else {
        *day = value_of(reader, at, ROLE_ORDINAL);
        next = at + 1;
        int tens = next;
        while (tens < reader->token_count &&
               (reader->tokens[tens].kind == TOKEN_PREFIX ||
                token_is_sign(reader, tens, '-'))) {
            tens++;
        }
        int more = value_of(reader, tens, ROLE_ORDINAL);
        more = more < 0 ? value_of(reader, tens, ROLE_NUMBER) : more;
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
static int read_year_after(const struct reader *reader, int at, int *year)
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
        *year = plain(reader, next);
        return next + 1;
    }
    return at;
}

static bool read_month_date(struct reader *reader, int at)
{
    struct date date = {0, 0, 0};
    int month_at = read_day(reader, at, &date.day);
    if (month_at == at) {
        date.day = 0;
    }
    date.month = value_of(reader, month_at, ROLE_MONTH);
    if (date.month < 1 || date.month > 12 || !fits_date(date)) {
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
        value_of(reader, slash + 1, ROLE_MONTH) == date.month) {
        next = slash + 2;
        next += token_is_sign(reader, slash, '(') && token_is_sign(reader, next, ')');
    }
    int end = read_year_after(reader, next, &date.year);
    if (!date.day && !date.year) {
        /* March 5, 2024 */
        int day = plain(reader, next);
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
    int a = plain(reader, at);
    int b = plain(reader, at + 2);
    int c = plain(reader, at + 4);
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
    int year = plain(reader, at);
    int month = plain(reader, at + 2);
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

/* klokken 14.30, kl. 16, pukul 9: the clock word stands before */
static bool read_clock_behind(struct reader *reader, int at)
{
    int before = at - 1;
    if (token_is_sign(reader, before, '.') && token_glued(reader, before)) {
        before--;
    }
    const struct lexicon_sense *word =
        before >= 0 ? year_word(reader, before, YEAR_CLOCK) : NULL;
    bool counted = before > 0 && reader->tokens[before - 1].kind == TOKEN_DIGITS;
    if (!word || (word->attributes & ATTR_AFTER) || counted ||
        reader->tokens[at].kind != TOKEN_DIGITS) {
        return false;
    }
    figures_decimal hundredths = decimal_multiply(
        reader->literals[reader->tokens[at].literal].value, decimal_from(100, 0));
    int64_t whole;
    if (!decimal_to_whole(hundredths, &whole) || whole < 0 || whole > 2400 ||
        whole % 100 > 59) {
        return false;
    }
    char text[40];
    snprintf(text, sizeof text, "T%02d:%02d", (int)(whole / 100), (int)(whole % 100));
    add_time(reader, at, at + 1, text, 0.9f);
    return true;
}

/* 23:45, 23.45 Uhr, 5 pm */
static bool read_clock(struct reader *reader, int at)
{
    int hour = plain(reader, at);
    int minute = plain(reader, at + 2);
    char text[40];
    if (hour >= 0 && hour < 25 && minute >= 0 && minute < 60 &&
        token_is_sign(reader, at + 1, ':') && token_glued(reader, at + 1) &&
        token_glued(reader, at + 2) && digits_of(reader, at + 2) == 2 &&
        !(token_is_sign(reader, at - 1, ':') && token_glued(reader, at))) {
        int end = at + 3;
        if (token_is_sign(reader, end, ':') && plain(reader, end + 1) >= 0) {
            end += 2;
        }
        end += year_word(reader, end, YEAR_CLOCK) != NULL;
        snprintf(text, sizeof text, "T%02d:%02d", hour, minute);
        add_time(reader, at, end, text, 0.9f);
        return true;
    }
    if (reader->tokens[at].kind != TOKEN_DIGITS ||
        !year_word(reader, at + 1, YEAR_CLOCK)) {
        return read_clock_behind(reader, at);
    }
    const struct literal *literal = &reader->literals[reader->tokens[at].literal];
    int64_t whole;
    figures_decimal hundredths = decimal_multiply(literal->value, decimal_from(100, 0));
    if (!decimal_to_whole(hundredths, &whole) || whole < 0 || whole > 2460 ||
        whole % 100 > 59) {
        return false;
    }
    /* 10시 30분, 10時30分 */
    int end = at + 2;
    int minutes = plain(reader, end);
    const struct lexicon_sense *unit = token_sense(reader, end + 1, ROLE_UNIT);
    if (whole % 100 == 0 && minutes >= 0 && minutes < 60 && unit &&
        strcmp(lexicon_text(reader->lexicon, unit), "minute") == 0) {
        whole += minutes;
        end += 2;
    }
    snprintf(text, sizeof text, "T%02d:%02d", (int)(whole / 100), (int)(whole % 100));
    add_time(reader, at, end, text, 0.9f);
    return true;
}

/* 1980s, 70er Jahre, التسعينات */
static bool read_decade(struct reader *reader, int at)
{
    char text[40];
    const struct lexicon_sense *word = year_word(reader, at, YEAR_DECADE);
    if (word && word->text) {
        snprintf(text, sizeof text, "%.3sX", lexicon_text(reader->lexicon, word));
        add_time(reader, at, at + 1, text, 0.85f);
        return true;
    }
    int year = plain(reader, at);
    if (year < 0 || year % 10 != 0 || !year_word(reader, at + 1, YEAR_DECADE)) {
        return false;
    }
    if (year < 100) {
        year += year < 30 ? 2000 : 1900;
    }
    if (year < 1000 || year > 2199) {
        return false;
    }
    int end = at + 2;
    while (year_word(reader, end, YEAR_DECADE)) {
        end++;
    }
    snprintf(text, sizeof text, "%03dX", year / 10);
    add_time(reader, at, end, text, 0.9f);
    return true;
}

/* 512-511 BC, 300 v. Chr. */
static bool read_era(struct reader *reader, int at)
{
    int first = plain(reader, at);
    int last = first;
    int end = at + 1;
    if (first >= 0 && token_is_sign(reader, end, '-') && plain(reader, end + 1) >= 0) {
        last = plain(reader, end + 1);
        end += 2;
    }
    bool before = year_word(reader, end, YEAR_BC) != NULL;
    if (first < 0 || (!before && !year_word(reader, end, YEAR_AD))) {
        return false;
    }
    char text[40];
    const char *sign = before ? "-" : "";
    if (end > at + 1) {
        snprintf(text, sizeof text, "%s%04d/%s%04d", sign, first, sign, last);
    } else {
        snprintf(text, sizeof text, "%s%04d", sign, first);
    }
    add_time(reader, at, end + 1, text, 0.9f);
    return true;
}

static int time_word(const struct reader *reader, int at)
{
    const struct lexicon_sense *sense = token_sense(reader, at, ROLE_TIME);
    return sense ? sense->value : -1;
}

/* What stands before a year: its marks, articles, prefixes. */
static int before_year(const struct reader *reader, int at, bool *marked)
{
    int before = at - 1;
    while (before >= 0 && (reader->tokens[before].kind == TOKEN_PREFIX ||
                           token_has(reader, before, ROLE_ARTICLE) ||
                           year_word(reader, before, YEAR_YEAR))) {
        *marked = *marked || year_word(reader, before, YEAR_YEAR);
        before--;
    }
    return before;
}

/* `2013-14`, `1904 and 1914` after a mark of years. */
static int year_range(const struct reader *reader, int at, bool marked, int *last)
{
    int next = at + 1;
    int first = plain(reader, at);
    bool dash = token_is_sign(reader, next, '-') || token_is_sign(reader, next, '/');
    bool prefix =
        next < reader->token_count && reader->tokens[next].kind == TOKEN_PREFIX;
    if (!dash && !(marked && (prefix || token_has(reader, next, ROLE_RANGE)))) {
        return at + 1;
    }
    while (next < reader->token_count &&
           (reader->tokens[next].kind == TOKEN_PREFIX ||
            token_is_sign(reader, next, '-') || token_is_sign(reader, next, '/') ||
            token_has(reader, next, ROLE_RANGE) ||
            year_word(reader, next, YEAR_YEAR))) {
        next++;
    }
    int second = plain(reader, next);
    if (second < 0) {
        return at + 1;
    }
    if (digits_of(reader, next) == 2 && dash) {
        second += first / 100 * 100;
    }
    if (second <= first || second > 2199 || second < 1000) {
        return at + 1;
    }
    *last = second;
    return next + 1;
}

/* A number that may be a year without a word that says so. */
static bool looks_like_year(const struct reader *reader, int at, int end)
{
    int year = plain(reader, at);
    if (year < 1900 || year > 2049 || reader->whole_text_only_number) {
        return false;
    }
    uint64_t qualifiers = ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_APPROX) |
                          ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_MINUS);
    uint64_t units = ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                     ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_COUNTER) |
                     ROLE_BIT(ROLE_PARTICIPLE);
    if (at > 0 && ((reader->tokens[at - 1].roles & qualifiers) ||
                   token_is_sign(reader, at - 1, '-'))) {
        return false;
    }
    if (end < reader->token_count &&
        ((reader->tokens[end].roles & units) || token_is_sign(reader, end, '-') ||
         (token_glued(reader, end) && reader->tokens[end].kind != TOKEN_SIGN))) {
        return false;
    }
    if (reader->language->flags & LANGUAGE_BARE_YEARS) {
        return true;
    }
    bool word_after = end < reader->token_count &&
                      reader->tokens[end].kind == TOKEN_WORD &&
                      !(reader->tokens[end].roles & ROLE_BIT(ROLE_STOP));
    return !word_after || token_has(reader, at - 1, ROLE_ARTICLE);
}

/* `In 2024 Russia produced`, `מאז 2022 נהרגו`: a word of time before a likely year, and
 * behind it a word that is not known to be counted. */
static bool cue_speaks(const struct reader *reader, int before, int end)
{
    int at = end - 1;
    int year = plain(reader, at);
    int word = time_word(reader, before);
    const uint64_t counted = ROLE_BIT(ROLE_NOUN) | ROLE_BIT(ROLE_COUNTER) |
                             ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                             ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_PERCENT);
    if (year < 1980 || year > 2049 || word < 0 || end >= reader->token_count) {
        return false;
    }
    const struct token *next = &reader->tokens[end];
    if ((next->roles & counted) || token_is_sign(reader, end, '-') ||
        (token_glued(reader, end) && next->kind != TOKEN_SIGN)) {
        return false;
    }
    if (token_has(reader, before, ROLE_BOUND) || word == TIME_BY) {
        return next->kind != TOKEN_WORD || (next->roles & ROLE_BIT(ROLE_STOP));
    }
    return word != TIME_IN || year % 100 != 0 || (next->flags & TOKEN_CAPITAL);
}

static bool read_year(struct reader *reader, int at)
{
    if (!is_year(reader, at)) {
        return false;
    }
    bool marked = false;
    int before = before_year(reader, at, &marked);
    int last = 0;
    int word = time_word(reader, before);
    bool opener = token_has(reader, before, ROLE_RANGE);
    int end =
        year_range(reader, at, marked || (opener && word < 0) || word >= 0, &last);
    const struct lexicon_sense *after = year_word(reader, end, YEAR_YEAR);
    bool suffix = after && (after->attributes & ATTR_AFTER);
    bool range_year = last != 0;
    bool fits = looks_like_year(reader, at, end);
    bool cued = word >= 0 &&
                (fits || plain(reader, at) < 1900 || cue_speaks(reader, before, end)) &&
                !(end < reader->token_count &&
                  (reader->tokens[end].roles &
                   (ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_SCALE) |
                    ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_COUNTER))));
    if (!(reader->language->flags & LANGUAGE_SPACES) && !suffix) {
        return false;
    }
    if (!marked && !suffix && !cued && !fits && !range_year) {
        return false;
    }
    end += suffix;
    int first = at;
    if (before + 1 < at && marked) {
        first = before + 1;
    }
    int year = plain(reader, at);
    char text[40];
    if (last) {
        snprintf(text, sizeof text, "%04d/%04d", year, last);
    } else {
        snprintf(text, sizeof text, "%04d", year);
    }
    const uint64_t measured = ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                              ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_PERCENT) |
                              ROLE_BIT(ROLE_COUNTER);
    if (!marked && !suffix && end < reader->token_count &&
        (reader->tokens[end].roles & measured)) {
        return false; /* 1000-2000 dong */
    }
    bool sure = marked || suffix || cued;
    add_time(reader, first, end, text, sure ? 0.95f : 0.75f);
    reader->times[reader->time_count - 1].bare = !sure;
    return true;
}

/* Q3 2024, the third quarter of 2024 */
static bool read_quarter(struct reader *reader, int at)
{
    const struct lexicon_sense *word = year_word(reader, at, YEAR_QUARTER);
    int quarter = -1;
    int next = at + 1;
    if (word && (word->attributes & ATTR_BEFORE)) {
        quarter = plain(reader, at + 1);
        next = at + 2;
    } else if (plain(reader, at) > 0 && digits_of(reader, at) == 1 &&
               token_glued(reader, at + 1) && year_word(reader, at + 1, YEAR_QUARTER)) {
        quarter = plain(reader, at); /* 3분기 */
        next = at + 2;
    } else if (year_word(reader, at + 1, YEAR_QUARTER)) {
        quarter = value_of(reader, at, ROLE_ORDINAL);
        next = at + 2;
    } else if (plain(reader, at) > 0 && token_is_sign(reader, at + 1, '.') &&
               year_word(reader, at + 2, YEAR_QUARTER)) {
        quarter = plain(reader, at);
        next = at + 3;
    }
    if (quarter < 1 || quarter > 4) {
        return false;
    }
    struct date date = {0, 0, 0};
    int end = read_year_after(reader, next, &date.year);
    char text[40];
    if (date.year) {
        snprintf(text, sizeof text, "%04d-Q%d", date.year, quarter);
    } else {
        snprintf(text, sizeof text, "-Q%d", quarter);
    }
    add_time(reader, at, end, text, 0.9f);
    return true;
}

static bool read_century(struct reader *reader, int at)
{
    int century = plain(reader, at);
    int next = at + 1;
    if (century > 0) {
        next +=
            token_is_sign(reader, next, '.') || token_has(reader, next, ROLE_ORDINAL);
    } else {
        century = value_of(reader, at, ROLE_ORDINAL);
    }
    if (century < 1 || century > 22 || next == at ||
        !year_word(reader, next, YEAR_CENTURY)) {
        return false;
    }
    char text[40];
    snprintf(text, sizeof text, "%02dXX", century - 1);
    add_time(reader, at, next + 1, text, 0.85f);
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
        int value = plain(reader, next);
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

/* 二〇二四年: four digit words one by one */
static bool read_word_year(struct reader *reader, int at)
{
    int year = 0;
    for (int i = at; i < at + 4; i++) {
        int digit = value_of(reader, i, ROLE_NUMBER);
        if (digit < 0 || digit > 9 || (i > at && !token_glued(reader, i))) {
            return false;
        }
        year = year * 10 + digit;
    }
    const struct lexicon_sense *word = year_word(reader, at + 4, YEAR_YEAR);
    if (!word || !(word->attributes & ATTR_AFTER) || year < 1000 || year > 2199) {
        return false;
    }
    char text[40];
    snprintf(text, sizeof text, "%04d", year);
    add_time(reader, at, at + 5, text, 0.95f);
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
        mark->text[0] == 'T') {
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
    reader->time_count = 0;
    for (int at = 0; at < reader->token_count; at++) {
        struct token *token = &reader->tokens[at];
        const uint64_t roles =
            ROLE_BIT(ROLE_ORDINAL) | ROLE_BIT(ROLE_MONTH) | ROLE_BIT(ROLE_YEAR) |
            ((reader->language->flags & LANGUAGE_MYRIAD) ? ROLE_BIT(ROLE_NUMBER) : 0);
        bool digits = token->kind == TOKEN_DIGITS;
        if ((!digits && !(token->roles & roles)) ||
            (token->flags & (TOKEN_DEAD | TOKEN_TIME))) {
            continue;
        }
        bool read = read_month_date(reader, at) || read_quarter(reader, at) ||
                    read_century(reader, at) || read_decade(reader, at) ||
                    read_word_year(reader, at);
        if (!read && digits) {
            read = read_marked_date(reader, at) || read_number_date(reader, at) ||
                   read_year_month(reader, at) || read_dotted_date(reader, at) ||
                   read_clock(reader, at) || read_era(reader, at) ||
                   read_year(reader, at);
        }
        if (read) {
            widen(reader, &reader->times[reader->time_count - 1]);
            at = reader->times[reader->time_count - 1].end - 1;
        }
    }
}
