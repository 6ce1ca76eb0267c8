#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MZ_READ_FIRST ((size_t)16 * 1024)

static enum mz_code open_code(int number)
{
    if (number == ENOENT || number == ENOTDIR) {
        return MZ_NO_FILE;
    }
    return number == EACCES || number == EPERM ? MZ_NOT_PERMITTED : MZ_IO;
}

/* Reads to the end, since the size of a file in /proc or of a pipe is not known. One
 * byte more than allowed is asked for, to notice a file that is too large. */
static enum mz_code read_all(int descriptor, const char *path, size_t most, char **data,
                             size_t *size, struct mz_error *error)
{
    size_t capacity = most < MZ_READ_FIRST ? most + 1 : *size + 1;
    size_t used = 0;
    char *bytes = malloc(capacity + 1);
    while (bytes != NULL) {
        if (used == capacity) {
            size_t larger = capacity > most / 2 ? most + 1 : capacity * 2;
            char *grown = realloc(bytes, larger + 1);
            if (grown == NULL) {
                break;
            }
            bytes = grown;
            capacity = larger;
        }
        ssize_t got = read(descriptor, bytes + used, capacity - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            free(bytes);
            return mz_fail_errno(error, MZ_IO, "cannot read '%s'", path);
        }
        used += (size_t)got;
        if (used > most) {
            free(bytes);
            return mz_fail(error, MZ_INPUT, "'%s' is larger than %zu bytes", path,
                           most);
        }
        if (got == 0) {
            bytes[used] = '\0';
            *data = bytes;
            *size = used;
            return MZ_OK;
        }
    }
    free(bytes);
    return mz_fail(error, MZ_MEMORY, "not enough memory to read '%s'", path);
}

enum mz_code mz_file_read(const char *path, size_t most, char **data, size_t *size,
                          struct mz_error *error)
{
    *data = NULL;
    *size = 0;
    if (most > SIZE_MAX - 2) {
        most = SIZE_MAX - 2;
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return mz_fail_errno(error, open_code(errno), "cannot open '%s'", path);
    }
    struct stat status;
    enum mz_code code = MZ_OK;
    size_t expected = MZ_READ_FIRST;
    if (fstat(descriptor, &status) != 0) {
        code = mz_fail_errno(error, MZ_IO, "cannot read '%s'", path);
    } else if (S_ISDIR(status.st_mode)) {
        code = mz_fail(error, MZ_INPUT, "'%s' is a folder, not a file", path);
    } else if (S_ISREG(status.st_mode) && (uintmax_t)status.st_size > most) {
        code = mz_fail(error, MZ_INPUT, "'%s' is larger than %zu bytes", path, most);
    } else {
        if (status.st_size > 0) {
            expected = (size_t)status.st_size;
        }
        code = read_all(descriptor, path, most, data, &expected, error);
        *size = code == MZ_OK ? expected : 0;
    }
    close(descriptor);
    return code;
}

bool mz_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool mz_path_join(char out[MZ_PATH], const char *folder, const char *name)
{
    size_t before = folder == NULL || name[0] == '/' ? 0 : strlen(folder);
    size_t slash = before > 0 && folder[before - 1] != '/' ? 1 : 0;
    size_t length = strlen(name);
    if (before >= MZ_PATH || length >= MZ_PATH || before + slash + length >= MZ_PATH) {
        out[0] = '\0';
        return false;
    }
    if (before > 0) {
        memmove(out, folder, before);
    }
    if (slash == 1) {
        out[before] = '/';
    }
    memcpy(out + before + slash, name, length + 1);
    return true;
}

void mz_path_folder(char out[MZ_PATH], const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length -= 1;
    }
    while (length > 0 && path[length - 1] != '/') {
        length -= 1;
    }
    while (length > 1 && path[length - 1] == '/') {
        length -= 1;
    }
    if (length == 0 || length >= MZ_PATH) {
        out[0] = '.';
        out[1] = '\0';
        return;
    }
    memmove(out, path, length);
    out[length] = '\0';
}

const char *mz_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool mz_program_folder(char out[MZ_PATH])
{
    char program[MZ_PATH];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0 || (size_t)length >= sizeof program - 1) {
        out[0] = '\0';
        return false;
    }
    program[length] = '\0';
    mz_path_folder(out, program);
    return true;
}
