/* `mizan repl`: Lua line by line, as scripts have it. On a terminal with editing,
 * history and completion; elsewhere line after line. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/library.h"
#include "cli/command.h"
#include "lua/interactive.h"
#include "run/environment.h"
#include "run/supervise.h"

#define MOST_TEXT ((size_t)16 << 20)
/* CPU milliseconds that one entry may use. */
#define ENTRY_TIME 10000

/* libedit, loaded on a terminal only, so that no other command pays for it. Without it
 * lines are read as they come. */
struct editor {
    char *(*readline)(const char *prompt);
    int (*add_history)(const char *line);
    int (*read_history)(const char *path);
    int (*write_history)(const char *path);
    int (*stifle_history)(int most);
    char **(*matches)(const char *text, char *(*next)(const char *text, int state));
    const char **name;
    char **(**complete)(const char *text, int start, int end);
};

static const struct mz_symbol editor_symbols[] = {
    {"readline", offsetof(struct editor, readline)},
    {"add_history", offsetof(struct editor, add_history)},
    {"read_history", offsetof(struct editor, read_history)},
    {"write_history", offsetof(struct editor, write_history)},
    {"stifle_history", offsetof(struct editor, stifle_history)},
    {"rl_completion_matches", offsetof(struct editor, matches)},
    {"rl_readline_name", offsetof(struct editor, name)},
    {"rl_attempted_completion_function", offsetof(struct editor, complete)},
};

static const struct mz_library editor_library = {
    "libedit.so.2", "libedit2", "editing", editor_symbols,
    sizeof editor_symbols / sizeof *editor_symbols};

struct session {
    struct mz_lua *lua;
    struct editor editor; /* readline NULL: there is none */
    bool terminal, failed;
    struct mz_buffer text; /* of the entry so far */
    char history[MZ_PATH]; /* file, or empty */
};

/* ---- completion: libedit's functions have no argument ---- */

static struct {
    struct mz_lua *lua;
    struct editor *editor;
    char **names;
    size_t count, next;
} completing;

static void note_name(void *context, const char *path)
{
    (void)context;
    char **names = realloc(completing.names, (completing.count + 1) * sizeof *names);
    if (names == NULL) {
        return;
    }
    completing.names = names;
    names[completing.count] = strdup(path);
    completing.count += names[completing.count] != NULL;
}

static char *next_name(const char *text, int state)
{
    if (state == 0) {
        for (size_t i = completing.next; i < completing.count; i++) {
            free(completing.names[i]);
        }
        completing.count = 0;
        completing.next = 0;
        mz_lua_complete(completing.lua, text, note_name, NULL);
    }
    return completing.next < completing.count ? completing.names[completing.next++]
                                              : NULL;
}

static char **complete_word(const char *text, int start, int end)
{
    (void)start;
    (void)end;
    return completing.editor->matches(text, next_name);
}

/* ---- lines ---- */

/* The next line, to be freed; NULL at the end of the input. */
static char *read_line(const struct session *session)
{
    char *line = NULL;
    size_t room = 0;
    const char *prompt = session->text.size == 0 ? "> " : ">> ";
    if (session->editor.readline != NULL) {
        return session->editor.readline(prompt);
    }
    if (session->terminal) {
        printf("%s", prompt);
        fflush(stdout);
    }
    ssize_t size = getline(&line, &room, stdin);
    if (size < 0) {
        free(line);
        return NULL;
    }
    if (size > 0 && line[size - 1] == '\n') {
        line[size - 1] = '\0';
    }
    return line;
}

static void run_entry(struct session *session)
{
    struct mz_buffer out;
    struct mz_error error;
    bool incomplete = false;
    mz_buffer_init(&out, MOST_TEXT);
    enum mz_code code = mz_lua_evaluate(session->lua, session->text.data, ENTRY_TIME,
                                        &out, &incomplete, &error);
    if (code == MZ_OK && incomplete) {
        mz_buffer_finish(&out);
        return;
    }
    if (code != MZ_OK) {
        session->failed = true;
        mz_error_print(&error, stderr);
    } else if (!mz_buffer_ok(&out)) {
        fprintf(stderr, "the values are more than 16 MiB of text\n");
    } else if (out.size > 0) {
        fwrite(out.data, 1, out.size, stdout);
        fflush(stdout);
    }
    if (session->editor.readline != NULL) {
        session->editor.add_history(session->text.data);
    }
    mz_buffer_finish(&out);
    mz_buffer_clear(&session->text);
}

static void open_editor(struct session *session)
{
    struct editor *editor = &session->editor;
    const char *home = getenv("HOME");
    struct mz_error error;
    if (mz_library_load(&editor_library, editor, &error) != MZ_OK) {
        return; /* lines are read without it */
    }
    completing.editor = editor;
    *editor->name = "mizan";
    *editor->complete = complete_word;
    if (home != NULL && mz_path_join(session->history, home, ".mizan_history")) {
        (void)editor->read_history(session->history);
    }
}

static void close_editor(const struct session *session)
{
    if (session->editor.readline != NULL && session->history[0] != '\0') {
        (void)session->editor.stifle_history(1000);
        (void)session->editor.write_history(session->history);
    }
}

static void read_lines(struct session *session)
{
    char *line = read_line(session);
    while (line != NULL) {
        if (session->text.size > 0) {
            mz_buffer_byte(&session->text, '\n');
        }
        mz_buffer_text(&session->text, line);
        free(line);
        if (!mz_buffer_ok(&session->text)) {
            fprintf(stderr, "an entry is at most 16 MiB\n");
            mz_buffer_clear(&session->text);
        } else if (session->text.size > 0) {
            run_entry(session);
        }
        line = read_line(session);
    }
    if (session->text.size > 0) {
        fprintf(stderr, "the input ended in the middle of a chunk\n");
        session->failed = true;
    }
}

static int repl_child(void *argument, struct mz_activity *activity)
{
    struct session session = {.terminal =
                                  isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
    struct mz_environment environment;
    struct mz_error error;
    (void)argument;
    (void)activity;
    enum mz_code code = mz_environment_init(&environment, NULL, NULL, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    const struct mz_lua_settings settings = {.folder = environment.project.folder,
                                             .registry = environment.registry};
    code = mz_lua_create(&settings, &session.lua, &error);
    if (code == MZ_OK) {
        code = mz_lua_interactive(session.lua, &error);
    }
    if (code == MZ_OK) {
        mz_buffer_init(&session.text, MOST_TEXT);
        completing.lua = session.lua;
        if (session.terminal) {
            printf("mizan %s, Lua 5.4 as scripts have it; Ctrl-D ends\n",
                   MIZAN_VERSION);
            open_editor(&session);
        }
        read_lines(&session);
        if (session.terminal) {
            close_editor(&session);
            printf("\n");
        }
        mz_buffer_finish(&session.text);
    }
    mz_lua_destroy(session.lua);
    mz_environment_finish(&environment);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    return session.failed && !session.terminal ? mz_exit_status(MZ_SCRIPT) : 0;
}

int mz_command_repl(const struct mz_arguments *arguments)
{
    const struct mz_supervision supervision = {0};
    (void)arguments;
    return mz_supervise(repl_child, NULL, &supervision);
}
