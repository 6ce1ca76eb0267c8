/* Many requests at once, for one thread: the same client, guard and politeness, run by
 * libcurl's multi interface. A host is asked one request at a time while there is a gap
 * to keep, and several at once without one. */
#ifndef MIZAN_NET_POOL_H
#define MIZAN_NET_POOL_H

#include "net/net.h"

struct mz_pool;
struct mz_pending_request; /* one that was begun and not taken */

/* Settings are copied; `cancel` is borrowed. NULL when out of memory. */
struct mz_pool *mz_pool_create(const struct mz_client_settings *settings);
/* Requests that are still pending are given up. NULL is fine. */
void mz_pool_destroy(struct mz_pool *pool);

/* Begins a request. `request`, what it points to and `validators` stay as they are
 * until the request is taken or dropped. */
MZ_NODISCARD enum mz_code mz_pool_begin(struct mz_pool *pool,
                                        const struct mizan_http_request *request,
                                        const struct mz_validator_pair *validators,
                                        struct mz_pending_request **out,
                                        struct mz_error *error);
/* Drives all requests; returns when one has ended, the wait is over or there is
 * nothing to wait for. */
void mz_pool_drive(struct mz_pool *pool, int64_t milliseconds);
bool mz_pool_ended(const struct mz_pending_request *pending);
/* The answer of a request that has ended, in `arena`; failures as those of
 * mz_client_request. Frees the pending request either way. */
MZ_NODISCARD enum mz_code mz_pool_take(struct mz_pool *pool,
                                       struct mz_pending_request *pending,
                                       struct mz_arena *arena,
                                       struct mizan_http_response *response,
                                       struct mz_error *error);
/* Gives a request up. NULL is fine. */
void mz_pool_drop(struct mz_pool *pool, struct mz_pending_request *pending);

#endif
