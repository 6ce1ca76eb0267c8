#include "plug/plugin.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "plug/internal.h"

#define FILES_MOST   4096 /* of one search path */
#define SCRATCH_MOST ((size_t)1024 * 1024)

struct mz_registry *mz_registry_create(const char *const *folders, size_t count)
{
    struct mz_registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL) {
        return NULL;
    }
    registry->folders = calloc(count + 1, sizeof *registry->folders);
    if (registry->folders == NULL) {
        goto failed;
    }
    for (size_t i = 0; i < count; i++) {
        registry->folders[i] = strdup(folders[i]);
        if (registry->folders[i] == NULL) {
            goto failed;
        }
        registry->folder_count++;
    }
    return registry;
failed:
    mz_registry_destroy(registry);
    return NULL;
}

void mz_registry_destroy(struct mz_registry *registry)
{
    if (registry == NULL) {
        return;
    }
    for (size_t i = 0; i < registry->count; i++) {
        mz_plugin_destroy(registry->items[i].plugin);
    }
    for (size_t i = 0; i < registry->folder_count; i++) {
        free(registry->folders[i]);
    }
    free(registry->items);
    free(registry->folders);
    free(registry);
}

/* Takes the plugin, which is destroyed when there is no memory for it. */
static enum mz_code add(struct mz_registry *registry, struct mz_plugin *plugin,
                        struct mz_item **out, struct mz_error *error)
{
    if (registry->count == registry->capacity) {
        size_t larger = registry->capacity == 0 ? 16 : registry->capacity * 2;
        struct mz_item *items = realloc(registry->items, larger * sizeof *items);
        if (items == NULL) {
            mz_plugin_destroy(plugin);
            return mz_fail(error, MZ_MEMORY, "no memory for one more plugin");
        }
        registry->items = items;
        registry->capacity = larger;
    }
    *out = &registry->items[registry->count++];
    **out = (struct mz_item){plugin, false};
    return MZ_OK;
}

/* The item of this file under this name, looked at when it is new. */
static enum mz_code item_of_file(struct mz_registry *registry, const char *path,
                                 const char *real, struct mz_item **out,
                                 struct mz_error *error)
{
    struct mz_error why = {0};
    for (size_t i = 0; i < registry->count; i++) {
        const struct mz_plugin *known = registry->items[i].plugin;
        if (strcmp(known->real, real) == 0 &&
            strcmp(mz_path_name(known->path), mz_path_name(path)) == 0) {
            *out = &registry->items[i];
            return MZ_OK;
        }
    }
    struct mz_plugin *plugin = mz_plugin_create(path, real);
    if (plugin == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for plugin %s", path);
    }
    enum mz_code code = mz_plugin_open_file(plugin, &why);
    if (code == MZ_PLUGIN_REFUSED) {
        code = mz_plugin_refuse(plugin, &why);
    }
    if (code != MZ_OK) {
        mz_plugin_destroy(plugin);
        return mz_fail(error, code, "no memory to load plugin %s", path);
    }
    return add(registry, plugin, out, error);
}

static enum mz_code item_of_path(struct mz_registry *registry, const char *path,
                                 struct mz_item **out, struct mz_error *error)
{
    char real[PATH_MAX];
    if (realpath(path, real) == NULL) {
        snprintf(real, sizeof real, "%s", path);
    }
    return item_of_file(registry, path, real, out, error);
}

static enum mz_code give(const struct mz_item *item, struct mz_plugin **out,
                         struct mz_error *error)
{
    const struct mz_error *refusal = item->plugin->refusal;
    if (refusal != NULL) {
        if (error != NULL) {
            *error = *refusal;
        }
        return refusal->code;
    }
    *out = item->plugin;
    return MZ_OK;
}

enum mz_code mz_plugin_load(struct mz_registry *registry, const char *path,
                            struct mz_plugin **out, struct mz_error *error)
{
    struct mz_item *item = NULL;
    *out = NULL;
    if (!mz_file_exists(path)) {
        return mz_fail(error, MZ_NO_FILE, "there is no plugin file %s", path);
    }
    enum mz_code code = item_of_path(registry, path, &item, error);
    return code != MZ_OK ? code : give(item, out, error);
}

bool mz_registry_locate(const struct mz_registry *registry, const char *file,
                        size_t *start, struct mz_location *out)
{
    while (*start < registry->folder_count) {
        const char *folder = registry->folders[(*start)++];
        struct stat state;
        if (!mz_path_join(out->path, folder, file) || lstat(out->path, &state) != 0) {
            continue;
        }
        /* A link that leads nowhere is found, and refused when it is looked at. */
        stat(out->path, &state);
        out->device = state.st_dev;
        out->inode = state.st_ino;
        return true;
    }
    return false;
}

/* True when the search path has two different files of this name. */
static bool locate_both(const struct mz_registry *registry, const char *file,
                        struct mz_location *first, struct mz_location *second)
{
    size_t start = 0;
    first->path[0] = '\0';
    if (!mz_registry_locate(registry, file, &start, first)) {
        first->path[0] = '\0';
        return false;
    }
    while (mz_registry_locate(registry, file, &start, second)) {
        if (first->device != second->device || first->inode != second->inode) {
            return true;
        }
    }
    return false;
}

static enum mz_code item_of_two(struct mz_registry *registry,
                                const struct mz_location *first,
                                const struct mz_location *second, struct mz_item **out,
                                struct mz_error *error)
{
    struct mz_error why = {0};
    struct mz_plugin *plugin = mz_plugin_create(first->path, "");
    if (plugin == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for plugin %s", first->path);
    }
    mz_fail(
        &why, MZ_PLUGIN_REFUSED,
        "plugin %s is refused: two files in the search path have that name, %s and %s",
        plugin->label, first->path, second->path);
    mz_error_help(&why, "take one of them out of the search path");
    if (mz_plugin_refuse(plugin, &why) != MZ_OK) {
        mz_plugin_destroy(plugin);
        return mz_fail(error, MZ_MEMORY, "no memory for plugin %s", first->path);
    }
    return add(registry, plugin, out, error);
}

enum mz_code mz_registry_item(struct mz_registry *registry, const char *file,
                              struct mz_item **out, struct mz_error *error)
{
    struct mz_location places[2];
    enum mz_code code;
    *out = NULL;
    for (size_t i = 0; i < registry->count; i++) {
        struct mz_item *item = &registry->items[i];
        if (item->by_name && strcmp(mz_path_name(item->plugin->path), file) == 0) {
            *out = item;
            return MZ_OK;
        }
    }
    if (locate_both(registry, file, &places[0], &places[1])) {
        code = item_of_two(registry, &places[0], &places[1], out, error);
    } else if (places[0].path[0] != '\0') {
        code = item_of_path(registry, places[0].path, out, error);
    } else {
        return MZ_OK;
    }
    if (code == MZ_OK && *out != NULL) {
        (*out)->by_name = true;
    }
    return code;
}

static void help_nearest(struct mz_registry *registry, enum mizan_kind kind,
                         const char *name, struct mz_error *error)
{
    const char *const *names = NULL;
    size_t count = 0;
    struct mz_arena *arena = mz_arena_create(SCRATCH_MOST);
    if (arena == NULL) {
        return;
    }
    if (mz_registry_names(registry, kind, arena, &names, &count, NULL) == MZ_OK) {
        const char *nearest = mz_nearest(name, names, count);
        if (nearest != NULL) {
            mz_error_help(error, "did you mean %s.%s?", mz_kind_name(kind), nearest);
        }
    }
    for (int other = MIZAN_KIND_FETCH; other <= MIZAN_KIND_STORE; other++) {
        char file[MZ_PATH];
        struct mz_location place;
        size_t start = 0;
        snprintf(file, sizeof file, "%s_%.64s.so", mz_kind_name((enum mizan_kind)other),
                 name);
        if (other != (int)kind && mz_registry_locate(registry, file, &start, &place)) {
            mz_error_help(error, "did you mean %s.%s?",
                          mz_kind_name((enum mizan_kind)other), name);
        }
    }
    mz_arena_destroy(arena);
}

static enum mz_code not_found(struct mz_registry *registry, enum mizan_kind kind,
                              const char *name, struct mz_error *error)
{
    struct mz_buffer folders;
    mz_buffer_init(&folders, 700);
    for (size_t i = 0; i < registry->folder_count; i++) {
        mz_buffer_printf(&folders, "%s%s", i == 0 ? "" : ", ", registry->folders[i]);
    }
    mz_fail(error, MZ_PLUGIN_REFUSED, "there is no plugin %s.%s; searched: %s",
            mz_kind_name(kind), name,
            folders.data == NULL ? "nothing, the search path is empty" : folders.data);
    mz_buffer_finish(&folders);
    if (error != NULL) {
        help_nearest(registry, kind, name, error);
    }
    return MZ_PLUGIN_REFUSED;
}

enum mz_code mz_registry_find(struct mz_registry *registry, enum mizan_kind kind,
                              const char *name, struct mz_plugin **out,
                              struct mz_error *error)
{
    char file[MZ_PLUGIN_LABEL + 8];
    struct mz_item *item = NULL;
    *out = NULL;
    if (!mz_plugin_name_valid(name)) {
        return not_found(registry, kind, name, error);
    }
    snprintf(file, sizeof file, "%s_%s.so", mz_kind_name(kind), name);
    enum mz_code code = mz_registry_item(registry, file, &item, error);
    if (code != MZ_OK) {
        return code;
    }
    return item == NULL ? not_found(registry, kind, name, error)
                        : give(item, out, error);
}
