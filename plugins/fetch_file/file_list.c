#include "fetch_file.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool add_path(struct file_list *list, const char *folder, const char *name)
{
    char **longer = realloc(list->paths, (list->count + 1) * sizeof *longer);
    if (longer == NULL) {
        return false;
    }
    list->paths = longer;
    char *path = NULL;
    if (folder == NULL) {
        path = strdup(name);
    } else if (asprintf(&path, "%s/%s", folder, name) < 0) {
        path = NULL;
    }
    if (path == NULL) {
        return false;
    }
    list->paths[list->count++] = path;
    return true;
}

static bool is_regular(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static int compare_paths(const void *a, const void *b)
{
    const char *const *first = a;
    const char *const *second = b;
    return strcmp(*first, *second);
}

/* Keeps the regular files of the list. */
static void keep_files(struct file_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (is_regular(list->paths[i])) {
            list->paths[kept++] = list->paths[i];
        } else {
            free(list->paths[i]);
        }
    }
    list->count = kept;
    if (kept > 1) {
        qsort(list->paths, kept, sizeof *list->paths, compare_paths);
    }
}

static enum file_status list_folder(const char *path, struct file_list *list)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return FILE_ERROR;
    }
    enum file_status status = FILE_OK;
    for (;;) {
        errno = 0;
        /* Safe as long as each thread has a handle of its own. */
        const struct dirent *entry =
            readdir(folder); /* NOLINT(concurrency-mt-unsafe) */
        if (entry == NULL) {
            status = errno == 0 ? FILE_OK : FILE_ERROR;
            break;
        }
        if (entry->d_name[0] != '.' && !add_path(list, path, entry->d_name)) {
            status = FILE_NO_MEMORY;
            break;
        }
    }
    int reason = errno;
    (void)closedir(folder);
    errno = reason;
    return status;
}

static enum file_status list_pattern(const char *pattern, struct file_list *list)
{
    glob_t found = {.gl_pathc = 0};
    enum file_status status = FILE_OK;
    /* Unsafe only where "~" is expanded. */
    int result =
        glob(pattern, GLOB_NOSORT, NULL, &found); /* NOLINT(concurrency-mt-unsafe) */
    if (result != 0) {
        return result == GLOB_NOMATCH
                   ? FILE_ABSENT
                   : (result == GLOB_NOSPACE ? FILE_NO_MEMORY : FILE_ERROR);
    }
    for (size_t i = 0; i < found.gl_pathc && status == FILE_OK; i++) {
        status = add_path(list, NULL, found.gl_pathv[i]) ? FILE_OK : FILE_NO_MEMORY;
    }
    globfree(&found);
    return status;
}

enum file_status file_list_make(const char *path, struct file_list *list)
{
    struct stat info;
    enum file_status status = FILE_OK;
    memset(list, 0, sizeof *list);
    if (stat(path, &info) == 0) {
        list->from_many = S_ISDIR(info.st_mode);
        if (list->from_many) {
            status = list_folder(path, list);
        } else if (!add_path(list, NULL, path)) {
            status = FILE_NO_MEMORY;
        }
    } else if (errno != ENOENT && errno != ENOTDIR) {
        status = FILE_ERROR;
    } else if (strpbrk(path, "*?[") == NULL) {
        status = FILE_ABSENT;
    } else {
        list->from_many = true;
        status = list_pattern(path, list);
    }
    if (status == FILE_OK && list->from_many) {
        keep_files(list);
        status = list->count == 0 ? FILE_ABSENT : FILE_OK;
    }
    if (status != FILE_OK) {
        int reason = errno;
        file_list_finish(list);
        errno = reason;
    }
    return status;
}

void file_list_finish(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->paths[i]);
    }
    free(list->paths);
    memset(list, 0, sizeof *list);
}
