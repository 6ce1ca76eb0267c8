#include "cli/export_sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "db/summary.h"

#define SQL_CEILING  ((size_t)64 << 10)
#define MOST_COLUMNS 80

/* In the order that their references need. */
static const char *const tables[] = {
    "run",
    "document ORDER BY fetched_at, CASE WHEN prev_id IS NULL THEN 0 ELSE "
    "1 END, id",
    "doc_text",
    "entity",
    "entity_alias",
    "work",
    "topic",
    "figure",
    "figure_history",
    "figure_role",
    "attribution",
    "figure_link",
    "review",
    "fx"};

struct copy {
    struct mz_db *into;
    const char *table;
    struct mz_buffer sql; /* of the table at hand */
    int64_t rows;
    enum mz_code code;
    struct mz_error *error;
};

/* Computed by the table itself; or, for now, a reference to a topic yet to come. */
static bool is_left_out(const struct copy *copy, const char *column)
{
    return strncmp(column, "eff_", 4) == 0 ||
           (strcmp(column, "returns") == 0 && strcmp(copy->table, "topic") == 0);
}

static void make_sql(struct copy *copy, const struct mz_row *row)
{
    size_t size = strcspn(copy->table, " "), count = 0;
    mz_buffer_printf(&copy->sql, "INSERT INTO %.*s(", (int)size, copy->table);
    for (size_t i = 0; i < row->count; i++) {
        if (!is_left_out(copy, row->names[i])) {
            mz_buffer_printf(&copy->sql, "%s\"%s\"", count++ == 0 ? "" : ", ",
                             row->names[i]);
        }
    }
    mz_buffer_text(&copy->sql, ") VALUES(");
    for (size_t i = 1; i <= count; i++) {
        mz_buffer_printf(&copy->sql, "%s$%zu", i == 1 ? "" : ", ", i);
    }
    mz_buffer_text(&copy->sql, ")");
    mz_buffer_byte(&copy->sql, '\0');
}

static bool copy_row(void *context, const struct mz_row *row)
{
    struct copy *copy = context;
    struct mizan_value values[MOST_COLUMNS];
    size_t count = 0;
    if (copy->sql.size == 0) {
        make_sql(copy, row);
    }
    for (size_t i = 0; i < row->count && count < MOST_COLUMNS; i++) {
        if (!is_left_out(copy, row->names[i])) {
            values[count++] = row->values[i];
        }
    }
    copy->code = mz_buffer_ok(&copy->sql)
                     ? mz_db_execute(copy->into, copy->sql.data, values, count, NULL,
                                     copy->error)
                     : mz_fail(copy->error, MZ_MEMORY, "not enough memory");
    copy->rows++;
    return copy->code == MZ_OK;
}

static bool copy_return(void *context, const struct mz_row *row)
{
    struct copy *copy = context;
    copy->code =
        mz_db_execute(copy->into, "UPDATE topic SET returns = $2 WHERE id = $1",
                      row->values, 2, NULL, copy->error);
    return copy->code == MZ_OK;
}

static enum mz_code copy_tables(struct mz_opened *opened, struct copy *copy)
{
    char select[160];
    enum mz_code code = MZ_OK;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && code == MZ_OK; i++) {
        copy->table = tables[i];
        snprintf(select, sizeof select, "SELECT * FROM %s", tables[i]);
        code = mz_db_query(opened->db, select, NULL, 0, copy_row, copy, copy->error);
        code = code == MZ_OK ? copy->code : code;
        mz_buffer_clear(&copy->sql);
    }
    if (code == MZ_OK) {
        code = mz_db_query(opened->db,
                           "SELECT id, returns FROM topic WHERE returns IS NOT NULL",
                           NULL, 0, copy_return, copy, copy->error);
        code = code == MZ_OK ? copy->code : code;
    }
    return code == MZ_OK ? mz_summary_rebuild(copy->into, copy->error) : code;
}

enum mz_code mz_export_sqlite(struct mz_opened *opened, const char *path,
                              struct mz_error *error)
{
    struct copy copy = {.error = error};
    if (access(path, F_OK) == 0) {
        mz_fail(error, MZ_CANNOT_CREATE, "there is something at %s already", path);
        mz_error_help(error, "name a new file");
        return MZ_CANNOT_CREATE;
    }
    enum mz_code code = mz_db_open(path, MZ_DB_CREATE, &copy.into, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_buffer_init(&copy.sql, SQL_CEILING);
    code = mz_db_begin(copy.into, error);
    if (code == MZ_OK) {
        code = copy_tables(opened, &copy);
        if (code == MZ_OK) {
            code = mz_db_commit(copy.into, error);
        } else {
            mz_db_rollback(copy.into);
        }
    }
    mz_buffer_finish(&copy.sql);
    mz_db_close(copy.into);
    if (code == MZ_OK) {
        fprintf(stderr, "%" PRId64 " rows\n", copy.rows);
    } else {
        unlink(path);
    }
    return code;
}
