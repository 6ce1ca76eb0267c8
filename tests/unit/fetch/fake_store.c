/* The fake host's arenas and records. */
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

#define FIELDS_MOST 40

struct fake_block {
    struct fake_block *next;
    uint64_t number;
    max_align_t data[];
};

struct mizan_record {
    struct fake_arena *arena;
    const char *type;
    size_t count;
    char *names[FIELDS_MOST];
    struct mizan_value values[FIELDS_MOST];
};

void *fake_alloc(struct fake_arena *arena, size_t size)
{
    struct fake_block *block = malloc(sizeof *block + size);
    if (block == NULL) {
        abort();
    }
    block->number = arena->blocks == NULL ? 1 : arena->blocks->number + 1;
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

uint64_t fake_mark(const struct fake_arena *arena)
{
    return arena->blocks == NULL ? 0 : arena->blocks->number;
}

/* Really frees, so that the sanitizer sees what is used afterwards. */
void fake_release(struct fake_arena *arena, uint64_t mark)
{
    while (arena->blocks != NULL && arena->blocks->number > mark) {
        struct fake_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}

static char *copy_text(struct fake_arena *arena, const char *data, size_t size)
{
    char *copy = fake_alloc(arena, size + 1);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    copy[size] = '\0';
    return copy;
}

mizan_record *fake_record_new(struct fake_arena *arena, const char *type)
{
    mizan_record *record = fake_alloc(arena, sizeof *record);
    memset(record, 0, sizeof *record);
    record->arena = arena;
    record->type = copy_text(arena, type, strlen(type));
    return record;
}

mizan_record *fake_record_copy(struct fake_arena *arena, const mizan_record *record)
{
    mizan_record *copy = fake_record_new(arena, record->type);
    for (size_t i = 0; i < record->count; i++) {
        (void)fake_record_set(copy, record->names[i], &record->values[i]);
    }
    return copy;
}

const char *fake_record_type(const mizan_record *record)
{
    return record->type;
}

/* Only what fetch plugins set: texts, bytes, integers, times, booleans. */
int32_t fake_record_set(mizan_record *record, const char *name,
                        const struct mizan_value *value)
{
    size_t i = 0;
    while (i < record->count && strcmp(record->names[i], name) != 0) {
        i++;
    }
    if (i == FIELDS_MOST || value->type == MIZAN_LIST || value->type == MIZAN_MAP) {
        abort();
    }
    if (i == record->count) {
        record->names[record->count++] = copy_text(record->arena, name, strlen(name));
    }
    record->values[i] = *value;
    if (value->type == MIZAN_TEXT || value->type == MIZAN_BYTES) {
        record->values[i].as.text.data =
            copy_text(record->arena, value->as.text.data, value->as.text.size);
    }
    return MIZAN_OK;
}

int32_t fake_record_get(const mizan_record *record, const char *name,
                        struct mizan_value *out)
{
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(record->names[i], name) == 0) {
            *out = record->values[i];
            return 1;
        }
    }
    return 0;
}

const char *fake_text(const mizan_record *record, const char *name)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    (void)fake_record_get(record, name, &value);
    return value.type == MIZAN_TEXT || value.type == MIZAN_BYTES ? value.as.text.data
                                                                 : NULL;
}

int64_t fake_integer(const mizan_record *record, const char *name)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    (void)fake_record_get(record, name, &value);
    return value.type == MIZAN_INTEGER || value.type == MIZAN_TIME ||
                   value.type == MIZAN_BOOLEAN
               ? value.as.integer
               : INT64_MIN;
}
