/* The health of sources: how often each failed in a row, when it is asked next, and
 * which of them people have paused. */
#ifndef MIZAN_DB_HEALTH_H
#define MIZAN_DB_HEALTH_H

#include "db/db.h"

/* How long a source that failed so often in a row is left alone, in milliseconds: not
 * at all after the first failure, then 10 minutes, doubled with each, up to a day. */
int64_t mz_source_rest(int64_t fails);

/* The sources of a pipeline (NULL: of all) that were ever asked, one row each:
 * {pipeline, source, state, fails, last_ok, next, documents, error}; state is "ok",
 * "failing" or "paused". */
MZ_NODISCARD enum mz_code mz_home_sources(struct mz_db *db, const char *pipeline,
                                          struct mz_arena *arena,
                                          struct mizan_value *rows,
                                          struct mz_error *error);
/* Of a pipeline those that are not to be asked now: rows {id, paused}. A run by hand
 * (`by_hand`) asks those that rest, too. */
MZ_NODISCARD enum mz_code mz_home_resting(struct mz_db *db, const char *pipeline,
                                          bool by_hand, struct mz_arena *arena,
                                          struct mizan_value *rows,
                                          struct mz_error *error);
/* True for a run that somebody started by hand. */
MZ_NODISCARD enum mz_code mz_home_run_is_by_hand(struct mz_db *db, const char *run_id,
                                                 bool *out, struct mz_error *error);
/* Pauses a source or lets it go on, in a transaction of its own; going on forgets its
 * failures. MZ_NOT_FOUND for one that was never asked. */
MZ_NODISCARD enum mz_code mz_home_pause_source(struct mz_db *db, const char *pipeline,
                                               const char *id, bool paused,
                                               struct mz_error *error);

#endif
