#include "cli/command.h"
#include "run/pipeline_test.h"

int mz_command_test(const struct mz_arguments *arguments)
{
    const struct mz_test_settings settings = {
        .files = mz_operands(arguments),
        .file_count = mz_operand_count(arguments),
        .filter = mz_argument(arguments, "filter"),
        .update = mz_argument(arguments, "update") != NULL,
        .record = mz_argument(arguments, "record") != NULL,
        .json = mz_argument(arguments, "json") != NULL};
    return mz_test(&settings);
}
