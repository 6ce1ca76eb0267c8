#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/manual.h"
#include "cli/topics.h"

#define MOST_NAMES 128

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
        printf("  %-12s %s\n", c->name, c->summary);
    }
    printf("\nTopics\n");
    for (const struct mz_topic *t = mz_topics; t->name != NULL; t++) {
        printf("  %-12s %s\n", t->name, t->summary);
    }
    printf("\nmizan help COMMAND or TOPIC tells more.\n");
}

static const struct mz_topic *find_topic(const char *name)
{
    const struct mz_topic *topic = mz_topics;
    while (topic->name != NULL && strcmp(topic->name, name) != 0) {
        topic++;
    }
    return topic->name == NULL ? NULL : topic;
}

static int unknown_name(const char *name)
{
    const char *names[MOST_NAMES];
    size_t count = 0;
    struct mz_error error;
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        names[count++] = c->name;
    }
    for (const struct mz_topic *t = mz_topics; t->name != NULL; t++) {
        names[count++] = t->name;
    }
    const char *nearest = mz_nearest(name, names, count);
    mz_fail(&error, MZ_USAGE, "there is no command or topic '%s'", name);
    if (nearest != NULL) {
        mz_error_help(&error, "did you mean 'mizan help %s'? mizan help lists all",
                      nearest);
    } else {
        mz_error_help(&error, "mizan help lists them");
    }
    return mz_command_fail(&error);
}

int mz_command_help(const struct mz_arguments *arguments)
{
    const char *name = mz_operand(arguments, 0);
    bool manual = mz_argument(arguments, "man") != NULL;
    if (name == NULL || (manual && strcmp(name, "mizan") == 0)) {
        if (manual) {
            mz_print_manual(NULL);
        } else {
            mz_print_overview();
        }
        return 0;
    }
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            if (manual) {
                mz_print_manual(c);
            } else {
                mz_print_help(c);
            }
            return 0;
        }
    }
    const struct mz_topic *topic = manual ? NULL : find_topic(name);
    if (topic == NULL) {
        return unknown_name(name);
    }
    printf("%s: %s\n\n%s", topic->name, topic->summary, topic->text);
    return 0;
}
