/* Addresses of requests: refused before anything is sent unless they are plain http or
 * https ones; parsed by libcurl, which also uses them, so that both agree. */
#ifndef MIZAN_NET_ADDRESS_H
#define MIZAN_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/curl_library.h"

#define MZ_ADDRESS_MOST 8192 /* bytes */
#define MZ_HOST_MOST    256
#define MZ_LABEL_SIZE   256

struct mz_address {
    char text[MZ_ADDRESS_MOST + 1]; /* without user, password and fragment */
    char host[MZ_HOST_MOST];        /* lower case, no brackets, no final dot */
    char label[MZ_LABEL_SIZE];      /* for messages */
    char user[MZ_HOST_MOST], password[MZ_HOST_MOST]; /* decoded; empty: none */
    int port;
    bool https;
};

/* What messages call an address: no user, password or value of a parameter that usually
 * is a secret, no control characters, cut to fit. Works for what is no address too. */
void mz_address_label(const char *url, char out[MZ_LABEL_SIZE]);

/* Length, characters, scheme, an authority: what needs no library. */
MZ_NODISCARD enum mz_code mz_address_check(const char *url, struct mz_error *error);
/* Checks and parses. */
MZ_NODISCARD enum mz_code mz_address_parse(const struct mz_curl *curl, const char *url,
                                           struct mz_address *out,
                                           struct mz_error *error);
/* Where a redirect from `from` leads. A target that is not http or https, or that goes
 * from https to http, is MZ_NOT_PERMITTED; one that cannot be read is MZ_NOT_FOUND. */
MZ_NODISCARD enum mz_code
mz_address_follow(const struct mz_curl *curl, const struct mz_address *from,
                  const char *location, struct mz_address *out, struct mz_error *error);
/* Same scheme, host and port. */
bool mz_address_same_origin(const struct mz_address *a, const struct mz_address *b);

#endif
