/* The engine of PostgreSQL 15: statements and transactions. */
#include "db/postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "value/record.h"

#define CLOCK_AGE                                                                      \
    5000 /* milliseconds that a look at the database's clock is good for */

static struct mz_postgres *self(struct mz_db *db)
{
    return (struct mz_postgres *)db;
}

bool mz_postgres_alive(const struct mz_postgres *db)
{
    return db->connection != NULL && !db->lost &&
           db->pq->status(db->connection) == CONNECTION_OK;
}

bool mz_postgres_good(const struct mz_postgres *db, const PGresult *result)
{
    ExecStatusType status = db->pq->resultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
           status == PGRES_SINGLE_TUPLE;
}

/* ---- rows that are still on their way ---- */

/* All answers of the innermost stream, so that the connection is free. */
static enum mz_code take_aside(struct mz_postgres *db, struct mz_error *error)
{
    struct mz_stream *stream = db->stream;
    size_t capacity = 0;

    if (db->piped) {
        return mz_postgres_drain(db, error);
    }
    if (stream == NULL || stream->all_in) {
        return MZ_OK;
    }
    stream->all_in = true;
    for (PGresult *result; (result = db->pq->getResult(db->connection)) != NULL;) {
        if (stream->aside_count == capacity) {
            PGresult **more;

            capacity = capacity == 0 ? 64 : capacity * 2;
            more = realloc(stream->aside, capacity * sizeof *more);
            if (more == NULL) {
                db->pq->clear(result);
                return mz_fail(error, MZ_MEMORY, "no memory for the rows of a query");
            }
            stream->aside = more;
        }
        stream->aside[stream->aside_count++] = result;
    }
    return MZ_OK;
}

static PGresult *next_answer(struct mz_postgres *db, struct mz_stream *stream)
{
    if (stream->aside_next < stream->aside_count) {
        return stream->aside[stream->aside_next++];
    }
    return stream->all_in ? NULL : db->pq->getResult(db->connection);
}

static void end_stream(struct mz_postgres *db, struct mz_stream *stream)
{
    for (PGresult *result; (result = next_answer(db, stream)) != NULL;) {
        db->pq->clear(result);
    }
    free(stream->aside);
    db->stream = stream->outer;
}

/* ---- the session's settings ---- */

enum mz_code mz_postgres_text(struct mz_postgres *db, const char *sql,
                              PGresult **result, struct mz_error *error)
{
    enum mz_code code = take_aside(db, error);
    PGresult *answer;

    if (code != MZ_OK) {
        return code;
    }
    answer = db->pq->exec(db->connection, sql);
    if (!mz_postgres_good(db, answer)) {
        code = mz_postgres_fail(db, answer, NULL, error);
    }
    if (code == MZ_OK && result != NULL) {
        *result = answer;
    } else {
        db->pq->clear(answer);
    }
    return code;
}

enum mz_code mz_postgres_settings(struct mz_postgres *db, struct mz_error *error)
{
    char sql[160];
    enum mz_code code;

    if (db->limit == db->set_limit && db->patience == db->set_patience) {
        return MZ_OK;
    }
    (void)snprintf(sql, sizeof sql,
                   "SET statement_timeout = %" PRId64 "; SET lock_timeout = %" PRId64,
                   db->limit, db->patience);
    code = mz_postgres_text(db, sql, NULL, error);
    if (code == MZ_OK) {
        db->set_limit = db->limit;
        db->set_patience = db->patience;
    }
    return code;
}

/* ---- one statement ---- */

static int64_t count_changed(const struct mz_postgres *db, PGresult *result)
{
    const char *word = db->pq->cmdStatus(result);
    const char *count = db->pq->cmdTuples(result);

    return strncmp(word, "SELECT", 6) == 0 || count[0] == '\0'
               ? 0
               : strtoll(count, NULL, 10);
}

static enum mz_code row_room(struct mz_postgres *db, const PGresult *result,
                             struct mz_row *row, struct mizan_value **values,
                             struct mz_error *error)
{
    size_t count = (size_t)db->pq->nfields(result);
    const char **names = mz_arena_alloc(db->base.scratch, (count + 1) * sizeof *names);

    *values = mz_arena_alloc(db->base.scratch, (count + 1) * sizeof **values);
    if (names == NULL || *values == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the row of a query");
    }
    for (size_t i = 0; i < count; i++) {
        /* The first answer goes before the last row comes. */
        names[i] = mz_arena_string(db->base.scratch, db->pq->fname(result, (int)i));
        if (names[i] == NULL) {
            return mz_fail(error, MZ_MEMORY, "no memory for the row of a query");
        }
    }
    *row = (struct mz_row){.count = count, .names = names, .values = *values};
    return MZ_OK;
}

/* Where the rows of a statement are put together. */
struct taker {
    const struct mz_statement *given;
    struct mz_row row;
    struct mizan_value *values;
    bool enough; /* the callback wants no more */
};

static enum mz_code give_rows(struct mz_postgres *db, const PGresult *result,
                              struct taker *taker, struct mz_error *error)
{
    for (int i = 0; !taker->enough && i < db->pq->ntuples(result); i++) {
        uint64_t mark = mz_arena_mark(db->base.scratch);

        for (size_t column = 0; column < taker->row.count; column++) {
            if (!mz_postgres_decode(db->pq, result, i, (int)column, db->base.scratch,
                                    &taker->values[column])) {
                return mz_fail(error, MZ_LIMIT,
                               "a row of the database does not fit into memory");
            }
        }
        taker->enough = !taker->given->row(taker->given->context, &taker->row);
        mz_arena_release(db->base.scratch, mark);
    }
    return MZ_OK;
}

static enum mz_code take_answer(struct mz_postgres *db, PGresult *result,
                                struct mz_statement *given, struct taker *taker,
                                struct mz_error *error)
{
    enum mz_code code = MZ_OK;

    if (!mz_postgres_good(db, result)) {
        return mz_postgres_fail(db, result, given->sql, error);
    }
    given->changed += count_changed(db, result);
    if (given->row == NULL) {
        return MZ_OK;
    }
    if (taker->values == NULL) {
        code = row_room(db, result, &taker->row, &taker->values, error);
    }
    return code == MZ_OK ? give_rows(db, result, taker, error) : code;
}

static enum mz_code read_answers(struct mz_postgres *db, struct mz_statement *given,
                                 struct mz_error *error)
{
    struct mz_stream stream = {.outer = db->stream};
    struct taker taker = {.given = given};
    enum mz_code code = MZ_OK;

    db->stream = &stream;
    for (PGresult *result; code == MZ_OK && !taker.enough &&
                           (result = next_answer(db, &stream)) != NULL;) {
        code = take_answer(db, result, given, &taker, error);
        db->pq->clear(result);
    }
    end_stream(db, &stream);
    return code;
}

static enum mz_code send_prepared(struct mz_postgres *db, struct mz_statement *given,
                                  const struct mz_prepared *place,
                                  struct mz_error *error)
{
    struct mz_places places;
    char name[24];
    enum mz_code code = mz_postgres_encode(db, given, place->places, &places, error);

    if (code != MZ_OK) {
        return code;
    }
    (void)snprintf(name, sizeof name, "m%u", place->name);
    if (db->pq->sendQueryPrepared(db->connection, name, (int)places.count,
                                  places.values, places.lengths, places.formats,
                                  0) == 0) {
        return mz_postgres_fail(db, NULL, NULL, error);
    }
    if (given->row != NULL) {
        (void)db->pq->setSingleRowMode(db->connection);
    }
    return read_answers(db, given, error);
}

/* `again`: when the connection is lost, it may be asked once more: it only reads, or
 * was not sent yet. */
static enum mz_code run_once(struct mz_postgres *db, struct mz_statement *given,
                             bool *again, struct mz_error *error)
{
    struct mz_prepared *place = NULL;
    enum mz_code code = take_aside(db, error);

    given->changed = 0;
    *again = true;
    if (code == MZ_OK) {
        code = mz_postgres_settings(db, error);
    }
    if (code == MZ_OK && db->stale) {
        mz_postgres_forget(db);
        db->stale = false;
        code = mz_postgres_text(db, "DEALLOCATE ALL", NULL, error);
    }
    if (code == MZ_OK) {
        code = mz_postgres_borrow(db, given->sql, &place, error);
    }
    if (code != MZ_OK || place == NULL) {
        return code;
    }
    *again = place->reads;
    code = send_prepared(db, given, place, error);
    place->busy = false;
    return code;
}

/* SQL of users runs in a transaction that cannot write, whatever the session says. */
static enum mz_code run_restricted(struct mz_postgres *db, struct mz_statement *given,
                                   struct mz_error *error)
{
    bool reads = false;
    enum mz_code code = mz_postgres_settings(db, error);

    if (code == MZ_OK) {
        code = mz_postgres_text(db, "BEGIN READ ONLY", NULL, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    code = run_once(db, given, &reads, error);
    if (mz_postgres_alive(db)) {
        db->pq->clear(db->pq->exec(db->connection, "ROLLBACK"));
    }
    return code;
}

/* A failed statement takes the whole transaction with it: what follows is told the
 * first failure, and so is the commit. */
static enum mz_code note_broken(struct mz_postgres *db, enum mz_code code,
                                const struct mz_error *error)
{
    if (code != MZ_OK && db->transaction && !db->broken &&
        (!mz_postgres_alive(db) ||
         db->pq->transactionStatus(db->connection) == PQTRANS_INERROR)) {
        db->broken = true;
        db->first = *error;
        db->first.code = code;
    }
    return code;
}

enum mz_code mz_postgres_connected(struct mz_postgres *db, struct mz_error *error)
{
    return mz_postgres_alive(db)
               ? MZ_OK
               : mz_postgres_connect(db, MZ_POSTGRES_RECONNECT, error);
}

static enum mz_code run_free(struct mz_postgres *db, struct mz_statement *given,
                             struct mz_error *error)
{
    enum mz_code code = MZ_TRY_AGAIN;

    /* A connection that was cut while it stood still is told from a statement that was
     * cut only by what it does: one that reads can be asked again. */
    for (int i = 0; i < 2; i++) {
        bool again = true;

        code = mz_postgres_connected(db, error);
        if (code != MZ_OK) {
            return code;
        }
        code = db->mode == MZ_DB_RESTRICTED && db->stream == NULL
                   ? run_restricted(db, given, error)
                   : run_once(db, given, &again, error);
        if (code != MZ_OK && db->stale && db->stream == NULL) {
            continue;
        }
        if (code == MZ_OK || mz_postgres_alive(db) || db->stream != NULL ||
            !(again || db->mode == MZ_DB_READ || db->mode == MZ_DB_RESTRICTED)) {
            return code;
        }
    }
    return code;
}

enum mz_code mz_postgres_run(struct mz_db *base, struct mz_statement *given,
                             struct mz_error *error)
{
    struct mz_postgres *db = self(base);
    struct mz_error local = {.code = MZ_OK};
    struct mz_error *told = error == NULL ? &local : error;
    bool reads = false;

    given->changed = 0;
    if (!db->transaction) {
        return run_free(db, given, told);
    }
    if (db->broken) {
        *told = db->first;
        return told->code;
    }
    if (given->deferred && db->stream == NULL && !db->stale &&
        mz_postgres_is_prepared(db, given->sql)) {
        return note_broken(db, mz_postgres_send_on(db, given, told), told);
    }
    return note_broken(db, run_once(db, given, &reads, told), told);
}

/* ---- the rest of the engine's functions ---- */

static void postgres_set_time_limit(struct mz_db *base, int64_t milliseconds)
{
    self(base)->limit = milliseconds > 0 ? milliseconds : 0;
}

static void postgres_set_patience(struct mz_db *base, int milliseconds)
{
    self(base)->patience = milliseconds;
}

static bool take_integer(void *context, const struct mz_row *row)
{
    *(int64_t *)context = row->values[0].as.integer;
    return false;
}

/* The look itself takes some of the time it tells: half of its way is on either side.
 */
static int64_t postgres_now(struct mz_db *base)
{
    struct mz_postgres *db = self(base);
    int64_t before = mz_clock_monotonic();
    int64_t time = 0;
    struct mz_statement statement = {
        .sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        .row = take_integer,
        .context = &time};
    struct mz_error ignored;

    if ((before - db->clock_at >= CLOCK_AGE || db->clock_at == 0) && !db->broken &&
        mz_db_run(base, &statement, &ignored) == MZ_OK) {
        db->clock_at = mz_clock_monotonic();
        db->clock_offset = time - (before + db->clock_at) / 2;
    }
    return mz_clock_monotonic() + db->clock_offset;
}

static void postgres_set_label(struct mz_db *base, const char *label)
{
    struct mz_postgres *db = self(base);
    const struct mizan_value argument = mz_text(label);
    struct mz_statement statement = {
        .sql = "SELECT set_config('application_name', $1, false)",
        .arguments = &argument,
        .count = 1};
    struct mz_error ignored;

    (void)snprintf(db->label, sizeof db->label, "%s", label);
    (void)!mz_db_run(base, &statement, &ignored);
}

void mz_postgres_close(struct mz_db *base)
{
    struct mz_postgres *db = self(base);

    if (db->connection != NULL) {
        mz_db_rollback(base);
        db->pq->finish(db->connection);
    }
    for (size_t i = 0; i < MZ_POSTGRES_CACHED; i++) {
        free(db->cache[i].sql);
    }
    free(db->url);
    mz_db_finish(base);
    free(db);
}

static enum mz_code postgres_script(struct mz_db *base, const char *sql,
                                    struct mz_error *error)
{
    struct mz_postgres *db = self(base);

    return note_broken(db, mz_postgres_text(db, sql, NULL, error), error);
}

const struct mz_engine mz_postgres_engine = {
    .close = mz_postgres_close,
    .begin = mz_postgres_begin,
    .commit = mz_postgres_commit,
    .rollback = mz_postgres_rollback,
    .in_transaction = mz_postgres_in_transaction,
    .run = mz_postgres_run,
    .columns = mz_postgres_columns,
    .set_time_limit = postgres_set_time_limit,
    .set_patience = postgres_set_patience,
    .script = postgres_script,
    .now = postgres_now,
    .set_label = postgres_set_label,
};
