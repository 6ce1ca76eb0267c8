/* The activity board: what shows, nesting, threads, and what is left when it is off.
 * Crashes of plugins are tests/abi/crash_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "plug/activity.h"

static int set_up(void **state)
{
    struct mz_activity *activity = mz_activity_create();
    mz_activity_attach(activity);
    *state = activity;
    return activity == NULL;
}

static int tear_down(void **state)
{
    mz_activity_attach(NULL);
    mz_activity_destroy(*state);
    return 0;
}

static int busy_slots(const struct mz_activity *activity)
{
    int busy = 0;
    for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        busy += atomic_load(&activity->slots[i].busy) != 0;
    }
    return busy;
}

static void test_off_is_no_op(void **state)
{
    (void)state;
    mz_activity_begin("script", "each", "sure", NULL, 10);
    mz_activity_end();
    mz_activity_end();
    assert_null(mz_activity_overdue(NULL, INT64_MAX));
    mz_activity_destroy(NULL);
}

static void test_shows_a_call(void **state)
{
    const struct mz_activity *activity = *state;
    const struct mz_activity_slot *slot = &activity->slots[0];
    char text[700];
    mz_activity_begin("plugin extract.figures", "extract", "figures", "https://a/b", 0);
    assert_int_equal(busy_slots(activity), 1);
    assert_int_equal(atomic_load(&slot->busy), 1);
    mz_activity_describe(slot, text, sizeof text);
    assert_string_equal(text,
                        "plugin extract.figures (extract, stage figures, https://a/b)");
    mz_activity_end();
    assert_int_equal(busy_slots(activity), 0);
    mz_activity_begin("script", "load", NULL, NULL, 0);
    mz_activity_describe(slot, text, sizeof text);
    assert_string_equal(text, "script (load)");
    mz_activity_end();
    mz_activity_end(); /* one too many does no harm */
    assert_int_equal(busy_slots(activity), 0);
}

static void test_inner_shows_and_outer_comes_back(void **state)
{
    const struct mz_activity *activity = *state;
    const struct mz_activity_slot *slot = &activity->slots[0];
    char name[32];
    /* Deeper than is kept: the deepest kept one shows meanwhile. */
    for (int depth = 0; depth < 12; depth++) {
        snprintf(name, sizeof name, "call %d", depth);
        mz_activity_begin(name, "f", "s", "r", 0);
        snprintf(name, sizeof name, "call %d", depth < 8 ? depth : 8);
        assert_string_equal(slot->what, name);
    }
    for (int depth = 11; depth >= 0; depth--) {
        snprintf(name, sizeof name, "call %d", depth < 8 ? depth : 8);
        assert_int_equal(atomic_load(&slot->busy), 1);
        assert_string_equal(slot->what, name);
        mz_activity_end();
    }
    assert_int_equal(busy_slots(activity), 0);
}

static void test_deadlines(void **state)
{
    const struct mz_activity *activity = *state;
    const struct mz_activity_slot *slot = &activity->slots[0];
    int64_t before = mz_clock_monotonic();
    mz_activity_begin("outer", "f", NULL, NULL, 1000);
    long long outer = atomic_load(&slot->deadline);
    assert_true(outer >= before + 1000 && outer <= mz_clock_monotonic() + 1000);
    assert_null(mz_activity_overdue(activity, outer - 1));
    assert_ptr_equal(mz_activity_overdue(activity, outer), slot);
    /* An inner call has no more time than what is left of the outer one's. */
    mz_activity_begin("inner", "f", NULL, NULL, 60000);
    assert_int_equal(atomic_load(&slot->deadline), outer);
    mz_activity_end();
    mz_activity_begin("inner", "f", NULL, NULL, 0);
    assert_int_equal(atomic_load(&slot->deadline), outer);
    mz_activity_end();
    mz_activity_begin("inner", "f", NULL, NULL, 1);
    assert_true(atomic_load(&slot->deadline) < outer);
    mz_activity_end();
    assert_int_equal(atomic_load(&slot->deadline), outer);
    mz_activity_end();
    assert_null(mz_activity_overdue(activity, INT64_MAX));
    mz_activity_begin("no limit", "f", NULL, NULL, 0);
    assert_null(mz_activity_overdue(activity, INT64_MAX));
    mz_activity_end();
}

static void test_long_texts_are_cut_between_characters(void **state)
{
    const struct mz_activity *activity = *state;
    const struct mz_activity_slot *slot = &activity->slots[0];
    char record[2000];
    memset(record, 'a', sizeof record);
    record[sizeof record - 1] = '\0';
    /* 510 bytes, then a letter of two bytes, whose second would be the 512th. */
    memcpy(record + 510, "\xd8\xb9", 2);
    mz_activity_begin(record, record, record, record, 0);
    assert_int_equal(strlen(slot->what), sizeof slot->what - 1);
    assert_int_equal(strlen(slot->function), sizeof slot->function - 1);
    assert_int_equal(strlen(slot->stage), sizeof slot->stage - 1);
    assert_int_equal(strlen(slot->record), 510);
    mz_activity_end();
    char small[8];
    mz_activity_describe(slot, small, sizeof small);
    assert_int_equal(strlen(small), sizeof small - 1);
}

static void test_new_board_in_the_middle_of_a_call(void **state)
{
    struct mz_activity *activity = *state;
    struct mz_activity *other = mz_activity_create();
    assert_non_null(other);
    mz_activity_begin("old", "f", NULL, NULL, 0);
    mz_activity_attach(other);
    mz_activity_end(); /* of a call that this board knows nothing of */
    assert_int_equal(busy_slots(other), 0);
    mz_activity_begin("new", "f", NULL, NULL, 0);
    assert_string_equal(other->slots[0].what, "new");
    assert_string_equal(activity->slots[0].what, "old");
    mz_activity_end();
    mz_activity_attach(activity);
    mz_activity_destroy(other);
}

/* ---- threads ---- */

struct crowd {
    pthread_barrier_t busy, done;
};

static void *call_in_a_thread(void *argument)
{
    struct crowd *crowd = argument;
    mz_activity_begin("plugin fetch.feed", "fetch", "feed", NULL, 0);
    pthread_barrier_wait(&crowd->busy);
    pthread_barrier_wait(&crowd->done);
    mz_activity_end();
    return NULL;
}

static void run_crowd(const struct mz_activity *activity, int size, int expected)
{
    struct crowd crowd;
    pthread_t threads[64];
    assert_true(size <= 64);
    assert_int_equal(pthread_barrier_init(&crowd.busy, NULL, (unsigned)size + 1), 0);
    assert_int_equal(pthread_barrier_init(&crowd.done, NULL, (unsigned)size + 1), 0);
    for (int i = 0; i < size; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, call_in_a_thread, &crowd),
                         0);
    }
    pthread_barrier_wait(&crowd.busy);
    assert_int_equal(busy_slots(activity), expected);
    pthread_barrier_wait(&crowd.done);
    for (int i = 0; i < size; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(busy_slots(activity), 0);
    pthread_barrier_destroy(&crowd.busy);
    pthread_barrier_destroy(&crowd.done);
}

/* Each thread has a slot of its own and gives it back; one too many has none. */
static void test_threads_have_slots(void **state)
{
    for (int turn = 0; turn < 3; turn++) {
        run_crowd(*state, MZ_ACTIVITY_SLOTS, MZ_ACTIVITY_SLOTS);
    }
    run_crowd(*state, MZ_ACTIVITY_SLOTS + 5, MZ_ACTIVITY_SLOTS);
    run_crowd(*state, 3, 3);
}

/* ---- signals ---- */

static void former_handler(int number)
{
    _exit(number == SIGILL ? 42 : 99);
}

static void former_handler_with_information(int number, siginfo_t *information,
                                            void *context)
{
    _exit(number == SIGFPE && information->si_signo == number && context != NULL ? 43
                                                                                 : 99);
}

static void install_former(int number)
{
    struct sigaction action = {.sa_sigaction = former_handler_with_information,
                               .sa_flags = SA_SIGINFO};
    if (number == SIGFPE) {
        sigaction(number, &action, NULL);
    } else {
        signal(number, former_handler);
    }
}

/* In a child: dies of `number`, with or without a handler from before. */
static int die_of(int number, bool former, bool in_call)
{
    struct mz_activity *activity = mz_activity_create();
    assert_non_null(activity);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        mz_activity_attach(NULL);
        signal(number, SIG_DFL); /* instead of cmocka's handler */
        if (former) {
            install_former(number);
        }
        mz_activity_attach(activity);
        if (in_call) {
            mz_activity_begin("plugin", "f", NULL, NULL, 0);
        }
        raise(number);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(atomic_load(&activity->crashed_slot), in_call ? 1 : 0);
    mz_activity_destroy(activity);
    return status;
}

static void test_dies_of_the_same_signal(void **state)
{
    (void)state;
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int status = die_of(numbers[i], false, true);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), numbers[i]);
    }
    int status = die_of(SIGSEGV, false, false);
    assert_true(WIFSIGNALED(status));
}

/* A sanitizer's report is such a handler. */
static void test_handlers_from_before_still_run(void **state)
{
    (void)state;
    int status = die_of(SIGILL, true, true);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    status = die_of(SIGFPE, true, true);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 43);
}

/* A process that a plugin forked crashes on its own account. */
static void test_crash_of_a_forked_process_is_not_ours(void **state)
{
    struct mz_activity *activity = *state;
    int status = 0;
    mz_activity_attach(NULL);
    signal(SIGBUS, SIG_DFL); /* cmocka's would go on with the tests in the child */
    mz_activity_attach(activity);
    mz_activity_begin("plugin", "f", NULL, NULL, 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        raise(SIGBUS);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(atomic_load(&activity->crashed_slot), 0);
    mz_activity_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off_is_no_op),
        cmocka_unit_test_setup_teardown(test_shows_a_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_inner_shows_and_outer_comes_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_deadlines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_texts_are_cut_between_characters,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_new_board_in_the_middle_of_a_call, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_threads_have_slots, set_up, tear_down),
        cmocka_unit_test(test_dies_of_the_same_signal),
        cmocka_unit_test(test_handlers_from_before_still_run),
        cmocka_unit_test_setup_teardown(test_crash_of_a_forked_process_is_not_ours,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests_name("plug_activity", tests, NULL, NULL);
}
