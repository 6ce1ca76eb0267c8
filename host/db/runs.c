/* Runs and the lease by which only one of a pipeline commits. */
#include "db/home.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "db/dead.h"
#include "db/engine.h"
#include "db/lease.h"
#include "value/record.h"

#define PROCESS_ENDED "the process ended"
#define ARENA_CEILING ((size_t)1 << 20)

/* ---- the holder of a lease ---- */

struct holder {
    struct mz_process process;
    char run_id[64];
    int64_t taken_at, until;
    bool found;
};

static void take_text(char *out, size_t size, const struct mizan_value *value)
{
    bool text = value->type == MIZAN_TEXT;

    (void)snprintf(out, size, "%.*s", text ? (int)value->as.text.size : 0,
                   text ? value->as.text.data : "");
}

static int64_t take_time(const struct mizan_value *value)
{
    int64_t time = 0;

    if (value->type != MIZAN_TEXT ||
        !mz_time_parse(value->as.text.data, value->as.text.size, &time)) {
        return 0;
    }
    return time;
}

#define HOLDER                                                                         \
    "SELECT run_id, owner, boot, pid, process_start, taken_at, until FROM lease"       \
    " WHERE pipeline = $1"

/* The first that the statement, a HOLDER, finds. */
static enum mz_code read_holder(struct mz_db *db, struct mz_statement *statement,
                                struct mz_arena *arena, struct holder *holder,
                                struct mz_error *error)
{
    struct mizan_value values[7];
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    enum mz_code code = mz_db_first(db, statement, &first, error);

    memset(holder, 0, sizeof *holder);
    holder->found = first.found;
    if (code != MZ_OK || !first.found) {
        return code;
    }
    take_text(holder->run_id, sizeof holder->run_id, &values[0]);
    take_text(holder->process.host, sizeof holder->process.host, &values[1]);
    take_text(holder->process.boot, sizeof holder->process.boot, &values[2]);
    holder->process.pid = values[3].as.integer;
    holder->process.start = values[4].as.integer;
    holder->taken_at = take_time(&values[5]);
    holder->until = take_time(&values[6]);
    return MZ_OK;
}

/* The first of those whose lease excludes that one: the whole (shard 0) and a shard
 * exclude one another, two shards do not. */
static enum mz_code find_holder(struct mz_db *db, const char *pipeline, int64_t shard,
                                struct mz_arena *arena, struct holder *holder,
                                struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_integer(shard)};
    struct mz_statement statement = {
        .sql = HOLDER " AND (CAST($2 AS BIGINT) = 0 OR shard = 0 OR shard = $2)",
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };

    return read_holder(db, &statement, arena, holder, error);
}

static const char *age_text(int64_t age, char *out, size_t size)
{
    int64_t seconds = age > 0 ? age / 1000 : 0;

    if (seconds < 60) {
        (void)snprintf(out, size, "%" PRId64 " s", seconds);
    } else if (seconds < (int64_t)2 * 3600) {
        (void)snprintf(out, size, "%" PRId64 " m", seconds / 60);
    } else {
        (void)snprintf(out, size, "%" PRId64 " h", seconds / 3600);
    }
    return out;
}

static enum mz_code refuse(const char *pipeline, const struct holder *holder,
                           int64_t now, struct mz_error *error)
{
    char age[32];

    mz_fail(error, MZ_TRY_AGAIN,
            "pipeline '%s' is being run by pid %" PRId64 " on %s since %s (run %s)",
            pipeline, holder->process.pid, holder->process.host,
            age_text(now - holder->taken_at, age, sizeof age), holder->run_id);
    mz_error_help(error, "wait until it ends, or stop that process");
    return MZ_TRY_AGAIN;
}

/* ---- ends ---- */

static struct mizan_value known(int64_t number)
{
    return number > 0 ? mz_integer(number) : mz_nil();
}

/* In a transaction; no-op when the run has ended. */
static enum mz_code end_row(struct mz_db *db, const char *run_id,
                            const struct mz_run_finish *finish, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(run_id),          mz_text(finish->status), mz_text(finish->counts),
        mz_text(finish->failure), mz_time(mz_db_now(db)),  mz_text(finish->unusual),
        known(finish->cpu_ms),    known(finish->peak_kb),
    };
    int64_t changed = 0;
    enum mz_code code = mz_db_execute(
        db,
        "UPDATE run SET status = $2, counts = $3, error = $4, ended_at = $5,"
        " unusual = $6, cpu_ms = $7, peak_kb = $8"
        " WHERE id = $1 AND status = 'running'",
        arguments, MZ_COUNT(arguments), &changed, error);

    return code == MZ_OK && changed > 0
               ? mz_tick_settle(db, run_id, finish->outcome, finish->failure, error)
               : code;
}

static enum mz_code drop_leases(struct mz_db *db, const char *run_id,
                                struct mz_error *error)
{
    struct mizan_value argument = mz_text(run_id);

    return mz_db_execute(db, "DELETE FROM lease WHERE run_id = $1", &argument, 1, NULL,
                         error);
}

/* ---- begin ---- */

#define LEASE_TIME    ((int64_t)5 * 60 * 1000)
#define LEASE_LEAST   ((int64_t)2 * 1000)
#define LEASE_AT_MOST ((int64_t)24 * 3600 * 1000)

int64_t mz_lease_time(void)
{
    const char *text = getenv("MIZAN_LEASE");
    int64_t time = 0;

    return text != NULL && mz_parse_duration(text, &time) && time >= LEASE_LEAST &&
                   time <= LEASE_AT_MOST
               ? time
               : LEASE_TIME;
}

enum mz_code mz_fence_lock(struct mz_db *db, struct mz_error *error)
{
    return mz_db_execute(db, "UPDATE fence SET epoch = epoch", NULL, 0, NULL, error);
}

static enum mz_code next_epoch(struct mz_db *db, struct mz_arena *arena, int64_t *epoch,
                               struct mz_error *error)
{
    struct mizan_value value;
    struct mz_statement statement = {
        .sql = "UPDATE fence SET epoch = epoch + 1 RETURNING epoch"};
    struct mz_first_row first = {.values = &value, .count = 1, .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    if (code == MZ_OK && !first.found) {
        code = mz_fail(error, MZ_INTERNAL, "the table fence of the database is empty");
    }
    *epoch = value.as.integer;
    return code;
}

static enum mz_code insert_run(struct mz_db *db, const struct mz_run_row *row,
                               struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(row->id),
        mz_text(row->pipeline),
        mz_text(row->tick_at),
        mz_text(row->kind),
        mz_text(row->script_hash),
        mz_text(row->plugins),
        mz_text(row->host_version),
        mz_text(row->host),
        mz_text(row->settings),
        mz_time(row->started_at),
        mz_text(row->triggered_by),
        mz_integer(row->attempt > 0 ? row->attempt : 1),
        row->from == 0 ? mz_nil() : mz_time(row->from),
        row->to == 0 ? mz_nil() : mz_time(row->to),
        mz_integer(row->shard),
    };

    return mz_db_execute(
        db,
        "INSERT INTO run(id, pipeline, tick_at, kind, script_hash, plugins, "
        "host_version,"
        " host, settings, started_at, triggered_by, attempt, data_from, data_to,"
        " shard)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        arguments, MZ_COUNT(arguments), NULL, error);
}

static enum mz_code insert_lease(struct mz_db *db, const struct mz_lease *lease,
                                 const struct mz_process *process,
                                 struct mz_error *error)
{
    int64_t now = mz_db_now(db);
    const struct mizan_value arguments[] = {
        mz_text(lease->pipeline),       mz_text(lease->run_id),
        mz_integer(lease->epoch),       mz_text(process->host),
        mz_text(process->boot),         mz_integer(process->pid),
        mz_integer(process->start),     mz_time(now),
        mz_time(now + mz_lease_time()), mz_integer(lease->shard),
    };

    return mz_db_execute(
        db,
        "INSERT INTO lease(pipeline, run_id, epoch, owner, boot, pid, process_start,"
        " taken_at, until, shard) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT(pipeline, shard) DO UPDATE SET run_id = excluded.run_id,"
        " epoch = excluded.epoch, owner = excluded.owner, boot = excluded.boot,"
        " pid = excluded.pid, process_start = excluded.process_start,"
        " taken_at = excluded.taken_at, until = excluded.until",
        arguments, MZ_COUNT(arguments), NULL, error);
}

/* A holder that commits this moment extends its lease: it is waited for. */
static enum mz_code lock_holders(struct mz_db *db, const char *pipeline,
                                 struct mz_error *error)
{
    const struct mizan_value argument = mz_text(pipeline);

    return mz_db_execute(db, "UPDATE lease SET epoch = epoch WHERE pipeline = $1",
                         &argument, 1, NULL, error);
}

enum mz_code mz_lease_clear(struct mz_db *db, const char *pipeline, int64_t shard,
                            struct mz_arena *arena, struct mz_error *error)
{
    const struct mz_run_finish ended = {
        .outcome = MZ_RUN_LOST, .status = "failed", .failure = PROCESS_ENDED};
    struct holder holder = {.found = true};
    enum mz_code code = mz_fence_lock(db, error);

    if (code == MZ_OK) {
        code = lock_holders(db, pipeline, error);
    }
    while (code == MZ_OK && holder.found) {
        int64_t now = mz_db_now(db);
        code = find_holder(db, pipeline, shard, arena, &holder, error);
        if (code == MZ_OK && holder.found &&
            mz_process_state(&holder.process) != MZ_PROCESS_GONE &&
            now < holder.until) {
            return refuse(pipeline, &holder, now, error);
        }
        if (code == MZ_OK && holder.found) {
            code = mz_run_bury(db, holder.run_id, &ended, error);
        }
    }
    return code;
}

enum mz_code mz_home_run_lost(struct mz_db *db, const char *pipeline,
                              const char *run_id, bool *lost, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(run_id)};
    struct mz_statement statement = {.sql = HOLDER " AND run_id = $2",
                                     .arguments = arguments,
                                     .count = MZ_COUNT(arguments)};
    struct holder holder;

    *lost = false;
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a lease");
    }
    enum mz_code code = read_holder(db, &statement, arena, &holder, error);
    if (code == MZ_OK && holder.found) {
        *lost = mz_process_state(&holder.process) == MZ_PROCESS_GONE ||
                mz_db_now(db) >= holder.until;
    }
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_lease_take(struct mz_db *db, const struct mz_run_row *row,
                           struct mz_arena *arena, struct mz_lease *lease,
                           struct mz_error *error)
{
    struct mz_process process;
    enum mz_code code;

    memset(lease, 0, sizeof *lease);
    if (strlen(row->pipeline) >= sizeof lease->pipeline ||
        strlen(row->id) >= sizeof lease->run_id) {
        return mz_fail(error, MZ_INPUT,
                       "the name of pipeline or run is too long: %.60s…",
                       row->pipeline);
    }
    (void)snprintf(lease->pipeline, sizeof lease->pipeline, "%s", row->pipeline);
    (void)snprintf(lease->run_id, sizeof lease->run_id, "%s", row->id);
    mz_process_self(&process);
    lease->pid = process.pid;
    lease->process_start = process.start;
    lease->shard = row->shard;
    code = next_epoch(db, arena, &lease->epoch, error);
    if (code == MZ_OK) {
        code = insert_run(db, row, error);
    }
    if (code == MZ_OK) {
        code = insert_lease(db, lease, &process, error);
    }
    return code;
}

enum mz_code mz_home_begin_run(struct mz_db *db, const struct mz_run_row *row,
                               struct mz_lease *lease, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    enum mz_code code = arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory for a run")
                                      : mz_db_begin(db, error);

    if (code == MZ_OK) {
        code = mz_lease_clear(db, row->pipeline, row->shard, arena, error);
        if (code == MZ_OK) {
            code = mz_lease_take(db, row, arena, lease, error);
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

/* ---- the fence ---- */

enum mz_code mz_home_check_lease(struct mz_db *db, const struct mz_lease *lease,
                                 struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(lease->pipeline),
        mz_time(mz_db_now(db) + mz_lease_time()),
        mz_integer(lease->epoch),
    };
    int64_t changed = 0;
#if defined(MZ_MUTANT_NO_FENCE)
    /* For the test that must fail without the check of the epoch. */
    const char *sql = "UPDATE lease SET until = $2 WHERE pipeline = $1";
#else
    const char *sql = "UPDATE lease SET until = $2 WHERE pipeline = $1 AND epoch = $3";
#endif
    enum mz_code code =
        mz_db_execute(db, sql, arguments, MZ_COUNT(arguments), &changed, error);

    if (code == MZ_OK && changed == 0) {
        mz_fail(
            error, MZ_NOT_PERMITTED,
            "run %s may not commit: the lease of pipeline '%s' passed to another run",
            lease->run_id, lease->pipeline);
        mz_error_help(error, "this run was paused for too long; the other goes on");
        return MZ_NOT_PERMITTED;
    }
    return code;
}

static enum mz_code end_held(struct mz_db *db, const struct mz_lease *lease,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(lease->pipeline),
                                            mz_integer(lease->epoch)};

    return mz_db_execute(db, "DELETE FROM lease WHERE pipeline = $1 AND epoch = $2",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_home_end_run(struct mz_db *db, const struct mz_lease *lease,
                             const char *status, const char *counts,
                             const char *failure, struct mz_error *error)
{
    const struct mz_run_finish finish = {
        .outcome = strcmp(status, "failed") == 0 ? MZ_RUN_FAILED : MZ_RUN_DONE,
        .status = status,
        .counts = counts,
        .failure = failure};

    return mz_home_finish_run(db, lease, &finish, error);
}

enum mz_code mz_home_finish_run(struct mz_db *db, const struct mz_lease *lease,
                                const struct mz_run_finish *finish,
                                struct mz_error *error)
{
    enum mz_code code = mz_db_begin(db, error);

    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_check_lease(db, lease, error);
    if (code == MZ_OK) {
        code = end_row(db, lease->run_id, finish, error);
    }
    if (code == MZ_OK) {
        code = mz_dead_forget(db, lease->pipeline, error);
    }
    if (code == MZ_OK) {
        code = end_held(db, lease, error);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

enum mz_code mz_home_bury_run(struct mz_db *db, const char *run_id, const char *failure,
                              struct mz_error *error)
{
    return mz_home_bury_run_as(db, run_id, MZ_RUN_FAILED, failure, error);
}

enum mz_code mz_run_bury(struct mz_db *db, const char *run_id,
                         const struct mz_run_finish *finish, struct mz_error *error)
{
    const struct mizan_value argument = mz_text(run_id);
    /* In the order of a run that ends by itself: lease, run, tick. */
    enum mz_code code =
        mz_db_execute(db, "UPDATE lease SET epoch = epoch WHERE run_id = $1", &argument,
                      1, NULL, error);

    if (code == MZ_OK) {
        code = end_row(db, run_id, finish, error);
    }
    return code == MZ_OK ? drop_leases(db, run_id, error) : code;
}

enum mz_code mz_home_bury_run_as(struct mz_db *db, const char *run_id,
                                 enum mz_run_outcome outcome, const char *failure,
                                 struct mz_error *error)
{
    const struct mz_run_finish finish = {
        .outcome = outcome,
        .status = outcome == MZ_RUN_STOPPED ? "cancelled" : "failed",
        .failure = failure};
    enum mz_code code = mz_db_begin(db, error);

    if (code != MZ_OK) {
        return code;
    }
    code = mz_run_bury(db, run_id, &finish, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}
