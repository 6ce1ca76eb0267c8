/*
 * The demo server's parts: what a request is, how it is answered, the files of the site
 * and the paths that misbehave. demo_server.c says what the program does.
 */
#ifndef DEMO_SERVER_H
#define DEMO_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <microhttpd.h>

#define PATH_LIMIT        4096
#define NAME_LIMIT        128
#define HEADER_RULE_LIMIT 256
#define VERSION_SET_LIMIT 32

/* A header that site.conf gives to one path. */
struct header_rule {
    char path[256];
    char name[64];
    char value[256];
};

/* A folder under DIR/__versions and how often it was asked for. */
struct version_set {
    char name[NAME_LIMIT];
    unsigned served; /* GET requests answered so far */
};

struct server {
    const char *root;
    const char *log_path;  /* NULL: no log */
    const char *port_file; /* NULL: none */
    long port;             /* 0 until the system chose one */
    long max_seconds;
    char base[64]; /* http://127.0.0.1:PORT */
    FILE *log;
    atomic_bool stopping;
    pthread_mutex_t lock; /* guards log and versions */
    struct version_set versions[VERSION_SET_LIMIT];
    size_t version_count;
    struct header_rule rules[HEADER_RULE_LIMIT];
    size_t rule_count;
};

struct request {
    struct server *server;
    struct MHD_Connection *connection;
    const char *method;
    const char *path;
};

/* Reads a whole number in [low, high]; false for anything else. */
bool parse_number(const char *text, long low, long high, long *number);

/* Formats into out; false if it does not fit. */
__attribute__((format(printf, 3, 4))) bool join_text(char *out, size_t size,
                                                     const char *format, ...);

/* A plain text body, not to be cached; NULL when out of memory. */
struct MHD_Response *text_response(const char *text);

/* Queues, logs and releases the response. A NULL response closes the connection. */
enum MHD_Result answer(const struct request *request, unsigned status,
                       struct MHD_Response *response);

enum MHD_Result answer_text(const struct request *request, unsigned status,
                            const char *text);

/* Sends a file with validators, or 304 or 404; `path` decides its type and headers. */
enum MHD_Result answer_file(const struct request *request, const char *file,
                            const char *path);

/* Sends the file of the site that the request's path names. */
enum MHD_Result serve_site(const struct request *request);

/* Serves a path that begins with `/__`; 404 when there is no such test path. */
enum MHD_Result serve_test_path(const struct request *request);

/* Reads DIR/site.conf if it is there; false names the first bad line on stderr. */
bool read_header_rules(struct server *server);

#endif
