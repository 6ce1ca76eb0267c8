#include "reader.h"

#include <string.h>

/* Reads numbers by one rule for all languages: a scale word multiplies what is smaller
 * before it, everything else adds up, and an addend must be smaller than the last digit
 * that the sum so far leaves open (its grain: 20 leaves 10, 300 leaves 100). */

struct cursor {
    struct reader *reader;
    int at;
    int limit; /* tokens from here on are not looked at */
};

/* A sum in the making. */
struct sum {
    figures_decimal value;
    figures_decimal grain; /* the next addend must be below it */
    figures_decimal base, scale;
    bool set, words, digits, lone, weak;
    uint8_t significant;
};

static const struct lexicon_sense *sense_at(const struct cursor *cursor, int role)
{
    return cursor->at < cursor->limit ? token_sense(cursor->reader, cursor->at, role)
                                      : NULL;
}

static figures_decimal value_of(const struct cursor *cursor,
    const struct lexicon_sense *sense)
{
    return lexicon_value(cursor->reader->lexicon, sense);
}

static bool less(figures_decimal a, figures_decimal b)
{
    return a.set && b.set && decimal_compare(a, b) < 0;
}

/* The smallest power of ten in a whole number: 20 gives 10, 342 gives 1. */
static figures_decimal grain_of(figures_decimal value)
{
    return decimal_from(1, value.exponent > 0 ? value.exponent : 0);
}

static bool is_dead(const struct cursor *cursor)
{
    return (cursor->reader->tokens[cursor->at].flags & (TOKEN_DEAD | TOKEN_TIME)) != 0;
}

/* Passes `and` words, hyphens and prefixes that may stand inside a number. */
static bool pass_joiner(struct cursor *cursor, bool commas)
{
    struct reader *reader = cursor->reader;
    bool joined = false;
    while (cursor->at < cursor->limit) {
        const struct token *token = &reader->tokens[cursor->at];
        bool joins = token->kind == TOKEN_PREFIX
            || (token->roles & ROLE_BIT(ROLE_JOINER)) != 0;
        bool hyphen = token_is_sign(reader, cursor->at, '-')
            && token_glued(reader, cursor->at) == token_glued(reader, cursor->at + 1);
        bool comma = commas && token_is_sign(reader, cursor->at, ',');
        if (!joins && !hyphen && !comma) {
            break;
        }
        joined = joined || (joins && (token->kind != TOKEN_PREFIX
            || (token->flags & TOKEN_AND)));
        cursor->at++;
    }
    return joined;
}

static bool is_myriad(const struct cursor *cursor)
{
    return (cursor->reader->language->flags & LANGUAGE_MYRIAD) != 0;
}

/* Scales below this one belong to the small numbers that a big scale multiplies. */
static figures_decimal big_scale(const struct cursor *cursor)
{
    return decimal_from(1, is_myriad(cursor) ? 4 : 3);
}

/* A scale at the cursor that may multiply `before` (unset: nothing stands before). */
static const struct lexicon_sense *scale_at(const struct cursor *cursor, bool digits)
{
    const struct lexicon_sense *scale = sense_at(cursor, ROLE_SCALE);
    if (!scale || is_dead(cursor)) {
        return NULL;
    }
    bool glued = token_glued(cursor->reader, cursor->at);
    if ((scale->attributes & ATTR_ABBR) && !digits) {
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
    return token_has(reader, first - 1, ROLE_MONEY) || token_has(reader, after, ROLE_MONEY)
        || (token_is_sign(reader, first - 1, '-')
            && token_has(reader, first - 2, ROLE_MONEY));
}

static void pass_dot(struct cursor *cursor, const struct lexicon_sense *sense)
{
    if ((sense->attributes & ATTR_DOT) && token_is_sign(cursor->reader, cursor->at, '.')
        && token_glued(cursor->reader, cursor->at)) {
        cursor->at++;
    }
}

static void multiply(struct sum *sum, figures_decimal scale)
{
    sum->base = sum->value;
    sum->scale = scale;
    sum->value = decimal_multiply(sum->value, scale);
    sum->grain = scale;
}

/* The value that a number word has once a small scale after it is taken in. */
static figures_decimal word_value(const struct cursor *cursor,
    const struct lexicon_sense *word)
{
    figures_decimal value = value_of(cursor, word);
    struct cursor ahead = *cursor;
    ahead.at++;
    const struct lexicon_sense *scale = scale_at(&ahead, false);
    if (scale) {
        figures_decimal size = value_of(&ahead, scale);
        if (less(size, big_scale(cursor)) && less(value, size)) {
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
    if (less(value, sum->grain) && !decimal_is_zero(value)) {
        return true;
    }
    /* five and twenty */
    bool units_first
        = joined || (cursor->reader->language->flags & LANGUAGE_UNITS_FIRST) != 0;
    figures_decimal ten = decimal_from(10, 0);
    figures_decimal last = sum->value;
    int64_t whole;
    if (decimal_to_whole(sum->value, &whole) && whole > 100) {
        last = decimal_from((uint64_t)whole % 100, 0);
    }
    return units_first && sum->words && less(last, ten) && !decimal_is_zero(last)
        && value.exponent == 1 && less(value, decimal_from(100, 0));
}

static void add(struct sum *sum, figures_decimal value)
{
    if (!sum->set) {
        sum->value = value;
        sum->set = true;
        sum->grain = grain_of(value);
        return;
    }
    sum->value = decimal_add(sum->value, value);
    figures_decimal grain = grain_of(value);
    sum->grain = less(grain, sum->grain) ? grain : decimal_from(1, 0);
}

static bool read_digits(struct cursor *cursor, struct sum *sum, struct number *number)
{
    const struct reader *reader = cursor->reader;
    const struct token *token = &reader->tokens[cursor->at];
    const struct literal *literal = &reader->literals[token->literal];
    if ((literal->flags & LITERAL_NAME) || is_dead(cursor) || sum->set) {
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
    const struct lexicon_sense *scale = scale_at(cursor, sum->digits);
    if (!scale) {
        return false;
    }
    figures_decimal size = value_of(cursor, scale);
    if (!less(size, big_scale(cursor))) {
        return false;
    }
    int power = decimal_power_of_ten(size);
    if (!sum->set) {
        add(sum, size);
        sum->lone = true;
        sum->grain = power > 0 ? size : decimal_from(1, 0);
    } else if (less(sum->value, size)) {
        multiply(sum, size);
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

/* A number word, with the small scale after it: `three hundred` inside 2,300 is one. */
static bool take_word(struct cursor *cursor, struct sum *sum, bool joined)
{
    const struct lexicon_sense *word = sense_at(cursor, ROLE_NUMBER);
    if (!word || is_dead(cursor)) {
        return false;
    }
    figures_decimal value = value_of(cursor, word);
    figures_decimal whole = word_value(cursor, word);
    if (sum->digits || !may_add(cursor, sum, whole, joined)) {
        return false;
    }
    bool first = !sum->set;
    bool scaled = decimal_compare(whole, value) != 0;
    add(sum, whole);
    if (scaled) {
        cursor->at++;
        sum->grain = value_of(cursor, sense_at(cursor, ROLE_SCALE));
        if (decimal_power_of_ten(sum->grain) < 0) {
            sum->grain = decimal_from(1, 0);
        }
    }
    sum->weak = first && !scaled && (word->attributes & ATTR_WEAK);
    sum->words = true;
    sum->significant++;
    cursor->at++;
    pass_dot(cursor, word);
    return true;
}

/* `three point one four`: the words after the decimal word are digits. */
static void read_decimal_words(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    if (!sum->set || !sense_at(&ahead, ROLE_DECIMAL_WORD)) {
        return;
    }
    ahead.at++;
    figures_decimal value = sum->value;
    int places = 0;
    while (ahead.at < ahead.limit && places < 12) {
        const struct token *token = &ahead.reader->tokens[ahead.at];
        figures_decimal digit = { { 0 }, 0, false, false };
        int width = 1;
        if (token->kind == TOKEN_DIGITS) {
            const struct literal *literal = &ahead.reader->literals[token->literal];
            digit = literal->value;
            width = literal->digits;
        } else if (sense_at(&ahead, ROLE_NUMBER)) {
            digit = value_of(&ahead, sense_at(&ahead, ROLE_NUMBER));
            width = less(digit, decimal_from(10, 0)) ? 1 : 2;
        }
        if (!digit.set || !less(digit, decimal_from(100, 0))) {
            break;
        }
        ahead.at++;
        if (width == 2 && decimal_digits(digit) == 1 && !is_dead(&ahead)) {
            /* twenty-five: the unit fills the tens' open place */
            struct sum tail = { 0 };
            add(&tail, digit);
            tail.words = true;
            if (take_word(&ahead, &tail, false)) {
                digit = tail.value;
            }
        }
        places += width;
        digit = decimal_multiply(digit, decimal_from(1, -places));
        value = decimal_add(value, digit);
    }
    if (places > 0) {
        sum->value = value;
        sum->grain = decimal_from(0, 0);
        sum->weak = false;
        *cursor = ahead;
    }
}

static void pass_articles(struct cursor *cursor)
{
    while (cursor->at < cursor->limit
        && (token_has(cursor->reader, cursor->at, ROLE_ARTICLE)
            || (cursor->reader->tokens[cursor->at].kind == TOKEN_PREFIX
                && !(cursor->reader->tokens[cursor->at].flags & TOKEN_AND)))) {
        cursor->at++;
    }
}

static void add_part(struct cursor *cursor, struct sum *sum,
    const struct lexicon_sense *part, figures_decimal unit)
{
    figures_decimal value = decimal_multiply(value_of(cursor, part), unit);
    sum->value = decimal_add(sum->value, value);
    sum->weak = false;
    sum->words = true;
    sum->grain = decimal_from(0, 0);
    cursor->at++;
}

/* A part behind a joiner: `[a] half`, `two thirds`. Moves the cursor to the last word of
 * it and gives how often it is taken; NULL if there is none. */
static const struct lexicon_sense *joined_part(struct cursor *cursor,
    figures_decimal *times)
{
    *times = decimal_from(1, 0);
    pass_articles(cursor);
    const struct lexicon_sense *part = sense_at(cursor, ROLE_FRACTION);
    const struct lexicon_sense *count = sense_at(cursor, ROLE_NUMBER);
    if (!part && count && less(value_of(cursor, count), decimal_from(20, 0))) {
        struct cursor ahead = *cursor;
        ahead.at++;
        while (token_is_sign(ahead.reader, ahead.at, '-')) {
            ahead.at++;
        }
        part = sense_at(&ahead, ROLE_FRACTION);
        if (part && !(part->attributes & (ATTR_ADDS | ATTR_WHOLE))) {
            *times = value_of(cursor, count);
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
    const struct lexicon_sense *part = sense_at(&ahead, ROLE_FRACTION);
    if (part && (part->attributes & ATTR_ADDS)) {
        add_part(cursor, sum, part, decimal_from(1, 0));
        return;
    }
    figures_decimal times;
    bool joined = pass_joiner(&ahead, false);
    part = joined ? joined_part(&ahead, &times) : NULL;
    bool small = less(sum->grain, decimal_from(1000, 0));
    if (!part || !small) {
        return;
    }
    /* two and a half million; but a part of the scale before is read by its scale */
    struct cursor behind = ahead;
    behind.at++;
    if (scale_at(&behind, false) || !sum->scale.set || less(sum->scale, big_scale(cursor))) {
        add_part(&ahead, sum, part, times);
        *cursor = ahead;
    }
}

/* True if the joined words ahead are a part (`and two thirds`), no addend. */
static bool part_follows(const struct cursor *cursor)
{
    struct cursor ahead = *cursor;
    figures_decimal times;
    const struct lexicon_sense *part = joined_part(&ahead, &times);
    return part && ahead.at > cursor->at;
}

/* Numbers below the first big scale. */
static bool read_small(struct cursor *cursor, struct sum *sum, struct number *number)
{
    if (cursor->at >= cursor->limit) {
        return false;
    }
    if (cursor->reader->tokens[cursor->at].kind == TOKEN_DIGITS) {
        if (!read_digits(cursor, sum, number)) {
            return false;
        }
        while (take_small_scale(cursor, sum)) {
        }
    }
    bool joined = false;
    struct cursor ahead = *cursor;
    while (ahead.at < ahead.limit) {
        bool digits = sum->digits;
        bool words_after = digits && is_myriad(cursor) && sum->scale.set;
        if (words_after) {
            sum->digits = false;
        }
        bool taken = take_word(&ahead, sum, joined)
            || (!joined && take_small_scale(&ahead, sum));
        sum->digits = digits;
        if (!taken) {
            break;
        }
        *cursor = ahead;
        joined = pass_joiner(&ahead, false);
        if (joined && part_follows(&ahead)) {
            break;
        }
    }
    if (!sum->set) {
        return false;
    }
    read_decimal_words(cursor, sum);
    read_added_part(cursor, sum);
    return true;
}

/* Big scales after a small number, or alone. */
static void read_big_scales(struct cursor *cursor, struct sum *sum, int first)
{
    for (;;) {
        struct cursor ahead = *cursor;
        if (sum->set && !sum->lone) {
            while (token_is_sign(ahead.reader, ahead.at, '-')) {
                ahead.at++;
            }
        }
        const struct lexicon_sense *scale = scale_at(&ahead, sum->digits);
        if (!scale) {
            return;
        }
        figures_decimal size = value_of(&ahead, scale);
        ahead.at++;
        pass_dot(&ahead, scale);
        bool capital = (ahead.reader->tokens[ahead.at - 1].flags & TOKEN_CAPITAL) != 0;
        if ((scale->attributes & ATTR_MONEY) && !capital
            && !money_beside(&ahead, first, ahead.at)) {
            return;
        }
        if (!sum->set) {
            add(sum, size);
            sum->lone = true;
            sum->scale = size;
            sum->base = decimal_from(1, 0);
            sum->grain = size;
        } else if (less(sum->value, size) || !sum->scale.set
            || less(sum->scale, size) || sum->digits) {
            multiply(sum, size);
            sum->lone = false;
        } else {
            return;
        }
        sum->words = sum->words || ahead.reader->tokens[cursor->at].kind == TOKEN_WORD;
        sum->weak = false;
        *cursor = ahead;
    }
}

static bool read_group(struct cursor *cursor, struct sum *sum, struct number *number)
{
    int first = cursor->at;
    bool small = read_small(cursor, sum, number);
    uint32_t flags = cursor->reader->language->flags;
    read_big_scales(cursor, sum, first);
    if (!small && sum->set && (flags & LANGUAGE_SCALE_FIRST)) {
        struct sum factor = { 0 };
        struct cursor ahead = *cursor;
        if (read_small(&ahead, &factor, number) && less(factor.value, sum->scale)) {
            figures_decimal size = sum->value;
            *sum = factor;
            multiply(sum, size);
            *cursor = ahead;
        }
    }
    return sum->set;
}

/* `three thousand one hundred million`: a bigger scale takes in all before it. */
static bool take_wider_scale(struct cursor *cursor, struct sum *sum)
{
    const struct lexicon_sense *scale = scale_at(cursor, false);
    if (!scale || !sum->scale.set) {
        return false;
    }
    figures_decimal size = value_of(cursor, scale);
    if (!less(sum->scale, size) || !less(sum->value, size)) {
        return false;
    }
    multiply(sum, size);
    cursor->at++;
    return true;
}

static bool digits_may_follow(const struct cursor *cursor, const struct sum *sum,
    const struct sum *next, bool joined)
{
    if (!next->digits) {
        return true;
    }
    uint32_t flags = cursor->reader->language->flags;
    if (!sum->scale.set) {
        return false;
    }
    if (joined) {
        bool hundreds = decimal_power_of_ten(sum->grain) == 2;
        return hundreds || (flags & LANGUAGE_DIGITS_JOIN) != 0 || next->scale.set;
    }
    return next->scale.set || is_myriad(cursor);
}

/* Adds the next group, if it is smaller than what the sum leaves open. */
static bool add_group(struct cursor *cursor, struct sum *sum, struct number *number)
{
    struct cursor ahead = *cursor;
    bool comma = sum->words && sum->scale.set && !sum->digits;
    bool joined = pass_joiner(&ahead, comma);
    struct sum next = { 0 };
    struct number ignored = { 0 };
    struct cursor small_end = ahead;
    (void)number;
    if (joined && part_follows(&ahead)) {
        return false;
    }
    if (!read_group(&ahead, &next, &ignored) || ignored.denominator) {
        return false;
    }
    bool fits = less(next.value, sum->grain) && !decimal_is_zero(next.value);
    if (fits && digits_may_follow(cursor, sum, &next, joined)) {
        figures_decimal scale = next.scale.set ? next.scale : decimal_from(1, 0);
        sum->value = decimal_add(sum->value, next.value);
        sum->grain = next.grain;
        if (next.scale.set) {
            sum->scale = scale;
            sum->base = next.base;
        }
        sum->words = sum->words || next.words;
        sum->weak = false;
        sum->lone = false;
        *cursor = ahead;
        take_wider_scale(cursor, sum);
        return true;
    }
    /* the scale belongs to the whole sum: `mil cien millones` */
    struct sum small = { 0 };
    if (!next.digits && next.scale.set && sum->scale.set && less(sum->scale, next.scale)
        && read_small(&small_end, &small, &ignored) && less(small.value, sum->grain)) {
        sum->value = decimal_add(sum->value, small.value);
        *cursor = small_end;
        return take_wider_scale(cursor, sum);
    }
    return false;
}

/* `مليونين ونصف المليون`, `un million et demi`: a part of the scale that stands before. */
static void read_scaled_part(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    figures_decimal unit = sum->scale.set ? sum->scale : sum->grain;
    if (!sum->set || !unit.set || (sum->digits && !sum->scale.set)
        || less(unit, decimal_from(1000, 0))) {
        return;
    }
    const struct lexicon_sense *part = sense_at(&ahead, ROLE_FRACTION);
    if (!part || !(part->attributes & ATTR_ADDS)) {
        figures_decimal times;
        bool joined = pass_joiner(&ahead, false);
        part = joined ? joined_part(&ahead, &times) : NULL;
        if (!part) {
            return;
        }
        unit = decimal_multiply(unit, times);
    }
    add_part(&ahead, sum, part, unit);
    *cursor = ahead;
    pass_articles(&ahead);
    const struct lexicon_sense *again = scale_at(&ahead, false);
    if (again && sum->scale.set && decimal_compare(value_of(&ahead, again), sum->scale) == 0) {
        cursor->at = ahead.at + 1;
    } else if (again && !sum->scale.set) {
        cursor->at = ahead.at + 1;
    }
}

/* `half a million`, `three quarters of a million`: a part of the scale after it. */
static bool read_part_of_scale(struct cursor *cursor, struct sum *sum,
    figures_decimal part)
{
    struct cursor ahead = *cursor;
    while (ahead.at < ahead.limit
        && (token_has(ahead.reader, ahead.at, ROLE_SKIP)
            || token_has(ahead.reader, ahead.at, ROLE_ARTICLE)
            || token_is_sign(ahead.reader, ahead.at, '-')
            || (ahead.reader->tokens[ahead.at].kind == TOKEN_PREFIX
                && !(ahead.reader->tokens[ahead.at].flags & TOKEN_AND)))) {
        ahead.at++;
    }
    const struct lexicon_sense *scale = scale_at(&ahead, false);
    if (!scale) {
        return false;
    }
    *sum = (struct sum) { 0 };
    add(sum, part);
    sum->words = true;
    multiply(sum, value_of(&ahead, scale));
    ahead.at++;
    read_big_scales(&ahead, sum, cursor->at);
    *cursor = ahead;
    return true;
}

static bool read_fraction(struct cursor *cursor, struct sum *sum, struct number *number)
{
    struct cursor ahead = *cursor;
    if (sum->set && token_is_sign(ahead.reader, ahead.at, '-')) {
        ahead.at++;
    }
    pass_articles(&ahead);
    const struct lexicon_sense *part = sense_at(&ahead, ROLE_FRACTION);
    if (!part || is_dead(&ahead)
        || (part->attributes & (ATTR_ADDS | ATTR_ADDS_NEXT) && !sum->set)) {
        return false;
    }
    if (sum->set && (part->attributes & (ATTR_ADDS | ATTR_WHOLE))) {
        return false;
    }
    int64_t times = 1;
    if (sum->set
        && (sum->scale.set || !decimal_to_whole(sum->value, &times) || times < 1
            || times > 999 || number->denominator)) {
        return false;
    }
    lexicon_fraction(cursor->reader->lexicon, part, &number->numerator,
        &number->denominator);
    number->numerator *= (uint32_t)times;
    ahead.at++;
    figures_decimal value = decimal_divide(
        decimal_from(number->numerator, 0), number->denominator, 17);
    *cursor = ahead;
    if (read_part_of_scale(cursor, sum, value)) {
        number->denominator = 0;
        return true;
    }
    bool was_set = sum->set;
    sum->value = value;
    sum->weak = !was_set && (part->attributes & ATTR_WEAK);
    sum->set = true;
    sum->words = true;
    sum->significant = 1;
    return true;
}

/* साढ़े तीन: a part that adds to the number after it */
static figures_decimal read_part_before(struct cursor *cursor)
{
    const struct lexicon_sense *part = sense_at(cursor, ROLE_FRACTION);
    if (part && (part->attributes & ATTR_ADDS_NEXT)) {
        cursor->at++;
        return value_of(cursor, part);
    }
    return decimal_from(0, 0);
}

/* Magnitudes: `tens of thousands`, `several hundred`, `millions`. */
static bool read_vague(struct cursor *cursor, struct sum *sum)
{
    const struct lexicon_sense *vague = sense_at(cursor, ROLE_VAGUE);
    if (!vague || is_dead(cursor)) {
        return false;
    }
    add(sum, value_of(cursor, vague));
    sum->words = true;
    sum->weak = (vague->attributes & ATTR_WEAK) != 0;
    cursor->at++;
    struct cursor ahead = *cursor;
    for (int skipped = 0; ahead.at < ahead.limit && skipped < 4;) {
        const struct lexicon_sense *more = sense_at(&ahead, ROLE_VAGUE);
        more = more ? more : sense_at(&ahead, ROLE_SCALE);
        if (more && !(more->attributes & ATTR_ABBR)) {
            figures_decimal size = value_of(&ahead, more);
            if (less(sum->value, decimal_from(10, 0))) {
                sum->value = size;
            } else {
                sum->value = decimal_multiply(sum->value, size);
            }
            sum->scale = size;
            sum->weak = false;
            ahead.at++;
            *cursor = ahead;
            continue;
        }
        bool pass = token_has(ahead.reader, ahead.at, ROLE_SKIP)
            || token_has(ahead.reader, ahead.at, ROLE_ARTICLE)
            || ahead.reader->tokens[ahead.at].kind == TOKEN_PREFIX;
        if (!pass || (ahead.reader->tokens[ahead.at].flags & TOKEN_AND)) {
            break;
        }
        ahead.at++;
        skipped++;
    }
    return true;
}

static void finish(struct number *number, const struct sum *sum, int end)
{
    number->end = end;
    number->value = sum->value;
    number->base = sum->base;
    number->scale = sum->scale;
    number->words = sum->words;
    number->digits = sum->digits;
    number->weak = sum->weak && !sum->digits;
    number->lone = sum->lone;
    number->significant = sum->significant;
    if (number->alternative.set && sum->scale.set) {
        number->alternative = decimal_multiply(number->alternative, sum->scale);
    }
    if (number->alternative.set && number->denominator) {
        number->alternative.set = false;
    }
}

/* A scale that needs its multiplier counts only with an article or the attribute. */
static bool lone_scale_counts(const struct reader *reader, const struct number *number)
{
    const struct lexicon_sense *scale = token_sense(reader, number->first, ROLE_SCALE);
    return !scale || (scale->attributes & ATTR_LONE)
        || token_has(reader, number->first - 1, ROLE_ARTICLE)
        || (number->first > 0 && reader->tokens[number->first - 1].kind == TOKEN_PREFIX);
}

bool read_number(struct reader *reader, int at, int limit, struct number *number)
{
    struct cursor cursor = { reader, at, limit };
    struct sum sum = { 0 };
    memset(number, 0, sizeof *number);
    number->first = at;
    figures_decimal before = read_part_before(&cursor);
    if (decimal_is_zero(before) && read_vague(&cursor, &sum)) {
        number->vague = true;
        finish(number, &sum, cursor.at);
        return sum.value.set;
    }
    const struct lexicon_sense *multiple = sense_at(&cursor, ROLE_MULTIPLE);
    if (multiple && !is_dead(&cursor) && value_of(&cursor, multiple).set
        && decimal_compare(value_of(&cursor, multiple), decimal_from(1, 0)) != 0) {
        number->multiple = true;
        add(&sum, value_of(&cursor, multiple));
        sum.words = true;
        finish(number, &sum, cursor.at + 1);
        return true;
    }
    struct cursor part = cursor;
    if (!read_group(&cursor, &sum, number)) {
        cursor = part;
        if (!read_fraction(&cursor, &sum, number)) {
            return false;
        }
        finish(number, &sum, cursor.at);
        return number->value.set;
    }
    if (!decimal_is_zero(before)) {
        figures_decimal unit = sum.scale.set ? sum.scale : decimal_from(1, 0);
        sum.value = decimal_add(sum.value, decimal_multiply(before, unit));
    }
    while (!number->denominator && add_group(&cursor, &sum, number)) {
        reader->steps++;
    }
    if (number->denominator) {
        struct cursor after = cursor;
        if (read_part_of_scale(&after, &sum, sum.value)) {
            number->denominator = 0;
            cursor = after;
        }
    } else {
        struct sum kept = sum;
        if (!read_fraction(&cursor, &sum, number)) {
            sum = kept;
            read_scaled_part(&cursor, &sum);
        }
    }
    finish(number, &sum, cursor.at);
    return number->value.set && (!number->lone || lone_scale_counts(reader, number));
}
