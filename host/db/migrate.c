#include "db/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "db/engine.h"
#include "value/record.h"

/* Made by CMakeLists.txt of migrations/; a last entry without SQL. */
extern const struct mz_migration mz_migration_files[];

size_t mz_migrations(const struct mz_migration **steps)
{
    size_t count = 0;

    *steps = mz_migration_files;
    while (mz_migration_files[count].sql != NULL) {
        count++;
    }
    return count;
}

/* ---- only adding ---- */

static const char *skip_remarks(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n;");
        if (at[0] != '-' || at[1] != '-') {
            return at;
        }
        at += strcspn(at, "\n");
    }
}

static bool begins_with(const char *at, const char *words)
{
    return strncasecmp(at, words, strlen(words)) == 0;
}

/* A statement that adds; a view may be made anew, since it holds nothing. */
static bool adds(const char *at)
{
    static const char *const beginnings[] = {
        "CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ",
        "CREATE VIEW ",  "DROP VIEW ",    "INSERT INTO ",
        "UPDATE "};
    size_t end = strcspn(at, ";");

    for (size_t i = 0; i < MZ_COUNT(beginnings); i++) {
        if (begins_with(at, beginnings[i])) {
            return true;
        }
    }
    if (!begins_with(at, "ALTER TABLE ")) {
        return false;
    }
    for (size_t i = 0; i < end; i++) {
        if (begins_with(at + i, " ADD COLUMN ")) {
            return true;
        }
    }
    return false;
}

/* A statement ends where a line ends with a semicolon. */
static const char *next_statement(const char *at)
{
    const char *end = strstr(at, ";\n");

    return end == NULL ? at + strlen(at) : end + 1;
}

enum mz_code mz_migration_check(const struct mz_migration *step, struct mz_error *error)
{
    for (const char *at = skip_remarks(step->sql); *at != '\0';
         at = skip_remarks(next_statement(at))) {
        if (!adds(at)) {
            return mz_fail(error, MZ_INTERNAL,
                           "the migration %s does not only add: %.*s", step->name,
                           (int)strcspn(at, "\n"), at);
        }
    }
    return MZ_OK;
}

/* ---- the steps ---- */

static bool take_version(void *context, const struct mz_row *row)
{
    *(int64_t *)context = row->values[0].as.integer;
    return false;
}

static enum mz_code read_version(struct mz_db *db, int64_t *version,
                                 struct mz_error *error)
{
    return mz_db_query(db, "SELECT COALESCE(max(version), 0) FROM schema_version", NULL,
                       0, take_version, version, error);
}

static enum mz_code write_version(struct mz_db *db, int64_t version,
                                  struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_integer(version), mz_time(mz_db_now(db)),
                                            mz_text(MIZAN_VERSION)};
    enum mz_code code =
        mz_db_execute(db,
                      "INSERT INTO schema_version(version, applied_at, host_version)"
                      " VALUES($1, $2, $3)",
                      arguments, MZ_COUNT(arguments), NULL, error);

    return code == MZ_OK && db->engine->mark_version != NULL
               ? db->engine->mark_version(db, version, error)
               : code;
}

/* In a transaction that excludes other migrations: by then it may be done. */
static enum mz_code apply(struct mz_db *db, const struct mz_migration *step,
                          struct mz_error *error)
{
    int64_t version = 0;
    enum mz_code code =
        mz_db_execute(db, "UPDATE fence SET epoch = epoch", NULL, 0, NULL, error);

    if (code == MZ_OK) {
        code = read_version(db, &version, error);
    }
    if (code != MZ_OK || version >= step->version) {
        return code;
    }
    code = db->engine->script(db, step->sql, error);
    if (code != MZ_OK) {
        mz_error_prefix(error, "migration %s", step->name);
    }
    return code == MZ_OK ? write_version(db, step->version, error) : code;
}

static enum mz_code run_step(struct mz_db *db, const struct mz_migration *step,
                             struct mz_error *error)
{
    enum mz_code code = mz_migration_check(step, error);

    if (code == MZ_OK) {
        code = mz_db_begin(db, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    code = apply(db, step, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

static enum mz_code back_up(struct mz_db *db, struct mz_migrated *out,
                            struct mz_error *error)
{
    int length;

    if (db->engine->backup == NULL) {
        return MZ_OK;
    }
    length = snprintf(out->backup, sizeof out->backup, "%s.before-%" PRId64,
                      db->location, out->from);
    if (length < 0 || (size_t)length >= sizeof out->backup) {
        return mz_fail(error, MZ_CANNOT_CREATE, "the copy of %s has too long a name",
                       db->location);
    }
    return db->engine->backup(db, out->backup, error);
}

static void find_due(const struct mz_migration *steps, size_t count,
                     struct mz_migrated *out)
{
    out->to = out->from;
    for (size_t i = 0; i < count; i++) {
        if (steps[i].version > out->from) {
            out->first = out->count == 0 ? i : out->first;
            out->count++;
            out->to = steps[i].version;
        }
    }
}

enum mz_code mz_migrate(const char *url, const struct mz_migration *steps, size_t count,
                        bool plan, struct mz_migrated *out, struct mz_error *error)
{
    struct mz_db *db = NULL;
    enum mz_code code = mz_db_open(url, MZ_DB_MIGRATE, &db, error);

    memset(out, 0, sizeof *out);
    if (code == MZ_OK) {
        code = read_version(db, &out->from, error);
    }
    if (code == MZ_OK) {
        find_due(steps, count, out);
    }
    if (code == MZ_OK && !plan && out->count > 0) {
        code = back_up(db, out, error);
        for (size_t i = 0; i < out->count && code == MZ_OK; i++) {
            code = run_step(db, &steps[out->first + i], error);
        }
    }
    mz_db_close(db);
    return code;
}
