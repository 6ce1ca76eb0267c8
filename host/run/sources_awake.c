#include "run/sources_awake.h"

#include <string.h>

#include "db/health.h"
#include "value/record.h"

/* The row of that source among those that rest, or NULL. */
static const struct mizan_value *find(const struct mizan_value *rows, const char *id)
{
    for (size_t i = 0; i < rows->as.list.count; i++) {
        if (mz_value_is(mz_map_member(&rows->as.list.items[i], "id"), id)) {
            return &rows->as.list.items[i];
        }
    }
    return NULL;
}

enum mz_code mz_sources_awake(struct mz_db *db, const char *run_id,
                              struct mz_counts *counts, struct mz_arena *arena,
                              const struct mz_source **sources, size_t *count,
                              const char *pipeline, struct mz_error *error)
{
    struct mizan_value rows = mz_nil();
    bool by_hand = false;
    size_t kept = 0;
    enum mz_code code = mz_home_run_is_by_hand(db, run_id, &by_hand, error);
    if (code == MZ_OK) {
        code = mz_home_resting(db, pipeline, by_hand, arena, &rows, error);
    }
    if (code != MZ_OK || rows.as.list.count == 0) {
        return code;
    }
    struct mz_source *awake = mz_arena_alloc(arena, (*count + 1) * sizeof *awake);
    if (awake == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for sources");
    }
    for (size_t i = 0; i < *count; i++) {
        const struct mizan_value *row = find(&rows, (*sources)[i].id);
        const struct mizan_value *paused =
            row == NULL ? NULL : mz_map_member(row, "paused");
        if (row == NULL) {
            awake[kept++] = (*sources)[i];
        } else {
            mz_counts_add(counts, "documents",
                          paused != NULL && paused->as.integer != 0 ? "paused_sources"
                                                                    : "resting_sources",
                          1);
        }
    }
    *sources = awake;
    *count = kept;
    return MZ_OK;
}
