/* Where checks try a plugin: options, inputs and services that can be made to fail. For
 * the files of the conformance suite alone; all of it runs in a check's own process. */
#ifndef MIZAN_PLUG_CONFORMANCE_BENCH_H
#define MIZAN_PLUG_CONFORMANCE_BENCH_H

#include <stdbool.h>

#include "base/buffer.h"
#include "plug/conformance.h"
#include "plug/internal.h"
#include "plug/plugin.h"
#include "plug/task.h"
#include "value/digest.h"

/* Descriptors above this one are not looked at. */
#define MZ_FILES_LOOKED_AT 256

struct mz_process_state {
    unsigned long long environment; /* hash */
    bool open[MZ_FILES_LOOKED_AT];
};
void mz_process_note(struct mz_process_state *state);

struct mz_bench {
    struct mz_surroundings settings_before; /* before the plugin was loaded */
    struct mz_process_state process_before;
    const struct mz_conformance_settings *settings;
    struct mz_finding *finding;
    struct mz_registry *registry;
    struct mz_plugin *plugin;
    const struct mizan_plugin *descriptor;
    struct mz_arena *arena; /* of the options */
    struct mizan_options *options;
    char input[MZ_PATH]; /* a text file in the scratch folder, for options of paths */
};

enum mz_sample {
    MZ_SAMPLE_ORDINARY,
    MZ_SAMPLE_EMPTY,     /* no field at all */
    MZ_SAMPLE_BLANK,     /* the usual fields, all empty */
    MZ_SAMPLE_MALFORMED, /* wrong types, broken UTF-8, deep values */
    MZ_SAMPLE_HUGE
};

enum mz_bench_service {
    MZ_SERVICE_NONE,
    MZ_SERVICE_MEMORY,
    MZ_SERVICE_EMIT,
    MZ_SERVICE_HTTP,
    MZ_SERVICE_STATE,
    MZ_SERVICE_SECRET,
    MZ_SERVICE_DB,
    MZ_SERVICE_COUNT
};

/* One call into the plugin, with what it asked for and gave. Fill the first part. */
struct mz_bench_call {
    enum mz_bench_service failing;
    uint64_t nth;   /* which call of that service fails, counted from 1 */
    bool onward;    /* and all after it */
    int32_t status; /* with which; memory: NULL */
    bool quiet;     /* output is not kept */
    /* filled by the bench */
    struct mizan_task task;
    struct mz_error error;
    struct mz_arena *arena;
    atomic_int cancel;
    uint64_t asked[MZ_SERVICE_COUNT];
    uint64_t counted, emitted, written;
    bool refused;         /* the failing service was asked for */
    struct mz_buffer out; /* what was emitted and written, as JSON lines */
    struct mz_map *state;
};

/* False after filling the finding: the plugin cannot be loaded or its options not made
 * (the check is skipped then, others tell why). */
bool mz_bench_init(struct mz_bench *bench,
                   const struct mz_conformance_settings *settings,
                   struct mz_finding *finding);
/* The same and opens an instance, which must work. */
bool mz_bench_open(struct mz_bench *bench, void **instance);

void mz_bench_call_init(struct mz_bench_call *call);
void mz_bench_call_finish(struct mz_bench_call *call);
/* Both return what the plugin returned. Work: fetches, extracts, or stores and finishes
 * the unit, with one record of each type that the plugin consumes. */
int32_t mz_bench_try_open(struct mz_bench *bench, struct mz_bench_call *call,
                          void **instance);
int32_t mz_bench_work(struct mz_bench *bench, struct mz_bench_call *call,
                      void *instance, enum mz_sample sample);
void mz_bench_close(struct mz_bench *bench, void *instance);
/* Gives the records to a store without finishing the unit, then discards it. */
int32_t mz_bench_discard(struct mz_bench *bench, struct mz_bench_call *call,
                         void *instance);
/* The whole life of one call with the ordinary sample; the digest of its output. */
int32_t mz_bench_ordinary(struct mz_bench *bench, void *instance,
                          struct mz_bench_call *call, char digest[MZ_DIGEST_TEXT]);

/* Ends a check. All return false, so that `return mz_check_fail(…)` ends it. */
bool mz_check_fail(struct mz_bench *bench, const char *advice, const char *format, ...)
    MZ_PRINTF(3, 4);
bool mz_check_skip(struct mz_bench *bench, const char *format, ...) MZ_PRINTF(2, 3);
void mz_check_pass(struct mz_bench *bench, const char *format, ...) MZ_PRINTF(2, 3);
/* A status that is none, or a failure without a sentence. */
bool mz_check_status(struct mz_bench *bench, const struct mz_bench_call *call,
                     int32_t status, const char *when);

/* The record that a sample is, in the call's arena; NULL when out of memory. */
struct mizan_record *mz_sample_record(struct mz_bench_call *call, const char *type,
                                      enum mz_sample sample);
/* Answers of the network, by address: a feed, a page, a JSON list. */
struct mizan_slice mz_sample_answer(const char *url, const char **media_type);
/* Plausible values for required options, and for addresses and paths with `all`. */
MZ_NODISCARD enum mz_code mz_sample_options(struct mz_bench *bench, bool all,
                                            struct mz_error *error);

/* The checks (conformance_*.c). */
void mz_check_copies(struct mz_bench *bench);
void mz_check_surroundings(struct mz_bench *bench);
void mz_check_open(struct mz_bench *bench);
void mz_check_ordinary(struct mz_bench *bench);
void mz_check_empty(struct mz_bench *bench);
void mz_check_malformed(struct mz_bench *bench);
void mz_check_huge(struct mz_bench *bench);
void mz_check_cancel(struct mz_bench *bench);
void mz_check_memory(struct mz_bench *bench);
void mz_check_emit(struct mz_bench *bench);
void mz_check_http(struct mz_bench *bench);
void mz_check_state(struct mz_bench *bench);
void mz_check_secret(struct mz_bench *bench);
void mz_check_db(struct mz_bench *bench);
void mz_check_absent(struct mz_bench *bench);
void mz_check_repeat(struct mz_bench *bench);
void mz_check_instances(struct mz_bench *bench);
void mz_check_threads(struct mz_bench *bench);
void mz_check_claims(struct mz_bench *bench);
void mz_check_leaks(struct mz_bench *bench);

#endif
