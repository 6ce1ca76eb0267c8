/* The one table of commands: names, options, help and functions. Parsing, `help`, and
 * later completion and manual pages all come from it. */
#ifndef MIZAN_CLI_COMMAND_H
#define MIZAN_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mz_option_row {
    const char *name;     /* long form, without dashes */
    char letter;          /* short form, or 0 */
    const char *argument; /* what it takes, for help: "URL"; NULL: a switch; "[TIME]":
                           * a time, or nothing */
    const char *help;
};

struct mz_arguments;

struct mz_command {
    const char *name;
    const char *group;    /* "Everyday", "Data", "Care", "Making" */
    const char *operands; /* for the usage line: "FILE [NAME=VALUE…]" */
    int least, most;      /* operands; most -1: any number */
    const char *summary;  /* one line */
    const char *examples; /* two or more lines */
    const struct mz_option_row *options;              /* ends with a row without name */
    int (*run)(const struct mz_arguments *arguments); /* the exit status */
};

/* Value of an option (the last one given), "" for a switch, NULL when not given. */
const char *mz_argument(const struct mz_arguments *arguments, const char *name);
/* All values of an option that may be given many times, in order. */
size_t mz_argument_all(const struct mz_arguments *arguments, const char *name,
                       const char *const **values);
size_t mz_operand_count(const struct mz_arguments *arguments);
const char *mz_operand(const struct mz_arguments *arguments,
                       size_t index); /* or NULL */
const char *const *mz_operands(const struct mz_arguments *arguments);

/* Prints the failure and returns its exit status: how commands end when they fail. */
int mz_command_fail(const struct mz_error *error);
/* The whole number of an option, or `otherwise`; false after printing what is wrong. */
bool mz_argument_number(const struct mz_arguments *arguments, const char *name,
                        int64_t otherwise, int64_t *out);

/* Says so, with the nearest name; returns the exit status. */
int mz_unknown_command(const char *word);

/* The program: argv to command, its exit status. */
int mz_cli_main(int count, char **words);

/* The table, ended by a row without name (commands.c). */
extern const struct mz_command mz_commands[];
void mz_print_help(const struct mz_command *command);
void mz_print_overview(void);

int mz_command_init(const struct mz_arguments *arguments);
int mz_command_check(const struct mz_arguments *arguments);
int mz_command_run(const struct mz_arguments *arguments);
int mz_command_try(const struct mz_arguments *arguments);
int mz_command_test(const struct mz_arguments *arguments);
int mz_command_list(const struct mz_arguments *arguments);
int mz_command_deploy(const struct mz_arguments *arguments);
int mz_command_hosts(const struct mz_arguments *arguments);
int mz_command_top(const struct mz_arguments *arguments);
int mz_command_describe(const struct mz_arguments *arguments);
int mz_command_runs(const struct mz_arguments *arguments);
int mz_command_serve(const struct mz_arguments *arguments);
int mz_command_log(const struct mz_arguments *arguments);
int mz_command_retry(const struct mz_arguments *arguments);
int mz_command_cancel(const struct mz_arguments *arguments);
int mz_command_pause(const struct mz_arguments *arguments);
int mz_command_resume(const struct mz_arguments *arguments);
int mz_command_next(const struct mz_arguments *arguments);
int mz_command_web(const struct mz_arguments *arguments);
int mz_command_figures(const struct mz_arguments *arguments);
int mz_command_migrate(const struct mz_arguments *arguments);
int mz_command_query(const struct mz_arguments *arguments);
int mz_command_why(const struct mz_arguments *arguments);
int mz_command_review(const struct mz_arguments *arguments);
int mz_command_backfill(const struct mz_arguments *arguments);
int mz_command_diff(const struct mz_arguments *arguments);
int mz_command_export(const struct mz_arguments *arguments);
int mz_command_series(const struct mz_arguments *arguments);
int mz_command_dead(const struct mz_arguments *arguments);
int mz_command_source(const struct mz_arguments *arguments);
int mz_command_deliver(const struct mz_arguments *arguments);
int mz_command_backup(const struct mz_arguments *arguments);
int mz_command_gc(const struct mz_arguments *arguments);
int mz_command_state(const struct mz_arguments *arguments);
int mz_command_doctor(const struct mz_arguments *arguments);
int mz_command_alerts(const struct mz_arguments *arguments);
int mz_command_repl(const struct mz_arguments *arguments);
int mz_command_explain(const struct mz_arguments *arguments);
int mz_command_plugin(const struct mz_arguments *arguments);
int mz_command_export_units(const struct mz_arguments *arguments);
int mz_command_completion(const struct mz_arguments *arguments);
int mz_command_version(const struct mz_arguments *arguments);
int mz_command_help(const struct mz_arguments *arguments);

#endif
