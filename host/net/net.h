/* The host's HTTP client. libcurl is loaded (dlopen) at the first request, so that a
 * run that fetches nothing pays nothing for it; the transfers of a client or pool run
 * on a thread of their own. A client belongs to one thread, a pool (pool.h) to many.
 *
 * Manners: one request to a host at a time, with a gap after it; robots.txt; what asks
 * for patience or fails is asked again later, rarely and never before it said.
 *
 * Guard: http and https only, through redirects too (5 at most, each hop checked);
 * addresses of private, loopback, link-local and other special networks (RELIABILITY
 * 4.3) are refused when the socket is opened, unless the pipeline names the host in
 * `private`; no proxy but one that is configured; TLS verified; body, header and time
 * limits; decoded bytes counted as they arrive. */
#ifndef MIZAN_NET_NET_H
#define MIZAN_NET_NET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"
#include "value/host_row.h"

struct mz_client;

/* Where rows of hosts and their robots.txt are kept for all who ask. The functions are
 * called on the thread of the transfers and must not wait long: MZ_TRY_AGAIN when the
 * keeper is busy. */
struct mz_host_store {
    void *owner;
    /* Reads the row of the host (a fresh one when there is none), lets `change` change
     * it and writes it, in one step that no other process sees half of. */
    enum mz_code (*update)(void *owner, const char *host, mz_host_change change,
                           void *context, struct mz_error *error);
    /* The text kept for an origin (scheme://host:port), and for how long it is good; 0
     * or less: there is none. */
    enum mz_code (*robots_read)(void *owner, const char *origin, struct mz_arena *arena,
                                struct mizan_slice *text, int64_t *milliseconds,
                                struct mz_error *error);
    enum mz_code (*robots_write)(void *owner, const char *origin,
                                 struct mizan_slice text, int64_t milliseconds,
                                 struct mz_error *error);
};

struct mz_client_settings {
    const char *user_agent; /* NULL: "mizan/VERSION (+contact)" of the project */
    const char *const *private_hosts; /* host or host:port that may be private */
    size_t private_count;
    bool polite;  /* one request to a host at a time, with a gap */
    int64_t gap;  /* the least, milliseconds; 0: 1,000 */
    bool robots;  /* robots.txt is read and obeyed */
    bool cookies; /* are kept and sent back, by this client alone */
    /* Certificates, paths of PEM files: whom to trust (NULL: the system's authorities),
     * and what is shown to the named hosts, and to no other, when they ask for it. */
    const char *authorities, *certificate, *key;
    const char *const *certificate_hosts;
    size_t certificate_count;
    int retries;      /* of a request that may be sent twice; 0: 2, negative: none */
    int64_t patience; /* milliseconds to wait for a host that throttles or fails, before
                         the request fails with MZ_TRY_AGAIN; 0: 60 s */
    int64_t connect_timeout, total_timeout; /* milliseconds; 0: 10 s, 120 s */
    int64_t header_timeout; /* milliseconds from there to the last header; 0: 20 s */
    uint64_t maximum_body;  /* decoded bytes; 0: 32 MiB */
    const struct mz_host_store *store; /* NULL: budgets are this process's own */
    const atomic_int *cancel;          /* non-zero: give up; may be NULL */
};

/* Settings are copied. NULL when out of memory. */
struct mz_client *mz_client_create(const struct mz_client_settings *settings);
void mz_client_destroy(struct mz_client *client);

struct mz_validator_pair {
    const char *etag, *last_modified; /* sent when not NULL */
};

/* A flag of the host's own beside enum mizan_http_flag: no header of the caller's goes
 * to another origin than the one that was asked, since they hold secrets. */
#define MZ_HTTP_PRIVATE_HEADERS 0x80000000u

/* Another: an answer that leads elsewhere is a failure, and nothing is sent there. */
#define MZ_HTTP_NO_REDIRECT 0x40000000u

/* One request. `response` is filled in `arena`, up to response->size. Failures:
 * MZ_UNREACHABLE (name, connection, cut short, 5xx, 408: later it may work),
 * MZ_TRY_AGAIN (429, 503: the host asks for patience), MZ_NOT_FOUND (other 4xx),
 * MZ_NOT_PERMITTED (guard, robots.txt), MZ_LIMIT (size, headers),
 * MZ_DEADLINE, MZ_CANCELLED, MZ_USAGE (address). The message names the address less any
 * password, the status or cause. */
MZ_NODISCARD enum mz_code mz_client_request(struct mz_client *client,
                                            struct mz_arena *arena,
                                            const struct mizan_http_request *request,
                                            const struct mz_validator_pair *validators,
                                            struct mizan_http_response *response,
                                            struct mz_error *error);

/* Of the last request, also of one that failed: the status of its last answer, 0 when
 * none came, and the text of its Retry-After, "" when there was none. */
int mz_client_status(const struct mz_client *client);
const char *mz_client_retry_after(const struct mz_client *client);

/* True for an address (network byte order, AF_INET or AF_INET6) that the guard refuses
 * by default: special-purpose, private or embedded private ones. */
bool mz_address_is_special(int family, const void *address);

#endif
