#include "memory.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 18 };

struct pool_block {
    struct pool_block *before;
    size_t used, room;
    alignas(max_align_t) unsigned char bytes[];
};

static void *need(void *memory)
{
    if (!memory) {
        fputs("lexicon_generate: out of memory\n", stderr);
        exit(70);
    }
    return memory;
}

void *pool_take(struct pool *pool, size_t size)
{
    size =
        (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (!pool->last || pool->last->room - pool->last->used < size) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        struct pool_block *block = need(calloc(1, sizeof *block + room));
        block->before = pool->last;
        block->room = room;
        pool->last = block;
    }
    void *out = pool->last->bytes + pool->last->used;
    pool->last->used += size;
    return out;
}

char *pool_copy(struct pool *pool, const char *text, size_t length)
{
    char *out = pool_take(pool, length + 1);
    memcpy(out, text, length);
    return out;
}

void pool_finish(struct pool *pool)
{
    while (pool->last) {
        struct pool_block *before = pool->last->before;
        free(pool->last);
        pool->last = before;
    }
}

void *array_room(void *array, size_t count, size_t size)
{
    if (count & (count - 1)) {
        return array;
    }
    return need(realloc(array, (count ? count * 2 : 1) * size));
}

static uint32_t hash_of(const char *key, size_t length)
{
    uint32_t hash = INDEX_HASH;
    for (size_t i = 0; i < length; i++) {
        hash = index_hash_step(hash, key[i]);
    }
    return hash;
}

static size_t place_of(const struct index *index, uint32_t hash)
{
    return (hash ^ hash >> 15) & (index->slot_count - 1);
}

long index_find_hashed(const struct index *index, uint32_t hash, const char *key,
                       size_t length, index_key *key_of, const void *owner)
{
    if (index->slot_count == 0) {
        return -1;
    }
    size_t mask = index->slot_count - 1;
    for (size_t slot = place_of(index, hash); index->slots[slot].element;
         slot = (slot + 1) & mask) {
        if (index->slots[slot].hash != hash) {
            continue;
        }
        size_t known_length;
        uint32_t element = index->slots[slot].element - 1;
        const char *known = key_of(owner, element, &known_length);
        if (known_length == length && memcmp(known, key, length) == 0) {
            return (long)element;
        }
    }
    return -1;
}

long index_find(const struct index *index, const char *key, size_t length,
                index_key *key_of, const void *owner)
{
    return index_find_hashed(index, hash_of(key, length), key, length, key_of, owner);
}

static void put(struct index *index, struct index_slot item)
{
    size_t slot = place_of(index, item.hash);
    while (index->slots[slot].element) {
        slot = (slot + 1) & (index->slot_count - 1);
    }
    index->slots[slot] = item;
    index->used++;
}

void index_add(struct index *index, uint32_t element, index_key *key_of,
               const void *owner)
{
    if ((index->used + 1) * 2 > index->slot_count) {
        struct index grown = {NULL, index->slot_count ? index->slot_count * 2 : 64, 0};
        grown.slots = need(calloc(grown.slot_count, sizeof *grown.slots));
        for (size_t i = 0; i < index->slot_count; i++) {
            if (index->slots[i].element) {
                put(&grown, index->slots[i]);
            }
        }
        free(index->slots);
        *index = grown;
    }
    size_t length;
    const char *key = key_of(owner, element, &length);
    put(index, (struct index_slot){hash_of(key, length), element + 1});
}

/* No other element was placed behind the last one, so its slot is free again. */
void index_drop_last(struct index *index, uint32_t element, index_key *key_of,
                     const void *owner)
{
    size_t length;
    const char *key = key_of(owner, element, &length);
    size_t slot = place_of(index, hash_of(key, length));
    while (index->slots[slot].element != element + 1) {
        slot = (slot + 1) & (index->slot_count - 1);
    }
    index->slots[slot].element = 0;
    index->used--;
}

void index_finish(struct index *index)
{
    free(index->slots);
}
