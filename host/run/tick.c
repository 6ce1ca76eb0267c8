/* The run of a tick: which one it is, its claim, what it is told to the script, and how
 * its end is judged. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/usual.h"
#include "lua/timetable.h"
#include "run/supervise.h"
#include "run/work.h"

/* ---- which ---- */

static int64_t seconds_of(int64_t milliseconds)
{
    return milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);
}

enum mz_code mz_run_find_tick(struct mz_run *run, struct mz_error *error)
{
    const struct mz_run_settings *settings = run->settings;
    const struct mz_timetable *timetable = run->loaded.pipeline->timetable;
    struct mz_tick tick;

    if (!settings->tick) {
        return MZ_OK;
    }
    if (settings->tick_at != 0) {
        run->tick_at = seconds_of(settings->tick_at) * 1000;
        return MZ_OK;
    }
    if (timetable == NULL || timetable->expression == NULL) {
        mz_fail(error, MZ_CONFIGURATION,
                "the pipeline %s has no cron, so no tick is due",
                run->loaded.pipeline->name);
        mz_error_place(error, run->loaded.pipeline->file, 0, 0, 0);
        mz_error_help(error,
                      "add schedule = { cron = … }, or name a tick: --tick=TIME");
        return MZ_CONFIGURATION;
    }
    if (!mz_cron_previous(&timetable->cron, timetable->zone,
                          seconds_of(mz_clock_now()) + 1, &tick)) {
        return mz_fail(error, MZ_CONFIGURATION,
                       "the cron of the pipeline %s named no time before now",
                       run->loaded.pipeline->name);
    }
    run->tick_at = tick.time * 1000;
    return MZ_OK;
}

void mz_run_limit_time(struct mz_run *run)
{
    struct mz_pipeline *pipeline = run->loaded.pipeline;
    int64_t timeout = pipeline->timetable == NULL ? 0 : pipeline->timetable->timeout;

    if (run->settings->tick && timeout > 0 &&
        (pipeline->run_time == 0 || timeout < pipeline->run_time)) {
        pipeline->run_time = timeout;
    }
}

/* ---- the claim ---- */

/* A scheduler gives its runs their names, so that it knows them whatever happens. */
const char *mz_run_given_id(void)
{
    const char *id = getenv("MIZAN_RUN_ID");

    return id != NULL && strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32
               ? id
               : NULL;
}

static void note_interval(struct mz_run *run, int64_t from, int64_t to)
{
    if (from != 0) {
        (void)mz_time_format(from, run->from);
    }
    (void)mz_time_format(to, run->to);
    if (run->tick_at != 0) {
        (void)mz_time_format(run->tick_at, run->tick);
    }
}

static enum mz_code begin_tick(struct mz_run *run, struct mz_run_row *row,
                               struct mz_error *error)
{
    const struct mz_timetable *timetable = run->loaded.pipeline->timetable;
    const struct mz_tick_claim claim = {
        .tick_at = run->tick_at,
        .shard = run->settings->shard,
        .retries = timetable == NULL ? 0 : timetable->retries,
        .retry_delay = timetable == NULL ? 0 : timetable->retry_delay,
        .force = run->settings->force};

    row->kind = "tick";
    row->tick_at = mz_time_format(run->tick_at, run->tick);
    enum mz_code code =
        mz_home_begin_tick(run->db, row, &claim, &run->lease, &run->claimed, error);
    if (code == MZ_OK) {
        note_interval(run, run->claimed.from, run->tick_at);
    }
    return code;
}

enum mz_code mz_run_claim(struct mz_run *run, struct mz_run_row *row,
                          struct mz_error *error)
{
    enum mz_code code = mz_home_last_done(run->db, row->pipeline, 0, row->started_at,
                                          &row->from, error);
    row->kind = run->settings->from_raw ? "backfill" : "manual";
    row->to = row->started_at;
    if (code == MZ_OK && run->tick_at != 0) {
        code = begin_tick(run, row, error);
    } else if (code == MZ_OK) {
        code = mz_home_begin_run(run->db, row, &run->lease, error);
        note_interval(run, row->from, row->to);
    }
    if (code == MZ_OK && !run->claimed.nothing) {
        struct mz_unit_context context = {.attempt = 1};
        mz_run_describe(run, &context);
        mz_lua_set_run(run->loaded.lua, &context);
    }
    return code;
}

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

void mz_run_describe(const struct mz_run *run, struct mz_unit_context *context)
{
    context->run_id = run->run_id;
    context->trigger = run->tick_at != 0 ? run->claimed.kind : "manual";
    context->tick = or_null(run->tick);
    context->from = or_null(run->from);
    context->to = or_null(run->to);
    if (run->claimed.attempt > context->attempt) {
        context->attempt = run->claimed.attempt;
    }
}

/* ---- the end ---- */

/* A mistake of the script or the set-up stays one however often it is run. */
static enum mz_run_outcome outcome_of(enum mz_code code, const char *status)
{
    if (code == MZ_CANCELLED) {
        return MZ_RUN_STOPPED;
    }
    if (strcmp(status, "failed") != 0) {
        return MZ_RUN_DONE;
    }
    return code == MZ_SCRIPT || code == MZ_CONFIGURATION || code == MZ_PLUGIN_REFUSED
               ? MZ_RUN_WRONG
               : MZ_RUN_FAILED;
}

/* ---- shards ---- */

/* By a hash of the id that no other machine or version counts otherwise: a source stays
 * with its shard while their number does. */
int64_t mz_run_shard_of(const char *source, int64_t shards)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const char *at = source; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    }
    hash ^= hash >> 32;
    return (int64_t)(hash % (uint64_t)shards) + 1;
}

enum mz_code mz_run_take_shard(const struct mz_run *run,
                               const struct mz_source **sources, size_t *count,
                               struct mz_error *error)
{
    const struct mz_timetable *timetable = run->loaded.pipeline->timetable;
    int64_t shards = timetable == NULL ? 1 : timetable->shards;
    size_t kept = 0;
    if (run->settings->shard == 0) {
        return MZ_OK;
    }
    struct mz_source *own = mz_arena_alloc(run->arena, (*count + 1) * sizeof *own);
    if (own == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for sources");
    }
    for (size_t i = 0; i < *count; i++) {
        if (mz_run_shard_of((*sources)[i].id, shards) == run->settings->shard) {
            own[kept++] = (*sources)[i];
        }
    }
    *sources = own;
    *count = kept;
    return MZ_OK;
}

static int64_t milliseconds_of(const struct rusage *use)
{
    return (int64_t)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000 +
           (int64_t)(use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1000;
}

static void measure(struct mz_run_finish *finish)
{
    struct rusage self, programs;

    if (getrusage(RUSAGE_SELF, &self) != 0 ||
        getrusage(RUSAGE_CHILDREN, &programs) != 0) {
        return;
    }
    finish->cpu_ms = milliseconds_of(&self) + milliseconds_of(&programs);
    finish->peak_kb =
        (int64_t)(self.ru_maxrss > programs.ru_maxrss ? self.ru_maxrss
                                                      : programs.ru_maxrss);
}

enum mz_code mz_run_finish(struct mz_run *run, enum mz_code code, const char *status,
                           const char *counts, const char *failure,
                           struct mz_error *error)
{
    char unusual[MZ_UNUSUAL_TEXT] = "";
    struct mz_error later;
    struct mz_run_finish finish = {.outcome = outcome_of(code, status),
                                   .status = status,
                                   .counts = counts,
                                   .failure = failure};

    measure(&finish);
    /* A partial run says nothing about what is usual. */
    if (finish.outcome == MZ_RUN_DONE && run->settings->limit == 0 &&
        run->settings->replay_count == 0 &&
        mz_home_unusual(run->db, run->loaded.pipeline->name, run->run_id, counts,
                        unusual, &later) != MZ_OK) {
        mz_log(MZ_LOG_WARNING, NULL, "the last runs could not be compared: %s",
               later.message);
    }
    if (unusual[0] != '\0') {
        finish.unusual = unusual;
        mz_log(MZ_LOG_WARNING, NULL, "%s", unusual);
    }
    return mz_home_finish_run(run->db, &run->lease, &finish, error);
}
