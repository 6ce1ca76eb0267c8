#include "rows.h"

#include <string.h>

static int32_t no_memory(const struct rows *rows)
{
    return rows->host->fail(rows->task, MIZAN_ERROR_MEMORY,
                            "not enough memory for the rows of a document");
}

static void *room(const struct rows *rows, size_t count, size_t size)
{
    return rows->host->alloc(rows->task, count * size);
}

int32_t rows_begin(struct rows *rows, const struct extract_json *plugin,
                   mizan_task *task, mizan_record *document)
{
    *rows = (struct rows){.plugin = plugin,
                          .host = plugin->host,
                          .task = task,
                          .document = document,
                          .shape_room = 64};
    rows->value_name = plugin->host->name("value", 5);
    rows->shape = room(rows, rows->shape_room, sizeof *rows->shape);
    rows->names = room(rows, rows->shape_room, sizeof *rows->names);
    rows->values = room(rows, rows->shape_room, sizeof *rows->values);
    rows->used = room(rows, rows->shape_room, sizeof *rows->used);
    return rows->value_name == NULL || rows->shape == NULL || rows->names == NULL ||
                   rows->values == NULL || rows->used == NULL
               ? no_memory(rows)
               : MIZAN_OK;
}

static int32_t refuse(struct rows *rows, const char *place, const char *why)
{
    rows->place = place;
    rows->wrong = why;
    return MIZAN_ERROR_INPUT;
}

static int32_t grow(struct rows *rows)
{
    size_t before = rows->shape_room;
    struct rows old = *rows;
    rows->shape_room = 2 * before;
    rows->shape = room(rows, rows->shape_room, sizeof *rows->shape);
    rows->names = room(rows, rows->shape_room, sizeof *rows->names);
    rows->values = room(rows, rows->shape_room, sizeof *rows->values);
    rows->used = room(rows, rows->shape_room, sizeof *rows->used);
    if (rows->shape == NULL || rows->names == NULL || rows->values == NULL ||
        rows->used == NULL) {
        return no_memory(rows);
    }
    memcpy(rows->shape, old.shape, before * sizeof *rows->shape);
    memcpy(rows->names, old.names, before * sizeof *rows->names);
    memcpy(rows->values, old.values, before * sizeof *rows->values);
    memcpy(rows->used, old.used, before * sizeof *rows->used);
    return MIZAN_OK;
}

/* ---- names ---- */

static const mizan_name *name_of(const struct rows *rows, const struct json_value *text)
{
    if (text->kind == JSON_TEXT) {
        return rows->host->name(text->data, text->size);
    }
    char *decoded = room(rows, text->size, 1);
    return decoded == NULL
               ? NULL
               : rows->host->name(
                     decoded, json_unescape(text->data + 1, text->size - 2, decoded));
}

/* A name that the shape does not have at this place: it and what follows are new. */
static int32_t add_name(struct rows *rows, size_t index, const struct json_value *text)
{
    const mizan_name *name = name_of(rows, text);
    if (name == NULL) {
        return no_memory(rows);
    }
    rows->shape_count = index; /* whatever comes, what is kept is consistent */
    for (size_t i = 0; i < index; i++) {
        if (rows->names[i] == name) {
            return refuse(rows, text->data, "an object with the same name twice");
        }
    }
    /* The line may be gone when the next one is compared. */
    char *copy = room(rows, text->size + 1, 1);
    if (copy == NULL) {
        return no_memory(rows);
    }
    memcpy(copy, text->data, text->size);
    rows->shape[index] = (struct json_value){text->kind, copy, text->size};
    rows->names[index] = name;
    rows->shape_count = index + 1;
    rows->changed = true;
    return MIZAN_OK;
}

static bool names_are_reserved(const struct rows *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows->shape[i].size > 0 &&
            (rows->shape[i].data[0] == '_' || rows->shape[i].kind == JSON_ESCAPED)) {
            return true;
        }
    }
    return false;
}

/* Moves behind `"name"` and the colon when that is the name expected there. */
static bool take_expected(struct json_scan *scan, const struct json_value *name)
{
    const char *at = scan->at;
    if (name->kind != JSON_TEXT || (size_t)(scan->end - at) < name->size + 3 ||
        at[0] != '"' || at[name->size + 1] != '"' || at[name->size + 2] != ':') {
        return false;
    }
    if (memcmp(at + 1, name->data, name->size) != 0) {
        return false;
    }
    scan->at = at + name->size + 3;
    return true;
}

static int32_t take_name(struct rows *rows, struct json_scan *scan, size_t index)
{
    struct json_value name;
    if (index < rows->shape_count && take_expected(scan, &rows->shape[index])) {
        return MIZAN_OK;
    }
    if (scan->at == scan->end || *scan->at != '"') {
        return refuse(rows, scan->at, "a name in double quotes is expected");
    }
    if (!json_value(scan, &name)) {
        return refuse(rows, scan->at, scan->wrong);
    }
    json_blanks(scan);
    if (scan->at == scan->end || *scan->at != ':') {
        return refuse(rows, scan->at, "':' is expected");
    }
    scan->at++;
    const struct json_value *known = &rows->shape[index];
    if (index < rows->shape_count && known->kind == name.kind &&
        known->size == name.size && memcmp(known->data, name.data, name.size) == 0) {
        return MIZAN_OK;
    }
    return add_name(rows, index, &name);
}

/* False for null, which is the absence of a field. */
static bool to_value(const struct json_value *member, struct mizan_value *out)
{
    *out = (struct mizan_value){.type = MIZAN_TEXT,
                                .as.text = {member->data, member->size}};
    switch (member->kind) {
    case JSON_TEXT:
    case JSON_LONG:
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        out->type = MIZAN_BOOLEAN;
        out->as.integer = member->kind == JSON_TRUE;
        return true;
    case JSON_NULL:
        return false;
    case JSON_NUMBER:
    case JSON_ESCAPED:
    case JSON_LIST:
    case JSON_MAP:
    default:
        out->reserved = MIZAN_FORM_JSON;
        return true;
    }
}

/* ---- objects ---- */

/* A text without escapes, a whole number of up to 18 digits, a decimal of up to 30:
 * what rows are made of, read in one go. False, with nothing moved, for all else. */
static inline bool take_plain(struct json_scan *scan, struct mizan_value *out)
{
    const char *at = scan->at;
    const char *first = at;
    const char *end = scan->end;
    uint64_t value = 0;
    if (at == end) {
        return false;
    }
    if (*at == '"') {
        const char *close = json_skip_plain(at + 1, end);
        *out = (struct mizan_value){.type = MIZAN_TEXT,
                                    .as.text = {at + 1, (size_t)(close - at - 1)}};
        scan->at = close + 1;
        return close < end && *close == '"' ? true : (scan->at = first, false);
    }
    bool negative = *at == '-';
    at += negative;
    const char *digits = at;
    while (at < end && (unsigned char)(*at - '0') <= 9) {
        value = value * 10 + (uint64_t)(*at++ - '0');
    }
    if (at == digits || at - digits > 18 || (*digits == '0' && at - digits > 1) ||
        at == end) {
        return false;
    }
    if (*at != '.' && (*at | 0x20) != 'e') {
        *out = (struct mizan_value){.type = MIZAN_INTEGER,
                                    .as.integer =
                                        negative ? -(int64_t)value : (int64_t)value};
        scan->at = at;
        return true;
    }
    const char *point = at;
    at += *at == '.';
    while (at < end && (unsigned char)(*at - '0') <= 9) {
        at++;
    }
    if (at - point < 2 || at - point > 12 || at == end || (*at | 0x20) == 'e') {
        return false;
    }
    *out = (struct mizan_value){.type = MIZAN_TEXT,
                                .reserved = MIZAN_FORM_JSON,
                                .as.text = {first, (size_t)(at - first)}};
    scan->at = at;
    return true;
}

static inline void skip_blanks(struct json_scan *scan)
{
    if (scan->at < scan->end && (unsigned char)*scan->at <= ' ') {
        json_blanks(scan);
    }
}

/* The value of member `index`, kept as the next one used when it is not null. */
static int32_t take_value(struct rows *rows, struct json_scan *scan, size_t index,
                          size_t *kept)
{
    struct json_value value;
    if (!take_plain(scan, &rows->values[*kept])) {
        if (!json_value(scan, &value)) {
            return refuse(rows, scan->at, scan->wrong);
        }
        if (!to_value(&value, &rows->values[*kept])) {
            return MIZAN_OK;
        }
    }
    rows->used[(*kept)++] = rows->names[index];
    return MIZAN_OK;
}

static int32_t make_room(struct rows *rows, struct json_scan *scan, size_t count)
{
    if (count < rows->shape_room) {
        return MIZAN_OK;
    }
    return count >= ROW_FIELDS ? refuse(rows, scan->at, "more than 4096 fields")
                               : grow(rows);
}

/* Behind the brace: the members, to behind the closing one. */
static int32_t take_members(struct rows *rows, struct json_scan *scan, size_t *kept)
{
    int32_t status = MIZAN_OK;
    *kept = 0;
    skip_blanks(scan);
    if (scan->at < scan->end && *scan->at == '}') {
        scan->at++;
        return MIZAN_OK;
    }
    for (size_t index = 0; status == MIZAN_OK; index++) {
        status = make_room(rows, scan, index);
        if (status == MIZAN_OK) {
            status = take_name(rows, scan, index);
        }
        if (status != MIZAN_OK) {
            return status;
        }
        skip_blanks(scan);
        status = take_value(rows, scan, index, kept);
        skip_blanks(scan);
        if (status != MIZAN_OK || scan->at == scan->end || *scan->at != ',') {
            break;
        }
        scan->at++;
        skip_blanks(scan);
    }
    if (status == MIZAN_OK && (scan->at == scan->end || *scan->at++ != '}')) {
        return refuse(rows, scan->at, "',' or '}' is expected");
    }
    if (rows->changed) {
        rows->reserved = names_are_reserved(rows, rows->shape_count);
        rows->changed = false;
    }
    return status;
}

static int32_t emit(struct rows *rows, const mizan_name *const *names, size_t count,
                    struct mizan_slice source, const struct mizan_locator *locator)
{
    struct mizan_parts parts = {.size = sizeof parts,
                                .type = rows->plugin->type,
                                .names = names,
                                .values = rows->values,
                                .count = count,
                                .locator = *locator,
                                .source = source};
    mizan_record *record = rows->host->record_of(rows->task, &parts);
    rows->emitted++;
    return record == NULL ? no_memory(rows) : rows->host->emit(rows->task, record);
}

/* ---- chosen fields ---- */

static bool keep_found(void *owner, const struct json_value *value, const char *pointer,
                       size_t size)
{
    (void)pointer;
    (void)size;
    *(struct json_value *)owner = *value;
    return false;
}

static int32_t emit_wanted(struct rows *rows, const struct json_value *value,
                           const struct mizan_locator *locator)
{
    const struct extract_json *plugin = rows->plugin;
    size_t kept = 0;
    for (size_t i = 0; i < plugin->wanted_count; i++) {
        struct json_value found = {.kind = JSON_NULL};
        (void)path_find(&plugin->wanted[i].path, value, keep_found, &found);
        if (to_value(&found, &rows->values[kept])) {
            rows->used[kept] = rows->host->name(plugin->wanted[i].name,
                                                strlen(plugin->wanted[i].name));
            if (rows->used[kept++] == NULL) {
                return no_memory(rows);
            }
        }
    }
    return emit(rows, rows->used, kept, (struct mizan_slice){NULL, 0}, locator);
}

static bool at_end(struct json_scan *scan)
{
    return scan->at == scan->end;
}

int32_t rows_value(struct rows *rows, struct json_scan *scan, bool line,
                   const struct mizan_locator *locator)
{
    const char *first = scan->at;
    struct json_value value;
    size_t count = 0;
    bool object = scan->at < scan->end && *scan->at == '{';
    scan->depth = ROW_DEPTH;
    if (object && rows->plugin->wanted_count == 0) {
        scan->at++;
        scan->depth = ROW_DEPTH - 1;
        int32_t status = take_members(rows, scan, &count);
        if (status != MIZAN_OK) {
            return status;
        }
        if (line && !at_end(scan)) {
            return refuse(rows, scan->at, "something follows the value");
        }
        struct mizan_slice source = {first, line ? (size_t)(scan->at - first) : 0};
        return emit(rows, rows->used, count,
                    rows->reserved ? (struct mizan_slice){NULL, 0} : source, locator);
    }
    if (!json_value(scan, &value)) {
        return refuse(rows, scan->at, scan->wrong);
    }
    if (line && !at_end(scan)) {
        return refuse(rows, scan->at, "something follows the value");
    }
    if (rows->plugin->wanted_count > 0) {
        return emit_wanted(rows, &value, locator);
    }
    if (!to_value(&value, &rows->values[0])) {
        return MIZAN_OK; /* null says that there is nothing */
    }
    rows->used[0] = rows->value_name;
    return emit(rows, rows->used, 1, (struct mizan_slice){NULL, 0}, locator);
}
