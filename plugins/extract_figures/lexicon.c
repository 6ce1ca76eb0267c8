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
}

static bool check_nodes(const figures_lexicon *lexicon)
{
    if (lexicon->node_count < 512 || lexicon->node_count > INT32_MAX) {
        return false;
    }
    for (size_t i = 0; i < lexicon->node_count; i++) {
        int32_t base = lexicon->nodes[i].base;
        if (base >= 0) {
            if ((size_t)base > lexicon->node_count - 256) {
                return false;
            }
            continue;
        }
        size_t tail = (size_t)(-(int64_t)base - 1);
        if (tail + 6 > lexicon->tail_count) {
            return false;
        }
        uint16_t length;
        uint32_t terminal;
        memcpy(&length, lexicon->tails + tail, 2);
        if (tail + 6 + length > lexicon->tail_count) {
            return false;
        }
        memcpy(&terminal, lexicon->tails + tail + 2 + length, 4);
        if (terminal + 1ull >= lexicon->terminal_count) {
            return false;
        }
    }
    return true;
}

static bool check_senses(const figures_lexicon *lexicon)
{
    for (size_t i = 0; i < lexicon->terminal_count; i++) {
        if (lexicon->terminals[i] > lexicon->sense_count ||
            (i > 0 && lexicon->terminals[i] < lexicon->terminals[i - 1])) {
            return false;
        }
    }
    for (size_t i = 0; i < lexicon->sense_count; i++) {
        const struct lexicon_sense *sense = &lexicon->senses[i];
        if (sense->language >= lexicon->language_count || sense->role >= ROLE_COUNT ||
            sense->value >= lexicon->value_count ||
            sense->text >= lexicon->string_count) {
            return false;
        }
    }
    return true;
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
        lexicon->word_count != LEXICON_TABLE / 8) {
        return false;
    }
    return lexicon->language_count > 0 && lexicon->language_count <= 128 &&
           slots >= 2 && (slots & (slots - 1)) == 0;
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
    if (!lexicon) {
        return fail(error, FIGURES_NO_MEMORY,
                    "out of memory while opening the lexicon");
    }
    lexicon->bytes = bytes;
    lexicon->length = length;
    attach(lexicon);
    if (!check_nodes(lexicon) || !check_senses(lexicon) || !check_strings(lexicon) ||
        !check_languages(lexicon) || !has_free_slot(lexicon)) {
        free(lexicon);
        return fail(
            error, FIGURES_BAD_LEXICON,
            "the lexicon is damaged: an index in it points outside its section");
    }
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
    utf8_next(text, length, at, &code);
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
        if (at > 0 && (anywhere || ends_word(lexicon, text, length, at))) {
            uint32_t end = child(lexicon, node, 0);
            struct lexicon_match here;
            if (end && lexicon->nodes[end].base < 0 &&
                match_tail(lexicon, lexicon->nodes[end].base, text, 0, &here)) {
                keep(matches, &count, (uint32_t)at, here.terminal);
            }
        }
        node = at < length ? child(lexicon, node, key_byte(text[at])) : 0;
    }
    return count;
}

bool lexicon_node_of(const figures_lexicon *lexicon, const unsigned char *word,
                     size_t length, uint32_t *node)
{
    *node = 1;
    for (size_t at = 0; at < length && *node; at++) {
        if (lexicon->nodes[*node].base < 0) {
            return false;
        }
        *node = child(lexicon, *node, key_byte(word[at]));
    }
    return *node == 0 || lexicon->nodes[*node].base >= 0;
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
        if (at > 0 && ends_word(lexicon, text, length, at) && child(lexicon, node, 0)) {
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

/* A code point of two bytes, decoded; 0 if the bytes are no such. */
static inline uint32_t two_bytes(const unsigned char *text, size_t left)
{
    if (left < 2 || text[0] < 0xc2 || text[0] >= 0xe0 || (text[1] & 0xc0) != 0x80) {
        return 0;
    }
    return (uint32_t)(text[0] & 0x1f) << 6 | (text[1] & 0x3f);
}

/* Eight ASCII bytes without control signs and neighbouring blanks, at once; false if
 * they are others. */
static inline bool fold_eight(const unsigned char *text, unsigned char *out)
{
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t x;
    memcpy(&x, text, 8);
    if (x & ones * 0x80) {
        return false;
    }
    /* the high bit of each byte tells: below a blank, a blank, a capital letter */
    uint64_t low = ~(x + ones * (0x80 - 0x20)) & ones * 0x80;
    uint64_t not_blank = (x ^ ones * 0x20) + ones * 0x7f;
    uint64_t blank = ~not_blank & ones * 0x80;
    if (low | (blank & blank << 8) | (blank & 0x80)) {
        return false;
    }
    uint64_t from_a = x + ones * (0x80 - 'A');
    uint64_t past_z = x + ones * (0x80 - 'Z' - 1);
    uint64_t capital = from_a & ~past_z & ones * 0x80;
    x |= capital >> 2;
    memcpy(out, &x, 8);
    return true;
}

size_t lexicon_fold_text(const figures_lexicon *lexicon, const unsigned char *text,
                         size_t length, unsigned char *out, size_t room, uint32_t *map)
{
    size_t used = 0;
    uint32_t before = 0;
    size_t at = 0;
    while (at < length) {
        if (room - used < 16) {
            return (size_t)-1;
        }
        if (length - at >= 8 && fold_eight(text + at, out + used)) {
            for (uint32_t i = 0; i < 8; i++) {
                map[used + i] = (uint32_t)at + i;
            }
            before = 'a';
            used += 8;
            at += 8;
            continue;
        }
        uint32_t code = text[at];
        size_t step = 1;
        if (code >= 0x80) {
            code = two_bytes(text + at, length - at);
            step = code ? 2 : utf8_next(text, length, at, &code);
        }
        uint32_t folded = lexicon_fold(lexicon, code);
        if (folded == FOLD_DROP) {
            folded =
                code == 0x200c && script_of(before) == SCRIPT_ARABIC ? ' ' : FOLD_DROP;
        }
        before = code;
        if (folded < 0x80) {
            if (folded != ' ' || used == 0 || out[used - 1] != ' ') {
                map[used] = (uint32_t)at;
                out[used++] = (unsigned char)folded;
            }
        } else if (folded < 0x800) {
            map[used] = map[used + 1] = (uint32_t)at;
            out[used] = (unsigned char)(0xc0 | folded >> 6);
            out[used + 1] = (unsigned char)(0x80 | (folded & 0x3f));
            used += 2;
        } else if (folded != FOLD_DROP) {
            size_t bytes = utf8_put(folded, out + used);
            for (size_t i = 0; i < bytes; i++) {
                map[used + i] = (uint32_t)at;
            }
            used += bytes;
        }
        at += step;
    }
    map[used] = (uint32_t)length;
    return used;
}
