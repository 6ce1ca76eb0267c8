/* A thread-safe extractor that goes wrong at documents whose body holds a word: CRASH,
 * EXIT, LOOP (until it is killed), FAIL or REJECT. Mode `slow` sleeps 20 ms a document
 * and heeds the run's end; mode `stuck` sleeps on until it does. */
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "odd.h"

static bool holds(const struct mizan_value *body, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= body->as.text.size; i++) {
        if (memcmp(body->as.text.data + i, word, size) == 0) {
            return true;
        }
    }
    return false;
}

static void nap(void)
{
    const struct timespec time = {.tv_nsec = 20000000L};
    nanosleep(&time, NULL);
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    const struct odd *odd = instance;
    volatile int forever = 1;
    struct mizan_value body;
    if (odd->host->record_get(record, "body", &body) != 1) {
        return odd->host->fail(task, MIZAN_ERROR_INPUT, "no body");
    }
    if (holds(&body, "CRASH")) {
        nap(); /* those behind it are under way */
        abort();
    }
    if (holds(&body, "EXIT")) {
        nap();
        exit(0);
    }
    while (holds(&body, "LOOP") && forever != 0) {
        nap();
    }
    if (holds(&body, "FAIL")) {
        return odd->host->fail(task, MIZAN_ERROR_FAILED, "no such word");
    }
    if (holds(&body, "REJECT")) {
        return odd->host->fail(task, MIZAN_ERROR_INPUT, "not wanted");
    }
    if (strcmp(odd->mode, "slow") == 0) {
        nap();
    }
    while (strcmp(odd->mode, "stuck") == 0) {
        if (odd->host->cancelled(task) == 1) {
            return MIZAN_ERROR_CANCELLED;
        }
        nap();
    }
    odd->host->count(task, "seen", 1);
    return odd->host->emit(task, record);
}

static const char *const consumes[] = {"document", NULL};

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE,
    .name = "odd",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Fails at documents that hold a word.",
    .options = odd_options,
    .option_count = 1,
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_odd,
    .close = close_odd,
    .extract = extract,
};
