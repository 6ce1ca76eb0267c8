/* `mizan log`: what a run wrote, as the scheduler kept it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/run_rows.h"
#include "value/record.h"

#define BETWEEN_LOOKS 500000000L /* nanoseconds */

static void pause_shortly(void)
{
    const struct timespec time = {0, BETWEEN_LOOKS};
    (void)nanosleep(&time, NULL);
}

static bool is_running(const struct mizan_value *run)
{
    const char *status = mz_map_text(run, "status");
    return status != NULL && strcmp(status, "running") == 0;
}

/* What is new since `shown` bytes. A log whose middle was left out meanwhile is shown
 * from its gap on. */
static size_t print_new(const char *log, size_t shown)
{
    size_t size = log == NULL ? 0 : strlen(log);
    if (size < shown) {
        shown = 0;
    }
    if (size > shown) {
        fwrite(log + shown, 1, size - shown, stdout);
        fflush(stdout);
    }
    return size;
}

static enum mz_code follow(struct mz_home *home, const char *id, struct mz_error *error)
{
    const struct mizan_value *run;
    uint64_t mark = mz_arena_mark(home->environment.arena);
    size_t shown = 0;
    for (;;) {
        enum mz_code code = mz_find_run(home, id, &run, error);
        if (code != MZ_OK) {
            return code;
        }
        shown = print_new(mz_map_text(run, "log"), shown);
        if (!is_running(run) || ferror(stdout)) {
            return MZ_OK;
        }
        mz_arena_release(home->environment.arena, mark);
        pause_shortly();
    }
}

static void say_no_log(const struct mizan_value *run)
{
    const char *failure = mz_map_text(run, "error");
    const char *kind = mz_map_text(run, "kind");
    if (failure != NULL) {
        fprintf(stderr, "%s\n", failure);
    }
    fprintf(stderr, "run %s left no log: %s\n", mz_map_text(run, "id"),
            is_running(run) ? "it has written nothing yet; -f waits for it"
            : kind != NULL && strcmp(kind, "manual") == 0
                ? "runs by hand write to their terminal"
                : "it wrote nothing, or no scheduler started it");
}

int mz_command_log(const struct mz_arguments *arguments)
{
    struct mz_home home;
    struct mz_error error;
    const struct mizan_value *run;
    enum mz_code code = mz_home_open(&home, arguments, MZ_DB_READ, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_find_run(&home, mz_operand(arguments, 0), &run, &error);
    if (code == MZ_OK && mz_argument(arguments, "follow") != NULL && is_running(run)) {
        /* By its whole id: "last" would move on to a later run. */
        char id[64];
        snprintf(id, sizeof id, "%s", mz_map_text(run, "id"));
        code = follow(&home, id, &error);
    } else if (code == MZ_OK && mz_map_text(run, "log") == NULL) {
        say_no_log(run);
    } else if (code == MZ_OK) {
        (void)print_new(mz_map_text(run, "log"), 0);
    }
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
