#include "reader.h"

#include <string.h>

/* Quantities that belong together: ranges, lists, ratios, conversions in brackets. */

static struct quantity *next_of(struct reader *reader, int index)
{
    for (int i = index + 1; i < reader->quantity_count; i++) {
        if (!reader->quantities[i].dead) {
            return &reader->quantities[i];
        }
    }
    return NULL;
}

static int index_of(const struct reader *reader, const struct quantity *quantity)
{
    return (int)(quantity - reader->quantities);
}

/* The frames whose middle is the prefix that means `and`. */
static uint64_t prefix_frames(const struct reader *reader)
{
    const char *joiner = reader->lexicon->text + reader->language->joiner_prefixes;
    struct lexicon_match matches[LEXICON_MATCHES];
    uint64_t frames = 0;
    size_t length = strlen(joiner);
    size_t count = length ? lexicon_find(reader->lexicon, (const unsigned char *)joiner,
                                         length, false, false, matches)
                          : 0;
    for (size_t i = 0; i < count; i++) {
        size_t senses;
        const struct lexicon_sense *sense = lexicon_senses(
            reader->lexicon, matches[i].terminal, reader->language_index, &senses);
        for (size_t k = 0; k < senses; k++) {
            if (sense[k].role == ROLE_RANGE && (sense[k].attributes & ATTR_MIDDLE)) {
                frames |= 1ull << (sense[k].text & 63);
            }
        }
    }
    return frames;
}

bool is_approx_prefix(const struct reader *reader, const struct token *token)
{
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t length = token->to - token->from;
    if (token->kind != TOKEN_PREFIX || (token->flags & TOKEN_AND)) {
        return false;
    }
    size_t count = lexicon_find(reader->lexicon, reader->folded + token->from, length,
                                true, false, matches);
    for (size_t i = 0; i < count; i++) {
        size_t senses;
        const struct lexicon_sense *sense = lexicon_senses(
            reader->lexicon, matches[i].terminal, reader->language_index, &senses);
        for (size_t k = 0; k < senses && matches[i].length == length; k++) {
            if (sense[k].role == ROLE_APPROX && !(sense[k].attributes & ATTR_AFTER)) {
                return true;
            }
        }
    }
    return false;
}

enum join { JOIN_NONE, JOIN_RANGE, JOIN_DASH, JOIN_LIST };

static enum join join_word(const struct reader *reader, int at, uint64_t opener)
{
    enum join join = JOIN_NONE;
    const struct lexicon_sense *sense = token_sense(reader, at, ROLE_RANGE);
    for (; sense; sense = token_sense_next(reader, at, ROLE_RANGE, sense)) {
        if (!(sense->attributes & ATTR_MIDDLE)) {
            continue;
        }
        if (sense->attributes & ATTR_LIST) {
            join = join == JOIN_NONE ? JOIN_LIST : join;
        } else if ((!(sense->attributes & ATTR_NEEDS)) ||
                   (opener >> (sense->text & 63) & 1)) {
            return JOIN_RANGE;
        }
    }
    return join;
}

/* The frames that end behind a quantity: 2と4の間, 20과 30 사이. */
static uint64_t closes_frames(const struct reader *reader, const struct quantity *high)
{
    uint64_t frames = 0;
    int at = high->end;
    at += token_has(reader, at, ROLE_COUNTER);
    const struct lexicon_sense *sense = token_sense(reader, at, ROLE_RANGE);
    for (; sense; sense = token_sense_next(reader, at, ROLE_RANGE, sense)) {
        if (sense->attributes & ATTR_CLOSE) {
            frames |= 1ull << (sense->text & 63);
        }
    }
    return frames;
}

/* How the tokens between two quantities join them. */
static enum join join_of(const struct reader *reader, const struct quantity *low,
                         const struct quantity *high)
{
    int gap = high->first - low->end;
    int at = low->end;
    const struct token *token = &reader->tokens[at];
    if (gap == 0) {
        return JOIN_NONE;
    }
    if (gap == 1 && (token_is_sign(reader, at, '-') || token_is_sign(reader, at, '~') ||
                     token_is_sign(reader, at, FOLD_DASH))) {
        return JOIN_DASH;
    }
    if (gap == 2 && token_is_sign(reader, at, '-') &&
        token_is_sign(reader, at + 1, '-')) {
        return JOIN_DASH;
    }
    bool prefix = (token->flags & TOKEN_AND) != 0;
    int words = 0;
    while (at + words < high->first &&
           (words == 0 || reader->tokens[at + words].kind == TOKEN_PREFIX ||
            token_has(reader, at + words, ROLE_ARTICLE) ||
            token_has(reader, at + words, ROLE_RANGE))) {
        words++;
    }
    if (words < gap) {
        return JOIN_NONE;
    }
    if (prefix && low->opener && (low->opener & prefix_frames(reader))) {
        return JOIN_RANGE;
    }
    for (int i = at; i < high->first; i++) {
        enum join join =
            join_word(reader, i, low->opener | closes_frames(reader, high));
        if (join != JOIN_NONE) {
            return join;
        }
    }
    bool comma = gap == 1 && token_is_sign(reader, at, ',');
    return prefix || comma || token_has(reader, at, ROLE_JOINER) ? JOIN_LIST
                                                                 : JOIN_NONE;
}

static bool same_unit(const struct lexicon_sense *a, const struct lexicon_sense *b)
{
    return a && b && a->role == b->role && a->text == b->text;
}

/* The scale of the upper end holds for the lower one too: `5 to 7 million`. */
static bool shares_scale(const struct quantity *low, const struct quantity *high)
{
    const struct number *a = &low->number;
    const struct number *b = &high->number;
    if (!b->scale.set || a->scale.set || b->lone || a->denominator ||
        decimal_less(b->scale, decimal_from(10, 0)) ||
        (low->unit && !low->unit_before)) {
        return false;
    }
    figures_decimal base = b->base.set ? b->base : decimal_from(1, 0);
    return decimal_compare(a->value, base) <= 0;
}

static void scale_number(struct number *number, figures_decimal scale)
{
    number->base = number->value;
    number->value = decimal_multiply(number->value, scale);
    number->scale = scale;
    if (number->alternative.set) {
        number->alternative = decimal_multiply(number->alternative, scale);
    }
}

static void share_unit(struct quantity *to, const struct quantity *from)
{
    to->unit = from->unit;
    to->shared_unit = true;
}

/* 0.25%から0.5%に引き上げた: the verb stands after both */
static bool changes_after(const struct reader *reader, const struct quantity *high)
{
    for (int at = high ? high->end : reader->token_count, tries = 0; tries < 3;
         at++, tries++) {
        const struct lexicon_sense *verb = token_sense(reader, at, ROLE_CHANGE);
        if (verb && verb->value <= CHANGE_CHANGED) {
            return true;
        }
    }
    return false;
}

/* A verb of change before `from … to …`: two figures, no range. */
static bool is_change(const struct reader *reader, const struct quantity *low,
                      const struct quantity *high)
{
    const struct lexicon_sense *to = token_sense(reader, low->end, ROLE_CHANGE);
    if ((reader->language->flags & LANGUAGE_NOUN_BEFORE) && to &&
        to->value == CHANGE_WORD_FROM) {
        return changes_after(reader, high);
    }
    bool from = false;
    for (int back = 0; back < 2; back++) {
        const struct lexicon_sense *sense =
            token_sense(reader, low->first + back - 1, ROLE_CHANGE);
        from = from || (sense && sense->value == CHANGE_WORD_FROM);
    }
    if (!to || to->value != CHANGE_WORD_TO || !from) {
        return false;
    }
    for (int back = 1; back <= 5; back++) {
        const struct lexicon_sense *sense =
            token_sense(reader, low->first - back, ROLE_CHANGE);
        if (sense && sense->value <= CHANGE_CHANGED) {
            return true;
        }
    }
    return false;
}

static bool units_allow_range(const struct quantity *low, const struct quantity *high)
{
    if (!low->unit || same_unit(low->unit, high->unit)) {
        return true;
    }
    return !high->unit && (low->unit_before || high->number.scale.set == false) &&
           (low->unit->role == ROLE_MONEY || low->unit_before); /* aged 5 to 14 */
}

static void merge_range(struct reader *reader, struct quantity *low,
                        struct quantity *high)
{
    if (low->opener_first >= 0 && low->opener_first < low->first) {
        low->first = low->opener_first;
    }
    low->high = index_of(reader, high);
    low->bound = FIGURES_RANGE;
    low->end = high->end;
    low->approx = low->approx || high->approx;
    low->doubt += high->doubt;
    if (!low->per_unit && low->per_end == low->per_first) {
        low->per_unit = high->per_unit;
        low->per_first = high->per_first;
        low->per_end = high->per_end;
    }
    low->unit = low->unit ? low->unit : high->unit;
    low->noun_first = high->noun_first;
    low->noun_end = high->noun_end;
    high->dead = true;
    const struct lexicon_sense *close = token_sense(reader, low->end, ROLE_RANGE);
    if (close && (close->attributes & ATTR_CLOSE)) {
        low->end++;
    }
}

/* `rose from 150 to 171 billion roubles`: two figures, but one scale and unit */
static void share_change(struct quantity *low, const struct quantity *high)
{
    bool plain = low->end == low->number.end;
    if (shares_scale(low, high) && plain) {
        scale_number(&low->number, high->number.scale);
    }
    if (!low->unit && high->unit && !high->unit_before && plain) {
        share_unit(low, high);
    }
}

static bool link_range(struct reader *reader, struct quantity *low,
                       struct quantity *high, enum join join)
{
    /* `two to three times`: the word that makes a multiple holds for both ends */
    bool multiples = high->number.multiple && !low->unit && !low->number.denominator;
    if (low->number.vague || high->number.vague ||
        (low->number.multiple && !multiples) || (high->number.multiple && !multiples) ||
        !units_allow_range(low, high)) {
        return false;
    }
    if (join == JOIN_RANGE && is_change(reader, low, high)) {
        share_change(low, high);
        return false;
    }
    bool fraction = (low->number.denominator > 0) != (high->number.denominator > 0);
    if (fraction && join == JOIN_DASH) {
        return false;
    }
    figures_decimal bottom = low->number.value;
    bool scaled = shares_scale(low, high);
    if (scaled) {
        bottom = decimal_multiply(bottom, high->number.scale);
    }
    figures_decimal top = high->number.value;
    bottom = low->negative ? decimal_negate(bottom) : bottom;
    top = high->negative ? decimal_negate(top) : top;
    if (!decimal_less(bottom, top)) {
        return false;
    }
    /* 3-1 and 2024-25 are no ranges of what is counted; a bare year is a time already
     */
    if (scaled) {
        scale_number(&low->number, high->number.scale);
    }
    if (!high->unit && low->unit) {
        share_unit(high, low);
    }
    low->number.multiple = multiples;
    merge_range(reader, low, high);
    return true;
}

static bool plain_whole(const struct number *number, int64_t *out)
{
    return !number->vague && !number->denominator &&
           decimal_to_whole(number->value, out) && *out > 0;
}

/* 1兆分の1: the zeros of a great denominator are an exponent; unset if what is left is
 * too great for a division. */
static figures_decimal ratio_value(uint64_t above, uint64_t below)
{
    int zeros = 0;
    for (; below % 10 == 0 && below > 9; below /= 10) {
        zeros++;
    }
    if (below > UINT32_MAX) {
        return (figures_decimal){0};
    }
    figures_decimal value = decimal_divide(decimal_from(above, 0), (uint32_t)below, 17);
    return decimal_multiply(value, decimal_from(1, -zeros));
}

/* 一又二分之一, 2と4分の1, 오와 사분의 일: a whole number and a part */
static void link_mixed(struct reader *reader, struct quantity *left,
                       struct quantity *right)
{
    int64_t whole;
    bool joined = right->core_first - left->end == 1 &&
                  (token_has(reader, left->end, ROLE_JOINER) ||
                   token_has(reader, left->end, ROLE_RANGE));
    bool unspaced = (reader->language->flags & LANGUAGE_SPACES) == 0;
    bool part = right->ratio || (unspaced && right->number.denominator > 2);
    if (!joined || !part || left->unit || left->ratio || right->unit ||
        !plain_whole(&left->number, &whole) ||
        right->number.numerator >= right->number.denominator) {
        return;
    }
    left->number.value = decimal_add(left->number.value, right->number.value);
    left->number.weak = false;
    left->number.alternative.set = false;
    left->end = right->end;
    left->core_end = right->end;
    right->dead = true;
}

static void merge_ratio(struct quantity *left, struct quantity *right, uint64_t above,
                        uint64_t below)
{
    struct number *number = &left->number;
    number->value = ratio_value(above, below);
    number->numerator = above;
    number->denominator = below;
    number->weak = false;
    number->lone = false;
    number->alternative.set = false;
    number->words = true;
    left->ratio = true;
    left->negative = left->negative != right->negative;
    /* es `1 sobre 121`: the middle word has qualified the second number */
    bool own = right->first > left->end;
    left->bound = left->bound == FIGURES_EXACT && own ? right->bound : left->bound;
    left->approx = left->approx || (right->approx && own);
    left->end = right->end;
    left->core_end = right->end;
    right->dead = true;
}

/* `four in ten`, `واحد من كل 35000`, 三分之二 */
static bool link_ratio(struct reader *reader, struct quantity *left,
                       struct quantity *right)
{
    const struct lexicon_sense *frame = NULL;
    if (right->core_first - left->end == 1) {
        frame = token_sense(reader, left->end, ROLE_RATIO);
    }
    int64_t above = 0;
    int64_t below = 0;
    bool swapped = frame && (frame->attributes & ATTR_SWAPPED) != 0;
    bool division = frame && (frame->attributes & ATTR_DIVISION) != 0;
    bool wholes =
        swapped
            ? plain_whole(&left->number, &below) && plain_whole(&right->number, &above)
            : plain_whole(&left->number, &above) && (division || above < 1000) &&
                  plain_whole(&right->number, &below) &&
                  (division || below <= 1000000000);
    if (!frame || left->unit || right->unit || !wholes) {
        return false;
    }
    const struct number *upper = &right->number;
    int64_t base;
    if (swapped && above > below && !upper->digits && upper->scale.set &&
        upper->end == upper->first + 2 && right->end == upper->end &&
        decimal_to_whole(upper->base, &base)) {
        above = base; /* 오분의 일만: `only a fifth`, no ten thousand fifths */
        right->end--;
    }
    bool sure = swapped || !(frame->attributes & ATTR_WEAK);
    bool one = above == 1 && below < 1000;
    if ((above >= below && !swapped && !division) ||
        (!sure && !one && below > 10 && below % 10 != 0) ||
        !ratio_value((uint64_t)above, (uint64_t)below).set) {
        return false;
    }
    merge_ratio(left, right, (uint64_t)above, (uint64_t)below);
    return true;
}

/* 五百分之二: the sign of the percentage is the end of a greater denominator. */
static bool link_hundredths(const struct reader *reader, struct quantity *left,
                            struct quantity *right)
{
    int64_t hundreds;
    int64_t above;
    bool percent = right->unit && right->unit->role == ROLE_PERCENT &&
                   right->unit_before && right->unit_first == left->end &&
                   token_glued(reader, left->end) &&
                   reader->tokens[left->end].kind == TOKEN_WORD;
    if (!percent || left->unit || (reader->language->flags & LANGUAGE_SPACES) ||
        !plain_whole(&left->number, &hundreds) ||
        !plain_whole(&right->number, &above) || hundreds > INT32_MAX) {
        return false;
    }
    merge_ratio(left, right, (uint64_t)above, (uint64_t)hundreds * 100);
    return true;
}

static bool is_respectively(const struct reader *reader,
                            const struct quantity *quantity)
{
    for (int i = quantity->end; i < reader->token_count && i < quantity->end + 8; i++) {
        if (token_has(reader, i, ROLE_RESPECTIVELY)) {
            return true;
        }
    }
    return false;
}

/* `59 and 54 billion respectively`, `2 or 3 percent`: unit and, where the text says
 * that it is a list, scale are those of the last one. */
static void link_list(struct reader *reader, struct quantity *left,
                      struct quantity *right)
{
    left->list = true;
    if (left->number.multiple || left->number.denominator || left->unit) {
        return;
    }
    if (is_respectively(reader, right) && right->number.scale.set &&
        !left->number.scale.set &&
        decimal_less(left->number.value, decimal_from(1000, 0))) {
        scale_number(&left->number, right->number.scale);
    }
    /* `1,436 points or 1.83 percent`: what is counted stands behind the first number */
    const struct token *next = &reader->tokens[left->end];
    bool joins = next->kind != TOKEN_WORD ||
                 (next->roles & (ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_RANGE))) != 0;
    if (right->unit && !right->unit_before && !left->number.weak && joins &&
        left->end == left->number.end) {
        share_unit(left, right);
        left->doubt += 0.15f;
    }
}

/* `($13.6 million)` after another currency or unit */
static void link_conversion(struct reader *reader, int index)
{
    struct quantity *inner = &reader->quantities[index];
    int open = inner->first - 1;
    for (int tries = 0; tries < 4 && open >= 0 && !token_is_sign(reader, open, '(');
         tries++) {
        open--;
    }
    bool closed = token_is_sign(reader, inner->end, ')');
    if (open < 1 || !token_is_sign(reader, open, '(') || !closed || !inner->unit) {
        return;
    }
    for (int i = index - 1; i >= 0; i--) {
        const struct quantity *outer = &reader->quantities[i];
        if (outer->dead) {
            continue;
        }
        bool near = outer->end <= open && open - outer->end <= 3;
        if (near && outer->unit && outer->unit->role == inner->unit->role &&
            outer->unit->text != inner->unit->text &&
            (inner->unit->role == ROLE_MONEY || inner->unit->role == ROLE_UNIT)) {
            inner->same = i;
        }
        return;
    }
}

static bool is_floor(figures_bound bound)
{
    return bound == FIGURES_AT_LEAST || bound == FIGURES_MORE_THAN;
}

static bool is_ceiling(figures_bound bound)
{
    return bound == FIGURES_AT_MOST || bound == FIGURES_LESS_THAN;
}

/* The bound of the left one; 50以下20以上: 以下 was left to be the middle of a range.
 */
static figures_bound bound_before(const struct reader *reader,
                                  const struct quantity *left,
                                  const struct quantity *right)
{
    const struct lexicon_sense *bound = token_sense(reader, left->end, ROLE_BOUND);
    bool between = left->bound == FIGURES_EXACT && right->first - left->end == 1 &&
                   bound && (bound->attributes & ATTR_AFTER);
    return between ? (figures_bound)bound->value : left->bound;
}

/* `more than 20 and less than 35`, `at most 100, at least 20 apples`: two bounds of one
 * number, with nothing but `and` between them. With a unit they are two, and with a
 * noun unless the upper one comes first. */
static bool link_bounds(struct reader *reader, struct quantity *left,
                        struct quantity *right)
{
    figures_bound bound = bound_before(reader, left, right);
    bool turned = is_ceiling(bound) && is_floor(right->bound);
    if (!turned && !(is_floor(bound) && is_ceiling(right->bound))) {
        return false;
    }
    int joins = 0; /* one more word may stand there: `over 20 and is under 30` */
    for (int i = left->end; i < right->first; i++) {
        bool joined =
            token_has(reader, i, ROLE_JOINER) || token_has(reader, i, ROLE_RANGE) ||
            token_is_sign(reader, i, ',') || reader->tokens[i].kind == TOKEN_PREFIX;
        joins += joined;
        if (!joined && !token_has(reader, i, ROLE_STOP)) {
            return false;
        }
    }
    if (right->first - left->end - joins > (joins > 0)) {
        return false;
    }
    uint64_t never = ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_JOINER) |
                     ROLE_BIT(ROLE_RANGE) | ROLE_BIT(ROLE_BOUND);
    bool counts = !turned && right->end < reader->token_count &&
                  reader->tokens[right->end].kind == TOKEN_WORD &&
                  !(reader->tokens[right->end].roles & never);
    struct number *low = turned ? &right->number : &left->number;
    struct number *high = turned ? &left->number : &right->number;
    if (counts || left->unit || right->unit || right->first - left->end > 3 ||
        low->vague || high->vague || low->multiple || high->multiple ||
        left->high >= 0 || left->negative || right->negative ||
        !decimal_less(low->value, high->value)) {
        return false;
    }
    if (turned) {
        figures_decimal value = left->number.value;
        left->number.value = right->number.value;
        right->number.value = value;
    }
    merge_range(reader, left, right);
    return true;
}

/* `binden bin beş yüze kadar`: nothing but the closing word of its frame makes a range
 * of two numbers side by side; read by itself it is a bound. */
static bool closes_range(const struct reader *reader, const struct quantity *left,
                         const struct quantity *right)
{
    const struct lexicon_sense *close = token_sense(reader, right->end - 1, ROLE_RANGE);
    return close && (close->attributes & ATTR_CLOSE) && right->first == left->end &&
           left->bound == FIGURES_EXACT && right->bound == FIGURES_AT_MOST &&
           !left->number.weak && left->high < 0;
}

static void link_pair(struct reader *reader, struct quantity *left,
                      struct quantity *right)
{
    if (link_ratio(reader, left, right) || link_amount(reader, left, right) ||
        link_neighbours(reader, left, right)) {
        return;
    }
    if (link_bounds(reader, left, right)) {
        return;
    }
    if (closes_range(reader, left, right)) {
        link_range(reader, left, right, JOIN_RANGE);
        return;
    }
    enum join join = join_of(reader, left, right);
    bool range = join == JOIN_RANGE || join == JOIN_DASH;
    if (range && left->high < 0 && link_range(reader, left, right, join)) {
        return;
    }
    if (join == JOIN_LIST) {
        link_list(reader, left, right);
    }
}

/* Links each quantity with those behind it, as long as it grows. */
static void link_all(struct reader *reader,
                     void (*link)(struct reader *, struct quantity *,
                                  struct quantity *))
{
    for (int i = 0; i < reader->quantity_count; i++) {
        struct quantity *left = &reader->quantities[i];
        for (int links = 0; links < 3 && !left->dead; links++) {
            struct quantity *right = next_of(reader, i);
            int before = left->end;
            if (right) {
                link(reader, left, right);
            }
            if (left->end == before) {
                break;
            }
        }
    }
}

void link_quantities(struct reader *reader)
{
    for (int i = 0; i + 1 < reader->quantity_count; i++) {
        if (!reader->quantities[i].dead) {
            struct quantity *left = &reader->quantities[i];
            if (!link_ratio(reader, left, left + 1)) {
                link_hundredths(reader, left, left + 1);
            }
        }
    }
    for (int i = 0; i < reader->quantity_count; i++) {
        struct quantity *right = next_of(reader, i);
        if (!reader->quantities[i].dead && right) {
            link_mixed(reader, &reader->quantities[i], right);
        }
    }
    link_all(reader, link_small_units);
    link_all(reader, link_pair);
    for (int i = 0; i < reader->quantity_count; i++) {
        if (!reader->quantities[i].dead) {
            link_conversion(reader, i);
        }
    }
}
