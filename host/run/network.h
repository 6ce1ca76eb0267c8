/* The HTTP of one run: the pool that all its sources share, and what it keeps of hosts
 * in the home database, so that later runs and other machines know it too. */
#ifndef MIZAN_RUN_NETWORK_H
#define MIZAN_RUN_NETWORK_H

#include "lua/pipeline.h"
#include "net/pool.h"

struct mz_network;

struct mz_network_settings {
    const struct mz_pipeline *pipeline;
    const char *database; /* URL; NULL: budgets are of this process alone */
    const char *contact;  /* for the User-Agent; NULL: none was given */
    const atomic_int *cancel;
};

/* Pipeline and flag are borrowed. NULL when out of memory. */
struct mz_network *mz_network_create(const struct mz_network_settings *settings);
struct mz_pool *mz_network_pool(struct mz_network *network);
void mz_network_destroy(struct mz_network *network); /* NULL is fine */

#endif
