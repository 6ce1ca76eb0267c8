#include "columns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void columns_finish(struct columns *columns)
{
    free(columns->items);
    memset(columns, 0, sizeof(*columns));
}

static bool same_name(const char *name, struct mizan_slice other)
{
    return strlen(name) == other.size && strncasecmp(name, other.data, other.size) == 0;
}

size_t columns_find(struct columns *columns, struct mizan_slice name, bool make)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (same_name(columns->items[i].name, name)) {
            return i;
        }
    }
    if (!make || columns->count == COLUMNS_MOST || name.size > COLUMN_NAME) {
        return COLUMNS_MOST;
    }
    if (columns->count == columns->room) {
        size_t room = columns->room == 0 ? 16 : columns->room * 2;
        struct column *items = realloc(columns->items, room * sizeof(*items));
        if (items == NULL) {
            return COLUMNS_MOST;
        }
        columns->items = items;
        columns->room = room;
    }
    struct column *column = &columns->items[columns->count];
    memset(column, 0, sizeof(*column));
    memcpy(column->name, name.data, name.size);
    return columns->count++;
}

bool column_name_fits(struct mizan_slice name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    if (name.size == 0 || name.size > COLUMN_NAME ||
        (name.data[0] >= '0' && name.data[0] <= '9')) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        if (memchr(letters, name.data[i], sizeof(letters) - 1) == NULL) {
            return false;
        }
    }
    return true;
}

const char *column_type_name(enum column_type type)
{
    static const char *const names[] = {"unknown", "boolean", "integer",
                                        "decimal", "double",  "time",
                                        "json",    "bytes",   "text"};
    return names[type];
}

enum column_type column_type_of(const struct mizan_value *value)
{
    switch ((enum mizan_type)value->type) {
    case MIZAN_BOOLEAN:
        return COLUMN_BOOLEAN;
    case MIZAN_INTEGER:
        return COLUMN_INTEGER;
    case MIZAN_DOUBLE:
        return COLUMN_DOUBLE;
    case MIZAN_DECIMAL:
        return COLUMN_DECIMAL;
    case MIZAN_BYTES:
        return COLUMN_BYTES;
    case MIZAN_TIME:
        return COLUMN_TIME;
    case MIZAN_LIST:
    case MIZAN_MAP:
        return COLUMN_JSON;
    case MIZAN_TEXT:
        return COLUMN_TEXT;
    case MIZAN_NIL:
    default:
        return COLUMN_UNKNOWN;
    }
}

static bool either(enum column_type a, enum column_type b, enum column_type one,
                   enum column_type other)
{
    return (a == one && b == other) || (a == other && b == one);
}

enum column_type column_type_join(enum column_type a, enum column_type b)
{
    if (a == b || b == COLUMN_UNKNOWN) {
        return a;
    }
    if (a == COLUMN_UNKNOWN) {
        return b;
    }
    if (a == COLUMN_BYTES || b == COLUMN_BYTES) {
        return COLUMN_BYTES;
    }
    if (either(a, b, COLUMN_INTEGER, COLUMN_DECIMAL)) {
        return COLUMN_DECIMAL;
    }
    /* A double holds what is no exact number anyway; a long integer or a decimal would
     * lose digits in one, and text keeps them. */
    return COLUMN_TEXT;
}
