/* Rows for people and programs: an aligned table on a terminal, tab-separated text off
 * it, or JSON Lines, CSV (RFC 4180) and Markdown when asked for. */
#ifndef MIZAN_VALUE_TABLE_H
#define MIZAN_VALUE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"
#include "mizan/plugin.h"

enum mz_table_form {
    MZ_TABLE_AUTO, /* aligned when the stream is a terminal, else tab-separated */
    MZ_TABLE_ALIGNED,
    MZ_TABLE_TSV,
    MZ_TABLE_JSON, /* an object per line */
    MZ_TABLE_CSV,  /* cells that a spreadsheet would run get a leading apostrophe */
    MZ_TABLE_MARKDOWN
};

/* `rows` is a list of maps that all have the fields of the first, in its order. A table
 * without rows prints its header only in CSV, TSV and Markdown, where `columns` is
 * known from the first row: nothing otherwise. `indent` spaces stand before aligned
 * lines. */
MZ_NODISCARD enum mz_code mz_table_print(FILE *out, const struct mizan_value *rows,
                                         enum mz_table_form form, int indent,
                                         struct mz_error *error);

/* The rows as CSV with a header, behind what the buffer holds; nothing without rows. */
void mz_table_csv(struct mz_buffer *out, const struct mizan_value *rows);

#endif
