#include "db/summary.h"

#include <string.h>

#include "db/engine.h"
#include "value/record.h"

extern const unsigned char mz_summary_sql[];
extern const size_t mz_summary_sql_size;

enum mz_code mz_summary_touch(struct mz_db *db, const char *document_id,
                              struct mz_error *error)
{
    struct mizan_value id = mz_text(document_id);

    return mz_db_execute(db,
                         "INSERT INTO summary_document(document_id) VALUES($1)"
                         " ON CONFLICT(document_id) DO NOTHING",
                         &id, 1, NULL, error);
}

enum mz_code mz_summary_touch_text(struct mz_db *db, const char *text_sha256,
                                   struct mz_error *error)
{
    struct mizan_value digest = mz_text(text_sha256);

    return mz_db_execute(db,
                         "INSERT INTO summary_document(document_id)"
                         " SELECT DISTINCT document_id FROM doc_text"
                         " WHERE text_sha256 = $1"
                         " ON CONFLICT(document_id) DO NOTHING",
                         &digest, 1, NULL, error);
}

enum mz_code mz_summary_touch_basis(struct mz_db *db, struct mz_error *error)
{
    static const char *const statements[] = {
        "INSERT INTO summary_document(document_id)"
        " SELECT DISTINCT c.document_id FROM work w"
        " JOIN summary_basis s ON s.kind = 'work' AND s.id = w.id"
        " CROSS JOIN claim c"
        " WHERE COALESCE(w.publisher_id, '') <> s.value AND c.work_id = w.id"
        " ON CONFLICT(document_id) DO NOTHING",
        "INSERT INTO summary_document(document_id)"
        " SELECT DISTINCT c.document_id FROM topic p"
        " JOIN summary_basis s ON s.kind = 'topic' AND s.id = p.id"
        " CROSS JOIN claim c"
        " WHERE COALESCE(p.returns, '') <> s.value AND c.topic_id = p.id"
        " ON CONFLICT(document_id) DO NOTHING",
        "INSERT INTO summary_basis(kind, id, value)"
        " SELECT 'work', id, COALESCE(publisher_id, '') FROM work WHERE TRUE"
        " ON CONFLICT(kind, id) DO UPDATE SET value = excluded.value"
        " WHERE summary_basis.value <> excluded.value",
        "INSERT INTO summary_basis(kind, id, value)"
        " SELECT 'topic', id, COALESCE(returns, '') FROM topic WHERE TRUE"
        " ON CONFLICT(kind, id) DO UPDATE SET value = excluded.value"
        " WHERE summary_basis.value <> excluded.value"};
    enum mz_code code = MZ_OK;

    for (size_t i = 0; i < MZ_COUNT(statements) && code == MZ_OK; i++) {
        code = mz_db_execute(db, statements[i], NULL, 0, NULL, error);
    }
    return code;
}

/* The statements of summary.sql, split once for a connection. */
static enum mz_code split(struct mz_db *db, struct mz_error *error)
{
    char *text =
        mz_arena_copy(db->keep, (const char *)mz_summary_sql, mz_summary_sql_size);
    size_t count = 0, room = 1;

    for (const char *at = text; at != NULL; at = strstr(at + 1, ";\n")) {
        room++;
    }
    db->summary = text == NULL ? NULL : mz_arena_alloc(db->keep, room * sizeof(char *));
    if (db->summary == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the statements of summaries");
    }
    for (char *end; (end = strstr(text, ";\n")) != NULL; text = end + 2) {
        *end = '\0';
        db->summary[count++] = text;
    }
    db->summary[count] = NULL;
    return MZ_OK;
}

enum mz_code mz_summary_refresh(struct mz_db *db, struct mz_error *error)
{
    enum mz_code code = MZ_OK;

    if (db->basis_written) {
        code = mz_summary_touch_basis(db, error);
        db->basis_written = code != MZ_OK;
    }
    if (code == MZ_OK && db->summary == NULL) {
        code = split(db, error);
    }
    for (size_t i = 0; code == MZ_OK && db->summary[i] != NULL; i++) {
        code = mz_db_execute(db, db->summary[i], NULL, 0, NULL, error);
    }
    if (code != MZ_OK) {
        mz_error_prefix(error, "the summaries");
    }
    return code;
}

enum mz_code mz_summary_rebuild(struct mz_db *db, struct mz_error *error)
{
    static const char *const statements[] = {
        "DELETE FROM claim",
        "DELETE FROM series",
        "DELETE FROM quantity",
        "DELETE FROM distortion",
        "DELETE FROM balance",
        "DELETE FROM summary_basis",
        "DELETE FROM summary_series",
        "DELETE FROM summary_document",
        "INSERT INTO summary_document(document_id) SELECT id FROM document"};
    enum mz_code code = MZ_OK;

    for (size_t i = 0; i < MZ_COUNT(statements) && code == MZ_OK; i++) {
        code = mz_db_execute(db, statements[i], NULL, 0, NULL, error);
    }
    db->basis_written = true;
    return code == MZ_OK ? mz_summary_refresh(db, error) : code;
}
