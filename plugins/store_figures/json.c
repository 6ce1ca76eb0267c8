/* JSON of the few values that a column holds as text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

#define DEPTH_LIMIT 8

/* Written twice: once to measure (data is NULL), once for good. */
struct out {
    char *data;
    size_t size;
};

static void put(struct out *out, const char *data, size_t size)
{
    if (out->data != NULL) {
        memcpy(out->data + out->size, data, size);
    }
    out->size += size;
}

static void put_string(struct out *out, struct mizan_slice text)
{
    put(out, "\"", 1);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        char escape[8];
        if (c == '"' || c == '\\') {
            escape[0] = '\\';
            escape[1] = (char)c;
            put(out, escape, 2);
        } else if (c < 0x20) {
            int size = snprintf(escape, sizeof(escape), "\\u%04x", c);
            put(out, escape, (size_t)size);
        } else {
            put(out, text.data + i, 1);
        }
    }
    put(out, "\"", 1);
}

static void put_value(struct out *out, const struct mizan_value *value, int depth)
{
    char number[40];
    int size = 0;
    switch ((enum mizan_type)value->type) {
    case MIZAN_BOOLEAN:
        size = snprintf(number, sizeof(number), value->as.integer ? "true" : "false");
        break;
    case MIZAN_INTEGER:
    case MIZAN_TIME:
        size = snprintf(number, sizeof(number), "%" PRId64, value->as.integer);
        break;
    case MIZAN_DECIMAL:
        put(out, value->as.text.data, value->as.text.size);
        return;
    case MIZAN_TEXT:
        put_string(out, value->as.text);
        return;
    case MIZAN_LIST:
        put(out, "[", 1);
        for (size_t i = 0; depth < DEPTH_LIMIT && i < value->as.list.count; i++) {
            put(out, ",", i > 0);
            put_value(out, &value->as.list.items[i], depth + 1);
        }
        put(out, "]", 1);
        return;
    case MIZAN_MAP:
        put(out, "{", 1);
        for (size_t i = 0; depth < DEPTH_LIMIT && i < value->as.map.count; i++) {
            put(out, ",", i > 0);
            put_string(out, value->as.map.fields[i].name);
            put(out, ":", 1);
            put_value(out, &value->as.map.fields[i].value, depth + 1);
        }
        put(out, "}", 1);
        return;
    case MIZAN_NIL:
    case MIZAN_DOUBLE: /* figures have none: floats are no exact values */
    case MIZAN_BYTES:
        size = snprintf(number, sizeof(number), "null");
        break;
    }
    put(out, number, (size_t)size);
}

struct mizan_slice json_of(const struct mizan_host *host, mizan_task *task,
                           const struct mizan_value *value)
{
    struct out out = {NULL, 0};
    struct mizan_slice none = {NULL, 0};
    put_value(&out, value, 0);
    out.data = host->alloc(task, out.size + 1);
    if (out.data == NULL) {
        return none;
    }
    out.size = 0;
    put_value(&out, value, 0);
    return (struct mizan_slice){out.data, out.size};
}
