/* The parts of fetch.sql: one query of a database of the user's, row by row, as lines
 * of JSON. */
#ifndef FETCH_SQL_H
#define FETCH_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SQL_WHY 512 /* bytes of a sentence that tells a failure */

/* ---- sql_text.c: a text that grows ---- */

struct sql_text {
    char *data; /* NUL-terminated when not NULL */
    size_t size, room;
    bool failed; /* memory was refused */
};

void sql_text_add(struct sql_text *text, const char *data, size_t size);
void sql_text_string(struct sql_text *text, const char *string);
void sql_text_clear(struct sql_text *text);  /* keeps its memory */
void sql_text_finish(struct sql_text *text); /* frees it */

/* Values as JSON. */
void sql_json_text(struct sql_text *out, const char *data, size_t size);
void sql_json_bytes(struct sql_text *out, const char *data, size_t size); /* base64 */
void sql_json_double(struct sql_text *out, double number); /* null when not finite */

/* ---- what a query gives ---- */

enum sql_status {
    SQL_OK,
    SQL_FAILED,    /* would fail again */
    SQL_TRANSIENT, /* may work later: the connection, a lock */
    SQL_LATE,
    SQL_CANCELLED,
    SQL_NO_MEMORY,
    SQL_STOPPED /* `row` said so */
};

struct sql_query {
    const char *text;
    const char *cursor; /* value of $1; NULL: the query has no parameter */
    const char *column; /* of the cursor, or NULL */
    int64_t timeout;    /* milliseconds */
    bool (*cancelled)(void *owner);
    /* A whole row: a JSON object without line end, and the value of the cursor's column
     * as text (NULL: it is null). False stops the query. */
    bool (*row)(void *owner, const char *json, size_t size, const char *cursor);
    void *owner;
    char why[SQL_WHY]; /* filled when it fails */
};

/* Reads the file only; `query` must not write. */
enum sql_status sql_run_sqlite(const char *path, struct sql_query *query);
/* `password` may be NULL. libpq is loaded at the first call. */
enum sql_status sql_run_postgres(const char *url, const char *password,
                                 struct sql_query *query);

/* ---- sql_row.c: a row under way ---- */

struct sql_row {
    struct sql_query *query;
    struct sql_text json, cursor;
    bool has_cursor;
    size_t columns;
};

/* Begins a member; true when it is the cursor's column. False members are for names
 * that came before: *twice is set. */
void sql_row_begin(struct sql_row *row);
bool sql_row_name(struct sql_row *row, const char *name);
/* Hands the row over. */
enum sql_status sql_row_end(struct sql_row *row);
void sql_row_finish(struct sql_row *row);

#endif
