#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/pipeline_files.h"
#include "cli/ticks.h"
#include "db/db.h"
#include "lua/timetable.h"
#include "run/run.h"
#include "run/supervise.h"
#include "value/record.h"
#include "value/table.h"

#define FIELDS 6

struct listing {
    const struct mz_arguments *arguments;
    struct mz_environment *environment;
    struct mz_db *db; /* NULL: no run yet */
    struct mizan_value *rows;
    size_t count, capacity;
};

static enum mz_code last_run(struct listing *listing, const char *pipeline,
                             struct mizan_value *started, struct mizan_value *status,
                             struct mz_error *error)
{
    struct mizan_value name = mz_text(pipeline);
    struct mizan_value rows;
    *started = mz_nil();
    *status = mz_nil();
    if (listing->db == NULL) {
        return MZ_OK;
    }
    enum mz_code code =
        mz_db_rows(listing->db,
                   "SELECT started_at, status FROM run WHERE pipeline = $1 "
                   "ORDER BY started_at DESC LIMIT 1",
                   &name, 1, listing->environment->arena, &rows, error);
    if (code == MZ_OK && rows.as.list.count > 0) {
        *started = rows.as.list.items[0].as.map.fields[0].value;
        *status = rows.as.list.items[0].as.map.fields[1].value;
    }
    return code;
}

/* The ticks that are next, as a list of times; nil without a schedule. */
static struct mizan_value next_ticks(struct listing *listing,
                                     const struct mz_timetable *timetable)
{
    struct mizan_value list = {.type = MIZAN_LIST};
    struct mizan_value *times =
        mz_arena_zero(listing->environment->arena, MZ_TICKS_SHOWN * sizeof *times);
    if (timetable == NULL || timetable->expression == NULL || times == NULL) {
        return mz_nil();
    }
    struct mz_tick tick = {.time = mz_seconds(mz_clock_now())};
    while (list.as.list.count < MZ_TICKS_SHOWN &&
           mz_cron_next(&timetable->cron, timetable->zone, tick.time, &tick)) {
        times[list.as.list.count++] = mz_time(tick.time * 1000);
    }
    list.as.list.items = times;
    return list;
}

static enum mz_code add_row(struct listing *listing, const char *path,
                            const struct mz_pipeline *pipeline, const char *failure,
                            struct mz_error *error)
{
    static const char *const names[FIELDS] = {"pipeline", "file",   "cron",
                                              "last_run", "status", "next"};
    struct mz_arena *arena = listing->environment->arena;
    struct mizan_field *fields = mz_arena_zero(arena, FIELDS * sizeof *fields);
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the list");
    }
    if (listing->count == listing->capacity) {
        return mz_fail(error, MZ_LIMIT, "a project has at most %zu pipelines",
                       listing->capacity);
    }
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i].name = (struct mizan_slice){names[i], strlen(names[i])};
    }
    enum mz_code code = MZ_OK;
    fields[1].value = mz_text(mz_arena_string(arena, path));
    if (pipeline == NULL) {
        fields[4].value =
            mz_text(mz_arena_printf(arena, "cannot be loaded: %s", failure));
    } else {
        const struct mizan_value *cron = mz_map_member(&pipeline->schedule, "cron");
        const char *name = mz_arena_string(arena, pipeline->name);
        fields[0].value = mz_text(name);
        if (cron != NULL && !mz_value_copy(arena, cron, &fields[2].value)) {
            return mz_fail(error, MZ_MEMORY, "not enough memory for the list");
        }
        fields[5].value = next_ticks(listing, pipeline->timetable);
        code = last_run(listing, name, &fields[3].value, &fields[4].value, error);
    }
    struct mizan_value *row = &listing->rows[listing->count++];
    *row = (struct mizan_value){.type = MIZAN_MAP};
    row->as.map.fields = fields;
    row->as.map.count = FIELDS;
    return code;
}

static enum mz_code add_file(void *context, const char *path, struct mz_error *error)
{
    struct listing *listing = context;
    struct mz_loaded loaded;
    struct mz_error failure;
    if (mz_loaded_init(&loaded, path, NULL, NULL, 0, &failure) != MZ_OK) {
        return add_row(listing, path, NULL, failure.message, error);
    }
    enum mz_code code = add_row(listing, path, loaded.pipeline, NULL, error);
    mz_loaded_finish(&loaded);
    return code;
}

static enum mz_code list_all(struct listing *listing, struct mz_error *error)
{
    enum mz_code code =
        mz_db_open(listing->environment->database, MZ_DB_READ, &listing->db, error);
    if (code == MZ_NO_FILE) {
        /* A database that does not exist yet only means that nothing ran. */
        listing->db = NULL;
        code = MZ_OK;
    }
    if (code == MZ_OK) {
        code = mz_pipeline_files(listing->environment->project.folder, add_file,
                                 listing, error);
    }
    mz_db_close(listing->db);
    return code;
}

#define MOST_PIPELINES 4096

static int list_child(void *argument, struct mz_activity *activity)
{
    struct listing listing = {.arguments = argument};
    struct mz_environment environment;
    struct mz_error error;
    (void)activity;
    const char *folder = mz_operand(listing.arguments, 0);
    if (folder != NULL && !mz_file_exists(folder)) {
        mz_fail(&error, MZ_NO_FILE, "there is no folder %s", folder);
        return mz_command_fail(&error);
    }
    enum mz_code code = mz_environment_init(
        &environment, folder, mz_argument(listing.arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    listing.environment = &environment;
    listing.capacity = MOST_PIPELINES;
    listing.rows =
        mz_arena_zero(environment.arena, listing.capacity * sizeof *listing.rows);
    code = listing.rows == NULL ? mz_fail(&error, MZ_MEMORY, "not enough memory")
                                : list_all(&listing, &error);
    struct mizan_value rows = {.type = MIZAN_LIST};
    rows.as.list.items = listing.rows;
    rows.as.list.count = listing.count;
    if (code == MZ_OK) {
        bool json = mz_argument(listing.arguments, "json") != NULL;
        code = mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                              &error);
    }
    if (code == MZ_OK && listing.count == 0) {
        fprintf(stderr, "no pipelines in %s\n", environment.project.folder);
    }
    mz_environment_finish(&environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_list(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.wall_limit = 60000};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(list_child, argument.out, &supervision);
}
