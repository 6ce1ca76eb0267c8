/* What a home store writes to the table outbox: a message of the unit's records. The
 * row is the host's, so that a plugin says what goes where and nothing else. */
#ifndef MIZAN_RUN_OUTBOX_ROW_H
#define MIZAN_RUN_OUTBOX_ROW_H

#include "run/unit.h"

/* In the unit's transaction. The record's fields are `id`, `target` (an address),
 * `settings` (a map of texts) and `records` (a list). The message is
 * {"v":1,"id","pipeline","run_id","document_id","source_id","url","at","records":[…]}.
 * MZ_INPUT for other fields or types. */
MZ_NODISCARD enum mz_code mz_outbox_row(struct mz_db *db, const char *pipeline,
                                        const struct mz_unit *unit,
                                        const mizan_record *record,
                                        struct mz_error *error);

#endif
