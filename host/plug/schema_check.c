/* The option schema of a plugin: whatever is wrong in it would otherwise show only when
 * a script uses the option, far from whoever can mend it. */
#include "plug/internal.h"

#include <string.h>

#include "base/arena.h"

#define OPTIONS_MOST 256
#define SCRATCH_MOST ((size_t)256 * 1024)

/* A schema of this one option, which must have `value` as its default. */
static enum mz_code check_value(const char *owner, struct mizan_option option,
                                const char *value, struct mz_error *error)
{
    struct mz_schema schema = {owner, &option, 1, sizeof option};
    struct mizan_options *ignored = NULL;
    if (value == NULL) {
        return MZ_OK;
    }
    struct mz_arena *arena = mz_arena_create(SCRATCH_MOST);
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory to check the options of %s", owner);
    }
    option.default_value = value;
    option.flags &= ~(uint32_t)MIZAN_OPTION_REQUIRED;
    enum mz_code code = mz_options_default(arena, &schema, &ignored, error);
    mz_arena_destroy(arena);
    return code;
}

static enum mz_code check_values(const char *path, const char *owner,
                                 const struct mizan_option *option,
                                 struct mz_error *error)
{
    struct mz_error why;
    struct mizan_option unbounded = *option;
    unbounded.minimum = NULL;
    unbounded.maximum = NULL;
    const struct {
        const char *what, *value;
        const struct mizan_option *option;
    } values[] = {
        {"minimum", option->minimum, &unbounded},
        {"maximum", option->maximum, &unbounded},
        {"default", option->default_value, option},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (check_value(owner, *values[i].option, values[i].value, &why) != MZ_OK) {
            /* The sentence begins with what is wrong here only for a default. */
            const char *reason = strstr(why.message, "option '");
            return mz_refuse(error, path, reason == NULL ? why.message : reason,
                             "the %s of its option %s, \"%s\", is no value for it",
                             values[i].what, option->name, values[i].value);
        }
    }
    return MZ_OK;
}

static enum mz_code check_option(const char *path, const struct mz_schema *schema,
                                 size_t index, struct mz_error *error)
{
    struct mizan_option option = mz_schema_option(schema, index);
    if (option.name == NULL || !mz_plugin_name_valid(option.name)) {
        return mz_refuse(error, path, "a name is [a-z][a-z0-9_]*, 39 bytes at most",
                         "the name of its option %zu is missing or not allowed",
                         index + 1);
    }
    if (mz_option_is_common(option.name)) {
        return mz_refuse(error, path, "give the option another name",
                         "its option %s has the name of an option that every stage has",
                         option.name);
    }
    for (size_t i = 0; i < index; i++) {
        if (strcmp(mz_schema_option(schema, i).name, option.name) == 0) {
            return mz_refuse(error, path, "give one of them another name",
                             "it has two options named %s", option.name);
        }
    }
    if (option.type < MIZAN_OPTION_BOOLEAN || option.type > MIZAN_OPTION_SOURCES) {
        return mz_refuse(error, path, "use a type of enum mizan_option_type",
                         "its option %s is of type %u, which this mizan does not know",
                         option.name, (unsigned)option.type);
    }
    if (option.help == NULL || option.help[0] == '\0') {
        return mz_refuse(error, path, "say in one sentence what it does",
                         "its option %s has no help", option.name);
    }
    return check_values(path, schema->owner, &option, error);
}

enum mz_code mz_plugin_check_options(const char *path,
                                     const struct mizan_plugin *plugin,
                                     struct mz_error *error)
{
    struct mz_schema schema = {plugin->name, plugin->options, plugin->option_count,
                               plugin->option_size};
    if (plugin->option_count == 0) {
        return MZ_OK;
    }
    if (plugin->options == NULL || plugin->option_count > OPTIONS_MOST) {
        return mz_refuse(
            error, path, "set options and option_count of one list",
            "its descriptor counts %u options, %s", (unsigned)plugin->option_count,
            plugin->options == NULL ? "but has no list of them" : "more than 256");
    }
    if (plugin->option_size < MZ_OPTION_SIZE_MINIMUM ||
        plugin->option_size % _Alignof(struct mizan_option) != 0) {
        return mz_refuse(error, path, "set option_size to sizeof(struct mizan_option)",
                         "its option_size is %u; ABI %d.0 needs at least %d",
                         (unsigned)plugin->option_size, MIZAN_ABI_MAJOR,
                         MZ_OPTION_SIZE_MINIMUM);
    }
    for (size_t i = 0; i < plugin->option_count; i++) {
        enum mz_code code = check_option(path, &schema, i, error);
        if (code != MZ_OK) {
            return code;
        }
    }
    return MZ_OK;
}
