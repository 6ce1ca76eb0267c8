/* What a run says when it ends: a summary for people, the report that the pipeline asks
 * for, or the run as one JSON object. */
#ifndef MIZAN_RUN_REPORT_H
#define MIZAN_RUN_REPORT_H

#include "db/db.h"
#include "run/run.h"

struct mz_run_end {
    const char *run_id, *status, *database, *failure;
    const struct mz_pipeline *pipeline;
    struct mz_counts *counts;
    const char *counts_json;
    int64_t milliseconds;
};

void mz_run_report(const struct mz_run_end *end, const struct mz_run_settings *settings,
                   struct mz_db *db, struct mz_arena *arena);
/* The same for a tick of which no run is due: `why` is the sentence that says so. */
void mz_run_report_nothing(const struct mz_pipeline *pipeline, const char *tick,
                           const char *why, const struct mz_run_settings *settings);

#endif
