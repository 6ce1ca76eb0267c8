/* Checks of what comes in: ordinary, empty, malformed, huge, and a run that stops. */
#include "plug/conformance_bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

/* After the run is told to stop a plugin may work for so long, in milliseconds of
 * processor time, and take so long by the clock. */
#define CANCEL_WORK  2000
#define CANCEL_GRACE 15000
/* The run is told so this long after the call began. */
#define CANCEL_AFTER_NANOSECONDS 30000000L

void mz_check_open(struct mz_bench *bench)
{
    struct mz_bench_call call = {0};
    void *instance = NULL;
    mz_bench_call_init(&call);
    int32_t status = mz_bench_try_open(bench, &call, &instance);
    if (status == MIZAN_OK) {
        mz_bench_close(bench, instance);
        mz_check_pass(bench, "%s", "");
    } else if (mz_check_status(bench, &call, status, "opened with its defaults,")) {
        mz_check_fail(bench, "give what it needs with -o NAME=VALUE",
                      "it does not open: %s", call.error.message);
    }
    mz_bench_call_finish(&call);
}

/* One call with this sample; false when it found a fault. `refused` is set when the
 * plugin did not take the sample, in order. */
static bool try_sample(struct mz_bench *bench, void *instance, enum mz_sample sample,
                       uint64_t turn, bool *refused)
{
    static const char *const names[] = {
        [MZ_SAMPLE_ORDINARY] = "with an ordinary record",
        [MZ_SAMPLE_EMPTY] = "with a record without fields",
        [MZ_SAMPLE_BLANK] = "with a record of empty fields",
        [MZ_SAMPLE_MALFORMED] = "with a record of wrong types and broken text",
        [MZ_SAMPLE_HUGE] = "with a record of 16 MiB"};
    struct mz_bench_call call = {.nth = turn, .quiet = sample == MZ_SAMPLE_HUGE};
    mz_bench_call_init(&call);
    int32_t status = mz_bench_work(bench, &call, instance, sample);
    bool right = mz_check_status(bench, &call, status, names[sample]);
    *refused = status != MIZAN_OK;
    if (right && status == MIZAN_ERROR_CANCELLED) {
        right = mz_check_fail(bench, "work on the record, and end",
                              "%s it went on until its deadline, though nobody stopped "
                              "it",
                              names[sample]);
    } else if (right && status != MIZAN_OK && sample == MZ_SAMPLE_ORDINARY) {
        mz_check_skip(bench, "it takes no such record: %s", call.error.message);
    }
    mz_bench_call_finish(&call);
    return right;
}

/* After whatever came in, an ordinary record must give what it gave at first. */
static bool still_works(struct mz_bench *bench, void *instance, int32_t before,
                        const char *digest, const char *after)
{
    struct mz_bench_call call = {0};
    char now[MZ_DIGEST_TEXT];
    int32_t status = mz_bench_ordinary(bench, instance, &call, now);
    if (status != before || strcmp(now, digest) != 0) {
        return mz_check_fail(
            bench, "a call that fails must leave the instance as it was",
            "after %s the ordinary record gives something else: %s", after,
            status != MIZAN_OK && call.error.message[0] != '\0' ? call.error.message
                                                                : "other records");
    }
    return true;
}

void mz_check_ordinary(struct mz_bench *bench)
{
    void *instance = NULL;
    bool refused = false;
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    if (try_sample(bench, instance, MZ_SAMPLE_ORDINARY, 0, &refused) && !refused) {
        mz_check_pass(bench, "%s", "");
    }
    mz_bench_close(bench, instance);
}

static void check_samples(struct mz_bench *bench, const enum mz_sample *samples,
                          size_t count, uint64_t turns)
{
    struct mz_bench_call call = {0};
    char digest[MZ_DIGEST_TEXT];
    void *instance = NULL;
    bool right = true;
    bool refused = false;
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    int32_t before = mz_bench_ordinary(bench, instance, &call, digest);
    for (size_t i = 0; i < count && right; i++) {
        for (uint64_t turn = 0; turn < turns && right; turn++) {
            right = try_sample(bench, instance, samples[i], turn, &refused) &&
                    still_works(bench, instance, before, digest, "it");
        }
    }
    if (right) {
        mz_check_pass(bench, "%s", "");
    }
    mz_bench_close(bench, instance);
}

void mz_check_empty(struct mz_bench *bench)
{
    static const enum mz_sample samples[] = {MZ_SAMPLE_EMPTY, MZ_SAMPLE_BLANK};
    check_samples(bench, samples, 2, 1);
}

void mz_check_malformed(struct mz_bench *bench)
{
    static const enum mz_sample sample = MZ_SAMPLE_MALFORMED;
    check_samples(bench, &sample, 1, 6);
}

void mz_check_huge(struct mz_bench *bench)
{
    void *instance = NULL;
    bool refused = false;
    if (bench->descriptor->kind == MIZAN_KIND_FETCH) {
        mz_check_skip(bench, "a fetch plugin gets no documents");
        return;
    }
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    int64_t started = mz_clock_monotonic();
    if (try_sample(bench, instance, MZ_SAMPLE_HUGE, 0, &refused)) {
        mz_check_pass(bench, "%s in %lld ms", refused ? "it is refused" : "it is taken",
                      (long long)(mz_clock_monotonic() - started));
    }
    mz_bench_close(bench, instance);
}

/* ---- cancelled ---- */

/* A program with a sanitizer, this one's or the plugin's, is several times as slow. */
#define SANITIZED_FACTOR 5
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

struct stop {
    struct mz_bench_call *call;
    clockid_t worker; /* processor time of the thread that is told */
    int64_t at;       /* monotonic, when it was told */
    int64_t worked;   /* by then, processor milliseconds */
};

static int64_t processor_time(clockid_t clock)
{
    struct timespec time = {0, 0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void *stop_later(void *argument)
{
    struct stop *stop = argument;
    const struct timespec pause = {0, CANCEL_AFTER_NANOSECONDS};
    nanosleep(&pause, NULL);
    stop->at = mz_clock_monotonic();
    stop->worked = processor_time(stop->worker);
    atomic_store(&stop->call->cancel, 1);
    return NULL;
}

/* The run stops while the plugin is at work on something long. */
static bool stop_in_the_middle(struct mz_bench *bench, void *instance)
{
    struct mz_bench_call call = {.quiet = true};
    struct stop stop = {.call = &call};
    pthread_t thread;
    enum mz_sample sample = bench->descriptor->kind == MIZAN_KIND_FETCH
                                ? MZ_SAMPLE_ORDINARY
                                : MZ_SAMPLE_HUGE;
    mz_bench_call_init(&call);
    if (pthread_getcpuclockid(pthread_self(), &stop.worker) != 0 ||
        pthread_create(&thread, NULL, stop_later, &stop) != 0) {
        mz_bench_call_finish(&call);
        return mz_check_skip(bench, "no thread can be made");
    }
    int32_t status = mz_bench_work(bench, &call, instance, sample);
    int64_t ended = mz_clock_monotonic();
    int64_t worked = processor_time(stop.worker);
    pthread_join(thread, NULL);
    bool right = mz_check_status(bench, &call, status, "stopped in the middle");
    worked -= stop.worked;
    int64_t most = CANCEL_WORK;
    if (__asan_init != NULL || __tsan_init != NULL) {
        most *= SANITIZED_FACTOR;
    }
    mz_bench_call_finish(&call);
    if (right && (worked > most || ended - stop.at > CANCEL_GRACE)) {
        return mz_check_fail(
            bench,
            "look at host->cancelled every few milliseconds and return "
            "MIZAN_ERROR_CANCELLED",
            "told to stop in the middle of 16 MiB it went on for %lld ms (%lld of the "
            "processor)",
            (long long)(ended - stop.at), (long long)worked);
    }
    return right;
}

/* What a service answers when the run stops must end the call with that status. */
static bool stop_at(struct mz_bench *bench, void *instance,
                    enum mz_bench_service service)
{
    bool right = true;
    for (uint64_t nth = 1; right && nth <= 16; nth++) {
        struct mz_bench_call call = {.failing = service,
                                     .nth = nth,
                                     .onward = true,
                                     .status = MIZAN_ERROR_CANCELLED};
        mz_bench_call_init(&call);
        int32_t status = mz_bench_work(bench, &call, instance, MZ_SAMPLE_ORDINARY);
        bool refused = call.refused;
        mz_bench_call_finish(&call);
        if (!refused) {
            break;
        }
        if (status != MIZAN_ERROR_CANCELLED) {
            right = mz_check_fail(
                bench, "return at once what the host's service returned",
                "host->%s answered MIZAN_ERROR_CANCELLED and the call returned %s",
                service == MZ_SERVICE_EMIT ? "emit" : "http",
                mz_status_name(status) == NULL ? "no status" : mz_status_name(status));
        }
    }
    return right;
}

void mz_check_cancel(struct mz_bench *bench)
{
    void *instance = NULL;
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    if (stop_at(bench, instance, MZ_SERVICE_EMIT) &&
        stop_at(bench, instance, MZ_SERVICE_HTTP) &&
        stop_in_the_middle(bench, instance)) {
        mz_check_pass(bench, "%s", "");
    }
    mz_bench_close(bench, instance);
}
