/* The engine of SQLite 3.40: statements and what the table of engine.h asks for. */
#include "db/sqlite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "value/record.h"

#define STEPS_PER_TICK 1000
#define MOST_ARGUMENTS 1000

static struct mz_sqlite *self(struct mz_db *db)
{
    return (struct mz_sqlite *)db;
}

/* ---- statements ---- */

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    }
    return hash;
}

static bool only_space(const char *text)
{
    while (*text != '\0') {
        if (text[0] == '-' && text[1] == '-') {
            text += strcspn(text, "\n");
        } else if (strchr(" \t\r\n\f;", *text) != NULL) {
            text++;
        } else {
            return false;
        }
    }
    return true;
}

static enum mz_code prepare(struct mz_sqlite *db, const char *sql, unsigned int flags,
                            sqlite3_stmt **out, struct mz_error *error)
{
    const char *tail = NULL;
    int result = sqlite3_prepare_v3(db->handle, sql, -1, flags, out, &tail);

    if (result != SQLITE_OK) {
        return mz_sqlite_fail(db, result, sql, error);
    }
    if (*out == NULL) {
        return mz_fail(error, MZ_INPUT, "there is no statement in the SQL");
    }
    if (!only_space(tail)) {
        (void)sqlite3_finalize(*out);
        *out = NULL;
        mz_fail(error, MZ_INPUT, "there is more than one statement in the SQL");
        mz_error_help(error, "give them one by one");
        return MZ_INPUT;
    }
    if (db->mode == MZ_DB_RESTRICTED && !sqlite3_stmt_readonly(*out)) {
        (void)sqlite3_finalize(*out);
        *out = NULL;
        mz_fail(error, MZ_NOT_PERMITTED, "the query would write");
        mz_error_help(error, "only reading is allowed here");
        return MZ_NOT_PERMITTED;
    }
    return MZ_OK;
}

/* The least recently used place that is not being stepped; there always is one, since
 * queries do not nest 64 deep. */
static struct mz_cached *cache_place(struct mz_sqlite *db)
{
    struct mz_cached *place = NULL;

    for (size_t i = 0; i < MZ_SQLITE_CACHED; i++) {
        struct mz_cached *each = &db->cache[i];

        if (each->busy) {
            continue;
        }
        if (each->statement == NULL) {
            return each;
        }
        if (place == NULL || each->used < place->used) {
            place = each;
        }
    }
    return place;
}

static struct mz_cached *cache_find(struct mz_sqlite *db, const char *sql,
                                    uint64_t hash)
{
    for (size_t i = 0; i < MZ_SQLITE_CACHED; i++) {
        struct mz_cached *each = &db->cache[i];

        if (each->statement != NULL && each->hash == hash && !each->busy &&
            strcmp(sqlite3_sql(each->statement), sql) == 0) {
            return each;
        }
    }
    return NULL;
}

static enum mz_code borrow(struct mz_sqlite *db, const char *sql,
                           struct mz_cached **out, struct mz_error *error)
{
    uint64_t hash = hash_text(sql);
    struct mz_cached *place = cache_find(db, sql, hash);

    if (place == NULL) {
        sqlite3_stmt *statement = NULL;
        enum mz_code code =
            prepare(db, sql, SQLITE_PREPARE_PERSISTENT, &statement, error);

        if (code != MZ_OK) {
            return code;
        }
        place = cache_place(db);
        if (place == NULL) {
            (void)sqlite3_finalize(statement);
            return mz_fail(error, MZ_LIMIT, "queries nest too deep");
        }
        (void)sqlite3_finalize(place->statement);
        *place = (struct mz_cached){.statement = statement, .hash = hash};
    }
    place->used = ++db->uses;
    place->busy = true;
    *out = place;
    return MZ_OK;
}

static void give_back(struct mz_cached *place)
{
    (void)sqlite3_reset(place->statement);
    (void)sqlite3_clear_bindings(place->statement);
    place->busy = false;
}

/* ---- binding and stepping ---- */

static int bind_one(sqlite3_stmt *statement, int place, const struct mizan_value *value)
{
    const char *data = value->as.text.data == NULL ? "" : value->as.text.data;

    switch (value->type) {
    case MIZAN_NIL:
        return sqlite3_bind_null(statement, place);
    case MIZAN_INTEGER:
        return sqlite3_bind_int64(statement, place, value->as.integer);
    case MIZAN_DOUBLE:
        return sqlite3_bind_double(statement, place, value->as.number);
    case MIZAN_BYTES:
        return sqlite3_bind_blob64(statement, place, data, value->as.text.size,
                                   SQLITE_STATIC);
    default:
        return sqlite3_bind_text64(statement, place, data, value->as.text.size,
                                   SQLITE_STATIC, SQLITE_UTF8);
    }
}

/* "$3" is argument 2, whatever index SQLite gave the name. */
static bool place_argument(const char *name, size_t *argument)
{
    int64_t number = 0;

    if (name == NULL || name[0] != '$' || !mz_parse_integer(name + 1, &number) ||
        number < 1 || number > MOST_ARGUMENTS) {
        return false;
    }
    *argument = (size_t)number - 1;
    return true;
}

static enum mz_code bind(struct mz_sqlite *db, sqlite3_stmt *statement,
                         const struct mz_statement *given, struct mz_error *error)
{
    int places = sqlite3_bind_parameter_count(statement);

    for (int place = 1; place <= places; place++) {
        const char *name = sqlite3_bind_parameter_name(statement, place);
        const struct mizan_value *value;
        size_t argument = 0;
        int result;

        if (!place_argument(name, &argument) || argument >= given->count) {
            mz_fail(error, MZ_INPUT, "the SQL has a place %s and no value for it",
                    name == NULL ? "?" : name);
            mz_error_help(error, "places are $1, $2 and so on");
            return MZ_INPUT;
        }
        value = &given->arguments[argument];
        if (value->type == MIZAN_DOUBLE && !isfinite(value->as.number)) {
            return mz_fail(error, MZ_INPUT, "argument %zu is not a finite number",
                           argument + 1);
        }
        result = bind_one(statement, place, value);
        if (result != SQLITE_OK) {
            return mz_sqlite_fail(db, result, given->sql, error);
        }
    }
    return MZ_OK;
}

static void read_column(sqlite3_stmt *statement, int column, struct mizan_value *out)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        *out = mz_integer(sqlite3_column_int64(statement, column));
        return;
    case SQLITE_FLOAT:
        *out = mz_double(sqlite3_column_double(statement, column));
        return;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(statement, column);

        *out = mz_text_slice(text, (size_t)sqlite3_column_bytes(statement, column));
        return;
    }
    case SQLITE_BLOB: {
        const char *data = sqlite3_column_blob(statement, column);

        *out = mz_bytes(data, (size_t)sqlite3_column_bytes(statement, column));
        return;
    }
    default:
        *out = mz_nil();
        return;
    }
}

static enum mz_code row_room(struct mz_sqlite *db, sqlite3_stmt *statement,
                             struct mz_row *row, struct mizan_value **values,
                             struct mz_error *error)
{
    size_t count = (size_t)sqlite3_column_count(statement);
    const char **names = mz_arena_alloc(db->base.scratch, (count + 1) * sizeof *names);

    *values = mz_arena_alloc(db->base.scratch, (count + 1) * sizeof **values);
    if (names == NULL || *values == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the row of a query");
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = sqlite3_column_name(statement, (int)i);
        names[i] = names[i] == NULL ? "" : names[i];
    }
    *row = (struct mz_row){.count = count, .names = names, .values = *values};
    return MZ_OK;
}

static enum mz_code step_all(struct mz_sqlite *db, sqlite3_stmt *statement,
                             const struct mz_statement *given, struct mz_error *error)
{
    struct mz_row row = {0};
    struct mizan_value *values = NULL;
    int result = sqlite3_step(statement);

    /* Names are asked for after the first step, which may compile the text again. */
    if (result == SQLITE_ROW && given->row != NULL) {
        enum mz_code code = row_room(db, statement, &row, &values, error);

        if (code != MZ_OK) {
            return code;
        }
    }
    while (result == SQLITE_ROW) {
        if (given->row != NULL) {
            for (size_t i = 0; i < row.count; i++) {
                read_column(statement, (int)i, &values[i]);
            }
            if (!given->row(given->context, &row)) {
                return MZ_OK;
            }
        }
        result = sqlite3_step(statement);
    }
    return result == SQLITE_DONE ? MZ_OK
                                 : mz_sqlite_fail(db, result, given->sql, error);
}

enum mz_code mz_sqlite_run(struct mz_db *base, struct mz_statement *given,
                           struct mz_error *error)
{
    struct mz_sqlite *db = self(base);
    int64_t outer = db->deadline;
    struct mz_cached *place = NULL;
    enum mz_code code = borrow(db, given->sql, &place, error);

    given->changed = 0;
    if (code != MZ_OK || place == NULL) {
        return code;
    }
    db->deadline = db->limit > 0 ? mz_clock_monotonic() + db->limit : 0;
    code = bind(db, place->statement, given, error);
    if (code == MZ_OK) {
        code = step_all(db, place->statement, given, error);
    }
    if (code == MZ_OK && !sqlite3_stmt_readonly(place->statement)) {
        given->changed = sqlite3_changes64(db->handle);
    }
    db->deadline = outer;
    give_back(place);
    return code;
}

static enum mz_code run_text(struct mz_sqlite *db, const char *sql,
                             struct mz_error *error)
{
    struct mz_statement statement = {.sql = sql};

    return mz_sqlite_run(&db->base, &statement, error);
}

/* ---- the engine's functions ---- */

static enum mz_code sqlite_begin(struct mz_db *db, struct mz_error *error)
{
    return run_text(self(db), "BEGIN IMMEDIATE", error);
}

static enum mz_code sqlite_commit(struct mz_db *db, struct mz_error *error)
{
    return run_text(self(db), "COMMIT", error);
}

static void sqlite_rollback(struct mz_db *db)
{
    /* It can only fail when the transaction is gone already. */
    (void)sqlite3_exec(self(db)->handle, "ROLLBACK", NULL, NULL, NULL);
}

static bool sqlite_in_transaction(const struct mz_db *db)
{
    return sqlite3_get_autocommit(((const struct mz_sqlite *)db)->handle) == 0;
}

static int tick(void *context)
{
    const struct mz_sqlite *db = context;

    return db->deadline != 0 && mz_clock_monotonic() >= db->deadline ? 1 : 0;
}

void mz_sqlite_set_time_limit(struct mz_db *base, int64_t milliseconds)
{
    struct mz_sqlite *db = self(base);

    db->limit = milliseconds > 0 ? milliseconds : 0;
    sqlite3_progress_handler(db->handle, db->limit > 0 ? STEPS_PER_TICK : 0,
                             db->limit > 0 ? tick : NULL, db);
}

static void sqlite_set_patience(struct mz_db *db, int milliseconds)
{
    (void)sqlite3_busy_timeout(self(db)->handle, milliseconds);
}

void mz_sqlite_close(struct mz_db *base)
{
    struct mz_sqlite *db = self(base);

    if (db->handle != NULL) {
        mz_db_rollback(base);
    }
    for (size_t i = 0; i < MZ_SQLITE_CACHED; i++) {
        (void)sqlite3_finalize(db->cache[i].statement);
    }
    (void)sqlite3_close_v2(db->handle);
    mz_db_finish(base);
    free(db);
}

/* ---- columns ---- */

static enum mz_column_type column_type(const char *declared)
{
    if (strcmp(declared, "BIGINT") == 0) {
        return MZ_COLUMN_INTEGER;
    }
    if (strcmp(declared, "SMALLINT") == 0) {
        return MZ_COLUMN_SMALL;
    }
    if (strcmp(declared, "REAL") == 0 || mz_starts_with(declared, "DOUBLE")) {
        return MZ_COLUMN_DOUBLE;
    }
    return strcmp(declared, "BYTEA") == 0 ? MZ_COLUMN_BYTES : MZ_COLUMN_TEXT;
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

/* A row of PRAGMA table_xinfo: cid, name, type, notnull, dflt_value, pk, hidden. */
static bool describe(void *context, const struct mz_row *row)
{
    struct describer *into = context;
    const char *name = keep_text(into->arena, &row->values[1]);
    const char *type = keep_text(into->arena, &row->values[2]);

    if (name == NULL || type == NULL || into->count == into->capacity) {
        into->failed = true;
        return false;
    }
    into->columns[into->count++] = (struct mz_column){
        .name = name,
        .fallback = keep_text(into->arena, &row->values[4]),
        .type = column_type(type),
        .required = row->values[3].as.integer != 0,
        .key = row->values[5].as.integer != 0,
        .generated = row->values[6].as.integer != 0,
    };
    return true;
}

static enum mz_code sqlite_columns(struct mz_db *db, const char *table,
                                   struct mz_column **columns, size_t *count,
                                   struct mz_error *error)
{
    char sql[160];
    struct describer into = {.arena = db->keep, .capacity = 128};
    struct mz_statement statement = {.sql = sql, .row = describe, .context = &into};
    enum mz_code code;

    /* `table` is of the list in upsert.c, never a user's text. */
    (void)snprintf(sql, sizeof sql, "PRAGMA table_xinfo(\"%s\")", table);
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

const struct mz_engine mz_sqlite_engine = {
    .close = mz_sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .in_transaction = sqlite_in_transaction,
    .run = mz_sqlite_run,
    .columns = sqlite_columns,
    .set_time_limit = mz_sqlite_set_time_limit,
    .set_patience = sqlite_set_patience,
    .script = mz_sqlite_script,
    .backup = mz_sqlite_backup,
    .mark_version = mz_sqlite_mark_version,
};
