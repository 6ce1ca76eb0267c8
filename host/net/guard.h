/* The guard of the fetcher: which ports and which addresses a request may reach. The
 * address is judged when libcurl opens the socket, so that no spelling and no change of
 * a name between look-up and use gets past it. */
#ifndef MIZAN_NET_GUARD_H
#define MIZAN_NET_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "net/address.h"
#include "net/curl_library.h"

/* An exception of the pipeline: `host` or `host:port`. */
struct mz_private_host {
    char *host; /* lower case, without brackets */
    int port;   /* 0: any */
};

struct mz_guard {
    struct mz_private_host *hosts;
    size_t count;
    bool exempt;      /* this hop's host is an exception: any address will do */
    bool refused;     /* an address was refused in this hop */
    char address[64]; /* the one that was refused */
};

/* False when out of memory. An entry that is no host matches nothing. */
bool mz_guard_init(struct mz_guard *guard, const char *const *hosts, size_t count);
void mz_guard_finish(struct mz_guard *guard);

/* Judges the port and prepares for this hop's sockets. */
MZ_NODISCARD enum mz_code mz_guard_begin(struct mz_guard *guard,
                                         const struct mz_address *address,
                                         struct mz_error *error);
/* Installs the callbacks; false when libcurl does not know one of the options. */
bool mz_guard_install(struct mz_guard *guard, const struct mz_curl *curl, CURL *easy);

#endif
