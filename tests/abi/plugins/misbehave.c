/* Plugins with a right descriptor that pass every check of `mizan plugin check` but the
 * one that they are for. KIND says what they are, one definition what they do wrong. */
#include <mizan/plugin.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef FLAGS
#define FLAGS 0
#endif

static const struct mizan_host *host;
__attribute__((unused)) static int64_t calls;
__attribute__((unused)) static volatile int busy;
__attribute__((unused)) static void *volatile lost;

#if defined(CARRIES_SQLITE)
/* What a linked copy would bring. */
extern const char *const sqlite_texts[2];
__attribute__((used))
const char *const sqlite_texts[2] = {"SQLite format 3", "sqlite_master"};
#endif

static int32_t open_plugin(const struct mizan_host *table, mizan_task *task,
                           const mizan_options *options, void **instance)
{
    (void)task;
    (void)options;
    host = table;
    *instance = NULL;
#if defined(LEAVES_FILES)
    (void)!open("/dev/null", O_RDONLY);
#elif defined(CLOSES_FILES)
    close(0);
#elif defined(CHANGES_FOLDER)
    (void)!chdir("/");
#elif defined(CHANGES_ENVIRONMENT)
    setenv("LANG", "xx", 1);
    static char value[] = "MISBEHAVE=0";
    value[10]++;
    putenv(value);
#elif defined(CHANGES_SIGNALS)
    signal(SIGTERM, SIG_IGN);
#endif
    return MIZAN_OK;
}

static void close_plugin(void *instance)
{
    (void)instance;
}

__attribute__((unused)) static int32_t set_integer(mizan_record *record,
                                                   const char *name, int64_t integer)
{
    struct mizan_value value = {.type = MIZAN_INTEGER, .as.integer = integer};
    return host->record_set(record, name, &value);
}

/* Uses stack for every byte. */
__attribute__((unused, noinline)) static int sum(const char *data, size_t size)
{
    volatile char frame[64];
    frame[size % 64] = data[0];
    return size <= 1 ? frame[size % 64] : sum(data + 1, size - 1) + frame[size % 64];
}

__attribute__((unused)) static struct mizan_slice text_of(const mizan_record *record)
{
    struct mizan_value value;
    struct mizan_slice none = {"", 0};
    return host->record_get(record, "text", &value) && value.type == MIZAN_TEXT
               ? value.as.text
               : none;
}

/* Three seconds of the processor, asking nobody. */
__attribute__((unused)) static void burn(void)
{
    struct timespec used = {0, 0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    for (time_t end = used.tv_sec + 3; used.tv_sec < end;) {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    }
}

#if KIND == 1

static int32_t fetch_source(void *instance, mizan_task *task,
                            const mizan_record *source)
{
    struct mizan_http_request request = {.size = sizeof request,
                                         .url = "https://example.org/one.html"};
    struct mizan_http_response response = {.size = sizeof response};
    (void)instance;
    (void)source;
    int32_t status = host->http(task, &request, &response);
#if defined(SWALLOWS_HTTP)
    if (status != MIZAN_OK && status != MIZAN_ERROR_CANCELLED) {
        return MIZAN_OK;
    }
#endif
    return status;
}

#elif KIND == 2

static int32_t extract_record(void *instance, mizan_task *task, mizan_record *record)
{
    (void)instance;
#if defined(LEAKS)
    lost = malloc(100);
#elif defined(COUNTS_CALLS)
    if (set_integer(record, "calls", ++calls) != MIZAN_OK) {
        return MIZAN_ERROR_MEMORY;
    }
#elif defined(RACES)
    busy++;
    usleep(200);
    int seen = busy;
    busy--;
    if (set_integer(record, "busy", seen) != MIZAN_OK) {
        return MIZAN_ERROR_MEMORY;
    }
#elif defined(SWALLOWS_EMIT)
    int32_t ignored = host->emit(task, record);
    return ignored == MIZAN_ERROR_CANCELLED ? ignored : MIZAN_OK;
#elif defined(UNCHECKED_MEMORY)
    char *copy = host->alloc(task, 16);
    *(volatile char *)copy = 'a';
#elif defined(FORGETS_MEMORY)
    if (host->alloc(task, 16) == NULL) {
        return MIZAN_OK;
    }
#elif defined(DEAF)
    if (text_of(record).size > 1000000) {
        burn();
    }
#elif defined(NEEDS_TEXT)
    struct mizan_value value = {.type = MIZAN_NIL};
    host->record_get(record, "text", &value);
    if (*(const volatile char *)value.as.text.data == 'x') {
        return MIZAN_ERROR_MEMORY;
    }
#elif defined(TRUSTS_TYPES)
    struct mizan_value value;
    if (host->record_get(record, "text", &value) && value.as.text.size > 0 &&
        *(const volatile char *)value.as.text.data == 'x') {
        return MIZAN_ERROR_MEMORY;
    }
#elif defined(RECURSES)
    struct mizan_slice text = text_of(record);
    if (text.size > 0 && sum(text.data, text.size) == 42) {
        return MIZAN_ERROR_MEMORY;
    }
#elif defined(RENAMES_CANCEL)
    int32_t status = host->emit(task, record);
    return status == MIZAN_ERROR_CANCELLED
               ? host->fail(task, MIZAN_ERROR_FAILED, "it did not go")
               : status;
#endif
    return host->emit(task, record);
}

#else

/* The ids of the unit, as many as there were records. */
static int64_t held;

static int32_t store_record(void *instance, mizan_task *task,
                            const mizan_record *record)
{
    (void)instance;
    (void)task;
    (void)record;
    held++;
    return MIZAN_OK;
}

static int32_t finish_unit(void *instance, mizan_task *task)
{
    int32_t status = MIZAN_OK;
    (void)instance;
    for (; held > 0 && status == MIZAN_OK; held--) {
        mizan_record *row = host->record_new(task, "row");
        int64_t id = held;
#if defined(INVENTS_IDS)
        id = ++calls;
#endif
        if (row == NULL || set_integer(row, "id", id) != MIZAN_OK) {
            return MIZAN_ERROR_MEMORY;
        }
        status = host->db_upsert(task, "row", row);
#if defined(SWALLOWS_DB)
        status = MIZAN_OK;
#endif
    }
    return status;
}

static void discard_unit(void *instance, mizan_task *task)
{
    (void)instance;
    (void)task;
#if !defined(KEEPS_UNIT)
    held = 0;
#endif
}

#endif

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = KIND,
    .flags = FLAGS,
    .name = NAME,
    .version = "1.0",
    .stability = "experimental",
    .summary = "Fails one check.",
    .open = open_plugin,
    .close = close_plugin,
#if KIND == 1
    .fetch = fetch_source,
#elif KIND == 2
    .extract = extract_record,
#else
    .store = store_record,
    .finish_unit = finish_unit,
    .discard_unit = discard_unit,
#endif
};
