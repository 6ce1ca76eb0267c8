/* Runs as the commands `runs`, `log`, `retry` and `cancel` name them. */
#ifndef MIZAN_CLI_RUN_ROWS_H
#define MIZAN_CLI_RUN_ROWS_H

#include "cli/command.h"
#include "db/db.h"
#include "run/environment.h"

/* An open home database of a command. */
struct mz_home {
    struct mz_environment environment;
    struct mz_db *db;
};
MZ_NODISCARD enum mz_code mz_home_open(struct mz_home *home,
                                       const struct mz_arguments *arguments,
                                       enum mz_db_mode mode, struct mz_error *error);
void mz_home_close(struct mz_home *home);

/* The one run whose id begins so, as a map {id, pipeline, tick_at, kind, status, log};
 * MZ_NOT_FOUND for none, MZ_USAGE for several. "last" is the one that began last. */
MZ_NODISCARD enum mz_code mz_find_run(struct mz_home *home, const char *key,
                                      const struct mizan_value **out,
                                      struct mz_error *error);
/* USER@HOST, for what people asked for. */
const char *mz_who(char out[128]);

#endif
