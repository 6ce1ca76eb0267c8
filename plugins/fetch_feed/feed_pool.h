/* The texts of one feed: allocated one by one, freed at once. */
#ifndef FEED_POOL_H
#define FEED_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct feed_block;

struct feed_pool {
    struct feed_block *blocks; /* the newest first */
    bool failed;               /* an allocation was refused */
};

/* Not cleared; NULL when memory is refused, which is remembered. */
void *feed_pool_alloc(struct feed_pool *pool, size_t size);
/* A copy with a NUL behind it. */
char *feed_pool_copy(struct feed_pool *pool, const char *text, size_t size);
void feed_pool_finish(struct feed_pool *pool); /* a zeroed pool is fine */

/* A text that grows in plain memory up to a ceiling; `data` is NUL-terminated when not
 * NULL. After a refused append it stays as it was and further appends do nothing. */
struct feed_text {
    char *data;
    size_t size, capacity, ceiling;
    bool failed;
};

void feed_text_init(struct feed_text *text, size_t ceiling);
void feed_text_finish(struct feed_text *text);
void feed_text_add(struct feed_text *text, const char *data, size_t size);
void feed_text_string(struct feed_text *text, const char *string);

#endif
