/* `mizan backfill`: what is stored already, through the stages as they are now. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "run/run.h"

/* As the database writes times; NULL when it is not given. False for what is none. */
static bool read_time(const struct mz_arguments *arguments, const char *option,
                      char text[MZ_TIME_TEXT], const char **out)
{
    const char *given = mz_argument(arguments, option);
    struct mz_error error;
    int64_t time = 0;
    *out = NULL;
    if (given == NULL) {
        return true;
    }
    if (!mz_time_parse(given, strlen(given), &time)) {
        mz_fail(&error, MZ_USAGE, "--%s takes a time, not '%s'", option, given);
        mz_error_help(&error, "write it like 2025-09-03 or 2025-09-03T10:17:00Z");
        mz_error_print(&error, stderr);
        return false;
    }
    *out = mz_time_format(time, text);
    return true;
}

int mz_command_backfill(const struct mz_arguments *arguments)
{
    char from[MZ_TIME_TEXT], to[MZ_TIME_TEXT];
    struct mz_error error;
    struct mz_run_settings settings = {
        .file = mz_operand(arguments, 0),
        .database = mz_argument(arguments, "db"),
        .json = mz_argument(arguments, "json") != NULL,
        .quiet = mz_argument(arguments, "quiet") != NULL,
        .from_raw = mz_argument(arguments, "from-raw") != NULL,
        .reverse = mz_argument(arguments, "reverse") != NULL};
    if (!mz_argument_number(arguments, "limit", 0, &settings.limit) ||
        !read_time(arguments, "from", from, &settings.from) ||
        !read_time(arguments, "to", to, &settings.to)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (!settings.from_raw) {
        mz_fail(&error, MZ_USAGE, "backfill wants --from-raw");
        mz_error_help(&error, "it runs what is stored; mizan run asks the sources");
        return mz_command_fail(&error);
    }
    settings.parameter_count =
        mz_argument_all(arguments, "param", &settings.parameters);
    return mz_run(&settings);
}
