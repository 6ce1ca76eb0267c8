/* libcurl lets a TLS connection that ends without a goodbye pass for one that ended
 * well (it sets SSL_OP_IGNORE_UNEXPECTED_EOF). Where nothing else says how long a body
 * is, anybody on the way can cut it then. So that option is taken away again. */
#include "net/tls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define LIBRARY               "libssl.so.3" /* libcurl's own, if it is OpenSSL's at all */
#define IGNORE_UNEXPECTED_EOF (UINT64_C(1) << 7) /* of its options */

static uint64_t (*clear_options)(void *context, uint64_t options);

static void find_library(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    void *symbol = library == NULL ? NULL : dlsym(library, "SSL_CTX_clear_options");
    memcpy(&clear_options, &symbol, sizeof symbol);
}

static CURLcode prepare(CURL *easy, void *context, void *owner)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)easy;
    (void)owner;
    (void)pthread_once(&once, find_library);
    if (clear_options != NULL) {
        (void)clear_options(context, IGNORE_UNEXPECTED_EOF);
    }
    return CURLE_OK;
}

void mz_tls_install(const struct mz_curl *curl, CURL *easy)
{
    /* Another library of TLS under libcurl knows no such function, and no such option.
     */
    (void)curl->easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare);
}
