/* A fetch plugin that goes wrong where its option `mode` says. */
#include <stdlib.h>
#include <string.h>

#include "odd.h"

static int32_t emit(struct odd *odd, mizan_task *task, const char *url,
                    const char *body)
{
    const struct mizan_host *host = odd->host;
    mizan_record *document = host->record_new(task, "document");
    struct mizan_value text = {.type = MIZAN_TEXT, .as.text = {url, strlen(url)}};
    if (document == NULL || (strcmp(odd->mode, "no url") != 0 &&
                             host->record_set(document, "url", &text) != MIZAN_OK)) {
        return MIZAN_ERROR_MEMORY;
    }
    text = (struct mizan_value){.type = MIZAN_TEXT, .as.text = {"text/plain", 10}};
    if (host->record_set(document, "media_type", &text) != MIZAN_OK) {
        return MIZAN_ERROR_MEMORY;
    }
    if (strcmp(odd->mode, "no body") != 0) {
        text =
            (struct mizan_value){.type = MIZAN_BYTES, .as.text = {body, strlen(body)}};
        if (host->record_set(document, "body", &text) != MIZAN_OK) {
            return MIZAN_ERROR_MEMORY;
        }
    }
    return host->emit(task, document);
}

/* Three addresses in turn, whose bodies change, stay and come back. */
static int32_t emit_again(struct odd *odd, mizan_task *task)
{
    static const char *const urls[] = {"https://example.org/one",
                                       "https://example.org/two",
                                       "https://example.org/one"};
    static const char *const bodies[] = {"12 tanks.", "15 tanks.", "15 tanks.", "FAIL",
                                         "40 boats."};
    int32_t status = MIZAN_OK;
    for (size_t i = 0; i < 60 && status == MIZAN_OK; i++) {
        status = emit(odd, task, urls[i % 3], bodies[i / 2 % 5]);
    }
    return status;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    struct odd *odd = instance;
    (void)source;
    if (strcmp(odd->mode, "again") == 0) {
        return emit_again(odd, task);
    }
    struct mizan_slice seen = {.data = "seen", .size = 4};
    if (odd->host->state_set(task, "position", seen) != MIZAN_OK) {
        return MIZAN_ERROR_MEMORY;
    }
    int32_t status = emit(odd, task, "https://example.org/one", "12 tanks.");
    if (strcmp(odd->mode, "loop") == 0) {
        for (volatile unsigned i = 0;; i = i + 1) {
        }
    }
    if (strcmp(odd->mode, "crash") == 0) {
        abort();
    }
    if (strcmp(odd->mode, "exit") == 0) {
        exit(0);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    seen.data = "last";
    status = emit(odd, task, "https://example.org/two", "40 boats.");
    if (odd->host->state_set(task, "position", seen) != MIZAN_OK) {
        return MIZAN_ERROR_MEMORY;
    }
    /* Deaf to what the host says: the limit of a command, or its end. */
    return strcmp(odd->mode, "deaf") == 0 ? MIZAN_OK : status;
}

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "odd",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Goes wrong where its option says.",
    .option_size = sizeof(struct mizan_option),
    .options = odd_options,
    .option_count = 1,
    .open = open_odd,
    .close = close_odd,
    .fetch = fetch,
};
