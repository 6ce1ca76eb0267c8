/* Takes records of one type, counts them, keeps nothing. */
#include <mizan/plugin.h>

struct null_store {
    const struct mizan_host *host;
    int64_t unit;
};

static struct null_store only;

static int32_t open_null(const struct mizan_host *host, mizan_task *task,
                         const mizan_options *options, void **instance)
{
    (void)task;
    (void)options;
    only.host = host;
    only.unit = 0;
    *instance = &only;
    return MIZAN_OK;
}

static void close_null(void *instance)
{
    (void)instance;
}

static int32_t store_null(void *instance, mizan_task *task, const mizan_record *record)
{
    struct null_store *store = instance;
    (void)task;
    (void)record;
    store->unit++;
    return MIZAN_OK;
}

static int32_t finish_null(void *instance, mizan_task *task)
{
    struct null_store *store = instance;
    store->host->count(task, "records_taken", store->unit);
    store->unit = 0;
    return MIZAN_OK;
}

static void discard_null(void *instance, mizan_task *task)
{
    struct null_store *store = instance;
    store->host->count(task, "records_discarded", store->unit);
    store->unit = 0;
}

static const char *const consumes[] = {"document", "row", NULL};

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "null",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Takes documents and rows and keeps nothing.",
    .consumes = consumes,
    .open = open_null,
    .close = close_null,
    .store = store_null,
    .finish_unit = finish_null,
    .discard_unit = discard_null,
};
