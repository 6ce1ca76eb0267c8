/* Transactions, and what became of one whose end was not answered. */
#include "db/postgres.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define ANSWER_PAUSE 20 /* milliseconds between two questions */

/* The transaction's number is asked for with its beginning, so that after a lost answer
 * to COMMIT the server can be asked what became of it. */
static enum mz_code try_begin(struct mz_postgres *db, struct mz_error *error)
{
    bool reads = db->mode == MZ_DB_READ || db->mode == MZ_DB_RESTRICTED;
    PGresult *result = NULL;
    enum mz_code code = mz_postgres_settings(db, error);

    if (code == MZ_OK) {
        code =
            mz_postgres_text(db,
                             reads ? "BEGIN READ ONLY"
                                   : "BEGIN; SELECT CAST(pg_current_xact_id() AS TEXT)",
                             &result, error);
    }
    if (code != MZ_OK) {
        if (mz_postgres_alive(db)) {
            db->pq->clear(db->pq->exec(db->connection, "ROLLBACK"));
        }
        return code;
    }
    (void)snprintf(db->transaction_id, sizeof db->transaction_id, "%s",
                   reads ? "" : db->pq->getvalue(result, 0, 0));
    db->pq->clear(result);
    db->transaction = true;
    db->broken = false;
    return MZ_OK;
}

enum mz_code mz_postgres_begin(struct mz_db *base, struct mz_error *error)
{
    struct mz_postgres *db = (struct mz_postgres *)base;
    struct mz_error local;
    struct mz_error *told = error == NULL ? &local : error;
    enum mz_code code = mz_postgres_connected(db, told);

    if (code == MZ_OK) {
        code = try_begin(db, told);
    }
    if (code != MZ_OK && !mz_postgres_alive(db)) {
        code = mz_postgres_connected(db, told);
        if (code == MZ_OK) {
            code = try_begin(db, told);
        }
    }
    return code;
}

bool mz_postgres_in_transaction(const struct mz_db *db)
{
    return ((const struct mz_postgres *)db)->transaction;
}

void mz_postgres_rollback(struct mz_db *base)
{
    struct mz_postgres *db = (struct mz_postgres *)base;
    struct mz_error ignored;

    /* What is still on its way is undone with the rest. */
    (void)!mz_postgres_drain(db, &ignored);
    db->transaction = false;
    db->broken = false;
    /* What was set inside of it is undone with it. */
    db->set_limit = db->set_patience = -1;
    if (mz_postgres_alive(db)) {
        /* It can only fail when the transaction is gone already. */
        (void)!mz_postgres_text(db, "ROLLBACK", NULL, &ignored);
    }
}

/* What became of a transaction whose COMMIT was sent and never answered. A server that
 * knows nothing of it, as after a change to another machine, has not committed it. */
static enum mz_code ask_outcome(struct mz_postgres *db, bool *open,
                                struct mz_error *error)
{
    char sql[96];
    PGresult *result = NULL;
    enum mz_code code = mz_postgres_connected(db, error);
    const char *status;

    *open = false;
    if (code != MZ_OK) {
        return code;
    }
    (void)snprintf(sql, sizeof sql, "SELECT pg_xact_status(CAST('%s' AS xid8))",
                   db->transaction_id);
    code = mz_postgres_text(db, sql, &result, error);
    if (code != MZ_OK) {
        *open = !mz_postgres_alive(db);
        return MZ_TRY_AGAIN;
    }
    status = db->pq->getvalue(result, 0, 0);
    *open = strcmp(status, "in progress") == 0;
    code = strcmp(status, "committed") == 0 ? MZ_OK : MZ_TRY_AGAIN;
    db->pq->clear(result);
    return code;
}

static void pause_for(int64_t milliseconds)
{
    const struct timespec time = {.tv_sec = (time_t)(milliseconds / 1000),
                                  .tv_nsec = (long)(milliseconds % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
}

static enum mz_code resolve_commit(struct mz_postgres *db, struct mz_error *error)
{
#if defined(MZ_MUTANT_NO_OUTCOME)
    /* For the test that must fail when a lost answer counts as not committed. */
    (void)db;
    (void)error;
    (void)ask_outcome;
    (void)pause_for;
    return MZ_TRY_AGAIN;
#else
    int64_t until = mz_clock_monotonic() + MZ_POSTGRES_RECONNECT;
    struct mz_error lost = *error;
    bool open = true;
    enum mz_code code = MZ_TRY_AGAIN;

    while (open && mz_clock_monotonic() < until) {
        code = ask_outcome(db, &open, error);
        if (open) {
            pause_for(ANSWER_PAUSE);
        }
    }
    if (code == MZ_TRY_AGAIN && !open) {
        *error = lost;
        return MZ_TRY_AGAIN;
    }
    if (code != MZ_OK) {
        mz_fail(error, MZ_UNREACHABLE,
                "the database %s did not say whether the last commit was made",
                db->base.location);
        mz_error_help(error, "when it answers again, run again: what was committed is "
                             "found, what was not is done");
        return MZ_UNREACHABLE;
    }
    return MZ_OK;
#endif
}

static enum mz_code send_commit(struct mz_postgres *db, struct mz_error *error)
{
    PGresult *result = NULL;
    enum mz_code code = mz_postgres_text(db, "COMMIT", &result, error);

    if (code != MZ_OK) {
        return code;
    }
    /* A transaction that had failed answers ROLLBACK, which is no error to the server.
     */
    if (strcmp(db->pq->cmdStatus(result), "COMMIT") != 0) {
        code = mz_fail(error, MZ_INTERNAL,
                       "a transaction that had failed was to be committed");
    }
    db->pq->clear(result);
    return code;
}

enum mz_code mz_postgres_commit(struct mz_db *base, struct mz_error *error)
{
    struct mz_postgres *db = (struct mz_postgres *)base;
    struct mz_error local;
    struct mz_error *told = error == NULL ? &local : error;
    enum mz_code code;

    code = db->broken ? MZ_OK : mz_postgres_drain(db, told);
    if (code != MZ_OK) {
        db->broken = true;
        db->first = *told;
        db->first.code = code;
    }
    if (db->broken) {
        struct mz_error first = db->first;

        mz_postgres_rollback(base);
        *told = first;
        return first.code;
    }
    code = send_commit(db, told);
    db->transaction = false;
    if (code != MZ_OK && !mz_postgres_alive(db) && db->transaction_id[0] != '\0') {
        code = resolve_commit(db, told);
    }
    return code;
}
