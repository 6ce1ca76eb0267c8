/* Small services on text: ICU strings to UTF-8, folding, word lists from data files. */
#ifndef MIZAN_GENERATE_TEXT_H
#define MIZAN_GENERATE_TEXT_H

#include <unicode/umachine.h>

#include "memory.h"

/* UTF-8 of an ICU string; length -1: closed by NUL. Format characters that carry no
 * letters (direction marks, soft hyphens, zero-width spaces) are left out. */
char *utf8_of(struct pool *pool, const UChar *text, int32_t length);

/* The folded text, blanks trimmed, hyphens made blanks: how two forms are compared. */
char *folded_of(struct pool *pool, const char *text);

/* Words of a line, cut at blanks, in place: at most `room`; returns how many. */
size_t cut_words(char *line, char **words, size_t room);

/* A data file of lines `key: entry | entry`; lines that start with # are comments. */
struct list_line {
    const char *key;
    const char **entries;
    size_t count;
};

struct list {
    struct list_line *lines;
    size_t count;
};

/* Ends the program with a message if the file cannot be read. */
void list_read(struct list *list, struct pool *pool, const char *folder,
               const char *name);
void list_finish(struct list *list);
/* True if the entry stands in a line of this key or of the key `*`; compared as it is.
 */
bool list_has(const struct list *list, const char *key, const char *entry);
/* The first line of a key, NULL if there is none. */
const struct list_line *list_line_of(const struct list *list, const char *key);

#endif
