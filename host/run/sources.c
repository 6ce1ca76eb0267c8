/* The list of sources, from the options of the fetch stage. */
#include "run/intake.h"

static enum mz_code add_source(const struct mizan_value *given, const char *id,
                               struct mz_arena *arena, struct mizan_record **out,
                               struct mz_error *error)
{
    struct mizan_record *record = mz_record_create(arena, "source");
    struct mizan_value name = mz_text(id);
    bool stored = record != NULL;
    for (size_t i = 0; stored && given != NULL && i < given->as.map.count; i++) {
        const struct mizan_field *field = &given->as.map.fields[i];
        const struct mz_name *key = mz_name_intern(field->name.data, field->name.size);
        stored = key != NULL && mz_record_set(record, key, &field->value) == MIZAN_OK;
    }
    if (stored && given == NULL) {
        stored = mz_record_put(record, "id", &name) == MIZAN_OK;
    }
    *out = record;
    return stored ? MZ_OK : mz_fail(error, MZ_MEMORY, "not enough memory for sources");
}

enum mz_code mz_sources_list(const struct mz_stage *stage, struct mz_arena *arena,
                             const struct mizan_record *const **out, size_t *count,
                             struct mz_error *error)
{
    struct mz_schema schema = mz_plugin_schema(stage->plugin);
    const struct mizan_value *list = NULL;
    for (size_t i = 0; i < schema.count && list == NULL; i++) {
        struct mizan_option option = mz_schema_option(&schema, i);
        if (option.type == MIZAN_OPTION_SOURCES) {
            const struct mizan_value *value = mz_option(stage->options, option.name);
            list = value != NULL && value->type == MIZAN_LIST ? value : NULL;
        }
    }
    size_t number = list == NULL ? 1 : list->as.list.count;
    struct mizan_record **records =
        mz_arena_zero(arena, (number + 1) * sizeof *records);
    if (records == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for sources");
    }
    for (size_t i = 0; i < number; i++) {
        enum mz_code code = add_source(list == NULL ? NULL : &list->as.list.items[i],
                                       stage->name, arena, &records[i], error);
        if (code != MZ_OK) {
            return code;
        }
    }
    *out = (const struct mizan_record *const *)records;
    *count = number;
    return MZ_OK;
}
