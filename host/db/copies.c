#include "db/copies.h"

#include "db/engine.h"
#include "value/record.h"

#define CANDIDATES "50" /* texts that share a band are compared, no more than these */

/* Looks at candidates in their order until one is the original. */
struct search {
    const struct mz_shingles *copy;
    struct mz_arena *arena;
    struct mizan_value *original;
    bool failed;
};

static bool look_at(void *context, const struct mz_row *row)
{
    struct search *search = context;
    struct mz_shingles first;
    if (row->values[1].type != MIZAN_TEXT) {
        return true;
    }
    uint64_t mark = mz_arena_mark(search->arena);
    if (!mz_shingles_make(search->arena, row->values[1].as.text, &first)) {
        search->failed = true;
        return false;
    }
    bool copy = mz_shingles_copy(&first, search->copy);
    mz_arena_release(search->arena, mark);
    if (!copy) {
        return true;
    }
    search->failed = !mz_value_copy(search->arena, &row->values[0], search->original);
    return false;
}

enum mz_code mz_copies_find(struct mz_db *db, const char *document_id,
                            const struct mz_shingles *shingles, struct mz_arena *arena,
                            struct mizan_value *original, struct mz_error *error)
{
    struct mizan_value arguments[MZ_BANDS + 1] = {mz_text(document_id)};
    struct search search = {shingles, arena, original, false};
    if (shingles->count < MZ_SHINGLES_LEAST) {
        return MZ_OK;
    }
    for (size_t i = 0; i < MZ_BANDS; i++) {
        arguments[i + 1] = mz_integer((int64_t)shingles->bands[i]);
    }
    enum mz_code code = mz_db_query(
        db,
        "SELECT d.id, t.text FROM document d"
        " JOIN doc_text t ON t.document_id = d.id AND t.is_current = 1"
        " AND t.dup_of IS NULL"
        " WHERE d.id IN(SELECT b.document_id FROM text_band b"
        " WHERE (b.band = 0 AND b.value = $2) OR (b.band = 1 AND b.value = $3)"
        " OR (b.band = 2 AND b.value = $4) OR (b.band = 3 AND b.value = $5)"
        " OR (b.band = 4 AND b.value = $6) OR (b.band = 5 AND b.value = $7)"
        " OR (b.band = 6 AND b.value = $8) OR (b.band = 7 AND b.value = $9))"
        " AND NOT EXISTS(SELECT 1 FROM document own WHERE own.id = $1"
        " AND own.pipeline = d.pipeline AND own.source_id = d.source_id"
        " AND own.url = d.url)"
        " ORDER BY d.fetched_at, d.id LIMIT " CANDIDATES,
        arguments, MZ_COUNT(arguments), look_at, &search, error);
    if (code == MZ_OK && search.failed) {
        return mz_fail(error, MZ_MEMORY, "no memory to compare the text of a document");
    }
    return code;
}

enum mz_code mz_copies_keep(struct mz_db *db, const char *document_id,
                            const struct mz_shingles *shingles, struct mz_error *error)
{
    struct mizan_value id = mz_text(document_id);
    enum mz_code code = mz_db_execute(
        db, "DELETE FROM text_band WHERE document_id = $1", &id, 1, NULL, error);
    if (shingles == NULL || shingles->count < MZ_SHINGLES_LEAST) {
        return code;
    }
    for (size_t i = 0; i < MZ_BANDS && code == MZ_OK; i++) {
        const struct mizan_value arguments[] = {
            mz_integer((int64_t)i), mz_integer((int64_t)shingles->bands[i]), id};
        code = mz_db_execute(db,
                             "INSERT INTO text_band(band, value, document_id)"
                             " VALUES($1, $2, $3) ON CONFLICT DO NOTHING",
                             arguments, MZ_COUNT(arguments), NULL, error);
    }
    return code;
}
