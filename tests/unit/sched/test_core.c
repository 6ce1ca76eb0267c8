/* The core's decisions, with time as a value. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static void a_tick_is_stored_noted_and_started(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 4, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "*/5 * * * *");
    bench_add(&bench, &plan, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_NEXT, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:05:00Z"));
    int64_t monotonic;
    assert_int_equal(mz_core_wake(bench.core, &monotonic),
                     at("2025-09-03T10:05:00Z") * 1000);
    bench_step(&bench, 4 * MINUTE);
    assert_int_equal(bench.actions.count, 0);
    bench_step(&bench, MINUTE);
    assert_int_equal(bench.actions.count, 3);
    assert_int_equal(bench.actions.items[0].kind, MZ_ACTION_NEXT);
    assert_int_equal(bench.actions.items[0].tick_at, at("2025-09-03T10:10:00Z"));
    assert_int_equal(bench.actions.items[0].before, at("2025-09-03T10:05:00Z"));
    assert_int_equal(bench.actions.items[1].kind, MZ_ACTION_STORE);
    assert_int_equal(bench.actions.items[1].tick_at, at("2025-09-03T10:05:00Z"));
    assert_false(bench.actions.items[1].skipped);
    assert_int_equal(bench.actions.items[2].kind, MZ_ACTION_START);
    assert_string_equal(bench.actions.items[2].pipeline, "p");
    assert_int_equal(mz_core_running(bench.core), 1);
    mz_core_ended(bench.core, "p", 0, at("2025-09-03T10:05:00Z"));
    assert_int_equal(mz_core_running(bench.core), 0);
    bench_finish(&bench);
}

static void a_year_of_ticks_in_a_second(void **state)
{
    struct bench bench;
    int64_t runs = 0, monotonic;
    (void)state;
    bench_init(&bench, 4, "2024-12-31T23:59:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    bench_add(&bench, &plan, 0);
    int64_t end = at("2025-12-31T23:59:30Z") * 1000;
    for (;;) {
        int64_t wake = mz_core_wake(bench.core, &monotonic);
        if (wake > end) {
            break;
        }
        bench_step(&bench, wake - bench.now);
        const struct mz_action *start;
        if (bench_count(&bench, MZ_ACTION_START, &start) == 1) {
            runs++;
            mz_core_ended(bench.core, "p", 0, start->tick_at);
        }
    }
    assert_int_equal(runs, 365 * 24 * 60);
    bench_finish(&bench);
}

static void overlap_skip_names_the_run_that_goes_on(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 4, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    bench_add(&bench, &plan, 0);
    bench_step(&bench, MINUTE);
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_true(action->skipped);
    assert_string_equal(action->cause,
                        "overlap: the run of tick 2025-09-03T10:01:00Z goes on");
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 0);
    mz_core_ended(bench.core, "p", 0, at("2025-09-03T10:01:00Z"));
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 1);
    bench_finish(&bench);
}

static void overlap_queue_runs_them_one_after_the_other(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 4, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    plan.overlap = MZ_OVERLAP_QUEUE;
    bench_add(&bench, &plan, 0);
    for (int i = 0; i < 3; i++) {
        bench_step(&bench, MINUTE);
        assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), i == 0);
    }
    assert_int_equal(mz_core_waiting(bench.core), 2);
    mz_core_ended(bench.core, "p", 0, at("2025-09-03T10:01:00Z"));
    bench_step(&bench, 1000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:02:00Z"));
    for (int i = 0; i < 200; i++) {
        bench_step(&bench, MINUTE);
    }
    assert_int_equal(mz_core_waiting(bench.core), MZ_MOST_QUEUED);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_string_equal(action->cause, "overlap: the queue is full");
    bench_finish(&bench);
}

static void overlap_replace_stops_the_run_once(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 4, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    plan.overlap = MZ_OVERLAP_REPLACE;
    bench_add(&bench, &plan, 0);
    bench_step(&bench, MINUTE);
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STOP, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:01:00Z"));
    assert_string_equal(action->cause, "replaced by tick 2025-09-03T10:02:00Z");
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STOP, NULL), 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_SKIP, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:02:00Z"));
    mz_core_ended(bench.core, "p", 0, at("2025-09-03T10:01:00Z"));
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:03:00Z"));
    bench_finish(&bench);
}

/* Section 6, case 7: away for three days with a tick each minute. */
static void missed_ticks_are_one_range_and_one_run(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 4, "2025-09-06T09:59:20Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    bench_add(&bench, &plan, at("2025-09-03T10:00:00Z"));
    assert_int_equal(bench_count(&bench, MZ_ACTION_NEXT, NULL), 0);
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 2);
    assert_true(action[0].skipped);
    assert_int_equal(action[0].tick_at, at("2025-09-03T10:00:00Z"));
    assert_int_equal(action[0].ticks, 4319);
    assert_int_equal(action[0].tick_to, at("2025-09-06T09:58:00Z"));
    assert_false(action[1].skipped);
    assert_int_equal(action[1].tick_at, at("2025-09-06T09:59:00Z"));
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 1);
    assert_int_equal(bench_count(&bench, MZ_ACTION_NEXT, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-06T10:00:00Z"));
    bench_finish(&bench);
}

static void catch_up_none_and_all(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 1, "2025-09-03T16:30:00Z");
    struct mz_plan none = bench_plan(&bench, "none", "0 * * * *");
    none.catchup = MZ_CATCHUP_NONE;
    bench_add(&bench, &none, at("2025-09-03T11:00:00Z"));
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_true(action->skipped);
    assert_int_equal(action->ticks, 6);
    assert_int_equal(action->tick_to, at("2025-09-03T16:00:00Z"));
    mz_core_forget(bench.core, "none");

    struct mz_plan all = bench_plan(&bench, "all", "0 * * * *");
    all.catchup = MZ_CATCHUP_ALL;
    bench_add(&bench, &all, at("2025-09-03T11:00:00Z"));
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 6);
    assert_int_equal(action->tick_at, at("2025-09-03T11:00:00Z"));
    mz_core_ended(bench.core, "all", 0, at("2025-09-03T11:00:00Z"));
    bench_step(&bench, 1000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T12:00:00Z"));
    mz_core_forget(bench.core, "all");

    struct mz_plan many = bench_plan(&bench, "many", "* * * * *");
    many.catchup = MZ_CATCHUP_ALL;
    bench_add(&bench, &many, at("2025-09-03T11:00:00Z"));
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 102);
    assert_true(action->skipped);
    assert_int_equal(action->ticks + 102 - 1, 5 * 60 + 30 + 1);
    bench_finish(&bench);
}

/* So many that they are not counted one by one. */
static void a_long_absence_is_no_storm(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 4, "2106-02-07T06:28:15Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * * *");
    bench_add(&bench, &plan, at("2025-09-03T10:00:00Z"));
    bench_step(&bench, 0);
    size_t stored = bench_count(&bench, MZ_ACTION_STORE, &action);
    assert_in_range(stored, 2, 100);
    assert_true(action->skipped);
    assert_non_null(strstr(action->cause, "at least"));
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 1);
    /* The clock is put right: what is due follows it. */
    bench_step(&bench,
               (at("2025-09-03T10:00:10Z") - at("2106-02-07T06:28:15Z")) * 1000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_NEXT, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:00:11Z"));
    bench_finish(&bench);
}

static void the_clock_back_to_1970_starts_nothing(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench, 4, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "0 * * * *");
    bench_add(&bench, &plan, 0);
    bench_step(&bench, 0);
    bench_step(&bench, -bench.now + 1000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 0);
    assert_int_equal(mz_core_next(bench.core, "p"), 3600);
    bench_finish(&bench);
}

static void two_hundred_in_one_second_start_in_order_within_the_limit(void **state)
{
    struct bench bench;
    char names[200][16];
    size_t next = 0;
    (void)state;
    bench_init(&bench, 7, "2025-09-03T10:00:30Z");
    for (int i = 0; i < 200; i++) {
        snprintf(names[i], sizeof names[i], "p%03d", i);
        struct mz_plan plan = bench_plan(&bench, names[i], "1 10 * * *");
        bench_add(&bench, &plan, 0);
    }
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, NULL), 200);
    char order[200][16];
    size_t stored = 0;
    for (size_t i = 0; i < bench.actions.count; i++) {
        if (bench.actions.items[i].kind == MZ_ACTION_STORE) {
            snprintf(order[stored++], 16, "%s", bench.actions.items[i].pipeline);
        }
    }
    while (next < 200) {
        size_t started = 0;
        char names_started[7][16];
        for (size_t i = 0; i < bench.actions.count; i++) {
            if (bench.actions.items[i].kind == MZ_ACTION_START) {
                assert_in_range(started, 0, 6);
                assert_string_equal(bench.actions.items[i].pipeline, order[next]);
                snprintf(names_started[started++], 16, "%s", order[next++]);
            }
        }
        assert_true(started > 0);
        assert_in_range(mz_core_running(bench.core), 1, 7);
        for (size_t i = 0; i < started; i++) {
            mz_core_ended(bench.core, names_started[i], 0, at("2025-09-03T10:01:00Z"));
        }
        bench_step(&bench, 10);
    }
    bench_finish(&bench);
}

static void a_start_deadline_gives_up(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 1, "2025-09-03T10:00:30Z");
    struct mz_plan other = bench_plan(&bench, "other", "1 10 * * *");
    struct mz_plan plan = bench_plan(&bench, "p", "2 10 * * *");
    plan.start_deadline = 2 * MINUTE;
    bench_add(&bench, &other, 0);
    bench_add(&bench, &plan, 0);
    bench_step(&bench, MINUTE);
    bench_step(&bench, MINUTE);
    assert_int_equal(mz_core_waiting(bench.core), 1);
    bench_step(&bench, MINUTE + 20000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_SKIP, NULL), 0);
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_SKIP, &action), 1);
    assert_string_equal(action->pipeline, "p");
    assert_non_null(strstr(action->cause, "start deadline"));
    assert_int_equal(mz_core_waiting(bench.core), 0);
    bench_finish(&bench);
}

static void a_timeout_stops_the_run_by_the_clock_nobody_sets(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    int64_t monotonic;
    (void)state;
    bench_init(&bench, 1, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "1 10 * * *");
    plan.timeout = MINUTE;
    bench_add(&bench, &plan, 0);
    bench_step(&bench, MINUTE);
    int64_t started = bench.monotonic;
    (void)mz_core_wake(bench.core, &monotonic);
    assert_int_equal(monotonic, started + MINUTE + 5000);
    /* The wall clock jumps a day: nothing of it is a timeout. */
    bench.now += 24 * HOUR;
    bench_step(&bench, 1000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STOP, NULL), 0);
    bench_step(&bench, MINUTE + 4000);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STOP, &action), 1);
    assert_non_null(strstr(action->cause, "timeout"));
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STOP, NULL), 0);
    bench_finish(&bench);
}

static void jitter_spreads_and_is_the_same_everywhere(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    int64_t due[2] = {0, 0};
    (void)state;
    for (int round = 0; round < 2; round++) {
        int64_t least = INT64_MAX, most = 0;
        bench_init(&bench, 100, "2025-09-03T10:00:30Z");
        for (int i = 0; i < 50; i++) {
            char name[16];
            snprintf(name, sizeof name, "p%d", i);
            struct mz_plan plan = bench_plan(&bench, name, "1 10 * * *");
            plan.jitter = 10 * MINUTE;
            bench_add(&bench, &plan, 0);
        }
        bench_step(&bench, MINUTE);
        assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 50);
        due[round] = action->not_before;
        for (size_t i = 0; i < bench.actions.count; i++) {
            if (bench.actions.items[i].kind == MZ_ACTION_STORE) {
                int64_t late = bench.actions.items[i].not_before -
                               at("2025-09-03T10:01:00Z") * 1000;
                assert_in_range(late, 0, 10 * MINUTE - 1);
                least = late < least ? late : least;
                most = late > most ? late : most;
            }
        }
        assert_true(most - least > 5 * MINUTE);
        bench_finish(&bench);
    }
    assert_int_equal(due[0], due[1]);
}

static void a_pause_is_one_skipped_range(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    struct mz_actions actions = {.items = NULL};
    (void)state;
    bench_init(&bench, 1, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "0 * * * *");
    bench_add(&bench, &plan, 0);
    mz_core_pause(bench.core, bench.now, "p", true, &actions);
    assert_int_equal(actions.count, 0);
    bench_step(&bench, 5 * HOUR);
    assert_int_equal(bench.actions.count, 0);
    mz_actions_finish(&bench.actions);
    mz_core_pause(bench.core, bench.now, "p", false, &bench.actions);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_string_equal(action->cause, "the pipeline was paused");
    assert_int_equal(action->ticks, 5);
    assert_int_equal(mz_core_next(bench.core, "p"), at("2025-09-03T16:00:00Z"));
    bench_finish(&bench);
}

static void what_failed_gives_way_to_the_next_tick(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 1, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    bench_add(&bench, &plan, 0);
    bench_step(&bench, MINUTE);
    mz_core_ended(bench.core, "p", 0, at("2025-09-03T10:01:00Z"));
    const struct mz_ready failed = {.pipeline = "p",
                                    .tick_at = at("2025-09-03T10:01:00Z"),
                                    .attempt = 1,
                                    .not_before = bench.now + 5 * MINUTE};
    assert_true(mz_core_ready(bench.core, &failed));
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_SKIP, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:01:00Z"));
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, &action), 1);
    assert_int_equal(action->tick_at, at("2025-09-03T10:02:00Z"));
    bench_finish(&bench);
}

static void take_shard(struct bench *bench, int64_t shard)
{
    const struct mz_ready ready = {
        .pipeline = "p", .shard = shard, .tick_at = at("2025-09-03T10:01:00Z")};
    assert_true(mz_core_ready(bench->core, &ready));
}

static void shards_run_beside_one_another(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 8, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    plan.shards = 4;
    bench_add(&bench, &plan, 0);
    bench_step(&bench, MINUTE);
    /* They are anybody's: none begins before the store gives it. */
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_int_equal(action->shards, 4);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 0);
    take_shard(&bench, 1);
    take_shard(&bench, 3);
    mz_core_foreign(bench.core, "p", 2, true);
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 2);
    assert_int_equal(mz_core_running(bench.core), 2);
    /* The next tick comes too early for all of them. */
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_true(action->skipped);
    mz_core_ended(bench.core, "p", 1, at("2025-09-03T10:01:00Z"));
    mz_core_ended(bench.core, "p", 3, at("2025-09-03T10:01:00Z"));
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_true(action->skipped && action->if_held);
    mz_core_foreign(bench.core, "p", 2, false);
    /* A run of the whole by hand keeps all of them waiting. */
    mz_core_foreign(bench.core, "p", 0, true);
    take_shard(&bench, 4);
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 0);
    mz_core_foreign(bench.core, "p", 0, false);
    bench_step(&bench, 0);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, &action), 1);
    assert_int_equal(action->shard, 4);
    bench_finish(&bench);
}

static void another_host_was_first(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 1, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    bench_add(&bench, &plan, 0);
    mz_core_moved(bench.core, bench.now, "p", at("2025-09-03T10:03:00Z"));
    bench_step(&bench, MINUTE);
    assert_int_equal(bench.actions.count, 0);
    bench_step(&bench, 2 * MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_NEXT, &action), 1);
    assert_int_equal(action->before, at("2025-09-03T10:03:00Z"));
    bench_finish(&bench);
}

static void a_foreign_run_and_a_lost_tick(void **state)
{
    struct bench bench;
    const struct mz_action *action;
    (void)state;
    bench_init(&bench, 1, "2025-09-03T10:00:30Z");
    struct mz_plan plan = bench_plan(&bench, "p", "* * * * *");
    bench_add(&bench, &plan, 0);
    mz_core_foreign(bench.core, "p", 0, true);
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_STORE, &action), 1);
    assert_true(action->skipped);
    mz_core_foreign(bench.core, "p", 0, false);
    bench_step(&bench, MINUTE);
    assert_int_equal(bench_count(&bench, MZ_ACTION_START, NULL), 1);
    mz_core_lost(bench.core, "p", 0, at("2025-09-03T10:02:00Z"));
    assert_int_equal(mz_core_running(bench.core), 0);
    const struct mz_ready unknown = {.pipeline = "nosuch"};
    assert_false(mz_core_ready(bench.core, &unknown));
    mz_core_drain(bench.core);
    bench_step(&bench, HOUR);
    assert_int_equal(bench.actions.count, 0);
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tick_is_stored_noted_and_started),
        cmocka_unit_test(a_year_of_ticks_in_a_second),
        cmocka_unit_test(overlap_skip_names_the_run_that_goes_on),
        cmocka_unit_test(overlap_queue_runs_them_one_after_the_other),
        cmocka_unit_test(overlap_replace_stops_the_run_once),
        cmocka_unit_test(missed_ticks_are_one_range_and_one_run),
        cmocka_unit_test(catch_up_none_and_all),
        cmocka_unit_test(a_long_absence_is_no_storm),
        cmocka_unit_test(the_clock_back_to_1970_starts_nothing),
        cmocka_unit_test(two_hundred_in_one_second_start_in_order_within_the_limit),
        cmocka_unit_test(a_start_deadline_gives_up),
        cmocka_unit_test(a_timeout_stops_the_run_by_the_clock_nobody_sets),
        cmocka_unit_test(jitter_spreads_and_is_the_same_everywhere),
        cmocka_unit_test(a_pause_is_one_skipped_range),
        cmocka_unit_test(what_failed_gives_way_to_the_next_tick),
        cmocka_unit_test(a_foreign_run_and_a_lost_tick),
        cmocka_unit_test(shards_run_beside_one_another),
        cmocka_unit_test(another_host_was_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
