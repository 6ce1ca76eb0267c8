#include "value/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "value/options_internal.h"
#include "value/record.h"

#define MZ_OPTIONS_MOST ((size_t)256) /* of one schema; more is a broken plugin */

static bool is_name(struct mizan_slice slice, const char *name)
{
    size_t length = strlen(name);
    return slice.size == length && memcmp(slice.data, name, length) == 0;
}

/* True when the schema or every stage knows the key. */
static bool is_known(const struct mz_schema *schema, struct mizan_slice key)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (is_name(key, mz_schema_option(schema, i).name)) {
            return true;
        }
    }
    return is_name(key, "name");
}

static bool is_number(struct mizan_slice key)
{
    for (size_t i = 0; i < key.size; i++) {
        if (key.data[i] < '0' || key.data[i] > '9') {
            return false;
        }
    }
    return key.size > 0;
}

static enum mz_code unknown(const struct mz_option_check *check,
                            const struct mz_schema *schema, struct mizan_slice key)
{
    const char *names[MZ_OPTIONS_MOST + 1];
    char shown[MZ_OPTION_SHOWN];
    for (size_t i = 0; i < schema->count; i++) {
        names[i] = mz_schema_option(schema, i).name;
    }
    names[schema->count] = "name";
    mz_option_cut(shown, key.data, key.size);
    if (check->error_key != NULL) {
        snprintf(check->error_key, MZ_OPTION_KEY, "%s", shown);
    }
    if (is_number(key)) {
        enum mz_code code =
            mz_fail(check->error, MZ_SCRIPT, "%s: item %s of the options has no name",
                    check->owner, shown);
        mz_error_help(check->error, "options are given by name: write name = value");
        return code;
    }
    const char *nearest = mz_nearest(shown, names, schema->count + 1);
    if (nearest != NULL) {
        return mz_fail(check->error, MZ_SCRIPT,
                       "%s: unknown option '%s'; did you mean '%s'?", check->owner,
                       shown, nearest);
    }
    enum mz_code code = mz_fail(check->error, MZ_SCRIPT, "%s: unknown option '%s'",
                                check->owner, shown);
    char list[sizeof check->error->help] = "";
    for (size_t i = 0; i < schema->count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    mz_error_help(check->error, "its options are: %s",
                  schema->count == 0 ? "none" : list);
    return code;
}

/* The map that was given; nothing, nil and an empty list are an empty map. */
static enum mz_code take_map(const struct mz_option_check *check,
                             const struct mizan_value *given, struct mizan_map *map)
{
    char got[MZ_OPTION_SHOWN + 8];
    *map = (struct mizan_map){NULL, 0};
    if (given == NULL || given->type == MIZAN_NIL || mz_option_is_empty_table(given)) {
        return MZ_OK;
    }
    if (given->type == MIZAN_MAP) {
        *map = given->as.map;
        return MZ_OK;
    }
    if (given->type == MIZAN_LIST) {
        enum mz_code code =
            mz_fail(check->error, MZ_SCRIPT, "%s: item 1 of the options has no name",
                    check->owner);
        mz_error_help(check->error, "options are given by name: write name = value");
        return code;
    }
    mz_option_describe(got, given, false);
    return mz_fail(check->error, MZ_SCRIPT, "%s: expects a table of options, got %s",
                   check->owner, got);
}

static const struct mizan_value *find_given(const struct mizan_map *given,
                                            const char *name)
{
    for (size_t i = given->count; i > 0; i--) {
        if (is_name(given->fields[i - 1].name, name)) {
            return &given->fields[i - 1].value;
        }
    }
    return NULL;
}

static enum mz_code fill_default(struct mz_option_check *check, struct mizan_value *out)
{
    struct mizan_value value = mz_nil();
    if (!mz_option_default_value(check->arena, check->option, &value)) {
        return mz_option_no_memory(check);
    }
    enum mz_code code = mz_option_convert(check, &value, out);
    if (code == MZ_SCRIPT) {
        if (check->error != NULL) {
            check->error->code = MZ_PLUGIN_REFUSED;
        }
        mz_error_prefix(check->error, "the default in the plugin's schema is wrong");
        return MZ_PLUGIN_REFUSED;
    }
    return code;
}

static enum mz_code fill_one(struct mz_option_check *check,
                             const struct mizan_map *given, struct mizan_value *out)
{
    const struct mizan_value *value = find_given(given, check->option->name);
    *out = mz_nil();
    if (value != NULL && value->type != MIZAN_NIL) {
        return mz_option_convert(check, value, out);
    }
    if (check->option->default_value != NULL) {
        return fill_default(check, out);
    }
    if ((check->option->flags & MIZAN_OPTION_REQUIRED) != 0) {
        return mz_option_wrong(check, "is required (%s)",
                               mz_option_type_name(check->option));
    }
    return MZ_OK;
}

static enum mz_code check_schema(const struct mz_option_check *check,
                                 const struct mz_schema *schema)
{
    bool fits = schema->count <= MZ_OPTIONS_MOST &&
                (schema->count == 0 ||
                 (schema->options != NULL &&
                  schema->stride >= offsetof(struct mizan_option, default_value)));
    for (size_t i = 0; fits && i < schema->count; i++) {
        fits = mz_schema_option(schema, i).name != NULL;
    }
    return fits ? MZ_OK
                : mz_fail(check->error, MZ_PLUGIN_REFUSED,
                          "%s: the plugin's table of options is broken", check->owner);
}

enum mz_code mz_options_check(struct mz_arena *arena, const struct mz_schema *schema,
                              const struct mizan_value *given, const char *folder,
                              struct mizan_options **out, char *error_key,
                              struct mz_error *error)
{
    struct mz_option_check check = {.arena = arena,
                                    .owner = schema->owner,
                                    .folder = folder,
                                    .error_key = error_key,
                                    .error = error};
    struct mizan_map map;
    *out = NULL;
    if (error_key != NULL) {
        error_key[0] = '\0';
    }
    enum mz_code code = check_schema(&check, schema);
    if (code == MZ_OK) {
        code = take_map(&check, given, &map);
    }
    if (code != MZ_OK) {
        return code;
    }
    for (size_t i = 0; i < map.count; i++) {
        if (!is_known(schema, map.fields[i].name)) {
            return unknown(&check, schema, map.fields[i].name);
        }
    }
    struct mizan_options *options = mz_arena_alloc(
        arena, sizeof *options + schema->count * sizeof(struct mz_option_value));
    if (options == NULL) {
        return mz_option_no_memory(&check);
    }
    options->count = schema->count;
    for (size_t i = 0; i < schema->count; i++) {
        struct mizan_option option = mz_schema_option(schema, i);
        check.option = &option;
        options->values[i].name = option.name;
        code = fill_one(&check, &map, &options->values[i].value);
        if (code != MZ_OK) {
            return code;
        }
    }
    *out = options;
    return MZ_OK;
}

enum mz_code mz_options_default(struct mz_arena *arena, const struct mz_schema *schema,
                                struct mizan_options **out, struct mz_error *error)
{
    return mz_options_check(arena, schema, NULL, NULL, out, NULL, error);
}

const struct mizan_value *mz_option(const struct mizan_options *options,
                                    const char *name)
{
    static const struct mizan_value nothing = {.type = MIZAN_NIL};
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->values[i].name, name) == 0) {
            return &options->values[i].value;
        }
    }
    return &nothing;
}

bool mz_option_replace(struct mizan_options *options, const char *name,
                       struct mizan_value value)
{
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->values[i].name, name) == 0) {
            options->values[i].value = value;
            return true;
        }
    }
    return false;
}
