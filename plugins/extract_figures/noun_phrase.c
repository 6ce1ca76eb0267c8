#include "reader.h"

#include <string.h>

/* The shape of a noun phrase: where the words that name what is counted begin to be
 * something else. What is known of a language is in its pack; this knows the rules. */

enum { PHRASE_WORDS = 5, ADJECTIVES_BEFORE = 3, ADJECTIVES_AFTER = 2, STEM_BYTES = 5 };

bool token_has_piece(const struct reader *reader, int token, uint32_t list, bool at_end)
{
    const struct token *t = &reader->tokens[token];
    const char *form = reader->lexicon->text + list;
    size_t length = t->to - t->from;
    for (; *form; form += strlen(form) + 1) {
        size_t piece = strlen(form);
        uint32_t from = at_end ? t->to - (uint32_t)piece : t->from;
        if (piece < length && memcmp(reader->folded + from, form, piece) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_adjective(const struct reader *reader, int token)
{
    return token_has_piece(reader, token, reader->language->adjective_endings, true);
}

static bool is_plural(const struct reader *reader, int token)
{
    const struct token *t = &reader->tokens[token];
    const char *form = reader->lexicon->text + reader->language->plural_endings;
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == t->to - t->from &&
            memcmp(form, reader->folded + t->from, strlen(form)) == 0) {
            return true; /* a plural by itself: Swedish `hus` */
        }
    }
    return token_has_piece(reader, token, reader->language->plural_endings, true);
}

/* Written with its article, which may have been taken off as a token of its own. */
static bool is_definite(const struct reader *reader, int token)
{
    const char *form = reader->lexicon->text + reader->language->definite;
    const struct token *before = &reader->tokens[token > 0 ? token - 1 : 0];
    size_t length = strlen(form);
    if (token > 0 && length > 0 && before->kind == TOKEN_PREFIX &&
        token_glued(reader, token) && before->to - before->from >= length &&
        memcmp(reader->folded + before->to - length, form, length) == 0) {
        return true;
    }
    return token_has_piece(reader, token, reader->language->definite, false);
}

/* A word that has the shape of a verb or another word that no noun phrase holds. */
static bool is_outside(const struct reader *reader, int token)
{
    const struct lexicon_language *language = reader->language;
    if (token_has(reader, token, ROLE_NOUN)) {
        return false;
    }
    return token_has_piece(reader, token, language->outside_starts, false) ||
           token_has_piece(reader, token, language->outside_endings, true);
}

bool stops_noun(const struct reader *reader, int token)
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
        ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_WEEKDAY);
    if (t->kind == TOKEN_WORD && token_has(reader, token, ROLE_NOUN)) {
        return false;
    }
    return t->kind != TOKEN_WORD || (t->roles & roles) != 0 ||
           (t->flags & TOKEN_TIME) != 0;
}

/* Where the words from `first` on may belong to the phrase at most. */
static int farthest(const struct reader *reader, int first, int limit)
{
    int end = first;
    while (end < limit && end < first + PHRASE_WORDS && !stops_noun(reader, end)) {
        bool later = end > first;
        if (later && (token_has(reader, end, ROLE_ARTICLE) ||
                      token_has(reader, end, ROLE_SKIP) || is_outside(reader, end))) {
            break;
        }
        end++;
        /* `Su-35 jets`: the number of a name is part of it */
        if (end + 2 < limit && token_is_sign(reader, end, '-') &&
            token_glued(reader, end + 1) &&
            (reader->tokens[end + 1].flags & TOKEN_DEAD) &&
            reader->tokens[end + 1].kind == TOKEN_DIGITS) {
            end += 2;
            continue;
        }
        /* a hyphen joins, any other sign ends */
        if (end + 1 < limit && token_is_sign(reader, end, '-') &&
            token_glued(reader, end) && token_glued(reader, end + 1) &&
            !stops_noun(reader, end + 1)) {
            end++;
        }
    }
    return end;
}

/* The word behind a hyphen belongs to the one before it. */
static int word_end(const struct reader *reader, int at, int end)
{
    at++;
    while (at + 1 < end && token_is_sign(reader, at, '-')) {
        at += 2;
    }
    return at;
}

static int capital_end(const struct reader *reader, int first, int end)
{
    for (int at = first; at < end; at = word_end(reader, at, end)) {
        if (reader->tokens[at].flags & TOKEN_CAPITAL) {
            return word_end(reader, at, end);
        }
    }
    return first;
}

static int plural_end(const struct reader *reader, int first, int end)
{
    for (int at = first; at < end; at++) {
        if (is_plural(reader, at) && !(at + 1 < end && is_plural(reader, at + 1))) {
            return at + 1;
        }
    }
    return end;
}

/* `çete üyesini`, `asker`: a known noun, unless one that it belongs to follows */
static int known_noun_end(const struct reader *reader, int first, int end)
{
    for (int at = first; at < end; at++) {
        bool more = at + 1 < end && is_plural(reader, at + 1);
        if ((is_plural(reader, at) || token_has(reader, at, ROLE_NOUN)) && !more) {
            return at + 1;
        }
    }
    return end;
}

static int adjectives_after(const struct reader *reader, int at, int end)
{
    int last = at;
    while (last < end && last < at + ADJECTIVES_AFTER && is_adjective(reader, last)) {
        last++;
    }
    return last;
}

/* `бронированных машин`, `pojazdów opancerzonych` */
static int slavic_end(const struct reader *reader, int first, int end)
{
    int at = first;
    while (at < end && at < first + ADJECTIVES_BEFORE && is_adjective(reader, at)) {
        at = word_end(reader, at, end);
    }
    if (at < end) {
        at = word_end(reader, at, end);
    }
    int last = adjectives_after(reader, at, end);
    return last > at && last < end ? at : last;
}

/* The last letter as the text writes it: folding makes one of two Arabic ones. */
static size_t last_letter(const struct reader *reader, int token, const char **letter)
{
    const struct token *t = &reader->tokens[token];
    uint32_t at = t->end;
    while (at > t->start && (reader->text[at - 1] & 0xc0) == 0x80) {
        at--;
    }
    at -= at > t->start;
    *letter = (const char *)reader->text + at;
    return t->end - at;
}

static bool same_last_letter(const struct reader *reader, int a, int b)
{
    const char *one;
    const char *other;
    size_t length = last_letter(reader, a, &one);
    return length == last_letter(reader, b, &other) && length > 0 &&
           memcmp(one, other, length) == 0;
}

static bool ends_with_letter(const struct reader *reader, int token, const char *given)
{
    const char *letter;
    size_t length = last_letter(reader, token, &letter);
    return length == strlen(given) && memcmp(letter, given, length) == 0;
}

/* Letters that say more than their folded forms: no noun follows an accusative or a
 * Hebrew plural, and the feminine ending is no verb's. */
#define ACCUSATIVE "\xd8\xa7"
#define FEMININE   "\xd8\xa9"
#define ABSOLUTE   "\xd7\x9d"

/* `سيارة إسعاف`, `طائرة مسيرة`, `القذائف المدفعية`: a noun goes on with one bare noun
 * that it belongs to, and with adjectives that agree with it. */
static int construct_end(const struct reader *reader, int first, int limit)
{
    bool closed = ends_with_letter(reader, first, ACCUSATIVE) ||
                  ends_with_letter(reader, first, ABSOLUTE);
    bool part = first > 0 && token_has(reader, first - 1, ROLE_SKIP);
    bool definite = is_definite(reader, first);
    bool bare = false;
    int end = first + 1;
    for (; end < limit && end <= first + ADJECTIVES_AFTER; end++) {
        bool stop = stops_noun(reader, end) || token_has(reader, end, ROLE_SKIP) ||
                    (token_has(reader, end, ROLE_PARTICIPLE) &&
                     !token_has(reader, first, ROLE_PARTICIPLE));
        if (!stop && part && !definite && !bare && is_definite(reader, end)) {
            return end + 1; /* ثلاثة من أفراد الشرطة */
        }
        if (stop || is_definite(reader, end) != definite) {
            break;
        }
        bool adjective = is_adjective(reader, end) || definite;
        if (!adjective && is_outside(reader, end)) {
            break;
        }
        if (adjective || (same_last_letter(reader, first, end) && !bare)) {
            continue;
        }
        if (closed || bare) {
            break;
        }
        bare = true;
    }
    return end;
}

/* `12 तोपें खो दीं।`: the words that a sentence closes with are its verb. */
static int before_verb_end(const struct reader *reader, int first, int end)
{
    bool closes =
        end == reader->token_count ||
        (reader->tokens[end].kind == TOKEN_SIGN && !token_is_sign(reader, end, ',') &&
         !token_is_sign(reader, end, '('));
    return closes && end > first + 1 ? first + 1 : end;
}

static int known_end(const struct reader *reader, int first, int end)
{
    for (int at = first; at < end; at++) {
        if (token_has(reader, at, ROLE_NOUN)) {
            return at + 1;
        }
    }
    return end;
}

static int shape_end(const struct reader *reader, int first, int limit)
{
    int end = farthest(reader, first, limit);
    if (end == first) {
        return first;
    }
    switch (reader->language->noun_phrase) {
    case PHRASE_CAPITAL:
        return capital_end(reader, first, end);
    case PHRASE_PLURAL:
        return plural_end(reader, first, end);
    case PHRASE_KNOWN:
        return known_noun_end(reader, first, end);
    case PHRASE_ADJECTIVES:
        return slavic_end(reader, first, end);
    case PHRASE_CONSTRUCT:
        return construct_end(reader, first, limit);
    case PHRASE_BEFORE_VERB:
        return before_verb_end(reader, first, end);
    case PHRASE_FIRST:
        first = word_end(reader, first, end);
        return adjectives_after(reader, first, end);
    default:
        return reader->language->flags & LANGUAGE_SPACES
                   ? end
                   : known_end(reader, first, end);
    }
}

static bool is_link(const struct reader *reader, int token)
{
    const char *form = reader->lexicon->text + reader->language->noun_links;
    const struct token *t = &reader->tokens[token];
    size_t length = t->to - t->from;
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == length &&
            memcmp(reader->folded + t->from, form, length) == 0) {
            return true;
        }
    }
    return false;
}

/* `obus d'artillerie`, `members of parliament`: a bare noun behind a word that links.
 */
static int linked_end(const struct reader *reader, int first, int end, int limit)
{
    if (end == first || end + 1 >= limit || !is_link(reader, end) ||
        token_has(reader, end + 1, ROLE_ARTICLE) ||
        token_has(reader, end + 1, ROLE_SKIP) || stops_noun(reader, end + 1)) {
        return end;
    }
    int last = shape_end(reader, end + 1, limit);
    return last > end + 1 ? last : end;
}

static bool joins_nouns(const struct reader *reader, int token)
{
    const struct lexicon_sense *list = token_sense(reader, token, ROLE_RANGE);
    for (; list; list = token_sense_next(reader, token, ROLE_RANGE, list)) {
        if ((list->attributes & ATTR_LIST) && (list->attributes & ATTR_MIDDLE)) {
            return reader->tokens[token].kind == TOKEN_WORD;
        }
    }
    return token < reader->token_count && ((reader->tokens[token].flags & TOKEN_AND) ||
                                           token_has(reader, token, ROLE_JOINER));
}

/* `والنساء`: the article behind the letter that joins */
static bool joined_definite(const struct reader *reader, int token)
{
    const struct token *t = &reader->tokens[token];
    const char *joiner = reader->lexicon->text + reader->language->joiner_prefixes;
    const char *article = reader->lexicon->text + reader->language->definite;
    size_t skip = strlen(joiner);
    size_t length = strlen(article);
    return is_definite(reader, token) ||
           (t->to - t->from > skip + length &&
            memcmp(reader->folded + t->from, joiner, skip) == 0 &&
            memcmp(reader->folded + t->from + skip, article, length) == 0);
}

/* `Lehrerinnen und Lehrer`: two forms of one word */
static bool same_stem(const struct reader *reader, int a, int b)
{
    const struct token *one = &reader->tokens[a];
    const struct token *other = &reader->tokens[b];
    return one->to - one->from >= STEM_BYTES && other->to - other->from >= STEM_BYTES &&
           memcmp(reader->folded + one->from, reader->folded + other->from,
                  STEM_BYTES) == 0;
}

/* True when both phrases are of one form, as nouns that are counted together are. */
static bool agree(const struct reader *reader, int first, int end, int other,
                  int other_end)
{
    bool participles = token_has(reader, first, ROLE_PARTICIPLE) &&
                       token_has(reader, other, ROLE_PARTICIPLE);
    bool capital = (reader->tokens[other].flags & TOKEN_CAPITAL) != 0;
    switch (reader->language->noun_phrase) {
    case PHRASE_CAPITAL:
        return true;
    case PHRASE_PLURAL:
        return participles || (!capital && is_plural(reader, other_end - 1) &&
                               (is_plural(reader, end - 1) || end == first + 1));
    case PHRASE_FIRST:
        return participles ||
               (!capital && is_adjective(reader, first) && is_adjective(reader, other));
    case PHRASE_CONSTRUCT:
        return participles || same_last_letter(reader, first, other) ||
               is_adjective(reader, other) ||
               ends_with_letter(reader, other, FEMININE) ||
               (is_definite(reader, first) && joined_definite(reader, other));
    default:
        return !capital && !is_outside(reader, other);
    }
}

/* What follows a phrase that is whole: a sign, the end, a word of grammar. */
static bool closes_phrase(const struct reader *reader, int at, int limit)
{
    return at >= reader->token_count || is_plural(reader, at - 1) ||
           (at < limit && stops_noun(reader, at) &&
            reader->tokens[at].kind != TOKEN_DIGITS) ||
           token_has(reader, at, ROLE_SKIP) || token_has(reader, at, ROLE_PARTICIPLE);
}

/* `وجريح`, `ומשגרים`: a noun with the letter that joins written onto it */
static bool has_joiner(const struct reader *reader, int token)
{
    return token < reader->token_count && reader->tokens[token].kind == TOKEN_WORD &&
           reader->tokens[token].roles == 0 &&
           token_has_piece(reader, token, reader->language->joiner_prefixes, false);
}

/* `guns and launchers`: one number counts both. */
static int joined_end(const struct reader *reader, int first, int end, int limit)
{
    bool onto = has_joiner(reader, end);
    int other = onto ? end : end + 1;
    if (end == first || other >= limit || (!onto && !joins_nouns(reader, end)) ||
        token_has(reader, other, ROLE_ARTICLE) ||
        token_has(reader, other, ROLE_NUMBER) || token_has(reader, other, ROLE_SKIP) ||
        token_has(reader, other, ROLE_SOURCE) || stops_noun(reader, other) ||
        (reader->tokens[other].flags & TOKEN_UPPER)) {
        return end;
    }
    int last = shape_end(reader, other, limit);
    last = linked_end(reader, other, last, limit);
    /* `ومنصات الإطلاق`: beside a definite noun one that is so by what it belongs to */
    last += onto && last == other + 1 && last < limit && is_definite(reader, last) &&
            is_definite(reader, first) && !stops_noun(reader, last);
    if (last == other || !agree(reader, first, end, other, last) ||
        !(closes_phrase(reader, last, limit) || same_stem(reader, end - 1, last - 1))) {
        return end;
    }
    return last;
}

/* `men, women and children` */
static int listed_end(const struct reader *reader, int first, int end, int limit)
{
    if (!token_is_sign(reader, end, ',') || stops_noun(reader, end + 1) ||
        end + 1 >= limit) {
        return end;
    }
    int second = shape_end(reader, end + 1, limit);
    if (second == end + 1 || !agree(reader, first, end, end + 1, second)) {
        return end;
    }
    int last = joined_end(reader, end + 1, second, limit);
    return last > second ? last : end;
}

int noun_phrase_end(const struct reader *reader, int first, int limit)
{
    int end = shape_end(reader, first, limit);
    end = linked_end(reader, first, end, limit);
    if (end == first || !(reader->language->flags & LANGUAGE_SPACES)) {
        return end;
    }
    int last = joined_end(reader, first, end, limit);
    return last > end ? last : listed_end(reader, first, end, limit);
}
