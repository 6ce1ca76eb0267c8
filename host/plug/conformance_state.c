/* Checks of what a plugin keeps: between units, instances and threads. */
#include "plug/conformance_bench.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS          4
#define CALLS_PER_THREAD 25

/* A unit may come again after its commit was lost: the rows must be the same, so that
 * they are updated; and what was discarded must not come with the next unit. */
void mz_check_repeat(struct mz_bench *bench)
{
    struct mz_bench_call call = {0};
    char first[MZ_DIGEST_TEXT];
    char again[MZ_DIGEST_TEXT];
    void *instance = NULL;
    if (bench->descriptor->kind != MIZAN_KIND_STORE) {
        mz_check_skip(bench, "it is no store");
        return;
    }
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    int32_t status = mz_bench_ordinary(bench, instance, &call, first);
    if (status != MIZAN_OK) {
        mz_check_skip(bench, "it takes no such record: %s", call.error.message);
        mz_bench_close(bench, instance);
        return;
    }
    call = (struct mz_bench_call){0};
    status = mz_bench_ordinary(bench, instance, &call, again);
    bool right = true;
    if (status != MIZAN_OK || strcmp(first, again) != 0) {
        right = mz_check_fail(bench,
                              "make ids of the content (host->hash_id), not of "
                              "time, order or chance",
                              "the same unit twice gave other rows%s%s",
                              status == MIZAN_OK ? "" : ": ", call.error.message);
    }
    if (right) {
        call = (struct mz_bench_call){0};
        mz_bench_call_init(&call);
        (void)mz_bench_discard(bench, &call, instance);
        mz_bench_call_finish(&call);
        call = (struct mz_bench_call){0};
        status = mz_bench_ordinary(bench, instance, &call, again);
        if (status != MIZAN_OK || strcmp(first, again) != 0) {
            right = mz_check_fail(bench, "forget in discard_unit what store buffered",
                                  "what was discarded came with the next unit");
        }
    }
    if (right) {
        mz_check_pass(bench, "%s", "");
    }
    mz_bench_close(bench, instance);
}

void mz_check_instances(struct mz_bench *bench)
{
    struct mz_bench_call call = {0};
    char digests[4][MZ_DIGEST_TEXT];
    int32_t statuses[4];
    void *one = NULL;
    void *other = NULL;
    if (!mz_bench_open(bench, &one)) {
        return;
    }
    statuses[0] = mz_bench_ordinary(bench, one, &call, digests[0]);
    if (!mz_bench_open(bench, &other)) {
        mz_check_fail(bench, "keep what a stage needs in its instance",
                      "a second instance does not open while there is one");
        mz_bench_close(bench, one);
        return;
    }
    for (int i = 1; i < 4; i++) {
        call = (struct mz_bench_call){0};
        statuses[i] =
            mz_bench_ordinary(bench, i % 2 == 1 ? other : one, &call, digests[i]);
        if (i == 2) {
            mz_bench_close(bench, one);
        }
    }
    mz_bench_close(bench, other);
    for (int i = 1; i < 4; i++) {
        if (statuses[i] != statuses[0] || strcmp(digests[i], digests[0]) != 0) {
            mz_check_fail(bench,
                          "keep what a stage needs in its instance, not in "
                          "variables of the file",
                          "beside a second instance the same record gives something "
                          "else");
            return;
        }
    }
    mz_check_pass(bench, "%s", "");
}

/* ---- threads ---- */

struct worker {
    struct mz_bench *bench;
    void *instance;
    pthread_t thread;
    const char *digest;
    int32_t status;
    int wrong;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (int i = 0; i < CALLS_PER_THREAD; i++) {
        struct mz_bench_call call = {0};
        char digest[MZ_DIGEST_TEXT];
        int32_t status =
            mz_bench_ordinary(worker->bench, worker->instance, &call, digest);
        worker->wrong +=
            status != worker->status || strcmp(digest, worker->digest) != 0;
    }
    return NULL;
}

void mz_check_threads(struct mz_bench *bench)
{
    struct worker workers[THREADS] = {0};
    struct mz_bench_call call = {0};
    char digest[MZ_DIGEST_TEXT];
    void *instance = NULL;
    int started = 0;
    int wrong = 0;
    if ((bench->descriptor->flags & MIZAN_PLUGIN_THREAD_SAFE) == 0) {
        mz_check_skip(bench, "it does not say that it is thread-safe");
        return;
    }
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    int32_t status = mz_bench_ordinary(bench, instance, &call, digest);
    for (; started < THREADS; started++) {
        workers[started] = (struct worker){
            .bench = bench, .instance = instance, .digest = digest, .status = status};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) !=
            0) {
            break;
        }
    }
    for (int i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        wrong += workers[i].wrong;
    }
    if (wrong > 0) {
        mz_check_fail(bench,
                      "take away MIZAN_PLUGIN_THREAD_SAFE, or share nothing that "
                      "a call changes",
                      "%d of %d calls in %d threads gave something else", wrong,
                      started * CALLS_PER_THREAD, started);
    } else {
        mz_check_pass(bench, "%d calls in %d threads", started * CALLS_PER_THREAD,
                      started);
    }
    mz_bench_close(bench, instance);
}

/* ---- claims ---- */

void mz_check_claims(struct mz_bench *bench)
{
    uint32_t flags = bench->descriptor->flags;
    struct mz_bench_call call = {0};
    char first[MZ_DIGEST_TEXT];
    char again[MZ_DIGEST_TEXT];
    void *instance = NULL;
    if ((flags & (MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE)) == 0) {
        mz_check_skip(bench, "it claims nothing");
        return;
    }
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    (void)mz_bench_ordinary(bench, instance, &call, first);
    uint64_t requests = call.asked[MZ_SERVICE_HTTP];
    call = (struct mz_bench_call){0};
    (void)mz_bench_ordinary(bench, instance, &call, again);
    mz_bench_close(bench, instance);
    if ((flags & MIZAN_PLUGIN_OFFLINE) != 0 && requests > 0) {
        mz_check_fail(bench, "take away the flag",
                      "it has the flag MIZAN_PLUGIN_OFFLINE and asked for host->http");
    } else if ((flags & MIZAN_PLUGIN_PURE) != 0 && strcmp(first, again) != 0) {
        mz_check_fail(
            bench, "take away the flag, or the clock and the chance",
            "it has the flag MIZAN_PLUGIN_PURE and the same record gave other "
            "output the second time");
    } else {
        mz_check_pass(bench, "%s", "");
    }
}
