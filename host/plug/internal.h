/* What the files of this folder share and nobody else sees. */
#ifndef MIZAN_PLUG_INTERNAL_H
#define MIZAN_PLUG_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/file.h"
#include "mizan/plugin.h"
#include "value/options.h"

#define MZ_PLUGIN_NAME  40 /* bytes of a plugin's name, with its NUL */
#define MZ_PLUGIN_LABEL 56 /* "extract." and the name */
#define MZ_SENTENCE     1024

/* The sizes of major version 1 at its first minor version, in bytes: nothing smaller
 * can be a plugin of this major. They never change (tests/abi/layout.c). */
#define MZ_PLUGIN_SIZE_MINIMUM 136
#define MZ_OPTION_SIZE_MINIMUM 56

/* What is looked at, in this order, before a plugin may be used. XX(NAME, "name") */
#define MZ_LOAD_STEPS(XX)                                                              \
    XX(FILE, "file")                                                                   \
    XX(ELF, "elf")                                                                     \
    XX(LOAD, "load")                                                                   \
    XX(SYMBOL, "symbol")                                                               \
    XX(MAGIC, "magic")                                                                 \
    XX(VERSION, "version")                                                             \
    XX(SIZE, "size")                                                                   \
    XX(NAME, "name")                                                                   \
    XX(TEXTS, "texts")                                                                 \
    XX(FUNCTIONS, "functions")                                                         \
    XX(TYPES, "types")                                                                 \
    XX(OPTIONS, "options")
enum mz_load_step {
#define XX(name, text) MZ_STEP_##name,
    MZ_LOAD_STEPS(XX)
#undef XX
        MZ_STEP_DONE
};

/* A file that was looked at: usable, or refused for good. */
struct mz_plugin {
    struct mizan_plugin descriptor; /* a copy of our own size, the rest cleared */
    char label[MZ_PLUGIN_LABEL];    /* "fetch.feed", by the file's name */
    char *path;                     /* as it was found */
    char *real;                     /* with links resolved; what is loaded */
    char *folder;                   /* of `real`: where data files lie */
    struct mz_error *refusal;       /* NULL: usable */
    enum mz_load_step step;         /* the one at hand, or the one that refused */
    char changed[128];              /* what loading changed in the process, or empty */
};

/* Makes and frees the object; nothing is looked at. NULL when out of memory. */
struct mz_plugin *mz_plugin_create(const char *path, const char *real);
void mz_plugin_destroy(struct mz_plugin *plugin);
/* Keeps `error` as the reason why this plugin is never used. */
MZ_NODISCARD enum mz_code mz_plugin_refuse(struct mz_plugin *plugin,
                                           const struct mz_error *error);
/* Checks the file, loads it, checks the descriptor: fills `plugin` or says why not. */
MZ_NODISCARD enum mz_code mz_plugin_open_file(struct mz_plugin *plugin,
                                              struct mz_error *error);

/* Not thread-safe: plugins are found before the threads of a run start. */
struct mz_registry {
    char **folders;
    size_t folder_count;
    struct mz_item {
        struct mz_plugin *plugin;
        bool by_name; /* what the search for its file name gave */
    } * items;
    size_t count, capacity;
};
/* Where a file name was found in the search path. */
struct mz_location {
    char path[MZ_PATH];
    dev_t device;
    ino_t inode;
};
/* Looks for `file` in the search path from folder *start on; false at its end. */
bool mz_registry_locate(const struct mz_registry *registry, const char *file,
                        size_t *start, struct mz_location *out);
/* What the search for a file name gives, usable or refused, looked at when it is new;
 * *out is NULL when there is no such file. Valid until the next search. */
MZ_NODISCARD enum mz_code mz_registry_item(struct mz_registry *registry,
                                           const char *file, struct mz_item **out,
                                           struct mz_error *error);

/* Kind and name of KIND_NAME.so; false when the file is not named so. */
bool mz_plugin_file_name(const char *path, enum mizan_kind *kind,
                         char name[MZ_PLUGIN_NAME]);
/* [a-z][a-z0-9_]*, shorter than MZ_PLUGIN_NAME. */
bool mz_plugin_name_valid(const char *name);

/* Regular file of ours or root's that nobody else can change. */
MZ_NODISCARD enum mz_code mz_plugin_check_file(const char *path, const char *real,
                                               struct mz_error *error);
/* A whole ELF shared object for this machine. */
MZ_NODISCARD enum mz_code mz_plugin_check_elf(const char *path, const char *real,
                                              struct mz_error *error);
/* The descriptor that the plugin exports, `available` bytes by the symbol's size; on
 * success a copy is in plugin->descriptor. */
MZ_NODISCARD enum mz_code mz_plugin_check_descriptor(struct mz_plugin *plugin,
                                                     const struct mizan_plugin *found,
                                                     size_t available,
                                                     struct mz_error *error);
MZ_NODISCARD enum mz_code mz_plugin_check_options(const char *path,
                                                  const struct mizan_plugin *plugin,
                                                  struct mz_error *error);

/* "plugin PATH is refused: …"; `help` may be NULL. Returns MZ_PLUGIN_REFUSED. */
enum mz_code mz_refuse(struct mz_error *error, const char *path, const char *help,
                       const char *format, ...) MZ_PRINTF(4, 5);

/* Settings of the process that a plugin must leave alone, noted before its code runs.
 */
#define MZ_NOTED_SIGNALS 32 /* the standard ones */
struct mz_surroundings {
    char locale[256];
    int umask; /* -1: unknown */
    char folder[MZ_PATH];
    struct sigaction signals[MZ_NOTED_SIGNALS]; /* by number; 0 is not used */
    sigset_t blocked;
};
void mz_surroundings_note(struct mz_surroundings *before);
/* Puts back what changed and warns with the plugin's label; returns how many.
 * `changed` (may be NULL) becomes the list of them for people, or empty. */
int mz_surroundings_restore(const struct mz_surroundings *before, const char *label,
                            char changed[128]);
/* Takes back fatal signals whose handlers were replaced; returns how many. */
int mz_activity_reclaim(void);

/* "MIZAN_ERROR_INPUT", or NULL when it is no status of this version. */
const char *mz_status_name(int32_t status);

#endif
