/* The rows of a unit, copied, until they are written. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "columns.h"

#define ROWS_BYTES ((size_t)512 << 20) /* most memory of the rows of one unit */

struct cell {
    uint32_t column;
    struct mizan_value value; /* its text lies in the rows */
    struct cell *next;
};

struct stored_row {
    struct cell *cells;
    struct stored_row *next;
};

struct rows {
    struct stored_row *first, **last;
    size_t count, bytes;
    struct rows_block *blocks;
};

void rows_clear(struct rows *rows);
/* Memory that lives until they are cleared; NULL when it is out. */
void *rows_alloc(struct rows *rows, size_t size);
/* Adds a row of the record's fields; types are joined into `columns`. Lists and maps
 * become JSON text. On failure the sentence is told and the status returned. */
int32_t rows_add(struct rows *rows, const struct mizan_host *host, mizan_task *task,
                 const mizan_record *record, struct columns *columns);
/* The value as text, as a column of text keeps it; made in the rows. False: no memory.
 */
bool rows_text(struct rows *rows, const struct mizan_value *value,
               struct mizan_slice *out);

#endif
