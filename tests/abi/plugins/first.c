/* A plugin of the first hour: compiled from the header of ABI 1.0 as it was, it uses
 * every service of that header and must work with every later host of the major
 * version. KIND says which of the three kinds is built. */
#include "plugin-1.0.h"

#include <string.h>

#if MIZAN_ABI_MINOR != 0
#error "this is to be compiled from the first header"
#endif

static const struct mizan_host *host;

static int32_t open_first(const struct mizan_host *table, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    struct mizan_value limit;
    host = table;
    *instance = NULL;
    host->option(options, "limit", &limit);
    if (host->abi_major != 1 || host->size < sizeof(struct mizan_host) ||
        host->host_version[0] == '\0' || limit.as.integer != 90000) {
        return host->fail(task, MIZAN_ERROR_OPTION, "limit is not a minute and a half");
    }
    return MIZAN_OK;
}

static void close_first(void *instance)
{
    (void)instance;
}

static struct mizan_value text_value(const char *text)
{
    struct mizan_value value = {.type = MIZAN_TEXT, .as.text = {text, strlen(text)}};
    return value;
}

/* Memory, time, messages and state: what every kind may use. */
__attribute__((unused)) static int32_t use_services(mizan_task *task)
{
    struct mizan_slice value = {"1", 1};
    struct mizan_slice got;
    char id[33];
    uint64_t mark = host->arena_mark(task);
    void *memory = host->alloc(task, 100);
    if (memory == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    memset(memory, 1, 100);
    host->arena_release(task, mark);
    host->log(task, MIZAN_LOG_DEBUG, "%s", "seen");
    host->count(task, "seen", 1);
    int32_t status = host->state_set(task, "seen", value);
    if (status == MIZAN_OK) {
        status = host->state_get(task, "seen", &got);
    }
    if (status == MIZAN_OK) {
        status = host->secret(task, "key", &got);
    }
    if (status == MIZAN_OK) {
        status = host->hash_id(&value, 1, id);
    }
    if (status != MIZAN_OK || host->now(task) <= 0 || host->remaining(task) <= 0 ||
        host->cancelled(task) || host->plugin_folder(task)[0] != '/' ||
        strlen(id) != 32) {
        return host->fail(task, MIZAN_ERROR_FAILED, "a service of 1.0 fails: %s",
                          host->failure(task));
    }
    return MIZAN_OK;
}

__attribute__((unused)) static int32_t make_record(mizan_task *task, mizan_record **out)
{
    struct mizan_value url = text_value("https://example.org/first");
    struct mizan_locator span = {.kind = MIZAN_LOCATOR_SPAN, .a = 1, .b = 2};
    struct mizan_locator seen;
    struct mizan_field field;
    struct mizan_value back;
    mizan_record *record = host->record_new(task, "document");
    if (record == NULL || host->record_set(record, "url", &url) != MIZAN_OK ||
        host->record_set_locator(record, &span) != MIZAN_OK) {
        return MIZAN_ERROR_MEMORY;
    }
    host->record_locator(record, &seen);
    host->record_field(record, 0, &field);
    if (host->record_count(record) != 1 || seen.b != 2 || field.name.size != 3 ||
        !host->record_get(record, "url", &back) ||
        strcmp(host->record_type(record), "document") != 0) {
        return host->fail(task, MIZAN_ERROR_FAILED, "the record is not what was set");
    }
    *out = record;
    return MIZAN_OK;
}

#if KIND == 1
static int32_t fetch_first(void *instance, mizan_task *task, const mizan_record *source)
{
    struct mizan_http_request request = {.size = sizeof request,
                                         .url = "https://example.org/first",
                                         .flags = MIZAN_HTTP_CONDITIONAL};
    struct mizan_http_response response = {.size = sizeof response};
    mizan_record *record = NULL;
    (void)instance;
    (void)source;
    int32_t status = use_services(task);
    if (status == MIZAN_OK) {
        status = host->http(task, &request, &response);
    }
    if (status == MIZAN_OK) {
        status = host->keep_validators(task, &response);
    }
    if (status == MIZAN_OK) {
        status = host->unchanged(task, response.url);
    }
    if (status == MIZAN_OK) {
        status = make_record(task, &record);
    }
    return status == MIZAN_OK ? host->emit(task, record) : status;
}
#elif KIND == 2
static int32_t extract_first(void *instance, mizan_task *task, mizan_record *record)
{
    mizan_record *made = NULL;
    (void)instance;
    int32_t status = use_services(task);
    if (status == MIZAN_OK) {
        status = host->emit(task, record);
    }
    if (status == MIZAN_OK) {
        status = make_record(task, &made);
    }
    return status == MIZAN_OK ? host->emit(task, made) : status;
}
#else
static int32_t store_first(void *instance, mizan_task *task, const mizan_record *record)
{
    struct mizan_value none = {.type = MIZAN_MAP};
    struct mizan_value rows;
    (void)instance;
    int32_t status = host->db_query(task, "figures", &none, &rows);
    return status == MIZAN_OK ? host->db_upsert(task, "figure", record) : status;
}

static int32_t finish_first(void *instance, mizan_task *task)
{
    (void)instance;
    host->count(task, "finished", 1);
    return MIZAN_OK;
}

static void discard_first(void *instance, mizan_task *task)
{
    (void)instance;
    host->count(task, "discarded", 1);
}
#endif

static const char *const consumes[] = {"document", NULL};

static const struct mizan_option options[] = {
    {.name = "limit",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "90s",
     .minimum = "1s",
     .maximum = "2h",
     .help = "A duration."},
    {.name = "words",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .choices = "few|many",
     .help = "Words."},
    {.name = "token",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_SECRET,
     .help = "A secret."},
};

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = MIZAN_ABI_MINOR,
    .kind = KIND,
    .flags = KIND == 3 ? MIZAN_PLUGIN_HOME_STORE : 0,
    .name = "first",
    .version = "1.0",
    .stability = "stable",
    .summary = "Uses every service of ABI 1.0.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_first,
    .close = close_first,
#if KIND == 1
    .fetch = fetch_first,
#elif KIND == 2
    .extract = extract_first,
#else
    .store = store_first,
    .finish_unit = finish_first,
    .discard_unit = discard_first,
#endif
};
