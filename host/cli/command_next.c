#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/next_batch.h"
#include "cli/ticks.h"
#include "lua/timetable.h"
#include "run/run.h"
#include "run/supervise.h"
#include "value/json.h"

#define MOST_COUNT   100000
#define ZONE_CEILING ((size_t)4 << 20)
#define LINE_CEILING ((size_t)256) /* bytes that the text of a tick may take */

struct question {
    const struct mz_arguments *arguments;
    const char *expression, *pipeline, *file; /* the last two: of FILE.lua, or NULL */
    struct mz_tick_request request;
};

static void add_member(struct mz_buffer *out, const char *name, const char *text)
{
    mz_buffer_printf(out, "\"%s\":", name);
    mz_json_text(out, text, strlen(text));
    mz_buffer_byte(out, ',');
}

static void answer_json(struct mz_buffer *out, const struct question *question)
{
    char text[MZ_TIME_TEXT];
    char release[16];
    mz_buffer_text(out, "{\"v\":1,");
    if (question->file != NULL) {
        add_member(out, "file", question->file);
        add_member(out, "pipeline", question->pipeline);
    }
    add_member(out, "expr", question->expression);
    add_member(out, "tz", mz_zone_name(question->request.zone));
    add_member(out, "from", mz_time_format(question->request.from * 1000, text));
    mz_buffer_text(out, "\"next\":");
    mz_ticks_json(out, &question->request);
    if (mz_argument(question->arguments, "explain") != NULL) {
        mz_buffer_text(out, ",\"explain\":");
        mz_ticks_explain_json(out, &question->request);
        mz_zone_release(NULL, release);
        mz_buffer_text(out, ",\"tzdata\":");
        mz_json_text(out, release, strlen(release));
    }
    mz_buffer_text(out, "}\n");
}

static int answer(const struct question *question)
{
    struct mz_buffer out;
    struct mz_error error;
    enum mz_code code = MZ_OK;
    bool explain = mz_argument(question->arguments, "explain") != NULL;
    bool json = mz_argument(question->arguments, "json") != NULL;
    mz_buffer_init(&out,
                   LINE_CEILING * (size_t)question->request.count + 8 * LINE_CEILING);
    if (json) {
        answer_json(&out, question);
    } else {
        mz_ticks_text(&out, &question->request, "", explain);
    }
    if (!mz_buffer_ok(&out)) {
        code = mz_fail(&error, MZ_MEMORY, "not enough memory for the answer");
    } else if (out.size > 0 && fwrite(out.data, 1, out.size, stdout) != out.size) {
        code = mz_fail_errno(&error, MZ_IO, "standard output cannot be written");
    } else if (out.size == 0) {
        fprintf(stderr, "nothing is due after this time, up to the year 9999\n");
    }
    mz_buffer_finish(&out);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

/* ---- what is asked ---- */

static enum mz_code read_from(const struct mz_arguments *arguments, int64_t *from,
                              struct mz_error *error)
{
    const char *text = mz_argument(arguments, "from");
    int64_t time = mz_clock_now();
    if (text != NULL && !mz_time_parse(text, strlen(text), &time)) {
        mz_fail(error, MZ_USAGE, "--from takes a time, not '%s'", text);
        mz_error_help(error, "write 2025-03-30, 2025-03-30T01:00:00Z or "
                             "2025-03-30T03:00+02:00");
        return MZ_USAGE;
    }
    *from = mz_seconds(time);
    return MZ_OK;
}

static int ask_expression(struct question *question, struct mz_arena *arena)
{
    struct mz_error error;
    struct mz_cron cron;
    const char *zone = mz_argument(question->arguments, "tz");
    const char *id = mz_argument(question->arguments, "id");
    question->expression = mz_operand(question->arguments, 0);
    if (mz_cron_parse(question->expression, id, &cron, &error) != MZ_OK) {
        mz_error_print_text(&error, question->expression, stderr);
        return mz_exit_status(error.code);
    }
    if (mz_zone_load(NULL, zone == NULL ? "UTC" : zone, arena, &question->request.zone,
                     &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    if (cron.hashed && id == NULL) {
        fprintf(stderr, "H is drawn from an empty name here; --id NAME draws it from a "
                        "pipeline's\n");
    }
    question->request.cron = &cron;
    return answer(question);
}

static int ask_file(void *argument, struct mz_activity *activity)
{
    struct question *question = argument;
    struct mz_loaded loaded;
    struct mz_error error;
    const char *const *parameters;
    (void)activity;
    size_t count = mz_argument_all(question->arguments, "param", &parameters);
    question->file = mz_operand(question->arguments, 0);
    if (mz_loaded_init(&loaded, question->file, NULL, parameters, count, &error) !=
        MZ_OK) {
        return mz_command_fail(&error);
    }
    const struct mz_timetable *timetable = loaded.pipeline->timetable;
    int status;
    if (timetable == NULL || timetable->expression == NULL) {
        mz_fail(&error, MZ_CONFIGURATION, "the pipeline %s has no schedule",
                loaded.pipeline->name);
        mz_error_place(&error, question->file, 0, 0, 0);
        mz_error_help(&error, "add schedule = { cron = \"17 */2 * * *\" }");
        status = mz_command_fail(&error);
    } else {
        question->pipeline = loaded.pipeline->name;
        question->expression = timetable->expression;
        question->request.cron = &timetable->cron;
        question->request.zone = timetable->zone;
        status = answer(question);
    }
    mz_loaded_finish(&loaded);
    return status;
}

static int usage(const char *sentence)
{
    struct mz_error error;
    mz_fail(&error, MZ_USAGE, "%s", sentence);
    mz_error_help(&error, "mizan help next shows examples");
    return mz_command_fail(&error);
}

int mz_command_next(const struct mz_arguments *arguments)
{
    struct mz_error error;
    struct question question = {.arguments = arguments};
    bool batch = mz_argument(arguments, "batch") != NULL;
    const char *operand = mz_operand(arguments, 0);
    if (!mz_argument_number(arguments, "count", 10, &question.request.count)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (question.request.count < 1 || question.request.count > MOST_COUNT) {
        return usage("--count goes from 1 to 100000");
    }
    if (batch) {
        return mz_next_batch(operand == NULL ? "-" : operand, question.request.count);
    }
    if (operand == NULL) {
        return usage("mizan next needs an expression, a pipeline's file or --batch");
    }
    if (read_from(arguments, &question.request.from, &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    if (mz_ends_with(operand, ".lua")) {
        struct mz_supervision supervision = {.wall_limit = 60000};
        if (mz_argument(arguments, "tz") != NULL ||
            mz_argument(arguments, "id") != NULL) {
            return usage("--tz and --id are the pipeline's own when a file is given");
        }
        return mz_supervise(ask_file, &question, &supervision);
    }
    struct mz_arena *arena = mz_arena_create(ZONE_CEILING);
    if (arena == NULL) {
        mz_fail(&error, MZ_MEMORY, "not enough memory for a time zone");
        return mz_command_fail(&error);
    }
    int status = ask_expression(&question, arena);
    mz_arena_destroy(arena);
    return status;
}
