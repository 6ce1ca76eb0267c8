/* Ticks as a run sees them: which one it is, whether it is still to be done, and what
 * was committed for it. Times are milliseconds UTC; a tick's identity is its second. */
#ifndef MIZAN_DB_TICKS_H
#define MIZAN_DB_TICKS_H

#include "db/home.h"

struct mz_tick_claim {
    int64_t tick_at;
    int64_t shard;                /* from 1, 0: the pipeline is not split */
    int64_t retries, retry_delay; /* of the pipeline; milliseconds */
    bool force;                   /* also what is done, failed or skipped */
};
struct mz_tick_claimed {
    bool nothing; /* no run of it is due: `sentence` says why, nothing was taken */
    char sentence[1024];
    int64_t attempt; /* from 1 */
    char kind[16];   /* "time", "request", "after", "file" */
    int64_t from;    /* the last tick that was done before it; 0: none */
};
/* Begins the run of a tick in one transaction: lease, run row (attempt, kind, interval
 * are filled in) and tick. A tick that no scheduler stored is stored. A lease held for
 * another tick or by a run by hand is MZ_TRY_AGAIN, naming holder and age. */
MZ_NODISCARD enum mz_code mz_home_begin_tick(struct mz_db *db, struct mz_run_row *row,
                                             const struct mz_tick_claim *claim,
                                             struct mz_lease *lease,
                                             struct mz_tick_claimed *out,
                                             struct mz_error *error);

/* In a transaction, after mz_home_check_lease: notes that the batch is committed with
 * it. `again` becomes true when it was committed before: the caller rolls back, there
 * is nothing to do. `identity` names the batch within the tick. */
MZ_NODISCARD enum mz_code mz_home_batch(struct mz_db *db, const struct mz_lease *lease,
                                        int64_t tick_at, const char *identity,
                                        int64_t rows, bool *again,
                                        struct mz_error *error);

/* The last tick of the pipeline, of that shard of it, that was done, before `before`;
 * 0: none. For shard 0 of a split pipeline that of any shard. */
MZ_NODISCARD enum mz_code mz_home_last_done(struct mz_db *db, const char *pipeline,
                                            int64_t shard, int64_t before, int64_t *out,
                                            struct mz_error *error);

#endif
