/* Plugins that crash run after run are disabled until somebody says otherwise. Counted
 * in the home database, over all pipelines: a crash on another document than the last,
 * or on none (while it is opened), is one more; a run that ends without one begins
 * anew. One document that crashes a plugin again and again is not counted again: it is
 * kept back itself (work.c). */
#ifndef MIZAN_RUN_QUARANTINE_H
#define MIZAN_RUN_QUARANTINE_H

#include "db/home.h"
#include "lua/pipeline.h"
#include "plug/activity.h"

/* Crashes in a row that disable a plugin, when the project's mizan.lua says no other
 * (`crashes`). */
#define MZ_MOST_CRASHES 3

/* MZ_PLUGIN_REFUSED, with the reason and what to do, when a stage's plugin is disabled.
 */
MZ_NODISCARD enum mz_code mz_quarantine_check(struct mz_db *db,
                                              const struct mz_pipeline *pipeline,
                                              int64_t most, struct mz_error *error);
/* In the parent: `call` died with `message`. A transaction of its own. */
MZ_NODISCARD enum mz_code mz_quarantine_note(struct mz_db *db,
                                             const struct mz_activity_slot *call,
                                             const char *message,
                                             struct mz_error *error);
/* The run ended by itself. A transaction of its own, if there is anything to write. */
MZ_NODISCARD enum mz_code mz_quarantine_survived(struct mz_db *db,
                                                 const struct mz_pipeline *pipeline,
                                                 struct mz_error *error);
/* Lifts it from one plugin ("extract.figures"); *was is false when it had no crash. */
MZ_NODISCARD enum mz_code mz_quarantine_lift(struct mz_db *db, const char *label,
                                             bool *was, struct mz_error *error);

#endif
