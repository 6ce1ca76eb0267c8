/* What a source knows: validators by address, state by key, health. */
#include "db/home.h"

#include <string.h>

#include "base/clock.h"
#include "db/engine.h"
#include "db/health.h"
#include "value/record.h"

#define FAILS_MOST 32000

static const char *as_text(const struct mizan_value *value)
{
    return value->type == MIZAN_TEXT ? value->as.text.data : NULL;
}

enum mz_code mz_home_validators(struct mz_db *db, const char *pipeline,
                                const char *source, const char *url,
                                struct mz_arena *arena, struct mz_validators *out,
                                bool *found, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(source),
                                            mz_text(url)};
    struct mizan_value values[4];
    struct mz_statement statement = {
        .sql = "SELECT u.etag, u.last_modified, u.document_id, d.raw_sha256"
               " FROM url_state u LEFT JOIN document d ON d.id = u.document_id"
               " WHERE u.pipeline = $1 AND u.source_id = $2 AND u.url = $3",
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    *found = code == MZ_OK && first.found;
    *out = (struct mz_validators){0};
    if (*found) {
        out->etag = as_text(&values[0]);
        out->last_modified = as_text(&values[1]);
        out->document_id = as_text(&values[2]);
        out->raw_sha256 = as_text(&values[3]);
    }
    return code;
}

enum mz_code mz_home_set_validators(struct mz_db *db, const char *pipeline,
                                    const char *source, const char *url,
                                    const struct mz_validators *validators,
                                    int64_t checked_at, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(pipeline),
        mz_text(source),
        mz_text(url),
        mz_text(validators->etag),
        mz_text(validators->last_modified),
        mz_time(checked_at),
        mz_text(validators->document_id),
    };

    return mz_db_execute(
        db,
        "INSERT INTO url_state(pipeline, source_id, url, etag, last_modified,"
        " checked_at, document_id) VALUES($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT(pipeline, source_id, url) DO UPDATE SET etag = excluded.etag,"
        " last_modified = excluded.last_modified, checked_at = excluded.checked_at,"
        " document_id = COALESCE(excluded.document_id, url_state.document_id)",
        arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_home_state_get(struct mz_db *db, const char *pipeline,
                               const char *source, const char *key,
                               struct mz_arena *arena, struct mizan_slice *out,
                               bool *found, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(source),
                                            mz_text(key)};
    struct mizan_value value;
    struct mz_statement statement = {
        .sql = "SELECT value FROM source_state"
               " WHERE pipeline = $1 AND source_id = $2 AND key = $3",
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };
    struct mz_first_row first = {.values = &value, .count = 1, .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    *found = code == MZ_OK && first.found;
    *out = (struct mizan_slice){0};
    if (*found && value.type == MIZAN_TEXT) {
        *out = value.as.text;
    }
    return code;
}

/* A value without data (NULL) forgets the key. */
enum mz_code mz_home_state_set(struct mz_db *db, const char *pipeline,
                               const char *source, const char *key,
                               struct mizan_slice value, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(pipeline),
        mz_text(source),
        mz_text(key),
        mz_text_slice(value.data, value.size),
    };
    enum mz_code code;

    if (value.data == NULL) {
        return mz_db_execute(db,
                             "DELETE FROM source_state"
                             " WHERE pipeline = $1 AND source_id = $2 AND key = $3",
                             arguments, 3, NULL, error);
    }
    code = mz_db_check_text("the value of a state", value, error);
    if (code != MZ_OK) {
        mz_error_help(error, "keep text; encode other bytes");
        return code;
    }
    return mz_db_execute(
        db,
        "INSERT INTO source_state(pipeline, source_id, key, value)"
        " VALUES($1, $2, $3, $4)"
        " ON CONFLICT(pipeline, source_id, key) DO UPDATE SET value = excluded.value",
        arguments, MZ_COUNT(arguments), NULL, error);
}

static struct mizan_value field(const struct mizan_record *record, const char *name)
{
    const struct mizan_value *value = mz_record_find(record, name);

    return value != NULL && value->type == MIZAN_TEXT ? *value : mz_nil();
}

/* How often the source has failed in a row so far. */
static enum mz_code count_fails(struct mz_db *db, const char *pipeline,
                                const struct mizan_value *id, int64_t *fails,
                                struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), *id};
    struct mizan_value value = mz_nil();
    struct mz_statement statement = {
        .sql = "SELECT fails FROM source WHERE pipeline = $1 AND id = $2",
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };
    struct mz_first_row first = {.values = &value, .count = 1, .arena = db->scratch};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    *fails = code == MZ_OK && first.found ? value.as.integer : 0;
    return code;
}

enum mz_code mz_home_source(struct mz_db *db, const char *pipeline,
                            const struct mizan_record *source, const char *failure,
                            struct mz_error *error)
{
    struct mizan_value id = field(source, "id");
    int64_t fails = 0;
    int64_t now = mz_db_now(db);

    if (id.type == MIZAN_NIL) {
        return mz_fail(error, MZ_INPUT, "a source of pipeline '%s' has no id",
                       pipeline);
    }
    enum mz_code code = count_fails(db, pipeline, &id, &fails, error);

    if (code != MZ_OK) {
        return code;
    }
    /* It stays where its column ends. */
    fails = failure == NULL ? 0 : fails >= FAILS_MOST ? fails : fails + 1;
    int64_t rest = mz_source_rest(fails);
    const struct mizan_value arguments[] = {
        mz_text(pipeline),
        id,
        field(source, "outlet"),
        field(source, "lang"),
        field(source, "number_format"),
        mz_text(failure),
        failure == NULL ? mz_time(now) : mz_nil(),
        mz_integer(fails),
        rest > 0 ? mz_time(now + rest) : mz_nil(),
    };

    return mz_db_execute(
        db,
        "INSERT INTO source(pipeline, id, outlet, lang, number_format, last_error, "
        "ok_at,"
        " fails, next_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT(pipeline, id) DO UPDATE SET outlet = excluded.outlet,"
        " lang = excluded.lang, number_format = excluded.number_format,"
        " last_error = excluded.last_error,"
        " ok_at = COALESCE(excluded.ok_at, source.ok_at), fails = excluded.fails,"
        " next_at = excluded.next_at",
        arguments, MZ_COUNT(arguments), NULL, error);
}
