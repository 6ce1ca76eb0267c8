/* One visit of one source: its pages, their rows, and how far the cursor got. */
#ifndef HTTP_VISIT_H
#define HTTP_VISIT_H

#include "http_plan.h"

struct http_visit {
    struct http_plan *plan;
    const struct mizan_host *host;
    mizan_task *task;
    const mizan_record *source;
    struct http_text url;     /* of the page at hand */
    struct http_text body;    /* of its request; empty: none */
    struct http_text known;   /* the cursor as it is stored; empty: none */
    struct http_text cursor;  /* that it is asked from; empty: from the start */
    struct http_text highest; /* of the rows seen so far; empty: none yet */
    struct http_text next;    /* a value of the answer that asks for the next page */
    int64_t page;             /* counted from 0 */
    int64_t rows;             /* of all pages */
    int64_t page_rows;
    char (*seen)[33]; /* of the requests so far */
    size_t seen_count;
    struct mizan_http_response answer;
};

/* http_request.c: makes url and body of the page at hand, less what `next` says. */
int32_t http_visit_address(struct http_visit *visit);
/* http_request.c: asks for it; a token that was refused is renewed once. */
int32_t http_visit_ask(struct http_visit *visit);
/* http_request.c: finds the page that follows; *more is false when there is none. */
int32_t http_visit_next(struct http_visit *visit, bool *more);

/* http_expect.c: whether the answer is what the options expect; host->fail says why
 * not.
 */
int32_t http_check_answer(const struct http_visit *visit);
/* http_rows.c: emits the rows of the answer as documents, notes the highest cursor. */
int32_t http_visit_rows(struct http_visit *visit);
/* http_rows.c: stores the highest cursor of the rows seen; it never goes back. */
int32_t http_move_cursor(const struct http_visit *visit);
/* http_rows.c: the answer itself as a document. */
int32_t http_emit_answer(const struct http_visit *visit);

#endif
