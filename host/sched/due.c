/* Ticks whose time has come: on time or missed, and what becomes of each. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sched/core_internal.h"

/* Ticks that are counted one by one; a longer range says "at least". */
#define MOST_COUNTED 200000

static int64_t next_of(const struct job *job, int64_t time)
{
    struct mz_tick tick;
    return mz_cron_next(&job->plan.cron, job->plan.zone, time, &tick) ? tick.time
                                                                      : MZ_NEVER;
}

static int64_t seconds_of(int64_t milliseconds)
{
    return milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);
}

/* A start is late by choice, by the same for a tick on every host. */
static int64_t due_of(const struct job *job, int64_t tick_at)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)tick_at;
    if (job->plan.jitter <= 0) {
        return tick_at * 1000;
    }
    for (const char *at = job->name; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    }
    hash ^= hash >> 29;
    return tick_at * 1000 + (int64_t)(hash % (uint64_t)job->plan.jitter);
}

static void store_ready(struct mz_core *core, struct job *job, int64_t tick_at,
                        struct mz_actions *actions)
{
    int64_t due = due_of(job, tick_at);
    struct mz_action *action = mz_action_add(actions, MZ_ACTION_STORE, job, tick_at);
    if (action != NULL) {
        action->not_before = job->plan.jitter > 0 ? due : 0;
        action->shards = mz_job_split(job) ? job->plan.shards : 0;
        /* Shards are anybody's: they come by mz_core_ready. */
        actions->failed |=
            action->shards == 0 && !mz_job_wait(core, job, tick_at, due, MZ_BY_TIME, 0);
    }
}

static void store_skipped(struct job *job, int64_t first, int64_t last, int64_t count,
                          const char *cause, struct mz_actions *actions)
{
    struct mz_action *action = mz_action_add(actions, MZ_ACTION_STORE, job, first);
    if (action != NULL) {
        action->skipped = true;
        action->tick_to = last;
        action->ticks = count;
        snprintf(action->cause, sizeof action->cause, "%s%s", cause,
                 count >= MOST_COUNTED ? " (at least so many ticks)" : "");
    }
}

static void skip_waiting(struct mz_core *core, struct waiting *waiting,
                         const char *cause, struct mz_actions *actions)
{
    struct mz_action *action =
        mz_action_add(actions, MZ_ACTION_SKIP, waiting->job, waiting->tick_at);
    if (action != NULL) {
        snprintf(action->cause, sizeof action->cause, "%s", cause);
        mz_job_drop(core, waiting);
    }
}

/* ---- overlap ---- */

static void supersede(struct mz_core *core, struct job *job, int64_t tick_at,
                      const char *how, struct mz_actions *actions)
{
    char cause[160], text[MZ_TIME_TEXT];
    snprintf(cause, sizeof cause, "%s tick %s", how,
             mz_time_format(tick_at * 1000, text));
    struct job *member;
    for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
        for (struct waiting *at = member->waiting, *next; at != NULL; at = next) {
            next = at->next;
            if (at->trigger == MZ_BY_TIME) {
                skip_waiting(core, at, cause, actions);
            }
        }
    }
}

static void replace_running(struct job *job, int64_t tick_at,
                            struct mz_actions *actions)
{
    char text[MZ_TIME_TEXT];
    struct job *member;
    for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
        if (!member->running || member->stopping) {
            continue;
        }
        struct mz_action *stop =
            mz_action_add(actions, MZ_ACTION_STOP, member, member->running_tick);
        if (stop != NULL) {
            member->stopping = true;
            snprintf(stop->cause, sizeof stop->cause, "replaced by tick %s",
                     mz_time_format(tick_at * 1000, text));
        }
    }
}

/* A tick of time that is to begin: new, or its run vanished. One that failed and waits
 * for its time is none. */
static const struct waiting *fresh_waiting(const struct mz_core *core, struct job *job)
{
    const struct job *member;
    for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
        for (const struct waiting *at = member->waiting; at != NULL; at = at->next) {
            if (at->trigger == MZ_BY_TIME &&
                (at->attempt == 0 || at->due <= core->last_now)) {
                return at;
            }
        }
    }
    return NULL;
}

/* One of its runs that this host began; NULL: it knows of others alone. */
static const struct job *running_member(struct job *job)
{
    const struct job *member;
    for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
        if (member->running) {
            return member;
        }
    }
    return NULL;
}

static size_t waiting_ticks(struct job *job)
{
    const struct job *member;
    size_t most = 0;
    for (size_t n = 0; (member = mz_job_member(job, n)) != NULL; n++) {
        most = member->waiting_count > most ? member->waiting_count : most;
    }
    return most;
}

static void skip_overlapping(struct mz_core *core, struct job *job, int64_t tick_at,
                             struct mz_actions *actions)
{
    char cause[160], text[MZ_TIME_TEXT];
    const struct waiting *fresh = fresh_waiting(core, job);
    const struct job *running = running_member(job);
    if (!mz_job_busy(job) && fresh == NULL) {
        /* What waits to be run again gives way: the newer tick covers its time. */
        supersede(core, job, tick_at, "failed before, and overtaken by", actions);
        store_ready(core, job, tick_at, actions);
        return;
    }
    if (running != NULL) {
        snprintf(cause, sizeof cause, "overlap: the run of tick %s goes on",
                 mz_time_format(running->running_tick * 1000, text));
    } else if (fresh != NULL) {
        snprintf(cause, sizeof cause, "overlap: tick %s has not begun yet",
                 mz_time_format(fresh->tick_at * 1000, text));
    } else {
        snprintf(cause, sizeof cause, "overlap: another run of the pipeline goes on");
    }
    size_t at = actions->count;
    store_skipped(job, tick_at, tick_at, 1, cause, actions);
    if (actions->count > at) {
        actions->items[at].if_held = running == NULL && fresh == NULL;
    }
}

static void take_tick(struct mz_core *core, struct job *job, int64_t tick_at,
                      struct mz_actions *actions)
{
    if (job->plan.overlap == MZ_OVERLAP_SKIP) {
        skip_overlapping(core, job, tick_at, actions);
    } else if (job->plan.overlap == MZ_OVERLAP_REPLACE) {
        supersede(core, job, tick_at, "replaced by", actions);
        replace_running(job, tick_at, actions);
        store_ready(core, job, tick_at, actions);
    } else if (waiting_ticks(job) >= MZ_MOST_QUEUED) {
        store_skipped(job, tick_at, tick_at, 1, "overlap: the queue is full", actions);
    } else {
        store_ready(core, job, tick_at, actions);
    }
}

/* ---- missed ---- */

/* The ticks from the job's next one up to a time, the last hundred by name. */
struct range {
    int64_t first, last, count, after; /* after: the tick that follows */
    int64_t latest[MZ_MOST_CAUGHT_UP];
};

static void walk(const struct job *job, int64_t until, struct range *range)
{
    int64_t tick = job->next_tick;
    range->first = tick;
    range->count = 0;
    range->last = 0;
    while (tick <= until && range->count < MOST_COUNTED) {
        range->latest[range->count % MZ_MOST_CAUGHT_UP] = tick;
        range->last = tick;
        range->count++;
        tick = next_of(job, tick);
    }
    if (tick <= until) {
        /* Too many to count: the last ones, and what follows. */
        struct mz_tick found = {.time = until + 1};
        for (int64_t n = 1;
             n <= MZ_MOST_CAUGHT_UP &&
             mz_cron_previous(&job->plan.cron, job->plan.zone, found.time, &found);
             n++) {
            range->latest[(range->count - n) % MZ_MOST_CAUGHT_UP] = found.time;
            range->last = n == 1 ? found.time : range->last;
        }
        tick = next_of(job, until);
    }
    range->after = tick;
}

/* The nth of the last ones, 0 the oldest of `kept`. */
static int64_t kept_tick(const struct range *range, int64_t kept, int64_t n)
{
    return range->latest[(range->count - kept + n) % MZ_MOST_CAUGHT_UP];
}

static void take_missed(struct mz_core *core, struct job *job, bool covered,
                        const struct range *range, struct mz_actions *actions)
{
    int64_t kept = 0;
    if (range->count == 0) {
        return;
    }
    if (job->plan.catchup == MZ_CATCHUP_ALL) {
        kept = range->count < MZ_MOST_CAUGHT_UP ? range->count : MZ_MOST_CAUGHT_UP;
    } else if (job->plan.catchup == MZ_CATCHUP_LATEST && !covered) {
        kept = 1;
    }
    int64_t left = range->count - kept;
    if (left > 0) {
        int64_t last = range->last;
        if (kept > 0) {
            last = left < MZ_MOST_CAUGHT_UP && range->count <= MZ_MOST_CAUGHT_UP
                       ? range->latest[left - 1]
                       : kept_tick(range, kept, 0) - 1;
        }
        store_skipped(job, range->first, last, left,
                      kept == MZ_MOST_CAUGHT_UP
                          ? "missed: nothing ran them in time; 100 at most are made up"
                          : "missed: nothing ran them in time",
                      actions);
    }
    for (int64_t n = 0; n < kept; n++) {
        int64_t tick = kept_tick(range, kept, n);
        if (job->plan.catchup == MZ_CATCHUP_ALL) {
            store_ready(core, job, tick, actions);
        } else {
            take_tick(core, job, tick, actions);
        }
    }
}

/* Noted first: when another host was before this one, what follows is not stored. */
static bool note_next(struct mz_core *core, struct job *job, int64_t next,
                      struct mz_actions *actions)
{
    struct mz_action *action =
        mz_action_add(actions, MZ_ACTION_NEXT, job, next == MZ_NEVER ? 0 : next);
    if (action == NULL) {
        return false;
    }
    action->before = job->next_tick;
    actions->failed |= !mz_timer_set(core, job, next);
    return !actions->failed;
}

void mz_job_due(struct mz_core *core, struct job *job, int64_t now,
                struct mz_actions *actions)
{
    struct range range;
    int64_t second = seconds_of(now);
    walk(job, seconds_of(now - MZ_ON_TIME), &range);
    int64_t after = range.after;
    while (after <= second) {
        after = next_of(job, after);
    }
    if (!note_next(core, job, after, actions)) {
        return;
    }
    int64_t next = range.after;
    take_missed(core, job, next <= second, &range, actions);
    for (; next <= second; next = next_of(job, next)) {
        take_tick(core, job, next, actions);
    }
}

void mz_job_skip_range(struct mz_core *core, struct job *job, int64_t now,
                       const char *cause, struct mz_actions *actions)
{
    struct range range;
    walk(job, seconds_of(now), &range);
    if (note_next(core, job, range.after, actions) && range.count > 0) {
        store_skipped(job, range.first, range.last, range.count, cause, actions);
    }
}
