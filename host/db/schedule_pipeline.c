/* Pipelines and hosts as the scheduler reads and writes them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/schedule.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)16 << 20)
#define FRESH         ((int64_t)30 * 1000) /* a heartbeat that counts as one */

static int64_t time_of(const struct mizan_value *value)
{
    int64_t time = 0;

    return value->type == MIZAN_TEXT &&
                   mz_time_parse(value->as.text.data, value->as.text.size, &time)
               ? time
               : 0;
}

static const char *text_of(const struct mizan_value *value)
{
    return value->type == MIZAN_TEXT ? value->as.text.data : NULL;
}

/* ---- hosts ---- */

bool mz_db_is_shared(struct mz_db *db)
{
    return mz_starts_with(mz_db_location(db), "postgres");
}

int64_t mz_host_silence(void)
{
    int64_t lease = mz_lease_time();

    return lease < FRESH ? lease : FRESH;
}

/* A row of `host`: name, boot, pid, process_start, heartbeat. */
static bool is_living(const struct mizan_value *row, int64_t now)
{
    struct mz_process process = {.pid = mz_map_member(row, "pid")->as.integer};
    const char *boot = mz_map_text(row, "boot");

    process.start = mz_map_member(row, "process_start")->as.integer;
    (void)snprintf(process.host, sizeof process.host, "%s", mz_map_text(row, "name"));
    (void)snprintf(process.boot, sizeof process.boot, "%s", boot == NULL ? "" : boot);
    enum mz_process_state state = mz_process_state(&process);
    return state == MZ_PROCESS_ALIVE ||
           (state == MZ_PROCESS_UNKNOWN &&
            now - time_of(mz_map_member(row, "heartbeat")) < mz_host_silence());
}

static enum mz_code read_hosts(struct mz_db *db, struct mz_arena *arena,
                               struct mizan_value *rows, struct mz_error *error)
{
    return mz_db_rows(db,
                      "SELECT name, boot, pid, process_start, heartbeat, started_at"
                      " FROM host WHERE pid IS NOT NULL AND process_start IS NOT NULL",
                      NULL, 0, arena, rows, error);
}

static enum mz_code refuse_second(struct mz_db *db, const struct mz_process *self,
                                  struct mz_arena *arena, struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code = read_hosts(db, arena, &rows, error);

    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *row = &rows.as.list.items[i];
        const char *name = mz_map_text(row, "name");
        if ((mz_db_is_shared(db) && strcmp(name, self->host) != 0) ||
            !is_living(row, mz_db_now(db))) {
            continue;
        }
        code =
            mz_fail(error, MZ_TRY_AGAIN,
                    "a scheduler works on %s already: pid %" PRId64 " on %s since %s",
                    mz_db_location(db), mz_map_member(row, "pid")->as.integer, name,
                    mz_map_text(row, "started_at"));
        mz_error_help(error, "stop that one first, or name another database with --db");
    }
    return code;
}

static enum mz_code write_host(struct mz_db *db, const struct mz_process *self,
                               const char *version, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(self->host),   mz_text(version),        mz_text(self->boot),
        mz_integer(self->pid), mz_integer(self->start), mz_time(mz_db_now(db)),
    };

    return mz_db_execute(
        db,
        "INSERT INTO host(name, host_version, boot, pid, process_start, started_at,"
        " heartbeat) VALUES($1, $2, $3, $4, $5, $6, $6)"
        " ON CONFLICT(name) DO UPDATE SET host_version = excluded.host_version,"
        " boot = excluded.boot, pid = excluded.pid,"
        " process_start = excluded.process_start, started_at = excluded.started_at,"
        " heartbeat = excluded.heartbeat",
        arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_host_begin(struct mz_db *db, const char *version, struct mz_host *host,
                           struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mz_process self;
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for the host")
                            : mz_db_begin(db, error);

    mz_process_self(&self);
    (void)snprintf(host->name, sizeof host->name, "%s", self.host);
    host->pid = self.pid;
    if (code == MZ_OK) {
        code = refuse_second(db, &self, arena, error);
        if (code == MZ_OK) {
            code = write_host(db, &self, version, error);
        }
        if (code == MZ_OK) {
            code = mz_db_commit(db, error);
        }
        if (code != MZ_OK) {
            mz_db_rollback(db);
        }
    }
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_host_beat(struct mz_db *db, const struct mz_host *host,
                          struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(host->name), mz_integer(host->pid),
                                            mz_time(mz_db_now(db))};
    int64_t changed = 0;
    enum mz_code code =
        mz_db_execute(db, "UPDATE host SET heartbeat = $3 WHERE name = $1 AND pid = $2",
                      arguments, MZ_COUNT(arguments), &changed, error);

    return code == MZ_OK && changed == 0
               ? mz_fail(error, MZ_NOT_PERMITTED,
                         "another scheduler took over on this host")
               : code;
}

static bool take_count(void *context, const struct mz_row *row)
{
    *(int64_t *)context = row->values[0].as.integer;
    return false;
}

enum mz_code mz_hosts_count(struct mz_db *db, int64_t *count, struct mz_error *error)
{
    const struct mizan_value argument = mz_time(mz_db_now(db) - mz_host_silence());

    *count = 1;
    return mz_db_query(db,
                       "SELECT count(*) FROM host WHERE pid IS NOT NULL"
                       " AND heartbeat > $1",
                       &argument, 1, take_count, count, error);
}

enum mz_code mz_host_end(struct mz_db *db, const struct mz_host *host,
                         struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(host->name), mz_integer(host->pid)};

    return mz_db_execute(db,
                         "UPDATE host SET pid = NULL, process_start = NULL"
                         " WHERE name = $1 AND pid = $2",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_host_alive(struct mz_db *db, bool *found, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows = mz_nil();
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for the hosts")
                            : read_hosts(db, arena, &rows, error);

    *found = false;
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        *found = *found || is_living(&rows.as.list.items[i], mz_db_now(db));
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- pipelines ---- */

struct walk {
    bool (*row)(void *context, const struct mz_pipeline_row *row);
    void *context;
};

static bool walk_row(void *context, const struct mz_row *row)
{
    const struct walk *walk = context;
    const struct mizan_value *v = row->values;
    const struct mz_pipeline_row pipeline = {
        .name = text_of(&v[0]),
        .file = text_of(&v[1]),
        .spec = text_of(&v[2]),
        .spec_hash = text_of(&v[3]),
        .signature = text_of(&v[4]),
        .state = text_of(&v[5]),
        .error = text_of(&v[6]),
        .after_run = text_of(&v[7]),
        .files_seen = text_of(&v[8]),
        .paused = v[9].type == MIZAN_TEXT,
        .next_tick = time_of(&v[10]) / 1000,
    };

    return walk->row(walk->context, &pipeline);
}

enum mz_code mz_pipelines_each(struct mz_db *db,
                               bool (*row)(void *context,
                                           const struct mz_pipeline_row *row),
                               void *context, struct mz_error *error)
{
    struct walk walk = {row, context};

    return mz_db_query(db,
                       "SELECT name, file, spec, spec_hash, signature, state, error,"
                       " after_run, files_seen, paused_at, next_tick FROM pipeline"
                       " ORDER BY name",
                       NULL, 0, walk_row, &walk, error);
}

enum mz_code mz_pipeline_put(struct mz_db *db, const struct mz_pipeline_row *row,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(row->name),      mz_text(row->file),      mz_text(row->spec),
        mz_text(row->spec_hash), mz_text(row->signature), mz_text(row->state),
        mz_text(row->error),     mz_time(mz_db_now(db)),
    };

    return mz_db_execute(
        db,
        "INSERT INTO pipeline(name, file, spec, spec_hash, signature, state, error,"
        " loaded_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT(name) DO UPDATE SET file = excluded.file,"
        " spec = coalesce(excluded.spec, pipeline.spec),"
        " spec_hash = coalesce(excluded.spec_hash, pipeline.spec_hash),"
        " signature = excluded.signature, state = excluded.state,"
        " error = excluded.error, loaded_at = excluded.loaded_at,"
        " next_tick = CASE WHEN excluded.state = 'gone' THEN NULL"
        " ELSE pipeline.next_tick END",
        arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_pipeline_drop(struct mz_db *db, const char *name,
                              struct mz_error *error)
{
    const struct mizan_value argument = mz_text(name);

    return mz_db_execute(db, "DELETE FROM pipeline WHERE name = $1 AND spec IS NULL",
                         &argument, 1, NULL, error);
}

enum mz_code mz_pipeline_next(struct mz_db *db, const char *name, int64_t before,
                              int64_t next_tick, int64_t *moved, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        next_tick == 0 ? mz_nil() : mz_time(next_tick * 1000), mz_text(name),
        before > 0 ? mz_time(before * 1000) : mz_text("")};
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value value = mz_nil();
    struct mz_statement statement = {
        .sql = "SELECT next_tick FROM pipeline WHERE name = $1",
        .arguments = &arguments[1],
        .count = 1};
    struct mz_first_row first = {.values = &value, .count = 1, .arena = arena};
    int64_t changed = 0;
    enum mz_code code =
        arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory")
        : before == MZ_ANY_TICK
            ? mz_db_execute(db, "UPDATE pipeline SET next_tick = $1 WHERE name = $2",
                            arguments, 2, &changed, error)
            : mz_db_execute(db,
                            "UPDATE pipeline SET next_tick = $1 WHERE name = $2"
                            " AND coalesce(next_tick, '') = $3",
                            arguments, MZ_COUNT(arguments), &changed, error);

    *moved = MZ_ANY_TICK;
    if (code == MZ_OK && changed == 0) {
        code = mz_db_first(db, &statement, &first, error);
        if (code == MZ_OK && first.found) {
            *moved = time_of(&value) / 1000;
        }
    }
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_pipeline_seen(struct mz_db *db, const char *name, const char *after_run,
                              const char *files_seen, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(name), mz_text(after_run),
                                            mz_text(files_seen)};

    return mz_db_execute(db,
                         "UPDATE pipeline SET after_run = coalesce($2, after_run),"
                         " files_seen = coalesce($3, files_seen) WHERE name = $1",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

struct naming {
    bool (*row)(void *context, const char *name);
    void *context;
};

static bool name_row(void *context, const struct mz_row *row)
{
    const struct naming *naming = context;

    return naming->row(naming->context, text_of(&row->values[0]));
}

enum mz_code mz_pipelines_paused(struct mz_db *db,
                                 bool (*row)(void *context, const char *name),
                                 void *context, struct mz_error *error)
{
    struct naming naming = {row, context};

    return mz_db_query(db, "SELECT name FROM pipeline WHERE paused_at IS NOT NULL",
                       NULL, 0, name_row, &naming, error);
}

static enum mz_code unknown_pipeline(struct mz_db *db, const char *name,
                                     struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows = mz_nil();
    const char *nearest = NULL;
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory")
                            : mz_db_rows(db,
                                         "SELECT name FROM pipeline ORDER BY name"
                                         " LIMIT 20000",
                                         NULL, 0, arena, &rows, error);

    if (code == MZ_OK) {
        const char **names = calloc(rows.as.list.count + 1, sizeof *names);
        for (size_t i = 0; names != NULL && i < rows.as.list.count; i++) {
            names[i] = mz_map_text(&rows.as.list.items[i], "name");
        }
        nearest = names == NULL ? NULL : mz_nearest(name, names, rows.as.list.count);
        free(names);
        code = mz_fail(error, MZ_NOT_FOUND, "no scheduler has loaded a pipeline '%s'",
                       name);
        if (nearest != NULL) {
            mz_error_help(error, "did you mean %s? mizan list shows them", nearest);
        } else {
            mz_error_help(error, "mizan serve loads the pipelines of a project");
        }
    }
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_pipeline_pause(struct mz_db *db, const char *name, bool paused,
                               const char *who, bool *changed, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(name), mz_time(mz_db_now(db)),
                                            mz_text(who)};
    const struct mizan_value argument = mz_text(name);
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows = mz_nil();
    int64_t count = 0;
    enum mz_code code =
        arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory")
                      : mz_db_rows(db, "SELECT paused_at FROM pipeline WHERE name = $1",
                                   &argument, 1, arena, &rows, error);

    if (code == MZ_OK && rows.as.list.count == 0) {
        code = unknown_pipeline(db, name, error);
    } else if (code == MZ_OK && paused) {
        code = mz_db_execute(db,
                             "UPDATE pipeline SET paused_at = $2, paused_by = $3"
                             " WHERE name = $1 AND paused_at IS NULL",
                             arguments, MZ_COUNT(arguments), &count, error);
    } else if (code == MZ_OK) {
        code = mz_db_execute(db,
                             "UPDATE pipeline SET paused_at = NULL, paused_by = NULL"
                             " WHERE name = $1 AND paused_at IS NOT NULL",
                             &argument, 1, &count, error);
    }
    *changed = count > 0;
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_pipeline_last_run(struct mz_db *db, const char *name, char run_id[64],
                                  struct mz_error *error)
{
    const struct mizan_value argument = mz_text(name);
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows = mz_nil();
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory")
                            : mz_db_rows(db,
                                         "SELECT id FROM run WHERE pipeline = $1"
                                         " AND status IN('ok','finished with failures')"
                                         " AND NOT EXISTS(SELECT 1 FROM tick"
                                         " WHERE tick.pipeline = run.pipeline"
                                         " AND tick.tick_at = run.tick_at"
                                         " AND tick.state IN('ready','running'))"
                                         " ORDER BY ended_at DESC, id LIMIT 1",
                                         &argument, 1, arena, &rows, error);

    run_id[0] = '\0';
    if (code == MZ_OK && rows.as.list.count > 0) {
        (void)snprintf(run_id, 64, "%s", mz_map_text(&rows.as.list.items[0], "id"));
    }
    mz_arena_destroy(arena);
    return code;
}
