/* Sources that are functions of the script (mizan.source): their coroutines run on the
 * run's own thread, between units, and wait for many answers at once. Units are handed
 * over in the order of the sources, so that two runs on the same answers are the same.
 */
#ifndef MIZAN_RUN_INTAKE_SCRIPT_H
#define MIZAN_RUN_INTAKE_SCRIPT_H

#include "net/pool.h"
#include "run/intake.h"

struct mz_script_intake;

/* *out is NULL when no source is a function. The settings and the pool
 * are borrowed. */
MZ_NODISCARD enum mz_code
mz_script_intake_create(const struct mz_intake_settings *settings, struct mz_pool *pool,
                        const atomic_int *cancel, struct mz_script_intake **out,
                        struct mz_error *error);
/* The next unit or end of a source, or MZ_INTAKE_NOTHING when it would have to wait and
 * `busy` (may be NULL) is true; false when there are no more, or the run is to stop.
 * `arena` becomes the taker's and holds what a source's end refers to. */
bool mz_script_intake_take(struct mz_script_intake *script, bool (*busy)(void *owner),
                           void *owner, struct mz_intake_item *item,
                           struct mz_arena **arena);
void mz_script_intake_destroy(struct mz_script_intake *script); /* NULL is fine */

/* sources.c, for both intakes. */
bool mz_source_is_script(const struct mz_intake_settings *settings,
                         const struct mz_source *source);
struct mz_intake_item mz_source_end(const struct mz_source *source,
                                    struct mz_pending *pending, enum mz_code code,
                                    const char *message);

#endif
