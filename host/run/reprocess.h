/* `mizan backfill --from-raw`: the documents that are stored, from their kept bodies
 * through the stages as they are now. */
#ifndef MIZAN_RUN_REPROCESS_H
#define MIZAN_RUN_REPROCESS_H

#include "run/work.h"

/* Each document keeps its id; what its figures said before is superseded in the commit
 * that writes them anew. No source is asked, no cursor and no validator moves, and what
 * fails leaves the stored document as it was. */
MZ_NODISCARD enum mz_code mz_run_reprocess(struct mz_run *run,
                                           const struct mz_source *sources,
                                           size_t count, struct mz_error *error);

#endif
