#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "db/db.h"
#include "run/environment.h"
#include "value/record.h"
#include "value/table.h"

#define QUERY_CEILING   ((size_t)1 << 30)
#define DEFAULT_SECONDS 10
/* More is as good as no limit. */
#define MOST_SECONDS ((int64_t)1 << 32)

static enum mz_table_form chosen_form(const struct mz_arguments *arguments)
{
    static const struct {
        const char *option;
        enum mz_table_form form;
    } forms[] = {{"json", MZ_TABLE_JSON},
                 {"csv", MZ_TABLE_CSV},
                 {"md", MZ_TABLE_MARKDOWN},
                 {"tsv", MZ_TABLE_TSV},
                 {"table", MZ_TABLE_ALIGNED}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (mz_argument(arguments, forms[i].option) != NULL) {
            return forms[i].form;
        }
    }
    return MZ_TABLE_AUTO;
}

static int list_queries(void)
{
    for (size_t i = 0; i < mz_named_query_count(); i++) {
        const struct mz_named_query *query = mz_named_query_at(i);
        printf("%-12s %s\n", query->name, query->about);
        for (size_t p = 0; p < query->parameter_count; p++) {
            const struct mz_query_parameter *parameter = &query->parameters[p];
            printf("               %s=%s  %s%s%s%s\n", parameter->name, parameter->type,
                   parameter->help, parameter->default_value == NULL ? "" : " (",
                   parameter->default_value == NULL ? "" : parameter->default_value,
                   parameter->default_value == NULL ? "" : ")");
        }
    }
    return 0;
}

/* `name=value` words to a map; everything is text, the query knows its types. */
static enum mz_code parse_arguments(const struct mz_arguments *arguments,
                                    struct mz_arena *arena, struct mizan_value *out,
                                    struct mz_error *error)
{
    size_t count = mz_operand_count(arguments);
    struct mizan_field *fields = mz_arena_zero(arena, count * sizeof *fields);
    *out = (struct mizan_value){.type = MIZAN_MAP};
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the arguments");
    }
    for (size_t i = 1; i < count; i++) {
        const char *word = mz_operand(arguments, i);
        const char *equals = strchr(word, '=');
        if (equals == NULL || equals == word) {
            mz_fail(error, MZ_USAGE, "'%s' is no parameter", word);
            mz_error_help(error, "parameters are written name=value; mizan query lists "
                                 "them");
            return MZ_USAGE;
        }
        fields[i - 1].name = (struct mizan_slice){word, (size_t)(equals - word)};
        fields[i - 1].value = mz_text(equals + 1);
    }
    out->as.map.fields = fields;
    out->as.map.count = count - 1;
    return MZ_OK;
}

static enum mz_code run_query(struct mz_db *db, const struct mz_arguments *arguments,
                              struct mz_arena *arena, struct mizan_value *rows,
                              struct mz_error *error)
{
    const char *text = mz_operand(arguments, 0);
    const char *nearest = NULL;
    struct mizan_value map;
    if (strpbrk(text, " \t\r\n(") != NULL) {
        if (mz_operand_count(arguments) > 1) {
            return mz_fail(error, MZ_USAGE, "SQL takes no parameter '%s'",
                           mz_operand(arguments, 1));
        }
        return mz_db_rows(db, text, NULL, 0, arena, rows, error);
    }
    const struct mz_named_query *query = mz_named_query(text, &nearest);
    if (query == NULL) {
        mz_fail(error, MZ_USAGE, "there is no query named '%s'", text);
        if (nearest != NULL) {
            mz_error_help(error, "did you mean '%s'? mizan query lists all", nearest);
        } else {
            mz_error_help(error, "mizan query lists them");
        }
        return MZ_USAGE;
    }
    enum mz_code code = parse_arguments(arguments, arena, &map, error);
    if (code == MZ_OK) {
        code = mz_db_named(db, query, &map, arena, rows, error);
    }
    /* What is wrong with a query's input came from the command line. */
    if (code == MZ_INPUT) {
        error->code = MZ_USAGE;
        code = MZ_USAGE;
    }
    return code;
}

static int print_rows(const struct mz_arguments *arguments,
                      const struct mizan_value *rows)
{
    struct mz_error error;
    if (rows->as.list.count == 0) {
        fprintf(stderr, "no rows\n");
        return 0;
    }
    if (mz_table_print(stdout, rows, chosen_form(arguments), 0, &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    return 0;
}

int mz_command_query(const struct mz_arguments *arguments)
{
    struct mz_environment environment;
    struct mz_error error;
    struct mz_db *db = NULL;
    struct mizan_value rows;
    int64_t seconds;
    if (mz_operand_count(arguments) == 0) {
        return list_queries();
    }
    if (!mz_argument_number(arguments, "limit-time", DEFAULT_SECONDS, &seconds)) {
        return mz_exit_status(MZ_USAGE);
    }
    enum mz_code code =
        mz_environment_init(&environment, NULL, mz_argument(arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    struct mz_arena *arena = mz_arena_create(QUERY_CEILING);
    int status = mz_exit_status(MZ_MEMORY);
    if (arena != NULL) {
        code = mz_db_open(environment.database, MZ_DB_RESTRICTED, &db, &error);
        if (code == MZ_OK) {
            mz_db_set_time_limit(db, seconds > MOST_SECONDS ? 0 : seconds * 1000);
            code = run_query(db, arguments, arena, &rows, &error);
        }
        status = code == MZ_OK ? print_rows(arguments, &rows) : mz_command_fail(&error);
    }
    mz_db_close(db);
    mz_arena_destroy(arena);
    mz_environment_finish(&environment);
    return status;
}
