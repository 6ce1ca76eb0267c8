/* Many requests at once, from any thread: one libcurl multi handle, driven over epoll
 * by a thread of the pool's own, which sleeps while there is nothing to do. Whoever
 * asks waits for its answer, or looks from time to time. */
#ifndef MIZAN_NET_POOL_H
#define MIZAN_NET_POOL_H

#include "net/net.h"

struct mz_pool;
struct mz_pending_request; /* one that was begun and not taken */

/* Settings are copied; `cancel`, `store`, the paths and names of certificates are
 * borrowed. NULL when out of memory. */
struct mz_pool *mz_pool_create(const struct mz_client_settings *settings);
/* Requests that are still pending are given up; nobody may wait for one. NULL is fine.
 */
void mz_pool_destroy(struct mz_pool *pool);

/* Asks and waits for the answer, as mz_client_request does. */
MZ_NODISCARD enum mz_code mz_pool_request(struct mz_pool *pool, struct mz_arena *arena,
                                          const struct mizan_http_request *request,
                                          const struct mz_validator_pair *validators,
                                          struct mizan_http_response *response,
                                          struct mz_error *error);

/* Begins a request. `request`, what it points to and `validators` stay as they are
 * until the request is taken or dropped. */
MZ_NODISCARD enum mz_code mz_pool_begin(struct mz_pool *pool,
                                        const struct mizan_http_request *request,
                                        const struct mz_validator_pair *validators,
                                        struct mz_pending_request **out,
                                        struct mz_error *error);
/* Waits until a request that was begun, by any thread, has ended and is not taken yet;
 * returns at the latest when the time is over, at once when none is pending. */
void mz_pool_drive(struct mz_pool *pool, int64_t milliseconds);
bool mz_pool_ended(const struct mz_pending_request *pending);
/* The answer of a request that has ended, in `arena`; failures as those of
 * mz_client_request, which leave the status in the response, 0 when none came. Frees
 * the pending request either way. */
MZ_NODISCARD enum mz_code mz_pool_take(struct mz_pool *pool,
                                       struct mz_pending_request *pending,
                                       struct mz_arena *arena,
                                       struct mizan_http_response *response,
                                       struct mz_error *error);
/* Gives a request up. NULL is fine. */
void mz_pool_drop(struct mz_pool *pool, struct mz_pending_request *pending);

#endif
