/* Memory that dies at once: the one memory convention of a unit. Chunks grow by
 * doubling up to a hard ceiling. Not thread-safe; an arena has one owner at a time. */
#ifndef MIZAN_BASE_ARENA_H
#define MIZAN_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mz_arena;

/* NULL when out of memory. `ceiling` is the most bytes it will ever hand out. */
struct mz_arena *mz_arena_create(size_t ceiling);
void mz_arena_destroy(struct mz_arena *arena); /* NULL is fine */
/* Forgets everything, keeps one chunk for the next unit. */
void mz_arena_reset(struct mz_arena *arena);

/* Aligned for any type, not cleared; NULL when the ceiling or memory is reached. */
void *mz_arena_alloc(struct mz_arena *arena, size_t size);
void *mz_arena_zero(struct mz_arena *arena, size_t size);
/* A copy of `size` bytes with a NUL behind it. */
char *mz_arena_copy(struct mz_arena *arena, const void *data, size_t size);
char *mz_arena_string(struct mz_arena *arena, const char *text);
char *mz_arena_printf(struct mz_arena *arena, const char *format, ...) MZ_PRINTF(2, 3);

/* A position to return to; what was allocated after it is freed by release. */
uint64_t mz_arena_mark(const struct mz_arena *arena);
void mz_arena_release(struct mz_arena *arena, uint64_t mark);

size_t mz_arena_used(const struct mz_arena *arena);

/* For tests of what happens then: the `nth` allocation from now on, counted from 1, is
 * refused, and with `onward` all after it; 0 ends that. */
void mz_arena_refuse(struct mz_arena *arena, uint64_t nth, bool onward);
/* Allocations that were asked for since the last mz_arena_refuse with a number. */
uint64_t mz_arena_asked(const struct mz_arena *arena);

#endif
