#include "net/curl_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libcurl.so.4"

struct entry {
    const char *symbol;
    size_t offset;
};

#define ENTRY(member)                                                                  \
    {                                                                                  \
        "curl_" #member, offsetof(struct mz_curl, member)                              \
    }

static const struct entry entries[] = {
    ENTRY(global_init),
    ENTRY(global_cleanup),
    ENTRY(easy_init),
    ENTRY(easy_reset),
    ENTRY(easy_cleanup),
    ENTRY(easy_setopt),
    ENTRY(easy_getinfo),
    ENTRY(easy_strerror),
    ENTRY(multi_init),
    ENTRY(multi_cleanup),
    ENTRY(multi_add_handle),
    ENTRY(multi_remove_handle),
    ENTRY(multi_setopt),
    ENTRY(multi_socket_action),
    ENTRY(multi_assign),
    ENTRY(multi_info_read),
    ENTRY(multi_strerror),
    ENTRY(share_init),
    ENTRY(share_setopt),
    ENTRY(share_cleanup),
    ENTRY(slist_append),
    ENTRY(slist_free_all),
    ENTRY(url),
    ENTRY(url_cleanup),
    ENTRY(url_get),
    ENTRY(url_set),
    ENTRY(url_strerror),
    ENTRY(free),
};

enum mz_code mz_curl_load(struct mz_curl *curl, struct mz_error *error)
{
    if (curl->library != NULL) {
        return MZ_OK;
    }
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        /* The C library keeps this text per thread. */
        const char *reason = dlerror(); /* NOLINT(concurrency-mt-unsafe) */
        enum mz_code code = mz_fail(
            error, MZ_CONFIGURATION, "%s, which fetching needs, cannot be loaded: %s",
            LIBRARY, reason != NULL ? reason : "no reason given");
        mz_error_help(error, "install the package libcurl4");
        return code;
    }
    struct mz_curl loaded = {.library = library};
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        void *symbol = dlsym(library, entries[i].symbol);
        if (symbol == NULL) {
            return mz_fail(error, MZ_CONFIGURATION, "%s has no %s: it is too old",
                           LIBRARY, entries[i].symbol);
        }
        memcpy((char *)&loaded + entries[i].offset, &symbol, sizeof symbol);
    }
    CURLcode status = loaded.global_init(CURL_GLOBAL_DEFAULT);
    if (status != CURLE_OK) {
        return mz_fail(error, MZ_INTERNAL, "%s does not start: %s", LIBRARY,
                       loaded.easy_strerror(status));
    }
    *curl = loaded;
    return MZ_OK;
}

void mz_curl_finish(struct mz_curl *curl)
{
    if (curl->library != NULL) {
        curl->global_cleanup();
    }
    memset(curl, 0, sizeof *curl);
}
