/* `mizan explain`: what an error code or an exit status means and what to do about it.
 * A code of the error table without a text here does not compile. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"

/* What happened, and what to do next; lines of at most 80 columns. */
struct explanation {
    const char *causes, *remedy;
};

#define EXPLAIN_OK                                                                     \
    "  Everything that was asked for was done. Documents that did not change and\n"    \
    "  records that a stage dropped count as done.\n",                                 \
        "  Nothing to do.\n"
#define EXPLAIN_ITEMS_FAILED                                                           \
    "  The run ended, and some documents failed or some records were rejected. What\n" \
    "  went through is stored; what failed is kept as dead letters with its bytes.\n"  \
    "  `mizan test` and `mizan plugin check` use the same status for what failed.\n",  \
        "  mizan dead list          shows the causes, the largest first\n"             \
        "  mizan dead show ID       one letter with its traceback and record\n"        \
        "  mizan dead replay ID     tries it again once the script is mended\n"
#define EXPLAIN_USAGE                                                                  \
    "  An unknown command, option or name, a missing operand, or two options that\n"   \
    "  contradict each other. Nothing was done.\n",                                    \
        "  mizan help COMMAND shows operands, options and examples.\n"
#define EXPLAIN_INPUT                                                                  \
    "  A file or record that was given is not what it should be: not UTF-8, broken\n"  \
    "  JSON or CSV, a value of the wrong type. The message names file and line.\n",    \
        "  Mend the input, or reject such records in a stage: mizan.reject(reason).\n"
#define EXPLAIN_NO_FILE                                                                \
    "  A file, folder or database that was named is not there.\n",                     \
        "  Check the name. A database is made by the first run, not by commands "      \
        "that\n"                                                                       \
        "  read; --db, MIZAN_DB and the project's mizan.lua say where it lies.\n"
#define EXPLAIN_UNREACHABLE                                                            \
    "  No source of the run answered, or the database server did not. Documents\n"     \
    "  stored before stay, cursors and validators did not move.\n",                    \
        "  mizan runs shows the reason a source gave. The next run asks again; "       \
        "sources\n"                                                                    \
        "  on a private network need network = { private = { \"host\" } }.\n"
#define EXPLAIN_INTERNAL                                                               \
    "  The program found itself in a state it should not be in. Its transaction was\n" \
    "  rolled back.\n",                                                                \
        "  Please report it with the message and `mizan version --json`.\n"
#define EXPLAIN_MEMORY                                                                 \
    "  The script, a unit or the process reached its ceiling of memory. The unit\n"    \
    "  failed as a whole; its body is kept.\n",                                        \
        "  limits = { memory = \"512M\" } in the pipeline raises the script's "        \
        "ceiling;\n"                                                                   \
        "  a document that is too large can be cut by a reader of rows.\n"
#define EXPLAIN_PLUGIN_CRASHED                                                         \
    "  A plugin ended the process of the run: a segmentation fault, abort or exit.\n"  \
    "  The unit in hand was rolled back; the run is noted as failed.\n",               \
        "  The message names plugin, function and document. mizan plugin check "       \
        "FILE.so\n"                                                                    \
        "  looks for the cause; after five crashes on one address it is kept back.\n"
#define EXPLAIN_DEADLINE                                                               \
    "  A unit's Lua, a plugin call, a query or the run took longer than its limit.\n", \
        "  limits = { unit = \"10s\", plugin = \"60s\", run = \"1h\" } in the "        \
        "pipeline;\n"                                                                  \
        "  --limit-time for a query. The message says which limit it was.\n"
#define EXPLAIN_CANNOT_CREATE                                                          \
    "  A file or folder could not be made: no permission, no room, or a part of its\n" \
    "  path is missing.\n",                                                            \
        "  Check owner and mode of the folder that the message names, and `df`.\n"
#define EXPLAIN_IO                                                                     \
    "  Reading or writing failed: the disk is full, read-only or damaged, or the\n"    \
    "  reader of a pipe went away. What was not committed is not there.\n",            \
        "  Make room, then run again: every unit is whole or absent.\n"
#define EXPLAIN_TRY_AGAIN                                                              \
    "  Another run holds the pipeline's lease, the database was busy for too long, "   \
    "or\n"                                                                             \
    "  files changed while they were read.\n",                                         \
        "  The message names the holder and its age. Run again later; a lease whose\n" \
        "  process is gone is taken over at once.\n"
#define EXPLAIN_NOT_PERMITTED                                                          \
    "  The lease passed to another run, an address is on a private network, or a "     \
    "file\n"                                                                           \
    "  may not be read.\n",                                                            \
        "  For addresses: network = { private = { \"host\" } } allows one by name.\n"
#define EXPLAIN_CONFIGURATION                                                          \
    "  mizan.lua, an option or a database address says something that cannot be.\n",   \
        "  The message names the key and the nearest valid one; mizan check FILE.\n"
#define EXPLAIN_SCRIPT                                                                 \
    "  A script does not compile, raises an error when it is loaded, or describes a\n" \
    "  pipeline with a wrong key, type or order of stages.\n",                         \
        "  The message shows the line with a caret; mizan check FILE tries it "        \
        "without\n"                                                                    \
        "  touching any source.\n"
#define EXPLAIN_PLUGIN_REFUSED                                                         \
    "  A plugin was built for another ABI, is damaged, lies in a folder that others\n" \
    "  may write to, or has a descriptor that breaks a rule.\n",                       \
        "  mizan plugin check FILE.so tells which; rebuild it against this version.\n"
#define EXPLAIN_LIMIT                                                                  \
    "  A count, length or size was larger than the program allows.\n",                 \
        "  The message names the limit and its value.\n"
#define EXPLAIN_CANCELLED                                                              \
    "  A signal (Ctrl-C, or a service manager) ended the run between two units.\n",    \
        "  What was committed stays; the next run goes on from there.\n"
#define EXPLAIN_NOT_FOUND                                                              \
    "  No row, stage, plugin or parameter of that name or id.\n",                      \
        "  mizan list, mizan query, mizan plugin list and mizan dead list show "       \
        "them.\n"

static const struct {
    const char *name;
    struct explanation explanation;
} explanations[] = {
#define XX(name, status, text) {#name, {EXPLAIN_##name}},
    MZ_ERRORS(XX)
#undef XX
};

#define CODES (sizeof explanations / sizeof explanations[0])

static void print_code(size_t code)
{
    const struct explanation *explanation = &explanations[code].explanation;
    printf("%s (exit status %d): %s\n\n%s\nWhat to do\n%s", explanations[code].name,
           mz_exit_status((enum mz_code)code), mz_code_text((enum mz_code)code),
           explanation->causes, explanation->remedy);
}

static void print_all(bool json)
{
    for (size_t i = 0; i < CODES; i++) {
        enum mz_code code = (enum mz_code)i;
        if (json) {
            printf("{\"code\":\"%s\",\"status\":%d,\"text\":\"%s\"}\n",
                   mz_code_name(code), mz_exit_status(code), mz_code_text(code));
        } else {
            printf("%-15s %3d  %s\n", mz_code_name(code), mz_exit_status(code),
                   mz_code_text(code));
        }
    }
}

/* All codes that end with the status; false when there is none. */
static bool print_status(int64_t status)
{
    bool found = false;
    for (size_t i = 0; i < CODES; i++) {
        if (mz_exit_status((enum mz_code)i) == status) {
            printf("%s", found ? "\n" : "");
            print_code(i);
            found = true;
        }
    }
    return found;
}

static bool same_word(const char *left, const char *right)
{
    while (*left != '\0' &&
           toupper((unsigned char)*left) == toupper((unsigned char)*right)) {
        left++;
        right++;
    }
    return *left == '\0' && *right == '\0';
}

static int unknown(const char *word)
{
    const char *names[CODES];
    char upper[32];
    struct mz_error error;
    size_t length = 0;
    for (size_t i = 0; i < CODES; i++) {
        names[i] = explanations[i].name;
    }
    for (; word[length] != '\0' && length + 1 < sizeof upper; length++) {
        upper[length] = (char)toupper((unsigned char)word[length]);
    }
    upper[length] = '\0';
    const char *nearest = mz_nearest(upper, names, CODES);
    mz_fail(&error, MZ_USAGE, "there is no error code or exit status '%s'", word);
    mz_error_help(&error, "%s%s%smizan explain lists them",
                  nearest == NULL ? "" : "did you mean '",
                  nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'? ");
    return mz_command_fail(&error);
}

int mz_command_explain(const struct mz_arguments *arguments)
{
    const char *word = mz_operand(arguments, 0);
    int64_t status;
    if (word == NULL) {
        print_all(mz_argument(arguments, "json") != NULL);
        return 0;
    }
    if (mz_parse_integer(word, &status)) {
        return print_status(status) ? 0 : unknown(word);
    }
    for (size_t i = 0; i < CODES; i++) {
        if (same_word(word, explanations[i].name)) {
            print_code(i);
            return 0;
        }
    }
    return unknown(word);
}
