#include "run/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool mz_records_add(struct mz_records *records, struct mz_arena *arena,
                    struct mizan_record *record)
{
    if (records->count == records->capacity) {
        size_t capacity = records->capacity == 0 ? 16 : records->capacity * 2;
        struct mizan_record **items = mz_arena_alloc(arena, capacity * sizeof *items);
        if (items == NULL) {
            return false;
        }
        if (records->count > 0) {
            memcpy(items, records->items, records->count * sizeof *items);
        }
        records->items = items;
        records->capacity = capacity;
    }
    records->items[records->count++] = record;
    return true;
}

struct mz_unit *mz_unit_create(size_t ceiling)
{
    struct mz_arena *arena = mz_arena_create(ceiling);
    struct mz_unit *unit = arena == NULL ? NULL : mz_arena_zero(arena, sizeof *unit);
    if (unit == NULL) {
        mz_arena_destroy(arena);
        return NULL;
    }
    unit->arena = arena;
    unit->attempt = 1;
    unit->body = -1;
    unit->last_change = &unit->changes;
    unit->last_letter = &unit->letters;
    unit->last_delivery = &unit->deliveries;
    return unit;
}

void mz_unit_destroy(struct mz_unit *unit)
{
    if (unit != NULL) {
        if (unit->body >= 0) {
            close(unit->body);
        }
        mz_arena_destroy(unit->arena);
    }
}

bool mz_unit_change(struct mz_unit *unit, const char *key, struct mizan_slice value)
{
    struct mz_change *change = mz_arena_zero(unit->arena, sizeof *change);
    if (change == NULL) {
        return false;
    }
    change->key = mz_arena_string(unit->arena, key);
    if (value.data != NULL) {
        change->value.data = mz_arena_copy(unit->arena, value.data, value.size);
        change->value.size = value.size;
    }
    if (change->key == NULL || (change->value.data == NULL && value.data != NULL)) {
        return false;
    }
    *unit->last_change = change;
    unit->last_change = &change->next;
    return true;
}

static bool copy_letter(struct mz_unit *unit, const struct mz_letter *letter,
                        struct mz_letter *copy)
{
    const char *const from[] = {letter->stage, letter->place, letter->reason,
                                letter->traceback, letter->record};
    const char *to[] = {NULL, NULL, NULL, NULL, NULL};
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        to[i] = from[i] == NULL ? NULL : mz_arena_string(unit->arena, from[i]);
        if (from[i] != NULL && to[i] == NULL) {
            return false;
        }
    }
    *copy =
        (struct mz_letter){letter->outcome, to[0], to[1], to[2], to[3], to[4], NULL};
    return true;
}

bool mz_unit_letter(struct mz_unit *unit, const struct mz_letter *letter)
{
    struct mz_letter *copy = mz_arena_zero(unit->arena, sizeof *copy);
    bool copied = copy != NULL && copy_letter(unit, letter, copy);
    if (!copied) {
        copy = unit->spare.reason == NULL ? &unit->spare : NULL;
        if (copy != NULL) {
            copy->outcome = MZ_ERROR;
            copy->stage = letter->stage;
            copy->reason = MZ_UNIT_TOO_LARGE;
        }
    }
    if (!copied || letter->outcome == MZ_ERROR) {
        unit->failed = true;
    } else {
        unit->rejected++;
    }
    if (copy != NULL) {
        *unit->last_letter = copy;
        unit->last_letter = &copy->next;
    }
    return copied;
}

const char *mz_record_text(const struct mizan_record *record, const char *name)
{
    const struct mizan_value *value =
        record == NULL ? NULL : mz_record_find(record, name);
    if (value == NULL || (value->type != MIZAN_TEXT && value->type != MIZAN_DECIMAL)) {
        return NULL;
    }
    return value->as.text.data;
}

int64_t mz_record_integer(const struct mizan_record *record, const char *name,
                          int64_t otherwise)
{
    const struct mizan_value *value =
        record == NULL ? NULL : mz_record_find(record, name);
    if (value == NULL || (value->type != MIZAN_INTEGER && value->type != MIZAN_TIME &&
                          value->type != MIZAN_BOOLEAN)) {
        return otherwise;
    }
    return value->as.integer;
}
