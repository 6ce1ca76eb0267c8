/* Copies and checks of a database in SQLite. */
#include "db/care.h"
#include "db/sqlite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "value/record.h"

#define PAGES_AT_ONCE 2000
#define PAUSE         20 /* milliseconds, when the copy is locked */

static enum mz_code of_a_server(const struct mz_db *db, const char *what,
                                const char *instead, struct mz_error *error)
{
    mz_fail(error, MZ_USAGE, "%s lies on a server: %s", db->location, what);
    mz_error_help(error, "%s", instead);
    return MZ_USAGE;
}

/* ---- the copy ---- */

struct copy {
    struct mz_sqlite *from;
    sqlite3 *to;
    const char *path;
    char beside[MZ_PATH];
    bool made; /* the file beside */
    mz_progress progress;
    void *context;
};

static enum mz_code copy_failed(const struct copy *copy, struct mz_error *error)
{
    return mz_fail(error, MZ_IO, "%s cannot be written: %s", copy->beside,
                   sqlite3_errmsg(copy->to));
}

static enum mz_code copy_pages(struct copy *copy, struct mz_error *error)
{
    sqlite3_backup *backup =
        sqlite3_backup_init(copy->to, "main", copy->from->handle, "main");
    int result = backup == NULL ? SQLITE_ERROR : SQLITE_OK;
    while (result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED) {
        result = sqlite3_backup_step(backup, PAGES_AT_ONCE);
        if (copy->progress != NULL) {
            int all = sqlite3_backup_pagecount(backup);
            copy->progress(copy->context, all - sqlite3_backup_remaining(backup), all);
        }
        if (result == SQLITE_BUSY || result == SQLITE_LOCKED) {
            sqlite3_sleep(PAUSE);
        }
    }
    if (backup != NULL) {
        int end = sqlite3_backup_finish(backup);
        result = result == SQLITE_DONE ? end : result;
    }
    return result == SQLITE_OK ? MZ_OK : copy_failed(copy, error);
}

static int take_ok(void *context, int count, char **values, char **names)
{
    bool *ok = context;
    (void)names;
    *ok = count == 1 && values[0] != NULL && strcmp(values[0], "ok") == 0;
    return *ok ? 0 : 1;
}

/* One file without a log beside it, every page of it as it should be. */
static enum mz_code check_copy(struct copy *copy, struct mz_error *error)
{
    bool ok = false;
    if (sqlite3_exec(copy->to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) !=
        SQLITE_OK) {
        return copy_failed(copy, error);
    }
    (void)sqlite3_exec(copy->to, "PRAGMA integrity_check(1)", take_ok, &ok, NULL);
    if (!ok) {
        mz_fail(error, MZ_IO, "the copy of %s is damaged and was removed",
                copy->from->base.location);
        mz_error_help(error, "mizan doctor tells whether the database itself is");
        return MZ_IO;
    }
    return MZ_OK;
}

/* On disk, and under its name only if nobody took that meanwhile. */
static enum mz_code name_copy(const struct copy *copy, struct mz_error *error)
{
    char folder[MZ_PATH];
    int file = open(copy->beside, O_RDONLY | O_CLOEXEC);
    bool synced = file >= 0 && fsync(file) == 0;
    if (file >= 0) {
        close(file);
    }
    if (!synced) {
        return mz_fail_errno(error, MZ_IO, "%s cannot be written", copy->path);
    }
    if (link(copy->beside, copy->path) != 0) {
        return mz_fail_errno(error, MZ_CANNOT_CREATE, "%s cannot be created",
                             copy->path);
    }
    mz_path_folder(folder, copy->path);
    file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    synced = file >= 0 && fsync(file) == 0;
    if (file >= 0) {
        close(file);
    }
    return synced ? MZ_OK
                  : mz_fail_errno(error, MZ_IO, "the folder of %s cannot be synced",
                                  copy->path);
}

static enum mz_code make_copy(struct copy *copy, struct mz_error *error)
{
    int file =
        open(copy->beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return mz_fail_errno(error, MZ_CANNOT_CREATE, "%s cannot be created",
                             copy->path);
    }
    close(file);
    copy->made = true;
    if (sqlite3_open_v2(copy->beside, &copy->to,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        return copy_failed(copy, error);
    }
    /* A reader that stays open sees one moment: writers do not make it begin again. */
    bool reading =
        sqlite3_exec(copy->from->handle, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1",
                     NULL, NULL, NULL) == SQLITE_OK;
    enum mz_code code =
        reading ? copy_pages(copy, error)
                : mz_sqlite_fail(copy->from, sqlite3_errcode(copy->from->handle), NULL,
                                 error);
    if (sqlite3_get_autocommit(copy->from->handle) == 0) {
        (void)sqlite3_exec(copy->from->handle, "ROLLBACK", NULL, NULL, NULL);
    }
    return code == MZ_OK ? check_copy(copy, error) : code;
}

enum mz_code mz_db_backup(struct mz_db *db, const char *path, mz_progress progress,
                          void *context, struct mz_error *error)
{
    struct stat status;
    struct copy copy = {.path = path, .progress = progress, .context = context};
    if (db->engine != &mz_sqlite_engine) {
        return of_a_server(
            db, "it is not copied to a file from here",
            "pg_dump --format=custom copies it, pg_restore brings it back", error);
    }
    copy.from = (struct mz_sqlite *)db;
    if (lstat(path, &status) == 0) {
        mz_fail(error, MZ_CANNOT_CREATE, "there is a file %s already", path);
        mz_error_help(error, "a backup replaces nothing: name a new file");
        return MZ_CANNOT_CREATE;
    }
    int size =
        snprintf(copy.beside, sizeof copy.beside, "%s.%ld.tmp", path, (long)getpid());
    if (size < 0 || (size_t)size >= sizeof copy.beside) {
        return mz_fail(error, MZ_USAGE, "the name of the copy is too long");
    }
    enum mz_code code = make_copy(&copy, error);
    (void)sqlite3_close(copy.to);
    if (code == MZ_OK) {
        code = name_copy(&copy, error);
    }
    if (copy.made) {
        (void)unlink(copy.beside);
    }
    return code;
}

/* ---- damage ---- */

static enum mz_code add_references(struct mz_db *db, struct mz_arena *arena,
                                   struct mizan_value *items, size_t *count,
                                   struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code = mz_db_rows(db,
                                   "SELECT \"table\" AS name, parent, count(*) AS rows"
                                   " FROM pragma_foreign_key_check GROUP BY 1, 2",
                                   NULL, 0, arena, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *row = &rows.as.list.items[i];
        items[(*count)++] = mz_text(mz_arena_printf(
            arena, "%lld rows of %s refer to rows of %s that are not there",
            (long long)mz_map_member(row, "rows")->as.integer, mz_map_text(row, "name"),
            mz_map_text(row, "parent")));
    }
    return code;
}

enum mz_code mz_db_damage(struct mz_db *db, bool whole, struct mz_arena *arena,
                          struct mizan_value *sentences, struct mz_error *error)
{
    struct mizan_value rows;
    size_t count = 0;
    *sentences = (struct mizan_value){.type = MIZAN_LIST};
    if (db->engine != &mz_sqlite_engine) {
        return MZ_OK; /* the server looks after its own files */
    }
    enum mz_code code = mz_db_rows(
        db, whole ? "PRAGMA integrity_check(100)" : "PRAGMA quick_check(100)", NULL, 0,
        arena, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    struct mizan_value *items =
        mz_arena_alloc(arena, (rows.as.list.count + 256) * sizeof *items);
    if (items == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the check");
    }
    for (size_t i = 0; i < rows.as.list.count; i++) {
        const struct mizan_value *value = &rows.as.list.items[i].as.map.fields[0].value;
        if (!mz_value_is(value, "ok")) {
            items[count++] = *value;
        }
    }
    if (whole && count == 0) {
        code = add_references(db, arena, items, &count, error);
    }
    sentences->as.list.items = items;
    sentences->as.list.count = count;
    return code;
}

enum mz_code mz_db_shrink(struct mz_db *db, struct mz_error *error)
{
    return db->engine == &mz_sqlite_engine
               ? mz_db_execute(db, "VACUUM", NULL, 0, NULL, error)
               : of_a_server(db, "it gives room back by itself",
                             "autovacuum does it; VACUUM FULL does it now", error);
}
