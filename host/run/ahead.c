/* A run with worker threads. The run's thread identifies units as they come in, gives
 * them to the workers, takes them back in the order of documents and does there what
 * needs its turn: Lua, stores, counting, the commit. What a run leaves behind does not
 * depend on the number of workers. */
#include <malloc.h>

#include "run/work.h"
#include "run/workers.h"

/* Bytes of free memory that the C library keeps of each worker, and from where on it
 * maps memory by itself: else the end of every unit gives pages back that the next one
 * asks for again. */
#define KEPT_MEMORY   (32 << 20)
#define MAPPED_MEMORY (8 << 20)

struct ahead {
    struct mz_run *run;
    struct mz_intake *intake;
    struct mz_workers *workers;
};

static bool any_runs_ahead(const struct mz_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const struct mz_stage *stage = &pipeline->stages[i];
        if (mz_stage_fetches(stage) &&
            mz_stages_ahead_end(pipeline, stage->next) != stage->next) {
            return true;
        }
    }
    return false;
}

size_t mz_run_threads(const struct mz_run *run)
{
    const struct mz_pipeline *pipeline = run->loaded.pipeline;
    int64_t threads = pipeline->threads;
    /* A test sees every record before and after its stage, in order. */
    if (run->hooks != NULL || !any_runs_ahead(pipeline)) {
        return 1;
    }
    if (threads == 0) {
        threads = run->loaded.environment.threads;
    }
    /* One unless asked for: no gain is measured yet on processors that were free. */
    if (threads <= 0) {
        return 1;
    }
    return (size_t)(threads < MZ_MOST_THREADS ? threads : MZ_MOST_THREADS);
}

static bool is_ready(void *owner)
{
    struct ahead *ahead = owner;
    return mz_workers_is_ready(ahead->workers) || mz_group_is_due(ahead->run->group);
}

static void one_is_done(void *owner)
{
    struct ahead *ahead = owner;
    mz_intake_wake(ahead->intake);
}

/* Waits for the unit whose turn it is and does the rest of it. */
static enum mz_code settle_first(struct ahead *ahead, struct mz_error *error)
{
    struct mz_run *run = ahead->run;
    struct mz_workers_job job;
    mz_workers_take(ahead->workers, &job);
    enum mz_code code = job.code;
    if (code == MZ_OK) {
        mz_counts_add(run->counts, "documents", "fetched", 1);
        if (job.counts != NULL) {
            mz_counts_merge(run->counts, job.counts);
        }
        code = mz_run_settle(run, job.unit, job.news, error);
    } else {
        *error = job.error;
        mz_unit_destroy(job.unit);
    }
    mz_counts_destroy(job.counts);
    return code == MZ_OK ? mz_run_may_go_on(run, error) : code;
}

static enum mz_code settle_all(struct ahead *ahead, struct mz_error *error)
{
    enum mz_code code = mz_run_may_go_on(ahead->run, error);
    while (code == MZ_OK && !mz_workers_is_empty(ahead->workers)) {
        code = settle_first(ahead, error);
    }
    return code;
}

/* A source of the script goes on between two units, in the run's Lua state, and sees
 * what the one before has left: its units are not taken ahead. Nor is a long document,
 * whose slices follow one another. */
static size_t ahead_end(const struct mz_run *run, const struct mz_unit *unit)
{
    const struct mz_pipeline *pipeline = run->loaded.pipeline;
    size_t first = mz_run_first_stage(run, unit);
    return pipeline->stages[unit->stage].kind == MZ_STAGE_SOURCE ||
                   unit->body_file != NULL
               ? first
               : mz_stages_ahead_end(pipeline, first);
}

/* What is known of an address changes with the commit of each unit of it. */
static enum mz_code await_address(struct ahead *ahead, const char *url,
                                  struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    while (code == MZ_OK && mz_workers_has(ahead->workers, url)) {
        code = settle_first(ahead, error);
    }
    return code;
}

/* They are not full; the unit is this function's. */
static enum mz_code give(struct ahead *ahead, struct mz_unit *unit,
                         struct mz_error *error)
{
    struct mz_run *run = ahead->run;
    struct mz_workers_job job = {.unit = unit, .news = MZ_UNIT_NEW};
    enum mz_code code = await_address(ahead, unit->url, error);
    if (code == MZ_OK) {
        code = mz_run_identify(run, unit, &job.news, error);
    }
    if (code == MZ_OK) {
        job.first = mz_run_first_stage(run, unit);
        job.stop = mz_run_wants(run, unit, job.news) ? ahead_end(run, unit) : job.first;
        code = mz_workers_give(ahead->workers, &job, error);
    }
    if (code != MZ_OK) {
        mz_unit_destroy(unit);
        return code;
    }
    return run->loaded.pipeline->stages[unit->stage].kind == MZ_STAGE_SOURCE
               ? settle_all(ahead, error)
               : MZ_OK;
}

static enum mz_code go_on(struct ahead *ahead, bool *end, struct mz_error *error)
{
    struct mz_intake_item item = {.kind = MZ_INTAKE_NOTHING};
    if (mz_workers_is_full(ahead->workers)) {
        return settle_first(ahead, error);
    }
    mz_intake_take_unless(ahead->intake, is_ready, ahead, &item);
    enum mz_code code = MZ_OK;
    switch (item.kind) {
    case MZ_INTAKE_UNIT:
        return give(ahead, item.unit, error);
    case MZ_INTAKE_SOURCE_END:
        code = settle_all(ahead, error);
        return code == MZ_OK ? mz_run_end_source(ahead->run, &item, error) : code;
    case MZ_INTAKE_END:
        *end = true;
        return settle_all(ahead, error);
    case MZ_INTAKE_NOTHING:
    default:
        return mz_workers_is_empty(ahead->workers) || mz_group_is_due(ahead->run->group)
                   ? mz_run_commit(ahead->run, error)
                   : settle_first(ahead, error);
    }
}

enum mz_code mz_run_take_ahead(struct mz_run *run, struct mz_intake *intake,
                               size_t threads, struct mz_error *error)
{
    struct ahead ahead = {.run = run, .intake = intake};
    const struct mz_workers_settings settings = {.stages = &run->stages,
                                                 .threads = threads,
                                                 .done = one_is_done,
                                                 .owner = &ahead};
    bool end = false;
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_MEMORY);
    enum mz_code code = mz_workers_create(&settings, &ahead.workers, error);
    while (code == MZ_OK && !end) {
        code = go_on(&ahead, &end, error);
    }
    mz_workers_destroy(ahead.workers);
    return code;
}
