/* A plugin of a later minor version: its structures are longer than those of the host
 * that loads it, and it uses what came later only where the host has it. It says by a
 * field which services it found. NEEDS is the lowest minor version that it puts up
 * with. */
#include <mizan/plugin.h>

#ifndef NEEDS
#define NEEDS 0
#endif

/* What a header of the future may look like: all grew at their end. */
struct later_host {
    struct mizan_host now;
    int32_t (*later)(mizan_task *task);
};
struct later_option {
    struct mizan_option now;
    const char *unit;
    uint64_t more;
};
struct later_plugin {
    struct mizan_plugin now;
    int32_t (*idle)(void *instance, mizan_task *task);
    uint64_t more[3];
};

static const struct mizan_host *host;

static int32_t open_newer(const struct mizan_host *table, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    (void)task;
    (void)options;
    host = table;
    *instance = NULL;
    return MIZAN_OK;
}

static void close_newer(void *instance)
{
    (void)instance;
}

static int32_t extract_newer(void *instance, mizan_task *task, mizan_record *record)
{
    int64_t found = 0;
    (void)instance;
    if (MIZAN_HAS(host, observe)) {
        host->observe(task, "text_bytes", 7);
        found |= 1;
    }
    if (MIZAN_HAS(host, feature) && host->feature("emit") &&
        !host->feature("teleport")) {
        found |= 2;
    }
    if (host->size >= sizeof(struct later_host)) {
        found |= 4;
    }
    struct mizan_value value = {.type = MIZAN_INTEGER, .as.integer = found};
    int32_t status = host->record_set(record, "found", &value);
    return status == MIZAN_OK ? host->emit(task, record) : status;
}

static const struct later_option options[] = {
    {.now = {.name = "first",
             .type = MIZAN_OPTION_TEXT,
             .default_value = "a",
             .choices = "a|b",
             .help = "A word."},
     .unit = "words"},
    {.now = {.name = "second",
             .type = MIZAN_OPTION_SIZE,
             .default_value = "64k",
             .minimum = "1k",
             .help = "A size."},
     .unit = "bytes",
     .more = 9},
};

extern MIZAN_EXPORT const struct later_plugin mizan_plugin_v1;
const struct later_plugin mizan_plugin_v1 = {
    .now = {.magic = MIZAN_PLUGIN_MAGIC,
            .size = sizeof(struct later_plugin),
            .abi_major = MIZAN_ABI_MAJOR,
            .abi_minor = NEEDS,
            .kind = MIZAN_KIND_EXTRACT,
            .name = NAME,
            .version = "2.0",
            .stability = "beta",
            .summary = "Comes from a later minor version.",
            .options = (const struct mizan_option *)(const void *)options,
            .option_count = 2,
            .option_size = sizeof(struct later_option),
            .open = open_newer,
            .close = close_newer,
            .extract = extract_newer},
    .more = {1, 2, 3},
};
