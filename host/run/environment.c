#include "run/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/quarantine.h"
#include "value/record.h"

#define MOST_PLUGIN_FOLDERS 64

/* Where `cmake --install` puts plugins, seen from the folder of the program. */
#ifndef MIZAN_INSTALLED_PLUGINS
#define MIZAN_INSTALLED_PLUGINS "../lib/mizan/plugins"
#endif

static bool use_file(char *out, const char *folder)
{
    char path[MZ_PATH];
    if (!mz_path_join(path, folder, "mizan.db")) {
        return false;
    }
    return snprintf(out, MZ_PATH, "sqlite:%s", path) < MZ_PATH;
}

/* $STATE_DIRECTORY (the first of its folders), $XDG_DATA_HOME/mizan or its default. */
static const char *data_folder(struct mz_arena *arena)
{
    const char *state = getenv("STATE_DIRECTORY");
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (state != NULL && state[0] != '\0') {
        return mz_arena_copy(arena, state, strcspn(state, ":"));
    }
    if (data != NULL && data[0] == '/') {
        return mz_arena_printf(arena, "%s/mizan", data);
    }
    return home != NULL && home[0] == '/'
               ? mz_arena_printf(arena, "%s/.local/share/mizan", home)
               : NULL;
}

static enum mz_code default_database(struct mz_environment *environment,
                                     struct mz_error *error)
{
    char project[MZ_PATH];
    const char *folder = environment->project.folder;
    environment->database_reason = "default: beside mizan.lua";
    if (!mz_path_join(project, folder, "mizan.lua") || !mz_file_exists(project)) {
        environment->database_reason = "default: no mizan.lua, the data folder";
        folder = environment->data_folder = data_folder(environment->arena);
    }
    if (folder == NULL) {
        mz_fail(error, MZ_CONFIGURATION, "no place for the database is known");
        mz_error_help(error, "give one with --db sqlite:PATH or MIZAN_DB");
        return MZ_CONFIGURATION;
    }
    if (!use_file(environment->database, folder)) {
        return mz_fail(error, MZ_CONFIGURATION, "the folder %s has too long a name",
                       folder);
    }
    return MZ_OK;
}

enum mz_code mz_environment_prepare(const struct mz_environment *environment,
                                    struct mz_error *error)
{
    const char *raw = environment->project.raw_folder;
    enum mz_code code = environment->data_folder == NULL
                            ? MZ_OK
                            : mz_folder_create(environment->data_folder, error);
    return code != MZ_OK || raw == NULL ? code : mz_folder_create(raw, error);
}

static enum mz_code find_database(struct mz_environment *environment, const char *given,
                                  struct mz_error *error)
{
    const char *variable = getenv("MIZAN_DB");
    const char *url = given;
    environment->database_reason = "--db";
    if (url == NULL && variable != NULL && variable[0] != '\0') {
        url = variable;
        environment->database_reason = "MIZAN_DB";
    }
    if (url == NULL && environment->project.database != NULL) {
        url = environment->project.database;
        environment->database_reason = "mizan.lua";
    }
    if (url == NULL) {
        return default_database(environment, error);
    }
    int length = snprintf(environment->database, sizeof environment->database, "%s%s",
                          strchr(url, ':') == NULL ? "sqlite:" : "", url);
    if (length < 0 || (size_t)length >= sizeof environment->database) {
        return mz_fail(error, MZ_CONFIGURATION,
                       "the database's address (%s) is too long",
                       environment->database_reason);
    }
    return MZ_OK;
}

static const char *plugin_folder_of_program(struct mz_arena *arena)
{
    char *program = mz_arena_alloc(arena, MZ_PATH);
    if (program == NULL || !mz_program_folder(program)) {
        return NULL;
    }
    const char *beside = mz_arena_printf(arena, "%s/plugins", program);
    if (beside != NULL && access(beside, F_OK) == 0) {
        return beside;
    }
    return mz_arena_printf(arena, "%s/" MIZAN_INSTALLED_PLUGINS, program);
}

static enum mz_code find_plugins(struct mz_environment *environment,
                                 struct mz_error *error)
{
    const char *folders[MOST_PLUGIN_FOLDERS];
    size_t count = 0;
    const char *variable = getenv("MIZAN_PLUGIN_PATH");
    if (variable != NULL && variable[0] != '\0') {
        char *rest = mz_arena_string(environment->arena, variable);
        char *save = NULL;
        char *part = rest == NULL ? NULL : strtok_r(rest, ":", &save);
        for (; part != NULL && count < MOST_PLUGIN_FOLDERS - 2;
             part = strtok_r(NULL, ":", &save)) {
            folders[count++] = part;
        }
    }
    const struct mz_project *project = &environment->project;
    for (size_t i = 0; i < project->plugin_count && count < MOST_PLUGIN_FOLDERS - 1;
         i++) {
        folders[count++] = project->plugins[i];
    }
    const char *own = plugin_folder_of_program(environment->arena);
    if (own != NULL) {
        folders[count++] = own;
    }
    environment->registry = mz_registry_create(folders, count);
    if (environment->registry == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the plugins");
    }
    return MZ_OK;
}

enum mz_code mz_environment_init(struct mz_environment *environment, const char *from,
                                 const char *database, struct mz_error *error)
{
    char folder[MZ_PATH];
    memset(environment, 0, sizeof *environment);
    environment->arena = mz_arena_create((size_t)64 << 20);
    if (environment->arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory to start");
    }
    mz_project_find(from == NULL ? "." : from, folder);
    enum mz_code code =
        mz_project_load(folder, environment->arena, &environment->project, error);
    const struct mizan_value *crashes =
        mz_map_member(&environment->project.all, "crashes");
    environment->crash_limit = crashes != NULL && crashes->type == MIZAN_INTEGER
                                   ? crashes->as.integer
                                   : MZ_MOST_CRASHES;
    const struct mizan_value *threads =
        mz_map_member(&environment->project.all, "threads");
    if (threads != NULL && threads->type == MIZAN_INTEGER) {
        environment->threads = threads->as.integer;
    }
    if (code == MZ_OK) {
        code = find_database(environment, database, error);
    }
    if (code == MZ_OK) {
        code = find_plugins(environment, error);
    }
    if (code != MZ_OK) {
        mz_environment_finish(environment);
    }
    return code;
}

void mz_environment_finish(struct mz_environment *environment)
{
    mz_registry_destroy(environment->registry);
    mz_arena_destroy(environment->arena);
    memset(environment, 0, sizeof *environment);
}
