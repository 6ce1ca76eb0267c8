/* Dead letters as people work on them: grouped by cause, looked at one by one, given
 * back to their pipeline, resolved, forgotten after their time. */
#ifndef MIZAN_DB_DEAD_H
#define MIZAN_DB_DEAD_H

#include "db/db.h"

/* How long a letter is kept after it last happened, in milliseconds: 30 days. */
#define MZ_DEAD_LETTER_KEPT ((int64_t)30 * 24 * 60 * 60 * 1000)

struct mz_dead_filter {
    const char *pipeline; /* NULL: all */
    const char *run_id;   /* NULL: of all runs */
    const char *stage;    /* NULL: all */
    bool resolved;        /* also those whose input went through later */
    int64_t limit;        /* most rows */
};

/* One row a cause (fingerprint), the most frequent first: {letters, attempts, last,
 * pipeline, stage, place, outcome, reason, cause, id}; reason and id are those of the
 * letter that happened last. */
MZ_NODISCARD enum mz_code mz_dead_causes(struct mz_db *db,
                                         const struct mz_dead_filter *filter,
                                         struct mz_arena *arena,
                                         struct mizan_value *rows,
                                         struct mz_error *error);
/* One row a letter, the latest first: {at, id, pipeline, outcome, stage, place, reason,
 * attempts, source, url}. */
MZ_NODISCARD enum mz_code mz_dead_letters(struct mz_db *db,
                                          const struct mz_dead_filter *filter,
                                          struct mz_arena *arena,
                                          struct mizan_value *rows,
                                          struct mz_error *error);
/* The letter whose id begins with `id`, or the last of the cause that `id` is in full,
 * as a map of all its columns and `media_type`. MZ_NOT_FOUND when there is none,
 * MZ_USAGE when several begin so. */
MZ_NODISCARD enum mz_code mz_dead_letter_get(struct mz_db *db, const char *id,
                                             struct mz_arena *arena,
                                             struct mizan_value *letter,
                                             struct mz_error *error);
/* The inputs of the letters that `key` names (an id, the beginning of one, or a cause),
 * each once, oldest first: {pipeline, source_id, url, raw_sha256, media_type, charset,
 * http_status, fetched_at, etag, last_modified, attempts, document_id, prev_id}. An
 * input that was stored has a document_id. MZ_NOT_FOUND when the key names none. */
MZ_NODISCARD enum mz_code mz_dead_inputs(struct mz_db *db, const char *key,
                                         struct mz_arena *arena,
                                         struct mizan_value *rows,
                                         struct mz_error *error);
/* In a transaction: the input went through in this run, so its letters of earlier runs
 * are resolved. */
MZ_NODISCARD enum mz_code mz_dead_resolve(struct mz_db *db, const char *pipeline,
                                          const char *url, const char *raw_sha256,
                                          const char *run_id, struct mz_error *error);
/* Marks the letters that `key` names as resolved without trying them, in a transaction
 * of its own; `changed` is their number. */
MZ_NODISCARD enum mz_code mz_dead_dismiss(struct mz_db *db, const char *key,
                                          int64_t *changed, struct mz_error *error);
/* In a transaction: forgets the pipeline's letters older than MZ_DEAD_LETTER_KEPT. */
MZ_NODISCARD enum mz_code mz_dead_forget(struct mz_db *db, const char *pipeline,
                                         struct mz_error *error);

#endif
