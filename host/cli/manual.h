/* Manual pages and completion, from the one table of commands. */
#ifndef MIZAN_CLI_MANUAL_H
#define MIZAN_CLI_MANUAL_H

#include "cli/command.h"

/* Options that every command knows, ended by a row without name (arguments.c). */
extern const struct mz_option_row mz_common_options[];

/* The page of a command as troff, NULL: mizan(1) itself. */
void mz_print_manual(const struct mz_command *command);
/* The words that may stand first among the operands: "list", "show" of
 * "list [PIPELINE] | show ID…". Calls `word` for each. */
void mz_command_verbs(const struct mz_command *command,
                      void (*word)(void *context, const char *text, size_t size),
                      void *context);

#endif
