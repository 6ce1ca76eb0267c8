#include "value/options_internal.h"

#include <stdint.h>
#include <string.h>

#include "base/map.h"
#include "value/record.h"
#include "value/value_internal.h"

/* An empty table of a script may arrive as either kind. */
bool mz_option_is_empty_table(const struct mizan_value *value)
{
    return (value->type == MIZAN_LIST && value->as.list.count == 0) ||
           (value->type == MIZAN_MAP && value->as.map.count == 0);
}

static enum mz_code copy_table(struct mz_option_check *check,
                               const struct mizan_value *value, struct mizan_value *out)
{
    int32_t status = mz_value_clone(check->arena, value, out);
    if (status == MIZAN_ERROR_LIMIT) {
        return mz_option_wrong(check, "nests deeper than %d levels", MZ_VALUE_DEPTH);
    }
    if (status == MIZAN_ERROR_UNSUPPORTED) {
        return mz_option_wrong(check, "holds a value of an unknown type");
    }
    return status == MIZAN_OK ? MZ_OK : mz_option_no_memory(check);
}

enum mz_code mz_option_map(struct mz_option_check *check,
                           const struct mizan_value *value, struct mizan_value *out)
{
    if (mz_option_is_empty_table(value)) {
        *out = (struct mizan_value){.type = MIZAN_MAP};
        return MZ_OK;
    }
    if (value->type == MIZAN_LIST) {
        return mz_option_wrong(
            check, "expects a table of names and values, got %zu without a name",
            value->as.list.count);
    }
    if (value->type != MIZAN_MAP) {
        return mz_option_unexpected(check, value);
    }
    return copy_table(check, value, out);
}

static bool is_id(struct mizan_slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        bool allowed = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' ||
                       byte == '-';
        if (!allowed) {
            return false;
        }
    }
    return text.size > 0;
}

static enum mz_code check_source(struct mz_option_check *check,
                                 const struct mizan_value *source,
                                 struct mizan_slice *id)
{
    char got[MZ_OPTION_SHOWN + 8];
    if (source->type != MIZAN_MAP) {
        mz_option_describe(got, source, false);
        return mz_option_wrong(check, "expects a source such as { id = \"a\" }, got %s",
                               got);
    }
    const struct mizan_value *value = mz_map_member(source, "id");
    if (value == NULL || value->type == MIZAN_NIL) {
        return mz_option_wrong(check, "has no id; write id = \"a\"");
    }
    mz_option_describe(got, value, false);
    if (value->type != MIZAN_TEXT) {
        return mz_option_wrong(check, "expects text as its id, got %s", got);
    }
    if (!is_id(value->as.text)) {
        return mz_option_wrong(
            check, "has the id %s; an id has letters, digits, '.', '_' and '-' only",
            got);
    }
    *id = value->as.text;
    return MZ_OK;
}

/* Values of the map are the sources themselves: which item one is tells its place. */
static enum mz_code check_unique(struct mz_option_check *check, struct mz_map *seen,
                                 const struct mizan_list *list, struct mizan_slice id)
{
    size_t position = check->position;
    const struct mizan_value *former = mz_map_get(seen, id.data, id.size);
    if (former != NULL) {
        char shown[MZ_OPTION_SHOWN];
        check->position = 0;
        mz_option_cut(shown, id.data, id.size);
        return mz_option_wrong(check, "has the id '%s' twice, in items %zu and %zu",
                               shown, (size_t)(former - list->items) + 1, position);
    }
    union {
        const struct mizan_value *item;
        void *value;
    } place = {&list->items[position - 1]};
    if (!mz_map_set(seen, id.data, id.size, place.value, NULL)) {
        return mz_option_no_memory(check);
    }
    return MZ_OK;
}

static enum mz_code check_sources(struct mz_option_check *check,
                                  const struct mizan_list *list)
{
    struct mz_map *seen = mz_map_create();
    enum mz_code code = seen == NULL ? mz_option_no_memory(check) : MZ_OK;
    for (size_t i = 0; i < list->count && code == MZ_OK; i++) {
        struct mizan_slice id = {NULL, 0};
        check->position = i + 1;
        code = check_source(check, &list->items[i], &id);
        if (code == MZ_OK) {
            code = check_unique(check, seen, list, id);
        }
    }
    check->position = 0;
    mz_map_destroy(seen, NULL);
    return code;
}

enum mz_code mz_option_sources(struct mz_option_check *check,
                               const struct mizan_value *value, struct mizan_value *out)
{
    if (mz_option_is_empty_table(value)) {
        *out = (struct mizan_value){.type = MIZAN_LIST};
        return MZ_OK;
    }
    if (value->type == MIZAN_MAP && mz_map_member(value, "id") != NULL) {
        enum mz_code code = mz_option_unexpected(check, value);
        mz_error_help(check->error, "one source is a list too: write { { id = … } }");
        return code;
    }
    if (value->type != MIZAN_LIST) {
        return mz_option_unexpected(check, value);
    }
    enum mz_code code = check_sources(check, &value->as.list);
    return code == MZ_OK ? copy_table(check, value, out) : code;
}
