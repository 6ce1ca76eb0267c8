#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOME_DATABASE 0x4d5a414e /* application_id of the home database */
#define PATIENCE      10000      /* milliseconds to wait for another writer */

/* The words hold what SQLite makes an affinity of, and tell this plugin the type. */
static const char *const words[] = {
    "TEXT",      "BOOLEAN_INTEGER", "INTEGER", "DECIMAL_TEXT", "REAL",
    "TIME_TEXT", "JSON_TEXT",       "BLOB",    "TEXT"};

static int32_t fail(struct table *table, mizan_task *task, const char *what)
{
    int code = sqlite3_extended_errcode(table->database) & 0xff;
    int32_t status = code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_FULL
                         ? MIZAN_ERROR_TRANSIENT
                     : code == SQLITE_CONSTRAINT ? MIZAN_ERROR_INPUT
                                                 : MIZAN_ERROR_FAILED;
    return table->host->fail(task, status, "%s %s of %s: %s", what, table->name,
                             table->path, sqlite3_errmsg(table->database));
}

/* ---- statements ---- */

/* SQL with identifiers as %w in quotes; freed by its runner. */
static int32_t run(struct table *table, mizan_task *task, char *sql)
{
    if (sql == NULL) {
        return table->host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    int result = sqlite3_exec(table->database, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return result == SQLITE_OK ? MIZAN_OK : fail(table, task, "cannot write table");
}

static char *print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    return text;
}

static int64_t ask(struct table *table, const char *sql, const char *argument)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(table->database, sql, -1, &statement, NULL) == SQLITE_OK) {
        if (argument != NULL) {
            (void)sqlite3_bind_text(statement, 1, argument, -1, SQLITE_STATIC);
        }
        value = sqlite3_step(statement) == SQLITE_ROW
                    ? sqlite3_column_int64(statement, 0)
                    : -1;
    }
    (void)sqlite3_finalize(statement);
    return value;
}

/* ---- opening ---- */

int32_t table_open(struct table *table, mizan_task *task)
{
    if (sqlite3_open_v2(table->path, &table->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_EXRESCODE,
                        NULL) != SQLITE_OK) {
        return fail(table, task, "cannot open table");
    }
    (void)sqlite3_busy_timeout(table->database, PATIENCE);
    if (ask(table, "PRAGMA application_id", NULL) == HOME_DATABASE) {
        return table->host->fail(task, MIZAN_ERROR_OPTION,
                                 "%s is a home database: store.sqlite writes tables of "
                                 "your own; name another file",
                                 table->path);
    }
    return run(table, task,
               print("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "CREATE TABLE IF NOT EXISTS mizan_batch(id TEXT PRIMARY KEY,"
                     " table_name TEXT NOT NULL, run_id TEXT, rows INTEGER NOT NULL,"
                     " written_at TEXT NOT NULL) WITHOUT ROWID"));
}

void table_close(struct table *table)
{
    (void)sqlite3_close_v2(table->database);
    table->database = NULL;
}

/* ---- the columns ---- */

static bool is_key(const struct table *table, const char *name)
{
    for (size_t i = 0; table->keys != NULL && table->keys[i] != NULL; i++) {
        if (strcasecmp(table->keys[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static enum column_type type_of_word(const char *word)
{
    for (size_t i = COLUMN_BOOLEAN; i <= COLUMN_TEXT; i++) {
        if (strcasecmp(words[i], word) == 0) {
            return (enum column_type)i;
        }
    }
    return strcasecmp(word, "DOUBLE") == 0 ? COLUMN_DOUBLE : COLUMN_TEXT;
}

static int32_t read_columns(struct table *table, mizan_task *task, struct columns *out)
{
    sqlite3_stmt *statement = NULL;
    int32_t status = MIZAN_OK;
    if (sqlite3_prepare_v2(table->database,
                           "SELECT name, type FROM pragma_table_info(?)", -1,
                           &statement, NULL) != SQLITE_OK) {
        return fail(table, task, "cannot look at table");
    }
    (void)sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    while (status == MIZAN_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const char *word = (const char *)sqlite3_column_text(statement, 1);
        size_t place =
            name == NULL
                ? COLUMNS_MOST
                : columns_find(out, (struct mizan_slice){name, strlen(name)}, true);
        if (place == COLUMNS_MOST || word == NULL) {
            status = table->host->fail(task, MIZAN_ERROR_LIMIT,
                                       "table %s has a column that cannot be used",
                                       table->name);
        } else {
            out->items[place].type = type_of_word(word);
        }
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static int32_t create(struct table *table, mizan_task *task,
                      const struct columns *columns)
{
    char *sql = print("CREATE TABLE \"%w\"(", table->name);
    for (size_t i = 0; sql != NULL && i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        sql =
            print("%z%s\"%w\" %s%s", sql, i > 0 ? ", " : "", column->name,
                  words[column->type], is_key(table, column->name) ? " NOT NULL" : "");
    }
    for (size_t i = 0; sql != NULL && table->keys != NULL && table->keys[i] != NULL;
         i++) {
        sql = print("%z%s\"%w\"", sql, i > 0 ? ", " : ", PRIMARY KEY(", table->keys[i]);
    }
    sql = sql == NULL ? NULL : print("%z%s)", sql, table->keys != NULL ? ")" : "");
    return run(table, task, sql);
}

static int32_t refuse(struct table *table, mizan_task *task,
                      const struct column *column, const char *what)
{
    return table->host->fail(task, MIZAN_ERROR_INPUT,
                             "column '%s' of table %s %s; change the rows in the "
                             "script, or the table",
                             column->name, table->name, what);
}

/* SQLite cannot alter a column: its values move to a new one. */
static int32_t widen(struct table *table, mizan_task *task, const struct column *column,
                     enum column_type type)
{
    char what[160];
    if (table->frozen || is_key(table, column->name)) {
        snprintf(what, sizeof(what), "is %s and would become %s, which %s forbids",
                 column_type_name(column->type), column_type_name(type),
                 table->frozen ? "columns = \"frozen\"" : "a key");
        return refuse(table, task, column, what);
    }
    /* A boolean becomes the word that a text column keeps of one. */
    const char *value = column->type == COLUMN_BOOLEAN
                            ? "CASE \"%w\" WHEN 0 THEN 'false' WHEN 1 THEN 'true' END"
                            : "CAST(\"%w\" AS TEXT)";
    char *moved =
        print(type == COLUMN_BYTES ? "CAST(\"%w\" AS BLOB)" : value, column->name);
    char *sql = print("ALTER TABLE \"%w\" ADD COLUMN mizan_widened %s;"
                      "UPDATE \"%w\" SET mizan_widened = %s WHERE \"%w\" IS NOT NULL;"
                      "ALTER TABLE \"%w\" DROP COLUMN \"%w\";"
                      "ALTER TABLE \"%w\" RENAME COLUMN mizan_widened TO \"%w\"",
                      table->name, words[type], table->name, moved, column->name,
                      table->name, column->name, table->name, column->name);
    sqlite3_free(moved);
    return run(table, task, sql);
}

/* Brings the table up to what the rows need; `columns` gets the types it has then. */
static int32_t evolve(struct table *table, mizan_task *task, struct columns *columns)
{
    struct columns there = {0};
    int32_t status = read_columns(table, task, &there);
    if (status == MIZAN_OK && there.count == 0) {
        status = create(table, task, columns);
    }
    for (size_t i = 0; status == MIZAN_OK && there.count > 0 && i < columns->count;
         i++) {
        struct column *wanted = &columns->items[i];
        size_t place = columns_find(
            &there, (struct mizan_slice){wanted->name, strlen(wanted->name)}, false);
        if (place == COLUMNS_MOST) {
            status = table->frozen
                         ? refuse(table, task, wanted,
                                  "is not there, and columns = \"frozen\" adds none")
                         : run(table, task,
                               print("ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s",
                                     table->name, wanted->name, words[wanted->type]));
            continue;
        }
        enum column_type has = there.items[place].type;
        enum column_type joined = column_type_join(has, wanted->type);
        /* A column of reals takes every number. */
        joined = has == COLUMN_DOUBLE && (wanted->type == COLUMN_INTEGER ||
                                          wanted->type == COLUMN_DECIMAL)
                     ? COLUMN_DOUBLE
                     : joined;
        if (joined != has) {
            status = widen(table, task, &there.items[place], joined);
        }
        wanted->type = joined;
    }
    columns_finish(&there);
    return status;
}

/* ---- the rows ---- */

static char *insert_of(const struct table *table, const struct columns *columns)
{
    char *sql = print("INSERT INTO \"%w\"(", table->name);
    for (size_t i = 0; sql != NULL && i < columns->count; i++) {
        sql = print("%z%s\"%w\"", sql, i > 0 ? ", " : "", columns->items[i].name);
    }
    for (size_t i = 0; sql != NULL && i < columns->count; i++) {
        sql = print("%z%s?%d", sql, i > 0 ? ", " : ") VALUES(", (int)i + 1);
    }
    for (size_t i = 0; sql != NULL && table->keys != NULL && table->keys[i] != NULL;
         i++) {
        sql = print("%z%s\"%w\"", sql, i > 0 ? ", " : ") ON CONFLICT(", table->keys[i]);
    }
    bool any = false;
    for (size_t i = 0; sql != NULL && table->keys != NULL && i < columns->count; i++) {
        const char *name = columns->items[i].name;
        if (!is_key(table, name)) {
            sql = print("%z%s\"%w\" = excluded.\"%w\"", sql,
                        any ? ", " : ") DO UPDATE SET ", name, name);
            any = true;
        }
    }
    return sql == NULL || any
               ? sql
               : print("%z%s", sql, table->keys == NULL ? ")" : ") DO NOTHING");
}

static int bind(sqlite3_stmt *statement, struct rows *rows, const struct cell *cell,
                enum column_type type)
{
    const struct mizan_value *value = &cell->value;
    int place = (int)cell->column + 1;
    struct mizan_slice text;
    if (value->type == MIZAN_NIL) {
        return sqlite3_bind_null(statement, place);
    }
    if ((type == COLUMN_INTEGER || type == COLUMN_BOOLEAN) &&
        (value->type == MIZAN_INTEGER || value->type == MIZAN_BOOLEAN)) {
        return sqlite3_bind_int64(statement, place, value->as.integer);
    }
    if (type == COLUMN_DOUBLE && value->type == MIZAN_DOUBLE) {
        return sqlite3_bind_double(statement, place, value->as.number);
    }
    if (!rows_text(rows, value, &text)) {
        return SQLITE_NOMEM;
    }
    if (type == COLUMN_BYTES) {
        return sqlite3_bind_blob64(statement, place, text.data == NULL ? "" : text.data,
                                   text.size, SQLITE_STATIC);
    }
    if (type == COLUMN_DOUBLE) {
        return sqlite3_bind_double(statement, place, strtod(text.data, NULL));
    }
    return sqlite3_bind_text64(statement, place, text.data, text.size, SQLITE_STATIC,
                               SQLITE_UTF8);
}

static int32_t insert(struct table *table, mizan_task *task,
                      const struct columns *columns, struct rows *rows)
{
    sqlite3_stmt *statement = NULL;
    char *sql = insert_of(table, columns);
    int result = sql == NULL
                     ? SQLITE_NOMEM
                     : sqlite3_prepare_v2(table->database, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    for (const struct stored_row *row = rows->first; row != NULL && result == SQLITE_OK;
         row = row->next) {
        (void)sqlite3_clear_bindings(statement);
        for (const struct cell *cell = row->cells; cell != NULL && result == SQLITE_OK;
             cell = cell->next) {
            result = bind(statement, rows, cell, columns->items[cell->column].type);
        }
        if (result == SQLITE_OK) {
            result = sqlite3_step(statement);
            result = result == SQLITE_DONE ? sqlite3_reset(statement) : result;
        }
    }
    int32_t status =
        result == SQLITE_OK ? MIZAN_OK : fail(table, task, "cannot write table");
    (void)sqlite3_finalize(statement);
    return status;
}

static int32_t write_all(struct table *table, mizan_task *task, struct columns *columns,
                         struct rows *rows, const char *batch,
                         struct mizan_slice run_id)
{
    if (ask(table, "SELECT 1 FROM mizan_batch WHERE id = ?", batch) == 1) {
        return MIZAN_OK; /* the commit of this unit is repeated */
    }
    int32_t status = evolve(table, task, columns);
    if (status == MIZAN_OK) {
        status = insert(table, task, columns, rows);
    }
    return status != MIZAN_OK
               ? status
               : run(table, task,
                     print("INSERT INTO mizan_batch VALUES(%Q, %Q, %.*Q, %lld,"
                           " strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 'now'))",
                           batch, table->name, (int)run_id.size,
                           run_id.size == 0 ? "" : run_id.data,
                           (long long)rows->count));
}

int32_t table_write(struct table *table, mizan_task *task, struct columns *columns,
                    struct rows *rows, const char *batch, struct mizan_slice run_id)
{
    int32_t status = run(table, task, print("BEGIN IMMEDIATE"));
    if (status != MIZAN_OK) {
        return status;
    }
    status = write_all(table, task, columns, rows, batch, run_id);
    if (status == MIZAN_OK) {
        status = run(table, task, print("COMMIT"));
    }
    if (status != MIZAN_OK) {
        (void)sqlite3_exec(table->database, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
