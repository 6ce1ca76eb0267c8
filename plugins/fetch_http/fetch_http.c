/* fetch.http: reads one address, or a list of them, page by page. Each answer is
 * emitted as a document, or each row in it as a record behind its document. What the
 * server says did not change is counted, not emitted. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "http_cursor.h"
#include "http_visit.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

static const struct mizan_option options[] = {
    {.name = "url",
     .type = MIZAN_OPTION_URL,
     .help = "The address to read; or give `sources`."},
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .help = "Addresses to read: each with id and url, and params, lang and outlet."},
    {.name = "method",
     .type = MIZAN_OPTION_TEXT,
     .choices = "GET|POST|PUT",
     .help = "How to ask; POST when there is a body, else GET."},
    {.name = "params",
     .type = MIZAN_OPTION_MAP,
     .help =
         "Parameters for the query of the address: texts, numbers, booleans, lists."},
    {.name = "headers",
     .type = MIZAN_OPTION_MAP,
     .help = "Headers to send with every request, by name; the values are text."},
    {.name = "body", .type = MIZAN_OPTION_TEXT, .help = "What to send, as it is."},
    {.name = "json",
     .type = MIZAN_OPTION_MAP,
     .help = "What to send, as a JSON object, in place of `body`."},
    {.name = "fields",
     .type = MIZAN_OPTION_TEXT,
     .choices = "query|json",
     .default_value = "query",
     .help =
         "Where pages and the cursor are asked for: in the query, or in the JSON that "
         "is sent."},
    {.name = "auth",
     .type = MIZAN_OPTION_MAP,
     .help =
         "{ bearer = NAME }, { basic = user, secret = NAME }, { header = name, secret "
         "= NAME } or { oauth2 = token address, client = id, secret = NAME, scope = "
         "text }; NAME is that of a secret."},
    {.name = "pages",
     .type = MIZAN_OPTION_MAP,
     .help =
         "How the next page is found: { next = JSON pointer, or \"link\" for the "
         "header }, { number = parameter, first = 1 }, { offset = parameter, size = "
         "rows }, { cursor = JSON pointer, send = parameter }; most = pages."},
    {.name = "records",
     .type = MIZAN_OPTION_TEXT,
     .help = "JSON pointer to the list of rows, such as /data, or \"\" for the whole "
             "answer: each row becomes a record."},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "The type of these records."},
    {.name = "cursor",
     .type = MIZAN_OPTION_MAP,
     .help = "Asks for what is new: { field = JSON pointer in a row, send = parameter, "
             "start = first value, lag = \"10m\", order = \"ascending\" }."},
    {.name = "expect",
     .type = MIZAN_OPTION_MAP,
     .help =
         "What an answer must be, else the source fails: { type = media type, root = "
         "\"object\", \"list\" or the first element, contains = text, min = rows }."},
};

static void free_instance(void *instance)
{
    struct http_plan *plan = instance;
    if (plan != NULL) {
        http_plan_finish(plan);
        free(plan);
    }
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct http_plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    plan->host = host;
    int32_t status = http_plan_read(plan, task, given);
    if (status != MIZAN_OK) {
        free_instance(plan);
        return status;
    }
    *instance = plan;
    return MIZAN_OK;
}

/* The value that the next window begins with: what was seen, less the lag, or the
 * start.
 */
static int32_t read_cursor(struct http_visit *visit)
{
    const struct http_plan *plan = visit->plan;
    struct mizan_slice known = {NULL, 0};
    if (plan->cursor.field == NULL) {
        return MIZAN_OK;
    }
    int32_t status = visit->host->state_get(visit->task, "cursor", &known);
    if (status == MIZAN_ERROR_NOT_FOUND) {
        if (plan->cursor.start != NULL) {
            http_text_string(&visit->cursor, plan->cursor.start);
        }
        return visit->cursor.failed ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    }
    if (status != MIZAN_OK) {
        return status;
    }
    http_text_add(&visit->known, known.data, known.size);
    if (visit->known.failed ||
        http_cursor_before(visit->known.data, plan->cursor.lag, &visit->cursor)) {
        return visit->known.failed ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    }
    return visit->host->fail(visit->task, MIZAN_ERROR_OPTION,
                             "the lag %s cannot be taken off the cursor '%.60s'",
                             plan->cursor.lag, visit->known.data);
}

static int32_t take_answer(struct http_visit *visit)
{
    const struct mizan_http_response *answer = &visit->answer;
    if (answer->status == 304) {
        return visit->host->unchanged(visit->task, visit->url.data);
    }
    if ((answer->status == 204 || answer->status == 205) &&
        visit->plan->records == NULL) {
        return visit->host->fail(visit->task, MIZAN_ERROR_NOT_FOUND,
                                 "%s: status %d, there is no document", answer->url,
                                 (int)answer->status);
    }
    if (answer->status == 204 || answer->status == 205) {
        visit->page_rows = 0;
        return MIZAN_OK;
    }
    int32_t status = http_check_answer(visit);
    if (status != MIZAN_OK) {
        return status;
    }
    return visit->plan->records != NULL ? http_visit_rows(visit)
                                        : http_emit_answer(visit);
}

static int32_t read_pages(struct http_visit *visit)
{
    const struct mizan_host *host = visit->host;
    bool more = true;
    int32_t status = http_visit_address(visit);
    while (status == MIZAN_OK && more) {
        uint64_t mark = host->arena_mark(visit->task);
        if (host->cancelled(visit->task)) {
            return MIZAN_ERROR_CANCELLED;
        }
        status = http_visit_ask(visit);
        if (status == MIZAN_OK) {
            status = take_answer(visit);
        }
        more = false;
        if (status == MIZAN_OK) {
            status = http_visit_next(visit, &more);
        }
        host->arena_release(visit->task, mark);
    }
    return status;
}

static int32_t check_count(const struct http_visit *visit)
{
    int64_t min = visit->plan->expect.min;
    return visit->answer.status == 304 || visit->rows >= min
               ? MIZAN_OK
               : visit->host->fail(visit->task, MIZAN_ERROR_FAILED,
                                   "%s: unexpected content: %" PRId64
                                   " rows where at least %" PRId64 " are expected",
                                   visit->url.data, visit->rows, min);
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    struct http_plan *plan = instance;
    struct http_visit visit = {
        .plan = plan, .host = plan->host, .task = task, .source = source};
    int32_t status = read_cursor(&visit);
    if (status == MIZAN_OK) {
        status = read_pages(&visit);
    }
    if (status == MIZAN_OK && plan->expect.min >= 0) {
        status = check_count(&visit);
    }
    /* After the last page: rows may come in any order until then. */
    if (status == MIZAN_OK) {
        status = http_move_cursor(&visit);
    }
    http_text_finish(&visit.url);
    http_text_finish(&visit.body);
    http_text_finish(&visit.cursor);
    http_text_finish(&visit.known);
    http_text_finish(&visit.highest);
    http_text_finish(&visit.next);
    free(visit.seen);
    return status;
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_THREAD_SAFE,
    .name = "http",
    .version = "0.2.0",
    .stability = "beta",
    .summary = "Reads addresses and APIs, page by page, as documents or rows.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
