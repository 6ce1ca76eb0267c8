/* The stages of one run: plugin instances and the Lua state, and the way a unit takes
 * through them. Knows no database: what stores are to be given is put on the unit as
 * deliveries, in order; `mizan try` stops there, a run goes on to the commit. */
#ifndef MIZAN_RUN_STAGES_H
#define MIZAN_RUN_STAGES_H

#include "run/counts.h"
#include "run/unit.h"

struct mz_stages {
    const struct mz_pipeline *pipeline;
    struct mz_lua *lua;
    struct mz_instance **instances; /* by stage; NULL for Lua stages */
    struct mz_arena *arena;         /* of the run */
    struct mz_counts *counts;
    const atomic_int *cancel;
    const char *folder; /* the project's, for programs to work in; may be NULL */
    /* May be NULL: sees every record before and after each stage, for `try`. */
    void (*trace)(void *owner, size_t stage, bool out,
                  const struct mizan_record *record);
    /* May be NULL: sees drops, rejects and errors; `place` is file:line or NULL. */
    void (*verdict)(void *owner, size_t stage, enum mz_outcome outcome,
                    const char *reason, const char *place,
                    const struct mizan_record *record);
    void *owner;
};

/* Opens an instance for every plugin stage. On failure those opened are closed. */
MZ_NODISCARD enum mz_code mz_stages_open(struct mz_stages *stages,
                                         struct mz_error *error);
void mz_stages_close(struct mz_stages *stages);

/* Takes the unit's document through the stages from `first` (1 is the one after the
 * fetch) to `last`, both inclusive; a unit that was taken ahead goes on from there
 * instead. Drops, rejects and failures of the script are noted
 * on the unit and are no error here; the code is for what ends the run: MZ_CANCELLED,
 * MZ_MEMORY of the host. */
MZ_NODISCARD enum mz_code mz_stages_run(struct mz_stages *stages, struct mz_unit *unit,
                                        size_t first, size_t last,
                                        const struct mz_unit_context *context,
                                        struct mz_error *error);

/* stages_ahead.c: the leading stages that may run on any thread. */
/* The first stage from `first` on that must wait for the unit's turn: the one that
 * follows the extract plugins that are thread-safe; `first` itself when there are none,
 * the number of stages when there are no others. */
size_t mz_stages_ahead_end(const struct mz_pipeline *pipeline, size_t first);
/* Takes the unit from `first` up to `stop` on the calling thread, which owns the unit
 * meanwhile, and leaves on it where mz_stages_run goes on. Counts into `counts`, obeys
 * `cancel`; neither the Lua state nor trace and verdict are touched. */
MZ_NODISCARD enum mz_code mz_stages_run_ahead(const struct mz_stages *stages,
                                              struct mz_unit *unit, size_t first,
                                              size_t stop, struct mz_counts *counts,
                                              const atomic_int *cancel,
                                              struct mz_error *error);

/* Refuses a pipeline that runs a program which the project's mizan.lua does not name.
 */
MZ_NODISCARD enum mz_code mz_stages_check_programs(const struct mz_pipeline *pipeline,
                                                   const struct mz_project *project,
                                                   struct mz_error *error);

/* True when the plugin of this stage writes inside the unit's transaction. */
bool mz_stage_is_home_store(const struct mz_stage *stage);
bool mz_stage_is_store(const struct mz_stage *stage);

#endif
