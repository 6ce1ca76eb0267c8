/* `mizan state`: what sources keep between runs, looked at and changed by hand. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "db/state.h"
#include "run/environment.h"
#include "value/record.h"
#include "value/table.h"

#define CEILING ((size_t)1 << 30)

struct state {
    const struct mz_arguments *arguments;
    struct mz_environment environment;
    struct mz_db *db;
    struct mz_arena *arena;
};

static const char *operand(const struct state *state, size_t index)
{
    return mz_operand(state->arguments, index);
}

static enum mz_code print_rows(struct state *state, const struct mizan_value *rows,
                               bool json, struct mz_error *error)
{
    (void)state;
    return mz_table_print(stdout, rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0, error);
}

/* get PIPELINE [SOURCE [KEY]]: with a key its bare value. */
static enum mz_code get(struct state *state, struct mz_error *error)
{
    struct mizan_value rows;
    bool json = mz_argument(state->arguments, "json") != NULL;
    enum mz_code code = mz_state_list(state->db, operand(state, 1), operand(state, 2),
                                      operand(state, 3), state->arena, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    if (rows.as.list.count == 0) {
        mz_fail(error, MZ_NOT_FOUND, "there is no such state of '%s'",
                operand(state, 1));
        mz_error_help(error, "mizan state get %s lists all of it", operand(state, 1));
        return MZ_NOT_FOUND;
    }
    if (operand(state, 3) != NULL && !json) {
        printf("%s\n", mz_map_text(&rows.as.list.items[0], "value"));
        return MZ_OK;
    }
    return print_rows(state, &rows, json, error);
}

/* set PIPELINE SOURCE KEY VALUE */
static enum mz_code set(struct state *state, struct mz_error *error)
{
    const char *text = operand(state, 4);
    struct mizan_slice value = {text, strlen(text)};
    return mz_state_put(state->db, operand(state, 1), operand(state, 2),
                        operand(state, 3), value, error);
}

/* drop PIPELINE [SOURCE [KEY]] */
static enum mz_code drop(struct state *state, struct mz_error *error)
{
    int64_t changed = 0;
    enum mz_code code = mz_state_drop(state->db, operand(state, 1), operand(state, 2),
                                      operand(state, 3), &changed, error);
    if (code == MZ_OK) {
        fprintf(stderr, "%lld forgotten\n", (long long)changed);
    }
    return code;
}

/* move PIPELINE NEW, move PIPELINE SOURCE NEW */
static enum mz_code move(struct state *state, struct mz_error *error)
{
    int64_t changed = 0;
    bool whole = operand(state, 3) == NULL;
    enum mz_code code =
        mz_state_move(state->db, operand(state, 1), whole ? NULL : operand(state, 2),
                      operand(state, whole ? 2 : 3), &changed, error);
    if (code == MZ_OK) {
        fprintf(stderr, "%lld moved\n", (long long)changed);
    }
    return code;
}

/* export PIPELINE: keys, then addresses, a JSON object a line. */
static enum mz_code export_all(struct state *state, struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code = mz_state_list(state->db, operand(state, 1), NULL, NULL,
                                      state->arena, &rows, error);
    if (code == MZ_OK) {
        code = print_rows(state, &rows, true, error);
    }
    if (code == MZ_OK) {
        code = mz_state_addresses(state->db, operand(state, 1), state->arena, &rows,
                                  error);
    }
    return code == MZ_OK ? print_rows(state, &rows, true, error) : code;
}

static const struct verb {
    const char *name;
    size_t least, most; /* operands, the verb included */
    const char *usage;
    enum mz_code (*run)(struct state *state, struct mz_error *error);
    bool writes;
} verbs[] = {{"get", 2, 4, "get PIPELINE [SOURCE [KEY]]", get, false},
             {"set", 5, 5, "set PIPELINE SOURCE KEY VALUE", set, true},
             {"move", 3, 4, "move PIPELINE [SOURCE] NEW", move, true},
             {"drop", 2, 4, "drop PIPELINE [SOURCE [KEY]]", drop, true},
             {"export", 2, 2, "export PIPELINE", export_all, false}};
#define VERBS (sizeof verbs / sizeof verbs[0])

static const struct verb *find_verb(const struct mz_arguments *arguments,
                                    struct mz_error *error)
{
    const char *word = mz_operand(arguments, 0);
    const char *names[VERBS];
    for (size_t i = 0; i < VERBS; i++) {
        names[i] = verbs[i].name;
        if (strcmp(word, verbs[i].name) == 0) {
            size_t count = mz_operand_count(arguments);
            if (count >= verbs[i].least && count <= verbs[i].most) {
                return &verbs[i];
            }
            mz_fail(error, MZ_USAGE, "mizan state %s takes other words", word);
            mz_error_help(error, "usage: mizan state %s", verbs[i].usage);
            return NULL;
        }
    }
    const char *nearest = mz_nearest(word, names, VERBS);
    mz_fail(error, MZ_USAGE, "mizan state has no '%s'", word);
    mz_error_help(error, "%s%s%sget, set, move, drop or export",
                  nearest == NULL ? "" : "did you mean '",
                  nearest == NULL ? "" : nearest,
                  nearest == NULL ? "" : "'? it is one of ");
    return NULL;
}

int mz_command_state(const struct mz_arguments *arguments)
{
    struct state state = {.arguments = arguments};
    struct mz_error error;
    const struct verb *verb = find_verb(arguments, &error);
    if (verb == NULL) {
        return mz_command_fail(&error);
    }
    enum mz_code code = mz_environment_init(&state.environment, NULL,
                                            mz_argument(arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    state.arena = mz_arena_create(CEILING);
    code = state.arena == NULL
               ? mz_fail(&error, MZ_MEMORY, "not enough memory")
               : mz_db_open(state.environment.database,
                            verb->writes ? MZ_DB_WRITE : MZ_DB_READ, &state.db, &error);
    if (code == MZ_OK) {
        code = verb->run(&state, &error);
    }
    mz_db_close(state.db);
    mz_arena_destroy(state.arena);
    mz_environment_finish(&state.environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
