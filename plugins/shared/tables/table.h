/* The tables of a page: their cells in a grid, what heads them, and lines of text that
 * say of every figure what it is. Pure functions over bytes: no host, no files, no
 * global state. */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_VERSION "1"

#define TABLE_LIMIT      500    /* of a page; the rest is not read */
#define TABLE_ROWS       10000  /* of a table */
#define TABLE_COLUMNS    256    /* what stands further right is not read */
#define TABLE_CELLS      200000 /* of a page */
#define TABLE_TEXT_LIMIT ((size_t)8 << 20)
#define TABLE_BODY_LIMIT ((size_t)64 << 20)

/* UTF-8; NULL only when size is 0. */
struct table_slice {
    const char *data;
    size_t size;
};

/* Aligned for any type, or NULL; dropped all at once. */
struct table_memory {
    void *(*allocate)(void *user, size_t size);
    void *user;
};

struct table_cell {
    struct table_slice text; /* white space folded, marks of footnotes left out */
    uint16_t row_span, column_span;
    bool head;    /* <th>, or in <thead> */
    bool numeric; /* holds a number and little else */
};

struct table_row {
    uint32_t first, count; /* cells, in the page's list */
    bool head;             /* in <thead> */
};

/* A table as it stands in the page, and as it reads once heads are told from data. */
struct table {
    uint32_t number; /* in the page, from 1: what locators count */
    struct table_slice caption;
    uint32_t first_row, row_count; /* in the page's list */
    bool layout;                   /* holds a table, or says so itself */

    /* Set by table_lay_out: the cell at (row, column), UINT32_MAX for none. A cell that
     * spans several places stands in each. */
    uint32_t *grid;
    uint32_t column_count;
    uint32_t head_rows, head_columns;
    bool data; /* worth reading: heads, and figures below or beside them */
};

struct table_page {
    struct table *tables;
    size_t table_count, table_room;
    struct table_row *rows;
    size_t row_count, row_room;
    struct table_cell *cells;
    size_t cell_count, cell_room;
    bool partial; /* a cap was reached */
};

enum table_status { TABLE_OK = 0, TABLE_NO_MEMORY, TABLE_TOO_LARGE };

/* Reads a page in `charset` (a name that iconv knows, or empty for UTF-8) and lays its
 * tables out. Nesting beyond 1024 elements ends the page. */
enum table_status table_read(struct table_slice body, struct table_slice charset,
                             const struct table_memory *memory, struct table_page *out);

/* The grid of a table, its heads, whether it is data. False when memory was refused. */
bool table_lay_out(const struct table_page *page, const struct table_memory *memory,
                   struct table *table);

/* The cell at a place of the grid, or NULL. */
const struct table_cell *table_at(const struct table_page *page,
                                  const struct table *table, uint32_t row,
                                  uint32_t column);

/* What heads a column or row, outermost first, joined by ", ", each text once, without
 * its unit in brackets. `group` is the label of the rows above that spans the table, or
 * empty. */
struct table_slice table_column_head(const struct table_page *page,
                                     const struct table_memory *memory,
                                     const struct table *table, uint32_t column);
struct table_slice table_row_head(const struct table_page *page,
                                  const struct table_memory *memory,
                                  const struct table *table, uint32_t row,
                                  struct table_slice group);
/* The label of a row that is one cell across the table, else empty. */
struct table_slice table_group_label(const struct table_page *page,
                                     const struct table *table, uint32_t row);
/* The unit of a cell's figure, as its heads or the caption give it in brackets or
 * behind "in": "million euros" of "Exports (million euros)"; empty when the cell has
 * its own. */
struct table_slice table_unit(const struct table_page *page, const struct table *table,
                              uint32_t row, uint32_t column);

/* A figure's place in the lines: its line begins at `line`, the cell's text and unit at
 * `start`, and ends at `end`. Rows and columns are counted from 1, heads too. */
struct table_place {
    size_t line, start, end;
    uint32_t table, row, column;
};

struct table_lines {
    char *text; /* lines, a paragraph each, joined by two line ends */
    size_t size, room;
    struct table_place *places;
    size_t count, place_room;
};

/* "Row head, column head: figure unit." for every figure of a data table. False when
 * memory was refused. */
bool table_write_lines(const struct table_page *page, const struct table_memory *memory,
                       const struct table *table, struct table_lines *out);

/* ---- text.c ---- */
struct table_slice table_trim(struct table_slice text);
bool table_is_numeric(struct table_slice text);
/* The part of a head that is a unit, or empty: in brackets, or behind "in" or a comma
 * at its end. */
struct table_slice table_unit_of(struct table_slice head);
/* A head without the brackets that its unit stands in. */
struct table_slice table_without_unit(const struct table_memory *memory,
                                      struct table_slice head);
bool table_grow(const struct table_memory *memory, void **items, size_t *room,
                size_t count, size_t extra, size_t size);

#endif
