/* The pool's thread: libcurl's socket interface over epoll. */
#include "net/pool_internal.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"

#define EVENTS_MOST 64
#define SLICE       50 /* milliseconds between looks at *cancel and the headers' time */
#define SECOND      1000
#define CONNECTIONS 128L /* that are kept for the next request */

/* ---- what libcurl calls ---- */

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *context,
                        void *known)
{
    struct mz_pool *pool = context;
    struct epoll_event event = {.data.fd = socket};
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(pool->epoll, EPOLL_CTL_DEL, socket, &event);
        return 0;
    }
    event.events = ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0U) |
                   ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0U);
    if (known == NULL) {
        (void)pool->curl.multi_assign(pool->multi, socket, pool);
    }
    return epoll_ctl(pool->epoll, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket,
                     &event);
}

static int set_timer(CURLM *multi, long milliseconds, void *context)
{
    struct mz_pool *pool = context;
    (void)multi;
    /* Never early, since libcurl does not name a time twice: our clock cuts
     * milliseconds down. */
    pool->timer = milliseconds < 0 ? -1
                                   : mz_clock_monotonic() + milliseconds +
                                         (milliseconds > 0 ? 1 : 0);
    return 0;
}

enum mz_code mz_pool_loop_init(struct mz_pool *pool, struct mz_error *error)
{
    enum mz_code code = mz_curl_load(&pool->curl, error);
    if (code != MZ_OK) {
        return code;
    }
    const struct mz_curl *curl = &pool->curl;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = pool->wake};
    pool->multi = pool->multi == NULL ? curl->multi_init() : pool->multi;
    pool->epoll = pool->epoll < 0 ? epoll_create1(EPOLL_CLOEXEC) : pool->epoll;
    bool good =
        pool->multi != NULL && pool->epoll >= 0 &&
        epoll_ctl(pool->epoll, EPOLL_CTL_ADD, pool->wake, &event) == 0 &&
        curl->multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, watch_socket) ==
            CURLM_OK &&
        curl->multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool) == CURLM_OK &&
        curl->multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, set_timer) ==
            CURLM_OK &&
        curl->multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool) == CURLM_OK &&
        curl->multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS) == CURLM_OK;
    if (good && pool->settings.cookies) {
        pool->share = curl->share_init();
        good = pool->share != NULL &&
               curl->share_setopt(pool->share, CURLSHOPT_SHARE,
                                  CURL_LOCK_DATA_COOKIE) == CURLSHE_OK;
        pool->transfers.share = pool->share;
    }
    return good ? MZ_OK : mz_fail(error, MZ_MEMORY, "not enough memory for requests");
}

void mz_pool_loop_finish(struct mz_pool *pool)
{
    if (pool->multi != NULL) {
        (void)pool->curl.multi_cleanup(pool->multi);
    }
    if (pool->share != NULL) {
        (void)pool->curl.share_cleanup(pool->share);
    }
    mz_curl_finish(&pool->curl);
    if (pool->epoll >= 0) {
        (void)close(pool->epoll);
    }
}

/* ---- requests that come and go ---- */

static void take_arrivals(struct mz_pool *pool, bool *stop, bool *dropping)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->arrivals != NULL) {
        *pool->last_active = pool->arrivals;
        pool->last_active = pool->last_arrival;
        pool->arrivals = NULL;
        pool->last_arrival = &pool->arrivals;
    }
    *stop = pool->stopping;
    *dropping = pool->dropping;
    pool->dropping = false;
    (void)pthread_mutex_unlock(&pool->lock);
}

static bool was_dropped(struct mz_pool *pool, const struct mz_pending_request *pending)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool dropped = pending->dropped;
    (void)pthread_mutex_unlock(&pool->lock);
    return dropped;
}

/* The headers have their time from when the connection stands; until then they have
 * that of the connection too. What is sent with a body may take as long as the body
 * does. */
static bool waits_too_long(const struct mz_pool *pool,
                           const struct mz_transfer *transfer, int64_t now)
{
    curl_off_t connected = 0; /* microseconds into the hop */
    int64_t due = transfer->exchange.hop_started + transfer->settings->header_timeout;
    if (transfer->exchange.with_body || transfer->answer.complete) {
        return false;
    }
    if (pool->curl.easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T,
                                &connected) == CURLE_OK &&
        connected > 0) {
        return now > due + (int64_t)connected / 1000;
    }
    return now > due + transfer->settings->connect_timeout;
}

/* Ends what was given up, and what is told to stop or waits too long for headers. */
static void look_around(struct mz_pool *pool, bool dropping)
{
    const atomic_int *cancel = pool->settings.cancel;
    bool cancelled = cancel != NULL && atomic_load(cancel) != 0;
    int64_t now = mz_clock_monotonic();
    struct mz_pending_request *next;
    for (struct mz_pending_request *p = pool->active; p != NULL; p = next) {
        next = p->next_active;
        if (cancelled || (dropping && was_dropped(pool, p))) {
            mz_pool_cancel(pool, p);
        } else if (p->progress == MZ_RUNNING &&
                   waits_too_long(pool, p->transfer, now)) {
            p->transfer->exchange.headers_late = true;
            mz_pool_end_hop(pool, p, CURLE_OPERATION_TIMEDOUT);
        } else if (p->progress == MZ_NAMING) {
            mz_pool_look_at_name(pool, p);
        }
    }
}

/* ---- the loop ---- */

static void collect_ended(struct mz_pool *pool)
{
    CURLMsg *message;
    int left;
    while ((message = pool->curl.multi_info_read(pool->multi, &left)) != NULL) {
        char *owner = NULL;
        if (message->msg == CURLMSG_DONE &&
            pool->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner) ==
                CURLE_OK &&
            owner != NULL) {
            void *pending = owner;
            mz_pool_end_hop(pool, pending, message->data.result);
        }
    }
}

static void sleep_until_event(struct mz_pool *pool, int64_t wait)
{
    struct epoll_event events[EVENTS_MOST];
    int ignored;
    int64_t now = mz_clock_monotonic();
    if (pool->timer >= 0) {
        int64_t rest = pool->timer > now ? pool->timer - now : 0;
        wait = wait < 0 || rest < wait ? rest : wait;
    }
    if (pool->active != NULL) {
        wait = wait < 0 || wait > SLICE ? SLICE : wait;
    }
    (void)pthread_mutex_lock(&pool->lock);
    bool idle = pool->arrivals == NULL && !pool->stopping && !pool->dropping;
    pool->asleep = idle;
    (void)pthread_mutex_unlock(&pool->lock);
    int count = epoll_wait(pool->epoll, events, EVENTS_MOST, idle ? (int)wait : 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == pool->wake) {
            uint64_t number;
            (void)!read(pool->wake, &number, sizeof number);
            continue;
        }
        int what =
            ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
            ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
            ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
        (void)pool->curl.multi_socket_action(pool->multi, events[i].data.fd, what,
                                             &ignored);
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->asleep = false;
    (void)pthread_mutex_unlock(&pool->lock);
    if (pool->timer >= 0 && mz_clock_monotonic() >= pool->timer) {
        pool->timer = -1;
        (void)pool->curl.multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0,
                                             &ignored);
        if (pool->timer < 0 && pool->running > 0) {
            pool->timer = mz_clock_monotonic() + SECOND; /* it may have been early */
        }
    }
}

void *mz_pool_loop(void *context)
{
    struct mz_pool *pool = context;
    int64_t looked = 0;
    for (;;) {
        bool stop, dropping;
        take_arrivals(pool, &stop, &dropping);
        if (stop) {
            break;
        }
        int64_t now = mz_clock_monotonic();
        if (dropping || now - looked >= SLICE) {
            look_around(pool, dropping);
            looked = now;
        }
        sleep_until_event(pool, mz_pool_start(pool));
        collect_ended(pool);
    }
    for (struct mz_pending_request *p = pool->active; p != NULL; p = p->next_active) {
        if (p->progress == MZ_RUNNING) {
            (void)pool->curl.multi_remove_handle(pool->multi, p->transfer->easy);
        }
    }
    return NULL;
}
