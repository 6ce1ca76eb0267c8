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
/* How long a call may go on past its deadline, so that a plugin that looks at it can
 * end by itself and costs its document only. */
#define OVERDUE_GRACE_MILLISECONDS 500
/* How long the process may take to exit when its work is done. */
#define EXIT_MILLISECONDS           20000
#define WATCH_INTERVAL_MILLISECONDS 100

static const int stop_signals[] = {SIGTERM, SIGINT, SIGHUP};
#define STOP_SIGNALS (sizeof stop_signals / sizeof stop_signals[0])

static atomic_int cancel_signal;

const atomic_int *mz_cancel_flag(void)
{
    return &cancel_signal;
}

int mz_cancel_signal(void)
{
    return atomic_load(&cancel_signal);
}

int mz_child_status(enum mz_code code)
{
    int number = mz_cancel_signal();
    return code == MZ_CANCELLED && number != 0 ? 128 + number : mz_exit_status(code);
}

int mz_flush_output(int status)
{
    struct mz_error error;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }
    if (errno == EPIPE) {
        return status == 0 ? 128 + SIGPIPE : status;
    }
    if (errno == 0) {
        mz_fail(&error, MZ_IO, "standard output cannot be written");
    } else {
        mz_fail_errno(&error, MZ_IO, "standard output cannot be written");
    }
    mz_error_print(&error, stderr);
    return status == 0 ? mz_exit_status(MZ_IO) : status;
}

/* A terminal sends its signal to the child as well as to the parent, which passes it
 * on: so the child counts none. A second signal the parent answers with SIGKILL. */
static void on_stop(int number)
{
    int none = 0;
    atomic_compare_exchange_strong(&cancel_signal, &none, number);
}

/* A signal that was ignored when the program began stays ignored: nohup. */
static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void child_signals(bool orderly, const sigset_t *before)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_stop;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; orderly && i < STOP_SIGNALS; i++) {
        if (!is_ignored(stop_signals[i])) {
            sigaction(stop_signals[i], &action, NULL);
        }
    }
    if (orderly) {
        signal(SIGPIPE, SIG_IGN);
    }
    /* A file that grows past its limit is an error of the write, told and undone. */
    signal(SIGXFSZ, SIG_IGN);
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* What the parent watches. */
struct watch {
    pid_t child;
    struct mz_activity *activity;
    const struct mz_supervision *supervision;
    void *argument;
    int signals; /* signalfd */
    int64_t started;
    int64_t kill_at; /* monotonic, 0: not yet */
    int stop_signal; /* that this process received, or 0 */
    /* Why the child was ended: */
    enum mz_code code;
    const struct mz_activity_slot *call; /* that is to blame, or NULL */
    char reason[1024];                   /* or empty */
};

/* The wall limit is told to the child first; a call past its deadline cannot hear. */
static void end_late_run(struct watch *watch, int64_t now)
{
    int64_t limit = watch->supervision->wall_limit;
    if (watch->kill_at != 0) {
        if (now < watch->kill_at) {
            return;
        }
        if (watch->reason[0] == '\0' && watch->stop_signal == 0) {
            watch->code = MZ_INTERNAL;
            snprintf(watch->reason, sizeof watch->reason,
                     "the work was done, but its process did not exit: something that "
                     "a plugin left there keeps it");
        }
        kill(watch->child, SIGKILL);
    } else if (atomic_load(&watch->activity->finished)) {
        watch->kill_at = now + EXIT_MILLISECONDS;
    } else if (limit > 0 && now - watch->started > limit) {
        watch->code = MZ_DEADLINE;
        snprintf(watch->reason, sizeof watch->reason,
                 "the run took longer than its limit of %lld ms and was ended",
                 (long long)limit);
        watch->kill_at = now + OVERDUE_GRACE_MILLISECONDS;
        kill(watch->child, SIGTERM);
    }
}

static void end_overdue(struct watch *watch, int64_t now)
{
    char what[700];
    const struct mz_activity_slot *call =
        mz_activity_overdue(watch->activity, now - OVERDUE_GRACE_MILLISECONDS);
    if (call == NULL || watch->reason[0] != '\0') {
        end_late_run(watch, now);
        return;
    }
    mz_activity_describe(call, what, sizeof what);
    watch->code = MZ_DEADLINE;
    watch->call = call;
    snprintf(watch->reason, sizeof watch->reason,
             "%s ran past its deadline and was ended", what);
    watch->kill_at = now;
    kill(watch->child, SIGKILL);
}

/* The next signal that asks to stop, or 0 when there is none. */
static int next_stop(struct watch *watch)
{
    struct signalfd_siginfo info;
    while (read(watch->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD) {
            return (int)info.ssi_signo;
        }
    }
    return 0;
}

static void forward_signals(struct watch *watch)
{
    for (int number = next_stop(watch); number != 0; number = next_stop(watch)) {
        kill(watch->child, watch->stop_signal == 0 ? number : SIGKILL);
        if (watch->stop_signal == 0) {
            watch->stop_signal = number;
            watch->kill_at = mz_clock_monotonic() + GRACE_MILLISECONDS;
        }
    }
}

/* Waits for the child's end; returns its wait status. Once it is reaped its number may
 * be another's: nothing is sent to it any more. */
static int watch_child(struct watch *watch)
{
    for (;;) {
        int status;
        pid_t done = waitpid(watch->child, &status, WNOHANG);
        if (done == watch->child) {
            int number = next_stop(watch);
            watch->stop_signal = watch->stop_signal == 0 ? number : watch->stop_signal;
            return status;
        }
        if (done < 0 && errno != EINTR) {
            return 70 << 8;
        }
        struct pollfd poll_entry = {watch->signals, POLLIN, 0};
        if (poll(&poll_entry, 1, WATCH_INTERVAL_MILLISECONDS) > 0) {
            forward_signals(watch);
        }
        end_overdue(watch, mz_clock_monotonic());
    }
}

/* The call whose thread got the fatal signal; else, when only one was going on, that.
 */
static const struct mz_activity_slot *blamed(const struct mz_activity *activity)
{
    int crashed = atomic_load(&activity->crashed_slot);
    const struct mz_activity_slot *found = NULL;
    if (crashed > 0 && crashed <= MZ_ACTIVITY_SLOTS) {
        return &activity->slots[crashed - 1];
    }
    for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        const struct mz_activity_slot *slot = &activity->slots[i];
        if (atomic_load(&slot->busy) != 0) {
            if (found != NULL) {
                return NULL;
            }
            found = slot;
        }
    }
    return found;
}

static void describe_crash(struct watch *watch, int status)
{
    char what[700] = "the run";
    const struct mz_activity_slot *call = blamed(watch->activity);
    watch->code = call == NULL ? MZ_INTERNAL : MZ_PLUGIN_CRASHED;
    if (call != NULL) {
        mz_activity_describe(call, what, sizeof what);
    }
    if (!WIFSIGNALED(status)) {
        watch->call = call;
        snprintf(watch->reason, sizeof watch->reason,
                 "%s ended the process (exit %d), which no plugin may", what,
                 WEXITSTATUS(status));
    } else if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM) {
        /* From outside: by hand, or by the system when memory ran out. */
        watch->code = MZ_INTERNAL;
        snprintf(watch->reason, sizeof watch->reason,
                 "the run was killed (%s) from outside, or for want of memory%s%s",
                 strsignal(WTERMSIG(status)), call == NULL ? "" : ", during ",
                 call == NULL ? "" : what);
    } else {
        watch->call = call;
        snprintf(watch->reason, sizeof watch->reason, "%s crashed (%s)", what,
                 strsignal(WTERMSIG(status)));
    }
}

static int finish(struct watch *watch, int status)
{
    if (WIFEXITED(status) && watch->reason[0] == '\0' &&
        atomic_load(&watch->activity->finished)) {
        return WEXITSTATUS(status);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) {
        /* Nobody reads on: no failure to speak of. */
        return 128 + SIGPIPE;
    }
    if (watch->stop_signal != 0) {
        watch->code = MZ_CANCELLED;
        watch->call = NULL;
        snprintf(watch->reason, sizeof watch->reason, "stopped by %s",
                 strsignal(watch->stop_signal));
    } else if (watch->reason[0] == '\0') {
        describe_crash(watch, status);
    }
    struct mz_error error;
    mz_fail(&error, watch->code, "%s", watch->reason);
    if (watch->supervision->died != NULL) {
        watch->supervision->died(watch->argument, watch->activity, watch->call, &error);
    }
    mz_error_print(&error, stderr);
    return watch->stop_signal != 0 ? 128 + watch->stop_signal : 70;
}

static void run_child(struct watch *watch, mz_child_function function, pid_t parent,
                      const sigset_t *before)
{
    /* kill -9 of the parent must not leave a child that goes on without a watcher. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(70);
    }
    close(watch->signals);
    child_signals(watch->supervision->orderly, before);
    mz_activity_attach(watch->activity);
    int status = mz_flush_output(function(watch->argument, watch->activity));
    atomic_store(&watch->activity->finished, 1);
    exit(status);
}

/* Blocks what is watched; `before` is the mask to return to. */
static int open_signals(sigset_t *before)
{
    sigset_t watched;
    sigemptyset(&watched);
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        if (!is_ignored(stop_signals[i])) {
            sigaddset(&watched, stop_signals[i]);
        }
    }
    /* Inherited as ignored, it would let the system reap the child unseen. */
    signal(SIGCHLD, SIG_DFL);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched, before);
    return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

int mz_supervise(mz_child_function function, void *argument,
                 const struct mz_supervision *supervision)
{
    struct mz_error error;
    struct watch watch = {.supervision = supervision, .argument = argument};
    sigset_t before;
    watch.signals = open_signals(&before);
    watch.activity = mz_activity_create();
    watch.started = mz_clock_monotonic();
    fflush(NULL);
    pid_t parent = getpid();
    watch.child = watch.signals < 0 || watch.activity == NULL ? -1 : fork();
    if (watch.child == 0) {
        run_child(&watch, function, parent, &before);
    }
    int status = 70;
    if (watch.child < 0) {
        mz_fail_errno(&error, MZ_INTERNAL, "the run's process cannot be started");
        mz_error_print(&error, stderr);
    } else {
        status = finish(&watch, watch_child(&watch));
    }
    if (supervision->told_to_stop != NULL) {
        *supervision->told_to_stop = watch.stop_signal;
    }
    mz_activity_destroy(watch.activity);
    if (watch.signals >= 0) {
        close(watch.signals);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

void mz_end_with_parent(void)
{
    const char *watcher = getenv("MIZAN_SUPERVISED");
    if (watcher != NULL) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != (pid_t)strtol(watcher, NULL, 10)) {
            (void)raise(SIGTERM); /* it ended before this was asked for */
        }
    }
}
