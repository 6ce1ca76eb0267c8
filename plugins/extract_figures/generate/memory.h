/* Memory of the generator, a build tool: whatever cannot be had ends the program, and
 * all of it lives in pools that are dropped at once. */
#ifndef MIZAN_GENERATE_MEMORY_H
#define MIZAN_GENERATE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_block;

struct pool {
    struct pool_block *last;
};

/* Zeroed bytes that live until pool_finish. */
void *pool_take(struct pool *pool, size_t size);
char *pool_copy(struct pool *pool, const char *text, size_t length);
void pool_finish(struct pool *pool);

/* Grows a heap array of `count` elements so that one more fits; room is a power of two.
 */
void *array_room(void *array, size_t count, size_t size);

/* Maps byte strings to indexes of the caller's array; -1 where there is none. */
struct index_slot {
    uint32_t hash, element; /* element + 1; 0 is free */
};

struct index {
    struct index_slot *slots;
    size_t slot_count, used;
};

/* The hash of a key, byte by byte, from INDEX_HASH on. */
#define INDEX_HASH 0x811c9dc5u
static inline uint32_t index_hash_step(uint32_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * 0x01000193u;
}

/* The key of an element, as the caller keeps it. */
typedef const char *index_key(const void *owner, uint32_t element, size_t *length);

long index_find(const struct index *index, const char *key, size_t length,
                index_key *key_of, const void *owner);
/* The same with the hash of the key, where it is known. */
long index_find_hashed(const struct index *index, uint32_t hash, const char *key,
                       size_t length, index_key *key_of, const void *owner);
/* The element must not be in the index yet. */
void index_add(struct index *index, uint32_t element, index_key *key_of,
               const void *owner);
/* Takes back the element that was added last. */
void index_drop_last(struct index *index, uint32_t element, index_key *key_of,
                     const void *owner);
void index_finish(struct index *index);

#endif
