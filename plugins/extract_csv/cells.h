/* Rows of CSV cut into cells: RFC 4180, with any one-byte separator and quote, line
 * ends of any sort, and quotes inside cells that do not begin with one taken as they
 * stand. */
#ifndef EXTRACT_CSV_CELLS_H
#define EXTRACT_CSV_CELLS_H

#include <stdbool.h>
#include <stddef.h>

#define CELLS_MOST  4096              /* in a row */
#define QUOTED_MOST ((size_t)1 << 20) /* bytes of a quoted cell */

struct dialect {
    char separator;
    char quote; /* '\0': none */
};

struct cell {
    const char *data;
    size_t size;
    bool quoted;  /* stood in quotes, which are not in data */
    bool doubled; /* has quotes that are doubled */
};

enum row_status {
    ROW_OK,
    ROW_END,      /* there is no row left */
    ROW_PART,     /* it does not end here: more bytes are needed */
    ROW_UNCLOSED, /* a quote that is never closed, or too late */
    ROW_BEHIND,   /* something follows a closing quote */
    ROW_MANY      /* more than CELLS_MOST cells */
};

struct row {
    struct cell cells[CELLS_MOST];
    size_t count;
    size_t lines; /* line ends that it took, those in quoted cells too */
    bool ascii;   /* nothing in it is beyond ASCII */
    bool nul;     /* it has a NUL */
};

/* Reads one row and moves *at behind it; when it is no row, to behind its first line.
 * `last`: nothing follows `end`. */
enum row_status row_read(const struct dialect *dialect, const char **at,
                         const char *end, bool last, struct row *row);
/* Writes the cell without its doubled quotes; returns the size. */
size_t cell_text(const struct cell *cell, char quote, char *out);

#endif
