/* Emits two documents of its own, without asking anybody. */
#include <mizan/plugin.h>

#include <string.h>

static const struct mizan_host *host;

static int32_t open_two(const struct mizan_host *table, mizan_task *task,
                        const mizan_options *options, void **instance)
{
    (void)task;
    (void)options;
    host = table;
    *instance = NULL;
    return MIZAN_OK;
}

static void close_two(void *instance)
{
    (void)instance;
}

static int32_t set_text(mizan_record *record, const char *name, uint32_t type,
                        const char *text)
{
    struct mizan_value value = {.type = type, .as.text = {text, strlen(text)}};
    return host->record_set(record, name, &value);
}

static int32_t emit_one(mizan_task *task, const char *url, const char *text)
{
    struct mizan_value now = {.type = MIZAN_TIME, .as.integer = host->now(task)};
    mizan_record *document = host->record_new(task, "document");
    if (document == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    if (set_text(document, "url", MIZAN_TEXT, url) != MIZAN_OK ||
        set_text(document, "media_type", MIZAN_TEXT, "text/plain") != MIZAN_OK ||
        set_text(document, "body", MIZAN_BYTES, text) != MIZAN_OK ||
        set_text(document, "text", MIZAN_TEXT, text) != MIZAN_OK ||
        host->record_set(document, "fetched_at", &now) != MIZAN_OK) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for %s", url);
    }
    return host->emit(task, document);
}

static int32_t fetch_two(void *instance, mizan_task *task, const mizan_record *source)
{
    (void)instance;
    (void)source;
    int32_t status =
        emit_one(task, "https://example.org/one", "One text of four words.");
    if (status != MIZAN_OK) {
        return status;
    }
    return emit_one(task, "https://example.org/two", "Another text.");
}

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "two",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Emits two documents of its own.",
    .open = open_two,
    .close = close_two,
    .fetch = fetch_two,
};
