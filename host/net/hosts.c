#include "net/hosts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"

#define RESERVE_LEAST 2000 /* milliseconds that a request is taken to last */
#define POLL_JITTER   200  /* milliseconds, among those who wait for one host */
#define LOOK_MOST     1000 /* milliseconds between looks while another has the turn */
#define BUSY_WAIT     100  /* milliseconds, while the store cannot be written */

static struct mz_host *host_create(const char *name)
{
    struct mz_host *host = calloc(1, sizeof *host);
    if (host == NULL) {
        return NULL;
    }
    host->name = strdup(name);
    host->row.tokens = MZ_TOKENS_FIRST;
    if (host->name == NULL) {
        free(host);
        return NULL;
    }
    return host;
}

static void host_destroy(void *value)
{
    struct mz_host *host = value;
    if (host != NULL) {
        free(host->name);
        free(host);
    }
}

struct mz_host *mz_hosts_find(struct mz_hosts *hosts, const char *name)
{
    size_t size = strlen(name);
    if (hosts->hosts == NULL && (hosts->hosts = mz_map_create()) == NULL) {
        return NULL;
    }
    struct mz_host *host = mz_map_get(hosts->hosts, name, size);
    if (host == NULL) {
        host = host_create(name);
        if (host != NULL && !mz_map_set(hosts->hosts, name, size, host, NULL)) {
            host_destroy(host);
            host = NULL;
        }
    }
    return host;
}

void mz_hosts_finish(struct mz_hosts *hosts)
{
    mz_map_destroy(hosts->hosts, host_destroy);
    mz_robots_cache_finish(hosts);
    hosts->hosts = NULL;
}

double mz_hosts_chance(struct mz_hosts *hosts)
{
    /* splitmix64 */
    if (hosts->seed == 0 &&
        getrandom(&hosts->seed, sizeof hosts->seed, GRND_NONBLOCK) < 0) {
        hosts->seed = (uint64_t)mz_clock_now();
    }
    hosts->seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = hosts->seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)(z >> 11) / 9007199254740992.0;
}

/* Lets the keeper of the row change it. False when it cannot be reached now. */
static bool update(struct mz_hosts *hosts, struct mz_host *host, mz_host_change change,
                   void *context)
{
    if (hosts->store == NULL || !hosts->polite) {
        change(context, mz_clock_monotonic(), &host->row);
        return true;
    }
    struct mz_error error = {.code = MZ_OK};
    enum mz_code code =
        hosts->store->update(hosts->store->owner, host->name, change, context, &error);
    if (code != MZ_OK && code != MZ_TRY_AGAIN) {
        mz_log(MZ_LOG_WARNING, NULL, "the budget of the host %s: %s", host->name,
               error.message);
    }
    return code == MZ_OK;
}

/* ---- claiming ---- */

struct claim {
    struct mz_hosts *hosts;
    struct mz_host *host;
    bool granted;
    int64_t wait;
};

/* What this process did since it last saw the row. */
static void add_news(struct mz_host *host, struct mz_host_row *row)
{
    if (host->has_news) {
        row->duration = host->row.duration;
        row->delay = host->row.delay;
    }
    if (row != &host->row) {
        row->tokens -= host->spent;
        row->tokens = row->tokens < 0 ? 0 : row->tokens;
    }
    host->spent = 0;
    host->has_news = false;
}

static void change_for_claim(void *context, int64_t now, struct mz_host_row *row)
{
    struct claim *claim = context;
    struct mz_host *host = claim->host;
    const struct mz_hosts *hosts = claim->hosts;
    bool ours = row->next_ok == host->reserved && host->reserved != 0;
    if (ours && row->wanted != 0 && row->next_ok > now) {
        /* It could be renewed for ever. Whoever waits looks soon. */
        add_news(host, row);
        row->next_ok = now;
        row->wanted = 0;
        host->reserved = 0;
        claim->granted = false;
        claim->wait = LOOK_MOST + POLL_JITTER;
        host->row = *row;
        return;
    }
    claim->granted = row->next_ok <= now || ours;
    claim->wait = claim->granted ? 0 : row->next_ok - now;
    if (!claim->granted && row->pause == MZ_PAUSE_NONE) {
        row->wanted = 1;
        claim->wait = claim->wait < LOOK_MOST ? claim->wait : LOOK_MOST;
    }
    if (claim->granted) {
        add_news(host, row);
        row->wanted = 0;
        int64_t last = 2 * row->duration;
        int64_t while_it_lasts = last > RESERVE_LEAST ? last : RESERVE_LEAST;
        int64_t reserve = while_it_lasts + mz_gap(hosts->gap, host->crawl_delay,
                                                  row->delay, row->duration);
        row->requests++;
        row->tokens = row->tokens < MZ_TOKENS_MOST ? row->tokens + 1 : row->tokens;
        row->pause = MZ_PAUSE_NONE;
        row->next_ok = hosts->polite ? now + reserve : 0;
        host->reserved = row->next_ok;
        host->reserved_until = mz_clock_monotonic() + reserve;
    }
    host->row = *row;
}

enum mz_claim mz_hosts_claim(struct mz_hosts *hosts, struct mz_host *host,
                             int64_t *wait)
{
    int64_t now = mz_clock_monotonic();
    struct claim claim = {.hosts = hosts, .host = host};
    *wait = host->not_before - now;
    if (*wait > 0) {
        return host->row.pause == MZ_PAUSE_NONE ? MZ_CLAIM_WAIT : MZ_CLAIM_PAUSED;
    }
    if (hosts->polite && host->in_flight > 0) {
        *wait = -1; /* until that one has ended */
        return MZ_CLAIM_WAIT;
    }
    if (!update(hosts, host, change_for_claim, &claim)) {
        *wait = BUSY_WAIT;
        return MZ_CLAIM_WAIT;
    }
    if (claim.granted) {
        host->in_flight++;
        host->started = now;
        *wait = 0;
        return MZ_CLAIM_GRANTED;
    }
    *wait = claim.wait + (int64_t)(POLL_JITTER * mz_hosts_chance(hosts));
    host->not_before = now + *wait;
    return host->row.pause == MZ_PAUSE_NONE ? MZ_CLAIM_WAIT : MZ_CLAIM_PAUSED;
}

void mz_hosts_release(struct mz_host *host)
{
    host->in_flight--;
}

/* ---- settling ---- */

struct outcome {
    struct mz_hosts *hosts;
    struct mz_host *host;
    enum mz_answer_class class;
    int status;
    int64_t duration, retry_after, wait;
};

/* A mutant for the tests: a program that reads Retry-After and does not wait. */
#ifdef MZ_MUTANT_NO_RETRY_AFTER
#define ASKED_WAIT(outcome) (0 * (outcome)->retry_after)
#else
#define ASKED_WAIT(outcome) ((outcome)->retry_after)
#endif

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void change_for_failure(void *context, int64_t now, struct mz_host_row *row)
{
    struct outcome *outcome = context;
    struct mz_hosts *hosts = outcome->hosts;
    struct mz_host *host = outcome->host;
    bool throttled = outcome->class == MZ_ANSWER_THROTTLED;
    add_news(host, row);
    row->failures++;
    row->throttled += throttled;
    row->duration = outcome->duration;
    row->delay =
        mz_delay_after(row->delay, outcome->class, outcome->status, outcome->duration);
    row->pause = throttled ? MZ_PAUSE_THROTTLED : MZ_PAUSE_FAILING;
    outcome->wait =
        greater(mz_backoff(row->failures, throttled, mz_hosts_chance(hosts)),
                greater(mz_circuit_open(row->failures, mz_hosts_chance(hosts)),
                        ASKED_WAIT(outcome)));
    if (hosts->polite) {
        outcome->wait = greater(outcome->wait, mz_gap(hosts->gap, host->crawl_delay,
                                                      row->delay, outcome->duration));
    }
    row->next_ok =
        greater(row->next_ok == host->reserved ? 0 : row->next_ok, now + outcome->wait);
    host->row = *row;
}

static void change_for_success(void *context, int64_t now, struct mz_host_row *row)
{
    struct outcome *outcome = context;
    struct mz_host *host = outcome->host;
    add_news(host, row);
    row->failures = 0;
    row->pause = MZ_PAUSE_NONE;
    row->duration = outcome->duration;
    row->next_ok =
        greater(row->next_ok == host->reserved ? 0 : row->next_ok, now + outcome->wait);
    host->reserved = row->next_ok;
    host->row = *row;
}

static void settle_failure(struct outcome *outcome)
{
    struct mz_host *host = outcome->host;
    if (!update(outcome->hosts, host, change_for_failure, outcome)) {
        /* Nobody else is told, but we keep to it. */
        change_for_failure(outcome, 0, &host->row);
        host->has_news = true;
    }
    host->reserved = 0;
    host->not_before = mz_clock_monotonic() + outcome->wait;
}

static void settle_success(struct outcome *outcome)
{
    struct mz_hosts *hosts = outcome->hosts;
    struct mz_host *host = outcome->host;
    int64_t now = mz_clock_monotonic();
    bool had_failed = host->row.failures > 0;
    host->row.failures = 0;
    host->row.pause = MZ_PAUSE_NONE;
    host->row.duration = outcome->duration;
    host->row.delay = mz_delay_after(host->row.delay, outcome->class, outcome->status,
                                     outcome->duration);
    host->has_news = true;
    outcome->wait = 0;
    if (hosts->polite) {
        double gap = (double)mz_gap(hosts->gap, host->crawl_delay, host->row.delay,
                                    outcome->duration);
        outcome->wait = (int64_t)(gap * (1.0 + 0.1 * mz_hosts_chance(hosts)));
    }
    /* What was reserved when it was asked mostly covers what is due now. */
    if (hosts->store != NULL && hosts->polite &&
        (had_failed || now + outcome->wait > host->reserved_until)) {
        (void)update(hosts, host, change_for_success, outcome);
    }
    host->not_before = now + outcome->wait;
}

void mz_hosts_settle(struct mz_hosts *hosts, struct mz_host *host, enum mz_code code,
                     int status, int64_t retry_after)
{
    struct outcome outcome = {.hosts = hosts,
                              .host = host,
                              .class = mz_classify(code, status),
                              .status = status,
                              .duration = mz_clock_monotonic() - host->started,
                              .retry_after = retry_after};
    host->in_flight--;
    if (outcome.class == MZ_ANSWER_GOOD) {
        settle_success(&outcome);
    } else {
        settle_failure(&outcome);
    }
}

void mz_hosts_slow_down(const struct mz_hosts *hosts, struct mz_host *host,
                        int64_t crawl_delay)
{
    host->crawl_delay = crawl_delay;
    if (hosts->polite) {
        int64_t due =
            mz_clock_monotonic() +
            mz_gap(hosts->gap, crawl_delay, host->row.delay, host->row.duration);
        host->not_before = greater(host->not_before, due);
    }
}

bool mz_hosts_may_retry(struct mz_host *host)
{
    if (host->row.tokens < MZ_TOKENS_RETRY) {
        return false;
    }
    host->row.tokens -= MZ_TOKENS_RETRY;
    host->spent += MZ_TOKENS_RETRY;
    return true;
}
