/* A core with one pipeline and a clock that the test moves. */
#ifndef MIZAN_TEST_SCHED_SUPPORT_H
#define MIZAN_TEST_SCHED_SUPPORT_H

#include "base/arena.h"
#include "sched/core.h"

struct bench {
    struct mz_core *core;
    struct mz_arena *arena;
    struct mz_actions actions; /* of the last step */
    int64_t now, monotonic;    /* milliseconds */
};

void bench_init(struct bench *bench, size_t most_runs, const char *now);
void bench_finish(struct bench *bench);
/* A plan of this expression in UTC with the defaults. */
struct mz_plan bench_plan(struct bench *bench, const char *name, const char *cron);
void bench_add(struct bench *bench, const struct mz_plan *plan, int64_t next_tick);
/* Moves both clocks on and takes a step; the actions are those of the step alone. */
void bench_step(struct bench *bench, int64_t milliseconds);
int64_t at(const char *time); /* seconds */
/* How many actions of a kind the last step made; `first` (may be NULL) is the first. */
size_t bench_count(const struct bench *bench, enum mz_action_kind kind,
                   const struct mz_action **first);

#endif
