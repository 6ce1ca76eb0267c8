/* Ticks, runs and requests as the scheduler reads and writes them. */
#include "db/schedule.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "db/engine.h"
#include "db/lease.h"
#include "value/digest.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)64 << 20)
#define HELD_DELAY                                                                     \
    3000 /* milliseconds until a tick whose pipeline is held is tried                  \
          */

static struct mizan_value second(int64_t seconds)
{
    return mz_time(seconds * 1000);
}

static struct mizan_value moment(int64_t milliseconds)
{
    return milliseconds == 0 ? mz_nil() : mz_time(milliseconds);
}

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

static int64_t integer_of(const struct mizan_value *value)
{
    return value->type == MIZAN_INTEGER ? value->as.integer : 0;
}

/* ---- ticks ---- */

static enum mz_code exists(struct mz_db *db, const char *sql,
                           const struct mizan_value *arguments, size_t count,
                           bool *found, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value value;
    struct mz_statement statement = {
        .sql = sql, .arguments = arguments, .count = count};
    struct mz_first_row first = {.values = &value, .count = 1, .arena = arena};
    enum mz_code code = arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory")
                                      : mz_db_first(db, &statement, &first, error);

    *found = code == MZ_OK && first.found;
    mz_arena_destroy(arena);
    return code;
}

static enum mz_code store_shard(struct mz_db *db, const struct mz_tick_row *row,
                                int64_t shard, const char *owner, bool *stored,
                                struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(row->pipeline),
        second(row->tick_at),
        mz_text(row->skipped ? "skipped" : "ready"),
        mz_text(row->kind),
        mz_text(row->cause),
        row->ticks > 1 ? second(row->tick_to) : mz_nil(),
        mz_integer(row->ticks),
        moment(row->not_before),
        owner == NULL ? mz_nil() : mz_text(owner),
        owner == NULL ? mz_nil() : mz_time(mz_db_now(db) + mz_lease_time()),
        mz_integer(shard),
    };
    int64_t changed = 0;
    enum mz_code code = mz_db_execute(
        db,
        "INSERT INTO tick(pipeline, tick_at, state, kind, cause, tick_to, ticks,"
        " not_before, owner, lease_until, shard) VALUES($1, $2, $3, $4, $5, $6, $7, $8,"
        " $9, $10, $11) ON CONFLICT(pipeline, tick_at, shard) DO NOTHING",
        arguments, MZ_COUNT(arguments), &changed, error);

    *stored = *stored || changed > 0;
    return code;
}

enum mz_code mz_tick_store(struct mz_db *db, struct mz_tick_row *row, const char *owner,
                           bool *stored, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(row->pipeline),
                                            second(row->tick_at)};
    bool held = true, there = false;
    enum mz_code code = MZ_OK;

    *stored = false;
    if (row->skipped && row->if_held) {
        code = exists(db, "SELECT 1 FROM lease WHERE pipeline = $1", arguments, 1,
                      &held, error);
    }
    if (!held) {
        row->skipped = false;
        row->cause = NULL;
    }
    if (code == MZ_OK && row->shards > 0) {
        code = exists(db, "SELECT 1 FROM tick WHERE pipeline = $1 AND tick_at = $2",
                      arguments, MZ_COUNT(arguments), &there, error);
    }
    if (code != MZ_OK || there) {
        return code;
    }
    if (row->skipped || row->shards == 0) {
        return store_shard(db, row, 0, row->skipped || !held ? NULL : owner, stored,
                           error);
    }
    for (int64_t shard = 1; shard <= row->shards && code == MZ_OK; shard++) {
        code = store_shard(db, row, shard, NULL, stored, error);
    }
    return code;
}

enum mz_code mz_tick_skip(struct mz_db *db, const char *pipeline, int64_t shard,
                          int64_t tick_at, const char *cause, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), second(tick_at),
                                            mz_text(cause), mz_integer(shard)};

    return mz_db_execute(db,
                         "UPDATE tick SET state = 'skipped', cause = $3, owner = NULL,"
                         " lease_until = NULL WHERE pipeline = $1 AND tick_at = $2"
                         " AND shard = $4 AND state = 'ready'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

/* Kept by nobody: its time is over, or the host that keeps it is gone. */
#define NOT_KEPT                                                                       \
    " AND (owner IS NULL OR lease_until IS NULL OR lease_until < $1"                   \
    " OR NOT EXISTS(SELECT 1 FROM host WHERE host.name = tick.owner"                   \
    " AND host.pid IS NOT NULL AND host.heartbeat > $2))"

struct keeping {
    bool (*row)(void *context, const struct mz_tick_row *row);
    void *context;
};

static bool keep_row(void *context, const struct mz_row *row)
{
    const struct keeping *keeping = context;
    struct mz_tick_row tick = {
        .pipeline = text_of(&row->values[0]),
        .tick_at = time_of(&row->values[1]) / 1000,
        .kind = text_of(&row->values[2]),
        .attempt = integer_of(&row->values[3]),
        .not_before = time_of(&row->values[4]),
        .shard = integer_of(&row->values[5]),
    };

    return keeping->row(keeping->context, &tick);
}

enum mz_code mz_ticks_open(struct mz_db *db, int64_t most,
                           bool (*row)(void *context, const struct mz_tick_row *row),
                           void *context, struct mz_error *error)
{
    int64_t now = mz_db_now(db);
    const struct mizan_value arguments[] = {
        mz_time(now), mz_time(now - mz_host_silence()), mz_integer(most)};
    struct keeping keeping = {row, context};

    return mz_db_query(db,
                       "SELECT pipeline, tick_at, kind, attempt, not_before, shard"
                       " FROM tick WHERE state = 'ready'" NOT_KEPT
                       " ORDER BY tick_at, pipeline, shard LIMIT $3",
                       arguments, MZ_COUNT(arguments), keep_row, &keeping, error);
}

enum mz_code mz_tick_keep(struct mz_db *db, const char *pipeline, int64_t shard,
                          int64_t tick_at, const char *owner, bool *kept,
                          struct mz_error *error)
{
    int64_t now = mz_db_now(db), changed = 0;
    /* In the order in which they appear in the statement. */
    const struct mizan_value arguments[] = {mz_text(owner),
                                            mz_time(now + mz_lease_time()),
                                            mz_text(pipeline),
                                            second(tick_at),
                                            mz_integer(shard),
                                            mz_time(now),
                                            mz_time(now - mz_host_silence())};
    enum mz_code code =
        mz_db_execute(db,
                      "UPDATE tick SET owner = $1, lease_until = $2 WHERE pipeline = $3"
                      " AND tick_at = $4 AND shard = $5 AND state = 'ready'"
                      " AND (owner IS NULL OR lease_until IS NULL OR lease_until < $6"
                      " OR NOT EXISTS(SELECT 1 FROM host WHERE host.name = tick.owner"
                      " AND host.pid IS NOT NULL AND host.heartbeat > $7))",
                      arguments, MZ_COUNT(arguments), &changed, error);

    *kept = changed > 0;
    return code;
}

enum mz_code mz_ticks_release(struct mz_db *db, const char *owner,
                              struct mz_error *error)
{
    const struct mizan_value argument = mz_text(owner);

    return mz_db_execute(db,
                         "UPDATE tick SET owner = NULL, lease_until = NULL"
                         " WHERE owner = $1 AND state = 'ready'",
                         &argument, 1, NULL, error);
}

enum mz_code mz_tick_stop(struct mz_db *db, const char *pipeline, int64_t shard,
                          int64_t tick_at, const char *cause, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), second(tick_at),
                                            mz_text(cause), mz_integer(shard)};

    return mz_db_execute(db,
                         "UPDATE tick SET stop_cause = $3 WHERE pipeline = $1"
                         " AND tick_at = $2 AND shard = $4 AND state = 'running'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_tick_again(struct mz_db *db, const char *pipeline, int64_t shard,
                           const char *tick_at, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(tick_at),
                                            mz_integer(shard)};
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows;
    int64_t changed = 0;
    enum mz_code code = mz_db_execute(
        db,
        "UPDATE tick SET state = 'ready', not_before = NULL, owner = NULL,"
        " lease_until = NULL, cause = 'asked for again', tick_to = NULL, ticks = 1"
        " WHERE pipeline = $1 AND tick_at = $2 AND shard = $3 AND state <> 'running'",
        arguments, MZ_COUNT(arguments), &changed, error);

    if (code == MZ_OK && changed == 0 && arena != NULL) {
        code = mz_db_rows(db,
                          "SELECT run_id FROM tick WHERE pipeline = $1"
                          " AND tick_at = $2 AND shard = $3",
                          arguments, MZ_COUNT(arguments), arena, &rows, error);
        if (code == MZ_OK && rows.as.list.count == 0) {
            code = mz_fail(error, MZ_NOT_FOUND, "the pipeline '%s' has no tick %s",
                           pipeline, tick_at);
        } else if (code == MZ_OK) {
            code = mz_fail(error, MZ_TRY_AGAIN, "tick %s of '%s' is being run", tick_at,
                           pipeline);
            mz_error_help(error, "mizan cancel stops it");
        }
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- runs ---- */

enum mz_code mz_run_log(struct mz_db *db, const char *run_id, const char *data,
                        size_t size, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(run_id), mz_text_slice(data, size)};

    return mz_db_execute(db, "UPDATE run SET log = $2 WHERE id = $1", arguments,
                         MZ_COUNT(arguments), NULL, error);
}

static enum mz_code status_of(struct mz_db *db, const char *run_id,
                              struct mz_arena *arena, char out[32], bool *found,
                              struct mz_error *error)
{
    const struct mizan_value argument = mz_text(run_id);
    struct mizan_value value = mz_nil();
    struct mz_statement statement = {.sql = "SELECT status FROM run WHERE id = $1",
                                     .arguments = &argument,
                                     .count = 1};
    struct mz_first_row first = {.values = &value, .count = 1, .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    *found = first.found;
    (void)snprintf(out, 32, "%s", text_of(&value) == NULL ? "" : text_of(&value));
    return code;
}

/* The child ended before it began its run: the row says what it said. The tick fails
 * unless another run has done it meanwhile. */
static enum mz_code note_stillborn(struct mz_db *db, struct mz_run_gone *run,
                                   struct mz_error *error)
{
    const char *failure = run->failure;
    const struct mizan_value tick[] = {mz_text(run->pipeline),
                                       second(run->tick_at),
                                       mz_text(failure),
                                       mz_text(run->run_id),
                                       mz_text(run->killed ? "ready" : "failed"),
                                       mz_integer(run->shard)};
    int64_t changed = 0;
    enum mz_code code = mz_db_execute(
        db,
        "UPDATE tick SET state = $5, cause = $3, run_id = $4, attempt = attempt + 1,"
        " owner = NULL, lease_until = NULL"
        " WHERE pipeline = $1 AND tick_at = $2 AND shard = $6 AND state = 'ready'",
        tick, MZ_COUNT(tick), &changed, error);

    if (code != MZ_OK || changed == 0) {
        return code;
    }
    const struct mizan_value row[] = {
        mz_text(run->run_id), mz_text(run->pipeline),     second(run->tick_at),
        mz_text(run->host),   mz_text(run->host_version), mz_time(mz_db_now(db)),
        mz_text(failure),     mz_integer(run->shard),
    };
    (void)snprintf(run->status, sizeof run->status, "failed");
    return mz_db_execute(db,
                         "INSERT INTO run(id, pipeline, tick_at, kind, host,"
                         " host_version, started_at, ended_at, status, error, shard)"
                         " VALUES($1, $2, $3, 'tick', $4, $5, $6, $6, 'failed', $7, $8)"
                         " ON CONFLICT(id) DO NOTHING",
                         row, MZ_COUNT(row), NULL, error);
}

static enum mz_code put_off(struct mz_db *db, const struct mz_run_gone *run,
                            struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(run->pipeline), second(run->tick_at),
        mz_time(mz_db_now(db) + HELD_DELAY), mz_integer(run->shard)};

    return mz_db_execute(db,
                         "UPDATE tick SET owner = NULL, lease_until = NULL,"
                         " not_before = $3 WHERE pipeline = $1 AND tick_at = $2"
                         " AND shard = $4 AND state = 'ready'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_run_gone(struct mz_db *db, struct mz_run_gone *run,
                         struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    bool found = false;
    enum mz_code code =
        arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory for a run")
                      : status_of(db, run->run_id, arena, run->status, &found, error);
    const struct mz_run_finish ended = {
        .outcome = MZ_RUN_LOST, .status = "failed", .failure = run->failure};

    if (code == MZ_OK && !found && run->held) {
        code = put_off(db, run, error);
    } else if (code == MZ_OK && !found && run->failure != NULL) {
        code = note_stillborn(db, run, error);
    } else if (code == MZ_OK && strcmp(run->status, "running") == 0) {
        code = mz_run_bury(db, run->run_id, &ended, error);
        (void)snprintf(run->status, sizeof run->status, "failed");
    }
    if (code == MZ_OK && run->status[0] != '\0' && run->log_size > 0) {
        code = mz_run_log(db, run->run_id, run->log, run->log_size, error);
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- leases ---- */

/* A lease as it was read: {run_id, owner, boot, pid, process_start, until, pipeline,
 * shard}. */
static enum mz_process_state state_of(const struct mizan_value *lease)
{
    struct mz_process process = {.pid = mz_map_member(lease, "pid")->as.integer};
    const char *boot = mz_map_text(lease, "boot");

    process.start = mz_map_member(lease, "process_start")->as.integer;
    (void)snprintf(process.host, sizeof process.host, "%s",
                   mz_map_text(lease, "owner"));
    (void)snprintf(process.boot, sizeof process.boot, "%s", boot == NULL ? "" : boot);
    return mz_process_state(&process);
}

static bool is_over(const struct mizan_value *lease, enum mz_process_state state,
                    int64_t now)
{
    return state == MZ_PROCESS_GONE || (state == MZ_PROCESS_UNKNOWN &&
                                        now > time_of(mz_map_member(lease, "until")));
}

static enum mz_code extend(struct mz_db *db, const struct mizan_value *lease,
                           struct mz_error *error)
{
    const struct mizan_value arguments[] = {*mz_map_member(lease, "run_id"),
                                            mz_time(mz_db_now(db) + mz_lease_time())};
    enum mz_code code =
        mz_db_execute(db, "UPDATE lease SET until = $2 WHERE run_id = $1", arguments,
                      MZ_COUNT(arguments), NULL, error);

    return code == MZ_OK ? mz_db_execute(db,
                                         "UPDATE tick SET lease_until = $2"
                                         " WHERE run_id = $1 AND state = 'running'",
                                         arguments, MZ_COUNT(arguments), NULL, error)
                         : code;
}

/* Unless it was extended since it was read: then its run lives. */
static enum mz_code bury(struct mz_db *db, const struct mizan_value *lease,
                         struct mz_error *error)
{
    const struct mizan_value arguments[] = {*mz_map_member(lease, "run_id"),
                                            *mz_map_member(lease, "until")};
    const struct mz_run_finish ended = {
        .outcome = MZ_RUN_LOST, .status = "failed", .failure = "the process ended"};
    int64_t changed = 0;
    enum mz_code code = mz_db_execute(
        db, "UPDATE lease SET epoch = epoch WHERE run_id = $1 AND until = $2",
        arguments, MZ_COUNT(arguments), &changed, error);

    return code == MZ_OK && changed > 0
               ? mz_run_bury(db, mz_map_text(lease, "run_id"), &ended, error)
               : code;
}

static enum mz_code look_at_all(struct mz_db *db, const struct mizan_value *rows,
                                bool renew, struct mz_error *error)
{
    int64_t now = mz_db_now(db);
    enum mz_code code = mz_db_begin(db, error);

    if (code != MZ_OK) {
        return code;
    }
    code = mz_fence_lock(db, error);
    for (size_t i = 0; code == MZ_OK && i < rows->as.list.count; i++) {
        const struct mizan_value *lease = &rows->as.list.items[i];
        enum mz_process_state state = state_of(lease);
        if (is_over(lease, state, now)) {
            code = bury(db, lease, error);
        } else if (renew && state == MZ_PROCESS_ALIVE) {
            code = extend(db, lease, error);
        }
    }
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

enum mz_code mz_leases_look(struct mz_db *db, bool renew,
                            bool (*held)(void *context, const struct mz_held *lease),
                            void *context, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows = mz_nil();
    int64_t now = mz_db_now(db);
    bool write = false;
    enum mz_code code =
        arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory for the leases")
                      : mz_db_rows(db,
                                   "SELECT run_id, owner, boot, pid, process_start,"
                                   " until, pipeline, shard FROM lease",
                                   NULL, 0, arena, &rows, error);

    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *lease = &rows.as.list.items[i];
        enum mz_process_state state = state_of(lease);
        const struct mz_held one = {.pipeline = mz_map_text(lease, "pipeline"),
                                    .run_id = mz_map_text(lease, "run_id"),
                                    .shard = mz_map_member(lease, "shard")->as.integer,
                                    .pid = state == MZ_PROCESS_ALIVE
                                               ? mz_map_member(lease, "pid")->as.integer
                                               : 0};
        bool over = is_over(lease, state, now);
        write = write || over || (renew && state == MZ_PROCESS_ALIVE);
        if (!over) {
            held(context, &one);
        }
    }
    if (code == MZ_OK && write) {
        code = look_at_all(db, &rows, renew, error);
    }
    mz_arena_destroy(arena);
    return code;
}

/* The process of a lease: {owner, boot, pid, process_start}. */
static void read_process(const struct mizan_value *lease, struct mz_process *out)
{
    const char *boot = mz_map_text(lease, "boot");

    out->pid = mz_map_member(lease, "pid")->as.integer;
    out->start = mz_map_member(lease, "process_start")->as.integer;
    (void)snprintf(out->host, sizeof out->host, "%s", mz_map_text(lease, "owner"));
    (void)snprintf(out->boot, sizeof out->boot, "%s", boot == NULL ? "" : boot);
}

enum mz_code mz_run_tell(struct mz_db *db, const char *run_id, const char *who,
                         bool *told, struct mz_error *error)
{
    char cause[200];
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mz_process process;
    struct mizan_value rows = mz_nil();

    (void)snprintf(cause, sizeof cause, "cancelled by %.150s", who);
    const struct mizan_value arguments[] = {mz_text(run_id), mz_text(cause)};
    enum mz_code code =
        arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory for a run")
                      : mz_db_rows(db,
                                   "SELECT owner, boot, pid, process_start FROM lease"
                                   " WHERE run_id = $1",
                                   arguments, 1, arena, &rows, error);

    *told = false;
    if (code == MZ_OK && rows.as.list.count > 0) {
        read_process(&rows.as.list.items[0], &process);
        if (mz_process_state(&process) == MZ_PROCESS_ALIVE) {
            code = mz_db_execute(db,
                                 "UPDATE tick SET stop_cause = $2 WHERE run_id = $1"
                                 " AND state = 'running'",
                                 arguments, MZ_COUNT(arguments), NULL, error);
            *told = code == MZ_OK && kill((pid_t)process.pid, SIGTERM) == 0;
        }
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- requests ---- */

enum mz_code mz_request_add(struct mz_db *db, const char *kind, const char *pipeline,
                            const char *run_id, const char *who, struct mz_error *error)
{
    char text[200], id[64];
    uint64_t random[2] = {0};

    (void)!getrandom(random, sizeof random, 0);
    (void)snprintf(text, sizeof text, "%" PRIx64 "%" PRIx64 ".%" PRId64, random[0],
                   random[1], mz_db_now(db));
    struct mizan_slice slice = {text, strlen(text)};
    mz_hash_id(&slice, 1, id);
    const struct mizan_value arguments[] = {
        mz_text(id),     mz_text(kind),          mz_text(pipeline),
        mz_text(run_id), mz_time(mz_db_now(db)), mz_text(who)};

    return mz_db_execute(db,
                         "INSERT INTO run_request(id, kind, pipeline, run_id, asked_at,"
                         " asked_by) VALUES($1, $2, $3, $4, $5, $6)",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

struct asking {
    bool (*row)(void *context, const struct mz_request *request);
    void *context;
};

static bool ask_row(void *context, const struct mz_row *row)
{
    const struct asking *asking = context;
    const struct mz_request request = {
        text_of(&row->values[0]), text_of(&row->values[1]), text_of(&row->values[2]),
        text_of(&row->values[3]), integer_of(&row->values[4]) > 0};

    return asking->row(asking->context, &request);
}

enum mz_code mz_requests_open(struct mz_db *db,
                              bool (*row)(void *context,
                                          const struct mz_request *request),
                              void *context, struct mz_error *error)
{
    struct asking asking = {row, context};

    return mz_db_query(db,
                       "SELECT id, kind, pipeline, run_id, (SELECT count(*) FROM lease"
                       " WHERE lease.run_id = run_request.run_id) FROM run_request"
                       " WHERE taken_at IS NULL ORDER BY asked_at, id",
                       NULL, 0, ask_row, &asking, error);
}

enum mz_code mz_request_take(struct mz_db *db, const char *id, const char *outcome,
                             bool *taken, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(id), mz_time(mz_db_now(db)),
                                            mz_text(outcome)};
    int64_t changed = 0;
    enum mz_code code = mz_db_execute(db,
                                      "UPDATE run_request SET taken_at = $2,"
                                      " outcome = $3 WHERE id = $1"
                                      " AND taken_at IS NULL",
                                      arguments, MZ_COUNT(arguments), &changed, error);

    *taken = changed > 0;
    return code;
}
