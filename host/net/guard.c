#include "net/guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "net/net.h"

static const int usual_ports[] = {80, 443, 8080, 8443};

/* Splits `host`, `host:port`, `[address]`, `[address]:port` or a bare IPv6 address;
 * *size is 0 when it is none of them. Returns the start of the host. */
static const char *split_private_host(const char *text, size_t *host_size,
                                      int *host_port)
{
    const char *start = text;
    size_t size = strlen(text);
    const char *port = NULL;
    if (*text == '[') {
        const char *end = strchr(text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
            *host_size = 0;
            return text;
        }
        start = text + 1;
        size = (size_t)(end - start);
        port = end[1] == ':' ? end + 2 : NULL;
    } else {
        const char *colon = strchr(text, ':');
        if (colon != NULL && strchr(colon + 1, ':') == NULL) {
            size = (size_t)(colon - text);
            port = colon + 1;
        }
    }
    int64_t number = 0;
    if (port != NULL &&
        (!mz_parse_integer(port, &number) || number < 1 || number > 65535)) {
        size = 0;
    }
    if (size > 0 && start[size - 1] == '.') {
        size--;
    }
    *host_size = size;
    *host_port = (int)number;
    return start;
}

bool mz_guard_init(struct mz_guard *guard, const char *const *hosts, size_t count)
{
    memset(guard, 0, sizeof *guard);
    if (count == 0) {
        return true;
    }
    guard->hosts = calloc(count, sizeof *guard->hosts);
    if (guard->hosts == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct mz_private_host *entry = &guard->hosts[guard->count];
        size_t size = 0;
        const char *host = split_private_host(hosts[i], &size, &entry->port);
        if (size == 0) {
            continue;
        }
        entry->host = strndup(host, size);
        if (entry->host == NULL) {
            mz_guard_finish(guard);
            return false;
        }
        for (char *letter = entry->host; *letter != '\0'; letter++) {
            *letter = (char)tolower((unsigned char)*letter);
        }
        guard->count++;
    }
    return true;
}

void mz_guard_finish(struct mz_guard *guard)
{
    for (size_t i = 0; i < guard->count; i++) {
        free(guard->hosts[i].host);
    }
    free(guard->hosts);
    memset(guard, 0, sizeof *guard);
}

static bool is_exempt(const struct mz_guard *guard, const struct mz_address *address)
{
    for (size_t i = 0; i < guard->count; i++) {
        const struct mz_private_host *entry = &guard->hosts[i];
        if (strcmp(entry->host, address->host) == 0 &&
            (entry->port == 0 || entry->port == address->port)) {
            return true;
        }
    }
    return false;
}

static bool is_usual_port(int port)
{
    for (size_t i = 0; i < sizeof usual_ports / sizeof *usual_ports; i++) {
        if (usual_ports[i] == port) {
            return true;
        }
    }
    return false;
}

enum mz_code mz_guard_begin(struct mz_guard *guard, const struct mz_address *address,
                            struct mz_error *error)
{
    guard->refused = false;
    guard->address[0] = '\0';
    guard->exempt = is_exempt(guard, address);
    if (guard->exempt || is_usual_port(address->port)) {
        return MZ_OK;
    }
    enum mz_code code = mz_fail(error, MZ_NOT_PERMITTED,
                                "%s: port %d is not one that sources are read from",
                                address->label, address->port);
    mz_error_help(error, "name %s:%d in the pipeline's `private` list to allow it",
                  address->host, address->port);
    return code;
}

static bool permits(struct mz_guard *guard, int family, const void *address)
{
    if (guard->exempt || !mz_address_is_special(family, address)) {
        return true;
    }
    guard->refused = true;
    if (inet_ntop(family, address, guard->address, sizeof guard->address) == NULL) {
        guard->address[0] = '\0';
    }
    return false;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *peer)
{
    struct mz_guard *guard = context;
    const void *address = NULL;
    /* libcurl keeps room for the longest address there, whatever the type says. */
    const void *socket_address =
        (const char *)peer + offsetof(struct curl_sockaddr, addr);
    struct sockaddr_in address4;
    struct sockaddr_in6 address6;
    if (peer->family == AF_INET) {
        memcpy(&address4, socket_address, sizeof address4);
        address = &address4.sin_addr;
    } else if (peer->family == AF_INET6) {
        memcpy(&address6, socket_address, sizeof address6);
        address = &address6.sin6_addr;
    }
    if (purpose != CURLSOCKTYPE_IPCXN || address == NULL ||
        !permits(guard, peer->family, address)) {
        guard->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

/* Called before each request, on connections that are used again too. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the library's type */
static int before_request(void *context, char *peer, char *own, int peer_port,
                          int own_port)
{
    struct mz_guard *guard = context;
    char text[64];
    uint8_t bytes[16];
    (void)own;
    (void)peer_port;
    (void)own_port;
    size_t size = strcspn(peer, "%");
    if (size >= sizeof text) {
        return CURL_PREREQFUNC_ABORT;
    }
    memcpy(text, peer, size);
    text[size] = '\0';
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(family, text, bytes) != 1 || !permits(guard, family, bytes)) {
        guard->refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

bool mz_guard_install(struct mz_guard *guard, const struct mz_curl *curl, CURL *easy)
{
    return curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) ==
               CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request) ==
               CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_PREREQDATA, guard) == CURLE_OK;
}
