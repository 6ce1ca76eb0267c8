#include "number.h"

/* Number words and digits below the first big scale, and the scales behind them. */

const struct lexicon_sense *cursor_sense(const struct cursor *cursor, int role)
{
    return cursor->at < cursor->limit ? token_sense(cursor->reader, cursor->at, role)
                                      : NULL;
}

figures_decimal cursor_value(const struct cursor *cursor,
                             const struct lexicon_sense *sense)
{
    return lexicon_value(cursor->reader->lexicon, sense);
}

/* The smallest power of ten in a whole number: 20 gives 10, 342 gives 1. */
static figures_decimal grain_of(figures_decimal value)
{
    return decimal_from(1, value.exponent > 0 ? value.exponent : 0);
}

bool cursor_dead(const struct cursor *cursor)
{
    return (cursor->reader->tokens[cursor->at].flags & (TOKEN_DEAD | TOKEN_TIME)) != 0;
}

/* Passes `and` words, hyphens and prefixes that may stand inside a number. */
bool cursor_pass_joiner(struct cursor *cursor, bool commas)
{
    struct reader *reader = cursor->reader;
    bool joined = false;
    while (cursor->at < cursor->limit) {
        const struct token *token = &reader->tokens[cursor->at];
        bool joins =
            token->kind == TOKEN_PREFIX || (token->roles & ROLE_BIT(ROLE_JOINER)) != 0;
        bool hyphen =
            token_is_sign(reader, cursor->at, '-') &&
            token_glued(reader, cursor->at) == token_glued(reader, cursor->at + 1);
        bool comma = commas && token_is_sign(reader, cursor->at, ',');
        if (!joins && !hyphen && !comma) {
            break;
        }
        joined = joined ||
                 (joins && (token->kind != TOKEN_PREFIX || (token->flags & TOKEN_AND)));
        cursor->at++;
    }
    return joined;
}

bool cursor_myriad(const struct cursor *cursor)
{
    return (cursor->reader->language->flags & LANGUAGE_MYRIAD) != 0;
}

/* Scales below this one belong to the small numbers that a big scale multiplies. */
figures_decimal cursor_big_scale(const struct cursor *cursor)
{
    return decimal_from(1, cursor_myriad(cursor) ? 4 : 3);
}

/* `treize euros et quarante-cinq cents`: coins behind their currency, no hundreds. */
static bool is_coin(const struct cursor *cursor)
{
    const struct lexicon_sense *coin = cursor_sense(cursor, ROLE_MONEY);
    if (!coin || !(coin->attributes & ATTR_PART)) {
        return false;
    }
    for (int back = 1; back <= 6; back++) {
        const struct lexicon_sense *main =
            token_sense(cursor->reader, cursor->at - back, ROLE_MONEY);
        if (main && !(main->attributes & ATTR_PART)) {
            return true;
        }
    }
    return false;
}

/* A scale at the cursor that may multiply `before` (unset: nothing stands before). */
const struct lexicon_sense *cursor_scale(const struct cursor *cursor, bool digits)
{
    const struct lexicon_sense *scale = cursor_sense(cursor, ROLE_SCALE);
    if (!scale || cursor_dead(cursor)) {
        return NULL;
    }
    bool glued = token_glued(cursor->reader, cursor->at);
    if ((scale->attributes & ATTR_ABBR) && !digits) {
        return NULL;
    }
    if (is_coin(cursor)) {
        return NULL;
    }
    if ((scale->attributes & ATTR_GLUED) && !(digits && glued)) {
        return NULL;
    }
    return scale;
}

static bool money_beside(const struct cursor *cursor, int first, int after)
{
    const struct reader *reader = cursor->reader;
    return token_has(reader, first - 1, ROLE_MONEY) ||
           token_has(reader, after, ROLE_MONEY) ||
           token_has(reader, after, ROLE_PERCENT) ||
           (token_is_sign(reader, first - 1, '-') &&
            token_has(reader, first - 2, ROLE_MONEY));
}

static void pass_dot(struct cursor *cursor, const struct lexicon_sense *sense)
{
    if ((sense->attributes & ATTR_DOT) &&
        token_is_sign(cursor->reader, cursor->at, '.') &&
        token_glued(cursor->reader, cursor->at)) {
        cursor->at++;
    }
}

void sum_multiply(struct sum *sum, figures_decimal scale)
{
    figures_decimal whole = scale;
    if (sum->carried.set &&
        decimal_compare(sum->value, decimal_multiply(sum->base, sum->carried)) == 0) {
        whole = decimal_multiply(sum->carried, scale); /* 15 हज़ार करोड़ */
    } else {
        sum->base = sum->value;
    }
    sum->carried = whole;
    sum->scale = scale;
    sum->value = decimal_multiply(sum->value, scale);
    sum->grain = scale;
}

/* The value that a number word has once a small scale after it is taken in. */
static figures_decimal word_value(const struct cursor *cursor, const struct sum *sum,
                                  const struct lexicon_sense *word, bool joined)
{
    figures_decimal value = cursor_value(cursor, word);
    struct cursor ahead = *cursor;
    ahead.at++;
    const struct lexicon_sense *scale = cursor_scale(&ahead, false);
    if (scale) {
        figures_decimal size = cursor_value(&ahead, scale);
        bool all =
            sum->set && !joined && decimal_power_of_ten(size) < 0; /* 302 dozen */
        if (decimal_less(size, cursor_big_scale(cursor)) && decimal_less(value, size) &&
            !all) {
            return decimal_multiply(value, size);
        }
    }
    return value;
}

/* True when `value` may be added to the sum. */
static bool may_add(const struct cursor *cursor, const struct sum *sum,
                    figures_decimal value, bool joined)
{
    if (!sum->set) {
        return true;
    }
    if (decimal_less(value, sum->grain) && !decimal_is_zero(value)) {
        return true;
    }
    if (sum->words && !joined && decimal_is_zero(sum->value) &&
        decimal_less(value, decimal_from(10, 0))) {
        return true; /* zero four */
    }
    /* five and twenty */
    uint32_t flags = cursor->reader->language->flags;
    bool units_first = (joined && !(flags & LANGUAGE_SCALE_FIRST)) ||
                       (flags & LANGUAGE_UNITS_FIRST) != 0;
    figures_decimal ten = decimal_from(10, 0);
    figures_decimal last = sum->value;
    int64_t whole;
    if (decimal_to_whole(sum->value, &whole) && whole > 100) {
        last = decimal_from((uint64_t)whole % 100, 0);
    }
    return units_first && sum->words && decimal_less(last, ten) &&
           !decimal_is_zero(last) && value.exponent == 1 &&
           decimal_less(value, decimal_from(100, 0));
}

void sum_add(struct sum *sum, figures_decimal value)
{
    if (!sum->set) {
        sum->value = value;
        sum->set = true;
        sum->grain = grain_of(value);
        return;
    }
    sum->value = decimal_add(sum->value, value);
    figures_decimal grain = grain_of(value);
    sum->grain = decimal_less(grain, sum->grain) ? grain : decimal_from(1, 0);
}

static bool read_digits(struct cursor *cursor, struct sum *sum, struct number *number)
{
    const struct reader *reader = cursor->reader;
    const struct token *token = &reader->tokens[cursor->at];
    const struct literal *literal = &reader->literals[token->literal];
    if ((literal->flags & LITERAL_NAME) || cursor_dead(cursor) || sum->set) {
        return false;
    }
    sum->value = literal->value;
    sum->set = true;
    sum->digits = true;
    sum->grain = decimal_from(0, 0);
    if (literal->flags & LITERAL_AMBIGUOUS) {
        number->alternative = literal->alternative;
    }
    if ((literal->flags & LITERAL_FRACTION) && literal->denominator) {
        number->numerator = literal->numerator;
        number->denominator = literal->denominator;
    }
    sum->significant = literal->significant;
    cursor->at++;
    return true;
}

/* A small scale (hundred) inside a small number: multiplies what is smaller than it. */
static bool take_small_scale(struct cursor *cursor, struct sum *sum)
{
    const struct lexicon_sense *scale = cursor_scale(cursor, sum->digits);
    if (!scale) {
        return false;
    }
    figures_decimal size = cursor_value(cursor, scale);
    bool dozens = sum->scale.set && decimal_power_of_ten(sum->scale) < 0;
    if (!decimal_less(size, cursor_big_scale(cursor)) || (dozens && !sum->lone)) {
        return false; /* 一ダース千円: a thousand yen for a dozen */
    }
    int power = decimal_power_of_ten(size);
    if (!sum->set) {
        sum_add(sum, size);
        sum->lone = true;
        sum->grain = power > 0 ? size : decimal_from(1, 0);
        sum->words = true;
        sum->weak = (scale->attributes & ATTR_WEAK) != 0;
        cursor->at++;
        return true;
    } else if (decimal_less(sum->value, size)) {
        sum_multiply(sum, size);
        sum->grain = power > 0 ? size : decimal_from(1, 0);
    } else if (power < 0 && decimal_less(decimal_from(10, 0), size)) {
        sum_multiply(sum, size); /* three hundred dozen */
        sum->grain = decimal_from(1, 0);
    } else if (power > 0 && decimal_less(size, sum->grain) && !sum->digits) {
        sum_add(sum, size); /* 千百 */
        sum->grain = power > 0 ? size : decimal_from(1, 0);
    } else {
        return false;
    }
    sum->words = true;
    sum->weak = false;
    cursor->at++;
    pass_dot(cursor, scale);
    return true;
}

/* 二〇二四: digits one by one; two only if one of them is zero (二三 is two or three).
 */
static bool take_positional(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    figures_decimal value = decimal_from(0, 0);
    bool zero = false;
    int count = 0;
    const struct lexicon_sense *word;
    while (cursor_myriad(cursor) && count < 15 &&
           (word = cursor_sense(&ahead, ROLE_NUMBER)) &&
           decimal_less(cursor_value(&ahead, word), decimal_from(10, 0)) &&
           !cursor_dead(&ahead) &&
           (count == 0 || token_glued(ahead.reader, ahead.at))) {
        figures_decimal digit = cursor_value(&ahead, word);
        zero = zero || decimal_is_zero(digit);
        value = decimal_add(decimal_multiply(value, decimal_from(10, 0)), digit);
        count++;
        ahead.at++;
    }
    const struct lexicon_sense *percent = cursor_sense(&ahead, ROLE_PERCENT);
    bool tenths = count == 2 && percent && (percent->attributes & ATTR_TENTHS);
    if (count < 2 || (count == 2 && !zero && !tenths) ||
        cursor_sense(&ahead, ROLE_SCALE)) {
        return false;
    }
    if (tenths) {
        value = decimal_multiply(value, decimal_from(1, -1)); /* 五五折 is 55 % */
    }
    sum_add(sum, value);
    sum->words = true;
    sum->weak = false;
    sum->grain = decimal_from(0, 0);
    *cursor = ahead;
    return true;
}

bool cursor_is_unit_word(const struct cursor *cursor)
{
    struct cursor next = *cursor;
    next.at++;
    return (cursor->reader->language->flags & LANGUAGE_SHORT_TAIL) &&
           cursor_sense(cursor, ROLE_UNIT) && !cursor_scale(&next, false);
}

/* The word closes a number below a hundred that the next word multiplies. */
static bool fills_hundreds(const struct cursor *cursor, const struct sum *sum,
                           figures_decimal value)
{
    struct cursor ahead = *cursor;
    ahead.at++;
    const struct lexicon_sense *scale = cursor_scale(&ahead, false);
    return scale && sum->set &&
           decimal_less(decimal_add(sum->value, value), cursor_value(&ahead, scale));
}

/* A digit before a ten in a text that is a number and nothing else. */
static bool hundreds_by_digit(const struct cursor *cursor, const struct sum *sum,
                              figures_decimal ten)
{
    const struct reader *reader = cursor->reader;
    return reader->whole_text_only_number &&
           !(reader->sentence_roles & ROLE_BIT(ROLE_FRACTION)) && sum->set &&
           sum->words && !sum->digits &&
           (reader->language->flags & LANGUAGE_SPACES) != 0 &&
           (reader->language->flags & LANGUAGE_SCALE_FIRST) == 0 &&
           !token_glued(reader, cursor->at) && ten.exponent == 1 &&
           decimal_less(ten, decimal_from(100, 0)) &&
           decimal_less(decimal_from(10, 0), ten) && !decimal_is_zero(sum->value) &&
           decimal_less(sum->value, decimal_from(10, 0));
}

/* مليونا ونصف: the form of the dual before its noun (مليونا دولار) is that of one
 * million where no noun follows. */
static bool is_single_scale(const struct cursor *cursor,
                            const struct lexicon_sense *word)
{
    const struct reader *reader = cursor->reader;
    const struct lexicon_sense *scale = cursor_sense(cursor, ROLE_SCALE);
    const struct token *next = &reader->tokens[cursor->at + 1];
    bool noun = cursor->at + 1 < reader->token_count && next->kind == TOKEN_WORD &&
                !(next->roles & (ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_JOINER)));
    bool more = scale && !noun &&
                decimal_less(cursor_value(cursor, scale), cursor_value(cursor, word));
    return more && !(scale->attributes & ATTR_ABBR) && !cursor_myriad(cursor);
}

/* خمس السكان is a fifth: what five counts has no article. */
static bool is_part_of_definite(const struct cursor *cursor)
{
    const struct reader *reader = cursor->reader;
    const struct lexicon_sense *part = cursor_sense(cursor, ROLE_FRACTION);
    int next = cursor->at + 1;
    return part && (part->attributes & ATTR_WEAK) && next < reader->token_count &&
           reader->tokens[next].kind == TOKEN_WORD &&
           token_has_piece(reader, next, reader->language->definite, false);
}

/* A number word, with the small scale after it: `three hundred` inside 2,300 is one. */
static bool take_word(struct cursor *cursor, struct sum *sum, bool joined)
{
    const struct lexicon_sense *word = cursor_sense(cursor, ROLE_NUMBER);
    if (!word || cursor_dead(cursor) || is_single_scale(cursor, word) ||
        (!sum->set && is_part_of_definite(cursor))) {
        return false;
    }
    if (!sum->set && take_positional(cursor, sum)) {
        return true;
    }
    if (sum->set && cursor_is_unit_word(cursor)) {
        return false;
    }
    figures_decimal value = cursor_value(cursor, word);
    figures_decimal whole = word_value(cursor, sum, word, joined);
    if (!may_add(cursor, sum, whole, joined) && fills_hundreds(cursor, sum, value)) {
        whole = value; /* twenty-five hundred */
    }
    if (!joined && hundreds_by_digit(cursor, sum, whole)) {
        sum->value = decimal_multiply(sum->value, decimal_from(100, 0));
        sum->grain = decimal_from(100, 0); /* one twenty-two */
    }
    if (sum->digits || !may_add(cursor, sum, whole, joined)) {
        return false;
    }
    bool first = !sum->set;
    bool scaled = decimal_compare(whole, value) != 0;
    sum_add(sum, whole);
    if (scaled) {
        cursor->at++;
        sum->grain = cursor_value(cursor, cursor_sense(cursor, ROLE_SCALE));
        if (decimal_power_of_ten(sum->grain) < 0) {
            sum->grain = decimal_from(1, 0);
        }
    }
    if (first && !scaled && !decimal_less(value, cursor_big_scale(cursor))) {
        sum->scale = grain_of(value); /* مليونين: the dual of a scale */
        sum->base = decimal_multiply(value, decimal_from(1, -value.exponent));
    }
    sum->lone = false;
    sum->weak = first && !scaled && (word->attributes & ATTR_WEAK);
    sum->words = true;
    sum->significant++;
    cursor->at++;
    pass_dot(cursor, word);
    return true;
}

void sum_add_words(struct cursor *cursor, struct sum *sum)
{
    bool joined = false;
    struct cursor ahead = *cursor;
    while (take_word(&ahead, sum, joined)) {
        *cursor = ahead;
        joined = cursor_pass_joiner(&ahead, false);
    }
}

void cursor_pass_articles(struct cursor *cursor)
{
    while (cursor->at < cursor->limit &&
           (token_has(cursor->reader, cursor->at, ROLE_ARTICLE) ||
            (cursor->reader->tokens[cursor->at].kind == TOKEN_PREFIX &&
             !(cursor->reader->tokens[cursor->at].flags & TOKEN_AND)))) {
        cursor->at++;
    }
}

void sum_add_part(struct cursor *cursor, struct sum *sum,
                  const struct lexicon_sense *part, figures_decimal unit)
{
    figures_decimal value = decimal_multiply(cursor_value(cursor, part), unit);
    sum->value = decimal_add(sum->value, value);
    sum->weak = false;
    sum->words = true;
    sum->grain = decimal_from(0, 0);
    cursor->at++;
}

/* A part behind a joiner: `[a] half`, `two thirds`. Moves the cursor to the last word
 * of it and gives how often it is taken; NULL if there is none. */
const struct lexicon_sense *cursor_joined_part(struct cursor *cursor,
                                               figures_decimal *times)
{
    *times = decimal_from(1, 0);
    cursor_pass_articles(cursor);
    const struct lexicon_sense *part = cursor_sense(cursor, ROLE_FRACTION);
    const struct lexicon_sense *count = cursor_sense(cursor, ROLE_NUMBER);
    if (!part && count &&
        decimal_less(cursor_value(cursor, count), decimal_from(20, 0))) {
        struct cursor ahead = *cursor;
        ahead.at++;
        while (token_is_sign(ahead.reader, ahead.at, '-')) {
            ahead.at++;
        }
        part = cursor_sense(&ahead, ROLE_FRACTION);
        if (part && !(part->attributes & (ATTR_ADDS | ATTR_WHOLE))) {
            *times = cursor_value(cursor, count);
            *cursor = ahead;
        } else {
            part = NULL;
        }
    }
    return part && !(part->attributes & ATTR_ADDS_NEXT) ? part : NULL;
}

/* `zweieinhalb`, `two and a half`, before a scale: adds to the small number. */
static void read_added_part(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    if (token_is_sign(ahead.reader, ahead.at, '-') &&
        token_glued(ahead.reader, ahead.at) &&
        token_glued(ahead.reader, ahead.at + 1)) {
        ahead.at++; /* two-and-a-half */
    }
    const struct lexicon_sense *part = cursor_sense(&ahead, ROLE_FRACTION);
    if (part && (part->attributes & ATTR_ADDS)) {
        sum_add_part(&ahead, sum, part, decimal_from(1, 0));
        *cursor = ahead;
        return;
    }
    ahead = *cursor;
    figures_decimal times = decimal_from(1, 0);
    bool joined = cursor_pass_joiner(&ahead, false);
    part = joined ? cursor_joined_part(&ahead, &times) : NULL;
    bool small = decimal_less(sum->grain, decimal_from(1000, 0));
    if (!part || !small) {
        return;
    }
    /* two and a half million; but a part of the scale before is read by its scale */
    struct cursor behind = ahead;
    behind.at++;
    if (cursor_scale(&behind, false) || !sum->scale.set ||
        decimal_less(sum->scale, cursor_big_scale(cursor))) {
        sum_add_part(&ahead, sum, part, times);
        *cursor = ahead;
    }
}

/* True if the joined words ahead are a part (`and two thirds`), no addend. */
bool cursor_part_follows(const struct cursor *cursor)
{
    struct cursor ahead = *cursor;
    figures_decimal times = decimal_from(1, 0);
    const struct lexicon_sense *part = cursor_joined_part(&ahead, &times);
    return part && ahead.at > cursor->at;
}

/* 2천 5백만, 4千3百21: digits with a scale go on below ten thousand. */
static bool read_more_digits(struct cursor *cursor, struct sum *sum,
                             struct number *number)
{
    struct cursor ahead = *cursor;
    struct sum more = {0};
    const struct lexicon_sense *zero = cursor_sense(&ahead, ROLE_NUMBER);
    if (zero && cursor_sense(&ahead, ROLE_JOINER) &&
        decimal_is_zero(cursor_value(&ahead, zero))) {
        ahead.at++; /* 2千零30万 */
    }
    if (!cursor_myriad(cursor) || !sum->scale.set || ahead.at >= ahead.limit ||
        ahead.reader->tokens[ahead.at].kind != TOKEN_DIGITS ||
        !read_digits(&ahead, &more, number)) {
        return false;
    }
    while (take_small_scale(&ahead, &more)) {
    }
    bool scaled = more.scale.set || cursor_scale(&ahead, true);
    if (!scaled || !decimal_less(more.value, sum->grain)) {
        return false;
    }
    sum->value = decimal_add(sum->value, more.value);
    sum->grain = more.scale.set ? more.scale : decimal_from(1, 0);
    *cursor = ahead;
    return true;
}

/* 一万三 is 13,000, 四百五 450: a last digit without 零 counts tenths of the scale. */
void sum_read_short_tail(const struct cursor *cursor, struct sum *sum, int first)
{
    const struct reader *reader = cursor->reader;
    int last = cursor->at - 1;
    const struct lexicon_sense *digit = token_sense(reader, last, ROLE_NUMBER);
    const struct lexicon_sense *scale = token_sense(reader, last - 1, ROLE_SCALE);
    if (!(reader->language->flags & LANGUAGE_SHORT_TAIL) || last <= first || !digit ||
        !scale || sum->digits) {
        return;
    }
    figures_decimal size = cursor_value(cursor, scale);
    figures_decimal value = cursor_value(cursor, digit);
    if (!decimal_less(value, decimal_from(10, 0)) ||
        decimal_less(size, decimal_from(100, 0)) || decimal_is_zero(value)) {
        return;
    }
    figures_decimal tenths =
        decimal_multiply(decimal_multiply(value, size), decimal_from(1, -1));
    sum->value = decimal_add(sum->value, decimal_add(tenths, decimal_negate(value)));
}

/* True when a short tail cannot go on as a plain digit: 百二萬, 一千六点五. */
static bool ends_short_tail(const struct cursor *cursor)
{
    const struct lexicon_sense *scale = cursor_scale(cursor, false);
    return cursor_sense(cursor, ROLE_DECIMAL_WORD) ||
           (scale &&
            !decimal_less(cursor_value(cursor, scale), cursor_big_scale(cursor)));
}

/* treinta y dos quintos: the `and` is the one between ten and unit. */
static bool joins_tens(const struct cursor *cursor, const struct sum *sum)
{
    const struct lexicon_sense *word = cursor_sense(cursor, ROLE_NUMBER);
    return (cursor->reader->language->flags & LANGUAGE_TENS_JOINED) != 0 && word &&
           decimal_compare(sum->grain, decimal_from(10, 0)) == 0 &&
           decimal_less(cursor_value(cursor, word), decimal_from(10, 0));
}

/* Numbers below the first big scale. */
bool sum_read_small(struct cursor *cursor, struct sum *sum, struct number *number)
{
    int first = cursor->at;
    if (cursor->at >= cursor->limit) {
        return false;
    }
    if (cursor->reader->tokens[cursor->at].kind == TOKEN_DIGITS) {
        if (!read_digits(cursor, sum, number)) {
            return false;
        }
        while (take_small_scale(cursor, sum)) {
        }
        while (read_more_digits(cursor, sum, number)) {
        }
    }
    bool joined = false;
    struct cursor ahead = *cursor;
    while (ahead.at < ahead.limit) {
        bool digits = sum->digits;
        bool words_after = digits && cursor_myriad(cursor) && sum->scale.set;
        if (words_after) {
            sum->digits = false;
        }
        bool taken = take_word(&ahead, sum, joined) ||
                     (!joined && take_small_scale(&ahead, sum));
        sum->digits = digits;
        if (!taken) {
            break;
        }
        *cursor = ahead;
        joined = cursor_pass_joiner(&ahead, false);
        bool whole =
            sum->scale.set && !decimal_less(sum->scale, cursor_big_scale(cursor));
        if ((joined && cursor_part_follows(&ahead) && !joins_tens(&ahead, sum)) ||
            (whole && !digits)) {
            break;
        }
    }
    if (!sum->set) {
        return false;
    }
    if (ends_short_tail(cursor)) {
        sum_read_short_tail(cursor, sum, first);
    }
    sum_read_decimal_words(cursor, sum);
    read_added_part(cursor, sum);
    return true;
}

/* 20多万, 30여만: a bound or approximation between a number and its scale. */
static bool pass_inner_bound(struct cursor *cursor)
{
    const struct lexicon_sense *bound = cursor_sense(cursor, ROLE_BOUND);
    bound = bound ? bound : cursor_sense(cursor, ROLE_APPROX);
    if (!cursor_myriad(cursor) || !bound || !(bound->attributes & ATTR_AFTER)) {
        return false;
    }
    cursor->at++;
    const struct lexicon_sense *scale = cursor_scale(cursor, true);
    if (!scale || decimal_less(cursor_value(cursor, scale), cursor_big_scale(cursor))) {
        cursor->at--;
        return false;
    }
    return true;
}

/* Big scales after a small number, or alone. */
void sum_read_scales(struct cursor *cursor, struct sum *sum, int first)
{
    for (;;) {
        struct cursor ahead = *cursor;
        if (sum->set && !sum->lone) {
            while (token_is_sign(ahead.reader, ahead.at, '-')) {
                ahead.at++;
            }
        }
        int inner = sum->set && pass_inner_bound(&ahead) ? ahead.at - 1 : 0;
        const struct lexicon_sense *scale = cursor_scale(&ahead, sum->digits);
        if (!scale) {
            return;
        }
        figures_decimal size = cursor_value(&ahead, scale);
        bool dozens = sum->scale.set && decimal_power_of_ten(sum->scale) < 0;
        if (dozens && !sum->lone) {
            return;
        }
        if (sum->set && sum->limit.set && !decimal_less(size, sum->limit)) {
            return;
        }
        bool small = decimal_less(size, cursor_big_scale(cursor)) &&
                     decimal_power_of_ten(size) > 0;
        if (sum->set && !sum->digits && small && !decimal_less(sum->value, size)) {
            return;
        }
        bool tiny = decimal_less(size, decimal_from(1, -6)); /* billionths */
        bool wider = !sum->scale.set || decimal_less(sum->scale, size) || sum->digits;
        sum->inner = inner ? inner : sum->inner;
        ahead.at++;
        pass_dot(&ahead, scale);
        /* 3M is three million; 5G is a name unless there is nothing else to read */
        bool capital =
            (ahead.reader->tokens[ahead.at - 1].flags & TOKEN_CAPITAL) != 0 &&
            (!(scale->attributes & ATTR_WEAK) || ahead.reader->whole_text_only_number);
        if ((scale->attributes & ATTR_MONEY) && !capital &&
            !money_beside(&ahead, first, ahead.at)) {
            return;
        }
        if (!sum->set) {
            sum_add(sum, size);
            sum->lone = true;
            sum->scale = size;
            sum->base = decimal_from(1, 0);
            sum->grain = size;
        } else if (decimal_less(sum->value, size) || tiny ||
                   (wider && (!small || sum->digits))) {
            sum_multiply(sum, size);
            sum->lone = false;
        } else {
            return;
        }
        sum->words = sum->words || ahead.reader->tokens[cursor->at].kind == TOKEN_WORD;
        sum->weak = false;
        *cursor = ahead;
    }
}
