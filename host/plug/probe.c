#include "plug/probe.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "plug/activity.h"

#define LOOK_INTERVAL_NANOSECONDS 1000000L

/* Shared with the child; the result's bytes lie behind it. */
struct ending {
    atomic_int done;
    max_align_t result[];
};

static void be_the_child(mz_probe_function function, void *argument,
                         struct ending *ending, struct mz_activity *activity)
{
    struct rlimit no_core = {0, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    mz_activity_attach(activity);
    function(argument, ending->result);
    fflush(stdout);
    atomic_store(&ending->done, 1);
    _exit(0);
}

/* The call that was going on, innermost of the thread that died or of the first busy
 * one; "the plugin" when none was. */
static void describe(const struct mz_activity *activity, char *out, size_t size)
{
    int crashed = atomic_load(&activity->crashed_slot);
    snprintf(out, size, "the plugin");
    for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        if (crashed == i + 1 ||
            (crashed == 0 && atomic_load(&activity->slots[i].busy) != 0)) {
            mz_activity_describe(&activity->slots[i], out, size);
            return;
        }
    }
}

/* False when the time ran out and the child was killed. */
static bool wait_for(pid_t child, int64_t limit, int *status)
{
    int64_t until = mz_clock_monotonic() + limit;
    const struct timespec interval = {0, LOOK_INTERVAL_NANOSECONDS};
    for (;;) {
        pid_t done = waitpid(child, status, WNOHANG);
        if (done == child || (done < 0 && errno != EINTR)) {
            return true;
        }
        if (mz_clock_monotonic() >= until) {
            kill(child, SIGKILL);
            (void)waitpid(child, status, 0);
            return false;
        }
        nanosleep(&interval, NULL);
    }
}

static enum mz_code judge(const struct ending *ending,
                          const struct mz_activity *activity, int status, bool in_time,
                          int64_t limit, struct mz_error *error)
{
    char what[700];
    if (in_time && WIFEXITED(status) && atomic_load(&ending->done) != 0) {
        return MZ_OK;
    }
    describe(activity, what, sizeof what);
    if (!in_time) {
        return mz_fail(error, MZ_DEADLINE, "%s took longer than %lld ms and was ended",
                       what, (long long)limit);
    }
    if (WIFEXITED(status)) {
        return mz_fail(error, MZ_PLUGIN_CRASHED,
                       "%s ended the process (exit %d), which no plugin may", what,
                       WEXITSTATUS(status));
    }
    return mz_fail(error, MZ_PLUGIN_CRASHED, "%s crashed (%s)", what,
                   strsignal(WTERMSIG(status)));
}

enum mz_code mz_probe(mz_probe_function function, void *argument, void *result,
                      size_t size, int64_t limit, struct mz_error *error)
{
    size_t all = sizeof(struct ending) + size;
    struct mz_activity *activity = mz_activity_create();
    struct ending *ending =
        mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum mz_code code = MZ_MEMORY;
    int status = 0;
    if (activity == NULL || ending == MAP_FAILED) {
        mz_fail(error, MZ_MEMORY, "no memory for a child process");
    } else {
        memcpy(ending->result, result, size);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            be_the_child(function, argument, ending, activity);
        }
        if (child < 0) {
            code = mz_fail_errno(error, MZ_INTERNAL, "a child process cannot start");
        } else {
            bool in_time = wait_for(child, limit, &status);
            memcpy(result, ending->result, size);
            code = judge(ending, activity, status, in_time, limit, error);
        }
    }
    if (ending != MAP_FAILED) {
        munmap(ending, all);
    }
    mz_activity_destroy(activity);
    return code;
}
