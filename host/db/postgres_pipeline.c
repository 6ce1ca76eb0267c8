/* Statements sent one behind the other: a unit of many rows waits for the server once,
 * not once a row. */
#include "db/postgres.h"

#include <stdio.h>

/* As many answers are small enough to lie in the socket until they are asked for. */
#define MOST_PENDING 256

enum mz_code mz_postgres_send_on(struct mz_postgres *db, struct mz_statement *given,
                                 struct mz_error *error)
{
    struct mz_prepared *place = NULL;
    struct mz_places places;
    char name[24];
    enum mz_code code = mz_postgres_borrow(db, given->sql, &place, error);

    if (code != MZ_OK || place == NULL) {
        return code;
    }
    place->busy = false;
    code = mz_postgres_encode(db, given, place->places, &places, error);
    if (code != MZ_OK) {
        return code;
    }
    if (!db->piped && db->pq->enterPipelineMode(db->connection) == 0) {
        return mz_postgres_fail(db, NULL, NULL, error);
    }
    db->piped = true;
    (void)snprintf(name, sizeof name, "m%u", place->name);
    if (db->pq->sendQueryPrepared(db->connection, name, (int)places.count,
                                  places.values, places.lengths, places.formats,
                                  0) == 0) {
        return mz_postgres_fail(db, NULL, NULL, error);
    }
    db->pending++;
    return db->pending < MOST_PENDING ? MZ_OK : mz_postgres_drain(db, error);
}

/* Behind a failed statement the server passes over the others, up to the sync. */
enum mz_code mz_postgres_drain(struct mz_postgres *db, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    bool synced = false;

    if (!db->piped) {
        return MZ_OK;
    }
    if (!mz_postgres_alive(db) || db->pq->pipelineSync(db->connection) == 0) {
        return mz_postgres_fail(db, NULL, NULL, error);
    }
    /* Each statement has its answer and an end; the sync has an answer alone. */
    while (!synced && mz_postgres_alive(db)) {
        PGresult *result = db->pq->getResult(db->connection);
        ExecStatusType status = db->pq->resultStatus(result);

        synced = status == PGRES_PIPELINE_SYNC;
        if (result != NULL && !synced && status != PGRES_PIPELINE_ABORTED &&
            !mz_postgres_good(db, result) && code == MZ_OK) {
            code = mz_postgres_fail(db, result, NULL, error);
        }
        db->pq->clear(result);
    }
    db->piped = false;
    db->pending = 0;
    if (code == MZ_OK && !synced) {
        code = mz_postgres_fail(db, NULL, NULL, error);
    } else if (synced && db->pq->exitPipelineMode(db->connection) == 0 &&
               code == MZ_OK) {
        code = mz_postgres_fail(db, NULL, NULL, error);
    }
    return code;
}
