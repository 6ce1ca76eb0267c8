/* Pages come from strangers: any bytes, in any declared encoding, must give text that
 * is well-formed UTF-8 without controls, cut into paragraphs that are slices of it. The
 * last byte chooses media type and declared encoding, so that corpus files are pages.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "article.h"
#include "text.h"

#define MEMORY ((size_t)64 << 20)

/* Every part is a malloc of its own, so that the sanitizer sees its ends. */
struct part {
    struct part *next;
    max_align_t data[];
};

struct pool {
    struct part *parts;
    size_t used;
};

static void *allocate(void *user, size_t size)
{
    struct pool *pool = user;
    if (size > MEMORY - pool->used) {
        return NULL;
    }
    struct part *part = malloc(sizeof(*part) + size);
    if (part == NULL) {
        return NULL;
    }
    pool->used += size;
    part->next = pool->parts;
    pool->parts = part;
    return part->data;
}

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

/* Well-formed, and nothing in it that texts do not keep. */
static void check_text(struct article_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        require(code != ARTICLE_INVALID && !article_is_dropped(code));
    }
}

static void check_paragraphs(const struct article *article)
{
    size_t at = 0;
    for (size_t i = 0; i < article->paragraph_count; i++) {
        const struct article_span *span = &article->paragraphs[i];
        require(span->start == (i > 0 ? at + 2 : 0) && span->end > span->start);
        at = span->end;
        require(at <= article->text.size);
        require(memchr(article->text.data + span->start, '\n', at - span->start) ==
                NULL);
    }
    require(at == article->text.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {"",          "utf-8",   "windows-1256",
                                           "shift_jis", "gb18030", "iso-2022-jp",
                                           "utf-16le",  "big5",    "euc-kr"};
    struct pool pool = {NULL, 0};
    struct article_memory memory = {allocate, &pool};
    uint8_t choice = size > 0 ? data[size - 1] : 0;
    struct article_input input = {
        .body = {(const char *)data, size},
        .media_type = article_slice_of(choice & 0x80 ? "text/plain" : "text/html"),
        .charset = article_slice_of(
            charsets[choice % (sizeof(charsets) / sizeof(charsets[0]))]),
        .url = article_slice_of("https://a.example/2024/05/01/x.html"),
        .fetched_at = choice & 1 ? INT64_C(1735689600000) : ARTICLE_NO_TIME,
    };
    struct article article;
    enum article_status status = article_extract(&input, &memory, &article);
    require(status == ARTICLE_OK || status == ARTICLE_NO_MEMORY);
    if (status == ARTICLE_OK) {
        check_text(article.text);
        check_text(article.title);
        check_text(article.author);
        check_text(article.outlet);
        check_text(article.canonical_url);
        check_paragraphs(&article);
        require(article.lang_confidence >= 0 && article.lang_confidence <= 1);
    }
    while (pool.parts != NULL) {
        struct part *next = pool.parts->next;
        free(pool.parts);
        pool.parts = next;
    }
    return 0;
}
