/* Secrets that plugins ask the host for (host->secret). */
#ifndef MIZAN_RUN_STAGE_SECRET_H
#define MIZAN_RUN_STAGE_SECRET_H

#include "lua/pipeline.h"
#include "plug/task.h"

/* The secret of that name, bound to the stage: the script must have written the name
 * among the options of this very stage, so that no plugin reads what it was not given.
 * MIZAN_ERROR_OPTION when it did not, MIZAN_ERROR_NOT_FOUND when there is no such
 * secret; the task's error says where it was sought. */
int32_t mz_stage_secret(struct mizan_task *task, const struct mz_stage *stage,
                        const char *folder, const char *name, struct mizan_slice *out);

#endif
