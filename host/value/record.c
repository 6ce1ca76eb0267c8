#include "value/record.h"

#include <stdatomic.h>
#include <string.h>

#include "value/value_internal.h"

#define MZ_FIELDS_FIRST ((size_t)8)

struct field {
    const struct mz_name *name;
    struct mizan_value value;
};

struct mizan_record {
    struct mz_arena *arena;
    const struct mz_name *type;
    uint64_t generation;
    struct mizan_locator locator;
    struct field *fields;
    size_t count, capacity;
};

static _Atomic uint64_t generations;

static uint64_t next_generation(void)
{
    return atomic_fetch_add_explicit(&generations, 1, memory_order_relaxed) + 1;
}

struct mizan_record *mz_record_create(struct mz_arena *arena, const char *type)
{
    const struct mz_name *name = mz_name_intern(type, strlen(type));
    struct mizan_record *record =
        name == NULL ? NULL : mz_arena_zero(arena, sizeof *record);
    if (record != NULL) {
        record->arena = arena;
        record->type = name;
        record->generation = next_generation();
    }
    return record;
}

/* Room for `capacity` fields; the former array stays behind in the arena. */
static bool reserve(struct mizan_record *record, size_t capacity)
{
    if (capacity <= record->capacity) {
        return true;
    }
    struct field *fields = mz_arena_alloc(record->arena, capacity * sizeof *fields);
    if (fields == NULL) {
        return false;
    }
    if (record->count > 0) {
        memcpy(fields, record->fields, record->count * sizeof *fields);
    }
    record->fields = fields;
    record->capacity = capacity;
    return true;
}

static bool copy_locator(struct mz_arena *arena, const struct mizan_locator *locator,
                         struct mizan_locator *out)
{
    struct mizan_locator copy = *locator;
    if (locator->pointer.size > 0) {
        copy.pointer.data =
            mz_arena_copy(arena, locator->pointer.data, locator->pointer.size);
        if (copy.pointer.data == NULL) {
            return false;
        }
    }
    *out = copy;
    return true;
}

struct mizan_record *mz_record_copy(struct mz_arena *arena,
                                    const struct mizan_record *record)
{
    struct mizan_record *copy = mz_arena_zero(arena, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    copy->arena = arena;
    copy->type = record->type;
    copy->generation = next_generation();
    if (!copy_locator(arena, &record->locator, &copy->locator) ||
        !reserve(copy, record->count)) {
        return NULL;
    }
    for (size_t i = 0; i < record->count; i++) {
        copy->fields[i].name = record->fields[i].name;
        if (!mz_value_copy(arena, &record->fields[i].value, &copy->fields[i].value)) {
            return NULL;
        }
    }
    copy->count = record->count;
    return copy;
}

void mz_record_retire(struct mizan_record *record)
{
    record->generation = next_generation();
}

uint64_t mz_record_generation(const struct mizan_record *record)
{
    return record->generation;
}

const char *mz_record_type(const struct mizan_record *record)
{
    return mz_name_text(record->type);
}

struct mz_arena *mz_record_arena(const struct mizan_record *record)
{
    return record->arena;
}

size_t mz_record_count(const struct mizan_record *record)
{
    return record->count;
}

const struct mizan_value *mz_record_field(const struct mizan_record *record,
                                          size_t index, const struct mz_name **name)
{
    if (index >= record->count) {
        if (name != NULL) {
            *name = NULL;
        }
        return NULL;
    }
    if (name != NULL) {
        *name = record->fields[index].name;
    }
    return &record->fields[index].value;
}

static struct field *find(const struct mizan_record *record, const struct mz_name *name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (record->fields[i].name == name) {
            return &record->fields[i];
        }
    }
    return NULL;
}

const struct mizan_value *mz_record_get(const struct mizan_record *record,
                                        const struct mz_name *name)
{
    const struct field *field = find(record, name);
    return field == NULL ? NULL : &field->value;
}

/* Compares texts, so that asking for an unknown name does not intern it. */
const struct mizan_value *mz_record_find(const struct mizan_record *record,
                                         const char *name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(mz_name_text(record->fields[i].name), name) == 0) {
            return &record->fields[i].value;
        }
    }
    return NULL;
}

static void remove_field(struct mizan_record *record, struct field *field)
{
    size_t behind = record->count - (size_t)(field - record->fields) - 1;
    memmove(field, field + 1, behind * sizeof *field);
    record->count -= 1;
}

int32_t mz_record_set(struct mizan_record *record, const struct mz_name *name,
                      const struct mizan_value *value)
{
    struct field *field = find(record, name);
    if (value->type == MIZAN_NIL) {
        if (field != NULL) {
            remove_field(record, field);
        }
        return MIZAN_OK;
    }
    if (field == NULL && record->count >= MZ_RECORD_FIELDS) {
        return MIZAN_ERROR_LIMIT;
    }
    struct mizan_value copy;
    int32_t status = mz_value_clone(record->arena, value, &copy);
    if (status != MIZAN_OK) {
        return status;
    }
    if (field == NULL) {
        size_t wanted = record->capacity == 0 ? MZ_FIELDS_FIRST : record->capacity * 2;
        if (record->count == record->capacity && !reserve(record, wanted)) {
            return MIZAN_ERROR_MEMORY;
        }
        field = &record->fields[record->count++];
        field->name = name;
    }
    field->value = copy;
    return MIZAN_OK;
}

int32_t mz_record_put(struct mizan_record *record, const char *name,
                      const struct mizan_value *value)
{
    const struct mz_name *interned = mz_name_intern(name, strlen(name));
    return interned == NULL ? MIZAN_ERROR_MEMORY
                            : mz_record_set(record, interned, value);
}

/* A pointer that does not fit into the arena is left out: the kind alone stays. */
void mz_record_set_locator(struct mizan_record *record,
                           const struct mizan_locator *locator)
{
    if (!copy_locator(record->arena, locator, &record->locator)) {
        record->locator = *locator;
        record->locator.pointer = (struct mizan_slice){NULL, 0};
    }
}

struct mizan_locator mz_record_locator(const struct mizan_record *record)
{
    return record->locator;
}
