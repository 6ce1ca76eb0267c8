#include "run/rows.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "value/json.h"
#include "value/record.h"

#define POINTER_MOST 1024 /* bytes of a JSON pointer, and of a row's */
#define TYPE_MOST    128

/* One unit being read. */
struct reading {
    struct mz_unit *unit;
    struct mz_records *out;
    struct mizan_slice body;
    char pointer[POINTER_MOST];
    char type[TYPE_MOST];
    struct mz_error *error;
};

/* ---- the mark ---- */

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    int letter = tolower((unsigned char)byte);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* The value of a parameter of the media type; false when it has none, or one too long.
 */
static bool parameter(const char *media_type, const char *name, char *out, size_t room)
{
    char opening[32];
    size_t size = 0;
    snprintf(opening, sizeof opening, "; %s=\"", name);
    const char *at = strstr(media_type, opening);
    if (at == NULL) {
        return false;
    }
    for (at += strlen(opening); *at != '"'; at++) {
        char byte = *at;
        if (byte == '%' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
            byte = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
            at += 2;
        }
        if (byte == '\0' || size + 1 >= room) {
            return false;
        }
        out[size++] = byte;
    }
    out[size] = '\0';
    return true;
}

/* ---- records ---- */

static enum mz_code no_memory(const struct reading *reading)
{
    return mz_fail(reading->error, MZ_MEMORY, MZ_UNIT_TOO_LARGE);
}

static enum mz_code add_row(struct reading *reading, const struct mizan_value *value,
                            const struct mizan_locator *locator)
{
    struct mizan_record *record = mz_record_create(reading->unit->arena, reading->type);
    int32_t status = record == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    if (value->type != MIZAN_MAP && status == MIZAN_OK) {
        status = mz_record_put(record, "value", value);
    }
    for (size_t i = 0; value->type == MIZAN_MAP && i < value->as.map.count; i++) {
        const struct mizan_field *field = &value->as.map.fields[i];
        const struct mz_name *name = mz_name_intern(field->name.data, field->name.size);
        if (status == MIZAN_OK) {
            status = name == NULL ? MIZAN_ERROR_MEMORY
                                  : mz_record_set(record, name, &field->value);
        }
    }
    if (status == MIZAN_ERROR_LIMIT) {
        return mz_fail(reading->error, MZ_INPUT, "a row has more than %d fields",
                       MZ_RECORD_FIELDS);
    }
    if (status != MIZAN_OK) {
        return no_memory(reading);
    }
    mz_record_set_locator(record, locator);
    return mz_records_add(reading->out, reading->unit->arena, record)
               ? MZ_OK
               : no_memory(reading);
}

/* The next token of a JSON pointer, with ~0 and ~1 read; *pointer moves behind it. */
static size_t next_token(const char **pointer, char *token)
{
    size_t size = 0;
    const char *at = *pointer + 1;
    for (; *at != '\0' && *at != '/'; at++) {
        bool coded = at[0] == '~' && (at[1] == '0' || at[1] == '1');
        token[size++] = (char)(!coded ? *at : at[1] == '0' ? '~' : '/');
        at += coded ? 1 : 0;
    }
    token[size] = '\0';
    *pointer = at;
    return size;
}

static const struct mizan_value *value_at(const struct mizan_value *value,
                                          const char *pointer)
{
    char token[POINTER_MOST];
    while (value != NULL && *pointer == '/') {
        size_t size = next_token(&pointer, token);
        if (value->type == MIZAN_LIST) {
            size_t index = 0;
            bool number = size > 0 && size < 10 && strspn(token, "0123456789") == size;
            for (size_t i = 0; number && i < size; i++) {
                index = index * 10 + (size_t)(token[i] - '0');
            }
            value = number && index < value->as.list.count
                        ? &value->as.list.items[index]
                        : NULL;
        } else {
            value = value->type == MIZAN_MAP ? mz_map_member(value, token) : NULL;
        }
    }
    return *pointer == '\0' ? value : NULL;
}

static enum mz_code add_list(struct reading *reading)
{
    struct mz_arena *arena = reading->unit->arena;
    struct mizan_value whole = mz_nil();
    enum mz_code code = mz_json_parse(arena, reading->body.data, reading->body.size,
                                      &whole, reading->error);
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *list = value_at(&whole, reading->pointer);
    if (list == NULL || list->type != MIZAN_LIST) {
        return mz_fail(reading->error, MZ_INPUT, "there is no list of rows at \"%s\"",
                       reading->pointer);
    }
    for (size_t i = 0; i < list->as.list.count && code == MZ_OK; i++) {
        struct mizan_locator locator = {.kind = MIZAN_LOCATOR_POINTER};
        const char *pointer = mz_arena_printf(arena, "%s/%zu", reading->pointer, i);
        if (pointer == NULL) {
            return no_memory(reading);
        }
        locator.pointer = (struct mizan_slice){pointer, strlen(pointer)};
        code = add_row(reading, &list->as.list.items[i], &locator);
    }
    return code;
}

static enum mz_code add_text_line(struct reading *reading, struct mizan_slice line,
                                  const struct mizan_locator *locator)
{
    struct mizan_field field = {{"text", 4}, mz_text_slice(line.data, line.size)};
    struct mizan_value row = {.type = MIZAN_MAP, .as.map = {&field, 1}};
    if (!mz_utf8_valid(line.data, line.size)) {
        field.value = mz_bytes(line.data, line.size);
    }
    return add_row(reading, &row, locator);
}

static enum mz_code add_lines(struct reading *reading, bool json)
{
    const char *data = reading->body.size > 0 ? reading->body.data : "";
    const char *at = data, *stop = data + reading->body.size;
    enum mz_code code = MZ_OK;
    for (size_t number = 1; at < stop && code == MZ_OK; number++) {
        const char *end = memchr(at, '\n', (size_t)(stop - at));
        size_t whole = end == NULL ? (size_t)(stop - at) : (size_t)(end - at);
        size_t size = whole > 0 && at[whole - 1] == '\r' ? whole - 1 : whole;
        struct mizan_locator locator = {
            .kind = MIZAN_LOCATOR_SPAN, .a = at - data, .b = at - data + (int64_t)size};
        struct mizan_value value = mz_nil();
        if (size > 0 && json) {
            code =
                mz_json_parse(reading->unit->arena, at, size, &value, reading->error);
            if (code != MZ_OK) {
                mz_error_prefix(reading->error, "line %zu", number);
            } else {
                code = add_row(reading, &value, &locator);
            }
        } else if (size > 0) {
            code = add_text_line(reading, (struct mizan_slice){at, size}, &locator);
        }
        at += whole + 1;
    }
    return code;
}

/* ---- the whole ---- */

static enum mz_code add_rows(struct reading *reading, const char *bare)
{
    if (strcmp(bare, "application/x-ndjson") == 0) {
        return add_lines(reading, true);
    }
    return strncmp(bare, "text/", 5) == 0 ? add_lines(reading, false)
                                          : add_list(reading);
}

enum mz_code mz_unit_rows(struct mz_unit *unit, const char *stage,
                          struct mz_records *out, struct mz_error *error)
{
    struct reading reading = {.unit = unit, .out = out, .error = error};
    const char *media_type = mz_record_text(unit->document, "media_type");
    const struct mizan_value *body = mz_record_find(unit->document, "body");
    if (!mz_records_add(out, unit->arena, unit->document)) {
        return no_memory(&reading);
    }
    if (media_type == NULL || body == NULL ||
        (body->type != MIZAN_BYTES && body->type != MIZAN_TEXT) ||
        !parameter(media_type, "rows", reading.pointer, sizeof reading.pointer) ||
        !parameter(media_type, "type", reading.type, sizeof reading.type)) {
        return MZ_OK;
    }
    const char *bare = mz_arena_copy(unit->arena, media_type, strcspn(media_type, ";"));
    struct mizan_value value = mz_text(bare);
    reading.body = body->as.text;
    if (bare == NULL ||
        mz_record_put(unit->document, "media_type", &value) != MIZAN_OK) {
        return no_memory(&reading);
    }
    enum mz_code code = add_rows(&reading, bare);
    if (code == MZ_OK || code == MZ_MEMORY) {
        return code;
    }
    struct mz_letter letter = {
        .outcome = MZ_ERROR, .stage = stage, .reason = error->message};
    (void)mz_unit_letter(unit, &letter);
    return MZ_OK;
}
