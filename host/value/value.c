#include "value/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/decimal.h"
#include "value/value_internal.h"

struct mizan_value mz_nil(void)
{
    return (struct mizan_value){.type = MIZAN_NIL};
}

struct mizan_value mz_boolean(bool value)
{
    return (struct mizan_value){.type = MIZAN_BOOLEAN, .as.integer = value ? 1 : 0};
}

struct mizan_value mz_integer(int64_t value)
{
    return (struct mizan_value){.type = MIZAN_INTEGER, .as.integer = value};
}

struct mizan_value mz_double(double value)
{
    return (struct mizan_value){.type = MIZAN_DOUBLE, .as.number = value};
}

struct mizan_value mz_time(int64_t milliseconds)
{
    return (struct mizan_value){.type = MIZAN_TIME, .as.integer = milliseconds};
}

struct mizan_value mz_text(const char *text)
{
    return text == NULL ? mz_nil() : mz_text_slice(text, strlen(text));
}

struct mizan_value mz_text_slice(const char *data, size_t size)
{
    return (struct mizan_value){.type = MIZAN_TEXT, .as.text = {data, size}};
}

struct mizan_value mz_bytes(const char *data, size_t size)
{
    return (struct mizan_value){.type = MIZAN_BYTES, .as.text = {data, size}};
}

struct mizan_value mz_decimal_text(const char *data, size_t size)
{
    return (struct mizan_value){.type = MIZAN_DECIMAL, .as.text = {data, size}};
}

const char *mz_type_name(uint32_t type)
{
    static const char *const names[] = {"nil",     "boolean", "integer", "double",
                                        "decimal", "text",    "bytes",   "time",
                                        "list",    "map"};
    return type < sizeof names / sizeof names[0] ? names[type] : "unknown";
}

size_t mz_double_text(double value, char out[MZ_DOUBLE_TEXT])
{
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(out, MZ_DOUBLE_TEXT, "%.*g", digits, value);
        double back = strtod(out, NULL);
        if (!(back < value) && !(back > value)) {
            break;
        }
    }
    return (size_t)length;
}

static int32_t clone(struct mz_arena *arena, const struct mizan_value *value,
                     struct mizan_value *out, int depth);

static int32_t clone_text(struct mz_arena *arena, struct mizan_slice text,
                          struct mizan_slice *out)
{
    char *copy = mz_arena_copy(arena, text.data, text.size);
    if (copy == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    *out = (struct mizan_slice){copy, text.size};
    return MIZAN_OK;
}

static int32_t clone_list(struct mz_arena *arena, const struct mizan_list *list,
                          struct mizan_list *out, int depth)
{
    if (depth >= MZ_VALUE_DEPTH) {
        return MIZAN_ERROR_LIMIT;
    }
    if (list->count > SIZE_MAX / sizeof(struct mizan_value)) {
        return MIZAN_ERROR_MEMORY;
    }
    struct mizan_value *items =
        mz_arena_alloc(arena, list->count * sizeof(struct mizan_value));
    if (items == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < list->count; i++) {
        int32_t status = clone(arena, &list->items[i], &items[i], depth + 1);
        if (status != MIZAN_OK) {
            return status;
        }
    }
    *out = (struct mizan_list){items, list->count};
    return MIZAN_OK;
}

static int32_t clone_map(struct mz_arena *arena, const struct mizan_map *map,
                         struct mizan_map *out, int depth)
{
    if (depth >= MZ_VALUE_DEPTH) {
        return MIZAN_ERROR_LIMIT;
    }
    if (map->count > SIZE_MAX / sizeof(struct mizan_field)) {
        return MIZAN_ERROR_MEMORY;
    }
    struct mizan_field *fields =
        mz_arena_alloc(arena, map->count * sizeof(struct mizan_field));
    if (fields == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < map->count; i++) {
        int32_t status = clone_text(arena, map->fields[i].name, &fields[i].name);
        if (status == MIZAN_OK) {
            status = clone(arena, &map->fields[i].value, &fields[i].value, depth + 1);
        }
        if (status != MIZAN_OK) {
            return status;
        }
    }
    *out = (struct mizan_map){fields, map->count};
    return MIZAN_OK;
}

static int32_t clone(struct mz_arena *arena, const struct mizan_value *value,
                     struct mizan_value *out, int depth)
{
    struct mizan_value copy = *value;
    int32_t status = MIZAN_OK;
    copy.reserved = 0;
    switch (value->type) {
    case MIZAN_NIL:
    case MIZAN_BOOLEAN:
    case MIZAN_INTEGER:
    case MIZAN_DOUBLE:
    case MIZAN_TIME:
        break;
    case MIZAN_DECIMAL:
    case MIZAN_TEXT:
    case MIZAN_BYTES:
        status = clone_text(arena, value->as.text, &copy.as.text);
        break;
    case MIZAN_LIST:
        status = clone_list(arena, &value->as.list, &copy.as.list, depth);
        break;
    case MIZAN_MAP:
        status = clone_map(arena, &value->as.map, &copy.as.map, depth);
        break;
    default:
        status = MIZAN_ERROR_UNSUPPORTED;
        break;
    }
    if (status == MIZAN_OK) {
        *out = copy;
    }
    return status;
}

int32_t mz_value_clone(struct mz_arena *arena, const struct mizan_value *value,
                       struct mizan_value *out)
{
    return clone(arena, value, out, 0);
}

bool mz_value_copy(struct mz_arena *arena, const struct mizan_value *value,
                   struct mizan_value *out)
{
    return clone(arena, value, out, 0) == MIZAN_OK;
}

static bool equal(const struct mizan_value *a, const struct mizan_value *b, int depth);

static bool same_text(struct mizan_slice a, struct mizan_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool same_decimal(struct mizan_slice a, struct mizan_slice b)
{
    struct mz_decimal left;
    struct mz_decimal right;
    if (same_text(a, b)) {
        return true;
    }
    return mz_decimal_parse(a.data, a.size, &left) == MZ_DECIMAL_OK &&
           mz_decimal_parse(b.data, b.size, &right) == MZ_DECIMAL_OK &&
           mz_decimal_compare(left, right) == 0;
}

static bool same_list(const struct mizan_list *a, const struct mizan_list *b, int depth)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!equal(&a->items[i], &b->items[i], depth)) {
            return false;
        }
    }
    return true;
}

static const struct mizan_value *member(const struct mizan_map *map,
                                        struct mizan_slice name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (same_text(map->fields[i].name, name)) {
            return &map->fields[i].value;
        }
    }
    return NULL;
}

static bool same_map(const struct mizan_map *a, const struct mizan_map *b, int depth)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct mizan_value *other =
            same_text(a->fields[i].name, b->fields[i].name)
                ? &b->fields[i].value
                : member(b, a->fields[i].name);
        if (other == NULL || !equal(&a->fields[i].value, other, depth)) {
            return false;
        }
    }
    return true;
}

static bool same_double(double a, double b)
{
    return isnan(a) ? isnan(b) : !(a < b) && !(a > b) && !isnan(b);
}

static bool equal(const struct mizan_value *a, const struct mizan_value *b, int depth)
{
    if (a->type != b->type || depth > MZ_VALUE_DEPTH) {
        return false;
    }
    switch (a->type) {
    case MIZAN_NIL:
        return true;
    case MIZAN_BOOLEAN:
        return (a->as.integer != 0) == (b->as.integer != 0);
    case MIZAN_INTEGER:
    case MIZAN_TIME:
        return a->as.integer == b->as.integer;
    case MIZAN_DOUBLE:
        return same_double(a->as.number, b->as.number);
    case MIZAN_DECIMAL:
        return same_decimal(a->as.text, b->as.text);
    case MIZAN_TEXT:
    case MIZAN_BYTES:
        return same_text(a->as.text, b->as.text);
    case MIZAN_LIST:
        return same_list(&a->as.list, &b->as.list, depth + 1);
    case MIZAN_MAP:
        return same_map(&a->as.map, &b->as.map, depth + 1);
    default:
        return false;
    }
}

bool mz_value_equal(const struct mizan_value *a, const struct mizan_value *b)
{
    return equal(a, b, 0);
}

const struct mizan_value *mz_map_member(const struct mizan_value *map, const char *name)
{
    if (map == NULL || map->type != MIZAN_MAP) {
        return NULL;
    }
    return member(&map->as.map, (struct mizan_slice){name, strlen(name)});
}

const char *mz_map_text(const struct mizan_value *map, const char *name)
{
    const struct mizan_value *value = mz_map_member(map, name);
    return value != NULL && value->type == MIZAN_TEXT ? value->as.text.data : NULL;
}

int64_t mz_map_integer(const struct mizan_value *map, const char *name,
                       int64_t otherwise)
{
    const struct mizan_value *value = mz_map_member(map, name);
    return value != NULL && value->type == MIZAN_INTEGER ? value->as.integer
                                                         : otherwise;
}

bool mz_value_is(const struct mizan_value *value, const char *text)
{
    return value != NULL &&
           (value->type == MIZAN_TEXT || value->type == MIZAN_DECIMAL) &&
           same_text(value->as.text, (struct mizan_slice){text, strlen(text)});
}
