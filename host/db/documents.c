/* Documents and the texts made of them. */
#include "db/home.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/copies.h"
#include "db/documents.h"
#include "db/engine.h"
#include "value/decimal.h"
#include "value/digest.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)8 << 20) /* two texts are compared in it */

/* ---- documents ---- */

void mz_home_document_id(struct mz_document_row *row)
{
    const char *texts[] = {row->pipeline, row->source, row->url, row->raw_sha256,
                           row->previous};
    struct mizan_slice parts[MZ_COUNT(texts)];

    for (size_t i = 0; i < MZ_COUNT(texts); i++) {
        parts[i].data = texts[i] == NULL ? "" : texts[i];
        parts[i].size = strlen(parts[i].data);
    }
    mz_hash_id(parts, MZ_COUNT(parts), row->id);
}

enum mz_code mz_home_document(struct mz_db *db, const struct mz_document_row *row,
                              struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(row->id),
        mz_text(row->pipeline),
        mz_text(row->source),
        mz_text(row->run_id),
        mz_text(row->url),
        mz_text(row->canonical_url),
        mz_time(row->fetched_at),
        row->http_status == 0 ? mz_nil() : mz_integer(row->http_status),
        mz_text(row->media_type),
        mz_text(row->charset_declared),
        mz_text(row->charset_used),
        mz_text(row->raw_sha256),
        mz_text(row->previous),
        mz_text(row->headers),
    };
    enum mz_code code = mz_home_keep_raw(db, row->raw_sha256, row->raw, error);

    if (code != MZ_OK) {
        return code;
    }
    return mz_db_execute(
        db,
        "INSERT INTO document(id, pipeline, source_id, run_id, url, canonical_url,"
        " fetched_at, http_status, media_type, charset_declared, charset_used,"
        " raw_sha256, prev_id, headers)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        " ON CONFLICT(id) DO NOTHING",
        arguments, MZ_COUNT(arguments), NULL, error);
}

/* ---- texts ---- */

static struct mizan_value field(const struct mizan_record *record, const char *name)
{
    const struct mizan_value *value = mz_record_find(record, name);

    return value == NULL ? mz_nil() : *value;
}

static struct mizan_value number(const struct mizan_record *record, const char *name)
{
    struct mizan_value value = field(record, name);
    struct mz_decimal decimal;

    if (value.type == MIZAN_DECIMAL &&
        mz_decimal_parse(value.as.text.data, value.as.text.size, &decimal) ==
            MZ_DECIMAL_OK) {
        return mz_double(mz_decimal_to_double(decimal));
    }
    return value.type == MIZAN_DOUBLE || value.type == MIZAN_INTEGER ? value : mz_nil();
}

/* A time, or text that reads as one; others do not sort as times and are left out. */
static struct mizan_value moment(const struct mizan_record *record, const char *name)
{
    struct mizan_value value = field(record, name);
    int64_t time = 0;

    if (value.type == MIZAN_TEXT &&
        mz_time_parse(value.as.text.data, value.as.text.size, &time)) {
        return mz_time(time);
    }
    return value.type == MIZAN_TIME ? value : mz_nil();
}

static enum mz_code check_fields(const struct mizan_record *document,
                                 struct mz_error *error)
{
    static const char *const needed[] = {"text", "text_extractor", "text_version"};
    static const char *const texts[] = {"text", "title", "outlet", "author", "lang"};

    for (size_t i = 0; i < MZ_COUNT(needed); i++) {
        if (field(document, needed[i]).type != MIZAN_TEXT) {
            return mz_fail(error, MZ_INPUT, "the document has no %s to be stored",
                           needed[i]);
        }
    }
    for (size_t i = 0; i < MZ_COUNT(texts); i++) {
        struct mizan_value value = field(document, texts[i]);
        enum mz_code code = value.type != MIZAN_TEXT
                                ? MZ_OK
                                : mz_db_check_text(texts[i], value.as.text, error);

        if (code != MZ_OK) {
            mz_error_prefix(error, "the document");
            return code;
        }
    }
    return MZ_OK;
}

static enum mz_code retire_texts(struct mz_db *db, const char *document_id,
                                 const struct mizan_record *document,
                                 struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(document_id),
        field(document, "text_extractor"),
        field(document, "text_version"),
    };

    return mz_db_execute(db,
                         "UPDATE doc_text SET is_current = 0 WHERE document_id = $1"
                         " AND NOT (extractor = $2 AND version = $3)",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

/* The document that had this very text first, whose figures count in place of a copy's;
 * nil for the first. */
static enum mz_code find_original(struct mz_db *db, const char *document_id,
                                  const char *digest, struct mz_arena *arena,
                                  struct mizan_value *original, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(document_id), mz_text(digest)};
    struct mz_statement statement = {
        .sql = "SELECT t.document_id FROM doc_text t"
               " JOIN document d ON d.id = t.document_id"
               " WHERE t.text_sha256 = $2 AND t.document_id <> $1 AND t.is_current = 1"
               " AND t.dup_of IS NULL ORDER BY d.fetched_at, d.id LIMIT 1",
        .arguments = arguments,
        .count = MZ_COUNT(arguments),
    };
    struct mz_first_row first = {.values = original, .count = 1, .arena = arena};

    return mz_db_first(db, &statement, &first, error);
}

struct made_text {
    const char *document_id;
    const struct mizan_record *document;
    const char *digest;
};

static enum mz_code insert_text(struct mz_db *db, const struct made_text *made,
                                const char *simhash, const struct mizan_value *original,
                                struct mz_error *error)
{
    const struct mizan_record *document = made->document;
    const struct mizan_value arguments[] = {
        mz_text(made->document_id),
        field(document, "text_extractor"),
        field(document, "text_version"),
        field(document, "title"),
        field(document, "outlet"),
        field(document, "author"),
        moment(document, "published"),
        moment(document, "modified"),
        field(document, "lang"),
        number(document, "lang_confidence"),
        field(document, "text"),
        mz_text(made->digest),
        *original,
        simhash == NULL ? mz_nil() : mz_text(simhash),
    };

    return mz_db_execute(
        db,
        "INSERT INTO doc_text(document_id, extractor, version, is_current, title, "
        "outlet,"
        " author, published_at, modified_at, lang, lang_confidence, text, text_sha256,"
        " dup_of, simhash)"
        " VALUES($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        " ON CONFLICT(document_id, extractor, version) DO UPDATE SET is_current = 1,"
        " title = excluded.title, outlet = excluded.outlet, author = excluded.author,"
        " published_at = excluded.published_at, modified_at = excluded.modified_at,"
        " lang = excluded.lang, lang_confidence = excluded.lang_confidence,"
        " text = excluded.text, text_sha256 = excluded.text_sha256,"
        " dup_of = excluded.dup_of, simhash = excluded.simhash",
        arguments, MZ_COUNT(arguments), NULL, error);
}

/* The text, what it is a copy of, and by what later copies find it. */
static enum mz_code store_text(struct mz_db *db, const struct made_text *made,
                               struct mz_arena *arena, struct mizan_value *original,
                               struct mz_error *error)
{
    struct mz_shingles shingles;
    struct mizan_value text = field(made->document, "text");
    char simhash[17];
    enum mz_code code = MZ_OK;

    if (!mz_shingles_make(arena, text.as.text, &shingles)) {
        return mz_fail(error, MZ_MEMORY, "no memory for the text of a document");
    }
    if (original->type == MIZAN_NIL) {
        code = mz_copies_find(db, made->document_id, &shingles, arena, original, error);
    }
    (void)snprintf(simhash, sizeof simhash, "%016" PRIx64, shingles.simhash);
    if (code == MZ_OK) {
        code =
            insert_text(db, made, shingles.count > 0 ? simhash : NULL, original, error);
    }
    if (code == MZ_OK) {
        code = mz_copies_keep(db, made->document_id,
                              original->type == MIZAN_NIL ? &shingles : NULL, error);
    }
    return code;
}

enum mz_code mz_home_text(struct mz_db *db, const char *document_id,
                          const struct mizan_record *document, char text_sha256[65],
                          struct mz_error *error)
{
    struct mz_arena *arena;
    struct mizan_value text, original = mz_nil();
    enum mz_code code = check_fields(document, error);

    if (code != MZ_OK) {
        return code;
    }
    text = field(document, "text");
    mz_digest(text.as.text.data, text.as.text.size, text_sha256);
    arena = mz_arena_create(ARENA_CEILING);
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the text of a document");
    }
    code = retire_texts(db, document_id, document, error);
    if (code == MZ_OK) {
        code = find_original(db, document_id, text_sha256, arena, &original, error);
    }
    if (code == MZ_OK) {
        const struct made_text made = {document_id, document, text_sha256};
        code = store_text(db, &made, arena, &original, error);
    }
    mz_arena_destroy(arena);
    return code;
}
