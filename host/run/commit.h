/* The commit: all that comes of a unit becomes visible in one transaction of the home
 * database, or nothing does. Stores outside it are written before the transaction
 * opens, so that a repeat after a crash writes a row again rather than never. */
#ifndef MIZAN_RUN_COMMIT_H
#define MIZAN_RUN_COMMIT_H

#include "run/intake.h"

struct mz_committer {
    struct mz_db *db;
    const struct mz_lease *lease;
    struct mz_stages *stages;
    const char *pipeline, *run_id, *script_hash;
    int64_t tick_at;    /* milliseconds; 0: not the run of a tick */
    int64_t unit_count; /* units given to mz_commit_unit so far */
};

enum mz_unit_end {
    MZ_UNIT_UNCHANGED,
    MZ_UNIT_STORED,
    MZ_UNIT_STORED_WITH_REJECTS,
    MZ_UNIT_FAILED
};

/* What is known of a unit's bytes before anything is done with them. */
enum mz_unit_news {
    MZ_UNIT_NEW,
    MZ_UNIT_SAME,     /* those of the current version of the address */
    MZ_UNIT_SET_ASIDE /* failed too often, and the address still gives the same */
};

/* Fills unit->row from the document record and tells what is known of it. */
MZ_NODISCARD enum mz_code mz_unit_identify(struct mz_committer *committer,
                                           struct mz_unit *unit,
                                           enum mz_unit_news *news,
                                           struct mz_error *error);
/* Validators and state of an address whose bytes did not change. */
MZ_NODISCARD enum mz_code mz_commit_unchanged(struct mz_committer *committer,
                                              struct mz_unit *unit,
                                              struct mz_error *error);
/* Commits the unit: stored, or failed with its letters and attempt count. The error is
 * for what ends the run: the lease was lost, the database cannot write. */
MZ_NODISCARD enum mz_code mz_commit_unit(struct mz_committer *committer,
                                         struct mz_unit *unit, enum mz_unit_end *end,
                                         struct mz_error *error);
/* Closes a source: health, and, when `advance`, its state and kept validators. */
MZ_NODISCARD enum mz_code mz_commit_source(struct mz_committer *committer,
                                           const struct mz_intake_item *item,
                                           bool advance, const char *failure,
                                           struct mz_error *error);

#endif
