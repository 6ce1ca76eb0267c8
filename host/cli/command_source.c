/* `mizan source`: the health of sources; pausing one; looking at an address. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/source_probe.h"
#include "db/health.h"
#include "run/environment.h"
#include "value/table.h"

#define LIST_MOST ((size_t)256 << 20)

/* One call of the command. */
struct sources {
    struct mz_environment environment;
    struct mz_db *db;
    struct mz_arena *arena;
};

static enum mz_code open_sources(struct sources *sources,
                                 const struct mz_arguments *arguments,
                                 enum mz_db_mode mode, struct mz_error *error)
{
    enum mz_code code = mz_environment_init(&sources->environment, NULL,
                                            mz_argument(arguments, "db"), error);
    if (code != MZ_OK) {
        return code;
    }
    sources->arena = mz_arena_create(LIST_MOST);
    return sources->arena == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory")
               : mz_db_open(sources->environment.database, mode, &sources->db, error);
}

static void close_sources(struct sources *sources)
{
    mz_db_close(sources->db);
    mz_arena_destroy(sources->arena);
    mz_environment_finish(&sources->environment);
}

static enum mz_code list_sources(struct sources *sources,
                                 const struct mz_arguments *arguments,
                                 struct mz_error *error)
{
    struct mizan_value rows;
    bool json = mz_argument(arguments, "json") != NULL;
    enum mz_code code = mz_home_sources(sources->db, mz_operand(arguments, 1),
                                        sources->arena, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "no source was asked yet\n");
        return MZ_OK;
    }
    return code == MZ_OK
               ? mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                                error)
               : code;
}

static enum mz_code pause_sources(struct sources *sources,
                                  const struct mz_arguments *arguments, bool paused,
                                  struct mz_error *error)
{
    const char *pipeline = mz_operand(arguments, 1);
    enum mz_code code = MZ_OK;
    if (mz_operand_count(arguments) < 3) {
        return mz_fail(error, MZ_USAGE,
                       "which source? mizan source %s PIPELINE SOURCE…",
                       paused ? "pause" : "resume");
    }
    for (size_t i = 2; i < mz_operand_count(arguments) && code == MZ_OK; i++) {
        code = mz_home_pause_source(sources->db, pipeline, mz_operand(arguments, i),
                                    paused, error);
    }
    return code;
}

int mz_command_source(const struct mz_arguments *arguments)
{
    struct sources sources = {.db = NULL};
    struct mz_error error;
    const char *word = mz_operand(arguments, 0);
    bool list = strcmp(word, "list") == 0, pause = strcmp(word, "pause") == 0;
    if (strcmp(word, "probe") == 0) {
        if (mz_operand_count(arguments) == 2) {
            return mz_source_probe(arguments, mz_operand(arguments, 1));
        }
        mz_fail(&error, MZ_USAGE, "one address: mizan source probe URL");
        return mz_command_fail(&error);
    }
    if (!list && !pause && strcmp(word, "resume") != 0) {
        mz_fail(&error, MZ_USAGE, "mizan source knows no '%s'", word);
        mz_error_help(&error, "it knows list, pause, resume and probe");
        return mz_command_fail(&error);
    }
    enum mz_code code =
        open_sources(&sources, arguments, list ? MZ_DB_READ : MZ_DB_WRITE, &error);
    if (code == MZ_OK) {
        code = list ? list_sources(&sources, arguments, &error)
                    : pause_sources(&sources, arguments, pause, &error);
    }
    close_sources(&sources);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
