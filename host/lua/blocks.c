#include "lua/blocks.h"

#include <stdlib.h>

#define SLAB ((size_t)64 * 1024)

struct mz_blocks_slab {
    struct mz_blocks_slab *older;
    max_align_t data[];
};

static void *carve(struct mz_blocks *pool, size_t size)
{
    if ((size_t)(pool->end - pool->next) < size) {
        struct mz_blocks_slab *slab = malloc(sizeof *slab + SLAB);
        if (slab == NULL) {
            return NULL;
        }
        slab->older = pool->slabs;
        pool->slabs = slab;
        pool->next = (char *)slab->data;
        pool->end = pool->next + SLAB;
    }
    void *block = pool->next;
    pool->next += size;
    return block;
}

void *mz_blocks_take(struct mz_blocks *pool, size_t size)
{
    size_t place = (size - 1) / MZ_BLOCKS_STEP;
    void **block = pool->free[place];
    if (block == NULL) {
        return carve(pool, (place + 1) * MZ_BLOCKS_STEP);
    }
    pool->free[place] = *block;
    return block;
}

void mz_blocks_give(struct mz_blocks *pool, void *block, size_t size)
{
    size_t place = (size - 1) / MZ_BLOCKS_STEP;
    *(void **)block = pool->free[place];
    pool->free[place] = block;
}

void mz_blocks_finish(struct mz_blocks *pool)
{
    while (pool->slabs != NULL) {
        struct mz_blocks_slab *older = pool->slabs->older;
        free(pool->slabs);
        pool->slabs = older;
    }
}
