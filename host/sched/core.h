/* The scheduler's decisions as a state machine: events and the time go in, actions come
 * out. There is no clock, no database and no process in here, so a test, or the
 * simulator, runs a year of ticks in a second. What is decided here holds for this host
 * alone: the store decides between hosts, and tells by mz_core_lost when another was
 * first.
 *
 * Times of ticks are seconds UTC; `now` is milliseconds of the wall clock, `monotonic`
 * milliseconds of a clock that nobody sets. */
#ifndef MIZAN_SCHED_CORE_H
#define MIZAN_SCHED_CORE_H

#include "cron/cron.h"

#define MZ_MOST_CAUGHT_UP 100   /* ticks that catchup = "all" makes up for */
#define MZ_MOST_QUEUED    100   /* ticks of one pipeline that wait */
#define MZ_ON_TIME        60000 /* milliseconds: what is later than this was missed */
#define MZ_NEVER          INT64_MAX

enum mz_overlap { MZ_OVERLAP_SKIP, MZ_OVERLAP_QUEUE, MZ_OVERLAP_REPLACE };
enum mz_catchup { MZ_CATCHUP_LATEST, MZ_CATCHUP_NONE, MZ_CATCHUP_ALL };
enum mz_trigger { MZ_BY_TIME, MZ_BY_REQUEST, MZ_BY_AFTER, MZ_BY_FILE };
const char *mz_trigger_name(enum mz_trigger trigger); /* "time" … */

/* A pipeline's schedule; texts are copied, the zone outlives the core. */
struct mz_plan {
    const char *name;
    bool timed; /* else only requests, other pipelines and files trigger it */
    struct mz_cron cron;
    const struct mz_zone *zone;
    enum mz_overlap overlap;
    enum mz_catchup catchup;
    int64_t jitter, start_deadline, timeout; /* milliseconds; 0: none */
    int64_t shards; /* a tick is so many, taken one by one; 0 or 1: it is not split */
};
#define MZ_MOST_SHARDS 256

enum mz_action_kind {
    MZ_ACTION_STORE, /* write a tick: ready, or (skipped) with its cause */
    MZ_ACTION_SKIP,  /* a ready tick that was written is skipped after all */
    MZ_ACTION_NEXT,  /* note when the pipeline is due next: tick_at, 0: never */
    MZ_ACTION_START, /* start the run of a tick that is written */
    MZ_ACTION_STOP   /* tell the run of the tick to stop, for `cause` */
};
struct mz_action {
    enum mz_action_kind kind;
    const char *pipeline; /* valid until the pipeline is forgotten */
    int64_t tick_at;
    int64_t shard;  /* from 1; 0: the pipeline is not split, or all of them */
    int64_t shards; /* STORE: so many; 0: it is not split */
    int64_t before; /* NEXT: what was noted until now, MZ_UNKNOWN_TICK: whatever is */
    enum mz_trigger trigger;
    bool skipped;
    bool if_held; /* skipped for a run that this host knows by hearsay alone */
    int64_t tick_to, ticks; /* of a skipped range; ticks 1: no range */
    int64_t not_before;     /* milliseconds; 0: at once; START: when it was due */
    char cause[160];
};
/* Grows as needed; `failed`: there was no memory for all. */
struct mz_actions {
    struct mz_action *items;
    size_t count, capacity;
    bool failed;
};
void mz_actions_finish(struct mz_actions *actions);

struct mz_core;

/* NULL when out of memory. */
struct mz_core *mz_core_create(size_t most_runs);
void mz_core_destroy(struct mz_core *core);

/* Its schedule changed: what was noted means nothing any more. */
#define MZ_UNKNOWN_TICK INT64_MIN
/* A pipeline is new, or its schedule changed. `next_tick` is what was noted last, 0:
 * nothing. False when out of memory. */
bool mz_core_plan(struct mz_core *core, int64_t now, const struct mz_plan *plan,
                  int64_t next_tick, struct mz_actions *actions);
/* Its ready ticks stay in the store; a run of it goes on. */
void mz_core_forget(struct mz_core *core, const char *pipeline);
/* A paused pipeline makes no ticks of time; what it missed is one skipped range when it
 * goes on. Requests are still done. */
void mz_core_pause(struct mz_core *core, int64_t now, const char *pipeline, bool paused,
                   struct mz_actions *actions);

struct mz_ready {
    const char *pipeline;
    int64_t shard, tick_at;
    int64_t attempt;    /* runs it had */
    int64_t not_before; /* milliseconds; 0: at once */
    enum mz_trigger trigger;
};
/* A ready tick that stands in the store: after a restart, from another host, or to be
 * run again. Known ones are passed over. False when the pipeline is not known here. */
bool mz_core_ready(struct mz_core *core, const struct mz_ready *ready);
/* True when the pipeline is known and may be triggered; `waits` tells whether a tick
 * of this trigger waits already, so that asking again changes nothing. */
bool mz_core_knows(const struct mz_core *core, const char *pipeline,
                   enum mz_trigger trigger, bool *waits);
/* A run that this core did not start holds the pipeline, or does no longer. */
void mz_core_foreign(struct mz_core *core, const char *pipeline, int64_t shard,
                     bool held);
/* Another host noted first when the pipeline is due next; 0: never. */
void mz_core_moved(struct mz_core *core, int64_t now, const char *pipeline,
                   int64_t next_tick);
/* The run that MZ_ACTION_START began has ended; what it left to be run again comes by
 * mz_core_ready. */
void mz_core_ended(struct mz_core *core, const char *pipeline, int64_t shard,
                   int64_t tick_at);
/* The tick of MZ_ACTION_STORE or MZ_ACTION_START is another's: it is forgotten. */
void mz_core_lost(struct mz_core *core, const char *pipeline, int64_t shard,
                  int64_t tick_at);

/* Does what is due. */
void mz_core_step(struct mz_core *core, int64_t now, int64_t monotonic,
                  struct mz_actions *actions);
/* Milliseconds of the wall clock at which a step is due, MZ_NEVER: no time will make
 * one so. `monotonic` becomes the same of the other clock. */
int64_t mz_core_wake(const struct mz_core *core, int64_t *monotonic);
/* From now on nothing new is begun. */
void mz_core_drain(struct mz_core *core);

size_t mz_core_running(const struct mz_core *core);
/* Runs that could be begun beside those that run and wait; 0: no room. */
size_t mz_core_room(const struct mz_core *core);
size_t mz_core_waiting(const struct mz_core *core);
size_t mz_core_pipelines(const struct mz_core *core);
/* When the pipeline is due next, seconds; 0: never. */
int64_t mz_core_next(const struct mz_core *core, const char *pipeline);

#endif
