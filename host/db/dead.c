#include "db/dead.h"

#include <string.h>

#include "base/clock.h"
#include "db/engine.h"
#include "value/record.h"

#define FILTER                                                                         \
    " (CAST($1 AS TEXT) = '' OR pipeline = CAST($1 AS TEXT))"                          \
    " AND (CAST($2 AS TEXT) = '' OR run_id = CAST($2 AS TEXT))"                        \
    " AND (CAST($3 AS TEXT) = '' OR stage = CAST($3 AS TEXT))"                         \
    " AND (CAST($4 AS BIGINT) = 1 OR resolved_at IS NULL)"

/* An id in full, its beginning, or a cause in full; ids are lower-case hexadecimal, so
 * the range holds exactly those that begin so. */
#define KEY "((id >= $1 AND id < $1 || 'g') OR fingerprint = $1)"

static enum mz_code list(struct mz_db *db, const char *sql,
                         const struct mz_dead_filter *filter, struct mz_arena *arena,
                         struct mizan_value *rows, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(filter->pipeline == NULL ? "" : filter->pipeline),
        mz_text(filter->run_id == NULL ? "" : filter->run_id),
        mz_text(filter->stage == NULL ? "" : filter->stage),
        mz_integer(filter->resolved ? 1 : 0),
        mz_integer(filter->limit),
    };

    return mz_db_rows(db, sql, arguments, MZ_COUNT(arguments), arena, rows, error);
}

enum mz_code mz_dead_causes(struct mz_db *db, const struct mz_dead_filter *filter,
                            struct mz_arena *arena, struct mizan_value *rows,
                            struct mz_error *error)
{
    static const char sql[] =
        "SELECT count(*) AS letters, CAST(sum(attempts) AS BIGINT) AS attempts,"
        " max(at) AS last, pipeline, stage, place, outcome,"
        " max(CASE WHEN turn = 1 THEN reason END) AS reason, fingerprint AS cause,"
        " max(CASE WHEN turn = 1 THEN id END) AS id"
        " FROM (SELECT pipeline, stage, place, outcome, reason, fingerprint, id, at,"
        " attempts, row_number() OVER (PARTITION BY pipeline, fingerprint, outcome"
        " ORDER BY at DESC, id) AS turn FROM dead_letter WHERE" FILTER ") AS letter"
        " GROUP BY pipeline, stage, place, outcome, fingerprint"
        " ORDER BY letters DESC, last DESC, cause LIMIT CAST($5 AS BIGINT)";

    return list(db, sql, filter, arena, rows, error);
}

enum mz_code mz_dead_letters(struct mz_db *db, const struct mz_dead_filter *filter,
                             struct mz_arena *arena, struct mizan_value *rows,
                             struct mz_error *error)
{
    static const char sql[] =
        "SELECT at, id, pipeline, outcome, stage, place, reason, attempts,"
        " source_id AS source, url FROM dead_letter WHERE" FILTER
        " ORDER BY at DESC, id LIMIT CAST($5 AS BIGINT)";

    return list(db, sql, filter, arena, rows, error);
}

static enum mz_code not_found(const char *key, struct mz_error *error)
{
    mz_fail(error, MZ_NOT_FOUND, "there is no dead letter with the id or cause '%s'",
            key);
    mz_error_help(error, "mizan dead list shows them; they are kept for 30 days");
    return MZ_NOT_FOUND;
}

enum mz_code mz_dead_letter_get(struct mz_db *db, const char *id,
                                struct mz_arena *arena, struct mizan_value *letter,
                                struct mz_error *error)
{
    static const char sql[] =
        "SELECT d.id, d.fingerprint AS cause, d.pipeline, d.outcome, d.stage, d.place,"
        " d.reason, d.attempts, d.first_at, d.at, d.resolved_at, d.run_id, d.source_id,"
        " d.url, d.document_id, d.raw_sha256, d.script_hash, d.traceback, d.record,"
        " coalesce(o.media_type, (SELECT max(a.media_type) FROM attempt a"
        " WHERE a.pipeline = d.pipeline AND a.url = d.url"
        " AND a.raw_sha256 = d.raw_sha256)) AS media_type"
        " FROM dead_letter d LEFT JOIN document o ON o.id = d.document_id"
        " WHERE (d.id >= $1 AND d.id < $1 || 'g') OR d.fingerprint = $1"
        " ORDER BY d.at DESC, d.id LIMIT 2";
    const struct mizan_value key = mz_text(id);
    struct mizan_value rows;
    enum mz_code code = mz_db_rows(db, sql, &key, 1, arena, &rows, error);

    if (code != MZ_OK) {
        return code;
    }
    if (rows.as.list.count == 0 || id[0] == '\0') {
        return not_found(id, error);
    }
    *letter = rows.as.list.items[0];
    if (rows.as.list.count > 1 && !mz_value_is(mz_map_member(letter, "cause"), id)) {
        mz_fail(error, MZ_USAGE,
                "several dead letters have an id that begins with '%s'", id);
        mz_error_help(error, "write more of it");
        return MZ_USAGE;
    }
    return MZ_OK;
}

enum mz_code mz_dead_inputs(struct mz_db *db, const char *key, struct mz_arena *arena,
                            struct mizan_value *rows, struct mz_error *error)
{
    static const char sql[] =
        "SELECT d.pipeline, d.source_id, d.url, d.raw_sha256,"
        " max(coalesce(a.media_type, o.media_type)) AS media_type,"
        " max(coalesce(a.charset, o.charset_declared)) AS charset,"
        " max(coalesce(a.http_status, o.http_status)) AS http_status,"
        " max(coalesce(a.fetched_at, o.fetched_at, d.first_at)) AS fetched_at,"
        " max(a.etag) AS etag, max(a.last_modified) AS last_modified,"
        " max(coalesce(a.attempts, 0)) AS attempts, max(d.document_id) AS document_id,"
        " max(o.prev_id) AS prev_id"
        " FROM (SELECT pipeline, source_id, url, raw_sha256, document_id, first_at"
        " FROM dead_letter WHERE resolved_at IS NULL AND " KEY ") AS d"
        " LEFT JOIN attempt a ON a.pipeline = d.pipeline AND a.source_id = d.source_id"
        " AND a.url = d.url AND a.raw_sha256 = d.raw_sha256"
        " LEFT JOIN document o ON o.id = d.document_id"
        " GROUP BY d.pipeline, d.source_id, d.url, d.raw_sha256"
        " ORDER BY fetched_at, d.url";
    const struct mizan_value argument = mz_text(key);
    enum mz_code code = mz_db_rows(db, sql, &argument, 1, arena, rows, error);

    if (code == MZ_OK && (rows->as.list.count == 0 || key[0] == '\0')) {
        code = not_found(key, error);
    }
    return code;
}

enum mz_code mz_dead_resolve(struct mz_db *db, const char *pipeline, const char *url,
                             const char *raw_sha256, const char *run_id,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(raw_sha256), mz_text(pipeline),
                                            mz_text(url), mz_text(run_id),
                                            mz_time(mz_clock_now())};

    return mz_db_execute(db,
                         "UPDATE dead_letter SET resolved_at = $5"
                         " WHERE raw_sha256 = $1 AND pipeline = $2 AND url = $3"
                         " AND (run_id IS NULL OR run_id <> $4)"
                         " AND resolved_at IS NULL",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_dead_dismiss(struct mz_db *db, const char *key, int64_t *changed,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(key), mz_time(mz_clock_now())};
    enum mz_code code = key[0] == '\0' ? not_found(key, error) : MZ_OK;

    if (code == MZ_OK) {
        code = mz_db_execute(db,
                             "UPDATE dead_letter SET resolved_at = $2 WHERE "
                             "resolved_at IS NULL AND " KEY,
                             arguments, MZ_COUNT(arguments), changed, error);
    }
    if (code == MZ_OK && *changed == 0) {
        code = not_found(key, error);
    }
    return code;
}

enum mz_code mz_dead_forget(struct mz_db *db, const char *pipeline,
                            struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(pipeline), mz_time(mz_clock_now() - MZ_DEAD_LETTER_KEPT)};

    return mz_db_execute(db, "DELETE FROM dead_letter WHERE pipeline = $1 AND at < $2",
                         arguments, MZ_COUNT(arguments), NULL, error);
}
