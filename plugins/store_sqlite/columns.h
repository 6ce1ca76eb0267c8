/* What the columns of a table are, inferred from the values that were seen. Knows no
 * database: an engine gives each type its own word. */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mizan/plugin.h>

#define COLUMNS_MOST 500
#define COLUMN_NAME  63 /* bytes; what PostgreSQL takes */

enum column_type {
    COLUMN_UNKNOWN, /* nothing but nil was seen */
    COLUMN_BOOLEAN,
    COLUMN_INTEGER,
    COLUMN_DECIMAL,
    COLUMN_DOUBLE,
    COLUMN_TIME,
    COLUMN_JSON,
    COLUMN_BYTES,
    COLUMN_TEXT
};

struct column {
    char name[COLUMN_NAME + 1];
    enum column_type type;
};

struct columns {
    struct column *items; /* in the order in which they were seen first */
    size_t count, room;
};

void columns_finish(struct columns *columns);
/* The index of the column, made when it is new; COLUMNS_MOST when there are too many,
 * or memory is out. Upper and lower case do not tell names apart. */
size_t columns_find(struct columns *columns, struct mizan_slice name, bool make);
/* True for [A-Za-z_][A-Za-z0-9_]* of at most COLUMN_NAME bytes. */
bool column_name_fits(struct mizan_slice name);
/* "integer", "text" …: for sentences. */
const char *column_type_name(enum column_type type);
enum column_type column_type_of(const struct mizan_value *value);
/* The narrowest type that holds both without loss of digits; text holds everything but
 * bytes, and bytes and text together are bytes. */
enum column_type column_type_join(enum column_type a, enum column_type b);

#endif
