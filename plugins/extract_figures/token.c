#include "words.h"

/* A sentence to tokens. */

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
    /* before this place the text runs `apart` bytes ahead of the folded text */
    size_t straight, apart;
    bool space;
};

static void find_straight(struct lexer *lexer, size_t at)
{
    const struct reader *reader = lexer->reader;
    struct window *window = reader->window;
    size_t place = reader->window_first + at;
    lexer->apart = window_text(window, place) - at;
    lexer->straight = lexer->length;
    if (window->cursor + 1 < window->shift_count) {
        size_t next = window->shifts[window->cursor + 1].at - reader->window_first;
        lexer->straight = next < lexer->length ? next : lexer->length;
    }
}

/* A token like that one of the next `length` bytes; there is room for one of every
 * byte. */
static inline struct token *push_like(struct lexer *lexer, size_t length,
                                      const struct token *like)
{
    struct reader *reader = lexer->reader;
    struct token *token = &reader->tokens[reader->token_count++];
    size_t at = lexer->at;
    size_t end = at + length;
    *token = *like;
    token->from = (uint32_t)at;
    token->to = (uint32_t)end;
    if (end < lexer->straight) {
        token->start = (uint32_t)(at + lexer->apart);
        token->end = (uint32_t)(end + lexer->apart);
    } else {
        token->start = text_at(reader, at);
        token->end = text_at(reader, end);
        find_straight(lexer, end);
    }
    token->flags = lexer->space ? TOKEN_SPACE : 0;
    lexer->at = end;
    lexer->space = false;
    return token;
}

static struct token *push(struct lexer *lexer, size_t length, enum token_kind kind)
{
    const struct token plain = {.kind = (uint8_t)kind,
                                .code = folded_code(lexer->text + lexer->at)};
    return push_like(lexer, length, &plain);
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

static void mark_capital(const struct reader *reader, struct token *token)
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

/* Most words start with a small letter or in a script that has no other. */
static inline void mark_case(const struct reader *reader, struct token *token)
{
    unsigned char byte = reader->text[token->start];
    if ((uint32_t)byte - 'A' < 26u || (byte >= 0x80 && token->code < 0x590)) {
        mark_capital(reader, token);
    }
}

/* Reads `siebenundzwanzigtausend` as its pieces; false if it is no such word. */
static bool read_compound(struct lexer *lexer, size_t length)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    struct compound compound;
    if (!split_compound(reader, text, length, &compound)) {
        return false;
    }
    size_t first = 0;
    while (compound.pieces > 0) {
        size_t piece = compound.ends[--compound.pieces] - first;
        bool suffix = false;
        struct lexicon_match match =
            longest_form(reader, text + first, piece, true, false);
        if (match.length != piece || first + piece == length) {
            struct lexicon_match other =
                longest_form(reader, text + first, piece, true, true);
            suffix = first > 0 && other.length == piece;
            match = suffix ? other : match;
        }
        struct token *token = push(lexer, piece, TOKEN_WORD);
        add_senses(reader, token, match.terminal, suffix);
        mark_case(reader, token);
        first += piece;
    }
    return true;
}

/* The length of the word at a place; 0 if there is none. */
static size_t word_length(const struct lexer *lexer, size_t at)
{
    size_t first = lexer->reader->window_first;
    size_t end = window_run_end(lexer->reader->window->words, first + at) - first;
    return (end < lexer->length ? end : lexer->length) - at;
}

static bool is_known(const struct reader *reader, const unsigned char *text,
                     size_t length)
{
    return filter_has(reader->filter->known, first_bytes(text, length), length);
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
        struct lexicon_match match = longest_form(
            reader, text + used, lexer->length - lexer->at - used, false, false);
        uint64_t roles = match.length ? roles_of(reader, match.terminal) : 0;
        bool joins = count == 0 && found[0]->joins;
        if (joins ? roles == 0 : (roles & STRIPPABLE) == 0) {
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
    uint32_t terminal;
    if (!strip_ending(lexer->reader, lexer->text + lexer->at, word, &terminal)) {
        return false;
    }
    add_senses(lexer->reader, push(lexer, word, TOKEN_WORD), terminal, false);
    return true;
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
    size_t word = lexer->at + 1 < lexer->length ? word_length(lexer, lexer->at + 1) : 0;
    for (const char *form = list; word && *form; form += strlen(form) + 1) {
        if (strlen(form) == word &&
            memcmp(form, lexer->text + lexer->at + 1, word) == 0) {
            lexer->at += word + 1;
            struct token *before = &reader->tokens[reader->token_count - 1];
            before->to = (uint32_t)lexer->at;
            before->end = text_at(reader, lexer->at);
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
    uint64_t roles = NUMBER_PARTS | ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_ORDINAL);
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
    struct lexicon_match suffix = longest_form(reader, text, left, anywhere, true);
    if (suffix.length == 0) {
        return false;
    }
    struct lexicon_match plain = {0, 0};
    if (!hyphen) {
        plain = longest_form(reader, text, left, anywhere, false);
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
        longest_form(reader, text, lexer->length - lexer->at, anywhere, false);
    if (match.length == 0) {
        return false;
    }
    const uint64_t parts = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE);
    bool inside = anywhere && !lexer->space && reader->token_count > 0 &&
                  (reader->tokens[reader->token_count - 1].roles & parts);
    if (inside && (roles_of(reader, match.terminal) & ROLE_BIT(ROLE_LABEL))) {
        uint32_t code; /* 一万一千, 일만일천: numbers, whatever 万一 and 만일 are */
        size_t step = utf8_next(text, lexer->length - lexer->at, 0, &code);
        struct lexicon_match one = longest_form(reader, text, step, true, false);
        bool han = script_of(code) == SCRIPT_HAN || script_of(code) == SCRIPT_HANGUL;
        bool part = one.length && han && (roles_of(reader, one.terminal) & parts);
        match = part ? one : match;
    }
    bool digits = anywhere && !lexer->space && reader->token_count > 0 &&
                  reader->tokens[reader->token_count - 1].kind == TOKEN_DIGITS;
    if (digits && roles_of(reader, match.terminal) == ROLE_BIT(ROLE_STOP)) {
        uint32_t code; /* 10만에서 20만: a scale, whatever 만에 is behind a word */
        size_t step = utf8_next(text, lexer->length - lexer->at, 0, &code);
        struct lexicon_match one = longest_form(reader, text, step, true, false);
        bool part = one.length && (roles_of(reader, one.terminal) & parts);
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

/* A form of several words that starts with the word at hand. */
static bool read_phrase(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    struct lexicon_match match = longest_form(reader, lexer->text + lexer->at,
                                              lexer->length - lexer->at, false, false);
    if (match.length <= word) {
        return false;
    }
    struct token *token = push(lexer, match.length, TOKEN_WORD);
    add_senses(reader, token, match.terminal, false);
    mark_case(reader, token);
    trim_end(reader, token);
    return true;
}

/* A word that the cache knows and that does not depend on what stands behind it. */
static inline bool read_cached(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    size_t end = lexer->at + word;
    const struct cached_word *cached =
        cached_word(reader, lexer->text + lexer->at, word);
    if (!cached) {
        return false;
    }
    const struct word_details *details = word_details(reader, cached);
    if (cached->goes_on &&
        may_go_on(reader, &details->paths, lexer->text, lexer->length, end) &&
        read_phrase(lexer, word)) {
        return true;
    }
    if (cached->state == WORD_SLOW ||
        (cached->state == WORD_UNKNOWN && reader->filter->prefix_count > 0 &&
         end < lexer->length && is_ascii_digit(lexer->text[end]))) {
        return false;
    }
    struct token *token = push_like(lexer, word, &details->token);
    if (cached->state != WORD_ENDING) {
        mark_case(reader, token);
    }
    return true;
}

/* In texts without blanks: the stretch up to the next known form, one code point at
 * least, joined to an unknown stretch before it. */
static void read_stretch(struct lexer *lexer, uint32_t code)
{
    unsigned char bytes[4];
    size_t step = utf8_put(code, bytes);
    struct reader *reader = lexer->reader;
    if (!lexer->space && reader->token_count > 0) {
        struct token *before = &reader->tokens[reader->token_count - 1];
        if (before->kind == TOKEN_WORD && before->roles == 0 &&
            script_of(before->code) == script_of(code)) {
            lexer->at += step;
            before->to = (uint32_t)lexer->at;
            before->end = text_at(reader, lexer->at);
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

/* A word that is not in the cache or depends on what stands around it. */
static void read_slow_word(struct lexer *lexer, size_t word)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text + lexer->at;
    if (is_known(reader, text, word) && read_known(lexer, false)) {
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

static void read_word(struct lexer *lexer)
{
    const unsigned char *text = lexer->text + lexer->at;
    bool spaced = lexer->reader->filter->spaced;
    if (!lexer->space && takes_suffix(lexer) && read_suffix_form(lexer)) {
        return;
    }
    if (!spaced && text[0] >= 0x80) {
        if (!read_known(lexer, true)) {
            read_stretch(lexer, folded_code(text));
        }
        return;
    }
    size_t word = word_length(lexer, lexer->at);
    word = spaced ? word : latin_length(text, word);
    if (!read_cached(lexer, word)) {
        read_slow_word(lexer, word);
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
    if (code == '.' && reader->token_count > 0) {
        const struct token *before = &reader->tokens[reader->token_count - 1];
        reader->has_address = reader->has_address ||
                              (before->to - before->from == 3 &&
                               memcmp(reader->folded + before->from, "www", 3) == 0);
    }
    if (code < 0x80 && !(reader->filter->signs[code / 64] >> (code % 64) & 1)) {
        push(lexer, step, TOKEN_SIGN);
        return;
    }
    const unsigned char *text = lexer->text + lexer->at;
    size_t left = lexer->length - lexer->at;
    struct lexicon_match match = longest_form(reader, text, left, false, false);
    if (match.length == 0 && code != '\'') {
        match = longest_form(reader, text, left, true, false);
        if (match.length > 0 && match.length < left &&
            word_length(lexer, lexer->at + match.length) > 0 &&
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

/* Notes what the stages must know of the tokens from `first` on. */
static void note_tokens(struct reader *reader, int first)
{
    for (int i = first; i < reader->token_count; i++) {
        const struct token *token = &reader->tokens[i];
        reader->sentence_roles |= token->roles;
        reader->active[reader->active_count] = (uint16_t)i;
        reader->active_count += is_active(token);
    }
}

/* Words with a blank before them that the cache knows and that depend on nothing else:
 * most of most sentences. Stops before what is no such word. */
static void read_plain_words(struct lexer *lexer)
{
    struct reader *reader = lexer->reader;
    const unsigned char *text = lexer->text;
    const uint64_t *bits = reader->window->words;
    const size_t first = reader->window_first;
    const size_t straight = lexer->straight;
    const size_t apart = lexer->apart;
    struct token *token = &reader->tokens[reader->token_count];
    struct token *const tokens = reader->tokens;
    uint16_t *active = &reader->active[reader->active_count];
    uint64_t roles = 0;
    size_t at = lexer->at;
    for (;;) {
        size_t end = window_run_end(bits, first + at) - first;
        if (end - at > CACHED_BYTES || end >= straight) {
            break;
        }
        const struct cached_word *cached = cached_word(reader, text + at, end - at);
        if (cached->state == WORD_SLOW ||
            (cached->goes_on && may_go_on(reader, &word_details(reader, cached)->paths,
                                          text, lexer->length, end)) ||
            (cached->state == WORD_UNKNOWN && is_ascii_digit(text[end]))) {
            break;
        }
        if (cached->state == WORD_UNKNOWN) {
            *token = (struct token){.kind = TOKEN_WORD, .code = cached->code};
        } else {
            *token = word_details(reader, cached)->token;
        }
        token->from = (uint32_t)at;
        token->to = (uint32_t)end;
        token->start = (uint32_t)(at + apart);
        token->end = (uint32_t)(end + apart);
        token->flags = TOKEN_SPACE;
        unsigned char byte = reader->text[at + apart];
        if (((uint32_t)byte - 'A' < 26u || (byte >= 0x80 && token->code < 0x590)) &&
            cached->state != WORD_ENDING) {
            mark_capital(reader, token);
        }
        roles |= token->roles;
        *active = (uint16_t)(token - tokens);
        active += cached->active;
        token++;
        at = end;
        if (text[at] != ' ' || !window_bit(bits, first + at + 1) ||
            at + 1 >= straight) {
            break;
        }
        at++;
    }
    int count = (int)(token - tokens);
    reader->steps += (size_t)(count - reader->token_count) * 2;
    lexer->space = count == reader->token_count || text[at - 1] == ' ';
    reader->token_count = count;
    reader->active_count = (int)(active - reader->active);
    reader->sentence_roles |= roles;
    lexer->at = at;
}

void read_tokens(struct reader *reader)
{
    struct lexer lexer = {.reader = reader,
                          .text = reader->folded,
                          .length = reader->folded_length,
                          .space = true};
    const bool spaced = reader->filter->spaced;
    reader->token_count = 0;
    reader->active_count = 0;
    reader->literal_count = 0;
    reader->sentence_roles = 0;
    reader->has_address = false;
    find_straight(&lexer, 0);
    while (lexer.at < lexer.length) {
        unsigned char byte = lexer.text[lexer.at];
        reader->steps++;
        if (byte == ' ' || byte == '\n') {
            lexer.space = true;
            lexer.at++;
            continue;
        }
        bool word = window_bit(reader->window->words, reader->window_first + lexer.at);
        int before = reader->token_count;
        if (word && spaced && lexer.space) {
            read_plain_words(&lexer);
            if (reader->token_count > before) {
                continue;
            }
        }
        if (word) {
            read_word(&lexer);
        } else if (starts_literal(&lexer)) {
            read_digits(&lexer);
        } else {
            read_sign(&lexer);
            reader->has_address = reader->has_address || byte == '@' || byte == '/';
        }
        note_tokens(reader, before);
    }
}
