/* What is to be written waits here for one transaction. When it cannot be committed
 * (disk full, another writer, the database is away) nothing is lost: it is tried again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "sched/daemon.h"

#define EXIT_HELD 75   /* of a child that found its pipeline held by another run */
#define EXIT_AWAY 69   /* … that could not reach the database */
#define RETRY     1000 /* milliseconds to the next try */
#define MOST_BUMP 600  /* seconds that a trigger's tick may be moved on */

struct mz_write *mz_write_add(struct mz_daemon *daemon, enum mz_write_kind kind,
                              const char *pipeline)
{
    struct mz_write *write = calloc(1, sizeof *write);
    if (write == NULL) {
        mz_log(MZ_LOG_ERROR, NULL, "not enough memory for what is to be written");
        return NULL;
    }
    write->kind = kind;
    write->name = strdup(pipeline);
    if (write->name == NULL) {
        free(write);
        return NULL;
    }
    *daemon->last_write = write;
    daemon->last_write = &write->next;
    daemon->write_count++;
    return write;
}

void mz_write_actions(struct mz_daemon *daemon, struct mz_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        struct mz_write *write =
            mz_write_add(daemon, MZ_WRITE_ACTION, actions->items[i].pipeline);
        if (write != NULL) {
            write->action = actions->items[i];
            write->action.pipeline = write->name;
        }
    }
    if (actions->failed) {
        mz_log(MZ_LOG_ERROR, NULL, "not enough memory for all that is due");
    }
    mz_actions_finish(actions);
}

static void free_write(struct mz_write *write)
{
    free(write->name);
    free(write->file);
    free(write->spec);
    free(write->hash);
    free(write->signature);
    free(write->state);
    free(write->error);
    free(write->request);
    free(write->after_run);
    free(write->text);
    free(write);
}

/* ---- applying ---- */

static enum mz_code store_tick(struct mz_daemon *daemon, struct mz_write *write,
                               struct mz_error *error)
{
    const struct mz_action *action = &write->action;
    struct mz_tick_row row = {.pipeline = action->pipeline,
                              .kind = mz_trigger_name(action->trigger),
                              .cause = action->cause[0] == '\0' ? NULL : action->cause,
                              .shards = action->shards,
                              .tick_at = action->tick_at,
                              .tick_to = action->tick_to,
                              .ticks = action->ticks,
                              .not_before = action->not_before,
                              .skipped = action->skipped,
                              .if_held =
                                  action->if_held && mz_db_is_shared(daemon->db)};
    struct mz_entry *entry = mz_catalog_find(daemon, action->pipeline);
    if (entry != NULL && entry->definition.plan.shards > 1) {
        row.shards = entry->definition.plan.shards;
    }
    enum mz_code code =
        mz_tick_store(daemon->db, &row, daemon->host.name, &write->done, error);
    write->ready = !row.skipped;
    return code;
}

static enum mz_code apply_action(struct mz_daemon *daemon, struct mz_write *write,
                                 struct mz_error *error)
{
    const struct mz_action *action = &write->action;
    enum mz_code code = MZ_OK;
    switch (action->kind) {
    case MZ_ACTION_STORE:
        return store_tick(daemon, write, error);
    case MZ_ACTION_SKIP:
        return mz_tick_skip(daemon->db, action->pipeline, action->shard,
                            action->tick_at, action->cause, error);
    case MZ_ACTION_NEXT:
        code = mz_pipeline_next(daemon->db, action->pipeline,
                                action->before == MZ_UNKNOWN_TICK ? MZ_ANY_TICK
                                                                  : action->before,
                                action->tick_at, &write->tick_at, error);
        write->done = write->tick_at == MZ_ANY_TICK;
        break;
    case MZ_ACTION_STOP:
        return mz_tick_stop(daemon->db, action->pipeline, action->shard,
                            action->tick_at, action->cause, error);
    case MZ_ACTION_START:
        break;
    }
    return code;
}

static enum mz_code apply_put(struct mz_daemon *daemon, const struct mz_write *write,
                              struct mz_error *error)
{
    const struct mz_pipeline_row row = {.name = write->name,
                                        .file = write->file,
                                        .spec = write->spec,
                                        .spec_hash = write->hash,
                                        .signature = write->signature,
                                        .state = write->state,
                                        .error = write->error};
    enum mz_code code = MZ_OK;
    /* The row of a file that could not be read before has its path for a name. */
    if (write->spec != NULL && strcmp(write->name, write->file) != 0) {
        code = mz_pipeline_drop(daemon->db, write->file, error);
    }
    return code == MZ_OK ? mz_pipeline_put(daemon->db, &row, error) : code;
}

/* The tick of a trigger is the second in which it came; the next one when that is
 * taken. */
static enum mz_code apply_trigger(struct mz_daemon *daemon, struct mz_write *write,
                                  struct mz_error *error)
{
    char seen[32] = "";
    int64_t now = mz_daemon_now(daemon) / 1000;
    const struct mz_entry *entry = mz_catalog_find(daemon, write->name);
    bool split = entry != NULL && entry->definition.plan.shards > 1;
    bool mine = true;
    enum mz_code code = MZ_OK;
    write->done = false;
    if (write->request != NULL) {
        code = mz_request_take(daemon->db, write->request,
                               write->error == NULL ? "begun" : write->error, &mine,
                               error);
    }
    if (code != MZ_OK || !mine || write->error != NULL) {
        return code;
    }
    for (int64_t at = now; at < now + MOST_BUMP && !write->done && code == MZ_OK;
         at++) {
        struct mz_tick_row row = {.pipeline = write->name,
                                  .kind = mz_trigger_name(write->trigger),
                                  .shards = split ? entry->definition.plan.shards : 0,
                                  .tick_at = at,
                                  .ticks = 1};
        write->tick_at = at;
        code = mz_tick_store(daemon->db, &row, daemon->host.name, &write->done, error);
    }
    if (write->files_seen != 0) {
        snprintf(seen, sizeof seen, "%" PRId64, write->files_seen);
    }
    if (code == MZ_OK && (write->after_run != NULL || seen[0] != '\0')) {
        code = mz_pipeline_seen(daemon->db, write->name, write->after_run,
                                seen[0] == '\0' ? NULL : seen, error);
    }
    return code;
}

static enum mz_code apply_gone(struct mz_daemon *daemon, struct mz_write *write,
                               struct mz_error *error)
{
    struct mz_child *child = write->child;
    struct mz_run_gone gone = {
        .run_id = child->run_id,
        .pipeline = child->pipeline,
        .tick_at = child->tick_at,
        .shard = child->shard,
        .failure = write->error,
        .host = daemon->host.name,
        .host_version = MIZAN_VERSION,
        .killed = child->signal != 0,
        .held = child->signal == 0 &&
                (child->status == EXIT_HELD || child->status == EXIT_AWAY),
        .log = write->text,
        .log_size = write->text_size};
    enum mz_code code = mz_run_gone(daemon->db, &gone, error);
    snprintf(write->status, sizeof write->status, "%s", gone.status);
    return code;
}

static enum mz_code apply(struct mz_daemon *daemon, struct mz_write *write,
                          struct mz_error *error)
{
    char seen[32];
    switch (write->kind) {
    case MZ_WRITE_ACTION:
        return apply_action(daemon, write, error);
    case MZ_WRITE_PUT:
        return apply_put(daemon, write, error);
    case MZ_WRITE_TRIGGER:
        return apply_trigger(daemon, write, error);
    case MZ_WRITE_CANCEL:
        return mz_request_take(daemon->db, write->request, write->error, &write->done,
                               error);
    case MZ_WRITE_GONE:
        return apply_gone(daemon, write, error);
    case MZ_WRITE_LOG:
        return mz_run_log(daemon->db, write->request, write->text, write->text_size,
                          error);
    case MZ_WRITE_SEEN:
        snprintf(seen, sizeof seen, "%" PRId64, write->files_seen);
        return mz_pipeline_seen(daemon->db, write->name, write->after_run,
                                write->files_seen == 0 ? NULL : seen, error);
    }
    return MZ_OK;
}

/* ---- what follows ---- */

static void follow_action(struct mz_daemon *daemon, const struct mz_write *write)
{
    const struct mz_action *action = &write->action;
    struct mz_entry *entry = mz_catalog_find(daemon, action->pipeline);
    char time[MZ_TIME_TEXT];
    if (action->kind == MZ_ACTION_STORE && write->overtaken) {
        daemon->counters.lost += action->skipped ? 0 : 1;
        mz_core_lost(daemon->core, action->pipeline, 0, action->tick_at);
    } else if (action->kind == MZ_ACTION_STORE && !action->skipped && !write->done) {
        daemon->counters.lost++;
        mz_core_lost(daemon->core, action->pipeline, 0, action->tick_at);
    } else if (action->kind == MZ_ACTION_STORE && write->ready &&
               (action->skipped || action->shards > 0)) {
        daemon->look = true; /* anybody's: also this host's */
    } else if (action->kind == MZ_ACTION_SKIP ||
               (action->kind == MZ_ACTION_STORE && action->skipped)) {
        daemon->counters.skipped += action->ticks;
        mz_log(MZ_LOG_INFO, NULL, "%s: tick %s skipped (%" PRId64 "): %s",
               action->pipeline, mz_time_format(action->tick_at * 1000, time),
               action->ticks, action->cause);
    } else if (action->kind == MZ_ACTION_NEXT && entry != NULL) {
        entry->noted = write->done ? action->tick_at : write->tick_at;
        if (!write->done) {
            mz_core_moved(daemon->core, mz_daemon_now(daemon), action->pipeline,
                          write->tick_at);
        }
    } else if (action->kind == MZ_ACTION_STOP) {
        mz_log(MZ_LOG_WARNING, NULL, "%s: run of tick %s stopped: %s", action->pipeline,
               mz_time_format(action->tick_at * 1000, time), action->cause);
        mz_child_stop(daemon, action->pipeline, action->shard, action->tick_at);
    } else if (action->kind == MZ_ACTION_START) {
        mz_child_start(daemon, action);
    }
}

static void follow_gone(struct mz_daemon *daemon, const struct mz_write *write)
{
    struct mz_child *child = write->child;
    bool well = strcmp(write->status, "ok") == 0 ||
                strcmp(write->status, "finished with failures") == 0;
    if (well) {
        daemon->counters.ok++;
    } else if (write->status[0] != '\0') {
        daemon->counters.failed++;
    } else {
        daemon->counters.lost++; /* another had done the tick */
    }
    if (write->status[0] != '\0') {
        mz_log(well ? MZ_LOG_INFO : MZ_LOG_WARNING, NULL, "%s: run %s %s%s%s",
               child->pipeline, child->run_id, write->status,
               write->error == NULL ? "" : ": ",
               write->error == NULL ? "" : write->error);
    }
    mz_core_ended(daemon->core, child->pipeline, child->shard, child->tick_at);
    daemon->look = daemon->look || child->shard > 0;
    if (well) {
        mz_triggers_after(daemon, child->pipeline);
    }
    mz_child_free(child);
}

static void follow(struct mz_daemon *daemon, struct mz_write *write)
{
    if (write->kind == MZ_WRITE_ACTION) {
        follow_action(daemon, write);
    } else if (write->kind == MZ_WRITE_TRIGGER && write->done) {
        const struct mz_entry *entry = mz_catalog_find(daemon, write->name);
        if (entry != NULL && entry->definition.plan.shards > 1) {
            daemon->look = true;
        } else {
            const struct mz_ready ready = {.pipeline = write->name,
                                           .tick_at = write->tick_at,
                                           .trigger = write->trigger};
            (void)mz_core_ready(daemon->core, &ready);
        }
    } else if (write->kind == MZ_WRITE_CANCEL && write->done && write->child != NULL) {
        mz_child_stop(daemon, write->child->pipeline, write->child->shard,
                      write->child->tick_at);
    } else if (write->kind == MZ_WRITE_GONE) {
        follow_gone(daemon, write);
    }
}

/* ---- the transaction ---- */

/* A start is no write: it waits only for those before it. */
static bool needs_transaction(const struct mz_write *write)
{
    for (; write != NULL; write = write->next) {
        if (write->kind != MZ_WRITE_ACTION || write->action.kind != MZ_ACTION_START) {
            return true;
        }
    }
    return false;
}

static bool is_action(const struct mz_write *write, enum mz_action_kind kind)
{
    return write->kind == MZ_WRITE_ACTION && write->action.kind == kind;
}

static enum mz_code write_all(struct mz_daemon *daemon, struct mz_error *error)
{
    if (!needs_transaction(daemon->writes)) {
        return MZ_OK;
    }
    const char *moved = NULL; /* the pipeline whose ticks another host made */
    enum mz_code code = mz_db_begin(daemon->db, error);
    if (code == MZ_OK && mz_db_is_shared(daemon->db)) {
        code = mz_fence_lock(daemon->db, error);
    }
    for (struct mz_write *at = daemon->writes; at != NULL && code == MZ_OK;
         at = at->next) {
        bool next = is_action(at, MZ_ACTION_NEXT);
        at->overtaken = is_action(at, MZ_ACTION_STORE) && moved != NULL &&
                        strcmp(moved, at->name) == 0;
        if (!at->overtaken) {
            code = apply(daemon, at, error);
        }
        if (next) {
            moved = at->done ? NULL : at->name;
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

void mz_writes_flush(struct mz_daemon *daemon)
{
    struct mz_error error;
    if (daemon->writes == NULL ||
        (daemon->retry_at != 0 && mz_clock_monotonic() < daemon->retry_at)) {
        return;
    }
    if (write_all(daemon, &error) != MZ_OK) {
        if (!daemon->troubled) {
            mz_log(MZ_LOG_ERROR, NULL,
                   "what happened cannot be written; it is tried again: %s",
                   error.message);
        }
        daemon->troubled = true;
        daemon->retry_at = mz_clock_monotonic() + RETRY;
        return;
    }
    if (daemon->troubled) {
        mz_log(MZ_LOG_INFO, NULL, "the database can be written again");
    }
    daemon->troubled = false;
    daemon->retry_at = 0;
    struct mz_write *done = daemon->writes;
    daemon->writes = NULL;
    daemon->last_write = &daemon->writes;
    daemon->write_count = 0;
    while (done != NULL) {
        struct mz_write *next = done->next;
        follow(daemon, done);
        free_write(done);
        done = next;
    }
}

void mz_writes_finish(struct mz_daemon *daemon)
{
    while (daemon->writes != NULL) {
        struct mz_write *next = daemon->writes->next;
        if (daemon->writes->kind == MZ_WRITE_GONE) {
            mz_child_free(daemon->writes->child);
        }
        free_write(daemon->writes);
        daemon->writes = next;
    }
    daemon->last_write = &daemon->writes;
}
