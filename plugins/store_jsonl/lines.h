/* JSON text of records, gathered in a buffer that has a ceiling. */
#ifndef STORE_JSONL_LINES_H
#define STORE_JSONL_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "mizan/plugin.h"

#define LINES_LIMIT ((size_t)256 << 20) /* bytes of one unit */

/* A text field and where it was written last. */
struct lines_memo {
    const char *name, *text;
    size_t text_size, from, size;
};
#define LINES_MEMOS 8

struct lines {
    char *data;
    size_t size, room;
    bool failed; /* memory was refused or the ceiling reached: data is not whole */
    struct lines_memo memos[LINES_MEMOS];
};

void lines_finish(struct lines *lines);
/* Forgets the text, keeps the memory. */
void lines_clear(struct lines *lines);

/* Appends one line: `_type`, `id` and `document_id` first where the caller gives them,
 * then the record's fields in their order. Bytes are left out, decimals are numbers as
 * they stand, times YYYY-MM-DDTHH:MM:SSZ, a double that is no number is null. */
void lines_record(struct lines *lines, const struct mizan_host *host,
                  const mizan_record *record, const char *id);

#endif
