/* A run compared with the runs before it. */
#ifndef MIZAN_DB_USUAL_H
#define MIZAN_DB_USUAL_H

#include "db/db.h"

#define MZ_UNUSUAL_TEXT 512

/* Compares what the run counted (JSON as in run.counts) with the medians of the last
 * ten runs of the pipeline that ended well. `out` becomes a sentence like "figures far
 * below the usual: 3, usually 120", or empty: nothing departs, or too few runs or too
 * small numbers say what is usual. */
MZ_NODISCARD enum mz_code mz_home_unusual(struct mz_db *db, const char *pipeline,
                                          const char *run_id, const char *counts,
                                          char out[MZ_UNUSUAL_TEXT],
                                          struct mz_error *error);

#endif
