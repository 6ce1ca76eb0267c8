#include "http_plan.h"

#include <stdlib.h>
#include <string.h>

#include "http_cursor.h"

#define PAGES_MOST 10000

/* One of the tables among the options, while it is read. */
struct table {
    struct http_plan *plan;
    mizan_task *task;
    const char *name; /* of the option */
    struct mizan_value map;
    int32_t status;
};

char *http_copy_text(const struct mizan_value *value)
{
    return value != NULL && value->type == MIZAN_TEXT
               ? strndup(value->as.text.data == NULL ? "" : value->as.text.data,
                         value->as.text.size)
               : NULL;
}

static int32_t refuse(struct table *table, const char *what)
{
    if (table->status == MIZAN_OK) {
        table->status = table->plan->host->fail(table->task, MIZAN_ERROR_OPTION,
                                                "%s %s", table->name, what);
    }
    return table->status;
}

/* The text of a member into *out; numbers are no texts, lists neither. */
static void take_text(struct table *table, const char *member, char **out)
{
    const struct mizan_value *value = mizan_member(&table->map, member);
    if (value == NULL || value->type == MIZAN_NIL || table->status != MIZAN_OK) {
        return;
    }
    if (!mizan_is_text(value)) {
        table->status = table->plan->host->fail(
            table->task, MIZAN_ERROR_OPTION, "%s: %s wants text", table->name, member);
        return;
    }
    *out = http_copy_text(value);
    if (*out == NULL) {
        table->status = MIZAN_ERROR_MEMORY;
    }
}

static void take_integer(struct table *table, const char *member, int64_t least,
                         int64_t most, int64_t *out)
{
    const struct mizan_value *value = mizan_member(&table->map, member);
    if (value == NULL || value->type == MIZAN_NIL || table->status != MIZAN_OK) {
        return;
    }
    if (value->type != MIZAN_INTEGER || value->as.integer < least ||
        value->as.integer > most) {
        table->status = table->plan->host->fail(
            table->task, MIZAN_ERROR_OPTION,
            "%s: %s wants a whole number from %lld to %lld", table->name, member,
            (long long)least, (long long)most);
        return;
    }
    *out = value->as.integer;
}

/* `names` are separated by blanks. */
static bool is_listed(const char *names, const struct mizan_slice *name)
{
    for (const char *at = names; *at != '\0';) {
        size_t size = strcspn(at, " ");
        if (size == name->size && memcmp(at, name->data, size) == 0) {
            return true;
        }
        at += size + strspn(at + size, " ");
    }
    return false;
}

/* Opens the option; false when it is not given. A member that is not among `names` is
 * refused. */
static bool open_table(struct table *table, struct http_plan *plan, mizan_task *task,
                       const mizan_options *options, const char *name,
                       const char *names)
{
    *table = (struct table){.plan = plan, .task = task, .name = name};
    table->status = plan->host->option(options, name, &table->map);
    if (table->status != MIZAN_OK || table->map.type != MIZAN_MAP ||
        table->map.as.map.count == 0) {
        return false;
    }
    for (size_t i = 0; i < table->map.as.map.count; i++) {
        const struct mizan_slice *member = &table->map.as.map.fields[i].name;
        if (!is_listed(names, member)) {
            table->status = plan->host->fail(
                task, MIZAN_ERROR_OPTION, "%s knows no '%.*s'; it takes %s", name,
                member->size < 60 ? (int)member->size : 60, member->data, names);
            return false;
        }
    }
    return true;
}

static int32_t read_headers(struct http_plan *plan, mizan_task *task,
                            const mizan_options *options)
{
    struct mizan_value map = {.type = MIZAN_NIL};
    int32_t status = plan->host->option(options, "headers", &map);
    if (status != MIZAN_OK || map.type != MIZAN_MAP || map.as.map.count == 0) {
        return status;
    }
    plan->headers = calloc(map.as.map.count, sizeof *plan->headers);
    if (plan->headers == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < map.as.map.count; i++) {
        const struct mizan_field *field = &map.as.map.fields[i];
        if (field->value.type != MIZAN_TEXT) {
            return plan->host->fail(task, MIZAN_ERROR_OPTION,
                                    "the value of the header %.*s must be text",
                                    (int)field->name.size, field->name.data);
        }
        plan->headers[i].name = field->name;
        plan->headers[i].value = field->value.as.text;
    }
    plan->header_count = map.as.map.count;
    return MIZAN_OK;
}

static int32_t read_targets(struct http_plan *plan, mizan_task *task,
                            const mizan_options *options)
{
    struct mizan_value url = {.type = MIZAN_NIL};
    struct mizan_value sources = {.type = MIZAN_NIL};
    int32_t status = plan->host->option(options, "url", &url);
    if (status == MIZAN_OK) {
        status = plan->host->option(options, "sources", &sources);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    bool has_sources = sources.type == MIZAN_LIST && sources.as.list.count > 0;
    if ((mizan_is_text(&url) != 0) == has_sources) {
        return plan->host->fail(task, MIZAN_ERROR_OPTION,
                                "give either url or sources%s",
                                has_sources ? ", not both" : "");
    }
    if (has_sources) {
        return mizan_check_sources(plan->host, task, &sources);
    }
    plan->url = http_copy_text(&url);
    return plan->url == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static int32_t read_pages(struct http_plan *plan, mizan_task *task,
                          const mizan_options *options)
{
    struct table table;
    char *next = NULL, *number = NULL, *offset = NULL, *cursor = NULL;
    plan->pages.first = -1;
    plan->pages.most = 1000;
    if (!open_table(&table, plan, task, options, "pages",
                    "next number offset cursor send first size most")) {
        return table.status;
    }
    take_text(&table, "next", &next);
    take_text(&table, "number", &number);
    take_text(&table, "offset", &offset);
    take_text(&table, "cursor", &cursor);
    take_text(&table, "send", &plan->pages.send);
    take_integer(&table, "first", 0, INT64_C(1) << 40, &plan->pages.first);
    take_integer(&table, "size", 1, 1000000, &plan->pages.size);
    take_integer(&table, "most", 1, PAGES_MOST, &plan->pages.most);
    int given = (next != NULL) + (number != NULL) + (offset != NULL) + (cursor != NULL);
    if (given != 1) {
        (void)refuse(&table, "wants one of next, number, offset and cursor");
    }
    plan->pages.kind = next != NULL && strcmp(next, "link") == 0 ? HTTP_PAGES_LINK
                       : next != NULL                            ? HTTP_PAGES_POINTER
                       : number != NULL                          ? HTTP_PAGES_NUMBER
                       : offset != NULL                          ? HTTP_PAGES_OFFSET
                                                                 : HTTP_PAGES_CURSOR;
    plan->pages.name = next != NULL     ? next
                       : number != NULL ? number
                       : offset != NULL ? offset
                                        : cursor;
    for (size_t i = 0; given > 1 && i < 3; i++) {
        char *const others[] = {number, offset, cursor};
        if (others[i] != plan->pages.name) {
            free(others[i]);
        }
    }
    if ((plan->pages.kind == HTTP_PAGES_POINTER ||
         plan->pages.kind == HTTP_PAGES_CURSOR) &&
        (plan->pages.name == NULL || plan->pages.name[0] != '/')) {
        (void)refuse(
            &table, "wants a JSON pointer such as \"/links/next\", or next = \"link\"");
    }
    if ((plan->pages.kind == HTTP_PAGES_CURSOR) != (plan->pages.send != NULL)) {
        (void)refuse(&table,
                     "wants send, the parameter's name, with cursor, and only there");
    }
    if ((plan->pages.kind == HTTP_PAGES_NUMBER ||
         plan->pages.kind == HTTP_PAGES_OFFSET) &&
        plan->records == NULL) {
        (void)refuse(&table,
                     "by number or offset end where there are no rows: give records");
    }
    if (plan->pages.first < 0) {
        plan->pages.first = plan->pages.kind == HTTP_PAGES_NUMBER ? 1 : 0;
    }
    return table.status;
}

static int32_t read_cursor(struct http_plan *plan, mizan_task *task,
                           const mizan_options *options)
{
    struct table table;
    char *order = NULL;
    if (!open_table(&table, plan, task, options, "cursor",
                    "field send start lag order")) {
        return table.status;
    }
    take_text(&table, "field", &plan->cursor.field);
    take_text(&table, "send", &plan->cursor.send);
    take_text(&table, "start", &plan->cursor.start);
    take_text(&table, "lag", &plan->cursor.lag);
    take_text(&table, "order", &order);
    if (plan->cursor.field == NULL || plan->cursor.field[0] != '/') {
        (void)refuse(
            &table, "wants field, the JSON pointer within a row, such as \"/changed\"");
    }
    if (plan->cursor.send == NULL) {
        (void)refuse(&table, "wants send, the name of the parameter");
    }
    if (plan->records == NULL) {
        (void)refuse(&table, "is read from rows: give records");
    }
    int64_t amount = 0;
    bool is_duration = false;
    if (plan->cursor.lag != NULL &&
        !http_lag_read(plan->cursor.lag, &amount, &is_duration)) {
        (void)refuse(&table, "wants a lag such as \"10m\", or \"100\" of a number");
    }
    if (order != NULL && strcmp(order, "ascending") != 0) {
        (void)refuse(&table, "knows order = \"ascending\" alone");
    }
    plan->cursor.ascending = order != NULL;
    free(order);
    return table.status;
}

/* { bearer = S }, { basic = "user", secret = S }, { header = "X-Key", secret = S } and
 * { oauth2 = "https://…/token", client = "id", secret = S, scope = "…" }. */
static int32_t read_auth(struct http_plan *plan, mizan_task *task,
                         const mizan_options *options)
{
    struct table table;
    char *bearer = NULL, *client = NULL;
    if (!open_table(&table, plan, task, options, "auth",
                    "bearer basic header oauth2 client secret scope")) {
        return table.status;
    }
    take_text(&table, "bearer", &bearer);
    take_text(&table, "basic", &plan->auth.user);
    take_text(&table, "header", &plan->auth.header);
    take_text(&table, "oauth2", &plan->auth.url);
    take_text(&table, "client", &client);
    take_text(&table, "scope", &plan->auth.scope);
    take_text(&table, "secret", &plan->auth.secret);
    int given = (bearer != NULL) + (plan->auth.user != NULL) +
                (plan->auth.header != NULL) + (plan->auth.url != NULL);
    plan->auth.kind = bearer != NULL              ? HTTP_AUTH_BEARER
                      : plan->auth.user != NULL   ? HTTP_AUTH_BASIC
                      : plan->auth.header != NULL ? HTTP_AUTH_HEADER
                                                  : HTTP_AUTH_OAUTH2;
    if (given != 1) {
        (void)refuse(&table, "wants one of bearer, basic, header and oauth2");
    }
    if (bearer != NULL && plan->auth.secret != NULL) {
        (void)refuse(&table, "by bearer names its secret there: bearer = \"NAME\"");
    } else if (bearer != NULL) {
        plan->auth.secret = bearer;
        bearer = NULL;
    }
    if (plan->auth.secret == NULL) {
        (void)refuse(&table, "wants secret, the name of a secret");
    }
    if ((plan->auth.kind == HTTP_AUTH_OAUTH2) != (client != NULL)) {
        (void)refuse(&table,
                     "wants client, the client's id, with oauth2, and only there");
    }
    free(bearer);
    if (client != NULL) {
        free(plan->auth.user);
        plan->auth.user = client;
    }
    return table.status;
}

static int32_t read_expect(struct http_plan *plan, mizan_task *task,
                           const mizan_options *options)
{
    struct table table;
    plan->expect.min = -1;
    if (!open_table(&table, plan, task, options, "expect", "type root contains min")) {
        return table.status;
    }
    take_text(&table, "type", &plan->expect.type);
    take_text(&table, "root", &plan->expect.root);
    take_text(&table, "contains", &plan->expect.contains);
    take_integer(&table, "min", 0, INT64_C(1) << 40, &plan->expect.min);
    if (plan->expect.min >= 0 && plan->records == NULL) {
        (void)refuse(&table, "by min counts rows: give records");
    }
    return table.status;
}

static int32_t read_request(struct http_plan *plan, mizan_task *task,
                            const mizan_options *options)
{
    const struct mizan_host *host = plan->host;
    struct mizan_value method = {.type = MIZAN_NIL}, records = {.type = MIZAN_NIL};
    struct mizan_value type = {.type = MIZAN_NIL}, into = {.type = MIZAN_NIL};
    struct mizan_value text = {.type = MIZAN_NIL};
    if (host->option(options, "method", &method) != MIZAN_OK ||
        host->option(options, "params", &plan->params) != MIZAN_OK ||
        host->option(options, "body", &text) != MIZAN_OK ||
        host->option(options, "json", &plan->body) != MIZAN_OK ||
        host->option(options, "records", &records) != MIZAN_OK ||
        host->option(options, "type", &type) != MIZAN_OK ||
        host->option(options, "fields", &into) != MIZAN_OK) {
        return MIZAN_ERROR_FAILED;
    }
    bool json = plan->body.type == MIZAN_MAP && plan->body.as.map.count > 0;
    if (json && mizan_is_text(&text)) {
        return host->fail(task, MIZAN_ERROR_OPTION, "give body or json, not both");
    }
    plan->fields_in_body = mizan_is_text(&into) && *into.as.text.data == 'j';
    if (!json && !plan->fields_in_body) {
        plan->body = text;
    }
    plan->method = http_copy_text(&method);
    plan->records = http_copy_text(&records);
    plan->type = mizan_is_text(&type) ? http_copy_text(&type) : strdup("row");
    if (plan->type == NULL || (plan->method == NULL && mizan_is_text(&method)) ||
        (plan->records == NULL && records.type == MIZAN_TEXT)) {
        return MIZAN_ERROR_MEMORY;
    }
    if (plan->records != NULL && *plan->records != '\0' && *plan->records != '/') {
        return host->fail(
            task, MIZAN_ERROR_OPTION,
            "records is a JSON pointer such as \"/data\", or \"\" when the "
            "whole answer is the list");
    }
    return MIZAN_OK;
}

int32_t http_plan_read(struct http_plan *plan, mizan_task *task,
                       const mizan_options *options)
{
    static int32_t (*const readers[])(struct http_plan *, mizan_task *,
                                      const mizan_options *) = {
        read_targets, read_headers, read_request, read_pages,
        read_cursor,  read_auth,    read_expect};
    int32_t status = MIZAN_OK;
    pthread_mutex_init(&plan->lock, NULL);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0] && status == MIZAN_OK;
         i++) {
        status = readers[i](plan, task, options);
    }
    return status;
}

void http_plan_finish(struct http_plan *plan)
{
    char *const texts[] = {
        plan->url,          plan->method,         plan->type,         plan->records,
        plan->pages.name,   plan->pages.send,     plan->cursor.field, plan->cursor.send,
        plan->cursor.start, plan->cursor.lag,     plan->auth.secret,  plan->auth.user,
        plan->auth.header,  plan->auth.url,       plan->auth.scope,   plan->expect.type,
        plan->expect.root,  plan->expect.contains};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        free(texts[i]);
    }
    free(plan->headers);
    http_text_finish(&plan->token);
    pthread_mutex_destroy(&plan->lock);
}
