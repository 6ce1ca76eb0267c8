#include "net/pool.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "net/cassette.h"
#include "net/client.h"

#define RUNNING_MOST 32 /* transfers at once */
#define SLICE        50 /* milliseconds between looks at *cancel */

enum progress {
    WAITING, /* for its host's turn, or for room */
    RUNNING,
    ENDED
};

/* One request: a client of its own, whose politeness is the pool's. */
struct mz_pending_request {
    struct mz_client *client;
    /* With a cassette in place: answered from it when it is taken. */
    const struct mizan_http_request *recorded;
    const struct mz_validator_pair *validators;
    enum progress progress;
    int hops;
    int64_t waiting_since; /* monotonic */
    struct mz_error error; /* code MZ_OK: it went well */
    struct mz_pending_request *next;
};

struct mz_pool {
    struct mz_client_settings settings;
    char *user_agent;
    char **private_hosts;
    struct mz_curl curl; /* for the multi handle */
    CURLM *multi;
    struct mz_politeness politeness;
    struct mz_pending_request *pending; /* in the order they were begun */
    bool distrusted; /* an answer had two lengths: no connection is used again */
};

struct mz_pool *mz_pool_create(const struct mz_client_settings *settings)
{
    struct mz_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return NULL;
    }
    pool->settings = *settings;
    pool->settings.polite = false;
    if (settings->polite) {
        pool->politeness.gap = settings->gap > 0 ? settings->gap : MZ_DEFAULT_GAP;
    }
    pool->private_hosts = calloc(settings->private_count + 1, sizeof(char *));
    bool complete = pool->private_hosts != NULL;
    for (size_t i = 0; complete && i < settings->private_count; i++) {
        pool->private_hosts[i] = strdup(settings->private_hosts[i]);
        complete = pool->private_hosts[i] != NULL;
    }
    if (complete && settings->user_agent != NULL) {
        pool->user_agent = strdup(settings->user_agent);
        complete = pool->user_agent != NULL;
    }
    if (!complete) {
        mz_pool_destroy(pool);
        return NULL;
    }
    pool->settings.user_agent = pool->user_agent;
    pool->settings.private_hosts = (const char *const *)pool->private_hosts;
    return pool;
}

static void finish_pending(struct mz_pool *pool, struct mz_pending_request *pending)
{
    if (pending->progress == RUNNING) {
        (void)pool->curl.multi_remove_handle(pool->multi, pending->client->easy);
    }
    mz_client_destroy(pending->client);
    free(pending);
}

void mz_pool_drop(struct mz_pool *pool, struct mz_pending_request *pending)
{
    struct mz_pending_request **place = &pool->pending;
    while (*place != NULL && *place != pending) {
        place = &(*place)->next;
    }
    if (*place != NULL) {
        *place = pending->next;
        finish_pending(pool, pending);
    }
}

void mz_pool_destroy(struct mz_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    while (pool->pending != NULL) {
        mz_pool_drop(pool, pool->pending);
    }
    if (pool->multi != NULL) {
        (void)pool->curl.multi_cleanup(pool->multi);
    }
    mz_curl_finish(&pool->curl);
    mz_politeness_finish(&pool->politeness);
    for (size_t i = 0; pool->private_hosts != NULL && pool->private_hosts[i] != NULL;
         i++) {
        free(pool->private_hosts[i]);
    }
    free(pool->private_hosts);
    free(pool->user_agent);
    free(pool);
}

/* ---- beginning ---- */

static enum mz_code prepare(struct mz_pool *pool, struct mz_client *client,
                            const struct mizan_http_request *request,
                            const struct mz_validator_pair *validators,
                            struct mz_error *error)
{
    enum mz_code code = mz_request_read(&client->exchange, request, validators, error);
    if (code == MZ_OK) {
        code = mz_curl_load(&pool->curl, error);
    }
    if (code == MZ_OK) {
        code = mz_curl_load(&client->curl, error);
    }
    if (code == MZ_OK) {
        code = mz_address_parse(&client->curl, client->exchange.request.url,
                                &client->first, error);
    }
    if (code == MZ_OK && pool->multi == NULL) {
        pool->multi = pool->curl.multi_init();
        if (pool->multi == NULL) {
            code = mz_fail(error, MZ_MEMORY, "not enough memory for requests");
        }
    }
    return code;
}

enum mz_code mz_pool_begin(struct mz_pool *pool,
                           const struct mizan_http_request *request,
                           const struct mz_validator_pair *validators,
                           struct mz_pending_request **out, struct mz_error *error)
{
    struct mz_pending_request *pending = calloc(1, sizeof *pending);
    *out = NULL;
    if (pending != NULL) {
        pending->client = mz_client_create(&pool->settings);
    }
    if (pending == NULL || pending->client == NULL) {
        free(pending);
        return mz_fail(error, MZ_MEMORY, "not enough memory for requests");
    }
    enum mz_code code = MZ_OK;
    if (mz_cassette_in_place()) {
        pending->recorded = request;
        pending->validators = validators;
        pending->progress = ENDED;
    } else {
        code = prepare(pool, pending->client, request, validators, error);
    }
    if (code != MZ_OK) {
        finish_pending(pool, pending);
        return code;
    }
    pending->client->now = pending->client->first;
    pending->waiting_since = mz_clock_monotonic();
    pending->client->exchange.deadline =
        pending->waiting_since + pending->client->total_timeout;
    struct mz_pending_request **place = &pool->pending;
    while (*place != NULL) {
        place = &(*place)->next;
    }
    *place = pending;
    *out = pending;
    return MZ_OK;
}

/* ---- one hop ---- */

static void end(struct mz_pending_request *pending, enum mz_code code)
{
    pending->error.code = code;
    pending->progress = ENDED;
}

static enum mz_code start_hop(struct mz_pool *pool, struct mz_pending_request *pending)
{
    struct mz_client *client = pending->client;
    struct mz_error *error = &pending->error;
    int64_t now = mz_clock_monotonic();
    client->exchange.deadline += now - pending->waiting_since;
    enum mz_code code = mz_guard_begin(&client->guard, &client->now, error);
    if (code != MZ_OK) {
        return code;
    }
    if (client->easy == NULL) {
        client->easy = client->curl.easy_init();
    }
    if (client->easy == NULL) {
        return mz_fail(error, MZ_MEMORY, "%s: not enough memory", client->now.label);
    }
    code = mz_request_prepare(client, error);
    if (code != MZ_OK) {
        return code;
    }
    bool fresh =
        !pool->distrusted ||
        (client->curl.easy_setopt(client->easy, CURLOPT_FRESH_CONNECT, 1L) ==
             CURLE_OK &&
         client->curl.easy_setopt(client->easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK);
    CURLMcode status = fresh ? pool->curl.multi_add_handle(pool->multi, client->easy)
                             : CURLM_INTERNAL_ERROR;
    if (status != CURLM_OK) {
        return mz_fail(error, MZ_INTERNAL, "%s: %s", client->now.label,
                       pool->curl.multi_strerror(status));
    }
    pending->progress = RUNNING;
    return MZ_OK;
}

/* What a hop that has ended means: another hop, or the end. */
static void end_hop(struct mz_pool *pool, struct mz_pending_request *pending,
                    CURLcode result)
{
    struct mz_client *client = pending->client;
    struct mz_error *error = &pending->error;
    (void)pool->curl.multi_remove_handle(pool->multi, client->easy);
    pending->progress = WAITING;
    pending->waiting_since = mz_clock_monotonic();
    enum mz_code code = MZ_OK;
    if (!mz_politeness_note(&pool->politeness, client->now.host)) {
        code = mz_fail(error, MZ_MEMORY, "%s: not enough memory", client->now.label);
    }
    if (code == MZ_OK) {
        pool->distrusted =
            pool->distrusted ||
            (result == CURLE_OK && mz_answer_length_is_ambiguous(&client->answer));
        code = mz_client_judge(client, result, error);
    }
    if (code != MZ_OK) {
        end(pending, code);
    } else if (!mz_status_is_redirect(client->answer.status)) {
        end(pending, mz_outcome_of_status(client, error));
    } else if (pending->hops++ == MZ_REDIRECTS_MOST) {
        end(pending,
            mz_fail(error, MZ_LIMIT, "%s: more than %d redirects, the last at %s",
                    client->first.label, MZ_REDIRECTS_MOST, client->now.label));
    } else {
        code = mz_client_follow(client, error);
        if (code != MZ_OK) {
            end(pending, code);
        }
    }
}

/* ---- driving ---- */

static bool is_busy(const struct mz_pool *pool, const char *host)
{
    for (const struct mz_pending_request *p = pool->pending; p != NULL; p = p->next) {
        if (p->progress == RUNNING && strcmp(p->client->now.host, host) == 0) {
            return true;
        }
    }
    return false;
}

/* Starts what may start. Returns the milliseconds until the next may, -1: none waits
 * for the clock. */
static int64_t start_waiting(struct mz_pool *pool, size_t *running)
{
    int64_t soonest = -1;
    *running = 0;
    for (struct mz_pending_request *p = pool->pending; p != NULL; p = p->next) {
        *running += p->progress == RUNNING;
    }
    for (struct mz_pending_request *p = pool->pending; p != NULL; p = p->next) {
        if (p->progress != WAITING || *running >= RUNNING_MOST) {
            continue;
        }
        const char *host = p->client->now.host;
        int64_t due = mz_politeness_due(&pool->politeness, host);
        if (due > 0) {
            soonest = soonest < 0 || due < soonest ? due : soonest;
        } else if (pool->politeness.gap <= 0 || !is_busy(pool, host)) {
            enum mz_code code = start_hop(pool, p);
            if (code == MZ_OK) {
                ++*running;
            } else {
                end(p, code);
            }
        }
    }
    return soonest;
}

static bool collect_ended(struct mz_pool *pool)
{
    bool any = false;
    int left;
    CURLMsg *message;
    while (pool->multi != NULL &&
           (message = pool->curl.multi_info_read(pool->multi, &left)) != NULL) {
        struct mz_pending_request *p = pool->pending;
        while (p != NULL &&
               (p->progress != RUNNING || p->client->easy != message->easy_handle)) {
            p = p->next;
        }
        if (message->msg == CURLMSG_DONE && p != NULL) {
            end_hop(pool, p, message->data.result);
        }
    }
    for (const struct mz_pending_request *p = pool->pending; p != NULL; p = p->next) {
        any = any || p->progress == ENDED;
    }
    return any;
}

static void pause_for(int64_t milliseconds)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)milliseconds * 1000000L};
    (void)nanosleep(&pause, NULL);
}

void mz_pool_drive(struct mz_pool *pool, int64_t milliseconds)
{
    int64_t until = mz_clock_monotonic() + milliseconds;
    while (pool->pending != NULL) {
        size_t running;
        int ignored;
        int64_t soonest = start_waiting(pool, &running);
        if (pool->multi != NULL) {
            (void)pool->curl.multi_perform(pool->multi, &ignored);
        }
        if (collect_ended(pool)) {
            return;
        }
        int64_t rest = until - mz_clock_monotonic();
        const atomic_int *cancel = pool->settings.cancel;
        if (rest <= 0 || (cancel != NULL && atomic_load(cancel) != 0)) {
            return;
        }
        rest = rest < SLICE ? rest : SLICE;
        rest = soonest >= 0 && soonest < rest ? soonest : rest;
        if (running > 0) {
            (void)pool->curl.multi_poll(pool->multi, NULL, 0, (int)rest, &ignored);
        } else {
            pause_for(rest);
        }
    }
}

bool mz_pool_ended(const struct mz_pending_request *pending)
{
    return pending->progress == ENDED;
}

enum mz_code mz_pool_take(struct mz_pool *pool, struct mz_pending_request *pending,
                          struct mz_arena *arena, struct mizan_http_response *response,
                          struct mz_error *error)
{
    enum mz_code code = pending->error.code;
    if (pending->recorded != NULL) {
        code = mz_client_request(pending->client, arena, pending->recorded,
                                 pending->validators, response, error);
    } else if (code == MZ_OK) {
        code = mz_client_fill(pending->client, arena, response, error);
    } else if (error != NULL) {
        *error = pending->error;
    }
    mz_pool_drop(pool, pending);
    return code;
}
