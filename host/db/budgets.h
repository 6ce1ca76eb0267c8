/* What all who ask a host keep together: its row, and robots.txt of its origins. The
 * clock is the database's, so that machines with different ones agree. */
#ifndef MIZAN_DB_BUDGETS_H
#define MIZAN_DB_BUDGETS_H

#include "db/db.h"
#include "value/host_row.h"

/* Lets `change` change the host's row in a transaction of its own. MZ_TRY_AGAIN when
 * another writer is at it for longer than the connection's patience. */
MZ_NODISCARD enum mz_code mz_home_host_change(struct mz_db *db, const char *host,
                                              mz_host_change change, void *context,
                                              struct mz_error *error);
/* The text kept for an origin and how long it is still good, 0 or less: there
 * is none that is. */
MZ_NODISCARD enum mz_code mz_home_robots(struct mz_db *db, const char *origin,
                                         struct mz_arena *arena,
                                         struct mizan_slice *text,
                                         int64_t *milliseconds, struct mz_error *error);
/* In a transaction of its own. */
MZ_NODISCARD enum mz_code mz_home_set_robots(struct mz_db *db, const char *origin,
                                             struct mizan_slice text,
                                             int64_t milliseconds,
                                             struct mz_error *error);

#endif
