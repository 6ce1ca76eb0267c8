/* Rows of a CSV document, slice by slice. */
#ifndef EXTRACT_CSV_READER_H
#define EXTRACT_CSV_READER_H

#include <mizan/plugin.h>

#include "dialect.h"

#define SLICE_ROWS  10000
#define SLICE_BYTES ((uint64_t)16 << 20)

/* What the script said of one column. */
struct wanted_type {
    char *column;
    enum cell_type type;
    bool whole; /* a number without a fraction */
};

/* One stage; read only once it is open. */
struct extract_csv {
    const struct mizan_host *host;
    const mizan_name *type;
    struct dialect dialect; /* '\0': to be guessed */
    enum header header;
    char mark;
    bool typed;
    char *charset;
    char **columns;
    size_t column_count;
    struct wanted_type *wanted;
    size_t wanted_count;
};

/* Reads the slice that the call is for. */
int32_t read_slice(const struct extract_csv *plugin, mizan_task *task,
                   mizan_record *document);

#endif
