/* The process boundary: whatever the child does, the parent tells it in a sentence. The
 * children signal the parent themselves, so nothing here depends on time. */
#include "../base/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run/supervise.h"

/* What a supervision came to. */
struct result {
    int status;
    char printed[4096]; /* on standard error */
    int deaths;
    char call[64]; /* that was blamed, or empty */
};

static struct result last;

static void died(void *argument, const struct mz_activity *activity,
                 const struct mz_activity_slot *call, const struct mz_error *why)
{
    (void)argument;
    (void)activity;
    last.deaths++;
    assert_true(why->code != MZ_OK && why->message[0] != '\0');
    snprintf(last.call, sizeof last.call, "%s", call == NULL ? "" : call->what);
}

static void supervise(mz_child_function function, void *argument,
                      struct mz_supervision supervision)
{
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_true(kept >= 0);
    memset(&last, 0, sizeof last);
    supervision.died = died;
    dup2(fileno(file), STDERR_FILENO);
    last.status = mz_supervise(function, argument, &supervision);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    last.printed[fread(last.printed, 1, sizeof last.printed - 1, file)] = '\0';
    fclose(file);
}

static void printed(const char *text)
{
    if (strstr(last.printed, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, last.printed);
    }
}

static void wait_for_ever(void)
{
    for (;;) {
        pause();
    }
}

static void begin_call(int64_t limit)
{
    mz_activity_begin("plugin extract.odd", "extract", "odd", "http://a/", limit);
}

/* ---- ends of its own ---- */

static int returns(void *argument, struct mz_activity *activity)
{
    (void)activity;
    return *(int *)argument;
}

static void test_returns(void **state)
{
    int status = 0;
    (void)state;
    supervise(returns, &status, (struct mz_supervision){0});
    assert_int_equal(last.status, 0);
    status = 78;
    supervise(returns, &status, (struct mz_supervision){0});
    assert_int_equal(last.status, 78);
    assert_int_equal(last.deaths, 0);
    assert_string_equal(last.printed, "");
}

static void test_children_ignored_by_the_caller(void **state)
{
    int status = 3;
    (void)state;
    signal(SIGCHLD, SIG_IGN);
    supervise(returns, &status, (struct mz_supervision){0});
    assert_int_equal(last.status, 3);
}

static int crashes(void *argument, struct mz_activity *activity)
{
    (void)argument;
    (void)activity;
    begin_call(0);
    abort();
}

static void test_crash_names_the_call(void **state)
{
    (void)state;
    supervise(crashes, NULL, (struct mz_supervision){0});
    assert_int_equal(last.status, 70);
    assert_int_equal(last.deaths, 1);
    assert_string_equal(last.call, "plugin extract.odd");
    printed("extract.odd (extract, stage odd, http://a/) crashed");
}

static int leaves(void *argument, struct mz_activity *activity)
{
    (void)argument;
    (void)activity;
    begin_call(0);
    exit(0);
}

static void test_exit_inside_the_work(void **state)
{
    (void)state;
    supervise(leaves, NULL, (struct mz_supervision){0});
    assert_int_equal(last.status, 70);
    assert_string_equal(last.call, "plugin extract.odd");
    printed("extract.odd");
    printed("ended the process (exit 0)");
}

static int is_killed(void *argument, struct mz_activity *activity)
{
    (void)argument;
    (void)activity;
    begin_call(0);
    kill(getpid(), SIGKILL);
    return 0;
}

/* As when the system runs out of memory: the call at hand is shown, not blamed. */
static void test_killed_from_outside(void **state)
{
    (void)state;
    supervise(is_killed, NULL, (struct mz_supervision){.orderly = true});
    assert_int_equal(last.status, 70);
    assert_int_equal(last.deaths, 1);
    assert_string_equal(last.call, "");
    printed("killed");
    printed("during plugin extract.odd");
}

/* ---- limits ---- */

static int loops(void *argument, struct mz_activity *activity)
{
    (void)activity;
    begin_call(*(int *)argument);
    wait_for_ever();
    return 0;
}

static void test_call_past_its_deadline(void **state)
{
    int limit = 20;
    (void)state;
    supervise(loops, &limit, (struct mz_supervision){.orderly = true});
    assert_int_equal(last.status, 70);
    assert_string_equal(last.call, "plugin extract.odd");
    printed("extract.odd");
    printed("ran past its deadline");
}

static void test_wall_limit(void **state)
{
    int none = 0;
    (void)state;
    supervise(loops, &none, (struct mz_supervision){.wall_limit = 50});
    assert_int_equal(last.status, 70);
    printed("limit of 50 ms");
    supervise(loops, &none, (struct mz_supervision){.wall_limit = 50, .orderly = true});
    assert_int_equal(last.status, 70);
    assert_int_equal(last.deaths, 1);
    printed("limit of 50 ms");
}

/* ---- signals ---- */

static void wait_for_cancel(void)
{
    struct timespec moment = {0, 1000000};
    while (atomic_load(mz_cancel_flag()) == 0) {
        nanosleep(&moment, NULL);
    }
}

static int stops(void *argument, struct mz_activity *activity)
{
    (void)argument;
    (void)activity;
    kill(getppid(), SIGTERM);
    wait_for_cancel();
    return mz_child_status(MZ_CANCELLED);
}

static void test_told_to_stop(void **state)
{
    (void)state;
    supervise(stops, NULL, (struct mz_supervision){.orderly = true});
    assert_int_equal(last.status, 128 + SIGTERM);
    assert_int_equal(last.deaths, 0);
    assert_string_equal(last.printed, "");
}

static int stops_not(void *argument, struct mz_activity *activity)
{
    stops(argument, activity);
    kill(getppid(), SIGTERM);
    wait_for_ever();
    return 0;
}

static void test_second_signal(void **state)
{
    (void)state;
    supervise(stops_not, NULL, (struct mz_supervision){.orderly = true});
    assert_int_equal(last.status, 128 + SIGTERM);
    assert_int_equal(last.deaths, 1);
    printed("stopped by Terminated");
}

/* Ctrl-C goes to parent and child alike, and the parent passes its own on. */
static int gets_it_twice(void *argument, struct mz_activity *activity)
{
    sigset_t mask;
    sigset_t none;
    (void)argument;
    (void)activity;
    sigemptyset(&none);
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    raise(SIGINT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    kill(getppid(), SIGINT);
    sigsuspend(&none);
    return mz_child_status(MZ_CANCELLED);
}

static void test_terminal_signal_counts_once(void **state)
{
    (void)state;
    supervise(gets_it_twice, NULL, (struct mz_supervision){.orderly = true});
    assert_int_equal(last.status, 128 + SIGINT);
    assert_int_equal(last.deaths, 0);
}

static int waits(void *argument, struct mz_activity *activity)
{
    (void)activity;
    kill(getppid(), *(int *)argument);
    wait_for_ever();
    return 0;
}

static void test_signal_ends_other_commands(void **state)
{
    int number = SIGINT;
    (void)state;
    supervise(waits, &number, (struct mz_supervision){0});
    assert_int_equal(last.status, 128 + SIGINT);
    number = SIGHUP;
    supervise(waits, &number, (struct mz_supervision){0});
    assert_int_equal(last.status, 128 + SIGHUP);
}

static int hears_nothing(void *argument, struct mz_activity *activity)
{
    (void)argument;
    (void)activity;
    kill(getppid(), SIGHUP);
    raise(SIGHUP);
    return mz_cancel_signal();
}

static void test_nohup(void **state)
{
    (void)state;
    signal(SIGHUP, SIG_IGN);
    supervise(hears_nothing, NULL, (struct mz_supervision){.orderly = true});
    signal(SIGHUP, SIG_DFL);
    assert_int_equal(last.status, 0);
}

/* ---- output ---- */

static int prints(void *argument, struct mz_activity *activity)
{
    (void)activity;
    dup2(*(int *)argument, STDOUT_FILENO);
    printf("something\n");
    return 0;
}

static void test_nobody_reads(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    supervise(prints, &ends[1], (struct mz_supervision){0});
    assert_int_equal(last.status, 128 + SIGPIPE);
    assert_string_equal(last.printed, "");
    supervise(prints, &ends[1], (struct mz_supervision){.orderly = true});
    assert_int_equal(last.status, 128 + SIGPIPE);
    assert_string_equal(last.printed, "");
    close(ends[1]);
}

static void test_full(void **state)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;
    assert_true(full >= 0);
    supervise(prints, &full, (struct mz_supervision){0});
    assert_int_equal(last.status, 74);
    printed("standard output cannot be written");
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_children_ignored_by_the_caller),
        cmocka_unit_test(test_crash_names_the_call),
        cmocka_unit_test(test_exit_inside_the_work),
        cmocka_unit_test(test_killed_from_outside),
        cmocka_unit_test(test_call_past_its_deadline),
        cmocka_unit_test(test_wall_limit),
        cmocka_unit_test(test_told_to_stop),
        cmocka_unit_test(test_second_signal),
        cmocka_unit_test(test_terminal_signal_counts_once),
        cmocka_unit_test(test_signal_ends_other_commands),
        cmocka_unit_test(test_nohup),
        cmocka_unit_test(test_nobody_reads),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
