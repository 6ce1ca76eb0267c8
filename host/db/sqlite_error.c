/* What went wrong in SQLite, in the words and codes of the error table. */
#include "db/sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MOST_TABLES 128

static void suggest_table(struct mz_sqlite *db, const char *wrong,
                          struct mz_error *error)
{
    const char *names[MOST_TABLES];
    size_t count = 0;
    uint64_t mark = mz_arena_mark(db->base.scratch);
    sqlite3_stmt *statement = NULL;
    const char *nearest;

    if (sqlite3_prepare_v2(
            db->handle, "SELECT name FROM sqlite_master WHERE type IN('table','view')",
            -1, &statement, NULL) != SQLITE_OK) {
        return;
    }
    while (count < MOST_TABLES && sqlite3_step(statement) == SQLITE_ROW) {
        names[count] = mz_arena_string(db->base.scratch,
                                       (const char *)sqlite3_column_text(statement, 0));
        count += names[count] != NULL ? 1 : 0;
    }
    (void)sqlite3_finalize(statement);
    nearest = mz_nearest(wrong, names, count);
    if (nearest != NULL) {
        mz_error_help(error, "did you mean '%s'?", nearest);
    }
    mz_arena_release(db->base.scratch, mark);
}

static enum mz_code fail_sql(struct mz_sqlite *db, const char *sql,
                             struct mz_error *error)
{
    static const char no_table[] = "no such table: ";
    const char *text = sqlite3_errmsg(db->handle);
    int offset = sqlite3_error_offset(db->handle);
    enum mz_code code = db->mode == MZ_DB_RESTRICTED ? MZ_INPUT : MZ_INTERNAL;
    char wrong[128] = "";

    if (mz_starts_with(text, no_table)) {
        (void)snprintf(wrong, sizeof wrong, "%s", text + sizeof no_table - 1);
    }
    if (offset < 0 || sql == NULL) {
        mz_fail(error, code, "in SQL: %s", text);
    } else {
        int line = 1, column = 1;

        for (int i = 0; i < offset && sql[i] != '\0'; i++) {
            line += sql[i] == '\n' ? 1 : 0;
            column = sql[i] == '\n' ? 1 : column + 1;
        }
        mz_fail(error, code, "in SQL, line %d, column %d: %s", line, column, text);
    }
    if (wrong[0] != '\0') {
        suggest_table(db, wrong, error);
    }
    return code;
}

static enum mz_code fail_disk(struct mz_sqlite *db, int result, struct mz_error *error)
{
    const char *path = db->base.location;
    const char *text = sqlite3_errmsg(db->handle);

    switch (result & 0xff) {
    case SQLITE_FULL:
        mz_fail(error, MZ_IO, "no space is left for the database %s", path);
        mz_error_help(error, "free some space; what was not committed is done again");
        return MZ_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        mz_fail(error, MZ_IO, "the database %s is damaged: %s", path, text);
        mz_error_help(
            error,
            "keep a copy, then restore a backup, or try `sqlite3 FILE .recover`");
        return MZ_IO;
    case SQLITE_READONLY:
        mz_fail(error, MZ_IO, "the database %s is read-only", path);
        mz_error_help(error, "its folder must be writable too");
        return MZ_IO;
    default:
        mz_fail(error, MZ_IO, "the database %s cannot be read or written: %s (%d)",
                path, text, result);
        mz_error_help(error, "look at the disk, and at the rights of file and folder");
        return MZ_IO;
    }
}

enum mz_code mz_sqlite_fail(struct mz_sqlite *db, int result, const char *sql,
                            struct mz_error *error)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        mz_fail(error, MZ_TRY_AGAIN, "the database %s is in use by another process",
                db->base.location);
        mz_error_help(error, "try again when it is done");
        return MZ_TRY_AGAIN;
    case SQLITE_NOMEM:
        return mz_fail(error, MZ_MEMORY, "no memory for a query");
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return mz_fail(error, MZ_INPUT, "%s", sqlite3_errmsg(db->handle));
    case SQLITE_TOOBIG:
        return mz_fail(error, MZ_LIMIT, "a value or a query is too large: %s",
                       sqlite3_errmsg(db->handle));
    case SQLITE_AUTH:
    case SQLITE_PERM:
        mz_fail(error, MZ_NOT_PERMITTED, "the query may not do that: %s",
                sqlite3_errmsg(db->handle));
        mz_error_help(error, "only reading is allowed here");
        return MZ_NOT_PERMITTED;
    case SQLITE_INTERRUPT:
        mz_fail(error, MZ_DEADLINE, "the query ran longer than %" PRId64 " ms",
                db->limit);
        mz_error_help(error, "ask for less, or give it more time");
        return MZ_DEADLINE;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return fail_disk(db, result, error);
    default:
        return fail_sql(db, sql, error);
    }
}
