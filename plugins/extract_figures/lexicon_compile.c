/* Compiles language packs (packs/README.md) into one figures.lexicon. Build time only.
 *     lexicon_compile -o figures.lexicon PACK…
 *     lexicon_compile --check PACK…           reads and reports, writes nothing */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "pack.h"
#include "trie_build.h"

struct output {
    unsigned char *bytes;
    size_t length, room;
    struct lexicon_header header;
};

static void append(struct output *output, const void *bytes, size_t length)
{
    if (output->length + length > output->room) {
        output->room = (output->length + length) * 2 + 4096;
        output->bytes = realloc(output->bytes, output->room);
        if (!output->bytes) {
            fputs("lexicon_compile: out of memory\n", stderr);
            exit(70);
        }
    }
    if (length > 0) {
        memcpy(output->bytes + output->length, bytes, length);
    }
    output->length += length;
}

static void append_section(struct output *output, int section, const void *array,
                           size_t count, size_t size)
{
    static const unsigned char zero[8] = {0};
    append(output, zero, (8 - output->length % 8) % 8);
    output->header.sections[section].offset = output->length;
    output->header.sections[section].count = count;
    append(output, array, count * size);
}

static int compare_entries(const void *left, const void *right)
{
    const struct pack_entry *a = left;
    const struct pack_entry *b = right;
    size_t shorter = a->key_length < b->key_length ? a->key_length : b->key_length;
    int c = memcmp(a->key, b->key, shorter);
    if (c != 0) {
        return c;
    }
    if (a->key_length != b->key_length) {
        return a->key_length < b->key_length ? -1 : 1;
    }
    if (a->sense.language != b->sense.language) {
        return a->sense.language < b->sense.language ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool same_key(const struct pack_entry *a, const struct pack_entry *b)
{
    return a->key_length == b->key_length && memcmp(a->key, b->key, a->key_length) == 0;
}

/* True if the entry repeats one of the entries of its key that were kept before it. */
static bool repeats(const struct pack_entry *entries, size_t first, size_t entry)
{
    const struct lexicon_sense *sense = &entries[entry].sense;
    for (size_t i = first; i < entry; i++) {
        const struct lexicon_sense *before = &entries[i].sense;
        if (before->language != sense->language || before->role != sense->role) {
            continue;
        }
        bool frame = sense->role == ROLE_RANGE || sense->role == ROLE_RATIO;
        if (!frame || memcmp(before, sense, sizeof *sense) == 0) {
            return true;
        }
    }
    return false;
}

/* Writes trie, terminals and senses. Evidence has a table of its own. */
static void write_forms(struct output *output, struct pack_set *set)
{
    qsort(set->entries, set->entry_count, sizeof *set->entries, compare_entries);
    struct trie_key *keys = calloc(set->entry_count + 2, sizeof *keys);
    uint32_t *terminals = calloc(set->entry_count + 2, sizeof *terminals);
    struct lexicon_sense *senses = calloc(set->entry_count + 1, sizeof *senses);
    if (!keys || !terminals || !senses) {
        fputs("lexicon_compile: out of memory\n", stderr);
        exit(70);
    }
    size_t key_count = 0;
    size_t sense_count = 0;
    size_t first = 0;
    for (size_t i = 0; i < set->entry_count; i++) {
        const struct pack_entry *entry = &set->entries[i];
        if (i == 0 || !same_key(entry, &set->entries[first])) {
            first = i;
        }
        if (entry->sense.role == ROLE_EVIDENCE || repeats(set->entries, first, i)) {
            continue;
        }
        bool new_key =
            key_count == 0 || keys[key_count - 1].length != entry->key_length ||
            memcmp(keys[key_count - 1].bytes, entry->key, entry->key_length) != 0;
        if (new_key) {
            keys[key_count].bytes = entry->key;
            keys[key_count].length = entry->key_length;
            terminals[key_count++] = (uint32_t)sense_count;
        }
        senses[sense_count++] = entry->sense;
    }
    terminals[key_count] = (uint32_t)sense_count;
    struct trie trie;
    trie_build(&trie, keys, key_count);
    append_section(output, SECTION_NODES, trie.nodes, trie.node_count,
                   sizeof *trie.nodes);
    append_section(output, SECTION_TAILS, trie.tails, trie.tail_count, 1);
    append_section(output, SECTION_TERMINALS, terminals, key_count + 1,
                   sizeof *terminals);
    append_section(output, SECTION_SENSES, senses, sense_count, sizeof *senses);
    trie_finish(&trie);
    free(keys);
    free(terminals);
    free(senses);
}

static uint64_t first_bytes(const char *key, size_t length)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length && i < 8; i++) {
        word |= (uint64_t)(unsigned char)key[i] << (8 * i);
    }
    return word;
}

static void write_evidence(struct output *output, const struct pack_set *set)
{
    size_t words = 0;
    for (size_t i = 0; i < set->entry_count; i++) {
        words += set->entries[i].sense.role == ROLE_EVIDENCE;
    }
    size_t slots = 64;
    while (slots < words * 2 + 2) {
        slots *= 2;
    }
    struct lexicon_evidence *table = calloc(slots, sizeof *table);
    for (size_t i = 0; table && i < set->entry_count; i++) {
        const struct pack_entry *entry = &set->entries[i];
        if (entry->sense.role != ROLE_EVIDENCE) {
            continue;
        }
        uint64_t word = first_bytes(entry->key, entry->key_length);
        size_t slot = (size_t)((word * 0x9e3779b97f4a7c15ull) >> 40) & (slots - 1);
        while (table[slot].word && table[slot].word != word) {
            slot = (slot + 1) & (slots - 1);
        }
        table[slot].word = word;
        table[slot].languages[entry->sense.language / 64] |=
            1ull << (entry->sense.language % 64);
    }
    append_section(output, SECTION_EVIDENCE, table, table ? slots : 0, sizeof *table);
    free(table);
}

static void add_bit(uint16_t **bits, size_t *count, uint16_t bit)
{
    *bits = pack_room(*bits, *count, sizeof **bits);
    (*bits)[(*count)++] = bit;
}

/* The filter bits of one form, as the reader computes them of a text. */
static void add_form_bits(const struct pack_set *set, const struct pack_entry *entry,
                          uint16_t **bits, size_t *count)
{
    uint32_t flags = set->languages[entry->sense.language].record.flags;
    const unsigned char *key = (const unsigned char *)entry->key;
    size_t length = entry->key_length;
    if (key[0] == LEXICON_SUFFIX_MARK) {
        return;
    }
    size_t word = 0;
    uint32_t code = 0;
    size_t first = utf8_next(key, length, 0, &code);
    if (!(flags & LANGUAGE_SPACES) && code >= 0x80) {
        uint64_t bytes = first_bytes(entry->key, first);
        add_bit(bits, count, lexicon_filter_bit(bytes, FILTER_CODE));
        return;
    }
    while (word < length) {
        size_t step = utf8_next(key, length, word, &code);
        if (!is_word_code(code)) {
            break;
        }
        word += step;
    }
    add_bit(bits, count, lexicon_filter_bit(first_bytes(entry->key, word), word));
    bool stem = entry->sense.role == ROLE_NUMBER || entry->sense.role == ROLE_SCALE;
    if ((flags & LANGUAGE_COMPOUNDS) && stem && word >= 4) {
        uint64_t bytes = first_bytes(entry->key, 4);
        add_bit(bits, count, lexicon_filter_bit(bytes, FILTER_PREFIX));
    }
}

static int compare_bits(const void *left, const void *right)
{
    const uint16_t *a = left;
    const uint16_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* True for the words that a compound of the language is made of. */
static bool is_piece(const struct pack_entry *entry, size_t language)
{
    uint8_t role = entry->sense.role;
    return entry->sense.language == language &&
           !(entry->sense.attributes & (ATTR_ABBR | ATTR_GLUED)) &&
           (entry->key[0] == LEXICON_SUFFIX_MARK || role == ROLE_NUMBER ||
            role == ROLE_SCALE || role == ROLE_JOINER || role == ROLE_FRACTION) &&
           !memchr(entry->key, ' ', entry->key_length);
}

/* Compounds whose first piece is shorter than the filter's four bytes: `enogtyve`. */
static void add_short_stems(const struct pack_set *set, size_t language,
                            const char *start, size_t used, uint16_t **bits,
                            size_t *count)
{
    for (size_t i = 0; i < set->entry_count; i++) {
        const struct pack_entry *entry = &set->entries[i];
        if (!is_piece(entry, language)) {
            continue;
        }
        char word[8];
        size_t mark = entry->key[0] == LEXICON_SUFFIX_MARK ? 1 : 0;
        size_t more = entry->key_length - mark;
        more = more < 4 - used ? more : 4 - used;
        memcpy(word, start, used);
        memcpy(word + used, entry->key + mark, more);
        if (used + more == 4) {
            if (used > 0) {
                uint64_t bytes = first_bytes(word, 4);
                add_bit(bits, count, lexicon_filter_bit(bytes, FILTER_PREFIX));
            }
        } else if (!mark && (used > 0 || entry->sense.role == ROLE_NUMBER ||
                             entry->sense.role == ROLE_SCALE)) {
            add_short_stems(set, language, word, used + more, bits, count);
        }
    }
}

/* The bits of the forms of each language, sorted, each once; `all` or candidates only.
 */
static void write_bits(struct output *output, struct pack_set *set, bool all)
{
    uint16_t *bits = NULL;
    size_t count = 0;
    for (size_t language = 0; language < set->language_count; language++) {
        size_t first = count;
        for (size_t i = 0; i < set->entry_count; i++) {
            const struct pack_entry *entry = &set->entries[i];
            if (entry->sense.language == language &&
                entry->sense.role != ROLE_EVIDENCE &&
                (all || lexicon_is_candidate(&entry->sense))) {
                add_form_bits(set, entry, &bits, &count);
            }
        }
        if (!all && (set->languages[language].record.flags & LANGUAGE_COMPOUNDS)) {
            add_short_stems(set, language, "", 0, &bits, &count);
        }
        if (count > first) {
            qsort(bits + first, count - first, sizeof *bits, compare_bits);
        }
        size_t kept = first;
        for (size_t i = first; i < count; i++) {
            if (kept == first || bits[kept - 1] != bits[i]) {
                bits[kept++] = bits[i];
            }
        }
        /* `count` stays where pack_room expects it; the rest of the array is not used
         */
        struct lexicon_language *record = &set->languages[language].record;
        *(all ? &record->known_first : &record->candidate_first) = (uint32_t)first;
        *(all ? &record->known_count : &record->candidate_count) =
            (uint32_t)(kept - first);
    }
    append_section(output, all ? SECTION_KNOWN : SECTION_CANDIDATES, bits, count,
                   sizeof *bits);
    free(bits);
}

static void write_tables(struct output *output)
{
    uint16_t *folds = calloc(LEXICON_TABLE, sizeof *folds);
    unsigned char *words = calloc(LEXICON_TABLE / 8, 1);
    unsigned char *scripts = calloc(LEXICON_TABLE, 1);
    if (!folds || !words || !scripts) {
        fputs("lexicon_compile: out of memory\n", stderr);
        exit(70);
    }
    for (uint32_t code = 0; code < LEXICON_TABLE; code++) {
        folds[code] = (uint16_t)fold_code(code);
        words[code / 8] |= (unsigned char)(is_word_code(code) << code % 8);
        scripts[code] = (unsigned char)script_of(code);
    }
    append_section(output, SECTION_FOLDS, folds, LEXICON_TABLE, sizeof *folds);
    append_section(output, SECTION_WORDS, words, LEXICON_TABLE / 8, 1);
    append_section(output, SECTION_SCRIPTS, scripts, LEXICON_TABLE, 1);
    free(scripts);
    free(folds);
    free(words);
}

static void write_texts(struct output *output, struct pack_set *set)
{
    struct output text = {0};
    uint32_t *offsets = calloc(65536, sizeof *offsets);
    size_t count = 0;
    if (!offsets) {
        fputs("lexicon_compile: out of memory\n", stderr);
        exit(70);
    }
    for (size_t i = 0; i < set->string_count; i++) {
        offsets[count++] = (uint32_t)text.length;
        append(&text, set->strings[i], strlen(set->strings[i]) + 1);
    }
    while (count < 64) {
        offsets[count++] = 0; /* the numbers of frames are valid indexes too */
    }
    append(&text, "", 1);
    for (size_t i = 0; i < set->language_count; i++) {
        struct lexicon_language *record = &set->languages[i].record;
        uint32_t *lists[PACK_LISTS] = {&record->prefixes,
                                       &record->joiner_prefixes,
                                       &record->suffixes,
                                       &record->plural_endings,
                                       &record->adjective_endings,
                                       &record->letters,
                                       &record->definite,
                                       &record->name_links,
                                       &record->possessive,
                                       &record->noun_links,
                                       &record->outside_starts,
                                       &record->outside_endings,
                                       &record->topics};
        for (size_t k = 0; k < PACK_LISTS; k++) {
            *lists[k] = 0; /* the empty string is an empty list */
            if (set->languages[i].lists[k]) {
                *lists[k] = (uint32_t)text.length;
                append(&text, set->languages[i].lists[k],
                       set->languages[i].list_lengths[k]);
            }
        }
    }
    append(&text, "\0", 2);
    append_section(output, SECTION_STRINGS, offsets, count, sizeof *offsets);
    append_section(output, SECTION_TEXT, text.bytes, text.length, 1);
    free(text.bytes);
    free(offsets);
}

static void write_languages(struct output *output, const struct pack_set *set)
{
    struct lexicon_language *records = calloc(set->language_count, sizeof *records);
    for (size_t i = 0; records && i < set->language_count; i++) {
        records[i] = set->languages[i].record;
    }
    append_section(output, SECTION_LANGUAGES, records,
                   records ? set->language_count : 0, sizeof *records);
    free(records);
}

static bool write_file(struct pack_set *set, const char *path)
{
    struct output output = {0};
    memcpy(output.header.magic, LEXICON_MAGIC, sizeof output.header.magic);
    output.header.version = LEXICON_VERSION;
    output.header.byte_order = LEXICON_BYTE_ORDER;
    append(&output, &output.header, sizeof output.header);
    while (set->value_count < 64) {
        set->values = pack_room(set->values, set->value_count, sizeof *set->values);
        set->values[set->value_count++] = (struct lexicon_value){0, 0, 1};
    }
    write_forms(&output, set);
    append_section(&output, SECTION_VALUES, set->values, set->value_count,
                   sizeof *set->values);
    write_evidence(&output, set);
    write_bits(&output, set, false);
    write_bits(&output, set, true);
    write_tables(&output);
    write_texts(&output, set);
    write_languages(&output, set);
    output.header.size = output.length;
    output.header.checksum = lexicon_checksum(output.bytes + sizeof output.header,
                                              output.length - sizeof output.header);
    memcpy(output.bytes, &output.header, sizeof output.header);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(output.bytes, 1, output.length, file) == output.length;
    if (file) {
        good = fclose(file) == 0 && good;
    }
    if (good) {
        printf("%s: %zu languages, %zu forms, %zu bytes\n", path, set->language_count,
               set->entry_count, output.length);
    } else {
        perror(path);
    }
    free(output.bytes);
    return good;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    bool check = false;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "-o") == 0) {
        path = argv[2];
        first = 3;
    } else if (argc > 1 && strcmp(argv[1], "--check") == 0) {
        check = true;
        first = 2;
    }
    if ((!path && !check) || first >= argc) {
        fputs("usage: lexicon_compile {-o FILE | --check} PACK…\n", stderr);
        return 64;
    }
    struct pack_set set;
    pack_init(&set);
    bool good = true;
    for (int i = first; i < argc; i++) {
        good = pack_read(&set, argv[i]) && good;
    }
    if (good && path) {
        good = write_file(&set, path);
    }
    pack_finish(&set);
    return good ? 0 : 65;
}
