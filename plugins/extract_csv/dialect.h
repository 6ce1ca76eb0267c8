/* What the first rows of a CSV file say of it: separator, quote, whether the first row
 * is a header, and of each column what its cells surely are. */
#ifndef EXTRACT_CSV_DIALECT_H
#define EXTRACT_CSV_DIALECT_H

#include "cells.h"
#include "typing.h"

#define SAMPLE_BYTES ((size_t)256 << 10)
#define SAMPLE_ROWS  1000

enum header { HEADER_GUESS, HEADER_YES, HEADER_NO };

/* The first bytes of a file. */
struct sample {
    const char *data;
    size_t size;
    bool last; /* it is all of it */
};

struct column {
    enum cell_type type;
    char mark; /* the decimal mark of TYPE_NUMBER */
};

/* What all cells of a column could be. */
struct evidence {
    bool any, point, comma, time;
};

struct guess {
    struct dialect dialect;
    bool header;
    size_t columns;
    struct column column[CELLS_MOST];
    struct evidence evidence[CELLS_MOST];
    struct row row; /* working memory */
};

/* The separator and quote that cut the sample into the most regular rows. What the
 * caller knows is not '\0' in `known`. */
void dialect_guess(const struct sample *sample, const struct dialect *known,
                   struct guess *guess);
/* Header and columns. `mark` is '\0' when not known. `types`:
 * false leaves all columns text. */
void columns_guess(const struct sample *sample, enum header header, char mark,
                   bool types, struct guess *guess);

#endif
