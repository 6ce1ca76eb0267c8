/* Plugins that end the process: the watcher can say which, in which function and stage,
 * on which record. Each runs in a child; the parent looks at the board. */
#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plug/activity.h"

/* A minute from the child's point of view; nothing here waits for it to pass. */
#define LIMIT 60000

struct victim {
    const char *file;
    int signal; /* 0: it ends by exit */
    bool opens; /* false: it dies while it is loaded */
    bool extracts;
    const char *shows;
};

/* In the child: loads, opens, extracts, until it dies of it. */
static void be_the_victim(const struct victim *victim, struct mz_activity *activity)
{
    struct bench bench;
    struct rlimit no_core = {0, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    /* cmocka's own handlers, which would go on with the next test in this child. */
    signal(SIGSEGV, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    mz_activity_attach(activity);
    bench_init(&bench);
    struct mz_instance *instance = NULL;
    struct mz_plugin *plugin = bench_load(&bench, victim->file);
    if (mz_instance_open(plugin, &bench.task, NULL, LIMIT, &instance, &bench.error) ==
        MZ_OK) {
        (void)!mz_instance_extract(instance, &bench.task, bench_document(&bench, "a"),
                                   LIMIT, &bench.error);
    }
    _exit(99);
}

static pid_t start(const struct victim *victim, struct mz_activity *activity)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        be_the_victim(victim, activity);
    }
    return child;
}

static const struct victim crashing[] = {
    {"bad/extract_crash_load.so", SIGSEGV, false, false,
     "plugin extract.crash_load (load, "},
    {"bad/extract_crash_open.so", SIGSEGV, true, false,
     "plugin extract.crash_open (open, stage stage, https://example.org/a)"},
    {"bad/extract_abort_open.so", SIGABRT, true, false,
     "plugin extract.abort_open (open, stage stage, https://example.org/a)"},
    {"bad/extract_overflow_open.so", SIGSEGV, true, false,
     "plugin extract.overflow_open (open, stage stage, https://example.org/a)"},
    {"bad/extract_crash_extract.so", SIGSEGV, true, true,
     "plugin extract.crash_extract (extract, stage stage, https://example.org/a)"},
};

static void test_crash_names_the_plugin(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof crashing / sizeof crashing[0]; i++) {
        const struct victim *victim = &crashing[i];
        char text[700];
        int status = 0;
        struct mz_activity *activity = mz_activity_create();
        assert_non_null(activity);
        pid_t child = start(victim, activity);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), victim->signal);
        int crashed = atomic_load(&activity->crashed_slot);
        if (crashed < 1 || crashed > MZ_ACTIVITY_SLOTS) {
            fail_msg("%s: no slot was noted", victim->file);
        }
        mz_activity_describe(&activity->slots[crashed - 1], text, sizeof text);
        assert_says(text, victim->shows);
        mz_activity_destroy(activity);
    }
}

/* No signal tells of exit(): the slot of its thread is noted, and still busy. */
static void test_exit_notes_the_busy_slot(void **state)
{
    (void)state;
    static const struct victim victim = {"bad/extract_exit_open.so", 0, true, false,
                                         ""};
    char text[700];
    int status = 0;
    int busy = 0;
    struct mz_activity *activity = mz_activity_create();
    assert_non_null(activity);
    pid_t child = start(&victim, activity);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 99);
    int noted = atomic_load(&activity->crashed_slot);
    for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        if (atomic_load(&activity->slots[i].busy)) {
            mz_activity_describe(&activity->slots[i], text, sizeof text);
            assert_says(text, "plugin extract.exit_open (open, stage stage");
            assert_int_equal(noted, i + 1);
            busy++;
        }
    }
    assert_int_equal(busy, 1);
    mz_activity_destroy(activity);
}

/* The slot of the only thread once it shows `function`. */
static const struct mz_activity_slot *wait_for(const struct mz_activity *activity,
                                               const char *function)
{
    const struct mz_activity_slot *slot = &activity->slots[0];
    while (atomic_load(&slot->busy) == 0 || strcmp(slot->function, function) != 0) {
        usleep(1000);
    }
    return slot;
}

static void test_loop_is_overdue(void **state)
{
    (void)state;
    static const struct victim victim = {"bad/extract_loop.so", SIGKILL, true, true,
                                         ""};
    char text[700];
    int status = 0;
    struct mz_activity *activity = mz_activity_create();
    assert_non_null(activity);
    pid_t child = start(&victim, activity);
    const struct mz_activity_slot *slot = wait_for(activity, "extract");
    long long deadline = atomic_load(&slot->deadline);
    assert_true(deadline > 0);
    assert_null(mz_activity_overdue(activity, deadline - 1));
    assert_ptr_equal(mz_activity_overdue(activity, deadline), slot);
    mz_activity_describe(slot, text, sizeof text);
    assert_string_equal(
        text, "plugin extract.loop (extract, stage stage, https://example.org/a)");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    mz_activity_destroy(activity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_names_the_plugin),
        cmocka_unit_test(test_exit_notes_the_busy_slot),
        cmocka_unit_test(test_loop_is_overdue),
    };
    return cmocka_run_group_tests_name("abi_crash", tests, NULL, NULL);
}
