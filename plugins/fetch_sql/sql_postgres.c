/* PostgreSQL, by libpq, which is loaded when a query asks for it. */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>

#include "sql.h"

#define WAIT 50 /* milliseconds between looks at clock and signal */

/* What is used of the library; the names are its own. */
struct library {
    void *handle;
    __typeof__(&PQconnectdbParams) connectdbParams;
    __typeof__(&PQstatus) status;
    __typeof__(&PQerrorMessage) errorMessage;
    __typeof__(&PQfinish) finish;
    __typeof__(&PQsendQueryParams) sendQueryParams;
    __typeof__(&PQsetSingleRowMode) setSingleRowMode;
    __typeof__(&PQconsumeInput) consumeInput;
    __typeof__(&PQisBusy) isBusy;
    __typeof__(&PQsocket) socket;
    __typeof__(&PQgetResult) getResult;
    __typeof__(&PQresultStatus) resultStatus;
    __typeof__(&PQresultErrorField) resultErrorField;
    __typeof__(&PQclear) clear;
    __typeof__(&PQntuples) ntuples;
    __typeof__(&PQnfields) nfields;
    __typeof__(&PQfname) fname;
    __typeof__(&PQftype) ftype;
    __typeof__(&PQgetisnull) getisnull;
    __typeof__(&PQgetvalue) getvalue;
    __typeof__(&PQgetlength) getlength;
    __typeof__(&PQunescapeBytea) unescapeBytea;
    __typeof__(&PQfreemem) freemem;
    __typeof__(&PQgetCancel) getCancel;
    __typeof__(&PQcancel) cancel;
    __typeof__(&PQfreeCancel) freeCancel;
};

static struct library library;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Object identifiers of the types that are no texts (pg_type.dat). */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_OID = 26,
    TYPE_JSON = 114,
    TYPE_FLOAT4 = 700,
    TYPE_FLOAT8 = 701,
    TYPE_TIMESTAMP = 1114,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_NUMERIC = 1700,
    TYPE_JSONB = 3802
};

struct work {
    struct sql_query *query;
    PGconn *connection;
    int64_t deadline;
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---- the library ---- */

static bool find_all(void *handle)
{
    const struct {
        const char *name;
        void *place;
    } names[] = {{"PQconnectdbParams", &library.connectdbParams},
                 {"PQstatus", &library.status},
                 {"PQerrorMessage", &library.errorMessage},
                 {"PQfinish", &library.finish},
                 {"PQsendQueryParams", &library.sendQueryParams},
                 {"PQsetSingleRowMode", &library.setSingleRowMode},
                 {"PQconsumeInput", &library.consumeInput},
                 {"PQisBusy", &library.isBusy},
                 {"PQsocket", &library.socket},
                 {"PQgetResult", &library.getResult},
                 {"PQresultStatus", &library.resultStatus},
                 {"PQresultErrorField", &library.resultErrorField},
                 {"PQclear", &library.clear},
                 {"PQntuples", &library.ntuples},
                 {"PQnfields", &library.nfields},
                 {"PQfname", &library.fname},
                 {"PQftype", &library.ftype},
                 {"PQgetisnull", &library.getisnull},
                 {"PQgetvalue", &library.getvalue},
                 {"PQgetlength", &library.getlength},
                 {"PQunescapeBytea", &library.unescapeBytea},
                 {"PQfreemem", &library.freemem},
                 {"PQgetCancel", &library.getCancel},
                 {"PQcancel", &library.cancel},
                 {"PQfreeCancel", &library.freeCancel}};
    bool found = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *symbol = dlsym(handle, names[i].name);
        /* POSIX: a function's address may be held by a pointer to void. */
        memcpy(names[i].place, &symbol, sizeof symbol);
        found = found && symbol != NULL;
    }
    return found;
}

static bool load(char why[SQL_WHY])
{
    pthread_mutex_lock(&lock);
    if (library.handle == NULL) {
        void *handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
        if (handle == NULL || !find_all(handle)) {
            (void)snprintf(why, SQL_WHY, "libpq cannot be loaded: %s",
                           handle == NULL ? dlerror() : "it lacks functions");
        } else {
            library.handle = handle;
        }
    }
    bool loaded = library.handle != NULL;
    pthread_mutex_unlock(&lock);
    return loaded;
}

/* ---- failures ---- */

/* The first line of what the server or the library said. */
static void explain(const struct work *work, const char *text)
{
    (void)snprintf(work->query->why, SQL_WHY, "%.*s", (int)strcspn(text, "\n"), text);
}

/* Connection, resources, shutdown, and what ran into others (SQLSTATE 08, 40, 53, 55,
 * 57) may work later. */
static enum sql_status failed(const struct work *work, const PGresult *result)
{
    const char *state = library.resultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = library.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    explain(work, text == NULL ? library.errorMessage(work->connection) : text);
    bool later = state == NULL || strncmp(state, "08", 2) == 0 ||
                 strncmp(state, "40", 2) == 0 || strncmp(state, "53", 2) == 0 ||
                 strncmp(state, "55", 2) == 0 || strncmp(state, "57", 2) == 0;
    return later ? SQL_TRANSIENT : SQL_FAILED;
}

static void cancel(const struct work *work)
{
    char why[256];
    PGcancel *handle = library.getCancel(work->connection);
    if (handle != NULL) {
        (void)library.cancel(handle, why, sizeof why);
        library.freeCancel(handle);
    }
}

/* ---- values ---- */

static bool is_json_number(const char *text)
{
    text += *text == '-' ? 1 : 0;
    return *text >= '0' && *text <= '9';
}

/* "2025-09-03 10:00:00+00" as "2025-09-03T10:00:00Z". */
static void add_time(struct sql_text *out, const char *text)
{
    size_t size = strlen(text);
    bool utc = size > 3 && strcmp(text + size - 3, "+00") == 0;
    sql_text_string(out, "\"");
    for (size_t i = 0; i < (utc ? size - 3 : size); i++) {
        sql_text_add(out, text[i] == ' ' && i == 10 ? "T" : text + i, 1);
    }
    sql_text_string(out, utc ? "Z\"" : "\"");
}

static void add_bytes(struct sql_text *out, const char *text)
{
    size_t size = 0;
    unsigned char *bytes = library.unescapeBytea((const unsigned char *)text, &size);
    if (bytes == NULL) {
        out->failed = true;
        return;
    }
    sql_json_bytes(out, (const char *)bytes, size);
    library.freemem(bytes);
}

/* Line ends in JSON are blanks: in texts they are escaped. */
static void add_json(struct sql_text *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        sql_text_add(out, *at == '\n' || *at == '\r' ? " " : at, 1);
    }
}

static void add_value(struct sql_row *row, const PGresult *result, int column)
{
    bool is_cursor = sql_row_name(row, library.fname(result, column));
    if (library.getisnull(result, 0, column)) {
        sql_text_string(&row->json, "null");
        return;
    }
    const char *text = library.getvalue(result, 0, column);
    switch (library.ftype(result, column)) {
    case TYPE_BOOL:
        sql_text_string(&row->json, *text == 't' ? "true" : "false");
        break;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_OID:
    case TYPE_NUMERIC:
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        if (is_json_number(text) && strpbrk(text, "nN") == NULL) {
            sql_text_string(&row->json, text);
        } else {
            sql_json_text(&row->json, text, strlen(text)); /* NaN, Infinity */
        }
        break;
    case TYPE_JSON:
    case TYPE_JSONB:
        add_json(&row->json, text);
        break;
    case TYPE_BYTEA:
        add_bytes(&row->json, text);
        break;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        add_time(&row->json, text);
        break;
    default:
        sql_json_text(&row->json, text, (size_t)library.getlength(result, 0, column));
        break;
    }
    if (is_cursor) {
        sql_text_string(&row->cursor, text);
        row->has_cursor = true;
    }
}

/* ---- the query ---- */

/* Waits until a result can be had. */
static enum sql_status await(struct work *work)
{
    while (library.isBusy(work->connection)) {
        struct pollfd end = {.fd = library.socket(work->connection), .events = POLLIN};
        (void)poll(&end, 1, WAIT);
        if (work->query->cancelled(work->query->owner)) {
            cancel(work);
            return SQL_CANCELLED;
        }
        if (now() > work->deadline) {
            cancel(work);
            return SQL_LATE;
        }
        if (!library.consumeInput(work->connection)) {
            explain(work, library.errorMessage(work->connection));
            return SQL_TRANSIENT;
        }
    }
    return SQL_OK;
}

static enum sql_status take_result(struct work *work, struct sql_row *row,
                                   const PGresult *result)
{
    switch ((int)library.resultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        sql_row_begin(row);
        for (int i = 0; i < library.nfields(result); i++) {
            add_value(row, result, i);
        }
        return sql_row_end(row);
    case PGRES_TUPLES_OK:
        return SQL_OK;
    case PGRES_COMMAND_OK:
        (void)snprintf(work->query->why, SQL_WHY, "the query gives no rows");
        return SQL_FAILED;
    default:
        return failed(work, result);
    }
}

static enum sql_status run_query(struct work *work)
{
    const struct sql_query *query = work->query;
    const char *const values[] = {query->cursor};
    struct sql_row row = {.query = work->query};
    enum sql_status status = SQL_OK;
    PGresult *result;
    if (!library.sendQueryParams(work->connection, query->text,
                                 query->cursor == NULL ? 0 : 1, NULL, values, NULL,
                                 NULL, 0) ||
        !library.setSingleRowMode(work->connection)) {
        explain(work, library.errorMessage(work->connection));
        return SQL_TRANSIENT;
    }
    while (status == SQL_OK && (status = await(work)) == SQL_OK &&
           (result = library.getResult(work->connection)) != NULL) {
        status = take_result(work, &row, result);
        library.clear(result);
    }
    if (status == SQL_STOPPED) {
        cancel(work);
    }
    sql_row_finish(&row);
    return status;
}

static enum sql_status connect_to(struct work *work, const char *url,
                                  const char *password)
{
    char settings[256];
    /* The query alone is sent, in a session that cannot write. */
    (void)snprintf(
        settings, sizeof settings,
        "-c default_transaction_read_only=on -c datestyle=ISO -c timezone=UTC "
        "-c extra_float_digits=1 -c bytea_output=hex -c statement_timeout=%lld",
        (long long)work->query->timeout);
    const char *const names[] = {
        "dbname",           "connect_timeout", "options", "client_encoding",
        "application_name", "password",        NULL};
    const char *const values[] = {url,      "10", settings, "UTF8", "mizan fetch.sql",
                                  password, NULL};
    work->connection = library.connectdbParams(names, values, 1);
    if (work->connection == NULL) {
        return SQL_NO_MEMORY;
    }
    if (library.status(work->connection) != CONNECTION_OK) {
        explain(work, library.errorMessage(work->connection));
        return SQL_TRANSIENT;
    }
    return SQL_OK;
}

enum sql_status sql_run_postgres(const char *url, const char *password,
                                 struct sql_query *query)
{
    struct work work = {.query = query, .deadline = now() + query->timeout};
    if (!load(query->why)) {
        return SQL_FAILED;
    }
    enum sql_status status = connect_to(&work, url, password);
    if (status == SQL_OK) {
        status = run_query(&work);
    }
    if (work.connection != NULL) {
        library.finish(work.connection);
    }
    return status;
}
