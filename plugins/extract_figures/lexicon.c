#include "lexicon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decimal.h"
#include "filter.h"

__attribute__((format(printf, 3, 4))) static figures_status
fail(figures_error *error, figures_status status, const char *format, ...)
{
    if (error) {
        va_list list;
        va_start(list, format);
        error->status = status;
        vsnprintf(error->text, sizeof error->text, format, list);
        va_end(list);
    }
    return status;
}

static const size_t element_sizes[SECTION_COUNT] = {
    [SECTION_LANGUAGES] = sizeof(struct lexicon_language),
    [SECTION_NODES] = sizeof(struct lexicon_node),
    [SECTION_TAILS] = 1,
    [SECTION_TERMINALS] = sizeof(uint32_t),
    [SECTION_SENSES] = sizeof(struct lexicon_sense),
    [SECTION_VALUES] = sizeof(struct lexicon_value),
    [SECTION_STRINGS] = sizeof(uint32_t),
    [SECTION_TEXT] = 1,
    [SECTION_EVIDENCE] = sizeof(struct lexicon_evidence),
    [SECTION_CANDIDATES] = sizeof(uint16_t),
    [SECTION_KNOWN] = sizeof(uint16_t),
    [SECTION_FOLDS] = sizeof(uint16_t),
    [SECTION_WORDS] = 1,
    [SECTION_SCRIPTS] = 1,
};

static figures_status check_header(const struct lexicon_header *header, size_t length,
                                   figures_error *error)
{
    if (memcmp(header->magic, LEXICON_MAGIC, sizeof header->magic) != 0) {
        return fail(error, FIGURES_BAD_LEXICON,
                    "this is no figures.lexicon: its first eight bytes are not %s",
                    LEXICON_MAGIC);
    }
    if (header->byte_order != LEXICON_BYTE_ORDER) {
        return fail(error, FIGURES_BAD_LEXICON,
                    "the lexicon was compiled on a machine of another byte order: "
                    "compile it here");
    }
    if (header->version != LEXICON_VERSION) {
        return fail(
            error, FIGURES_BAD_LEXICON,
            "the lexicon has format %u, this program reads format %u: compile it again",
            header->version, LEXICON_VERSION);
    }
    if (header->size != length) {
        return fail(error, FIGURES_BAD_LEXICON,
                    "the lexicon is truncated: it says %llu bytes and has %zu",
                    (unsigned long long)header->size, length);
    }
    for (int i = 0; i < SECTION_COUNT; i++) {
        const struct lexicon_span *span = &header->sections[i];
        bool fits = span->offset % 8 == 0 && span->offset >= sizeof *header &&
                    span->offset <= length &&
                    span->count <= (length - span->offset) / element_sizes[i];
        if (!fits) {
            return fail(error, FIGURES_BAD_LEXICON,
                        "the lexicon is damaged: section %d lies outside the file", i);
        }
    }
    return FIGURES_OK;
}

static const void *section(const figures_lexicon *lexicon, int which, size_t *count)
{
    const struct lexicon_header *header = (const void *)lexicon->bytes;
    *count = (size_t)header->sections[which].count;
    return lexicon->bytes + header->sections[which].offset;
}

static void attach(figures_lexicon *lexicon)
{
    lexicon->languages = section(lexicon, SECTION_LANGUAGES, &lexicon->language_count);
    lexicon->nodes = section(lexicon, SECTION_NODES, &lexicon->node_count);
    lexicon->tails = section(lexicon, SECTION_TAILS, &lexicon->tail_count);
    lexicon->terminals = section(lexicon, SECTION_TERMINALS, &lexicon->terminal_count);
    lexicon->senses = section(lexicon, SECTION_SENSES, &lexicon->sense_count);
    lexicon->values = section(lexicon, SECTION_VALUES, &lexicon->value_count);
    lexicon->strings = section(lexicon, SECTION_STRINGS, &lexicon->string_count);
    lexicon->text = section(lexicon, SECTION_TEXT, &lexicon->text_count);
    lexicon->evidence = section(lexicon, SECTION_EVIDENCE, &lexicon->evidence_count);
    lexicon->candidates =
        section(lexicon, SECTION_CANDIDATES, &lexicon->candidate_count);
    lexicon->known = section(lexicon, SECTION_KNOWN, &lexicon->known_count);
    lexicon->folds = section(lexicon, SECTION_FOLDS, &lexicon->fold_count);
    lexicon->words = section(lexicon, SECTION_WORDS, &lexicon->word_count);
    lexicon->scripts = section(lexicon, SECTION_SCRIPTS, &lexicon->script_count);
}

static bool check_tail(const figures_lexicon *lexicon, int32_t base)
{
    size_t tail = (size_t)(-(int64_t)base - 1);
    uint16_t length;
    uint32_t terminal;
    if (tail + 6 > lexicon->tail_count) {
        return false;
    }
    memcpy(&length, lexicon->tails + tail, 2);
    if (tail + 6 + length > lexicon->tail_count) {
        return false;
    }
    memcpy(&terminal, lexicon->tails + tail + 2 + length, 4);
    return terminal + 1ull < lexicon->terminal_count;
}

static bool check_nodes(const figures_lexicon *lexicon)
{
    if (lexicon->node_count < 512 || lexicon->node_count > INT32_MAX) {
        return false;
    }
    int32_t last = (int32_t)(lexicon->node_count - 256);
    bool fits = true;
    for (size_t i = 0; i < lexicon->node_count; i++) {
        int32_t base = lexicon->nodes[i].base;
        fits = fits && base <= last && (base >= 0 || check_tail(lexicon, base));
    }
    return fits;
}

/* Without branches: there are hundreds of thousands of them. */
static bool check_senses(const figures_lexicon *lexicon)
{
    unsigned outside = 0;
    for (size_t i = 0; i < lexicon->terminal_count; i++) {
        outside |= lexicon->terminals[i] > lexicon->sense_count;
        outside |= i > 0 && lexicon->terminals[i] < lexicon->terminals[i - 1];
    }
    for (size_t i = 0; i < lexicon->sense_count; i++) {
        const struct lexicon_sense *sense = &lexicon->senses[i];
        outside |= sense->language >= lexicon->language_count;
        outside |= sense->role >= ROLE_COUNT;
        outside |= sense->value >= lexicon->value_count;
        outside |= sense->text >= lexicon->string_count;
    }
    return outside == 0;
}

static bool check_strings(const figures_lexicon *lexicon)
{
    size_t count = lexicon->text_count;
    if (count < 2 || lexicon->text[count - 1] != '\0' ||
        lexicon->text[count - 2] != '\0') {
        return false;
    }
    for (size_t i = 0; i < lexicon->string_count; i++) {
        if (lexicon->strings[i] >= count) {
            return false;
        }
    }
    for (size_t i = 0; i < lexicon->value_count; i++) {
        if (lexicon->values[i].denominator == 0) {
            return false;
        }
    }
    return true;
}

static bool check_languages(const figures_lexicon *lexicon)
{
    for (size_t i = 0; i < lexicon->language_count; i++) {
        const struct lexicon_language *language = &lexicon->languages[i];
        const uint32_t lists[] = {language->prefixes,
                                  language->joiner_prefixes,
                                  language->suffixes,
                                  language->plural_endings,
                                  language->adjective_endings,
                                  language->letters,
                                  language->definite,
                                  language->name_links,
                                  language->possessive,
                                  language->noun_links,
                                  language->outside_starts,
                                  language->outside_endings,
                                  language->topics};
        for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
            if (lists[k] >= lexicon->text_count) {
                return false;
            }
        }
        if (!memchr(language->tag, 0, sizeof language->tag) ||
            language->candidate_first > lexicon->candidate_count ||
            language->candidate_count >
                lexicon->candidate_count - language->candidate_first ||
            language->known_first > lexicon->known_count ||
            language->known_count > lexicon->known_count - language->known_first) {
            return false;
        }
    }
    size_t slots = lexicon->evidence_count;
    if (lexicon->fold_count != LEXICON_TABLE ||
        lexicon->word_count != LEXICON_TABLE / 8 ||
        lexicon->script_count != LEXICON_TABLE) {
        return false;
    }
    for (size_t i = 0; i < LEXICON_TABLE; i++) {
        if (lexicon->scripts[i] >= SCRIPT_COUNT) {
            return false;
        }
    }
    return lexicon->language_count > 0 &&
           lexicon->language_count <= LEXICON_LANGUAGES && slots >= 2 &&
           (slots & (slots - 1)) == 0;
}

static bool has_free_slot(const figures_lexicon *lexicon)
{
    for (size_t i = 0; i < lexicon->evidence_count; i++) {
        if (lexicon->evidence[i].word == 0) {
            return true;
        }
    }
    return false;
}

/* What folding makes of letters of two bytes. */
static void make_pairs(figures_lexicon *lexicon)
{
    for (uint32_t code = 0x80; code < 0x800; code++) {
        uint32_t folded = lexicon->folds[code];
        if (folded >= 0x80 && folded < 0x800 && lexicon_is_word(lexicon, folded)) {
            unsigned char bytes[4];
            utf8_put(folded, bytes);
            lexicon->pairs[code] = (uint16_t)(bytes[0] | bytes[1] << 8);
        }
    }
}

static void add_letter(figures_lexicon *lexicon, uint32_t code, size_t language,
                       size_t *count)
{
    uint16_t *slot = &lexicon->letter_slots[code % LEXICON_LETTER_SLOTS];
    size_t letter = *slot;
    while (letter && lexicon->letters[letter].code != code) {
        letter = lexicon->letters[letter].next;
    }
    if (!letter) {
        if (*count == LEXICON_LETTERS) {
            return;
        }
        letter = (*count)++;
        lexicon->letters[letter].code = code;
        lexicon->letters[letter].next = *slot;
        *slot = (uint16_t)letter;
    }
    lexicon->letters[letter].languages[language / 64] |= 1ull << (language % 64);
}

/* Which languages a script and a letter speak for. */
static void make_evidence(figures_lexicon *lexicon)
{
    size_t letters = 1;
    for (size_t i = 1; i < lexicon->language_count; i++) {
        const struct lexicon_language *language = &lexicon->languages[i];
        for (int written = 0; written < SCRIPT_COUNT; written++) {
            if (written == SCRIPT_NONE || (language->scripts >> written & 1)) {
                lexicon->script_languages[written][i / 64] |= 1ull << (i % 64);
            }
        }
        const char *list = lexicon->text + language->letters;
        for (; *list; list += strlen(list) + 1) {
            uint32_t code;
            utf8_next((const unsigned char *)list, strlen(list), 0, &code);
            add_letter(lexicon, code, i, &letters);
        }
    }
}

figures_status figures_lexicon_from(const void *bytes, size_t length,
                                    figures_lexicon **out, figures_error *error)
{
    const struct lexicon_header *header = bytes;
    *out = NULL;
    if (length < sizeof *header || (uintptr_t)bytes % 8 != 0) {
        return fail(error, FIGURES_BAD_LEXICON,
                    "the lexicon is truncated: %zu bytes are fewer than its header",
                    length);
    }
    figures_status status = check_header(header, length, error);
    if (status != FIGURES_OK) {
        return status;
    }
    const unsigned char *body = (const unsigned char *)bytes + sizeof *header;
    if (lexicon_checksum(body, length - sizeof *header) != header->checksum) {
        return fail(error, FIGURES_BAD_LEXICON,
                    "the lexicon is damaged: its checksum does not fit its contents");
    }
    figures_lexicon *lexicon = calloc(1, sizeof *lexicon);
    struct shared_filters *shared = calloc(LEXICON_LANGUAGES, sizeof *shared);
    if (!lexicon || !shared) {
        free(lexicon);
        free(shared);
        return fail(error, FIGURES_NO_MEMORY,
                    "out of memory while opening the lexicon");
    }
    lexicon->bytes = bytes;
    lexicon->length = length;
    lexicon->shared = shared;
    attach(lexicon);
    if (!check_nodes(lexicon) || !check_senses(lexicon) || !check_strings(lexicon) ||
        !check_languages(lexicon) || !has_free_slot(lexicon)) {
        free(shared);
        free(lexicon);
        return fail(
            error, FIGURES_BAD_LEXICON,
            "the lexicon is damaged: an index in it points outside its section");
    }
    make_pairs(lexicon);
    make_evidence(lexicon);
    *out = lexicon;
    return FIGURES_OK;
}

figures_status figures_lexicon_open(const char *path, figures_lexicon **out,
                                    figures_error *error)
{
    *out = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail(error, FIGURES_NO_FILE, "cannot open the lexicon %s: %s", path,
                    strerror(errno));
    }
    struct stat about;
    void *mapping = MAP_FAILED;
    if (fstat(file, &about) == 0 && about.st_size > 0) {
        mapping = mmap(NULL, (size_t)about.st_size, PROT_READ,
                       MAP_PRIVATE | MAP_POPULATE, file, 0);
    }
    close(file);
    if (mapping == MAP_FAILED) {
        return fail(error, FIGURES_NO_FILE, "cannot map the lexicon %s", path);
    }
    figures_status status =
        figures_lexicon_from(mapping, (size_t)about.st_size, out, error);
    if (status != FIGURES_OK) {
        munmap(mapping, (size_t)about.st_size);
        return status;
    }
    (*out)->mapping = mapping;
    return FIGURES_OK;
}

void figures_lexicon_close(figures_lexicon *lexicon)
{
    if (!lexicon) {
        return;
    }
    if (lexicon->mapping) {
        munmap(lexicon->mapping, lexicon->length);
    }
    filters_finish(lexicon);
    free(lexicon);
}

size_t figures_lexicon_languages(const figures_lexicon *lexicon)
{
    return lexicon->language_count;
}

const char *figures_lexicon_language(const figures_lexicon *lexicon, size_t index)
{
    return index < lexicon->language_count ? lexicon->languages[index].tag : NULL;
}

int lexicon_language_index(const figures_lexicon *lexicon, const char *tag)
{
    size_t length = strcspn(tag, "-_");
    if (length == 2 && memcmp(tag, "no", 2) == 0) {
        tag = "nb"; /* BCP 47: Norwegian that is not said to be Nynorsk */
    }
    for (size_t i = 1; i < lexicon->language_count; i++) {
        const char *known = lexicon->languages[i].tag;
        if (strlen(known) == length && memcmp(known, tag, length) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* True where no letter follows: a form may end here. */
static inline bool ends_word(const figures_lexicon *lexicon, const unsigned char *text,
                             size_t length, size_t at)
{
    if (at >= length || (at > 0 && text[at - 1] == '\'')) {
        return true; /* an elided form: `plus d'un`, `l'ONU` */
    }
    if (text[at] < 0x80) {
        return !is_ascii_letter(text[at]);
    }
    uint32_t code;
    if (text[at] >= 0xc2 && text[at] < 0xe0 && length - at > 1) {
        code = (text[at] & 0x1fu) << 6 | (text[at + 1] & 0x3fu);
    } else {
        utf8_next(text, length, at, &code);
    }
    return !lexicon_is_word(lexicon, code);
}

static unsigned char key_byte(unsigned char byte)
{
    return byte == '-' || byte == '\n' ? ' ' : byte;
}

/* Reads a leaf's tail; true when the text goes on like it. */
static bool match_tail(const figures_lexicon *lexicon, int32_t base,
                       const unsigned char *text, size_t left,
                       struct lexicon_match *match)
{
    const unsigned char *tail = lexicon->tails + (size_t)(-(int64_t)base - 1);
    uint16_t length;
    memcpy(&length, tail, 2);
    if (length > left) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (tail[2 + i] != key_byte(text[i])) {
            return false;
        }
    }
    match->length = length;
    memcpy(&match->terminal, tail + 2 + length, 4);
    return true;
}

static void keep(struct lexicon_match *matches, size_t *count, uint32_t length,
                 uint32_t terminal)
{
    if (*count == LEXICON_MATCHES) {
        memmove(matches, matches + 1, (LEXICON_MATCHES - 1) * sizeof *matches);
        --*count;
    }
    matches[*count].length = length;
    matches[*count].terminal = terminal;
    ++*count;
}

static bool starts_code(const unsigned char *text, size_t length, size_t at)
{
    return at >= length || (text[at] & 0xc0) != 0x80;
}

/* The node below `node` by a byte; 0 when there is none. */
static uint32_t child(const figures_lexicon *lexicon, uint32_t node, unsigned char byte)
{
    uint32_t next = (uint32_t)lexicon->nodes[node].base + byte;
    return lexicon->nodes[next].check == node ? next : 0;
}

size_t lexicon_find(const figures_lexicon *lexicon, const unsigned char *text,
                    size_t length, bool anywhere, bool after_mark,
                    struct lexicon_match *matches)
{
    size_t count = 0;
    uint32_t node = after_mark ? child(lexicon, 1, LEXICON_SUFFIX_MARK) : 1;
    for (size_t at = 0; node; at++) {
        if (lexicon->nodes[node].base < 0) {
            struct lexicon_match tail;
            if (match_tail(lexicon, lexicon->nodes[node].base, text + at, length - at,
                           &tail)) {
                size_t end = at + tail.length;
                if (anywhere ? starts_code(text, length, end)
                             : ends_word(lexicon, text, length, end)) {
                    keep(matches, &count, (uint32_t)end, tail.terminal);
                }
            }
            break;
        }
        uint32_t end = at > 0 ? child(lexicon, node, 0) : 0;
        if (end && (anywhere || ends_word(lexicon, text, length, at))) {
            struct lexicon_match here;
            if (lexicon->nodes[end].base < 0 &&
                match_tail(lexicon, lexicon->nodes[end].base, text, 0, &here)) {
                keep(matches, &count, (uint32_t)at, here.terminal);
            }
        }
        node = at < length ? child(lexicon, node, key_byte(text[at])) : 0;
    }
    return count;
}

bool lexicon_starts_form(const figures_lexicon *lexicon, unsigned char byte)
{
    return child(lexicon, 1, key_byte(byte)) != 0;
}

/* The bits of the bytes by which forms go on below a node: of a tail its first byte. */
static uint64_t next_bytes(const figures_lexicon *lexicon, uint32_t node)
{
    uint64_t bits = 0;
    int32_t base = lexicon->nodes[node].base;
    if (base < 0) {
        const unsigned char *tail = lexicon->tails + (size_t)(-(int64_t)base - 1);
        uint16_t length;
        memcpy(&length, tail, 2);
        return length > 0 ? 1ull << (tail[2] & 63) : ~0ull;
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        if (child(lexicon, node, (unsigned char)byte)) {
            bits |= byte ? 1ull << (byte & 63) : ~0ull;
        }
    }
    return bits;
}

/* The word ends inside a tail, behind `done` of its bytes. */
static void paths_in_tail(const figures_lexicon *lexicon, uint32_t node,
                          const unsigned char *word, size_t left,
                          struct lexicon_paths *paths)
{
    const unsigned char *tail =
        lexicon->tails + (size_t)(-(int64_t)lexicon->nodes[node].base - 1);
    uint16_t length;
    memcpy(&length, tail, 2);
    if (length < left) {
        return;
    }
    for (size_t i = 0; i < left; i++) {
        if (tail[2 + i] != key_byte(word[i])) {
            return;
        }
    }
    if (length == left) {
        return;
    }
    if (tail[2 + left] == ' ') {
        paths->blank = length > left + 1 ? 1ull << (tail[3 + left] & 63) : ~0ull;
    } else {
        paths->signs = 1ull << (tail[2 + left] & 63);
    }
}

void lexicon_paths_of(const figures_lexicon *lexicon, const unsigned char *word,
                      size_t length, struct lexicon_paths *paths)
{
    uint32_t node = 1;
    *paths = (struct lexicon_paths){0, 0, 0};
    for (size_t at = 0; at < length && node; at++) {
        if (lexicon->nodes[node].base < 0) {
            paths_in_tail(lexicon, node, word + at, length - at, paths);
            return;
        }
        node = child(lexicon, node, key_byte(word[at]));
    }
    if (!node) {
        return;
    }
    if (lexicon->nodes[node].base < 0) {
        paths_in_tail(lexicon, node, word, 0, paths);
        return;
    }
    for (unsigned byte = 1; byte < 256; byte++) {
        uint32_t next = child(lexicon, node, (unsigned char)byte);
        if (next && byte == ' ') {
            paths->blank = next_bytes(lexicon, next);
            paths->node = next;
        } else if (next) {
            paths->signs |= 1ull << (byte & 63);
        }
    }
}

bool lexicon_goes_on(const figures_lexicon *lexicon, uint32_t node,
                     const unsigned char *text, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        if (lexicon->nodes[node].base < 0) {
            struct lexicon_match tail;
            return match_tail(lexicon, lexicon->nodes[node].base, text + at,
                              length - at, &tail);
        }
        if (at > 0 && child(lexicon, node, 0) && ends_word(lexicon, text, length, at)) {
            return true;
        }
        node = child(lexicon, node, key_byte(text[at]));
        if (!node) {
            return false;
        }
    }
    return true;
}

const struct lexicon_sense *lexicon_senses(const figures_lexicon *lexicon,
                                           uint32_t terminal, uint8_t language,
                                           size_t *count)
{
    const struct lexicon_sense *first = lexicon->senses + lexicon->terminals[terminal];
    const struct lexicon_sense *end =
        lexicon->senses + lexicon->terminals[terminal + 1];
    size_t left = (size_t)(end - first);
    while (left > 0 && language > 0) { /* und stands first */
        size_t half = left / 2;
        if (first[half].language < language) {
            first += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    const struct lexicon_sense *last = first;
    while (last < end && last->language == language) {
        last++;
    }
    *count = (size_t)(last - first);
    return first;
}

figures_decimal lexicon_value(const figures_lexicon *lexicon,
                              const struct lexicon_sense *sense)
{
    const struct lexicon_value *value = &lexicon->values[sense->value];
    bool negative = value->coefficient < 0;
    uint64_t size =
        negative ? 0 - (uint64_t)value->coefficient : (uint64_t)value->coefficient;
    figures_decimal decimal = decimal_from(size, value->exponent);
    if (value->denominator != 1) {
        decimal = decimal_divide(decimal, value->denominator, 17);
    }
    return negative ? decimal_negate(decimal) : decimal;
}

void lexicon_fraction(const figures_lexicon *lexicon, const struct lexicon_sense *sense,
                      uint32_t *numerator, uint32_t *denominator)
{
    const struct lexicon_value *value = &lexicon->values[sense->value];
    *numerator = (uint32_t)value->coefficient;
    *denominator = value->denominator;
    if (value->denominator == 1 && value->exponent < 0 && value->exponent > -10) {
        for (int i = value->exponent; i < 0; i++) {
            *denominator *= 10;
        }
    }
}

const char *lexicon_text(const figures_lexicon *lexicon,
                         const struct lexicon_sense *sense)
{
    return lexicon->text + lexicon->strings[sense->text];
}

const uint64_t *lexicon_evidence_of(const figures_lexicon *lexicon, uint64_t word)
{
    size_t mask = lexicon->evidence_count - 1;
    size_t slot = (size_t)((word * 0x9e3779b97f4a7c15ull) >> 40) & mask;
    while (lexicon->evidence[slot].word) {
        if (lexicon->evidence[slot].word == word) {
            return lexicon->evidence[slot].languages;
        }
        slot = (slot + 1) & mask;
    }
    return NULL;
}
