/* The summary tables: what the views of schema.sql define, kept beside them. Whoever
 * writes what a view reads marks the documents it touched and brings the summaries up
 * to date before it commits. All functions belong inside a transaction. */
#ifndef MIZAN_DB_SUMMARY_H
#define MIZAN_DB_SUMMARY_H

#include "db/db.h"

/* Marks a document whose figures, text, roles, attribution or reviews were written or
 * deleted; one that is deleted as a whole too, before or after. */
MZ_NODISCARD enum mz_code mz_summary_touch(struct mz_db *db, const char *document_id,
                                           struct mz_error *error);
/* Marks all documents whose current text has this digest: where a review belongs. */
MZ_NODISCARD enum mz_code mz_summary_touch_text(struct mz_db *db,
                                                const char *text_sha256,
                                                struct mz_error *error);
/* Marks the documents of works and topics whose publisher or return was changed. */
MZ_NODISCARD enum mz_code mz_summary_touch_basis(struct mz_db *db,
                                                 struct mz_error *error);
/* Brings the groups of all marked documents up to date and forgets the marks. */
MZ_NODISCARD enum mz_code mz_summary_refresh(struct mz_db *db, struct mz_error *error);
/* Empties the summaries and makes them anew from all documents. */
MZ_NODISCARD enum mz_code mz_summary_rebuild(struct mz_db *db, struct mz_error *error);

#endif
