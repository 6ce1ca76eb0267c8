/* A hash map from text keys to pointers. Keys are copied. Not thread-safe. */
#ifndef MIZAN_BASE_MAP_H
#define MIZAN_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct mz_map;

struct mz_map *mz_map_create(void); /* NULL when out of memory */
/* `free_value` may be NULL; it is called for each value that is left. */
void mz_map_destroy(struct mz_map *map, void (*free_value)(void *value));
/* False when out of memory: the map is unchanged. A former value is returned in `old`
 * (which may be NULL). */
bool mz_map_set(struct mz_map *map, const char *key, size_t size, void *value,
                void **old);
void *mz_map_get(const struct mz_map *map, const char *key, size_t size);
size_t mz_map_count(const struct mz_map *map);
/* Walks in the order of insertion: start with *position 0; false at the end. */
bool mz_map_next(const struct mz_map *map, size_t *position, const char **key,
                 void **value);

#endif
