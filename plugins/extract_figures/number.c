#include "number.h"

#include <string.h>

/* Reads numbers by one rule for all languages: a scale word multiplies what is smaller
 * before it, everything else adds up, and an addend must be smaller than the last digit
 * that the sum so far leaves open (its grain: 20 leaves 10, 300 leaves 100). */

static bool read_group(struct cursor *cursor, struct sum *sum, struct number *number)
{
    int first = cursor->at;
    bool small = sum_read_small(cursor, sum, number);
    uint32_t flags = cursor->reader->language->flags;
    sum_read_scales(cursor, sum, first);
    if (!small && sum->set && (flags & LANGUAGE_SCALE_FIRST)) {
        struct sum factor = {0};
        struct cursor ahead = *cursor;
        if (sum_read_small(&ahead, &factor, number) &&
            decimal_less(factor.value, sum->scale)) {
            figures_decimal size = sum->value;
            *sum = factor;
            sum_multiply(sum, size);
            sum->lone = false;
            *cursor = ahead;
        }
    }
    return sum->set;
}

/* `tres billones cien mil dos millones`: the scale takes in what stands behind the
 * biggest one. */
static bool take_inner_scale(struct cursor *cursor, struct sum *sum,
                             figures_decimal size)
{
    figures_decimal part = decimal_add(sum->value, decimal_negate(sum->outer));
    if (!sum->outer.set || !decimal_less(size, sum->outer_scale) ||
        !decimal_less(part, size)) {
        return false;
    }
    sum->value = decimal_add(sum->outer, decimal_multiply(part, size));
    sum->scale = size;
    sum->grain = size;
    cursor->at++;
    return true;
}

/* `three thousand one hundred million`: a bigger scale takes in all before it. */
static bool take_wider_scale(struct cursor *cursor, struct sum *sum)
{
    const struct lexicon_sense *scale = cursor_scale(cursor, false);
    if (!scale || !sum->scale.set) {
        return false;
    }
    figures_decimal size = cursor_value(cursor, scale);
    if (!decimal_less(sum->scale, size)) {
        return false;
    }
    if (!decimal_less(sum->value, size)) {
        return take_inner_scale(cursor, sum, size);
    }
    sum_multiply(sum, size);
    cursor->at++;
    return true;
}

/* `10 bin 655`, `5 тысяч 320`: digits that fill what a thousand leaves open */
static bool completes_thousands(const struct sum *sum, const struct sum *next)
{
    figures_decimal thousand = decimal_from(1000, 0);
    return sum->digits && decimal_compare(sum->scale, thousand) == 0 &&
           next->value.exponent >= 0 && decimal_less(next->value, thousand);
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
    return next->scale.set || cursor_myriad(cursor) || completes_thousands(sum, next);
}

/* Adds the next group, if it is smaller than what the sum leaves open. */
static bool add_group(struct cursor *cursor, struct sum *sum, struct number *number)
{
    struct cursor ahead = *cursor;
    bool comma = sum->words && sum->scale.set && !sum->digits;
    bool joined = cursor_pass_joiner(&ahead, comma);
    struct sum next = {.limit = sum->scale};
    struct number ignored = {0};
    (void)number;
    if ((joined && cursor_part_follows(&ahead)) || cursor_is_unit_word(&ahead)) {
        return false;
    }
    if (!read_group(&ahead, &next, &ignored) || ignored.denominator) {
        return false;
    }
    if (sum->lone && next.digits && !joined &&
        !token_glued(cursor->reader, cursor->at)) {
        return false; /* 만 18세: a full eighteen years */
    }
    bool fits = decimal_less(next.value, sum->grain) && !decimal_is_zero(next.value);
    /* a scale that was left alone must take in the whole sum, else it is another
     * number: `three million and five million` */
    const struct lexicon_sense *left = cursor_scale(&ahead, next.digits);
    if (left && sum->scale.set) {
        int size = decimal_compare(cursor_value(&ahead, left), sum->scale);
        bool whole = next.scale.set && !joined; /* 1 लाख 20 हज़ार करोड़ */
        if (size == 0 || (size > 0 && next.digits && !whole)) {
            return false;
        }
    }
    if (!fits || !digits_may_follow(cursor, sum, &next, joined)) {
        return false;
    }
    if (!sum->outer.set && sum->scale.set) {
        sum->outer = sum->value;
        sum->outer_scale = sum->scale;
    }
    sum->value = decimal_add(sum->value, next.value);
    sum->grain = next.grain;
    if (next.scale.set) {
        sum->scale = next.scale;
        sum->base = next.base;
        sum->carried = next.carried;
    }
    sum->inner = next.inner ? next.inner : sum->inner;
    sum->words = sum->words || next.words;
    sum->weak = false;
    sum->lone = false;
    *cursor = ahead;
    /* the scale belongs to the whole sum: `mil cien millones` */
    while (take_wider_scale(cursor, sum)) {
    }
    return true;
}

/* `مليونين ونصف المليون`, `un million et demi`: a part of the scale that stands before.
 */
static void read_scaled_part(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    figures_decimal unit = sum->scale.set ? sum->scale : sum->grain;
    if (!sum->set || !unit.set || (sum->digits && !sum->scale.set) ||
        decimal_less(unit, decimal_from(1000, 0))) {
        return;
    }
    const struct lexicon_sense *part = cursor_sense(&ahead, ROLE_FRACTION);
    figures_decimal times = decimal_from(1, 0);
    if (!part || !(part->attributes & ATTR_ADDS)) {
        bool joined = cursor_pass_joiner(&ahead, false);
        part = joined ? cursor_joined_part(&ahead, &times) : NULL;
        if (!part) {
            return;
        }
        unit = decimal_multiply(unit, times);
    }
    struct cursor smaller = {ahead.reader, ahead.at + 1, ahead.limit};
    cursor_pass_articles(&smaller);
    const struct lexicon_sense *own = cursor_scale(&smaller, false);
    if (own && sum->scale.set &&
        decimal_less(cursor_value(&smaller, own), sum->scale) &&
        !decimal_less(cursor_value(&smaller, own), decimal_from(1000, 0))) {
        /* un billón y medio millón */
        unit = decimal_multiply(times, cursor_value(&smaller, own));
        sum_add_part(&ahead, sum, part, unit);
        cursor->at = smaller.at + 1;
        return;
    }
    sum_add_part(&ahead, sum, part, unit);
    *cursor = ahead;
    cursor_pass_articles(&ahead);
    const struct lexicon_sense *again = cursor_scale(&ahead, false);
    if (again && sum->scale.set &&
        decimal_compare(cursor_value(&ahead, again), sum->scale) == 0) {
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
    while (ahead.at < ahead.limit &&
           (token_has(ahead.reader, ahead.at, ROLE_SKIP) ||
            token_has(ahead.reader, ahead.at, ROLE_ARTICLE) ||
            token_is_sign(ahead.reader, ahead.at, '-') ||
            (ahead.reader->tokens[ahead.at].kind == TOKEN_PREFIX &&
             !(ahead.reader->tokens[ahead.at].flags & TOKEN_AND)))) {
        ahead.at++;
    }
    const struct lexicon_sense *scale = cursor_scale(&ahead, false);
    if (!scale) {
        return false;
    }
    *sum = (struct sum){0};
    sum_add(sum, part);
    sum->words = true;
    sum_multiply(sum, cursor_value(&ahead, scale));
    ahead.at++;
    sum_read_scales(&ahead, sum, cursor->at);
    *cursor = ahead;
    return true;
}

/* 半成: half a tenth */
static bool tenths_follow(const struct cursor *cursor, int words)
{
    const struct lexicon_sense *percent =
        token_sense(cursor->reader, cursor->at + words, ROLE_PERCENT);
    return percent && (percent->attributes & ATTR_TENTHS);
}

/* The denominator of a part word: a third gives 3, `first` in `twenty-first` 1. */
static uint32_t part_denominator(const struct cursor *cursor)
{
    const struct lexicon_sense *part = cursor_sense(cursor, ROLE_FRACTION);
    const struct lexicon_sense *ordinal = cursor_sense(cursor, ROLE_ORDINAL);
    uint32_t above = 0;
    uint32_t below = 0;
    int64_t whole = 0;
    if (part && !(part->attributes & (ATTR_ADDS | ATTR_ADDS_NEXT | ATTR_WHOLE))) {
        lexicon_fraction(cursor->reader->lexicon, part, &above, &below);
        return above == 1 ? below : 0;
    }
    if (ordinal && !(ordinal->attributes & ATTR_SUFFIX) &&
        decimal_to_whole(cursor_value(cursor, ordinal), &whole)) {
        return whole > 0 && whole < 100 ? (uint32_t)whole : 0;
    }
    return 0;
}

/* `two twenty-fifths`, `one one hundred and fifth`: number words before the part word
 * that belong to the denominator. Passes both, returns the denominator or 0. */
static uint32_t read_compound_denominator(struct cursor *cursor)
{
    struct cursor ahead = *cursor;
    struct sum head = {0};
    sum_add_words(&ahead, &head);
    if (!head.set) {
        return 0;
    }
    cursor_pass_joiner(&ahead, false);
    uint32_t last = part_denominator(&ahead);
    int64_t whole;
    if (last == 0 || !decimal_to_whole(head.value, &whole) || whole > 1000) {
        return 0;
    }
    bool units_first = whole < 10 && last % 10 == 0 && last < 100 &&
                       token_glued(ahead.reader, ahead.at) &&
                       (ahead.reader->language->flags & LANGUAGE_COMPOUNDS) != 0;
    if (!decimal_less(decimal_from(last, 0), head.grain) && !units_first) {
        return 0;
    }
    ahead.at++;
    *cursor = ahead;
    return (uint32_t)whole + last;
}

/* A number that the words [first, end) say by themselves. */
static bool read_words(struct reader *reader, int first, int end,
                       figures_decimal *value)
{
    struct number number;
    bool read = end > first && read_number(reader, first, end, &number) &&
                number.end == end && !number.vague && !number.denominator;
    *value = number.value;
    return read;
}

/* The last word before a part word, where it is no part of the number before it:
 * `one hundred thirty-fifths` is 100/35, `twintig drie vijfde` 20 3/5. Changes the sum
 * to what stands before that word and returns the word's value, else 0. */
static int64_t split_numerator(const struct cursor *cursor, struct sum *sum, int first)
{
    struct reader *reader = cursor->reader;
    bool hyphen = token_is_sign(reader, cursor->at - 1, '-');
    int last = cursor->at - 1 - hyphen;
    const struct lexicon_sense *word = token_sense(reader, last, ROLE_NUMBER);
    bool follows = token_has(reader, last - 1, ROLE_NUMBER) ||
                   token_has(reader, last - 1, ROLE_SCALE);
    int64_t value;
    figures_decimal head;
    if (last <= first || !word || !follows || !sum->words || sum->digits ||
        token_glued(reader, last) ||
        !decimal_to_whole(cursor_value(cursor, word), &value)) {
        return 0;
    }
    bool compounds = (reader->language->flags & LANGUAGE_COMPOUNDS) != 0;
    bool tens = hyphen && value >= 20 && value < 100 && value % 10 == 0;
    bool splits =
        compounds && !hyphen ? value < 10 : tens && part_denominator(cursor) < 10;
    if (!splits || !read_words(reader, first, last, &head)) {
        return 0;
    }
    sum->value = head;
    return value;
}

/* How often a part is taken, 0 if what stands before it is no such number; behind a
 * round number a word that is an ordinal too is one: the two thousand fifth. */
static int64_t numerator_of(const struct sum *sum, const struct number *number,
                            bool ordinal)
{
    int64_t times = 1;
    if (sum->set && (!decimal_to_whole(sum->value, &times) || times < 1 ||
                     times >= UINT32_MAX / 10 || number->denominator ||
                     (sum->digits && sum->scale.set))) {
        return 0;
    }
    bool scaled = sum->set && decimal_power_of_ten(sum->grain) > 1;
    return times > 999 && scaled && ordinal ? 0 : times;
}

/* A part that is another word as often as not. So is one that names a part of the year,
 * once it has its article: الربع is the quarter, ربع a fourth. */
static bool is_weak_part(const struct reader *reader, int at,
                         const struct lexicon_sense *part)
{
    bool definite = at + 1 < reader->token_count &&
                    reader->tokens[at + 1].kind == TOKEN_WORD &&
                    token_has_piece(reader, at + 1, reader->language->definite, false);
    return ((part->attributes & ATTR_WEAK) &&
            !(definite && token_has(reader, at, ROLE_NUMBER))) ||
           (token_has(reader, at, ROLE_YEAR) && article_first(reader, at) < at);
}

static bool read_fraction(struct cursor *cursor, struct sum *sum, struct number *number)
{
    struct cursor ahead = *cursor;
    if (sum->set && (token_is_sign(ahead.reader, ahead.at, '-') ||
                     token_is_sign(ahead.reader, ahead.at, '/'))) {
        ahead.at++;
    }
    struct cursor compound = ahead; /* its first word may be an article: ein */
    cursor_pass_articles(&ahead);
    const struct lexicon_sense *part = cursor_sense(&ahead, ROLE_FRACTION);
    uint32_t below = 0;
    if (sum->set && sum->words && !part) {
        below = read_compound_denominator(&compound);
        ahead = below ? compound : ahead;
    }
    if (below == 0 && (!part || cursor_dead(&ahead) ||
                       (part->attributes & (ATTR_ADDS | ATTR_ADDS_NEXT) && !sum->set &&
                        !tenths_follow(&ahead, 1)) ||
                       (sum->set && (part->attributes & ATTR_ADDS)))) {
        return false;
    }
    if (below == 0 && sum->set && (part->attributes & ATTR_WHOLE)) {
        bool adds = !sum->scale.set && sum->words && !number->denominator;
        if (adds) { /* honderd driekwart */
            sum_add_part(&ahead, sum, part, decimal_from(1, 0));
            *cursor = ahead;
        }
        return adds;
    }
    int64_t times = numerator_of(
        sum, number, below == 0 && token_has(ahead.reader, ahead.at, ROLE_ORDINAL));
    if (times == 0) {
        return false;
    }
    figures_decimal whole = decimal_from(0, 0);
    uint32_t above = 1;
    bool weak = below == 0 && is_weak_part(cursor->reader, ahead.at, part);
    if (below == 0) {
        lexicon_fraction(cursor->reader->lexicon, part, &above, &below);
        int64_t last = sum->set ? split_numerator(&ahead, sum, number->first) : 0;
        if (last >= 10) {
            below += (uint32_t)last;
            decimal_to_whole(sum->value, &times);
        } else if (last > 0) {
            whole = sum->value;
            times = last;
        }
        ahead.at++;
    }
    number->numerator = above * (uint64_t)times;
    number->denominator = below;
    figures_decimal value =
        decimal_divide(decimal_from(number->numerator, 0), below, 17);
    *cursor = ahead;
    if (read_part_of_scale(cursor, sum, value)) {
        number->denominator = 0;
        return true;
    }
    bool was_set = sum->set;
    sum->value = decimal_add(whole, value);
    if (!decimal_is_zero(whole)) {
        number->denominator = 0;
    }
    sum->weak = weak && !was_set;
    sum->set = true;
    sum->words = true;
    sum->significant = 1;
    return true;
}

/* `-1 e 4/5`, `2 and 3/4`: a whole number and a part in digits. */
static bool read_digit_part(struct cursor *cursor, struct sum *sum,
                            const struct number *number)
{
    struct cursor ahead = *cursor;
    const struct reader *reader = cursor->reader;
    int64_t whole;
    if (!sum->digits || sum->scale.set || number->denominator ||
        !decimal_to_whole(sum->value, &whole) || !cursor_pass_joiner(&ahead, false) ||
        ahead.at != cursor->at + 1 || ahead.at >= ahead.limit ||
        reader->tokens[ahead.at].kind != TOKEN_DIGITS || cursor_dead(&ahead)) {
        return false;
    }
    const struct literal *part = &reader->literals[reader->tokens[ahead.at].literal];
    if (!(part->flags & LITERAL_FRACTION) || part->denominator == 0 ||
        part->numerator >= part->denominator) {
        return false;
    }
    sum->value = decimal_add(sum->value, part->value);
    cursor->at = ahead.at + 1;
    return true;
}

/* साढ़े तीन: a part that adds to the number after it */
static figures_decimal read_part_before(struct cursor *cursor)
{
    const struct lexicon_sense *part = cursor_sense(cursor, ROLE_FRACTION);
    if (part && (part->attributes & ATTR_ADDS_NEXT)) {
        cursor->at++;
        return cursor_value(cursor, part);
    }
    return decimal_from(0, 0);
}

/* Magnitudes: `tens of thousands`, `several hundred`, `millions`. */
static bool read_vague(struct cursor *cursor, struct sum *sum)
{
    const struct lexicon_sense *vague = cursor_sense(cursor, ROLE_VAGUE);
    struct cursor behind = {cursor->reader, cursor->at + 1, cursor->limit};
    bool scale = cursor_sense(cursor, ROLE_SCALE) && cursor_sense(&behind, ROLE_NUMBER);
    if (!vague || cursor_dead(cursor) || scale) {
        return false; /* milion trzysta: the scale of a number that goes on */
    }
    sum_add(sum, cursor_value(cursor, vague));
    sum->words = true;
    sum->weak = (vague->attributes & ATTR_WEAK) != 0;
    cursor->at++;
    struct cursor ahead = *cursor;
    for (int skipped = 0; ahead.at < ahead.limit && skipped < 4;) {
        const struct lexicon_sense *more = cursor_sense(&ahead, ROLE_VAGUE);
        more = more ? more : cursor_sense(&ahead, ROLE_SCALE);
        if (more && !(more->attributes & ATTR_ABBR)) {
            figures_decimal size = cursor_value(&ahead, more);
            if (decimal_less(sum->value, decimal_from(10, 0))) {
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
        bool pass = token_has(ahead.reader, ahead.at, ROLE_SKIP) ||
                    token_has(ahead.reader, ahead.at, ROLE_ARTICLE) ||
                    ahead.reader->tokens[ahead.at].kind == TOKEN_PREFIX;
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
    number->scale = sum->carried.set ? sum->carried : sum->scale;
    number->words = sum->words;
    number->digits = sum->digits;
    number->weak = sum->weak && !sum->digits;
    number->lone = sum->lone;
    number->significant = sum->significant;
    number->inner = sum->inner;
    if (number->alternative.set && sum->scale.set) {
        number->alternative = decimal_multiply(number->alternative, number->scale);
    }
    if (number->alternative.set && number->denominator) {
        number->alternative.set = false;
    }
}

/* A scale that needs its multiplier counts only with an article or the attribute. */
static bool lone_scale_counts(const struct reader *reader, const struct number *number)
{
    const struct lexicon_sense *scale = token_sense(reader, number->first, ROLE_SCALE);
    if (scale && number->end < reader->token_count &&
        reader->tokens[number->end].kind == TOKEN_DIGITS) {
        return false;
    }
    return !scale || (scale->attributes & ATTR_LONE) ||
           token_has(reader, number->end, ROLE_RATIO) || /* 万分之一 */
           (reader->whole_text_only_number &&
            (reader->language->flags & LANGUAGE_SPACES) != 0) ||
           token_has(reader, number->first - 1, ROLE_ARTICLE) ||
           (number->first > 0 &&
            reader->tokens[number->first - 1].kind == TOKEN_PREFIX);
}

bool read_number(struct reader *reader, int at, int limit, struct number *number)
{
    struct cursor cursor = {reader, at, limit};
    struct sum sum = {0};
    memset(number, 0, sizeof *number);
    number->first = at;
    figures_decimal before = read_part_before(&cursor);
    if (decimal_is_zero(before) && read_vague(&cursor, &sum)) {
        number->vague = true;
        finish(number, &sum, cursor.at);
        return sum.value.set;
    }
    const struct lexicon_sense *multiple = cursor_sense(&cursor, ROLE_MULTIPLE);
    if (multiple && !cursor_dead(&cursor) && cursor_value(&cursor, multiple).set &&
        decimal_compare(cursor_value(&cursor, multiple), decimal_from(1, 0)) != 0) {
        number->multiple = true;
        sum_add(&sum, cursor_value(&cursor, multiple));
        sum.words = true;
        finish(number, &sum, cursor.at + 1);
        return true;
    }
    struct cursor part = cursor;
    if (sum_read_decimals(&cursor, &sum)) {
        finish(number, &sum, cursor.at);
        return true;
    }
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
        if (!read_digit_part(&cursor, &sum, number) &&
            !read_fraction(&cursor, &sum, number)) {
            sum = kept;
            read_scaled_part(&cursor, &sum);
        }
    }
    sum_read_short_tail(&cursor, &sum, at);
    sum_read_decimal_words(&cursor, &sum);
    finish(number, &sum, cursor.at);
    return number->value.set && (!number->lone || lone_scale_counts(reader, number));
}
