/* mizan plugin check: the conformance suite on one file, a line per check. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "cli/plugin.h"
#include "plug/conformance.h"
#include "run/supervise.h"
#include "value/json.h"

#define PLUGIN_MOST ((size_t)512 << 20)
#define FILES_OPEN  16
/* Set for the second start. */
#define STARTED_AGAIN "MIZAN_CHECK_STARTED_AGAIN"
/* Blocks that a thread keeps for itself would count as leaks. */
#define ALLOCATOR "glibc.malloc.tcache_count=0"

static const char *const verdicts[] = {
    [MZ_CHECK_SKIPPED] = "skip", [MZ_CHECK_PASSED] = "ok", [MZ_CHECK_FAILED] = "FAIL"};
static const char *const verdict_words[] = {[MZ_CHECK_SKIPPED] = "skipped",
                                            [MZ_CHECK_PASSED] = "passed",
                                            [MZ_CHECK_FAILED] = "failed"};

/* ---- the sanitizer of the plugin ---- */

/* The name of the sanitizer's library that the plugin needs; false: none. */
static bool find_sanitizer(const char *path, char *out, size_t size)
{
    static const char soname[] = "libasan.so.";
    struct mz_error error;
    char *data = NULL;
    size_t length = 0;
    if (mz_file_read(path, PLUGIN_MOST, &data, &length, &error) != MZ_OK) {
        return false;
    }
    const char *found = memmem(data, length, soname, sizeof soname - 1);
    if (found != NULL) {
        snprintf(out, size, "%.*s",
                 (int)strnlen(found, length - (size_t)(found - data)), found);
    }
    free(data);
    return found != NULL;
}

/* The allocator is told to keep nothing aside, and a plugin that was built with the
 * address sanitizer needs its library before all others: both are settings of a start.
 * Returns only if this is the second one. */
static void start_again(const struct mz_arguments *arguments,
                        const struct mz_conformance_settings *settings)
{
    char library[64];
    size_t count = 0;
    if (getenv(STARTED_AGAIN) != NULL) {
        return;
    }
    bool preload = getenv("LD_PRELOAD") == NULL &&
                   find_sanitizer(settings->path, library, sizeof library);
    const char **words = calloc(settings->option_count * 2 + 8, sizeof *words);
    if (words == NULL) {
        return;
    }
    words[count++] = "mizan";
    words[count++] = "plugin";
    words[count++] = "check";
    words[count++] = settings->path;
    for (size_t i = 0; i < settings->option_count; i++) {
        words[count++] = "-o";
        words[count++] = settings->options[i];
    }
    if (mz_argument(arguments, "limit-time") != NULL) {
        words[count++] = "--limit-time";
        words[count++] = mz_argument(arguments, "limit-time");
    }
    words[count] = mz_argument(arguments, "json") == NULL ? NULL : "--json";
    union {
        const char **in;
        char *const *out;
    } argument = {words};
    if (setenv(STARTED_AGAIN, "1", 1) == 0 &&
        setenv("GLIBC_TUNABLES", ALLOCATOR, 0) == 0 &&
        (!preload ||
         (setenv("LD_PRELOAD", library, 1) == 0 &&
          setenv("ASAN_OPTIONS", "detect_leaks=1:leak_check_at_exit=0", 0) == 0))) {
        execv("/proc/self/exe", argument.out);
    }
    free(words);
}

/* ---- printing ---- */

static void print_text(size_t index, const struct mz_finding *finding)
{
    const char *text = finding->text[0] == '\0' && finding->verdict == MZ_CHECK_SKIPPED
                           ? "not reached"
                           : finding->text;
    printf("%-5s %-17s %s\n", verdicts[finding->verdict], mz_conformance_name(index),
           text[0] == '\0' ? mz_conformance_about(index) : text);
    if (finding->verdict == MZ_CHECK_FAILED && finding->advice[0] != '\0') {
        printf("%-23s to do: %s\n", "", finding->advice);
    }
}

static void json_member(struct mz_buffer *out, const char *name, const char *value)
{
    mz_buffer_text(out, out->size == 0 ? "{" : ",");
    mz_json_text(out, name, strlen(name));
    mz_buffer_byte(out, ':');
    mz_json_text(out, value, strlen(value));
}

static void print_json(size_t index, const struct mz_finding *finding)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)1 << 20);
    json_member(&out, "check", mz_conformance_name(index));
    json_member(&out, "verdict", verdict_words[finding->verdict]);
    json_member(&out, "about", mz_conformance_about(index));
    json_member(&out, "found", finding->text);
    json_member(&out, "advice", finding->advice);
    mz_buffer_text(&out, "}\n");
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}

/* ---- the scratch folder ---- */

static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static bool make_scratch(char out[MZ_PATH])
{
    const char *folder = getenv("TMPDIR");
    int length = snprintf(out, MZ_PATH, "%s/mizan-check-XXXXXX",
                          folder == NULL || folder[0] == '\0' ? "/tmp" : folder);
    return length > 0 && length < MZ_PATH && mkdtemp(out) != NULL;
}

/* ---- the command ---- */

static int report(const struct mz_finding *findings, size_t count, bool json)
{
    size_t counts[3] = {0};
    for (size_t i = 0; i < count; i++) {
        counts[findings[i].verdict]++;
        if (json) {
            print_json(i, &findings[i]);
        } else {
            print_text(i, &findings[i]);
        }
    }
    if (!json) {
        printf("%zu checks: %zu passed, %zu failed, %zu skipped\n", count,
               counts[MZ_CHECK_PASSED], counts[MZ_CHECK_FAILED],
               counts[MZ_CHECK_SKIPPED]);
    }
    return counts[MZ_CHECK_FAILED] == 0 ? 0 : mz_exit_status(MZ_ITEMS_FAILED);
}

int mz_plugin_command_check(const struct mz_arguments *arguments)
{
    struct mz_error error;
    char scratch[MZ_PATH];
    size_t count = mz_conformance_count();
    struct mz_conformance_settings settings = {.path = mz_operand(arguments, 1),
                                               .scratch = scratch};
    if (!mz_argument_number(arguments, "limit-time", 60, &settings.limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    settings.limit *= 1000;
    settings.option_count = mz_argument_all(arguments, "option", &settings.options);
    if (!mz_file_exists(settings.path)) {
        mz_fail(&error, MZ_NO_FILE, "there is no file %s", settings.path);
        mz_error_help(&error, "give the path of the plugin's .so");
        return mz_command_fail(&error);
    }
    start_again(arguments, &settings);
    struct mz_finding *findings = calloc(count, sizeof *findings);
    if (findings == NULL || !make_scratch(scratch)) {
        free(findings);
        mz_fail_errno(&error, MZ_CANNOT_CREATE, "no scratch folder can be made");
        return mz_command_fail(&error);
    }
    mz_conformance_run(&settings, findings);
    int status = report(findings, count, mz_argument(arguments, "json") != NULL);
    (void)nftw(scratch, remove_one, FILES_OPEN, FTW_DEPTH | FTW_PHYS);
    free(findings);
    return mz_flush_output(status);
}
