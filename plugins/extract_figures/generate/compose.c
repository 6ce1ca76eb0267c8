#include "compose.h"

#include <stdlib.h>
#include <string.h>

#include "../fold.h"

enum { TOKENS = 128, COMPOUND_BYTES = 96, FORM_BYTES = 160 };

/* Values above it overflow nothing when they are multiplied once more. */
static const uint64_t ceiling = 1000000000000000000ull;

static const char *word_key(const void *owner, uint32_t element, size_t *length)
{
    const struct words *words = owner;
    *length = words->items[element].length;
    return words->items[element].form;
}

void words_init(struct words *words, struct pool *pool)
{
    memset(words, 0, sizeof *words);
    words->pool = pool;
    words->spaces = true;
}

void words_finish(struct words *words)
{
    free(words->items);
    index_finish(&words->index);
    memset(words, 0, sizeof *words);
}

struct word *words_find(const struct words *words, const char *form, size_t length)
{
    long found = index_find(&words->index, form, length, word_key, words);
    return found < 0 ? NULL : &words->items[found];
}

static struct word *add(struct words *words, const char *form, size_t length)
{
    struct word *word = words_find(words, form, length);
    if (word) {
        return word;
    }
    words->items = array_room(words->items, words->count, sizeof *words->items);
    word = &words->items[words->count];
    memset(word, 0, sizeof *word);
    word->form = pool_copy(words->pool, form, length);
    word->length = (uint32_t)length;
    index_add(&words->index, (uint32_t)words->count++, word_key, words);
    if (word->length > words->longest) {
        words->longest = word->length;
    }
    return word;
}

/* The exponent k of 10^k, else -1. */
static int power_of_ten(uint64_t value)
{
    int power = 0;
    while (value > 0 && value % 10 == 0) {
        value /= 10;
        power++;
    }
    return value == 1 ? power : -1;
}

bool words_add(struct words *words, const char *form, size_t length, uint64_t value)
{
    if (length == 0 || length >= FORM_BYTES) {
        return false;
    }
    struct word *word = add(words, form, length);
    if (word->number || word->scale) {
        return word->value == value;
    }
    int least = words->myriad || words->ten_scale ? 1 : 2;
    word->scale = power_of_ten(value) >= least;
    word->number = !word->scale;
    word->value = value;
    return true;
}

bool words_add_joiner(struct words *words, const char *form, size_t length)
{
    if (length == 0 || length >= FORM_BYTES) {
        return false;
    }
    add(words, form, length)->joiner = true;
    return true;
}

void words_drop_last(struct words *words)
{
    index_drop_last(&words->index, (uint32_t)--words->count, word_key, words);
}

/* ---- tokens ---- */

struct token {
    const struct word *word; /* NULL: a sign */
    char sign;
    bool space; /* a blank stands before it */
};

struct lexer {
    const struct words *words;
    const unsigned char *text;
    size_t length;
    struct token tokens[TOKENS];
    int count;
};

static bool ends_word(const struct lexer *lexer, size_t at)
{
    uint32_t code;
    if (at >= lexer->length) {
        return true;
    }
    utf8_next(lexer->text, lexer->length, at, &code);
    return !is_word_code(code);
}

static bool starts_code(const struct lexer *lexer, size_t at)
{
    return at >= lexer->length || (lexer->text[at] & 0xc0) != 0x80;
}

static struct word *known(const struct lexer *lexer, size_t at, size_t length)
{
    return words_find(lexer->words, (const char *)lexer->text + at, length);
}

/* Called for each known form at a place, the shortest first. */
typedef void visit_form(void *user, size_t length, struct word *word);

static void visit_forms(const struct lexer *lexer, size_t at, size_t most,
                        bool anywhere, visit_form *visit, void *user)
{
    char key[FORM_BYTES];
    uint32_t hash = INDEX_HASH;
    if (most > lexer->words->longest) {
        most = lexer->words->longest;
    }
    for (size_t size = 1; size <= most; size++) {
        char byte = (char)lexer->text[at + size - 1];
        byte = byte == '-' ? ' ' : byte;
        key[size - 1] = byte;
        hash = index_hash_step(hash, byte);
        if (!starts_code(lexer, at + size)) {
            continue;
        }
        long found = index_find_hashed(&lexer->words->index, hash, key, size, word_key,
                                       lexer->words);
        if (found >= 0 && (anywhere || ends_word(lexer, at + size))) {
            visit(user, size, &lexer->words->items[found]);
        }
    }
}

struct longest {
    size_t length;
    struct word *word;
};

static void keep_longest(void *user, size_t length, struct word *word)
{
    *(struct longest *)user = (struct longest){length, word};
}

/* The longest known form at a place, no longer than `most`; its length in *length. */
static struct word *longest(const struct lexer *lexer, size_t at, size_t most,
                            bool anywhere, size_t *length)
{
    struct longest best = {0, NULL};
    visit_forms(lexer, at, most, anywhere, keep_longest, &best);
    *length = best.length;
    return best.word;
}

static bool push(struct lexer *lexer, struct word *word, char sign, bool space)
{
    if (lexer->count == TOKENS) {
        return false;
    }
    lexer->tokens[lexer->count++] = (struct token){word, sign, space};
    return true;
}

static size_t word_length(const struct lexer *lexer, size_t at)
{
    size_t end = at;
    while (end < lexer->length) {
        uint32_t code;
        size_t step = utf8_next(lexer->text, lexer->length, end, &code);
        if (!is_word_code(code)) {
            break;
        }
        end += step;
    }
    return end - at;
}

struct compound {
    uint8_t
        piece[COMPOUND_BYTES + 1]; /* where the last piece of what ends here starts */
    uint8_t pieces[COMPOUND_BYTES + 1]; /* how many there are; 0: not reached */
    size_t from;
};

static void reach(void *user, size_t length, struct word *word)
{
    struct compound *compound = user;
    size_t end = compound->from + length;
    uint8_t count = (uint8_t)(compound->pieces[compound->from] + 1);
    (void)word;
    if (compound->pieces[end] == 0 || count < compound->pieces[end]) {
        compound->pieces[end] = count;
        compound->piece[end] = (uint8_t)compound->from;
    }
}

/* Splits a compound into the fewest known pieces; of those that are as few, the last
 * piece is the longest. */
static bool split_compound(struct lexer *lexer, size_t at, size_t length, bool space)
{
    struct compound compound = {{0}, {0}, 0};
    const uint8_t *piece = compound.piece;
    const uint8_t *pieces = compound.pieces;
    if (length > COMPOUND_BYTES) {
        return false;
    }
    for (size_t from = 0; from < length; from++) {
        if (from == 0 || pieces[from] > 0) {
            compound.from = from;
            visit_forms(lexer, at + from, length - from, true, reach, &compound);
        }
    }
    if (pieces[length] == 0 || lexer->count + pieces[length] > TOKENS) {
        return false;
    }
    int first = lexer->count;
    lexer->count += pieces[length];
    for (size_t end = length; end > 0; end = piece[end]) {
        struct word *word = known(lexer, at + piece[end], end - piece[end]);
        int place = first + pieces[end] - 1;
        lexer->tokens[place] = (struct token){word, 0, space && piece[end] == 0};
    }
    return true;
}

/* A prefix that means `and`, and the known form after it. Returns the length, 0 if
 * there is none. */
static size_t read_prefixed(struct lexer *lexer, size_t at, bool space)
{
    const struct word *prefix = &lexer->words->joiner_prefix;
    size_t left = lexer->length - at;
    if (!prefix->length || prefix->length >= left ||
        memcmp(lexer->text + at, prefix->form, prefix->length) != 0) {
        return 0;
    }
    size_t rest = at + prefix->length;
    size_t used;
    struct word *word = longest(lexer, rest, lexer->length - rest, false, &used);
    if (!word || lexer->count + 2 > TOKENS) {
        return 0;
    }
    lexer->tokens[lexer->count++] = (struct token){prefix, 0, space};
    lexer->tokens[lexer->count++] = (struct token){word, 0, false};
    return prefix->length + used;
}

static bool read_tokens(struct lexer *lexer)
{
    bool space = true;
    for (size_t at = 0; at < lexer->length;) {
        if (lexer->text[at] == ' ') {
            space = true;
            at++;
            continue;
        }
        uint32_t code;
        size_t step = utf8_next(lexer->text, lexer->length, at, &code);
        bool letter = is_word_code(code);
        bool anywhere = letter && !lexer->words->spaces && code >= 0x80;
        size_t length = 0;
        struct word *word = longest(lexer, at, lexer->length - at, anywhere, &length);
        bool good;
        if (word) {
            good = push(lexer, word, 0, space);
        } else if (letter) {
            length = read_prefixed(lexer, at, space);
            good = length > 0;
            if (!good) {
                length = word_length(lexer, at);
                good = lexer->words->compounds && !anywhere && length >= 5 &&
                       split_compound(lexer, at, length, space);
            }
        } else {
            length = step;
            good = (code == '-' || code == ',') && push(lexer, NULL, (char)code, space);
        }
        if (!good) {
            return false;
        }
        space = false;
        at += length;
    }
    return true;
}

/* ---- numbers: the functions have the names of those of ../number.c ---- */

struct cursor {
    const struct lexer *lexer;
    int at;
};

struct sum {
    uint64_t value, grain, scale;
    bool set, has_scale, lone;
};

static uint64_t grain_of(uint64_t value)
{
    uint64_t grain = 1;
    while (value > 0 && value % 10 == 0) {
        value /= 10;
        grain *= 10;
    }
    return grain;
}

static const struct word *word_at(const struct cursor *cursor)
{
    return cursor->at < cursor->lexer->count ? cursor->lexer->tokens[cursor->at].word
                                             : NULL;
}

static const struct word *scale_at(const struct cursor *cursor)
{
    const struct word *word = word_at(cursor);
    return word && word->scale ? word : NULL;
}

static uint64_t big_scale(const struct cursor *cursor)
{
    return cursor->lexer->words->myriad ? 10000 : 1000;
}

static bool is_sign(const struct cursor *cursor, char sign)
{
    return cursor->at < cursor->lexer->count &&
           !cursor->lexer->tokens[cursor->at].word &&
           cursor->lexer->tokens[cursor->at].sign == sign;
}

static bool is_glued(const struct cursor *cursor, int at)
{
    return at > 0 && at < cursor->lexer->count && !cursor->lexer->tokens[at].space;
}

static bool pass_joiner(struct cursor *cursor, bool commas)
{
    bool joined = false;
    for (;; cursor->at++) {
        const struct word *word = word_at(cursor);
        bool joins = word && word->joiner;
        bool hyphen = is_sign(cursor, '-') &&
                      is_glued(cursor, cursor->at) == is_glued(cursor, cursor->at + 1);
        if (!joins && !hyphen && !(commas && is_sign(cursor, ','))) {
            return joined;
        }
        joined = joined || joins;
    }
}

static bool multiply(struct sum *sum, uint64_t scale)
{
    if (scale == 0 || sum->value > ceiling / scale) {
        return false;
    }
    sum->scale = scale;
    sum->has_scale = true;
    sum->value *= scale;
    sum->grain = scale;
    return true;
}

static void add_value(struct sum *sum, uint64_t value)
{
    uint64_t grain = grain_of(value);
    if (!sum->set) {
        sum->set = true;
        sum->value = value;
        sum->grain = grain;
        return;
    }
    sum->value += value;
    sum->grain = grain < sum->grain ? grain : 1;
}

static bool may_add(const struct cursor *cursor, const struct sum *sum, uint64_t value,
                    bool joined)
{
    if (!sum->set || (value < sum->grain && value != 0)) {
        return true;
    }
    const struct words *words = cursor->lexer->words;
    bool units_first = (joined && !words->scale_first) || words->units_first;
    uint64_t last = sum->value > 100 ? sum->value % 100 : sum->value;
    return units_first && last < 10 && last != 0 && value % 10 == 0 && value < 100 &&
           value != 0;
}

static bool take_small_scale(struct cursor *cursor, struct sum *sum)
{
    const struct word *scale = scale_at(cursor);
    if (!scale || scale->value >= big_scale(cursor)) {
        return false;
    }
    if (!sum->set) {
        add_value(sum, scale->value);
        sum->lone = true;
    } else if (sum->value < scale->value) {
        if (!multiply(sum, scale->value)) {
            return false;
        }
    } else if (scale->value < sum->grain) {
        add_value(sum, scale->value); /* 千百 */
    } else {
        return false;
    }
    sum->grain = scale->value;
    cursor->at++;
    return true;
}

static bool take_word(struct cursor *cursor, struct sum *sum, bool joined)
{
    const struct word *word = word_at(cursor);
    if (!word || !word->number) {
        return false;
    }
    struct cursor ahead = {cursor->lexer, cursor->at + 1};
    const struct word *scale = scale_at(&ahead);
    bool scaled =
        scale && scale->value < big_scale(cursor) && word->value < scale->value;
    uint64_t whole = scaled ? word->value * scale->value : word->value;
    if (!may_add(cursor, sum, whole, joined)) {
        return false;
    }
    add_value(sum, whole);
    cursor->at++;
    if (scaled) {
        cursor->at++;
        sum->grain = scale->value;
    }
    return true;
}

static bool read_small(struct cursor *cursor, struct sum *sum)
{
    bool joined = false;
    struct cursor ahead = *cursor;
    while (take_word(&ahead, sum, joined) ||
           (!joined && take_small_scale(&ahead, sum))) {
        *cursor = ahead;
        joined = pass_joiner(&ahead, false);
    }
    return sum->set;
}

/* Scales of at least `limit` are left to the sum that this group belongs to; 0: none.
 */
static void read_big_scales(struct cursor *cursor, struct sum *sum, uint64_t limit)
{
    for (;;) {
        struct cursor ahead = *cursor;
        while (sum->set && !sum->lone && is_sign(&ahead, '-')) {
            ahead.at++;
        }
        const struct word *scale = scale_at(&ahead);
        if (!scale || (sum->set && limit > 0 && scale->value >= limit)) {
            return;
        }
        bool wider = !sum->has_scale || sum->scale < scale->value;
        if (!sum->set) {
            add_value(sum, scale->value);
            sum->lone = true;
            sum->scale = scale->value;
            sum->has_scale = true;
            sum->grain = scale->value;
        } else if (sum->value < scale->value ||
                   (wider && scale->value >= big_scale(cursor))) {
            if (!multiply(sum, scale->value)) {
                return;
            }
            sum->lone = false;
        } else {
            return;
        }
        cursor->at = ahead.at + 1;
    }
}

static bool read_group(struct cursor *cursor, struct sum *sum, uint64_t limit)
{
    bool small = read_small(cursor, sum);
    read_big_scales(cursor, sum, limit);
    if (!small && sum->set && cursor->lexer->words->scale_first) {
        struct sum factor = {0};
        struct cursor ahead = *cursor;
        if (read_small(&ahead, &factor) && factor.value < sum->scale) {
            uint64_t size = sum->value;
            if (multiply(&factor, size)) {
                *sum = factor;
                *cursor = ahead;
            }
        }
    }
    return sum->set;
}

static bool take_wider_scale(struct cursor *cursor, struct sum *sum)
{
    const struct word *scale = scale_at(cursor);
    if (!scale || !sum->has_scale || sum->scale >= scale->value ||
        sum->value >= scale->value || !multiply(sum, scale->value)) {
        return false;
    }
    cursor->at++;
    return true;
}

/* Adds the next group, if it is smaller than what the sum leaves open. A scale as big
 * as the sum's own that follows multiplies all: `mil cien millones`. */
static bool add_group(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    pass_joiner(&ahead, sum->has_scale);
    struct sum next = {0};
    if (!read_group(&ahead, &next, sum->has_scale ? sum->scale : 0) ||
        next.value >= sum->grain || next.value == 0) {
        return false;
    }
    sum->value += next.value;
    sum->grain = next.grain;
    if (next.has_scale) {
        sum->scale = next.scale;
        sum->has_scale = true;
    }
    sum->lone = false;
    *cursor = ahead;
    while (take_wider_scale(cursor, sum)) {
    }
    return true;
}

bool words_cover(const struct words *words, const char *text, size_t length)
{
    struct lexer lexer = {
        .words = words, .text = (const unsigned char *)text, .length = length};
    return read_tokens(&lexer);
}

bool compose(const struct words *words, const char *text, size_t length,
             uint64_t *value, const struct word **lone)
{
    struct lexer lexer = {
        .words = words, .text = (const unsigned char *)text, .length = length};
    if (!read_tokens(&lexer) || lexer.count == 0) {
        return false;
    }
    struct cursor cursor = {&lexer, 0};
    struct sum sum = {0};
    if (!read_group(&cursor, &sum, 0)) {
        return false;
    }
    while (add_group(&cursor, &sum)) {
    }
    const struct word *first = lexer.tokens[0].word;
    *lone = sum.lone && first && first->scale ? first : NULL;
    *value = sum.value;
    return cursor.at == lexer.count;
}
