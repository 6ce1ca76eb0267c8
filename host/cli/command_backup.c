/* `mizan backup` and `mizan gc`: a copy of the database, and clearing it up. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/pipeline_files.h"
#include "db/care.h"
#include "db/raw.h"
#include "run/intake.h"
#include "run/run.h"
#include "run/supervise.h"
#include "value/record.h"
#include "value/table.h"

#define CEILING        ((size_t)256 << 20)
#define DAY            ((int64_t)24 * 60 * 60 * 1000)
#define MOST_PIPELINES 4096

/* ---- backup ---- */

static void show_progress(void *context, int64_t done, int64_t all)
{
    int64_t *shown = context;
    int64_t now = mz_clock_monotonic();
    if (now - *shown >= 100 || done == all) {
        *shown = now;
        fprintf(stderr, "\r%3lld %%  %lld of %lld pages\033[K",
                (long long)(all > 0 ? done * 100 / all : 100), (long long)done,
                (long long)all);
    }
}

int mz_command_backup(const struct mz_arguments *arguments)
{
    struct mz_environment environment;
    struct mz_error error;
    struct mz_db *db = NULL;
    int64_t shown = 0;
    bool terminal =
        isatty(STDERR_FILENO) == 1 && mz_argument(arguments, "quiet") == NULL;
    enum mz_code code =
        mz_environment_init(&environment, NULL, mz_argument(arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_db_open(environment.database, MZ_DB_READ, &db, &error);
    if (code == MZ_OK) {
        code = mz_db_backup(db, mz_operand(arguments, 0),
                            terminal ? show_progress : NULL, &shown, &error);
        fprintf(stderr, "%s", terminal ? "\r\033[K" : "");
    }
    if (code == MZ_OK && mz_argument(arguments, "quiet") == NULL) {
        fprintf(stderr, "%s: a whole copy of %s, checked\n", mz_operand(arguments, 0),
                mz_db_location(db));
    }
    mz_db_close(db);
    mz_environment_finish(&environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

/* ---- gc ---- */

struct clearing {
    struct mz_environment environment;
    struct mz_arena *arena;
    struct mz_kept_pipeline *pipelines;
    size_t count, broken;
    struct mz_keep usual;
};

static void take(const struct mizan_value *keep, const char *name, int64_t *out)
{
    const char *text = keep == NULL ? NULL : mz_map_text(keep, name);
    int64_t milliseconds;
    if (text != NULL && mz_parse_duration(text, &milliseconds)) {
        *out = milliseconds;
    }
}

static void take_keep(const struct mizan_value *keep, struct mz_keep *out)
{
    take(keep, "raw", &out->raw);
    take(keep, "logs", &out->logs);
    take(keep, "history", &out->history);
    take(keep, "messages", &out->messages);
}

static enum mz_code take_pipeline(struct clearing *clearing,
                                  const struct mz_loaded *loaded,
                                  struct mz_error *error)
{
    const struct mz_source *sources;
    size_t count;
    struct mz_kept_pipeline *out = &clearing->pipelines[clearing->count];
    enum mz_code code = mz_sources_list(loaded->pipeline, loaded->environment.arena,
                                        &sources, &count, error);
    if (code != MZ_OK) {
        return code;
    }
    const char **ids = mz_arena_alloc(clearing->arena, (count + 1) * sizeof *ids);
    out->name = mz_arena_string(clearing->arena, loaded->pipeline->name);
    if (ids == NULL || out->name == NULL || clearing->count == MOST_PIPELINES - 1) {
        return mz_fail(error, MZ_LIMIT, "too many pipelines to clear up at once");
    }
    for (size_t i = 0; i < count; i++) {
        ids[i] = mz_arena_string(clearing->arena, sources[i].id);
        if (ids[i] == NULL) {
            return mz_fail(error, MZ_MEMORY, "not enough memory for the sources");
        }
    }
    out->sources = ids;
    out->source_count = count;
    out->keep = clearing->usual;
    take_keep(&loaded->pipeline->keep, &out->keep);
    clearing->count++;
    return MZ_OK;
}

/* Of a pipeline that cannot be loaded nothing is cleared that only it could say. */
static enum mz_code add_file(void *context, const char *path, struct mz_error *error)
{
    struct clearing *clearing = context;
    struct mz_loaded loaded;
    struct mz_error failure;
    if (mz_loaded_init(&loaded, path, NULL, NULL, 0, &failure) != MZ_OK) {
        fprintf(stderr, "%s cannot be loaded, what it keeps stays: %s\n", path,
                failure.message);
        clearing->broken++;
        return MZ_OK;
    }
    enum mz_code code = take_pipeline(clearing, &loaded, error);
    mz_loaded_finish(&loaded);
    return code;
}

static enum mz_code clear_up(const struct mz_arguments *arguments,
                             struct clearing *clearing, struct mizan_value *rows,
                             struct mz_error *error)
{
    struct mz_db *db = NULL;
    const struct mz_clearing settings = {.keep = clearing->usual,
                                         .pipelines = clearing->pipelines,
                                         .count = clearing->count,
                                         .dry =
                                             mz_argument(arguments, "dry-run") != NULL};
    enum mz_code code = mz_db_open(clearing->environment.database,
                                   settings.dry ? MZ_DB_READ : MZ_DB_WRITE, &db, error);
    if (code == MZ_OK) {
        code = mz_db_clear(db, &settings, clearing->arena, rows, error);
    }
    const char *folder = clearing->environment.project.raw_folder;
    struct mz_sweeping sweeping = {.dry = settings.dry};
    if (code == MZ_OK && folder != NULL) {
        code = mz_raw_sweep(db, folder, &sweeping, error);
    }
    if (code == MZ_OK && sweeping.count > 0) {
        fprintf(stderr, "%s: %lld files that no body needs, %lld bytes%s\n", folder,
                (long long)sweeping.count, (long long)sweeping.bytes,
                settings.dry ? "" : ", removed");
    }
    if (code == MZ_OK && !settings.dry && mz_argument(arguments, "vacuum") != NULL) {
        code = mz_db_shrink(db, error);
    }
    mz_db_close(db);
    return code;
}

static enum mz_code prepare(const struct mz_arguments *arguments,
                            struct clearing *clearing, struct mz_error *error)
{
    enum mz_code code = mz_environment_init(&clearing->environment, NULL,
                                            mz_argument(arguments, "db"), error);
    if (code != MZ_OK) {
        return code;
    }
    clearing->usual = (struct mz_keep){.raw = MZ_FOR_EVER,
                                       .logs = 90 * DAY,
                                       .history = MZ_FOR_EVER,
                                       .messages = 30 * DAY};
    take_keep(mz_map_member(&clearing->environment.project.all, "keep"),
              &clearing->usual);
    clearing->arena = mz_arena_create(CEILING);
    clearing->pipelines =
        clearing->arena == NULL
            ? NULL
            : mz_arena_zero(clearing->arena,
                            MOST_PIPELINES * sizeof *clearing->pipelines);
    return clearing->pipelines == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory")
               : mz_pipeline_files(clearing->environment.project.folder, add_file,
                                   clearing, error);
}

static int gc_child(void *argument, struct mz_activity *activity)
{
    const struct mz_arguments *arguments = argument;
    struct clearing clearing = {0};
    struct mizan_value rows;
    struct mz_error error;
    (void)activity;
    bool json = mz_argument(arguments, "json") != NULL;
    enum mz_code code = prepare(arguments, &clearing, &error);
    if (code == MZ_OK) {
        code = clear_up(arguments, &clearing, &rows, &error);
    }
    if (code == MZ_OK) {
        code = mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                              &error);
    }
    if (code == MZ_OK && mz_argument(arguments, "dry-run") != NULL) {
        fprintf(stderr, "nothing was changed\n");
    }
    mz_arena_destroy(clearing.arena);
    if (clearing.environment.arena != NULL) {
        mz_environment_finish(&clearing.environment);
    }
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_gc(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {0};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(gc_child, argument.out, &supervision);
}
