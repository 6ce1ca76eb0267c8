/* Which of the sources a run asks: those that people paused, and those that failed
 * again and again until lately, are left out and counted. */
#ifndef MIZAN_RUN_SOURCES_AWAKE_H
#define MIZAN_RUN_SOURCES_AWAKE_H

#include "run/counts.h"
#include "run/intake.h"

/* Replaces the list by those that are to be asked now. */
MZ_NODISCARD enum mz_code
mz_sources_awake(struct mz_db *db, const char *run_id, struct mz_counts *counts,
                 struct mz_arena *arena, const struct mz_source **sources,
                 size_t *count, const char *pipeline, struct mz_error *error);

#endif
