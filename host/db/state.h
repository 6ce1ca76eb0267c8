/* The state of sources as people look at it and change it: what plugins and scripts
 * keep between runs, and the validators of the addresses they fetched. Changes are
 * transactions of their own and are refused while the pipeline is being run. */
#ifndef MIZAN_DB_STATE_H
#define MIZAN_DB_STATE_H

#include "db/db.h"

/* Rows {source, key, value}; source and key NULL: all. */
MZ_NODISCARD enum mz_code mz_state_list(struct mz_db *db, const char *pipeline,
                                        const char *source, const char *key,
                                        struct mz_arena *arena,
                                        struct mizan_value *rows,
                                        struct mz_error *error);
/* Rows {source, url, etag, last_modified, checked_at, document}. */
MZ_NODISCARD enum mz_code mz_state_addresses(struct mz_db *db, const char *pipeline,
                                             struct mz_arena *arena,
                                             struct mizan_value *rows,
                                             struct mz_error *error);
MZ_NODISCARD enum mz_code mz_state_put(struct mz_db *db, const char *pipeline,
                                       const char *source, const char *key,
                                       struct mizan_slice value,
                                       struct mz_error *error);
/* Of a source, or of all with source NULL: one key, or with key NULL all keys and the
 * validators, so that the source is read as if for the first time. */
MZ_NODISCARD enum mz_code mz_state_drop(struct mz_db *db, const char *pipeline,
                                        const char *source, const char *key,
                                        int64_t *changed, struct mz_error *error);
/* Everything that a source has becomes that of another id (or, with source NULL, that
 * of a pipeline becomes that of another). MZ_USAGE when the new one has some already;
 * MZ_NOT_FOUND when the old one has none. */
MZ_NODISCARD enum mz_code mz_state_move(struct mz_db *db, const char *pipeline,
                                        const char *source, const char *to,
                                        int64_t *changed, struct mz_error *error);

#endif
