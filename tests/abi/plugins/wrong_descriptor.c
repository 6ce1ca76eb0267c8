/* An extract plugin whose descriptor is wrong in one place: which, says the build
 * (CMakeLists.txt beside tests/abi). Without such a definition it is right. */
#include <mizan/plugin.h>

#ifndef SYMBOL
#define SYMBOL mizan_plugin_v1
#endif
#ifndef MAGIC
#define MAGIC MIZAN_PLUGIN_MAGIC
#endif
#ifndef SIZE
#define SIZE sizeof(struct mizan_plugin)
#endif
#ifndef MAJOR
#define MAJOR MIZAN_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR 0
#endif
#ifndef KIND
#define KIND MIZAN_KIND_EXTRACT
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef STABILITY
#define STABILITY "experimental"
#endif
#ifndef SUMMARY
#define SUMMARY "Is wrong in one place."
#endif
#ifndef OPEN
#define OPEN open_plugin
#endif
#ifndef EXTRACT
#define EXTRACT extract_record
#endif
#ifndef OPTION_NAME
#define OPTION_NAME "limit"
#endif
#ifndef OPTION_TYPE
#define OPTION_TYPE MIZAN_OPTION_INTEGER
#endif
#ifndef OPTION_DEFAULT
#define OPTION_DEFAULT "5"
#endif
#ifndef OPTION_MINIMUM
#define OPTION_MINIMUM "1"
#endif
#ifndef OPTION_SIZE
#define OPTION_SIZE sizeof(struct mizan_option)
#endif
#ifndef OPTION_LIST
#define OPTION_LIST options
#endif
#ifndef CONSUMES
#define CONSUMES "document"
#endif

__attribute__((unused)) static int32_t open_plugin(const struct mizan_host *host,
                                                   mizan_task *task,
                                                   const mizan_options *options,
                                                   void **instance)
{
    (void)host;
    (void)task;
    (void)options;
    *instance = NULL;
    return MIZAN_OK;
}

static void close_plugin(void *instance)
{
    (void)instance;
}

__attribute__((unused)) static int32_t extract_record(void *instance, mizan_task *task,
                                                      mizan_record *record)
{
    (void)instance;
    (void)task;
    (void)record;
    return MIZAN_OK;
}

__attribute__((unused)) static const struct mizan_option options[] = {
    {.name = "first",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "a",
     .choices = "a|b",
     .help = "Is right."},
    {.name = OPTION_NAME,
     .type = OPTION_TYPE,
     .default_value = OPTION_DEFAULT,
     .minimum = OPTION_MINIMUM,
     .help = "May be wrong."},
};

static const char *const consumes[] = {CONSUMES, NULL};

extern MIZAN_EXPORT const struct mizan_plugin SYMBOL;
const struct mizan_plugin SYMBOL = {
    .magic = MAGIC,
    .size = SIZE,
    .abi_major = MAJOR,
    .abi_minor = MINOR,
    .kind = KIND,
    .flags = FLAGS,
    .name = NAME,
    .version = "1.0",
    .stability = STABILITY,
    .summary = SUMMARY,
    .options = OPTION_LIST,
    .option_count = 2,
    .option_size = OPTION_SIZE,
    .consumes = consumes,
    .open = OPEN,
    .close = close_plugin,
    .extract = EXTRACT,
};
