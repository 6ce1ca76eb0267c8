/* Care of the home database: a copy of it, its check, what is no longer needed. */
#ifndef MIZAN_DB_CARE_H
#define MIZAN_DB_CARE_H

#include "db/db.h"

/* ---- copies and checks ---- */

/* Called now and then with pages (or what the engine counts) done and all; may be NULL.
 */
typedef void (*mz_progress)(void *context, int64_t done, int64_t all);

/* Copies the database, as it is at one moment, to a new file while others write on.
 * The copy is checked before it gets its name; a file that is there already is
 * MZ_CANNOT_CREATE. A database of a server is MZ_USAGE with what to use instead. */
MZ_NODISCARD enum mz_code mz_db_backup(struct mz_db *db, const char *path,
                                       mz_progress progress, void *context,
                                       struct mz_error *error);
/* What is damaged, a sentence each, 100 at most, and references that lead nowhere;
 * `whole` false looks at the structure alone. */
MZ_NODISCARD enum mz_code mz_db_damage(struct mz_db *db, bool whole,
                                       struct mz_arena *arena,
                                       struct mizan_value *sentences,
                                       struct mz_error *error);
/* Gives the room of what was deleted back. */
MZ_NODISCARD enum mz_code mz_db_shrink(struct mz_db *db, struct mz_error *error);

/* ---- clearing up ---- */

/* A time in milliseconds for which things are kept; MZ_FOR_EVER: always. */
#define MZ_FOR_EVER INT64_C(-1)

struct mz_keep {
    int64_t raw;      /* bodies of documents, since they were fetched */
    int64_t logs;     /* of runs */
    int64_t history;  /* what older extractors had read */
    int64_t messages; /* of the outbox that were sent or given up */
};
/* A pipeline that could be loaded: what it says, and the sources that it has. */
struct mz_kept_pipeline {
    const char *name;
    struct mz_keep keep;
    const char *const *sources;
    size_t source_count;
};
struct mz_clearing {
    struct mz_keep keep; /* of all other pipelines */
    const struct mz_kept_pipeline *pipelines;
    size_t count;
    bool dry; /* counts and changes nothing */
};

/* Rows {what, count, bytes} in `arena`, one for each kind of thing: dead letters
 * (30 days after they last happened), raw bodies (beyond their time, or that nothing
 * refers to any more; document and digest stay), logs of runs, messages, history of
 * figures, state of sources that their pipeline no longer has and that were not asked
 * for 30 days. In transactions of a moment each. */
MZ_NODISCARD enum mz_code mz_db_clear(struct mz_db *db,
                                      const struct mz_clearing *clearing,
                                      struct mz_arena *arena, struct mizan_value *rows,
                                      struct mz_error *error);

#endif
