/* The library behind extract.office: docx, xlsx, odt and ods to paragraphs and tables.
 * Pure functions over bytes: no host, no files, no global state, so the plugin, its
 * tests and its fuzz target share it. */
#ifndef EXTRACT_OFFICE_OFFICE_H
#define EXTRACT_OFFICE_OFFICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/tables/table.h"

#define OFFICE_PART   ((size_t)256 << 20) /* bytes of a part, unpacked */
#define OFFICE_RATIO  400                 /* unpacked to packed: more is a bomb */
#define OFFICE_TEXT   ((size_t)32 << 20)  /* bytes of text in all */
#define OFFICE_CELLS  1000000             /* of a document */
#define OFFICE_SHEETS 1000
#define OFFICE_REASON 256

enum office_status {
    OFFICE_OK = 0,
    OFFICE_NOT_OFFICE, /* another reader's */
    OFFICE_NO_MEMORY,
    OFFICE_REFUSED, /* `reason` says why */
    OFFICE_CANCELLED
};

enum office_form { OFFICE_DOCX, OFFICE_XLSX, OFFICE_ODT, OFFICE_ODS };

/* What a cell of a sheet holds; text where it is not typed. */
enum office_type {
    OFFICE_EMPTY = 0,
    OFFICE_TEXT_VALUE,
    OFFICE_NUMBER, /* `decimal`: exact as the file has it, to 15 digits */
    OFFICE_TIME,   /* `time`: milliseconds since 1970, as if in UTC; OFFICE_DATE too */
    OFFICE_DATE,
    OFFICE_BOOLEAN
};

#define OFFICE_DECIMAL 40

struct office_value {
    enum office_type type;
    int64_t time; /* or 0 and 1 */
    char decimal[OFFICE_DECIMAL];
};

/* A table or a paragraph, in the order of the document. */
struct office_block {
    uint32_t table; /* index into the page's tables; UINT32_MAX: a paragraph */
    struct table_slice text;
};

/* Where the cells of a table stand on their sheet: added to places in the table. */
struct office_place {
    uint32_t sheet; /* or number of the table in a text; from 1 */
    uint32_t row, column;
};

struct office_document {
    const struct table_memory *memory;
    bool (*cancelled)(void *owner);
    void *owner;
    enum office_form form;
    struct table_page page;
    struct office_value *values; /* of the page's cells, one each */
    size_t value_room;
    struct office_place *places; /* of the page's tables */
    size_t place_room;
    struct office_block *blocks;
    size_t block_count, block_room;
    struct table_slice title; /* as the file states it, or empty */
    size_t text_size;
    bool partial; /* a cap was reached */
    bool no_memory;
    char reason[OFFICE_REASON];
};

/* Fills `out`; `cancelled` is asked now and then. */
enum office_status office_read(const char *body, size_t size,
                               const struct table_memory *memory,
                               bool (*cancelled)(void *owner), void *owner,
                               struct office_document *out);

struct office_span {
    size_t start, end;
};

/* Text as other extractors give it, the lines of data tables in their places. */
struct office_text {
    char *text;
    size_t size, room;
    struct office_span *paragraphs;
    size_t paragraph_count, paragraph_room;
    struct table_place *cells; /* table: the sheet's number */
    size_t cell_count, cell_room;
};

/* False when memory was refused. */
bool office_write(struct office_document *document, struct office_text *out);

/* ---- build.c: what the readers of the four forms call; false: out of memory ---- */
bool office_paragraph(struct office_document *document, struct table_slice text);
bool office_begin_table(struct office_document *document, struct office_place place,
                        struct table_slice caption);
bool office_begin_row(struct office_document *document, bool head);
void office_head_row(struct office_document *document); /* the last one heads */
bool office_add_cell(struct office_document *document, struct table_slice text,
                     const struct office_value *value, uint32_t row_span,
                     uint32_t column_span);
bool office_end_table(struct office_document *document);
/* A copy without blanks at the ends, runs of them folded, in the document's memory. */
struct table_slice office_keep(struct office_document *document, const char *text,
                               size_t size);
enum office_status office_refuse(struct office_document *document, const char *format,
                                 ...) __attribute__((format(printf, 2, 3)));

/* ---- sheet.c: cells in any place, turned into tables and paragraphs ---- */
struct sheet_cell {
    uint32_t row, column; /* from 1 */
    uint32_t row_span, column_span;
    struct table_slice text;
    struct office_value value;
};

struct sheet {
    struct sheet_cell *cells; /* by rows */
    size_t count, room;
};

bool sheet_add(struct office_document *document, struct sheet *sheet,
               const struct sheet_cell *cell);
/* Parts of a sheet between empty rows: one cell wide they are paragraphs, else tables
 * that the sheet's name is the caption of. */
bool sheet_lay_out(struct office_document *document, const struct sheet *sheet,
                   uint32_t number, struct table_slice name);

/* ---- package.c ---- */
struct package {
    const char *body;
    size_t size;
};

/* Gives the part's bytes piece by piece; `feed` returns false to stop. NOT_OFFICE:
 * there is no such part. */
typedef bool (*package_feed)(void *owner, const char *data, size_t size);
enum office_status package_read(struct office_document *document,
                                const struct package *package, const char *name,
                                package_feed feed, void *owner);

/* ---- markup.c: XML without document types, entities or names of the network ---- */
struct markup {
    struct office_document *document;
    void *owner;
    /* Names without prefixes. `attributes` as libxml2 has them, five pointers each. */
    void (*start)(void *owner, const char *name, int count, const char **attributes);
    void (*end)(void *owner, const char *name);
    void (*text)(void *owner, const char *data, size_t size);
};

enum office_status markup_read(const struct package *package, const char *name,
                               struct markup *markup);
/* An attribute's value by its name without prefix; empty when it is not there. */
struct table_slice markup_attribute(int count, const char **attributes,
                                    const char *name);
/* Its number, or `otherwise`. */
uint32_t markup_number(int count, const char **attributes, const char *name,
                       uint32_t otherwise);
bool slice_is(struct table_slice slice, const char *text);

/* Text that grows in the document's memory. */
struct gathered {
    char *data;
    size_t size, room;
};
void gather(struct office_document *document, struct gathered *text, const char *data,
            size_t size);

/* ---- the four forms ---- */
enum office_status word_read(struct office_document *document,
                             const struct package *package); /* docx */
enum office_status book_read(struct office_document *document,
                             const struct package *package); /* xlsx */
enum office_status open_read(struct office_document *document,
                             const struct package *package); /* odt, ods */

/* ---- number.c ---- */
enum number_kind {
    NUMBER_PLAIN,
    NUMBER_PERCENT,
    NUMBER_DATE,
    NUMBER_TIME,
    NUMBER_MONEY
};

/* What a number format of Excel makes of a number; the sign or code of its currency
 * goes to `unit`. */
enum number_kind number_format_kind(struct table_slice format, char unit[16]);
enum number_kind number_builtin_kind(uint32_t format);
/* "0.1" of "0.10000000000000001": what the author typed. False: no number. */
bool number_decimal(struct table_slice text, char out[OFFICE_DECIMAL]);
/* Days since the end of 1899, or since 1904, to milliseconds since 1970. False: no day
 * that Excel knows. */
bool number_time(struct table_slice days, bool since_1904, int64_t *out);
/* ISO 8601 text of a date or time, to milliseconds since 1970. */
bool number_iso(struct table_slice text, int64_t *out, bool *date);
/* How a cell's value reads in a text; at least 64 bytes. */
void number_shown(const struct office_value *value, enum number_kind kind,
                  const char *unit, char *out, size_t size);

#endif
