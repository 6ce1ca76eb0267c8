/* Named queries: the table itself is made by CMakeLists.txt from queries/. */
#include "db/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "value/decimal.h"
#include "value/record.h"

#define MOST_QUERIES    64
#define MOST_PARAMETERS 16

const struct mz_named_query *mz_named_query(const char *name, const char **nearest)
{
    const char *names[MOST_QUERIES];
    size_t count = mz_named_queries_count;

    if (nearest != NULL) {
        *nearest = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(mz_named_queries[i].name, name) == 0) {
            return &mz_named_queries[i];
        }
    }
    if (nearest != NULL) {
        for (size_t i = 0; i < count && i < MOST_QUERIES; i++) {
            names[i] = mz_named_queries[i].name;
        }
        *nearest = mz_nearest(name, names, count < MOST_QUERIES ? count : MOST_QUERIES);
    }
    return NULL;
}

const struct mz_named_query *mz_store_statement(const char *name)
{
    for (size_t i = 0; i < mz_store_statements_count; i++) {
        if (strcmp(mz_store_statements[i].name, name) == 0) {
            return &mz_store_statements[i];
        }
    }
    return NULL;
}

size_t mz_named_query_count(void)
{
    return mz_named_queries_count;
}

const struct mz_named_query *mz_named_query_at(size_t index)
{
    return index < mz_named_queries_count ? &mz_named_queries[index] : NULL;
}

/* ---- arguments ---- */

static const struct mz_query_parameter *
find_parameter(const struct mz_named_query *query, const struct mizan_slice *name)
{
    for (size_t i = 0; i < query->parameter_count; i++) {
        const char *each = query->parameters[i].name;

        if (strlen(each) == name->size && memcmp(each, name->data, name->size) == 0) {
            return &query->parameters[i];
        }
    }
    return NULL;
}

static enum mz_code check_names(const struct mz_named_query *query,
                                const struct mizan_value *arguments,
                                struct mz_arena *arena, struct mz_error *error)
{
    const char *names[MOST_PARAMETERS];

    if (arguments == NULL || arguments->type != MIZAN_MAP) {
        return MZ_OK;
    }
    for (size_t i = 0; i < arguments->as.map.count; i++) {
        const struct mizan_slice *name = &arguments->as.map.fields[i].name;
        const char *nearest = NULL;
        const char *wrong;
        size_t count = 0;

        if (find_parameter(query, name) != NULL) {
            continue;
        }
        for (; count < query->parameter_count && count < MOST_PARAMETERS; count++) {
            names[count] = query->parameters[count].name;
        }
        wrong = mz_arena_copy(arena, name->data, name->size);
        wrong = wrong == NULL ? "" : wrong;
        nearest = mz_nearest(wrong, names, count);
        mz_fail(error, MZ_INPUT, "the query '%s' has no parameter '%s'", query->name,
                wrong);
        if (nearest != NULL) {
            mz_error_help(error, "did you mean '%s'?", nearest);
        }
        return MZ_INPUT;
    }
    return MZ_OK;
}

static enum mz_code refuse_argument(const struct mz_named_query *query,
                                    const struct mz_query_parameter *parameter,
                                    const struct mizan_value *value,
                                    struct mz_error *error)
{
    bool text = value->type == MIZAN_TEXT || value->type == MIZAN_DECIMAL;
    size_t size = text ? value->as.text.size : 0;
    const char *shown = text ? value->as.text.data : mz_type_name(value->type);

    if (!text) {
        size = strlen(shown);
    }
    mz_fail(error, MZ_INPUT, "'%s' of the query '%s' takes %s, not '%.*s'",
            parameter->name, query->name,
            strcmp(parameter->type, "integer") == 0 ? "a whole number" : "a number",
            size > 60 ? 60 : (int)size, shown);
    mz_error_help(error, "%s: %s", parameter->name, parameter->help);
    return MZ_INPUT;
}

/* Text and decimals that spell a number become one; nothing else changes its type. */
static bool to_number(const struct mz_query_parameter *parameter,
                      struct mizan_value *value)
{
    struct mz_decimal decimal;
    int64_t whole = 0;
    bool integer = strcmp(parameter->type, "integer") == 0;

    if (value->type == MIZAN_INTEGER || (value->type == MIZAN_DOUBLE && !integer)) {
        return true;
    }
    if ((value->type != MIZAN_TEXT && value->type != MIZAN_DECIMAL) ||
        mz_decimal_parse(value->as.text.data, value->as.text.size, &decimal) !=
            MZ_DECIMAL_OK) {
        return false;
    }
    if (mz_decimal_to_integer(decimal, &whole)) {
        *value = mz_integer(whole);
        return true;
    }
    if (!integer) {
        *value = mz_double(mz_decimal_to_double(decimal));
    }
    return !integer;
}

static enum mz_code fill(const struct mz_named_query *query,
                         const struct mizan_value *arguments,
                         struct mizan_value *values, struct mz_error *error)
{
    for (size_t i = 0; i < query->parameter_count; i++) {
        const struct mz_query_parameter *parameter = &query->parameters[i];
        const struct mizan_value *given =
            arguments == NULL ? NULL : mz_map_member(arguments, parameter->name);

        if (given == NULL || given->type == MIZAN_NIL) {
            if (parameter->default_value == NULL) {
                mz_fail(error, MZ_INPUT, "the query '%s' needs '%s'", query->name,
                        parameter->name);
                mz_error_help(error, "%s: %s", parameter->name, parameter->help);
                return MZ_INPUT;
            }
            values[i] = mz_text(parameter->default_value);
        } else {
            values[i] = *given;
        }
        if (strcmp(parameter->type, "text") != 0 && !to_number(parameter, &values[i])) {
            return refuse_argument(query, parameter, &values[i], error);
        }
    }
    return MZ_OK;
}

enum mz_code mz_db_named(struct mz_db *db, const struct mz_named_query *query,
                         const struct mizan_value *arguments, struct mz_arena *arena,
                         struct mizan_value *rows, struct mz_error *error)
{
    struct mizan_value values[MOST_PARAMETERS];
    enum mz_code code = check_names(query, arguments, arena, error);

    if (code == MZ_OK && query->parameter_count > MOST_PARAMETERS) {
        code = mz_fail(error, MZ_INTERNAL, "the query '%s' has too many parameters",
                       query->name);
    }
    if (code == MZ_OK) {
        code = fill(query, arguments, values, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    code =
        mz_db_rows(db, query->sql, values, query->parameter_count, arena, rows, error);
    if (code != MZ_OK) {
        mz_error_prefix(error, "query '%s'", query->name);
    }
    return code;
}
