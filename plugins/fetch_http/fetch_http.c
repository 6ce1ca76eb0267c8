/* fetch.http: reads one address, or a list of them, and emits each as a document. An
 * address whose server says that nothing changed is counted, not emitted. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mizan/draft.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

struct fetch_http {
    const struct mizan_host *host;
    char *url; /* NULL: every source has its own */
    struct mizan_header *headers;
    size_t header_count;
};

static const struct mizan_option options[] = {
    {.name = "url",
     .type = MIZAN_OPTION_URL,
     .help = "The address to read; or give `sources`."},
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .help = "Addresses to read: each with id and url, and lang and outlet if known."},
    {.name = "headers",
     .type = MIZAN_OPTION_MAP,
     .help = "Headers to send with every request, by name; the values are text."},
};

static void free_instance(void *instance)
{
    struct fetch_http *self = instance;
    if (self != NULL) {
        free(self->url);
        free(self->headers);
        free(self);
    }
}

static int32_t read_headers(struct fetch_http *self, mizan_task *task,
                            const mizan_options *given)
{
    struct mizan_value map = {.type = MIZAN_NIL};
    int32_t status = self->host->option(given, "headers", &map);
    if (status != MIZAN_OK || map.type != MIZAN_MAP || map.as.map.count == 0) {
        return status;
    }
    self->headers = calloc(map.as.map.count, sizeof *self->headers);
    if (self->headers == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < map.as.map.count; i++) {
        const struct mizan_field *field = &map.as.map.fields[i];
        if (field->value.type != MIZAN_TEXT) {
            return self->host->fail(task, MIZAN_ERROR_OPTION,
                                    "the value of the header %.*s must be text",
                                    (int)field->name.size, field->name.data);
        }
        self->headers[i].name = field->name;
        self->headers[i].value = field->value.as.text;
    }
    self->header_count = map.as.map.count;
    return MIZAN_OK;
}

static int32_t read_targets(struct fetch_http *self, mizan_task *task,
                            const mizan_options *given)
{
    struct mizan_value url = {.type = MIZAN_NIL};
    struct mizan_value sources = {.type = MIZAN_NIL};
    int32_t status = self->host->option(given, "url", &url);
    if (status == MIZAN_OK) {
        status = self->host->option(given, "sources", &sources);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    bool has_sources = sources.type == MIZAN_LIST && sources.as.list.count > 0;
    if ((mizan_is_text(&url) != 0) == has_sources) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "give either url or sources%s",
                                has_sources ? ", not both" : "");
    }
    if (has_sources) {
        return mizan_check_sources(self->host, task, &sources);
    }
    self->url = strndup(url.as.text.data, url.as.text.size);
    return self->url == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct fetch_http *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    int32_t status = read_targets(self, task, given);
    if (status == MIZAN_OK) {
        status = read_headers(self, task, given);
    }
    if (status != MIZAN_OK) {
        free_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
}

static int32_t emit_answer(const struct mizan_host *host, mizan_task *task,
                           const mizan_record *source,
                           const struct mizan_http_response *answer)
{
    if (answer->status == 204 || answer->status == 205) {
        return host->fail(task, MIZAN_ERROR_NOT_FOUND,
                          "%s: status %d, there is no document", answer->url,
                          (int)answer->status);
    }
    struct mizan_draft document = mizan_draft_begin(host, task, "document");
    mizan_draft_text(&document, "url", answer->url);
    mizan_draft_answer(&document, answer);
    mizan_draft_copy(&document, source, "id", "source");
    mizan_draft_copy(&document, source, "lang", "lang");
    mizan_draft_copy(&document, source, "outlet", "outlet");
    return mizan_draft_emit(&document);
}

/* The source's own address as a NUL-terminated text, else the option's. */
static const char *address_of(const struct fetch_http *self, mizan_task *task,
                              const mizan_record *source)
{
    struct mizan_value url = {.type = MIZAN_NIL};
    if (!self->host->record_get(source, "url", &url) || !mizan_is_text(&url)) {
        return self->url;
    }
    char *copy = self->host->alloc(task, url.as.text.size + 1);
    if (copy != NULL) {
        memcpy(copy, url.as.text.data, url.as.text.size);
        copy[url.as.text.size] = '\0';
    }
    return copy;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    const struct fetch_http *self = instance;
    const struct mizan_host *host = self->host;
    const char *url = address_of(self, task, source);
    if (url == NULL) {
        return host->fail(task, MIZAN_ERROR_OPTION, "a source has no url");
    }
    struct mizan_http_request request = {
        .size = sizeof request,
        .url = url,
        .headers = self->headers,
        .header_count = self->header_count,
        .flags = MIZAN_HTTP_CONDITIONAL,
    };
    struct mizan_http_response answer = {.size = sizeof answer};
    int32_t status = host->http(task, &request, &answer);
    if (status != MIZAN_OK) {
        return status;
    }
    return answer.status == 304 ? host->unchanged(task, url)
                                : emit_answer(host, task, source, &answer);
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_THREAD_SAFE,
    .name = "http",
    .version = "0.1.0",
    .stability = "beta",
    .summary = "Reads addresses and emits each as a document.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
