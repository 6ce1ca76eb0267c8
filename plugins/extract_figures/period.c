#include "period.h"
#include "calendar.h"

#include <stdio.h>
#include <string.h>

/* Years and what is made of them: ranges, decades, quarters, centuries, eras, fiscal
 * years; and the time of day. */

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
bool read_clock(struct reader *reader, int at)
{
    int hour = plain_whole(reader, at);
    int minute = plain_whole(reader, at + 2);
    char text[40];
    if (hour >= 0 && hour < 25 && minute >= 0 && minute < 60 &&
        token_is_sign(reader, at + 1, ':') && token_glued(reader, at + 1) &&
        token_glued(reader, at + 2) && digits_of(reader, at + 2) == 2 &&
        !(token_is_sign(reader, at - 1, ':') && token_glued(reader, at))) {
        int end = at + 3;
        if (token_is_sign(reader, end, ':') && plain_whole(reader, end + 1) >= 0) {
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
    bool run_on = literal->digits == 4 && literal->flags == 0; /* 1200 GMT */
    figures_decimal hundredths =
        decimal_multiply(literal->value, decimal_from(run_on ? 1 : 100, 0));
    if (!decimal_to_whole(hundredths, &whole) || whole < 0 || whole > 2460 ||
        whole % 100 > 59) {
        return false;
    }
    /* 10시 30분, 10時30分 */
    int end = at + 2;
    int minutes = plain_whole(reader, end);
    const struct lexicon_sense *unit = token_sense(reader, end + 1, ROLE_UNIT);
    if (whole % 100 == 0 && minutes >= 0 && minutes < 60 && unit &&
        strcmp(lexicon_text(reader->lexicon, unit), "minute") == 0) {
        whole += minutes;
        end += 2;
    }
    /* 8 h 30, 20h15 */
    const struct token *letter = &reader->tokens[at + 1];
    if (end == at + 2 && whole % 100 == 0 && minutes >= 0 && minutes < 60 &&
        letter->to - letter->from == 1 && digits_of(reader, end) == 2) {
        whole += minutes;
        end++;
    }
    snprintf(text, sizeof text, "T%02d:%02d", (int)(whole / 100), (int)(whole % 100));
    add_time(reader, at, end, text, 0.9f);
    return true;
}

/* 1980s, 70er Jahre, التسعينات */
bool read_decade(struct reader *reader, int at)
{
    char text[40];
    const struct lexicon_sense *word = year_word(reader, at, YEAR_DECADE);
    if (word && word->text) {
        snprintf(text, sizeof text, "%.3sX", lexicon_text(reader->lexicon, word));
        add_time(reader, at, at + 1, text, 0.85f);
        return true;
    }
    int year = plain_whole(reader, at);
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
bool read_era(struct reader *reader, int at)
{
    int first = plain_whole(reader, at);
    int last = first;
    int end = at + 1;
    if (first >= 0 && token_is_sign(reader, end, '-') &&
        plain_whole(reader, end + 1) >= 0) {
        last = plain_whole(reader, end + 1);
        end += 2;
    }
    char text[40];
    int calendar = year_word(reader, end, YEAR_SOLAR_HIJRI) ? CALENDAR_SOLAR_HIJRI
                   : year_word(reader, end, YEAR_HIJRI)     ? CALENDAR_HIJRI
                                                            : CALENDAR_GREGORIAN;
    if (calendar != CALENDAR_GREGORIAN && first > 0 && first == last &&
        calendar_text(text, calendar, first, 0, 0)) {
        add_time(reader, at, end + 1, text, 0.9f);
        return true;
    }
    bool before = year_word(reader, end, YEAR_BC) != NULL;
    if (first < 0 || (!before && !year_word(reader, end, YEAR_AD))) {
        return false;
    }
    const char *sign = before ? "-" : "";
    if (end > at + 1) {
        snprintf(text, sizeof text, "%s%04d/%s%04d", sign, first, sign, last);
    } else {
        snprintf(text, sizeof text, "%s%04d", sign, first);
    }
    add_time(reader, at, end + 1, text, 0.9f);
    return true;
}

int time_word(const struct reader *reader, int at)
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
    int first = plain_whole(reader, at);
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
    int second = plain_whole(reader, next);
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

/* `2,3 Prozent weniger als 2023`: an amount less than in that year */
static bool is_compared(const struct reader *reader, int at)
{
    const uint64_t amounts = ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY) |
                             ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_SCALE);
    return at > 1 && token_has(reader, at - 1, ROLE_BOUND) &&
           (reader->tokens[at - 2].roles & amounts) != 0;
}

/* A number that may be a year without a word that says so. */
static bool looks_like_year(const struct reader *reader, int at, int end)
{
    int year = plain_whole(reader, at);
    if (year < 1900 || year > 2049 || reader->whole_text_only_number) {
        return false;
    }
    uint64_t qualifiers = ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_APPROX) |
                          ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_MINUS);
    uint64_t units = ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                     ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_COUNTER) |
                     ROLE_BIT(ROLE_PARTICIPLE);
    if (is_compared(reader, at)) {
        return true;
    }
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
    int year = plain_whole(reader, at);
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

/* A year of the language's own calendar as the Gregorian days that it covers. */
static void year_text(const struct reader *reader, char out[40], int year)
{
    bool solar =
        (reader->language->flags & LANGUAGE_SOLAR_HIJRI) && year >= 1200 && year < 1500;
    if (!solar || !calendar_text(out, CALENDAR_SOLAR_HIJRI, year, 0, 0)) {
        snprintf(out, 40, "%04d", year);
    }
}

bool read_year(struct reader *reader, int at)
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
    bool cued =
        word >= 0 &&
        (fits || plain_whole(reader, at) < 1900 || cue_speaks(reader, before, end)) &&
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
    int year = plain_whole(reader, at);
    char text[40];
    if (last) {
        snprintf(text, sizeof text, "%04d/%04d", year, last);
    } else {
        year_text(reader, text, year);
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

/* The number of a quarter that stands at a token: 3, third, 三; 0 if there is none. */
static int quarter_number(const struct reader *reader, int at)
{
    int value = plain_whole(reader, at);
    if (value < 1) {
        value = whole_value(reader, at, ROLE_ORDINAL);
    }
    if (value < 1) {
        value = whole_value(reader, at, ROLE_NUMBER);
    }
    return value >= 1 && value <= 4 ? value : 0;
}

/* The year right before a quarter: 2024年第三季度, 2024'ün üçüncü çeyreği. It may have
 * been read as a time of its own, which then becomes part of this one. */
static int year_before(struct reader *reader, int at, int *year)
{
    struct time_mark *mark =
        reader->time_count > 0 ? &reader->times[reader->time_count - 1] : NULL;
    if (mark && mark->end == at && strlen(mark->text) == 4 &&
        strspn(mark->text, "0123456789") == 4) {
        *year = 0;
        for (int i = 0; i < 4; i++) {
            *year = *year * 10 + (mark->text[i] - '0');
        }
        reader->time_count--;
        return mark->first;
    }
    int before = at - 1;
    while (before >= 0 && (token_is_sign(reader, before, '\'') ||
                           (before > 0 && token_glued(reader, before) &&
                            reader->tokens[before].kind == TOKEN_WORD &&
                            reader->tokens[before - 1].kind != TOKEN_WORD))) {
        before--;
    }
    if (before >= 0 && is_year(reader, before) &&
        !(reader->tokens[before].flags & TOKEN_TIME)) {
        *year = plain_whole(reader, before);
        return before;
    }
    return at;
}

static void add_quarter(struct reader *reader, int first, int next, int quarter)
{
    int year = 0;
    int end = read_year_after(reader, next, &year);
    if (!year) {
        first = year_before(reader, first, &year);
    }
    char text[40];
    if (year) {
        snprintf(text, sizeof text, "%04d-Q%d", year, quarter);
    } else {
        snprintf(text, sizeof text, "-Q%d", quarter);
    }
    add_time(reader, first, end, text, 0.9f);
}

/* The word for a quarter at a token, in the order that Arabic and Persian have it:
 * `الربع الثالث من 2024`, `سه‌ماهه سوم`. */
static bool read_quarter_word(struct reader *reader, int at)
{
    int next = at + 1;
    while (next < reader->token_count && reader->tokens[next].kind == TOKEN_PREFIX &&
           !(reader->tokens[next].flags & TOKEN_AND)) {
        next++;
    }
    int quarter = whole_value(reader, next, ROLE_ORDINAL);
    if (quarter < 1 || quarter > 4) {
        return false;
    }
    int first = at;
    while (first > 0 && reader->tokens[first - 1].kind == TOKEN_PREFIX) {
        first--;
    }
    add_quarter(reader, first, next + 1, quarter);
    return true;
}

/* 第3四半期, 第三季度, 3분기: the word stands behind the number. */
static bool read_quarter_behind(struct reader *reader, int at)
{
    const struct lexicon_sense *word = year_word(reader, at, YEAR_QUARTER);
    int quarter =
        at > 0 && token_glued(reader, at) ? quarter_number(reader, at - 1) : 0;
    if (!word || !(word->attributes & ATTR_AFTER) || !quarter ||
        (reader->tokens[at - 1].flags & TOKEN_TIME)) {
        return false;
    }
    int first = at - 1;
    first -= first > 0 && token_has(reader, first - 1, ROLE_LABEL);
    add_quarter(reader, first, at + 1, quarter);
    return true;
}

/* Q3 2024, the third quarter of 2024 */
bool read_quarter(struct reader *reader, int at)
{
    const struct lexicon_sense *word = year_word(reader, at, YEAR_QUARTER);
    int quarter = -1;
    int next = at + 1;
    if (word && (word->attributes & ATTR_BEFORE)) {
        quarter = plain_whole(reader, at + 1);
        next = at + 2;
    } else if (word) {
        return read_quarter_behind(reader, at) || read_quarter_word(reader, at);
    } else if (plain_whole(reader, at) > 0 && digits_of(reader, at) == 1 &&
               token_glued(reader, at + 1) && year_word(reader, at + 1, YEAR_QUARTER)) {
        quarter = plain_whole(reader, at); /* 3분기 */
        next = at + 2;
    } else if (year_word(reader, at + 1, YEAR_QUARTER)) {
        quarter = whole_value(reader, at, ROLE_ORDINAL);
        next = at + 2;
    } else if (plain_whole(reader, at) > 0 && token_is_sign(reader, at + 1, '.') &&
               year_word(reader, at + 2, YEAR_QUARTER)) {
        quarter = plain_whole(reader, at);
        next = at + 3;
    }
    if (quarter < 1 || quarter > 4) {
        return false;
    }
    add_quarter(reader, at, next, quarter);
    return true;
}

/* 2023/24, 2023/2024: two years that follow each other, read as one literal */
static bool read_double_year(struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    int years[2] = {0, 0};
    int digits[2] = {0, 0};
    int part = 0;
    if (token->kind != TOKEN_DIGITS ||
        !(reader->literals[token->literal].flags & LITERAL_FRACTION)) {
        return false;
    }
    for (uint32_t i = token->from; i < token->to; i++) {
        unsigned char byte = reader->folded[i];
        if (byte == '/' && part == 0) {
            part = 1;
        } else if (byte >= '0' && byte <= '9' && ++digits[part] <= 4) {
            years[part] = years[part] * 10 + (byte - '0');
        } else {
            return false;
        }
    }
    int next = years[0] + 1;
    if (digits[0] != 4 || years[0] < 1900 || years[0] > 2199 ||
        !((digits[1] == 2 && years[1] == next % 100) ||
          (digits[1] == 4 && years[1] == next))) {
        return false;
    }
    char text[40];
    snprintf(text, sizeof text, "%04d/%04d", years[0], next);
    add_time(reader, at, at + 1, text, 0.85f);
    return true;
}

static bool is_fiscal(const struct reader *reader, int at)
{
    return at >= 0 && year_word(reader, at, YEAR_FISCAL) != NULL;
}

/* FY2024, Geschäftsjahr 2023/24, 2024 회계연도: the year, or the two that it runs over.
 */
bool read_fiscal(struct reader *reader, int at)
{
    if (!is_year(reader, at)) {
        return read_double_year(reader, at);
    }
    int before = at - 1;
    while (before > 0 &&
           (reader->tokens[before].kind == TOKEN_PREFIX ||
            token_has(reader, before, ROLE_SKIP) ||
            token_has(reader, before, ROLE_ARTICLE) ||
            year_word(reader, before, YEAR_YEAR)) &&
           !is_fiscal(reader, before)) {
        before--;
    }
    int last = 0;
    int end = year_range(reader, at, false, &last);
    int after = end;
    after += year_word(reader, after, YEAR_YEAR) != NULL && !is_fiscal(reader, after);
    bool led = is_fiscal(reader, before);
    if (!led && !is_fiscal(reader, after)) {
        return false;
    }
    char text[40];
    if (last) {
        snprintf(text, sizeof text, "%04d/%04d", plain_whole(reader, at), last);
    } else {
        snprintf(text, sizeof text, "%04d", plain_whole(reader, at));
    }
    add_time(reader, led ? before : at, led ? end : after + 1, text, 0.85f);
    return true;
}

bool read_century(struct reader *reader, int at)
{
    int century = plain_whole(reader, at);
    int next = at + 1;
    if (century > 0) {
        next +=
            token_is_sign(reader, next, '.') || token_has(reader, next, ROLE_ORDINAL);
    } else {
        century = whole_value(reader, at, ROLE_ORDINAL);
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

/* 二〇二四年: four digit words one by one */
bool read_word_year(struct reader *reader, int at)
{
    int year = 0;
    for (int i = at; i < at + 4; i++) {
        int digit = whole_value(reader, i, ROLE_NUMBER);
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
