/* Any bytes as a page with tables, merged into the first half of the same bytes. */
#include <stdlib.h>

#include "merge.h"
#include "shared/tables/table.h"

#define PARTS (1 << 16)

static struct {
    void *parts[PARTS];
    size_t count;
} arena;

static void *allocate(void *user, size_t size)
{
    (void)user;
    void *part = arena.count < PARTS ? malloc(size > 0 ? size : 1) : NULL;
    if (part != NULL) {
        arena.parts[arena.count++] = part;
    }
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct table_memory memory = {allocate, NULL};
    struct table_slice body = {(const char *)data, size}, none = {NULL, 0};
    struct table_slice half = {(const char *)data, size / 2};
    struct table_page page;
    struct merged merged;
    arena.count = 0;
    if (table_read(body, none, &memory, &page) == TABLE_OK &&
        merge_tables(&page, &memory, half, true, &merged)) {
        for (size_t i = 0; i < merged.place_count; i++) {
            const struct table_place *place = &merged.places[i];
            if (place->line > place->start || place->start > place->end ||
                place->end > merged.size) {
                abort();
            }
        }
    }
    for (size_t i = 0; i < arena.count; i++) {
        free(arena.parts[i]);
    }
    return 0;
}
