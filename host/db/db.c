#include "db/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "db/engine.h"
#include "value/json.h"
#include "value/record.h"

#define KEEP_CEILING    ((size_t)16 << 20)
#define SCRATCH_CEILING ((size_t)1 << 30)
#define JSON_CEILING    ((size_t)256 << 20)

bool mz_db_init(struct mz_db *db, const struct mz_engine *engine, const char *location)
{
    db->engine = engine;
    db->location = strdup(location);
    db->keep = mz_arena_create(KEEP_CEILING);
    db->scratch = mz_arena_create(SCRATCH_CEILING);
    db->tables = mz_map_create();
    return db->location != NULL && db->keep != NULL && db->scratch != NULL &&
           db->tables != NULL;
}

void mz_db_finish(struct mz_db *db)
{
    if (db->tables != NULL) {
        mz_map_destroy(db->tables, NULL);
    }
    mz_arena_destroy(db->scratch);
    mz_arena_destroy(db->keep);
    free(db->location);
}

/* ---- opening ---- */

static enum mz_code refuse_url(const char *url, struct mz_error *error)
{
    const char *end = strchr(url, ':');
    int scheme = (int)(end - url);

    mz_fail(error, MZ_CONFIGURATION, "'%.*s' is not a kind of database", scheme, url);
    mz_error_help(error,
                  "use sqlite:PATH, the path of a file, or postgres://HOST/NAME");
    return MZ_CONFIGURATION;
}

static bool is_postgres(const char *url)
{
    return mz_starts_with(url, "postgres://") || mz_starts_with(url, "postgresql://");
}

/* The password stands between the first ':' behind "//" and the last '@' before the
 * path, or as a parameter. */
void mz_db_show_url(const char *url, char *out, size_t size)
{
    const char *start = strstr(url, "://");
    const char *query = strchr(url, '?');
    size_t authority, user;
    const char *at = NULL;

    if (start == NULL) {
        (void)snprintf(out, size, "%s", url);
        return;
    }
    start += 3;
    authority = strcspn(start, "/?");
    for (const char *each = start; each < start + authority; each++) {
        at = *each == '@' ? each : at;
    }
    user = at == NULL ? 0 : strcspn(start, ":@");
    (void)snprintf(out, size, "%.*s%.*s%.*s%s", (int)(start - url), url, (int)user,
                   start, (int)strcspn(at == NULL ? start : at, "?"),
                   at == NULL ? start : at,
                   query == NULL || strstr(query, "password") != NULL ? "" : query);
}

enum mz_code mz_db_check_version(const struct mz_db *db, enum mz_db_mode mode,
                                 int64_t version, struct mz_error *error)
{
    if (MZ_SCHEMA_MAJOR(version) > MZ_SCHEMA_MAJOR(MZ_SCHEMA_VERSION)) {
        mz_fail(error, MZ_CONFIGURATION,
                "%s has schema %" PRId64 ", newer than the %d that this program knows",
                db->location, version, MZ_SCHEMA_VERSION);
        mz_error_help(error, "use the newer program; nothing was written");
        return MZ_CONFIGURATION;
    }
    if (version < MZ_SCHEMA_VERSION && mode != MZ_DB_MIGRATE) {
        mz_fail(error, MZ_CONFIGURATION,
                "%s has schema %" PRId64 ", and this program needs %d", db->location,
                version, MZ_SCHEMA_VERSION);
        mz_error_help(error, "`mizan migrate` brings it up");
        return MZ_CONFIGURATION;
    }
    return MZ_OK;
}

enum mz_code mz_db_open(const char *url, enum mz_db_mode mode, struct mz_db **out,
                        struct mz_error *error)
{
    const char *path = url;

    *out = NULL;
    if (mz_starts_with(url, "sqlite:")) {
        path = url + strlen("sqlite:");
        if (mz_starts_with(path, "//")) {
            path += 2;
        }
    } else if (is_postgres(url)) {
        return mz_postgres_open(url, mode, out, error);
    } else if (strstr(url, "://") != NULL) {
        return refuse_url(url, error);
    }
    if (path[0] == '\0') {
        mz_fail(error, MZ_CONFIGURATION, "the database has no path");
        mz_error_help(error, "name a file, as in sqlite:mizan.db");
        return MZ_CONFIGURATION;
    }
    return mz_sqlite_open(path, mode, out, error);
}

void mz_db_close(struct mz_db *db)
{
    if (db != NULL) {
        db->engine->close(db);
    }
}

const char *mz_db_location(const struct mz_db *db)
{
    return db->location;
}

/* ---- transactions ---- */

enum mz_code mz_db_begin(struct mz_db *db, struct mz_error *error)
{
    if (db->engine->in_transaction(db)) {
        return mz_fail(error, MZ_INTERNAL, "a transaction is open already");
    }
    return db->engine->begin(db, error);
}

enum mz_code mz_db_commit(struct mz_db *db, struct mz_error *error)
{
    if (!db->engine->in_transaction(db)) {
        return mz_fail(error, MZ_INTERNAL, "no transaction is open to be committed");
    }
    return db->engine->commit(db, error);
}

void mz_db_rollback(struct mz_db *db)
{
    if (db->engine->in_transaction(db)) {
        db->engine->rollback(db);
    }
}

bool mz_db_in_transaction(const struct mz_db *db)
{
    return db->engine->in_transaction(db);
}

void mz_db_set_time_limit(struct mz_db *db, int64_t milliseconds)
{
    db->engine->set_time_limit(db, milliseconds);
}

void mz_db_set_patience(struct mz_db *db, int milliseconds)
{
    db->engine->set_patience(db, milliseconds);
}

int64_t mz_db_now(struct mz_db *db)
{
    return db->engine->now == NULL || mz_clock_stands() ? mz_clock_now()
                                                        : db->engine->now(db);
}

void mz_db_set_label(struct mz_db *db, const char *label)
{
    if (db->engine->set_label != NULL) {
        db->engine->set_label(db, label);
    }
}

/* ---- values ---- */

struct mizan_value mz_db_time(struct mz_arena *arena, int64_t time)
{
    char text[MZ_TIME_TEXT];

    return mz_text(mz_arena_string(arena, mz_time_format(time, text)));
}

enum mz_code mz_db_check_text(const char *what, struct mizan_slice text,
                              struct mz_error *error)
{
    if (text.size > 0 && memchr(text.data, '\0', text.size) != NULL) {
        return mz_fail(error, MZ_INPUT, "%s has a NUL character in it", what);
    }
    if (!mz_utf8_valid(text.data, text.size)) {
        return mz_fail(error, MZ_INPUT, "%s is not valid UTF-8", what);
    }
    return MZ_OK;
}

static enum mz_code plain_json(struct mz_db *db, const struct mizan_value *value,
                               struct mizan_value *out, struct mz_error *error)
{
    struct mz_buffer buffer;
    char *copy = NULL;

    mz_buffer_init(&buffer, JSON_CEILING);
    mz_json_value(&buffer, value);
    if (mz_buffer_ok(&buffer)) {
        copy = mz_arena_copy(db->scratch, buffer.data, buffer.size);
    }
    *out = mz_text_slice(copy, copy == NULL ? 0 : buffer.size);
    mz_buffer_finish(&buffer);
    if (copy == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the JSON of a value");
    }
    return MZ_OK;
}

enum mz_code mz_db_plain(struct mz_db *db, const struct mizan_value *value,
                         struct mizan_value *out, struct mz_error *error)
{
    *out = *value;
    switch (value->type) {
    case MIZAN_BOOLEAN:
        out->type = MIZAN_INTEGER;
        return MZ_OK;
    case MIZAN_DECIMAL:
        out->type = MIZAN_TEXT;
        return MZ_OK;
    case MIZAN_TIME:
        *out = mz_db_time(db->scratch, value->as.integer);
        if (out->type != MIZAN_TEXT) {
            return mz_fail(error, MZ_MEMORY, "no memory for a time");
        }
        return MZ_OK;
    case MIZAN_LIST:
    case MIZAN_MAP:
        return plain_json(db, value, out, error);
    default:
        return MZ_OK;
    }
}

/* ---- statements ---- */

/* PostgreSQL has no text with NUL; so neither has SQLite here. */
static enum mz_code refuse_nul(const struct mizan_value *value, size_t place,
                               struct mz_error *error)
{
    if (value->type != MIZAN_TEXT || value->as.text.size == 0 ||
        memchr(value->as.text.data, '\0', value->as.text.size) == NULL) {
        return MZ_OK;
    }
    return mz_fail(error, MZ_INPUT, "argument %zu has a NUL character in it", place);
}

enum mz_code mz_db_run(struct mz_db *db, struct mz_statement *statement,
                       struct mz_error *error)
{
    struct mz_statement plain = *statement;
    uint64_t mark = mz_arena_mark(db->scratch);
    enum mz_code code = MZ_OK;

    if (statement->count > 0) {
        struct mizan_value *values =
            mz_arena_alloc(db->scratch, statement->count * sizeof *values);

        if (values == NULL) {
            mz_fail(error, MZ_MEMORY, "no memory for the arguments of a query");
            code = MZ_MEMORY;
        }
        for (size_t i = 0; code == MZ_OK && i < statement->count; i++) {
            code = mz_db_plain(db, &statement->arguments[i], &values[i], error);
            if (code == MZ_OK) {
                code = refuse_nul(&values[i], i + 1, error);
            }
        }
        plain.arguments = values;
    }
    if (code == MZ_OK) {
        code = db->engine->run(db, &plain, error);
        statement->changed = plain.changed;
    }
    mz_arena_release(db->scratch, mark);
    return code;
}

enum mz_code mz_db_execute(struct mz_db *db, const char *sql,
                           const struct mizan_value *arguments, size_t count,
                           int64_t *changed, struct mz_error *error)
{
    /* Whoever does not ask for the number does not wait for it. */
    struct mz_statement statement = {.sql = sql,
                                     .arguments = arguments,
                                     .count = count,
                                     .deferred = changed == NULL};
    enum mz_code code = mz_db_run(db, &statement, error);

    if (changed != NULL) {
        *changed = statement.changed;
    }
    return code;
}

enum mz_code mz_db_query(struct mz_db *db, const char *sql,
                         const struct mizan_value *arguments, size_t count,
                         bool (*row)(void *context, const struct mz_row *row),
                         void *context, struct mz_error *error)
{
    struct mz_statement statement = {
        .sql = sql,
        .arguments = arguments,
        .count = count,
        .row = row,
        .context = context,
    };

    return mz_db_run(db, &statement, error);
}

/* ---- rows as values ---- */

struct collector {
    struct mz_arena *arena;
    struct mizan_value *items;
    size_t count, capacity;
    const struct mizan_slice *names; /* copies shared by all rows */
    bool failed;
};

static bool collect_names(struct collector *into, const struct mz_row *row)
{
    struct mizan_slice *names =
        mz_arena_alloc(into->arena, (row->count + 1) * sizeof *names);

    if (names == NULL) {
        return false;
    }
    for (size_t i = 0; i < row->count; i++) {
        names[i].data = mz_arena_string(into->arena, row->names[i]);
        if (names[i].data == NULL) {
            return false;
        }
        names[i].size = strlen(row->names[i]);
    }
    into->names = names;
    return true;
}

static bool collect_room(struct collector *into)
{
    size_t capacity = into->capacity == 0 ? 16 : into->capacity * 2;
    struct mizan_value *items;

    if (into->count < into->capacity) {
        return true;
    }
    items = mz_arena_alloc(into->arena, capacity * sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (into->count > 0) {
        memcpy(items, into->items, into->count * sizeof *items);
    }
    into->items = items;
    into->capacity = capacity;
    return true;
}

static bool collect(void *context, const struct mz_row *row)
{
    struct collector *into = context;
    struct mizan_field *fields;

    into->failed = true;
    if (!collect_room(into) || (into->names == NULL && !collect_names(into, row))) {
        return false;
    }
    fields = mz_arena_alloc(into->arena, (row->count + 1) * sizeof *fields);
    if (fields == NULL) {
        return false;
    }
    for (size_t i = 0; i < row->count; i++) {
        fields[i].name = into->names[i];
        if (!mz_value_copy(into->arena, &row->values[i], &fields[i].value)) {
            return false;
        }
    }
    into->items[into->count++] = (struct mizan_value){
        .type = MIZAN_MAP,
        .as.map = {.fields = fields, .count = row->count},
    };
    into->failed = false;
    return true;
}

enum mz_code mz_db_rows(struct mz_db *db, const char *sql,
                        const struct mizan_value *arguments, size_t count,
                        struct mz_arena *arena, struct mizan_value *rows,
                        struct mz_error *error)
{
    struct collector into = {.arena = arena};
    enum mz_code code = mz_db_query(db, sql, arguments, count, collect, &into, error);

    *rows = (struct mizan_value){
        .type = MIZAN_LIST,
        .as.list = {.items = into.items, .count = into.count},
    };
    if (code == MZ_OK && into.failed) {
        code = mz_fail(error, MZ_LIMIT, "the rows of a query do not fit into memory");
        mz_error_help(error, "ask for fewer rows");
    }
    return code;
}

static bool take_first(void *context, const struct mz_row *row)
{
    struct mz_first_row *first = context;

    first->found = true;
    for (size_t i = 0; i < first->count && i < row->count; i++) {
        if (!mz_value_copy(first->arena, &row->values[i], &first->values[i])) {
            first->failed = true;
        }
    }
    return false;
}

enum mz_code mz_db_first(struct mz_db *db, struct mz_statement *statement,
                         struct mz_first_row *first, struct mz_error *error)
{
    enum mz_code code;

    first->found = false;
    first->failed = false;
    for (size_t i = 0; i < first->count; i++) {
        first->values[i] = mz_nil();
    }
    statement->row = take_first;
    statement->context = first;
    code = mz_db_run(db, statement, error);
    if (code == MZ_OK && first->failed) {
        code =
            mz_fail(error, MZ_LIMIT, "a row of the database does not fit into memory");
    }
    return code;
}
