#include "compose.h"

#include <stdlib.h>
#include <string.h>

#include "libraries.h"
#include "text.h"

/* Ranges of code points that stand in NFC text and never join what stands before them;
 * sorted. What is in none of them is looked at by the library. */
static bool is_plain(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x0, 0x2ff},     {0x370, 0x373},    {0x375, 0x37d},   {0x37f, 0x386},
        {0x388, 0x482},   {0x48a, 0x590},    {0x5be, 0x5be},   {0x5d0, 0x60f},
        {0x61b, 0x64a},   {0x660, 0x66f},    {0x671, 0x6d5},   {0x6dd, 0x6de},
        {0x6e5, 0x6e6},   {0x6ee, 0x70f},    {0x904, 0x93b},   {0x93d, 0x94c},
        {0x950, 0x950},   {0x960, 0x970},    {0xe01, 0xe37},   {0xe3f, 0xe47},
        {0xe4f, 0xe5b},   {0x10a0, 0x10ff},  {0x1200, 0x1350}, {0x1e00, 0x1eff},
        {0x2002, 0x2029}, {0x202a, 0x2125},  {0x2127, 0x2129}, {0x212c, 0x2328},
        {0x232b, 0x2adb}, {0x3001, 0x3029},  {0x3030, 0x3098}, {0x309b, 0x312f},
        {0x3131, 0x9fff}, {0xac00, 0xd7a3},  {0xfd3e, 0xfd3f}, {0xfe30, 0xfe6f},
        {0xff00, 0xffef}, {0x1f000, 0x1faff}};
    size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code < ranges[middle][0]) {
            high = middle;
        } else if (code > ranges[middle][1]) {
            low = middle + 1;
        } else {
            return true;
        }
    }
    return false;
}

bool article_is_composed(struct article_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    while (p < end) {
        uint32_t code;
        if (*p < 0xcc) { /* below U+0300, or the second byte of what is */
            p++;
            continue;
        }
        p += article_utf8_next(p, end, &code);
        if (!is_plain(code)) {
            return false;
        }
    }
    return true;
}

struct article_slice article_compose(const struct article_memory *memory,
                                     struct article_slice text)
{
    const struct compose_library *library =
        article_is_composed(text) ? NULL : compose_library();
    if (library == NULL) {
        return text;
    }
    uint8_t *made = NULL;
    ssize_t size =
        library->map((const uint8_t *)text.data, (ssize_t)text.size, &made,
                     (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size > 0 &&
        ((size_t)size != text.size || memcmp(made, text.data, text.size) != 0)) {
        struct article_slice composed = {(const char *)made, (size_t)size};
        composed = article_copy(memory, composed);
        text = composed.data != NULL ? composed : text;
    }
    free(made);
    return text;
}

static bool compose_paragraphs(const struct article_memory *memory,
                               struct article *article)
{
    struct article_slice *parts =
        memory->allocate(memory->user, article->paragraph_count * sizeof(*parts));
    if (parts == NULL) {
        return false;
    }
    size_t size = 0, at = 0;
    for (size_t i = 0; i < article->paragraph_count; i++) {
        const struct article_span *span = &article->paragraphs[i];
        struct article_slice text = {article->text.data + span->start,
                                     span->end - span->start};
        parts[i] = article_compose(memory, text);
        size += parts[i].size + 2;
    }
    char *out = memory->allocate(memory->user, size + 1);
    if (out == NULL) {
        return false;
    }
    for (size_t i = 0; i < article->paragraph_count; i++) {
        if (i > 0) {
            memcpy(out + at, "\n\n", 2);
            at += 2;
        }
        article->paragraphs[i].start = at;
        memcpy(out + at, parts[i].data, parts[i].size);
        at += parts[i].size;
        article->paragraphs[i].end = at;
    }
    out[at] = '\0';
    article->text.data = out;
    article->text.size = at;
    return true;
}

bool article_compose_all(const struct article_memory *memory, struct article *article)
{
    struct article_slice *names[] = {&article->title, &article->author,
                                     &article->outlet};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        *names[i] = article_compose(memory, *names[i]);
    }
    return article->paragraph_count == 0 || article_is_composed(article->text) ||
           compose_paragraphs(memory, article);
}
