/* What a pipeline says of alerts, in the form in which the database keeps it. */
#ifndef MIZAN_RUN_ALERT_RULES_H
#define MIZAN_RUN_ALERT_RULES_H

#include "run/run.h"

/* The rules of the pipeline; a key that it does not give is that of mizan.lua. `out`
 * stays empty when neither says anything. */
void mz_alert_rules_json(const struct mz_loaded *loaded, struct mz_buffer *out);
/* Notes them for whoever judges the run, and the pipeline's schedule. */
MZ_NODISCARD enum mz_code mz_alert_rules_note(struct mz_db *db,
                                              const struct mz_loaded *loaded,
                                              struct mz_error *error);
/* Programs among the targets must be allowed by mizan.lua, like those of stages. */
MZ_NODISCARD enum mz_code mz_alert_rules_check(const struct mz_loaded *loaded,
                                               struct mz_error *error);

#endif
