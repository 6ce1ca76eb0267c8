#include "rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK      ((size_t)64 << 10)
#define DEPTH_MOST 64

struct rows_block {
    struct rows_block *below;
    size_t used, room;
    max_align_t data[];
};

void rows_clear(struct rows *rows)
{
    while (rows->blocks != NULL) {
        struct rows_block *below = rows->blocks->below;
        free(rows->blocks);
        rows->blocks = below;
    }
    memset(rows, 0, sizeof(*rows));
    rows->last = &rows->first;
}

void *rows_alloc(struct rows *rows, size_t size)
{
    const size_t step = sizeof(max_align_t);
    size_t wanted = (size + step - 1) / step * step;
    struct rows_block *block = rows->blocks;
    if (block == NULL || block->room - block->used < wanted) {
        size_t room = wanted > BLOCK ? wanted : BLOCK;
        if (rows->bytes + room > ROWS_BYTES) {
            return NULL;
        }
        block = malloc(sizeof(*block) + room);
        if (block == NULL) {
            return NULL;
        }
        *block = (struct rows_block){.below = rows->blocks, .room = room};
        rows->blocks = block;
        rows->bytes += room;
    }
    void *place = (char *)block->data + block->used;
    block->used += wanted;
    return place;
}

static bool keep(struct rows *rows, struct mizan_slice text, struct mizan_slice *out)
{
    char *copy = rows_alloc(rows, text.size + 1);
    if (copy == NULL) {
        return false;
    }
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    *out = (struct mizan_slice){copy, text.size};
    return true;
}

/* ---- values as text ---- */

/* The shortest digits that read back as the same number. */
static void print_double(double number, char out[40])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 40, "%.*g", digits, number);
        if (strtod(out, NULL) == number) {
            break;
        }
    }
}

static void print_time(int64_t milliseconds, char out[64])
{
    struct tm parts;
    int64_t rest = milliseconds % 1000;
    rest += rest < 0 ? 1000 : 0;
    time_t seconds = (time_t)((milliseconds - rest) / 1000);
    out[0] = '\0';
    if (gmtime_r(&seconds, &parts) == NULL) {
        return;
    }
    int size = snprintf(out, 64, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                        parts.tm_sec);
    if (rest != 0) {
        size += snprintf(out + size, 64 - (size_t)size, ".%03d", (int)rest);
    }
    snprintf(out + size, 64 - (size_t)size, "Z");
}

bool rows_text(struct rows *rows, const struct mizan_value *value,
               struct mizan_slice *out)
{
    char text[64];
    switch ((enum mizan_type)value->type) {
    case MIZAN_BOOLEAN:
        snprintf(text, sizeof(text), "%s", value->as.integer != 0 ? "true" : "false");
        break;
    case MIZAN_INTEGER:
        snprintf(text, sizeof(text), "%" PRId64, value->as.integer);
        break;
    case MIZAN_DOUBLE:
        print_double(value->as.number, text);
        break;
    case MIZAN_TIME:
        print_time(value->as.integer, text);
        break;
    case MIZAN_NIL:
    case MIZAN_DECIMAL:
    case MIZAN_TEXT:
    case MIZAN_BYTES:
    case MIZAN_LIST:
    case MIZAN_MAP:
    default:
        *out = value->as.text;
        return true;
    }
    return keep(rows, (struct mizan_slice){text, strlen(text)}, out);
}

/* ---- lists and maps as JSON ---- */

struct json {
    char *data; /* NULL: it is only measured */
    size_t size;
};

static void put(struct json *out, const char *data, size_t size)
{
    if (out->data != NULL && size > 0) {
        memcpy(out->data + out->size, data, size);
    }
    out->size += size;
}

static void put_string(struct json *out, struct mizan_slice text)
{
    put(out, "\"", 1);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        char escape[8];
        if (c < 0x20 || c == '"' || c == '\\') {
            int size = c < 0x20 ? snprintf(escape, sizeof(escape), "\\u%04x", c)
                                : snprintf(escape, sizeof(escape), "\\%c", c);
            put(out, escape, (size_t)size);
        } else {
            put(out, text.data + i, 1);
        }
    }
    put(out, "\"", 1);
}

static void put_value(struct json *out, const struct mizan_value *value, int depth)
{
    char text[64];
    bool list = value->type == MIZAN_LIST;
    if (depth > DEPTH_MOST || value->type == MIZAN_NIL || value->type == MIZAN_BYTES ||
        (value->type == MIZAN_DOUBLE && !isfinite(value->as.number))) {
        put(out, "null", 4);
        return;
    }
    if (list || value->type == MIZAN_MAP) {
        size_t count = list ? value->as.list.count : value->as.map.count;
        put(out, list ? "[" : "{", 1);
        for (size_t i = 0; i < count; i++) {
            put(out, ",", i > 0 ? 1 : 0);
            if (!list) {
                put_string(out, value->as.map.fields[i].name);
                put(out, ":", 1);
            }
            put_value(out,
                      list ? &value->as.list.items[i] : &value->as.map.fields[i].value,
                      depth + 1);
        }
        put(out, list ? "]" : "}", 1);
        return;
    }
    if (value->type == MIZAN_TEXT) {
        put_string(out, value->as.text);
        return;
    }
    if (value->type == MIZAN_TIME) {
        print_time(value->as.integer, text);
        put_string(out, (struct mizan_slice){text, strlen(text)});
        return;
    }
    if (value->type == MIZAN_DECIMAL) {
        put(out, value->as.text.data, value->as.text.size);
        return;
    }
    if (value->type == MIZAN_DOUBLE) {
        print_double(value->as.number, text);
    } else if (value->type == MIZAN_BOOLEAN) {
        snprintf(text, sizeof(text), "%s", value->as.integer != 0 ? "true" : "false");
    } else {
        snprintf(text, sizeof(text), "%" PRId64, value->as.integer);
    }
    put(out, text, strlen(text));
}

static bool keep_json(struct rows *rows, const struct mizan_value *value,
                      struct mizan_slice *out)
{
    struct json json = {NULL, 0};
    put_value(&json, value, 0);
    char *data = rows_alloc(rows, json.size + 1);
    if (data == NULL) {
        return false;
    }
    json = (struct json){data, 0};
    put_value(&json, value, 0);
    data[json.size] = '\0';
    *out = (struct mizan_slice){data, json.size};
    return true;
}

/* ---- rows ---- */

static bool keep_value(struct rows *rows, const struct mizan_value *value,
                       struct mizan_value *out)
{
    *out = *value;
    switch ((enum mizan_type)value->type) {
    case MIZAN_LIST:
    case MIZAN_MAP:
        out->type = MIZAN_TEXT;
        return keep_json(rows, value, &out->as.text);
    case MIZAN_TEXT:
    case MIZAN_DECIMAL:
    case MIZAN_BYTES:
        return keep(rows, value->as.text, &out->as.text);
    case MIZAN_DOUBLE:
        out->type = isfinite(value->as.number) ? MIZAN_DOUBLE : MIZAN_NIL;
        return true;
    case MIZAN_BOOLEAN:
    case MIZAN_INTEGER:
    case MIZAN_TIME:
        return true;
    case MIZAN_NIL:
    default:
        out->type = MIZAN_NIL;
        return true;
    }
}

int32_t rows_add(struct rows *rows, const struct mizan_host *host, mizan_task *task,
                 const mizan_record *record, struct columns *columns)
{
    struct stored_row *row = rows_alloc(rows, sizeof(*row));
    size_t count = host->record_count(record);
    if (row == NULL) {
        return host->fail(task, MIZAN_ERROR_LIMIT,
                          "the rows of a unit need too much "
                          "memory");
    }
    *row = (struct stored_row){0};
    for (size_t i = 0; i < count; i++) {
        struct mizan_field field;
        host->record_field(record, i, &field);
        if (!column_name_fits(field.name)) {
            return host->fail(task, MIZAN_ERROR_INPUT,
                              "'%.*s' cannot be the name of a column: letters, digits "
                              "and _ up to %d bytes; rename the field in the script",
                              (int)field.name.size, field.name.data, COLUMN_NAME);
        }
        size_t column = columns_find(columns, field.name, true);
        struct cell *cell = rows_alloc(rows, sizeof(*cell));
        if (column == COLUMNS_MOST || cell == NULL ||
            !keep_value(rows, &field.value, &cell->value)) {
            return host->fail(task, MIZAN_ERROR_LIMIT,
                              column == COLUMNS_MOST
                                  ? "a table has at most 500 columns"
                                  : "the rows of a unit need too much memory");
        }
        cell->column = (uint32_t)column;
        cell->next = row->cells;
        row->cells = cell;
        columns->items[column].type =
            column_type_join(columns->items[column].type, column_type_of(&field.value));
    }
    *rows->last = row;
    rows->last = &row->next;
    rows->count++;
    return MIZAN_OK;
}
