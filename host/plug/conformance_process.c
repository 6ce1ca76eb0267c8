/* Checks of what a plugin does to its process: settings, files, memory, libraries. */
#include "plug/conformance_bench.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PLUGIN_MOST ((size_t)512 << 20)
#define WARM_CYCLES 20
#define CYCLES      60
/* Bytes of growth a cycle that are no leak: the allocator's own. */
#define GROWTH_PER_CYCLE 8

/* Of a leak sanitizer, when the program is built with one. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* ---- copies ---- */

static bool has_text(const char *data, size_t size, const char *text)
{
    return memmem(data, size, text, strlen(text)) != NULL;
}

/* Two SQLites in one process break each other's locks (its "how to corrupt" 2.2.1). */
void mz_check_copies(struct mz_bench *bench)
{
    struct mz_error error;
    char *data = NULL;
    size_t size = 0;
    if (mz_file_read(bench->settings->path, PLUGIN_MOST, &data, &size, &error) !=
        MZ_OK) {
        mz_check_skip(bench, "%s", error.message);
        return;
    }
    if (has_text(data, size, "SQLite format 3") &&
        has_text(data, size, "sqlite_master")) {
        mz_check_fail(
            bench, "link the system's libsqlite3, shared: -lsqlite3",
            "it carries SQLite inside it; with the host's own the process has "
            "two, which break each other's locks");
    } else {
        mz_check_pass(bench, "%s", "");
    }
    free(data);
}

/* ---- surroundings ---- */

struct process_state {
    unsigned long long environment; /* hash */
    size_t threads;
    char files[1024]; /* open descriptors that are no directory listing of our own */
};

static unsigned long long environment_hash(void)
{
    unsigned long long hash = 1469598103934665603ULL;
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        for (const char *at = *entry; *at != '\0'; at++) {
            hash = (hash ^ (unsigned char)*at) * 1099511628211ULL;
        }
    }
    return hash;
}

static int compare_numbers(const void *a, const void *b)
{
    int one = *(const int *)a;
    int other = *(const int *)b;
    return (one > other) - (one < other);
}

static void list_files(char *out, size_t size)
{
    int numbers[256];
    size_t count = 0;
    size_t used = 0;
    const struct dirent *entry;
    DIR *folder = opendir("/proc/self/fd");
    out[0] = '\0';
    if (folder == NULL) {
        return;
    }
    /* NOLINTNEXTLINE: no other thread has this stream */
    while ((entry = readdir(folder)) != NULL && count < 256) {
        int number = (int)strtol(entry->d_name, NULL, 10);
        if (entry->d_name[0] != '.' && number != dirfd(folder)) {
            numbers[count++] = number;
        }
    }
    closedir(folder);
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (size_t i = 0; i < count && used + 8 < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%d ", numbers[i]);
    }
}

static void note_process(struct process_state *state)
{
    state->environment = environment_hash();
    list_files(state->files, sizeof state->files);
}

static bool compare_process(struct mz_bench *bench, const struct process_state *before)
{
    struct process_state now;
    note_process(&now);
    if (strcmp(now.files, before->files) != 0) {
        return mz_check_fail(bench, "close what you open, and nothing else",
                             "before it the files %swere open, after close %s",
                             before->files, now.files);
    }
    if (now.environment != before->environment) {
        return mz_check_fail(bench, "take settings from options",
                             "it changed the environment of the process");
    }
    return true;
}

void mz_check_surroundings(struct mz_bench *bench)
{
    struct mz_surroundings settings;
    struct process_state before;
    struct mz_bench_call call = {0};
    char changed[128];
    char digest[MZ_DIGEST_TEXT];
    void *instance = NULL;
    static const char advice[] = "the process is the host's: use newlocale, "
                                 "absolute paths and threads of your own instead";
    if (bench->plugin->changed[0] != '\0') {
        mz_check_fail(bench, advice, "when it was loaded it changed %s",
                      bench->plugin->changed);
        return;
    }
    /* A first round, so that what libraries open once is open. */
    if (mz_bench_open(bench, &instance)) {
        (void)mz_bench_ordinary(bench, instance, &call, digest);
        mz_bench_close(bench, instance);
    }
    memset(bench->finding, 0, sizeof *bench->finding);
    mz_surroundings_note(&settings);
    note_process(&before);
    call = (struct mz_bench_call){0};
    mz_bench_call_init(&call);
    if (mz_bench_try_open(bench, &call, &instance) == MIZAN_OK) {
        (void)mz_bench_work(bench, &call, instance, MZ_SAMPLE_ORDINARY);
        mz_bench_close(bench, instance);
    }
    mz_bench_call_finish(&call);
    if (mz_surroundings_restore(&settings, bench->plugin->label, changed) > 0) {
        mz_check_fail(bench, advice, "it changed %s", changed);
    } else if (compare_process(bench, &before)) {
        mz_check_pass(bench, "%s", "");
    }
}

/* ---- leaks ---- */

static bool cycle(struct mz_bench *bench)
{
    struct mz_bench_call call = {0};
    char digest[MZ_DIGEST_TEXT];
    void *instance = NULL;
    if (!mz_bench_open(bench, &instance)) {
        return false;
    }
    (void)mz_bench_ordinary(bench, instance, &call, digest);
    mz_bench_close(bench, instance);
    return true;
}

void mz_check_leaks(struct mz_bench *bench)
{
    static const char advice[] = "free in close what open made, and in each call what "
                                 "it took with malloc";
    size_t warm = 0;
    for (int i = 0; i < CYCLES; i++) {
        if (i == WARM_CYCLES) {
            warm = mallinfo2().uordblks;
        }
        if (!cycle(bench)) {
            return;
        }
    }
    if (__lsan_do_recoverable_leak_check != NULL) {
        if (__lsan_do_recoverable_leak_check() != 0) {
            mz_check_fail(bench, advice,
                          "the leak sanitizer found leaks: its report is above");
        } else {
            mz_check_pass(bench, "by the leak sanitizer");
        }
        return;
    }
    size_t now = mallinfo2().uordblks;
    size_t grown = now > warm ? now - warm : 0;
    if (grown > (size_t)(CYCLES - WARM_CYCLES) * GROWTH_PER_CYCLE) {
        mz_check_fail(bench, advice,
                      "%zu bytes are left of each time that it is opened, works and is "
                      "closed",
                      grown / (CYCLES - WARM_CYCLES));
    } else {
        mz_check_pass(bench, "by the allocator's count");
    }
}
