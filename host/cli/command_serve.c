/* `mizan serve`: where the project is and which database it has is found by a child,
 * since finding it runs mizan.lua; the scheduler itself runs no script. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/pipeline_files.h"
#include "run/environment.h"
#include "run/supervise.h"
#include "sched/serve.h"
#include "value/record.h"

#define MOST_RUNS     1000
#define MOST_LABELS   1024
#define DEFAULT_GRACE 30000

/* What the child finds, in memory that both see. */
struct place {
    char database[MZ_PATH], folder[MZ_PATH];
    char web[256]; /* where mizan.lua wants the dashboard */
    bool has_web;
};

struct finding {
    const struct mz_arguments *arguments;
    struct place *place;
};

/* web = "127.0.0.1:8780" in mizan.lua: the dashboard is wanted. */
static void find_web(const struct mz_project *project, struct place *place)
{
    const char *listen = mz_map_text(&project->all, "web");
    place->has_web = listen != NULL;
    snprintf(place->web, sizeof place->web, "%s", listen == NULL ? "" : listen);
}

static int find_child(void *argument, struct mz_activity *activity)
{
    struct finding *finding = argument;
    struct mz_environment environment;
    struct mz_error error;
    (void)activity;
    enum mz_code code =
        mz_environment_init(&environment, mz_operand(finding->arguments, 0),
                            mz_argument(finding->arguments, "db"), &error);
    if (code == MZ_OK) {
        code = mz_environment_prepare(&environment, &error);
        snprintf(finding->place->database, MZ_PATH, "%s", environment.database);
        snprintf(finding->place->folder, MZ_PATH, "%s", environment.project.folder);
        find_web(&environment.project, finding->place);
        mz_environment_finish(&environment);
    }
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

/* Runs of a project are started in its folder: a relative database moves with it. */
static bool make_absolute(struct place *place)
{
    static const char scheme[] = "sqlite:";
    char here[MZ_PATH], path[MZ_PATH];
    const char *file = place->database + sizeof scheme - 1;
    if (!mz_starts_with(place->database, scheme) || file[0] == '/') {
        return true;
    }
    if (getcwd(here, sizeof here) == NULL || !mz_path_join(path, here, file)) {
        return false;
    }
    int size = snprintf(place->database, MZ_PATH, "%s%s", scheme, path);
    return size > 0 && size < MZ_PATH;
}

/* ---- the pipelines ---- */

struct visiting {
    enum mz_code (*visit)(void *context, const char *path, struct mz_error *error);
    void *context;
};

static enum mz_code visit_absolute(void *context, const char *path,
                                   struct mz_error *error)
{
    const struct visiting *visiting = context;
    char absolute[MZ_PATH];
    /* One that was removed since it was listed is not there. */
    return realpath(path, absolute) == NULL
               ? MZ_OK
               : visiting->visit(visiting->context, absolute, error);
}

static enum mz_code visit_files(void *owner,
                                enum mz_code (*visit)(void *context, const char *path,
                                                      struct mz_error *error),
                                void *context, struct mz_error *error)
{
    const struct finding *finding = owner;
    struct visiting visiting = {visit, context};
    size_t count = mz_operand_count(finding->arguments);
    enum mz_code code = MZ_OK;
    if (count == 0) {
        return mz_pipeline_files(finding->place->folder, visit_absolute, &visiting,
                                 error);
    }
    for (size_t i = 0; i < count && code == MZ_OK; i++) {
        const char *path = mz_operand(finding->arguments, i);
        if (mz_ends_with(path, ".lua")) {
            code = visit_absolute(&visiting, path, error);
        } else {
            code = mz_pipeline_files(path, visit_absolute, &visiting, error);
        }
    }
    return code;
}

/* ---- the command ---- */

/* ",eu,gpu,"; empty: none. */
static bool read_labels(const struct mz_arguments *arguments, char out[MOST_LABELS])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *const *labels;
    size_t count = mz_argument_all(arguments, "label", &labels), used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(labels[i]);
        if (size == 0 || size > 64 || strspn(labels[i], letters) != size ||
            used + size + 3 > MOST_LABELS) {
            return false;
        }
        used += (size_t)snprintf(out + used, MOST_LABELS - used, "%s%s,",
                                 i == 0 ? "," : "", labels[i]);
    }
    return true;
}

static bool read_settings(const struct mz_arguments *arguments,
                          char labels[MOST_LABELS], struct mz_serve_settings *settings)
{
    struct mz_error error;
    const char *grace = mz_argument(arguments, "grace");
    if (!read_labels(arguments, labels)) {
        mz_fail(&error, MZ_USAGE,
                "--label takes a word of letters, digits, . _ -, and "
                "may be repeated");
        mz_error_print(&error, stderr);
        return false;
    }
    settings->grace = DEFAULT_GRACE;
    settings->port = -1;
    settings->deliver = mz_argument(arguments, "no-deliver") == NULL;
    settings->web = mz_argument(arguments, "web");
    settings->labels = labels;
    if (!mz_argument_number(arguments, "max-runs",
                            (int64_t)sysconf(_SC_NPROCESSORS_ONLN) * 2,
                            &settings->most_runs) ||
        !mz_argument_number(arguments, "metrics", -1, &settings->port)) {
        return false;
    }
    if (settings->most_runs < 1 || settings->most_runs > MOST_RUNS) {
        mz_fail(&error, MZ_USAGE, "--max-runs is from 1 to %d", MOST_RUNS);
    } else if (settings->port > 65535) {
        mz_fail(&error, MZ_USAGE, "--metrics takes a port, at most 65535");
    } else if (grace != NULL && !mz_parse_duration(grace, &settings->grace)) {
        mz_fail(&error, MZ_USAGE, "--grace takes a time like 30s, not '%s'", grace);
    } else {
        return true;
    }
    mz_error_print(&error, stderr);
    return false;
}

static bool operands_exist(const struct mz_arguments *arguments)
{
    struct mz_error error;
    for (size_t i = 0; i < mz_operand_count(arguments); i++) {
        const char *path = mz_operand(arguments, i);
        if (!mz_file_exists(path)) {
            mz_fail(&error, MZ_NO_FILE, "there is no folder or file %s", path);
            mz_error_print(&error, stderr);
            return false;
        }
    }
    return true;
}

int mz_command_serve(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.wall_limit = 60000};
    struct mz_serve_settings settings = {.files = visit_files};
    char labels[MOST_LABELS];
    if (!read_settings(arguments, labels, &settings)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (!operands_exist(arguments)) {
        return mz_exit_status(MZ_NO_FILE);
    }
    struct place *place = mmap(NULL, sizeof *place, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) {
        struct mz_error error;
        mz_fail(&error, MZ_MEMORY, "not enough memory to start");
        return mz_command_fail(&error);
    }
    struct finding finding = {arguments, place};
    int status = mz_supervise(find_child, &finding, &supervision);
    if (status == 0 && make_absolute(place)) {
        settings.database = place->database;
        settings.folder = place->folder;
        settings.owner = &finding;
        settings.web =
            settings.web == NULL && place->has_web ? place->web : settings.web;
        status = mz_serve(&settings);
    }
    munmap(place, sizeof *place);
    return status;
}
