#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/handover.h"
#include "cli/ticks.h"
#include "lua/lint.h"
#include "lua/timetable.h"
#include "lua/types.h"
#include "run/run.h"
#include "run/supervise.h"
#include "value/json.h"

/* One file in one child: a plugin that crashes when it is loaded costs this file only.
 */
struct check {
    const struct mz_arguments *arguments;
    const char *file;
    bool describe; /* print the whole description instead of one line */
    bool json;
};

static void print_checked(const struct check *check, const struct mz_pipeline *pipeline)
{
    if (check->json) {
        struct mz_buffer out;
        mz_buffer_init(&out, 4096 + 2 * strlen(pipeline->file));
        mz_buffer_text(&out, "{\"v\":1,\"file\":");
        mz_json_text(&out, pipeline->file, strlen(pipeline->file));
        mz_buffer_text(&out, ",\"pipeline\":");
        mz_json_text(&out, pipeline->name, strlen(pipeline->name));
        mz_buffer_printf(&out, ",\"stages\":%zu,\"ok\":true}", pipeline->stage_count);
        printf("%s\n", out.data);
        mz_buffer_finish(&out);
        return;
    }
    printf("%s: ok, pipeline %s, %zu stages:", check->file, pipeline->name,
           pipeline->stage_count);
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        printf("%s %s", i == 0 ? "" : " →", pipeline->stages[i].name);
    }
    printf("\n");
}

static void print_map(const char *title, const struct mizan_value *map)
{
    struct mz_buffer out;
    if (map->type != MIZAN_MAP || map->as.map.count == 0) {
        return;
    }
    mz_buffer_init(&out, (size_t)1 << 20);
    printf("%-10s", title);
    for (size_t i = 0; i < map->as.map.count; i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        mz_buffer_clear(&out);
        mz_json_value(&out, &field->value);
        printf("%s%.*s = %s", i == 0 ? "" : ", ", (int)field->name.size,
               field->name.data, out.data == NULL ? "" : out.data);
    }
    printf("\n");
    mz_buffer_finish(&out);
}

static void print_stage(const struct mz_stage *stage)
{
    if (stage->kind != MZ_STAGE_PLUGIN) {
        printf("  %-14s %s %s (line %d)\n", stage->name, mz_stage_word(stage),
               stage->type, stage->line);
        return;
    }
    printf("  %-14s %s %s", stage->name, mz_plugin_label(stage->plugin),
           mz_plugin_descriptor(stage->plugin)->version);
    if (stage->given.type == MIZAN_MAP && stage->given.as.map.count > 0) {
        printf("  ");
        print_map("", &stage->given);
        return;
    }
    printf("\n");
}

static void print_ticks(const struct mz_timetable *timetable)
{
    struct mz_buffer out;
    if (timetable == NULL || timetable->expression == NULL) {
        return;
    }
    const struct mz_tick_request request = {&timetable->cron, timetable->zone,
                                            mz_seconds(mz_clock_now()), MZ_TICKS_SHOWN};
    mz_buffer_init(&out, 4096);
    mz_ticks_text(&out, &request, "next      ", true);
    printf("%s", out.data == NULL ? "" : out.data);
    mz_buffer_finish(&out);
}

static void print_described(const struct mz_pipeline *pipeline, bool json)
{
    if (json) {
        struct mz_buffer out;
        mz_buffer_init(&out, (size_t)64 << 20);
        mz_pipeline_describe(pipeline, mz_clock_now(), &out);
        printf("%s\n", out.data == NULL ? "{}" : out.data);
        mz_buffer_finish(&out);
        return;
    }
    printf("%-10s%s\n%-10s%s\n", "pipeline", pipeline->name, "file", pipeline->file);
    print_map("about", &pipeline->about);
    print_map("schedule", &pipeline->schedule);
    print_ticks(pipeline->timetable);
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct mz_parameter *p = &pipeline->parameters[i];
        printf("%-10s%s (%s)%s%s\n", i == 0 ? "params" : "", p->name, p->type,
               p->help == NULL ? "" : ": ", p->help == NULL ? "" : p->help);
    }
    printf("stages\n");
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        print_stage(&pipeline->stages[i]);
    }
}

static void warn(void *owner, const char *file, int line, const char *text)
{
    (void)owner;
    fprintf(stderr, "warning: %s:%d: %s\n", file, line, text);
}

static int check_child(void *argument, struct mz_activity *activity)
{
    const struct check *check = argument;
    struct mz_loaded loaded;
    struct mz_error error;
    const char *const *parameters;
    (void)activity;
    size_t count = mz_argument_all(check->arguments, "param", &parameters);
    enum mz_code code =
        mz_loaded_init(&loaded, check->file,
                       check->describe ? mz_argument(check->arguments, "db") : NULL,
                       parameters, count, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    if (check->describe && mz_argument(check->arguments, "md") != NULL) {
        code = mz_handover_print(&loaded, &error);
    } else if (check->describe) {
        print_described(loaded.pipeline, check->json);
    } else {
        mz_lua_lint(loaded.lua, warn, NULL);
        print_checked(check, loaded.pipeline);
    }
    mz_loaded_finish(&loaded);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

static int check_one(const struct mz_arguments *arguments, const char *file,
                     bool describe)
{
    struct mz_supervision supervision = {.wall_limit = 60000};
    struct check check = {.arguments = arguments,
                          .file = file,
                          .describe = describe,
                          .json = mz_argument(arguments, "json") != NULL};
    return mz_supervise(check_child, &check, &supervision);
}

int mz_command_check(const struct mz_arguments *arguments)
{
    int worst = 0;
    for (size_t i = 0; i < mz_operand_count(arguments); i++) {
        int status = check_one(arguments, mz_operand(arguments, i), false);
        worst = status > worst ? status : worst;
        if (status > 128) {
            break; /* told to stop: that is meant for all of them */
        }
    }
    return worst;
}

/* Types need all plugins, which a child loads, so that one that crashes shows as such.
 */
static int types_child(void *argument, struct mz_activity *activity)
{
    struct mz_environment environment;
    struct mz_error error;
    (void)argument;
    (void)activity;
    enum mz_code code = mz_environment_init(&environment, NULL, NULL, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_types_print(environment.registry, environment.arena, stdout, &error);
    mz_environment_finish(&environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_describe(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.wall_limit = 60000};
    struct mz_error error;
    if (mz_argument(arguments, "luacheck") != NULL) {
        mz_luacheck_print(stdout);
        return 0;
    }
    if (mz_argument(arguments, "types") != NULL) {
        return mz_supervise(types_child, NULL, &supervision);
    }
    if (mz_operand_count(arguments) == 0) {
        mz_fail(&error, MZ_USAGE, "describe wants a file, --types or --luacheck");
        return mz_command_fail(&error);
    }
    return check_one(arguments, mz_operand(arguments, 0), true);
}
