/* The reader is our own and not cJSON, for reasons of exactness: cJSON keeps numbers as
 * doubles and forgets their digits, ends a text at an escaped U+0000, allocates by a
 * process-wide hook and not in an arena, and its tree would have to be walked beside
 * the source to find the digits again, which is this reader without the tree. The unit
 * test compares the two on the same inputs. */
#include "value/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "value/json_internal.h"
#include "value/record.h"

/* From here on duplicate names are found by hashing. */
#define MZ_MANY_MEMBERS ((size_t)16)

static enum mz_code read_value(struct mz_json_reader *reader, struct mizan_value *out,
                               int depth);

static void skip_blanks(struct mz_json_reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\t' || *reader->at == '\r')) {
        reader->at += 1;
    }
}

static bool push(struct mz_json_reader *reader, const struct mizan_field *field)
{
    if (reader->count == reader->capacity) {
        size_t capacity = reader->capacity == 0 ? 32 : reader->capacity * 2;
        struct mizan_field *stack =
            capacity > SIZE_MAX / sizeof *stack
                ? NULL
                : realloc(reader->stack, capacity * sizeof *stack);
        if (stack == NULL) {
            return false;
        }
        reader->stack = stack;
        reader->capacity = capacity;
    }
    reader->stack[reader->count++] = *field;
    return true;
}

static enum mz_code close_list(struct mz_json_reader *reader, size_t base,
                               struct mizan_value *out)
{
    size_t count = reader->count - base;
    struct mizan_value *items = mz_arena_alloc(reader->arena, count * sizeof *items);
    if (items == NULL) {
        return mz_json_no_memory(reader);
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = reader->stack[base + i].value;
    }
    reader->count = base;
    *out = (struct mizan_value){.type = MIZAN_LIST, .as.list = {items, count}};
    return MZ_OK;
}

static bool same_name(const struct mizan_field *a, const struct mizan_field *b)
{
    return a->name.size == b->name.size &&
           memcmp(a->name.data, b->name.data, a->name.size) == 0;
}

static size_t merge_few(struct mizan_field *fields, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < kept && !same_name(&fields[i], &fields[j])) {
            j += 1;
        }
        fields[j] = fields[i];
        kept += j == kept ? 1 : 0;
    }
    return kept;
}

static bool merge_many(struct mizan_field *fields, size_t *count)
{
    struct mz_map *seen = mz_map_create();
    size_t kept = 0;
    bool done = seen != NULL;
    for (size_t i = 0; i < *count && done; i++) {
        struct mizan_slice name = fields[i].name;
        struct mizan_field *former = mz_map_get(seen, name.data, name.size);
        if (former != NULL) {
            *former = fields[i];
            continue;
        }
        fields[kept] = fields[i];
        done = mz_map_set(seen, name.data, name.size, &fields[kept], NULL);
        kept += 1;
    }
    mz_map_destroy(seen, NULL);
    *count = kept;
    return done;
}

/* Of members with one name the last wins, at the place of the first. */
static enum mz_code close_map(struct mz_json_reader *reader, size_t base,
                              struct mizan_value *out)
{
    size_t count = reader->count - base;
    if (count == 0 || reader->stack == NULL) {
        *out = (struct mizan_value){.type = MIZAN_MAP};
        return MZ_OK;
    }
    struct mizan_field *fields = reader->stack + base;
    if (count < MZ_MANY_MEMBERS) {
        count = merge_few(fields, count);
    } else if (!merge_many(fields, &count)) {
        return mz_json_no_memory(reader);
    }
    struct mizan_field *copy = mz_arena_alloc(reader->arena, count * sizeof *copy);
    if (copy == NULL) {
        return mz_json_no_memory(reader);
    }
    memcpy(copy, fields, count * sizeof *copy);
    reader->count = base;
    *out = (struct mizan_value){.type = MIZAN_MAP, .as.map = {copy, count}};
    return MZ_OK;
}

static enum mz_code read_member(struct mz_json_reader *reader, bool named, int depth)
{
    struct mizan_field field = {{"", 0}, mz_nil()};
    skip_blanks(reader);
    if (named) {
        if (!mz_json_take(reader, '"')) {
            return mz_json_wrong(reader, reader->at,
                                 "expected a name in double quotes");
        }
        enum mz_code code = mz_json_read_text(reader, &field.name);
        if (code != MZ_OK) {
            return code;
        }
        skip_blanks(reader);
        if (!mz_json_take(reader, ':')) {
            return mz_json_wrong(reader, reader->at, "expected ':'");
        }
    }
    enum mz_code code = read_value(reader, &field.value, depth);
    if (code == MZ_OK && !push(reader, &field)) {
        return mz_json_no_memory(reader);
    }
    return code;
}

/* Behind the opening bracket. */
static enum mz_code read_container(struct mz_json_reader *reader, bool named,
                                   struct mizan_value *out, int depth)
{
    char close = named ? '}' : ']';
    size_t base = reader->count;
    if (depth > MZ_VALUE_DEPTH) {
        return mz_fail(reader->error, MZ_INPUT,
                       "JSON nested deeper than %d levels at byte %zu", MZ_VALUE_DEPTH,
                       (size_t)(reader->at - 1 - reader->start));
    }
    skip_blanks(reader);
    bool more = !mz_json_take(reader, close);
    while (more) {
        enum mz_code code = read_member(reader, named, depth);
        if (code != MZ_OK) {
            return code;
        }
        skip_blanks(reader);
        more = mz_json_take(reader, ',');
        if (!more && !mz_json_take(reader, close)) {
            return mz_json_wrong(reader, reader->at,
                                 named ? "expected ',' or '}'" : "expected ',' or ']'");
        }
    }
    return named ? close_map(reader, base, out) : close_list(reader, base, out);
}

static bool take_word(struct mz_json_reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length ||
        memcmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

static enum mz_code read_value(struct mz_json_reader *reader, struct mizan_value *out,
                               int depth)
{
    skip_blanks(reader);
    if (reader->at == reader->end) {
        return mz_json_wrong(reader, reader->at, "it ends where a value is expected");
    }
    if (mz_json_take(reader, '{')) {
        return read_container(reader, true, out, depth + 1);
    }
    if (mz_json_take(reader, '[')) {
        return read_container(reader, false, out, depth + 1);
    }
    if (mz_json_take(reader, '"')) {
        struct mizan_slice text = {"", 0};
        enum mz_code code = mz_json_read_text(reader, &text);
        *out = mz_text_slice(text.data, text.size);
        return code;
    }
    if (take_word(reader, "true")) {
        *out = mz_boolean(true);
    } else if (take_word(reader, "false")) {
        *out = mz_boolean(false);
    } else if (take_word(reader, "null")) {
        *out = mz_nil();
    } else {
        return mz_json_read_number(reader, out);
    }
    return MZ_OK;
}

enum mz_code mz_json_parse(struct mz_arena *arena, const char *data, size_t size,
                           struct mizan_value *out, struct mz_error *error)
{
    if (size == 0) {
        data = "";
    }
    *out = mz_nil();
    struct mz_json_reader reader = {
        .arena = arena, .start = data, .at = data, .end = data + size, .error = error};
    (void)take_word(&reader, "\xEF\xBB\xBF");
    enum mz_code code = read_value(&reader, out, 0);
    skip_blanks(&reader);
    if (code == MZ_OK && reader.at != reader.end) {
        code = mz_json_wrong(&reader, reader.at, "something follows the value");
    }
    free(reader.stack);
    return code;
}
