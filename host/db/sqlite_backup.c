/* A copy of a database that is in use: whole, or not there. */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PAGES_A_STEP 1024
#define BUSY_PAUSE   10 /* milliseconds */

static int copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int result = SQLITE_OK;

    if (backup == NULL) {
        return sqlite3_errcode(to);
    }
    while (result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED) {
        result = sqlite3_backup_step(backup, PAGES_A_STEP);
        if (result == SQLITE_BUSY || result == SQLITE_LOCKED) {
            sqlite3_sleep(BUSY_PAUSE);
        }
    }
    (void)sqlite3_backup_finish(backup);
    return result;
}

static bool sync_file(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && fsync(file) == 0;

    if (file >= 0) {
        (void)close(file);
    }
    return good;
}

enum mz_code mz_sqlite_backup(struct mz_db *base, const char *path,
                              struct mz_error *error)
{
    struct mz_sqlite *db = (struct mz_sqlite *)base;
    char temporary[MZ_PATH + 8];
    sqlite3 *to = NULL;
    int file, result;
    enum mz_code code = MZ_OK;

    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    (void)unlink(temporary);
    file = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) {
        return mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot make the copy %s", path);
    }
    (void)close(file);
    result = sqlite3_open_v2(temporary, &to,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result == SQLITE_OK) {
        result = copy(db->handle, to);
    }
    if (result != SQLITE_DONE) {
        code = mz_fail(error, MZ_IO, "the database %s cannot be copied to %s: %s",
                       base->location, path, sqlite3_errstr(result));
    }
    (void)sqlite3_close_v2(to);
    if (code == MZ_OK && (!sync_file(temporary) || rename(temporary, path) != 0)) {
        code = mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot make the copy %s", path);
    }
    if (code != MZ_OK) {
        (void)unlink(temporary);
    }
    return code;
}

enum mz_code mz_sqlite_script(struct mz_db *base, const char *sql,
                              struct mz_error *error)
{
    struct mz_sqlite *db = (struct mz_sqlite *)base;
    int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return result == SQLITE_OK ? MZ_OK : mz_sqlite_fail(db, result, NULL, error);
}

enum mz_code mz_sqlite_mark_version(struct mz_db *base, int64_t version,
                                    struct mz_error *error)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", (int)version);
    return mz_sqlite_script(base, sql, error);
}
