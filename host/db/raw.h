/* Raw bodies in a folder of files, for those who choose one: `raw = "dir:PATH"` in the
 * project's mizan.lua. Reading and keeping are in home.h: each row says where its body
 * lies, so both places may be used in turn. */
#ifndef MIZAN_DB_RAW_H
#define MIZAN_DB_RAW_H

#include "db/db.h"

/* Bodies that this connection keeps from now on lie there; NULL: in the database.
 * Borrowed. */
void mz_db_set_raw_folder(struct mz_db *db, const char *folder);

struct mz_sweeping {
    bool dry; /* counts alone */
    int64_t count, bytes;
};
/* Removes files that no row of a body refers to and that are older than an hour: those
 * of commits that never came, and of bodies whose retention is over. */
MZ_NODISCARD enum mz_code mz_raw_sweep(struct mz_db *db, const char *folder,
                                       struct mz_sweeping *sweeping,
                                       struct mz_error *error);

#endif
