/* What the catalog says of a table. */
#include "db/postgres.h"

#include "value/record.h"

static enum mz_column_type column_type(const struct mizan_value *type)
{
    static const struct {
        const char *name;
        enum mz_column_type type;
    } types[] = {{"int8", MZ_COLUMN_INTEGER},  {"int4", MZ_COLUMN_INTEGER},
                 {"int2", MZ_COLUMN_SMALL},    {"float8", MZ_COLUMN_DOUBLE},
                 {"float4", MZ_COLUMN_DOUBLE}, {"bytea", MZ_COLUMN_BYTES}};

    for (size_t i = 0; i < MZ_COUNT(types); i++) {
        if (mz_value_is(type, types[i].name)) {
            return types[i].type;
        }
    }
    return MZ_COLUMN_TEXT;
}

struct describer {
    struct mz_arena *arena;
    struct mz_column *columns;
    size_t count, capacity;
    bool failed;
};

static const char *keep_text(struct mz_arena *arena, const struct mizan_value *value)
{
    return value->type == MIZAN_TEXT
               ? mz_arena_copy(arena, value->as.text.data, value->as.text.size)
               : NULL;
}

/* name, type, not null, default, in the primary key, generated */
static bool describe(void *context, const struct mz_row *row)
{
    struct describer *into = context;
    const char *name = keep_text(into->arena, &row->values[0]);

    if (name == NULL || into->count == into->capacity) {
        into->failed = true;
        return false;
    }
    into->columns[into->count++] = (struct mz_column){
        .name = name,
        .fallback = keep_text(into->arena, &row->values[3]),
        .type = column_type(&row->values[1]),
        .required = row->values[2].as.integer != 0,
        .key = row->values[4].as.integer != 0,
        .generated = row->values[5].as.integer != 0,
    };
    return true;
}

enum mz_code mz_postgres_columns(struct mz_db *db, const char *table,
                                 struct mz_column **columns, size_t *count,
                                 struct mz_error *error)
{
    static const char sql[] =
        "SELECT a.attname, t.typname, a.attnotnull,"
        " CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,"
        " COALESCE(a.attnum = ANY(i.indkey), false), a.attgenerated <> ''"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " JOIN pg_type t ON t.oid = a.atttypid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
        " WHERE c.relname = $1 AND c.relkind IN('r', 'p') AND c.relnamespace ="
        " (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
        " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    const struct mizan_value argument = mz_text(table);
    struct describer into = {.arena = db->keep, .capacity = 256};
    struct mz_statement statement = {.sql = sql,
                                     .arguments = &argument,
                                     .count = 1,
                                     .row = describe,
                                     .context = &into};
    enum mz_code code;

    into.columns = mz_arena_alloc(db->keep, into.capacity * sizeof *into.columns);
    if (into.columns == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the columns of %s", table);
    }
    code = mz_db_run(db, &statement, error);
    if (code == MZ_OK && into.failed) {
        code = mz_fail(error, MZ_MEMORY, "no memory for the columns of %s", table);
    }
    *columns = into.columns;
    *count = into.count;
    return code;
}
