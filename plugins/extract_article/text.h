/* Bytes and UTF-8: the few helpers that every part of the article library needs. */
#ifndef ARTICLE_TEXT_H
#define ARTICLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"

#define ARTICLE_INVALID UINT32_C(0xffffffff)

/* Reads one code point; returns the bytes consumed (at least 1). Ill-formed input gives
 * ARTICLE_INVALID and consumes the longest prefix that could have begun a sequence, as
 * the Encoding Standard replaces it. `p < end`. */
size_t article_utf8_next(const unsigned char *p, const unsigned char *end,
                         uint32_t *code);
/* Writes 1 to 4 bytes; returns how many. */
size_t article_utf8_put(uint32_t code, char *out);

static inline bool article_is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool article_is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}
static inline bool article_is_letter(unsigned char c)
{
    return (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
}
static inline char article_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

struct article_slice article_slice_of(const char *text); /* NULL gives empty */
struct article_slice article_trim(struct article_slice text);
/* ASCII letters without regard to case. */
bool article_same(struct article_slice a, const char *b);
bool article_same_slice(struct article_slice a, struct article_slice b);
bool article_begins(struct article_slice text, const char *prefix);
/* Offset of the first occurrence, or SIZE_MAX; ASCII letters without regard to case. */
size_t article_find(struct article_slice text, const char *needle);

/* True for what is never kept in a text: controls other than tab and line ends, U+FEFF
 * inside, soft hyphen. */
bool article_is_dropped(uint32_t code);

/* A copy with white space folded to single spaces, ends trimmed, dropped characters
 * removed, no longer than `limit` bytes (cut between characters). Empty when there is
 * nothing, or memory was refused. */
struct article_slice article_fold(const struct article_memory *memory,
                                  struct article_slice text, size_t limit);
/* A copy with a NUL behind it; data is NULL when memory was refused. */
struct article_slice article_copy(const struct article_memory *memory,
                                  struct article_slice text);

/* An array grown by doubling inside the memory: room for `count + extra` items of
 * `size` bytes. False when memory was refused; the array is then unchanged. */
bool article_grow(const struct article_memory *memory, void **items, size_t *capacity,
                  size_t count, size_t extra, size_t size);

#endif
