/* A store outside the home database that fails where its option `mode` says, and logs
 * what it is told to forget. */
#include <string.h>

#include "odd.h"

static int32_t store(void *instance, mizan_task *task, const mizan_record *record)
{
    struct odd *odd = instance;
    struct mizan_value counted;
    odd->held++;
    if (odd->host->record_get(record, "counted", &counted) != 1 ||
        strcmp(counted.as.text.data, "boats") != 0) {
        return MIZAN_OK;
    }
    if (strcmp(odd->mode, "crash") == 0) {
        abort();
    }
    if (strcmp(odd->mode, "store") == 0) {
        return odd->host->fail(task, MIZAN_ERROR_FAILED, "no boats here");
    }
    return MIZAN_OK;
}

static int32_t finish(void *instance, mizan_task *task)
{
    struct odd *odd = instance;
    if (strcmp(odd->mode, "finish") == 0) {
        return odd->host->fail(task, MIZAN_ERROR_TRANSIENT, "the other side is away");
    }
    odd->held = 0;
    return MIZAN_OK;
}

static void discard(void *instance, mizan_task *task)
{
    struct odd *odd = instance;
    odd->host->log(task, MIZAN_LOG_WARNING, "forgot %lld", (long long)odd->held);
    odd->held = 0;
}

static const char *const consumes[] = {"figure", NULL};

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "odd",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Fails where its option says.",
    .options = odd_options,
    .option_count = 1,
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_odd,
    .close = close_odd,
    .store = store,
    .finish_unit = finish,
    .discard_unit = discard,
};
