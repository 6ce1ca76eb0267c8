/* Stages that need nothing of the run's own thread: leading extract plugins that
 * declare themselves thread-safe. They see a copy of the run's stages that counts
 * apart. */
#include "run/rows.h"
#include "run/stages_flow.h"

static bool may_run_anywhere(const struct mz_stage *stage)
{
    if (stage->kind != MZ_STAGE_PLUGIN) {
        return false;
    }
    const struct mizan_plugin *plugin = mz_plugin_descriptor(stage->plugin);
    return plugin->kind == MIZAN_KIND_EXTRACT &&
           (plugin->flags & MIZAN_PLUGIN_THREAD_SAFE) != 0;
}

size_t mz_stages_ahead_end(const struct mz_pipeline *pipeline, size_t first)
{
    size_t stage = first;
    while (stage < pipeline->stage_count &&
           may_run_anywhere(&pipeline->stages[stage])) {
        stage = pipeline->stages[stage].next;
    }
    return stage;
}

enum mz_code mz_stages_run_ahead(const struct mz_stages *stages, struct mz_unit *unit,
                                 size_t first, size_t stop, struct mz_counts *counts,
                                 const atomic_int *cancel, struct mz_error *error)
{
    struct mz_stages own = *stages;
    struct mz_flow flow = {
        .stages = &own, .unit = unit, .last = stages->pipeline->stage_count - 1};
    struct mz_records records = {0};
    own.lua = NULL;
    own.counts = counts;
    own.cancel = cancel;
    own.trace = NULL;
    own.verdict = NULL;
    enum mz_code code =
        mz_unit_rows(unit, stages->pipeline->stages[unit->stage].name, &records, error);
    if (code == MZ_OK) {
        code = mz_flow_way(&flow, first, stop, &records, error);
    }
    unit->passed = records;
    unit->next_stage = stop;
    return code;
}
