#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic unsigned int temporaries; /* tells apart two writers of one process */

static enum mz_code write_all(int descriptor, const char *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t wrote = write(descriptor, data + done, size - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return MZ_IO;
        }
        done += (size_t)wrote;
    }
    return fsync(descriptor) == 0 ? MZ_OK : MZ_IO;
}

/* Keeps the mode of a file that is replaced; a new one gets what the umask leaves. */
static int open_beside(const char *path, char temporary[MZ_PATH])
{
    struct stat status;
    bool replaces = stat(path, &status) == 0;
    for (int attempt = 0; attempt < 100; attempt++) {
        int length = snprintf(temporary, MZ_PATH, "%s.%ld-%u.tmp", path, (long)getpid(),
                              atomic_fetch_add(&temporaries, 1U));
        if (length < 0 || length >= MZ_PATH) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int descriptor =
            open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (descriptor >= 0 && replaces &&
            fchmod(descriptor, status.st_mode & 07777) != 0) {
            close(descriptor);
            unlink(temporary);
            return -1;
        }
        if (descriptor >= 0 || errno != EEXIST) {
            return descriptor;
        }
    }
    return -1;
}

static int sync_folder(const char *path)
{
    char folder[MZ_PATH];
    mz_path_folder(folder, path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    int result = fsync(descriptor);
    close(descriptor);
    return result;
}

static enum mz_code replace(const char *path, const void *data, size_t size,
                            struct mz_error *error)
{
    char temporary[MZ_PATH];
    int descriptor = open_beside(path, temporary);
    if (descriptor < 0) {
        return mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot write '%s'", path);
    }
    enum mz_code code = write_all(descriptor, data, size);
    if (code != MZ_OK) {
        code = mz_fail_errno(error, MZ_IO, "cannot write '%s'", path);
    }
    if (close(descriptor) != 0 && code == MZ_OK) {
        code = mz_fail_errno(error, MZ_IO, "cannot write '%s'", path);
    }
    if (code == MZ_OK && rename(temporary, path) != 0) {
        code = mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot replace '%s'", path);
    }
    if (code != MZ_OK) {
        unlink(temporary);
        return code;
    }
    if (sync_folder(path) != 0) {
        return mz_fail_errno(error, MZ_IO, "cannot sync the folder of '%s'", path);
    }
    return MZ_OK;
}

/* A symbolic link is written through, not replaced. */
enum mz_code mz_file_write(const char *path, const void *data, size_t size,
                           struct mz_error *error)
{
    char *target = realpath(path, NULL);
    enum mz_code code = replace(target == NULL ? path : target, data, size, error);
    free(target);
    return code;
}

static enum mz_code create_one(const char *path, struct mz_error *error)
{
    struct stat status;
    if (mkdir(path, 0700) == 0) {
        return MZ_OK;
    }
    int number = errno;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return MZ_OK;
    }
    errno = number;
    return mz_fail_errno(error, MZ_CANNOT_CREATE, "cannot create the folder '%s'",
                         path);
}

enum mz_code mz_folder_create(const char *path, struct mz_error *error)
{
    char part[MZ_PATH];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) {
        return mz_fail(error, MZ_CANNOT_CREATE, "cannot create the folder '%s': %s",
                       path,
                       length == 0 ? "the name is empty" : "the name is too long");
    }
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        char kept = part[i];
        part[i] = '\0';
        enum mz_code code = create_one(part, error);
        part[i] = kept;
        if (code != MZ_OK) {
            return code;
        }
    }
    return MZ_OK;
}
