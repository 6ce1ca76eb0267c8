#include "sched/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sched/core_internal.h"

#define SWEEP 10000 /* milliseconds between looks at all that waits */
/* A run limits its own time; it is stopped from outside when that did not help. */
#define TIMEOUT_GRACE 5000
#define CLOCK_BACK    1500 /* milliseconds: less is no setting of the clock */

const char *mz_trigger_name(enum mz_trigger trigger)
{
    static const char *const names[] = {"time", "request", "after", "file"};
    return names[trigger];
}

/* ---- actions ---- */

struct mz_action *mz_action_add(struct mz_actions *actions, enum mz_action_kind kind,
                                const struct job *job, int64_t tick_at)
{
    if (actions->count == actions->capacity) {
        size_t capacity = actions->capacity * 2 + 64;
        struct mz_action *items =
            realloc(actions->items, capacity * sizeof(struct mz_action));
        if (items == NULL) {
            actions->failed = true;
            return NULL;
        }
        actions->items = items;
        actions->capacity = capacity;
    }
    struct mz_action *action = &actions->items[actions->count++];
    *action = (struct mz_action){.kind = kind,
                                 .pipeline = job->name,
                                 .tick_at = tick_at,
                                 .shard = job->shard,
                                 .ticks = 1};
    return action;
}

void mz_actions_finish(struct mz_actions *actions)
{
    free(actions->items);
    *actions = (struct mz_actions){.items = NULL};
}

/* ---- what waits ---- */

bool mz_job_wait(struct mz_core *core, struct job *job, int64_t tick_at, int64_t due,
                 enum mz_trigger trigger, int64_t attempt)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    if (waiting == NULL) {
        return false;
    }
    *waiting = (struct waiting){.job = job,
                                .tick_at = tick_at,
                                .due = due,
                                .order = core->order++,
                                .attempt = attempt,
                                .trigger = trigger};
    if (!mz_queue_push(core, waiting)) {
        free(waiting);
        return false;
    }
    struct waiting **end = &job->waiting;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = waiting;
    job->waiting_count++;
    core->waiting_count++;
    return true;
}

void mz_job_drop(struct mz_core *core, struct waiting *waiting)
{
    struct waiting **at = &waiting->job->waiting;
    while (*at != waiting) {
        at = &(*at)->next;
    }
    *at = waiting->next;
    waiting->job->waiting_count--;
    core->waiting_count--;
    if (waiting->queued) {
        waiting->dropped = true;
        waiting->job = NULL;
    } else {
        free(waiting);
    }
}

static struct waiting *find_waiting(const struct job *job, int64_t tick_at)
{
    struct waiting *at = job->waiting;
    while (at != NULL && at->tick_at != tick_at) {
        at = at->next;
    }
    return at;
}

/* ---- shards ---- */

bool mz_job_busy(const struct job *job)
{
    bool busy = job->running || job->foreign;
    if (job->whole != NULL) {
        return busy || job->whole->running || job->whole->foreign;
    }
    for (size_t i = 0; i < job->shard_room && !busy; i++) {
        busy = job->shards[i] != NULL &&
               (job->shards[i]->running || job->shards[i]->foreign);
    }
    return busy;
}

struct job *mz_job_member(struct job *job, size_t n)
{
    if (n > job->shard_room) {
        return NULL;
    }
    return n == 0 || job->shards[n - 1] == NULL ? job : job->shards[n - 1];
}

static bool make_room(struct job *job, size_t count)
{
    struct job **shards = realloc(job->shards, count * sizeof(struct job *));
    if (shards == NULL) {
        return false;
    }
    memset(shards + job->shard_room, 0,
           (count - job->shard_room) * sizeof(struct job *));
    job->shards = shards;
    job->shard_room = count;
    return true;
}

static void copy_plan(const struct job *whole, struct job *shard)
{
    shard->plan = whole->plan;
    shard->plan.timed = false;
}

/* NULL: no such shard can be, or there is no memory for it. */
static struct job *shard_of(struct job *job, int64_t shard)
{
    if (shard < 0 || shard > MZ_MOST_SHARDS) {
        return NULL;
    }
    if (shard == 0 || job == NULL) {
        return job;
    }
    if ((size_t)shard > job->shard_room && !make_room(job, (size_t)shard)) {
        return NULL;
    }
    struct job **at = &job->shards[shard - 1];
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at != NULL) {
            (*at)->name = job->name;
            (*at)->whole = job;
            (*at)->shard = shard;
            (*at)->next_tick = MZ_NEVER;
            copy_plan(job, *at);
        }
    }
    return *at;
}

static void unpark(struct mz_core *core, struct job *job);

/* A lease is free again: what it excluded may go on. */
static void unpark_all(struct mz_core *core, struct job *job)
{
    struct job *whole = job->whole != NULL ? job->whole : job;
    struct job *member;
    for (size_t n = 0; (member = mz_job_member(whole, n)) != NULL; n++) {
        if (!mz_job_busy(member)) {
            unpark(core, member);
        }
    }
}

/* What waited for the pipeline waits for a place again. */
static void unpark(struct mz_core *core, struct job *job)
{
    for (struct waiting *at = job->waiting; at != NULL; at = at->next) {
        if (!at->queued) {
            /* The heap has had room for it: it came out of it. */
            (void)mz_queue_push(core, at);
        }
    }
}

/* ---- pipelines ---- */

static struct job *find_job(const struct mz_core *core, const char *name)
{
    return mz_map_get(core->jobs, name, strlen(name));
}

static void drop_all(struct mz_core *core, struct job *job)
{
    while (job->waiting != NULL) {
        mz_job_drop(core, job->waiting);
    }
}

static void free_job(void *value)
{
    struct job *job = value;
    if (job != NULL) {
        for (size_t i = 0; i < job->shard_room; i++) {
            free(job->shards[i]);
        }
        free(job->shards);
        free(job->name);
        free(job);
    }
}

static struct job *add_job(struct mz_core *core, const char *name)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return NULL;
    }
    job->next_tick = MZ_NEVER;
    job->name = strdup(name);
    if (job->name == NULL || !mz_map_set(core->jobs, name, strlen(name), job, NULL)) {
        free_job(job);
        return NULL;
    }
    return job;
}

static int64_t seconds_of(int64_t milliseconds)
{
    return milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);
}

static int64_t natural_next(const struct job *job, int64_t now)
{
    struct mz_tick tick;
    return job->plan.timed &&
                   mz_cron_next(&job->plan.cron, job->plan.zone, seconds_of(now), &tick)
               ? tick.time
               : MZ_NEVER;
}

bool mz_core_plan(struct mz_core *core, int64_t now, const struct mz_plan *plan,
                  int64_t next_tick, struct mz_actions *actions)
{
    struct job *job = find_job(core, plan->name);
    if (job == NULL) {
        job = add_job(core, plan->name);
    }
    if (job == NULL) {
        return false;
    }
    job->plan = *plan;
    job->plan.name = job->name;
    job->forgotten = false;
    for (size_t i = 0; i < job->shard_room; i++) {
        if (job->shards[i] != NULL) {
            copy_plan(job, job->shards[i]);
        }
    }
    core->deadlines = core->deadlines || plan->start_deadline > 0;
    int64_t next = natural_next(job, now);
    /* What was noted counts when it is past: it was missed. In the future it does not:
     * the clock may have been set back since, or the schedule is another. */
    bool noted = next_tick > 0 && next_tick < next && plan->timed;
    if (!noted) {
        struct mz_action *action =
            mz_action_add(actions, MZ_ACTION_NEXT, job, next == MZ_NEVER ? 0 : next);
        if (action == NULL) {
            return false;
        }
        action->before = next_tick;
    }
    return mz_timer_set(core, job, noted ? next_tick : next);
}

void mz_core_forget(struct mz_core *core, const char *pipeline)
{
    struct job *job = find_job(core, pipeline);
    if (job != NULL) {
        mz_timer_clear(core, job);
        job->next_tick = MZ_NEVER;
        job->plan.timed = false;
        job->forgotten = true;
        struct job *member;
        for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
            drop_all(core, member);
        }
    }
}

void mz_core_pause(struct mz_core *core, int64_t now, const char *pipeline, bool paused,
                   struct mz_actions *actions)
{
    struct job *job = find_job(core, pipeline);
    if (job == NULL || job->paused == paused) {
        return;
    }
    job->paused = paused;
    if (paused) {
        mz_timer_clear(core, job);
    } else if (job->plan.timed && job->next_tick != MZ_NEVER) {
        mz_job_skip_range(core, job, now, "the pipeline was paused", actions);
    }
}

bool mz_core_ready(struct mz_core *core, const struct mz_ready *ready)
{
    int64_t tick_at = ready->tick_at;
    struct job *whole = find_job(core, ready->pipeline);
    struct job *job = shard_of(whole, ready->shard);
    if (job == NULL || whole->forgotten) {
        return false;
    }
    if ((job->running && job->running_tick == tick_at) ||
        find_waiting(job, tick_at) != NULL) {
        return true;
    }
    int64_t due =
        ready->not_before > tick_at * 1000 ? ready->not_before : tick_at * 1000;
    return mz_job_wait(core, job, tick_at, due, ready->trigger, ready->attempt);
}

bool mz_core_knows(const struct mz_core *core, const char *pipeline,
                   enum mz_trigger trigger, bool *waits)
{
    struct job *job = find_job(core, pipeline), *member;
    *waits = false;
    if (job == NULL || job->forgotten) {
        return false;
    }
    for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
        for (const struct waiting *at = member->waiting; at != NULL; at = at->next) {
            *waits = *waits || (at->trigger == trigger && at->attempt == 0);
        }
    }
    return true;
}

void mz_core_foreign(struct mz_core *core, const char *pipeline, int64_t shard,
                     bool held)
{
    struct job *job = shard_of(find_job(core, pipeline), shard);
    if (job != NULL && job->foreign != held) {
        job->foreign = held;
        if (!held) {
            unpark_all(core, job);
        }
    }
}

void mz_core_moved(struct mz_core *core, int64_t now, const char *pipeline,
                   int64_t next_tick)
{
    struct job *job = find_job(core, pipeline);
    if (job != NULL && !job->forgotten && job->plan.timed) {
        (void)mz_timer_set(core, job,
                           next_tick > 0 ? next_tick : natural_next(job, now));
    }
}

static void release(struct mz_core *core, struct job *job)
{
    job->running = false;
    job->stopping = false;
    core->running_count--;
    if (job->previous_running != NULL) {
        job->previous_running->next_running = job->next_running;
    } else {
        core->running = job->next_running;
    }
    if (job->next_running != NULL) {
        job->next_running->previous_running = job->previous_running;
    }
    job->next_running = job->previous_running = NULL;
    unpark_all(core, job);
}

void mz_core_ended(struct mz_core *core, const char *pipeline, int64_t shard,
                   int64_t tick_at)
{
    struct job *job = shard_of(find_job(core, pipeline), shard);
    if (job != NULL && job->running && job->running_tick == tick_at) {
        release(core, job);
    }
}

void mz_core_lost(struct mz_core *core, const char *pipeline, int64_t shard,
                  int64_t tick_at)
{
    struct job *job = shard_of(find_job(core, pipeline), shard);
    if (job == NULL) {
        return;
    }
    struct waiting *waiting = find_waiting(job, tick_at);
    if (waiting != NULL) {
        mz_job_drop(core, waiting);
    }
    mz_core_ended(core, pipeline, shard, tick_at);
}

/* ---- the step ---- */

static void begin_run(struct mz_core *core, struct waiting *waiting, int64_t monotonic,
                      struct mz_actions *actions)
{
    struct job *job = waiting->job;
    struct mz_action *action =
        mz_action_add(actions, MZ_ACTION_START, job, waiting->tick_at);
    if (action == NULL) {
        (void)mz_queue_push(core, waiting);
        return;
    }
    action->trigger = waiting->trigger;
    action->not_before = waiting->due;
    job->running = true;
    job->running_tick = waiting->tick_at;
    job->started = monotonic;
    job->next_running = core->running;
    if (core->running != NULL) {
        core->running->previous_running = job;
    }
    core->running = job;
    core->running_count++;
    mz_job_drop(core, waiting);
}

static bool is_too_late(const struct waiting *waiting, int64_t now)
{
    int64_t deadline = waiting->job->plan.start_deadline;
    return deadline > 0 && waiting->attempt == 0 && waiting->trigger == MZ_BY_TIME &&
           now > waiting->tick_at * 1000 + deadline;
}

static void give_up(struct mz_core *core, struct waiting *waiting,
                    struct mz_actions *actions)
{
    struct mz_action *action =
        mz_action_add(actions, MZ_ACTION_SKIP, waiting->job, waiting->tick_at);
    if (action != NULL) {
        snprintf(action->cause, sizeof action->cause,
                 "start deadline: it could not begin within %lld s",
                 (long long)(waiting->job->plan.start_deadline / 1000));
        mz_job_drop(core, waiting);
    }
}

static void sweep(struct mz_core *core, int64_t now, struct mz_actions *actions)
{
    size_t position = 0;
    const char *name;
    void *value;
    if (!core->deadlines || core->waiting_count == 0 || now < core->next_sweep) {
        return;
    }
    core->next_sweep = now + SWEEP;
    while (mz_map_next(core->jobs, &position, &name, &value)) {
        struct job *member;
        for (size_t n = 0; (member = mz_job_member(value, n)) != NULL; n++) {
            for (struct waiting *at = member->waiting, *next; at != NULL; at = next) {
                next = at->next;
                if (is_too_late(at, now)) {
                    give_up(core, at, actions);
                }
            }
        }
    }
}

static void start_waiting(struct mz_core *core, int64_t now, int64_t monotonic,
                          struct mz_actions *actions)
{
    while (core->queue_count > 0 && core->queue[0]->due <= now &&
           (core->queue[0]->dropped || core->running_count < core->most_runs)) {
        struct waiting *first = mz_queue_pop(core);
        if (first->dropped) {
            free(first);
        } else if (is_too_late(first, now)) {
            give_up(core, first, actions);
        } else if (!mz_job_busy(first->job)) {
            begin_run(core, first, monotonic, actions);
            if (actions->failed) {
                return;
            }
        }
    }
}

static void stop_late(struct mz_core *core, int64_t monotonic,
                      struct mz_actions *actions)
{
    for (struct job *job = core->running; job != NULL; job = job->next_running) {
        int64_t limit = job->plan.timeout;
        if (limit <= 0 || job->stopping ||
            monotonic < job->started + limit + TIMEOUT_GRACE) {
            continue;
        }
        struct mz_action *stop =
            mz_action_add(actions, MZ_ACTION_STOP, job, job->running_tick);
        if (stop != NULL) {
            job->stopping = true;
            snprintf(stop->cause, sizeof stop->cause,
                     "timeout: the run took longer than %lld s",
                     (long long)(limit / 1000));
        }
    }
}

/* The clock was set back: what is due next is what it says now. What was run before is
 * known to the store by its second, and is not run again. */
static void turn_back(struct mz_core *core, int64_t now, struct mz_actions *actions)
{
    size_t position = 0;
    const char *name;
    void *value;
    while (mz_map_next(core->jobs, &position, &name, &value)) {
        struct job *job = value;
        int64_t next = natural_next(job, now);
        struct mz_action *action =
            job->next_tick > next ? mz_action_add(actions, MZ_ACTION_NEXT, job, next)
                                  : NULL;
        if (action != NULL) {
            action->before = MZ_UNKNOWN_TICK;
            actions->failed |= !mz_timer_set(core, job, next);
        }
    }
}

void mz_core_step(struct mz_core *core, int64_t now, int64_t monotonic,
                  struct mz_actions *actions)
{
    if (now < core->last_now - CLOCK_BACK) {
        turn_back(core, now, actions);
        core->next_sweep = 0;
    }
    core->last_now = now;
    while (!core->draining && !actions->failed && core->timer_count > 0 &&
           core->timers[0]->next_tick * 1000 <= now) {
        mz_job_due(core, core->timers[0], now, actions);
    }
    stop_late(core, monotonic, actions);
    if (!core->draining) {
        sweep(core, now, actions);
        start_waiting(core, now, monotonic, actions);
    }
}

int64_t mz_core_wake(const struct mz_core *core, int64_t *monotonic)
{
    int64_t wake = MZ_NEVER;
    *monotonic = MZ_NEVER;
    for (const struct job *job = core->running; job != NULL; job = job->next_running) {
        int64_t at = job->started + job->plan.timeout + TIMEOUT_GRACE;
        if (job->plan.timeout > 0 && !job->stopping && at < *monotonic) {
            *monotonic = at;
        }
    }
    if (core->draining) {
        return wake;
    }
    if (core->timer_count > 0) {
        wake = core->timers[0]->next_tick * 1000;
    }
    if (core->queue_count > 0 && core->running_count < core->most_runs &&
        core->queue[0]->due < wake) {
        wake = core->queue[0]->due;
    }
    if (core->deadlines && core->waiting_count > 0 && core->next_sweep < wake) {
        wake = core->next_sweep;
    }
    return wake;
}

/* ---- life ---- */

struct mz_core *mz_core_create(size_t most_runs)
{
    struct mz_core *core = calloc(1, sizeof *core);
    if (core == NULL) {
        return NULL;
    }
    core->most_runs = most_runs;
    core->last_now = INT64_MIN + CLOCK_BACK;
    core->jobs = mz_map_create();
    if (core->jobs == NULL) {
        free(core);
        return NULL;
    }
    return core;
}

static void free_waiting(struct job *job)
{
    while (job->waiting != NULL) {
        struct waiting *next = job->waiting->next;
        if (!job->waiting->queued) {
            free(job->waiting);
        }
        job->waiting = next;
    }
}

static void free_whole_job(void *value)
{
    struct job *member;
    for (size_t n = 0; (member = mz_job_member(value, n)) != NULL; n++) {
        free_waiting(member);
    }
    free_job(value);
}

void mz_core_destroy(struct mz_core *core)
{
    if (core == NULL) {
        return;
    }
    mz_map_destroy(core->jobs, free_whole_job);
    for (size_t i = 0; i < core->queue_count; i++) {
        free(core->queue[i]);
    }
    free(core->queue);
    free(core->timers);
    free(core);
}

void mz_core_drain(struct mz_core *core)
{
    core->draining = true;
}

size_t mz_core_running(const struct mz_core *core)
{
    return core->running_count;
}

size_t mz_core_room(const struct mz_core *core)
{
    size_t taken = core->running_count + core->waiting_count;
    return taken < core->most_runs ? core->most_runs - taken : 0;
}

size_t mz_core_waiting(const struct mz_core *core)
{
    return core->waiting_count;
}

size_t mz_core_pipelines(const struct mz_core *core)
{
    return mz_map_count(core->jobs);
}

int64_t mz_core_next(const struct mz_core *core, const char *pipeline)
{
    const struct job *job = find_job(core, pipeline);
    return job == NULL || job->next_tick == MZ_NEVER ? 0 : job->next_tick;
}
