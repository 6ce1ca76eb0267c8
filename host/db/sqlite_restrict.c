/* SQL of users: what it may do and how much of it. */
#include "db/sqlite.h"

#include <string.h>

#define RESTRICTED_LIMIT 30000 /* milliseconds, unless the caller sets another */

static const char *const allowed_functions[] = {"abs",
                                                "acos",
                                                "asin",
                                                "atan",
                                                "atan2",
                                                "avg",
                                                "ceil",
                                                "ceiling",
                                                "char",
                                                "coalesce",
                                                "cos",
                                                "count",
                                                "cume_dist",
                                                "date",
                                                "datetime",
                                                "degrees",
                                                "dense_rank",
                                                "exp",
                                                "first_value",
                                                "floor",
                                                "format",
                                                "glob",
                                                "group_concat",
                                                "hex",
                                                "ifnull",
                                                "iif",
                                                "instr",
                                                "json",
                                                "json_array",
                                                "json_array_length",
                                                "json_each",
                                                "json_extract",
                                                "json_group_array",
                                                "json_group_object",
                                                "json_object",
                                                "json_quote",
                                                "json_tree",
                                                "json_type",
                                                "json_valid",
                                                "julianday",
                                                "lag",
                                                "last_value",
                                                "lead",
                                                "length",
                                                "like",
                                                "ln",
                                                "log",
                                                "log10",
                                                "log2",
                                                "lower",
                                                "ltrim",
                                                "max",
                                                "min",
                                                "mod",
                                                "nth_value",
                                                "ntile",
                                                "nullif",
                                                "percent_rank",
                                                "pi",
                                                "pow",
                                                "power",
                                                "printf",
                                                "quote",
                                                "radians",
                                                "rank",
                                                "replace",
                                                "round",
                                                "row_number",
                                                "rtrim",
                                                "sign",
                                                "sin",
                                                "sqrt",
                                                "strftime",
                                                "substr",
                                                "substring",
                                                "sum",
                                                "tan",
                                                "time",
                                                "total",
                                                "trim",
                                                "trunc",
                                                "typeof",
                                                "unicode",
                                                "unixepoch",
                                                "upper",
                                                "->",
                                                "->>"};

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *schema, const char *view)
{
    (void)context;
    (void)schema;
    (void)view;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        return first != NULL && strcmp(first, "sqlite_dbpage") == 0 ? SQLITE_DENY
                                                                    : SQLITE_OK;
    case SQLITE_FUNCTION:
        for (size_t i = 0; second != NULL && i < MZ_COUNT(allowed_functions); i++) {
            if (sqlite3_stricmp(second, allowed_functions[i]) == 0) {
                return SQLITE_OK;
            }
        }
        return SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

void mz_sqlite_restrict(struct mz_sqlite *db)
{
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LENGTH, 64 << 20},
        {SQLITE_LIMIT_SQL_LENGTH, 100000},
        {SQLITE_LIMIT_COLUMN, 500},
        {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_COMPOUND_SELECT, 50},
        {SQLITE_LIMIT_VDBE_OP, 250000},
        {SQLITE_LIMIT_FUNCTION_ARG, 64},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < MZ_COUNT(limits); i++) {
        (void)sqlite3_limit(db->handle, limits[i].limit, limits[i].value);
    }
    /* These two are tables whose making the authorizer would refuse; made once, they
     * stay for the connection. */
    (void)sqlite3_exec(db->handle,
                       "SELECT count(*) FROM json_each('[]'), json_tree('[]')", NULL,
                       NULL, NULL);
    mz_sqlite_set_time_limit(&db->base, RESTRICTED_LIMIT);
    (void)sqlite3_set_authorizer(db->handle, authorize, NULL);
}
