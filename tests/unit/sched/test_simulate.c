/* The core, a clock, a store and hosts that die, in one process and one thread, drawn
 * from a seed. Invariants are checked all along; a failure prints its seed, and the
 * seed alone replays it.
 *
 *   unit_sched_simulate [SEEDS [HOURS [FIRST SEED]]]
 *
 * The store is a model of the table `tick`: a row per tick, claims by state, leases by
 * time. Hosts are cores of their own; what a host knows dies with it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "sched/core.h"

#define HOSTS     3
#define PIPELINES 8
#define ROWS      65536 /* a simulation ends when they are full */
#define INDEX     262144
#define LEASE     300 /* seconds */
#define MOST_LOST 5

enum state { READY, RUNNING, DONE, FAILED, SKIPPED };

struct row {
    int pipeline;
    int64_t tick_at, tick_to, ticks;
    enum state state;
    int owner; /* of a ready one that is kept, or of the run; -1: nobody */
    int64_t until, not_before, attempt;
    int64_t ends; /* of the run, seconds */
    bool orphan;  /* its host died, the run goes on */
    int completions;
};

struct pipeline {
    char name[16];
    struct mz_plan plan;
    int64_t next_tick;  /* as the store has it */
    int64_t begun;      /* first second of its life */
    int64_t last_moved; /* the clock was set: gaps before it do not count */
};

struct host {
    struct mz_core *core;
    bool alive;
    int64_t back_at;
};

struct world {
    uint64_t random;
    uint64_t seed;
    int64_t now, monotonic; /* milliseconds */
    struct pipeline pipelines[PIPELINES];
    struct row *rows;
    size_t count;
    size_t first;    /* all rows before it rest */
    uint32_t *index; /* row + 1 by pipeline and tick; 0: none */
    struct host hosts[HOSTS];
    int64_t runs, kills, jumps, skipped;
    char failure[1100];
};

static uint64_t draw(struct world *world, uint64_t below)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return world->random % below;
}

static void fail_at(struct world *world, const struct row *row, const char *what)
{
    char time[MZ_TIME_TEXT];
    if (world->failure[0] == '\0') {
        snprintf(world->failure, sizeof world->failure, "%s: tick %s of %s", what,
                 mz_time_format(row->tick_at * 1000, time),
                 world->pipelines[row->pipeline].name);
    }
}

/* ---- the store ---- */

/* The place of a key in the index: its row's, or an empty one. */
static size_t place_of(const struct world *world, int pipeline, int64_t tick_at)
{
    uint64_t key = ((uint64_t)tick_at * PIPELINES + (uint64_t)pipeline) *
                   UINT64_C(0x9E3779B97F4A7C15);
    size_t place = (size_t)(key >> 40) % INDEX;
    while (world->index[place] != 0) {
        const struct row *row = &world->rows[world->index[place] - 1];
        if (row->pipeline == pipeline && row->tick_at == tick_at) {
            break;
        }
        place = (place + 1) % INDEX;
    }
    return place;
}

static struct row *find_row(struct world *world, int pipeline, int64_t tick_at)
{
    uint32_t found = world->index[place_of(world, pipeline, tick_at)];
    return found == 0 ? NULL : &world->rows[found - 1];
}

static int pipeline_of(struct world *world, const char *name)
{
    for (int i = 0; i < PIPELINES; i++) {
        if (strcmp(world->pipelines[i].name, name) == 0) {
            return i;
        }
    }
    abort();
}

/* INSERT … ON CONFLICT DO NOTHING; false when it was there. */
static bool store_tick(struct world *world, const struct mz_action *action, int host)
{
    int pipeline = pipeline_of(world, action->pipeline);
    bool there = find_row(world, pipeline, action->tick_at) != NULL;
#if defined(MZ_MUTANT_NO_CONFLICT)
    there = false;
#endif
    if (there || world->count == ROWS) {
        return false;
    }
    world->rows[world->count++] =
        (struct row){.pipeline = pipeline,
                     .tick_at = action->tick_at,
                     .tick_to = action->ticks > 1 ? action->tick_to : action->tick_at,
                     .ticks = action->ticks,
                     .state = action->skipped ? SKIPPED : READY,
                     .owner = action->skipped ? -1 : host,
                     .until = world->now / 1000 + LEASE,
                     .not_before = action->not_before};
    world->index[place_of(world, pipeline, action->tick_at)] = (uint32_t)world->count;
    world->skipped += action->skipped ? action->ticks : 0;
    return true;
}

static struct row *running_of(struct world *world, int pipeline)
{
    for (size_t i = world->count; i-- > world->first;) {
        if (world->rows[i].pipeline == pipeline && world->rows[i].state == RUNNING) {
            return &world->rows[i];
        }
    }
    return NULL;
}

/* What `mizan run --tick` does: claim, or find that there is nothing to do. */
static bool claim(struct world *world, int pipeline, int64_t tick_at, int host)
{
    struct row *row = NULL;
    for (size_t i = world->count; i-- > world->first && row == NULL;) {
        struct row *at = &world->rows[i];
        if (at->pipeline == pipeline && at->tick_at == tick_at && at->state == READY) {
            row = at;
        }
    }
    if (row == NULL || running_of(world, pipeline) != NULL) {
        return false;
    }
    row->state = RUNNING;
    row->owner = host;
    row->attempt++;
    /* Mostly short: who is overloaded for hours waits for hours, and that is right. */
    row->ends =
        world->now / 1000 + 1 + (int64_t)draw(world, draw(world, 30) == 0 ? 900 : 30);
    row->orphan = false;
    world->runs++;
    return true;
}

static void complete(struct world *world, struct row *row)
{
    row->completions++;
    /* A store that forgets has several rows of one tick. */
    for (size_t i = world->count; i-- > 0 && i + 200 > world->count;) {
        const struct row *other = &world->rows[i];
        if (other != row && other->pipeline == row->pipeline &&
            other->tick_at == row->tick_at && other->completions > 0) {
            fail_at(world, row, "was run twice");
        }
    }
    if (row->completions > 1) {
        fail_at(world, row, "was run twice");
    }
    row->state = DONE;
}

static void end_run(struct world *world, struct row *row)
{
    int host = row->owner;
    uint64_t chance = draw(world, 10);
    if (chance == 0 && row->attempt <= 2) {
        row->state = READY; /* it failed: again after a delay */
        row->not_before = world->now + 60000;
    } else if (chance == 1) {
        row->state = FAILED;
    } else {
        complete(world, row);
    }
    row->owner = -1;
    if (!row->orphan && world->hosts[host].alive) {
        mz_core_ended(world->hosts[host].core, world->pipelines[row->pipeline].name, 0,
                      row->tick_at);
    }
}

/* ---- hosts ---- */

/* Compare and set, as mz_pipeline_next does; false: another host was first. */
static bool note_next(struct world *world, int host, int pipeline,
                      const struct mz_action *action)
{
    int64_t *next_tick = &world->pipelines[pipeline].next_tick;
    if (action->before != MZ_UNKNOWN_TICK && action->before != *next_tick) {
        mz_core_moved(world->hosts[host].core, world->now, action->pipeline,
                      *next_tick);
        return false;
    }
    *next_tick = action->tick_at;
    return true;
}

/* A step of the store; starts are none. */
static void write_action(struct world *world, int host, const struct mz_action *action,
                         bool *moved)
{
    struct mz_core *core = world->hosts[host].core;
    int pipeline = pipeline_of(world, action->pipeline);
    struct row *row = find_row(world, pipeline, action->tick_at);
    if (action->kind == MZ_ACTION_STORE) {
        if ((*moved || !store_tick(world, action, host)) && !action->skipped) {
            mz_core_lost(core, action->pipeline, 0, action->tick_at);
        }
    } else if (action->kind == MZ_ACTION_NEXT) {
        *moved = !note_next(world, host, pipeline, action);
    } else if (action->kind == MZ_ACTION_SKIP && row != NULL && row->state == READY) {
        row->state = SKIPPED;
        world->skipped++;
    } else if (action->kind == MZ_ACTION_STOP && row != NULL && row->state == RUNNING &&
               row->owner == host) {
        row->ends = world->now / 1000; /* it ends, and failed */
        row->attempt = 100;
    }
}

/* What a step gives is written in one transaction, then runs are started; a host may
 * die before it, after it and between two starts. */
static void act(struct world *world, int host, struct mz_actions *actions)
{
    bool moved = false; /* another host made the ticks of the pipeline */
    bool *alive = &world->hosts[host].alive;
    *alive = *alive && draw(world, 4000) != 0;
    for (size_t i = 0; i < actions->count && *alive; i++) {
        write_action(world, host, &actions->items[i], &moved);
    }
    for (size_t i = 0; i < actions->count && *alive; i++) {
        const struct mz_action *action = &actions->items[i];
        if (action->kind == MZ_ACTION_START &&
            !claim(world, pipeline_of(world, action->pipeline), action->tick_at,
                   host)) {
            mz_core_lost(world->hosts[host].core, action->pipeline, 0, action->tick_at);
        }
        *alive = *alive && draw(world, 4000) != 0;
    }
    mz_actions_finish(actions);
}

static void plan_all(struct world *world, int host)
{
    for (int i = 0; i < PIPELINES && world->hosts[host].alive; i++) {
        struct mz_actions actions = {.items = NULL};
        (void)mz_core_plan(world->hosts[host].core, world->now,
                           &world->pipelines[i].plan, world->pipelines[i].next_tick,
                           &actions);
        act(world, host, &actions);
    }
}

static void begin_host(struct world *world, int host)
{
    world->hosts[host].core = mz_core_create(3);
    world->hosts[host].alive = world->hosts[host].core != NULL;
    for (size_t i = world->first; i < world->count; i++) {
        if (world->rows[i].state == READY && world->rows[i].owner == host) {
            world->rows[i].owner = -1;
        }
    }
    plan_all(world, host);
}

/* The host is gone; some of its runs go with it, others go on. */
static void bury_host(struct world *world, int host)
{
    mz_core_destroy(world->hosts[host].core);
    world->hosts[host].core = NULL;
    world->hosts[host].back_at = world->now + 1000 + (int64_t)draw(world, 900000);
    world->kills++;
    for (size_t i = world->first; i < world->count; i++) {
        struct row *row = &world->rows[i];
        if (row->state == RUNNING && row->owner == host) {
            row->orphan = true;
            if (draw(world, 2) == 0) {
                row->ends = INT64_MAX; /* it died too: its lease is found dead */
                row->until = world->now / 1000 + LEASE;
            }
        }
    }
}

/* Once a second: what the poll of the scheduler does. */
static void poll_host(struct world *world, int host)
{
    struct mz_core *core = world->hosts[host].core;
    int64_t second = world->now / 1000;
    for (size_t i = world->first; i < world->count; i++) {
        struct row *row = &world->rows[i];
        if (row->state == RUNNING && row->ends == INT64_MAX &&
            (row->owner == host || row->until < second)) {
            row->state = row->attempt < 2 + MOST_LOST ? READY : FAILED;
            row->owner = -1;
        }
        const struct mz_ready ready = {.pipeline = world->pipelines[row->pipeline].name,
                                       .tick_at = row->tick_at,
                                       .attempt = row->attempt,
                                       .not_before = row->not_before};
        if (row->state == READY && (row->owner < 0 || row->until < second) &&
            mz_core_ready(core, &ready)) {
            row->owner = host;
            row->until = second + LEASE;
        }
    }
    for (int i = 0; i < PIPELINES; i++) {
        const struct row *row = running_of(world, i);
        mz_core_foreign(core, world->pipelines[i].name, 0,
                        row != NULL && (row->owner != host || row->orphan));
    }
}

/* ---- invariants ---- */

static void check_running(struct world *world)
{
    int running[PIPELINES] = {0};
    for (size_t i = world->first; i < world->count; i++) {
        if (world->rows[i].state == RUNNING && ++running[world->rows[i].pipeline] > 1) {
            fail_at(world, &world->rows[i], "runs beside another");
        }
    }
}

/* Each second that the cron names stands in a row of its own or in a range. */
static void check_gaps(struct world *world)
{
    for (int i = 0; i < PIPELINES; i++) {
        const struct pipeline *pipeline = &world->pipelines[i];
        struct mz_tick tick = {.time = pipeline->last_moved};
        int64_t end = world->now / 1000 - 2 * 3600;
        while (
            mz_cron_next(&pipeline->plan.cron, pipeline->plan.zone, tick.time, &tick) &&
            tick.time < end && tick.time < pipeline->next_tick) {
            bool found = false;
            for (size_t r = world->count; r-- > 0 && !found;) {
                const struct row *row = &world->rows[r];
                found = row->pipeline == i && row->tick_at <= tick.time &&
                        row->tick_to >= tick.time;
            }
            if (!found) {
                struct row lost = {.pipeline = i, .tick_at = tick.time};
                fail_at(world, &lost, "was lost");
                return;
            }
        }
    }
}

/* At the end, with all hosts well for hours: nothing is left to do that is due, but of
 * those that queue, which may have more to do than there is time. */
static void check_rest(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct row *row = &world->rows[i];
        const struct mz_plan *plan = &world->pipelines[row->pipeline].plan;
        bool queues =
            plan->overlap == MZ_OVERLAP_QUEUE || plan->catchup == MZ_CATCHUP_ALL;
        if (row->state == READY && !queues &&
            row->tick_at < world->now / 1000 - 3 * 3600) {
            fail_at(world, row, "waits for ever");
        }
    }
}

/* ---- the simulation ---- */

static void set_clock(struct world *world)
{
    static const int64_t jumps[] = {-3600, 3600, -60, 90, 7200, -7200};
    world->now += jumps[draw(world, 6)] * 1000;
    world->jumps++;
    for (int i = 0; i < PIPELINES; i++) {
        world->pipelines[i].last_moved = world->now / 1000 + 8 * 3600;
    }
}

static void make_plans(struct world *world, struct mz_arena *arena)
{
    static const char *const crons[] = {
        "* * * * *",    "*/5 * * * *", "17 */2 * * *",      "30 2 * * *",
        "@every 7m30s", "0 * * * *",   "*/15 8-18 * * 1-5", "H * * * *"};
    static const char *const zones[] = {"UTC", "Europe/Berlin", "Australia/Lord_Howe",
                                        "Asia/Kathmandu"};
    for (int i = 0; i < PIPELINES; i++) {
        struct pipeline *pipeline = &world->pipelines[i];
        struct mz_error error;
        snprintf(pipeline->name, sizeof pipeline->name, "p%d", i);
        pipeline->plan =
            (struct mz_plan){.name = pipeline->name,
                             .timed = true,
                             .overlap = (enum mz_overlap)draw(world, 3),
                             .catchup = (enum mz_catchup)draw(world, 3),
                             .jitter = draw(world, 3) == 0 ? 90000 : 0,
                             .start_deadline = draw(world, 4) == 0 ? 600000 : 0,
                             .timeout = draw(world, 4) == 0 ? 200000 : 0};
        if (mz_cron_parse(crons[i], pipeline->name, &pipeline->plan.cron, &error) !=
                MZ_OK ||
            mz_zone_load(NULL, zones[draw(world, 4)], arena, &pipeline->plan.zone,
                         &error) != MZ_OK) {
            snprintf(world->failure, sizeof world->failure, "%s", error.message);
        }
        pipeline->begun = pipeline->last_moved = world->now / 1000;
    }
}

/* To the next moment at which something can happen, a minute at most. */
static void advance(struct world *world)
{
    int64_t wake = world->now + 60000;
    for (int h = 0; h < HOSTS; h++) {
        int64_t monotonic;
        if (world->hosts[h].alive) {
            int64_t at = mz_core_wake(world->hosts[h].core, &monotonic);
            wake = at > world->now && at < wake ? at : wake;
        }
    }
    int64_t step = wake - world->now + (int64_t)draw(world, 300);
    world->now += step;
    world->monotonic += step;
}

static bool rests(const struct row *row)
{
    return row->state == DONE || row->state == FAILED || row->state == SKIPPED;
}

static void turn(struct world *world, bool faults)
{
    while (world->first < world->count && rests(&world->rows[world->first])) {
        world->first++;
    }
    if (faults && draw(world, 20000) == 0) {
        set_clock(world);
    }
    for (size_t i = world->first; i < world->count; i++) {
        struct row *row = &world->rows[i];
        if (row->state == RUNNING && row->ends <= world->now / 1000) {
            end_run(world, row);
        }
    }
    for (int h = 0; h < HOSTS; h++) {
        struct host *host = &world->hosts[h];
        struct mz_actions actions = {.items = NULL};
        if (host->core == NULL && world->now >= host->back_at) {
            begin_host(world, h);
        }
        if (host->alive && faults && draw(world, 3000) == 0) {
            host->alive = false;
        }
        if (host->alive) {
            poll_host(world, h);
            mz_core_step(host->core, world->now, world->monotonic, &actions);
            act(world, h, &actions);
        }
        if (!host->alive && host->core != NULL) {
            bury_host(world, h);
        }
    }
    check_running(world);
}

/* Old rows that are at rest are forgotten, so that a year fits. */
static void forget_old(struct world *world)
{
    size_t kept = 0;
    int64_t before = world->now / 1000 - 24 * 3600;
    for (size_t i = 0; i < world->count; i++) {
        const struct row *row = &world->rows[i];
        if (!rests(row) || row->tick_to > before) {
            world->rows[kept++] = *row;
        }
    }
    world->count = kept;
    world->first = 0;
    memset(world->index, 0, INDEX * sizeof *world->index);
    for (size_t i = 0; i < kept; i++) {
        const struct row *row = &world->rows[i];
        world->index[place_of(world, row->pipeline, row->tick_at)] = (uint32_t)i + 1;
    }
    for (int i = 0; i < PIPELINES; i++) {
        struct pipeline *pipeline = &world->pipelines[i];
        if (pipeline->last_moved < before) {
            pipeline->last_moved = before;
        }
    }
}

static bool simulate(uint64_t seed, int64_t hours, int64_t totals[4])
{
    struct world *world = calloc(1, sizeof *world);
    struct mz_arena *arena = mz_arena_create((size_t)16 << 20);
    if (world == NULL || arena == NULL) {
        abort();
    }
    world->seed = seed;
    world->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    world->rows = calloc(ROWS, sizeof *world->rows);
    world->index = calloc(INDEX, sizeof *world->index);
    if (world->rows == NULL || world->index == NULL) {
        abort();
    }
    world->now = INT64_C(1735689600000) + (int64_t)draw(world, 365) * 86400000;
    world->monotonic = 1000;
    make_plans(world, arena);
    for (int h = 0; h < HOSTS; h++) {
        begin_host(world, h);
    }
    /* The real hours: the clock may be set, the other one may not. */
    int64_t end = world->monotonic + hours * 3600000, quiet = end + 6 * 3600000;
    int64_t next_check = 0;
    while (world->monotonic < quiet && world->failure[0] == '\0') {
        advance(world);
        turn(world, world->monotonic < end);
        if (world->monotonic >= next_check) {
            next_check = world->monotonic + 6 * 3600000;
            check_gaps(world);
            forget_old(world);
        }
    }
    check_rest(world);
    bool good = world->failure[0] == '\0';
    if (!good) {
        printf("seed %" PRIu64 ": %s\n", seed, world->failure);
    }
    totals[0] += world->runs;
    totals[1] += world->kills;
    totals[2] += world->jumps;
    totals[3] += world->skipped;
    for (int h = 0; h < HOSTS; h++) {
        mz_core_destroy(world->hosts[h].core);
    }
    free(world->rows);
    free(world->index);
    free(world);
    mz_arena_destroy(arena);
    return good;
}

int main(int count, char **words)
{
    int64_t numbers[3] = {8, 100, 1};
    int64_t totals[4] = {0, 0, 0, 0};
    int failed = 0;
    for (int i = 1; i < count && i < 4; i++) {
        if (!mz_parse_integer(words[i], &numbers[i - 1])) {
            fprintf(stderr, "usage: %s [SEEDS [HOURS [FIRST SEED]]]\n", words[0]);
            return 64;
        }
    }
    for (int64_t n = 0; n < numbers[0]; n++) {
        failed += simulate((uint64_t)(numbers[2] + n), numbers[1], totals) ? 0 : 1;
    }
    printf("%" PRId64 " simulated hours: %" PRId64 " runs, %" PRId64
           " hosts killed, %" PRId64 " clocks set, %" PRId64
           " ticks skipped; %d seeds broke an invariant\n",
           numbers[0] * numbers[1], totals[0], totals[1], totals[2], totals[3], failed);
    return failed == 0 ? 0 : 1;
}
