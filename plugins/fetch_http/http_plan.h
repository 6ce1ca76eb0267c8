/* What the options of a stage ask for, read and checked once. */
#ifndef HTTP_PLAN_H
#define HTTP_PLAN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "http_text.h"
#include "mizan/draft.h"

enum http_pages {
    HTTP_PAGES_NONE,
    HTTP_PAGES_POINTER, /* the next address stands at a JSON pointer */
    HTTP_PAGES_LINK,    /* … in the header Link with rel="next" */
    HTTP_PAGES_NUMBER,  /* a parameter counts pages */
    HTTP_PAGES_OFFSET,  /* a parameter counts rows */
    HTTP_PAGES_CURSOR   /* a value of the answer goes back in a parameter */
};

enum http_auth {
    HTTP_AUTH_NONE,
    HTTP_AUTH_BEARER,
    HTTP_AUTH_BASIC,
    HTTP_AUTH_HEADER,
    HTTP_AUTH_OAUTH2
};

/* Members are NULL or 0 when not given. */
struct http_plan {
    const struct mizan_host *host;
    char *url; /* NULL: every source has its own */
    char *method;
    char *type; /* of the records that rows become */
    struct mizan_header *headers;
    size_t header_count;
    struct mizan_value params, body; /* maps, or a text as body; the options' own */
    bool fields_in_body;             /* pages and cursor are members of the body */
    char *records;                   /* JSON pointer to the list of rows */
    struct {
        enum http_pages kind;
        char *name; /* pointer, or name of the parameter */
        char *send; /* HTTP_PAGES_CURSOR: the parameter */
        int64_t first, size, most;
    } pages;
    struct {
        char *field; /* JSON pointer within a row; NULL: there is no cursor */
        char *send, *start, *lag;
        bool ascending;
    } cursor;
    struct {
        enum http_auth kind;
        char *secret;
        char *user; /* or the client's id */
        char *header;
        char *url, *scope; /* of the token */
    } auth;
    struct {
        char *type, *root, *contains;
        int64_t min; /* rows of a visit; -1: not given */
    } expect;
    /* The token of HTTP_AUTH_OAUTH2, for all sources of the stage. */
    pthread_mutex_t lock;
    struct http_text token;
};

/* `plan` is zeroed but for `host`; to be finished whatever comes of it. */
int32_t http_plan_read(struct http_plan *plan, mizan_task *task,
                       const mizan_options *options);
void http_plan_finish(struct http_plan *plan);

/* A copy with a NUL; NULL for what is no text, or when memory is refused. */
char *http_copy_text(const struct mizan_value *value);

#endif
