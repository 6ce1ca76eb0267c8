#include "quantity.h"
#include "fold.h"

#include <string.h>

/* A number together with its unit, and the words before and after that qualify it. */

/* Tokens before this one belong to the quantity before. */
static int floor_of(const struct reader *reader)
{
    return reader->quantity_count > 0
               ? reader->quantities[reader->quantity_count - 1].end
               : 0;
}

/* The token of a currency before its full stop: `Rs. 5`. */
static int pass_dot_before(const struct reader *reader, int at)
{
    const struct lexicon_sense *money = token_sense(reader, at - 1, ROLE_MONEY);
    bool dot = money && (money->attributes & ATTR_DOT) && token_glued(reader, at) &&
               token_is_sign(reader, at, '.') && at - 1 >= floor_of(reader);
    return dot ? at - 1 : at;
}

/* `percentage of 20`, where it is all that the text says. */
static bool read_percentage_of(const struct reader *reader, struct quantity *quantity)
{
    const struct lexicon_sense *percent = token_sense(reader, 0, ROLE_PERCENT);
    bool of = token_has(reader, 1, ROLE_SKIP) || token_has(reader, 1, ROLE_STOP);
    if (!percent || !of || quantity->core_first != 2 || !reader->whole_text ||
        quantity->number.end != reader->token_count) {
        return false;
    }
    set_unit(quantity, percent, 0, 1);
    quantity->unit_before = true;
    quantity->core_first = 0;
    return true;
}

/* Currency signs, percent words and minus signs directly before the number. */
static void read_before(struct reader *reader, struct quantity *quantity)
{
    if (read_percentage_of(reader, quantity)) {
        return;
    }
    int at = quantity->core_first;
    for (int tries = 0; tries < 4 && at > floor_of(reader); tries++) {
        int before = pass_dot_before(reader, at - 1);
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
        const struct lexicon_sense *minus = token_sense(reader, before, ROLE_MINUS);
        if (minus && (minus->attributes & (ATTR_AFTER | ATTR_BEFORE)) != ATTR_AFTER) {
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
            !is_upper_code_word(reader, before, unit)) {
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
    if (token_is_sign(reader, before, '=') && quantity->bound == FIGURES_EXACT &&
        (token_is_sign(reader, before - 1, '<') ||
         token_is_sign(reader, before - 1, '>'))) {
        bool less = token_is_sign(reader, before - 1, '<'); /* `< = 100` */
        quantity->bound = less ? FIGURES_AT_MOST : FIGURES_AT_LEAST;
        return before - 1;
    }
    const unsigned needs = ATTR_APART | ATTR_WEAK;
    sense = sense && (sense->attributes & needs) == needs ? NULL : sense;
    bool follows_number = before > 0 && reader->quantity_count > 0 &&
                          reader->quantities[reader->quantity_count - 1].end == before;
    bool range = token_has(reader, before, ROLE_RANGE);
    if (sense &&
        (!(sense->attributes & ATTR_AFTER) || (sense->attributes & ATTR_BEFORE)) &&
        !(range && follows_number)) {
        if (quantity->bound != FIGURES_EXACT) {
            return at; /* under [one or more] licences */
        }
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
        if (is_approx_prefix(reader, token)) { /* כמיליון */
            quantity->approx = true;
            quantity->first = --at;
            continue;
        }
        bool pass =
            token_has(reader, at - 1, ROLE_ARTICLE) || token->kind == TOKEN_PREFIX;
        if (!pass || (token->flags & TOKEN_AND)) {
            break;
        }
        at--;
    }
}

/* `aged between 5 and 14`, `aged over 60`: the unit before what qualifies the number */
static void read_age_before(const struct reader *reader, struct quantity *quantity)
{
    int before =
        (quantity->opener_first >= 0 ? quantity->opener_first : quantity->first) - 1;
    const struct lexicon_sense *unit = token_sense(reader, before, ROLE_UNIT);
    const unsigned needs = ATTR_AGE | ATTR_BEFORE;
    if (unit && (unit->attributes & needs) == needs && !quantity->unit &&
        before >= floor_of(reader)) {
        set_unit(quantity, unit, before, before + 1);
        quantity->unit_before = true;
    }
}

/* `يزيد عدد القتلى على 500`, `تجاوز عدد النازحين مليونا`: between the verb and its
 * number stands what exceeds it. A weak one needs its preposition before the number. */
static void read_bound_apart(const struct reader *reader, struct quantity *quantity)
{
    int at = quantity->first - 1;
    const uint64_t never =
        ROLE_BIT(ROLE_CHANGE) | ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_NUMBER);
    if (quantity->bound != FIGURES_EXACT || quantity->approx || quantity->opener ||
        !(reader->sentence_roles & ROLE_BIT(ROLE_BOUND)) || at < floor_of(reader)) {
        return;
    }
    bool preposition =
        token_has(reader, at, ROLE_STOP) || reader->tokens[at].kind == TOKEN_PREFIX;
    for (int words = 0; words < 6 && at >= floor_of(reader); words++, at--) {
        const struct lexicon_sense *bound = token_sense(reader, at, ROLE_BOUND);
        if (bound && (bound->attributes & ATTR_APART) &&
            (preposition || !(bound->attributes & ATTR_WEAK))) {
            quantity->bound = (figures_bound)bound->value;
            return;
        }
        if (bound || reader->tokens[at].kind == TOKEN_SIGN ||
            (reader->tokens[at].roles & never)) {
            return;
        }
    }
}

static bool starts_number(const struct reader *reader, int at)
{
    return at < reader->token_count && !(reader->tokens[at].flags & TOKEN_TIME) &&
           (reader->tokens[at].kind == TOKEN_DIGITS ||
            token_has(reader, at, ROLE_NUMBER));
}

/* A bound at a token that may stand behind its number. */
static const struct lexicon_sense *bound_behind(const struct reader *reader, int at)
{
    const struct lexicon_sense *bound = token_sense(reader, at, ROLE_BOUND);
    return bound && (bound->attributes & ATTR_AFTER) ? bound : NULL;
}

/* The token carries an ending of its language: 10'dan, binden. */
static bool has_ending(const struct reader *reader, int at)
{
    if (at < 0) {
        return false;
    }
    const struct token *token = &reader->tokens[at];
    unsigned char last = reader->folded[token->to - 1];
    return token->kind == TOKEN_DIGITS ? !is_ascii_digit(last)
                                       : token->counts[SENSES_SUFFIX] > 0;
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
            (token_has(reader, next + 1, ROLE_STOP) &&
             starts_number(reader, next + 2) &&
             !bound_behind(reader, next + 3)); /* 100 como máximo e 20 como mínimo */
        bool spaced = (reader->language->flags & LANGUAGE_SPACES) != 0;
        /* no more than 12 and more [than 194]: one bound is enough */
        const struct lexicon_sense *other =
            token_sense(reader, quantity->core_first - 1, ROLE_BOUND);
        bool either = (bound && (bound->attributes & ATTR_BEFORE)) ||
                      token_has(reader, next, ROLE_RANGE) ||
                      (spaced && starts_number(reader, next + 1));
        /* tr 10'dan büyük: an adjective is a bound behind a number with an ending only
         */
        if (bound && (bound->attributes & ATTR_WEAK) &&
            !has_ending(reader, quantity->core_end - 1)) {
            bound = NULL;
        }
        bool bounded = other && !(other->attributes & ATTR_AFTER) &&
                       token_has(reader, next + 1, ROLE_STOP);
        if (bound && (bound->attributes & ATTR_AFTER) && !(ahead && either) &&
            !bounded && quantity->bound == FIGURES_EXACT) {
            quantity->bound = (figures_bound)bound->value;
        } else if (approx && (approx->attributes & ATTR_AFTER) &&
                   (!(approx->attributes & ATTR_GLUED) || token_glued(reader, next))) {
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
    static const int roles[] = {ROLE_UNIT, ROLE_MONEY, ROLE_PERCENT};
    for (int i = 0; i < 3; i++) {
        const struct lexicon_sense *unit = token_sense(reader, at, roles[i]);
        bool symbol = unit && (unit->attributes & (ATTR_ABBR | ATTR_GLUED)) != 0;
        if (!unit || (symbol && pass_articles(reader, 0) == 0) ||
            (unit->role == ROLE_PERCENT && !(unit->attributes & ATTR_LONE))) {
            continue;
        }
        set_unit(quantity, unit, at, at + 1);
        number->lone_unit = true;
        bool lone = (unit->attributes & ATTR_LONE) != 0;
        number->value = decimal_from(1, 0);
        int end = read_unit_part(reader, at + 1, quantity);
        int64_t dual;
        if (end > at + 1 && (unit->attributes & ATTR_PART) &&
            decimal_to_whole(lexicon_value(reader->lexicon, unit), &dual)) {
            /* عامين ونصف: the half is one of a year, not of two */
            figures_decimal part =
                decimal_add(number->value, decimal_negate(decimal_from(1, 0)));
            number->value = decimal_add(decimal_from(1, 0),
                                        decimal_divide(part, (uint32_t)dual, 17));
        }
        quantity->core_end = end;
        bool joined_part = end > at + 2;
        bool alone = reader->whole_text && end == reader->token_count &&
                     pass_articles(reader, 0) == at;
        if (symbol) {
            return alone; /* a kg */
        }
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

/* `une centaine`, শতাধিক: a number word that is an approximation or a bound by itself
 */
static void set_inner_approx(const struct reader *reader, struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    for (int i = number->first; i < number->end && !number->vague; i++) {
        const struct lexicon_sense *approx = token_sense(reader, i, ROLE_APPROX);
        const struct lexicon_sense *bound = token_sense(reader, i, ROLE_BOUND);
        if (bound && (bound->attributes & ATTR_AFTER) &&
            (token_has(reader, i, ROLE_NUMBER) || token_has(reader, i, ROLE_SCALE))) {
            quantity->bound = (figures_bound)bound->value;
        }
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

/* `dólares 22,5 millones`, `ringgit 42`: the name of a currency before digits that
 * count nothing else. */
static void read_money_name_before(struct reader *reader, struct quantity *quantity)
{
    int before = quantity->core_first - 1;
    int after = quantity->core_end;
    const struct lexicon_sense *money = token_sense(reader, before, ROLE_MONEY);
    const uint64_t ends =
        ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_RANGE);
    bool counts = after < reader->token_count &&
                  reader->tokens[after].kind == TOKEN_WORD &&
                  !(reader->tokens[after].roles & ends);
    const unsigned never = ATTR_ABBR | ATTR_GLUED | ATTR_PART | ATTR_WEAK;
    if (quantity->unit || !quantity->number.digits || !money || counts ||
        (money->attributes & never) || !is_upper_code_word(reader, before, money) ||
        before < floor_of(reader) || reader->tokens[before].kind != TOKEN_WORD ||
        token_glued(reader, before + 1)) {
        return;
    }
    set_unit(quantity, money, before, before + 1);
    quantity->unit_before = true;
    quantity->core_first = before;
    quantity->doubt += 0.2f;
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
        read_money_name_before(reader, quantity);
    }
    const struct lexicon_sense *minus =
        token_sense(reader, quantity->core_end, ROLE_MINUS);
    if (minus && (minus->attributes & ATTR_AFTER) && !quantity->negative &&
        !starts_number(reader, quantity->core_end + 1)) {
        quantity->negative = true; /* ten degrees below zero */
        quantity->core_end++;
    }
    quantity->first = quantity->core_first;
    read_qualifiers(reader, quantity);
    read_bound_apart(reader, quantity);
    read_age_before(reader, quantity);
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
    /* `higher than tenth`, but `more than a third`: no part without its article */
    bool ranked = token_has(reader, at - 1, ROLE_BOUND) && number->denominator > 4;
    uint64_t never = ROLE_BIT(ROLE_SKIP) | ROLE_BIT(ROLE_STOP) |
                     ROLE_BIT(ROLE_ARTICLE) | ROLE_BIT(ROLE_SCALE) |
                     ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_JOINER) |
                     ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_BOUND) |
                     ROLE_BIT(ROLE_RANGE) | ROLE_BIT(ROLE_APPROX);
    bool part =
        number->denominator > 0 && end == at + 1 && token_has(reader, at, ROLE_ORDINAL);
    if (part && ranked && at == number->first) {
        return true;
    }
    return part && end < reader->token_count &&
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

/* `un 11 %`, `een 20-jarige`: an article that is a number word too, before digits. */
static bool is_article_of_digits(const struct reader *reader, int at)
{
    return token_has(reader, at, ROLE_ARTICLE) && token_has(reader, at, ROLE_NUMBER) &&
           at + 1 < reader->token_count &&
           reader->tokens[at + 1].kind == TOKEN_DIGITS &&
           !(reader->tokens[at + 1].flags & (TOKEN_DEAD | TOKEN_TIME));
}

static bool read_at(struct reader *reader, int at, struct quantity *quantity)
{
    const struct lexicon_sense *percent = token_sense(reader, at, ROLE_PERCENT);
    bool opens = percent && (percent->attributes & ATTR_BEFORE) &&
                 starts_number(reader, at + 1); /* tr binde 5 */
    if (opens || is_article_of_digits(reader, at)) {
        return false;
    }
    struct number *number = &quantity->number;
    const uint64_t parts = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                           ROLE_BIT(ROLE_DECIMAL_WORD) | ROLE_BIT(ROLE_FRACTION) |
                           ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_MULTIPLE) |
                           ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                           ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_ARTICLE);
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
    const uint64_t never_first = ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                                 ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_NOUN);
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
    for (int i = 0, next = 0; i < reader->active_count; i++) {
        int at = reader->active[i];
        const struct token *token = &reader->tokens[at];
        if (at < next) {
            continue;
        }
        bool may = token->kind == TOKEN_DIGITS || (token->roles & QUANTITY_ROLES);
        struct quantity *quantity = may ? add_quantity(reader) : NULL;
        if (!quantity || (token->flags & (TOKEN_DEAD | TOKEN_TIME)) ||
            !read_at(reader, at, quantity)) {
            continue;
        }
        split_frame(reader, quantity);
        set_ordinal(reader, &quantity->number);
        finish_quantity(reader, quantity);
        reader->quantity_count++;
        reader->steps++;
        next = quantity->end > at ? quantity->end : at + 1;
    }
}
