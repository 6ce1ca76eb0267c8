/* What is decided about the file of a database before SQLite may touch it, and how a
 * new one comes into being: whole, by a link, or not at all. */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static bool write_all(int file, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(file, data, size);

        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        data += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

static void sync_folder(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (file >= 0) {
        /* Some file systems cannot sync a folder; the file itself is synced. */
        (void)fsync(file);
        (void)close(file);
    }
}

/* Gives the open, nameless or temporary file its name; someone else's file of that
 * name, made meanwhile, is left alone. */
static bool give_name(int file, const char *temporary, const char *path)
{
    char self[64];
    int flags = 0;

    if (temporary[0] == '\0') {
        (void)snprintf(self, sizeof self, "/proc/self/fd/%d", file);
        temporary = self;
        flags = AT_SYMLINK_FOLLOW;
    }
    return linkat(AT_FDCWD, temporary, AT_FDCWD, path, flags) == 0 || errno == EEXIST;
}

static int open_nameless(const char *folder)
{
    return open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

/* A log that a removed database left: SQLite would play it into the new one. It is
 * asked for before the database itself is looked at once more, since another process
 * may have made both meanwhile. */
static enum mz_code check_leftovers(const char *path, struct mz_error *error)
{
    static const char *const endings[] = {"-wal", "-journal"};
    char beside[MZ_PATH + 16];
    struct stat status;

    for (size_t i = 0; i < MZ_COUNT(endings); i++) {
        (void)snprintf(beside, sizeof beside, "%s%s", path, endings[i]);
        if (stat(beside, &status) == 0 && status.st_size > 0 && !mz_file_exists(path)) {
            mz_fail(error, MZ_INPUT, "there is no database %s, but the log of one: %s",
                    path, beside);
            mz_error_help(error, "bring back its database, or remove the log");
            return MZ_INPUT;
        }
    }
    return MZ_OK;
}

static enum mz_code create_file(const char *path, struct mz_error *error)
{
    char folder[MZ_PATH];
    char temporary[MZ_PATH + 32] = "";
    unsigned char *image = NULL;
    size_t size = 0;
    int file;
    enum mz_code code = check_leftovers(path, error);

    if (code == MZ_OK) {
        code = mz_sqlite_image(&image, &size, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    mz_path_folder(folder, path);
    file = open_nameless(folder);
    if (file < 0 && errno != ENOENT && errno != EACCES && errno != ENOTDIR) {
        (void)snprintf(temporary, sizeof temporary, "%s.new-%ld", path, (long)getpid());
        (void)unlink(temporary);
        file = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    }
    if (file < 0) {
        code =
            mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot make the database %s", path);
        mz_error_help(error, "make its folder first, or name another place with --db");
        goto done;
    }
    if (!write_all(file, image, size) || fsync(file) != 0 ||
        !give_name(file, temporary, path)) {
        code = mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot write the database %s",
                             path);
    }
    if (temporary[0] != '\0') {
        (void)unlink(temporary);
    }
    (void)close(file);
    sync_folder(folder);
done:
    mz_sqlite_image_free(image);
    return code;
}

static enum mz_code refuse_missing(const char *path, struct mz_error *error)
{
    mz_fail(error, MZ_NO_FILE, "there is no database %s", path);
    mz_error_help(error, "`mizan run` makes it; --db names another");
    return MZ_NO_FILE;
}

static enum mz_code check_kind(const char *path, const struct stat *status,
                               struct mz_error *error)
{
    if (S_ISDIR(status->st_mode)) {
        mz_fail(error, MZ_INPUT, "%s is a folder, not a database", path);
        mz_error_help(error, "name a file in it, such as %s/mizan.db", path);
        return MZ_INPUT;
    }
    if (!S_ISREG(status->st_mode)) {
        return mz_fail(error, MZ_INPUT, "%s is not a file", path);
    }
    if (status->st_size == 0) {
        mz_fail(error, MZ_INPUT, "%s is an empty file, not a database", path);
        mz_error_help(
            error,
            "remove it if nothing needs it: where no file is, a new database is made");
        return MZ_INPUT;
    }
    return MZ_OK;
}

enum mz_code mz_sqlite_prepare_file(const char *path, enum mz_db_mode mode,
                                    struct mz_error *error)
{
    struct stat status;
    enum mz_code code;

    if (stat(path, &status) != 0) {
        if (errno != ENOENT) {
            return mz_fail_errno(error, MZ_IO, "cannot look at the database %s", path);
        }
        if (mode != MZ_DB_CREATE) {
            return refuse_missing(path, error);
        }
        code = create_file(path, error);
        if (code != MZ_OK) {
            return code;
        }
        if (stat(path, &status) != 0) {
            return mz_fail_errno(error, MZ_IO, "cannot look at the database %s", path);
        }
    }
    code = check_kind(path, &status, error);
    if (code != MZ_OK) {
        return code;
    }
    /* The mode is asked too: root may write to what its owner locked. */
    if (mz_sqlite_writes(mode) &&
        ((status.st_mode & 0222) == 0 || access(path, W_OK) != 0)) {
        mz_fail(error, MZ_IO, "the database %s is read-only", path);
        mz_error_help(error, "give yourself the right to write to it: chmod u+w");
        return MZ_IO;
    }
    if (access(path, R_OK) != 0) {
        return mz_fail_errno(error, MZ_NOT_PERMITTED, "cannot read the database %s",
                             path);
    }
    return MZ_OK;
}
