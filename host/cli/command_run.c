#include "cli/command.h"
#include "run/run.h"

int mz_command_run(const struct mz_arguments *arguments)
{
    struct mz_run_settings settings = {.file = mz_operand(arguments, 0),
                                       .database = mz_argument(arguments, "db"),
                                       .json = mz_argument(arguments, "json") != NULL,
                                       .quiet =
                                           mz_argument(arguments, "quiet") != NULL};
    if (!mz_argument_number(arguments, "limit", 0, &settings.limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    settings.parameter_count =
        mz_argument_all(arguments, "param", &settings.parameters);
    return mz_run(&settings);
}

int mz_command_try(const struct mz_arguments *arguments)
{
    const char *stage = mz_argument(arguments, "stage");
    struct mz_try_settings settings = {.file = mz_operand(arguments, 0),
                                       .input = mz_operand(arguments, 1),
                                       .database = mz_argument(arguments, "db"),
                                       .from = mz_argument(arguments, "from"),
                                       .to = mz_argument(arguments, "to"),
                                       .document = mz_argument(arguments, "doc"),
                                       .url = mz_argument(arguments, "url"),
                                       .media_type = mz_argument(arguments, "type"),
                                       .lang = mz_argument(arguments, "lang"),
                                       .json = mz_argument(arguments, "json") != NULL};
    if (!mz_argument_number(arguments, "limit", 1, &settings.limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (stage != NULL) {
        settings.from = stage;
        settings.to = stage;
    }
    settings.parameter_count =
        mz_argument_all(arguments, "param", &settings.parameters);
    return mz_try(&settings);
}
