/* Rows of the data schema from records. One statement a table: a column that the record
 * does not have gets its default, so that a repeat leaves what a first insert would. */
#include "db/engine.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "value/decimal.h"
#include "value/record.h"

#define SQL_CEILING ((size_t)64 << 10)
#define NUMBER_TEXT 40
/* Doubles hold every whole number up to here. */
#define DOUBLE_WHOLE 9007199254740992.0

static const char *const data_tables[] = {
    "attribution", "entity",      "entity_alias", "figure", "figure_history",
    "figure_link", "figure_role", "fx",           "topic",  "work"};

struct mz_table {
    const char *name;
    struct mz_column *columns;
    const struct mz_name **names; /* of the columns, interned */
    size_t count;
    const char *sql;
};

size_t mz_data_table_count(void)
{
    return MZ_COUNT(data_tables);
}

const char *mz_data_table(size_t index)
{
    return index < MZ_COUNT(data_tables) ? data_tables[index] : NULL;
}

/* ---- the statement of a table ---- */

static void add_list(struct mz_buffer *sql, const struct mz_table *table, bool keys,
                     const char *format)
{
    const char *comma = "";

    for (size_t i = 0; i < table->count; i++) {
        const struct mz_column *column = &table->columns[i];

        if (column->generated || (keys && !column->key)) {
            continue;
        }
        mz_buffer_text(sql, comma);
        mz_buffer_printf(sql, "\"%s\"", column->name);
        comma = format;
    }
}

static void add_values(struct mz_buffer *sql, const struct mz_table *table)
{
    size_t place = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct mz_column *column = &table->columns[i];

        if (column->generated) {
            continue;
        }
        mz_buffer_text(sql, place == 0 ? "" : ", ");
        place++;
        if (column->fallback != NULL) {
            mz_buffer_printf(sql, "COALESCE($%zu, %s)", place, column->fallback);
        } else {
            mz_buffer_printf(sql, "$%zu", place);
        }
    }
}

static void add_updates(struct mz_buffer *sql, const struct mz_table *table)
{
    const char *before = " DO UPDATE SET ";
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct mz_column *column = &table->columns[i];

        if (!column->generated && !column->key) {
            mz_buffer_printf(sql, "%s\"%s\" = excluded.\"%s\"", before, column->name,
                             column->name);
            before = ", ";
            count++;
        }
    }
    if (count == 0) {
        mz_buffer_text(sql, " DO NOTHING");
    }
}

static const char *make_sql(struct mz_arena *arena, const struct mz_table *table)
{
    struct mz_buffer sql;
    const char *copy = NULL;

    mz_buffer_init(&sql, SQL_CEILING);
    mz_buffer_printf(&sql, "INSERT INTO \"%s\"(", table->name);
    add_list(&sql, table, false, ", ");
    mz_buffer_text(&sql, ") VALUES(");
    add_values(&sql, table);
    mz_buffer_text(&sql, ") ON CONFLICT(");
    add_list(&sql, table, true, ", ");
    mz_buffer_text(&sql, ")");
    add_updates(&sql, table);
    if (mz_buffer_ok(&sql)) {
        copy = mz_arena_copy(arena, sql.data, sql.size);
    }
    mz_buffer_finish(&sql);
    return copy;
}

static enum mz_code load_table(struct mz_db *db, const char *name,
                               struct mz_table **out, struct mz_error *error)
{
    struct mz_table *table = mz_arena_zero(db->keep, sizeof *table);
    enum mz_code code;

    if (table == NULL) {
        goto no_memory;
    }
    table->name = name;
    code = db->engine->columns(db, name, &table->columns, &table->count, error);
    if (code != MZ_OK) {
        return code;
    }
    table->names = mz_arena_alloc(db->keep, (table->count + 1) * sizeof(const char *));
    table->sql = make_sql(db->keep, table);
    if (table->names == NULL || table->sql == NULL) {
        goto no_memory;
    }
    for (size_t i = 0; i < table->count; i++) {
        const char *column = table->columns[i].name;

        table->names[i] = mz_name_intern(column, strlen(column));
        if (table->names[i] == NULL) {
            goto no_memory;
        }
    }
    if (!mz_map_set(db->tables, name, strlen(name), table, NULL)) {
        goto no_memory;
    }
    *out = table;
    return MZ_OK;
no_memory:
    return mz_fail(error, MZ_MEMORY, "no memory for the columns of %s", name);
}

static enum mz_code find_table(struct mz_db *db, const char *name,
                               struct mz_table **out, struct mz_error *error)
{
    const char *nearest;

    *out = mz_map_get(db->tables, name, strlen(name));
    if (*out != NULL) {
        return MZ_OK;
    }
    for (size_t i = 0; i < MZ_COUNT(data_tables); i++) {
        if (strcmp(data_tables[i], name) == 0) {
            return load_table(db, data_tables[i], out, error);
        }
    }
    mz_fail(error, MZ_INPUT, "there is no table '%s' to store rows in", name);
    nearest = mz_nearest(name, data_tables, MZ_COUNT(data_tables));
    if (nearest != NULL) {
        mz_error_help(error, "did you mean '%s'?", nearest);
    }
    return MZ_INPUT;
}

/* ---- values for columns ---- */

struct target {
    struct mz_db *db;
    const struct mz_table *table;
    const struct mz_column *column;
};

static enum mz_code refuse_value(const struct target *target,
                                 const struct mizan_value *value, const char *wanted,
                                 struct mz_error *error)
{
    bool shown = value->type == MIZAN_TEXT || value->type == MIZAN_DECIMAL;
    size_t size = shown ? value->as.text.size : 0;

    return mz_fail(error, MZ_INPUT, "%s of %s takes %s, not %s%s%.*s%s",
                   target->column->name, target->table->name, wanted,
                   mz_type_name(value->type), shown ? " '" : "",
                   size > 60 ? 60 : (int)size,
                   shown && size > 0 ? value->as.text.data : "", shown ? "'" : "");
}

static enum mz_code to_text(const struct target *target,
                            const struct mizan_value *value, struct mizan_value *out,
                            struct mz_error *error)
{
    struct mz_arena *arena = target->db->scratch;
    char what[160];
    enum mz_code code = mz_db_plain(target->db, value, out, error);

    if (code != MZ_OK) {
        return code;
    }
    if (out->type == MIZAN_INTEGER) {
        *out = mz_text(mz_arena_printf(arena, "%" PRId64, out->as.integer));
    } else if (out->type == MIZAN_DOUBLE) {
        if (!isfinite(value->as.number)) {
            return refuse_value(target, value, "text or a finite number", error);
        }
        *out = mz_text(mz_arena_printf(arena, "%.17g", out->as.number));
    }
    if (out->type == MIZAN_NIL) {
        return mz_fail(error, MZ_MEMORY, "no memory for a value");
    }
    out->type = MIZAN_TEXT;
    (void)snprintf(what, sizeof what, "%s of %s", target->column->name,
                   target->table->name);
    return mz_db_check_text(what, out->as.text, error);
}

static enum mz_code to_integer(const struct target *target,
                               const struct mizan_value *value, struct mizan_value *out,
                               struct mz_error *error)
{
    struct mz_decimal decimal;
    int64_t number = value->as.integer;
    bool good = value->type == MIZAN_INTEGER || value->type == MIZAN_BOOLEAN;

    if (value->type == MIZAN_DECIMAL) {
        good = mz_decimal_parse(value->as.text.data, value->as.text.size, &decimal) ==
                   MZ_DECIMAL_OK &&
               mz_decimal_to_integer(decimal, &number);
    } else if (value->type == MIZAN_DOUBLE && fabs(value->as.number) <= DOUBLE_WHOLE &&
               trunc(value->as.number) == value->as.number) {
        number = (int64_t)value->as.number;
        good = true;
    }
    if (good && target->column->type == MZ_COLUMN_SMALL) {
        good = number >= INT16_MIN && number <= INT16_MAX;
    }
    if (!good) {
        return refuse_value(target, value,
                            target->column->type == MZ_COLUMN_SMALL
                                ? "a small whole number"
                                : "a whole number",
                            error);
    }
    *out = mz_integer(number);
    return MZ_OK;
}

static enum mz_code to_double(const struct target *target,
                              const struct mizan_value *value, struct mizan_value *out,
                              struct mz_error *error)
{
    struct mz_decimal decimal;
    double number = 0;
    bool good = true;

    if (value->type == MIZAN_INTEGER) {
        number = (double)value->as.integer;
    } else if (value->type == MIZAN_DOUBLE) {
        number = value->as.number;
    } else if (value->type == MIZAN_DECIMAL &&
               mz_decimal_parse(value->as.text.data, value->as.text.size, &decimal) ==
                   MZ_DECIMAL_OK) {
        number = mz_decimal_to_double(decimal);
    } else {
        good = false;
    }
    if (!good || !isfinite(number)) {
        return refuse_value(target, value, "a finite number", error);
    }
    *out = mz_double(number);
    return MZ_OK;
}

static enum mz_code convert(const struct target *target,
                            const struct mizan_value *value, struct mizan_value *out,
                            struct mz_error *error)
{
    if (value->type == MIZAN_NIL) {
        *out = mz_nil();
        return MZ_OK;
    }
    switch (target->column->type) {
    case MZ_COLUMN_TEXT:
        return to_text(target, value, out, error);
    case MZ_COLUMN_INTEGER:
    case MZ_COLUMN_SMALL:
        return to_integer(target, value, out, error);
    case MZ_COLUMN_DOUBLE:
        return to_double(target, value, out, error);
    case MZ_COLUMN_BYTES:
        break;
    }
    if (value->type != MIZAN_TEXT && value->type != MIZAN_BYTES) {
        return refuse_value(target, value, "bytes", error);
    }
    *out = mz_bytes(value->as.text.data, value->as.text.size);
    return MZ_OK;
}

static enum mz_code refuse_field(struct mz_db *db, const struct mz_table *table,
                                 const char *field, struct mz_error *error)
{
    const char **names =
        mz_arena_alloc(db->scratch, (table->count + 1) * sizeof *names);
    const char *nearest = NULL;

    mz_fail(error, MZ_INPUT, "the table %s has no column '%s'", table->name, field);
    if (names != NULL) {
        for (size_t i = 0; i < table->count; i++) {
            names[i] = table->columns[i].name;
        }
        nearest = mz_nearest(field, names, table->count);
    }
    if (nearest != NULL) {
        mz_error_help(error, "did you mean '%s'?", nearest);
    }
    return MZ_INPUT;
}

/* Which column is the field's; table->count when there is none. */
static size_t find_column(const struct mz_table *table, const struct mz_name *name)
{
    size_t i = 0;

    while (i < table->count && table->names[i] != name) {
        i++;
    }
    return i;
}

/* One value a column, generated ones left out; *count of them. */
static enum mz_code fill(struct mz_db *db, const struct mz_table *table,
                         const struct mizan_record *record, struct mizan_value *values,
                         struct mz_error *error)
{
    for (size_t i = 0; i < mz_record_count(record); i++) {
        const struct mz_name *name = NULL;
        const struct mizan_value *value = mz_record_field(record, i, &name);
        size_t column = find_column(table, name);
        struct target target = {.db = db, .table = table};
        enum mz_code code;

        if (column == table->count) {
            return refuse_field(db, table, mz_name_text(name), error);
        }
        target.column = &table->columns[column];
        if (target.column->generated) {
            return mz_fail(error, MZ_INPUT, "%s of %s is computed, it cannot be stored",
                           target.column->name, table->name);
        }
        code = convert(&target, value, &values[column], error);
        if (code != MZ_OK) {
            return code;
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct mz_column *column = &table->columns[i];

        if (values[i].type == MIZAN_NIL && column->fallback == NULL &&
            (column->key || column->required)) {
            return mz_fail(error, MZ_INPUT, "a row of %s needs %s", table->name,
                           column->name);
        }
    }
    return MZ_OK;
}

static size_t drop_generated(const struct mz_table *table, struct mizan_value *values)
{
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        if (!table->columns[i].generated) {
            values[count++] = values[i];
        }
    }
    return count;
}

enum mz_code mz_db_upsert(struct mz_db *db, const char *table_name,
                          const struct mizan_record *record, struct mz_error *error)
{
    uint64_t mark = mz_arena_mark(db->scratch);
    struct mz_table *table = NULL;
    struct mz_statement statement = {0};
    struct mizan_value *values;
    enum mz_code code = find_table(db, table_name, &table, error);

    if (code != MZ_OK || table == NULL) {
        return code;
    }
    values = mz_arena_alloc(db->scratch, (table->count + 1) * sizeof *values);
    if (values == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for a row of %s", table_name);
    }
    for (size_t i = 0; i < table->count; i++) {
        values[i] = mz_nil();
    }
    code = fill(db, table, record, values, error);
    if (code == MZ_OK) {
        statement.sql = table->sql;
        statement.arguments = values;
        statement.count = drop_generated(table, values);
        statement.deferred = true;
        code = db->engine->run(db, &statement, error);
        if (strcmp(table->name, "work") == 0 || strcmp(table->name, "topic") == 0) {
            db->basis_written = true;
        }
        if (code == MZ_INPUT) {
            mz_error_prefix(error, "a row of %s", table_name);
        }
    }
    mz_arena_release(db->scratch, mark);
    return code;
}
