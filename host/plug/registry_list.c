/* What is in the search path, and what a loaded plugin says of itself. */
#include "plug/plugin.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plug/internal.h"

#define FILES_MOST 4096 /* of one search path */

struct listing {
    struct mz_arena *arena;
    const char **files;
    size_t count;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum mz_code no_memory(struct mz_error *error)
{
    return mz_fail(error, MZ_MEMORY, "no memory for the list of plugins");
}

static enum mz_code add_folder(struct listing *listing, const char *folder,
                               struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return MZ_OK; /* a folder of the search path need not exist */
    }
    const struct dirent *entry;
    /* NOLINTNEXTLINE: no other thread has this stream */
    while (code == MZ_OK && (entry = readdir(entries)) != NULL) {
        if (!mz_ends_with(entry->d_name, ".so") || entry->d_name[0] == '.') {
            continue;
        }
        char *file = mz_arena_string(listing->arena, entry->d_name);
        if (file == NULL) {
            code = no_memory(error);
        } else if (listing->count == FILES_MOST) {
            code = mz_fail(error, MZ_LIMIT,
                           "more than %d plugin files in the search path", FILES_MOST);
        } else {
            listing->files[listing->count++] = file;
        }
    }
    closedir(entries);
    return code;
}

/* The names of all .so files of the search path, sorted, each once. */
static enum mz_code list_files(const struct mz_registry *registry,
                               struct mz_arena *arena, struct listing *out,
                               struct mz_error *error)
{
    out->arena = arena;
    out->count = 0;
    out->files = mz_arena_alloc(arena, FILES_MOST * sizeof *out->files);
    if (out->files == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < registry->folder_count; i++) {
        enum mz_code code = add_folder(out, registry->folders[i], error);
        if (code != MZ_OK) {
            return code;
        }
    }
    qsort(out->files, out->count, sizeof *out->files, compare_names);
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        if (kept == 0 || strcmp(out->files[i], out->files[kept - 1]) != 0) {
            out->files[kept++] = out->files[i];
        }
    }
    out->count = kept;
    return MZ_OK;
}

enum mz_code mz_registry_names(struct mz_registry *registry, enum mizan_kind kind,
                               struct mz_arena *arena, const char *const **out,
                               size_t *count, struct mz_error *error)
{
    struct listing listing;
    enum mz_code code = list_files(registry, arena, &listing, error);
    *out = NULL;
    *count = 0;
    if (code != MZ_OK) {
        return code;
    }
    for (size_t i = 0; i < listing.count; i++) {
        char name[MZ_PLUGIN_NAME];
        enum mizan_kind found;
        if (!mz_plugin_file_name(listing.files[i], &found, name) || found != kind) {
            continue;
        }
        char *copy = mz_arena_string(arena, name);
        if (copy == NULL) {
            return no_memory(error);
        }
        listing.files[(*count)++] = copy;
    }
    *out = listing.files;
    return MZ_OK;
}

static enum mz_code list_one(struct mz_registry *registry, const char *file,
                             struct mz_arena *arena, struct mz_plugin_entry *entries,
                             size_t *count, struct mz_error *error)
{
    struct mz_location place;
    struct mz_item *item = NULL;
    size_t start = 0;
    enum mz_code code = mz_registry_item(registry, file, &item, error);
    if (code != MZ_OK || item == NULL) {
        return code;
    }
    const struct mz_plugin *plugin = item->plugin;
    while (mz_registry_locate(registry, file, &start, &place)) {
        struct mz_plugin_entry *entry = &entries[*count];
        entry->path = mz_arena_string(arena, place.path);
        if (entry->path == NULL) {
            return no_memory(error);
        }
        entry->plugin = plugin->refusal == NULL ? plugin : NULL;
        entry->refusal = plugin->refusal == NULL ? NULL : plugin->refusal->message;
        (*count)++;
        if (plugin->real[0] != '\0') {
            break; /* one file, even if the path leads to it twice */
        }
    }
    return MZ_OK;
}

enum mz_code mz_registry_list(struct mz_registry *registry, struct mz_arena *arena,
                              struct mz_plugin_entry **out, size_t *count,
                              struct mz_error *error)
{
    struct listing listing;
    *out = NULL;
    *count = 0;
    enum mz_code code = list_files(registry, arena, &listing, error);
    if (code != MZ_OK) {
        return code;
    }
    size_t most = listing.count * registry->folder_count + 1;
    struct mz_plugin_entry *entries = mz_arena_alloc(arena, most * sizeof *entries);
    if (entries == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < listing.count; i++) {
        code = list_one(registry, listing.files[i], arena, entries, count, error);
        if (code != MZ_OK) {
            return code;
        }
    }
    *out = entries;
    return MZ_OK;
}

enum mz_code mz_registry_files(struct mz_registry *registry, struct mz_arena *arena,
                               const char *const **out, size_t *count,
                               struct mz_error *error)
{
    struct listing listing;
    enum mz_code code = list_files(registry, arena, &listing, error);
    *out = code == MZ_OK ? listing.files : NULL;
    *count = code == MZ_OK ? listing.count : 0;
    return code;
}

enum mz_code mz_registry_list_file(struct mz_registry *registry, const char *file,
                                   struct mz_arena *arena, struct mz_plugin_entry **out,
                                   size_t *count, struct mz_error *error)
{
    *count = 0;
    *out = mz_arena_alloc(arena, (registry->folder_count + 1) * sizeof **out);
    return *out == NULL ? no_memory(error)
                        : list_one(registry, file, arena, *out, count, error);
}

bool mz_registry_path(const struct mz_registry *registry, const char *file, char *out)
{
    struct mz_location place;
    size_t start = 0;
    if (!mz_registry_locate(registry, file, &start, &place)) {
        return false;
    }
    memcpy(out, place.path, sizeof place.path);
    return true;
}

/* ---- a plugin's data ---- */

const struct mizan_plugin *mz_plugin_descriptor(const struct mz_plugin *plugin)
{
    return &plugin->descriptor;
}

const char *mz_plugin_path(const struct mz_plugin *plugin)
{
    return plugin->path;
}

const char *mz_plugin_label(const struct mz_plugin *plugin)
{
    return plugin->label;
}

struct mz_schema mz_plugin_schema(const struct mz_plugin *plugin)
{
    const struct mizan_plugin *descriptor = &plugin->descriptor;
    return (struct mz_schema){plugin->label, descriptor->options,
                              descriptor->option_count, descriptor->option_size};
}
