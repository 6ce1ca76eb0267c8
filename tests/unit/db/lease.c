/* One run of a pipeline at a time; a run that lost its lease commits nothing. */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/engine.h"
#include "support.h"

#define MINUTES(n) ((int64_t)(n)*60 * 1000)

static int stop(void **state)
{
    mz_clock_set(-1);
    return fixture_stop(state);
}

static enum mz_code try_run(struct mz_db *db, const char *id, struct mz_lease *lease,
                            struct mz_error *error)
{
    const struct mz_run_row row = {
        .id = id,
        .pipeline = "test",
        .kind = "manual",
        .host_version = "0",
        .host = "here",
        .started_at = mz_clock_now(),
    };

    return mz_home_begin_run(db, &row, lease, error);
}

/* A process that holds the lease of "test" and waits; its pid when it has it. */
static pid_t start_holder(const struct fixture *fixture)
{
    int ready[2];
    char byte = '\0';
    pid_t child;

    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct mz_db *db = NULL;
        struct mz_lease lease;

        if (mz_db_open(fixture->path, MZ_DB_WRITE, &db, NULL) != MZ_OK ||
            try_run(db, "run-held", &lease, NULL) != MZ_OK ||
            write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    return child;
}

static void end_holder(pid_t child)
{
    int status = 0;

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void a_second_run_waits_for_the_first(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;
    char words[64];
    pid_t child = start_holder(fixture);
    enum mz_code code = try_run(fixture->db, "run-2", &lease, &fixture->error);

    end_holder(child);
    assert_int_equal(code, MZ_TRY_AGAIN);
    (void)snprintf(words, sizeof words, "pid %ld", (long)child);
    assert_non_null(strstr(fixture->error.message, words));
    assert_non_null(strstr(fixture->error.message, "run-held"));
    assert_non_null(strstr(fixture->error.message, "'test'"));
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM run WHERE id = 'run-2'"), 0);
}

static void a_killed_holder_is_followed_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;

    end_holder(start_holder(fixture));
    must(fixture, try_run(fixture->db, "run-2", &lease, &fixture->error));
    assert_int_equal(lease.epoch, 2);
    assert_string_equal(
        ask_text(fixture, "SELECT status FROM run WHERE id = 'run-held'"), "failed");
    assert_string_equal(
        ask_text(fixture, "SELECT error FROM run WHERE id = 'run-held'"),
        "the process ended");
    assert_string_equal(ask_text(fixture, "SELECT run_id FROM lease"), "run-2");
}

/* Nobody has waited for the killed process: its number is still taken. */
static void an_unburied_process_is_gone_too(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;
    siginfo_t info;
    pid_t child = start_holder(fixture);

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    must(fixture, try_run(fixture->db, "run-2", &lease, &fixture->error));
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_number_used_again_is_told_apart(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;

    must(fixture, try_run(fixture->db, "run-1", &lease, &fixture->error));
    assert_int_equal(lease.pid, getpid());
    assert_true(lease.process_start > 0);
    assert_int_equal(try_run(fixture->db, "run-2", &lease, &fixture->error),
                     MZ_TRY_AGAIN);
    execute(fixture, "UPDATE lease SET process_start = process_start - 1");
    must(fixture, try_run(fixture->db, "run-2", &lease, &fixture->error));
}

static void another_host_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;

    must(fixture, try_run(fixture->db, "run-1", &lease, &fixture->error));
    execute(fixture, "UPDATE lease SET owner = 'elsewhere', pid = 999999999");
    assert_int_equal(try_run(fixture->db, "run-2", &lease, &fixture->error),
                     MZ_TRY_AGAIN);
    assert_non_null(strstr(fixture->error.message, "elsewhere"));
    pass_time(fixture, MINUTES(4));
    assert_int_equal(try_run(fixture->db, "run-2", &lease, &fixture->error),
                     MZ_TRY_AGAIN);
    assert_non_null(strstr(fixture->error.message, "since 4 m"));
    pass_time(fixture, MINUTES(2));
    must(fixture, try_run(fixture->db, "run-2", &lease, &fixture->error));
}

static void a_restarted_machine_holds_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;

    must(fixture, try_run(fixture->db, "run-1", &lease, &fixture->error));
    /* The same boot seen from another process namespace: the number says nothing. */
    execute(fixture, "UPDATE lease SET boot = boot || 'x', pid = 999999999");
    assert_int_equal(try_run(fixture->db, "run-2", &lease, &fixture->error),
                     MZ_TRY_AGAIN);
    execute(fixture, "UPDATE lease SET boot = 'other' || boot");
    must(fixture, try_run(fixture->db, "run-2", &lease, &fixture->error));
}

/* The write of a run that was paused for longer than its lease. */
static void a_lost_lease_commits_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *other = NULL;
    struct mz_lease paused, next;
    enum mz_code code;

    must(fixture, mz_db_open(fixture->path, MZ_DB_WRITE, &other, &fixture->error));
    must(fixture, try_run(fixture->db, "run-1", &paused, &fixture->error));
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_home_check_lease(fixture->db, &paused, &fixture->error));
    execute(fixture, "INSERT INTO source(pipeline, id) VALUES('test', 'in-time')");
    must(fixture, mz_db_commit(fixture->db, &fixture->error));

    pass_time(fixture, MINUTES(6));
    must(fixture, try_run(other, "run-2", &next, &fixture->error));
    assert_true(next.epoch > paused.epoch);

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    execute(fixture, "INSERT INTO source(pipeline, id) VALUES('test', 'too-late')");
    code = mz_home_check_lease(fixture->db, &paused, &fixture->error);
    if (code == MZ_OK) {
        must(fixture, mz_db_commit(fixture->db, &fixture->error));
    } else {
        mz_db_rollback(fixture->db);
    }
    mz_db_close(other);
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM source WHERE id = 'too-late'"), 0);
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM source WHERE id = 'in-time'"), 1);
    assert_int_equal(code, MZ_NOT_PERMITTED);
    assert_non_null(strstr(fixture->error.message, "passed to another run"));
}

static void a_lost_lease_ends_no_run(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease paused, next;

    must(fixture, try_run(fixture->db, "run-1", &paused, &fixture->error));
    pass_time(fixture, MINUTES(6));
    must(fixture, try_run(fixture->db, "run-2", &next, &fixture->error));
    assert_int_equal(
        mz_home_end_run(fixture->db, &paused, "ok", "{}", NULL, &fixture->error),
        MZ_NOT_PERMITTED);
    assert_string_equal(ask_text(fixture, "SELECT status FROM run WHERE id = 'run-1'"),
                        "failed");
    assert_string_equal(ask_text(fixture, "SELECT run_id FROM lease"), "run-2");
    must(fixture,
         mz_home_end_run(fixture->db, &next, "ok", "{}", NULL, &fixture->error));
}

static void each_check_extends_the_lease(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease, other;

    must(fixture, try_run(fixture->db, "run-1", &lease, &fixture->error));
    for (int i = 0; i < 3; i++) {
        pass_time(fixture, MINUTES(4));
        must(fixture, mz_db_begin(fixture->db, &fixture->error));
        must(fixture, mz_home_check_lease(fixture->db, &lease, &fixture->error));
        must(fixture, mz_db_commit(fixture->db, &fixture->error));
    }
    assert_int_equal(try_run(fixture->db, "run-2", &other, &fixture->error),
                     MZ_TRY_AGAIN);
}

static void an_ended_run_frees_its_pipeline(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;

    must(fixture, try_run(fixture->db, "run-1", &lease, &fixture->error));
    must(fixture, mz_home_end_run(fixture->db, &lease, "ok", "{\"stored\":3}", NULL,
                                  &fixture->error));
    assert_string_equal(ask_text(fixture,
                                 "SELECT status || counts || count(ended_at) FROM run"
                                 " GROUP BY status, counts"),
                        "ok{\"stored\":3}1");
    must(fixture, try_run(fixture->db, "run-2", &lease, &fixture->error));
    must(fixture, mz_home_bury_run(fixture->db, "run-2", "signal 11", &fixture->error));
    must(fixture, mz_home_bury_run(fixture->db, "run-1", "late", &fixture->error));
    assert_string_equal(ask_text(fixture, "SELECT error FROM run WHERE id = 'run-2'"),
                        "signal 11");
    assert_string_equal(ask_text(fixture, "SELECT status FROM run WHERE id = 'run-1'"),
                        "ok");
    must(fixture, try_run(fixture->db, "run-3", &lease, &fixture->error));
    assert_int_equal(lease.epoch, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, stop)
#if defined(MZ_MUTANT_NO_FENCE)
    /* Over a fence that does not look at the epoch these two must fail. */
    const struct CMUnitTest tests[] = {
        TEST(a_lost_lease_commits_nothing),
        TEST(a_lost_lease_ends_no_run),
    };

    (void)a_second_run_waits_for_the_first;
    (void)a_killed_holder_is_followed_at_once;
    (void)an_unburied_process_is_gone_too;
    (void)a_number_used_again_is_told_apart;
    (void)another_host_is_waited_for;
    (void)a_restarted_machine_holds_nothing;
    (void)each_check_extends_the_lease;
    (void)an_ended_run_frees_its_pipeline;
    return cmocka_run_group_tests(tests, NULL, NULL) == 2 ? 0 : 1;
#else
    const struct CMUnitTest tests[] = {
        TEST(a_second_run_waits_for_the_first),
        TEST(a_killed_holder_is_followed_at_once),
        TEST(an_unburied_process_is_gone_too),
        TEST(a_number_used_again_is_told_apart),
        TEST(another_host_is_waited_for),
        TEST(a_restarted_machine_holds_nothing),
        TEST(a_lost_lease_commits_nothing),
        TEST(a_lost_lease_ends_no_run),
        TEST(each_check_extends_the_lease),
        TEST(an_ended_run_frees_its_pipeline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
