#include "quantity.h"

/* The unit of a number: which word or sign may be one, and the rate behind it. */

bool is_upper_code_word(const struct reader *reader, int at,
                        const struct lexicon_sense *unit)
{
    const struct token *token = &reader->tokens[at];
    const uint64_t words = ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_ARTICLE);
    bool code =
        unit->role == ROLE_MONEY && token->code < 0x80 && token->to - token->from == 3;
    bool word = (unit->attributes & ATTR_WEAK) || (token->roles & words);
    return !code || !word || (token->flags & TOKEN_UPPER);
}

/* A clause ends before the token: nothing follows that a preposition could govern. */
static bool ends_clause(const struct reader *reader, int at)
{
    static const char signs[] = ".,;:)!?";
    for (size_t i = 0; i + 1 < sizeof signs; i++) {
        if (token_is_sign(reader, at, (unsigned char)signs[i])) {
            return true;
        }
    }
    return at >= reader->token_count;
}

/* `vier ml`, `tienduizend m²`: a symbol of more than one letter that is no word. */
static bool is_clear_symbol(const struct reader *reader, int at,
                            const struct lexicon_sense *unit,
                            const struct number *number)
{
    const struct token *token = &reader->tokens[at];
    const uint64_t words = ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_SKIP) |
                           ROLE_BIT(ROLE_ARTICLE) | ROLE_BIT(ROLE_MONEY) |
                           ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_RANGE);
    return unit->role == ROLE_UNIT && token->to - token->from > 1 &&
           !(token->roles & words) && !number->weak && !number->lone && !number->vague;
}

/* `5"`: inches where the sign closes no quotation and the text is a line by itself. */
static bool closes_quotation(const struct reader *reader, int at)
{
    bool open = false;
    for (int i = 0; i < at; i++) {
        open = open != token_is_sign(reader, i, '"');
    }
    return open || !reader->whole_text;
}

/* The amount that ends where the number starts, if its unit is of the same kind. */
static const struct quantity *amount_before(const struct reader *reader,
                                            const struct number *number, int role)
{
    const struct quantity *before =
        reader->quantity_count > 0 ? &reader->quantities[reader->quantity_count - 1]
                                   : NULL;
    bool ends = before && number->first - before->end <= 1;
    return ends && before->unit && before->unit->role == role ? before : NULL;
}

/* 5元3分, 六斤四两: a series of units that get smaller. */
static bool goes_on_in_parts(const struct reader *reader, const struct number *number,
                             const struct lexicon_sense *unit)
{
    const struct quantity *before = amount_before(reader, number, unit->role);
    bool unspaced = (reader->language->flags & LANGUAGE_SPACES) == 0;
    bool part =
        (unit->attributes & ATTR_PART) && before && before->unit->text == unit->text;
    return part || (before && unspaced && number->first == before->end &&
                    !(unit->attributes & ATTR_PART));
}

/* The sign of feet or inches is a quotation mark here: feet are followed by inches. */
static bool is_quotation_sign(const struct reader *reader, int at)
{
    bool inches = at + 1 < reader->token_count &&
                  reader->tokens[at + 1].kind == TOKEN_DIGITS &&
                  token_has(reader, at + 2, ROLE_UNIT);
    if (token_is_sign(reader, at, '\'') && !inches) {
        return true;
    }
    return token_is_sign(reader, at, '"') && !token_is_sign(reader, at - 2, '\'') &&
           closes_quotation(reader, at);
}

static bool unit_fits(const struct reader *reader, int at,
                      const struct lexicon_sense *unit, const struct number *number)
{
    bool after_digits = number->digits;
    bool glued = token_glued(reader, at);
    bool code = (reader->tokens[at].flags & TOKEN_UPPER) &&
                token_glued(reader, at + 1) && token_is_sign(reader, at + 1, '-') &&
                token_glued(reader, at + 2) &&
                reader->tokens[at + 2].kind == TOKEN_DIGITS;
    if (code && unit->role == ROLE_UNIT) {
        return false; /* two KN-23 missiles */
    }
    if ((unit->attributes & ATTR_ABBR) && !after_digits &&
        !is_clear_symbol(reader, at, unit, number)) {
        return false;
    }
    bool apart = unit->role == ROLE_UNIT && token_has(reader, at, ROLE_STOP) &&
                 ends_clause(reader, at + 1); /* 10 in. */
    if ((unit->attributes & ATTR_GLUED) && !(after_digits && (glued || apart))) {
        return false;
    }
    if (unit->role == ROLE_UNIT && is_quotation_sign(reader, at)) {
        return false;
    }
    if (unit->role == ROLE_UNIT && (unit->attributes & ATTR_SMALL) &&
        (reader->tokens[at].flags & TOKEN_CAPITAL)) {
        return false;
    }
    bool goes_on = unit->role != ROLE_PERCENT && goes_on_in_parts(reader, number, unit);
    if (!is_upper_code_word(reader, at, unit) ||
        ((unit->attributes & ATTR_WEAK) && !goes_on &&
         (number->weak || number->lone))) {
        return false;
    }
    if ((unit->attributes & ATTR_AFTER) && (unit->attributes & ATTR_PART) &&
        unit->role != ROLE_PERCENT && !goes_on) {
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

int read_per(struct reader *reader, int at, struct quantity *quantity)
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
int read_unit_part(struct reader *reader, int at, struct quantity *quantity)
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

static bool is_one(const struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    const struct lexicon_sense *word = token_sense(reader, at, ROLE_NUMBER);
    figures_decimal value = {{0}, 0, false, false};
    if (token->kind == TOKEN_DIGITS) {
        value = reader->literals[token->literal].value;
    } else if (word) {
        value = lexicon_value(reader->lexicon, word);
    }
    return value.set && decimal_compare(value, decimal_from(1, 0)) == 0;
}

static bool is_letter(const struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    return token->kind == TOKEN_WORD && token->to - token->from == 1;
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
    bool bracket = token_is_sign(reader, at, '(') && token_is_sign(reader, at + 2, ')');
    if (bracket && !is_letter(reader, at + 1) && unit_at(reader, at + 1, number)) {
        return at + 1; /* 20 (kg), but not 2.37 (c) */
    }
    bool part = number->denominator > 0;
    if (part && token_has(reader, at, ROLE_SKIP) &&
        token_has(reader, at + 2, ROLE_PERCENT) && is_one(reader, at + 1)) {
        return at + 2; /* half of one percent */
    }
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

void read_unit(struct reader *reader, struct quantity *quantity)
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
    end += at == number->end + 1 && token_is_sign(reader, at - 1, '(') &&
           token_is_sign(reader, end, ')');
    bool second_money = quantity->unit && unit->role != ROLE_MONEY;
    if (second_money) {
        return;
    }
    if (quantity->unit) {
        quantity->core_end = end;
        bool names = unit->text != quantity->unit->text &&
                     !(unit->attributes & (ATTR_PART | ATTR_DOUBT));
        if ((quantity->unit->attributes & ATTR_DOUBT) || names) {
            quantity->unit = unit; /* $100 AUD */
        }
        return;
    }
    set_unit(quantity, unit, at, end);
    end = read_scale_after(reader, end, quantity);
    quantity->core_end = read_unit_part(reader, end, quantity);
}
