#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fold.h"

enum { FORM_BYTES = 120, LINE_BYTES = 96 };

static const char *const section_names[SECTION_COUNT] = {
    [SECTION_NUMBERS] = "numbers",   [SECTION_SCALES] = "scales",
    [SECTION_JOINERS] = "joiners",   [SECTION_PERCENT] = "percent",
    [SECTION_MONEY] = "money",       [SECTION_UNITS] = "units",
    [SECTION_PER] = "per",           [SECTION_ORDINALS] = "ordinals",
    [SECTION_MONTHS] = "months",     [SECTION_WEEKDAYS] = "weekdays",
    [SECTION_EVIDENCE] = "evidence",
};

static const struct {
    unsigned bit;
    const char *word;
} attribute_words[] = {
    {ENTRY_ABBR, "abbr"},     {ENTRY_GLUED, "glued"}, {ENTRY_DOT, "dot"},
    {ENTRY_BEFORE, "before"}, {ENTRY_LONE, "lone"},   {ENTRY_MONEY, "money"},
    {ENTRY_WEAK, "weak"},     {ENTRY_DOUBT, "doubt"}, {ENTRY_TWO, "part=2"}};

static const char *entry_key(const void *owner, uint32_t element, size_t *length)
{
    const struct writer *writer = owner;
    *length = strlen(writer->entries[element].folded);
    return writer->entries[element].folded;
}

/* The key of an entry: a letter for the section and the folded form. */
static char *key_of_form(struct pool *pool, int section, const char *form)
{
    const char *folded = folded_of(pool, form);
    size_t length = strlen(folded);
    char *key = pool_take(pool, length + 2);
    key[0] = (char)('A' + section);
    memcpy(key + 1, folded, length);
    return key;
}

const struct entry *writer_find(const struct writer *writer, int section,
                                const char *form)
{
    const char *key = key_of_form(writer->pool, section, form);
    long found = index_find(&writer->index, key, strlen(key), entry_key, writer);
    return found < 0 ? NULL : &writer->entries[found];
}

static bool is_blank_at(const char *text, size_t *size)
{
    *size = 1;
    if (*text == ' ' || *text == '\t') {
        return true;
    }
    *size = strncmp(text, "\xc2\xa0", 2) == 0 ? 2 : 3;
    return *size == 2 || strncmp(text, "\xe2\x80\xaf", 3) == 0 ||
           strncmp(text, "\xe2\x80\x89", 3) == 0;
}

/* The form with its blanks trimmed and made plain, hyphens at its ends and a full stop
 * at its end cut off. */
static char *clean(struct pool *pool, const char *form, bool *dot)
{
    char *out = pool_take(pool, strlen(form) + 1);
    size_t used = 0;
    size_t step;
    while (*form) {
        if (is_blank_at(form, &step)) {
            if (used > 0 && out[used - 1] != ' ') {
                out[used++] = ' ';
            }
            form += step;
        } else {
            out[used++] = *form++;
        }
    }
    while (used > 0 && out[used - 1] == ' ') {
        used--;
    }
    *dot = used > 1 && out[used - 1] == '.';
    used -= *dot;
    while (used > 0 && (out[used - 1] == ' ' || out[used - 1] == '-')) {
        used--;
    }
    out[used] = '\0';
    while (*out == '-' || *out == ' ') {
        out++;
    }
    return out;
}

static bool is_usable(const char *form)
{
    size_t length = strlen(form);
    if (length == 0 || length > FORM_BYTES ||
        strpbrk(form, "(){}|=#[]0123456789\n\"")) {
        return false;
    }
    for (size_t at = 0; at < length;) {
        uint32_t code;
        at += utf8_next((const unsigned char *)form, length, at, &code);
        uint32_t folded = fold_code(code);
        if (code == 0xfffd || (folded >= '0' && folded <= '9')) {
            return false;
        }
    }
    return true;
}

/* True if the hand-written pack knows the form, if it is a number word, or if it is
 * short and a frequent word of the language or a sign of und.pack. */
static bool is_other_word(struct writer *writer, int section, const char *folded,
                          unsigned attributes)
{
    if (section == SECTION_JOINERS || section == SECTION_EVIDENCE) {
        return false;
    }
    if (hand_forms_have(writer->hand, folded)) {
        return true; /* whoever wrote the pack by hand decided what the word is */
    }
    if (section == SECTION_NUMBERS || section == SECTION_SCALES) {
        return !(attributes & ENTRY_LEARNED) && hand_forms_have(writer->shared, folded);
    }
    bool number = writer_find(writer, SECTION_NUMBERS, folded) ||
                  writer_find(writer, SECTION_SCALES, folded);
    size_t letters = 0;
    for (const char *c = folded; *c; c++) {
        letters += ((unsigned char)*c & 0xc0) != 0x80;
    }
    bool brief = letters <= 3 || (attributes & ENTRY_ABBR);
    return number || (brief && (list_has(writer->functions, writer->tag, folded) ||
                                hand_forms_have(writer->shared, folded)));
}

bool writer_add(struct writer *writer, int section, const char *form, const char *value,
                unsigned attributes)
{
    bool dot;
    form = clean(writer->pool, form, &dot);
    if (!is_usable(form)) {
        return false;
    }
    char *key = key_of_form(writer->pool, section, form);
    bool word = (attributes & ENTRY_LEARNED) || section == SECTION_JOINERS ||
                section == SECTION_EVIDENCE;
    if (key[1] == '\0' || (!word && list_has(writer->stops, writer->tag, key + 1))) {
        return false;
    }
    if (is_other_word(writer, section, key + 1, attributes)) {
        return false;
    }
    if (list_has(writer->weak, writer->tag, key + 1)) {
        attributes |= ENTRY_WEAK;
    }
    attributes &= ~(unsigned)ENTRY_LEARNED;
    attributes |= dot ? ENTRY_DOT : 0;
    long found = index_find(&writer->index, key, strlen(key), entry_key, writer);
    if (found >= 0) {
        struct entry *entry = &writer->entries[found];
        bool same = value == entry->value ||
                    (value && entry->value && strcmp(value, entry->value) == 0);
        writer->conflicts += !same;
        if (same) {
            entry->attributes |= attributes & (ENTRY_DOT | ENTRY_LONE | ENTRY_BEFORE);
        }
        return false;
    }
    writer->entries =
        array_room(writer->entries, writer->count, sizeof *writer->entries);
    writer->entries[writer->count] = (struct entry){
        section, form, key,
        value ? pool_copy(writer->pool, value, strlen(value)) : NULL, attributes};
    index_add(&writer->index, (uint32_t)writer->count++, entry_key, writer);
    return true;
}

static bool is_number(const char *value)
{
    return value && value[0] >= '0' && value[0] <= '9';
}

/* By section, value (numbers by their size), attributes and form. */
static int compare(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    if (a->section != b->section) {
        return a->section < b->section ? -1 : 1;
    }
    if (a->value && b->value) {
        bool numbers = is_number(a->value) && is_number(b->value);
        double x = numbers ? strtod(a->value, NULL) : 0;
        double y = numbers ? strtod(b->value, NULL) : 0;
        int c = x < y ? -1 : x > y ? 1 : strcmp(a->value, b->value);
        if (c != 0) {
            return c;
        }
    }
    if (a->attributes != b->attributes) {
        return a->attributes < b->attributes ? -1 : 1;
    }
    return strcmp(a->folded, b->folded);
}

static void write_end(FILE *file, const struct entry *entry)
{
    const char *separator = " =";
    if (entry->value) {
        fprintf(file, " = %s", entry->value);
        separator = "";
    }
    for (size_t i = 0; i < sizeof attribute_words / sizeof attribute_words[0]; i++) {
        if (entry->attributes & attribute_words[i].bit) {
            fprintf(file, "%s %s", separator, attribute_words[i].word);
            separator = "";
        }
    }
    fputc('\n', file);
}

static bool same_line(const struct entry *a, const struct entry *b)
{
    bool value = a->value == b->value ||
                 (a->value && b->value && strcmp(a->value, b->value) == 0);
    return value && a->section == b->section && a->attributes == b->attributes;
}

static void write_entries(FILE *file, const struct writer *writer)
{
    size_t width = 0;
    for (size_t i = 0; i < writer->count; i++) {
        const struct entry *entry = &writer->entries[i];
        const struct entry *before = i > 0 ? entry - 1 : NULL;
        if (!before || before->section != entry->section) {
            fprintf(file, "\n[%s]\n", section_names[entry->section]);
        }
        bool more = width > 0;
        fprintf(file, "%s%s", more ? " | " : "", entry->form);
        width += strlen(entry->form) + 3;
        bool last = i + 1 == writer->count || !same_line(entry, entry + 1);
        if (last || width + strlen(entry[1].form) > LINE_BYTES) {
            write_end(file, entry);
            width = 0;
        }
    }
}

bool writer_write(struct writer *writer, const char *path, const char *properties)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        fprintf(stderr, "lexicon_generate: cannot write %s: %s\n", path,
                strerror(errno));
        return false;
    }
    fputs("# Made by lexicon_generate of the data of ICU and CLDR. Do not edit.\n",
          file);
    if (properties) {
        fprintf(file, "\n[language]\n%s", properties);
    }
    if (writer->count > 0) {
        qsort(writer->entries, writer->count, sizeof *writer->entries, compare);
        write_entries(file, writer);
    }
    bool good = !ferror(file);
    good = fclose(file) == 0 && good;
    if (!good) {
        fprintf(stderr, "lexicon_generate: cannot write %s\n", path);
    }
    return good;
}

void writer_finish(struct writer *writer)
{
    free(writer->entries);
    index_finish(&writer->index);
}
