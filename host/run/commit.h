/* The commit: all that comes of a unit becomes visible in one transaction of the home
 * database, or nothing does; several units may share one. Stores outside it are written
 * before the transaction opens, so that a repeat after a crash writes a row again
 * rather than never. */
#ifndef MIZAN_RUN_COMMIT_H
#define MIZAN_RUN_COMMIT_H

#include "run/intake.h"

struct mz_committer {
    struct mz_db *db;
    const struct mz_lease *lease;
    struct mz_stages *stages;
    const char *pipeline, *run_id, *script_hash;
    int64_t tick_at;      /* milliseconds; 0: not the run of a tick */
    int64_t commit_count; /* of units, begun so far */
    /* True when so many of a source's units failed that its cursor stays; `units` and
     * `failed` come on top of those that were committed before. */
    bool (*cursor_stays)(void *owner, const char *source_id, int64_t units,
                         int64_t failed);
    void *owner;
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
/* What the health of a source says then. */
#define MZ_CURSOR_STAYS "more than 20 % of its documents failed: the cursor stays"

/* What is to be committed: a unit, which is stored, or failed with its letters and
 * attempt count, or whose validators and state are when its bytes are not new; or the
 * end of a source: health, and, when its units went well, its state and kept
 * validators. */
struct mz_commit_item {
    struct mz_unit *unit; /* NULL: the end of a source */
    enum mz_unit_news news;
    struct mz_intake_item source;
    /* filled by the commit */
    enum mz_unit_end end;
    bool stays; /* the cursor of the source */
};
/* Commits the items in their order, in one transaction when their stores take all of
 * them, else each in one of its own: a unit that fails does not touch the others.
 * `made` is how many of them, from the first on, are committed. The error is for what
 * ends the run: the lease was lost, the database cannot write. */
MZ_NODISCARD enum mz_code mz_commit_items(struct mz_committer *committer,
                                          struct mz_commit_item *items, size_t count,
                                          size_t *made, struct mz_error *error);

#endif
