/* Small blocks for Lua: a script makes and drops userdata by the million, and the
 * general allocator costs more than the rest of their making. Blocks of up to
 * MZ_BLOCKS_MOST bytes come from slabs by size; what is freed is given out again, and
 * the slabs go back when the state ends. */
#ifndef MIZAN_LUA_BLOCKS_H
#define MIZAN_LUA_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#define MZ_BLOCKS_MOST  ((size_t)128)
#define MZ_BLOCKS_STEP  ((size_t)16)
#define MZ_BLOCKS_SIZES (MZ_BLOCKS_MOST / MZ_BLOCKS_STEP)

struct mz_blocks_slab;

struct mz_blocks {
    void *free[MZ_BLOCKS_SIZES]; /* each block begins with the address of the next */
    struct mz_blocks_slab *slabs;
    char *next, *end; /* what of the newest slab was never given out */
};

/* True for sizes that the pool gives; with a sanitizer none, so that it sees each. */
static inline bool mz_blocks_gives(size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
    (void)size;
    return false;
#else
    return size > 0 && size <= MZ_BLOCKS_MOST;
#endif
}
/* NULL when out of memory. */
void *mz_blocks_take(struct mz_blocks *pool, size_t size);
void mz_blocks_give(struct mz_blocks *pool, void *block, size_t size);
void mz_blocks_finish(struct mz_blocks *pool);

#endif
