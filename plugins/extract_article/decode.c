#include "decode.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "text.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define CHUNK       4096

static bool is_line_end(uint32_t code)
{
    return code == 0x85 || code == 0x2028 || code == 0x2029;
}

/* Bytes from `p` on that need no look: printable ASCII and common white space. */
static size_t plain_run(const unsigned char *p, const unsigned char *end)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    const uint64_t blank = UINT64_C(0x2020202020202020);
    const unsigned char *start = p;
    while (p < end) {
        if (end - p >= 8) {
            uint64_t word;
            memcpy(&word, p, sizeof(word));
            uint64_t delete_mark =
                (word ^ UINT64_C(0x7f7f7f7f7f7f7f7f)) - UINT64_C(0x0101010101010101);
            if (((word | (word - blank) | delete_mark) & high) == 0) {
                p += 8;
                continue;
            }
        }
        if (*p >= 0x7f || (*p < 0x20 && article_is_dropped(*p))) {
            break;
        }
        p++;
    }
    return (size_t)(p - start);
}

void article_scan_utf8(struct article_slice body, struct article_scan *out)
{
    const unsigned char *p = (const unsigned char *)body.data;
    const unsigned char *end = body.size > 0 ? p + body.size : p;
    memset(out, 0, sizeof(*out));
    while (p < end) {
        p += plain_run(p, end);
        while (p < end && (*p >= 0x7f || *p < 0x20)) {
            uint32_t code;
            size_t step = article_utf8_next(p, end, &code);
            if (code == ARTICLE_INVALID) {
                out->invalid++;
            } else {
                out->multibyte += step > 1;
                out->unclean += article_is_dropped(code) || is_line_end(code);
            }
            p += step;
        }
    }
}

/* Appends a code point unless it is one that texts do not keep. */
static size_t put_clean(uint32_t code, char *out)
{
    if (is_line_end(code)) {
        *out = '\n';
        return 1;
    }
    return article_is_dropped(code) ? 0 : article_utf8_put(code, out);
}

/* Appends UTF-8 that may be ill-formed; returns the bytes written, at most three for
 * each byte read. */
static size_t append(const char *data, size_t size, char *out, size_t *replacements)
{
    const unsigned char *p = (const unsigned char *)data;
    const unsigned char *end = p + size;
    size_t written = 0;
    while (p < end) {
        size_t run = plain_run(p, end);
        memcpy(out + written, p, run);
        written += run;
        p += run;
        if (p == end) {
            break;
        }
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        if (code == ARTICLE_INVALID) {
            memcpy(out + written, REPLACEMENT, 3);
            written += 3;
            ++*replacements;
        } else {
            written += put_clean(code, out + written);
        }
    }
    return written;
}

enum article_status article_from_utf8(struct article_slice body,
                                      const struct article_scan *scan,
                                      const struct article_memory *memory,
                                      struct article_decoded *out)
{
    if (scan->invalid == 0 && scan->unclean == 0) {
        out->text = body;
        return ARTICLE_OK;
    }
    char *text = memory->allocate(memory->user, body.size + 2 * scan->invalid + 1);
    if (text == NULL) {
        return ARTICLE_NO_MEMORY;
    }
    out->text.data = text;
    out->text.size = append(body.data, body.size, text, &out->replacements);
    return ARTICLE_OK;
}

enum article_status article_from_table(struct article_slice body, const uint16_t *table,
                                       const struct article_memory *memory,
                                       struct article_decoded *out)
{
    const unsigned char *p = (const unsigned char *)body.data;
    size_t high = 0;
    for (size_t i = 0; i < body.size; i++) {
        high += p[i] >> 7;
    }
    char *text = memory->allocate(memory->user, body.size + 2 * high + 1);
    if (text == NULL) {
        return ARTICLE_NO_MEMORY;
    }
    size_t size = 0;
    for (size_t i = 0; i < body.size; i++) {
        uint32_t code = p[i];
        if (code >= 0x80) {
            code = table[code - 0x80];
            if (code == 0) {
                code = 0xfffd;
                out->replacements++;
            }
        }
        size += put_clean(code, text + size);
    }
    out->text.data = text;
    out->text.size = size;
    return ARTICLE_OK;
}

/* One step of a converter: fills `chunk`; on input it cannot read skips one byte and
 * counts a replacement. Returns the bytes in `chunk`. */
static size_t convert(iconv_t converter, char **in, size_t *left, char *chunk,
                      size_t *replacements)
{
    char *to = chunk;
    size_t room = CHUNK - 3;
    if (iconv(converter, in, left, &to, &room) == (size_t)-1 && errno != E2BIG) {
        memcpy(to, REPLACEMENT, 3);
        to += 3;
        ++*replacements;
        if (errno == EINVAL) {
            *left = 0;
        } else {
            ++*in;
            --*left;
        }
        iconv(converter, NULL, NULL, NULL, NULL);
    }
    return (size_t)(to - chunk);
}

enum article_status article_from_converter(struct article_slice body,
                                           const char *converter,
                                           const struct article_memory *memory,
                                           struct article_decoded *out)
{
    /* iconv wants a pointer to bytes it does not change. */
    union {
        const char *given;
        char *wanted;
    } in = {.given = body.data};
    char chunk[CHUNK];
    char *text = memory->allocate(memory->user, 3 * body.size + 4);
    if (text == NULL) {
        return ARTICLE_NO_MEMORY;
    }
    iconv_t handle = iconv_open("UTF-8", converter);
    if (handle == (iconv_t)-1) {
        return errno == ENOMEM ? ARTICLE_NO_MEMORY : ARTICLE_NO_CONVERTER;
    }
    size_t left = body.size, size = 0, room = 3 * body.size + 4;
    while (left > 0) {
        size_t ignored = 0;
        size_t got = convert(handle, &in.wanted, &left, chunk, &out->replacements);
        if (got > room - size) {
            break; /* no encoding grows more than threefold; never past the end */
        }
        size += append(chunk, got, text + size, &ignored);
    }
    iconv_close(handle);
    out->text.data = text;
    out->text.size = size;
    return ARTICLE_OK;
}
