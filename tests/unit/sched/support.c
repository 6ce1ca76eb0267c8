#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

int64_t at(const char *time)
{
    int64_t out = 0;
    assert_true(mz_time_parse(time, strlen(time), &out));
    return out / 1000;
}

void bench_init(struct bench *bench, size_t most_runs, const char *now)
{
    *bench = (struct bench){.core = mz_core_create(most_runs),
                            .arena = mz_arena_create((size_t)16 << 20),
                            .now = at(now) * 1000,
                            .monotonic = 1000000};
    assert_non_null(bench->core);
    assert_non_null(bench->arena);
}

void bench_finish(struct bench *bench)
{
    mz_actions_finish(&bench->actions);
    mz_core_destroy(bench->core);
    mz_arena_destroy(bench->arena);
}

struct mz_plan bench_plan(struct bench *bench, const char *name, const char *cron)
{
    struct mz_error error;
    struct mz_plan plan = {.name = name, .timed = true};
    assert_int_equal(mz_cron_parse(cron, name, &plan.cron, &error), MZ_OK);
    assert_int_equal(mz_zone_load(NULL, "UTC", bench->arena, &plan.zone, &error),
                     MZ_OK);
    return plan;
}

void bench_add(struct bench *bench, const struct mz_plan *plan, int64_t next_tick)
{
    mz_actions_finish(&bench->actions);
    assert_true(
        mz_core_plan(bench->core, bench->now, plan, next_tick, &bench->actions));
}

void bench_step(struct bench *bench, int64_t milliseconds)
{
    mz_actions_finish(&bench->actions);
    bench->now += milliseconds;
    bench->monotonic += milliseconds > 0 ? milliseconds : 0;
    mz_core_step(bench->core, bench->now, bench->monotonic, &bench->actions);
    assert_false(bench->actions.failed);
}

size_t bench_count(const struct bench *bench, enum mz_action_kind kind,
                   const struct mz_action **first)
{
    size_t count = 0;
    for (size_t i = 0; i < bench->actions.count; i++) {
        if (bench->actions.items[i].kind == kind) {
            if (count++ == 0 && first != NULL) {
                *first = &bench->actions.items[i];
            }
        }
    }
    return count;
}
