/* The dashboard: pages, JSON, CSV and live updates over the home database. It reads;
 * the only things that it writes are verdicts on figures and requests for runs. */
#ifndef MIZAN_WEB_WEB_H
#define MIZAN_WEB_WEB_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/error.h"

struct mz_web_settings {
    const char *database; /* URL of the home database, which must exist */
    /* "ADDRESS:PORT", "[ADDRESS]:PORT" (port 0: any that is free) or "unix:PATH" */
    const char *listen;
    /* Names that a Host header may hold beside addresses of the loopback network. */
    const char *const *hosts;
    size_t host_count;
    /* What visitors must say, or NULL: a plain text, or an encoded Argon2 hash. Without
     * it only addresses of the loopback network and unix sockets are listened on. */
    const char *password;
    bool read_only;         /* no verdicts, no requests */
    const atomic_int *stop; /* non-zero: end; looked at twice a second */
    /* Called once with the address that is listened on. */
    void (*ready)(void *context, const char *address);
    void *context;
};

/* Serves until told to stop. MZ_CONFIGURATION for an address that needs a password. */
MZ_NODISCARD enum mz_code mz_web_serve(const struct mz_web_settings *settings,
                                       struct mz_error *error);

#endif
