/* Ticks of a schedule as people and programs read them, for `next`, `describe` and
 * `list`. */
#ifndef MIZAN_CLI_TICKS_H
#define MIZAN_CLI_TICKS_H

#include "base/buffer.h"
#include "cron/cron.h"

#define MZ_TICKS_SHOWN 3 /* by describe and list */

/* What is asked: `count` ticks after `from`, seconds. */
struct mz_tick_request {
    const struct mz_cron *cron;
    const struct mz_zone *zone;
    int64_t from;
    int64_t count;
};

/* A JSON list of instants: ["2025-03-30T01:00:00Z",…]. */
void mz_ticks_json(struct mz_buffer *out, const struct mz_tick_request *request);
/* A JSON list of objects {time, local, notes, missed?}. */
void mz_ticks_explain_json(struct mz_buffer *out,
                           const struct mz_tick_request *request);
/* A line each, begun with `margin`: the wall clock, its distance from UTC, the instant,
 * and with `explain` what a change of the clock did to it. */
void mz_ticks_text(struct mz_buffer *out, const struct mz_tick_request *request,
                   const char *margin, bool explain);
/* Milliseconds of the program's clock as seconds, cut down. */
int64_t mz_seconds(int64_t milliseconds);

#endif
