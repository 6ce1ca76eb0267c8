/* Units that are made of kept bodies. */
#ifndef MIZAN_RUN_REVIVE_H
#define MIZAN_RUN_REVIVE_H

#include "run/work.h"

/* NULL when the script has no source of that id any more. */
const struct mz_source *mz_source_by_id(const struct mz_source *sources, size_t count,
                                        const char *id);
/* The unit of a stored document, which keeps its id, from a row {source_id, url,
 * raw_sha256, media_type, charset, http_status, fetched_at, document_id, prev_id}.
 * MZ_NOT_FOUND: retention took the body. */
MZ_NODISCARD enum mz_code mz_revive_stored(struct mz_run *run,
                                           const struct mizan_value *row,
                                           const struct mz_source *source,
                                           struct mz_unit **out,
                                           struct mz_error *error);

#endif
