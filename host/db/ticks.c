/* Ticks: claimed by a run, settled at its end, and the batches committed for them. */
#include "db/ticks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/engine.h"
#include "db/lease.h"
#include "value/digest.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)1 << 20)
#define LONGEST_DELAY ((int64_t)3600 * 1000)
/* A tick whose runs vanish is tried so often beyond its retries: something kills them.
 */
#define MOST_LOST 3
/* Batches of a tick that is done say what it committed; nothing reads older ones. */
#define BATCHES_KEPT ((int64_t)7 * 24 * 3600 * 1000)

/* ---- the row ---- */

struct tick_row {
    char state[16], kind[16], run_id[64], cause[256], stop_cause[256];
    int64_t attempt, not_before, retries, retry_delay;
    bool found;
};

static void copy_text(char *out, size_t size, const struct mizan_value *value)
{
    bool text = value->type == MIZAN_TEXT;

    (void)snprintf(out, size, "%.*s", text ? (int)value->as.text.size : 0,
                   text ? value->as.text.data : "");
}

static int64_t time_of(const struct mizan_value *value)
{
    int64_t time = 0;

    return value->type == MIZAN_TEXT &&
                   mz_time_parse(value->as.text.data, value->as.text.size, &time)
               ? time
               : 0;
}

static int64_t integer_of(const struct mizan_value *value)
{
    return value->type == MIZAN_INTEGER ? value->as.integer : 0;
}

static enum mz_code read_tick(struct mz_db *db, const char *pipeline,
                              const struct mz_tick_claim *claim, struct mz_arena *arena,
                              struct tick_row *out, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_time(claim->tick_at),
                                            mz_integer(claim->shard)};
    struct mizan_value values[9];
    struct mz_statement statement = {
        .sql = "SELECT state, kind, run_id, cause, stop_cause, attempt, not_before,"
               " retries, retry_delay FROM tick"
               " WHERE pipeline = $1 AND tick_at = $2 AND shard = $3",
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    memset(out, 0, sizeof *out);
    out->found = first.found;
    if (code != MZ_OK || !first.found) {
        return code;
    }
    copy_text(out->state, sizeof out->state, &values[0]);
    copy_text(out->kind, sizeof out->kind, &values[1]);
    copy_text(out->run_id, sizeof out->run_id, &values[2]);
    copy_text(out->cause, sizeof out->cause, &values[3]);
    copy_text(out->stop_cause, sizeof out->stop_cause, &values[4]);
    out->attempt = integer_of(&values[5]);
    out->not_before = time_of(&values[6]);
    out->retries = integer_of(&values[7]);
    out->retry_delay = integer_of(&values[8]);
    return MZ_OK;
}

/* Where a question goes. */
struct question {
    struct mz_db *db;
    struct mz_arena *arena;
    struct mz_error *error;
};

/* A single text of the first row; empty when there is none. */
static enum mz_code ask_text(const struct question *question, const char *sql,
                             const struct mizan_value *arguments, size_t count,
                             char *out, size_t size)
{
    struct mizan_value value = mz_nil();
    struct mz_statement statement = {
        .sql = sql, .arguments = arguments, .count = count};
    struct mz_first_row first = {
        .values = &value, .count = 1, .arena = question->arena};
    enum mz_code code = mz_db_first(question->db, &statement, &first, question->error);

    copy_text(out, size, &value);
    return code;
}

enum mz_code mz_home_last_done(struct mz_db *db, const char *pipeline, int64_t shard,
                               int64_t before, int64_t *out, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_time(before),
                                            mz_integer(shard)};
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    char text[MZ_TIME_TEXT] = "";
    const struct question question = {db, arena, error};
    enum mz_code code =
        arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory for a run")
                      : ask_text(&question,
                                 "SELECT max(tick_at) FROM tick WHERE pipeline = $1"
                                 " AND tick_at < $2 AND state = 'done'"
                                 " AND (CAST($3 AS BIGINT) = 0 OR shard = $3)",
                                 arguments, MZ_COUNT(arguments), text, sizeof text);

    *out = 0;
    if (code == MZ_OK && text[0] != '\0') {
        (void)mz_time_parse(text, strlen(text), out);
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- what is to be done ---- */

static void say(struct mz_tick_claimed *out, const char *pipeline, int64_t tick_at,
                const char *what)
{
    char text[MZ_TIME_TEXT];

    out->nothing = true;
    (void)snprintf(out->sentence, sizeof out->sentence,
                   "tick %s of pipeline '%s' %s: nothing to do",
                   mz_time_format(tick_at, text), pipeline, what);
}

/* True when the row says that no run of the tick is due. */
static bool is_settled(const struct tick_row *row, const char *pipeline,
                       const struct mz_tick_claim *claim, int64_t now,
                       struct mz_tick_claimed *out)
{
    char what[800], text[MZ_TIME_TEXT];
    const char *state = row->state;

    if (claim->force || strcmp(state, "running") == 0) {
        return false;
    }
    if (strcmp(state, "ready") == 0) {
        if (row->attempt == 0 || row->not_before <= now) {
            return false;
        }
        (void)snprintf(what, sizeof what, "failed and is run again from %s on",
                       mz_time_format(row->not_before, text));
    } else if (strcmp(state, "skipped") == 0) {
        (void)snprintf(what, sizeof what, "was skipped (%s)", row->cause);
    } else {
        (void)snprintf(what, sizeof what, "is %s already%s%s%s%s", state,
                       row->run_id[0] == '\0' ? "" : ", by run ", row->run_id,
                       row->cause[0] == '\0' ? "" : ": ", row->cause);
    }
    say(out, pipeline, claim->tick_at, what);
    return true;
}

/* A claim in work. */
struct claiming {
    struct mz_db *db;
    struct mz_run_row *row;
    const struct mz_tick_claim *claim;
    struct mz_arena *arena;
    struct mz_lease *lease;
    struct mz_tick_claimed *out;
    struct mz_error *error;
};

static enum mz_code ask_about(const struct claiming *claiming, const char *sql,
                              const struct mizan_value *arguments, size_t count,
                              char *out, size_t size)
{
    const struct question question = {claiming->db, claiming->arena, claiming->error};

    return ask_text(&question, sql, arguments, count, out, size);
}

/* A range of skipped ticks that holds this one. */
static enum mz_code find_range(const struct claiming *claiming)
{
    const char *pipeline = claiming->row->pipeline;
    const struct mz_tick_claim *claim = claiming->claim;
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_time(claim->tick_at),
                                            mz_integer(claim->shard)};
    char cause[256], what[400];
    enum mz_code code =
        ask_about(claiming,
                  "SELECT coalesce(cause, 'no cause') FROM tick WHERE pipeline = $1"
                  " AND tick_at <= $2 AND tick_to >= $2 AND shard IN(0, $3)"
                  " AND state = 'skipped'",
                  arguments, MZ_COUNT(arguments), cause, sizeof cause);

    if (code == MZ_OK && cause[0] != '\0' && !claim->force) {
        (void)snprintf(what, sizeof what, "was skipped (%s)", cause);
        say(claiming->out, pipeline, claim->tick_at, what);
    }
    return code;
}

/* The whole of a tick whose shards stand there is theirs. */
static enum mz_code find_shards(const struct claiming *claiming)
{
    const char *pipeline = claiming->row->pipeline;
    const struct mz_tick_claim *claim = claiming->claim;
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_time(claim->tick_at)};
    char state[256];
    enum mz_code code = ask_about(claiming,
                                  "SELECT state FROM tick WHERE pipeline = $1"
                                  " AND tick_at = $2 AND shard > 0",
                                  arguments, MZ_COUNT(arguments), state, sizeof state);

    if (code == MZ_OK && state[0] != '\0' && claim->shard == 0 && !claim->force) {
        say(claiming->out, pipeline, claim->tick_at, "is split, its shards are run");
    }
    return code;
}

/* A tick that no scheduler stored is none while the pipeline is paused. */
static enum mz_code find_pause(const struct claiming *claiming)
{
    const struct mizan_value argument = mz_text(claiming->row->pipeline);
    char since[MZ_TIME_TEXT], what[100];
    enum mz_code code =
        ask_about(claiming, "SELECT paused_at FROM pipeline WHERE name = $1", &argument,
                  1, since, sizeof since);

    if (code == MZ_OK && since[0] != '\0' && !claiming->claim->force) {
        (void)snprintf(what, sizeof what, "is not run: it is paused since %s", since);
        say(claiming->out, claiming->row->pipeline, claiming->claim->tick_at, what);
    }
    return code;
}

static enum mz_code insert_tick(struct mz_db *db, const char *pipeline,
                                const struct mz_tick_claim *claim,
                                struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_time(claim->tick_at),
                                            mz_integer(claim->shard)};

    return mz_db_execute(db,
                         "INSERT INTO tick(pipeline, tick_at, shard) VALUES($1, $2, $3)"
                         " ON CONFLICT(pipeline, tick_at, shard) DO NOTHING",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

/* ---- the claim ---- */

/* Where a version is deployed, ticks are run by no other. */
static enum mz_code check_deployed(const struct claiming *claiming)
{
    const struct mizan_value argument = mz_text(claiming->row->pipeline);
    const char *own = claiming->row->script_hash;
    char hash[128] = "";
    enum mz_code code =
        ask_about(claiming, "SELECT deployed_hash FROM pipeline WHERE name = $1",
                  &argument, 1, hash, sizeof hash);

    if (code != MZ_OK || hash[0] == '\0' || own == NULL || strcmp(hash, own) == 0 ||
        claiming->claim->force) {
        return code;
    }
    mz_fail(
        claiming->error, MZ_TRY_AGAIN,
        "the files of '%s' are not those that are deployed: %.12s here, %.12s there",
        claiming->row->pipeline, own, hash);
    mz_error_help(claiming->error, "bring this host up to date, or deploy these files "
                                   "with mizan deploy");
    return MZ_TRY_AGAIN;
}

/* The lease is free, or the tick is being run this moment: then nothing is to do. */
static enum mz_code clear_lease(struct claiming *claiming, const struct tick_row *tick)
{
    const struct mizan_value arguments[] = {mz_text(claiming->row->pipeline),
                                            mz_integer(claiming->claim->shard)};
    char holder[64] = "";
    enum mz_code code =
        ask_about(claiming,
                  "SELECT run_id FROM lease WHERE pipeline = $1"
                  " AND shard IN(0, $2)",
                  arguments, MZ_COUNT(arguments), holder, sizeof holder);

    if (code != MZ_OK) {
        return code;
    }
    code = mz_lease_clear(claiming->db, claiming->row->pipeline, claiming->claim->shard,
                          claiming->arena, claiming->error);
    if (code == MZ_TRY_AGAIN && strcmp(tick->state, "running") == 0 &&
        holder[0] != '\0' && strcmp(holder, tick->run_id) == 0) {
        char text[MZ_TIME_TEXT];
        claiming->out->nothing = true;
        (void)snprintf(claiming->out->sentence, sizeof claiming->out->sentence,
                       "tick %s is this moment's: %.900s; nothing to do",
                       mz_time_format(claiming->claim->tick_at, text),
                       claiming->error->message);
        return MZ_OK;
    }
    return code;
}

static enum mz_code take_tick(struct claiming *claiming)
{
    const struct mz_run_row *row = claiming->row;
    const struct mz_tick_claim *claim = claiming->claim;
    const struct mizan_value arguments[] = {
        mz_text(row->pipeline),
        mz_time(claim->tick_at),
        mz_integer(claiming->lease->epoch),
        mz_text(row->host),
        mz_time(mz_db_now(claiming->db) + mz_lease_time()),
        mz_text(row->id),
        mz_integer(claim->retries),
        mz_integer(claim->retry_delay),
        mz_integer(row->attempt),
        mz_integer(claim->shard),
    };
    int64_t changed = 0;
    enum mz_code code =
        mz_db_execute(claiming->db,
                      "UPDATE tick SET state = 'running', epoch = $3, owner = $4,"
                      " lease_until = $5, run_id = $6, retries = $7, retry_delay = $8,"
                      " attempt = $9, not_before = NULL, cause = NULL,"
                      " stop_cause = NULL, tick_to = NULL, ticks = 1"
                      " WHERE pipeline = $1 AND tick_at = $2 AND shard = $10",
                      arguments, MZ_COUNT(arguments), &changed, claiming->error);

    return code == MZ_OK && changed != 1
               ? mz_fail(claiming->error, MZ_TRY_AGAIN, "the tick is gone")
               : code;
}

static enum mz_code claim_tick(struct claiming *claiming)
{
    struct mz_run_row *row = claiming->row;
    const struct mz_tick_claim *claim = claiming->claim;
    struct mz_tick_claimed *out = claiming->out;
    struct tick_row tick;
    /* Who decides by what was read locks it first. */
    enum mz_code code = mz_fence_lock(claiming->db, claiming->error);
    if (code == MZ_OK) {
        code = check_deployed(claiming);
    }
    if (code == MZ_OK) {
        code = read_tick(claiming->db, row->pipeline, claim, claiming->arena, &tick,
                         claiming->error);
    }
    if (code == MZ_OK && !tick.found) {
        code = find_range(claiming);
        if (code == MZ_OK && !out->nothing) {
            code = find_pause(claiming);
        }
        if (code == MZ_OK && !out->nothing) {
            code = find_shards(claiming);
        }
    }
    if (code != MZ_OK || out->nothing ||
        (tick.found &&
         is_settled(&tick, row->pipeline, claim, mz_db_now(claiming->db), out))) {
        return code;
    }
    if (!tick.found) {
        code = insert_tick(claiming->db, row->pipeline, claim, claiming->error);
    }
    if (code == MZ_OK) {
        code = clear_lease(claiming, &tick);
    }
    /* What was being run by a process that is gone is settled now, and what ended while
     * its lease was waited for is done. */
    if (code == MZ_OK && !out->nothing) {
        code = read_tick(claiming->db, row->pipeline, claim, claiming->arena, &tick,
                         claiming->error);
    }
    if (code != MZ_OK || out->nothing ||
        is_settled(&tick, row->pipeline, claim, mz_db_now(claiming->db), out)) {
        return code;
    }
    out->attempt = tick.attempt + 1;
    (void)snprintf(out->kind, sizeof out->kind, "%s", tick.kind);
    row->attempt = out->attempt;
    row->triggered_by = out->kind;
    row->from = out->from;
    row->to = claim->tick_at;
    row->shard = claim->shard;
    code = mz_lease_take(claiming->db, row, claiming->arena, claiming->lease,
                         claiming->error);
    return code == MZ_OK ? take_tick(claiming) : code;
}

enum mz_code mz_home_begin_tick(struct mz_db *db, struct mz_run_row *row,
                                const struct mz_tick_claim *claim,
                                struct mz_lease *lease, struct mz_tick_claimed *out,
                                struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct claiming claiming = {db, row, claim, arena, lease, out, error};
    enum mz_code code;

    memset(out, 0, sizeof *out);
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for a run");
    }
    code = mz_home_last_done(db, row->pipeline, claim->shard, claim->tick_at,
                             &out->from, error);
    if (code == MZ_OK) {
        code = mz_db_begin(db, error);
    }
    if (code == MZ_OK) {
        code = claim_tick(&claiming);
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

/* ---- the end ---- */

struct end_state {
    const char *state, *cause;
    int64_t not_before; /* 0: at once */
    int64_t attempt;
};

static int64_t backoff(const struct tick_row *tick)
{
    int64_t delay = tick->retry_delay;

    for (int64_t i = 1; i < tick->attempt && delay < LONGEST_DELAY; i++) {
        delay *= 2;
    }
    return delay > LONGEST_DELAY && delay > tick->retry_delay ? LONGEST_DELAY : delay;
}

static void decide(const struct tick_row *tick, enum mz_run_outcome outcome,
                   const char *failure, int64_t now, struct end_state *end)
{
    *end = (struct end_state){
        .state = "failed", .cause = failure, .attempt = tick->attempt};
    /* One that was stopped for taking too long has failed like any other. */
    if (outcome == MZ_RUN_STOPPED && strncmp(tick->stop_cause, "timeout", 7) == 0) {
        outcome = MZ_RUN_FAILED;
        end->cause = tick->stop_cause;
    }
    switch (outcome) {
    case MZ_RUN_DONE:
        end->state = "done";
        end->cause = NULL;
        break;
    case MZ_RUN_FAILED:
        if (tick->attempt <= tick->retries) {
            end->state = "ready";
            end->not_before = now + backoff(tick);
        }
        break;
    case MZ_RUN_STOPPED:
        if (tick->stop_cause[0] != '\0') {
            end->cause = tick->stop_cause;
            break;
        }
        end->state = "ready";
        end->attempt = tick->attempt - 1; /* it did not fail */
        break;
    case MZ_RUN_LOST:
        end->state = tick->attempt < tick->retries + MOST_LOST ? "ready" : "failed";
        break;
    case MZ_RUN_WRONG:
        break;
    }
}

static enum mz_code write_end(struct mz_db *db, const char *run_id,
                              const struct end_state *end, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(run_id),
        mz_text(end->state),
        mz_text(end->cause),
        end->not_before == 0 ? mz_nil() : mz_time(end->not_before),
        mz_integer(end->attempt),
    };

    return mz_db_execute(db,
                         "UPDATE tick SET state = $2, cause = $3, not_before = $4,"
                         " attempt = $5, epoch = NULL, owner = NULL,"
                         " lease_until = NULL, stop_cause = NULL"
                         " WHERE run_id = $1 AND state = 'running'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

static enum mz_code forget_batches(struct mz_db *db, const struct mizan_value *pipeline,
                                   struct mz_error *error)
{
    const struct mizan_value arguments[] = {*pipeline,
                                            mz_time(mz_db_now(db) - BATCHES_KEPT)};

    return mz_db_execute(db, "DELETE FROM batch WHERE pipeline = $1 AND tick_at < $2",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_tick_settle(struct mz_db *db, const char *run_id,
                            enum mz_run_outcome outcome, const char *failure,
                            struct mz_error *error)
{
    const struct mizan_value argument = mz_text(run_id);
    struct mizan_value values[5];
    struct mz_statement statement = {
        .sql = "SELECT attempt, retries, retry_delay, stop_cause, pipeline FROM tick"
               " WHERE run_id = $1 AND state = 'running'",
        .arguments = &argument,
        .count = 1,
    };
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    struct tick_row tick = {.found = false};
    struct end_state end;
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for a tick")
                            : mz_db_first(db, &statement, &first, error);

    if (code == MZ_OK && first.found) {
        tick.attempt = integer_of(&values[0]);
        tick.retries = integer_of(&values[1]);
        tick.retry_delay = integer_of(&values[2]);
        copy_text(tick.stop_cause, sizeof tick.stop_cause, &values[3]);
        decide(&tick, outcome, failure, mz_db_now(db), &end);
        code = write_end(db, run_id, &end, error);
        if (code == MZ_OK && outcome == MZ_RUN_DONE) {
            code = forget_batches(db, &values[4], error);
        }
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- batches ---- */

/* 63 bits of the digest: two batches of one tick do not meet by chance. */
static int64_t batch_number(const char *digest)
{
    uint64_t number = 0;

    for (size_t i = 0; i < 16; i++) {
        char c = digest[i];
        number = number * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return (int64_t)(number >> 1);
}

enum mz_code mz_home_batch(struct mz_db *db, const struct mz_lease *lease,
                           int64_t tick_at, const char *identity, int64_t rows,
                           bool *again, struct mz_error *error)
{
    char digest[MZ_DIGEST_TEXT];
    int64_t changed = 0;

    mz_digest(identity, strlen(identity), digest);
    const struct mizan_value arguments[] = {
        mz_text(lease->pipeline), mz_time(tick_at), mz_integer(batch_number(digest)),
        mz_integer(lease->epoch), mz_text(digest),  mz_integer(rows),
        mz_integer(lease->shard),
    };
#if defined(MZ_MUTANT_NO_BATCH)
    /* For the test that must fail when nobody looks whether a batch is there. */
#define ON_REPEAT "DO UPDATE SET epoch = excluded.epoch"
#else
#define ON_REPEAT "DO NOTHING"
#endif
    static const char sql[] =
        "INSERT INTO batch(pipeline, tick_at, n, epoch, digest, rows, shard)"
        " VALUES($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT(pipeline, tick_at, shard, n) " ON_REPEAT;
    enum mz_code code =
        mz_db_execute(db, sql, arguments, MZ_COUNT(arguments), &changed, error);

    *again = changed == 0;
    return code;
}
