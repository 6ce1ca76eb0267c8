/* Loading plugins, the only dlopen of the host. A plugin is looked for by name in the
 * folders of the search path as NAME.so with NAME `KIND_NAME` (fetch_feed.so), checked
 * before anything of it is called, loaded RTLD_NOW | RTLD_LOCAL and never unloaded.
 * Two files of one name in the path: refused, both paths shown. */
#ifndef MIZAN_PLUG_PLUGIN_H
#define MIZAN_PLUG_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"
#include "plug/task.h"
#include "value/options.h"

struct mz_registry; /* the search path and what was loaded from it */
struct mz_plugin;   /* a loaded plugin; lives as long as its registry */
struct mz_instance; /* one stage's instance of a plugin */

/* `folders` are copied. NULL when out of memory. */
struct mz_registry *mz_registry_create(const char *const *folders, size_t count);
void mz_registry_destroy(struct mz_registry *registry);

/* Loads it at first use. Not found: MZ_PLUGIN_REFUSED that names the folders searched
 * and the nearest name of that kind. Refusals say both sides and what to do. */
MZ_NODISCARD enum mz_code mz_registry_find(struct mz_registry *registry,
                                           enum mizan_kind kind, const char *name,
                                           struct mz_plugin **out,
                                           struct mz_error *error);
/* Loads one file by path, as mz_registry_find does. */
MZ_NODISCARD enum mz_code mz_plugin_load(struct mz_registry *registry, const char *path,
                                         struct mz_plugin **out,
                                         struct mz_error *error);

/* Every file in the search path, loaded or refused, sorted by name. */
struct mz_plugin_entry {
    const char *path;
    const struct mz_plugin *plugin; /* NULL when refused */
    const char *refusal;            /* the sentence, or NULL */
};
MZ_NODISCARD enum mz_code mz_registry_list(struct mz_registry *registry,
                                           struct mz_arena *arena,
                                           struct mz_plugin_entry **out, size_t *count,
                                           struct mz_error *error);
/* The same a file at a time, so that whoever fears a crash can look at each in a child
 * process (plug/probe.h): the names of all files, sorted, without loading any; and the
 * entries of one of them. */
MZ_NODISCARD enum mz_code mz_registry_files(struct mz_registry *registry,
                                            struct mz_arena *arena,
                                            const char *const **out, size_t *count,
                                            struct mz_error *error);
MZ_NODISCARD enum mz_code mz_registry_list_file(struct mz_registry *registry,
                                                const char *file,
                                                struct mz_arena *arena,
                                                struct mz_plugin_entry **out,
                                                size_t *count, struct mz_error *error);
/* Where the search finds the file first, in `out` of MZ_PATH bytes; false: nowhere. */
bool mz_registry_path(const struct mz_registry *registry, const char *file, char *out);
/* Names of all plugins of a kind by file name, without loading them. */
MZ_NODISCARD enum mz_code mz_registry_names(struct mz_registry *registry,
                                            enum mizan_kind kind,
                                            struct mz_arena *arena,
                                            const char *const **out, size_t *count,
                                            struct mz_error *error);

const struct mizan_plugin *mz_plugin_descriptor(const struct mz_plugin *plugin);
const char *mz_plugin_path(const struct mz_plugin *plugin);
const char *mz_plugin_label(const struct mz_plugin *plugin); /* "fetch.feed" */
struct mz_schema mz_plugin_schema(const struct mz_plugin *plugin);
const char *mz_kind_name(enum mizan_kind kind); /* "fetch" */

/* Calls. Each shows on the activity board, passes the deadline on, turns a status into
 * an error, and adds to the counters. `limit` is milliseconds, 0: none. */
MZ_NODISCARD enum mz_code mz_instance_open(struct mz_plugin *plugin,
                                           struct mizan_task *task,
                                           const struct mizan_options *options,
                                           int64_t limit, struct mz_instance **out,
                                           struct mz_error *error);
void mz_instance_close(struct mz_instance *instance); /* NULL is fine */
struct mz_plugin *mz_instance_plugin(const struct mz_instance *instance);
/* True when the plugin wants records of this type. */
bool mz_instance_consumes(const struct mz_instance *instance, const char *type);
MZ_NODISCARD enum mz_code mz_instance_fetch(struct mz_instance *instance,
                                            struct mizan_task *task,
                                            const struct mizan_record *source,
                                            int64_t limit, struct mz_error *error);
MZ_NODISCARD enum mz_code mz_instance_extract(struct mz_instance *instance,
                                              struct mizan_task *task,
                                              struct mizan_record *record,
                                              int64_t limit, struct mz_error *error);
/* Gives the records one after the other, up to the first that the plugin refuses. */
MZ_NODISCARD enum mz_code mz_instance_store(struct mz_instance *instance,
                                            struct mizan_task *task,
                                            struct mizan_record *const *records,
                                            size_t count, int64_t limit,
                                            struct mz_error *error);
MZ_NODISCARD enum mz_code mz_instance_finish_unit(struct mz_instance *instance,
                                                  struct mizan_task *task,
                                                  int64_t limit,
                                                  struct mz_error *error);
void mz_instance_discard_unit(struct mz_instance *instance, struct mizan_task *task);

#endif
