#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *allocate(void *user, size_t size)
{
    struct pool *pool = user;
    if (pool->refuse_at > 0 && pool->count + 1 >= pool->refuse_at) {
        return NULL;
    }
    if (pool->count == pool->room) {
        pool->room = pool->room > 0 ? 2 * pool->room : 64;
        pool->parts = realloc(pool->parts, pool->room * sizeof(*pool->parts));
        assert_non_null(pool->parts);
    }
    void *part = malloc(size > 0 ? size : 1);
    assert_non_null(part);
    memset(part, 0xa5, size);
    pool->parts[pool->count++] = part;
    return part;
}

void pool_init(struct pool *pool)
{
    memset(pool, 0, sizeof(*pool));
    pool->memory.allocate = allocate;
    pool->memory.user = pool;
}

void pool_finish(struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        free(pool->parts[i]);
    }
    free(pool->parts);
    pool->parts = NULL;
    pool->count = pool->room = 0;
}

struct article_slice slice(const char *text)
{
    struct article_slice made = {text, strlen(text)};
    return made;
}

char *pool_text(struct pool *pool, struct article_slice text)
{
    char *copy = allocate(pool, text.size + 1);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    return copy;
}

static void put_text(FILE *out, const char *name, struct article_slice text)
{
    if (text.size > 0) {
        fprintf(out, "%s: %.*s\n", name, (int)text.size, text.data);
    }
}

static void put_time(FILE *out, const char *name, int64_t milliseconds)
{
    char text[64];
    struct tm parts;
    time_t seconds = (time_t)(milliseconds / 1000);
    if (milliseconds != ARTICLE_NO_TIME && gmtime_r(&seconds, &parts) != NULL) {
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
        fprintf(out, "%s: %s\n", name, text);
    }
}

char *render(struct pool *pool, const struct article *article)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    put_text(out, "title", article->title);
    put_time(out, "published", article->published);
    put_time(out, "modified", article->modified);
    put_text(out, "lang", article->lang);
    put_text(out, "outlet", article->outlet);
    put_text(out, "author", article->author);
    put_text(out, "canonical_url", article->canonical_url);
    fprintf(out, "charset_used: %s\n", article->charset_used);
    fprintf(out, "replacements: %zu\n", article->replacements);
    fprintf(out, "partial: %d\n", article->partial);
    fprintf(out, "paragraphs: %zu\n--\n", article->paragraph_count);
    fwrite(article->text.data, 1, article->text.size, out);
    fputc('\n', out);
    assert_int_equal(fclose(out), 0);
    char *copy = pool_text(pool, (struct article_slice){text, size});
    free(text);
    return copy;
}
