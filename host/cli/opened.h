/* A command that works on the home database: its project, the open database, an arena
 * for what it reads; and figures named by the beginning of their id. */
#ifndef MIZAN_CLI_OPENED_H
#define MIZAN_CLI_OPENED_H

#include "cli/command.h"
#include "db/db.h"
#include "run/environment.h"

struct mz_opened {
    struct mz_environment environment;
    struct mz_db *db;
    struct mz_arena *arena;
};

/* mz_opened_close is due after a failure too. */
MZ_NODISCARD enum mz_code mz_opened_open(struct mz_opened *opened,
                                         const struct mz_arguments *arguments,
                                         enum mz_db_mode mode, struct mz_error *error);
void mz_opened_close(struct mz_opened *opened);

/* The full id of the one figure whose id begins so: MZ_NOT_FOUND for none, MZ_USAGE for
 * several or for what is no beginning of an id. */
MZ_NODISCARD enum mz_code mz_find_figure(struct mz_opened *opened,
                                         const char *beginning, const char **id,
                                         struct mz_error *error);
/* The first row of a query as a map, MZ_NIL when there is none. */
MZ_NODISCARD enum mz_code mz_first(struct mz_opened *opened, const char *sql,
                                   const struct mizan_value *arguments, size_t count,
                                   struct mizan_value *row, struct mz_error *error);
/* A text member of a row, NULL when it is none. */
const char *mz_row_text(const struct mizan_value *row, const char *name);
int64_t mz_row_integer(const struct mizan_value *row, const char *name);

#endif
