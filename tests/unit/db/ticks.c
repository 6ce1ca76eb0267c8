/* Ticks: one run each, what becomes of them, and batches that are committed once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/schedule.h"
#include "db/ticks.h"
#include "support.h"

#define TICK   INT64_C(1756893600000) /* 2025-09-03T10:00:00Z */
#define MINUTE INT64_C(60000)

static int stop(void **state)
{
    mz_clock_set(-1);
    return fixture_stop(state);
}

static void claim(struct fixture *fixture, const char *id, struct mz_lease *lease,
                  struct mz_tick_claimed *out)
{
    struct mz_run_row row = {.id = id,
                             .pipeline = "p",
                             .kind = "tick",
                             .host_version = "0",
                             .host = "here",
                             .started_at = mz_clock_now()};
    const struct mz_tick_claim tick = {
        .tick_at = TICK, .retries = 1, .retry_delay = MINUTE};
    must(fixture,
         mz_home_begin_tick(fixture->db, &row, &tick, lease, out, &fixture->error));
}

static void finish(struct fixture *fixture, const struct mz_lease *lease,
                   enum mz_run_outcome outcome)
{
    const struct mz_run_finish end = {
        .outcome = outcome, .status = "failed", .counts = "{}", .failure = "why"};
    must(fixture, mz_home_finish_run(fixture->db, lease, &end, &fixture->error));
}

static void a_tick_is_claimed_once_and_done(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease, other;
    struct mz_tick_claimed claimed, again;
    mz_clock_set(TICK + 5000);
    claim(fixture, "run-1", &lease, &claimed);
    assert_false(claimed.nothing);
    assert_int_equal(claimed.attempt, 1);
    assert_string_equal(claimed.kind, "time");
    claim(fixture, "run-2", &other, &again);
    assert_true(again.nothing);
    assert_non_null(strstr(again.sentence, "run-1"));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM run"), 1);
    finish(fixture, &lease, MZ_RUN_DONE);
    claim(fixture, "run-3", &other, &again);
    assert_true(again.nothing);
    assert_string_equal(ask_text(fixture, "SELECT state FROM tick"), "done");
}

static void a_failure_is_run_again_after_its_delay(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;
    struct mz_tick_claimed claimed;
    mz_clock_set(TICK);
    claim(fixture, "run-1", &lease, &claimed);
    finish(fixture, &lease, MZ_RUN_FAILED);
    assert_string_equal(ask_text(fixture, "SELECT state FROM tick"), "ready");
    assert_string_equal(ask_text(fixture, "SELECT not_before FROM tick"),
                        "2025-09-03T10:01:00Z");
    claim(fixture, "run-2", &lease, &claimed);
    assert_true(claimed.nothing);
    mz_clock_set(TICK + MINUTE);
    claim(fixture, "run-2", &lease, &claimed);
    assert_false(claimed.nothing);
    assert_int_equal(claimed.attempt, 2);
    finish(fixture, &lease, MZ_RUN_FAILED);
    assert_string_equal(ask_text(fixture, "SELECT state FROM tick"), "failed");
    assert_string_equal(ask_text(fixture, "SELECT cause FROM tick"), "why");
}

static void what_is_wrong_or_stopped_is_told_apart(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;
    struct mz_tick_claimed claimed;
    mz_clock_set(TICK);
    claim(fixture, "run-1", &lease, &claimed);
    finish(fixture, &lease, MZ_RUN_STOPPED);
    assert_string_equal(ask_text(fixture, "SELECT state FROM tick"), "ready");
    assert_int_equal(ask_integer(fixture, "SELECT attempt FROM tick"), 0);
    claim(fixture, "run-2", &lease, &claimed);
    assert_int_equal(claimed.attempt, 1);
    must(fixture,
         mz_tick_stop(fixture->db, "p", TICK / 1000, "cancelled", &fixture->error));
    finish(fixture, &lease, MZ_RUN_STOPPED);
    assert_string_equal(ask_text(fixture, "SELECT state || ' ' || cause FROM tick"),
                        "failed cancelled");
    must(fixture,
         mz_tick_again(fixture->db, "p", "2025-09-03T10:00:00Z", &fixture->error));
    claim(fixture, "run-3", &lease, &claimed);
    must(fixture, mz_tick_stop(fixture->db, "p", TICK / 1000, "timeout: too long",
                               &fixture->error));
    finish(fixture, &lease, MZ_RUN_STOPPED);
    assert_string_equal(ask_text(fixture, "SELECT cause FROM tick"),
                        "timeout: too long");
    execute(fixture, "UPDATE tick SET not_before = NULL, state = 'ready', attempt = 0");
    claim(fixture, "run-4", &lease, &claimed);
    finish(fixture, &lease, MZ_RUN_WRONG);
    assert_string_equal(ask_text(fixture, "SELECT state FROM tick"), "failed");
}

static void what_vanishes_is_run_again_but_not_for_ever(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;
    struct mz_tick_claimed claimed;
    char id[16];
    mz_clock_set(TICK);
    for (int i = 1; i <= 4; i++) {
        snprintf(id, sizeof id, "run-%d", i);
        claim(fixture, id, &lease, &claimed);
        assert_int_equal(claimed.attempt, i);
        must(fixture, mz_home_bury_run_as(fixture->db, id, MZ_RUN_LOST, "gone",
                                          &fixture->error));
        assert_string_equal(ask_text(fixture, "SELECT state FROM tick"),
                            i < 4 ? "ready" : "failed");
    }
}

static void a_batch_is_committed_once(void **state)
{
    struct fixture *fixture = *state;
    struct mz_lease lease;
    struct mz_tick_claimed claimed;
    bool again = true;
    mz_clock_set(TICK);
    claim(fixture, "run-1", &lease, &claimed);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture,
         mz_home_batch(fixture->db, &lease, TICK, "unit", 3, &again, &fixture->error));
    assert_false(again);
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    must(fixture, mz_home_batch(fixture->db, &lease, TICK, "another", 3, &again,
                                &fixture->error));
    assert_false(again);
    must(fixture,
         mz_home_batch(fixture->db, &lease, TICK, "unit", 3, &again, &fixture->error));
    assert_true(again);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM batch"), 2);
}

static void a_ready_tick_is_kept_by_one_host(void **state)
{
    struct fixture *fixture = *state;
    const struct mz_tick_row row = {
        .pipeline = "p", .kind = "time", .tick_at = TICK / 1000, .ticks = 1};
    bool done = false;
    mz_clock_set(TICK);
    must(fixture,
         mz_tick_store(fixture->db, &row, "a", TICK + MINUTE, &done, &fixture->error));
    assert_true(done);
    must(fixture,
         mz_tick_store(fixture->db, &row, "b", TICK + MINUTE, &done, &fixture->error));
    assert_false(done);
    must(fixture, mz_tick_keep(fixture->db, "p", TICK / 1000, "b", TICK + MINUTE, &done,
                               &fixture->error));
    assert_false(done);
    mz_clock_set(TICK + 2 * MINUTE);
    must(fixture, mz_tick_keep(fixture->db, "p", TICK / 1000, "b", TICK + 3 * MINUTE,
                               &done, &fixture->error));
    assert_true(done);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, stop)
#if defined(MZ_MUTANT_NO_BATCH)
    const struct CMUnitTest tests[] = {TEST(a_batch_is_committed_once)};

    (void)a_tick_is_claimed_once_and_done;
    (void)a_failure_is_run_again_after_its_delay;
    (void)what_is_wrong_or_stopped_is_told_apart;
    (void)what_vanishes_is_run_again_but_not_for_ever;
    (void)a_ready_tick_is_kept_by_one_host;
    return cmocka_run_group_tests(tests, NULL, NULL) == 1 ? 0 : 1;
#else
    const struct CMUnitTest tests[] = {
        TEST(a_tick_is_claimed_once_and_done),
        TEST(a_failure_is_run_again_after_its_delay),
        TEST(what_is_wrong_or_stopped_is_told_apart),
        TEST(what_vanishes_is_run_again_but_not_for_ever),
        TEST(a_batch_is_committed_once),
        TEST(a_ready_tick_is_kept_by_one_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
