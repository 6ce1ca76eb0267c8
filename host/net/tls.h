/* What libcurl's TLS is to do otherwise. */
#ifndef MIZAN_NET_TLS_H
#define MIZAN_NET_TLS_H

#include "net/curl_library.h"

/* Connections that end without TLS's own goodbye have been cut. */
void mz_tls_install(const struct mz_curl *curl, CURL *easy);

#endif
