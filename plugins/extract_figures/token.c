#include "reader.h"

#include <string.h>

/* What may stand behind a stripped prefix. */
static const uint64_t strippable =
    ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_FRACTION) |
    ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY) |
    ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONTH) | ROLE_BIT(ROLE_MULTIPLE) |
    ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_NOUN) |
    ROLE_BIT(ROLE_ORDINAL) | ROLE_BIT(ROLE_YEAR);

static const uint64_t number_parts = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                                     ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_FRACTION);

bool token_is_sign(const struct reader *reader, int token, uint32_t code)
{
    return token >= 0 && token < reader->token_count &&
           reader->tokens[token].kind == TOKEN_SIGN &&
           reader->tokens[token].code == code;
}

bool token_has(const struct reader *reader, int token, int role)
{
    return token >= 0 && token < reader->token_count &&
           (reader->tokens[token].roles & ROLE_BIT(role)) != 0;
}

bool token_glued(const struct reader *reader, int token)
{
    return token > 0 && token < reader->token_count &&
           (reader->tokens[token].flags & TOKEN_SPACE) == 0;
}

const struct lexicon_sense *token_sense_next(const struct reader *reader, int token,
                                             int role,
                                             const struct lexicon_sense *sense)
{
    const struct token *t = &reader->tokens[token];
    bool found = sense == NULL;
    for (int list = 0; list < SENSE_LISTS; list++) {
        for (int i = 0; i < t->counts[list]; i++) {
            if (found && t->senses[list][i].role == role) {
                return &t->senses[list][i];
            }
            found = found || &t->senses[list][i] == sense;
        }
    }
    return NULL;
}

const struct lexicon_sense *token_sense(const struct reader *reader, int token,
                                        int role)
{
    return token_has(reader, token, role) ? token_sense_next(reader, token, role, NULL)
                                          : NULL;
}

figures_slice token_slice(const struct reader *reader, int first, int end)
{
    figures_slice slice = {NULL, 0};
    if (end > first) {
        uint32_t start = reader->tokens[first].start;
        slice.bytes = (const char *)reader->text + start;
        slice.length = reader->tokens[end - 1].end - start;
    }
    return slice;
}

struct lexer {
    struct reader *reader;
    const unsigned char *text;
    size_t length;
    size_t at;
    bool space;
};

/* Puts the senses of a terminal into one list of the token. */
static void add_senses(struct reader *reader, struct token *token, uint32_t terminal,
                       bool suffix)
{
    size_t count;
    const struct lexicon_sense *senses =
        lexicon_senses(reader->lexicon, terminal, reader->language_index, &count);
    int list = suffix ? SENSES_SUFFIX : SENSES_LANGUAGE;
    if (count > 0) {
        token->senses[list] = senses;
        token->counts[list] = (uint8_t)(count > 255 ? 255 : count);
        for (size_t i = 0; i < count; i++) {
            token->roles |= ROLE_BIT(senses[i].role);
        }
    }
    senses = lexicon_senses(reader->lexicon, terminal, 0, &count);
    if (count > 0 && reader->language_index != 0) {
        int shared =
            suffix && token->counts[SENSES_SUFFIX] == 0 ? SENSES_SUFFIX : SENSES_SHARED;
        token->senses[shared] = senses;
        token->counts[shared] = (uint8_t)(count > 255 ? 255 : count);
        for (size_t i = 0; i < count; i++) {
            token->roles |= ROLE_BIT(senses[i].role);
        }
    }
}

static struct token *push(struct lexer *lexer, size_t length, enum token_kind kind)
{
    struct reader *reader = lexer->reader;
    if (reader->token_count == TOKENS) {
        return NULL;
    }
    struct token *token = &reader->tokens[reader->token_count++];
    memset(token, 0, sizeof *token);
    token->kind = (uint8_t)kind;
    token->from = (uint32_t)lexer->at;
    token->to = (uint32_t)(lexer->at + length);
    token->start = reader->start + reader->map[lexer->at];
    token->end = reader->start + reader->map[lexer->at + length];
    token->flags = lexer->space ? TOKEN_SPACE : 0;
    utf8_next(lexer->text, lexer->length, lexer->at, &token->code);
    lexer->at += length;
    lexer->space = false;
    return token;
}

/* The end in the text of a token must not take dropped marks or blanks along. */
static void trim_end(struct reader *reader, struct token *token)
{
    while (token->end > token->start + 1) {
        unsigned char last = reader->text[token->end - 1];
        if (last != ' ' && last != '\n' && last != '\t' && last != '\r') {
            break;
        }
        token->end--;
    }
}

static void mark_case(struct reader *reader, struct token *token)
{
    uint32_t code;
    size_t step = utf8_next(reader->text, reader->length, token->start, &code);
    if (code < 0x80 ? code - 'A' < 26u : (code < 0x590 && is_upper_code(code))) {
        token->flags |= TOKEN_CAPITAL;
        if (token->end - token->start > step) {
            utf8_next(reader->text, reader->length, token->start + step, &code);
            if (is_upper_code(code)) {
                token->flags |= TOKEN_UPPER;
            }
        }
    }
}

/* The longest form at a place that has a sense in this language; 0 length if none. */
static struct lexicon_match longest(const struct reader *reader,
                                    const unsigned char *text, size_t length,
                                    bool anywhere, bool suffix)
{
    struct lexicon_match matches[LEXICON_MATCHES];
    struct lexicon_match best = {0, 0};
    size_t count =
        lexicon_find(reader->lexicon, text, length, anywhere, suffix, matches);
    for (size_t i = count; i > 0 && best.length == 0; i--) {
        size_t own;
        size_t shared;
        lexicon_senses(reader->lexicon, matches[i - 1].terminal, reader->language_index,
                       &own);
        lexicon_senses(reader->lexicon, matches[i - 1].terminal, 0, &shared);
        if (own + shared > 0) {
            best = matches[i - 1];
        }
    }
    return best;
}

static uint64_t roles_of(const struct reader *reader, uint32_t terminal)
{
    size_t count;
    uint64_t roles = 0;
    const struct lexicon_sense *senses =
        lexicon_senses(reader->lexicon, terminal, reader->language_index, &count);
    for (size_t i = 0; i < count; i++) {
        roles |= ROLE_BIT(senses[i].role);
    }
    return roles;
}

static size_t word_length(const struct reader *reader, const unsigned char *text,
                          size_t length, size_t at)
{
    size_t end = at;
    while (end < length) {
        if (text[end] < 0x80) {
            if (!is_ascii_letter(text[end])) {
                break;
            }
            end++;
            continue;
        }
        uint32_t code;
        size_t step = utf8_next(text, length, end, &code);
        if (!lexicon_is_word(reader->lexicon, code)) {
            break;
        }
        end += step;
    }
    return end - at;
}

/* The first eight bytes of a word, the first one lowest. The buffer has room behind. */
static uint64_t first_bytes(const unsigned char *text, size_t length)
{
    uint64_t bytes;
    memcpy(&bytes, text, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return length < 8 ? bytes & ((1ull << (8 * length)) - 1) : bytes;
}

static bool is_known(const struct reader *reader, const unsigned char *text,
                     size_t length)
{
    return filter_has(reader->filter->known, first_bytes(text, length), length);
}

enum { COMPOUND_BYTES = 192 };

/* Where the pieces of a compound end: piece[end] is the start of the piece before it.
 */
struct compound {
    uint8_t piece[COMPOUND_BYTES + 1];
    bool reached[COMPOUND_BYTES + 1];
};

/* True for the words that compounds are made of: abbreviations are none. */
static bool is_piece(const struct reader *reader, uint32_t terminal)
{
    size_t count;
    const struct lexicon_sense *senses =
        lexicon_senses(reader->lexicon, terminal, reader->language_index, &count);
    for (size_t i = 0; i < count; i++) {
        if ((ROLE_BIT(senses[i].role) & number_parts) &&
            !(senses[i].attributes & (ATTR_ABBR | ATTR_GLUED))) {
            return true;
        }
    }
    return false;
}

static void reach_from(const struct reader *reader, const unsigned char *text,
                       size_t length, size_t at, struct compound *compound)
{
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t count =
        lexicon_find(reader->lexicon, text + at, length - at, true, false, matches);
    for (size_t i = 0; i < count; i++) {
        size_t end = at + matches[i].length;
        if (end <= length && !compound->reached[end] &&
            is_piece(reader, matches[i].terminal)) {
            compound->reached[end] = true;
            compound->piece[end] = (uint8_t)at;
        }
    }
    if (at == 0) {
        return;
    }
    struct lexicon_match suffix = longest(reader, text + at, length - at, true, true);
    if (suffix.length == length - at && !compound->reached[length]) {
        compound->reached[length] = true;
        compound->piece[length] = (uint8_t)at;
    }
}

/* Splits `siebenundzwanzigtausend` into its pieces; false if it is no such word. */
static bool read_compound(struct lexer *lexer, size_t length)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    if (length > COMPOUND_BYTES) {
        return false;
    }
    struct compound compound;
    memset(&compound, 0, sizeof compound);
    compound.reached[0] = true;
    for (size_t at = 0; at < length; at++) {
        if (compound.reached[at]) {
            reach_from(reader, text, length, at, &compound);
            reader->steps++;
        }
    }
    if (!compound.reached[length]) {
        return false;
    }
    uint8_t ends[COMPOUND_BYTES + 1];
    int pieces = 0;
    for (size_t end = length; end > 0; end = compound.piece[end]) {
        ends[pieces++] = (uint8_t)end;
    }
    size_t first = 0;
    while (pieces > 0) {
        size_t piece = ends[--pieces] - first;
        bool suffix = false;
        struct lexicon_match match = longest(reader, text + first, piece, true, false);
        if (match.length != piece || first + piece == length) {
            struct lexicon_match other =
                longest(reader, text + first, piece, true, true);
            suffix = first > 0 && other.length == piece;
            match = suffix ? other : match;
        }
        struct token *token = push(lexer, piece, TOKEN_WORD);
        if (!token) {
            return true;
        }
        add_senses(reader, token, match.terminal, suffix);
        mark_case(reader, token);
        first += piece;
    }
    return true;
}

static const char *list_at(const struct reader *reader, uint32_t offset)
{
    return reader->lexicon->text + offset;
}

/* Reads `وخمسين` as a prefix and a number word. Up to three prefixes. */
static bool read_prefixed(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    const struct prefix *found[3];
    size_t used = 0;
    for (int count = 0; count < 3; count++) {
        found[count] = find_prefix(reader->filter,
                                   first_bytes(text + used, word - used), word - used);
        if (!found[count]) {
            return false;
        }
        used += found[count]->length;
        if (!is_known(reader, text + used, word - used)) {
            continue;
        }
        struct lexicon_match match = longest(
            reader, text + used, lexer->length - lexer->at - used, false, false);
        uint64_t roles = match.length ? roles_of(reader, match.terminal) : 0;
        bool joins = count == 0 && found[0]->joins;
        if (joins ? roles == 0 : (roles & strippable) == 0) {
            continue;
        }
        for (int i = 0; i <= count; i++) {
            struct token *prefix = push(lexer, found[i]->length, TOKEN_PREFIX);
            if (prefix && found[i]->joins) {
                prefix->flags |= TOKEN_AND;
            }
        }
        struct token *token = push(lexer, match.length, TOKEN_WORD);
        if (token) {
            add_senses(reader, token, match.terminal, false);
        }
        return true;
    }
    return false;
}

/* A known word with an ending of the language's list, also after an apostrophe. */
static bool read_suffixed(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    const char *list = list_at(reader, reader->language->suffixes);
    struct lexicon_match matches[LEXICON_MATCHES];
    if (!*list) {
        return false;
    }
    size_t count = lexicon_find(reader->lexicon, text, word, true, false, matches);
    for (size_t i = count; i > 0; i--) {
        size_t rest = word - matches[i - 1].length;
        bool ending = false;
        for (const char *form = list; *form && !ending; form += strlen(form) + 1) {
            ending = strlen(form) == rest &&
                     memcmp(form, text + matches[i - 1].length, rest) == 0;
        }
        if (ending && (roles_of(reader, matches[i - 1].terminal) & strippable)) {
            struct token *token = push(lexer, word, TOKEN_WORD);
            if (token) {
                add_senses(reader, token, matches[i - 1].terminal, false);
            }
            return true;
        }
    }
    return false;
}

/* `150'den`, `dolar'ın`: the ending belongs to the token before it */
static bool read_apostrophe_ending(struct lexer *lexer)
{
    struct reader *reader = lexer->reader;
    const char *list = list_at(reader, reader->language->suffixes);
    if (!*list || lexer->space || reader->token_count == 0 ||
        lexer->text[lexer->at] != '\'') {
        return false;
    }
    size_t word = word_length(reader, lexer->text, lexer->length, lexer->at + 1);
    for (const char *form = list; word && *form; form += strlen(form) + 1) {
        if (strlen(form) == word &&
            memcmp(form, lexer->text + lexer->at + 1, word) == 0) {
            lexer->at += word + 1;
            struct token *before = &reader->tokens[reader->token_count - 1];
            before->to = (uint32_t)lexer->at;
            before->end = reader->start + reader->map[lexer->at];
            trim_end(reader, before);
            return true;
        }
    }
    return false;
}

/* True after digits or a number word to which a suffix form may be glued. */
static bool takes_suffix(const struct lexer *lexer)
{
    const struct reader *reader = lexer->reader;
    if (lexer->space || reader->token_count == 0) {
        return false;
    }
    const struct token *before = &reader->tokens[reader->token_count - 1];
    uint64_t roles = number_parts | ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_ORDINAL);
    return before->kind == TOKEN_DIGITS || (before->roles & roles) != 0;
}

/* `-fold`, `-year-old`, `er`: forms with a leading hyphen, after a number */
static bool read_suffix_form(struct lexer *lexer)
{
    struct reader *reader = lexer->reader;
    size_t hyphen = lexer->text[lexer->at] == '-' ? 1 : 0;
    size_t left = lexer->length - lexer->at - hyphen;
    const unsigned char *text = lexer->text + lexer->at + hyphen;
    bool anywhere = (reader->language->flags & LANGUAGE_SPACES) == 0;
    struct lexicon_match suffix = longest(reader, text, left, anywhere, true);
    if (suffix.length == 0) {
        return false;
    }
    struct lexicon_match plain = {0, 0};
    if (!hyphen) {
        plain = longest(reader, text, left, anywhere, false);
    }
    if (plain.length > suffix.length) {
        return false;
    }
    struct token *token = push(lexer, hyphen + suffix.length, TOKEN_WORD);
    if (token) {
        add_senses(reader, token, suffix.terminal, true);
        if (plain.length == suffix.length) {
            add_senses(reader, token, plain.terminal, false);
        }
        trim_end(reader, token);
    }
    return true;
}

static bool read_known(struct lexer *lexer, bool anywhere)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    struct lexicon_match match =
        longest(reader, text, lexer->length - lexer->at, anywhere, false);
    if (match.length == 0) {
        return false;
    }
    const uint64_t parts = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE);
    bool inside = anywhere && !lexer->space && reader->token_count > 0 &&
                  (reader->tokens[reader->token_count - 1].roles & parts);
    if (inside && (roles_of(reader, match.terminal) & ROLE_BIT(ROLE_LABEL))) {
        uint32_t code; /* 一万一千 is a number, whatever 万一 is elsewhere */
        size_t step = utf8_next(text, lexer->length - lexer->at, 0, &code);
        struct lexicon_match one = longest(reader, text, step, true, false);
        bool part = one.length && script_of(code) == SCRIPT_HAN &&
                    (roles_of(reader, one.terminal) & parts);
        match = part ? one : match;
    }
    struct token *token = push(lexer, match.length, TOKEN_WORD);
    if (token) {
        add_senses(reader, token, match.terminal, false);
        mark_case(reader, token);
        trim_end(reader, token);
    }
    return true;
}

static void fill_cached(struct reader *reader, struct cached_word *cached,
                        const unsigned char *text, size_t word)
{
    cached->state = CACHE_PHRASES;
    if (!lexicon_node_of(reader->lexicon, text, word, &cached->node)) {
        return;
    }
    struct lexicon_match match = longest(reader, text, word, false, false);
    struct token token = {.kind = TOKEN_WORD};
    cached->state = CACHE_NONE;
    if (match.length == word) {
        add_senses(reader, &token, match.terminal, false);
        memcpy(cached->senses, token.senses, sizeof cached->senses);
        memcpy(cached->counts, token.counts, sizeof cached->counts);
        cached->roles = token.roles;
        cached->state = CACHE_WORD;
    }
}

/* read_known with a memory for the words that come again and again. */
static bool read_cached(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    if (word > CACHED_BYTES) {
        return read_known(lexer, false);
    }
    uint64_t bytes[CACHED_BYTES / 8] = {0, 0, 0};
    memcpy(bytes, text, word);
    uint64_t hash = (bytes[0] ^ bytes[1] * 31 ^ bytes[2] * 17) * 0x9e3779b97f4a7c15ull;
    struct cached_word *cached = &reader->filter->cache[hash >> 56];
    if (cached->state == CACHE_EMPTY ||
        memcmp(cached->bytes, bytes, sizeof bytes) != 0) {
        memcpy(cached->bytes, bytes, sizeof bytes);
        fill_cached(reader, cached, text, word);
    }
    if (cached->state == CACHE_PHRASES) {
        return read_known(lexer, false);
    }
    if (cached->node && lexicon_goes_on(reader->lexicon, cached->node, text + word,
                                        lexer->length - lexer->at - word)) {
        return read_known(lexer, false);
    }
    if (cached->state == CACHE_NONE) {
        return false;
    }
    struct token *token = push(lexer, word, TOKEN_WORD);
    if (token) {
        memcpy(token->senses, cached->senses, sizeof cached->senses);
        memcpy(token->counts, cached->counts, sizeof cached->counts);
        token->roles = cached->roles;
        mark_case(reader, token);
    }
    return true;
}

/* In texts without blanks: the stretch up to the next known form, one code point at
 * least, joined to an unknown stretch before it. */
static void read_stretch(struct lexer *lexer, uint32_t code, size_t step)
{
    struct reader *reader = lexer->reader;
    if (!lexer->space && reader->token_count > 0) {
        struct token *before = &reader->tokens[reader->token_count - 1];
        if (before->kind == TOKEN_WORD && before->roles == 0 &&
            script_of(before->code) == script_of(code)) {
            lexer->at += step;
            before->to = (uint32_t)lexer->at;
            before->end = reader->start + reader->map[lexer->at];
            return;
        }
    }
    push(lexer, step, TOKEN_WORD);
}

/* True for `ب` in `ب34`: nothing but prefixes, digits behind. */
static bool is_prefix_before_digits(const struct lexer *lexer, size_t word)
{
    size_t end = lexer->at + word;
    if (end >= lexer->length || !is_ascii_digit(lexer->text[end])) {
        return false;
    }
    size_t used = 0;
    while (used < word) {
        const struct prefix *prefix = find_prefix(
            lexer->reader->filter,
            first_bytes(lexer->text + lexer->at + used, word - used), word - used + 1);
        if (!prefix) {
            return false;
        }
        used += prefix->length;
    }
    return true;
}

static void push_unknown(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    const struct prefix *prefix = NULL;
    if (reader->filter->prefix_count > 0) {
        uint64_t first = first_bytes(lexer->text + lexer->at, word);
        prefix = find_prefix(reader->filter, first, word + 1);
    }
    bool joins = prefix && prefix->joins;
    bool glued_and =
        joins && prefix->length == word && !lexer->space && reader->token_count > 0;
    bool before_digits = prefix && is_prefix_before_digits(lexer, word);
    struct token *token =
        push(lexer, word, before_digits || glued_and ? TOKEN_PREFIX : TOKEN_WORD);
    if (token && token->kind == TOKEN_PREFIX && joins) {
        token->flags |= TOKEN_AND;
    }
    if (token) {
        mark_case(reader, token);
    }
}

/* In texts without blanks a Latin word ends where another script begins: `NATO称`. */
static size_t latin_length(const unsigned char *text, size_t word)
{
    size_t end = 0;
    while (end < word && text[end] < 0xe1) {
        end++;
    }
    return end;
}

static void read_word(struct lexer *lexer, uint32_t code, size_t step)
{
    struct reader *reader = lexer->reader;
    bool spaced = (reader->language->flags & LANGUAGE_SPACES) != 0;
    bool anywhere = !spaced && code >= 0x80;
    if (takes_suffix(lexer) && read_suffix_form(lexer)) {
        return;
    }
    if (anywhere) {
        if (!read_known(lexer, true)) {
            read_stretch(lexer, code, step);
        }
        return;
    }
    size_t word = word_length(reader, lexer->text, lexer->length, lexer->at);
    const unsigned char *text = lexer->text + lexer->at;
    if (!spaced) {
        word = latin_length(text, word);
    }
    if (is_known(reader, text, word) && read_cached(lexer, word)) {
        return;
    }
    if ((reader->language->flags & LANGUAGE_COMPOUNDS) && word >= 6 &&
        filter_has(reader->filter->candidates, first_bytes(text, 4), FILTER_PREFIX) &&
        read_compound(lexer, word)) {
        return;
    }
    if (reader->filter->prefix_count > 0 && read_prefixed(lexer, word)) {
        return;
    }
    if (!read_suffixed(lexer, word)) {
        push_unknown(lexer, word);
    }
}

static void read_digits(struct lexer *lexer)
{
    struct reader *reader = lexer->reader;
    struct literal *literal = &reader->literals[reader->literal_count];
    size_t length = read_literal(reader, lexer->text, lexer->at,
                                 lexer->length - lexer->at, literal);
    struct token *token = push(lexer, length, TOKEN_DIGITS);
    if (token) {
        token->literal = (uint16_t)reader->literal_count++;
        trim_end(reader, token);
    }
}

static bool starts_literal(const struct lexer *lexer)
{
    const unsigned char *text = lexer->text;
    size_t at = lexer->at;
    if (is_ascii_digit(text[at])) {
        return true;
    }
    bool comma = text[at] == ',' && decimal_habit(lexer->reader) == ',';
    if ((text[at] == '.' || text[at] == FOLD_DECIMAL || comma) &&
        at + 1 < lexer->length && is_ascii_digit(text[at + 1])) {
        return at == 0 || text[at - 1] == ' ' || text[at - 1] == '$' ||
               text[at - 1] == '-';
    }
    uint32_t code;
    if (text[at] < 0xc2) {
        return false;
    }
    utf8_next(text, lexer->length, at, &code);
    return (code >= 0xbc && code <= 0xbe) || (code >= 0x2153 && code <= 0x215e);
}

static void read_sign(struct lexer *lexer)
{
    struct reader *reader = lexer->reader;
    uint32_t code;
    size_t step = utf8_next(lexer->text, lexer->length, lexer->at, &code);
    if (code == '-' && takes_suffix(lexer) && read_suffix_form(lexer)) {
        return;
    }
    if (code == '\'' && read_apostrophe_ending(lexer)) {
        return;
    }
    const unsigned char *text = lexer->text + lexer->at;
    size_t left = lexer->length - lexer->at;
    if (code == '.' && reader->token_count > 0) {
        const struct token *before = &reader->tokens[reader->token_count - 1];
        reader->has_address = reader->has_address ||
                              (before->to - before->from == 3 &&
                               memcmp(reader->folded + before->from, "www", 3) == 0);
    }
    struct lexicon_match match = longest(reader, text, left, false, false);
    if (match.length == 0 && code != '\'') {
        match = longest(reader, text, left, true, false);
        if (match.length > 0 && word_length(reader, text, left, match.length) > 0 &&
            (is_ascii_letter(text[match.length - 1]) ||
             text[match.length - 1] >= 0xc3)) {
            match.length = 0; /* `° c` in `° celsius` */
        }
    }
    if (match.length == 0) {
        push(lexer, step, TOKEN_SIGN);
        return;
    }
    struct token *token = push(lexer, match.length, TOKEN_SIGN);
    if (token) {
        add_senses(reader, token, match.terminal, false);
        trim_end(reader, token);
    }
}

void read_tokens(struct reader *reader)
{
    struct lexer lexer = {reader, reader->folded, reader->folded_length, 0, true};
    reader->token_count = 0;
    reader->literal_count = 0;
    reader->sentence_roles = 0;
    reader->has_address = false;
    while (lexer.at < lexer.length && reader->token_count < TOKENS) {
        reader->steps++;
        if (lexer.text[lexer.at] == ' ' || lexer.text[lexer.at] == '\n') {
            lexer.space = true;
            lexer.at++;
            continue;
        }
        if (starts_literal(&lexer)) {
            read_digits(&lexer);
            continue;
        }
        uint32_t code;
        size_t step = utf8_next(lexer.text, lexer.length, lexer.at, &code);
        if (lexicon_is_word(reader->lexicon, code)) {
            read_word(&lexer, code, step);
        } else {
            read_sign(&lexer);
            reader->has_address = reader->has_address || code == '@' || code == '/';
        }
    }
    for (int i = 0; i < reader->token_count; i++) {
        reader->sentence_roles |= reader->tokens[i].roles;
    }
}
