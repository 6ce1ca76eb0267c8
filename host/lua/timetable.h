/* The schedule of a pipeline, checked when the script is loaded. */
#ifndef MIZAN_LUA_TIMETABLE_H
#define MIZAN_LUA_TIMETABLE_H

#include "cron/cron.h"

struct mz_timetable {
    const char *expression; /* as the script wrote it; NULL: only after, files */
    struct mz_cron cron;    /* H drawn from the pipeline's name */
    const struct mz_zone *zone;
    const char *overlap;    /* "skip", "queue" or "replace" */
    const char *catchup;    /* "latest", "none" or "all" */
    int64_t jitter;         /* milliseconds that a start may be late by choice */
    int64_t start_deadline; /* milliseconds after which a tick is too late; 0: never */
    int64_t timeout;        /* milliseconds that a run may take; 0: no limit */
    int64_t shards;         /* 1: not split */
    int64_t retries;        /* runs that may follow one that failed */
    int64_t retry_delay;    /* milliseconds to the first of them; it doubles */
};

#endif
