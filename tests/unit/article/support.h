/* What the article tests share: an arena that can refuse, and a page made readable. */
#ifndef TEST_ARTICLE_SUPPORT_H
#define TEST_ARTICLE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "article.h"

struct pool {
    struct article_memory memory; /* first: give &pool.memory to the library */
    void **parts; /* each a malloc of its own, for the sanitizer's eye */
    size_t count, room;
    size_t refuse_at; /* the allocation of this number fails; 0: none */
};

void pool_init(struct pool *pool);
void pool_finish(struct pool *pool);

struct article_slice slice(const char *text);
/* A copy of `text` in the pool, closed by NUL. */
char *pool_text(struct pool *pool, struct article_slice text);

/* Everything that was found, one fact a line, then "--" and the text. */
char *render(struct pool *pool, const struct article *article);

#endif
