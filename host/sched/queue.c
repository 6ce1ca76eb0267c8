/* The two heaps of the core: pipelines by their next tick, ready ticks by due time and
 * order. */
#include <stdlib.h>

#include "sched/core_internal.h"

/* ---- timers ---- */

static void place_timer(struct mz_core *core, struct job *job, size_t place)
{
    core->timers[place - 1] = job;
    job->timer = place;
}

static void timer_up(struct mz_core *core, struct job *job)
{
    size_t place = job->timer;
    while (place > 1 && core->timers[place / 2 - 1]->next_tick > job->next_tick) {
        place_timer(core, core->timers[place / 2 - 1], place);
        place /= 2;
    }
    place_timer(core, job, place);
}

static void timer_down(struct mz_core *core, struct job *job)
{
    size_t place = job->timer;
    for (;;) {
        size_t child = place * 2;
        if (child > core->timer_count) {
            break;
        }
        if (child < core->timer_count &&
            core->timers[child]->next_tick < core->timers[child - 1]->next_tick) {
            child++;
        }
        if (core->timers[child - 1]->next_tick >= job->next_tick) {
            break;
        }
        place_timer(core, core->timers[child - 1], place);
        place = child;
    }
    place_timer(core, job, place);
}

void mz_timer_clear(struct mz_core *core, struct job *job)
{
    size_t place = job->timer;
    if (place == 0) {
        return;
    }
    job->timer = 0;
    struct job *last = core->timers[--core->timer_count];
    if (last != job) {
        place_timer(core, last, place);
        timer_up(core, last);
        timer_down(core, last);
    }
}

bool mz_timer_set(struct mz_core *core, struct job *job, int64_t next_tick)
{
    mz_timer_clear(core, job);
    job->next_tick = next_tick;
    if (next_tick == MZ_NEVER || job->paused) {
        return true;
    }
    if (core->timer_count == core->timer_capacity) {
        size_t capacity = core->timer_capacity * 2 + 64;
        struct job **timers = realloc(core->timers, capacity * sizeof(struct job *));
        if (timers == NULL) {
            return false;
        }
        core->timers = timers;
        core->timer_capacity = capacity;
    }
    core->timer_count++;
    place_timer(core, job, core->timer_count);
    timer_up(core, job);
    return true;
}

/* ---- what waits ---- */

static bool before(const struct waiting *a, const struct waiting *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

bool mz_queue_push(struct mz_core *core, struct waiting *waiting)
{
    if (core->queue_count == core->queue_capacity) {
        size_t capacity = core->queue_capacity * 2 + 64;
        struct waiting **queue =
            realloc(core->queue, capacity * sizeof(struct waiting *));
        if (queue == NULL) {
            return false;
        }
        core->queue = queue;
        core->queue_capacity = capacity;
    }
    size_t place = ++core->queue_count;
    while (place > 1 && before(waiting, core->queue[place / 2 - 1])) {
        core->queue[place - 1] = core->queue[place / 2 - 1];
        place /= 2;
    }
    core->queue[place - 1] = waiting;
    waiting->queued = true;
    return true;
}

struct waiting *mz_queue_pop(struct mz_core *core)
{
    if (core->queue_count == 0) {
        return NULL;
    }
    struct waiting *first = core->queue[0];
    struct waiting *last = core->queue[--core->queue_count];
    size_t place = 1;
    for (;;) {
        size_t child = place * 2;
        if (child > core->queue_count) {
            break;
        }
        if (child < core->queue_count &&
            before(core->queue[child], core->queue[child - 1])) {
            child++;
        }
        if (!before(core->queue[child - 1], last)) {
            break;
        }
        core->queue[place - 1] = core->queue[child - 1];
        place = child;
    }
    if (core->queue_count > 0) {
        core->queue[place - 1] = last;
    }
    first->queued = false;
    return first;
}
