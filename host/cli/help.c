#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"

static void print_options(const struct mz_option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        char left[64];
        char letter[8] = "    ";
        if (rows->letter != 0) {
            snprintf(letter, sizeof letter, "-%c, ", rows->letter);
        }
        snprintf(left, sizeof left, "%s--%s%s%s", letter, rows->name,
                 rows->argument == NULL ? "" : " ",
                 rows->argument == NULL ? "" : rows->argument);
        size_t width = mz_utf8_width(left, strlen(left));
        printf("  %s%*s  %s\n", left, width < 26 ? (int)(26 - width) : 0, "",
               rows->help);
    }
}

void mz_print_help(const struct mz_command *command)
{
    printf("mizan %s: %s\n\n%s\n", command->name, command->summary, command->examples);
    printf("usage: mizan %s %s\n", command->name, command->operands);
    if (command->options->name != NULL) {
        printf("\n");
        print_options(command->options);
    }
}

void mz_print_overview(void)
{
    const char *group = "";
    printf("mizan: figures from the world's texts, on schedule, into your database\n\n"
           "  mizan run scripts/partnership.lua\n"
           "  echo 'up to 9.8 billion dollars' | mizan figures\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        if (strcmp(group, c->group) != 0) {
            group = c->group;
            printf("\n%s\n", group);
        }
        printf("  %-10s %s\n", c->name, c->summary);
    }
    printf("\nmizan help COMMAND tells more.\n");
}

int mz_command_help(const struct mz_arguments *arguments)
{
    const char *name = mz_operand(arguments, 0);
    if (name == NULL) {
        mz_print_overview();
        return 0;
    }
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            mz_print_help(c);
            return 0;
        }
    }
    return mz_unknown_command(name);
}
