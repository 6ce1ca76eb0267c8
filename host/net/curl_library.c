#include "net/curl_library.h"

#include <stddef.h>
#include <string.h>

#include "base/library.h"

#define ENTRY(member)                                                                  \
    {                                                                                  \
        "curl_" #member, offsetof(struct mz_curl, member)                              \
    }

static const struct mz_symbol symbols[] = {
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
    if (curl->loaded) {
        return MZ_OK;
    }
    static const struct mz_library library = {"libcurl.so.4", "libcurl4", "fetching",
                                              symbols,
                                              sizeof symbols / sizeof *symbols};
    struct mz_curl loaded = {.loaded = true};
    enum mz_code code = mz_library_load(&library, &loaded, error);
    if (code != MZ_OK) {
        return code;
    }
    CURLcode status = loaded.global_init(CURL_GLOBAL_DEFAULT);
    if (status != CURLE_OK) {
        return mz_fail(error, MZ_INTERNAL, "%s does not start: %s", library.file,
                       loaded.easy_strerror(status));
    }
    *curl = loaded;
    return MZ_OK;
}

void mz_curl_finish(struct mz_curl *curl)
{
    if (curl->loaded) {
        curl->global_cleanup();
    }
    memset(curl, 0, sizeof *curl);
}
