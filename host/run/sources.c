/* The list of sources, from the options of the fetch stages. */
#include "run/intake.h"
#include "run/intake_script.h"

#include <string.h>

static enum mz_code add_source(const struct mizan_value *given, const char *id,
                               struct mz_arena *arena, struct mz_source *out,
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
    out->record = record;
    out->id = stored ? mz_record_text(record, "id") : NULL;
    return stored ? MZ_OK : mz_fail(error, MZ_MEMORY, "not enough memory for sources");
}

/* The list that the stage was given, or NULL: it is one source itself. */
static const struct mizan_value *list_of(const struct mz_stage *stage)
{
    struct mz_schema schema = mz_stage_schema(stage);
    for (size_t i = 0; i < schema.count; i++) {
        struct mizan_option option = mz_schema_option(&schema, i);
        if (option.type == MIZAN_OPTION_SOURCES) {
            const struct mizan_value *value = mz_option(stage->options, option.name);
            return value != NULL && value->type == MIZAN_LIST ? value : NULL;
        }
    }
    return NULL;
}

static size_t count_of(const struct mz_stage *stage)
{
    const struct mizan_value *list = list_of(stage);
    return list == NULL ? 1 : list->as.list.count;
}

/* State and validators are kept by the id alone. */
static enum mz_code check_unique(const struct mz_pipeline *pipeline,
                                 const struct mz_source *sources, size_t count,
                                 struct mz_error *error)
{
    const struct mz_source *last = &sources[count - 1];
    for (size_t i = 0; i + 1 < count && last->id != NULL; i++) {
        if (sources[i].stage != last->stage && strcmp(sources[i].id, last->id) == 0) {
            const struct mz_stage *stage = &pipeline->stages[last->stage];
            mz_fail(error, MZ_SCRIPT, "two fetch stages have a source '%s': %s and %s",
                    last->id, pipeline->stages[sources[i].stage].name, stage->name);
            mz_error_place(error, stage->file, stage->line, 0, 0);
            return MZ_SCRIPT;
        }
    }
    return MZ_OK;
}

enum mz_code mz_sources_list(const struct mz_pipeline *pipeline, struct mz_arena *arena,
                             const struct mz_source **out, size_t *count,
                             struct mz_error *error)
{
    size_t number = 0, used = 0;
    for (size_t s = 0; s < pipeline->stage_count; s++) {
        const struct mz_stage *stage = &pipeline->stages[s];
        number += mz_stage_fetches(stage) ? count_of(stage) : 0;
    }
    struct mz_source *sources = mz_arena_zero(arena, (number + 1) * sizeof *sources);
    if (sources == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for sources");
    }
    for (size_t s = 0; s < pipeline->stage_count; s++) {
        const struct mz_stage *stage = &pipeline->stages[s];
        const struct mizan_value *list =
            mz_stage_fetches(stage) ? list_of(stage) : NULL;
        size_t of_stage = mz_stage_fetches(stage) ? count_of(stage) : 0;
        for (size_t i = 0; i < of_stage; i++) {
            sources[used].stage = s;
            enum mz_code code =
                add_source(list == NULL ? NULL : &list->as.list.items[i], stage->name,
                           arena, &sources[used++], error);
            if (code == MZ_OK) {
                code = check_unique(pipeline, sources, used, error);
            }
            if (code != MZ_OK) {
                return code;
            }
        }
    }
    *out = sources;
    *count = number;
    return MZ_OK;
}

bool mz_source_is_script(const struct mz_intake_settings *settings,
                         const struct mz_source *source)
{
    const struct mz_pipeline *pipeline = settings->stages->pipeline;
    return pipeline->stages[source->stage].kind == MZ_STAGE_SOURCE;
}

void mz_source_owns(const struct mz_source *source, struct mz_unit *unit)
{
    unit->source = source->record;
    unit->source_id = source->id;
    unit->stage = source->stage;
}

struct mz_intake_item mz_source_end(const struct mz_source *source,
                                    struct mz_pending *pending, enum mz_code code,
                                    const char *message)
{
    struct mz_intake_item item = {
        .kind = MZ_INTAKE_SOURCE_END,
        .source = source->record,
        .source_id = source->id,
        .changes = pending->changes,
        .validators = pending->validators,
        .failure = code,
    };
    if (code != MZ_OK) {
        item.message =
            pending->arena == NULL ? NULL : mz_arena_string(pending->arena, message);
        item.message = item.message == NULL ? "not enough memory" : item.message;
    }
    return item;
}
