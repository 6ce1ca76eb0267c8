/* The descriptor is data of the plugin's: it is read with care, and nothing of the
 * plugin is called before all of it was found to be right. */
#include "plug/internal.h"

#include <stdio.h>
#include <string.h>

#include "plug/plugin.h"

#define CONSUMES_MOST 64
#define TEXT_MOST     1000

_Static_assert(sizeof(struct mizan_plugin) >= MZ_PLUGIN_SIZE_MINIMUM, "only grows");
_Static_assert(sizeof(struct mizan_option) >= MZ_OPTION_SIZE_MINIMUM, "only grows");

bool mz_plugin_name_valid(const char *name)
{
    size_t length = strnlen(name, MZ_PLUGIN_NAME);
    if (length == 0 || length == MZ_PLUGIN_NAME || name[0] < 'a' || name[0] > 'z') {
        return false;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static enum mz_code check_identity(struct mz_plugin *plugin,
                                   const struct mizan_plugin *found, size_t available,
                                   struct mz_error *error)
{
    const char *path = plugin->path;
    static const char rebuild[] = "rebuild it with the headers of this mizan";
    plugin->step = MZ_STEP_SIZE;
    if (available < offsetof(struct mizan_plugin, kind)) {
        return mz_refuse(error, path, rebuild,
                         "its mizan_plugin_v%d is of %zu bytes, too small for a plugin",
                         MIZAN_ABI_MAJOR, available);
    }
    plugin->step = MZ_STEP_MAGIC;
    if (found->magic != MIZAN_PLUGIN_MAGIC) {
        return mz_refuse(
            error, path, "set magic to MIZAN_PLUGIN_MAGIC",
            "its descriptor begins with the magic %016llx, a plugin's with "
            "%016llx",
            (unsigned long long)found->magic, (unsigned long long)MIZAN_PLUGIN_MAGIC);
    }
    plugin->step = MZ_STEP_VERSION;
    if (found->abi_major != MIZAN_ABI_MAJOR) {
        return mz_refuse(error, path, rebuild,
                         "it is built for ABI major %u, this mizan has %d",
                         (unsigned)found->abi_major, MIZAN_ABI_MAJOR);
    }
    if (found->abi_minor > MIZAN_ABI_MINOR) {
        return mz_refuse(error, path,
                         "install a newer mizan, or build it for the older ABI",
                         "it needs ABI %d.%u, this mizan has %d.%d", MIZAN_ABI_MAJOR,
                         (unsigned)found->abi_minor, MIZAN_ABI_MAJOR, MIZAN_ABI_MINOR);
    }
    plugin->step = MZ_STEP_SIZE;
    if (found->size < MZ_PLUGIN_SIZE_MINIMUM || found->size > available) {
        return mz_refuse(error, path, "set size to sizeof(struct mizan_plugin)",
                         "its descriptor says it has %u bytes; ABI %d.0 needs at least "
                         "%d, and the symbol has %zu",
                         (unsigned)found->size, MIZAN_ABI_MAJOR, MZ_PLUGIN_SIZE_MINIMUM,
                         available);
    }
    return MZ_OK;
}

static enum mz_code check_name(const char *path, const struct mizan_plugin *plugin,
                               struct mz_error *error)
{
    char name[MZ_PLUGIN_NAME];
    enum mizan_kind kind;
    if (!mz_plugin_file_name(path, &kind, name)) {
        return mz_refuse(error, path, "name it KIND_NAME.so, as in fetch_feed.so",
                         "its file name does not say which plugin it is");
    }
    if (plugin->kind < MIZAN_KIND_FETCH || plugin->kind > MIZAN_KIND_STORE) {
        return mz_refuse(error, path, "set kind to one of enum mizan_kind",
                         "its kind is %u, which this mizan does not know",
                         (unsigned)plugin->kind);
    }
    if (plugin->name == NULL || !mz_plugin_name_valid(plugin->name)) {
        return mz_refuse(error, path, "a name is [a-z][a-z0-9_]*, 39 bytes at most",
                         "the name in its descriptor is missing or not allowed");
    }
    if (plugin->kind != kind || strcmp(plugin->name, name) != 0) {
        const char *inside = mz_kind_name((enum mizan_kind)plugin->kind);
        enum mz_code code =
            mz_refuse(error, path, NULL,
                      "the file is named for %s.%s, the plugin in it is "
                      "%s.%s",
                      mz_kind_name(kind), name, inside, plugin->name);
        mz_error_help(error, "rename the file to %s_%s.so", inside, plugin->name);
        return code;
    }
    return MZ_OK;
}

static bool is_sentence(const char *text)
{
    return text != NULL && text[0] != '\0' && strnlen(text, TEXT_MOST) < TEXT_MOST;
}

static enum mz_code check_texts(const char *path, const struct mizan_plugin *plugin,
                                struct mz_error *error)
{
    const char *missing = NULL;
    if (!is_sentence(plugin->version)) {
        missing = "version";
    } else if (!is_sentence(plugin->summary)) {
        missing = "summary";
    } else if (!is_sentence(plugin->stability)) {
        missing = "stability";
    }
    if (missing != NULL) {
        return mz_refuse(error, path, "fill it in the descriptor",
                         "its descriptor has no %s", missing);
    }
    if (strcmp(plugin->stability, "stable") != 0 &&
        strcmp(plugin->stability, "beta") != 0 &&
        strcmp(plugin->stability, "experimental") != 0) {
        return mz_refuse(error, path, "write \"stable\", \"beta\" or \"experimental\"",
                         "its stability is \"%s\"", plugin->stability);
    }
    return MZ_OK;
}

static enum mz_code check_functions(const char *path, const struct mizan_plugin *plugin,
                                    struct mz_error *error)
{
    const char *missing = NULL;
    if (plugin->open == NULL) {
        missing = "open";
    } else if (plugin->close == NULL) {
        missing = "close";
    } else if (plugin->kind == MIZAN_KIND_FETCH && plugin->fetch == NULL) {
        missing = "fetch";
    } else if (plugin->kind == MIZAN_KIND_EXTRACT && plugin->extract == NULL) {
        missing = "extract";
    } else if (plugin->kind == MIZAN_KIND_STORE && plugin->store == NULL) {
        missing = "store";
    }
    if (missing != NULL) {
        return mz_refuse(error, path, "set it in the descriptor",
                         "its descriptor has no function %s, which a plugin of kind %s "
                         "must have",
                         missing, mz_kind_name((enum mizan_kind)plugin->kind));
    }
    if ((plugin->flags & MIZAN_PLUGIN_HOME_STORE) != 0 &&
        plugin->kind != MIZAN_KIND_STORE) {
        return mz_refuse(error, path, "take the flag away",
                         "it has the flag MIZAN_PLUGIN_HOME_STORE, which is for stores "
                         "alone");
    }
    return MZ_OK;
}

static enum mz_code check_consumes(const char *path, const struct mizan_plugin *plugin,
                                   struct mz_error *error)
{
    size_t count = 0;
    if (plugin->consumes == NULL) {
        return MZ_OK;
    }
    while (plugin->consumes[count] != NULL) {
        if (!mz_plugin_name_valid(plugin->consumes[count])) {
            return mz_refuse(error, path, "a type is [a-z][a-z0-9_]*, 39 bytes at most",
                             "the record type %zu that it consumes has a name that is "
                             "not allowed",
                             count + 1);
        }
        if (++count > CONSUMES_MOST) {
            return mz_refuse(error, path, "end the list with NULL",
                             "the list of record types that it consumes does not end");
        }
    }
    return MZ_OK;
}

enum mz_code mz_plugin_check_descriptor(struct mz_plugin *plugin,
                                        const struct mizan_plugin *found,
                                        size_t available, struct mz_error *error)
{
    static const struct {
        enum mz_load_step step;
        enum mz_code (*check)(const char *path, const struct mizan_plugin *plugin,
                              struct mz_error *error);
    } checks[] = {{MZ_STEP_NAME, check_name},
                  {MZ_STEP_TEXTS, check_texts},
                  {MZ_STEP_FUNCTIONS, check_functions},
                  {MZ_STEP_TYPES, check_consumes},
                  {MZ_STEP_OPTIONS, mz_plugin_check_options}};
    struct mizan_plugin *out = &plugin->descriptor;
    enum mz_code code = check_identity(plugin, found, available, error);
    if (code != MZ_OK) {
        return code;
    }
    /* A plugin of another minor version may have a smaller or larger descriptor. */
    memset(out, 0, sizeof *out);
    memcpy(out, found, found->size < sizeof *out ? found->size : sizeof *out);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        plugin->step = checks[i].step;
        code = checks[i].check(plugin->path, out, error);
        if (code != MZ_OK) {
            return code;
        }
    }
    plugin->step = MZ_STEP_DONE;
    return MZ_OK;
}
