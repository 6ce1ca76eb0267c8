#include "sched/serve.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sched/daemon.h"
#include "sched/notify.h"

#define POLL       1000
#define MOST_TURNS 20 /* of what follows from what was written, in one go */
/* Runs end by themselves for most of the grace, then they are told to. */
#define TOLD_BEFORE 10000
#define LONGEST     ((int64_t)3600 * 1000) /* milliseconds between two looks */

/* ---- the step ---- */

int64_t mz_daemon_now(struct mz_daemon *daemon)
{
    return daemon->db == NULL ? mz_clock_now() : mz_db_now(daemon->db);
}

static void arm(struct mz_daemon *daemon)
{
    int64_t monotonic = MZ_NEVER;
    int64_t now = mz_daemon_now(daemon), wake = mz_core_wake(daemon->core, &monotonic);
    wake = wake == MZ_NEVER || wake > now + LONGEST ? now + LONGEST : wake;
    wake += mz_clock_now() - now; /* the timer goes by this machine's clock */
    wake = wake < 1 ? 1 : wake;
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(wake / 1000),
                                         .tv_nsec = (long)(wake % 1000) * 1000000}};
    (void)timerfd_settime(daemon->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                          &at, NULL);
    if (monotonic == MZ_NEVER) {
        (void)uv_timer_stop(&daemon->monotonic);
    } else {
        int64_t left = monotonic - mz_clock_monotonic();
        (void)uv_timer_start(&daemon->monotonic, daemon->monotonic.timer_cb,
                             left > 0 ? (uint64_t)left : 0, 0);
    }
}

static void end_when_drained(struct mz_daemon *daemon)
{
    bool empty = daemon->children == NULL && daemon->describing == 0 &&
                 (daemon->writes == NULL || daemon->troubled);
    if (daemon->draining && empty) {
        mz_helpers_stop(daemon);
    }
    if (daemon->draining && empty && mz_helpers_gone(daemon)) {
        daemon->stopping = true;
        uv_stop(&daemon->loop);
    }
}

void mz_daemon_step(struct mz_daemon *daemon)
{
    for (int turn = 0; turn < MOST_TURNS; turn++) {
        struct mz_actions actions = {.items = NULL};
        mz_core_step(daemon->core, mz_daemon_now(daemon), mz_clock_monotonic(),
                     &actions);
        mz_write_actions(daemon, &actions);
        if (daemon->writes == NULL) {
            break;
        }
        mz_writes_flush(daemon);
        if (daemon->troubled) {
            break;
        }
    }
    if (daemon->look && daemon->writes == NULL && !daemon->draining) {
        daemon->look = false;
        mz_poll_ready(daemon);
    }
    mz_catalog_describe(daemon);
    end_when_drained(daemon);
    if (!daemon->stopping) {
        arm(daemon);
    }
}

static void on_prepare(uv_prepare_t *prepare)
{
    mz_daemon_step(prepare->data);
}

static void on_monotonic(uv_timer_t *timer)
{
    (void)timer; /* the step that follows each event does what is due */
}

static void on_tick(uv_poll_t *poll, int status, int events)
{
    struct mz_daemon *daemon = poll->data;
    uint64_t count;
    (void)status;
    (void)events;
    if (read(daemon->timer, &count, sizeof count) < 0 && errno == ECANCELED) {
        mz_log(MZ_LOG_DEBUG, NULL, "the clock was set");
    }
}

/* ---- the end ---- */

static void look_at_drain(struct mz_daemon *daemon)
{
    int64_t now = mz_clock_monotonic();
    if (!daemon->draining || daemon->children == NULL) {
        return;
    }
    if (now >= daemon->drain_until) {
        mz_children_signal(daemon, SIGKILL);
    } else if (now >= daemon->drain_until - TOLD_BEFORE) {
        for (struct mz_child *at = daemon->children; at != NULL; at = at->next) {
            mz_child_stop(daemon, at->pipeline, at->shard, at->tick_at);
        }
    }
}

static void on_poll(uv_timer_t *timer)
{
    mz_poll(timer->data);
    mz_helpers_look(timer->data);
    look_at_drain(timer->data);
}

static void drain(struct mz_daemon *daemon, int number)
{
    daemon->stop_signal = number;
    daemon->draining = true;
    daemon->drain_until = mz_clock_monotonic() + daemon->settings->grace;
    mz_core_drain(daemon->core);
    mz_notify("STOPPING=1");
    mz_log(MZ_LOG_INFO, NULL,
           "stopping: %zu runs get %" PRId64 " s to end; a second signal ends them at "
           "once",
           mz_core_running(daemon->core), daemon->settings->grace / 1000);
    look_at_drain(daemon);
}

static void reload(struct mz_daemon *daemon)
{
    char state[64];
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             mz_clock_monotonic() * 1000);
    mz_notify(state);
    mz_log(MZ_LOG_INFO, NULL, "reloading: all pipelines are described anew");
    mz_catalog_rescan(daemon, true);
    mz_helpers_stop(daemon); /* they start again with what is configured now */
    mz_notify("READY=1");
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct mz_daemon *daemon = handle->data;
    if (number == SIGHUP) {
        reload(daemon);
    } else if (!daemon->draining) {
        drain(daemon, number);
    } else {
        mz_log(MZ_LOG_WARNING, NULL, "stopped at once; what ran is run again");
        mz_children_signal(daemon, SIGKILL);
        daemon->status = 128 + number;
        daemon->stopping = true;
        uv_stop(&daemon->loop);
    }
}

static void on_changed(uv_timer_t *timer)
{
    struct mz_daemon *daemon = timer->data;
    size_t position = 0;
    const char *file;
    void *value;
    (void)uv_timer_stop(timer);
    if (daemon->rescan) {
        daemon->rescan = false;
        mz_catalog_rescan(daemon, false);
    }
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        if (entry->arrival_due) {
            entry->arrival_due = false;
            mz_triggers_files(daemon, entry);
        }
    }
}

/* ---- the beginning ---- */

static enum mz_code find_program(struct mz_daemon *daemon, struct mz_error *error)
{
    ssize_t size =
        readlink("/proc/self/exe", daemon->program, sizeof daemon->program - 1);
    if (size <= 0) {
        return mz_fail_errno(error, MZ_INTERNAL, "the program's file is not known");
    }
    daemon->program[size] = '\0';
    return MZ_OK;
}

static enum mz_code open_timers(struct mz_daemon *daemon, struct mz_error *error)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    daemon->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (daemon->timer < 0) {
        return mz_fail_errno(error, MZ_INTERNAL, "no timer can be made");
    }
    (void)uv_prepare_init(&daemon->loop, &daemon->prepare);
    (void)uv_timer_init(&daemon->loop, &daemon->poll);
    (void)uv_timer_init(&daemon->loop, &daemon->monotonic);
    (void)uv_timer_init(&daemon->loop, &daemon->changed);
    (void)uv_poll_init(&daemon->loop, &daemon->ticks, daemon->timer);
    daemon->prepare.data = daemon->poll.data = daemon->monotonic.data =
        daemon->changed.data = daemon->ticks.data = daemon;
    (void)uv_timer_start(&daemon->monotonic, on_monotonic, 0, 0);
    (void)uv_timer_start(&daemon->changed, on_changed, 0, 300);
    (void)uv_timer_stop(&daemon->changed);
    (void)uv_prepare_start(&daemon->prepare, on_prepare);
    (void)uv_timer_start(&daemon->poll, on_poll, POLL, POLL);
    (void)uv_poll_start(&daemon->ticks, UV_READABLE, on_tick);
    for (size_t i = 0; i < 3; i++) {
        (void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
        daemon->signals[i].data = daemon;
        (void)uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
    }
    return MZ_OK;
}

static enum mz_code make_parts(struct mz_daemon *daemon, struct mz_error *error)
{
    daemon->core = mz_core_create((size_t)daemon->settings->most_runs);
    daemon->zones = mz_zones_create();
    daemon->by_file = mz_map_create();
    daemon->by_name = mz_map_create();
    daemon->watches = mz_map_create();
    daemon->paused = mz_map_create();
    daemon->held = mz_map_create();
    daemon->last_write = &daemon->writes;
    return daemon->core == NULL || daemon->zones == NULL || daemon->by_file == NULL ||
                   daemon->by_name == NULL || daemon->watches == NULL ||
                   daemon->paused == NULL || daemon->held == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory for the scheduler")
               : MZ_OK;
}

static void say_ready(struct mz_daemon *daemon)
{
    char release[16];
    mz_zone_release(NULL, release);
    daemon->ready = true;
    mz_notify("READY=1");
    mz_log(MZ_LOG_INFO, NULL,
           "scheduling %zu pipelines on %s, %" PRId64 " runs at once, zones %s",
           mz_map_count(daemon->by_file), mz_db_location(daemon->db),
           daemon->settings->most_runs, release[0] == '\0' ? "of no release" : release);
}

static enum mz_code begin(struct mz_daemon *daemon, struct mz_error *error)
{
    enum mz_code code = find_program(daemon, error);
    if (code == MZ_OK) {
        code = make_parts(daemon, error);
    }
    if (code == MZ_OK) {
        code = open_timers(daemon, error);
    }
    if (code == MZ_OK) {
        code = mz_db_open(daemon->settings->database, MZ_DB_CREATE, &daemon->db, error);
    }
    if (code == MZ_OK) {
        code = mz_host_begin(daemon->db, MIZAN_VERSION, &daemon->host, error);
    }
    if (code == MZ_OK) {
        code = mz_ticks_release(daemon->db, daemon->host.name, error);
    }
    if (code == MZ_OK && daemon->settings->port >= 0) {
        code = mz_metrics_listen(daemon, error);
    }
    if (code == MZ_OK) {
        code = mz_catalog_load(daemon, error);
    }
    if (code == MZ_OK) {
        mz_poll(daemon);
        mz_helpers_begin(daemon);
        say_ready(daemon);
    }
    return code;
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

static void finish(struct mz_daemon *daemon, bool begun)
{
    struct mz_error error;
    if (daemon->watches != NULL) {
        mz_watch_finish(daemon);
    }
    if (begun && daemon->status != mz_exit_status(MZ_TRY_AGAIN)) {
        mz_writes_flush(daemon);
        if (mz_host_end(daemon->db, &daemon->host, &error) != MZ_OK) {
            mz_log(MZ_LOG_WARNING, NULL, "the end cannot be noted: %s", error.message);
        }
    }
    /* Children that are left end by themselves, and are no business of this process. */
    uv_walk(&daemon->loop, close_handle, NULL);
    (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&daemon->loop);
    if (daemon->timer >= 0) {
        close(daemon->timer);
    }
    while (daemon->children != NULL) {
        struct mz_child *next = daemon->children->next;
        mz_child_free(daemon->children);
        daemon->children = next;
    }
    mz_helpers_finish(daemon);
    mz_writes_finish(daemon);
    mz_catalog_finish(daemon);
    mz_map_destroy(daemon->paused, NULL);
    mz_map_destroy(daemon->held, NULL);
    mz_map_destroy(daemon->deployed, free);
    mz_core_destroy(daemon->core);
    mz_zones_destroy(daemon->zones);
    mz_db_close(daemon->db);
}

int mz_serve(const struct mz_serve_settings *settings)
{
    struct mz_daemon *daemon = calloc(1, sizeof *daemon);
    struct mz_error error = {.code = MZ_OK};
    if (daemon == NULL || uv_loop_init(&daemon->loop) != 0) {
        free(daemon);
        mz_fail(&error, MZ_MEMORY, "not enough memory for the scheduler");
        mz_error_print(&error, stderr);
        return mz_exit_status(MZ_MEMORY);
    }
    daemon->settings = settings;
    daemon->timer = -1;
    daemon->last_write = &daemon->writes;
    enum mz_code code = begin(daemon, &error);
    if (code == MZ_OK) {
        while (!daemon->stopping && uv_run(&daemon->loop, UV_RUN_DEFAULT) != 0) {
        }
        mz_log(MZ_LOG_INFO, NULL, "stopped");
    } else {
        mz_error_print(&error, stderr);
        daemon->status = mz_exit_status(code);
    }
    int status = daemon->status;
    finish(daemon, code == MZ_OK);
    free(daemon);
    return status;
}
