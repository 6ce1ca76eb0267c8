#include "reader.h"

#include <string.h>

/* What is counted: the noun phrase after a number, or a word such as `killed`. */

enum { PARTICIPLE_REACH = 8 };

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

static bool is_hiragana(const struct reader *reader, int token)
{
    const struct token *t = &reader->tokens[token];
    const unsigned char *last = reader->folded + t->to - 3;
    return t->to - t->from >= 3 && last[0] == 0xe3 &&
           (last[1] == 0x81 || (last[1] == 0x82 && last[2] < 0xa0));
}

/* True for a piece of a word that may be a noun written without blanks. */
static bool is_noun_piece(const struct reader *reader, int at)
{
    const uint64_t never = ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) |
                           ROLE_BIT(ROLE_HEDGE) | ROLE_BIT(ROLE_SOURCE) |
                           ROLE_BIT(ROLE_RANGE) | ROLE_BIT(ROLE_CHANGE) |
                           ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_ORDINAL);
    const struct token *token = &reader->tokens[at];
    if (token->kind != TOKEN_WORD || (token->flags & TOKEN_TIME) ||
        memchr(reader->folded + token->from, ' ', token->to - token->from)) {
        return false;
    }
    return token_has(reader, at, ROLE_NOUN) ||
           !((token->roles & never) || token_has(reader, at, ROLE_STOP));
}

/* 砲弾は570万発, 포탄을 570만발, シリア難民23人, 시위대 23명: the noun before a number
 * that has a counter. Behind a particle it must be a known one. */
static bool read_noun_before(const struct reader *reader, struct quantity *quantity)
{
    int at = quantity->first - 1;
    bool spaced = (reader->language->flags & LANGUAGE_SPACES) != 0;
    if (!(reader->language->flags & LANGUAGE_NOUN_BEFORE)) {
        return false;
    }
    bool particle = !spaced && token_has(reader, at, ROLE_STOP) &&
                    !token_has(reader, at, ROLE_NOUN);
    at -= particle;
    int floor = quantity > reader->quantities ? quantity[-1].end : 0;
    if (at < floor || !is_noun_piece(reader, at)) {
        return false;
    }
    bool known = token_has(reader, at, ROLE_NOUN);
    int first = at;
    while (first > floor && token_glued(reader, first) &&
           is_noun_piece(reader, first - 1)) {
        first--;
    }
    size_t length = reader->tokens[at].to - reader->tokens[first].from;
    bool word = (!particle && !is_hiragana(reader, at) && length >= 6) ||
                (spaced && length >= 3);
    if (!known && !word) {
        return false;
    }
    quantity->noun_first = first;
    quantity->noun_end = at + 1;
    return true;
}

/* Swahili: `watu 15`, `takriban wakimbizi elfu themanini`: the noun, and before it the
 * words that qualify the number. */
static bool read_leading_noun(const struct reader *reader, struct quantity *quantity)
{
    const uint64_t spaced_before = LANGUAGE_SPACES | LANGUAGE_NOUN_BEFORE;
    if ((reader->language->flags & spaced_before) != spaced_before ||
        !read_noun_before(reader, quantity)) {
        return false;
    }
    int before = quantity->noun_first - 1;
    const struct lexicon_sense *approx = token_sense(reader, before, ROLE_APPROX);
    const struct lexicon_sense *bound = token_sense(reader, before, ROLE_BOUND);
    if (approx && !(approx->attributes & ATTR_AFTER)) {
        quantity->approx = true;
        quantity->side = (figures_side)approx->value;
    } else if (bound && !(bound->attributes & ATTR_AFTER) &&
               quantity->bound == FIGURES_EXACT) {
        quantity->bound = (figures_bound)bound->value;
    } else {
        return true;
    }
    return true;
}

/* 100명 이상의 사람들: a bound between the counter and the noun. */
static bool is_qualifier(const struct reader *reader, int at)
{
    const struct lexicon_sense *bound = token_sense(reader, at, ROLE_BOUND);
    bound = bound ? bound : token_sense(reader, at, ROLE_APPROX);
    return bound && (bound->attributes & ATTR_AFTER);
}

int article_first(const struct reader *reader, int at)
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

/* Where another figure begins: no noun goes on behind it. */
static int noun_limit(const struct reader *reader, const struct quantity *quantity,
                      int at)
{
    enum { NEAR = 16 }; /* a phrase passes fewer */
    const struct quantity *end = reader->quantities + reader->quantity_count;
    end = end - quantity > NEAR ? quantity + NEAR : end;
    for (const struct quantity *other = quantity + 1; other < end; other++) {
        bool sure =
            !other->number.weak || token_has(reader, other->number.end, ROLE_COUNTER);
        if (!other->dead && sure && other->first >= at && !other->number.lone_unit) {
            return other->first;
        }
    }
    return reader->token_count;
}

/* Words between the number and the noun: counters, `of`, `more`, bounds. */
static int pass_to_noun(struct reader *reader, struct quantity *quantity, int at,
                        int *counter)
{
    if (token_is_sign(reader, at, '-') && token_glued(reader, at) &&
        token_glued(reader, at + 1)) {
        at++;
    }
    for (; at < reader->token_count; at++) {
        if (token_has(reader, at, ROLE_COUNTER) && *counter < 0 &&
            !token_has(reader, at, ROLE_NOUN)) {
            *counter = at;
        } else if (*counter >= 0 && read_qualifiers_after(reader, quantity, at) > at) {
            while (is_qualifier(reader, at)) {
                at++;
            }
            quantity->end = at--;
        } else if (token_has(reader, at, ROLE_SKIP)) {
            quantity->counts = true; /* `300,000 of them` */
        } else if ((!token_has(reader, at, ROLE_ARTICLE) ||
                    token_has(reader, at, ROLE_STOP)) &&
                   !is_plain_prefix(reader, at)) {
            break;
        }
    }
    return at;
}

/* `pieces of`: a counter that is a noun with its link is part of what is counted. */
static bool is_phrase(const struct reader *reader, int token)
{
    const struct token *t = &reader->tokens[token];
    return (reader->language->flags & LANGUAGE_SPACES) &&
           memchr(reader->folded + t->from, ' ', t->to - t->from);
}

/* `23 alleged members`: a hedge that is the noun's adjective */
static bool is_hedged_noun(const struct reader *reader, int at)
{
    return token_has(reader, at, ROLE_HEDGE) && !token_has(reader, at, ROLE_STOP) &&
           !token_has(reader, at, ROLE_SOURCE) &&
           !token_has(reader, at + 1, ROLE_PARTICIPLE) && !stops_noun(reader, at + 1) &&
           !token_has(reader, at + 1, ROLE_ARTICLE);
}

/* The noun behind the number, from `at`; false if what stands there is none. */
static bool read_noun_after(const struct reader *reader, struct quantity *quantity,
                            int at, int counter)
{
    bool linked = counter >= 0 && token_has(reader, at - 1, ROLE_SKIP);
    if ((reader->language->flags & LANGUAGE_NOUN_BEFORE) && counter >= 0 && !linked &&
        !token_has(reader, at, ROLE_NOUN)) {
        return false; /* 드론 100대 이상을 격추: what follows is not counted */
    }
    bool hedged = is_hedged_noun(reader, at);
    if (!hedged && stops_noun(reader, at)) {
        return false;
    }
    int end = noun_phrase_end(reader, at + hedged, noun_limit(reader, quantity, at));
    if (end <= at + hedged) {
        return false;
    }
    quantity->noun_first = article_first(reader, at);
    if (counter >= 0 && counter + 1 == at && is_phrase(reader, counter)) {
        quantity->noun_first = counter;
    }
    quantity->noun_end = end;
    return true;
}

/* `4,700 between killed and wounded`, as Arabic says it: the frame is part of it. */
static bool read_noun_frame(const struct reader *reader, struct quantity *quantity,
                            int at)
{
    const struct lexicon_sense *frame = token_sense(reader, at, ROLE_RANGE);
    bool opens = frame && (frame->attributes & ATTR_OPEN) &&
                 token_has(reader, at, ROLE_STOP) &&
                 token_has(reader, at + 1, ROLE_PARTICIPLE);
    int end =
        opens ? noun_phrase_end(reader, at + 1, noun_limit(reader, quantity, at)) : at;
    if (end < at + 3) {
        return false;
    }
    quantity->noun_first = at;
    quantity->noun_end = end;
    return true;
}

static void read_noun(struct reader *reader, struct quantity *quantity)
{
    int counter = -1;
    int at = pass_to_noun(reader, quantity, pass_measure(reader, quantity), &counter);
    if (read_leading_noun(reader, quantity)) {
        return;
    }
    if (read_noun_frame(reader, quantity, at) ||
        read_noun_after(reader, quantity, at, counter)) {
        int end = read_qualifiers_after(reader, quantity, quantity->noun_end);
        quantity->end = end > quantity->noun_end ? end : quantity->end;
        return;
    }
    if (counter >= 0 && read_noun_before(reader, quantity)) {
        int after = read_qualifiers_after(reader, quantity, counter + 1);
        quantity->end = after > counter + 1 ? after : quantity->end;
        return;
    }
    if (counter >= 0) {
        quantity->noun_first = counter;
        quantity->noun_end = counter + 1;
    } else if (!read_participle(reader, quantity)) {
        read_word_of_counting(reader, quantity);
        return;
    }
    int end = read_qualifiers_after(reader, quantity, quantity->noun_end);
    quantity->end = end > quantity->noun_end ? end : quantity->end;
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
    } else if (!stops_noun(reader, next)) {
        quantity->per_first = next;
        quantity->per_end = next + 1;
    }
}

/* `three of the five suspects`: a part is of the things that the whole counts. */
static void share_whole(struct reader *reader)
{
    for (int i = 0; i + 1 < reader->quantity_count; i++) {
        struct quantity *part = &reader->quantities[i];
        const struct quantity *whole = part + 1;
        bool alone = !part->dead && !part->unit && part->counts &&
                     part->noun_end == part->noun_first && !whole->dead && !whole->unit;
        for (int at = part->end; alone && at < whole->first; at++) {
            alone =
                token_has(reader, at, ROLE_SKIP) || token_has(reader, at, ROLE_ARTICLE);
        }
        if (alone) {
            part->noun_first = whole->noun_first;
            part->noun_end = whole->noun_end;
        }
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
    share_whole(reader);
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
