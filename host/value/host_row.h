/* What is known of a host that documents are asked of, and what all who ask it keep
 * together. Times are milliseconds of whatever clock the keeper of the row has. */
#ifndef MIZAN_VALUE_HOST_ROW_H
#define MIZAN_VALUE_HOST_ROW_H

#include <stdint.h>

enum mz_host_pause {
    MZ_PAUSE_NONE,      /* only the gap between two requests */
    MZ_PAUSE_THROTTLED, /* the host asked for it: 429, 503, Retry-After */
    MZ_PAUSE_FAILING    /* it failed, perhaps several times in a row */
};

struct mz_host_row {
    int64_t next_ok;   /* before it nobody asks */
    int64_t duration;  /* of the last answer */
    int64_t delay;     /* grown by 429 and 5xx, shrunk by answers; 0: none yet */
    int64_t failures;  /* in a row */
    int64_t tokens;    /* tenths of a retry that are in hand */
    int64_t requests;  /* ever */
    int64_t throttled; /* of them, ever */
    int64_t wanted;    /* 1: somebody waits while another keeps the turn */
    enum mz_host_pause pause;
};

#define MZ_TOKENS_FIRST 30 /* of a host that was never asked */

/* Changes a row; `now` is the keeper's clock. */
typedef void (*mz_host_change)(void *context, int64_t now, struct mz_host_row *row);

#endif
