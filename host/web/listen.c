#include "web/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define WAITING 512 /* connections that the kernel keeps until they are taken */

static enum mz_code begin_listening(struct mz_web_server *server,
                                    const struct sockaddr *address, socklen_t size,
                                    struct mz_error *error)
{
    const char *where = server->settings->listen;
    const int on = 1;
    server->socket =
        socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->socket < 0) {
        return mz_fail_errno(error, MZ_UNREACHABLE, "no socket for %s", where);
    }
    if (address->sa_family != AF_UNIX) {
        (void)setsockopt(server->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (bind(server->socket, address, size) != 0 ||
        listen(server->socket, WAITING) != 0) {
        mz_fail_errno(error, MZ_TRY_AGAIN, "cannot listen on %s", where);
        mz_error_help(error, "another program may have it: --listen names another one");
        return MZ_TRY_AGAIN;
    }
    return MZ_OK;
}

/* A socket file that nobody listens on any more is left from a process that was
 * killed. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat file;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe >= 0 && stat(address->sun_path, &file) == 0 && S_ISSOCK(file.st_mode) &&
        connect(probe, (const struct sockaddr *)address, sizeof *address) != 0) {
        unlink(address->sun_path);
    }
    if (probe >= 0) {
        close(probe);
    }
}

static enum mz_code listen_unix(struct mz_web_server *server, char *shown,
                                struct mz_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = server->settings->listen + strlen("unix:");
    if (strlen(path) == 0 || strlen(path) >= sizeof address.sun_path) {
        return mz_fail(error, MZ_USAGE, "'%s' is no path of a socket", path);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    remove_stale(&address);
    mode_t before = umask(077);
    enum mz_code code = begin_listening(server, (const struct sockaddr *)&address,
                                        sizeof address, error);
    umask(before);
    server->local = true;
    snprintf(shown, 128, "%s", server->settings->listen);
    return code;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, address, sizeof four);
        return ntohl(four.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 six;
    memcpy(&six, address, sizeof six);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

/* "127.0.0.1:8780" or "[::1]:8780" to its two parts. */
static bool split(const char *listen, char host[64], char port[8])
{
    bool bracket = listen[0] == '[';
    const char *end = bracket ? strchr(listen, ']') : strrchr(listen, ':');
    if (end == NULL) {
        return false;
    }
    const char *colon = bracket ? end + 1 : end;
    size_t size = (size_t)(end - listen) - bracket;
    int64_t number;
    if (*colon != ':' || size == 0 || size >= 64 || strlen(colon + 1) >= 8 ||
        !mz_parse_integer(colon + 1, &number) || number < 0 || number > 65535) {
        return false;
    }
    memcpy(host, listen + bracket, size);
    host[size] = '\0';
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static enum mz_code listen_address(struct mz_web_server *server,
                                   const struct addrinfo *found, char *shown,
                                   struct mz_error *error)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    char host[64];
    char port[8];
    server->local = is_loopback(found->ai_addr);
    if (!server->local && server->settings->password == NULL) {
        mz_fail(error, MZ_CONFIGURATION,
                "%s can be reached from other machines and no password is set",
                server->settings->listen);
        mz_error_help(error,
                      "set the secret 'web', or listen on 127.0.0.1 or unix:PATH");
        return MZ_CONFIGURATION;
    }
    enum mz_code code =
        begin_listening(server, found->ai_addr, found->ai_addrlen, error);
    if (code == MZ_OK &&
        (getsockname(server->socket, (struct sockaddr *)&bound, &size) != 0 ||
         getnameinfo((struct sockaddr *)&bound, size, host, sizeof host, port,
                     sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)) {
        code =
            mz_fail_errno(error, MZ_IO, "the address that is listened on is unknown");
    }
    if (code == MZ_OK) {
        bool six = strchr(host, ':') != NULL;
        snprintf(shown, 128, "http://%s%s%s:%s/", six ? "[" : "", host, six ? "]" : "",
                 port);
    }
    return code;
}

enum mz_code mz_web_listen(struct mz_web_server *server, char *address,
                           struct mz_error *error)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[64];
    char port[8];
    if (mz_starts_with(server->settings->listen, "unix:")) {
        return listen_unix(server, address, error);
    }
    if (!split(server->settings->listen, host, port) ||
        getaddrinfo(host, port, &hints, &found) != 0) {
        mz_fail(error, MZ_USAGE, "'%s' is no address to listen on",
                server->settings->listen);
        mz_error_help(error, "write 127.0.0.1:8780, [::1]:8780 or unix:PATH");
        return MZ_USAGE;
    }
    enum mz_code code = listen_address(server, found, address, error);
    freeaddrinfo(found);
    return code;
}
