/* `mizan dead`: what was rejected or broke, by cause; one letter in full; giving inputs
 * back to their pipeline. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/dead_keep.h"
#include "cli/pipeline_files.h"
#include "db/dead.h"
#include "db/home.h"
#include "run/run.h"
#include "value/json.h"
#include "value/record.h"
#include "value/table.h"

#define MOST_BODY ((size_t)1 << 30)

/* One call of the command: its project, the open database, what it reads. */
struct dead {
    const struct mz_arguments *arguments;
    struct mz_environment environment;
    struct mz_db *db;
    struct mz_arena *arena;
};

static enum mz_code open_dead(struct dead *dead, enum mz_db_mode mode,
                              struct mz_error *error)
{
    enum mz_code code =
        mz_environment_init(&dead->environment, mz_argument(dead->arguments, "file"),
                            mz_argument(dead->arguments, "db"), error);
    if (code != MZ_OK) {
        return code;
    }
    dead->arena = mz_arena_create(MOST_BODY);
    code = dead->arena == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory")
               : mz_db_open(dead->environment.database, mode, &dead->db, error);
    return code;
}

static void close_dead(struct dead *dead)
{
    mz_db_close(dead->db);
    mz_arena_destroy(dead->arena);
    mz_environment_finish(&dead->environment);
}

/* ---- list ---- */

static enum mz_code list_letters(struct dead *dead, int64_t limit,
                                 struct mz_error *error)
{
    const struct mz_arguments *arguments = dead->arguments;
    bool json = mz_argument(arguments, "json") != NULL;
    struct mz_dead_filter filter = {.pipeline = mz_operand(arguments, 1),
                                    .stage = mz_argument(arguments, "stage"),
                                    .run_id = mz_argument(arguments, "run"),
                                    .resolved =
                                        mz_argument(arguments, "resolved") != NULL,
                                    .limit = limit};
    struct mizan_value rows;
    enum mz_code code = open_dead(dead, MZ_DB_READ, error);
    if (code == MZ_OK && mz_argument(arguments, "each") != NULL) {
        code = mz_dead_letters(dead->db, &filter, dead->arena, &rows, error);
    } else if (code == MZ_OK) {
        code = mz_dead_causes(dead->db, &filter, dead->arena, &rows, error);
    }
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "no dead letters\n");
        return MZ_OK;
    }
    return code == MZ_OK
               ? mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                                error)
               : code;
}

/* ---- show ---- */

static void print_member(const char *title, const char *text)
{
    if (text != NULL && strchr(text, '\n') == NULL) {
        printf("%-10s %s\n", title, text);
    } else if (text != NULL) {
        printf("%s\n%s\n", title, text);
    }
}

static void print_letter(const struct mizan_value *letter)
{
    static const struct {
        const char *title, *member;
    } lines[] = {{"letter", "id"},
                 {"cause", "cause"},
                 {"pipeline", "pipeline"},
                 {"outcome", "outcome"},
                 {"stage", "stage"},
                 {"place", "place"},
                 {"reason", "reason"},
                 {"first", "first_at"},
                 {"last", "at"},
                 {"resolved", "resolved_at"},
                 {"source", "source_id"},
                 {"url", "url"},
                 {"document", "document_id"},
                 {"type", "media_type"},
                 {"body", "raw_sha256"},
                 {"run", "run_id"},
                 {"traceback", "traceback"},
                 {"record", "record"}};
    const struct mizan_value *attempts = mz_map_member(letter, "attempts");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        print_member(lines[i].title, mz_map_text(letter, lines[i].member));
        if (strcmp(lines[i].member, "at") == 0) {
            printf("%-10s %lld\n", "times", (long long)attempts->as.integer);
        }
    }
    fflush(stdout);
    if (mz_map_text(letter, "raw_sha256") != NULL) {
        fprintf(stderr,
                "next: mizan dead show %.10s --body    its bytes\n"
                "      mizan dead replay %.10s         try it again, once mended\n"
                "      mizan dead keep %.10s           make a failing test of it\n",
                mz_map_text(letter, "id"), mz_map_text(letter, "id"),
                mz_map_text(letter, "id"));
    }
}

static enum mz_code read_body(struct dead *dead, const struct mizan_value *letter,
                              struct mizan_slice *body, struct mz_error *error)
{
    const char *digest = mz_map_text(letter, "raw_sha256");
    return digest == NULL
               ? mz_fail(error, MZ_NOT_FOUND, "no body was kept for the letter %s",
                         mz_map_text(letter, "id"))
               : mz_home_raw(dead->db, digest, dead->arena, body, error);
}

static enum mz_code print_body(struct dead *dead, const struct mizan_value *letter,
                               struct mz_error *error)
{
    struct mizan_slice body;
    enum mz_code code = read_body(dead, letter, &body, error);
    if (code == MZ_OK && fwrite(body.data, 1, body.size, stdout) != body.size) {
        code = mz_fail_errno(error, MZ_IO, "the body cannot be written");
    }
    return code;
}

static enum mz_code print_json(const struct mizan_value *letter, struct mz_error *error)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)64 << 20);
    mz_json_value(&out, letter);
    mz_buffer_byte(&out, '\n');
    enum mz_code code = MZ_OK;
    if (!mz_buffer_ok(&out)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for the letter");
    } else if (fwrite(out.data, 1, out.size, stdout) != out.size) {
        code = mz_fail_errno(error, MZ_IO, "the letter cannot be written");
    }
    mz_buffer_finish(&out);
    return code;
}

static enum mz_code show_letters(struct dead *dead, struct mz_error *error)
{
    const struct mz_arguments *arguments = dead->arguments;
    enum mz_code code = open_dead(dead, MZ_DB_READ, error);
    for (size_t i = 1; code == MZ_OK && i < mz_operand_count(arguments); i++) {
        struct mizan_value letter;
        code = mz_dead_letter_get(dead->db, mz_operand(arguments, i), dead->arena,
                                  &letter, error);
        if (code != MZ_OK) {
            break;
        }
        if (mz_argument(arguments, "body") != NULL) {
            code = print_body(dead, &letter, error);
        } else if (mz_argument(arguments, "json") != NULL) {
            code = print_json(&letter, error);
        } else {
            printf("%s", i > 1 ? "\n" : "");
            print_letter(&letter);
        }
    }
    return code;
}

/* ---- replay ---- */

/* The file of the pipeline that all the letters are of. */
static enum mz_code find_file(struct dead *dead, char path[MZ_PATH],
                              struct mz_error *error)
{
    const struct mz_arguments *arguments = dead->arguments;
    const char *name = NULL;
    for (size_t i = 1; i < mz_operand_count(arguments); i++) {
        struct mizan_value rows;
        enum mz_code code = mz_dead_inputs(dead->db, mz_operand(arguments, i),
                                           dead->arena, &rows, error);
        if (code != MZ_OK) {
            return code;
        }
        for (size_t r = 0; r < rows.as.list.count; r++) {
            const char *other = mz_map_text(&rows.as.list.items[r], "pipeline");
            if (name != NULL && strcmp(name, other) != 0) {
                return mz_fail(error, MZ_USAGE,
                               "the letters are of several pipelines (%s, %s): give "
                               "those of one at a time",
                               name, other);
            }
            name = other;
        }
    }
    if (mz_argument(arguments, "file") != NULL) {
        snprintf(path, MZ_PATH, "%s", mz_argument(arguments, "file"));
        return MZ_OK;
    }
    return mz_find_pipeline(dead->environment.project.folder, name, path, error);
}

static int replay_letters(struct dead *dead)
{
    const struct mz_arguments *arguments = dead->arguments;
    char path[MZ_PATH];
    struct mz_error error;
    struct mz_run_settings settings = {.file = path,
                                       .database = mz_argument(arguments, "db"),
                                       .json = mz_argument(arguments, "json") != NULL,
                                       .replay = mz_operands(arguments) + 1,
                                       .replay_count = mz_operand_count(arguments) - 1};
    enum mz_code code = open_dead(dead, MZ_DB_READ, &error);
    if (code == MZ_OK) {
        code = find_file(dead, path, &error);
    }
    /* The run opens the database itself, in a child: no handle crosses the fork. */
    close_dead(dead);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    settings.parameter_count =
        mz_argument_all(arguments, "param", &settings.parameters);
    return mz_run(&settings);
}

/* ---- keep ---- */

static enum mz_code keep_letters(struct dead *dead, struct mz_error *error)
{
    const struct mz_arguments *arguments = dead->arguments;
    enum mz_code code = open_dead(dead, MZ_DB_READ, error);
    for (size_t i = 1; code == MZ_OK && i < mz_operand_count(arguments); i++) {
        const char *id = mz_operand(arguments, i);
        const char *file = mz_argument(arguments, "file");
        char path[MZ_PATH];
        struct mizan_value letter;
        struct mizan_slice body;
        code = mz_dead_letter_get(dead->db, id, dead->arena, &letter, error);
        if (code == MZ_OK) {
            code = read_body(dead, &letter, &body, error);
        }
        if (code == MZ_OK && file == NULL) {
            code = mz_find_pipeline(dead->environment.project.folder,
                                    mz_map_text(&letter, "pipeline"), path, error);
        }
        if (code == MZ_OK) {
            code = mz_dead_keep(&letter, body, file == NULL ? path : file, error);
        }
    }
    return code;
}

/* ---- the command ---- */

/* Checks the verb and its operands; says what is wrong. */
static enum mz_code check_verb(const struct mz_arguments *arguments,
                               struct mz_error *error)
{
    static const char *const verbs[] = {"list", "show", "replay", "keep"};
    const size_t count = sizeof verbs / sizeof verbs[0];
    const char *verb = mz_operand(arguments, 0);
    bool known = false;
    for (size_t i = 0; i < count; i++) {
        known = known || strcmp(verb, verbs[i]) == 0;
    }
    if (!known) {
        const char *nearest = mz_nearest(verb, verbs, count);
        mz_fail(error, MZ_USAGE, "mizan dead has no '%s'", verb);
        mz_error_help(error, "%s%s%slist, show, replay or keep",
                      nearest == NULL ? "" : "did you mean '",
                      nearest == NULL ? "" : nearest,
                      nearest == NULL ? "" : "'? it is one of ");
        return MZ_USAGE;
    }
    if (strcmp(verb, "list") != 0 && mz_operand_count(arguments) < 2) {
        mz_fail(error, MZ_USAGE, "mizan dead %s needs the id of a letter", verb);
        mz_error_help(error, "mizan dead list shows them");
        return MZ_USAGE;
    }
    return MZ_OK;
}

int mz_command_dead(const struct mz_arguments *arguments)
{
    struct dead dead = {.arguments = arguments};
    struct mz_error error;
    const char *verb = mz_operand(arguments, 0);
    int64_t limit;
    enum mz_code code = check_verb(arguments, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    if (!mz_argument_number(arguments, "limit", 50, &limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (strcmp(verb, "replay") == 0) {
        return replay_letters(&dead);
    }
    if (strcmp(verb, "list") == 0) {
        code = list_letters(&dead, limit, &error);
    } else if (strcmp(verb, "show") == 0) {
        code = show_letters(&dead, &error);
    } else {
        code = keep_letters(&dead, &error);
    }
    close_dead(&dead);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
