/* libcurl as a table of functions, loaded when the first request is made. Its header is
 * used for types alone: the program is not linked against it. */
#ifndef MIZAN_NET_CURL_LIBRARY_H
#define MIZAN_NET_CURL_LIBRARY_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/error.h"

struct mz_curl {
    bool loaded;
    CURLcode (*global_init)(long flags);
    void (*global_cleanup)(void);
    CURL *(*easy_init)(void);
    void (*easy_reset)(CURL *easy);
    void (*easy_cleanup)(CURL *easy);
    CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_cleanup)(CURLM *multi);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
    CURLMcode (*multi_socket_action)(CURLM *multi, curl_socket_t socket, int events,
                                     int *running);
    CURLMcode (*multi_assign)(CURLM *multi, curl_socket_t socket, void *owner);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
    const char *(*multi_strerror)(CURLMcode code);
    CURLSH *(*share_init)(void);
    CURLSHcode (*share_setopt)(CURLSH *share, CURLSHoption option, ...);
    CURLSHcode (*share_cleanup)(CURLSH *share);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
    CURLU *(*url)(void);
    void (*url_cleanup)(CURLU *url);
    CURLUcode (*url_get)(CURLU *url, CURLUPart part, char **text, unsigned flags);
    CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *text, unsigned flags);
    const char *(*url_strerror)(CURLUcode code);
    void (*free)(void *memory);
};

/* Does nothing when it is loaded already. A zeroed table is one that is not loaded. */
MZ_NODISCARD enum mz_code mz_curl_load(struct mz_curl *curl, struct mz_error *error);
/* Ends what global_init began. The library stays mapped: what it linked in has handlers
 * that run at exit. */
void mz_curl_finish(struct mz_curl *curl);

#endif
