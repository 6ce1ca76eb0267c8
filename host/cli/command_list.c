#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "db/db.h"
#include "run/run.h"
#include "run/supervise.h"
#include "value/record.h"
#include "value/table.h"

#define MOST_SCRIPT ((size_t)1 << 20)

struct listing {
    const struct mz_arguments *arguments;
    struct mz_environment *environment;
    struct mz_db *db; /* NULL: no run yet */
    struct mizan_value *rows;
    size_t count, capacity;
};

/* Pipelines are the files that make one; tests, data and mizan.lua are not. */
static bool is_pipeline(const char *path)
{
    char *text;
    size_t size;
    struct mz_error error;
    if (strcmp(mz_path_name(path), "mizan.lua") == 0 ||
        mz_ends_with(path, "_test.lua") ||
        mz_file_read(path, MOST_SCRIPT, &text, &size, &error) != MZ_OK) {
        return false;
    }
    bool makes_one = strstr(text, "mizan.pipeline") != NULL;
    free(text);
    return makes_one;
}

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

static enum mz_code add_row(struct listing *listing, const char *path,
                            const struct mz_pipeline *pipeline, const char *failure,
                            struct mz_error *error)
{
    static const char *const names[] = {"pipeline", "file", "cron", "last_run",
                                        "status"};
    struct mz_arena *arena = listing->environment->arena;
    struct mizan_field *fields = mz_arena_zero(arena, 5 * sizeof *fields);
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the list");
    }
    if (listing->count == listing->capacity) {
        return mz_fail(error, MZ_LIMIT, "a project has at most %zu pipelines",
                       listing->capacity);
    }
    for (size_t i = 0; i < 5; i++) {
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
        code = last_run(listing, name, &fields[3].value, &fields[4].value, error);
    }
    struct mizan_value *row = &listing->rows[listing->count++];
    *row = (struct mizan_value){.type = MIZAN_MAP};
    row->as.map.fields = fields;
    row->as.map.count = 5;
    return code;
}

static enum mz_code add_file(struct listing *listing, const char *path,
                             struct mz_error *error)
{
    struct mz_loaded loaded;
    struct mz_error failure;
    if (!is_pipeline(path)) {
        return MZ_OK;
    }
    if (mz_loaded_init(&loaded, path, NULL, NULL, 0, &failure) != MZ_OK) {
        return add_row(listing, path, NULL, failure.message, error);
    }
    enum mz_code code = add_row(listing, path, loaded.pipeline, NULL, error);
    mz_loaded_finish(&loaded);
    return code;
}

static int is_script(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && mz_ends_with(entry->d_name, ".lua");
}

static enum mz_code add_folder(struct listing *listing, const char *folder,
                               struct mz_error *error)
{
    struct dirent **entries = NULL;
    char path[MZ_PATH];
    int count = scandir(folder, &entries, is_script, alphasort);
    enum mz_code code = MZ_OK;
    if (count < 0 && errno != ENOENT) {
        return mz_fail_errno(error, MZ_IO, "the folder %s cannot be read", folder);
    }
    for (int i = 0; i < count; i++) {
        if (code == MZ_OK && mz_path_join(path, folder, entries[i]->d_name)) {
            code = add_file(listing, path, error);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

static enum mz_code list_all(struct listing *listing, struct mz_error *error)
{
    char pipelines[MZ_PATH];
    const char *folder = listing->environment->project.folder;
    enum mz_code code =
        mz_db_open(listing->environment->database, MZ_DB_READ, &listing->db, error);
    if (code == MZ_NO_FILE) {
        /* A database that does not exist yet only means that nothing ran. */
        listing->db = NULL;
        code = MZ_OK;
    }
    if (code == MZ_OK) {
        code = add_folder(listing, folder, error);
    }
    if (code == MZ_OK && mz_path_join(pipelines, folder, "pipelines")) {
        code = add_folder(listing, pipelines, error);
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
