#include "run/test_result.h"

#include <string.h>

void mz_test_result_init(struct mz_test_result *result, struct mz_arena *arena)
{
    memset(result, 0, sizeof *result);
    result->arena = arena;
    result->last_stage = SIZE_MAX;
}

/* A new item of the list, nil, or NULL without memory. */
static struct mizan_value *add(struct mz_test_result *result, struct mz_test_list *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        struct mizan_value *items =
            mz_arena_alloc(result->arena, capacity * sizeof *items);
        if (items == NULL) {
            result->exhausted = true;
            return NULL;
        }
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof *items);
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count] = mz_nil();
    return &list->items[list->count++];
}

/* Makes `out` a map with room for `count` fields and none yet. */
static struct mizan_field *make_map(struct mz_test_result *result,
                                    struct mizan_value *out, size_t count)
{
    struct mizan_field *fields = mz_arena_alloc(result->arena, count * sizeof *fields);
    if (fields == NULL) {
        result->exhausted = true;
        return NULL;
    }
    *out = (struct mizan_value){.type = MIZAN_MAP};
    out->as.map.fields = fields;
    return fields;
}

static void put(struct mz_test_result *result, struct mizan_value *map,
                const char *name, const struct mizan_value *value)
{
    /* make_map gave the fields; a map shows them as constant. */
    struct mizan_field *fields = (struct mizan_field *)(uintptr_t)map->as.map.fields;
    const char *copy = mz_arena_string(result->arena, name);
    struct mizan_field *field = &fields[map->as.map.count];
    if (copy == NULL || !mz_value_copy(result->arena, value, &field->value)) {
        result->exhausted = true;
        return;
    }
    field->name = (struct mizan_slice){copy, strlen(copy)};
    map->as.map.count++;
}

void mz_test_result_record(struct mz_test_result *result,
                           const struct mizan_record *record)
{
    struct mizan_value *item = add(result, &result->records);
    struct mizan_value type = mz_text(mz_record_type(record));
    size_t count = mz_record_count(record);
    if (item == NULL || make_map(result, item, count + 1) == NULL) {
        return;
    }
    put(result, item, "record", &type);
    for (size_t i = 0; i < count; i++) {
        const struct mz_name *name;
        const struct mizan_value *value = mz_record_field(record, i, &name);
        if (strcmp(mz_name_text(name), "body") != 0) {
            put(result, item, mz_name_text(name), value);
        }
    }
}

static void count_drop(struct mz_test_result *result, const char *reason)
{
    for (size_t i = 0; i < result->drops.count; i++) {
        struct mizan_value *drop = &result->drops.items[i];
        if (strcmp(drop->as.map.fields[0].value.as.text.data, reason) == 0) {
            struct mizan_field *fields =
                (struct mizan_field *)(uintptr_t)drop->as.map.fields;
            fields[1].value.as.integer++;
            return;
        }
    }
    struct mizan_value *drop = add(result, &result->drops);
    struct mizan_value text = mz_text(reason), one = mz_integer(1);
    if (drop != NULL && make_map(result, drop, 2) != NULL) {
        put(result, drop, "reason", &text);
        put(result, drop, "count", &one);
    }
}

void mz_test_result_verdict(struct mz_test_result *result, const char *stage,
                            enum mz_outcome outcome, const char *reason,
                            const char *place)
{
    struct mizan_value name = mz_text(stage), text = mz_text(reason);
    struct mizan_value where = mz_text(place);
    if (outcome == MZ_DROP) {
        count_drop(result, reason);
        return;
    }
    struct mizan_value *item =
        add(result, outcome == MZ_REJECT ? &result->rejects : &result->errors);
    if (item != NULL && make_map(result, item, 3) != NULL) {
        put(result, item, "stage", &name);
        put(result, item, "reason", &text);
        if (place != NULL) {
            put(result, item, "place", &where);
        }
    }
}

static struct mizan_value as_list(const struct mz_test_list *list)
{
    struct mizan_value value = {.type = MIZAN_LIST};
    value.as.list.items = list->items;
    value.as.list.count = list->count;
    return value;
}

/* The drops as a map of reason to count. */
static struct mizan_value as_counts(struct mz_test_result *result)
{
    struct mizan_value map = mz_nil();
    if (make_map(result, &map, result->drops.count + 1) == NULL) {
        return map;
    }
    for (size_t i = 0; i < result->drops.count; i++) {
        const struct mizan_map *drop = &result->drops.items[i].as.map;
        if (drop->count == 2) {
            put(result, &map, drop->fields[0].value.as.text.data,
                &drop->fields[1].value);
        }
    }
    return map;
}

enum mz_code mz_test_result_finish(struct mz_test_result *result,
                                   struct mz_counts *counts, const char *status,
                                   const char *failure, struct mizan_value *out,
                                   struct mz_error *error)
{
    static const char *const names[] = {
        "fetched",  "new",    "unchanged",         "retried",
        "rejected", "failed", "throttled_sources", "failed_sources"};
    if (make_map(result, out, 16) != NULL) {
        struct mizan_value parts[] = {
            as_list(&result->records), as_counts(result), as_list(&result->rejects),
            as_list(&result->errors),  mz_text(status),   mz_text(failure)};
        static const char *const part_names[] = {"records", "drops",  "rejects",
                                                 "errors",  "status", "failure"};
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            if (parts[i].type != MIZAN_NIL) {
                put(result, out, part_names[i], &parts[i]);
            }
        }
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            struct mizan_value count =
                mz_integer(mz_counts_get(counts, "documents", names[i]));
            put(result, out, names[i], &count);
        }
    }
    return result->exhausted ? mz_fail(error, MZ_MEMORY,
                                       "the result of the run is too large for a test")
                             : MZ_OK;
}
