/* The data of a home database, of either engine, as a new SQLite home database: what
 * was read, without raw bodies and without the host's own state. */
#ifndef MIZAN_CLI_EXPORT_SQLITE_H
#define MIZAN_CLI_EXPORT_SQLITE_H

#include "cli/opened.h"

/* MZ_CANNOT_CREATE when there is something at `path` already. */
MZ_NODISCARD enum mz_code mz_export_sqlite(struct mz_opened *opened, const char *path,
                                           struct mz_error *error);

#endif
