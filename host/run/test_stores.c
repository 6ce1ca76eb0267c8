/* What a run under test stores goes to files of the test: a path that an option of a
 * store names is the user's, and may hold what earlier runs wrote. */
#include "run/test_stores.h"

#include "base/file.h"
#include "value/record.h"

/* The path, or each of the list, as PREFIX.STAGE.NAME. */
static bool redirect(struct mz_arena *arena, const char *prefix, size_t stage,
                     struct mizan_value *value)
{
    if (value->type == MIZAN_TEXT && value->as.text.size > 0) {
        const char *path = mz_arena_printf(arena, "%s.%zu.%s", prefix, stage,
                                           mz_path_name(value->as.text.data));
        *value = path == NULL ? mz_nil() : mz_text(path);
        return path != NULL;
    }
    if (value->type != MIZAN_LIST) {
        return true;
    }
    struct mizan_value *items =
        mz_arena_alloc(arena, (value->as.list.count + 1) * sizeof *items);
    bool good = items != NULL;
    for (size_t i = 0; good && i < value->as.list.count; i++) {
        items[i] = value->as.list.items[i];
        good = redirect(arena, prefix, stage, &items[i]);
    }
    if (good) {
        value->as.list.items = items;
    }
    return good;
}

enum mz_code mz_test_stores(const struct mz_loaded *loaded, const char *prefix,
                            struct mz_error *error)
{
    const struct mz_pipeline *pipeline = loaded->pipeline;
    struct mz_arena *arena = loaded->environment.arena;
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const struct mz_stage *stage = &pipeline->stages[i];
        if (!mz_stage_is_store(stage)) {
            continue;
        }
        struct mz_schema schema = mz_stage_schema(stage);
        for (size_t k = 0; k < schema.count; k++) {
            struct mizan_option option = mz_schema_option(&schema, k);
            struct mizan_value value = *mz_option(stage->options, option.name);
            if (option.type == MIZAN_OPTION_PATH &&
                (!redirect(arena, prefix, i, &value) ||
                 !mz_option_replace(stage->options, option.name, value))) {
                return mz_fail(error, MZ_MEMORY,
                               "not enough memory for the stores of a test");
            }
        }
    }
    return MZ_OK;
}
