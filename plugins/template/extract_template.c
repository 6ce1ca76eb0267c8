/* A plugin to copy: it marks documents whose text is shorter than `shortest` bytes with
 * the field `short`, and gives them on. Read it in the order of the steps.
 *
 * 1. One header is all that a plugin needs, and all that it may include of Mizan. */
#include <mizan/plugin.h>

#include <stdlib.h>

/* 2. What one stage of a pipeline needs between its calls. A script may have several
 *    stages of one plugin, so it lives in the instance, not in variables of the file.
 */
struct stage {
    const struct mizan_host *host;
    size_t shortest;
};

/* 3. Options, checked before open is called. As scripts write them:
 *    extract.template { shortest = 200 } */
static const struct mizan_option options[] = {
    {.name = "shortest",
     .type = MIZAN_OPTION_INTEGER,
     .default_value = "500",
     .minimum = "1",
     .help = "Texts of fewer bytes are short."},
};

/* 4. open makes the instance. Keep the table of the host: it is how to reach it. */
static int32_t open_stage(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *given, void **instance)
{
    struct mizan_value shortest;
    struct stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for the stage");
    }
    host->option(given, "shortest", &shortest);
    stage->host = host;
    stage->shortest = (size_t)shortest.as.integer;
    *instance = stage;
    return MIZAN_OK;
}

/* 5. close frees it. */
static void close_stage(void *instance)
{
    free(instance);
}

/* 6. The work, once for each record of the types in step 7. What fails says why with
 *    host->fail; what goes on is emitted, the record itself too. */
static int32_t extract_record(void *instance, mizan_task *task, mizan_record *record)
{
    const struct stage *stage = instance;
    struct mizan_value text;
    struct mizan_value is_short = {.type = MIZAN_BOOLEAN};
    if (!stage->host->record_get(record, "text", &text) || text.type != MIZAN_TEXT) {
        return stage->host->fail(task, MIZAN_ERROR_INPUT, "the document has no text");
    }
    is_short.as.integer = text.as.text.size < stage->shortest;
    int32_t status = stage->host->record_set(record, "short", &is_short);
    if (status != MIZAN_OK) {
        return stage->host->fail(task, status, "the field short cannot be set");
    }
    return stage->host->emit(task, record);
}

/* 7. Records of other types pass the stage untouched. */
static const char *const consumes[] = {"document", NULL};

/* 8. The descriptor, the only symbol that is exported. The file must be named after
 * kind and name: extract_template.so. */
extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0, /* uses nothing that came with a later minor version */
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "template",
    .version = "0.1",
    .stability = "experimental",
    .summary = "Marks documents whose text is short.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_stage,
    .close = close_stage,
    .extract = extract_record,
};
