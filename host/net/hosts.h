/* What this process knows of the hosts it asks: whose turn it is, how long to wait, who
 * failed. Rows are kept by a store that other processes share, or here alone. Belongs
 * to one thread, that of the pool. */
#ifndef MIZAN_NET_HOSTS_H
#define MIZAN_NET_HOSTS_H

#include "base/map.h"
#include "net/net.h"
#include "net/retry.h"
#include "net/robots.h"

/* One host in this process. Times are monotonic milliseconds. */
struct mz_host {
    char *name;
    struct mz_host_row row; /* as last seen; kept here alone: the row itself */
    int64_t not_before;     /* our own next request */
    int64_t reserved;       /* next_ok that our last claim wrote, the keeper's clock */
    int64_t reserved_until; /* the same on our clock */
    int64_t started;        /* of the request under way */
    int64_t crawl_delay;    /* of robots.txt */
    int64_t absent_until;   /* there is no host of that name; 0: not known */
    int in_flight;
    bool distrusted; /* an answer had two lengths: no connection is used again */
    /* what the store does not know yet */
    bool has_news;
    int64_t spent; /* tenths of retries */
};

struct mz_hosts {
    struct mz_map *hosts;   /* name to struct mz_host */
    struct mz_map *origins; /* origin to struct mz_origin, see robots_cache.h */
    const struct mz_host_store *store; /* NULL: none is shared */
    bool polite;
    int64_t gap; /* the pipeline's own, 0: the default */
    uint64_t seed;
};

enum mz_claim {
    MZ_CLAIM_GRANTED,
    MZ_CLAIM_WAIT,  /* ask again after `wait` milliseconds */
    MZ_CLAIM_PAUSED /* the same, and the host is why: it throttles or fails */
};

/* NULL when out of memory. */
struct mz_host *mz_hosts_find(struct mz_hosts *hosts, const char *name);
/* Takes the host's turn; a granted one ends with mz_hosts_settle or mz_hosts_release.
 */
enum mz_claim mz_hosts_claim(struct mz_hosts *hosts, struct mz_host *host,
                             int64_t *wait);
/* The request ended: what came of it decides when the next may go out. `retry_after` is
 * what the answer asked for, milliseconds, 0: nothing. */
void mz_hosts_settle(struct mz_hosts *hosts, struct mz_host *host, enum mz_code code,
                     int status, int64_t retry_after);
/* The request was never sent, or given up by us. */
void mz_hosts_release(struct mz_host *host);
/* The host's Crawl-delay became known, after a request that just ended. */
void mz_hosts_slow_down(const struct mz_hosts *hosts, struct mz_host *host,
                        int64_t crawl_delay);
/* Whether the retry budget of the host has one more; if so it is spent. */
bool mz_hosts_may_retry(struct mz_host *host);
/* A number in [0, 1). */
double mz_hosts_chance(struct mz_hosts *hosts);
void mz_hosts_finish(struct mz_hosts *hosts);
/* robots_cache.c: forgets what robots.txt said. */
void mz_robots_cache_finish(struct mz_hosts *hosts);

#endif
