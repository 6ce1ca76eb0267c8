/* Checks of what a plugin does to its process: settings, files, memory, libraries. */
#include "plug/conformance_bench.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PLUGIN_MOST ((size_t)512 << 20)
/* Times that it is opened, works and is closed: to warm up, and in each of the windows
 * that are compared. What allocators and libraries keep does not grow in all of them.
 */
#define WARM_CYCLES 20
#define CYCLES      30
#define WINDOWS     3
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

void mz_process_note(struct mz_process_state *state)
{
    state->environment = environment_hash();
    for (int i = 0; i < MZ_FILES_LOOKED_AT; i++) {
        state->open[i] = fcntl(i, F_GETFD) != -1;
    }
}

/* `first`: before the plugin did anything; `warm`: when it had worked once, and what
 * libraries open once was open. */
static bool compare_process(struct mz_bench *bench,
                            const struct mz_process_state *first,
                            const struct mz_process_state *warm)
{
    struct mz_process_state now;
    mz_process_note(&now);
    for (int i = 0; i < MZ_FILES_LOOKED_AT; i++) {
        if (first->open[i] && !now.open[i]) {
            return mz_check_fail(bench, "close what you opened, and nothing else",
                                 "it closed the file %d, which is not its own", i);
        }
        if (now.open[i] && !warm->open[i]) {
            return mz_check_fail(bench, "close in close what open and the calls opened",
                                 "it leaves the file %d open", i);
        }
    }
    if (now.environment != first->environment) {
        return mz_check_fail(bench, "take settings from options",
                             "it changed the environment of the process");
    }
    return true;
}

void mz_check_surroundings(struct mz_bench *bench)
{
    struct mz_process_state warm;
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
    if (mz_bench_open(bench, &instance)) {
        (void)mz_bench_ordinary(bench, instance, &call, digest);
        mz_bench_close(bench, instance);
    }
    memset(bench->finding, 0, sizeof *bench->finding);
    mz_process_note(&warm);
    call = (struct mz_bench_call){0};
    mz_bench_call_init(&call);
    if (mz_bench_try_open(bench, &call, &instance) == MIZAN_OK) {
        (void)mz_bench_work(bench, &call, instance, MZ_SAMPLE_ORDINARY);
        mz_bench_close(bench, instance);
    }
    mz_bench_call_finish(&call);
    if (mz_surroundings_restore(&bench->settings_before, bench->plugin->label,
                                changed) > 0) {
        mz_check_fail(bench, advice, "it changed %s", changed);
    } else if (compare_process(bench, &bench->process_before, &warm)) {
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

/* Bytes that are left of each cycle, the least of the windows; false: it ended. */
static bool measure(struct mz_bench *bench, size_t *left)
{
    size_t before = 0;
    *left = SIZE_MAX;
    for (int i = 0; i <= WARM_CYCLES + CYCLES * WINDOWS; i++) {
        if (i >= WARM_CYCLES && (i - WARM_CYCLES) % CYCLES == 0) {
            size_t now = mallinfo2().uordblks;
            size_t grown = now > before ? (now - before) / CYCLES : 0;
            *left = i > WARM_CYCLES && grown < *left ? grown : *left;
            before = now;
        }
        if (!cycle(bench)) {
            return false;
        }
    }
    return true;
}

void mz_check_leaks(struct mz_bench *bench)
{
    static const char advice[] = "free in close what open made, and in each call what "
                                 "it took with malloc";
    size_t left = 0;
    if (!measure(bench, &left)) {
        return;
    }
    if (__lsan_do_recoverable_leak_check != NULL) {
        if (__lsan_do_recoverable_leak_check() != 0) {
            mz_check_fail(bench, advice,
                          "the leak sanitizer found leaks: its report is above");
        } else {
            mz_check_pass(bench, "by the leak sanitizer");
        }
    } else if (left > GROWTH_PER_CYCLE) {
        mz_check_fail(bench, advice,
                      "%zu bytes are left of each time that it is opened, works and is "
                      "closed",
                      left);
    } else {
        mz_check_pass(bench, "by the allocator's count");
    }
}
