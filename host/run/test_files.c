/* `mizan test`: finds test files, runs each in a watched child, prints a line a case
 * and counts them. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "run/pipeline_test.h"
#include "run/supervise.h"
#include "value/json.h"

#define CASE_CEILING ((size_t)512 << 20)
/* CPU milliseconds of a case, the runs in it included. */
#define CASE_TIME  120000
#define MOST_FILES 10000
#define MOST_DEPTH 16

/* Shared with the child that runs a file. */
struct tally {
    int passed, failed;
    bool finished; /* all cases of the file were run */
};

struct file_run {
    const struct mz_test_settings *settings;
    const char *file;
    char scratch[MZ_PATH];
    struct tally *tally;
};

/* ---- a file, in its child ---- */

static void print_case(const struct file_run *run, const struct mz_test_case *test,
                       const struct mz_error *failure)
{
    struct mz_buffer out;
    if (!run->settings->json) {
        printf("  %s  %s\n", failure == NULL ? "ok  " : "FAIL", test->name);
        fflush(stdout);
        if (failure != NULL) {
            mz_error_print(failure, stderr);
        }
        return;
    }
    mz_buffer_init(&out, (size_t)1 << 20);
    mz_buffer_text(&out, "{\"v\":1,\"file\":");
    mz_json_text(&out, run->file, strlen(run->file));
    mz_buffer_text(&out, ",\"case\":");
    mz_json_text(&out, test->name, strlen(test->name));
    mz_buffer_printf(&out, ",\"ok\":%s", failure == NULL ? "true" : "false");
    if (failure != NULL) {
        mz_buffer_printf(&out, ",\"line\":%d,\"message\":", failure->line);
        mz_json_text(&out, failure->message, strlen(failure->message));
    }
    printf("%s}\n", mz_buffer_ok(&out) ? out.data : "{\"ok\":false");
    mz_buffer_finish(&out);
}

static bool is_wanted(const struct file_run *run, const struct mz_test_case *test)
{
    return run->settings->filter == NULL ||
           strstr(test->name, run->settings->filter) != NULL;
}

static enum mz_code run_cases(struct file_run *run, struct mz_lua *lua,
                              struct mz_error *error)
{
    const struct mz_test_case *cases;
    size_t count;
    struct mz_arena *arena = mz_arena_create(CASE_CEILING);
    struct mz_arena *kept = mz_arena_create(CASE_CEILING);
    enum mz_code code =
        arena == NULL || kept == NULL
            ? mz_fail(error, MZ_MEMORY, "not enough memory for a test")
            : mz_lua_load_test(lua, run->file, kept, &cases, &count, error);
    if (code == MZ_OK && count == 0) {
        code = mz_fail(error, MZ_SCRIPT, "%s has no case", run->file);
        mz_error_help(error, "a case is t.case(\"what it shows\", function() … end)");
    }
    for (size_t i = 0; code == MZ_OK && i < count && mz_cancel_signal() == 0; i++) {
        struct mz_error failure;
        if (!is_wanted(run, &cases[i])) {
            continue;
        }
        bool good = mz_lua_run_case(lua, i, CASE_TIME, arena, &failure) == MZ_OK;
        print_case(run, &cases[i], good ? NULL : &failure);
        *(good ? &run->tally->passed : &run->tally->failed) += 1;
        mz_arena_reset(arena);
    }
    mz_arena_destroy(arena);
    mz_arena_destroy(kept);
    return code;
}

static enum mz_code run_file(struct file_run *run, struct mz_activity *activity,
                             struct mz_error *error)
{
    char folder[MZ_PATH], project[MZ_PATH];
    struct mz_lua *lua = NULL;
    mz_path_folder(folder, run->file);
    mz_project_find(folder, project);
    struct mz_pipeline_tester *tester =
        mz_pipeline_tester_create(run->settings, activity, folder, run->scratch);
    if (tester == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a test");
    }
    struct mz_lua_settings settings = {.folder = project,
                                       .tester = mz_pipeline_tester_functions(tester)};
    enum mz_code code = mz_lua_create(&settings, &lua, error);
    if (code == MZ_OK) {
        code = run_cases(run, lua, error);
    }
    mz_lua_destroy(lua);
    mz_pipeline_tester_destroy(tester);
    return code;
}

static int file_child(void *argument, struct mz_activity *activity)
{
    struct file_run *run = argument;
    struct mz_error error;
    /* What a run logs is its test's to check; MIZAN_LOG shows it. */
    if (getenv("MIZAN_LOG") == NULL) {
        mz_log_setup(MZ_LOG_NONE, MZ_LOG_HUMAN);
    }
    enum mz_code code = run_file(run, activity, &error);
    if (code != MZ_OK) {
        mz_error_print(&error, stderr);
        return mz_child_status(code);
    }
    run->tally->finished = true;
    return mz_cancel_signal() == 0 ? 0 : mz_child_status(MZ_CANCELLED);
}

/* ---- all files, in the parent ---- */

static int remove_entry(const char *path, const struct stat *status, int kind,
                        struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

static int run_watched(struct file_run *run)
{
    const struct mz_supervision supervision = {.orderly = true};
    const char *base = getenv("TMPDIR");
    snprintf(run->scratch, sizeof run->scratch, "%.3000s/mizan-test.XXXXXX",
             base == NULL || base[0] == '\0' ? "/tmp" : base);
    if (mkdtemp(run->scratch) == NULL) {
        struct mz_error error;
        (void)mz_fail_errno(&error, MZ_CANNOT_CREATE, "%s cannot be made",
                            run->scratch);
        mz_error_print(&error, stderr);
        run->tally->failed++;
        return mz_exit_status(MZ_CANNOT_CREATE);
    }
    if (!run->settings->json) {
        printf("%s\n", run->file);
        fflush(stdout);
    }
    run->tally->finished = false;
    int status = mz_supervise(file_child, run, &supervision);
    if (!run->tally->finished) {
        run->tally->failed++;
    }
    (void)nftw(run->scratch, remove_entry, MOST_DEPTH, FTW_DEPTH | FTW_PHYS);
    return status;
}

/* nftw has no argument: the files that it found. */
static struct {
    char **paths;
    size_t count;
    bool exhausted;
} found;

static int note_file(const char *path, const struct stat *status, int kind,
                     struct FTW *place)
{
    const char *name = path + place->base;
    (void)status;
    if (kind == FTW_D && place->level > 0 && name[0] == '.') {
        return FTW_SKIP_SUBTREE;
    }
    if (kind != FTW_F || !mz_ends_with(name, "_test.lua")) {
        return FTW_CONTINUE;
    }
    if (found.count < MOST_FILES) {
        found.paths[found.count] =
            strdup(strncmp(path, "./", 2) == 0 ? path + 2 : path);
    }
    if (found.count == MOST_FILES || found.paths[found.count] == NULL) {
        found.exhausted = true;
        return FTW_STOP;
    }
    found.count++;
    return FTW_CONTINUE;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static enum mz_code find_files(const struct mz_test_settings *settings,
                               struct mz_error *error)
{
    found.paths = calloc(MOST_FILES, sizeof *found.paths);
    if (found.paths == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the list of files");
    }
    for (size_t i = 0; i < settings->file_count || i == 0; i++) {
        const char *path = settings->file_count == 0 ? "." : settings->files[i];
        struct stat status;
        size_t before = found.count;
        if (stat(path, &status) != 0) {
            return mz_fail_errno(error, MZ_NO_FILE, "%s", path);
        }
        if (!S_ISDIR(status.st_mode)) {
            found.paths[found.count] = strdup(path);
            found.count += found.paths[found.count] != NULL;
        } else {
            (void)nftw(path, note_file, MOST_DEPTH, FTW_PHYS | FTW_ACTIONRETVAL);
            qsort(found.paths + before, found.count - before, sizeof *found.paths,
                  by_name);
        }
        if (found.exhausted || found.count == MOST_FILES) {
            return mz_fail(error, MZ_LIMIT, "more than %d test files", MOST_FILES);
        }
    }
    if (found.count == 0) {
        mz_fail(error, MZ_NO_FILE, "there is no test file here");
        mz_error_help(error, "tests of a pipeline feeds.lua stand in feeds_test.lua");
        return MZ_NO_FILE;
    }
    return MZ_OK;
}

static int run_all(const struct mz_test_settings *settings, struct tally *tally)
{
    struct file_run run = {.settings = settings, .tally = tally};
    for (size_t i = 0; i < found.count; i++) {
        run.file = found.paths[i];
        int status = run_watched(&run);
        if (status >= 128) {
            return status;
        }
    }
    if (!settings->json) {
        printf("%d passed, %d failed in %zu file%s\n", tally->passed, tally->failed,
               found.count, found.count == 1 ? "" : "s");
    }
    if (tally->passed + tally->failed == 0) {
        fprintf(stderr, "no case has '%s' in its name\n", settings->filter);
        return mz_exit_status(MZ_USAGE);
    }
    return tally->failed == 0 ? 0 : mz_exit_status(MZ_ITEMS_FAILED);
}

int mz_test(const struct mz_test_settings *settings)
{
    struct mz_error error;
    struct tally *tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum mz_code code = tally == MAP_FAILED
                            ? mz_fail(&error, MZ_MEMORY, "not enough memory")
                            : find_files(settings, &error);
    int status = 0;
    if (code == MZ_OK) {
        status = run_all(settings, tally);
    } else {
        mz_error_print(&error, stderr);
        status = mz_exit_status(code);
    }
    for (size_t i = 0; i < found.count; i++) {
        free(found.paths[i]);
    }
    free(found.paths);
    memset(&found, 0, sizeof found);
    if (tally != MAP_FAILED) {
        munmap(tally, sizeof *tally);
    }
    return status;
}
