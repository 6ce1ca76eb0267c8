#include "base/secret.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

bool mz_secret_name_ok(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size >= MZ_SECRET_NAME || !isalpha((unsigned char)name[0])) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)name[i];
        if (!isalnum(byte) && byte != '-' && byte != '_') {
            return false;
        }
    }
    return true;
}

void mz_secret_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

/* Without the line end that editors leave. */
static void accept_text(char *out, size_t *size)
{
    while (*size > 0 && (out[*size - 1] == '\n' || out[*size - 1] == '\r')) {
        --*size;
    }
    out[*size] = '\0';
}

static enum mz_code read_open_file(int file, const char *path, bool own, char *out,
                                   size_t *size, struct mz_error *error)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        return mz_fail(error, MZ_CONFIGURATION, "%s is no regular file", path);
    }
    if (own && (status.st_uid != geteuid() || (status.st_mode & 0177) != 0)) {
        enum mz_code code = mz_fail(error, MZ_NOT_PERMITTED,
                                    "%s may be read or changed by others", path);
        mz_error_help(error, "make it yours alone: chmod 600 %s", path);
        return code;
    }
    size_t used = 0;
    while (used < MZ_SECRET_MOST + 1) {
        ssize_t count = read(file, out + used, MZ_SECRET_MOST + 1 - used);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return mz_fail_errno(error, MZ_IO, "%s cannot be read", path);
        }
        if (count == 0) {
            break;
        }
        used += (size_t)count;
    }
    if (used > MZ_SECRET_MOST) {
        return mz_fail(error, MZ_LIMIT, "%s is larger than %d bytes", path,
                       MZ_SECRET_MOST);
    }
    *size = used;
    accept_text(out, size);
    return MZ_OK;
}

/* MZ_NO_FILE: there is none at this place. */
static enum mz_code read_file(const char *folder, const char *name, bool own, char *out,
                              size_t *size, struct mz_error *error)
{
    char path[MZ_PATH];
    if (!mz_path_join(path, folder, name)) {
        return MZ_NO_FILE;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? MZ_NO_FILE
                   : mz_fail_errno(error, MZ_NOT_PERMITTED, "%s cannot be read", path);
    }
    enum mz_code code = read_open_file(file, path, own, out, size, error);
    close(file);
    return code;
}

static const char *variable_of(const char *name, char out[MZ_SECRET_NAME + 16])
{
    size_t used = (size_t)snprintf(out, MZ_SECRET_NAME + 16, "MIZAN_SECRET_");
    for (; *name != '\0'; name++) {
        out[used++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
    }
    out[used] = '\0';
    return out;
}

enum mz_code mz_secret_read(const char *name, const char *folder, char *out,
                            size_t *size, struct mz_error *error)
{
    char variable[MZ_SECRET_NAME + 16], own[MZ_PATH];
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    enum mz_code code = MZ_NO_FILE;
    *size = 0;
    if (!mz_secret_name_ok(name)) {
        return mz_fail(error, MZ_USAGE,
                       "'%.60s' cannot name a secret: letters, digits, '-' and '_', a "
                       "letter first",
                       name);
    }
    if (credentials != NULL && credentials[0] == '/') {
        code = read_file(credentials, name, false, out, size, error);
    }
    if (code == MZ_NO_FILE && mz_path_join(own, folder, "secrets")) {
        code = read_file(own, name, true, out, size, error);
    }
    const char *value = code == MZ_NO_FILE ? getenv(variable_of(name, variable)) : NULL;
    if (value != NULL && strlen(value) <= MZ_SECRET_MOST) {
        *size = strlen(value);
        memcpy(out, value, *size);
        accept_text(out, size);
        code = MZ_OK;
    }
    if (code == MZ_NO_FILE) {
        code = mz_fail(error, MZ_CONFIGURATION, "there is no secret '%s'", name);
        mz_error_help(
            error,
            "looked in $CREDENTIALS_DIRECTORY, %s/secrets (mode 0600) and the "
            "variable %s",
            folder, variable);
    } else if (code == MZ_OK && *size == 0) {
        code = mz_fail(error, MZ_CONFIGURATION, "the secret '%s' is empty", name);
    }
    if (code != MZ_OK) {
        mz_secret_wipe(out, MZ_SECRET_MOST + 1);
    }
    return code;
}
