#include "run/stage_secret.h"
#include "run/stages_flow.h"

#include <string.h>

#include "base/clock.h"
#include "run/rows.h"
#include "run/slices.h"
#include "value/json.h"

/* The most of a record that a dead letter keeps, in bytes of JSON. */
#define MOST_RECORD_TEXT 65536

bool mz_stage_is_store(const struct mz_stage *stage)
{
    return stage->kind == MZ_STAGE_PLUGIN &&
           mz_plugin_descriptor(stage->plugin)->kind == MIZAN_KIND_STORE;
}

bool mz_stage_is_home_store(const struct mz_stage *stage)
{
    return mz_stage_is_store(stage) &&
           (mz_plugin_descriptor(stage->plugin)->flags & MIZAN_PLUGIN_HOME_STORE) != 0;
}

/* ---- what the stages tell ---- */

static const char *record_json(struct mz_flow *flow, const struct mizan_record *record)
{
    struct mz_buffer text;
    mz_buffer_init(&text, MOST_RECORD_TEXT);
    mz_json_record(&text, record, true);
    const char *copy = mz_buffer_ok(&text)
                           ? mz_arena_copy(flow->unit->arena, text.data, text.size)
                           : NULL;
    mz_buffer_finish(&text);
    return copy;
}

static void note_cause(struct mz_flow *flow, const struct mz_letter *letter)
{
    char cause[1536]; /* what is too long is cut where it is counted */
    snprintf(cause, sizeof cause, "%s%s%s: %s", letter->stage,
             letter->place == NULL ? "" : " at ",
             letter->place == NULL ? "" : letter->place, letter->reason);
    mz_counts_add(flow->stages->counts, "causes", cause, 1);
}

void mz_flow_letter(struct mz_flow *flow, enum mz_outcome outcome,
                    const struct mz_stage_result *result,
                    const struct mizan_record *record)
{
    struct mz_letter letter = {.outcome = outcome,
                               .stage = mz_flow_stage(flow)->name,
                               .place = result->place,
                               .reason = result->reason,
                               .traceback = result->traceback,
                               .record = record_json(flow, record)};
    if (!mz_unit_letter(flow->unit, &letter)) {
        flow->exhausted = true;
    }
    note_cause(flow, &letter);
    if (flow->stages->verdict != NULL) {
        flow->stages->verdict(flow->stages->owner, flow->stage, outcome, result->reason,
                              result->place, record);
    }
}

void mz_flow_drop(struct mz_flow *flow, const char *reason,
                  const struct mizan_record *record)
{
    mz_counts_add(flow->stages->counts, "dropped", reason, 1);
    if (flow->stages->verdict != NULL) {
        flow->stages->verdict(flow->stages->owner, flow->stage, MZ_DROP, reason, NULL,
                              record);
    }
}

void mz_flow_pass(struct mz_flow *flow, struct mizan_record *record)
{
    if (!mz_records_add(&flow->out, flow->unit->arena, record)) {
        flow->exhausted = true;
    }
}

/* ---- services of extract plugins ---- */

static int32_t emit_record(struct mizan_task *task, struct mizan_record *record)
{
    struct mz_flow *flow = task->context;
    if (task->cancel != NULL && atomic_load(task->cancel) != 0) {
        return MIZAN_ERROR_CANCELLED;
    }
    mz_flow_pass(flow, record);
    return flow->exhausted ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static void count_for_plugin(struct mizan_task *task, const char *name, int64_t delta)
{
    struct mz_flow *flow = task->context;
    mz_counts_add_for_plugin(flow->stages->counts, task->stage, name, delta);
}

static int32_t secret(struct mizan_task *task, const char *name,
                      struct mizan_slice *out)
{
    struct mz_flow *flow = task->context;
    return mz_stage_secret(task, mz_flow_stage(flow), flow->stages->folder, name, out);
}

static int32_t reject_piece(struct mizan_task *task, const struct mizan_record *record,
                            const char *reason)
{
    struct mz_flow *flow = task->context;
    struct mz_stage_result result = {.reason = reason};
    mz_flow_letter(flow, MZ_REJECT, &result,
                   record != NULL ? record : flow->unit->document);
    return flow->exhausted ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static int32_t read_body(struct mizan_task *task, uint64_t offset, void *out,
                         size_t size, size_t *got)
{
    struct mz_flow *flow = task->context;
    return mz_slices_read(flow->unit, offset, out, size, got);
}

static int32_t begin_slice(struct mizan_task *task, struct mizan_cursor *cursor)
{
    struct mz_flow *flow = task->context;
    const struct mz_slice_place *begin = &flow->unit->begin;
    cursor->offset = begin->offset;
    cursor->state = (struct mizan_slice){begin->state, begin->size};
    return MIZAN_OK;
}

static int32_t end_slice(struct mizan_task *task, const struct mizan_cursor *next)
{
    struct mz_flow *flow = task->context;
    return mz_slices_end(flow->unit, next) ? MIZAN_OK : MIZAN_ERROR_LIMIT;
}

static const struct mz_services extract_services = {.emit = emit_record,
                                                    .secret = secret,
                                                    .count = count_for_plugin,
                                                    .reject = reject_piece,
                                                    .body_read = read_body,
                                                    .slice_begin = begin_slice,
                                                    .slice_end = end_slice};

static void prepare_task(struct mz_flow *flow, struct mizan_task *task,
                         struct mz_error *error)
{
    memset(task, 0, sizeof *task);
    task->services = &extract_services;
    task->context = flow;
    task->arena = flow->unit->arena;
    task->stage = mz_flow_stage(flow)->name;
    task->record = flow->unit->url;
    task->cancel = flow->stages->cancel;
    task->error = error;
}

/* A plugin that cannot read this record rejects it; anything else is its failure. */
static void plugin_failed(struct mz_flow *flow, enum mz_code code,
                          const struct mz_error *error,
                          const struct mizan_record *record)
{
    struct mz_stage_result result = {.reason = error->message};
    enum mz_outcome outcome = code == MZ_INPUT ? MZ_REJECT : MZ_ERROR;
    mz_flow_letter(flow, outcome, &result, record);
}

static enum mz_code run_extract(struct mz_flow *flow, struct mizan_record *record,
                                struct mz_error *error)
{
    struct mizan_task task;
    struct mz_error failure = {.code = MZ_OK};
    struct mz_instance *instance = flow->stages->instances[flow->stage];
    if (!mz_instance_consumes(instance, mz_record_type(record))) {
        mz_flow_pass(flow, record);
        return MZ_OK;
    }
    size_t before = flow->out.count;
    prepare_task(flow, &task, &failure);
    enum mz_code code = mz_instance_extract(
        instance, &task, record, flow->stages->pipeline->plugin_time, &failure);
    const atomic_int *cancel = flow->stages->cancel;
    /* A plugin that says so while nobody stops the run is just a plugin that failed. */
    if (code == MZ_CANCELLED && cancel != NULL && atomic_load(cancel) != 0) {
        *error = failure;
        return code;
    }
    if (code != MZ_OK) {
        flow->out.count = before;
        plugin_failed(flow, code, &failure, record);
    }
    return MZ_OK;
}

/* ---- Lua stages ---- */

/* A unit whose memory is used up fails with a letter that says so. */
static void note_exhausted(struct mz_flow *flow, const struct mizan_record *record)
{
    if (flow->exhausted) {
        struct mz_stage_result result = {.reason = MZ_UNIT_TOO_LARGE};
        flow->exhausted = false;
        mz_flow_letter(flow, MZ_ERROR, &result, record);
    }
}

/* One record's result; false when the unit has failed. */
static bool take_each(void *owner, struct mizan_record *record,
                      const struct mz_stage_result *result)
{
    struct mz_flow *flow = owner;
    switch (result->outcome) {
    case MZ_PASS:
        for (size_t i = 0; i < result->count; i++) {
            mz_flow_pass(flow, result->records[i]);
        }
        break;
    case MZ_DROP:
        mz_flow_drop(flow, result->reason, record);
        break;
    case MZ_REJECT:
    case MZ_ERROR:
        mz_flow_letter(flow, result->outcome, result, record);
        break;
    }
    note_exhausted(flow, record);
    return !flow->unit->failed;
}

/* The records from `first` on that the stage sees, without a gap. */
static size_t count_seen(const struct mz_flow *flow, const struct mz_records *in,
                         size_t first)
{
    size_t count = 0;
    const char *seen = NULL; /* types are interned */
    for (; first + count < in->count; count++) {
        const struct mizan_record *record = in->items[first + count];
        if (mz_record_type(record) != seen && !mz_flow_sees(flow, record)) {
            break;
        }
        seen = mz_record_type(record);
    }
    return count;
}

static enum mz_code run_each(struct mz_flow *flow, const struct mz_records *in,
                             struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    for (size_t i = 0; i < in->count && !flow->unit->failed;) {
        size_t count = count_seen(flow, in, i);
        if (count == 0) {
            mz_flow_pass(flow, in->items[i++]);
            note_exhausted(flow, flow->unit->document);
            continue;
        }
        struct mz_each_call call = {.records = in->items + i,
                                    .count = count,
                                    .arena = flow->unit->arena,
                                    .done = take_each,
                                    .owner = flow};
        struct mz_error failure;
        enum mz_code code = mz_lua_each_of(flow->stages->lua, stage, &call, &failure);
        if (code == MZ_CANCELLED) {
            *error = failure;
            return code;
        }
        if (code != MZ_OK) {
            /* The budget of the unit or the memory of the script is used up: this unit
             * fails, the next one starts with a full budget. */
            struct mz_stage_result result = {.outcome = MZ_ERROR,
                                             .reason = failure.message};
            (void)take_each(flow, in->items[i + call.at], &result);
        }
        i += count;
    }
    return MZ_OK;
}

/* ---- stores ---- */

/* True when a later stage may still change the records. */
static bool changes_follow(const struct mz_flow *flow)
{
    const struct mz_pipeline *pipeline = flow->stages->pipeline;
    for (size_t i = flow->stage + 1; i < pipeline->stage_count; i++) {
        if (!mz_stage_is_store(&pipeline->stages[i])) {
            return true;
        }
    }
    return false;
}

/* Stores see the records as they are here and let all of them pass. */
static void deliver(struct mz_flow *flow, const struct mz_records *records)
{
    struct mz_unit *unit = flow->unit;
    struct mz_instance *instance = flow->stages->instances[flow->stage];
    struct mz_delivery *delivery = mz_arena_zero(unit->arena, sizeof *delivery);
    bool copy = changes_follow(flow);
    if (delivery == NULL) {
        flow->exhausted = true;
        return;
    }
    delivery->stage = flow->stage;
    for (size_t i = 0; i < records->count && !flow->exhausted; i++) {
        struct mizan_record *record = records->items[i];
        mz_flow_pass(flow, record);
        if (!mz_instance_consumes(instance, mz_record_type(record))) {
            continue;
        }
        if (copy) {
            record = mz_record_copy(unit->arena, record);
        }
        if (record == NULL ||
            !mz_records_add(&delivery->records, unit->arena, record)) {
            flow->exhausted = true;
        }
    }
    *unit->last_delivery = delivery;
    unit->last_delivery = &delivery->next;
}

/* ---- the way through ---- */

static void trace_all(struct mz_flow *flow, bool out, const struct mz_records *records)
{
    if (flow->stages->trace == NULL) {
        return;
    }
    for (size_t i = 0; i < records->count; i++) {
        flow->stages->trace(flow->stages->owner, flow->stage, out, records->items[i]);
    }
}

static enum mz_code run_stage(struct mz_flow *flow, const struct mz_records *in,
                              struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    enum mz_code code = MZ_OK;
    if (mz_stage_is_store(stage)) {
        deliver(flow, in);
        note_exhausted(flow, flow->unit->document);
        return MZ_OK;
    }
    if (stage->kind == MZ_STAGE_BRANCH || stage->kind == MZ_STAGE_MERGE ||
        stage->kind == MZ_STAGE_BATCH) {
        code = mz_flow_many(flow, in, error);
        note_exhausted(flow, flow->unit->document);
        return code;
    }
    if (stage->kind == MZ_STAGE_EACH) {
        return run_each(flow, in, error);
    }
    for (size_t i = 0; i < in->count && !flow->unit->failed; i++) {
        code = stage->kind == MZ_STAGE_EXEC ? mz_flow_exec(flow, in->items[i], error)
                                            : run_extract(flow, in->items[i], error);
        if (code != MZ_OK) {
            return code;
        }
        note_exhausted(flow, in->items[i]);
    }
    return MZ_OK;
}

static void count_records(struct mz_flow *flow, const char *what, size_t count)
{
    char name[128];
    snprintf(name, sizeof name, "%s.%s", mz_flow_stage(flow)->name, what);
    mz_counts_add(flow->stages->counts, "stages", name, (int64_t)count);
}

enum mz_code mz_flow_way(struct mz_flow *flow, size_t first, size_t stop,
                         struct mz_records *records, struct mz_error *error)
{
    const struct mz_stage *stages = flow->stages->pipeline->stages;
    enum mz_code code = MZ_OK;
    for (size_t i = first;
         i < stop && i <= flow->last && code == MZ_OK && !flow->unit->failed;
         i = stages[i].next) {
        flow->stage = i;
        memset(&flow->out, 0, sizeof flow->out);
        trace_all(flow, false, records);
        count_records(flow, "in", records->count);
        code = run_stage(flow, records, error);
        flow->stage = i; /* arms move it */
        trace_all(flow, true, &flow->out);
        count_records(flow, "out", flow->out.count);
        *records = flow->out;
    }
    return code;
}

enum mz_code mz_stages_run(struct mz_stages *stages, struct mz_unit *unit, size_t first,
                           size_t last, const struct mz_unit_context *context,
                           struct mz_error *error)
{
    struct mz_flow flow = {.stages = stages, .unit = unit, .last = last};
    struct mz_records records = {0};
    if (unit->next_stage != 0) {
        records = unit->passed;
        first = unit->next_stage;
    } else {
        enum mz_code read = mz_unit_rows(
            unit, stages->pipeline->stages[unit->stage].name, &records, error);
        if (read != MZ_OK) {
            return read;
        }
        /* Rows that came with the document belong to its first slice. */
        records.count = unit->slice > 0 && records.count > 1 ? 1 : records.count;
    }
    mz_lua_begin_unit(stages->lua, stages->pipeline, context);
    enum mz_code code =
        mz_flow_way(&flow, first, stages->pipeline->stage_count, &records, error);
    mz_lua_end_unit(stages->lua);
    return code;
}

/* ---- opening and closing ---- */

enum mz_code mz_stages_open(struct mz_stages *stages, struct mz_error *error)
{
    const struct mz_pipeline *pipeline = stages->pipeline;
    struct mz_unit unit = {.arena = stages->arena};
    stages->instances =
        mz_arena_zero(stages->arena, pipeline->stage_count * sizeof *stages->instances);
    if (stages->instances == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the stages");
    }
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const struct mz_stage *stage = &pipeline->stages[i];
        struct mz_flow flow = {.stages = stages, .unit = &unit, .stage = i};
        struct mizan_task task;
        if (stage->kind != MZ_STAGE_PLUGIN) {
            continue;
        }
        prepare_task(&flow, &task, error);
        enum mz_code code =
            mz_instance_open(stage->plugin, &task, stage->options,
                             pipeline->plugin_time, &stages->instances[i], error);
        if (code != MZ_OK) {
            mz_error_place(error, stage->file, stage->line, 0, 0);
            mz_stages_close(stages);
            return code;
        }
    }
    return MZ_OK;
}

void mz_stages_close(struct mz_stages *stages)
{
    if (stages->instances == NULL) {
        return;
    }
    for (size_t i = stages->pipeline->stage_count; i > 0; i--) {
        mz_instance_close(stages->instances[i - 1]);
        stages->instances[i - 1] = NULL;
    }
}
