/* The way of one unit through the stages, for the files that run them. */
#ifndef MIZAN_RUN_STAGES_FLOW_H
#define MIZAN_RUN_STAGES_FLOW_H

#include <string.h>

#include "run/stages.h"

struct mz_flow {
    struct mz_stages *stages;
    struct mz_unit *unit;
    size_t stage, last;    /* at hand, and the last one wanted */
    struct mz_records out; /* what the stage at hand has passed on */
    bool exhausted;        /* the unit's arena refused memory */
};

static inline const struct mz_stage *mz_flow_stage(const struct mz_flow *flow)
{
    return &flow->stages->pipeline->stages[flow->stage];
}

/* True when the stage at hand, one of the script's own, sees records of that type. */
static inline bool mz_flow_sees(const struct mz_flow *flow,
                                const struct mizan_record *record)
{
    const char *type = mz_flow_stage(flow)->type;
    return strcmp(type, "*") == 0 || strcmp(type, mz_record_type(record)) == 0;
}

void mz_flow_pass(struct mz_flow *flow, struct mizan_record *record);
void mz_flow_drop(struct mz_flow *flow, const char *reason,
                  const struct mizan_record *record);
void mz_flow_letter(struct mz_flow *flow, enum mz_outcome outcome,
                    const struct mz_stage_result *result,
                    const struct mizan_record *record);
/* Takes the records through the stages from `first` up to `stop`, by their `next`. */
MZ_NODISCARD enum mz_code mz_flow_way(struct mz_flow *flow, size_t first, size_t stop,
                                      struct mz_records *records,
                                      struct mz_error *error);
/* stages_many.c: the stages that see the records of a unit together: branch, merge,
 * batch. */
MZ_NODISCARD enum mz_code
mz_flow_many(struct mz_flow *flow, const struct mz_records *in, struct mz_error *error);
/* stages_exec.c: extract.exec with one document. */
MZ_NODISCARD enum mz_code
mz_flow_exec(struct mz_flow *flow, struct mizan_record *record, struct mz_error *error);

#endif
