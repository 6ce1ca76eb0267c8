/*
 * A small HTTP/1.1 server for tests and for the demo: it serves a folder on the
 * loopback address and misbehaves on request. It is never meant for a network.
 *
 *     demo_server --root DIR [--port N|0] [--log FILE] [--port-file FILE]
 *                 [--max-seconds N]
 *
 * Files: media type by extension, strong ETag, Last-Modified, 304, HEAD. In .html and
 * .xml files `{{base}}` becomes the server's own address. DIR/site.conf may set
 * headers: a line `/path  Header: value` each.
 *
 * Test paths:
 *     /__status/NNN[?retry_after=S]    an empty answer of that status
 *     /__slow?ms=N                     the answer comes after N milliseconds
 *     /__truncate                      fewer bytes than Content-Length says, then close
 *     /__redirect?to=URL[&code=301]    a redirect
 *     /__endless                       a body that ends only with the server
 *     /__versions/NAME                 each GET the next file of DIR/__versions/NAME
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "demo_server.h"

bool parse_number(const char *text, long low, long high, long *number)
{
    if (text == NULL || *text == '\0') {
        return false;
    }
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < low || value > high) {
        return false;
    }
    *number = value;
    return true;
}

bool join_text(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(out, size, format, args);
    va_end(args);
    return length >= 0 && (size_t)length < size;
}

static bool is_conditional(const struct request *request)
{
    const char *const names[] = {"If-None-Match", "If-Modified-Since"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                        names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void log_request(const struct request *request, unsigned status)
{
    struct server *server = request->server;
    if (server->log == NULL) {
        return;
    }
    pthread_mutex_lock(&server->lock);
    fprintf(server->log, "%s %s %u conditional=%s\n", request->method, request->path,
            status, is_conditional(request) ? "yes" : "no");
    fflush(server->log);
    pthread_mutex_unlock(&server->lock);
}

enum MHD_Result answer(const struct request *request, unsigned status,
                       struct MHD_Response *response)
{
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    log_request(request, status);
    return result;
}

struct MHD_Response *text_response(const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
        strlen(text), strdup(text), free);
    if (response != NULL) {
        MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
        MHD_add_response_header(response, "Cache-Control", "no-store");
    }
    return response;
}

enum MHD_Result answer_text(const struct request *request, unsigned status,
                            const char *text)
{
    return answer(request, status, text_response(text));
}

static enum MHD_Result handle_request(void *context, struct MHD_Connection *connection,
                                      const char *path, const char *method,
                                      const char *version, const char *upload,
                                      size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    /* The first call has only the headers; an answer then would end the connection. */
    static char headers_seen;
    if (*state == NULL) {
        *state = &headers_seen;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0; /* a body is read and ignored */
        return MHD_YES;
    }
    const struct request request = {context, connection, method, path};
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        struct MHD_Response *response = text_response("only GET and HEAD\n");
        if (response != NULL) {
            MHD_add_response_header(response, "Allow", "GET, HEAD");
        }
        return answer(&request, MHD_HTTP_METHOD_NOT_ALLOWED, response);
    }
    if (strncmp(path, "/__", 3) == 0) {
        return serve_test_path(&request);
    }
    return serve_site(&request);
}

/* Writes the port beside the file and renames it, so that a reader never sees half. */
static bool write_port_file(const struct server *server)
{
    char draft[PATH_LIMIT];
    if (server->port_file == NULL) {
        return true;
    }
    if (!join_text(draft, sizeof draft, "%s.%ld.tmp", server->port_file,
                   (long)getpid())) {
        return false;
    }
    FILE *file = fopen(draft, "we");
    if (file == NULL) {
        return false;
    }
    bool written = fprintf(file, "%ld\n", server->port) > 0;
    written = fclose(file) == 0 && written;
    return written && rename(draft, server->port_file) == 0;
}

/* The system's words for an error number, in the caller's buffer. */
static const char *reason(int number, char *text, size_t size)
{
    return strerror_r(number, text, size);
}

/*
 * Listens on the loopback address and stores port and base, before any thread can read
 * them. Returns the socket, or -1 with errno.
 */
static int open_listener(struct server *server)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)server->port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    struct sockaddr *generic = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    const int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) {
        return -1;
    }
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(listener, generic, size) != 0 || listen(listener, 128) != 0 ||
        getsockname(listener, generic, &size) != 0) {
        int saved = errno;
        close(listener);
        errno = saved;
        return -1;
    }
    server->port = ntohs(address.sin_port);
    snprintf(server->base, sizeof server->base, "http://127.0.0.1:%ld", server->port);
    return listener;
}

/* Waits for SIGTERM or SIGINT, at most `seconds`. */
static void wait_for_end(const sigset_t *signals, long seconds)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const time_t end = now.tv_sec + seconds;
    while (now.tv_sec < end) {
        struct timespec left = {end - now.tv_sec, 0};
        if (sigtimedwait(signals, NULL, &left) > 0 || errno == EAGAIN) {
            return;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
}

static int usage(void)
{
    fputs("usage: demo_server --root DIR [--port N] [--log FILE] [--port-file FILE] "
          "[--max-seconds N]\n",
          stderr);
    return 64;
}

static bool read_options(int argc, char **argv, struct server *server)
{
    static const struct option options[] = {
        {"root", required_argument, NULL, 'r'},
        {"port", required_argument, NULL, 'p'},
        {"log", required_argument, NULL, 'l'},
        {"port-file", required_argument, NULL, 'f'},
        {"max-seconds", required_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    int choice;
    bool good = true;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet */
    while (good && (choice = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (choice == 'r') {
            server->root = optarg;
        } else if (choice == 'l') {
            server->log_path = optarg;
        } else if (choice == 'f') {
            server->port_file = optarg;
        } else if (choice == 'p') {
            good = parse_number(optarg, 0, 65535, &server->port);
        } else if (choice == 'm') {
            good = parse_number(optarg, 1, 86400, &server->max_seconds);
        } else {
            good = false;
        }
    }
    return good && optind == argc;
}

/* Serves until the end; returns the exit status. */
static int serve(struct server *server, const sigset_t *signals)
{
    char text[128];
    int listener = open_listener(server);
    if (listener < 0) {
        fprintf(stderr, "demo_server: cannot listen on 127.0.0.1 port %ld: %s\n",
                server->port, reason(errno, text, sizeof text));
        return 69;
    }
    /* From here on the library owns the socket. */
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
        handle_request, server, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_CONNECTION_LIMIT, 256u, MHD_OPTION_END);
    if (daemon == NULL) {
        fputs("demo_server: the HTTP library does not start\n", stderr);
        return 70;
    }
    int status = 0;
    if (write_port_file(server)) {
        printf("listening on %s\n", server->base);
        fflush(stdout);
        wait_for_end(signals, server->max_seconds);
    } else {
        fprintf(stderr, "demo_server: cannot write %s: %s\n", server->port_file,
                reason(errno, text, sizeof text));
        status = 73;
    }
    atomic_store(&server->stopping, true);
    MHD_stop_daemon(daemon);
    return status;
}

int main(int argc, char **argv)
{
    static struct server server = {.max_seconds = 3600};
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        return 0;
    }
    char text[128];
    sigset_t signals;
    /* Blocked before any thread starts, so that only wait_for_end takes them. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!read_options(argc, argv, &server) || server.root == NULL) {
        return usage();
    }
    struct stat info;
    if (stat(server.root, &info) != 0 || !S_ISDIR(info.st_mode)) {
        fprintf(stderr, "demo_server: no such folder: %s\n", server.root);
        return 66;
    }
    if (!read_header_rules(&server)) {
        return 78;
    }
    if (server.log_path != NULL &&
        (server.log = fopen(server.log_path, "ae")) == NULL) {
        fprintf(stderr, "demo_server: cannot write %s: %s\n", server.log_path,
                reason(errno, text, sizeof text));
        return 73;
    }
    pthread_mutex_init(&server.lock, NULL);
    int status = serve(&server, &signals);
    if (server.log != NULL) {
        fclose(server.log);
    }
    return status;
}
