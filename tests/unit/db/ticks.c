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

static void claim_shard(struct fixture *fixture, const char *id, int64_t shard,
                        struct mz_lease *lease, struct mz_tick_claimed *out)
{
    struct mz_run_row row = {.id = id,
                             .pipeline = "p",
                             .kind = "tick",
                             .host_version = "0",
                             .host = "here",
                             .started_at = mz_clock_now()};
    const struct mz_tick_claim tick = {
        .tick_at = TICK, .shard = shard, .retries = 1, .retry_delay = MINUTE};
    must(fixture,
         mz_home_begin_tick(fixture->db, &row, &tick, lease, out, &fixture->error));
}

static void claim(struct fixture *fixture, const char *id, struct mz_lease *lease,
                  struct mz_tick_claimed *out)
{
    claim_shard(fixture, id, 0, lease, out);
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
         mz_tick_stop(fixture->db, "p", 0, TICK / 1000, "cancelled", &fixture->error));
    finish(fixture, &lease, MZ_RUN_STOPPED);
    assert_string_equal(ask_text(fixture, "SELECT state || ' ' || cause FROM tick"),
                        "failed cancelled");
    must(fixture,
         mz_tick_again(fixture->db, "p", 0, "2025-09-03T10:00:00Z", &fixture->error));
    claim(fixture, "run-3", &lease, &claimed);
    must(fixture, mz_tick_stop(fixture->db, "p", 0, TICK / 1000, "timeout: too long",
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
    struct mz_tick_row row = {
        .pipeline = "p", .kind = "time", .tick_at = TICK / 1000, .ticks = 1};
    bool done = false;
    mz_clock_set(TICK);
    execute(fixture, "INSERT INTO host(name, host_version, pid, started_at, heartbeat)"
                     " VALUES('a', '0', 1, '2025-09-03T10:00:00Z',"
                     " '2025-09-03T10:00:00Z')");
    must(fixture, mz_tick_store(fixture->db, &row, "a", &done, &fixture->error));
    assert_true(done);
    must(fixture, mz_tick_store(fixture->db, &row, "b", &done, &fixture->error));
    assert_false(done);
    must(fixture,
         mz_tick_keep(fixture->db, "p", 0, TICK / 1000, "b", &done, &fixture->error));
    assert_false(done);
    /* The host that keeps it gives no sign of life any more. */
    mz_clock_set(TICK + MINUTE);
    must(fixture,
         mz_tick_keep(fixture->db, "p", 0, TICK / 1000, "b", &done, &fixture->error));
    assert_true(done);
}

static bool count_shards(void *context, const struct mz_tick_row *row)
{
    *(int64_t *)context += row->shard;
    return true;
}

static void shards_are_run_beside_one_another(void **state)
{
    struct fixture *fixture = *state;
    struct mz_tick_row row = {.pipeline = "p",
                              .kind = "time",
                              .tick_at = TICK / 1000,
                              .ticks = 1,
                              .shards = 3};
    struct mz_lease lease[4];
    struct mz_tick_claimed claimed;
    bool done = false, again = false;
    int64_t sum = 0;
    mz_clock_set(TICK);
    must(fixture, mz_tick_store(fixture->db, &row, "a", &done, &fixture->error));
    assert_true(done);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM tick"), 3);
    must(fixture, mz_ticks_open(fixture->db, 10, count_shards, &sum, &fixture->error));
    assert_int_equal(sum, 1 + 2 + 3);
    for (int64_t shard = 1; shard <= 2; shard++) {
        char id[16];
        snprintf(id, sizeof id, "run-%d", (int)shard);
        claim_shard(fixture, id, shard, &lease[shard], &claimed);
        assert_false(claimed.nothing);
        must(fixture, mz_db_begin(fixture->db, &fixture->error));
        must(fixture, mz_home_batch(fixture->db, &lease[shard], TICK, "unit", 1, &again,
                                    &fixture->error));
        assert_false(again); /* of another shard: not the same batch */
        must(fixture, mz_db_commit(fixture->db, &fixture->error));
    }
    claim_shard(fixture, "run-3", 2, &lease[3], &claimed);
    assert_true(claimed.nothing);
    claim_shard(fixture, "run-3", 0, &lease[3], &claimed);
    assert_true(claimed.nothing);
    /* A run of the whole excludes them, and they it. */
    struct mz_run_row whole = {.id = "run-4",
                               .pipeline = "p",
                               .kind = "manual",
                               .host_version = "0",
                               .host = "here",
                               .started_at = TICK};
    assert_int_equal(mz_home_begin_run(fixture->db, &whole, &lease[0], &fixture->error),
                     MZ_TRY_AGAIN);
    finish(fixture, &lease[1], MZ_RUN_DONE);
    finish(fixture, &lease[2], MZ_RUN_DONE);
    must(fixture, mz_home_begin_run(fixture->db, &whole, &lease[0], &fixture->error));
    struct mz_run_row third = {.id = "run-5",
                               .pipeline = "p",
                               .kind = "tick",
                               .host_version = "0",
                               .host = "here",
                               .started_at = TICK};
    const struct mz_tick_claim tick = {.tick_at = TICK, .shard = 3};
    assert_int_equal(mz_home_begin_tick(fixture->db, &third, &tick, &lease[3], &claimed,
                                        &fixture->error),
                     MZ_TRY_AGAIN);
    finish(fixture, &lease[0], MZ_RUN_DONE);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM tick"
                                          " WHERE state = 'done'"),
                     2);
}

static void ticks_are_made_by_the_first_host_alone(void **state)
{
    struct fixture *fixture = *state;
    const int64_t tick = TICK / 1000;
    int64_t moved = 0;
    execute(fixture, "INSERT INTO pipeline(name, file) VALUES('p', 'p.lua')");
    must(fixture, mz_pipeline_next(fixture->db, "p", 0, tick, &moved, &fixture->error));
    assert_true(moved == MZ_ANY_TICK);
    must(fixture,
         mz_pipeline_next(fixture->db, "p", tick, tick + 60, &moved, &fixture->error));
    assert_true(moved == MZ_ANY_TICK);
    must(fixture,
         mz_pipeline_next(fixture->db, "p", tick, tick + 60, &moved, &fixture->error));
    assert_int_equal(moved, tick + 60);
    must(fixture,
         mz_pipeline_next(fixture->db, "p", MZ_ANY_TICK, 0, &moved, &fixture->error));
    assert_true(moved == MZ_ANY_TICK);
}

static void a_skip_by_hearsay_is_none(void **state)
{
    struct fixture *fixture = *state;
    struct mz_tick_row row = {.pipeline = "p",
                              .kind = "time",
                              .cause = "overlap",
                              .tick_at = TICK / 1000,
                              .ticks = 1,
                              .skipped = true,
                              .if_held = true};
    bool done = false;
    must(fixture, mz_tick_store(fixture->db, &row, "a", &done, &fixture->error));
    assert_true(done);
    assert_false(row.skipped);
    assert_string_equal(ask_text(fixture, "SELECT state FROM tick"), "ready");
}

static void another_version_than_the_deployed_one_runs_no_tick(void **state)
{
    struct fixture *fixture = *state;
    struct mz_run_row row = {.id = "run-1",
                             .pipeline = "p",
                             .kind = "tick",
                             .script_hash = "old",
                             .host_version = "0",
                             .host = "here",
                             .started_at = TICK};
    const struct mz_tick_claim tick = {.tick_at = TICK};
    struct mz_lease lease;
    struct mz_tick_claimed claimed;
    mz_clock_set(TICK);
    execute(fixture, "INSERT INTO pipeline(name, file, deployed_hash)"
                     " VALUES('p', 'p.lua', 'new')");
    assert_int_equal(
        mz_home_begin_tick(fixture->db, &row, &tick, &lease, &claimed, &fixture->error),
        MZ_TRY_AGAIN);
    row.script_hash = "new";
    must(fixture, mz_home_begin_tick(fixture->db, &row, &tick, &lease, &claimed,
                                     &fixture->error));
    assert_false(claimed.nothing);
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
    (void)shards_are_run_beside_one_another;
    (void)ticks_are_made_by_the_first_host_alone;
    (void)a_skip_by_hearsay_is_none;
    (void)another_version_than_the_deployed_one_runs_no_tick;
    return cmocka_run_group_tests(tests, NULL, NULL) == 1 ? 0 : 1;
#else
    const struct CMUnitTest tests[] = {
        TEST(a_tick_is_claimed_once_and_done),
        TEST(a_failure_is_run_again_after_its_delay),
        TEST(what_is_wrong_or_stopped_is_told_apart),
        TEST(what_vanishes_is_run_again_but_not_for_ever),
        TEST(a_batch_is_committed_once),
        TEST(a_ready_tick_is_kept_by_one_host),
        TEST(shards_are_run_beside_one_another),
        TEST(ticks_are_made_by_the_first_host_alone),
        TEST(a_skip_by_hearsay_is_none),
        TEST(another_version_than_the_deployed_one_runs_no_tick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
