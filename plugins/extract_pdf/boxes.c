/* The XHTML of pdftotext, element by element: it is machine-made and flat, and its
 * texts may hold controls that no XML reader takes. */
#include <string.h>

#include "pdf.h"

struct reader {
    char *at, *end;
    const struct pdf_memory *memory;
    struct pdf_boxes *out;
};

static const char *find(const char *at, const char *end, const char *text)
{
    return at < end ? memmem(at, (size_t)(end - at), text, strlen(text)) : NULL;
}

/* A number as printf writes it in any locale. */
static float number(const char *at, const char *end)
{
    float value = 0, part = 1;
    bool minus = at < end && *at == '-', fraction = false;
    for (at += minus ? 1 : 0; at < end; at++) {
        if (*at >= '0' && *at <= '9') {
            part = fraction ? part / 10 : part;
            value = fraction ? value + part * (float)(*at - '0')
                             : value * 10 + (float)(*at - '0');
        } else if (!fraction && (*at == '.' || *at == ',')) {
            fraction = true;
        } else {
            break;
        }
    }
    value = value > 1e6F ? 1e6F : value;
    return minus ? -value : value;
}

/* The value of NAME="…" in a tag that ends at `end`. */
static float attribute(const char *tag, const char *end, const char *name)
{
    const char *found = find(tag, end, name);
    return found == NULL ? 0 : number(found + strlen(name), end);
}

/* Entities become characters, in place. */
static size_t unescape(char *text, size_t size)
{
    static const struct {
        const char *name;
        char letter;
    } entities[] = {{"&amp;", '&'},
                    {"&lt;", '<'},
                    {"&gt;", '>'},
                    {"&quot;", '"'},
                    {"&apos;", '\''}};
    char *to = text;
    for (size_t i = 0; i < size; to++) {
        size_t used = 1;
        *to = text[i];
        for (size_t k = 0; text[i] == '&' && k < sizeof entities / sizeof entities[0];
             k++) {
            size_t length = strlen(entities[k].name);
            if (length <= size - i && memcmp(text + i, entities[k].name, length) == 0) {
                *to = entities[k].letter;
                used = length;
                break;
            }
        }
        i += used;
    }
    return (size_t)(to - text);
}

static bool take_line(struct reader *reader)
{
    struct pdf_boxes *out = reader->out;
    void *items = out->lines;
    if (!pdf_grow(reader->memory, &items, &out->line_room, out->line_count, 1,
                  sizeof *out->lines)) {
        return false;
    }
    out->lines = items;
    out->lines[out->line_count++] =
        (struct pdf_line){.first = (uint32_t)out->word_count,
                          .page = out->page_count,
                          .block = out->block_count};
    return true;
}

static void widen(struct pdf_line *line, const struct pdf_word *word)
{
    bool first = line->count == 0;
    line->left = first || word->left < line->left ? word->left : line->left;
    line->top = first || word->top < line->top ? word->top : line->top;
    line->right = first || word->right > line->right ? word->right : line->right;
    line->bottom = first || word->bottom > line->bottom ? word->bottom : line->bottom;
    line->count++;
}

/* `<word xMin="…" …>text</word>`; `close` ends the tag. */
static bool take_word(struct reader *reader, const char *tag, char *close)
{
    struct pdf_boxes *out = reader->out;
    const char *stop = find(close, reader->end, "</word>");
    void *items = out->words;
    if (stop == NULL) {
        reader->at = reader->end; /* none comes later either */
        return true;
    }
    if (out->line_count == 0) {
        return true;
    }
    if (out->word_count == PDF_WORDS) {
        out->partial = true;
        return true;
    }
    if (!pdf_grow(reader->memory, &items, &out->word_room, out->word_count, 1,
                  sizeof *out->words)) {
        return false;
    }
    out->words = items;
    struct pdf_word word = {.text = close + 1,
                            .size = unescape(close + 1, (size_t)(stop - close - 1)),
                            .left = attribute(tag, close, "xMin=\""),
                            .top = attribute(tag, close, "yMin=\""),
                            .right = attribute(tag, close, "xMax=\""),
                            .bottom = attribute(tag, close, "yMax=\"")};
    if (word.size > 0) {
        out->words[out->word_count++] = word;
        widen(&out->lines[out->line_count - 1], &word);
    }
    reader->at += stop - reader->at;
    return true;
}

static bool is_tag(const char *tag, const char *close, const char *name)
{
    size_t size = strlen(name);
    return (size_t)(close - tag) >= size && memcmp(tag, name, size) == 0;
}

bool pdf_boxes_read(char *printed, size_t size, const struct pdf_memory *memory,
                    struct pdf_boxes *out)
{
    struct reader reader = {printed, printed + size, memory, out};
    memset(out, 0, sizeof *out);
    while (reader.at < reader.end) {
        char *tag = memchr(reader.at, '<', (size_t)(reader.end - reader.at));
        char *close = tag == NULL ? NULL : memchr(tag, '>', (size_t)(reader.end - tag));
        if (close == NULL) {
            break;
        }
        tag++;
        reader.at = close + 1;
        if (is_tag(tag, close, "page ")) {
            out->page_count++;
        } else if (is_tag(tag, close, "block ")) {
            out->block_count++;
        } else if (is_tag(tag, close, "line ") && !take_line(&reader)) {
            return false;
        } else if (is_tag(tag, close, "word ") && !take_word(&reader, tag, close)) {
            return false;
        } else if (is_tag(tag, close, "title") && out->title == NULL) {
            const char *stop = find(close, reader.end, "</title>");
            out->title = stop == NULL ? NULL : close + 1;
            out->title_size =
                stop == NULL ? 0 : unescape(close + 1, (size_t)(stop - close - 1));
        }
    }
    return true;
}
