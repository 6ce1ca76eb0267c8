/* The programs beside the scheduler: `mizan deliver`, which sends, and `mizan web`,
 * when it is wanted. One that ends is started again, later each time. They end with the
 * scheduler, whatever ends it. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sched/daemon.h"

#define FIRST_DELAY   1000  /* milliseconds to the first start after an end */
#define LONGEST_DELAY 60000 /* it doubles up to that */
#define LIVED         60000 /* who lived so long failed for a new reason */
#define GRACE         5000  /* to end when it is told to */

struct mz_helper {
    uv_process_t process; /* data: the helper */
    struct mz_daemon *daemon;
    const char *name;
    const char *arguments[7];
    int64_t started, again_at, told_at; /* monotonic; told_at 0: it was not told */
    int64_t delay;
    bool running;
};

static void on_closed(uv_handle_t *handle)
{
    struct mz_helper *helper = handle->data;
    helper->running = false;
}

static void plan_again(struct mz_helper *helper)
{
    int64_t now = mz_clock_monotonic();
    if (now - helper->started > LIVED || helper->delay == 0) {
        helper->delay = FIRST_DELAY;
    } else {
        helper->delay =
            helper->delay * 2 < LONGEST_DELAY ? helper->delay * 2 : LONGEST_DELAY;
    }
    helper->again_at = now + helper->delay;
}

static void on_exit_of_helper(uv_process_t *process, int64_t status, int number)
{
    struct mz_helper *helper = process->data;
    if (helper->told_at != 0) {
        helper->again_at = 0;
    } else {
        plan_again(helper);
        mz_log(MZ_LOG_WARNING, NULL,
               "mizan %s ended (%s %" PRId64 "); it is started again in %" PRId64 " s",
               helper->name, number != 0 ? "signal" : "exit",
               number != 0 ? number : status, helper->delay / 1000);
    }
    uv_close((uv_handle_t *)process, on_closed);
}

static void start(struct mz_helper *helper)
{
    struct mz_daemon *daemon = helper->daemon;
    char *arguments[sizeof helper->arguments / sizeof *helper->arguments] = {NULL};
    size_t count = 0;
    bool whole = true;
    for (; helper->arguments[count] != NULL; count++) {
        arguments[count] = strdup(helper->arguments[count]);
        whole = whole && arguments[count] != NULL;
    }
    /* What it says goes where the scheduler's log goes; its output is nobody's. */
    uv_stdio_container_t streams[3] = {{.flags = UV_IGNORE},
                                       {.flags = UV_IGNORE},
                                       {.flags = UV_INHERIT_FD, .data.fd = 2}};
    uv_process_options_t options = {.args = arguments,
                                    .exit_cb = on_exit_of_helper,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = streams,
                                    .stdio_count = 3};
    char supervised[64];
    snprintf(supervised, sizeof supervised, MZ_SUPERVISED "=%d", (int)getpid());
    helper->process.data = helper;
    helper->running = true;
    helper->told_at = 0;
    helper->started = mz_clock_monotonic();
    int result =
        whole ? mz_spawn(daemon, &helper->process, &options, supervised) : UV_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        free(arguments[i]);
    }
    if (result != 0) {
        plan_again(helper);
        mz_log(MZ_LOG_ERROR, NULL, "mizan %s cannot be started: %s", helper->name,
               uv_strerror(result));
        if (whole) {
            uv_close((uv_handle_t *)&helper->process, on_closed);
        } else {
            helper->running = false;
        }
    } else {
        mz_log(MZ_LOG_INFO, NULL, "mizan %s started, pid %d", helper->name,
               (int)helper->process.pid);
    }
}

static struct mz_helper *add(struct mz_daemon *daemon, const char *name)
{
    struct mz_helper *helper = calloc(1, sizeof *helper);
    if (helper == NULL) {
        mz_log(MZ_LOG_ERROR, NULL, "mizan %s cannot be started: no memory", name);
        return NULL;
    }
    helper->daemon = daemon;
    helper->name = name;
    helper->arguments[0] = "mizan";
    helper->arguments[1] = name;
    helper->arguments[2] = daemon->database_option;
    daemon->helpers[daemon->helper_count++] = helper;
    return helper;
}

void mz_helpers_begin(struct mz_daemon *daemon)
{
    const struct mz_serve_settings *settings = daemon->settings;
    struct mz_helper *helper;
    snprintf(daemon->database_option, sizeof daemon->database_option, "--db=%s",
             settings->database);
    if (settings->deliver && (helper = add(daemon, "deliver")) != NULL) {
        helper->arguments[3] = "--follow";
    }
    if (settings->web != NULL && (helper = add(daemon, "web")) != NULL) {
        snprintf(daemon->listen_option, sizeof daemon->listen_option, "--listen=%s",
                 settings->web);
        helper->arguments[3] = settings->web[0] == '\0' ? NULL : daemon->listen_option;
    }
    mz_helpers_look(daemon);
}

void mz_helpers_look(struct mz_daemon *daemon)
{
    int64_t now = mz_clock_monotonic();
    for (size_t i = 0; i < daemon->helper_count; i++) {
        struct mz_helper *helper = daemon->helpers[i];
        if (helper->running && helper->told_at != 0 && now - helper->told_at > GRACE) {
            (void)uv_process_kill(&helper->process, SIGKILL);
        } else if (!helper->running && !daemon->draining && now >= helper->again_at) {
            start(helper);
        }
    }
}

void mz_helpers_stop(struct mz_daemon *daemon)
{
    for (size_t i = 0; i < daemon->helper_count; i++) {
        struct mz_helper *helper = daemon->helpers[i];
        if (helper->running && helper->told_at == 0) {
            helper->told_at = mz_clock_monotonic();
            (void)uv_process_kill(&helper->process, SIGTERM);
        }
    }
}

bool mz_helpers_gone(const struct mz_daemon *daemon)
{
    for (size_t i = 0; i < daemon->helper_count; i++) {
        if (daemon->helpers[i]->running) {
            return false;
        }
    }
    return true;
}

void mz_helpers_finish(struct mz_daemon *daemon)
{
    for (size_t i = 0; i < daemon->helper_count; i++) {
        free(daemon->helpers[i]);
    }
    daemon->helper_count = 0;
}
