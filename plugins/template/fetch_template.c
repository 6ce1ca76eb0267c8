/* A fetch plugin to copy: it reads one address per source and emits what it finds there
 * as a document, unless the server says that nothing changed. Read it in the order of
 * the steps.
 *
 * 1. mizan/plugin.h is all that a plugin needs, and with helpers for records like this
 *    one all that it may include of Mizan. */
#include <mizan/draft.h>

#include <stdlib.h>
#include <string.h>

/* 2. What one stage of a pipeline needs between its calls. A script may have several
 *    stages of one plugin, so it lives in the instance, not in variables of the file.
 */
struct stage {
    const struct mizan_host *host;
    char *url;
};

/* 3. Options, checked before open is called. As scripts write them:
 *    fetch.template { url = "https://…" } */
static const struct mizan_option options[] = {
    {.name = "url",
     .type = MIZAN_OPTION_URL,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The address to read."},
};

/* 4. close frees the instance; open uses it too when it fails half-way. */
static void close_stage(void *instance)
{
    struct stage *stage = instance;
    free(stage->url);
    free(stage);
}

/* 5. open makes the instance. Keep the table of the host: it is how to reach it. */
static int32_t open_stage(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *given, void **instance)
{
    struct mizan_value url;
    struct stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for the stage");
    }
    stage->host = host;
    host->option(given, "url", &url);
    stage->url = strndup(url.as.text.data, url.as.text.size);
    if (stage->url == NULL) {
        close_stage(stage);
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for the address");
    }
    *instance = stage;
    return MIZAN_OK;
}

/* 6. A document needs its address, its bytes, what they are, and when they were read.
 *    Validators (etag, last_modified) ride along and are stored with it. */
static int32_t emit_answer(const struct stage *stage, mizan_task *task,
                           const struct mizan_http_response *answer)
{
    struct mizan_draft document = mizan_draft_begin(stage->host, task, "document");
    mizan_draft_text(&document, "url", answer->url);
    mizan_draft_answer(&document, answer);
    return mizan_draft_emit(&document);
}

/* 7. The work, once for each source. host->http may block: politeness, retries, limits
 *    and the guard against private addresses are in it. What it returns is returned. */
static int32_t fetch_source(void *instance, mizan_task *task,
                            const mizan_record *source)
{
    const struct stage *stage = instance;
    struct mizan_http_request request = {
        .size = sizeof request, .url = stage->url, .flags = MIZAN_HTTP_CONDITIONAL};
    struct mizan_http_response answer = {.size = sizeof answer};
    (void)source;
    int32_t status = stage->host->http(task, &request, &answer);
    if (status != MIZAN_OK) {
        return status;
    }
    if (answer.status == 304) {
        return stage->host->unchanged(task, stage->url);
    }
    return emit_answer(stage, task, &answer);
}

/* 8. The descriptor, the only symbol that is exported. The file must be named after
 *    kind and name: fetch_template.so. */
extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0, /* uses nothing that came with a later minor version */
    .kind = MIZAN_KIND_FETCH,
    .name = "template",
    .version = "0.1",
    .stability = "experimental",
    .summary = "Reads one address.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof(struct mizan_option),
    .open = open_stage,
    .close = close_stage,
    .fetch = fetch_source,
};
