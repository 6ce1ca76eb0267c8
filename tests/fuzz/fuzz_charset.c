/* Any bytes as a page whose encoding is declared by the first byte's choice, or is not:
 * what comes out is well-formed UTF-8 without NUL. */
#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "text.h"

#define PARTS 256

struct arena {
    void *parts[PARTS];
    size_t count;
};

static void *allocate(void *user, size_t size)
{
    struct arena *arena = user;
    void *part = arena->count < PARTS ? malloc(size > 0 ? size : 1) : NULL;
    if (part != NULL) {
        arena->parts[arena->count++] = part;
    }
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {.count = 0};
    struct article_memory memory = {allocate, &arena};
    struct article_decoded decoded;
    struct article_slice none = {NULL, 0};
    if (size == 0) {
        return 0;
    }
    const struct article_charset *charset =
        &article_charsets[data[0] % article_charset_count];
    struct article_decode_input input = {
        .body = {(const char *)data + 1, size - 1},
        .declared = (data[0] & 0x80) ? none : article_slice_of(charset->name),
        .markup = data[0] & 0x40,
        .memory = &memory};
    if (article_decode(&input, &decoded) == ARTICLE_OK && decoded.text.size > 0) {
        const unsigned char *p = (const unsigned char *)decoded.text.data;
        const unsigned char *end = p + decoded.text.size;
        while (p < end) {
            uint32_t code;
            p += article_utf8_next(p, end, &code);
            if (code == ARTICLE_INVALID || code == 0) {
                abort();
            }
        }
    }
    for (size_t i = 0; i < arena.count; i++) {
        free(arena.parts[i]);
    }
    return 0;
}
