/* A pipeline as JSON, for `describe`, `check` and the scheduler. */
#include "lua/pipeline.h"

#include <string.h>

#include "base/clock.h"
#include "lua/timetable.h"
#include "value/json.h"
#include "value/record.h"

static void add_text(struct mz_buffer *out, const char *text)
{
    if (text == NULL) {
        mz_buffer_text(out, "null");
    } else {
        mz_json_text(out, text, strlen(text));
    }
}

/* `,"key":` or, as the first of an object, `"key":`. */
static void add_key(struct mz_buffer *out, const char *key, bool first)
{
    mz_buffer_printf(out, "%s\"%s\":", first ? "" : ",", key);
}

static bool is_secret(const struct mz_schema *schema, struct mizan_slice name)
{
    for (size_t i = 0; i < schema->count; i++) {
        struct mizan_option option = mz_schema_option(schema, i);
        if (strlen(option.name) == name.size &&
            memcmp(option.name, name.data, name.size) == 0) {
            return (option.flags & MIZAN_OPTION_SECRET) != 0;
        }
    }
    return false;
}

static void add_options(struct mz_buffer *out, const struct mz_stage *stage)
{
    struct mz_schema schema = mz_stage_schema(stage);
    bool first = true;
    mz_buffer_byte(out, '{');
    for (size_t i = 0; i < stage->given.as.map.count; i++) {
        const struct mizan_field *field = &stage->given.as.map.fields[i];
        if (mz_option_is_common(field->name.data) || is_secret(&schema, field->name)) {
            continue;
        }
        mz_buffer_text(out, first ? "" : ",");
        mz_json_text(out, field->name.data, field->name.size);
        mz_buffer_byte(out, ':');
        mz_json_value(out, &field->value);
        first = false;
    }
    mz_buffer_byte(out, '}');
}

/* The positions of its stages in the list, from 0; `end` is not one of them. */
static void add_arm(struct mz_buffer *out, const struct mz_arm *arm)
{
    mz_buffer_byte(out, '{');
    add_key(out, "name", true);
    add_text(out, arm->name);
    mz_buffer_printf(out, ",\"first\":%zu,\"end\":%zu}", arm->first, arm->end);
}

static void add_stage(struct mz_buffer *out, const struct mz_stage *stage)
{
    mz_buffer_byte(out, '{');
    add_key(out, "name", true);
    add_text(out, stage->name);
    add_key(out, "kind", false);
    if (stage->kind != MZ_STAGE_PLUGIN) {
        add_text(out, mz_stage_word(stage));
        add_key(out, "type", false);
        add_text(out, stage->type);
        if (stage->options != NULL) {
            add_key(out, "options", false);
            add_options(out, stage);
        }
        for (size_t i = 0; i < stage->arm_count; i++) {
            mz_buffer_text(out, i == 0 ? ",\"arms\":[" : ",");
            add_arm(out, &stage->arms[i]);
        }
        mz_buffer_text(out, stage->arm_count > 0 ? "]" : "");
    } else {
        const struct mizan_plugin *plugin = mz_plugin_descriptor(stage->plugin);
        add_text(out, mz_kind_name((enum mizan_kind)plugin->kind));
        add_key(out, "plugin", false);
        add_text(out, mz_plugin_label(stage->plugin));
        add_key(out, "version", false);
        add_text(out, plugin->version);
        add_key(out, "options", false);
        add_options(out, stage);
    }
    add_key(out, "line", false);
    mz_buffer_printf(out, "%d}", stage->line);
}

static void add_parameter(struct mz_buffer *out, const struct mz_parameter *parameter)
{
    mz_buffer_byte(out, '{');
    add_key(out, "name", true);
    add_text(out, parameter->name);
    add_key(out, "type", false);
    add_text(out, parameter->type);
    add_key(out, "value", false);
    mz_json_value(out, &parameter->value);
    add_key(out, "help", false);
    add_text(out, parameter->help);
    mz_buffer_byte(out, '}');
}

static void add_limits(struct mz_buffer *out, const struct mz_pipeline *pipeline)
{
    mz_buffer_printf(out, "{\"memory\":%zu,\"unit\":%lld,\"plugin\":%lld,\"run\":%lld",
                     pipeline->memory, (long long)pipeline->unit_time,
                     (long long)pipeline->plugin_time, (long long)pipeline->run_time);
    /* Not given: it depends on the machine. */
    if (pipeline->threads > 0) {
        mz_buffer_printf(out, ",\"threads\":%lld", (long long)pipeline->threads);
    }
    mz_buffer_byte(out, '}');
}

#define TICKS 3

static void add_ticks(struct mz_buffer *out, const struct mz_timetable *timetable,
                      int64_t now)
{
    char text[MZ_TIME_TEXT];
    struct mz_tick tick = {.time = now / 1000 - (now % 1000 < 0 ? 1 : 0)};
    bool ticks = timetable != NULL && timetable->expression != NULL;
    for (int i = 0; ticks && i < TICKS; i++) {
        if (!mz_cron_next(&timetable->cron, timetable->zone, tick.time, &tick)) {
            return;
        }
        mz_buffer_printf(out, "%s\"%s\"", i == 0 ? "" : ",",
                         mz_time_format(tick.time * 1000, text));
    }
}

void mz_pipeline_describe(const struct mz_pipeline *pipeline, int64_t now,
                          struct mz_buffer *out)
{
    mz_buffer_byte(out, '{');
    add_key(out, "name", true);
    add_text(out, pipeline->name);
    add_key(out, "file", false);
    add_text(out, pipeline->file);
    add_key(out, "about", false);
    mz_json_value(out, &pipeline->about);
    add_key(out, "schedule", false);
    mz_json_value(out, &pipeline->schedule);
    add_key(out, "next", false);
    mz_buffer_byte(out, '[');
    add_ticks(out, pipeline->timetable, now);
    mz_buffer_byte(out, ']');
    add_key(out, "stages", false);
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        mz_buffer_byte(out, i == 0 ? '[' : ',');
        add_stage(out, &pipeline->stages[i]);
    }
    mz_buffer_text(out, "],\"params\":[");
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        mz_buffer_text(out, i == 0 ? "" : ",");
        add_parameter(out, &pipeline->parameters[i]);
    }
    mz_buffer_byte(out, ']');
    add_key(out, "limits", false);
    add_limits(out, pipeline);
    add_key(out, "hash", false);
    add_text(out, pipeline->script_hash);
    for (size_t i = 0; i < pipeline->file_count; i++) {
        mz_buffer_text(out, i == 0 ? ",\"files\":[" : ",");
        add_text(out, pipeline->files[i]);
    }
    mz_buffer_text(out, pipeline->file_count > 0 ? "]" : "");
    mz_buffer_byte(out, '}');
}
