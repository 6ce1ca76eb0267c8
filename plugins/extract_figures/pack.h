/* Reads language packs into one list of entries: what lexicon_compile compiles.
 * The format is packs/README.md. Used at build time only. */
#ifndef MIZAN_FIGURES_PACK_H
#define MIZAN_FIGURES_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lexicon_format.h"

struct pack_entry {
    char *key; /* folded; forms with a leading hyphen start with LEXICON_SUFFIX_MARK */
    uint32_t key_length;
    struct lexicon_sense sense;
    uint32_t order; /* of reading: the first of equals wins */
};

enum { PACK_LISTS = 13 };

struct pack_language {
    struct lexicon_language record;
    /* the lists of the record, forms closed by NUL and an empty form */
    char *lists[PACK_LISTS];
    size_t list_lengths[PACK_LISTS];
    uint32_t frames; /* range and ratio frames numbered so far */
};

struct pack_set {
    struct pack_entry *entries;
    size_t entry_count, entry_room;
    struct pack_language *languages;
    size_t language_count;
    struct lexicon_value *values;
    size_t value_count;
    char **strings;
    size_t string_count;
};

/* Makes a set that holds only the language `und`. Never fails: out of memory ends the
 * program, as it may in a build tool. */
void pack_init(struct pack_set *set);
void pack_finish(struct pack_set *set);

/* Reads one file; on an error prints `file:line: sentence` to standard error and
 * returns false. */
bool pack_read(struct pack_set *set, const char *path);

/* For pack_sections.c */
struct pack_line {
    struct pack_set *set;
    const char *path;
    unsigned line;
    uint8_t language;
    int role; /* -1: [language] */
    char *forms;
    char *value;
};

bool pack_error(const struct pack_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Reads the value and the attributes of a line into the sense. */
bool pack_value(struct pack_line *line, struct lexicon_sense *sense);
bool pack_property(struct pack_line *line, const char *key, char *value);
uint16_t pack_add_value(struct pack_set *set, struct lexicon_value value);
uint16_t pack_add_string(struct pack_set *set, const char *text);
void *pack_room(void *array, size_t count, size_t size);
/* Folds a form in place of `out`, which holds `room` bytes. */
size_t pack_fold(const char *form, size_t length, char *out, size_t room);
void pack_add(struct pack_line *line, const char *key, size_t length,
              struct lexicon_sense sense);

#endif
