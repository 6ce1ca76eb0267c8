/* Worker threads that take whole units through the stages which may run on any thread
 * (stages_ahead.c), a bounded number of units ahead. They are given and taken back in
 * one order, the order of documents, so that a run with workers leaves what a run
 * without them does. One thread gives and takes. */
#ifndef MIZAN_RUN_WORKERS_H
#define MIZAN_RUN_WORKERS_H

#include "run/commit.h"

struct mz_workers;

struct mz_workers_settings {
    const struct mz_stages *stages; /* opened; their instances are shared */
    size_t threads;                 /* at least 1; twice as many units and 2 fit */
    /* Called from a worker, which holds no lock, when a unit is done. */
    void (*done)(void *owner);
    void *owner;
};

/* A unit with the workers. */
struct mz_workers_job {
    struct mz_unit *unit;
    enum mz_unit_news news;   /* what was known of it when it was given */
    size_t first, stop;       /* stages; equal: there is nothing to run ahead */
    struct mz_counts *counts; /* what its stages counted; NULL: nothing was run */
    enum mz_code code;        /* other than MZ_OK ends the run, `error` says why */
    struct mz_error error;
};

MZ_NODISCARD enum mz_code mz_workers_create(const struct mz_workers_settings *settings,
                                            struct mz_workers **out,
                                            struct mz_error *error);
/* Stops what goes on, waits for the workers and frees the units that are left. */
void mz_workers_destroy(struct mz_workers *workers); /* NULL is fine */

bool mz_workers_is_empty(const struct mz_workers *workers);
bool mz_workers_is_full(const struct mz_workers *workers);
/* True when a unit of this address is with the workers. */
bool mz_workers_has(const struct mz_workers *workers, const char *url);
/* True when the first unit is done: taking it does not wait. */
bool mz_workers_is_ready(struct mz_workers *workers);
/* Puts the unit, which is the workers' then, behind the others. They are not full. */
MZ_NODISCARD enum mz_code mz_workers_give(struct mz_workers *workers,
                                          const struct mz_workers_job *job,
                                          struct mz_error *error);
/* Waits for the first unit; unit and counts become the caller's. There is one.
 * When the run is told to stop, so are the plugins at work. */
void mz_workers_take(struct mz_workers *workers, struct mz_workers_job *out);

#endif
