#include "reader.h"

#include <string.h>

/* A number together with its unit, and the words before and after that qualify it. */

static bool is_and(const struct reader *reader, int token)
{
    return token_has(reader, token, ROLE_JOINER) ||
           (token >= 0 && token < reader->token_count &&
            (reader->tokens[token].flags & TOKEN_AND));
}

/* Tokens before this one belong to the quantity before. */
static int floor_of(const struct reader *reader)
{
    return reader->quantity_count > 0
               ? reader->quantities[reader->quantity_count - 1].end
               : 0;
}

static bool is_plain_prefix(const struct reader *reader, int token)
{
    return token >= 0 && token < reader->token_count &&
           reader->tokens[token].kind == TOKEN_PREFIX &&
           !(reader->tokens[token].flags & TOKEN_AND);
}

static int pass_articles(const struct reader *reader, int at)
{
    while (token_has(reader, at, ROLE_ARTICLE) || is_plain_prefix(reader, at)) {
        at++;
    }
    return at;
}

static int pass_dot(const struct reader *reader, int at,
                    const struct lexicon_sense *sense)
{
    bool dot = (sense->attributes & ATTR_DOT) && token_is_sign(reader, at, '.') &&
               token_glued(reader, at);
    return dot ? at + 1 : at;
}

/* A currency code that is a word too (TRY, MAD) counts in capitals only. */
static bool is_upper_code_word(const struct reader *reader, int at,
                               const struct lexicon_sense *unit)
{
    const struct token *token = &reader->tokens[at];
    bool code =
        unit->role == ROLE_MONEY && token->code < 0x80 && token->to - token->from == 3;
    return !code || (token->flags & TOKEN_UPPER);
}

static bool unit_fits(const struct reader *reader, int at,
                      const struct lexicon_sense *unit, const struct number *number)
{
    bool after_digits = number->digits;
    bool glued = token_glued(reader, at);
    if ((unit->attributes & ATTR_ABBR) && !after_digits) {
        return false;
    }
    if ((unit->attributes & ATTR_GLUED) && !(after_digits && glued)) {
        return false;
    }
    if ((unit->attributes & ATTR_WEAK) &&
        (number->weak || number->lone || !is_upper_code_word(reader, at, unit))) {
        return false;
    }
    if (unit->role == ROLE_MONEY && (unit->attributes & ATTR_BEFORE) &&
        token_glued(reader, at + 1) && reader->tokens[at + 1].kind == TOKEN_DIGITS) {
        return false; /* $457m-$1.19bn: it belongs to what follows */
    }
    bool before_only = (unit->attributes & (ATTR_BEFORE | ATTR_AFTER)) == ATTR_BEFORE;
    return !(before_only && unit->role == ROLE_PERCENT);
}

/* `2 km`, `5 ft`: symbols of small currencies too (KM, Ft), but those are rare. */
static bool is_rather_measure(const struct reader *reader, int at,
                              const struct lexicon_sense *unit,
                              const struct number *number)
{
    const struct lexicon_sense *measure = token_sense(reader, at, ROLE_UNIT);
    bool symbol = unit->role == ROLE_MONEY && (unit->attributes & ATTR_ABBR);
    bool capital = (reader->tokens[at].flags & TOKEN_CAPITAL) && unit->language != 0;
    return symbol && !capital && measure && unit_fits(reader, at, measure, number);
}

/* The unit that starts at a token, percent before money before measures. */
static const struct lexicon_sense *unit_at(const struct reader *reader, int at,
                                           const struct number *number)
{
    static const int roles[] = {ROLE_PERCENT, ROLE_MONEY, ROLE_UNIT};
    for (int i = 0; i < 3; i++) {
        const struct lexicon_sense *unit = token_sense(reader, at, roles[i]);
        while (unit) {
            if (unit_fits(reader, at, unit, number) &&
                !is_rather_measure(reader, at, unit, number)) {
                return unit;
            }
            unit = token_sense_next(reader, at, roles[i], unit);
        }
    }
    /* `half a gallon`: the words of a rate are a unit after a part */
    const struct lexicon_sense *per = token_sense(reader, at, ROLE_PER);
    return per && per->text && number->denominator > 0 ? per : NULL;
}

/* `a day`, `per barrel`, `/kg`, `لليتر` */
static int read_per(struct reader *reader, int at, struct quantity *quantity)
{
    const struct lexicon_sense *per = token_sense(reader, at, ROLE_PER);
    if (per && per->text) {
        quantity->per_unit = per;
        return at + 1;
    }
    bool slash = token_is_sign(reader, at, '/');
    bool prefix = is_plain_prefix(reader, at) && quantity->unit &&
                  quantity->unit->role == ROLE_MONEY;
    if (!per && !slash && !prefix) {
        return at;
    }
    int next = pass_articles(reader, at + 1);
    if (next >= reader->token_count) {
        return at;
    }
    const struct lexicon_sense *unit = token_sense(reader, next, ROLE_UNIT);
    if (unit) {
        quantity->per_unit = unit;
        return pass_dot(reader, next + 1, unit);
    }
    const struct token *token = &reader->tokens[next];
    uint64_t never = ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_MONEY);
    if (prefix || token->kind != TOKEN_WORD || (token->roles & never) ||
        (slash && !token_glued(reader, next))) {
        return at;
    }
    quantity->per_first = next;
    quantity->per_end = next + 1;
    return next + 1;
}

/* `two years and a half`, `لتر وربع`: a part of the unit that stands before. */
static int read_unit_part(struct reader *reader, int at, struct quantity *quantity)
{
    int next = at;
    bool joined = false;
    while (is_and(reader, next)) {
        joined = true;
        next++;
    }
    next = pass_articles(reader, next);
    const struct lexicon_sense *part = token_sense(reader, next, ROLE_FRACTION);
    if (!part || (!joined && !(part->attributes & ATTR_ADDS)) ||
        (part->attributes & ATTR_ADDS_NEXT)) {
        return at;
    }
    figures_decimal value = lexicon_value(reader->lexicon, part);
    struct number *number = &quantity->number;
    number->value = decimal_add(number->value, value);
    number->alternative.set = false;
    next++;
    int again = pass_articles(reader, next);
    const struct lexicon_sense *unit = token_sense(reader, again, ROLE_UNIT);
    if (unit && quantity->unit && unit->text == quantity->unit->text) {
        next = again + 1;
    }
    return next;
}

/* `75 USD million` */
static int read_scale_after(const struct reader *reader, int at,
                            struct quantity *quantity)
{
    const struct lexicon_sense *scale = token_sense(reader, at, ROLE_SCALE);
    struct number *number = &quantity->number;
    if (!scale || quantity->unit->role != ROLE_MONEY || number->scale.set ||
        number->lone || number->vague ||
        (scale->attributes & (ATTR_ABBR | ATTR_GLUED))) {
        return at;
    }
    number->base = number->value;
    number->scale = lexicon_value(reader->lexicon, scale);
    number->value = decimal_multiply(number->value, number->scale);
    number->alternative.set = false;
    return at + 1;
}

static void set_unit(struct quantity *quantity, const struct lexicon_sense *unit,
                     int first, int end)
{
    quantity->unit = unit;
    quantity->unit_first = first;
    quantity->unit_end = end;
}

/* Tokens that may stand between a number and its unit. */
static int pass_to_unit(const struct reader *reader, const struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    int at = number->end;
    if (token_is_sign(reader, at, '-') &&
        token_glued(reader, at) == token_glued(reader, at + 1)) {
        return at + 1;
    }
    bool part = number->denominator > 0;
    bool big = number->scale.set || number->vague || number->lone || part;
    int next = at;
    for (int passed = 0; big && passed < 3; passed++) {
        bool skip = token_has(reader, next, ROLE_SKIP) ||
                    is_plain_prefix(reader, next) ||
                    (token_is_sign(reader, next, '\'') && passed > 0) ||
                    (part && token_has(reader, next, ROLE_ARTICLE));
        if (!skip) {
            break;
        }
        next++;
    }
    if (next > at && unit_at(reader, next, number)) {
        return next;
    }
    return at;
}

static void read_unit(struct reader *reader, struct quantity *quantity)
{
    struct number *number = &quantity->number;
    int at = pass_to_unit(reader, quantity);
    const struct lexicon_sense *unit =
        number->multiple ? NULL : unit_at(reader, at, number);
    const struct lexicon_sense *times = token_sense(reader, at, ROLE_MULTIPLE);
    if (times && !unit && !number->denominator) {
        figures_decimal one = lexicon_value(reader->lexicon, times);
        if (decimal_compare(one, decimal_from(1, 0)) == 0) {
            number->multiple = true;
            number->weak = false;
            quantity->core_end = at + 1;
            return;
        }
    }
    if (!unit) {
        return;
    }
    /* $5 million has its unit before; a second currency after it names the dollar */
    int end = pass_dot(reader, at + 1, unit);
    bool second_money = quantity->unit && unit->role != ROLE_MONEY;
    if (second_money) {
        return;
    }
    if (quantity->unit) {
        quantity->core_end = end;
        if (quantity->unit->attributes & ATTR_DOUBT) {
            quantity->unit = unit;
        }
        return;
    }
    set_unit(quantity, unit, at, end);
    end = read_scale_after(reader, end, quantity);
    quantity->core_end = read_unit_part(reader, end, quantity);
}

/* Currency signs, percent words and minus signs directly before the number. */
static void read_before(struct reader *reader, struct quantity *quantity)
{
    int at = quantity->core_first;
    for (int tries = 0; tries < 4 && at > floor_of(reader); tries++) {
        int before = at - 1;
        const struct token *token = &reader->tokens[before];
        if (token->flags & (TOKEN_DEAD | TOKEN_TIME)) {
            break;
        }
        bool signed_minus =
            token_is_sign(reader, before, '-') && token_glued(reader, at);
        bool dash = reader->quantity_count > 0 && before == floor_of(reader);
        bool unspaced = !(reader->language->flags & LANGUAGE_SPACES) && before > 0 &&
                        reader->tokens[before - 1].kind == TOKEN_WORD &&
                        reader->tokens[before - 1].code >= 0x1100;
        bool free_before = before == 0 || !token_glued(reader, before) || unspaced ||
                           token_is_sign(reader, before - 1, '(') ||
                           token_is_sign(reader, before - 1, '<') ||
                           token_is_sign(reader, before - 1, '>') ||
                           token_has(reader, before - 1, ROLE_MONEY);
        if (token_is_sign(reader, before, '-') && (before == 0 || signed_minus) &&
            free_before && !dash && !quantity->negative) {
            quantity->negative = true;
            at = before;
            continue;
        }
        if (token->roles & ROLE_BIT(ROLE_MINUS)) {
            quantity->negative = true;
            at = before;
            continue;
        }
        if (token_is_sign(reader, before, '+') && token_glued(reader, at)) {
            at = before;
            continue;
        }
        const struct lexicon_sense *unit = token_sense(reader, before, ROLE_MONEY);
        if (!unit || !(unit->attributes & ATTR_BEFORE)) {
            unit = token_sense(reader, before, ROLE_PERCENT);
        }
        if (!unit) {
            unit = token_sense(reader, before, ROLE_UNIT);
        }
        if (!unit || !(unit->attributes & ATTR_BEFORE) || quantity->unit ||
            ((unit->attributes & ATTR_WEAK) &&
             !is_upper_code_word(reader, before, unit))) {
            break;
        }
        set_unit(quantity, unit, before, at);
        quantity->unit_before = true;
        at = before;
    }
    quantity->core_first = at;
}

/* One qualifier to the left of `at`; returns the token where it starts, or `at`. */
static int read_qualifier(struct reader *reader, struct quantity *quantity, int at)
{
    int before = at - 1;
    const struct lexicon_sense *sense = token_sense(reader, before, ROLE_BOUND);
    bool follows_number = before > 0 && reader->quantity_count > 0 &&
                          reader->quantities[reader->quantity_count - 1].end == before;
    bool range = token_has(reader, before, ROLE_RANGE);
    if (sense &&
        (!(sense->attributes & ATTR_AFTER) || (sense->attributes & ATTR_BEFORE)) &&
        !(range && follows_number)) {
        quantity->bound = (figures_bound)sense->value;
        return before;
    }
    sense = token_sense(reader, before, ROLE_APPROX);
    bool dash = follows_number && token_is_sign(reader, before, '~');
    if (sense && !dash &&
        (!(sense->attributes & ATTR_AFTER) || (sense->attributes & ATTR_BEFORE))) {
        quantity->approx = true;
        if (quantity->side == FIGURES_AROUND) {
            quantity->side = (figures_side)sense->value;
        }
        return before;
    }
    for (sense = token_sense(reader, before, ROLE_RANGE); sense;
         sense = token_sense_next(reader, before, ROLE_RANGE, sense)) {
        if (sense->attributes & ATTR_OPEN) {
            quantity->opener |= 1ull << (sense->text & 63);
        }
    }
    if (!quantity->opener || !range || follows_number) {
        return at;
    }
    if (quantity->opener_first < 0) {
        quantity->opener_first = before;
    }
    return before;
}

static void read_qualifiers(struct reader *reader, struct quantity *quantity)
{
    int at = quantity->core_first;
    for (int tries = 0; tries < 6 && at > floor_of(reader); tries++) {
        if (reader->tokens[at - 1].flags & TOKEN_DEAD) {
            break;
        }
        int next = read_qualifier(reader, quantity, at);
        if (next < at) {
            at = next;
            if (quantity->opener_first != at) {
                quantity->first = at;
            }
            continue;
        }
        const struct token *token = &reader->tokens[at - 1];
        bool pass =
            token_has(reader, at - 1, ROLE_ARTICLE) || token->kind == TOKEN_PREFIX;
        if (!pass || (token->flags & TOKEN_AND)) {
            break;
        }
        at--;
    }
}

static bool starts_number(const struct reader *reader, int at)
{
    return at < reader->token_count && !(reader->tokens[at].flags & TOKEN_TIME) &&
           (reader->tokens[at].kind == TOKEN_DIGITS ||
            token_has(reader, at, ROLE_NUMBER));
}

/* Bounds and approximations after the number or its unit. Returns the new end. */
int read_qualifiers_after(struct reader *reader, struct quantity *quantity, int at)
{
    for (int tries = 0; tries < 3; tries++) {
        int next = at;
        if (token_is_sign(reader, next, '-') && token_glued(reader, next)) {
            next++;
        }
        const struct lexicon_sense *bound = token_sense(reader, next, ROLE_BOUND);
        const struct lexicon_sense *approx = token_sense(reader, next, ROLE_APPROX);
        bool ahead =
            starts_number(reader, next + 1) ||
            (token_has(reader, next + 1, ROLE_STOP) && starts_number(reader, next + 2));
        if (bound && (bound->attributes & ATTR_AFTER) && !ahead &&
            quantity->bound == FIGURES_EXACT) {
            quantity->bound = (figures_bound)bound->value;
        } else if (approx && (approx->attributes & ATTR_AFTER)) {
            quantity->approx = true;
            if (quantity->side == FIGURES_AROUND) {
                quantity->side = (figures_side)approx->value;
            }
        } else {
            break;
        }
        at = next + 1;
    }
    return at;
}

static struct quantity *add_quantity(struct reader *reader)
{
    if (reader->quantity_count == QUANTITIES) {
        return NULL;
    }
    struct quantity *quantity = &reader->quantities[reader->quantity_count];
    memset(quantity, 0, sizeof *quantity);
    quantity->high = -1;
    quantity->same = -1;
    quantity->opener_first = -1;
    return quantity;
}

/* A unit or noun that is its own number: `عامين`, `جنديان`, `لتر وربع`. */
static bool read_lone_unit(struct reader *reader, int at, struct quantity *quantity)
{
    const struct lexicon_sense *noun = token_sense(reader, at, ROLE_NOUN);
    struct number *number = &quantity->number;
    memset(number, 0, sizeof *number);
    number->first = at;
    number->end = at + 1;
    number->words = true;
    if (noun && (noun->attributes & ATTR_LONE)) {
        number->value = lexicon_value(reader->lexicon, noun);
        number->lone_unit = true;
        quantity->noun_first = at;
        quantity->noun_end = at + 1;
        quantity->core_end = at + 1;
        return true;
    }
    static const int roles[] = {ROLE_UNIT, ROLE_MONEY};
    for (int i = 0; i < 2; i++) {
        const struct lexicon_sense *unit = token_sense(reader, at, roles[i]);
        if (!unit || (unit->attributes & (ATTR_ABBR | ATTR_GLUED))) {
            continue;
        }
        set_unit(quantity, unit, at, at + 1);
        number->lone_unit = true;
        bool lone = (unit->attributes & ATTR_LONE) != 0;
        number->value = decimal_from(1, 0);
        int end = read_unit_part(reader, at + 1, quantity);
        quantity->core_end = end;
        bool joined_part = end > at + 2;
        bool alone = reader->whole_text && end == reader->token_count &&
                     pass_articles(reader, 0) == at;
        return lone || alone || (joined_part && !(unit->attributes & ATTR_WEAK));
    }
    return false;
}

static void set_inner_bound(const struct reader *reader, struct quantity *quantity)
{
    int inner = quantity->number.inner;
    const struct lexicon_sense *bound = token_sense(reader, inner, ROLE_BOUND);
    const struct lexicon_sense *approx = token_sense(reader, inner, ROLE_APPROX);
    if (inner && bound) {
        quantity->bound = (figures_bound)bound->value;
    } else if (inner && approx) {
        quantity->approx = true;
        quantity->side = (figures_side)approx->value;
    }
}

/* `une centaine`: a number word that is an approximation by itself */
static void set_inner_approx(const struct reader *reader, struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    for (int i = number->first; i < number->end && !number->vague; i++) {
        const struct lexicon_sense *approx = token_sense(reader, i, ROLE_APPROX);
        if (approx && reader->tokens[i].kind == TOKEN_WORD &&
            (token_has(reader, i, ROLE_NUMBER) || token_has(reader, i, ROLE_SCALE))) {
            quantity->approx = true;
            quantity->side = (figures_side)approx->value;
        }
    }
}

/* `около тысячи`: behind a bound a word that is vague by itself is its number. */
static void set_vague_number(struct reader *reader, struct quantity *quantity)
{
    struct number *number = &quantity->number;
    if (!number->vague || number->end != number->first + 1 ||
        (quantity->bound == FIGURES_EXACT && !quantity->approx)) {
        return;
    }
    const struct lexicon_sense *word = token_sense(reader, number->first, ROLE_SCALE);
    word = word ? word : token_sense(reader, number->first, ROLE_NUMBER);
    if (word) {
        number->vague = false;
        number->value = lexicon_value(reader->lexicon, word);
    }
}

static void finish_quantity(struct reader *reader, struct quantity *quantity)
{
    set_inner_bound(reader, quantity);
    set_inner_approx(reader, quantity);
    quantity->core_first = quantity->number.first;
    if (quantity->core_end < quantity->number.end) {
        quantity->core_end = quantity->number.end;
    }
    quantity->first = quantity->core_first;
    if (quantity->number.ordinal && !quantity->number.words) {
        quantity->end = quantity->core_end;
        return;
    }
    if (!quantity->number.lone_unit) {
        read_before(reader, quantity);
        int after = read_qualifiers_after(reader, quantity, quantity->core_end);
        quantity->core_end = after;
        if (after == quantity->number.end || quantity->unit_before) {
            read_unit(reader, quantity);
        }
        if (after > quantity->number.end && !quantity->unit) {
            int end = quantity->number.end;
            quantity->number.end = after;
            read_unit(reader, quantity);
            quantity->number.end = end;
        }
    }
    quantity->first = quantity->core_first;
    read_qualifiers(reader, quantity);
    set_vague_number(reader, quantity);
    int end = read_per(reader, quantity->core_end, quantity);
    quantity->core_end = end;
    quantity->end = read_qualifiers_after(reader, quantity, end);
    /* 每桶85美元, 배럴당 85달러: the rate stands before */
    const struct lexicon_sense *per =
        token_sense(reader, quantity->first - 1, ROLE_PER);
    bool unspaced = (reader->language->flags & LANGUAGE_SPACES) == 0;
    if (unspaced && per && per->text && !quantity->per_unit && quantity->unit &&
        quantity->first > floor_of(reader)) {
        quantity->per_unit = per;
    }
}

/* `a million`, `a dozen`, `a third`: the article is part of the figure. */
static bool article_counts(const struct number *number)
{
    return number->lone || number->denominator > 0 || number->vague;
}

static uint64_t opener_before(const struct reader *reader, int at);

/* `between the tenth and the fifteenth`: ordinals stand for numbers in a frame. */
static bool read_ordinal(struct reader *reader, int at, bool alone,
                         struct number *number)
{
    const struct lexicon_sense *ordinal = token_sense(reader, at, ROLE_ORDINAL);
    const struct quantity *before =
        reader->quantity_count > 0 ? &reader->quantities[reader->quantity_count - 1]
                                   : NULL;
    bool second = before && before->number.ordinal && at - before->end <= 3;
    if (!ordinal || (ordinal->attributes & ATTR_SUFFIX) ||
        (!second && !opener_before(reader, at) && !alone)) {
        return false;
    }
    memset(number, 0, sizeof *number);
    number->first = at;
    number->end = at + 1;
    number->value = lexicon_value(reader->lexicon, ordinal);
    number->words = true;
    number->ordinal = true;
    return true;
}

/* `4th`, `5वां`: an ordinal ending on digits. */
static void read_ordinal_ending(const struct reader *reader, struct number *number)
{
    const struct lexicon_sense *ending = token_sense(reader, number->end, ROLE_ORDINAL);
    if (ending && (ending->attributes & ATTR_SUFFIX) && number->digits &&
        number->end == number->first + 1 && token_glued(reader, number->end)) {
        number->ordinal = true;
        number->end++;
    }
}

/* `the third day`: no part of a day, because nothing stands before or between that
 * makes a fraction of it. */
static bool is_ordinal_part(const struct reader *reader, const struct number *number)
{
    int at = number->first;
    int end = number->end;
    at += end - at == 2 && token_has(reader, at, ROLE_ARTICLE);
    uint64_t never = ROLE_BIT(ROLE_SKIP) | ROLE_BIT(ROLE_STOP) |
                     ROLE_BIT(ROLE_ARTICLE) | ROLE_BIT(ROLE_SCALE) |
                     ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_JOINER) |
                     ROLE_BIT(ROLE_PERCENT);
    return number->denominator > 0 && end == at + 1 &&
           token_has(reader, at, ROLE_ORDINAL) && end < reader->token_count &&
           reader->tokens[end].kind == TOKEN_WORD &&
           !(reader->tokens[end].roles & never);
}

static void set_ordinal(const struct reader *reader, struct number *number)
{
    read_ordinal_ending(reader, number);
    if (is_ordinal_part(reader, number)) {
        number->ordinal = true;
        number->value = decimal_from(number->denominator, 0);
        number->denominator = 0;
    }
}

static bool read_at(struct reader *reader, int at, struct quantity *quantity)
{
    struct number *number = &quantity->number;
    const uint64_t parts = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                           ROLE_BIT(ROLE_FRACTION) | ROLE_BIT(ROLE_VAGUE) |
                           ROLE_BIT(ROLE_MULTIPLE) | ROLE_BIT(ROLE_UNIT) |
                           ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_ARTICLE);
    uint64_t roles = reader->tokens[at].roles;
    if ((roles & ROLE_BIT(ROLE_ARTICLE)) &&
        (at + 1 == reader->token_count ||
         !((reader->tokens[at + 1].roles & parts) ||
           reader->tokens[at + 1].kind == TOKEN_DIGITS))) {
        if (!(roles & ROLE_BIT(ROLE_NUMBER))) {
            return false;
        }
    }
    if (token_has(reader, at, ROLE_ARTICLE) && !token_has(reader, at, ROLE_NUMBER)) {
        if (read_ordinal(reader, at + 1, false, number)) {
            number->first = at;
            return true;
        }
        if (read_number(reader, at + 1, reader->token_count, number) &&
            article_counts(number)) {
            number->first = at;
            number->weak = false;
            return true;
        }
        if (!read_lone_unit(reader, at + 1, quantity)) {
            return false;
        }
        number->first = at;
        return true;
    }
    const uint64_t never_first =
        ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_NOUN);
    bool number_like = reader->tokens[at].kind == TOKEN_DIGITS ||
                       (roles & parts & ~never_first & ~ROLE_BIT(ROLE_ARTICLE));
    if (!number_like && !(roles & ROLE_BIT(ROLE_ORDINAL))) {
        return read_lone_unit(reader, at, quantity);
    }
    if (read_ordinal(reader, at, false, number) ||
        read_number(reader, at, reader->token_count, number)) {
        return true;
    }
    return read_lone_unit(reader, at, quantity) ||
           (reader->options->ordinals && read_ordinal(reader, at, true, number));
}

/* True when the first word of a frame such as `between` stands before the number. */
static uint64_t opener_before(const struct reader *reader, int at)
{
    uint64_t frames = 0;
    for (int back = 1; back < 4 && at - back >= 0; back++) {
        const struct lexicon_sense *sense = token_sense(reader, at - back, ROLE_RANGE);
        for (; sense; sense = token_sense_next(reader, at - back, ROLE_RANGE, sense)) {
            if (sense->attributes & ATTR_OPEN) {
                frames |= 1ull << (sense->text & 63);
            }
        }
    }
    return frames;
}

static bool is_middle(const struct reader *reader, int at, uint64_t frames)
{
    const struct lexicon_sense *sense = token_sense(reader, at, ROLE_RANGE);
    for (; sense; sense = token_sense_next(reader, at, ROLE_RANGE, sense)) {
        if ((sense->attributes & ATTR_MIDDLE) && (frames >> (sense->text & 63) & 1)) {
            return true;
        }
    }
    return at < reader->token_count && (reader->tokens[at].flags & TOKEN_AND);
}

/* `between a hundred and fifty` has read its own `and`: split it there, unless another
 * one follows. */
static void split_frame(struct reader *reader, struct quantity *quantity)
{
    struct number *number = &quantity->number;
    uint64_t frames = opener_before(reader, number->first);
    if (!frames || is_middle(reader, number->end, frames)) {
        return;
    }
    for (int at = number->end - 1; at > number->first; at--) {
        struct number lower;
        if (is_middle(reader, at, frames) &&
            read_number(reader, number->first, at, &lower) && lower.end == at) {
            *number = lower;
            return;
        }
    }
}

void read_quantities(struct reader *reader)
{
    reader->quantity_count = 0;
    for (int at = 0; at < reader->token_count;) {
        const struct token *token = &reader->tokens[at];
        const uint64_t roles = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                               ROLE_BIT(ROLE_FRACTION) | ROLE_BIT(ROLE_VAGUE) |
                               ROLE_BIT(ROLE_MULTIPLE) | ROLE_BIT(ROLE_ARTICLE) |
                               ROLE_BIT(ROLE_NOUN) | ROLE_BIT(ROLE_UNIT) |
                               ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_ORDINAL);
        bool may = token->kind == TOKEN_DIGITS || (token->roles & roles);
        struct quantity *quantity = may ? add_quantity(reader) : NULL;
        if (!quantity || (token->flags & (TOKEN_DEAD | TOKEN_TIME)) ||
            !read_at(reader, at, quantity)) {
            at++;
            continue;
        }
        split_frame(reader, quantity);
        set_ordinal(reader, &quantity->number);
        finish_quantity(reader, quantity);
        reader->quantity_count++;
        reader->steps++;
        at = quantity->end > at ? quantity->end : at + 1;
    }
}
