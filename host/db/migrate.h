/* Bringing a home database up to the program's schema: forward alone, step by step, and
 * within a major version only by adding, so that older programs go on working on it. */
#ifndef MIZAN_DB_MIGRATE_H
#define MIZAN_DB_MIGRATE_H

#include "base/file.h"
#include "db/db.h"

/* What brings a schema from the version before to `version`: a file of migrations/. */
struct mz_migration {
    int64_t version;
    const char *name, *sql;
};
/* Those that are compiled in, in the order of their versions. */
size_t mz_migrations(const struct mz_migration **steps);

struct mz_migrated {
    int64_t from, to; /* versions; the same: nothing was to be done */
    size_t first;     /* of the steps due; those up to the last */
    size_t count;
    char backup[MZ_PATH]; /* where the database was copied to before; empty: not */
};
/* Runs the steps that are due, each in a transaction of its own, after a copy of an
 * SQLite file to FILE.before-VERSION. With `plan` it only tells what it would do. A
 * database of a newer major version is MZ_CONFIGURATION; one that others migrate just
 * now is waited for. When a step fails, those before it stay done. */
MZ_NODISCARD enum mz_code mz_migrate(const char *url, const struct mz_migration *steps,
                                     size_t count, bool plan, struct mz_migrated *out,
                                     struct mz_error *error);
/* MZ_INTERNAL when the SQL does more than add tables, columns, indexes, views and rows.
 */
MZ_NODISCARD enum mz_code mz_migration_check(const struct mz_migration *step,
                                             struct mz_error *error);

#endif
