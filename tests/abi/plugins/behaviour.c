/* An extract plugin with a right descriptor that does one thing a plugin must not do:
 * which, says the build by one of the definitions below. */
#include <mizan/plugin.h>

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct mizan_host *host;

__attribute__((unused)) static void crash(void)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

/* Uses up the stack; the buffer and the sum keep it from becoming a loop. */
__attribute__((unused, noinline)) static int recurse(int depth)
{
    volatile char frame[4096];
    frame[depth % 4096] = (char)depth;
    return depth < 0 ? 0 : recurse(depth + 1) + frame[(depth + 1) % 4096];
}

__attribute__((unused)) static void meddle(void)
{
    umask(0);
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGSEGV, SIG_IGN);
}

#if defined(CRASH_LOAD)
__attribute__((constructor)) static void start(void)
{
    crash();
}
#elif defined(MEDDLE_LOAD)
__attribute__((constructor)) static void start(void)
{
    meddle();
}
#endif

static int32_t open_plugin(const struct mizan_host *table, mizan_task *task,
                           const mizan_options *options, void **instance)
{
    (void)task;
    (void)options;
    host = table;
    *instance = NULL;
#if defined(CRASH_OPEN)
    crash();
#elif defined(ABORT_OPEN)
    abort();
#elif defined(EXIT_OPEN)
    exit(0);
#elif defined(OVERFLOW_OPEN)
    return recurse(1) == 42 ? MIZAN_OK : MIZAN_ERROR_FAILED;
#elif defined(MEDDLE_OPEN)
    meddle();
#elif defined(FAIL_OPEN)
    return host->fail(task, MIZAN_ERROR_OPTION, "the option %s is not to be had", "x");
#endif
    return MIZAN_OK;
}

static void close_plugin(void *instance)
{
    (void)instance;
}

static int32_t extract_record(void *instance, mizan_task *task, mizan_record *record)
{
    (void)instance;
    (void)task;
    (void)record;
#if defined(LOOP)
    for (volatile unsigned turn = 0;; turn++) {
    }
#elif defined(BOGUS)
    return 7;
#elif defined(UNKNOWN)
    return -99;
#elif defined(SILENT)
    return MIZAN_ERROR_INPUT;
#elif defined(STALE)
    struct mizan_slice secret;
    int32_t ignored = host->secret(task, "key", &secret);
    return ignored == MIZAN_OK ? MIZAN_OK : MIZAN_ERROR_INPUT;
#elif defined(REJECT)
    return host->fail(task, MIZAN_ERROR_REJECTED, "no date in %d lines", 3);
#elif defined(LATE)
    while (host->remaining(task) > 0 && !host->cancelled(task)) {
    }
    return MIZAN_ERROR_CANCELLED;
#elif defined(PARTIAL)
    int32_t status = host->emit(task, record);
    if (status != MIZAN_OK) {
        return status;
    }
    return host->fail(task, MIZAN_ERROR_INPUT, "the second half cannot be read");
#elif defined(CRASH_EXTRACT)
    crash();
#elif defined(BLOCK)
    signal(SIGTERM, SIG_IGN);
    for (;;) {
        pause();
    }
#elif defined(EXIT_EXTRACT)
    exit(0);
#elif defined(ABORT_EXTRACT)
    abort();
#elif defined(CLOSE_FILES)
    for (int file = 0; file < 1024; file++) {
        close(file);
    }
    return host->emit(task, record);
#elif defined(MEDDLE_EXTRACT)
    meddle();
    signal(SIGTERM, SIG_IGN);
    signal(SIGALRM, SIG_IGN);
    if (chdir("/") != 0) {
        return host->fail(task, MIZAN_ERROR_FAILED, "it cannot go to /");
    }
    return host->emit(task, record);
#endif
    return MIZAN_OK;
}

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_EXTRACT,
    .name = NAME,
    .version = "1.0",
    .stability = "experimental",
    .summary = "Does what no plugin may do.",
    .open = open_plugin,
    .close = close_plugin,
    .extract = extract_record,
};
