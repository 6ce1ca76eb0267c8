/* What failed: dead letters, and units to be tried again. */
#include "db/home.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "db/documents.h"
#include "db/engine.h"
#include "value/digest.h"
#include "value/record.h"

#define SHAPE_CEILING ((size_t)64 << 10)
#define ARENA_CEILING ((size_t)64 << 10)

/* ---- fingerprints ---- */

/* Where the quoted value that begins at `at` ends, or NULL: no quote begins here. An
 * apostrophe inside a word begins none. */
static const char *quote_end(const char *text, const char *at)
{
    const char *end;

    if (strchr("'\"`", *at) == NULL ||
        (at > text && isalnum((unsigned char)at[-1]) != 0)) {
        return NULL;
    }
    end = strchr(at + 1, *at);
    return end == NULL ? NULL : end + 1;
}

/* The reason without its values, so that one cause has one shape. */
static void add_shape(struct mz_buffer *out, const char *reason)
{
    const char *at = reason;

    while (*at != '\0' && *at != '\n') {
        const char *end = quote_end(reason, at);

        if (end != NULL) {
            mz_buffer_text(out, "'?'");
            at = end;
        } else if (isdigit((unsigned char)*at) != 0) {
            mz_buffer_byte(out, '#');
            at += strspn(at, "0123456789.,");
        } else {
            mz_buffer_byte(out, *at);
            at++;
        }
    }
}

static struct mizan_slice slice(const char *text)
{
    const char *data = text == NULL ? "" : text;

    return (struct mizan_slice){.data = data, .size = strlen(data)};
}

static enum mz_code fingerprint(const struct mz_dead_letter *letter,
                                char out[MZ_ID_TEXT], struct mz_error *error)
{
    struct mz_buffer shape;
    bool good;

    mz_buffer_init(&shape, SHAPE_CEILING);
    add_shape(&shape, letter->reason);
    good = mz_buffer_ok(&shape);
    if (good) {
        const struct mizan_slice parts[] = {
            slice(letter->stage),
            slice(letter->place),
            {.data = shape.size == 0 ? "" : shape.data, .size = shape.size},
        };

        mz_hash_id(parts, MZ_COUNT(parts), out);
    }
    mz_buffer_finish(&shape);
    return good ? MZ_OK
                : mz_fail(error, MZ_LIMIT, "the reason of a dead letter is too long");
}

/* Made of the input and of what went wrong with it, not of the run. */
static void letter_id(const struct mz_dead_letter *letter, char out[MZ_ID_TEXT])
{
    const struct mizan_slice parts[] = {
        slice(letter->pipeline),   slice(letter->source),  slice(letter->url),
        slice(letter->raw_sha256), slice(letter->outcome), slice(letter->stage),
        slice(letter->place),      slice(letter->reason),  slice(letter->record),
    };

    mz_hash_id(parts, MZ_COUNT(parts), out);
}

enum mz_code mz_home_dead_letter(struct mz_db *db, const struct mz_dead_letter *letter,
                                 struct mz_error *error)
{
    char id[MZ_ID_TEXT], mark[MZ_ID_TEXT];
    enum mz_code code = fingerprint(letter, mark, error);

    if (code != MZ_OK) {
        return code;
    }
    letter_id(letter, id);
    const struct mizan_value arguments[] = {
        mz_text(id),
        mz_text(mark),
        mz_text(letter->pipeline),
        mz_text(letter->run_id),
        mz_text(letter->source),
        mz_text(letter->url),
        mz_text(letter->document_id),
        mz_text(letter->outcome),
        mz_text(letter->stage),
        mz_text(letter->place),
        mz_text(letter->reason),
        mz_text(letter->traceback),
        mz_text(letter->record),
        mz_text(letter->script_hash),
        mz_text(letter->raw_sha256),
        mz_time(mz_clock_now()),
    };

    return mz_db_execute(
        db,
        "INSERT INTO dead_letter(id, fingerprint, pipeline, run_id, source_id, url,"
        " document_id, outcome, stage, place, reason, traceback, record, script_hash,"
        " raw_sha256, first_at, at)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
        " $16)"
        " ON CONFLICT(id) DO UPDATE SET attempts = dead_letter.attempts + 1,"
        " run_id = excluded.run_id, document_id = excluded.document_id,"
        " traceback = excluded.traceback, script_hash = excluded.script_hash,"
        " at = excluded.at, resolved_at = NULL",
        arguments, MZ_COUNT(arguments), NULL, error);
}

/* ---- attempts ---- */

/* Another body at the address is another unit: it starts at one. */
static const char attempt_sql[] =
    "INSERT INTO attempt(pipeline, source_id, url, reason, raw_sha256, media_type,"
    " charset, http_status, fetched_at, etag, last_modified)"
    " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT(pipeline, source_id, url) DO UPDATE SET attempts ="
    " CASE WHEN attempt.raw_sha256 = excluded.raw_sha256 THEN attempt.attempts + 1"
    " ELSE 1 END,"
    " set_aside = CASE WHEN attempt.raw_sha256 = excluded.raw_sha256"
    " AND attempt.attempts + 1 >= $12 THEN 1 ELSE 0 END,"
    " reason = excluded.reason, raw_sha256 = excluded.raw_sha256,"
    " media_type = excluded.media_type, charset = excluded.charset,"
    " http_status = excluded.http_status, fetched_at = excluded.fetched_at,"
    " etag = excluded.etag, last_modified = excluded.last_modified"
    " RETURNING attempts";

enum mz_code mz_home_attempt(struct mz_db *db, const struct mz_document_row *row,
                             const char *reason, int64_t *attempts,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(row->pipeline),
        mz_text(row->source),
        mz_text(row->url),
        mz_text(reason),
        mz_text(row->raw_sha256),
        mz_text(row->media_type),
        mz_text(row->charset_declared),
        row->http_status == 0 ? mz_nil() : mz_integer(row->http_status),
        mz_time(row->fetched_at),
        mz_text(row->etag),
        mz_text(row->last_modified),
        mz_integer(MZ_MOST_ATTEMPTS),
    };
    struct mizan_value value;
    struct mz_statement statement = {
        .sql = attempt_sql,
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };
    struct mz_first_row first = {.values = &value, .count = 1};
    enum mz_code code = mz_home_keep_raw(db, row->raw_sha256, row->raw, error);

    *attempts = 0;
    if (code != MZ_OK) {
        return code;
    }
    first.arena = mz_arena_create(ARENA_CEILING);
    if (first.arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for an attempt");
    }
    code = mz_db_first(db, &statement, &first, error);
    if (code == MZ_OK) {
        *attempts = value.as.integer;
    }
    mz_arena_destroy(first.arena);
    return code;
}

enum mz_code mz_home_attempt_done(struct mz_db *db, const char *pipeline,
                                  const char *source, const char *url,
                                  struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(source),
                                            mz_text(url)};

    return mz_db_execute(
        db, "DELETE FROM attempt WHERE pipeline = $1 AND source_id = $2 AND url = $3",
        arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_home_retries(struct mz_db *db, const char *pipeline,
                             struct mz_arena *arena, struct mizan_value *rows,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_time(mz_clock_now())};

    return mz_db_rows(
        db,
        "SELECT source_id, url, media_type, charset, http_status, fetched_at, etag,"
        " last_modified, raw_sha256, attempts FROM attempt"
        " WHERE pipeline = $1 AND set_aside = 0 AND (next_at IS NULL OR next_at <= $2)"
        " ORDER BY fetched_at, source_id, url",
        arguments, MZ_COUNT(arguments), arena, rows, error);
}

static bool note_row(void *context, const struct mz_row *row)
{
    (void)row;
    *(bool *)context = true;
    return false;
}

enum mz_code mz_home_is_set_aside(struct mz_db *db, const struct mz_document_row *row,
                                  bool *out, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(row->pipeline),
                                            mz_text(row->source), mz_text(row->url),
                                            mz_text(row->raw_sha256)};

    *out = false;
    return mz_db_query(db,
                       "SELECT 1 FROM attempt WHERE pipeline = $1 AND source_id = $2"
                       " AND url = $3 AND raw_sha256 = $4 AND set_aside = 1",
                       arguments, MZ_COUNT(arguments), note_row, out, error);
}
