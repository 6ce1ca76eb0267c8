#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/manual.h"
#include "run/supervise.h"

#define MOST_OPTIONS 64

struct given {
    const struct mz_option_row *row;
    const char *value;
};

struct mz_arguments {
    struct given *given;
    size_t given_count;
    const char **operands;
    size_t operand_count;
    const char **values; /* room for mz_argument_all */
};

/* ---- what commands ask ---- */

const char *mz_argument(const struct mz_arguments *arguments, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < arguments->given_count; i++) {
        if (strcmp(arguments->given[i].row->name, name) == 0) {
            value = arguments->given[i].value;
        }
    }
    return value;
}

size_t mz_argument_all(const struct mz_arguments *arguments, const char *name,
                       const char *const **values)
{
    size_t count = 0;
    for (size_t i = 0; i < arguments->given_count; i++) {
        if (strcmp(arguments->given[i].row->name, name) == 0) {
            arguments->values[count++] = arguments->given[i].value;
        }
    }
    *values = (const char *const *)arguments->values;
    return count;
}

size_t mz_operand_count(const struct mz_arguments *arguments)
{
    return arguments->operand_count;
}

const char *mz_operand(const struct mz_arguments *arguments, size_t index)
{
    return index < arguments->operand_count ? arguments->operands[index] : NULL;
}

const char *const *mz_operands(const struct mz_arguments *arguments)
{
    return (const char *const *)arguments->operands;
}

int mz_command_fail(const struct mz_error *error)
{
    mz_error_print(error, stderr);
    return mz_exit_status(error->code);
}

bool mz_argument_number(const struct mz_arguments *arguments, const char *name,
                        int64_t otherwise, int64_t *out)
{
    struct mz_error error;
    const char *text = mz_argument(arguments, name);
    *out = otherwise;
    if (text == NULL || (mz_parse_integer(text, out) && *out >= 0)) {
        return true;
    }
    mz_fail(&error, MZ_USAGE, "--%s takes a whole number, not '%s'", name, text);
    mz_error_print(&error, stderr);
    return false;
}

/* ---- parsing ---- */

/* Options that every command knows. */
const struct mz_option_row mz_common_options[] = {
    {"help", 'h', NULL, "show this page"},
    {"verbose", 'v', NULL, "log more"},
    {"quiet", 'q', NULL, "log errors only"},
    {NULL, 0, NULL, NULL}};

static const struct mz_option_row *find_in(const struct mz_option_row *rows,
                                           const char *name, size_t size, char letter)
{
    for (; rows != NULL && rows->name != NULL; rows++) {
        bool same = letter != 0 ? rows->letter == letter
                                : strlen(rows->name) == size &&
                                      strncmp(rows->name, name, size) == 0;
        if (same) {
            return rows;
        }
    }
    return NULL;
}

static const struct mz_option_row *find(const struct mz_command *command,
                                        const char *name, size_t size, char letter)
{
    const struct mz_option_row *row = find_in(command->options, name, size, letter);
    return row != NULL ? row : find_in(mz_common_options, name, size, letter);
}

static enum mz_code unknown_option(const struct mz_command *command, const char *word,
                                   struct mz_error *error)
{
    const char *names[MOST_OPTIONS];
    char name[64];
    size_t count = 0;
    const struct mz_option_row *const tables[] = {command->options, mz_common_options};
    for (size_t t = 0; t < 2; t++) {
        for (const struct mz_option_row *row = tables[t];
             row != NULL && row->name != NULL && count < MOST_OPTIONS; row++) {
            names[count++] = row->name;
        }
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *nearest = word[1] == '-' ? mz_nearest(name, names, count) : NULL;
    mz_fail(error, MZ_USAGE, "mizan %s has no option '%s'", command->name, word);
    if (nearest != NULL) {
        mz_error_help(error, "did you mean --%s? mizan help %s lists them", nearest,
                      command->name);
    } else {
        mz_error_help(error, "mizan help %s lists them", command->name);
    }
    return MZ_USAGE;
}

static enum mz_code take_option(const struct mz_command *command, char **words,
                                int count, int *position, struct mz_arguments *out,
                                struct mz_error *error)
{
    const char *word = words[*position];
    const char *equals = NULL;
    const struct mz_option_row *row;
    if (word[1] == '-') {
        equals = strchr(word, '=');
        size_t size = equals == NULL ? strlen(word + 2) : (size_t)(equals - word) - 2;
        row = find(command, word + 2, size, 0);
    } else {
        row = word[2] == '\0' ? find(command, NULL, 0, word[1]) : NULL;
    }
    if (row == NULL) {
        return unknown_option(command, word, error);
    }
    const char *value = "";
    if (row->argument != NULL && equals != NULL) {
        value = equals + 1;
    } else if (row->argument != NULL && row->argument[0] == '[') {
        /* Optional: the next word is its value only when it can be nothing else. */
        int64_t ignored;
        const char *next = *position + 1 < count ? words[*position + 1] : "";
        if (mz_time_parse(next, strlen(next), &ignored)) {
            value = next;
            ++*position;
        }
    } else if (row->argument != NULL) {
        if (*position + 1 >= count) {
            return mz_fail(error, MZ_USAGE, "option '%s' needs a value: %s", word,
                           row->argument);
        }
        value = words[++*position];
    } else if (equals != NULL) {
        return mz_fail(error, MZ_USAGE, "option '--%s' takes no value", row->name);
    }
    out->given[out->given_count++] = (struct given){row, value};
    return MZ_OK;
}

static enum mz_code parse(const struct mz_command *command, char **words, int count,
                          struct mz_arguments *out, struct mz_error *error)
{
    bool options_end = false;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (!options_end && strcmp(word, "--") == 0) {
            options_end = true;
        } else if (!options_end && word[0] == '-' && word[1] != '\0') {
            enum mz_code code = take_option(command, words, count, &i, out, error);
            if (code != MZ_OK) {
                return code;
            }
        } else {
            out->operands[out->operand_count++] = word;
        }
    }
    if (mz_argument(out, "help") != NULL) {
        return MZ_OK;
    }
    int operands = (int)out->operand_count;
    if (operands < command->least || (command->most >= 0 && operands > command->most)) {
        if (operands < command->least) {
            mz_fail(error, MZ_USAGE, "mizan %s needs %s", command->name,
                    command->operands);
        } else {
            mz_fail(error, MZ_USAGE, "mizan %s does not take '%s'", command->name,
                    out->operands[command->most]);
        }
        mz_error_help(error, "usage: mizan %s %s", command->name, command->operands);
        return MZ_USAGE;
    }
    return MZ_OK;
}

static void setup_log(const struct mz_arguments *arguments)
{
    enum mz_log_level lowest = MZ_LOG_INFO;
    if (mz_argument(arguments, "verbose") != NULL) {
        lowest = MZ_LOG_DEBUG;
    } else if (mz_argument(arguments, "quiet") != NULL) {
        lowest = MZ_LOG_ERROR;
    }
    mz_log_setup(lowest, isatty(STDERR_FILENO) ? MZ_LOG_HUMAN : MZ_LOG_LOGFMT);
}

static int run_command(const struct mz_command *command, char **words, int count)
{
    struct mz_error error;
    size_t room = (size_t)count + 1;
    struct mz_arguments arguments = {0};
    int status = mz_exit_status(MZ_MEMORY);
    arguments.given = calloc(room, sizeof *arguments.given);
    arguments.operands = calloc(room, sizeof *arguments.operands);
    arguments.values = calloc(room, sizeof *arguments.values);
    if (arguments.given != NULL && arguments.operands != NULL &&
        arguments.values != NULL) {
        if (parse(command, words, count, &arguments, &error) != MZ_OK) {
            status = mz_command_fail(&error);
        } else if (mz_argument(&arguments, "help") != NULL) {
            mz_print_help(command);
            status = 0;
        } else {
            setup_log(&arguments);
            status = command->run(&arguments);
        }
    }
    free(arguments.given);
    free(arguments.operands);
    free(arguments.values);
    return status;
}

int mz_unknown_command(const char *word)
{
    const char *names[MOST_OPTIONS];
    size_t count = 0;
    struct mz_error error;
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        names[count++] = c->name;
    }
    const char *nearest = mz_nearest(word, names, count);
    mz_fail(&error, MZ_USAGE, "mizan has no command '%s'", word);
    if (nearest != NULL) {
        mz_error_help(&error, "did you mean 'mizan %s'? mizan help lists all", nearest);
    } else {
        mz_error_help(&error, "mizan help lists them");
    }
    return mz_command_fail(&error);
}

int mz_cli_main(int count, char **words)
{
    mz_clock_setup();
    if (count < 2) {
        mz_print_overview();
        return mz_exit_status(MZ_USAGE);
    }
    const char *name = words[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return mz_flush_output(run_command(c, words + 2, count - 2));
        }
    }
    return mz_unknown_command(name);
}
