#include "text.h"

#include <string.h>

/* Lead bytes: how many continuation bytes follow and what the second may be. */
static size_t lead_length(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        if (lead == 0xe0) {
            *low = 0xa0;
        } else if (lead == 0xed) {
            *high = 0x9f;
        }
        return 2;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (lead == 0xf0) {
            *low = 0x90;
        } else if (lead == 0xf4) {
            *high = 0x8f;
        }
        return 3;
    }
    return 0;
}

size_t article_utf8_next(const unsigned char *p, const unsigned char *end,
                         uint32_t *code)
{
    unsigned char lead = *p;
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    unsigned char low, high;
    size_t follow = lead_length(lead, &low, &high);
    *code = ARTICLE_INVALID;
    if (follow == 0) {
        return 1;
    }
    uint32_t value = lead & (0x3fU >> follow);
    size_t i = 1;
    for (; i <= follow; i++) {
        if (p + i == end || p[i] < low || p[i] > high) {
            return i;
        }
        value = value << 6 | (p[i] & 0x3fU);
        low = 0x80;
        high = 0xbf;
    }
    *code = value;
    return i;
}

size_t article_utf8_put(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

struct article_slice article_slice_of(const char *text)
{
    struct article_slice slice = {text, text ? strlen(text) : 0};
    return slice;
}

struct article_slice article_trim(struct article_slice text)
{
    while (text.size > 0 && article_is_space((unsigned char)text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && article_is_space((unsigned char)text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

bool article_same_slice(struct article_slice a, struct article_slice b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (article_lower(a.data[i]) != article_lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

bool article_same(struct article_slice a, const char *b)
{
    return article_same_slice(a, article_slice_of(b));
}

bool article_begins(struct article_slice text, const char *prefix)
{
    size_t size = strlen(prefix);
    if (text.size < size) {
        return false;
    }
    text.size = size;
    return article_same(text, prefix);
}

size_t article_find(struct article_slice text, const char *needle)
{
    size_t size = strlen(needle);
    for (size_t i = 0; i + size <= text.size; i++) {
        if (article_lower(text.data[i]) != article_lower(needle[0])) {
            continue;
        }
        struct article_slice here = {text.data + i, size};
        if (article_same(here, needle)) {
            return i;
        }
    }
    return SIZE_MAX;
}

bool article_is_dropped(uint32_t code)
{
    if (code < 0x20) {
        return code != '\t' && code != '\n' && code != '\r' && code != '\f';
    }
    return (code >= 0x7f && code <= 0x9f && code != 0x85) || code == 0xad ||
           code == 0xfeff || (code & 0xfffe) == 0xfffe;
}

struct article_slice article_fold(const struct article_memory *memory,
                                  struct article_slice text, size_t limit)
{
    struct article_slice none = {NULL, 0};
    text = article_trim(text);
    size_t room = text.size < limit ? text.size : limit;
    char *out = room > 0 ? memory->allocate(memory->user, room + 1) : NULL;
    if (out == NULL) {
        return none;
    }
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = p + text.size;
    size_t size = 0;
    bool space = false;
    while (p < end) {
        uint32_t code;
        size_t step = article_utf8_next(p, end, &code);
        const unsigned char *from = p;
        p += step;
        if (code == 0x85 || code == 0x2028 || code == 0x2029 ||
            (code < 0x80 && article_is_space((unsigned char)code))) {
            space = size > 0;
            continue;
        }
        if (code == ARTICLE_INVALID || article_is_dropped(code)) {
            continue;
        }
        if (size + step + (space ? 1 : 0) > room) {
            break;
        }
        if (space) {
            out[size++] = ' ';
            space = false;
        }
        memcpy(out + size, from, step);
        size += step;
    }
    out[size] = '\0';
    struct article_slice folded = {size > 0 ? out : NULL, size};
    return folded;
}

struct article_slice article_copy(const struct article_memory *memory,
                                  struct article_slice text)
{
    struct article_slice copy = {NULL, 0};
    char *out = memory->allocate(memory->user, text.size + 1);
    if (out != NULL) {
        if (text.size > 0) {
            memcpy(out, text.data, text.size);
        }
        out[text.size] = '\0';
        copy.data = out;
        copy.size = text.size;
    }
    return copy;
}

bool article_grow(const struct article_memory *memory, void **items, size_t *capacity,
                  size_t count, size_t extra, size_t size)
{
    if (count + extra <= *capacity) {
        return true;
    }
    size_t wanted = *capacity > 0 ? *capacity * 2 : 64;
    if (wanted < count + extra) {
        wanted = count + extra;
    }
    void *grown = memory->allocate(memory->user, wanted * size);
    if (grown == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(grown, *items, count * size);
    }
    *items = grown;
    *capacity = wanted;
    return true;
}
