/* From a path to a checked descriptor: the only dlopen of plugins. */
#include "plug/internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "plug/activity.h"
#include "plug/plugin.h"

/* Constructors of a plugin and of the libraries that it brings, in milliseconds. */
#define LOAD_LIMIT 60000

static const char *const kind_names[] = {NULL, "fetch", "extract", "store"};

const char *mz_kind_name(enum mizan_kind kind)
{
    size_t index = (size_t)kind;
    return index < 1 || index > 3 ? "unknown" : kind_names[index];
}

bool mz_plugin_file_name(const char *path, enum mizan_kind *kind,
                         char name[MZ_PLUGIN_NAME])
{
    const char *file = mz_path_name(path);
    size_t length = strlen(file);
    for (size_t i = 1; i <= 3; i++) {
        size_t prefix = strlen(kind_names[i]);
        if (!mz_starts_with(file, kind_names[i]) || file[prefix] != '_' ||
            !mz_ends_with(file, ".so") || length < prefix + 4) {
            continue;
        }
        size_t size = length - prefix - 4;
        if (size >= MZ_PLUGIN_NAME) {
            return false;
        }
        memcpy(name, file + prefix + 1, size);
        name[size] = '\0';
        *kind = (enum mizan_kind)i;
        return mz_plugin_name_valid(name);
    }
    return false;
}

enum mz_code mz_refuse(struct mz_error *error, const char *path, const char *help,
                       const char *format, ...)
{
    char sentence[MZ_SENTENCE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    mz_fail(error, MZ_PLUGIN_REFUSED, "plugin %s is refused: %s", path, sentence);
    if (help != NULL) {
        mz_error_help(error, "%s", help);
    }
    return MZ_PLUGIN_REFUSED;
}

struct mz_plugin *mz_plugin_create(const char *path, const char *real)
{
    char folder[MZ_PATH];
    char name[MZ_PLUGIN_NAME];
    enum mizan_kind kind;
    struct mz_plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL) {
        return NULL;
    }
    mz_path_folder(folder, real);
    plugin->path = strdup(path);
    plugin->real = strdup(real);
    plugin->folder = strdup(folder);
    if (plugin->path == NULL || plugin->real == NULL || plugin->folder == NULL) {
        mz_plugin_destroy(plugin);
        return NULL;
    }
    if (mz_plugin_file_name(path, &kind, name)) {
        snprintf(plugin->label, sizeof plugin->label, "%s.%s", mz_kind_name(kind),
                 name);
    }
    return plugin;
}

/* The shared object stays loaded: after dlclose its threads, thread-local destructors
 * and atexit functions would run into nothing, and no report could name its frames. */
void mz_plugin_destroy(struct mz_plugin *plugin)
{
    if (plugin != NULL) {
        free(plugin->path);
        free(plugin->real);
        free(plugin->folder);
        free(plugin->refusal);
        free(plugin);
    }
}

enum mz_code mz_plugin_refuse(struct mz_plugin *plugin, const struct mz_error *error)
{
    struct mz_error *copy = malloc(sizeof *copy);
    if (copy == NULL) {
        return MZ_MEMORY;
    }
    *copy = *error;
    free(plugin->refusal);
    plugin->refusal = copy;
    return MZ_OK;
}

/* Constructors run in here, so it shows on the board like a call. */
static void *load(struct mz_plugin *plugin)
{
    char what[MZ_PLUGIN_LABEL + 8];
    struct mz_surroundings before;
    snprintf(what, sizeof what, "plugin %s", plugin->label);
    mz_surroundings_note(&before);
    mz_activity_begin(what, "load", NULL, plugin->path, LOAD_LIMIT);
    void *handle = dlopen(plugin->real, RTLD_NOW | RTLD_LOCAL);
    mz_activity_end();
    mz_surroundings_restore(&before, plugin->label, plugin->changed);
    return handle;
}

static enum mz_code no_symbol(const struct mz_plugin *plugin, void *handle,
                              struct mz_error *error)
{
    char symbol[32];
    for (int major = 0; major <= 9; major++) {
        snprintf(symbol, sizeof symbol, "mizan_plugin_v%d", major);
        if (dlsym(handle, symbol) != NULL) {
            return mz_refuse(error, plugin->path,
                             "rebuild it with the headers of this version",
                             "it is built for ABI major %d, this mizan has %d", major,
                             MIZAN_ABI_MAJOR);
        }
    }
    return mz_refuse(error, plugin->path,
                     "define it as `MIZAN_EXPORT const struct mizan_plugin "
                     "mizan_plugin_v1`, in C or extern \"C\"",
                     "it exports no mizan_plugin_v%d, so it is no plugin of mizan",
                     MIZAN_ABI_MAJOR);
}

/* The descriptor's address and the size of the object there, by the symbol table. */
static enum mz_code find_descriptor(const struct mz_plugin *plugin, void *handle,
                                    const struct mizan_plugin **found,
                                    size_t *available, struct mz_error *error)
{
    Dl_info information;
    void *entry = NULL;
    void *address = dlsym(handle, "mizan_plugin_v1");
    if (address == NULL) {
        return no_symbol(plugin, handle, error);
    }
    *found = address;
    *available = sizeof **found;
    if (dladdr1(address, &information, &entry, RTLD_DL_SYMENT) == 0 || entry == NULL) {
        return MZ_OK;
    }
    const ElfW(Sym) *symbol = entry;
    unsigned type = (unsigned)symbol->st_info & 0xfU;
    if (type != STT_OBJECT || (uintptr_t)address % _Alignof(struct mizan_plugin) != 0) {
        return mz_refuse(error, plugin->path,
                         "export the structure itself, not a function or pointer to it",
                         "its mizan_plugin_v1 is not a descriptor");
    }
    *available = symbol->st_size;
    return MZ_OK;
}

enum mz_code mz_plugin_open_file(struct mz_plugin *plugin, struct mz_error *error)
{
    const struct mizan_plugin *found = NULL;
    size_t available = 0;
    enum mz_code code;
    if (plugin->label[0] == '\0') {
        return mz_refuse(error, plugin->path,
                         "name it KIND_NAME.so, as in fetch_feed.so",
                         "its file name does not say which plugin it is");
    }
    plugin->step = MZ_STEP_FILE;
    if ((code = mz_plugin_check_file(plugin->path, plugin->real, error)) != MZ_OK) {
        return code;
    }
    plugin->step = MZ_STEP_ELF;
    if ((code = mz_plugin_check_elf(plugin->path, plugin->real, error)) != MZ_OK) {
        return code;
    }
    plugin->step = MZ_STEP_LOAD;
    void *handle = load(plugin);
    if (handle == NULL) {
        const char *why = dlerror(); /* NOLINT: each thread has its own in glibc */
        return mz_refuse(error, plugin->path,
                         "link it with the libraries that it uses; nothing of mizan "
                         "itself is exported to plugins",
                         "it cannot be loaded: %s",
                         why == NULL ? "no reason given" : why);
    }
    plugin->step = MZ_STEP_SYMBOL;
    code = find_descriptor(plugin, handle, &found, &available, error);
    if (code != MZ_OK) {
        return code; /* stays loaded, see mz_plugin_destroy: its constructors have run
                      */
    }
    return mz_plugin_check_descriptor(plugin, found, available, error);
}
