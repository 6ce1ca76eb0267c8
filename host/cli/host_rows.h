/* The hosts of a home database, as `hosts` and `top` show them. */
#ifndef MIZAN_CLI_HOST_ROWS_H
#define MIZAN_CLI_HOST_ROWS_H

#include "base/arena.h"
#include "db/db.h"

/* Rows {host, state, seen, version, since, labels, pipelines, out_of_date} in `arena`:
 * state is "works", "silent" or "stopped", seen how many seconds ago it last gave a
 * sign, out_of_date the pipelines whose files there are not those deployed. */
MZ_NODISCARD enum mz_code mz_host_rows(struct mz_db *db, struct mz_arena *arena,
                                       struct mizan_value *rows,
                                       struct mz_error *error);
/* Pipelines whose labels no host that works has: rows whose `pipeline` is the name. */
MZ_NODISCARD enum mz_code mz_homeless_rows(struct mz_db *db, struct mz_arena *arena,
                                           const struct mizan_value *hosts,
                                           struct mizan_value *rows,
                                           struct mz_error *error);

#endif
