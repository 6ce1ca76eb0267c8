#include "raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

static const struct raw_reply *find_reply(const struct raw_server *server)
{
    const char *path = strchr(server->head, ' ');
    size_t size = path == NULL ? 0 : strcspn(path + 1, " ");
    for (size_t i = 0; path != NULL && i < server->reply_count; i++) {
        if (strlen(server->replies[i].path) == size &&
            strncmp(server->replies[i].path, path + 1, size) == 0) {
            return &server->replies[i];
        }
    }
    return NULL;
}

/* Reads one request's head; 0 when the peer is gone. */
static int read_request(struct raw_server *server, int connection)
{
    size_t size = 0;
    while (size + 1 < sizeof server->head) {
        ssize_t got =
            recv(connection, server->head + size, sizeof server->head - 1 - size, 0);
        if (got <= 0) {
            return 0;
        }
        size += (size_t)got;
        server->head[size] = '\0';
        if (strstr(server->head, "\r\n\r\n") != NULL) {
            return 1;
        }
    }
    return 0;
}

static void send_all(int connection, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* 0 when the connection is at its end. */
static int serve(struct raw_server *server, int connection)
{
    static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    if (!read_request(server, connection)) {
        return 0;
    }
    (void)pthread_mutex_lock(&server->lock);
    memcpy(server->last, server->head, strlen(server->head) + 1);
    (void)pthread_mutex_unlock(&server->lock);
    atomic_fetch_add(&server->requests, 1);
    const struct raw_reply *reply = find_reply(server);
    if (reply == NULL) {
        send_all(connection, missing, sizeof missing - 1);
        return 1;
    }
    send_all(connection, reply->bytes,
             reply->size == 0 ? strlen(reply->bytes) : reply->size);
    if (reply->end == RAW_HOLD && server->on_hold != NULL) {
        atomic_store(server->on_hold, 1);
    }
    return reply->end != RAW_CLOSE;
}

static void *run(void *context)
{
    struct raw_server *server = context;
    struct pollfd waits[2 + RAW_CONNECTIONS];
    nfds_t count = 2;
    waits[0] = (struct pollfd){.fd = server->stop[0], .events = POLLIN};
    waits[1] = (struct pollfd){.fd = server->listener, .events = POLLIN};
    while (poll(waits, count, -1) > 0 && waits[0].revents == 0) {
        for (nfds_t i = 2; i < count; i++) {
            if (waits[i].revents != 0 && !serve(server, waits[i].fd)) {
                (void)close(waits[i].fd);
                waits[i--] = waits[--count];
            }
        }
        if (waits[1].revents != 0 && count < 2 + RAW_CONNECTIONS) {
            int connection = accept(server->listener, NULL, NULL);
            atomic_fetch_add(&server->connections, connection >= 0 ? 1 : 0);
            if (connection >= 0) {
                waits[count++] = (struct pollfd){.fd = connection, .events = POLLIN};
            }
        }
    }
    for (nfds_t i = 2; i < count; i++) {
        (void)close(waits[i].fd);
    }
    return NULL;
}

void raw_server_start(struct raw_server *server, const struct raw_reply *replies,
                      size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    memset(server, 0, sizeof *server);
    server->replies = replies;
    server->reply_count = count;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(server->listener >= 0, "socket");
    need(bind(server->listener, (const struct sockaddr *)&address, sizeof address) == 0,
         "bind");
    need(listen(server->listener, RAW_CONNECTIONS) == 0, "listen");
    need(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0,
         "getsockname");
    server->port = ntohs(address.sin_port);
    (void)snprintf(server->name, sizeof server->name, "127.0.0.1:%d", server->port);
    (void)snprintf(server->url, sizeof server->url, "http://%s", server->name);
    need(pthread_mutex_init(&server->lock, NULL) == 0, "mutex");
    need(pipe(server->stop) == 0, "pipe");
    need(pthread_create(&server->thread, NULL, run, server) == 0, "thread");
}

void raw_server_stop(struct raw_server *server)
{
    need(write(server->stop[1], "x", 1) == 1, "write");
    (void)pthread_join(server->thread, NULL);
    (void)close(server->stop[0]);
    (void)close(server->stop[1]);
    (void)close(server->listener);
    (void)pthread_mutex_destroy(&server->lock);
}

const char *raw_server_last(struct raw_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    memcpy(server->seen, server->last, sizeof server->seen);
    (void)pthread_mutex_unlock(&server->lock);
    return server->seen;
}
