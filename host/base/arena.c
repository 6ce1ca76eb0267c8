#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MZ_ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MZ_ARENA_POISON 1
#endif

#if defined(MZ_ARENA_POISON)
#include <sanitizer/asan_interface.h>
#define MZ_POISON(place, size)   ASAN_POISON_MEMORY_REGION(place, size)
#define MZ_UNPOISON(place, size) ASAN_UNPOISON_MEMORY_REGION(place, size)
#else
#define MZ_POISON(place, size)   ((void)(place), (void)(size))
#define MZ_UNPOISON(place, size) ((void)(place), (void)(size))
#endif

#define MZ_ALIGNMENT   _Alignof(max_align_t)
#define MZ_CHUNK_FIRST ((size_t)16 * 1024)
#define MZ_CHUNK_MOST  ((size_t)4 * 1024 * 1024)

_Static_assert((MZ_ALIGNMENT & (MZ_ALIGNMENT - 1)) == 0, "a power of two");

struct chunk {
    struct chunk *below; /* older, or NULL */
    size_t base;         /* bytes in use in all chunks below */
    size_t capacity, used;
    max_align_t data[];
};

struct mz_arena {
    size_t ceiling;
    struct chunk *top;   /* the one allocated from, or NULL */
    struct chunk *spare; /* kept by release for the next need, or NULL */
    uint64_t refused;    /* number of the allocation to refuse; 0: none */
    uint64_t asked;      /* counted only while one is to be refused */
    bool onward;
};

static char *chunk_bytes(struct chunk *chunk)
{
    return (char *)chunk->data;
}

static void chunk_free(struct chunk *chunk)
{
    if (chunk != NULL) {
        MZ_UNPOISON(chunk_bytes(chunk), chunk->capacity);
        free(chunk);
    }
}

struct mz_arena *mz_arena_create(size_t ceiling)
{
    struct mz_arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->ceiling = ceiling;
    }
    return arena;
}

void mz_arena_destroy(struct mz_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->top != NULL) {
        struct chunk *below = arena->top->below;
        chunk_free(arena->top);
        arena->top = below;
    }
    chunk_free(arena->spare);
    free(arena);
}

/* Empties the chunk and keeps it as the spare if it is the best one to keep: the
 * largest of ordinary size, so that one huge unit does not hold its memory for ever. */
static void chunk_retire(struct mz_arena *arena, struct chunk *chunk)
{
    struct chunk *spare = arena->spare;
    chunk->used = 0;
    MZ_POISON(chunk_bytes(chunk), chunk->capacity);
    if (chunk->capacity <= MZ_CHUNK_MOST &&
        (spare == NULL || spare->capacity < chunk->capacity)) {
        chunk_free(spare);
        arena->spare = chunk;
    } else {
        chunk_free(chunk);
    }
}

static void drop_above(struct mz_arena *arena, size_t mark)
{
    while (arena->top != NULL && arena->top->base > mark) {
        struct chunk *chunk = arena->top;
        arena->top = chunk->below;
        chunk_retire(arena, chunk);
    }
}

void mz_arena_reset(struct mz_arena *arena)
{
    while (arena->top != NULL) {
        struct chunk *chunk = arena->top;
        arena->top = chunk->below;
        chunk_retire(arena, chunk);
    }
}

size_t mz_arena_used(const struct mz_arena *arena)
{
    return arena->top == NULL ? 0 : arena->top->base + arena->top->used;
}

static struct chunk *chunk_for(struct mz_arena *arena, size_t size)
{
    struct chunk *chunk = arena->spare;
    if (chunk != NULL && chunk->capacity >= size) {
        arena->spare = NULL;
        return chunk;
    }
    size_t capacity = MZ_CHUNK_FIRST;
    if (arena->top != NULL) {
        capacity = arena->top->capacity >= MZ_CHUNK_MOST / 2 ? MZ_CHUNK_MOST
                                                             : arena->top->capacity * 2;
    }
    size_t left = arena->ceiling - mz_arena_used(arena);
    if (capacity > left) {
        capacity = left;
    }
    if (capacity < size) {
        capacity = size;
    }
    chunk = malloc(sizeof *chunk + capacity);
    if (chunk != NULL) {
        chunk->capacity = capacity;
        MZ_POISON(chunk_bytes(chunk), capacity);
    }
    return chunk;
}

void mz_arena_refuse(struct mz_arena *arena, uint64_t nth, bool onward)
{
    arena->refused = nth;
    arena->onward = onward;
    arena->asked = nth == 0 ? arena->asked : 0;
}

uint64_t mz_arena_asked(const struct mz_arena *arena)
{
    return arena->asked;
}

static bool is_refused(struct mz_arena *arena)
{
    arena->asked++;
    return arena->asked == arena->refused ||
           (arena->onward && arena->asked > arena->refused);
}

void *mz_arena_alloc(struct mz_arena *arena, size_t size)
{
    if (arena->refused != 0 && is_refused(arena)) {
        return NULL;
    }
    size_t used = mz_arena_used(arena);
    if (used > arena->ceiling || size > arena->ceiling - used ||
        size > SIZE_MAX - sizeof(struct chunk) - MZ_ALIGNMENT) {
        return NULL;
    }
    size_t wanted =
        size == 0 ? MZ_ALIGNMENT : (size + MZ_ALIGNMENT - 1) & ~(MZ_ALIGNMENT - 1);
    struct chunk *chunk = arena->top;
    if (chunk == NULL || wanted > chunk->capacity - chunk->used) {
        chunk = chunk_for(arena, wanted);
        if (chunk == NULL) {
            return NULL;
        }
        chunk->below = arena->top;
        chunk->base = used;
        chunk->used = 0;
        arena->top = chunk;
    }
    char *place = chunk_bytes(chunk) + chunk->used;
    chunk->used += wanted;
    MZ_UNPOISON(place, size);
    return place;
}

void *mz_arena_zero(struct mz_arena *arena, size_t size)
{
    void *place = mz_arena_alloc(arena, size);
    if (place != NULL) {
        memset(place, 0, size);
    }
    return place;
}

char *mz_arena_copy(struct mz_arena *arena, const void *data, size_t size)
{
    char *copy = size == SIZE_MAX ? NULL : mz_arena_alloc(arena, size + 1);
    if (copy == NULL) {
        return NULL;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    copy[size] = '\0';
    return copy;
}

char *mz_arena_string(struct mz_arena *arena, const char *text)
{
    return mz_arena_copy(arena, text, strlen(text));
}

char *mz_arena_printf(struct mz_arena *arena, const char *format, ...)
{
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return NULL;
    }
    if ((size_t)length < sizeof small) {
        return mz_arena_copy(arena, small, (size_t)length);
    }
    char *text = mz_arena_alloc(arena, (size_t)length + 1);
    if (text == NULL) {
        return NULL;
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

uint64_t mz_arena_mark(const struct mz_arena *arena)
{
    return mz_arena_used(arena);
}

void mz_arena_release(struct mz_arena *arena, uint64_t mark)
{
    size_t position = (size_t)mark;
    if (position >= mz_arena_used(arena)) {
        return;
    }
    drop_above(arena, position);
    struct chunk *chunk = arena->top;
    if (chunk != NULL) {
        size_t kept = position - chunk->base;
        MZ_POISON(chunk_bytes(chunk) + kept, chunk->used - kept);
        chunk->used = kept;
    }
}
