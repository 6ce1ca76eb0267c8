#include "run/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CANCEL_INTERVAL_NANOSECONDS 50000000L

enum state { WAITING, WORKING, DONE };

struct slot {
    struct mz_workers_job job;
    enum state state;
};

struct mz_workers {
    struct mz_workers_settings settings;
    pthread_mutex_t lock;
    pthread_cond_t work; /* a unit waits, or it is time to stop */
    pthread_cond_t done; /* a unit is done */
    /* A ring in the order of documents. Who holds no lock may touch a job only while it
     * is WORKING and his, and first and count only as the thread that gives and takes.
     */
    struct slot *slots;
    size_t capacity, first, count;
    pthread_t *threads;
    size_t started;
    bool stop;
    atomic_int cancel; /* what plugins look at */
};

static struct slot *slot_at(const struct mz_workers *workers, size_t place)
{
    return &workers->slots[(workers->first + place) % workers->capacity];
}

/* ---- workers ---- */

static struct slot *next_waiting(const struct mz_workers *workers)
{
    for (size_t i = 0; i < workers->count; i++) {
        struct slot *slot = slot_at(workers, i);
        if (slot->state == WAITING) {
            return slot;
        }
    }
    return NULL;
}

static void *work(void *argument)
{
    struct mz_workers *workers = argument;
    pthread_mutex_lock(&workers->lock);
    while (!workers->stop) {
        struct slot *slot = next_waiting(workers);
        if (slot == NULL) {
            pthread_cond_wait(&workers->work, &workers->lock);
            continue;
        }
        struct mz_workers_job *job = &slot->job;
        slot->state = WORKING;
        pthread_mutex_unlock(&workers->lock);
        job->code =
            mz_stages_run_ahead(workers->settings.stages, job->unit, job->first,
                                job->stop, job->counts, &workers->cancel, &job->error);
        pthread_mutex_lock(&workers->lock);
        slot->state = DONE;
        pthread_cond_signal(&workers->done);
        pthread_mutex_unlock(&workers->lock);
        workers->settings.done(workers->settings.owner);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

/* ---- the thread that gives and takes ---- */

bool mz_workers_is_empty(const struct mz_workers *workers)
{
    return workers->count == 0;
}

bool mz_workers_is_full(const struct mz_workers *workers)
{
    return workers->count == workers->capacity;
}

bool mz_workers_has(const struct mz_workers *workers, const char *url)
{
    for (size_t i = 0; i < workers->count; i++) {
        if (strcmp(slot_at(workers, i)->job.unit->url, url) == 0) {
            return true;
        }
    }
    return false;
}

bool mz_workers_is_ready(struct mz_workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    bool ready = workers->count > 0 && slot_at(workers, 0)->state == DONE;
    pthread_mutex_unlock(&workers->lock);
    return ready;
}

enum mz_code mz_workers_give(struct mz_workers *workers,
                             const struct mz_workers_job *job, struct mz_error *error)
{
    bool work = job->first != job->stop;
    struct mz_counts *counts = work ? mz_counts_create() : NULL;
    if (work && counts == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    pthread_mutex_lock(&workers->lock);
    struct slot *slot = slot_at(workers, workers->count);
    slot->job = *job;
    slot->job.counts = counts;
    slot->job.code = MZ_OK;
    slot->state = work ? WAITING : DONE;
    workers->count++;
    pthread_cond_signal(&workers->work);
    pthread_mutex_unlock(&workers->lock);
    return MZ_OK;
}

/* Signals wake no condition, so the run's cancel flag is looked at in between. */
static void wait_for_done(struct mz_workers *workers)
{
    const atomic_int *cancel = workers->settings.stages->cancel;
    struct timespec until;
    if (cancel != NULL && atomic_load(cancel) != 0) {
        atomic_store(&workers->cancel, 1);
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += CANCEL_INTERVAL_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_clockwait(&workers->done, &workers->lock, CLOCK_MONOTONIC, &until);
}

void mz_workers_take(struct mz_workers *workers, struct mz_workers_job *out)
{
    pthread_mutex_lock(&workers->lock);
    while (slot_at(workers, 0)->state != DONE) {
        wait_for_done(workers);
    }
    *out = slot_at(workers, 0)->job;
    workers->first = (workers->first + 1) % workers->capacity;
    workers->count--;
    pthread_mutex_unlock(&workers->lock);
}

/* ---- making and freeing ---- */

enum mz_code mz_workers_create(const struct mz_workers_settings *settings,
                               struct mz_workers **out, struct mz_error *error)
{
    struct mz_workers *workers = calloc(1, sizeof *workers);
    *out = NULL;
    if (workers == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for worker threads");
    }
    workers->settings = *settings;
    workers->capacity = settings->threads * 2 + 2;
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->work, NULL);
    pthread_cond_init(&workers->done, NULL);
    workers->slots = calloc(workers->capacity, sizeof *workers->slots);
    workers->threads = calloc(settings->threads, sizeof *workers->threads);
    if (workers->slots == NULL || workers->threads == NULL) {
        mz_workers_destroy(workers);
        return mz_fail(error, MZ_MEMORY, "not enough memory for worker threads");
    }
    for (size_t i = 0; i < settings->threads; i++) {
        int failure = pthread_create(&workers->threads[i], NULL, work, workers);
        if (failure != 0) {
            mz_workers_destroy(workers);
            mz_fail(error, MZ_INTERNAL, "worker thread %zu of %zu cannot start: %s",
                    i + 1, settings->threads, strerror(failure));
            mz_error_help(error, "limits = { threads = 1 } in the pipeline does "
                                 "without");
            return MZ_INTERNAL;
        }
        workers->started++;
    }
    *out = workers;
    return MZ_OK;
}

void mz_workers_destroy(struct mz_workers *workers)
{
    if (workers == NULL) {
        return;
    }
    atomic_store(&workers->cancel, 1);
    pthread_mutex_lock(&workers->lock);
    workers->stop = true;
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->started; i++) {
        pthread_join(workers->threads[i], NULL);
    }
    for (size_t i = 0; i < workers->count; i++) {
        mz_unit_destroy(slot_at(workers, i)->job.unit);
        mz_counts_destroy(slot_at(workers, i)->job.counts);
    }
    pthread_cond_destroy(&workers->done);
    pthread_cond_destroy(&workers->work);
    pthread_mutex_destroy(&workers->lock);
    free(workers->threads);
    free(workers->slots);
    free(workers);
}
