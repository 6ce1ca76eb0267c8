/* Manual pages as troff (man macros). Text is escaped so that no line is a request. */
#include "cli/manual.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/topics.h"

/* One line of text: backslashes, minus signs, and a dot or quote that begins it. */
static void print_text(const char *text, size_t size)
{
    if (size > 0 && (text[0] == '.' || text[0] == '\'')) {
        printf("\\&");
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\') {
            printf("\\e");
        } else if (text[i] == '-') {
            printf("\\-");
        } else {
            putchar(text[i]);
        }
    }
}

static void print_whole(const char *text)
{
    print_text(text, strlen(text));
}

/* Paragraphs; lines with two spaces before them stand as they are. */
static void print_paragraphs(const char *text)
{
    bool verbatim = false;
    printf(".PP\n");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        bool indented = size >= 2 && text[0] == ' ' && text[1] == ' ';
        if (indented != verbatim && size > 0) {
            printf(indented ? ".PP\n.nf\n.RS 4\n" : ".RE\n.fi\n.PP\n");
            verbatim = indented;
        }
        if (indented) {
            print_text(text + 2, size - 2);
        } else {
            print_text(text, size);
        }
        printf(size > 0 || verbatim ? "\n" : "");
        text += size + (text[size] == '\n');
    }
    printf(verbatim ? ".RE\n.fi\n" : "");
}

static void print_head(const char *name, const char *section_title)
{
    char title[64];
    size_t size = strlen(name);
    for (size_t i = 0; i <= size && i < sizeof title; i++) {
        title[i] = (char)toupper((unsigned char)name[i]);
    }
    title[sizeof title - 1] = '\0';
    printf(".\\\" Made from the table of commands of mizan.\n");
    printf(".TH ");
    print_whole(title);
    printf(" 1 \"\" \"mizan %s\" \"%s\"\n.nh\n.ad l\n", MIZAN_VERSION, section_title);
}

static void print_options(const struct mz_option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        printf(".TP\n\\fB");
        if (rows->letter != 0) {
            printf("\\-%c\\fR, \\fB", rows->letter);
        }
        printf("\\-\\-");
        print_whole(rows->name);
        printf("\\fR");
        if (rows->argument != NULL) {
            printf(" \\fI");
            print_whole(rows->argument);
            printf("\\fR");
        }
        printf("\n");
        print_whole(rows->help);
        printf("\n");
    }
}

static void print_command_page(const struct mz_command *command)
{
    char name[64];
    snprintf(name, sizeof name, "mizan-%s", command->name);
    print_head(name, "Commands of mizan");
    printf(".SH NAME\n");
    print_whole(name);
    printf(" \\- ");
    print_whole(command->summary);
    printf("\n.SH SYNOPSIS\n.B mizan ");
    print_whole(command->name);
    printf("\n");
    if (command->operands[0] != '\0') {
        print_whole(command->operands);
        printf("\n");
    }
    printf("[\\fIoptions\\fR]\n.SH OPTIONS\n");
    print_options(command->options);
    print_options(mz_common_options);
    printf(".SH EXAMPLES\n");
    print_paragraphs(command->examples);
    printf(".SH SEE ALSO\n.BR mizan (1)\n");
}

static void print_overview_page(void)
{
    const char *group = "";
    print_head("mizan", "User commands");
    printf(
        ".SH NAME\nmizan \\- figures from the world's texts, on schedule, into your "
        "database\n.SH SYNOPSIS\n.B mizan\n.I command\n[\\fIoptions\\fR] [operands]\n"
        ".SH DESCRIPTION\nmizan runs pipelines: short Lua scripts that chain "
        "plugins, which fetch sources, extract figures and store them. Each command "
        "has a page of its own:\n.BR mizan\\-run (1)\nand so on; mizan help "
        "\\fIcommand\\fR prints a short form of it. Data goes to standard output, "
        "everything else to standard error.\n.SH COMMANDS\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        if (strcmp(group, c->group) != 0) {
            group = c->group;
            printf(".SS ");
            print_whole(group);
            printf("\n");
        }
        printf(".TP\n.B ");
        print_whole(c->name);
        printf("\n");
        print_whole(c->summary);
        printf("\n");
    }
    for (const struct mz_topic *t = mz_topics; t->name != NULL; t++) {
        printf(".SH ");
        print_whole(t->title);
        printf("\n");
        print_paragraphs(t->text);
    }
    printf(".SH SEE ALSO\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        printf(".BR mizan\\-%s (1)%s\n", c->name, c[1].name == NULL ? "" : ",");
    }
}

void mz_print_manual(const struct mz_command *command)
{
    if (command == NULL) {
        print_overview_page();
    } else {
        print_command_page(command);
    }
}

void mz_command_verbs(const struct mz_command *command,
                      void (*word)(void *context, const char *text, size_t size),
                      void *context)
{
    const char *at = command->operands;
    while (*at != '\0') {
        at += strspn(at, " [");
        size_t size = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (size > 0 && (at[size] == ' ' || at[size] == '\0' || at[size] == ']')) {
            word(context, at, size);
        }
        /* Behind the bar that is no part of a word such as FILE|FOLDER. */
        const char *bar = strstr(at, " | ");
        at = bar == NULL ? at + strlen(at) : bar + 3;
    }
}
