#include "web/server.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* The host of `HOST[:PORT]` or `[HOST]:PORT`, at most 255 bytes. */
static bool host_of(const char *text, char out[256])
{
    size_t size = 0;
    if (text[0] == '[') {
        const char *end = strchr(text, ']');
        size = end == NULL ? 0 : (size_t)(end - text) - 1;
        text++;
    } else {
        size = strcspn(text, ":/");
    }
    if (size == 0 || size > 255) {
        return false;
    }
    memcpy(out, text, size);
    out[size] = '\0';
    return true;
}

/* A name made to lead to this machine (DNS rebinding) is no address of the loopback
 * network and not `localhost`: so those are safe without being listed. */
static bool is_local_name(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (strcasecmp(host, "localhost") == 0) {
        return true;
    }
    if (inet_pton(AF_INET, host, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == 127;
    }
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool host_allowed(const struct mz_web_server *server, const char *header)
{
    char host[256];
    if (header == NULL || !host_of(header, host)) {
        return false;
    }
    if (is_local_name(host)) {
        return true;
    }
    for (size_t i = 0; i < server->settings->host_count; i++) {
        if (strcasecmp(server->settings->hosts[i], host) == 0) {
            return true;
        }
    }
    return false;
}

const char *mz_web_header(const struct mz_web_server *server,
                          const struct mz_web_request *request, const char *name)
{
    return server->http.lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                name);
}

/* A form is sent by a page of this server: its origin is the host that was asked. */
static bool own_origin(const struct mz_web_server *server,
                       const struct mz_web_request *request, const char *host)
{
    const char *origin = mz_web_header(server, request, "Origin");
    const char *site = mz_web_header(server, request, "Sec-Fetch-Site");
    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return false;
    }
    if (origin == NULL) {
        return true; /* no browser, or an old one: the token decides */
    }
    const char *rest = strstr(origin, "://");
    return rest != NULL && strcasecmp(rest + 3, host) == 0;
}

enum mz_code mz_web_guard(const struct mz_web_server *server,
                          const struct mz_web_request *request, struct mz_error *error)
{
    const char *host = mz_web_header(server, request, "Host");
    if (!host_allowed(server, host)) {
        mz_fail(error, MZ_NOT_PERMITTED,
                "this server is not known by the name that was "
                "asked for");
        mz_error_help(error, "mizan web --host NAME allows a name");
        return MZ_NOT_PERMITTED;
    }
    if (strcmp(request->method, "POST") == 0 && !own_origin(server, request, host)) {
        return mz_fail(error, MZ_NOT_PERMITTED, "this form was sent by another site");
    }
    return MZ_OK;
}
