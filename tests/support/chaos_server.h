/*
 * The chaos server's parts. chaos_server.c says what the program does, chaos_answer.c
 * which parameters there are.
 */
#ifndef CHAOS_SERVER_H
#define CHAOS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TARGET_MOST   4096
#define HEAD_MOST     65536
#define RULES_MOST    512
#define COUNTERS_MOST 4096

/* A line of the script: what a path does when its address says nothing itself. */
struct rule {
    char path[512];
    char parameters[TARGET_MOST];
};

/* How often a target was asked for. */
struct counter {
    char key[256];
    long count;
};

struct chaos {
    FILE *log;
    const char *log_path, *port_file, *script; /* each NULL: none */
    long port, max_seconds;
    atomic_bool stopping;
    atomic_int connections;
    pthread_mutex_t lock; /* guards log and counters */
    struct counter counters[COUNTERS_MOST];
    size_t counter_count;
    struct rule rules[RULES_MOST];
    size_t rule_count;
    char block[16385]; /* of an endless body */
};

/* One request of a connection. */
struct ask {
    struct chaos *chaos;
    int socket, connection;
    char head[HEAD_MOST];
    char method[32], target[TARGET_MOST], path[TARGET_MOST];
    char parameters[TARGET_MOST]; /* of the address, then those of the script */
    char host[256];
    long turn;     /* how often this target was asked for before */
    bool is_head;  /* HEAD */
    int64_t *sent; /* bytes of the answer so far; NULL: not counted */
};

int64_t chaos_milliseconds(void); /* monotonic */
/* Sleeps in slices; false when the server ends meanwhile. */
bool chaos_sleep(const struct chaos *chaos, int64_t milliseconds);
bool chaos_send(const struct ask *ask, const void *bytes, size_t size);
bool chaos_text(const struct ask *ask, const char *text);

/* The n-th value of a parameter, percent-decoded, in `out`; false when there is none.
 */
bool chaos_parameter(const struct ask *ask, const char *name, int n, char *out,
                     size_t size);
/* The number of a parameter, or the default. */
int64_t chaos_number(const struct ask *ask, const char *name, int64_t otherwise);
/* The value of a request header; false when there is none. */
bool chaos_header(const struct ask *ask, const char *name, char *out, size_t size);
/* A line of the log: when, connection, what, host, method, target, and `more`. */
void chaos_log(const struct ask *ask, const char *what, const char *more);

/* Answers; false when the connection is to be closed. */
bool chaos_answer(struct ask *ask);

/* A body in the encoding of that name (gzip, double, stack8, truncated, deflate, raw,
 * bomb); NULL when there is none of that name. The caller frees it. */
unsigned char *chaos_encode(const char *name, const unsigned char *plain, size_t size,
                            size_t *encoded);

#endif
