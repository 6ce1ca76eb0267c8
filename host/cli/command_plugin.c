#include <string.h>

#include "cli/plugin.h"

static const struct {
    const char *name;
    size_t least, most; /* operands behind the name */
    const char *usage;
    int (*run)(const struct mz_arguments *arguments);
} subcommands[] = {
    {"list", 0, 1, "mizan plugin list [NAME]", mz_plugin_command_list},
    {"check", 1, 1, "mizan plugin check FILE.so", mz_plugin_command_check},
    {"enable", 1, 1, "mizan plugin enable KIND.NAME", mz_plugin_command_enable},
    {"new", 1, 2, "mizan plugin new NAME --kind fetch|extract|store [FOLDER]",
     mz_plugin_command_new},
};
#define SUBCOMMANDS (sizeof subcommands / sizeof subcommands[0])

int mz_command_plugin(const struct mz_arguments *arguments)
{
    const char *word = mz_operand(arguments, 0);
    size_t operands = mz_operand_count(arguments) - 1;
    struct mz_error error;
    for (size_t i = 0; i < SUBCOMMANDS; i++) {
        if (strcmp(word, subcommands[i].name) != 0) {
            continue;
        }
        if (operands >= subcommands[i].least && operands <= subcommands[i].most) {
            return subcommands[i].run(arguments);
        }
        mz_fail(&error, MZ_USAGE, "mizan plugin %s takes %s", word,
                operands < subcommands[i].least ? "more words" : "fewer words");
        mz_error_help(&error, "usage: %s", subcommands[i].usage);
        return mz_command_fail(&error);
    }
    mz_fail(&error, MZ_USAGE, "mizan plugin does not know '%s'", word);
    mz_error_help(&error,
                  "usage: mizan plugin list|check|new|enable; mizan help plugin tells "
                  "more");
    return mz_command_fail(&error);
}
