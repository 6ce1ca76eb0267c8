#include "run/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* How long a child that was asked to stop may take before it is killed. */
#define GRACE_MILLISECONDS 30000
/* How long one that ran past a plugin's deadline may take. */
#define OVERDUE_GRACE_MILLISECONDS  500
#define WATCH_INTERVAL_MILLISECONDS 100

static atomic_int cancel_signal;

const atomic_int *mz_cancel_flag(void)
{
    return &cancel_signal;
}

int mz_cancel_signal(void)
{
    return atomic_load(&cancel_signal);
}

/* The second signal ends the process at once: people press Ctrl-C twice. */
static void on_stop(int number)
{
    if (atomic_exchange(&cancel_signal, number) != 0) {
        _exit(128 + number);
    }
}

static void child_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_stop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* A file that grows past its limit is an error of the write, told and undone. */
    signal(SIGXFSZ, SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What the parent watches. */
struct watch {
    pid_t child;
    struct mz_activity *activity;
    const struct mz_supervision *supervision;
    void *argument;
    int signals; /* signalfd */
    int64_t started;
    int64_t kill_at;   /* monotonic, 0: not yet */
    int stop_signal;   /* that this process received, or 0 */
    char reason[1024]; /* why the child was ended, or empty */
};

static void end_overdue(struct watch *watch, int64_t now)
{
    char what[700];
    const struct mz_activity_slot *slot = mz_activity_overdue(watch->activity, now);
    int64_t limit = watch->supervision->wall_limit;
    if (watch->kill_at != 0) {
        if (now >= watch->kill_at) {
            kill(watch->child, SIGKILL);
        }
        return;
    }
    if (slot != NULL) {
        mz_activity_describe(slot, what, sizeof what);
        snprintf(watch->reason, sizeof watch->reason,
                 "%s ran past its deadline and was ended", what);
    } else if (limit > 0 && now - watch->started > limit) {
        snprintf(watch->reason, sizeof watch->reason,
                 "the run took longer than its limit of %lld s and was ended",
                 (long long)(limit / 1000));
    } else {
        return;
    }
    watch->kill_at = now + OVERDUE_GRACE_MILLISECONDS;
    kill(watch->child, SIGTERM);
}

static void forward_signal(struct watch *watch)
{
    struct signalfd_siginfo info;
    if (read(watch->signals, &info, sizeof info) != (ssize_t)sizeof info ||
        info.ssi_signo == SIGCHLD) {
        return;
    }
    int number = (int)info.ssi_signo;
    kill(watch->child, watch->stop_signal == 0 ? number : SIGKILL);
    if (watch->stop_signal == 0) {
        watch->stop_signal = number;
        watch->kill_at = mz_clock_monotonic() + GRACE_MILLISECONDS;
    }
}

/* Waits for the child's end; returns its wait status. */
static int watch_child(struct watch *watch)
{
    for (;;) {
        int status;
        pid_t done = waitpid(watch->child, &status, WNOHANG);
        if (done == watch->child) {
            return status;
        }
        if (done < 0 && errno != EINTR) {
            return 70 << 8;
        }
        struct pollfd poll_entry = {watch->signals, POLLIN, 0};
        if (poll(&poll_entry, 1, WATCH_INTERVAL_MILLISECONDS) > 0) {
            forward_signal(watch);
        }
        end_overdue(watch, mz_clock_monotonic());
    }
}

static void describe_crash(struct watch *watch, int status)
{
    int crashed = atomic_load(&watch->activity->crashed_slot);
    char what[700] = "the run";
    if (crashed > 0 && crashed <= MZ_ACTIVITY_SLOTS) {
        mz_activity_describe(&watch->activity->slots[crashed - 1], what, sizeof what);
    } else {
        for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
            struct mz_activity_slot *slot = &watch->activity->slots[i];
            if (atomic_load(&slot->busy)) {
                mz_activity_describe(slot, what, sizeof what);
                break;
            }
        }
    }
    if (WIFSIGNALED(status)) {
        snprintf(watch->reason, sizeof watch->reason, "%s crashed (%s)", what,
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(watch->reason, sizeof watch->reason,
                 "%s ended the process (exit %d), which no plugin may", what,
                 WEXITSTATUS(status));
    }
}

static int finish(struct watch *watch, int status)
{
    if (WIFEXITED(status) && watch->reason[0] == '\0' &&
        atomic_load(&watch->activity->finished)) {
        return WEXITSTATUS(status);
    }
    if (watch->stop_signal != 0) {
        snprintf(watch->reason, sizeof watch->reason, "stopped by %s",
                 strsignal(watch->stop_signal));
    } else if (watch->reason[0] == '\0') {
        describe_crash(watch, status);
    }
    if (watch->supervision->died != NULL) {
        watch->supervision->died(watch->argument, watch->activity, watch->reason);
    }
    struct mz_error error;
    mz_fail(&error, watch->stop_signal != 0 ? MZ_CANCELLED : MZ_PLUGIN_CRASHED, "%s",
            watch->reason);
    mz_error_print(&error, stderr);
    return watch->stop_signal != 0 ? 128 + watch->stop_signal : 70;
}

static void run_child(struct watch *watch, mz_child_function function, pid_t parent)
{
    /* kill -9 of the parent must not leave a child that goes on without a watcher. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(70);
    }
    close(watch->signals);
    child_signals();
    mz_activity_attach(watch->activity);
    int status = function(watch->argument, watch->activity);
    atomic_store(&watch->activity->finished, 1);
    fflush(NULL);
    exit(status);
}

int mz_supervise(mz_child_function function, void *argument,
                 const struct mz_supervision *supervision)
{
    struct mz_error error;
    struct watch watch = {.supervision = supervision, .argument = argument};
    sigset_t watched;
    sigset_t before;
    sigemptyset(&watched);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched, &before);
    watch.signals = signalfd(-1, &watched, SFD_CLOEXEC);
    watch.activity = mz_activity_create();
    watch.started = mz_clock_monotonic();
    fflush(NULL);
    pid_t parent = getpid();
    watch.child = watch.signals < 0 || watch.activity == NULL ? -1 : fork();
    if (watch.child == 0) {
        run_child(&watch, function, parent);
    }
    int status = 70;
    if (watch.child < 0) {
        mz_fail_errno(&error, MZ_INTERNAL, "the run's process cannot be started");
        mz_error_print(&error, stderr);
    } else {
        status = finish(&watch, watch_child(&watch));
    }
    mz_activity_destroy(watch.activity);
    close(watch.signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
