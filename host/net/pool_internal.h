/* The parts of the pool, shared by pool*.c alone. What stands under the lock is touched
 * by all threads, all else of a pending request by the pool's thread until it has ended
 * and by whoever takes it afterwards. */
#ifndef MIZAN_NET_POOL_INTERNAL_H
#define MIZAN_NET_POOL_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/cassette.h"
#include "net/name.h"
#include "net/pool.h"
#include "net/robots_cache.h"
#include "net/transfer.h"

#define MZ_RUNNING_POLITE 16 /* transfers at once */
#define MZ_RUNNING_FREE   64 /* the same with politeness = "off" */
#define MZ_RETRIES        2
#define MZ_PATIENCE       INT64_C(60000)

enum mz_progress {
    MZ_WAITING, /* for robots.txt, for its host's turn, or for room */
    MZ_RUNNING,
    MZ_NAMING /* it failed; whether its host is one at all is being asked */
};

/* What is asked for after a request, when its answer is gone. */
struct mz_last_answer {
    int status; /* 0: none came */
    char retry_after[128];
};

struct mz_pending_request {
    struct mz_pool *pool;
    struct mz_transfer *transfer;
    /* With a cassette in place: answered from it when it is taken. */
    const struct mizan_http_request *recorded;
    const struct mz_validator_pair *validators;
    enum mz_progress progress;
    struct mz_origin *robots;   /* it is the request for this origin's robots.txt */
    struct mz_host *host;       /* of this hop; NULL: not looked up yet */
    struct mz_name_check *name; /* NULL: not asked */
    bool judged;                /* robots.txt allows this hop */
    bool quiet;                 /* nobody waits for it in mz_pool_drive */
    int hops, tries;
    int64_t waiting_since; /* monotonic */
    int64_t due;           /* not looked at before, monotonic */
    struct mz_error error; /* code MZ_OK: it went well */
    struct mz_pending_request *next_active;
    /* under the lock */
    bool dropped;
    struct mz_pending_request *next, **place; /* in pool->all */
    pthread_cond_t done;
    atomic_bool ended;
};

struct mz_pool {
    struct mz_client_settings settings;
    struct mz_transfer_settings transfers;
    char *user_agent;
    char **private_hosts;
    /* of the pool's thread */
    struct mz_hosts hosts;
    struct mz_curl curl;
    CURLM *multi;
    CURLSH *share; /* NULL: no cookies */
    int epoll;
    int64_t timer; /* when libcurl wants to be called, monotonic; -1: not */
    struct mz_pending_request *active, **last_active; /* not ended, in order */
    size_t running, running_most;
    struct mz_last_answer *last; /* for a client of one thread; NULL: nobody asks */
    bool more; /* a request of the pool's own was added to the active ones */
    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a request that is not quiet has ended */
    struct mz_pending_request *all, *arrivals, **last_arrival;
    struct mz_transfer *free; /* transfers that wait for work */
    size_t untaken;           /* that are not quiet, and have ended */
    size_t loud;              /* that are not quiet */
    bool stopping, asleep, dropping, started;
    int wake; /* an eventfd */
    pthread_t thread;
};

/* pool_loop.c: the thread. */
void *mz_pool_loop(void *pool);
/* pool_loop.c: makes the multi handle and what it needs. */
MZ_NODISCARD enum mz_code mz_pool_loop_init(struct mz_pool *pool,
                                            struct mz_error *error);
void mz_pool_loop_finish(struct mz_pool *pool);

/* pool_hop.c: starts the hops that may start; returns the milliseconds until another
 * may, -1: none waits for the clock. */
int64_t mz_pool_start(struct mz_pool *pool);
/* pool_hop.c: a transfer ended so. */
void mz_pool_end_hop(struct mz_pool *pool, struct mz_pending_request *pending,
                     CURLcode result);
/* pool_hop.c: goes on with a request whose host was being asked for, when that is
 * known.
 */
void mz_pool_look_at_name(struct mz_pool *pool, struct mz_pending_request *pending);
/* pool_hop.c: the request is given up, whatever it was doing. */
void mz_pool_cancel(struct mz_pool *pool, struct mz_pending_request *pending);

/* pool.c: a transfer from among the free ones, or a new one; NULL: out of memory. */
struct mz_transfer *mz_pool_transfer(struct mz_pool *pool);
/* pool.c: makes a pending request; NULL when out of memory. */
struct mz_pending_request *mz_pending_create(struct mz_pool *pool);
/* pool.c: mz_pool_request past any cassette. */
MZ_NODISCARD enum mz_code mz_pool_send(struct mz_pool *pool, struct mz_arena *arena,
                                       const struct mizan_http_request *request,
                                       const struct mz_validator_pair *validators,
                                       struct mizan_http_response *response,
                                       struct mz_error *error);
/* pool.c: tells whoever waits. The pool's thread does not touch it afterwards. */
void mz_pending_end(struct mz_pending_request *pending);

#endif
