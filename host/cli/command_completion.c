/* `mizan completion`: scripts for shells. They hold everything, so that a press of the
 * key starts no program. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/manual.h"

/* What the first operand of a command is, for a shell. */
enum operand { OPERAND_NONE, OPERAND_LUA, OPERAND_FILE, OPERAND_PIPELINE };

static enum operand operand_of(const struct mz_command *command)
{
    const char *text = command->operands;
    if (strstr(text, "PIPELINE") != NULL) {
        return OPERAND_PIPELINE;
    }
    if (strstr(text, "FOLDER") != NULL || strcmp(command->name, "figures") == 0 ||
        strcmp(command->name, "backup") == 0) {
        return OPERAND_FILE;
    }
    return strstr(text, "FILE") != NULL ? OPERAND_LUA : OPERAND_NONE;
}

/* ---- bash ---- */

static void print_option_words(const struct mz_option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        printf(" --%s", rows->name);
    }
}

static void print_word(void *context, const char *text, size_t size)
{
    (void)context;
    printf(" %.*s", (int)size, text);
}

/* Options of any command that take a value: behind them no operand is completed. */
static void print_taking_options(void)
{
    const char *seen[128];
    size_t count = 0;
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        for (const struct mz_option_row *row = c->options; row->name != NULL; row++) {
            bool known = row->argument == NULL;
            for (size_t i = 0; i < count && !known; i++) {
                known = strcmp(seen[i], row->name) == 0;
            }
            if (!known && count < sizeof seen / sizeof seen[0]) {
                seen[count++] = row->name;
                printf("%s--%s", count == 1 ? "" : "|", row->name);
            }
        }
    }
}

static void print_bash_case(const struct mz_command *command)
{
    static const char *const calls[] = {[OPERAND_NONE] = "none",
                                        [OPERAND_LUA] = "lua",
                                        [OPERAND_FILE] = "file",
                                        [OPERAND_PIPELINE] = "pipeline"};
    printf("    %s)\n      options=\"", command->name);
    print_option_words(command->options);
    print_option_words(mz_common_options);
    printf("\"\n      verbs=\"");
    mz_command_verbs(command, print_word, NULL);
    printf("\"\n      operand=%s ;;\n", calls[operand_of(command)]);
}

static void print_bash(void)
{
    printf("# bash completion of mizan: source <(mizan completion bash)\n"
           "_mizan() {\n"
           "  local current=${COMP_WORDS[COMP_CWORD]} "
           "previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "  local options verbs operand name\n"
           "  COMPREPLY=()\n"
           "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "    COMPREPLY=($(compgen -W \"");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        printf("%s%s", c == mz_commands ? "" : " ", c->name);
    }
    printf("\" -- \"$current\"))\n    return\n  fi\n"
           "  case ${COMP_WORDS[1]} in\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        print_bash_case(c);
    }
    printf("    *) return ;;\n  esac\n"
           "  case $current in\n"
           "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")); return ;;\n"
           "  esac\n"
           "  case $previous in\n"
           "    --db|--file) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
           "    ");
    print_taking_options();
    printf(") return ;;\n  esac\n"
           "  if [ \"${COMP_WORDS[1]}\" = help ]; then\n"
           "    operand=none verbs=\"");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        printf("%s ", c->name);
    }
    printf(
        "\"\n  fi\n"
        "  if [ -n \"$verbs\" ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n"
        "    COMPREPLY=($(compgen -W \"$verbs\" -- \"$current\"))\n"
        "  fi\n"
        "  case $operand in\n"
        "    lua) COMPREPLY+=($(compgen -f -X '!*.lua' -- \"$current\")\n"
        "        $(compgen -d -S / -- \"$current\")) ;;\n"
        "    file) COMPREPLY+=($(compgen -f -- \"$current\")) ;;\n"
        "    pipeline)\n"
        "      for name in *.lua pipelines/*.lua; do\n"
        "        case $name in mizan.lua|*_test.lua|'*.lua'|'pipelines/*.lua') "
        "continue ;; esac\n"
        "        name=${name##*/}\n"
        "        COMPREPLY+=($(compgen -W \"${name%%.lua}\" -- \"$current\"))\n"
        "      done ;;\n"
        "  esac\n"
        "}\n"
        "complete -o nosort -F _mizan mizan 2>/dev/null || complete -F _mizan mizan\n");
}

/* ---- zsh ---- */

/* In single quotes, without what _arguments reads as its own. */
static void print_quoted(const char *text, const char *escaped)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            printf("'\\''");
        } else if (strchr(escaped, *text) != NULL) {
            printf("\\%c", *text);
        } else {
            putchar(*text);
        }
    }
}

static void print_zsh_options(const struct mz_option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        printf(" \\\n        '--%s%s[", rows->name, rows->argument == NULL ? "" : "=");
        print_quoted(rows->help, "[]:\\");
        printf("]");
        if (rows->argument != NULL) {
            printf(":");
            print_quoted(rows->argument, "[]:\\");
            printf(":%s",
                   strcmp(rows->name, "db") == 0 || strcmp(rows->name, "file") == 0
                       ? "_files"
                       : "");
        }
        printf("'");
    }
}

static void print_zsh_operand(const struct mz_command *command)
{
    static const char *const actions[] = {[OPERAND_NONE] = "",
                                          [OPERAND_LUA] = "_files -g \"*.lua\"",
                                          [OPERAND_FILE] = "_files",
                                          [OPERAND_PIPELINE] = "_mizan_pipelines"};
    bool verbs = strstr(command->operands, " | ") != NULL;
    if (verbs) {
        printf(" \\\n        '1:action:(");
        mz_command_verbs(command, print_word, NULL);
        printf(" )'");
    }
    if (operand_of(command) != OPERAND_NONE) {
        printf(" \\\n        '*:operand:%s'", actions[operand_of(command)]);
    }
}

static void print_zsh(void)
{
    printf("#compdef mizan\n"
           "# zsh completion of mizan: a file _mizan in a folder of $fpath\n"
           "_mizan_pipelines() {\n"
           "  local -a names\n"
           "  names=(*.lua(N:t:r) pipelines/*.lua(N:t:r))\n"
           "  names=(${names:#mizan})\n"
           "  names=(${names:#*_test})\n"
           "  compadd -a names\n"
           "}\n"
           "_mizan() {\n"
           "  local -a commands\n"
           "  commands=(\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        printf("    '%s:", c->name);
        print_quoted(c->summary, ":\\");
        printf("'\n");
    }
    printf("  )\n"
           "  if (( CURRENT == 2 )); then\n"
           "    _describe command commands\n"
           "    return\n"
           "  fi\n"
           "  local name=$words[2]\n"
           "  words=(\"${(@)words[2,-1]}\")\n"
           "  (( CURRENT-- ))\n"
           "  case $name in\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        printf("    %s)\n      _arguments -S", c->name);
        print_zsh_options(c->options);
        print_zsh_options(mz_common_options);
        print_zsh_operand(c);
        printf(" ;;\n");
    }
    printf("  esac\n}\n"
           "if [ \"$funcstack[1]\" = _mizan ]; then _mizan \"$@\"; else compdef _mizan "
           "mizan; fi\n");
}

/* ---- fish ---- */

static void print_fish_options(const char *command, const struct mz_option_row *rows)
{
    for (; rows->name != NULL; rows++) {
        printf("complete -c mizan -n '__fish_seen_subcommand_from %s' -l %s", command,
               rows->name);
        if (rows->letter != 0) {
            printf(" -s %c", rows->letter);
        }
        if (rows->argument != NULL) {
            bool file =
                strcmp(rows->name, "db") == 0 || strcmp(rows->name, "file") == 0;
            printf(file ? " -r -F" : " -x");
        }
        printf(" -d '");
        for (const char *p = rows->help; *p != '\0'; p++) {
            printf(*p == '\'' || *p == '\\' ? "\\%c" : "%c", *p);
        }
        printf("'\n");
    }
}

static void print_fish_operand(const struct mz_command *command)
{
    enum operand operand = operand_of(command);
    if (strstr(command->operands, " | ") != NULL) {
        printf("complete -c mizan -n '__fish_seen_subcommand_from %s' -a '",
               command->name);
        mz_command_verbs(command, print_word, NULL);
        printf("'\n");
    }
    if (operand == OPERAND_LUA || operand == OPERAND_FILE) {
        printf(
            "complete -c mizan -n '__fish_seen_subcommand_from %s' %s\n", command->name,
            operand == OPERAND_FILE ? "-F" : "-k -a '(__fish_complete_suffix .lua)'");
    } else if (operand == OPERAND_PIPELINE) {
        printf("complete -c mizan -n '__fish_seen_subcommand_from %s' -a "
               "'(__mizan_pipelines)'\n",
               command->name);
    }
}

static void print_fish(void)
{
    printf("# fish completion of mizan: ~/.config/fish/completions/mizan.fish\n"
           "function __mizan_pipelines\n"
           "    for file in *.lua pipelines/*.lua\n"
           "        set -l name (string replace -r '^.*/' '' -- $file | string replace "
           "-r '\\.lua$' '')\n"
           "        if test $name != mizan; and not string match -q '*_test' -- $name\n"
           "            echo $name\n"
           "        end\n"
           "    end\n"
           "end\n"
           "complete -c mizan -f\n");
    for (const struct mz_command *c = mz_commands; c->name != NULL; c++) {
        printf("complete -c mizan -n __fish_use_subcommand -a %s -d '", c->name);
        for (const char *p = c->summary; *p != '\0'; p++) {
            printf(*p == '\'' || *p == '\\' ? "\\%c" : "%c", *p);
        }
        printf("'\n");
        print_fish_options(c->name, c->options);
        print_fish_options(c->name, mz_common_options);
        print_fish_operand(c);
    }
}

int mz_command_completion(const struct mz_arguments *arguments)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *names[sizeof shells / sizeof shells[0]];
    const char *shell = mz_operand(arguments, 0);
    struct mz_error error;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        names[i] = shells[i].name;
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].print();
            return 0;
        }
    }
    const char *nearest = mz_nearest(shell, names, sizeof shells / sizeof shells[0]);
    mz_fail(&error, MZ_USAGE, "there is no completion for '%s'", shell);
    mz_error_help(
        &error, "%s%s%sbash, zsh or fish", nearest == NULL ? "" : "did you mean '",
        nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'? it is one of ");
    return mz_command_fail(&error);
}
