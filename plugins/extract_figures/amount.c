#include "reader.h"

#include <string.h>

/* Amounts that are given in more than one unit: `5 ft 11 in`, `15 dollars and 15
 * cents`, 五元三角. */

static bool whole_below(const struct number *number, int64_t limit, int64_t *out)
{
    return !number->vague && !number->denominator &&
           decimal_to_whole(number->value, out) && *out > 0 && *out < limit;
}

struct pair {
    const char *big, *small;
    uint32_t factor;
    bool keeps; /* the big unit stays, because its word is worth a part of another */
};

static bool is_unit(const struct reader *reader, const struct quantity *quantity,
                    const char *name)
{
    return quantity->unit && quantity->unit->role == ROLE_UNIT &&
           strcmp(lexicon_text(reader->lexicon, quantity->unit), name) == 0;
}

static void merge_amount(struct quantity *left, struct quantity *right,
                         figures_decimal value)
{
    left->number.value = value;
    left->number.alternative.set = false;
    left->end = right->end;
    left->core_end = right->core_end;
    right->dead = true;
}

/* `5ft 11in`: the smaller unit */
static bool link_measure(struct reader *reader, struct quantity *left,
                         struct quantity *right)
{
    static const struct pair pairs[] = {
        {"foot", "inch", 12, false},         {"pound", "ounce", 16, false},
        {"stone", "pound", 14, false},       {"yard", "foot", 3, false},
        {"kilometer", "meter", 1000, false}, {"meter", "centimeter", 100, false},
        {"kilogram", "gram", 1000, false},   {"hour", "minute", 60, false},
        {"minute", "second", 60, false},     {"gram", "liang", 10, true}};
    for (int i = left->end; i < right->first; i++) {
        if (!token_has(reader, i, ROLE_JOINER) && !token_is_sign(reader, i, ',') &&
            reader->tokens[i].kind != TOKEN_PREFIX) {
            return false;
        }
    }
    if (is_unit(reader, right, "ounce") && left->unit &&
        left->unit->role == ROLE_MONEY && !left->unit_before) {
        /* 5 pounds 3 ounces: a weight, not sterling */
        const struct lexicon_sense *weight =
            token_sense(reader, left->unit_first, ROLE_UNIT);
        left->unit = weight ? weight : left->unit;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (is_unit(reader, left, pairs[i].big) &&
            is_unit(reader, right, pairs[i].small)) {
            figures_decimal factor = decimal_from(pairs[i].factor, 0);
            if (pairs[i].keeps) {
                merge_amount(left, right,
                             decimal_add(left->number.value,
                                         decimal_divide(right->number.value,
                                                        pairs[i].factor, 17)));
                return true;
            }
            figures_decimal value = decimal_multiply(left->number.value, factor);
            merge_amount(left, right, decimal_add(value, right->number.value));
            left->unit = right->unit;
            return true;
        }
    }
    return false;
}

/* `15 dollars 50`, `it costs 15 dollars and 15.`: two digits at the end of a clause */
static bool reads_as_cents(const struct reader *reader, const struct quantity *left,
                           const struct quantity *right)
{
    int64_t whole;
    bool ends = right->end >= reader->token_count ||
                token_is_sign(reader, right->end, '.') ||
                token_is_sign(reader, right->end, ',') ||
                token_has(reader, right->end, ROLE_STOP);
    bool joined =
        right->first - left->end == 1 && token_has(reader, left->end, ROLE_JOINER);
    bool plain = right->bound == FIGURES_EXACT && !right->approx &&
                 (!right->number.weak || (joined && reader->whole_text));
    /* US$3 and fourteen: digits have their sign before, so words say the cents */
    bool words = joined && !right->number.digits;
    return ends && plain && (!left->unit_before || words) &&
           right->first - left->end <= 1 &&
           decimal_to_whole(left->number.value, &whole) &&
           (!right->number.digits || right->number.significant == 2);
}

/* What a unit's word is worth in the main unit: 0.1 for 角. */
static figures_decimal part_of(const struct reader *reader,
                               const struct lexicon_sense *unit)
{
    return unit->attributes & ATTR_PART ? lexicon_value(reader->lexicon, unit)
                                        : decimal_from(1, 0);
}

/* A word that joins a list and makes no range: と, but not `til`. */
static bool lists_only(const struct reader *reader, int at)
{
    const struct lexicon_sense *sense = token_sense(reader, at, ROLE_RANGE);
    bool list = false;
    for (; sense; sense = token_sense_next(reader, at, ROLE_RANGE, sense)) {
        if (!(sense->attributes & (ATTR_LIST | ATTR_NEEDS))) {
            return false;
        }
        list = list || (sense->attributes & ATTR_LIST);
    }
    return list;
}

/* Nothing but joining words and commas stands between the two. */
static bool joins_amounts(const struct reader *reader, const struct quantity *left,
                          const struct quantity *right, bool list)
{
    for (int i = left->end; i < right->first; i++) {
        bool joins =
            token_has(reader, i, ROLE_JOINER) ||
            token_has(reader, i, ROLE_DECIMAL_WORD) || token_is_sign(reader, i, ',') ||
            reader->tokens[i].kind == TOKEN_PREFIX || (list && lists_only(reader, i));
        if (!joins) {
            return false;
        }
    }
    return right->first - left->end <= 2;
}

/* 五元三角, 545ドルと5セント, 六斤八两: an amount goes on in a smaller unit of the same
 * money or measure, whose words say what they are worth in it. */
static bool link_parts(const struct reader *reader, struct quantity *left,
                       struct quantity *right)
{
    const struct lexicon_sense *big = left->unit;
    const struct lexicon_sense *small = right->unit;
    if (!big || !small || big->role != small->role || big->role == ROLE_PERCENT ||
        big->text != small->text || !(small->attributes & ATTR_PART) ||
        left->number.vague || right->number.vague || left->high >= 0 ||
        right->bound != FIGURES_EXACT || right->approx || right->negative ||
        !joins_amounts(reader, left, right, true)) {
        return false;
    }
    figures_decimal whole = part_of(reader, big);
    figures_decimal part = part_of(reader, small);
    figures_decimal inverse = decimal_from(1, -whole.exponent);
    bool power = decimal_compare(whole, decimal_from(1, whole.exponent)) == 0;
    figures_decimal value = decimal_multiply(right->number.value, part);
    if (!power || !decimal_less(part, whole) || !decimal_less(value, whole)) {
        return false;
    }
    merge_amount(left, right,
                 decimal_add(left->number.value, decimal_multiply(value, inverse)));
    return true;
}

/* `15 dollars and 15 cents`, `thirteen dollars forty five` */
static bool link_money(struct reader *reader, struct quantity *left,
                       struct quantity *right)
{
    const struct lexicon_sense *unit = left->unit;
    int64_t cents;
    if (!unit || unit->role != ROLE_MONEY || (unit->attributes & ATTR_PART) ||
        left->number.scale.set || !whole_below(&right->number, 100, &cents) ||
        !joins_amounts(reader, left, right, false)) {
        return false;
    }
    figures_decimal part = decimal_from(1, -2);
    if (right->unit) {
        if (right->unit->role != ROLE_MONEY || !(right->unit->attributes & ATTR_PART)) {
            return false;
        }
        part = part_of(reader, right->unit);
    } else if (!reads_as_cents(reader, left, right)) {
        return false;
    }
    part = decimal_multiply(right->number.value, part);
    merge_amount(left, right, decimal_add(left->number.value, part));
    return true;
}

/* 五块三, 七毫八: a last digit counts tenths of the unit before it. */
static bool link_tail(const struct reader *reader, struct quantity *left,
                      struct quantity *right)
{
    int64_t digit;
    int last = left->end - 1;
    const struct lexicon_sense *unit = token_sense(reader, last, ROLE_MONEY);
    bool ends = right->end >= reader->token_count ||
                reader->tokens[right->end].kind == TOKEN_SIGN ||
                token_has(reader, right->end, ROLE_STOP) ||
                token_has(reader, right->end, ROLE_RANGE);
    bool plain = right->bound == FIGURES_EXACT && !right->approx && !right->unit &&
                 !right->negative && right->number.words && !right->number.vague;
    if (!(reader->language->flags & LANGUAGE_SHORT_TAIL) || !unit || !left->unit ||
        left->unit_end > left->end || left->number.scale.set || left->unit_before ||
        unit->text != left->unit->text || right->first != left->end || !ends ||
        !plain || !token_glued(reader, right->first) ||
        !whole_below(&right->number, 10, &digit)) {
        return false;
    }
    figures_decimal whole = part_of(reader, left->unit);
    figures_decimal tenth =
        decimal_multiply(part_of(reader, unit), decimal_from((uint64_t)digit, -1));
    if (decimal_compare(whole, decimal_from(1, whole.exponent)) != 0) {
        return false;
    }
    tenth = decimal_multiply(tenth, decimal_from(1, -whole.exponent));
    merge_amount(left, right, decimal_add(left->number.value, tenth));
    return true;
}

void link_small_units(struct reader *reader, struct quantity *left,
                      struct quantity *right)
{
    if (!link_measure(reader, left, right) && !link_parts(reader, left, right)) {
        link_tail(reader, left, right);
    }
}

bool link_amount(struct reader *reader, struct quantity *left, struct quantity *right)
{
    return link_measure(reader, left, right) || link_parts(reader, left, right) ||
           link_money(reader, left, right);
}

/* A whole number of one digit and noughts. */
static int64_t leading_digit(const struct number *number, int *noughts)
{
    int64_t whole;
    *noughts = 0;
    if (number->digits || number->vague || number->denominator ||
        !decimal_to_whole(number->value, &whole)) {
        return 0;
    }
    for (; whole >= 10 && whole % 10 == 0; whole /= 10) {
        ++*noughts;
    }
    return whole < 10 ? whole : 0;
}

bool link_neighbours(struct reader *reader, struct quantity *left,
                     struct quantity *right)
{
    struct number *low = &left->number;
    int noughts;
    int64_t digit = leading_digit(&right->number, &noughts);
    int64_t whole = 0;
    bool comma = right->first == left->end + 1 &&
                 (token_is_sign(reader, left->end, ',') ||
                  (token_has(reader, left->end, ROLE_RANGE) &&
                   reader->tokens[left->end].code == 0x3001)); /* 二、三百人 */
    bool beside = (right->first == left->end || comma) &&
                  token_glued(reader, right->first) && token_glued(reader, left->end);
    if ((reader->language->flags & LANGUAGE_MYRIAD) == 0 || !beside || low->digits ||
        low->vague || low->scale.set || left->unit || left->high >= 0 || digit == 0 ||
        left->end != low->end || !decimal_to_whole(low->value, &whole)) {
        return false;
    }
    int64_t last = whole % 10;
    bool neighbours = last > 0 && (digit == last + 1 || (last == 3 && digit == 5));
    bool counts = right->unit || noughts > 0 || whole > 10 ||
                  token_has(reader, right->end, ROLE_COUNTER);
    if (!neighbours || !counts || whole > 100) {
        return false;
    }
    figures_decimal scale = decimal_from(1, noughts);
    low->value = decimal_multiply(low->value, scale);
    right->number.value =
        decimal_multiply(decimal_from((uint64_t)(whole - last + digit), 0), scale);
    low->weak = false;
    left->high = (int)(right - reader->quantities);
    left->bound = FIGURES_RANGE;
    left->end = right->end;
    left->approx = left->approx || right->approx;
    left->unit = right->unit;
    left->per_unit = right->per_unit;
    left->noun_first = right->noun_first;
    left->noun_end = right->noun_end;
    right->dead = true;
    return true;
}
