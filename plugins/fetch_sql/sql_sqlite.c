/* SQLite, by Debian's shared library, the one that the host uses too. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "sql.h"

#define BUSY_WAIT 5000 /* milliseconds */
#define STEPS     1000 /* of the virtual machine between looks at clock and signal */

struct work {
    struct sql_query *query;
    sqlite3 *db;
    sqlite3_stmt *statement;
    int64_t deadline;
    bool late, cancelled;
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int watch(void *context)
{
    struct work *work = context;
    work->cancelled = work->query->cancelled(work->query->owner);
    work->late = now() > work->deadline;
    return work->cancelled || work->late;
}

static enum sql_status failed(const struct work *work, int code)
{
    (void)snprintf(work->query->why, SQL_WHY, "%s",
                   work->db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(work->db));
    if (work->cancelled) {
        return SQL_CANCELLED;
    }
    if (work->late) {
        return SQL_LATE;
    }
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
        return SQL_TRANSIENT;
    case SQLITE_NOMEM:
        return SQL_NO_MEMORY;
    default:
        return SQL_FAILED;
    }
}

/* `file:` with what an address cannot hold as %XX. */
static char *address(const char *path, const char *more)
{
    struct sql_text text = {.data = NULL};
    sql_text_string(&text, "file:");
    for (const char *at = path; *at != '\0'; at++) {
        char coded[8];
        bool plain = strchr("%?#", *at) == NULL;
        (void)snprintf(coded, sizeof coded, plain ? "%c" : "%%%02X",
                       (unsigned char)*at);
        sql_text_string(&text, coded);
    }
    sql_text_string(&text, more);
    return text.failed ? NULL : text.data;
}

/* Without a log of changes beside it, nobody is writing: it can be read as it is, also
 * where nothing may be created beside it. */
static bool has_log(const char *path)
{
    char *name = NULL;
    struct stat info;
    bool has = asprintf(&name, "%s-wal", path) < 0 ||
               (stat(name, &info) == 0 && info.st_size > 0);
    free(name);
    return has;
}

static int open_as(struct work *work, const char *path, const char *more)
{
    char *url = address(path, more);
    int code = SQLITE_NOMEM;
    if (url != NULL) {
        (void)sqlite3_close(work->db);
        code = sqlite3_open_v2(
            url, &work->db,
            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    }
    free(url);
    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(work->db, BUSY_WAIT);
        (void)sqlite3_db_config(work->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(work->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_limit(work->db, SQLITE_LIMIT_ATTACHED, 0);
        sqlite3_progress_handler(work->db, STEPS, watch, work);
        code = sqlite3_exec(work->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL,
                            NULL);
    }
    return code;
}

static int open_file(struct work *work, const char *path)
{
    int code = open_as(work, path, "?mode=ro");
    return (code & 0xff) == SQLITE_CANTOPEN && access(path, R_OK) == 0 && !has_log(path)
               ? open_as(work, path, "?mode=ro&immutable=1")
               : code;
}

static void bind_cursor(const struct work *work)
{
    const char *cursor = work->query->cursor;
    char *end = NULL;
    errno = 0;
    long long number = cursor == NULL ? 0 : strtoll(cursor, &end, 10);
    if (cursor == NULL) {
        return;
    }
    if (*cursor != '\0' && *end == '\0' && errno == 0) {
        (void)sqlite3_bind_int64(work->statement, 1, number);
    } else {
        (void)sqlite3_bind_text(work->statement, 1, cursor, -1, SQLITE_STATIC);
    }
}

static enum sql_status prepare(struct work *work)
{
    struct sql_query *query = work->query;
    const char *tail = NULL;
    int code = sqlite3_prepare_v2(work->db, query->text, -1, &work->statement, &tail);
    if (code != SQLITE_OK) {
        return failed(work, code);
    }
    if (work->statement == NULL || sqlite3_column_count(work->statement) == 0 ||
        !sqlite3_stmt_readonly(work->statement)) {
        (void)snprintf(query->why, SQL_WHY, "the query does not only read");
        return SQL_FAILED;
    }
    if (tail[strspn(tail, " \t\r\n;")] != '\0') {
        (void)snprintf(query->why, SQL_WHY, "the query is more than one statement");
        return SQL_FAILED;
    }
    if (sqlite3_bind_parameter_count(work->statement) !=
        (query->cursor == NULL ? 0 : 1)) {
        (void)snprintf(
            query->why, SQL_WHY,
            "a query with a cursor has the one parameter $1, others have none");
        return SQL_FAILED;
    }
    bind_cursor(work);
    return SQL_OK;
}

static void add_value(struct sql_row *row, sqlite3_stmt *statement, int column)
{
    bool is_cursor = sql_row_name(row, sqlite3_column_name(statement, column));
    struct sql_text *json = &row->json;
    char number[32];
    size_t start = json->size;
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)sqlite3_column_int64(statement, column));
        sql_text_string(json, number);
        break;
    case SQLITE_FLOAT:
        sql_json_double(json, sqlite3_column_double(statement, column));
        break;
    case SQLITE_TEXT:
        sql_json_text(json, (const char *)sqlite3_column_text(statement, column),
                      (size_t)sqlite3_column_bytes(statement, column));
        break;
    case SQLITE_BLOB:
        sql_json_bytes(json, sqlite3_column_blob(statement, column),
                       (size_t)sqlite3_column_bytes(statement, column));
        break;
    default:
        sql_text_string(json, "null");
        return;
    }
    if (is_cursor && sqlite3_column_type(statement, column) == SQLITE_TEXT) {
        sql_text_string(&row->cursor,
                        (const char *)sqlite3_column_text(statement, column));
    } else if (is_cursor && json->data != NULL) {
        sql_text_string(&row->cursor, json->data + start);
    }
    row->has_cursor = row->has_cursor || is_cursor;
}

static enum sql_status step_all(struct work *work)
{
    struct sql_row row = {.query = work->query};
    enum sql_status status = SQL_OK;
    int columns = sqlite3_column_count(work->statement);
    int code = SQLITE_ROW;
    while (status == SQL_OK && (code = sqlite3_step(work->statement)) == SQLITE_ROW) {
        sql_row_begin(&row);
        for (int i = 0; i < columns; i++) {
            add_value(&row, work->statement, i);
        }
        status = sql_row_end(&row);
    }
    sql_row_finish(&row);
    return status == SQL_OK && code != SQLITE_DONE ? failed(work, code) : status;
}

enum sql_status sql_run_sqlite(const char *path, struct sql_query *query)
{
    struct work work = {.query = query, .deadline = now() + query->timeout};
    int code = open_file(&work, path);
    enum sql_status status = code == SQLITE_OK ? SQL_OK : failed(&work, code);
    if (status == SQL_OK) {
        status = prepare(&work);
    }
    if (status == SQL_OK) {
        status = step_all(&work);
    }
    (void)sqlite3_finalize(work.statement);
    (void)sqlite3_close(work.db);
    return status;
}
