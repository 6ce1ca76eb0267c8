#include "reader.h"

#include <string.h>

/* What is counted: the noun phrase after a number, or a word such as `killed`. */

enum { PHRASE_WORDS = 5, PARTICIPLE_REACH = 8 };

static bool ends_with(const struct reader *reader, int token, uint32_t list)
{
    const struct token *t = &reader->tokens[token];
    const char *form = reader->lexicon->text + list;
    size_t length = t->to - t->from;
    for (; *form; form += strlen(form) + 1) {
        size_t ending = strlen(form);
        if (ending < length
            && memcmp(reader->folded + t->to - ending, form, ending) == 0) {
            return true;
        }
    }
    return false;
}

/* Words that are never part of what is counted. */
static bool stops(const struct reader *reader, int token)
{
    if (token >= reader->token_count) {
        return true;
    }
    const struct token *t = &reader->tokens[token];
    const uint64_t roles = ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_SOURCE)
        | ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_CHANGE) | ROLE_BIT(ROLE_BOUND)
        | ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_TIME) | ROLE_BIT(ROLE_RANGE)
        | ROLE_BIT(ROLE_RESPECTIVELY) | ROLE_BIT(ROLE_PER) | ROLE_BIT(ROLE_HEDGE)
        | ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY);
    if (token_has(reader, token, ROLE_NOUN)) {
        return false;
    }
    return t->kind != TOKEN_WORD || (t->roles & roles) != 0
        || (t->flags & TOKEN_TIME) != 0;
}

/* Where the phrase that starts at `first` ends, by the rule of the language. */
static int phrase_end(const struct reader *reader, int first)
{
    int end = first;
    int rule = reader->language->noun_phrase;
    while (end < first + PHRASE_WORDS && !stops(reader, end)) {
        const struct token *token = &reader->tokens[end];
        bool wide = end > first && token_has(reader, end, ROLE_ARTICLE);
        if (wide || (end > first && token_has(reader, end, ROLE_SKIP))) {
            break;
        }
        end++;
        if (rule == PHRASE_CAPITAL && (token->flags & TOKEN_CAPITAL)) {
            return end;
        }
        if (rule == PHRASE_PLURAL
            && ends_with(reader, end - 1, reader->language->plural_endings)
            && !(end < reader->token_count && !stops(reader, end)
                && ends_with(reader, end, reader->language->plural_endings))) {
            return end;
        }
        if (rule == PHRASE_FIRST) {
            break;
        }
        /* a hyphen joins, any other sign ends */
        if (token_is_sign(reader, end, '-') && token_glued(reader, end)
            && token_glued(reader, end + 1) && !stops(reader, end + 1)) {
            end++;
        }
    }
    if (rule == PHRASE_CAPITAL) {
        return first;
    }
    while (rule == PHRASE_FIRST && end > first && end < first + 3 && !stops(reader, end)
        && ends_with(reader, end, reader->language->adjective_endings)) {
        end++;
    }
    return end;
}

static bool is_plain_prefix(const struct reader *reader, int token)
{
    return token < reader->token_count && reader->tokens[token].kind == TOKEN_PREFIX
        && !(reader->tokens[token].flags & TOKEN_AND);
}

/* `2,000 were killed`: a participle in the same clause, behind words that are stops. */
static bool read_participle(struct reader *reader, struct quantity *quantity)
{
    bool any = reader->language->noun_phrase == PHRASE_CAPITAL;
    for (int at = quantity->end; at < quantity->end + PARTICIPLE_REACH; at++) {
        if (at >= reader->token_count || reader->tokens[at].kind == TOKEN_SIGN
            || reader->tokens[at].kind == TOKEN_DIGITS) {
            return false;
        }
        if (token_has(reader, at, ROLE_PARTICIPLE)) {
            quantity->noun_first = at;
            quantity->noun_end = at + 1;
            return true;
        }
        if (!any && !token_has(reader, at, ROLE_STOP)) {
            return false;
        }
    }
    return false;
}

/* `يقدر عددهم بـ7,5 مليون`: a word before the number says that something is counted. */
static void read_word_of_counting(const struct reader *reader, struct quantity *quantity)
{
    for (int at = quantity->number.first - 1, tries = 0; at >= 0 && tries < 3;
         at--, tries++) {
        quantity->counts = quantity->counts || token_has(reader, at, ROLE_PARTICIPLE);
    }
}

/* A measure between number and noun: `1 million 155mm shells`, `two 500-kg bombs`. */
static int pass_measure(const struct reader *reader, const struct quantity *quantity)
{
    const struct quantity *next = quantity + 1;
    if (next < reader->quantities + reader->quantity_count
        && next->first == quantity->end && next->unit && next->unit->role == ROLE_UNIT) {
        return next->end;
    }
    return quantity->end;
}

static void read_noun(struct reader *reader, struct quantity *quantity)
{
    int at = pass_measure(reader, quantity);
    int counter = -1;
    if (token_is_sign(reader, at, '-') && token_glued(reader, at)
        && token_glued(reader, at + 1)) {
        at++;
    }
    while (at < reader->token_count) {
        if (token_has(reader, at, ROLE_COUNTER) && counter < 0
            && !token_has(reader, at, ROLE_NOUN)) {
            counter = at;
        } else if (!token_has(reader, at, ROLE_SKIP) && !token_has(reader, at, ROLE_ARTICLE)
            && !is_plain_prefix(reader, at)) {
            break;
        }
        at++;
    }
    int end = phrase_end(reader, at);
    bool first_stops = stops(reader, at);
    if (!first_stops && end > at) {
        quantity->noun_first = at;
        quantity->noun_end = end;
    } else if (counter >= 0) {
        quantity->noun_first = counter;
        quantity->noun_end = counter + 1;
    } else if (!read_participle(reader, quantity)) {
        read_word_of_counting(reader, quantity);
        return;
    }
    int bound_end = read_qualifiers_after(reader, quantity, quantity->noun_end);
    if (bound_end > quantity->noun_end) {
        quantity->end = bound_end;
    }
}

static void read_noun_per(struct reader *reader, struct quantity *quantity)
{
    const struct lexicon_sense *per
        = token_sense(reader, quantity->noun_end, ROLE_PER);
    if (!per || quantity->per_unit || quantity->per_end > quantity->per_first) {
        return;
    }
    if (per->text) {
        quantity->per_unit = per;
        return;
    }
    int next = quantity->noun_end + 1;
    while (token_has(reader, next, ROLE_ARTICLE)) {
        next++;
    }
    const struct lexicon_sense *unit = token_sense(reader, next, ROLE_UNIT);
    if (unit) {
        quantity->per_unit = unit;
    } else if (!stops(reader, next)) {
        quantity->per_first = next;
        quantity->per_end = next + 1;
    }
}

void read_nouns(struct reader *reader)
{
    for (int i = 0; i < reader->quantity_count; i++) {
        struct quantity *quantity = &reader->quantities[i];
        bool ratio = quantity->number.denominator > 0 || quantity->number.multiple;
        if (quantity->dead || quantity->unit) {
            continue;
        }
        if (quantity->noun_end == quantity->noun_first) {
            read_noun(reader, quantity);
        }
        if (quantity->noun_end > quantity->noun_first && !ratio) {
            read_noun_per(reader, quantity);
        }
    }
    /* `three million and five million copies`: the noun of the last holds for all */
    for (int i = reader->quantity_count - 2; i >= 0; i--) {
        struct quantity *left = &reader->quantities[i];
        const struct quantity *right = &reader->quantities[i + 1];
        if (!left->dead && left->list && !left->unit && left->noun_end == left->noun_first
            && !right->dead && !right->unit) {
            left->noun_first = right->noun_first;
            left->noun_end = right->noun_end;
        }
    }
}
