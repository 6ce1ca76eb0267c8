/* When to ask again: rules without clock, state or chance of their own. Durations are
 * milliseconds; `chance` is a random number in [0, 1). */
#ifndef MIZAN_NET_RETRY_H
#define MIZAN_NET_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MZ_BACKOFF_BASE     INT64_C(1000)
#define MZ_BACKOFF_MOST     INT64_C(300000)   /* 5 minutes */
#define MZ_RETRY_AFTER_MOST INT64_C(86400000) /* 24 hours */
#define MZ_GAP_LEAST        INT64_C(1000)
#define MZ_CRAWL_DELAY_MOST INT64_C(30000)
#define MZ_DELAY_MOST       INT64_C(60000)
#define MZ_CIRCUIT_FAILURES 5 /* in a row, that open the circuit */
#define MZ_CIRCUIT_BASE     INT64_C(30000)
#define MZ_CIRCUIT_MOST     INT64_C(3600000)
#define MZ_TOKENS_RETRY     10  /* tenths: what a retry costs */
#define MZ_TOKENS_MOST      100 /* tenths: ten retries in hand at most */

enum mz_answer_class {
    MZ_ANSWER_GOOD,      /* the host works, whatever it said of this address */
    MZ_ANSWER_TRANSIENT, /* it may work later */
    MZ_ANSWER_THROTTLED  /* it works, and asks for patience */
};

/* Of a request that ended with this code and status (0: none). */
enum mz_answer_class mz_classify(enum mz_code code, int status);
/* Only these may be sent twice (RFC 9110 9.2.2). */
bool mz_method_is_idempotent(const char *method);

/* Milliseconds that a Retry-After asks for, from `now` (wall clock): seconds or an HTTP
 * date, capped; 0 for a past date, a negative number and what cannot be read. */
int64_t mz_retry_after(const char *value, size_t size, int64_t now);

/* Exponential with full jitter after `failures` in a row; half of it is certain when
 * the host is throttling. */
int64_t mz_backoff(int64_t failures, bool throttled, double chance);
/* How long an open circuit stays open; 0 while it is closed. */
int64_t mz_circuit_open(int64_t failures, double chance);

/* Between the end of one request to a host and the start of the next. `asked` is the
 * pipeline's own gap, `crawl_delay` that of robots.txt, `delay` that of the row. */
int64_t mz_gap(int64_t asked, int64_t crawl_delay, int64_t delay, int64_t duration);
/* The row's delay after an answer: doubled when it was throttled or a 5xx, else led
 * halfway to twice its duration; only a 200 lowers it. */
int64_t mz_delay_after(int64_t delay, enum mz_answer_class answer, int status,
                       int64_t duration);

#endif
