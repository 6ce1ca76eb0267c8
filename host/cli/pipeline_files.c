#include "cli/pipeline_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define MOST_SCRIPT ((size_t)1 << 20)

typedef enum mz_code (*visitor)(void *context, const char *path,
                                struct mz_error *error);

static int is_script(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && mz_ends_with(entry->d_name, ".lua");
}

/* Pipelines are the files that make one; tests, data and mizan.lua are not. */
static bool is_pipeline(const char *path)
{
    char *text;
    size_t size;
    struct mz_error error;
    if (strcmp(mz_path_name(path), "mizan.lua") == 0 ||
        mz_ends_with(path, "_test.lua") ||
        mz_file_read(path, MOST_SCRIPT, &text, &size, &error) != MZ_OK) {
        return false;
    }
    bool makes_one = strstr(text, "mizan.pipeline") != NULL;
    free(text);
    return makes_one;
}

static enum mz_code visit_folder(const char *folder, visitor visit, void *context,
                                 struct mz_error *error)
{
    struct dirent **entries = NULL;
    char path[MZ_PATH];
    int count = scandir(folder, &entries, is_script, alphasort);
    enum mz_code code = MZ_OK;
    if (count < 0 && errno != ENOENT) {
        return mz_fail_errno(error, MZ_IO, "the folder %s cannot be read", folder);
    }
    for (int i = 0; i < count; i++) {
        if (code == MZ_OK && mz_path_join(path, folder, entries[i]->d_name) &&
            is_pipeline(path)) {
            code = visit(context, path, error);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

enum mz_code mz_pipeline_files(const char *folder, visitor visit, void *context,
                               struct mz_error *error)
{
    char pipelines[MZ_PATH];
    enum mz_code code = visit_folder(folder, visit, context, error);
    if (code == MZ_OK && mz_path_join(pipelines, folder, "pipelines")) {
        code = visit_folder(pipelines, visit, context, error);
    }
    return code;
}

struct search {
    char quoted[2][256];
    char *path;
    int found;
};

static enum mz_code look(void *context, const char *path, struct mz_error *error)
{
    struct search *search = context;
    char *text;
    size_t size;
    enum mz_code code = mz_file_read(path, MOST_SCRIPT, &text, &size, error);
    if (code != MZ_OK) {
        return code;
    }
    if (strstr(text, search->quoted[0]) != NULL ||
        strstr(text, search->quoted[1]) != NULL) {
        snprintf(search->path, MZ_PATH, "%s", path);
        search->found++;
    }
    free(text);
    return MZ_OK;
}

enum mz_code mz_find_pipeline(const char *folder, const char *name, char *path,
                              struct mz_error *error)
{
    struct search search = {.path = path};
    snprintf(search.quoted[0], sizeof search.quoted[0], "\"%s\"", name);
    snprintf(search.quoted[1], sizeof search.quoted[1], "'%s'", name);
    enum mz_code code = mz_pipeline_files(folder, look, &search, error);
    if (code != MZ_OK || search.found == 1) {
        return code;
    }
    if (search.found == 0) {
        code = mz_fail(error, MZ_NOT_FOUND, "no file of %s makes the pipeline '%s'",
                       folder, name);
    } else {
        code = mz_fail(error, MZ_USAGE, "%d files of %s speak of the pipeline '%s'",
                       search.found, folder, name);
    }
    mz_error_help(error, "name it: --file FILE");
    return code;
}
