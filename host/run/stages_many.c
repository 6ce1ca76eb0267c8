/* Stages that see the records of a unit together.
 *
 * A branch gives each record to the arm that its name leads to, a merge gives a copy to
 * every arm. In both the records of one arm keep their order, and the arms follow one
 * another: those of a branch by name, those of a merge as they stand. */
#include <stdio.h>

#include "run/stages_flow.h"

/* ---- Lua's verdicts ---- */

/* Notes a result that is not MZ_PASS. */
static void note(struct mz_flow *flow, const struct mz_stage_result *result,
                 const struct mizan_record *record)
{
    if (result->outcome == MZ_DROP) {
        mz_flow_drop(flow, result->reason, record);
    } else {
        mz_flow_letter(flow, result->outcome, result, record);
    }
}

/* A failure of the call is the unit's, unless the run is to end. */
static enum mz_code settle(enum mz_code code, const struct mz_error *failure,
                           struct mz_stage_result *result, struct mz_error *error)
{
    if (code == MZ_CANCELLED) {
        *error = *failure;
        return code;
    }
    if (code != MZ_OK) {
        *result =
            (struct mz_stage_result){.outcome = MZ_ERROR, .reason = failure->message};
    }
    return MZ_OK;
}

/* ---- branch ---- */

/* The index of the arm for the name, or of `other`; the count of arms: there is none.
 */
static size_t find_arm(const struct mz_stage *stage, const char *name)
{
    size_t other = stage->arm_count;
    for (size_t i = 0; i < stage->arm_count; i++) {
        if (name != NULL && strcmp(stage->arms[i].name, name) == 0) {
            return i;
        }
        if (strcmp(stage->arms[i].name, "other") == 0) {
            other = i;
        }
    }
    return other;
}

/* The text of the field that decides, or NULL. */
static const char *name_in_field(const struct mz_stage *stage,
                                 const struct mizan_record *record)
{
    if (strcmp(stage->field, "type") == 0 && mz_record_find(record, "type") == NULL) {
        return mz_record_type(record);
    }
    return mz_record_text(record, stage->field);
}

static enum mz_code choose(struct mz_flow *flow, struct mizan_record *record,
                           struct mz_records *arms, struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    struct mz_stage_result result = {.outcome = MZ_PASS};
    const char *name = NULL;
    if (stage->field != NULL) {
        name = name_in_field(stage, record);
    } else {
        struct mz_error failure = {.code = MZ_OK};
        enum mz_code code = mz_lua_branch(flow->stages->lua, stage, record,
                                          flow->unit->arena, &name, &result, &failure);
        code = settle(code, &failure, &result, error);
        if (code != MZ_OK) {
            return code;
        }
    }
    size_t arm = find_arm(stage, name);
    if (result.outcome == MZ_PASS && arm == stage->arm_count) {
        char reason[200];
        snprintf(reason, sizeof reason,
                 "no arm of '%.60s' is named '%.60s', and there is no 'other'",
                 stage->name, name == NULL ? "nil" : name); /* cut where it is long */
        result = (struct mz_stage_result){.outcome = MZ_ERROR, .reason = reason};
        note(flow, &result, record);
    } else if (result.outcome != MZ_PASS) {
        note(flow, &result, record);
    } else if (!mz_records_add(&arms[arm], flow->unit->arena, record)) {
        flow->exhausted = true;
    }
    return MZ_OK;
}

/* ---- merge ---- */

/* All arms but the last get copies, so that none sees what another changed. */
static void give_all(struct mz_flow *flow, const struct mz_records *in,
                     struct mz_records *arms)
{
    size_t count = mz_flow_stage(flow)->arm_count;
    for (size_t a = 0; a < count; a++) {
        for (size_t i = 0; i < in->count && !flow->exhausted; i++) {
            struct mizan_record *record = in->items[i];
            if (a + 1 < count) {
                record = mz_record_copy(flow->unit->arena, record);
            }
            flow->exhausted =
                record == NULL || !mz_records_add(&arms[a], flow->unit->arena, record);
        }
    }
}

static enum mz_code run_arms(struct mz_flow *flow, const struct mz_records *in,
                             struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    struct mz_unit *unit = flow->unit;
    size_t own = flow->stage;
    struct mz_records joined = {0};
    enum mz_code code = MZ_OK;
    struct mz_records *arms =
        mz_arena_zero(unit->arena, (stage->arm_count + 1) * sizeof *arms);
    if (arms == NULL) {
        flow->exhausted = true;
        return MZ_OK;
    }
    if (stage->kind == MZ_STAGE_MERGE) {
        give_all(flow, in, arms);
    }
    for (size_t i = 0; stage->kind == MZ_STAGE_BRANCH && i < in->count &&
                       code == MZ_OK && !unit->failed && !flow->exhausted;
         i++) {
        code = choose(flow, in->items[i], arms, error);
    }
    for (size_t a = 0;
         a < stage->arm_count && code == MZ_OK && !unit->failed && !flow->exhausted;
         a++) {
        code = mz_flow_way(flow, stage->arms[a].first, stage->arms[a].end, &arms[a],
                           error);
        for (size_t i = 0; i < arms[a].count && !flow->exhausted; i++) {
            flow->exhausted = !mz_records_add(&joined, unit->arena, arms[a].items[i]);
        }
    }
    flow->stage = own;
    flow->out = joined;
    return code;
}

/* ---- batch ---- */

/* One batch: its records and where the verdicts on them go. */
static enum mz_code run_batch(struct mz_flow *flow, struct mizan_record *const *records,
                              size_t count, struct mz_stage_result *verdicts,
                              struct mz_error *error)
{
    struct mz_stage_result result = {.outcome = MZ_PASS};
    struct mz_error failure = {.code = MZ_OK};
    for (size_t i = 0; i < count; i++) {
        verdicts[i] = (struct mz_stage_result){.outcome = MZ_PASS};
    }
    enum mz_code code =
        mz_lua_batch(flow->stages->lua, mz_flow_stage(flow), records, count,
                     flow->unit->arena, verdicts, &result, &failure);
    code = settle(code, &failure, &result, error);
    if (code == MZ_OK && result.outcome != MZ_PASS) {
        note(flow, &result, records[0]);
    }
    return code;
}

static enum mz_code run_batches(struct mz_flow *flow, const struct mz_records *in,
                                struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    struct mz_arena *arena = flow->unit->arena;
    struct mizan_record **seen = mz_arena_alloc(arena, (in->count + 1) * sizeof *seen);
    struct mz_stage_result *verdicts =
        mz_arena_zero(arena, (in->count + 1) * sizeof *verdicts);
    size_t count = 0, next = 0;
    enum mz_code code = MZ_OK;
    if (seen == NULL || verdicts == NULL) {
        flow->exhausted = true;
        return MZ_OK;
    }
    for (size_t i = 0; i < in->count; i++) {
        if (mz_flow_sees(flow, in->items[i])) {
            seen[count++] = in->items[i];
        }
    }
    for (size_t i = 0; i < count && code == MZ_OK && !flow->unit->failed;
         i += stage->batch_size) {
        size_t rest = count - i;
        code = run_batch(flow, seen + i,
                         rest < stage->batch_size ? rest : stage->batch_size,
                         verdicts + i, error);
    }
    for (size_t i = 0; i < in->count && code == MZ_OK && !flow->unit->failed; i++) {
        struct mizan_record *record = in->items[i];
        bool of_batch = next < count && seen[next] == record;
        const struct mz_stage_result *verdict = of_batch ? &verdicts[next++] : NULL;
        if (verdict != NULL && verdict->outcome != MZ_PASS) {
            note(flow, verdict, record);
        } else {
            mz_flow_pass(flow, record);
        }
    }
    return code;
}

enum mz_code mz_flow_many(struct mz_flow *flow, const struct mz_records *in,
                          struct mz_error *error)
{
    return mz_flow_stage(flow)->kind == MZ_STAGE_BATCH ? run_batches(flow, in, error)
                                                       : run_arms(flow, in, error);
}
