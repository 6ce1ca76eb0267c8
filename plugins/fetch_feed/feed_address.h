/* Addresses of items: references resolved against a base as RFC 3986 (5.2) says, made
 * fit to be asked for. */
#ifndef FEED_ADDRESS_H
#define FEED_ADDRESS_H

#include <stdbool.h>

#include "feed_pool.h"

#define FEED_ADDRESS_MOST 8000 /* bytes */

/* The absolute address that `reference` means: blanks around it removed, line breaks in
 * it dropped, spaces and bytes beyond ASCII as %XX, dot segments resolved, without
 * fragment. NULL when it is too long, cannot be resolved or memory is refused. */
const char *feed_address_resolve(struct feed_pool *pool, const char *base,
                                 const char *reference);
/* True for http:// and https:// addresses with a host. */
bool feed_address_is_web(const char *address);

#endif
