/* A loopback server that answers with bytes as they were written, for answers that no
 * real server gives. One thread serves all connections. */
#ifndef RAW_SERVER_H
#define RAW_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum raw_end {
    RAW_KEEP,  /* the connection stays open */
    RAW_CLOSE, /* it is closed after the bytes */
    RAW_HOLD   /* it stays open, and *on_hold becomes 1 */
};

struct raw_reply {
    const char *path;  /* the whole target of the request line */
    const char *bytes; /* of the answer, as sent */
    size_t size;       /* 0: up to the NUL */
    enum raw_end end;
};

#define RAW_CONNECTIONS  16
#define RAW_REQUEST_MOST 65536

struct raw_server {
    int listener, port;
    int stop[2]; /* a pipe */
    pthread_t thread;
    const struct raw_reply *replies;
    size_t reply_count;
    atomic_int connections, requests;
    atomic_int *on_hold;
    pthread_mutex_t lock;
    char head[RAW_REQUEST_MOST]; /* the server's, while it reads */
    char last[RAW_REQUEST_MOST]; /* the last whole head, under the lock */
    char seen[RAW_REQUEST_MOST]; /* the test's copy of it */
    char url[64];                /* http://127.0.0.1:PORT */
    char name[32];               /* 127.0.0.1:PORT */
};

/* Ends the test program when it cannot start. */
void raw_server_start(struct raw_server *server, const struct raw_reply *replies,
                      size_t count);
void raw_server_stop(struct raw_server *server);
/* The head of the last request, valid until the next call. */
const char *raw_server_last(struct raw_server *server);

#endif
