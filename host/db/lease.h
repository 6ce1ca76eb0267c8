/* Private to host/db: leases and ends of runs as parts of a transaction. */
#ifndef MIZAN_DB_LEASE_H
#define MIZAN_DB_LEASE_H

#include "db/home.h"

/* In a transaction. Refuses with MZ_TRY_AGAIN while a living run holds the lease of the
 * pipeline, or one that excludes `shard` of it; the run of a holder that is gone ends
 * here, and its tick is settled. Until the commit no other machine decides so. */
MZ_NODISCARD enum mz_code mz_lease_clear(struct mz_db *db, const char *pipeline,
                                         int64_t shard, struct mz_arena *arena,
                                         struct mz_error *error);
/* In a transaction, after mz_lease_clear: the run's row and its lease. */
MZ_NODISCARD enum mz_code mz_lease_take(struct mz_db *db, const struct mz_run_row *row,
                                        struct mz_arena *arena, struct mz_lease *lease,
                                        struct mz_error *error);
/* In a transaction: ends a run whose process is gone, and frees its lease. */
MZ_NODISCARD enum mz_code mz_run_bury(struct mz_db *db, const char *run_id,
                                      const struct mz_run_finish *finish,
                                      struct mz_error *error);
/* In a transaction: the tick that this run ran, if there is one, becomes done, failed
 * or ready again. */
MZ_NODISCARD enum mz_code mz_tick_settle(struct mz_db *db, const char *run_id,
                                         enum mz_run_outcome outcome,
                                         const char *failure, struct mz_error *error);

#endif
