/* extract.exec: a program of the user's for each document. Only programs that the
 * project's mizan.lua names are run. Exit status 65 (EX_DATAERR) rejects the document
 * with the last line of standard error as the reason; any other but 0 is a failure. */
#include <stdio.h>

#include "base/program.h"
#include "base/text.h"
#include "plug/activity.h"
#include "run/stages_flow.h"
#include "value/json.h"

#define REJECTED 65

static const char *text_option(const struct mz_stage *stage, const char *name)
{
    return mz_option(stage->options, name)->as.text.data;
}

/* The arguments with the program's name in front. */
static const char *const *arguments_of(const struct mz_stage *stage,
                                       struct mz_arena *arena)
{
    const struct mizan_value *list = mz_option(stage->options, "arguments");
    size_t count = list->type == MIZAN_LIST ? list->as.list.count : 0;
    const char **out = mz_arena_zero(arena, (count + 2) * sizeof *out);
    if (out != NULL) {
        out[0] = text_option(stage, "program");
        for (size_t i = 0; i < count; i++) {
            out[i + 1] = list->as.list.items[i].as.text.data;
        }
    }
    return out;
}

static enum mz_code run_program(struct mz_flow *flow, const struct mizan_record *record,
                                struct mz_program_end *end, struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    const struct mizan_value *input =
        mz_record_find(record, text_option(stage, "input"));
    bool text =
        input != NULL && (input->type == MIZAN_TEXT || input->type == MIZAN_BYTES);
    struct mz_program program = {
        .path = text_option(stage, "program"),
        .arguments = arguments_of(stage, flow->unit->arena),
        .folder = flow->stages->folder,
        .input = text ? input->as.text.data : "",
        .input_size = text ? input->as.text.size : 0,
        .timeout = mz_option(stage->options, "timeout")->as.integer,
        .output_most = (size_t)mz_option(stage->options, "most")->as.integer,
        .cancel = flow->stages->cancel};
    memset(end, 0, sizeof *end);
    if (program.arguments == NULL) {
        return mz_fail(error, MZ_MEMORY, MZ_UNIT_TOO_LARGE);
    }
    mz_activity_begin("extract.exec", "run", stage->name, flow->unit->url,
                      program.timeout + 5000);
    enum mz_code code = mz_program_run(&program, end, error);
    mz_activity_end();
    return code;
}

/* Passes on a record for each line of JSON. */
static enum mz_code take_lines(struct mz_flow *flow, const struct mz_buffer *output,
                               struct mz_error *error)
{
    const char *type = text_option(mz_flow_stage(flow), "type");
    struct mz_arena *arena = flow->unit->arena;
    const char *at = output->data, *stop = at + output->size;
    for (size_t number = 1; output->size > 0 && at < stop; number++) {
        const char *end = memchr(at, '\n', (size_t)(stop - at));
        size_t size = end != NULL ? (size_t)(end - at) : (size_t)(stop - at);
        struct mizan_value value = mz_nil();
        if (size > 0) {
            enum mz_code code = mz_json_parse(arena, at, size, &value, error);
            if (code != MZ_OK || value.type != MIZAN_MAP) {
                return code == MZ_MEMORY
                           ? code
                           : mz_fail(
                                 error, MZ_INPUT,
                                 "line %zu of the program's output is no JSON object",
                                 number);
            }
            struct mizan_record *record = mz_record_create(arena, type);
            bool stored = record != NULL;
            for (size_t i = 0; stored && i < value.as.map.count; i++) {
                const struct mizan_field *field = &value.as.map.fields[i];
                stored =
                    mz_record_put(record, field->name.data, &field->value) == MIZAN_OK;
            }
            if (!stored) {
                return mz_fail(error, MZ_MEMORY, MZ_UNIT_TOO_LARGE);
            }
            mz_flow_pass(flow, record);
        }
        at += size + 1;
    }
    return MZ_OK;
}

static enum mz_code take_output(struct mz_flow *flow, struct mizan_record *record,
                                const struct mz_buffer *output, struct mz_error *error)
{
    const struct mz_stage *stage = mz_flow_stage(flow);
    if (strcmp(text_option(stage, "output"), "jsonl") == 0) {
        mz_flow_pass(flow, record);
        return take_lines(flow, output, error);
    }
    const char *data = output->size > 0 ? output->data : "";
    struct mizan_value text = mz_utf8_valid(data, output->size)
                                  ? mz_text_slice(data, output->size)
                                  : mz_bytes(data, output->size);
    const char *field = text_option(stage, "field");
    /* A text is stored under the name of what made it. */
    struct mizan_value version = mz_text("1");
    struct mizan_value maker = mz_text(mz_arena_printf(
        flow->unit->arena, "extract.exec %s", text_option(stage, "program")));
    bool stored = maker.type != MIZAN_NIL &&
                  mz_record_put(record, field, &text) == MIZAN_OK &&
                  (strcmp(field, "text") != 0 ||
                   (mz_record_put(record, "text_extractor", &maker) == MIZAN_OK &&
                    mz_record_put(record, "text_version", &version) == MIZAN_OK));
    if (!stored) {
        return mz_fail(error, MZ_MEMORY, MZ_UNIT_TOO_LARGE);
    }
    mz_flow_pass(flow, record);
    return MZ_OK;
}

static enum mz_code judge_status(const struct mz_stage *stage,
                                 const struct mz_program_end *end,
                                 struct mz_error *error)
{
    const char *program = text_option(stage, "program");
    const char *mark = end->note[0] != '\0' ? ": " : "";
    if (end->status == REJECTED) {
        return mz_fail(error, MZ_INPUT, "%s",
                       end->note[0] != '\0' ? end->note : "rejected by the program");
    }
    if (end->status < 0) {
        return mz_fail(error, MZ_PLUGIN_REFUSED,
                       "the program %s was ended by signal %d%s%s", program,
                       -end->status, mark, end->note);
    }
    return end->status == 0 ? MZ_OK
                            : mz_fail(error, MZ_PLUGIN_REFUSED,
                                      "the program %s ended with status %d%s%s",
                                      program, end->status, mark, end->note);
}

enum mz_code mz_flow_exec(struct mz_flow *flow, struct mizan_record *record,
                          struct mz_error *error)
{
    struct mz_program_end end;
    struct mz_error failure = {.code = MZ_OK};
    size_t before = flow->out.count;
    if (!mz_flow_sees(flow, record)) {
        mz_flow_pass(flow, record);
        return MZ_OK;
    }
    enum mz_code code = run_program(flow, record, &end, &failure);
    if (code == MZ_CANCELLED) {
        *error = failure;
        mz_buffer_finish(&end.output);
        return code;
    }
    if (code == MZ_OK) {
        code = judge_status(mz_flow_stage(flow), &end, &failure);
    }
    if (code == MZ_OK) {
        code = take_output(flow, record, &end.output, &failure);
    }
    mz_buffer_finish(&end.output);
    if (code != MZ_OK) {
        struct mz_stage_result result = {.reason = failure.message};
        flow->out.count = before;
        mz_flow_letter(flow, code == MZ_INPUT ? MZ_REJECT : MZ_ERROR, &result, record);
    }
    return MZ_OK;
}

/* ---- what the project allows ---- */

/* Plugins that start the program of their option `program`. */
static bool starts_program(const struct mz_stage *stage)
{
    return stage->kind == MZ_STAGE_PLUGIN &&
           (strcmp(mz_plugin_label(stage->plugin), "fetch.exec") == 0 ||
            strcmp(mz_plugin_label(stage->plugin), "extract.pdf") == 0);
}

enum mz_code mz_stages_check_programs(const struct mz_pipeline *pipeline,
                                      const struct mz_project *project,
                                      struct mz_error *error)
{
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const struct mz_stage *stage = &pipeline->stages[i];
        bool allowed = stage->kind != MZ_STAGE_EXEC && !starts_program(stage);
        for (size_t k = 0; !allowed && k < project->program_count; k++) {
            allowed = strcmp(project->programs[k], text_option(stage, "program")) == 0;
        }
        if (!allowed) {
            mz_fail(error, MZ_NOT_PERMITTED,
                    "the project does not allow the program %s",
                    text_option(stage, "program"));
            mz_error_help(error, "programs = { \"%s\" } in %s/mizan.lua allows it",
                          text_option(stage, "program"), project->folder);
            mz_error_place(error, stage->file, stage->line, 0, 0);
            return MZ_NOT_PERMITTED;
        }
    }
    return MZ_OK;
}
