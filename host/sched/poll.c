/* Once a second: what others wrote into the store. Ready ticks that nobody keeps (left
 * by a host that is gone, or to be run again), requests, runs that are not ours,
 * pauses.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sched/daemon.h"
#include "sched/notify.h"

#define MOST_TAKEN 1000
#define BEAT       10000 /* milliseconds between heartbeats, at most */
#define RENEW      60000 /* … between extensions of leases, at most */
#define CLOCK_JUMP 5000  /* milliseconds that are no drift */

static bool say_failed(struct mz_daemon *daemon, const char *what, enum mz_code code,
                       const struct mz_error *error)
{
    daemon->unread = daemon->unread || code != MZ_OK;
    if (code != MZ_OK && !daemon->troubled) {
        mz_log(MZ_LOG_ERROR, NULL, "%s: %s", what, error->message);
        daemon->troubled = true;
    }
    return code != MZ_OK;
}

/* ---- ticks ---- */

struct ready {
    char *pipeline; /* NULL: it is left to others */
    struct mz_ready tick;
};
struct ready_list {
    struct mz_daemon *daemon;
    struct ready *items;
    size_t count;
};

static enum mz_trigger trigger_of(const char *kind)
{
    for (enum mz_trigger t = MZ_BY_TIME; t <= MZ_BY_FILE; t++) {
        if (kind != NULL && strcmp(mz_trigger_name(t), kind) == 0) {
            return t;
        }
    }
    return MZ_BY_TIME;
}

static bool note_ready(void *context, const struct mz_tick_row *row)
{
    struct ready_list *list = context;
    bool ignored;
    if (!mz_core_knows(list->daemon->core, row->pipeline, MZ_BY_TIME, &ignored)) {
        return true;
    }
    struct ready *ready = &list->items[list->count];
    *ready = (struct ready){.pipeline = strdup(row->pipeline),
                            .tick = {.shard = row->shard,
                                     .tick_at = row->tick_at,
                                     .attempt = row->attempt,
                                     .not_before = row->not_before,
                                     .trigger = trigger_of(row->kind)}};
    if (ready->pipeline == NULL) {
        return false;
    }
    return ++list->count < MOST_TAKEN;
}

static bool same_tick(const struct ready *a, const struct ready *b)
{
    return b->tick.shard > 0 && a->tick.tick_at == b->tick.tick_at &&
           strcmp(a->pipeline, b->pipeline) == 0;
}

static void leave(struct ready *ready)
{
    free(ready->pipeline);
    ready->pipeline = NULL;
}

/* Of the shards of a tick each host takes its part, and no more than it has room for:
 * what is left is for the others, or for later. */
static void share_out(struct mz_daemon *daemon, struct ready_list *list)
{
    size_t hosts = daemon->hosts > 1 ? (size_t)daemon->hosts : 1;
    size_t room = mz_core_room(daemon->core);
    room = room == 0 ? 1 : room; /* who is busy for long does not leave them for ever */
    for (size_t i = 0, end; i < list->count && hosts > 1; i = end) {
        end = i + 1;
        while (list->items[i].tick.shard > 0 && end < list->count &&
               same_tick(&list->items[i], &list->items[end])) {
            end++;
        }
        size_t part = (end - i + hosts - 1) / hosts;
        for (size_t n = i; n < end && list->items[n].tick.shard > 0; n++) {
            if (n - i >= part || room == 0) {
                leave(&list->items[n]);
            } else {
                room--;
            }
        }
    }
}

static enum mz_code keep_all(struct mz_daemon *daemon, const struct ready_list *list,
                             bool *kept, struct mz_error *error)
{
    enum mz_code code = mz_db_begin(daemon->db, error);
    if (code == MZ_OK && mz_db_is_shared(daemon->db)) {
        code = mz_fence_lock(daemon->db, error);
    }
    for (size_t i = 0; i < list->count && code == MZ_OK; i++) {
        const struct ready *ready = &list->items[i];
        if (ready->pipeline != NULL) {
            code =
                mz_tick_keep(daemon->db, ready->pipeline, ready->tick.shard,
                             ready->tick.tick_at, daemon->host.name, &kept[i], error);
        }
    }
    if (code == MZ_OK) {
        code = mz_db_commit(daemon->db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(daemon->db);
    }
    return code;
}

static bool any_left(const struct ready_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].pipeline != NULL) {
            return true;
        }
    }
    return false;
}

void mz_poll_ready(struct mz_daemon *daemon)
{
    struct mz_error error;
    struct ready_list list = {daemon, calloc(MOST_TAKEN, sizeof(struct ready)), 0};
    bool *kept = calloc(MOST_TAKEN, sizeof(bool));
    enum mz_code code = MZ_OK;
    if (list.items != NULL && kept != NULL) {
        code = mz_ticks_open(daemon->db, MOST_TAKEN, note_ready, &list, &error);
        share_out(daemon, &list);
        if (code == MZ_OK && any_left(&list)) {
            code = keep_all(daemon, &list, kept, &error);
        }
    }
    (void)say_failed(daemon, "the ticks cannot be read", code, &error);
    for (size_t i = 0; i < list.count; i++) {
        struct ready *ready = &list.items[i];
        if (code == MZ_OK && kept[i]) {
            ready->tick.pipeline = ready->pipeline;
            (void)mz_core_ready(daemon->core, &ready->tick);
        }
        free(ready->pipeline);
    }
    free(list.items);
    free(kept);
}

/* ---- runs ---- */

#define HELD_NAME 512

static bool note_held(void *context, const struct mz_held *lease)
{
    struct mz_daemon *daemon = context;
    char name[HELD_NAME];
    int size =
        snprintf(name, sizeof name, "%s\n%" PRId64, lease->pipeline, lease->shard);
    if (mz_child_find(daemon, lease->run_id) == NULL && size > 0 &&
        (size_t)size < sizeof name) {
        (void)mz_map_set(daemon->held, name, (size_t)size, daemon, NULL);
    }
    return true;
}

/* The pipeline's name of such an entry; its shard. */
static int64_t read_held(const char *name, char pipeline[HELD_NAME])
{
    int64_t shard = 0;
    const char *end = strchr(name, '\n');
    snprintf(pipeline, HELD_NAME, "%.*s", (int)(end - name), name);
    return mz_parse_integer(end + 1, &shard) ? shard : 0;
}

static void compare_held(struct mz_daemon *daemon, struct mz_map *before)
{
    size_t position = 0;
    const char *name;
    char pipeline[HELD_NAME];
    void *value;
    while (mz_map_next(daemon->held, &position, &name, &value)) {
        int64_t shard = read_held(name, pipeline);
        mz_core_foreign(daemon->core, pipeline, shard, true);
    }
    position = 0;
    while (mz_map_next(before, &position, &name, &value)) {
        if (mz_map_get(daemon->held, name, strlen(name)) == NULL) {
            int64_t shard = read_held(name, pipeline);
            mz_core_foreign(daemon->core, pipeline, shard, false);
            mz_triggers_after(daemon, pipeline);
        }
    }
}

static void look_at_leases(struct mz_daemon *daemon, int64_t monotonic)
{
    struct mz_error error;
    struct mz_map *before = daemon->held;
    int64_t third = mz_lease_time() / 3;
    bool renew = monotonic - daemon->last_renew >= (third < RENEW ? third : RENEW);
    daemon->held = mz_map_create();
    if (daemon->held == NULL) {
        daemon->held = before;
        return;
    }
    enum mz_code code = mz_leases_look(daemon->db, renew, note_held, daemon, &error);
    if (say_failed(daemon, "the leases cannot be read", code, &error)) {
        mz_map_destroy(daemon->held, NULL);
        daemon->held = before;
        return;
    }
    daemon->last_renew = renew ? monotonic : daemon->last_renew;
    compare_held(daemon, before);
    mz_map_destroy(before, NULL);
}

/* ---- requests ---- */

/* A pipeline that other hosts run, or a run of theirs, is their business. */
static bool is_for_others(struct mz_daemon *daemon, const struct mz_request *request)
{
    bool waits;
    if (daemon->hosts < 2) {
        return false;
    }
    if (strcmp(request->kind, "run") == 0) {
        return !mz_core_knows(daemon->core, request->pipeline, MZ_BY_REQUEST, &waits);
    }
    return request->run_id != NULL && request->held &&
           mz_child_find(daemon, request->run_id) == NULL;
}

static bool note_request(void *context, const struct mz_request *request)
{
    struct mz_daemon *daemon = context;
    if (is_for_others(daemon, request)) {
        return true;
    }
    if (strcmp(request->kind, "run") == 0) {
        mz_trigger(daemon, request->pipeline, MZ_BY_REQUEST, request->id);
        return true;
    }
    struct mz_write *write = mz_write_add(daemon, MZ_WRITE_CANCEL, request->pipeline);
    if (write != NULL) {
        write->request = strdup(request->id);
        write->child =
            request->run_id == NULL ? NULL : mz_child_find(daemon, request->run_id);
        write->error =
            strdup(write->child != NULL ? "told to stop" : "no run of this scheduler");
    }
    if (write != NULL && write->child != NULL) {
        struct mz_write *stop =
            mz_write_add(daemon, MZ_WRITE_ACTION, write->child->pipeline);
        if (stop != NULL) {
            stop->action = (struct mz_action){.kind = MZ_ACTION_STOP,
                                              .pipeline = stop->name,
                                              .tick_at = write->child->tick_at,
                                              .shard = write->child->shard};
            snprintf(stop->action.cause, sizeof stop->action.cause, "cancelled");
        }
    }
    return true;
}

static void take_requests(struct mz_daemon *daemon)
{
    struct mz_error error;
    enum mz_code code = mz_requests_open(daemon->db, note_request, daemon, &error);
    (void)say_failed(daemon, "the requests cannot be read", code, &error);
}

/* ---- pauses ---- */

static bool note_paused(void *context, const char *name)
{
    struct mz_map *paused = context;
    return mz_map_set(paused, name, strlen(name), paused, NULL);
}

static void pause_one(struct mz_daemon *daemon, const char *name, bool paused)
{
    struct mz_actions actions = {.items = NULL};
    mz_core_pause(daemon->core, mz_daemon_now(daemon), name, paused, &actions);
    mz_write_actions(daemon, &actions);
    mz_log(MZ_LOG_INFO, NULL, "%s: %s", name, paused ? "paused" : "goes on");
}

static void look_at_pauses(struct mz_daemon *daemon)
{
    struct mz_error error;
    struct mz_map *before = daemon->paused;
    struct mz_map *now = mz_map_create();
    size_t position = 0;
    const char *name;
    void *value;
    if (now == NULL) {
        return;
    }
    enum mz_code code = mz_pipelines_paused(daemon->db, note_paused, now, &error);
    if (say_failed(daemon, "the pauses cannot be read", code, &error)) {
        mz_map_destroy(now, NULL);
        return;
    }
    daemon->paused = now;
    while (mz_map_next(now, &position, &name, &value)) {
        if (mz_map_get(before, name, strlen(name)) == NULL) {
            pause_one(daemon, name, true);
        }
    }
    position = 0;
    while (mz_map_next(before, &position, &name, &value)) {
        if (mz_map_get(now, name, strlen(name)) == NULL) {
            pause_one(daemon, name, false);
        }
    }
    mz_map_destroy(before, NULL);
}

/* ---- signs of life ---- */

static void beat(struct mz_daemon *daemon, int64_t monotonic)
{
    struct mz_error error;
    int64_t interval = mz_notify_interval();
    if (interval > 0 && monotonic - daemon->last_sign >= interval) {
        daemon->last_sign = monotonic;
        mz_notify("WATCHDOG=1");
    }
    int64_t third = mz_lease_time() / 3;
    if (monotonic - daemon->last_beat < (third < BEAT ? third : BEAT)) {
        return;
    }
    daemon->last_beat = monotonic;
    enum mz_code code = mz_host_beat(daemon->db, &daemon->host, &error);
    if (code == MZ_NOT_PERMITTED) {
        mz_log(MZ_LOG_ERROR, NULL, "%s: this one ends", error.message);
        daemon->status = mz_exit_status(MZ_TRY_AGAIN);
        daemon->stopping = true;
        uv_stop(&daemon->loop);
        return;
    }
    if (code == MZ_OK) {
        code = mz_hosts_count(daemon->db, &daemon->hosts, &error);
    }
    if (code == MZ_OK && daemon->ready) {
        mz_placement_look(daemon);
    }
    (void)say_failed(daemon, "the heartbeat cannot be written", code, &error);
}

static void watch_clock(struct mz_daemon *daemon, int64_t now, int64_t monotonic)
{
    int64_t jump = (now - daemon->last_now) - (monotonic - daemon->last_monotonic);
    if (daemon->last_now != 0 && (jump > CLOCK_JUMP || jump < -CLOCK_JUMP)) {
        mz_log(MZ_LOG_WARNING, NULL,
               "the clock was set %s by %" PRId64 " s: ticks follow it, no tick is run "
               "twice",
               jump > 0 ? "forward" : "back", (jump > 0 ? jump : -jump) / 1000);
    }
    daemon->last_now = now;
    daemon->last_monotonic = monotonic;
}

void mz_poll(struct mz_daemon *daemon)
{
    int64_t monotonic = mz_clock_monotonic();
    watch_clock(daemon, mz_clock_now(), monotonic);
    mz_children_look(daemon, monotonic);
    beat(daemon, monotonic);
    if (monotonic - daemon->last_retry >= BEAT) {
        daemon->last_retry = monotonic;
        mz_catalog_retry(daemon, monotonic);
    }
    if (daemon->writes != NULL || daemon->stopping) {
        return; /* what is not written yet would be read as it was */
    }
    daemon->unread = false;
    look_at_leases(daemon, monotonic);
    if (!daemon->draining) {
        look_at_pauses(daemon);
        take_requests(daemon);
        mz_poll_ready(daemon);
    }
    if (daemon->troubled && !daemon->unread) {
        mz_log(MZ_LOG_INFO, NULL, "the database can be read again");
        daemon->troubled = false;
    }
}
