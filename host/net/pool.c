#include "net/pool_internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define DEFAULT_AGENT                                                                  \
    "mizan/" MIZAN_VERSION " (data pipeline; contact: see the operator)"
#define DEFAULT_CONNECT 10000
#define DEFAULT_HEADERS 20000
#define DEFAULT_TOTAL   120000
#define DEFAULT_BODY    (UINT64_C(32) * 1024 * 1024)
#define FREE_MOST       64 /* transfers that are kept for the next requests */

/* ---- the pool ---- */

static int64_t or_default(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void read_settings(struct mz_pool *pool,
                          const struct mz_client_settings *settings)
{
    pool->settings = *settings;
    pool->settings.retries = settings->retries == 0  ? MZ_RETRIES
                             : settings->retries < 0 ? 0
                                                     : settings->retries;
    pool->settings.patience = or_default(settings->patience, MZ_PATIENCE);
    pool->transfers = (struct mz_transfer_settings){
        .connect_timeout = or_default(settings->connect_timeout, DEFAULT_CONNECT),
        .header_timeout = or_default(settings->header_timeout, DEFAULT_HEADERS),
        .total_timeout = or_default(settings->total_timeout, DEFAULT_TOTAL),
        .maximum_body =
            settings->maximum_body > 0 ? settings->maximum_body : DEFAULT_BODY,
        .client = &pool->settings};
    pool->running_most = settings->polite ? MZ_RUNNING_POLITE : MZ_RUNNING_FREE;
    pool->hosts.polite = settings->polite;
    pool->hosts.gap = settings->gap;
    pool->hosts.store = settings->polite ? settings->store : NULL;
}

/* Copies of the texts; false when out of memory. */
static bool copy_texts(struct mz_pool *pool, const struct mz_client_settings *settings)
{
    pool->private_hosts = calloc(settings->private_count + 1, sizeof(char *));
    if (pool->private_hosts == NULL) {
        return false;
    }
    for (size_t i = 0; i < settings->private_count; i++) {
        pool->private_hosts[i] = strdup(settings->private_hosts[i]);
        if (pool->private_hosts[i] == NULL) {
            return false;
        }
    }
    pool->user_agent =
        strdup(settings->user_agent != NULL ? settings->user_agent : DEFAULT_AGENT);
    pool->settings.private_hosts = (const char *const *)pool->private_hosts;
    pool->settings.user_agent = pool->user_agent;
    pool->transfers.user_agent = pool->user_agent;
    return pool->user_agent != NULL;
}

struct mz_pool *mz_pool_create(const struct mz_client_settings *settings)
{
    struct mz_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return NULL;
    }
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    pool->last_active = &pool->active;
    pool->last_arrival = &pool->arrivals;
    pool->timer = -1;
    pool->epoll = -1;
    pool->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    read_settings(pool, settings);
    if (!copy_texts(pool, settings) || pool->wake < 0) {
        mz_pool_destroy(pool);
        return NULL;
    }
    return pool;
}

/* With the lock held. */
static void wake(struct mz_pool *pool)
{
    const uint64_t one = 1;
    if (pool->asleep) {
        pool->asleep = false;
        (void)!write(pool->wake, &one, sizeof one);
    }
}

/* With the lock held. */
static void unlink_pending(struct mz_pending_request *pending)
{
    *pending->place = pending->next;
    if (pending->next != NULL) {
        pending->next->place = pending->place;
    }
}

/* With the lock held, or when the thread is gone. */
static void give_back(struct mz_pool *pool, struct mz_transfer *transfer)
{
    size_t count = 0;
    for (const struct mz_transfer *t = pool->free; t != NULL; t = t->next_free) {
        count++;
    }
    if (transfer != NULL && count < FREE_MOST) {
        transfer->next_free = pool->free;
        pool->free = transfer;
    } else {
        mz_transfer_destroy(transfer);
    }
}

static void pending_destroy(struct mz_pending_request *pending)
{
    mz_name_check_end(pending->name);
    (void)pthread_cond_destroy(&pending->done);
    free(pending);
}

void mz_pool_destroy(struct mz_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    if (pool->started) {
        (void)pthread_mutex_lock(&pool->lock);
        pool->stopping = true;
        wake(pool);
        (void)pthread_mutex_unlock(&pool->lock);
        (void)pthread_join(pool->thread, NULL);
    }
    while (pool->all != NULL) {
        struct mz_pending_request *pending = pool->all;
        unlink_pending(pending);
        mz_transfer_destroy(pending->transfer);
        pending_destroy(pending);
    }
    while (pool->free != NULL) {
        struct mz_transfer *transfer = pool->free;
        pool->free = transfer->next_free;
        mz_transfer_destroy(transfer);
    }
    mz_pool_loop_finish(pool);
    mz_hosts_finish(&pool->hosts);
    for (size_t i = 0; pool->private_hosts != NULL && pool->private_hosts[i] != NULL;
         i++) {
        free(pool->private_hosts[i]);
    }
    free(pool->private_hosts);
    free(pool->user_agent);
    if (pool->wake >= 0) {
        (void)close(pool->wake);
    }
    (void)pthread_cond_destroy(&pool->changed);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* ---- beginning ---- */

struct mz_transfer *mz_pool_transfer(struct mz_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    struct mz_transfer *transfer = pool->free;
    if (transfer != NULL) {
        pool->free = transfer->next_free;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return transfer != NULL
               ? transfer
               : mz_transfer_create(&pool->transfers, &pool->curl, &pool->settings);
}

struct mz_pending_request *mz_pending_create(struct mz_pool *pool)
{
    struct mz_pending_request *pending = calloc(1, sizeof *pending);
    if (pending == NULL) {
        return NULL;
    }
    pending->pool = pool;
    pending->waiting_since = mz_clock_monotonic();
    (void)pthread_cond_init(&pending->done, NULL);
    (void)pthread_mutex_lock(&pool->lock);
    pending->next = pool->all;
    pending->place = &pool->all;
    if (pool->all != NULL) {
        pool->all->place = &pending->next;
    }
    pool->all = pending;
    (void)pthread_mutex_unlock(&pool->lock);
    return pending;
}

/* Frees a request that the pool's thread does not know, or no more. */
static void forget(struct mz_pending_request *pending)
{
    struct mz_pool *pool = pending->pool;
    (void)pthread_mutex_lock(&pool->lock);
    unlink_pending(pending);
    give_back(pool, pending->transfer);
    (void)pthread_mutex_unlock(&pool->lock);
    pending_destroy(pending);
}

/* The library, the multi handle and the thread, at the first request. */
static enum mz_code start(struct mz_pool *pool, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    sigset_t all, before;
    (void)pthread_mutex_lock(&pool->lock);
    if (!pool->started) {
        code = mz_pool_loop_init(pool, error);
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        if (code == MZ_OK) {
            int failure = pthread_create(&pool->thread, NULL, mz_pool_loop, pool);
            pool->started = failure == 0;
            code = failure == 0 ? MZ_OK
                                : mz_fail(error, MZ_INTERNAL,
                                          "the thread of requests cannot start: %s",
                                          strerror(failure)); /* NOLINT: own text */
        }
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return code;
}

static enum mz_code prepare(struct mz_pool *pool, struct mz_pending_request *pending,
                            const struct mizan_http_request *request,
                            const struct mz_validator_pair *validators,
                            struct mz_error *error)
{
    struct mz_exchange checked;
    /* Before any library is loaded: what is no address needs none. */
    enum mz_code code = mz_request_read(&checked, request, validators, error);
    if (code == MZ_OK) {
        code = start(pool, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    pending->transfer = mz_pool_transfer(pool);
    if (pending->transfer == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for requests");
    }
    return mz_transfer_begin(pending->transfer, request, validators, error);
}

static void hand_over(struct mz_pool *pool, struct mz_pending_request *pending)
{
    (void)pthread_mutex_lock(&pool->lock);
    pending->next_active = NULL;
    *pool->last_arrival = pending;
    pool->last_arrival = &pending->next_active;
    pool->loud += !pending->quiet;
    wake(pool);
    (void)pthread_mutex_unlock(&pool->lock);
}

enum mz_code mz_pool_begin(struct mz_pool *pool,
                           const struct mizan_http_request *request,
                           const struct mz_validator_pair *validators,
                           struct mz_pending_request **out, struct mz_error *error)
{
    struct mz_pending_request *pending = mz_pending_create(pool);
    *out = NULL;
    if (pending == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for requests");
    }
    if (mz_cassette_in_place()) {
        pending->recorded = request;
        pending->validators = validators;
        (void)pthread_mutex_lock(&pool->lock);
        pool->loud++;
        pool->untaken++;
        (void)pthread_mutex_unlock(&pool->lock);
        atomic_store(&pending->ended, true);
    } else {
        enum mz_code code = prepare(pool, pending, request, validators, error);
        if (code != MZ_OK) {
            forget(pending);
            return code;
        }
        hand_over(pool, pending);
    }
    *out = pending;
    return MZ_OK;
}

/* ---- ending ---- */

void mz_pending_end(struct mz_pending_request *pending)
{
    struct mz_pool *pool = pending->pool;
    (void)pthread_mutex_lock(&pool->lock);
    atomic_store(&pending->ended, true);
    bool dropped = pending->dropped;
    if (pending->quiet) {
        (void)pthread_cond_signal(&pending->done);
    } else if (!dropped) {
        pool->untaken++;
        (void)pthread_cond_broadcast(&pool->changed);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (dropped) {
        forget(pending);
    }
}

bool mz_pool_ended(const struct mz_pending_request *pending)
{
    return atomic_load(&pending->ended);
}

void mz_pool_drive(struct mz_pool *pool, int64_t milliseconds)
{
    struct timespec until;
    int64_t end = mz_clock_monotonic() + milliseconds;
    until.tv_sec = (time_t)(end / 1000);
    until.tv_nsec = (long)(end % 1000) * 1000000L;
    (void)pthread_mutex_lock(&pool->lock);
    while (milliseconds > 0 && pool->loud > 0 && pool->untaken == 0 &&
           mz_clock_monotonic() < end) {
        (void)pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

static void count_taken(struct mz_pool *pool, const struct mz_pending_request *pending,
                        bool ended)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->untaken -= !pending->quiet && ended;
    pool->loud -= !pending->quiet;
    (void)pthread_mutex_unlock(&pool->lock);
}

enum mz_code mz_pool_take(struct mz_pool *pool, struct mz_pending_request *pending,
                          struct mz_arena *arena, struct mizan_http_response *response,
                          struct mz_error *error)
{
    enum mz_code code = pending->error.code;
    if (pending->recorded != NULL) {
        code = mz_cassette_request(pool, arena, pending->recorded, pending->validators,
                                   response, mz_pool_send, error);
    } else if (code == MZ_OK) {
        code = mz_transfer_fill(pending->transfer, arena, response, error);
    } else {
        if (error != NULL) {
            *error = pending->error;
        }
        if (response->size >=
            offsetof(struct mizan_http_response, status) + sizeof response->status) {
            response->status = pending->transfer->answer.status;
        }
    }
    count_taken(pool, pending, true);
    forget(pending);
    return code;
}

void mz_pool_drop(struct mz_pool *pool, struct mz_pending_request *pending)
{
    if (pending == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&pool->lock);
    bool ended = atomic_load(&pending->ended);
    pool->untaken -= !pending->quiet && ended;
    pool->loud -= !pending->quiet;
    if (!ended) {
        pending->dropped = true;
        pool->dropping = true;
        wake(pool);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (ended) {
        forget(pending);
    }
}

/* ---- asking and waiting ---- */

static void note_answer(const struct mz_pending_request *pending,
                        struct mz_last_answer *last)
{
    const struct mz_answer *answer = &pending->transfer->answer;
    struct mizan_slice wait = {NULL, 0};
    last->status = answer->status;
    if (last->status != 0 && mz_answer_find(answer, "retry-after", &wait) &&
        wait.size < sizeof last->retry_after) {
        memcpy(last->retry_after, wait.data, wait.size);
        last->retry_after[wait.size] = '\0';
    }
}

enum mz_code mz_pool_send(struct mz_pool *pool, struct mz_arena *arena,
                          const struct mizan_http_request *request,
                          const struct mz_validator_pair *validators,
                          struct mizan_http_response *response, struct mz_error *error)
{
    struct mz_pending_request *pending = mz_pending_create(pool);
    if (pending == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for requests");
    }
    pending->quiet = true;
    enum mz_code code = prepare(pool, pending, request, validators, error);
    if (code != MZ_OK) {
        forget(pending);
        return code;
    }
    hand_over(pool, pending);
    (void)pthread_mutex_lock(&pool->lock);
    while (!atomic_load(&pending->ended)) {
        (void)pthread_cond_wait(&pending->done, &pool->lock);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (pool->last != NULL) {
        note_answer(pending, pool->last);
    }
    return mz_pool_take(pool, pending, arena, response, error);
}

enum mz_code mz_pool_request(struct mz_pool *pool, struct mz_arena *arena,
                             const struct mizan_http_request *request,
                             const struct mz_validator_pair *validators,
                             struct mizan_http_response *response,
                             struct mz_error *error)
{
    return mz_cassette_in_place()
               ? mz_cassette_request(pool, arena, request, validators, response,
                                     mz_pool_send, error)
               : mz_pool_send(pool, arena, request, validators, response, error);
}
