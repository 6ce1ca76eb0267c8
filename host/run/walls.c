#include "run/walls.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "value/record.h"

#define MIB ((rlim_t)1 << 20)
#define GIB ((rlim_t)1 << 30)
/* Open files of a run: sources, libraries, the database and its log. */
#define MOST_FILES 4096
/* A file of a run, the database among them. */
#define MOST_FILE_SIZE (64 * GIB)
/* Address space, of which threads and the allocator reserve much more than they use:
 * the machine's memory within these bounds, and what the script may use on top. */
#define LEAST_SPACE (4 * GIB)
#define MOST_SPACE  (16 * GIB)
/* Processor seconds of a run without a limit of its own. */
#define MOST_PROCESSOR_SECONDS 86400

/* Set by sanitizers, which need more memory and calls than any list has. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

/* What stands, for the whole process: walls cannot be taken down. */
static struct {
    char text[256];
    bool begun, raised; /* by this process, whose walls can only grow */
    bool lowered, files, filter, network;
} walls = {.text = "none"};

const char *mz_walls_text(void)
{
    return walls.text;
}

bool mz_walls_lowered(void)
{
    return walls.lowered;
}

/* ---- limits ---- */

/* Never above what was inherited. */
static void limit(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0) {
        return;
    }
    hard = now.rlim_max < hard ? now.rlim_max : hard;
    soft = soft < hard ? soft : hard;
    now.rlim_cur = now.rlim_cur < soft ? now.rlim_cur : soft;
    now.rlim_max = hard;
    (void)setrlimit((__rlimit_resource_t)resource, &now);
}

static bool is_sanitized(void)
{
    return __asan_init != NULL || __tsan_init != NULL;
}

static void limit_space(const struct mz_pipeline *pipeline)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long size = sysconf(_SC_PAGESIZE);
    rlim_t space = pages > 0 && size > 0 ? (rlim_t)pages * (rlim_t)size : LEAST_SPACE;
    space = space < LEAST_SPACE ? LEAST_SPACE : space;
    space = space > MOST_SPACE ? MOST_SPACE : space;
    space += pipeline->memory;
    if (!is_sanitized()) {
        limit(RLIMIT_AS, space, space);
    }
}

/* All processors may be at work all of the time that the run has. */
static void limit_processor(const struct mz_pipeline *pipeline)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    rlim_t seconds = MOST_PROCESSOR_SECONDS;
    if (pipeline->run_time > 0) {
        seconds = (rlim_t)(pipeline->run_time / 1000 + 2) *
                  (rlim_t)(processors > 0 ? processors : 1);
    }
    limit(RLIMIT_CPU, seconds, seconds + 5);
}

void mz_walls_begin(void)
{
    walls.begun = true;
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_NOFILE, MOST_FILES, MOST_FILES);
    limit(RLIMIT_FSIZE, MOST_FILE_SIZE, MOST_FILE_SIZE);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* ---- files ---- */

/* The resolver's file by name too: it may be a link that leads out of /etc. */
static const char *const system_folders[] = {"/usr",
                                             "/lib",
                                             "/lib64",
                                             "/lib32",
                                             "/bin",
                                             "/sbin",
                                             "/etc",
                                             "/etc/resolv.conf",
                                             "/proc",
                                             "/sys/devices",
                                             "/sys/fs/cgroup",
                                             "/run/systemd/resolve",
                                             "/run/resolvconf",
                                             "/run/NetworkManager",
                                             "/run/nscd",
                                             "/var/lib/ca-certificates",
                                             "/opt",
                                             "/nix/store",
                                             "/dev/urandom",
                                             "/dev/random"};
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty",
                                      "/dev/shm"};
/* Folders and files that the system's libraries are told of. */
static const char *const variables[] = {
    "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",          "CURL_CA_BUNDLE",
    "TZDIR",           "ICU_DATA",      "CREDENTIALS_DIRECTORY", "MIZAN_PLUGIN_PATH"};

static void allow_list(struct mz_landlock *landlock, const char *list)
{
    char path[MZ_PATH];
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":");
        if (length > 0 && length < sizeof path) {
            memcpy(path, list, length);
            path[length] = '\0';
            mz_landlock_allow(landlock, path, MZ_ACCESS_READ);
        }
        list += length + (list[length] == ':');
    }
}

/* The folder of a path that may not exist yet: the nearest one above that does. */
static void allow_folder_of(struct mz_landlock *landlock, const char *path,
                            enum mz_landlock_access access)
{
    char folder[MZ_PATH];
    char above[MZ_PATH];
    struct stat status;
    mz_path_folder(folder, path);
    while (stat(folder, &status) != 0 && strcmp(folder, "/") != 0 &&
           strcmp(folder, ".") != 0) {
        mz_path_folder(above, folder);
        memcpy(folder, above, sizeof folder);
    }
    mz_landlock_allow(landlock, folder, access);
}

/* A path that a stage reads: a file, a folder, or a pattern below one. */
static void allow_source(struct mz_landlock *landlock, const char *path)
{
    char start[MZ_PATH];
    size_t length = strcspn(path, "*?[");
    if (path[length] == '\0') {
        mz_landlock_allow(landlock, path, MZ_ACCESS_READ);
        return;
    }
    if (length < sizeof start) {
        memcpy(start, path, length);
        start[length] = '\0';
        mz_path_folder(start, start[0] == '\0' ? "." : start);
        mz_landlock_allow(landlock, start, MZ_ACCESS_READ);
    }
}

static void allow_path(struct mz_landlock *landlock, const struct mizan_value *value,
                       bool store)
{
    if (value->type == MIZAN_LIST) {
        for (size_t i = 0; i < value->as.list.count; i++) {
            allow_path(landlock, &value->as.list.items[i], store);
        }
    } else if (value->type == MIZAN_TEXT &&
               strcmp(mz_path_name(value->as.text.data), "-") == 0) {
        return; /* FOLDER/-, made of "-": standard output, which is open */
    } else if (value->type == MIZAN_TEXT && store) {
        allow_folder_of(landlock, value->as.text.data, MZ_ACCESS_WRITE);
    } else if (value->type == MIZAN_TEXT) {
        allow_source(landlock, value->as.text.data);
    }
}

/* fetch.file of a drop folder: files are moved, marked or deleted once they are stored.
 */
static bool takes_files_away(const struct mz_stage *stage)
{
    const struct mizan_value *after = mz_option(stage->options, "after");
    return strcmp(mz_plugin_label(stage->plugin), "fetch.file") == 0 && after != NULL &&
           after->type == MIZAN_TEXT && !mz_value_is(after, "keep");
}

/* The stage's plugin with its data, and the paths among its options. */
static void allow_stage(struct mz_landlock *landlock, const struct mz_stage *stage)
{
    char real[PATH_MAX];
    struct mz_schema schema = mz_plugin_schema(stage->plugin);
    const char *path = mz_plugin_path(stage->plugin);
    allow_folder_of(landlock, realpath(path, real) == NULL ? path : real,
                    MZ_ACCESS_READ);
    bool writes = mz_stage_is_store(stage) || takes_files_away(stage);
    bool database = strcmp(mz_plugin_label(stage->plugin), "fetch.sql") == 0;
    for (size_t i = 0; i < schema.count; i++) {
        struct mizan_option option = mz_schema_option(&schema, i);
        const struct mizan_value *value = mz_option(stage->options, option.name);
        if (option.type == MIZAN_OPTION_PATH && value != NULL) {
            allow_path(landlock, value, writes);
        }
        /* SQLite reads files that it keeps beside its own. */
        if (database && option.type == MIZAN_OPTION_PATH && value != NULL &&
            value->type == MIZAN_TEXT) {
            allow_folder_of(landlock, value->as.text.data, MZ_ACCESS_READ);
        }
    }
}

/* True for a file that begins like a script, and for the interpreters of such: what
 * they start are programs of the system. */
static bool starts_others(const char *path)
{
    static const char *const shells[] = {"sh",      "bash", "dash", "env",
                                         "python3", "perl", "awk",  "make"};
    const char *name = mz_path_name(path);
    char head[2] = "";
    FILE *file;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(name, shells[i]) == 0) {
            return true;
        }
    }
    file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    bool script = fread(head, 1, 2, file) == 2 && head[0] == '#' && head[1] == '!';
    (void)fclose(file);
    return script;
}

static void allow_file(struct mz_landlock *landlock, const char *path)
{
    static const char *const program_folders[] = {"/usr/bin", "/bin", "/usr/lib",
                                                  "/lib"};
    mz_landlock_allow(landlock, path, MZ_ACCESS_RUN);
    for (size_t i = 0;
         starts_others(path) && i < sizeof program_folders / sizeof program_folders[0];
         i++) {
        mz_landlock_allow(landlock, program_folders[i], MZ_ACCESS_RUN);
    }
}

/* An allowed program: itself, wherever PATH has it, and what it needs to start. */
static void allow_program(struct mz_landlock *landlock, const char *name)
{
    char path[MZ_PATH];
    const char *list = getenv("PATH");
    allow_file(landlock, name);
    while (strchr(name, '/') == NULL && list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":");
        int wrote = snprintf(path, sizeof path, "%.*s/%s", (int)length, list, name);
        if (wrote > 0 && (size_t)wrote < sizeof path) {
            allow_file(landlock, path);
        }
        list += length + (list[length] == ':');
    }
}

static void allow_programs(struct mz_landlock *landlock,
                           const struct mz_project *project)
{
    /* The loader, and interpreters of programs that are scripts. */
    static const char *const starters[] = {"/lib64/ld-linux-x86-64.so.2",
                                           "/lib/ld-linux-aarch64.so.1",
                                           "/bin/sh",
                                           "/usr/bin/env",
                                           "/usr/bin/python3",
                                           "/usr/bin/perl"};
    if (project->program_count == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof starters / sizeof starters[0]; i++) {
        mz_landlock_allow(landlock, starters[i], MZ_ACCESS_RUN);
    }
    for (size_t i = 0; i < project->program_count; i++) {
        allow_program(landlock, project->programs[i]);
    }
}

/* Folders that the project names for its runs: reads, writes. */
static void allow_named(struct mz_landlock *landlock, const struct mz_project *project,
                        const char *key, enum mz_landlock_access access)
{
    char path[MZ_PATH];
    const struct mizan_value *list = mz_map_member(&project->all, key);
    for (size_t i = 0;
         list != NULL && list->type == MIZAN_LIST && i < list->as.list.count; i++) {
        const struct mizan_value *item = &list->as.list.items[i];
        if (item->type == MIZAN_TEXT &&
            mz_path_join(path, project->folder, item->as.text.data)) {
            mz_landlock_allow(landlock, path, access);
        }
    }
}

/* Passwords and certificates of libpq, where they are by default or as it is told. */
static void allow_server_files(struct mz_landlock *landlock)
{
    static const char *const names[] = {"PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR",
                                        "PGSSLCERT",  "PGSSLKEY",      "PGSSLROOTCERT",
                                        "PGSSLCRL"};
    static const char *const files[] = {".pgpass", ".pg_service.conf", ".postgresql"};
    char path[MZ_PATH];
    const char *home = getenv("HOME");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        allow_list(landlock, getenv(names[i]));
    }
    for (size_t i = 0; home != NULL && i < sizeof files / sizeof files[0]; i++) {
        if (mz_path_join(path, home, files[i])) {
            mz_landlock_allow(landlock, path, MZ_ACCESS_READ);
        }
    }
}

static void allow_database(struct mz_landlock *landlock, const char *url)
{
    static const char scheme[] = "sqlite:";
    char folder[MZ_PATH];
    const char *path = mz_starts_with(url, scheme) ? url + sizeof scheme - 1 : url;
    if (strstr(path, "://") != NULL) {
        allow_server_files(landlock);
        return;
    }
    allow_folder_of(landlock, path, MZ_ACCESS_WRITE);
    /* Where SQLite sorts what does not fit into memory. */
    mz_path_folder(folder, path);
    (void)setenv("SQLITE_TMPDIR", folder, 0);
}

static void raise_files(const struct mz_walls_settings *settings)
{
    const struct mz_environment *environment = settings->environment;
    const struct mz_pipeline *pipeline = settings->pipeline;
    char program[MZ_PATH];
    int version = 0;
    struct mz_landlock *landlock = mz_landlock_create(&version);
    if (landlock == NULL) {
        walls.lowered = true;
        mz_log(MZ_LOG_INFO, NULL,
               "this kernel has no Landlock: files are kept by their modes alone");
        return;
    }
    for (size_t i = 0; i < sizeof system_folders / sizeof system_folders[0]; i++) {
        mz_landlock_allow(landlock, system_folders[i], MZ_ACCESS_READ);
    }
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        mz_landlock_allow(landlock, devices[i], MZ_ACCESS_WRITE);
    }
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        allow_list(landlock, getenv(variables[i]));
    }
    if (mz_program_folder(program)) {
        mz_landlock_allow(landlock, program, MZ_ACCESS_READ);
    }
    mz_landlock_allow(landlock, environment->project.folder, MZ_ACCESS_READ);
    for (size_t i = 0; i < pipeline->file_count; i++) {
        allow_folder_of(landlock, pipeline->files[i], MZ_ACCESS_READ);
    }
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        if (pipeline->stages[i].plugin != NULL) {
            allow_stage(landlock, &pipeline->stages[i]);
        }
    }
    if (settings->input != NULL) {
        mz_landlock_allow(landlock, settings->input, MZ_ACCESS_READ);
    }
    allow_database(landlock, environment->database);
    if (environment->project.raw_folder != NULL) {
        mz_landlock_allow(landlock, environment->project.raw_folder, MZ_ACCESS_WRITE);
    }
    allow_named(landlock, &environment->project, "reads", MZ_ACCESS_READ);
    allow_named(landlock, &environment->project, "writes", MZ_ACCESS_WRITE);
    allow_programs(landlock, &environment->project);
    walls.files = mz_landlock_enforce(landlock);
    walls.lowered = walls.lowered || !walls.files;
    snprintf(walls.text, sizeof walls.text, walls.files ? "landlock %d" : "no landlock",
             version);
}

/* ---- system calls ---- */

/* Whether anything of the pipeline may ask another machine. */
static bool needs_network(const struct mz_walls_settings *settings)
{
    const struct mz_pipeline *pipeline = settings->pipeline;
    const char *url = settings->environment->database;
    bool needs = settings->network || strstr(url, "://") != NULL;
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const struct mz_stage *stage = &pipeline->stages[i];
        if (stage->plugin == NULL) {
            /* Of what a script brings only a source has ctx.http. */
            needs = needs || stage->kind == MZ_STAGE_SOURCE;
            continue;
        }
        const struct mizan_plugin *plugin = mz_plugin_descriptor(stage->plugin);
        needs = needs || (plugin->kind != MIZAN_KIND_EXTRACT &&
                          (plugin->flags & MIZAN_PLUGIN_OFFLINE) == 0);
    }
    return needs;
}

static void raise_filter(const struct mz_walls_settings *settings)
{
    struct mz_filter_settings filter = {
        .network = needs_network(settings),
        .programs = settings->environment->project.program_count > 0};
    size_t used = strlen(walls.text);
    walls.network = filter.network;
    if (!is_sanitized()) {
        walls.filter = mz_filter_enforce(&filter);
        walls.lowered = walls.lowered || !walls.filter;
    }
    snprintf(walls.text + used, sizeof walls.text - used, "%s%s%s",
             walls.filter ? ", seccomp" : ", no seccomp",
             filter.network ? ", network" : ", offline",
             is_sanitized() ? ", lowered for a sanitizer" : "");
}

/* ---- what was kept away ---- */

void mz_walls_explain(struct mz_error *error)
{
    if (error->help[0] != '\0') {
        return;
    }
    if (walls.files && strstr(error->message, "Permission denied") != NULL) {
        mz_error_help(
            error, "if the file's mode lets this user, it lies outside the walls of "
                   "the run: name its folder in mizan.lua, reads = { \"FOLDER\" } or "
                   "writes = { \"FOLDER\" }");
    } else if (walls.filter &&
               strstr(error->message, "Operation not permitted") != NULL) {
        mz_error_help(
            error,
            "the walls of the run kept a system call away%s; walls = \"off\" in "
            "mizan.lua takes them down",
            walls.network ? ""
                          : " (no stage needs the network, so it has "
                            "none)");
    }
}

/* Where only the sentence is kept (dead letters, sources), it must say it itself. */
static void explain_failure(struct mz_error *error)
{
    static const char hint[] = " (outside the walls of the run?)";
    size_t used = strlen(error->message);
    bool denied = walls.files && strstr(error->message, "Permission denied") != NULL;
    bool kept =
        walls.filter && strstr(error->message, "Operation not permitted") != NULL;
    if ((denied || kept) && used + sizeof hint <= sizeof error->message &&
        strstr(error->message, hint) == NULL) {
        memcpy(error->message + used, hint, sizeof hint);
    }
    mz_walls_explain(error);
}

/* ---- all together ---- */

static bool is_off(const struct mz_environment *environment)
{
    const char *variable = getenv("MIZAN_WALLS");
    const char *by = NULL;
    if (variable != NULL && strcmp(variable, "off") == 0) {
        by = "MIZAN_WALLS";
    } else if (mz_value_is(mz_map_member(&environment->project.all, "walls"), "off")) {
        by = "mizan.lua";
    }
    if (by != NULL) {
        snprintf(walls.text, sizeof walls.text, "off (%s)", by);
        walls.lowered = true;
    }
    return by != NULL;
}

enum mz_code mz_walls_raise(const struct mz_walls_settings *settings,
                            struct mz_error *error)
{
    const char *variable = getenv("MIZAN_WALLS");
    if (!walls.begun || walls.raised) {
        return MZ_OK; /* a test of pipelines, which runs many in one process */
    }
    walls.raised = true;
    if (variable != NULL && variable[0] != '\0' && strcmp(variable, "on") != 0 &&
        strcmp(variable, "off") != 0) {
        mz_fail(error, MZ_CONFIGURATION, "MIZAN_WALLS is '%s'", variable);
        mz_error_help(error, "it is on (the default) or off");
        return MZ_CONFIGURATION;
    }
    limit_processor(settings->pipeline);
    if (is_off(settings->environment)) {
        mz_log(MZ_LOG_INFO, NULL, "the walls of this run are %s", walls.text);
        return MZ_OK;
    }
    limit_space(settings->pipeline);
    walls.text[0] = '\0';
    raise_files(settings);
    raise_filter(settings);
    mz_set_failure_hook(explain_failure);
    mz_log(MZ_LOG_DEBUG, NULL, "the walls of this run: %s", walls.text);
    return MZ_OK;
}
