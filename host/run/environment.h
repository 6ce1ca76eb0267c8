/* Where a command works: the project, its database and its plugins, each with the
 * reason why it is this one (for `doctor` and for messages). */
#ifndef MIZAN_RUN_ENVIRONMENT_H
#define MIZAN_RUN_ENVIRONMENT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "lua/state.h"
#include "plug/plugin.h"

struct mz_environment {
    struct mz_arena *arena;
    struct mz_project project;
    char database[MZ_PATH];      /* URL */
    const char *database_reason; /* "--db", "MIZAN_DB", "mizan.lua", "default: …" */
    const char *data_folder;     /* of a default outside the project, else NULL */
    struct mz_registry *registry;
    int64_t crash_limit; /* crashes in a row that disable a plugin */
    int64_t threads; /* of workers, for pipelines that do not say; 0: by the cores */
};

/* `from` is a script, a folder or NULL (the working folder); `database` is what --db
 * said or NULL. Order for the database: --db, MIZAN_DB, the project's mizan.lua, then
 * mizan.db beside mizan.lua, $STATE_DIRECTORY, $XDG_DATA_HOME/mizan. */
MZ_NODISCARD enum mz_code mz_environment_init(struct mz_environment *environment,
                                              const char *from, const char *database,
                                              struct mz_error *error);
/* Before a database is made: makes the data folder, when that is where it goes, and the
 * one for raw bodies. */
MZ_NODISCARD enum mz_code
mz_environment_prepare(const struct mz_environment *environment,
                       struct mz_error *error);
void mz_environment_finish(struct mz_environment *environment);

#endif
