/* What the stores of a unit are given, and what they may ask for meanwhile. */
#ifndef MIZAN_RUN_DELIVERIES_H
#define MIZAN_RUN_DELIVERIES_H

#include "run/commit.h"

/* The commit of one unit at hand. */
struct mz_commit {
    struct mz_committer *committer;
    struct mz_unit *unit;
    struct mz_counts *counts; /* of the stores: they count when the commit is made */
    enum mz_code code;        /* what the database said, where a status is too coarse */
    struct mz_error *error;
};

/* Adds to the records what only the host knows: the document, its text, the run. */
void mz_deliveries_mark(struct mz_committer *committer, struct mz_unit *unit);
/* Gives the unit's records to its stores: to those that write inside of the transaction
 * (home) or to the others. On failure nothing of the unit is left in any of them. */
MZ_NODISCARD enum mz_code mz_deliver_unit(struct mz_commit *commit, bool home);

#endif
