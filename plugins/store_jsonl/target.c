#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_PAUSE 10000000 /* nanoseconds between two tries */
#define ERROR_TEXT 128

/* Space and quotas come back; the rest does not by itself. */
static int32_t status_of(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EINTR || error == EAGAIN
               ? MIZAN_ERROR_TRANSIENT
               : MIZAN_ERROR_FAILED;
}

static int32_t fail(const struct mizan_host *host, mizan_task *task, const char *what,
                    const char *path, int error)
{
    char buffer[ERROR_TEXT];
    return host->fail(task, status_of(error), "%s %s: %s", what, path,
                      strerror_r(error, buffer, sizeof(buffer)));
}

static bool is_dash(struct mizan_slice path)
{
    /* A path option is made absolute by the host: "-" arrives as FOLDER/- */
    return path.size > 0 && path.data[path.size - 1] == '-' &&
           (path.size == 1 || path.data[path.size - 2] == '/');
}

int32_t target_open(const struct mizan_host *host, mizan_task *task,
                    struct mizan_slice path, bool append, struct target *target)
{
    bool dash = is_dash(path);
    struct stat facts;
    target->descriptor = -1;
    target->path = dash ? strdup("standard output") : strndup(path.data, path.size);
    if (target->path == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    target->descriptor =
        dash ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
             : open(target->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    if (target->descriptor < 0 || fstat(target->descriptor, &facts) != 0) {
        int error = errno;
        int32_t status =
            error == ELOOP && !dash
                ? host->fail(
                      task, MIZAN_ERROR_FAILED,
                      "cannot open %s: it is a symbolic link, which store.jsonl does "
                      "not follow; give the path it points to",
                      target->path)
            : error == ENOENT && !dash
                ? host->fail(task, MIZAN_ERROR_OPTION,
                             "cannot open %s: the folder that it is to stand in is not "
                             "there; make it, or give another path",
                             target->path)
                : fail(host, task, "cannot open", target->path, error);
        target_close(target);
        return status;
    }
    target->regular = !dash && S_ISREG(facts.st_mode);
    if (target->regular && !append && ftruncate(target->descriptor, 0) != 0) {
        int32_t status = fail(host, task, "cannot empty", target->path, errno);
        target_close(target);
        return status;
    }
    return MIZAN_OK;
}

void target_close(struct target *target)
{
    if (target->descriptor >= 0) {
        close(target->descriptor);
    }
    free(target->path);
    target->descriptor = -1;
    target->path = NULL;
}

static int32_t lock(const struct mizan_host *host, mizan_task *task,
                    const struct target *target)
{
    while (flock(target->descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail(host, task, "cannot lock", target->path, errno);
        }
        if (host->cancelled(task)) {
            return MIZAN_ERROR_CANCELLED;
        }
        if (host->remaining(task) <= 0) {
            return host->fail(task, MIZAN_ERROR_TRANSIENT,
                              "%s stays locked by another writer", target->path);
        }
        struct timespec pause = {0, LOCK_PAUSE};
        nanosleep(&pause, NULL);
    }
    return MIZAN_OK;
}

/* Offset behind the last newline before `size`, 0 when there is none, -1 on failure. */
static off_t whole_lines(int descriptor, off_t size)
{
    char block[4096];
    while (size > 0) {
        size_t want = size < (off_t)sizeof(block) ? (size_t)size : sizeof(block);
        ssize_t got = pread(descriptor, block, want, size - (off_t)want);
        if (got != (ssize_t)want) {
            return -1;
        }
        const char *newline = memrchr(block, '\n', want);
        if (newline != NULL) {
            return size - (off_t)want + (newline - block) + 1;
        }
        size -= (off_t)want;
    }
    return 0;
}

/* Cuts off a torn last line; *size becomes the length of whole lines. */
static int32_t mend(const struct mizan_host *host, mizan_task *task,
                    const struct target *target, off_t *size)
{
    off_t whole = whole_lines(target->descriptor, *size);
    if (whole == *size) {
        return MIZAN_OK;
    }
    if (whole < 0 || ftruncate(target->descriptor, whole) != 0) {
        return fail(host, task, "cannot cut off the torn last line of", target->path,
                    errno);
    }
    host->log(task, MIZAN_LOG_WARNING,
              "%s ended in the middle of a line: %lld bytes were cut off", target->path,
              (long long)(*size - whole));
    *size = whole;
    return MIZAN_OK;
}

/* 0, or the errno of the write that failed. */
static int write_all(int descriptor, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, data, size);
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        data += written; /* a short write: the next one says why, or goes on */
        size -= (size_t)written;
    }
    return 0;
}

static int32_t write_locked(const struct mizan_host *host, mizan_task *task,
                            const struct target *target, const char *data, size_t size)
{
    struct stat facts;
    if (fstat(target->descriptor, &facts) != 0) {
        return fail(host, task, "cannot look at", target->path, errno);
    }
    off_t before = facts.st_size;
    int32_t status = mend(host, task, target, &before);
    if (status != MIZAN_OK) {
        return status;
    }
    const char *what = "cannot write to";
    int error = write_all(target->descriptor, data, size);
    if (error == 0 && fsync(target->descriptor) != 0) {
        what = "cannot sync";
        error = errno;
    }
    if (error == 0) {
        return MIZAN_OK;
    }
    if (ftruncate(target->descriptor, before) != 0) {
        host->log(task, MIZAN_LOG_ERROR,
                  "%s could not be cut back to %lld bytes: it ends in a torn line that "
                  "the next write removes",
                  target->path, (long long)before);
    }
    return fail(host, task, what, target->path, error);
}

int32_t target_write(const struct mizan_host *host, mizan_task *task,
                     const struct target *target, const char *data, size_t size)
{
    if (!target->regular) {
        int error = write_all(target->descriptor, data, size);
        return error == 0 ? MIZAN_OK
                          : fail(host, task, "cannot write to", target->path, error);
    }
    int32_t status = lock(host, task, target);
    if (status == MIZAN_OK) {
        status = write_locked(host, task, target, data, size);
        flock(target->descriptor, LOCK_UN);
    }
    return status;
}
