#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MZ_MAP_FIRST ((size_t)16)

struct entry {
    char *key; /* NUL-terminated; the size counts without it */
    size_t size;
    uint64_t hash;
    void *value;
};

/* Entries stand in order of insertion; `slots` holds their indexes plus one, 0 is free,
 * and is never more than half full. */
struct mz_map {
    struct entry *entries;
    uint32_t *slots;
    size_t count, capacity, slot_count;
    uint64_t seed; /* secret, so that strangers' keys cannot be made to collide */
};

static uint64_t hash_key(const struct mz_map *map, const char *key, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ map->seed;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)key[i]) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 32);
}

struct mz_map *mz_map_create(void)
{
    struct mz_map *map = calloc(1, sizeof *map);
    if (map == NULL) {
        return NULL;
    }
    if (getrandom(&map->seed, sizeof map->seed, GRND_NONBLOCK) !=
        (ssize_t)sizeof map->seed) {
        map->seed = (uint64_t)(uintptr_t)map;
    }
    return map;
}

void mz_map_destroy(struct mz_map *map, void (*free_value)(void *value))
{
    if (map == NULL) {
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (free_value != NULL) {
            free_value(map->entries[i].value);
        }
        free(map->entries[i].key);
    }
    free(map->entries);
    free(map->slots);
    free(map);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct mz_map *map, const char *key, size_t size,
                        uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)hash & mask;
    while (map->slots[slot] != 0) {
        const struct entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == hash && entry->size == size &&
            (size == 0 || memcmp(entry->key, key, size) == 0)) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

static bool grow(struct mz_map *map)
{
    size_t capacity = map->capacity == 0 ? MZ_MAP_FIRST : map->capacity * 2;
    if (capacity > UINT32_MAX / 2) {
        return false;
    }
    struct entry *entries = realloc(map->entries, capacity * sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    map->entries = entries;
    uint32_t *slots = calloc(capacity * 2, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    map->slot_count = capacity * 2;
    for (size_t i = 0; i < map->count; i++) {
        size_t slot = (size_t)entries[i].hash & (map->slot_count - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (map->slot_count - 1);
        }
        slots[slot] = (uint32_t)(i + 1);
    }
    return true;
}

bool mz_map_set(struct mz_map *map, const char *key, size_t size, void *value,
                void **old)
{
    if (old != NULL) {
        *old = NULL;
    }
    uint64_t hash = hash_key(map, key, size);
    size_t slot = 0;
    if (map->slot_count > 0) {
        slot = find_slot(map, key, size, hash);
        if (map->slots[slot] != 0) {
            struct entry *entry = &map->entries[map->slots[slot] - 1];
            if (old != NULL) {
                *old = entry->value;
            }
            entry->value = value;
            return true;
        }
    }
    if (map->count == map->capacity) {
        if (!grow(map)) {
            return false;
        }
        slot = find_slot(map, key, size, hash);
    }
    char *copy = malloc(size + 1);
    if (copy == NULL) {
        return false;
    }
    if (size > 0) {
        memcpy(copy, key, size);
    }
    copy[size] = '\0';
    map->entries[map->count] = (struct entry){copy, size, hash, value};
    map->count += 1;
    map->slots[slot] = (uint32_t)map->count;
    return true;
}

void *mz_map_get(const struct mz_map *map, const char *key, size_t size)
{
    if (map->slot_count == 0) {
        return NULL;
    }
    size_t slot = find_slot(map, key, size, hash_key(map, key, size));
    return map->slots[slot] == 0 ? NULL : map->entries[map->slots[slot] - 1].value;
}

size_t mz_map_count(const struct mz_map *map)
{
    return map->count;
}

bool mz_map_next(const struct mz_map *map, size_t *position, const char **key,
                 void **value)
{
    if (*position >= map->count) {
        return false;
    }
    const struct entry *entry = &map->entries[*position];
    *position += 1;
    if (key != NULL) {
        *key = entry->key;
    }
    if (value != NULL) {
        *value = entry->value;
    }
    return true;
}
