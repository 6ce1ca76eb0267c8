/* The subcommands of `mizan plugin`, a file each. */
#ifndef MIZAN_CLI_PLUGIN_H
#define MIZAN_CLI_PLUGIN_H

#include "cli/command.h"

/* Each returns the exit status. */
int mz_plugin_command_list(const struct mz_arguments *arguments);
int mz_plugin_command_check(const struct mz_arguments *arguments);
int mz_plugin_command_enable(const struct mz_arguments *arguments);
int mz_plugin_command_new(const struct mz_arguments *arguments);

#endif
