/* Gives on what it gets. */
#include <mizan/plugin.h>

struct echo {
    const struct mizan_host *host;
};

static struct echo only;

static int32_t open_echo(const struct mizan_host *host, mizan_task *task,
                         const mizan_options *options, void **instance)
{
    (void)task;
    (void)options;
    only.host = host;
    *instance = &only;
    return MIZAN_OK;
}

static void close_echo(void *instance)
{
    (void)instance;
}

static int32_t extract_echo(void *instance, mizan_task *task, mizan_record *record)
{
    const struct echo *echo = instance;
    return echo->host->emit(task, record);
}

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "echo",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Gives every record on unchanged.",
    .open = open_echo,
    .close = close_echo,
    .extract = extract_echo,
};
