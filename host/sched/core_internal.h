/* Private to the core: its pipelines and what waits. */
#ifndef MIZAN_SCHED_CORE_INTERNAL_H
#define MIZAN_SCHED_CORE_INTERNAL_H

#include "base/map.h"
#include "sched/core.h"

struct job;

/* A ready tick that waits for its time, for a free place or for its pipeline. */
struct waiting {
    struct job *job;
    struct waiting *next; /* of the same job, in the order of arrival */
    int64_t tick_at, due; /* due: milliseconds */
    uint64_t order;       /* among those of one due time */
    int64_t attempt;      /* runs it had */
    enum mz_trigger trigger;
    bool queued;  /* in the core's heap; else its pipeline is busy */
    bool dropped; /* to be freed when it comes out of the heap */
};

/* A pipeline; one that is split has a job for each of its shards, which share its name
 * and have no time of their own. */
struct job {
    struct mz_plan plan;
    char *name;
    struct job *whole;   /* of a shard: its pipeline's */
    int64_t shard;       /* from 1; 0: the whole */
    struct job **shards; /* by number less 1; NULL: was never needed */
    size_t shard_room;
    int64_t next_tick; /* seconds; MZ_NEVER */
    size_t timer;      /* its place in the heap of timers, from 1; 0: in none */
    bool paused;
    bool foreign; /* a run that is not ours holds it */
    bool running;
    bool forgotten;                /* to be freed when its run ends */
    int64_t running_tick, started; /* started: monotonic */
    bool stopping;
    struct job *next_running, *previous_running;
    struct waiting *waiting; /* all of it, queued or not */
    size_t waiting_count;
};

struct mz_core {
    struct mz_map *jobs; /* by name */
    struct job **timers; /* heap by next_tick */
    size_t timer_count, timer_capacity;
    struct waiting **queue; /* heap by (due, order) */
    size_t queue_count, queue_capacity;
    struct job *running;
    size_t running_count, most_runs, waiting_count;
    uint64_t order;
    int64_t last_now, next_sweep;
    bool deadlines; /* a pipeline has a start_deadline */
    bool draining;
};

/* queue.c */
bool mz_timer_set(struct mz_core *core, struct job *job, int64_t next_tick);
void mz_timer_clear(struct mz_core *core, struct job *job);
bool mz_queue_push(struct mz_core *core, struct waiting *waiting);
struct waiting *mz_queue_pop(struct mz_core *core);

/* core.c */
struct mz_action *mz_action_add(struct mz_actions *actions, enum mz_action_kind kind,
                                const struct job *job, int64_t tick_at);
bool mz_job_wait(struct mz_core *core, struct job *job, int64_t tick_at, int64_t due,
                 enum mz_trigger trigger, int64_t attempt);
void mz_job_drop(struct mz_core *core, struct waiting *waiting);
/* A run of it, or of what excludes it, goes on: the whole and its shards exclude one
 * another, two shards do not. */
bool mz_job_busy(const struct job *job);
/* The nth of a pipeline and its shards, 0 the whole; NULL: `n` is past the last. Those
 * that were never needed are passed over with the whole itself. */
struct job *mz_job_member(struct job *job, size_t n);
static inline bool mz_job_split(const struct job *job)
{
    return job->plan.shards > 1;
}

/* due.c: the ticks of a pipeline whose time has come. */
void mz_job_due(struct mz_core *core, struct job *job, int64_t now,
                struct mz_actions *actions);
/* The ticks from next_tick to `now` are skipped for one cause, as one range. */
void mz_job_skip_range(struct mz_core *core, struct job *job, int64_t now,
                       const char *cause, struct mz_actions *actions);

#endif
