/* Private to host/db. */
#ifndef MIZAN_DB_DOCUMENTS_H
#define MIZAN_DB_DOCUMENTS_H

#include "db/home.h"

/* In a transaction: the body under its digest, compressed when that helps; a digest
 * that is there already costs one look. */
enum mz_code mz_home_keep_raw(struct mz_db *db, const char *digest,
                              struct mizan_slice body, struct mz_error *error);

#endif
