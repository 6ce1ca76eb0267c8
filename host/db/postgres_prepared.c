/* Statements that the server has prepared, kept by their text. */
#include "db/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    }
    return hash;
}

void mz_postgres_forget(struct mz_postgres *db)
{
    for (size_t i = 0; i < MZ_POSTGRES_CACHED; i++) {
        if (!db->cache[i].busy) {
            free(db->cache[i].sql);
            db->cache[i] = (struct mz_prepared){0};
        } else {
            db->cache[i].hash = 0; /* not to be found again */
        }
    }
}

/* The text's own place, or the one to use for it: a free one, else the one that was not
 * used for the longest time. */
static struct mz_prepared *find_place(struct mz_postgres *db, const char *sql,
                                      uint64_t hash)
{
    struct mz_prepared *place = NULL;

    for (size_t i = 0; i < MZ_POSTGRES_CACHED; i++) {
        struct mz_prepared *each = &db->cache[i];

        if (each->busy) {
            continue;
        }
        if (each->sql != NULL && each->hash == hash && strcmp(each->sql, sql) == 0) {
            return each;
        }
        if (place == NULL || each->sql == NULL ||
            (place->sql != NULL && each->used < place->used)) {
            place = each;
        }
    }
    return place;
}

bool mz_postgres_is_prepared(const struct mz_postgres *db, const char *sql)
{
    uint64_t hash = hash_text(sql);

    for (size_t i = 0; i < MZ_POSTGRES_CACHED; i++) {
        const struct mz_prepared *each = &db->cache[i];

        if (each->sql != NULL && !each->busy && each->hash == hash &&
            strcmp(each->sql, sql) == 0) {
            return true;
        }
    }
    return false;
}

static enum mz_code check_scan(const struct mz_postgres *db,
                               const struct mz_sql_scan *scan, struct mz_error *error)
{
    enum mz_code code = MZ_OK;

    if (scan->statements == 0) {
        return mz_fail(error, MZ_INPUT, "there is no statement in the SQL");
    }
    if (scan->statements > 1) {
        mz_fail(error, MZ_INPUT, "there is more than one statement in the SQL");
        mz_error_help(error, "give them one by one");
        return MZ_INPUT;
    }
    if (scan->places > MZ_POSTGRES_PLACES) {
        return mz_fail(error, MZ_LIMIT, "the SQL has more than %d places",
                       MZ_POSTGRES_PLACES);
    }
    if (db->mode == MZ_DB_RESTRICTED && !scan->reads && !scan->with) {
        code = mz_fail(error, MZ_NOT_PERMITTED,
                       "the query begins with no word that only reads");
    } else if (db->mode == MZ_DB_RESTRICTED && scan->refused[0] != '\0') {
        code = mz_fail(error, MZ_NOT_PERMITTED, "the query may not call %s",
                       scan->refused);
    }
    if (code != MZ_OK) {
        mz_error_help(error, "only reading is allowed here");
    }
    return code;
}

/* A place that is not used (a caller may pass more than a text needs) has no type that
 * the server could find out: it gets one. */
static PGresult *prepare(struct mz_postgres *db, const char *name, const char *sql,
                         const struct mz_sql_scan *scan)
{
    static const Oid text = 25;
    Oid types[MZ_POSTGRES_PLACES];

    for (size_t i = 0; i < scan->places; i++) {
        types[i] = scan->used[i] ? 0 : text;
    }
    return db->pq->prepare(db->connection, name, sql, (int)scan->places, types);
}

static void drop_prepared(struct mz_postgres *db, struct mz_prepared *place)
{
    char sql[48];

    if (place->sql != NULL) {
        (void)snprintf(sql, sizeof sql, "DEALLOCATE m%u", place->name);
        db->pq->clear(db->pq->exec(db->connection, sql));
        free(place->sql);
    }
    *place = (struct mz_prepared){0};
}

enum mz_code mz_postgres_borrow(struct mz_postgres *db, const char *sql,
                                struct mz_prepared **out, struct mz_error *error)
{
    uint64_t hash = hash_text(sql);
    struct mz_prepared *place = find_place(db, sql, hash);
    struct mz_sql_scan scan;
    char name[24];
    PGresult *result;
    enum mz_code code;

    *out = NULL;
    if (place == NULL) {
        return mz_fail(error, MZ_LIMIT, "queries nest too deep");
    }
    if (place->sql == NULL || place->hash != hash || strcmp(place->sql, sql) != 0) {
        mz_sql_scan(sql, &scan);
        code = check_scan(db, &scan, error);
        if (code != MZ_OK) {
            return code;
        }
        drop_prepared(db, place);
        (void)snprintf(name, sizeof name, "m%u", ++db->names);
        result = prepare(db, name, sql, &scan);
        code = mz_postgres_good(db, result) ? MZ_OK
                                            : mz_postgres_fail(db, result, sql, error);
        db->pq->clear(result);
        if (code != MZ_OK) {
            return code;
        }
        *place = (struct mz_prepared){.sql = strdup(sql),
                                      .hash = hash,
                                      .name = db->names,
                                      .places = scan.places,
                                      .reads = scan.reads};
        if (place->sql == NULL) {
            return mz_fail(error, MZ_MEMORY, "no memory for a statement");
        }
    }
    place->used = ++db->uses;
    place->busy = true;
    *out = place;
    return MZ_OK;
}
