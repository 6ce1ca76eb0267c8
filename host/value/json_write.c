#include "value/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "value/base64.h"
#include "value/decimal.h"
#include "value/decimal_internal.h"
#include "value/json_internal.h"
#include "value/record.h"
#include "value/value_internal.h"

static void put(struct mz_buffer *out, const char *text)
{
    mz_buffer_text(out, text);
}

static void escape(struct mz_buffer *out, unsigned char byte)
{
    switch (byte) {
    case '"':
        put(out, "\\\"");
        break;
    case '\\':
        put(out, "\\\\");
        break;
    case '\n':
        put(out, "\\n");
        break;
    case '\r':
        put(out, "\\r");
        break;
    case '\t':
        put(out, "\\t");
        break;
    default:
        mz_buffer_printf(out, "\\u%04x", (unsigned int)byte);
        break;
    }
}

/* Runs of bytes that need no escape are added in one piece. */
void mz_json_text(struct mz_buffer *out, const char *data, size_t size)
{
    size_t start = 0;
    size_t position = 0;
    mz_buffer_byte(out, '"');
    while (position < size) {
        position = (size_t)(mz_json_skip_plain(data + position, data + size) - data);
        if (position == size) {
            break;
        }
        unsigned char byte = (unsigned char)data[position];
        size_t length = mz_utf8_decode(data + position, size - position, NULL);
        if (length > 1) {
            position += length;
            continue;
        }
        mz_buffer_add(out, data + start, position - start);
        if (length == 0) {
            put(out, "\xEF\xBF\xBD");
        } else {
            escape(out, byte);
        }
        position += 1;
        start = position;
    }
    if (size > start) {
        mz_buffer_add(out, data + start, size - start);
    }
    mz_buffer_byte(out, '"');
}

static void put_integer(struct mz_buffer *out, int64_t value)
{
    char text[24];
    char *at = text + sizeof text;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + (int)(left % 10));
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        *--at = '-';
    }
    mz_buffer_add(out, at, (size_t)(text + sizeof text - at));
}

static void put_decimal(struct mz_buffer *out, const char *text, size_t size)
{
    struct mz_decimal decimal;
    char canonical[MZ_DECIMAL_TEXT];
    if (mz_decimal_is_canonical(text, size)) {
        mz_buffer_add(out, text, size);
    } else if (mz_decimal_parse(text, size, &decimal) == MZ_DECIMAL_OK) {
        mz_buffer_add(out, canonical, mz_decimal_format(decimal, canonical));
    } else {
        mz_json_text(out, text, size);
    }
}

static void put_double(struct mz_buffer *out, double value)
{
    char text[MZ_DOUBLE_TEXT];
    if (isfinite(value)) {
        mz_buffer_add(out, text, mz_double_text(value, text));
    } else {
        put(out, "null");
    }
}

static void put_time(struct mz_buffer *out, int64_t time)
{
    char text[MZ_TIME_TEXT];
    mz_buffer_byte(out, '"');
    put(out, mz_time_format(time, text));
    mz_buffer_byte(out, '"');
}

#define MZ_BASE64_STEP ((size_t)768) /* a multiple of 3 */

static void put_base64(struct mz_buffer *out, const char *data, size_t size)
{
    char text[MZ_BASE64_SIZE(768)];
    mz_buffer_byte(out, '"');
    while (size > 0) {
        size_t step = size < MZ_BASE64_STEP ? size : MZ_BASE64_STEP;
        mz_base64_encode(data, step, text);
        mz_buffer_add(out, text, MZ_BASE64_SIZE(step));
        data += step;
        size -= step;
    }
    mz_buffer_byte(out, '"');
}

static void put_value(struct mz_buffer *out, const struct mizan_value *value,
                      int depth);

static void put_list(struct mz_buffer *out, const struct mizan_list *list, int depth)
{
    mz_buffer_byte(out, '[');
    for (size_t i = 0; i < list->count && mz_buffer_ok(out); i++) {
        if (i > 0) {
            mz_buffer_byte(out, ',');
        }
        put_value(out, &list->items[i], depth);
    }
    mz_buffer_byte(out, ']');
}

static void put_map(struct mz_buffer *out, const struct mizan_map *map, int depth)
{
    mz_buffer_byte(out, '{');
    for (size_t i = 0; i < map->count && mz_buffer_ok(out); i++) {
        if (i > 0) {
            mz_buffer_byte(out, ',');
        }
        mz_json_text(out, map->fields[i].name.data, map->fields[i].name.size);
        mz_buffer_byte(out, ':');
        put_value(out, &map->fields[i].value, depth);
    }
    mz_buffer_byte(out, '}');
}

/* What is nested deeper than values may be marks the buffer failed. */
static void put_value(struct mz_buffer *out, const struct mizan_value *value, int depth)
{
    if (depth > MZ_VALUE_DEPTH) {
        out->failed = true;
        return;
    }
    switch (value->type) {
    case MIZAN_BOOLEAN:
        put(out, value->as.integer != 0 ? "true" : "false");
        break;
    case MIZAN_INTEGER:
        put_integer(out, value->as.integer);
        break;
    case MIZAN_DOUBLE:
        put_double(out, value->as.number);
        break;
    case MIZAN_DECIMAL:
        put_decimal(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_TEXT:
        mz_json_text(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_BYTES:
        put_base64(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_TIME:
        put_time(out, value->as.integer);
        break;
    case MIZAN_LIST:
        put_list(out, &value->as.list, depth + 1);
        break;
    case MIZAN_MAP:
        put_map(out, &value->as.map, depth + 1);
        break;
    default:
        put(out, "null");
        break;
    }
}

void mz_json_value(struct mz_buffer *out, const struct mizan_value *value)
{
    put_value(out, value, 0);
}

static void put_locator(struct mz_buffer *out, const struct mizan_locator *locator)
{
    switch (locator->kind) {
    case MIZAN_LOCATOR_SPAN:
        mz_buffer_printf(out, "{\"span\":[%" PRId64 ",%" PRId64 "]}", locator->a,
                         locator->b);
        break;
    case MIZAN_LOCATOR_PAGE:
        mz_buffer_printf(out, "{\"page\":%" PRId64 "}", locator->a);
        break;
    case MIZAN_LOCATOR_CELL:
        mz_buffer_printf(
            out, "{\"table\":%" PRId64 ",\"row\":%" PRId64 ",\"column\":%" PRId64 "}",
            locator->a, locator->b, locator->c);
        break;
    case MIZAN_LOCATOR_POINTER:
        put(out, "{\"pointer\":");
        mz_json_text(out, locator->pointer.data, locator->pointer.size);
        mz_buffer_byte(out, '}');
        break;
    default:
        put(out, "null");
        break;
    }
}

void mz_json_record(struct mz_buffer *out, const struct mizan_record *record,
                    bool with_meta)
{
    const char *separator = "";
    mz_buffer_byte(out, '{');
    if (with_meta) {
        const char *type = mz_record_type(record);
        struct mizan_locator locator = mz_record_locator(record);
        put(out, "\"_type\":");
        mz_json_text(out, type, strlen(type));
        if (locator.kind != MIZAN_LOCATOR_NONE) {
            put(out, ",\"_at\":");
            put_locator(out, &locator);
        }
        separator = ",";
    }
    size_t count = mz_record_count(record);
    for (size_t i = 0; i < count; i++) {
        const struct mz_name *name = NULL;
        const struct mizan_value *value = mz_record_field(record, i, &name);
        put(out, separator);
        mz_json_text(out, mz_name_text(name), mz_name_size(name));
        mz_buffer_byte(out, ':');
        put_value(out, value, 0);
        separator = ",";
    }
    mz_buffer_byte(out, '}');
}
