/* One Lua state of one run: sandboxed, capped from birth, owned by one thread. Every
 * entry into Lua is protected; a failure comes back as an error with the script's file,
 * line and traceback, never as a longjmp. */
#ifndef MIZAN_LUA_STATE_H
#define MIZAN_LUA_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "plug/plugin.h"

struct mz_lua;
struct mz_tester;

struct mz_lua_settings {
    const char *folder; /* the project's: `lib/` below it is searched by require */
    size_t memory;      /* ceiling in bytes; 0: 256 MiB */
    int64_t load_time;  /* milliseconds for loading a script; 0: 5 s */
    struct mz_registry *registry;  /* resolves mizan.fetch.NAME …; borrowed */
    const char *const *parameters; /* `name=value` of the command line */
    size_t parameter_count;
    const struct mz_tester *tester; /* for test files (lua/tester.h), else NULL */
};

/* Settings are copied, the registry and the tester are borrowed. */
MZ_NODISCARD enum mz_code mz_lua_create(const struct mz_lua_settings *settings,
                                        struct mz_lua **out, struct mz_error *error);
void mz_lua_destroy(struct mz_lua *lua);        /* NULL is fine */
size_t mz_lua_memory(const struct mz_lua *lua); /* bytes in use */

/* The project's `mizan.lua`: absent is an empty project. */
struct mz_project {
    const char *folder;         /* absolute */
    const char *database;       /* URL or NULL */
    const char *const *plugins; /* further plugin folders, absolute */
    size_t plugin_count;
    const char *const *programs; /* that extract.exec may run */
    size_t program_count;
    const char *raw_folder; /* for raw bodies, absolute; NULL: the database */
    struct mizan_value all; /* the whole table, for `doctor` and later keys */
};
/* Finds the project of a script: the nearest folder above it (or itself, when `from` is
 * a folder) with a mizan.lua, else the script's own folder. `folder` has MZ_PATH bytes.
 */
void mz_project_find(const char *from, char *folder);
/* Evaluates FOLDER/mizan.lua in a small state of its own. Everything in `arena`. */
MZ_NODISCARD enum mz_code mz_project_load(const char *folder, struct mz_arena *arena,
                                          struct mz_project *out,
                                          struct mz_error *error);

#endif
