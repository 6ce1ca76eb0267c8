#include "plug/conformance.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plug/conformance_bench.h"
#include "plug/probe.h"

/* The longest that one check may take, in milliseconds. */
#define CHECK_LIMIT 60000

static int64_t limit_of(const struct mz_conformance_settings *settings)
{
    return settings->limit > 0 ? settings->limit : CHECK_LIMIT;
}

static const char *const step_names[] = {
#define XX(name, text) text,
    MZ_LOAD_STEPS(XX)
#undef XX
};
static const char *const step_abouts[] = {
    "a regular file of the user's or root's that nobody else can change",
    "a whole shared object for this machine",
    "its libraries are found and loading it does no harm",
    "it exports the descriptor mizan_plugin_v1",
    "the descriptor begins with MIZAN_PLUGIN_MAGIC",
    "it is built for an ABI that this mizan has",
    "the descriptor has the size that it says",
    "kind and name are allowed and those of the file",
    "version, summary and stability are there",
    "the functions of its kind are there, and flags fit",
    "the record types that it consumes are names",
    "every option has a name, a type, and values that fit it",
};
#define STEPS ((size_t)MZ_STEP_DONE)

static const struct {
    const char *name, *about;
    void (*check)(struct mz_bench *bench);
} checks[] = {
    {"copies", "it carries no copy of SQLite of its own", mz_check_copies},
    {"open", "it opens with the defaults of its options", mz_check_open},
    {"ordinary input", "it takes an ordinary record", mz_check_ordinary},
    {"surroundings", "it leaves locale, umask, signals, folder and files alone",
     mz_check_surroundings},
    {"empty input", "it takes records without fields, and empty ones", mz_check_empty},
    {"malformed input", "it takes wrong types and broken text", mz_check_malformed},
    {"huge input", "it ends in time with 16 MiB", mz_check_huge},
    {"cancelled", "it stops when the run is stopped", mz_check_cancel},
    {"memory refused", "it ends in order when an allocation fails", mz_check_memory},
    {"emit refused", "it tells when a record cannot be passed on", mz_check_emit},
    {"http refused", "it tells when a request fails", mz_check_http},
    {"state refused", "it ends in order when state fails", mz_check_state},
    {"secret refused", "it ends in order without its secret", mz_check_secret},
    {"db refused", "it tells when a row cannot be written", mz_check_db},
    {"services absent", "it ends in order where a service is not to be had",
     mz_check_absent},
    {"repeated unit", "the same unit twice writes the same rows", mz_check_repeat},
    {"instances", "two instances do not disturb one another", mz_check_instances},
    {"threads", "many threads at once give what one gives", mz_check_threads},
    {"claims", "it is as pure and as offline as its flags say", mz_check_claims},
    {"leaks", "opening, working and closing give all memory back", mz_check_leaks},
};
#define CHECKS (sizeof checks / sizeof checks[0])

_Static_assert(sizeof step_abouts / sizeof step_abouts[0] == MZ_STEP_DONE, "each");

size_t mz_conformance_count(void)
{
    return STEPS + CHECKS;
}

const char *mz_conformance_name(size_t index)
{
    return index < STEPS ? step_names[index] : checks[index - STEPS].name;
}

const char *mz_conformance_about(size_t index)
{
    return index < STEPS ? step_abouts[index] : checks[index - STEPS].about;
}

/* ---- loading ---- */

struct loading {
    enum mz_load_step step; /* the one that refused; MZ_STEP_DONE: none */
    bool unnamed;           /* the file's name says no plugin: nothing else was done */
    struct mz_error error;
};

/* The step is written to the shared result as it goes, for a crash in the midst. */
static void load(void *argument, void *result)
{
    const struct mz_conformance_settings *settings = argument;
    struct loading *loading = result;
    char *real = realpath(settings->path, NULL);
    struct mz_plugin *plugin =
        real == NULL ? NULL : mz_plugin_create(settings->path, real);
    loading->error.code = MZ_OK;
    if (plugin == NULL) {
        mz_fail_errno(&loading->error, MZ_NO_FILE, "%s", settings->path);
    } else {
        loading->unnamed = plugin->label[0] == '\0';
        loading->step = loading->unnamed ? MZ_STEP_NAME : MZ_STEP_LOAD;
        if (mz_plugin_open_file(plugin, &loading->error) == MZ_OK ||
            !loading->unnamed) {
            loading->step = plugin->step;
        }
    }
    mz_plugin_destroy(plugin);
    free(real);
}

static void run_steps(const struct mz_conformance_settings *settings,
                      struct mz_finding *findings)
{
    struct loading loading = {.step = MZ_STEP_FILE};
    struct mz_error crash;
    union {
        const struct mz_conformance_settings *in;
        void *out;
    } argument = {settings};
    if (mz_probe(load, argument.out, &loading, sizeof loading, limit_of(settings),
                 &crash) != MZ_OK) {
        loading.error = crash;
        mz_error_help(&loading.error,
                      "constructors run when it is loaded: leave the work to open");
    }
    for (size_t i = 0; i < STEPS; i++) {
        findings[i].verdict = i < (size_t)loading.step && !loading.unnamed
                                  ? MZ_CHECK_PASSED
                                  : MZ_CHECK_SKIPPED;
    }
    if (loading.step != MZ_STEP_DONE) {
        struct mz_finding *finding = &findings[loading.step];
        finding->verdict = MZ_CHECK_FAILED;
        snprintf(finding->text, sizeof finding->text, "%s", loading.error.message);
        snprintf(finding->advice, sizeof finding->advice, "%s", loading.error.help);
    }
}

/* ---- behaviour ---- */

struct run {
    const struct mz_conformance_settings *settings;
    size_t check;
};

static void check(void *argument, void *result)
{
    const struct run *run = argument;
    struct mz_bench bench;
    if (mz_bench_init(&bench, run->settings, result)) {
        checks[run->check].check(&bench);
    }
    mz_registry_destroy(bench.registry);
    mz_arena_destroy(bench.arena);
}

/* False when it did not end in time: then the others would not either. */
static bool run_check(const struct mz_conformance_settings *settings, size_t index,
                      struct mz_finding *finding)
{
    struct mz_error crash;
    struct run run = {settings, index};
    if (mz_probe(check, &run, finding, sizeof *finding, limit_of(settings), &crash) ==
        MZ_OK) {
        return true;
    }
    const char *advice = crash.code == MZ_DEADLINE
                             ? "look at host->cancelled and host->remaining in loops, "
                               "and end when they say so"
                             : "run it under a debugger, or build it with "
                               "-fsanitize=address and check again";
    snprintf(finding->text, sizeof finding->text, "%s", crash.message);
    snprintf(finding->advice, sizeof finding->advice, "%s", advice);
    finding->verdict = MZ_CHECK_FAILED;
    return crash.code != MZ_DEADLINE;
}

void mz_conformance_run(const struct mz_conformance_settings *settings,
                        struct mz_finding *findings)
{
    memset(findings, 0, mz_conformance_count() * sizeof *findings);
    run_steps(settings, findings);
    bool loaded = findings[STEPS - 1].verdict == MZ_CHECK_PASSED;
    for (size_t i = 0; i < CHECKS; i++) {
        struct mz_finding *finding = &findings[STEPS + i];
        if (loaded) {
            loaded = run_check(settings, i, finding);
        }
    }
}
