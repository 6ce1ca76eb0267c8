#include "cli/source_probe_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "value/record.h"
#include "value/url.h"

#define LOOK_MOST ((size_t)4096) /* bytes looked at for the kind of a feed */
#define DEPTH     4              /* of lists and objects looked into for rows */

const char *mz_probe_feed_kind(struct mizan_slice body)
{
    size_t size = body.size < LOOK_MOST ? body.size : LOOK_MOST;
    const char *rss = size == 0 ? NULL : memmem(body.data, size, "<rss", 4);
    if (rss != NULL) {
        const char *version =
            memmem(rss, size - (size_t)(rss - body.data), "version=", 8);
        bool two = version != NULL && size - (size_t)(version - body.data) > 12 &&
                   memchr(version + 8, '2', 2) != NULL;
        return two ? "feed, RSS 2.0" : "feed, RSS 0.9x";
    }
    if (size > 0 && memmem(body.data, size, ":RDF", 4) != NULL) {
        return "feed, RDF (RSS 1.0)";
    }
    if (size > 0 && memmem(body.data, size, "<feed", 5) != NULL) {
        return "feed, Atom";
    }
    return size > 0 && memmem(body.data, size, "jsonfeed", 8) != NULL
               ? "feed, JSON Feed"
               : "feed";
}

static void add_item(struct mz_arena *arena, struct mizan_value *list, size_t most,
                     const char *data, size_t size)
{
    struct mizan_value *items = mz_arena_alloc(arena, most * sizeof *items);
    const char *copy = mz_arena_copy(arena, data, size);
    if (items == NULL || copy == NULL || list->as.list.count >= most) {
        return;
    }
    size_t count = list->type == MIZAN_LIST ? list->as.list.count : 0;
    if (count > 0) {
        memcpy(items, list->as.list.items, count * sizeof *items);
    }
    items[count] = mz_text_slice(copy, size);
    *list = (struct mizan_value){.type = MIZAN_LIST, .as.list = {items, count + 1}};
}

/* The next line without blanks around it; false at the end. */
static bool next_line(struct mizan_slice text, size_t *at, struct mizan_slice *line)
{
    if (*at >= text.size) {
        return false;
    }
    const char *start = text.data + *at;
    const char *end = memchr(start, '\n', text.size - *at);
    size_t size = end == NULL ? text.size - *at : (size_t)(end - start);
    *at += size + 1;
    while (size > 0 && isspace((unsigned char)*start)) {
        start++;
        size--;
    }
    while (size > 0 && isspace((unsigned char)start[size - 1])) {
        size--;
    }
    *line = (struct mizan_slice){start, size};
    return true;
}

static bool value_of(struct mizan_slice line, const char *name, struct mizan_slice *out)
{
    size_t length = strlen(name);
    if (line.size < length || strncasecmp(line.data, name, length) != 0) {
        return false;
    }
    const char *at = line.data + length;
    size_t size = line.size - length;
    while (size > 0 && isspace((unsigned char)*at)) {
        at++;
        size--;
    }
    *out = (struct mizan_slice){at, size};
    return true;
}

struct mizan_value mz_probe_lines(struct mz_arena *arena, struct mizan_slice text,
                                  const char *name, size_t most)
{
    struct mizan_value list = mz_nil();
    struct mizan_slice line, value;
    for (size_t at = 0; next_line(text, &at, &line);) {
        if (value_of(line, name, &value) && value.size > 0 &&
            (list.type == MIZAN_NIL || list.as.list.count < most)) {
            add_item(arena, &list, most, value.data, value.size);
        }
    }
    return list;
}

/* ---- pages ---- */

/* The value of an attribute in the tag; false when it has none in quotes. */
static bool attribute(struct mizan_slice tag, const char *name, struct mizan_slice *out)
{
    size_t length = strlen(name);
    for (size_t i = 0; i + length + 2 < tag.size; i++) {
        char quote = tag.data[i + length + 1];
        if (strncasecmp(tag.data + i, name, length) == 0 &&
            tag.data[i + length] == '=' && (quote == '"' || quote == '\'')) {
            const char *start = tag.data + i + length + 2;
            const char *end =
                memchr(start, quote, tag.size - (size_t)(start - tag.data));
            if (end != NULL) {
                *out = (struct mizan_slice){start, (size_t)(end - start)};
            }
            return end != NULL;
        }
    }
    return false;
}

struct mizan_value mz_probe_feeds(struct mz_arena *arena, struct mizan_slice page,
                                  const char *url, size_t most)
{
    static const char *const types[] = {"application/rss+xml", "application/atom+xml",
                                        "application/feed+json"};
    struct mizan_value list = mz_nil();
    for (size_t i = 0; i + 5 < page.size; i++) {
        if (page.data[i] != '<' || strncasecmp(page.data + i, "<link", 5) != 0) {
            continue;
        }
        const char *end = memchr(page.data + i, '>', page.size - i);
        struct mizan_slice tag = {page.data + i,
                                  end == NULL ? 0 : (size_t)(end - page.data) - i};
        struct mizan_slice type, href;
        for (size_t k = 0; attribute(tag, "type", &type) && k < 3; k++) {
            struct mz_buffer address;
            mz_buffer_init(&address, 16384);
            if (type.size == strlen(types[k]) &&
                strncasecmp(type.data, types[k], type.size) == 0 &&
                attribute(tag, "href", &href) &&
                mz_url_resolve(url, strlen(url), href.data, href.size, &address) &&
                (list.type == MIZAN_NIL || list.as.list.count < most)) {
                add_item(arena, &list, most, address.data, address.size);
            }
            mz_buffer_finish(&address);
        }
    }
    return list;
}

static bool find_rows(const struct mizan_value *value, char *pointer, size_t room,
                      size_t *rows, int depth)
{
    size_t length = strlen(pointer);
    if (value->type == MIZAN_LIST) {
        *rows = value->as.list.count;
        return value->as.list.count > 0 && value->as.list.items[0].type == MIZAN_MAP;
    }
    for (size_t i = 0;
         value->type == MIZAN_MAP && depth < DEPTH && i < value->as.map.count; i++) {
        const struct mizan_field *field = &value->as.map.fields[i];
        int size = snprintf(pointer + length, room - length, "/%.*s",
                            (int)field->name.size, field->name.data);
        if (size > 0 && (size_t)size < room - length &&
            memchr(field->name.data, '/', field->name.size) == NULL &&
            find_rows(&field->value, pointer, room, rows, depth + 1)) {
            return true;
        }
        pointer[length] = '\0';
    }
    return false;
}

bool mz_probe_rows(const struct mizan_value *value, char *pointer, size_t room,
                   size_t *rows)
{
    *pointer = '\0';
    return find_rows(value, pointer, room, rows, 0);
}

/* The length of a number with groups of three digits set off by `mark`; 0: none. */
static size_t grouped(const char *text, const char *mark)
{
    size_t size = strspn(text, "0123456789");
    size_t width = strlen(mark);
    size_t groups = 0;
    if (size == 0 || size > 3) {
        return 0;
    }
    while (strncmp(text + size, mark, width) == 0 &&
           strspn(text + size + width, "0123456789") == 3) {
        size += width + 3;
        groups++;
    }
    return groups > 0 ? size : 0;
}

const char *mz_probe_numbers(struct mz_arena *arena, const char *text)
{
    static const struct {
        const char *mark, *shown;
    } forms[] = {{",", "1,234.5"},
                 {".", "1.234,5"},
                 {"\xC2\xA0", "1 234,5"},
                 {"\xE2\x80\xAF", "1 234,5"},
                 {"'", "1'234.5"}};
    size_t counts[5] = {0}, total = 0, best = 0;
    bool before = false; /* inside a number or word */
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        bool digit = isdigit((unsigned char)*at) != 0;
        for (size_t i = 0; digit && !before && i < 5; i++) {
            bool found = grouped(at, forms[i].mark) > 0;
            counts[i] += found ? 1 : 0;
            total += found ? 1 : 0;
        }
        before = isalnum((unsigned char)*at) || *at == '.' || *at == ',';
    }
    for (size_t i = 1; i < 5; i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return total == 0 ? NULL
                      : mz_arena_printf(arena, "%s (%zu of %zu)", forms[best].shown,
                                        counts[best], total);
}
