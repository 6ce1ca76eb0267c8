#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "db/migrate.h"
#include "run/environment.h"
#include "value/json.h"

static void print_json(const struct mz_migrated *done, bool plan)
{
    struct mz_buffer out;
    mz_buffer_init(&out, 1 << 16);
    mz_buffer_printf(&out, "{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"planned\":%s",
                     done->from, done->to, plan ? "true" : "false");
    if (done->backup[0] != '\0') {
        mz_buffer_text(&out, ",\"backup\":");
        mz_json_text(&out, done->backup, strlen(done->backup));
    }
    mz_buffer_text(&out, "}\n");
    if (mz_buffer_ok(&out)) {
        fputs(out.data, stdout);
    }
    mz_buffer_finish(&out);
}

static void print_text(const struct mz_migrated *done, const struct mz_migration *steps,
                       bool plan)
{
    if (done->count == 0) {
        printf("schema %" PRId64 ": nothing to do\n", done->from);
        return;
    }
    for (size_t i = 0; i < done->count; i++) {
        printf("%s %s\n", plan ? "would run" : "ran", steps[done->first + i].name);
    }
    printf("schema %" PRId64 " %s %" PRId64 "\n", done->from,
           plan ? "would become" : "became", done->to);
    if (done->backup[0] != '\0') {
        printf("the database as it was: %s\n", done->backup);
    }
}

int mz_command_migrate(const struct mz_arguments *arguments)
{
    const struct mz_migration *steps;
    size_t count = mz_migrations(&steps);
    struct mz_environment environment;
    struct mz_migrated done;
    struct mz_error error;
    bool plan = mz_argument(arguments, "plan") != NULL;
    enum mz_code code =
        mz_environment_init(&environment, NULL, mz_argument(arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_migrate(environment.database, steps, count, plan, &done, &error);
    mz_environment_finish(&environment);
    if (code != MZ_OK) {
        if (done.backup[0] != '\0' && error.help[0] == '\0') {
            mz_error_help(&error, "the database as it was: %s", done.backup);
        }
        return mz_command_fail(&error);
    }
    if (mz_argument(arguments, "json") != NULL) {
        print_json(&done, plan);
    } else {
        print_text(&done, steps, plan);
    }
    return 0;
}
