#include "value/record.h"

#include <stdatomic.h>
#include <string.h>

#include "value/decimal_internal.h"
#include "value/json.h"
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
    /* What the first `source_count` fields were read from; empty once one changed. */
    struct mizan_slice source;
    size_t source_count;
    bool spoiled;
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

#define MZ_FIELDS_LATER ((size_t)4) /* room for what stages and the commit add */

struct mizan_record *mz_record_of(struct mz_arena *arena,
                                  const struct mizan_parts *parts)
{
    size_t capacity = parts->count + MZ_FIELDS_LATER;
    if (parts->count > MZ_RECORD_FIELDS) {
        return NULL;
    }
    struct mizan_record *record =
        mz_arena_alloc(arena, sizeof *record + capacity * sizeof *record->fields);
    if (record == NULL) {
        return NULL;
    }
    record->arena = arena;
    record->type = parts->type;
    record->generation = next_generation();
    record->locator = parts->locator;
    record->fields = (struct field *)(record + 1);
    record->count = parts->count;
    record->capacity = capacity;
    record->source = parts->source;
    record->source_count = parts->source.size > 0 ? parts->count : 0;
    record->spoiled = false;
    for (size_t i = 0; i < parts->count; i++) {
        record->fields[i].name = parts->names[i];
        record->fields[i].value = parts->values[i];
    }
    return record;
}

/* Whole numbers of up to 18 digits, and decimals that stand there in the canonical
 * form: most of the numbers there are. */
static bool read_plain_number(struct mizan_slice text, struct mizan_value *out)
{
    size_t at = text.data[0] == '-' ? 1 : 0;
    int64_t integer = 0;
    for (; at < text.size && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
        integer = at < 18 ? integer * 10 + (text.data[at] - '0') : integer;
    }
    if (at == text.size && at <= 18) {
        *out = mz_integer(text.data[0] == '-' ? -integer : integer);
        return true;
    }
    if (at < text.size && text.data[at] == '.' &&
        mz_decimal_is_canonical(text.data, text.size)) {
        *out = mz_decimal_text(text.data, text.size);
        return true;
    }
    return false;
}

/* The rest, apart from what is read most: its error is large. */
__attribute__((noinline)) static void parse_field(const struct mizan_record *record,
                                                  struct field *field)
{
    struct mizan_value read;
    struct mz_error error;
    struct mizan_slice text = field->value.as.text;
    if (mz_json_parse(record->arena, text.data, text.size, &read, &error) != MZ_OK) {
        read = mz_nil();
        ((struct mizan_record *)(uintptr_t)record)->spoiled = true;
    }
    field->value = read;
}

/* Reads what stands in a field as it was written. Without memory the field is nil and
 * the record is marked. */
static void read_field(const struct mizan_record *record, struct field *field)
{
    if (!read_plain_number(field->value.as.text, &field->value)) {
        parse_field(record, field);
    }
}

static inline const struct mizan_value *settled(const struct mizan_record *record,
                                                struct field *field)
{
    if (field->value.reserved != MIZAN_FORM_PLAIN) {
        read_field(record, field);
    }
    return &field->value;
}

bool mz_record_spoiled(const struct mizan_record *record)
{
    return record->spoiled;
}

bool mz_record_source(const struct mizan_record *record, struct mizan_slice *source,
                      size_t *count)
{
    *source = record->source;
    *count = record->source_count;
    return record->source.size > 0;
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
        if (!mz_value_copy(arena, settled(record, &record->fields[i]),
                           &copy->fields[i].value)) {
            return NULL;
        }
    }
    copy->count = record->count;
    copy->spoiled = record->spoiled;
    return copy;
}

struct mizan_record *mz_record_alias(struct mz_arena *arena,
                                     const struct mizan_record *record)
{
    struct mizan_record *alias = mz_arena_alloc(arena, sizeof *alias);
    if (alias == NULL) {
        return NULL;
    }
    *alias = *record;
    alias->arena = arena;
    alias->generation = next_generation();
    alias->fields = NULL;
    alias->capacity = 0;
    alias->count = 0;
    if (!reserve(alias, record->count + MZ_FIELDS_LATER)) {
        return NULL;
    }
    memcpy(alias->fields, record->fields, record->count * sizeof *alias->fields);
    alias->count = record->count;
    return alias;
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
    return settled(record, &record->fields[index]);
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
    struct field *field = find(record, name);
    return field == NULL ? NULL : settled(record, field);
}

/* Compares texts, so that asking for an unknown name does not intern it. */
const struct mizan_value *mz_record_find(const struct mizan_record *record,
                                         const char *name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(mz_name_text(record->fields[i].name), name) == 0) {
            return settled(record, &record->fields[i]);
        }
    }
    return NULL;
}

/* The source no longer says what the field holds. */
static void leave_source(struct mizan_record *record, const struct field *field)
{
    if ((size_t)(field - record->fields) < record->source_count) {
        record->source = (struct mizan_slice){NULL, 0};
        record->source_count = 0;
    }
}

static void remove_field(struct mizan_record *record, struct field *field)
{
    leave_source(record, field);
    size_t behind = record->count - (size_t)(field - record->fields) - 1;
    memmove(field, field + 1, behind * sizeof *field);
    record->count -= 1;
}

/* Puts a value whose parts lie in the record's arena, or live as long. */
static int32_t put_value(struct mizan_record *record, const struct mz_name *name,
                         struct field *field, const struct mizan_value *value)
{
    if (field == NULL) {
        size_t wanted = record->capacity == 0 ? MZ_FIELDS_FIRST : record->capacity * 2;
        if (record->count >= MZ_RECORD_FIELDS) {
            return MIZAN_ERROR_LIMIT;
        }
        if (record->count == record->capacity && !reserve(record, wanted)) {
            return MIZAN_ERROR_MEMORY;
        }
        field = &record->fields[record->count++];
        field->name = name;
    } else {
        leave_source(record, field);
    }
    field->value = *value;
    return MIZAN_OK;
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
    return status == MIZAN_OK ? put_value(record, name, field, &copy) : status;
}

int32_t mz_record_borrow(struct mizan_record *record, const struct mz_name *name,
                         const struct mizan_value *value)
{
    return put_value(record, name, find(record, name), value);
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
