/* A plugin of the kind and name that the build defines, for tests of scripts: it has
 * options of several types and does nothing. */
#include <mizan/plugin.h>

#include <stddef.h>

static const struct mizan_option options[] = {
    {"path", MIZAN_OPTION_TEXT, 0, NULL, NULL, NULL, NULL, "Where it reads."},
    {"level", MIZAN_OPTION_TEXT, 0, "low", NULL, NULL, "low|high", "How much."},
    {"count", MIZAN_OPTION_INTEGER, 0, "3", "1", "9", NULL, "How many."},
    {"every", MIZAN_OPTION_DURATION, 0, NULL, NULL, NULL, NULL, "How often."},
    {"token", MIZAN_OPTION_TEXT, MIZAN_OPTION_SECRET, NULL, NULL, NULL, NULL, "A key."},
    {"sources", MIZAN_OPTION_SOURCES, 0, NULL, NULL, NULL, NULL, "What it reads."},
};

static int32_t open_nothing(const struct mizan_host *host, mizan_task *task,
                            const mizan_options *given, void **instance)
{
    (void)host;
    (void)task;
    (void)given;
    *instance = NULL;
    return MIZAN_OK;
}

static void close_nothing(void *instance)
{
    (void)instance;
}

#if TEST_KIND == 2
static int32_t do_nothing(void *instance, mizan_task *task, mizan_record *record)
{
    (void)instance;
    (void)task;
    (void)record;
    return MIZAN_OK;
}
#else
static int32_t do_nothing(void *instance, mizan_task *task, const mizan_record *record)
{
    (void)instance;
    (void)task;
    (void)record;
    return MIZAN_OK;
}
#endif

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = TEST_KIND,
    .name = TEST_NAME,
    .version = "1.2.3",
    .stability = "experimental",
    .summary = "Does nothing.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_nothing,
    .close = close_nothing,
#if TEST_KIND == 1
    .fetch = do_nothing,
#elif TEST_KIND == 2
    .extract = do_nothing,
#else
    .store = do_nothing,
#endif
};
