/* One hop of a request: whether it may start, what its end means. */
#include "net/pool_internal.h"

#include <string.h>

#include "base/clock.h"

#define ABSENT_KEEP INT64_C(300000) /* milliseconds that a missing name stays so */

/* ---- the active requests ---- */

static void leave_active(struct mz_pool *pool, struct mz_pending_request *pending)
{
    struct mz_pending_request **place = &pool->active;
    while (*place != NULL && *place != pending) {
        place = &(*place)->next_active;
    }
    if (*place == NULL) {
        return;
    }
    *place = pending->next_active;
    if (*place == NULL) {
        pool->last_active = place;
    }
}

/* A request for robots.txt has ended: what it brought is kept, nobody takes it. */
static void end_robots(struct mz_pool *pool, struct mz_pending_request *pending,
                       enum mz_code code)
{
    const struct mz_transfer *transfer = pending->transfer;
    int status = transfer->answer.status;
    bool cut = transfer->body.end == MZ_BODY_OVER;
    /* Too many redirects, or one to where nobody may go: as if there were none. */
    status = code == MZ_OK || cut                           ? 200
             : code == MZ_LIMIT || code == MZ_NOT_PERMITTED ? 404
             : mz_status_is_redirect(status)                ? 404
             : status >= 400                                ? status
                                                            : 0;
    pending->robots->loading = false;
    /* A host that is none has no robots.txt; whoever waited for it is told so. */
    if (code != MZ_CANCELLED && !transfer->absent) {
        const struct mz_robots_answer answer = {
            status,
            {transfer->body.bytes.data, transfer->body.bytes.size},
            pending->error.message};
        struct mz_host *host = mz_hosts_find(&pool->hosts, transfer->first.host);
        if (mz_robots_keep(&pool->hosts, pending->robots, &transfer->first, &answer) &&
            host != NULL) {
            mz_hosts_slow_down(&pool->hosts, host,
                               mz_robots_crawl_delay(pending->robots->robots));
        }
    }
    pending->robots = NULL;
    pending->dropped = true;
}

static void end(struct mz_pool *pool, struct mz_pending_request *pending,
                enum mz_code code)
{
    pending->error.code = code;
    leave_active(pool, pending);
    if (pending->robots != NULL) {
        end_robots(pool, pending, code);
    }
    mz_pending_end(pending);
}

static void stop_running(struct mz_pool *pool, struct mz_pending_request *pending)
{
    if (pending->progress == MZ_RUNNING) {
        (void)pool->curl.multi_remove_handle(pool->multi, pending->transfer->easy);
        pool->running--;
        pending->progress = MZ_WAITING;
        pending->waiting_since = mz_clock_monotonic();
    }
}

static void fail(struct mz_pool *pool, struct mz_pending_request *pending,
                 enum mz_code code)
{
    if (pending->progress != MZ_WAITING) {
        mz_hosts_release(pending->host);
    }
    stop_running(pool, pending);
    end(pool, pending, code);
}

void mz_pool_cancel(struct mz_pool *pool, struct mz_pending_request *pending)
{
    fail(pool, pending,
         mz_fail(&pending->error, MZ_CANCELLED, "%s: stopped while %s",
                 pending->transfer->now.label,
                 pending->progress == MZ_RUNNING ? "fetching" : "waiting to fetch"));
}

/* ---- robots.txt ---- */

/* A request of our own, for the file of the origin. */
static bool ask_robots(struct mz_pool *pool, struct mz_origin *origin,
                       const struct mz_address *address)
{
    char url[MZ_ORIGIN_SIZE + 16];
    struct mz_error error;
    struct mizan_http_request request = {
        .size = sizeof request, .url = url, .maximum_body = MZ_ROBOTS_MOST};
    mz_origin_text(address, url);
    memcpy(url + strlen(url), "/robots.txt", sizeof "/robots.txt");
    struct mz_pending_request *pending = mz_pending_create(pool);
    if (pending == NULL) {
        return false;
    }
    pending->quiet = true;
    pending->transfer = mz_pool_transfer(pool);
    if (pending->transfer == NULL ||
        mz_transfer_begin(pending->transfer, &request, NULL, &error) != MZ_OK) {
        pending->dropped = true;
        mz_pending_end(pending);
        return false;
    }
    /* The text goes with this function: each hop sets its own. */
    pending->transfer->exchange.request.url = pending->transfer->first.text;
    pending->transfer->keep_start = true;
    pending->robots = origin;
    origin->loading = true;
    pool->more = true;
    *pool->last_active = pending;
    pool->last_active = &pending->next_active;
    return true;
}

/* Whether robots.txt lets the hop go on; it may be asked for first, or end the request.
 */
static bool is_judged(struct mz_pool *pool, struct mz_pending_request *pending)
{
    const struct mz_address *address = &pending->transfer->now;
    if (pending->judged || !pool->settings.robots || pending->robots != NULL) {
        return true;
    }
    struct mz_origin *origin = mz_robots_find(&pool->hosts, address);
    if (origin == NULL) {
        end(pool, pending,
            mz_fail(&pending->error, MZ_MEMORY, "%s: not enough memory",
                    address->label));
        return false;
    }
    if (!mz_robots_known(origin)) {
        if (!origin->loading && !ask_robots(pool, origin, address)) {
            end(pool, pending,
                mz_fail(&pending->error, MZ_MEMORY, "%s: not enough memory",
                        address->label));
        }
        return false;
    }
    enum mz_code code =
        mz_robots_judge(origin, pending->host, address, &pending->error);
    if (code != MZ_OK) {
        end(pool, pending, code);
        return false;
    }
    pending->judged = true;
    return true;
}

/* ---- starting ---- */

/* Ends a request whose host is not asked for longer than the run waits. */
static void give_up(struct mz_pool *pool, struct mz_pending_request *pending,
                    int64_t wait)
{
    char until[MZ_TIME_TEXT];
    bool throttled = pending->host->row.pause == MZ_PAUSE_THROTTLED;
    mz_time_format(mz_clock_now() + wait, until);
    if (pending->tries > 0) {
        /* The answer that this is about says more than we could. */
        char last[sizeof pending->error.message];
        memcpy(last, pending->error.message, sizeof last);
        mz_fail(&pending->error, throttled ? MZ_TRY_AGAIN : MZ_UNREACHABLE,
                "%.800s; the host is not asked again before %s", last, until);
    } else if (throttled) {
        mz_fail(&pending->error, MZ_TRY_AGAIN,
                "%s: not asked, since the host wants no request before %s",
                pending->transfer->now.label, until);
    } else {
        mz_fail(&pending->error, MZ_UNREACHABLE,
                "%s: not asked, since the host failed %lld times in a row; it is asked "
                "again after %s",
                pending->transfer->now.label, (long long)pending->host->row.failures,
                until);
    }
    end(pool, pending, pending->error.code);
}

static enum mz_code start_hop(struct mz_pool *pool, struct mz_pending_request *pending)
{
    struct mz_transfer *transfer = pending->transfer;
    struct mz_error *error = &pending->error;
    transfer->exchange.deadline += mz_clock_monotonic() - pending->waiting_since;
    transfer->fresh = pending->host->distrusted;
    enum mz_code code = mz_request_prepare(transfer, error);
    if (code != MZ_OK) {
        return code;
    }
    if (pool->curl.easy_setopt(transfer->easy, CURLOPT_PRIVATE, pending) != CURLE_OK) {
        return mz_fail(error, MZ_INTERNAL, "libcurl keeps no owner of a request");
    }
    CURLMcode status = pool->curl.multi_add_handle(pool->multi, transfer->easy);
    if (status != CURLM_OK) {
        return mz_fail(error, MZ_INTERNAL, "%s: %s", transfer->now.label,
                       pool->curl.multi_strerror(status));
    }
    pending->progress = MZ_RUNNING;
    pool->running++;
    return MZ_OK;
}

/* Guard and host of the hop; false when the request has ended. */
static bool look_up(struct mz_pool *pool, struct mz_pending_request *pending)
{
    struct mz_transfer *transfer = pending->transfer;
    if (pending->host != NULL) {
        return true;
    }
    enum mz_code code =
        mz_guard_begin(&transfer->guard, &transfer->now, &pending->error);
    if (code == MZ_OK) {
        pending->host = mz_hosts_find(&pool->hosts, transfer->now.host);
        code = pending->host != NULL
                   ? MZ_OK
                   : mz_fail(&pending->error, MZ_MEMORY, "%s: not enough memory",
                             transfer->now.label);
    }
    if (code != MZ_OK) {
        end(pool, pending, code);
    }
    return code == MZ_OK;
}

/* Starts the hop if it may; *wait is when to look again, -1: when something ends. */
static void try_to_start(struct mz_pool *pool, struct mz_pending_request *pending,
                         int64_t *wait)
{
    const atomic_int *cancel = pool->settings.cancel;
    *wait = -1;
    if (cancel != NULL && atomic_load(cancel) != 0) {
        mz_pool_cancel(pool, pending);
        return;
    }
    if (!look_up(pool, pending)) {
        return;
    }
    if (pending->host->absent_until > mz_clock_monotonic()) {
        end(pool, pending,
            mz_fail(&pending->error, MZ_NOT_FOUND, MZ_NO_SUCH_HOST,
                    pending->transfer->now.label, pending->transfer->now.host));
        return;
    }
    if (!is_judged(pool, pending)) {
        return;
    }
    enum mz_claim claim = mz_hosts_claim(&pool->hosts, pending->host, wait);
    if (claim == MZ_CLAIM_PAUSED && *wait > pool->settings.patience) {
        give_up(pool, pending, *wait);
        *wait = -1;
        return;
    }
    if (claim != MZ_CLAIM_GRANTED) {
        return;
    }
    /* Begun anew for each try: a refusal belongs to one. */
    enum mz_code code = mz_guard_begin(&pending->transfer->guard,
                                       &pending->transfer->now, &pending->error);
    if (code == MZ_OK) {
        code = start_hop(pool, pending);
    }
    if (code != MZ_OK) {
        mz_hosts_release(pending->host);
        end(pool, pending, code);
    }
}

int64_t mz_pool_start(struct mz_pool *pool)
{
    int64_t soonest = -1;
    int64_t now = mz_clock_monotonic();
    struct mz_pending_request *next;
    for (struct mz_pending_request *p = pool->active;
         p != NULL && pool->running < pool->running_most; p = next) {
        int64_t wait = p->due - now;
        next = p->next_active;
        if (p->progress == MZ_WAITING && wait <= 0) {
            try_to_start(pool, p, &wait);
        } else {
            wait = p->progress == MZ_WAITING ? wait : -1;
        }
        soonest = wait >= 0 && (soonest < 0 || wait < soonest) ? wait : soonest;
    }
    /* What was put behind the last one was not looked at. */
    bool more = pool->more;
    pool->more = false;
    return more ? 0 : soonest;
}

/* ---- ending ---- */

/* What the answer asks for, milliseconds: the longest of its headers. */
static int64_t retry_after(const struct mz_answer *answer)
{
    struct mizan_slice value;
    int64_t longest = 0;
    for (size_t i = 0; mz_answer_find_next(answer, "retry-after", i, &value); i++) {
        int64_t wait = mz_retry_after(value.data, value.size, mz_clock_now());
        longest = wait > longest ? wait : longest;
    }
    return longest;
}

/* Once more, when the failure may pass, the method allows it and the budget has one. */
static bool is_to_be_retried(struct mz_pool *pool, struct mz_pending_request *pending,
                             enum mz_code code, int status)
{
    struct mz_transfer *transfer = pending->transfer;
    if (mz_classify(code, status) == MZ_ANSWER_GOOD || transfer->keep_start ||
        pending->tries >= pool->settings.retries ||
        !mz_method_is_idempotent(transfer->exchange.method) ||
        !mz_hosts_may_retry(pending->host)) {
        return false;
    }
    pending->tries++;
    transfer->exchange.deadline =
        mz_clock_monotonic() + transfer->settings->total_timeout;
    return true;
}

static enum mz_code follow(struct mz_pending_request *pending)
{
    struct mz_transfer *transfer = pending->transfer;
    if (pending->hops++ == MZ_REDIRECTS_MOST) {
        return mz_fail(&pending->error, MZ_LIMIT,
                       "%s: more than %d redirects, the last at %s",
                       transfer->first.label, MZ_REDIRECTS_MOST, transfer->now.label);
    }
    enum mz_code code = mz_transfer_follow(transfer, &pending->error);
    pending->host = NULL;
    pending->judged = false;
    return code;
}

/* Tells the host's budget what came of the request. */
static void settle(struct mz_pool *pool, struct mz_pending_request *pending,
                   enum mz_code code, int status)
{
    const struct mz_transfer *transfer = pending->transfer;
    if (transfer->guard.refused || code == MZ_CANCELLED || code == MZ_MEMORY) {
        mz_hosts_release(pending->host);
    } else {
        mz_hosts_settle(&pool->hosts, pending->host, code, status,
                        status >= 400 ? retry_after(&transfer->answer) : 0);
    }
}

/* Begins to ask whether the host's name is one; false when that was done or cannot be.
 */
static bool ask_for_name(struct mz_pool *pool, struct mz_pending_request *pending)
{
    if (pending->name != NULL) {
        return false;
    }
    pending->name = mz_name_check_begin(pending->transfer->now.host);
    if (pending->name == NULL) {
        return false;
    }
    stop_running(pool, pending);
    pending->progress = MZ_NAMING;
    return true;
}

void mz_pool_look_at_name(struct mz_pool *pool, struct mz_pending_request *pending)
{
    enum mz_name_answer answer = mz_name_check_look(pending->name);
    if (answer == MZ_NAME_WAITING) {
        return;
    }
    pending->progress = MZ_WAITING;
    pending->transfer->absent = answer == MZ_NAME_ABSENT;
    if (pending->transfer->absent) {
        pending->host->absent_until = mz_clock_monotonic() + ABSENT_KEEP;
    }
    mz_pool_end_hop(pool, pending, CURLE_COULDNT_RESOLVE_HOST);
}

void mz_pool_end_hop(struct mz_pool *pool, struct mz_pending_request *pending,
                     CURLcode result)
{
    struct mz_transfer *transfer = pending->transfer;
    struct mz_error *error = &pending->error;
    if (result == CURLE_COULDNT_RESOLVE_HOST && ask_for_name(pool, pending)) {
        return;
    }
    mz_name_check_end(pending->name);
    pending->name = NULL;
    stop_running(pool, pending);
    enum mz_code code = mz_transfer_judge(transfer, result, error);
    bool ambiguous =
        result == CURLE_OK && mz_answer_length_is_ambiguous(&transfer->answer);
    pending->host->distrusted = pending->host->distrusted || ambiguous;
    int status = code == MZ_OK ? transfer->answer.status : 0;
    bool stays = (transfer->exchange.request.flags & MZ_HTTP_NO_REDIRECT) != 0;
    bool redirect = code == MZ_OK && !stays && mz_status_is_redirect(status);
    if (code == MZ_OK && !redirect) {
        code = mz_outcome_of_status(transfer, error);
    }
    bool lasting = transfer->absent || mz_outcome_is_lasting(result);
    settle(pool, pending, code, lasting ? 404 : status);
    if (redirect) {
        code = follow(pending);
        if (code == MZ_OK) {
            return;
        }
    } else if (code != MZ_OK && !lasting &&
               is_to_be_retried(pool, pending, code, status)) {
        return;
    }
    end(pool, pending, code);
}
