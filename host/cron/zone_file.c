/* Names of zones and their files. */
#include "cron/zone_internal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

#define MOST_FILE  ((size_t)1 << 20)
#define MOST_NAMES 2048
#define MOST_DEPTH 3

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

static enum mz_code check_name(const char *name, struct mz_error *error)
{
    static const char form[] =
        "a zone is named like Europe/Berlin: area, slash, city; UTC is one too";
    size_t size = strlen(name);
    size_t good = strspn(name, letters);
    enum mz_code code = MZ_OK;
    if (size == 0) {
        code = mz_fail(error, MZ_CONFIGURATION, "the time zone has no name");
    } else if (size >= MZ_ZONE_NAME) {
        code = mz_fail(error, MZ_CONFIGURATION,
                       "the name of a time zone has at most %d bytes, this one %zu",
                       MZ_ZONE_NAME - 1, size);
    } else if (good < size) {
        char shown[5] = "";
        size_t length = mz_utf8_decode(name + good, size - good, NULL);
        memcpy(shown, length == 0 ? "?" : name + good, length == 0 ? 1 : length);
        code =
            mz_fail(error, MZ_CONFIGURATION,
                    "\"%s\" is no time zone: '%s' is in no zone's name", name, shown);
    } else if (name[0] == '/' || name[size - 1] == '/' || strstr(name, "//") != NULL) {
        code = mz_fail(error, MZ_CONFIGURATION,
                       "\"%s\" is no time zone: a path is not a name", name);
    }
    /* Names whose meaning is a machine's own, and files that count leap seconds. */
    if (code == MZ_OK &&
        (strcmp(name, "localtime") == 0 || strcmp(name, "posixrules") == 0 ||
         mz_starts_with(name, "right/"))) {
        code = mz_fail(error, MZ_CONFIGURATION, "\"%s\" is no time zone's name", name);
    }
    if (code != MZ_OK) {
        mz_error_help(error, "%s", form);
    }
    return code;
}

/* ---- the nearest name ---- */

struct names {
    char texts[MOST_NAMES][MZ_ZONE_NAME];
    const char *list[MOST_NAMES]; /* of them */
    size_t count;
};

/* Some file systems do not tell the kind with the name. */
static bool is_folder(const char *folder, const struct dirent *entry)
{
    char path[MZ_PATH];
    struct stat status;
    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    return mz_path_join(path, folder, entry->d_name) && stat(path, &status) == 0 &&
           S_ISDIR(status.st_mode);
}

static void add_folder(struct names *names, const char *root, const char *inner,
                       int depth)
{
    char path[MZ_PATH];
    if (!mz_path_join(path, root, inner)) {
        return;
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    struct dirent *entry;
    /* readdir on a stream of one's own is safe beside other threads (glibc). */
    while ((entry = readdir(folder)) != NULL) {
        char name[MZ_ZONE_NAME];
        const char *word = entry->d_name;
        if (strspn(word, letters) != strlen(word) || strcmp(word, "posix") == 0 ||
            strcmp(word, "right") == 0) {
            continue; /* copies of the whole tree; data files have a dot */
        }
        int size = snprintf(name, sizeof name, "%s%s%s", inner,
                            inner[0] == '\0' ? "" : "/", word);
        if (size < 0 || (size_t)size >= sizeof name) {
            continue;
        }
        if (is_folder(path, entry)) {
            if (depth < MOST_DEPTH) {
                add_folder(names, root, name, depth + 1);
            }
        } else if (names->count < MOST_NAMES) {
            char *text = names->texts[names->count];
            names->list[names->count++] = memcpy(text, name, (size_t)size + 1);
        }
    }
    closedir(folder);
}

bool mz_zone_nearest(const char *folder, const char *name, char out[MZ_ZONE_NAME])
{
    struct names *names = calloc(1, sizeof *names);
    const char *found = NULL;
    if (names == NULL) {
        return false;
    }
    add_folder(names, folder, "", 0);
    const char *city = strrchr(name, '/');
    for (size_t i = 0; i < names->count; i++) {
        const char *other = strrchr(names->list[i], '/');
        if (strcasecmp(names->list[i], name) == 0) {
            found = names->list[i];
            break;
        }
        /* The right city under another area, or alone. */
        if (other != NULL &&
            strcasecmp(other + 1, city == NULL ? name : city + 1) == 0) {
            found = names->list[i];
        }
    }
    if (found == NULL) {
        found = mz_nearest(name, names->list, names->count);
    }
    if (found != NULL) {
        memcpy(out, found, strlen(found) + 1);
    }
    free(names);
    return found != NULL;
}

static enum mz_code unknown(const char *folder, const char *name,
                            struct mz_error *error)
{
    char nearest[MZ_ZONE_NAME];
    char path[MZ_PATH];
    enum mz_code code = mz_fail(error, MZ_CONFIGURATION,
                                "there is no time zone \"%s\" in %s", name, folder);
    if (mz_zone_nearest(folder, name, nearest)) {
        mz_error_help(error, "did you mean %s?", nearest);
    } else if (!mz_path_join(path, folder, "UTC") || !mz_file_exists(path)) {
        mz_error_help(error, "install the package tzdata");
    } else {
        mz_error_help(error, "timedatectl list-timezones shows all; UTC is one");
    }
    return code;
}

/* ---- loading ---- */

/* The real file, which must lie in the folder: links in it may lead anywhere. */
static bool resolve(const char *folder, const char *name, char out[MZ_PATH])
{
    char path[MZ_PATH];
    char root[MZ_PATH];
    if (!mz_path_join(path, folder, name) || realpath(folder, root) == NULL ||
        realpath(path, out) == NULL) {
        return false;
    }
    size_t size = strlen(root);
    return strncmp(out, root, size) == 0 && out[size] == '/';
}

enum mz_code mz_zone_load(const char *folder, const char *name, struct mz_arena *arena,
                          const struct mz_zone **out, struct mz_error *error)
{
    static const struct mz_zone utc = {.name = "UTC"};
    char path[MZ_PATH];
    char *data = NULL;
    size_t size = 0;
    *out = NULL;
    folder = folder == NULL ? MZ_ZONE_FOLDER : folder;
    if (strcmp(name, utc.name) == 0) {
        *out = &utc;
        return MZ_OK;
    }
    enum mz_code code = check_name(name, error);
    if (code != MZ_OK) {
        return code;
    }
    if (!resolve(folder, name, path)) {
        return unknown(folder, name, error);
    }
    code = mz_file_read(path, MOST_FILE, &data, &size, error);
    if (code == MZ_INPUT) { /* a folder, or far too large: no zone */
        return unknown(folder, name, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    code = mz_zone_read(data, size, name, arena, out, error);
    free(data);
    return code;
}

void mz_zone_release(const char *folder, char out[16])
{
    char path[MZ_PATH];
    char line[64] = "";
    out[0] = '\0';
    FILE *file =
        mz_path_join(path, folder == NULL ? MZ_ZONE_FOLDER : folder, "tzdata.zi")
            ? fopen(path, "re")
            : NULL;
    if (file == NULL) {
        return;
    }
    if (fgets(line, sizeof line, file) != NULL &&
        sscanf(line, "# version %15[0-9a-z.-]", out) != 1) {
        out[0] = '\0';
    }
    fclose(file);
}
