/* fetch.sql: the rows that a query of a SQLite file or a PostgreSQL database gives, in
 * slices, with a cursor. Nothing is ever written there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mizan/draft.h"
#include "sql.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

struct fetch_sql {
    const struct mizan_host *host;
    char *file, *database, *query, *password, *type;
    char *column, *start;
    bool ascending;
    int64_t timeout;
};

static const struct mizan_option options[] = {
    {.name = "file",
     .type = MIZAN_OPTION_PATH,
     .help = "A SQLite file; or give `database`."},
    {.name = "database",
     .type = MIZAN_OPTION_TEXT,
     .help = "postgres://user@host/name, without the password."},
    {.name = "password",
     .type = MIZAN_OPTION_TEXT,
     .help = "The name of the secret that is the password."},
    {.name = "query",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "One SELECT; with a cursor its value is $1."},
    {.name = "cursor",
     .type = MIZAN_OPTION_MAP,
     .help = "Asks for what is new: { column = name, start = first value, order = "
             "\"ascending\" when the query orders by it }."},
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .help = "Runs it once for each: id, and `file` or `database` of its own."},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "The type of the records that rows become."},
    {.name = "timeout",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "5m",
     .minimum = "1ms",
     .maximum = "1d",
     .help = "How long the query may take."},
};

/* ---- options ---- */

static void free_instance(void *instance)
{
    struct fetch_sql *self = instance;
    if (self != NULL) {
        char *const texts[] = {self->file, self->database, self->query, self->password,
                               self->type, self->column,   self->start};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            free(texts[i]);
        }
        free(self);
    }
}

/* False when memory is refused. */
static bool copy_text(const struct mizan_value *value, char **out)
{
    if (!mizan_is_text(value)) {
        return true;
    }
    *out = strndup(value->as.text.data, value->as.text.size);
    return *out != NULL;
}

static int32_t read_texts(struct fetch_sql *self, const mizan_options *given)
{
    const struct {
        const char *name;
        char **place;
    } texts[] = {{"file", &self->file},
                 {"database", &self->database},
                 {"query", &self->query},
                 {"password", &self->password},
                 {"type", &self->type}};
    struct mizan_value value = {.type = MIZAN_NIL};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int32_t status = self->host->option(given, texts[i].name, &value);
        if (status != MIZAN_OK || !copy_text(&value, texts[i].place)) {
            return status == MIZAN_OK ? MIZAN_ERROR_MEMORY : status;
        }
    }
    int32_t status = self->host->option(given, "timeout", &value);
    self->timeout = value.type == MIZAN_INTEGER ? value.as.integer : 300000;
    return status;
}

/* A number is a start, too. */
static bool copy_start(const struct mizan_value *value, char **out)
{
    char number[32];
    if (value == NULL || value->type != MIZAN_INTEGER) {
        return copy_text(value, out);
    }
    (void)snprintf(number, sizeof number, "%lld", (long long)value->as.integer);
    *out = strdup(number);
    return *out != NULL;
}

static int32_t read_cursor(struct fetch_sql *self, mizan_task *task,
                           const mizan_options *given)
{
    struct mizan_value map = {.type = MIZAN_NIL};
    int32_t status = self->host->option(given, "cursor", &map);
    if (status != MIZAN_OK || map.type != MIZAN_MAP || map.as.map.count == 0) {
        return status;
    }
    const struct mizan_value *column = mizan_member(&map, "column");
    const struct mizan_value *start = mizan_member(&map, "start");
    const struct mizan_value *order = mizan_member(&map, "order");
    size_t known = (size_t)((column != NULL) + (start != NULL) + (order != NULL));
    bool ascending = mizan_is_text(order) && order->as.text.size == 9 &&
                     memcmp(order->as.text.data, "ascending", 9) == 0;
    if (!mizan_is_text(column) || start == NULL || known != map.as.map.count ||
        (order != NULL && !ascending)) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "cursor takes column and start, and order = "
                                "\"ascending\" or none");
    }
    self->ascending = ascending;
    if (!copy_text(column, &self->column) || !copy_start(start, &self->start)) {
        return MIZAN_ERROR_MEMORY;
    }
    return self->start != NULL
               ? MIZAN_OK
               : self->host->fail(
                     task, MIZAN_ERROR_OPTION,
                     "the start of the cursor is a text or a whole number");
}

static int32_t check(const struct fetch_sql *self, mizan_task *task,
                     const mizan_options *given)
{
    struct mizan_value sources = {.type = MIZAN_NIL};
    int32_t status = self->host->option(given, "sources", &sources);
    bool many = sources.type == MIZAN_LIST && sources.as.list.count > 0;
    if (status != MIZAN_OK) {
        return status;
    }
    if (self->file != NULL && self->database != NULL) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "give either file or database, not both");
    }
    if (self->file == NULL && self->database == NULL && !many) {
        return self->host->fail(task, MIZAN_ERROR_OPTION, "give file or database");
    }
    if (self->password != NULL && self->file != NULL) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "a SQLite file has no password");
    }
    return MIZAN_OK;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct fetch_sql *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    int32_t status = read_texts(self, given);
    if (status == MIZAN_OK) {
        status = read_cursor(self, task, given);
    }
    if (status == MIZAN_OK) {
        status = check(self, task, given);
    }
    if (status != MIZAN_OK) {
        free_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
}

/* ---- one visit ---- */

struct visit {
    const struct fetch_sql *self;
    mizan_task *task;
    const mizan_record *source;
    struct sql_query query;
    struct sql_text body, cursor, highest;
    size_t rows;  /* in the body */
    size_t total; /* of the visit */
    int32_t status;
};

static bool is_number(const char *text)
{
    text += *text == '-' ? 1 : 0;
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whole numbers by value, all else by bytes: times are compared as they are written. */
static int compare(const char *a, const char *b)
{
    bool below = *a == '-';
    if (!is_number(a) || !is_number(b)) {
        return strcmp(a, b);
    }
    if (below != (*b == '-')) {
        return below ? -1 : 1;
    }
    a += strspn(a, "-0");
    b += strspn(b, "-0");
    size_t size = strlen(a), other = strlen(b);
    int order = size != other ? (size < other ? -1 : 1) : strcmp(a, b);
    return below ? -order : order;
}

static int32_t keep_cursor(const struct visit *visit)
{
    return visit->highest.size > 0
               ? visit->self->host->state_set(
                     visit->task, "cursor",
                     (struct mizan_slice){visit->highest.data, visit->highest.size})
               : MIZAN_OK;
}

/* "sql:ID", the cursor that was asked from, and the rows before this slice. */
static void set_url(struct visit *visit, struct mizan_draft *draft)
{
    struct mizan_value id = {.type = MIZAN_NIL};
    struct sql_text url = {.data = NULL};
    char place[48];
    sql_text_string(&url, "sql:");
    if (visit->self->host->record_get(visit->source, "id", &id) && mizan_is_text(&id)) {
        sql_text_add(&url, id.as.text.data, id.as.text.size);
    }
    for (const char *at = visit->cursor.data; at != NULL && *at != '\0'; at++) {
        sql_text_string(&url, at == visit->cursor.data ? "?from=" : "");
        sql_text_add(&url, *at > ' ' && *at < 0x7f ? at : "+", 1);
    }
    (void)snprintf(place, sizeof place, "#%zu", visit->total - visit->rows);
    sql_text_string(&url, place);
    if (url.failed) {
        draft->status = MIZAN_ERROR_MEMORY;
    }
    mizan_draft_text(draft, "url", url.data);
    sql_text_finish(&url);
}

static int32_t emit_slice(struct visit *visit)
{
    const struct mizan_host *host = visit->self->host;
    uint64_t mark = host->arena_mark(visit->task);
    struct mizan_draft draft = mizan_draft_begin(host, visit->task, "document");
    set_url(visit, &draft);
    mizan_draft_bytes(&draft, "body", visit->body.data, visit->body.size);
    mizan_draft_rows(&draft, "application/x-ndjson", "", visit->self->type);
    mizan_draft_integer(&draft, "fetched_at", MIZAN_TIME, host->now(visit->task));
    mizan_draft_copy(&draft, visit->source, "id", "source");
    mizan_draft_copy(&draft, visit->source, "lang", "lang");
    mizan_draft_copy(&draft, visit->source, "outlet", "outlet");
    int32_t status = visit->self->ascending ? keep_cursor(visit) : MIZAN_OK;
    if (status == MIZAN_OK) {
        status = mizan_draft_emit(&draft);
    }
    host->arena_release(visit->task, mark);
    sql_text_clear(&visit->body);
    visit->rows = 0;
    return status;
}

static bool note_cursor(struct visit *visit, const char *cursor)
{
    const struct fetch_sql *self = visit->self;
    if (self->column == NULL) {
        return true;
    }
    if (cursor == NULL) {
        visit->status =
            self->host->fail(visit->task, MIZAN_ERROR_FAILED,
                             "row %zu has no value in the column %s, the cursor",
                             visit->total + 1, self->column);
        return false;
    }
    int order = visit->highest.size == 0 ? 1 : compare(cursor, visit->highest.data);
    if (order < 0 && self->ascending) {
        visit->status = self->host->fail(
            visit->task, MIZAN_ERROR_FAILED,
            "the rows are not in ascending order of %s: %.60s follows %.60s",
            self->column, cursor, visit->highest.data);
        return false;
    }
    if (order > 0) {
        sql_text_clear(&visit->highest);
        sql_text_string(&visit->highest, cursor);
    }
    return true;
}

static bool take_row(void *owner, const char *json, size_t size, const char *cursor)
{
    struct visit *visit = owner;
    bool full = visit->rows == MIZAN_ROWS_MOST ||
                (visit->rows > 0 && visit->body.size + size >= MIZAN_ROWS_BYTES_MOST);
    if (full) {
        visit->status = emit_slice(visit);
    }
    if (visit->status != MIZAN_OK || !note_cursor(visit, cursor)) {
        return false;
    }
    sql_text_add(&visit->body, json, size);
    sql_text_string(&visit->body, "\n");
    visit->rows++;
    visit->total++;
    if (visit->body.failed || visit->highest.failed) {
        visit->status = MIZAN_ERROR_MEMORY;
    }
    return visit->status == MIZAN_OK;
}

static bool is_cancelled(void *owner)
{
    struct visit *visit = owner;
    return visit->self->host->cancelled(visit->task) != 0;
}

static int32_t judge(const struct visit *visit, enum sql_status status)
{
    const struct mizan_host *host = visit->self->host;
    const char *why = visit->query.why;
    switch (status) {
    case SQL_OK:
        return MIZAN_OK;
    case SQL_STOPPED:
        return visit->status;
    case SQL_CANCELLED:
        return MIZAN_ERROR_CANCELLED;
    case SQL_NO_MEMORY:
        return MIZAN_ERROR_MEMORY;
    case SQL_LATE:
        return host->fail(visit->task, MIZAN_ERROR_TRANSIENT,
                          "the query took longer than %lld ms (option timeout)",
                          (long long)visit->self->timeout);
    case SQL_TRANSIENT:
        return host->fail(visit->task, MIZAN_ERROR_TRANSIENT, "the database: %s", why);
    case SQL_FAILED:
    default:
        return host->fail(visit->task, MIZAN_ERROR_FAILED, "the database: %s", why);
    }
}

/* A text of the source, or else of the option; NULL when neither is given. */
static char *text_of(const struct visit *visit, const char *name, const char *otherwise)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    if (visit->self->host->record_get(visit->source, name, &value) &&
        mizan_is_text(&value)) {
        return strndup(value.as.text.data, value.as.text.size);
    }
    return otherwise == NULL ? NULL : strdup(otherwise);
}

static int32_t begin(struct visit *visit)
{
    const struct fetch_sql *self = visit->self;
    struct mizan_slice known = {NULL, 0};
    visit->query = (struct sql_query){.text = self->query,
                                      .column = self->column,
                                      .timeout = self->timeout,
                                      .cancelled = is_cancelled,
                                      .row = take_row,
                                      .owner = visit};
    if (self->column == NULL) {
        return MIZAN_OK;
    }
    int32_t status = self->host->state_get(visit->task, "cursor", &known);
    if (status == MIZAN_OK) {
        sql_text_add(&visit->cursor, known.data, known.size);
    } else if (status == MIZAN_ERROR_NOT_FOUND) {
        sql_text_string(&visit->cursor, self->start);
        status = MIZAN_OK;
    }
    visit->query.cursor = visit->cursor.data;
    return visit->cursor.failed ? MIZAN_ERROR_MEMORY : status;
}

static int32_t ask(struct visit *visit)
{
    const struct fetch_sql *self = visit->self;
    struct mizan_slice secret = {NULL, 0};
    char *file = text_of(visit, "file", self->file);
    char *database = text_of(visit, "database", self->database);
    int32_t status = MIZAN_OK;
    if (database != NULL && self->password != NULL) {
        status = self->host->secret(visit->task, self->password, &secret);
    }
    if (status == MIZAN_OK && database != NULL) {
        /* The host closes a secret with a NUL. */
        status = judge(visit, sql_run_postgres(database, secret.data, &visit->query));
    } else if (status == MIZAN_OK && file != NULL) {
        status = judge(visit, sql_run_sqlite(file, &visit->query));
    } else if (status == MIZAN_OK) {
        status = self->host->fail(visit->task, MIZAN_ERROR_OPTION,
                                  "a source has neither file nor database");
    }
    free(file);
    free(database);
    return status;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    struct visit visit = {.self = instance, .task = task, .source = source};
    int32_t status = begin(&visit);
    if (status == MIZAN_OK) {
        status = ask(&visit);
    }
    if (status == MIZAN_OK && visit.rows > 0) {
        status = emit_slice(&visit);
    }
    /* After the last row: they may come in any order until then. */
    if (status == MIZAN_OK) {
        status = keep_cursor(&visit);
    }
    sql_text_finish(&visit.body);
    sql_text_finish(&visit.cursor);
    sql_text_finish(&visit.highest);
    return status;
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_THREAD_SAFE,
    .name = "sql",
    .version = "0.1.0",
    .stability = "beta",
    .summary = "Reads the rows of a query of SQLite or PostgreSQL, with a cursor.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
