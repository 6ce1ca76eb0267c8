/* Texts that are copies of others: the same agency's report in five papers is one
 * report with five appearances. */
#ifndef MIZAN_DB_COPIES_H
#define MIZAN_DB_COPIES_H

#include "db/db.h"
#include "value/shingles.h"

/* The earliest document whose current text, itself no copy, `shingles` are a copy of;
 * nil where there is none. Versions of the document's own address are none: what
 * changed between them is news. */
enum mz_code mz_copies_find(struct mz_db *db, const char *document_id,
                            const struct mz_shingles *shingles, struct mz_arena *arena,
                            struct mizan_value *original, struct mz_error *error);

/* What later texts find this one by, in place of what was kept for it; nothing where
 * `shingles` is NULL. */
enum mz_code mz_copies_keep(struct mz_db *db, const char *document_id,
                            const struct mz_shingles *shingles, struct mz_error *error);

#endif
