/* The parts of the intake, shared by intake*.c alone. */
#ifndef MIZAN_RUN_INTAKE_INTERNAL_H
#define MIZAN_RUN_INTAKE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "run/intake.h"
#include "run/intake_script.h"
#include "run/network.h"
#include "run/turns.h"

/* Units that may wait: enough to keep both sides busy, little memory. */
#define MZ_QUEUE_SIZE 8
/* Sources that are fetched side by side: most of them wait. */
#define MZ_FETCHERS_MOST 16

/* A thread that fetches one source after the other. */
struct fetcher {
    struct mz_intake *intake;
    pthread_t thread;
    struct mz_past past; /* its own connection */
};

struct mz_intake {
    struct mz_intake_settings settings;
    struct fetcher fetchers[MZ_FETCHERS_MOST];
    size_t fetcher_count; /* that were started */
    size_t fetching;      /* that have not ended, under the lock */
    atomic_size_t next;   /* of the sources, to be fetched */
    struct mz_turns turns;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct mz_intake_item queue[MZ_QUEUE_SIZE];
    struct mz_arena *arenas[MZ_QUEUE_SIZE]; /* of source ends */
    size_t first, count;
    struct mz_arena *taken; /* of the source end that was taken last */
    /* Units of fetch plugins that went into the queue, and those of them that are
     * committed or have failed. */
    size_t pushed, settled;
    size_t wanted; /* settled ones that a plugin waits for */
    bool stop;
    atomic_int cancel;          /* what plugins and the client look at */
    struct mz_network *network; /* shared by both kinds of sources */
    _Atomic int64_t documents;
    /* used by the run's thread alone; NULL: no source is a function of the script */
    struct mz_script_intake *script;
    struct mz_arena *script_taken; /* of its source end that was taken last */
};

/* intake.c: hands over what the source at this place of the list has; false when
 * nothing more is taken. The end of all comes from the place behind the last. `arena`:
 * of a source end, NULL for others. */
bool mz_intake_push(struct mz_intake *intake, size_t place_of_source,
                    const struct mz_intake_item *item, struct mz_arena *arena);
/* intake.c: waits until all that was pushed so far is settled, which happens in the
 * order of pushing; false when the run is to stop. */
bool mz_intake_wait_settled(struct mz_intake *intake);
/* intake.c: whether the run has as many documents as it wants. */
bool mz_intake_limit_reached(const struct mz_intake *intake);
/* intake_visit.c: pulls the source's plugin and hands over all that comes of it. */
void mz_intake_visit(struct mz_intake *intake, struct mz_past *past,
                     const struct mz_source *source);

#endif
