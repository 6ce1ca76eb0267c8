/* The least time between two requests to one host, within this process. */
#ifndef MIZAN_NET_POLITENESS_H
#define MIZAN_NET_POLITENESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct mz_politeness {
    struct mz_map *finished; /* host to the monotonic time of its last answer */
    int64_t gap;             /* milliseconds; 0: no waiting */
};

/* Milliseconds until the host may be asked again; 0: now. */
int64_t mz_politeness_due(const struct mz_politeness *politeness, const char *host);
/* Waits until the host may be asked again; false when *cancel (which may be NULL)
 * became non-zero meanwhile. *waited is in milliseconds. */
bool mz_politeness_wait(const struct mz_politeness *politeness, const char *host,
                        const atomic_int *cancel, int64_t *waited);
/* Notes that a request to the host has ended now; false when out of memory. */
bool mz_politeness_note(struct mz_politeness *politeness, const char *host);
void mz_politeness_finish(struct mz_politeness *politeness);

#endif
