#include "db/state.h"

#include <string.h>

#include "db/engine.h"
#include "db/home.h"
#include "db/lease.h"
#include "value/record.h"

#define HOLDER_CEILING ((size_t)1 << 20)

enum mz_code mz_state_list(struct mz_db *db, const char *pipeline, const char *source,
                           const char *key, struct mz_arena *arena,
                           struct mizan_value *rows, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline),
                                            mz_text(source == NULL ? "" : source),
                                            mz_text(key == NULL ? "" : key)};

    return mz_db_rows(db,
                      "SELECT source_id AS source, key, value FROM source_state"
                      " WHERE pipeline = $1 AND ($2 = '' OR source_id = $2)"
                      " AND ($3 = '' OR key = $3) ORDER BY source_id, key",
                      arguments, MZ_COUNT(arguments), arena, rows, error);
}

enum mz_code mz_state_addresses(struct mz_db *db, const char *pipeline,
                                struct mz_arena *arena, struct mizan_value *rows,
                                struct mz_error *error)
{
    const struct mizan_value name = mz_text(pipeline);

    return mz_db_rows(db,
                      "SELECT source_id AS source, url, etag, last_modified,"
                      " checked_at, document_id AS document FROM url_state"
                      " WHERE pipeline = $1 ORDER BY source_id, url",
                      &name, 1, arena, rows, error);
}

/* ---- changes ---- */

struct change {
    const char *pipeline, *source, *key, *to;
    struct mizan_slice value;
    int64_t changed;
};

static enum mz_code transact(struct mz_db *db, struct change *change,
                             enum mz_code (*body)(struct mz_db *db,
                                                  struct change *change,
                                                  struct mz_error *error),
                             struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(HOLDER_CEILING);
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for a state")
                            : mz_db_begin(db, error);

    if (code != MZ_OK) {
        mz_arena_destroy(arena);
        return code;
    }
    /* Who runs the pipeline would write over it. */
    code = mz_lease_clear(db, change->pipeline, 0, arena, error);
    mz_arena_destroy(arena);
    if (code == MZ_OK) {
        code = body(db, change, error);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

static enum mz_code put(struct mz_db *db, struct change *change, struct mz_error *error)
{
    return mz_home_state_set(db, change->pipeline, change->source, change->key,
                             change->value, error);
}

enum mz_code mz_state_put(struct mz_db *db, const char *pipeline, const char *source,
                          const char *key, struct mizan_slice value,
                          struct mz_error *error)
{
    struct change change = {
        .pipeline = pipeline, .source = source, .key = key, .value = value};

    return transact(db, &change, put, error);
}

static enum mz_code run(struct mz_db *db, const char *sql, struct change *change,
                        const char *third, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(change->pipeline),
        mz_text(change->source == NULL ? "" : change->source), mz_text(third)};
    int64_t changed = 0;
    enum mz_code code =
        mz_db_execute(db, sql, arguments, third == NULL ? 2 : 3, &changed, error);

    change->changed += changed;
    return code;
}

#define OF_SOURCE " WHERE pipeline = $1 AND ($2 = '' OR source_id = $2)"

static enum mz_code drop(struct mz_db *db, struct change *change,
                         struct mz_error *error)
{
    if (change->key != NULL) {
        return run(db, "DELETE FROM source_state" OF_SOURCE " AND key = $3", change,
                   change->key, error);
    }
    enum mz_code code =
        run(db, "DELETE FROM source_state" OF_SOURCE, change, NULL, error);
    /* The address and its version stay: what comes again unchanged is no new document.
     */
    return code != MZ_OK
               ? code
               : run(db,
                     "UPDATE url_state SET etag = NULL, last_modified = NULL" OF_SOURCE
                     " AND (etag IS NOT NULL OR last_modified IS NOT NULL)",
                     change, NULL, error);
}

enum mz_code mz_state_drop(struct mz_db *db, const char *pipeline, const char *source,
                           const char *key, int64_t *changed, struct mz_error *error)
{
    struct change change = {.pipeline = pipeline, .source = source, .key = key};
    enum mz_code code = transact(db, &change, drop, error);

    *changed = change.changed;
    return code;
}

/* ---- moves ---- */

static const struct moved {
    const char *table, *source; /* the column of the source's id */
} moved[] = {{"source_state", "source_id"},
             {"url_state", "source_id"},
             {"source", "id"},
             {"attempt", "source_id"}};

static enum mz_code refuse_taken(struct mz_db *db, const struct change *change,
                                 struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(change->source == NULL ? change->to : change->pipeline),
        mz_text(change->source == NULL ? "" : change->to)};
    struct mizan_value value;
    struct mz_statement statement = {
        .sql = "SELECT 1 FROM source_state" OF_SOURCE
               " UNION ALL SELECT 1 FROM url_state" OF_SOURCE " LIMIT 1",
        .arguments = arguments,
        .count = MZ_COUNT(arguments)};
    struct mz_first_row first = {.values = &value, .count = 1, .arena = db->keep};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    if (code == MZ_OK && first.found) {
        mz_fail(error, MZ_USAGE, "%s '%s' has a state already",
                change->source == NULL ? "the pipeline" : "the source", change->to);
        mz_error_help(error, "mizan state drop forgets it");
        return MZ_USAGE;
    }
    return code;
}

static enum mz_code move(struct mz_db *db, struct change *change,
                         struct mz_error *error)
{
    enum mz_code code = refuse_taken(db, change, error);

    for (size_t i = 0; code == MZ_OK && i < MZ_COUNT(moved); i++) {
        const char *column = change->source == NULL ? "pipeline" : moved[i].source;
        const char *sql = mz_arena_printf(
            db->scratch,
            "UPDATE %s SET %s = $3 WHERE pipeline = $1 AND ($2 = '' OR %s = $2)",
            moved[i].table, column, moved[i].source);

        code = sql == NULL ? mz_fail(error, MZ_MEMORY, "no memory to move a state")
                           : run(db, sql, change, change->to, error);
    }
    if (code == MZ_OK && change->changed == 0) {
        code = mz_fail(error, MZ_NOT_FOUND, "%s '%s' has no state",
                       change->source == NULL ? "the pipeline" : "the source",
                       change->source == NULL ? change->pipeline : change->source);
    }
    return code;
}

enum mz_code mz_state_move(struct mz_db *db, const char *pipeline, const char *source,
                           const char *to, int64_t *changed, struct mz_error *error)
{
    struct change change = {.pipeline = pipeline, .source = source, .to = to};
    enum mz_code code = transact(db, &change, move, error);

    *changed = change.changed;
    return code;
}
