/* Opening: whose tables stand there is known before anything is written. The mark of a
 * home database is the remark on its table schema_version. */
#include "db/postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/text.h"

#define MARK             "mizan home database, application_id " /* and the number */
#define RESTRICTED_LIMIT 30000 /* milliseconds, unless the caller sets another */

struct identity {
    bool exists, marked, has_schema;
    int64_t version, relations;
    char schema[128];
};

/* ---- whose it is ---- */

static enum mz_code ask(struct mz_postgres *db, const char *sql, PGresult **result,
                        struct mz_error *error)
{
    enum mz_code code = mz_postgres_text(db, sql, result, error);

    if (code == MZ_OK && db->pq->ntuples(*result) != 1) {
        db->pq->clear(*result);
        code = mz_fail(error, MZ_INTERNAL, "a question to the catalog has no answer");
    }
    return code;
}

static enum mz_code read_version(struct mz_postgres *db, struct identity *identity,
                                 struct mz_error *error)
{
    PGresult *result = NULL;
    enum mz_code code =
        ask(db, "SELECT COALESCE(max(version), 0) FROM schema_version", &result, error);

    if (code == MZ_OK) {
        identity->version = strtoll(db->pq->getvalue(result, 0, 0), NULL, 10);
        db->pq->clear(result);
    }
    return code;
}

/* Relations that an extension brought are nobody's. */
static enum mz_code identify(struct mz_postgres *db, struct identity *identity,
                             struct mz_error *error)
{
    static const char sql[] =
        "SELECT COALESCE(current_schema(), ''),"
        " (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid"
        " AND c.relkind IN('r','v','p','m','f','S') AND NOT EXISTS(SELECT 1 FROM"
        " pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')),"
        " (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid"
        " AND c.relname = 'schema_version'),"
        " (SELECT COALESCE(max(obj_description(c.oid, 'pg_class')), '') FROM pg_class c"
        " WHERE c.relnamespace = n.oid AND c.relname = 'schema_version')"
        " FROM (SELECT (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
        " AS oid) n";
    PGresult *result = NULL;
    char mark[80];
    enum mz_code code = ask(db, sql, &result, error);

    memset(identity, 0, sizeof *identity);
    if (code != MZ_OK) {
        return code;
    }
    (void)snprintf(mark, sizeof mark, MARK "%d", MZ_APPLICATION_ID);
    (void)snprintf(identity->schema, sizeof identity->schema, "%s",
                   db->pq->getvalue(result, 0, 0));
    identity->has_schema = identity->schema[0] != '\0';
    identity->relations = strtoll(db->pq->getvalue(result, 0, 1), NULL, 10);
    identity->exists = strcmp(db->pq->getvalue(result, 0, 2), "0") != 0;
    identity->marked = strcmp(db->pq->getvalue(result, 0, 3), mark) == 0;
    db->pq->clear(result);
    return identity->marked ? read_version(db, identity, error) : MZ_OK;
}

static enum mz_code refuse_other(const struct mz_postgres *db,
                                 const struct identity *identity,
                                 struct mz_error *error)
{
    mz_fail(error, MZ_INPUT,
            "the schema %s of %s has %" PRId64 " tables of another program",
            identity->schema, db->base.location, identity->relations);
    mz_error_help(error, "give Mizan a database of its own, or an empty schema, by "
                         "?options=-csearch_path%%3DNAME; nothing was written");
    return MZ_INPUT;
}

static enum mz_code refuse_missing(const struct mz_postgres *db,
                                   const struct identity *identity,
                                   struct mz_error *error)
{
    if (!identity->has_schema) {
        mz_fail(error, MZ_CONFIGURATION,
                "no schema of the search path is there in the database %s",
                db->base.location);
        mz_error_help(error, "make it: CREATE SCHEMA NAME");
        return MZ_CONFIGURATION;
    }
    mz_fail(error, MZ_NO_FILE, "the database %s is empty: no run has made its tables",
            db->base.location);
    mz_error_help(error, "`mizan run` makes them; --db names another");
    return MZ_NO_FILE;
}

/* ---- the tables of a new one ---- */

/* Text sorts and compares by its bytes, as in SQLite, or results would differ. */
static enum mz_code check_encoding(struct mz_postgres *db, struct mz_error *error)
{
    static const char sql[] = "SELECT pg_encoding_to_char(encoding), datcollate FROM"
                              " pg_database WHERE datname = current_database()";
    static const char *const good[] = {"C", "POSIX", "C.UTF-8", "C.utf8"};
    PGresult *result = NULL;
    bool bytes = false, utf8;
    char collation[64];
    enum mz_code code = ask(db, sql, &result, error);

    if (code != MZ_OK) {
        return code;
    }
    (void)snprintf(collation, sizeof collation, "%s", db->pq->getvalue(result, 0, 1));
    utf8 = strcmp(db->pq->getvalue(result, 0, 0), "UTF8") == 0;
    db->pq->clear(result);
    for (size_t i = 0; i < MZ_COUNT(good); i++) {
        bytes = bytes || strcmp(collation, good[i]) == 0;
    }
    if (bytes && utf8) {
        return MZ_OK;
    }
    mz_fail(error, MZ_CONFIGURATION,
            "the database %s %s, and text must sort by its bytes in UTF-8",
            db->base.location, utf8 ? "sorts by a language" : "is not in UTF-8");
    mz_error_help(error, "make it by: createdb -T template0 -E UTF8 --locale=C.UTF-8 "
                         "NAME");
    return MZ_CONFIGURATION;
}

static enum mz_code write_schema(struct mz_postgres *db, struct mz_error *error)
{
    char sql[512];
    enum mz_code code = mz_postgres_text(db, (const char *)mz_schema_sql, NULL, error);

    if (code != MZ_OK) {
        return code;
    }
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO schema_version(version, applied_at, host_version)"
                   " VALUES(%d, to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                   " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '%s');"
                   " COMMENT ON TABLE schema_version IS '" MARK "%d'",
                   MZ_SCHEMA_VERSION, MIZAN_VERSION, MZ_APPLICATION_ID);
    return mz_postgres_text(db, sql, NULL, error);
}

/* In one transaction, and one at a time: who waited finds it made. */
static enum mz_code create(struct mz_postgres *db, struct identity *identity,
                           struct mz_error *error)
{
    char sql[96];
    enum mz_code code = check_encoding(db, error);

    (void)snprintf(sql, sizeof sql, "BEGIN; SELECT pg_advisory_xact_lock(%d)",
                   MZ_APPLICATION_ID);
    if (code == MZ_OK) {
        code = mz_postgres_text(db, sql, NULL, error);
    }
    if (code == MZ_OK) {
        code = identify(db, identity, error);
    }
    if (code == MZ_OK && !identity->marked) {
        code = identity->relations > 0 ? refuse_other(db, identity, error)
                                       : write_schema(db, error);
    }
    if (code == MZ_OK) {
        code = mz_postgres_text(db, "COMMIT", NULL, error);
    }
    if (code == MZ_OK) {
        return identify(db, identity, error);
    }
    if (mz_postgres_alive(db)) {
        db->pq->clear(db->pq->exec(db->connection, "ROLLBACK"));
    }
    return code;
}

static enum mz_code check_identity(struct mz_postgres *db, struct mz_error *error)
{
    struct identity identity;
    enum mz_code code = identify(db, &identity, error);

    if (code == MZ_OK && !identity.marked) {
        if (identity.relations > 0) {
            return refuse_other(db, &identity, error);
        }
        if (db->mode != MZ_DB_CREATE || !identity.has_schema) {
            return refuse_missing(db, &identity, error);
        }
        code = create(db, &identity, error);
    }
    return code == MZ_OK
               ? mz_db_check_version(&db->base, db->mode, identity.version, error)
               : code;
}

/* ---- opening ---- */

enum mz_code mz_postgres_open(const char *url, enum mz_db_mode mode, struct mz_db **out,
                              struct mz_error *error)
{
    struct mz_postgres *db = calloc(1, sizeof *db);
    struct mz_arena *arena = mz_arena_create((size_t)1 << 16);
    char host[64] = "host";
    char *place = NULL;
    enum mz_code code = MZ_OK;

    if (db == NULL || arena == NULL) {
        code = mz_fail(error, MZ_MEMORY, "no memory for the database");
        goto done;
    }
    code = mz_libpq_load(&db->pq, error);
    if (code != MZ_OK) {
        goto done;
    }
    place = mz_postgres_place(db->pq, url, arena, error);
    if (place == NULL) {
        code = MZ_CONFIGURATION;
        goto done;
    }
    db->mode = mode;
    db->url = strdup(url);
    db->patience = MZ_DB_PATIENCE;
    db->limit = mode == MZ_DB_RESTRICTED                      ? RESTRICTED_LIMIT
                : mode == MZ_DB_READ || mode == MZ_DB_MIGRATE ? 0
                                                              : MZ_POSTGRES_STATEMENT;
    mz_host_name(host, sizeof host);
    (void)snprintf(db->label, sizeof db->label, "%.30s/%ld", host, (long)getpid());
    if (!mz_db_init(&db->base, &mz_postgres_engine, place) || db->url == NULL) {
        code = mz_fail(error, MZ_MEMORY, "no memory for the database");
        goto done;
    }
    code = mz_postgres_connect(db, 0, error);
    if (code == MZ_OK) {
        code = check_identity(db, error);
    }
done:
    mz_arena_destroy(arena);
    if (code == MZ_OK) {
        *out = &db->base;
    } else if (db != NULL) {
        mz_postgres_close(&db->base);
    }
    return code;
}
