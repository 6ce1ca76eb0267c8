#include "lines.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEPTH_LIMIT 64

void lines_finish(struct lines *lines)
{
    free(lines->data);
    memset(lines, 0, sizeof(*lines));
}

void lines_clear(struct lines *lines)
{
    lines->size = 0;
    lines->failed = false;
    memset(lines->memos, 0, sizeof(lines->memos));
}

static bool grow(struct lines *lines, size_t size)
{
    size_t room = lines->room > 0 ? lines->room : 4096;
    while (room - lines->size < size && room < LINES_LIMIT) {
        room *= 2;
    }
    char *grown = room - lines->size >= size ? realloc(lines->data, room) : NULL;
    if (grown == NULL) {
        lines->failed = true;
        return false;
    }
    lines->data = grown;
    lines->room = room;
    return true;
}

static inline void put(struct lines *lines, const char *data, size_t size)
{
    if (lines->failed || (size > lines->room - lines->size && !grow(lines, size))) {
        return;
    }
    if (size > 0) {
        memcpy(lines->data + lines->size, data, size);
    }
    lines->size += size;
}

/* What stands at `from` once more. */
static void put_again(struct lines *lines, size_t from, size_t size)
{
    if (!lines->failed && (size <= lines->room - lines->size || grow(lines, size))) {
        memcpy(lines->data + lines->size, lines->data + from, size);
        lines->size += size;
    }
}

static void put_string(struct lines *lines, const char *text)
{
    put(lines, text, strlen(text));
}

/* Bytes of the well-formed UTF-8 sequence at `p`, or 0. */
static size_t sequence(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char low, high, second_low, second_high, follow;
    } forms[] = {{0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2},
                 {0xe1, 0xec, 0x80, 0xbf, 2}, {0xed, 0xed, 0x80, 0x9f, 2},
                 {0xee, 0xef, 0x80, 0xbf, 2}, {0xf0, 0xf0, 0x90, 0xbf, 3},
                 {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (p[0] < forms[i].low || p[0] > forms[i].high) {
            continue;
        }
        if (left <= forms[i].follow || p[1] < forms[i].second_low ||
            p[1] > forms[i].second_high) {
            return 0;
        }
        for (size_t k = 2; k <= forms[i].follow; k++) {
            if ((p[k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return (size_t)forms[i].follow + 1;
    }
    return 0;
}

static void put_escape(struct lines *lines, unsigned char c)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char escape[8] = "\\";
    for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
        if ((unsigned char)names[i] == c) {
            escape[1] = names[i + 1];
            put(lines, escape, 2);
            return;
        }
    }
    int size = snprintf(escape, sizeof(escape), "\\u%04x", c);
    put(lines, escape, (size_t)size);
}

/* ASCII that stands for itself. */
static inline bool is_plain(unsigned char c)
{
    return (unsigned char)(c - 0x20) < 0x60 && c != '"' && c != '\\';
}

/* The first byte from `at` on that is no ASCII that stands for itself; eight at a time
 * while it can: a byte of `odd` is not zero where one of the eight is none, or may be.
 */
static size_t skip_plain(struct mizan_slice text, size_t at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (text.size - at >= 8) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof(word));
        uint64_t quote = word ^ (ones * '"');
        uint64_t slash = word ^ (ones * '\\');
        uint64_t odd = word | (word - ones * 0x20) | (quote - ones) | (slash - ones);
        if ((odd & (ones << 7)) != 0) {
            break;
        }
        at += 8;
    }
    while (at < text.size && is_plain((unsigned char)text.data[at])) {
        at++;
    }
    return at;
}

static void put_text(struct lines *lines, struct mizan_slice text)
{
    put(lines, "\"", 1);
    size_t run = 0; /* start of what is written as it stands */
    for (size_t i = 0;;) {
        i = skip_plain(text, i);
        if (i == text.size) {
            break;
        }
        unsigned char c = (unsigned char)text.data[i];
        size_t step = 1;
        if (c >= 0x80) {
            step = sequence((const unsigned char *)text.data + i, text.size - i);
            if (step > 0) {
                i += step;
                continue;
            }
            step = 1;
        }
        put(lines, text.data + run, i - run);
        if (c >= 0x80) {
            put(lines, "\xef\xbf\xbd", 3);
        } else {
            put_escape(lines, c);
        }
        i += step;
        run = i;
    }
    if (text.size > run) {
        put(lines, text.data + run, text.size - run);
    }
    put(lines, "\"", 1);
}

/* The shortest digits that read back as the same number. */
static void put_double(struct lines *lines, double number)
{
    char text[40];
    if (!isfinite(number)) {
        put_string(lines, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number) {
            break;
        }
    }
    char *comma = strchr(text, ','); /* a locale may have set it */
    if (comma != NULL) {
        *comma = '.';
    }
    put_string(lines, text);
}

static void put_time(struct lines *lines, int64_t milliseconds)
{
    char text[64];
    struct tm parts;
    int64_t rest = milliseconds % 1000;
    rest += rest < 0 ? 1000 : 0;
    time_t seconds = (time_t)((milliseconds - rest) / 1000);
    if (gmtime_r(&seconds, &parts) == NULL) {
        put_string(lines, "null");
        return;
    }
    int64_t year = (int64_t)parts.tm_year + 1900;
    snprintf(text, sizeof(text), "\"%04" PRId64 "-%02d-%02dT%02d:%02d:%02d", year,
             parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
             parts.tm_sec);
    put_string(lines, text);
    if (rest != 0) {
        snprintf(text, sizeof(text), ".%03d", (int)rest);
        put_string(lines, text);
    }
    put_string(lines, "Z\"");
}

static void put_value(struct lines *lines, const struct mizan_value *value, int depth);

static void put_list(struct lines *lines, const struct mizan_list *list, int depth)
{
    put(lines, "[", 1);
    for (size_t i = 0; i < list->count; i++) {
        put(lines, ",", i > 0);
        put_value(lines, &list->items[i], depth + 1);
    }
    put(lines, "]", 1);
}

static void put_map(struct lines *lines, const struct mizan_map *map, int depth)
{
    bool first = true;
    put(lines, "{", 1);
    for (size_t i = 0; i < map->count; i++) {
        if (map->fields[i].value.type == MIZAN_BYTES) {
            continue;
        }
        put(lines, ",", !first);
        first = false;
        put_text(lines, map->fields[i].name);
        put(lines, ":", 1);
        put_value(lines, &map->fields[i].value, depth + 1);
    }
    put(lines, "}", 1);
}

static void put_value(struct lines *lines, const struct mizan_value *value, int depth)
{
    char number[32];
    if (depth > DEPTH_LIMIT) {
        put_string(lines, "null");
        return;
    }
    switch ((enum mizan_type)value->type) {
    case MIZAN_NIL:
    case MIZAN_BYTES:
        put_string(lines, "null");
        break;
    case MIZAN_BOOLEAN:
        put_string(lines, value->as.integer ? "true" : "false");
        break;
    case MIZAN_INTEGER:
        snprintf(number, sizeof(number), "%" PRId64, value->as.integer);
        put_string(lines, number);
        break;
    case MIZAN_DOUBLE:
        put_double(lines, value->as.number);
        break;
    case MIZAN_DECIMAL:
        put(lines, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_TEXT:
        put_text(lines, value->as.text);
        break;
    case MIZAN_TIME:
        put_time(lines, value->as.integer);
        break;
    case MIZAN_LIST:
        put_list(lines, &value->as.list, depth);
        break;
    case MIZAN_MAP:
        put_map(lines, &value->as.map, depth);
        break;
    }
}

static bool is_named(struct mizan_slice name, const char *text)
{
    return name.size == strlen(text) && memcmp(name.data, text, name.size) == 0;
}

/* What every record of a unit shares, its document and its run, is one text in memory:
 * written once, then copied from the line before. All records of a unit live until its
 * lines are cleared, so one address is one text. */
static void put_member(struct lines *lines, const struct mizan_field *field)
{
    bool shared = field->value.type == MIZAN_TEXT && field->value.as.text.size >= 16;
    struct lines_memo *memo =
        &lines->memos[((uintptr_t)field->name.data >> 4) % LINES_MEMOS];
    if (shared && memo->name == field->name.data &&
        memo->text == field->value.as.text.data &&
        memo->text_size == field->value.as.text.size) {
        put_again(lines, memo->from, memo->size);
        return;
    }
    size_t from = lines->size;
    put(lines, ",", 1);
    put_text(lines, field->name);
    put(lines, ":", 1);
    put_value(lines, &field->value, 1);
    if (shared && !lines->failed) {
        *memo =
            (struct lines_memo){field->name.data, field->value.as.text.data,
                                field->value.as.text.size, from, lines->size - from};
    }
}

void lines_record(struct lines *lines, const struct mizan_host *host,
                  const mizan_record *record, const char *id)
{
    const char *type = host->record_type(record);
    put_string(lines, "{\"_type\":");
    put_text(lines, (struct mizan_slice){type, strlen(type)});
    if (id != NULL) {
        put_string(lines, ",\"id\":");
        put_text(lines, (struct mizan_slice){id, strlen(id)});
    }
    size_t count = host->record_count(record);
    size_t first = 0;
    struct mizan_slice source;
    /* What was read from a line of JSON and did not change is written as it stood. */
    if (id == NULL && MIZAN_HAS(host, record_source) &&
        host->record_source(record, &source, &first)) {
        put(lines, ",", first > 0);
        put(lines, source.data + 1, source.size - 2);
    }
    for (size_t i = first; i < count; i++) {
        struct mizan_field field;
        host->record_field(record, i, &field);
        if (field.value.type == MIZAN_BYTES || is_named(field.name, "_type") ||
            (id != NULL && is_named(field.name, "id"))) {
            continue;
        }
        put_member(lines, &field);
    }
    put(lines, "}\n", 2);
}
