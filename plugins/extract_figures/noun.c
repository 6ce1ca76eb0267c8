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
        if (ending < length &&
            memcmp(reader->folded + t->to - ending, form, ending) == 0) {
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
    const uint64_t roles =
        ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_SOURCE) | ROLE_BIT(ROLE_JOINER) |
        ROLE_BIT(ROLE_CHANGE) | ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_APPROX) |
        ROLE_BIT(ROLE_TIME) | ROLE_BIT(ROLE_RANGE) | ROLE_BIT(ROLE_RESPECTIVELY) |
        ROLE_BIT(ROLE_PER) | ROLE_BIT(ROLE_HEDGE) | ROLE_BIT(ROLE_PERCENT) |
        ROLE_BIT(ROLE_MONEY);
    if (token_has(reader, token, ROLE_NOUN)) {
        return false;
    }
    return t->kind != TOKEN_WORD || (t->roles & roles) != 0 ||
           (t->flags & TOKEN_TIME) != 0;
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
        if (!(reader->language->flags & LANGUAGE_SPACES) &&
            token_has(reader, end - 1, ROLE_NOUN)) {
            return end;
        }
        if (rule == PHRASE_CAPITAL && (token->flags & TOKEN_CAPITAL)) {
            return end;
        }
        if (rule == PHRASE_PLURAL &&
            ends_with(reader, end - 1, reader->language->plural_endings) &&
            !(end < reader->token_count && !stops(reader, end) &&
              ends_with(reader, end, reader->language->plural_endings))) {
            return end;
        }
        if (rule == PHRASE_FIRST) {
            break;
        }
        /* a hyphen joins, any other sign ends */
        if (token_is_sign(reader, end, '-') && token_glued(reader, end) &&
            token_glued(reader, end + 1) && !stops(reader, end + 1)) {
            end++;
        }
    }
    if (rule == PHRASE_CAPITAL) {
        return first;
    }
    while (rule == PHRASE_FIRST && end > first && end < first + 3 &&
           !stops(reader, end) &&
           ends_with(reader, end, reader->language->adjective_endings)) {
        end++;
    }
    return end;
}

static bool is_plain_prefix(const struct reader *reader, int token)
{
    return token < reader->token_count && reader->tokens[token].kind == TOKEN_PREFIX &&
           !(reader->tokens[token].flags & TOKEN_AND);
}

/* `2,000 were killed`: a participle in the same clause, behind words that are stops. */
static bool read_participle(struct reader *reader, struct quantity *quantity)
{
    bool any = reader->language->noun_phrase == PHRASE_CAPITAL;
    for (int at = quantity->end; at < quantity->end + PARTICIPLE_REACH; at++) {
        if (at >= reader->token_count || reader->tokens[at].kind == TOKEN_SIGN ||
            reader->tokens[at].kind == TOKEN_DIGITS) {
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
static void read_word_of_counting(const struct reader *reader,
                                  struct quantity *quantity)
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
    if (next < reader->quantities + reader->quantity_count &&
        next->first == quantity->end && next->unit && next->unit->role == ROLE_UNIT) {
        return next->end;
    }
    return quantity->end;
}

/* 砲弾は570万発, 포탄을 570만발: the noun before a number that has a counter. */
static bool read_noun_before(const struct reader *reader, struct quantity *quantity)
{
    int at = quantity->first - 1;
    if (!(reader->language->flags & LANGUAGE_NOUN_BEFORE)) {
        return false;
    }
    bool particle =
        token_has(reader, at, ROLE_STOP) && !token_has(reader, at, ROLE_NOUN);
    at -= particle;
    if (at < 0 || (reader->tokens[at].flags & (TOKEN_TIME | TOKEN_DEAD)) ||
        reader->tokens[at].kind != TOKEN_WORD) {
        return false;
    }
    bool unknown = reader->tokens[at].roles == 0 && !particle &&
                   reader->tokens[at].to - reader->tokens[at].from >= 6;
    if (!token_has(reader, at, ROLE_NOUN) && !unknown) {
        return false;
    }
    int first = at;
    while (first > 0 && at - first < 3 && token_glued(reader, first) &&
           reader->tokens[first - 1].kind == TOKEN_WORD &&
           reader->tokens[first - 1].roles == 0) {
        first--;
    }
    quantity->noun_first = first;
    quantity->noun_end = at + 1;
    return true;
}

/* 100명 이상의 사람들: a bound between the counter and the noun. */
static bool is_qualifier(const struct reader *reader, int at)
{
    const struct lexicon_sense *bound = token_sense(reader, at, ROLE_BOUND);
    bound = bound ? bound : token_sense(reader, at, ROLE_APPROX);
    return bound && (bound->attributes & ATTR_AFTER);
}

/* ملايين القذائف: the article that was taken off the noun belongs to it. */
static int article_first(const struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at > 0 ? at - 1 : 0];
    const char *form = reader->lexicon->text + reader->language->definite;
    size_t length = token->to - token->from;
    if (at < 1 || token->kind != TOKEN_PREFIX || !token_glued(reader, at)) {
        return at;
    }
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == length &&
            memcmp(reader->folded + token->from, form, length) == 0) {
            return at - 1;
        }
    }
    return at;
}

static void read_noun(struct reader *reader, struct quantity *quantity)
{
    int at = pass_measure(reader, quantity);
    int counter = -1;
    if (token_is_sign(reader, at, '-') && token_glued(reader, at) &&
        token_glued(reader, at + 1)) {
        at++;
    }
    while (at < reader->token_count) {
        if (token_has(reader, at, ROLE_COUNTER) && counter < 0 &&
            !token_has(reader, at, ROLE_NOUN)) {
            counter = at;
        } else if (counter >= 0 && read_qualifiers_after(reader, quantity, at) > at) {
            while (is_qualifier(reader, at)) {
                at++;
            }
            quantity->end = at;
            continue;
        } else if (!token_has(reader, at, ROLE_SKIP) &&
                   (!token_has(reader, at, ROLE_ARTICLE) ||
                    token_has(reader, at, ROLE_STOP)) &&
                   !is_plain_prefix(reader, at)) {
            break;
        }
        at++;
    }
    int end = phrase_end(reader, at);
    bool first_stops = stops(reader, at);
    bool linked = counter >= 0 && token_has(reader, at - 1, ROLE_SKIP);
    if ((reader->language->flags & LANGUAGE_NOUN_BEFORE) && counter >= 0 && !linked &&
        !token_has(reader, at, ROLE_NOUN)) {
        first_stops = true; /* 드론 100대 이상을 격추: what follows is not counted */
    }
    if (!first_stops && end > at) {
        quantity->noun_first = article_first(reader, at);
        quantity->noun_end = end;
    } else if (counter >= 0 && read_noun_before(reader, quantity)) {
        int after = read_qualifiers_after(reader, quantity, counter + 1);
        quantity->end = after > counter + 1 ? after : quantity->end;
        return;
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
    const struct lexicon_sense *per = token_sense(reader, quantity->noun_end, ROLE_PER);
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
        if (!left->dead && left->list && !left->unit &&
            left->noun_end == left->noun_first && !right->dead && !right->unit) {
            left->noun_first = right->noun_first;
            left->noun_end = right->noun_end;
        }
    }
}
