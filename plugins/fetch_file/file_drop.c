#include "file_drop.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MOST 10000 /* files of one name in the folder `done` */

bool file_is_unfinished(const char *path)
{
    static const char *const endings[] = {".part", ".tmp", ".done"};
    size_t size = strlen(path);
    bool unfinished = false;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i]);
        unfinished = unfinished ||
                     (size > length && strcmp(path + size - length, endings[i]) == 0);
    }
    return unfinished;
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

bool file_stamp_read(const char *path, struct file_stamp *stamp)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return false;
    }
    stamp->size = (int64_t)info.st_size;
    stamp->modified = nanoseconds(info.st_mtim);
    stamp->changed = nanoseconds(info.st_ctim);
    return true;
}

bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->size == b->size && a->modified == b->modified && a->changed == b->changed;
}

/* By the time of change of the inode: whoever copies a file may set the other. */
bool file_has_settled(const struct file_stamp *stamp, int64_t settle)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(now) - stamp->changed >= settle * 1000000;
}

/* The rename survives a power loss once its folder is written. */
static void sync_folder(const char *path)
{
    char *copy = strdup(path);
    int folder =
        copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        (void)fsync(folder);
        (void)close(folder);
    }
    free(copy);
}

/* Never replaces: two files of one name may differ. */
static enum file_status move(const char *path, const char *target)
{
    char *name = NULL;
    int result = -1;
    for (int i = 0; i < NAMES_MOST && result != 0; i++) {
        free(name);
        int size = i == 0 ? asprintf(&name, "%s", target)
                          : asprintf(&name, "%s.%d", target, i);
        if (size < 0) {
            return FILE_NO_MEMORY;
        }
        result = renameat2(AT_FDCWD, path, AT_FDCWD, name, RENAME_NOREPLACE);
        if (result != 0 && errno != EEXIST) {
            break;
        }
    }
    int reason = errno;
    if (result == 0) {
        sync_folder(name);
        sync_folder(path);
    }
    free(name);
    errno = reason;
    return result == 0 || reason == ENOENT ? FILE_OK : FILE_ERROR;
}

static enum file_status move_into(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    char *target = NULL;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return FILE_ERROR;
    }
    if (asprintf(&target, "%s/%s", folder, slash == NULL ? path : slash + 1) < 0) {
        return FILE_NO_MEMORY;
    }
    enum file_status status = move(path, target);
    free(target);
    return status;
}

enum file_status file_finish(const char *path, enum file_after after, const char *done)
{
    char *target = NULL;
    switch (after) {
    case FILE_MOVE:
        return move_into(path, done);
    case FILE_MARK:
        if (asprintf(&target, "%s.done", path) < 0) {
            return FILE_NO_MEMORY;
        }
        break;
    case FILE_DELETE:
        return unlink(path) == 0 || errno == ENOENT ? FILE_OK : FILE_ERROR;
    case FILE_KEEP:
    default:
        return FILE_OK;
    }
    enum file_status status = move(path, target);
    free(target);
    return status;
}
