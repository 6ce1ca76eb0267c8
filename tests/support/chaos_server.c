/*
 * A loopback HTTP server that does what servers should not, for tests of clients. It
 * answers on every address of 127/8, so that 127.0.0.7 is another host than 127.0.0.8.
 *
 *     chaos_server [--port N|0] [--port-file FILE] [--log FILE] [--script FILE]
 *                  [--max-seconds N]
 *
 * What a request gets stands in its address (`/any?status=429&retry_after=2`) or, for
 * addresses that clients make themselves, in the script: a line `/path PARAMETERS`
 * each. chaos_answer.c lists the parameters.
 *
 * The log has a line when a request's head was read and one when its answer is done,
 * parts set off by tabs: monotonic milliseconds, number of the connection, `ask` or
 * `end`, host, method, target, and for `ask` the headers conditional, authorization,
 * cookie and user agent, for `end` the status.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "chaos_server.h"

struct connection {
    struct chaos *chaos;
    int socket, number;
};

int64_t chaos_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static size_t counter_of(struct chaos *chaos, const char *key)
{
    size_t i = 0;
    while (i < chaos->counter_count && strcmp(chaos->counters[i].key, key) != 0) {
        i++;
    }
    return i;
}

/* Times that this target was asked for so far. */
static long take_turn(const struct ask *ask)
{
    struct chaos *chaos = ask->chaos;
    char key[sizeof chaos->counters->key];
    long turn = 0;
    snprintf(key, sizeof key, "%.80s %.170s", ask->host, ask->target);
    pthread_mutex_lock(&chaos->lock);
    size_t i = counter_of(chaos, key);
    if (i == chaos->counter_count && i < COUNTERS_MOST) {
        memcpy(chaos->counters[chaos->counter_count++].key, key, sizeof key);
    }
    if (i < COUNTERS_MOST) {
        turn = chaos->counters[i].count++;
    }
    pthread_mutex_unlock(&chaos->lock);
    return turn;
}

/* Reads up to the end of a head; 0 when the peer is gone or sent too much. */
static size_t read_head(struct ask *ask, size_t *filled)
{
    for (;;) {
        ask->head[*filled] = '\0';
        const char *end = strstr(ask->head, "\r\n\r\n");
        if (end != NULL) {
            return (size_t)(end - ask->head) + 4;
        }
        if (*filled + 1 >= sizeof ask->head) {
            return 0;
        }
        struct pollfd wait = {.fd = ask->socket, .events = POLLIN};
        if (poll(&wait, 1, 100) < 0 || atomic_load(&ask->chaos->stopping)) {
            return 0;
        }
        if (wait.revents == 0) {
            continue;
        }
        ssize_t got =
            recv(ask->socket, ask->head + *filled, sizeof ask->head - 1 - *filled, 0);
        if (got <= 0) {
            return 0;
        }
        *filled += (size_t)got;
    }
}

/* Method, target, path, parameters and host; false when it is no request. */
static bool parse_head(struct ask *ask)
{
    if (sscanf(ask->head, "%31s %4095s", ask->method, ask->target) != 2) {
        return false;
    }
    size_t path = strcspn(ask->target, "?");
    const char *own = ask->target[path] == '?' ? ask->target + path + 1 : "";
    const char *script = "";
    snprintf(ask->path, sizeof ask->path, "%.*s", (int)path, ask->target);
    for (size_t i = 0; i < ask->chaos->rule_count; i++) {
        const struct rule *rule = &ask->chaos->rules[i];
        if (strcmp(rule->path, ask->path) == 0) {
            script = rule->parameters;
        }
    }
    snprintf(ask->parameters, sizeof ask->parameters, "%.2000s&%.2000s", own, script);
    ask->is_head = strcmp(ask->method, "HEAD") == 0;
    if (!chaos_header(ask, "host", ask->host, sizeof ask->host)) {
        ask->host[0] = '\0';
    }
    ask->host[strcspn(ask->host, ":")] = '\0';
    ask->turn = take_turn(ask);
    return true;
}

static void log_ask(const struct ask *ask)
{
    char value[512];
    char more[2600] = "";
    static const char *const names[] = {"if-none-match", "if-modified-since",
                                        "authorization", "cookie", "user-agent"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (chaos_header(ask, names[i], value, sizeof value)) {
            size_t used = strlen(more);
            snprintf(more + used, sizeof more - used, "%s%s: %s", used > 0 ? "\t" : "",
                     names[i], value);
        }
    }
    chaos_log(ask, "ask", more);
}

/* Passes over the body of a request; false when the peer is gone. */
static bool skip_body(struct ask *ask, size_t head, size_t *filled)
{
    char length[32];
    size_t left = chaos_header(ask, "content-length", length, sizeof length)
                      ? (size_t)strtoul(length, NULL, 10)
                      : 0;
    size_t there = *filled - head;
    size_t now = there < left ? there : left;
    memmove(ask->head, ask->head + head + now, there - now);
    *filled = there - now;
    for (left -= now; left > 0;) {
        char waste[4096];
        ssize_t got =
            recv(ask->socket, waste, left < sizeof waste ? left : sizeof waste, 0);
        if (got <= 0) {
            return false;
        }
        left -= (size_t)got;
    }
    return true;
}

static void *serve(void *context)
{
    struct connection *connection = context;
    struct ask *ask = calloc(1, sizeof *ask);
    size_t filled = 0;
    size_t head;
    bool open = ask != NULL;
    if (open) {
        ask->chaos = connection->chaos;
        ask->socket = connection->socket;
        ask->connection = connection->number;
    }
    while (open && (head = read_head(ask, &filled)) > 0) {
        open = parse_head(ask);
        if (open) {
            log_ask(ask);
            open = skip_body(ask, head, &filled) && chaos_answer(ask);
        }
    }
    close(connection->socket);
    atomic_fetch_sub(&connection->chaos->connections, 1);
    free(connection);
    free(ask);
    return NULL;
}

static void accept_one(struct chaos *chaos, int listener, int number)
{
    struct sockaddr_in peer;
    struct sockaddr *generic = (struct sockaddr *)&peer;
    socklen_t size = sizeof peer;
    const int yes = 1;
    int socket = accept4(listener, generic, &size, SOCK_CLOEXEC);
    if (socket < 0) {
        return;
    }
    struct connection *connection = malloc(sizeof *connection);
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, (size_t)512 * 1024);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    bool local = ntohl(peer.sin_addr.s_addr) >> 24 == 127;
    if (connection != NULL) {
        *connection = (struct connection){chaos, socket, number};
        atomic_fetch_add(&chaos->connections, 1);
    }
    if (!local || connection == NULL ||
        pthread_create(&thread, &attributes, serve, connection) != 0) {
        close(socket);
        if (connection != NULL) {
            atomic_fetch_sub(&chaos->connections, 1);
        }
        free(connection);
    }
    pthread_attr_destroy(&attributes);
}

static int open_listener(struct chaos *chaos)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)chaos->port),
        .sin_addr = {.s_addr = htonl(INADDR_ANY)}, /* peers outside 127/8 are dropped */
    };
    struct sockaddr *generic = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    const int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) {
        return -1;
    }
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(listener, generic, size) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, generic, &size) != 0) {
        close(listener);
        return -1;
    }
    chaos->port = ntohs(address.sin_port);
    return listener;
}

static bool write_port_file(const struct chaos *chaos)
{
    char draft[TARGET_MOST];
    if (chaos->port_file == NULL) {
        return true;
    }
    snprintf(draft, sizeof draft, "%s.tmp", chaos->port_file);
    FILE *file = fopen(draft, "we");
    if (file == NULL) {
        return false;
    }
    bool written = fprintf(file, "%ld\n", chaos->port) > 0;
    return fclose(file) == 0 && written && rename(draft, chaos->port_file) == 0;
}

static bool read_script(struct chaos *chaos)
{
    char line[TARGET_MOST];
    FILE *file = chaos->script == NULL ? NULL : fopen(chaos->script, "re");
    if (file == NULL) {
        return chaos->script == NULL;
    }
    while (chaos->rule_count < RULES_MOST && fgets(line, sizeof line, file) != NULL) {
        struct rule *rule = &chaos->rules[chaos->rule_count];
        rule->parameters[0] = '\0';
        if (line[0] == '/' &&
            sscanf(line, "%511s %4095s", rule->path, rule->parameters) >= 1) {
            chaos->rule_count++;
        }
    }
    fclose(file);
    return true;
}

static bool read_options(int argc, char **argv, struct chaos *chaos)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"port-file", required_argument, NULL, 'f'},
        {"log", required_argument, NULL, 'l'},
        {"script", required_argument, NULL, 's'},
        {"max-seconds", required_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    int choice;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet */
    while ((choice = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (choice) {
        case 'p':
            chaos->port = strtol(optarg, NULL, 10);
            break;
        case 'f':
            chaos->port_file = optarg;
            break;
        case 'l':
            chaos->log_path = optarg;
            break;
        case 's':
            chaos->script = optarg;
            break;
        case 'm':
            chaos->max_seconds = strtol(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
    return optind == argc && chaos->max_seconds > 0;
}

static void stop(int signal)
{
    (void)signal; /* poll() ends with EINTR, that is all it is for */
}

static atomic_bool told;

static void note(int signal)
{
    (void)signal;
    atomic_store(&told, true);
}

static void run(struct chaos *chaos, int listener)
{
    int64_t until = chaos_milliseconds() + chaos->max_seconds * INT64_C(1000);
    int number = 0;
    while (!atomic_load(&told) && chaos_milliseconds() < until) {
        struct pollfd wait = {.fd = listener, .events = POLLIN};
        if (poll(&wait, 1, 100) > 0) {
            accept_one(chaos, listener, ++number);
        }
    }
    atomic_store(&chaos->stopping, true);
    for (int i = 0; i < 50 && atomic_load(&chaos->connections) > 0; i++) {
        struct timespec pause = {0, 20000000};
        nanosleep(&pause, NULL);
    }
}

int main(int argc, char **argv)
{
    static struct chaos chaos = {.max_seconds = 600};
    struct sigaction action = {.sa_handler = note};
    struct sigaction ignored = {.sa_handler = stop};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
    if (!read_options(argc, argv, &chaos) || !read_script(&chaos)) {
        fputs("usage: chaos_server [--port N] [--port-file FILE] [--log FILE]"
              " [--script FILE] [--max-seconds N]\n",
              stderr);
        return 64;
    }
    if (chaos.log_path != NULL && (chaos.log = fopen(chaos.log_path, "ae")) == NULL) {
        fprintf(stderr, "chaos_server: cannot write %s\n", chaos.log_path);
        return 73;
    }
    pthread_mutex_init(&chaos.lock, NULL);
    memset(chaos.block, 'x', sizeof chaos.block - 1);
    int listener = open_listener(&chaos);
    if (listener < 0 || !write_port_file(&chaos)) {
        fputs("chaos_server: cannot listen\n", stderr);
        return 69;
    }
    printf("listening on http://127.0.0.1:%ld\n", chaos.port);
    fflush(stdout);
    run(&chaos, listener);
    if (chaos.log != NULL) {
        fclose(chaos.log);
    }
    return 0;
}
