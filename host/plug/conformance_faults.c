/* Checks of what happens when a service of the host fails: each call of each service in
 * turn, once and from then on, until the work runs untouched. */
#include "plug/conformance_bench.h"

#include <stdio.h>
#include <string.h>

/* Calls that are made to fail one by one; those behind are taken in growing steps. */
#define EVERY_ONE  48
#define MOST_CALLS 100000

static const char *const service_names[] = {[MZ_SERVICE_NONE] = "",
                                            [MZ_SERVICE_MEMORY] = "alloc",
                                            [MZ_SERVICE_EMIT] = "emit",
                                            [MZ_SERVICE_HTTP] = "http",
                                            [MZ_SERVICE_STATE] = "state",
                                            [MZ_SERVICE_SECRET] = "secret",
                                            [MZ_SERVICE_DB] = "db_upsert or db_query"};

/* What an untouched run gives. */
struct expected {
    int32_t status;
    char digest[MZ_DIGEST_TEXT];
    uint64_t asked[MZ_SERVICE_COUNT];
};

static uint64_t next_call(uint64_t nth)
{
    return nth < EVERY_ONE ? nth + 1 : nth + nth / 8;
}

/* A record that is lost in silence: the service failed, the call says all is well. */
static bool check_told(struct mz_bench *bench, const struct mz_bench_call *call,
                       int32_t status, const char *digest,
                       const struct expected *expected)
{
    const char *name = service_names[call->failing];
    if (status != MIZAN_OK) {
        return true;
    }
    bool must_fail = call->failing == MZ_SERVICE_EMIT || call->failing == MZ_SERVICE_DB;
    if (must_fail) {
        return mz_check_fail(bench, "return what the host's service returned",
                             "call %llu of host->%s failed and the plugin returned "
                             "MIZAN_OK: what it held is lost in silence",
                             (unsigned long long)call->nth, name);
    }
    bool other = strcmp(digest, expected->digest) != 0;
    bool memory = call->failing == MZ_SERVICE_MEMORY;
    if (memory && other && call->counted == 0) {
        return mz_check_fail(bench,
                             "check what host->alloc, record_new and record_set "
                             "return, and return MIZAN_ERROR_MEMORY",
                             "allocation %llu was refused and the plugin returned "
                             "MIZAN_OK with other records",
                             (unsigned long long)call->nth);
    }
    if (call->failing == MZ_SERVICE_HTTP && call->counted == 0 && call->emitted == 0) {
        return mz_check_fail(bench,
                             "return what host->http returned, or count what "
                             "failed with host->count",
                             "request %llu failed and the plugin returned MIZAN_OK, "
                             "emitting and counting nothing",
                             (unsigned long long)call->nth);
    }
    return true;
}

/* One call in which `call->nth` fails; *reached is false when it was never asked. */
static bool fail_one(struct mz_bench *bench, void *instance, struct mz_bench_call *call,
                     const struct expected *expected, bool *reached)
{
    char digest[MZ_DIGEST_TEXT];
    char when[96];
    int32_t status = mz_bench_ordinary(bench, instance, call, digest);
    *reached = call->refused;
    if (!call->refused) {
        return true;
    }
    snprintf(when, sizeof when, "when call %llu of host->%s failed",
             (unsigned long long)call->nth, service_names[call->failing]);
    if (!mz_check_status(bench, call, status, when) ||
        !check_told(bench, call, status, digest, expected)) {
        return false;
    }
    struct mz_bench_call again = {0};
    int32_t after = mz_bench_ordinary(bench, instance, &again, digest);
    if (after != expected->status || strcmp(digest, expected->digest) != 0) {
        return mz_check_fail(
            bench, "a call that fails must leave the instance as it was",
            "after that (%s) the next record gives something else", when);
    }
    return true;
}

/* Opening may use services too; where it fails there is no instance to close. */
static bool fail_open(struct mz_bench *bench, enum mz_bench_service service,
                      int32_t failure)
{
    bool reached = true;
    for (uint64_t nth = 1; reached && nth < MOST_CALLS; nth = next_call(nth)) {
        struct mz_bench_call call = {.failing = service, .nth = nth, .status = failure};
        void *instance = NULL;
        mz_bench_call_init(&call);
        int32_t status = mz_bench_try_open(bench, &call, &instance);
        reached = call.refused;
        bool right = mz_check_status(bench, &call, status, "when opened");
        if (status == MIZAN_OK) {
            mz_bench_close(bench, instance);
        }
        mz_bench_call_finish(&call);
        if (!right) {
            return false;
        }
    }
    return true;
}

static void sweep(struct mz_bench *bench, enum mz_bench_service service,
                  const int32_t *failures, size_t count)
{
    struct mz_bench_call first = {0};
    struct expected expected = {0};
    void *instance = NULL;
    uint64_t tried = 0;
    bool right = true;
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    expected.status = mz_bench_ordinary(bench, instance, &first, expected.digest);
    for (size_t i = 0; i < count * 2 && right; i++) {
        bool reached = true;
        right = fail_open(bench, service, failures[i / 2]);
        for (uint64_t nth = 1; right && reached && nth < MOST_CALLS;
             nth = next_call(nth)) {
            struct mz_bench_call call = {.failing = service,
                                         .nth = nth,
                                         .onward = i % 2 == 1,
                                         .status = failures[i / 2]};
            right = fail_one(bench, instance, &call, &expected, &reached);
            tried += reached;
        }
    }
    if (right && tried == 0) {
        mz_check_skip(bench, "it does not use it");
    } else if (right) {
        mz_check_pass(bench, "%llu failures", (unsigned long long)tried);
    }
    mz_bench_close(bench, instance);
}

void mz_check_memory(struct mz_bench *bench)
{
    static const int32_t failures[] = {MIZAN_ERROR_MEMORY};
    sweep(bench, MZ_SERVICE_MEMORY, failures, 1);
}

void mz_check_emit(struct mz_bench *bench)
{
    static const int32_t failures[] = {MIZAN_ERROR_MEMORY, MIZAN_ERROR_FAILED};
    sweep(bench, MZ_SERVICE_EMIT, failures, 2);
}

void mz_check_http(struct mz_bench *bench)
{
    static const int32_t failures[] = {MIZAN_ERROR_TRANSIENT, MIZAN_ERROR_NOT_FOUND,
                                       MIZAN_ERROR_LIMIT, MIZAN_ERROR_FAILED};
    sweep(bench, MZ_SERVICE_HTTP, failures, 4);
}

void mz_check_state(struct mz_bench *bench)
{
    static const int32_t failures[] = {MIZAN_ERROR_FAILED, MIZAN_ERROR_MEMORY};
    sweep(bench, MZ_SERVICE_STATE, failures, 2);
}

void mz_check_secret(struct mz_bench *bench)
{
    static const int32_t failures[] = {MIZAN_ERROR_NOT_FOUND};
    sweep(bench, MZ_SERVICE_SECRET, failures, 1);
}

void mz_check_db(struct mz_bench *bench)
{
    static const int32_t failures[] = {MIZAN_ERROR_FAILED, MIZAN_ERROR_INPUT};
    sweep(bench, MZ_SERVICE_DB, failures, 2);
}

/* A host that has none of the services that need a run. */
void mz_check_absent(struct mz_bench *bench)
{
    struct mz_bench_call call = {0};
    char digest[MZ_DIGEST_TEXT];
    void *instance = NULL;
    bool right = true;
    if (!mz_bench_open(bench, &instance)) {
        return;
    }
    for (int service = MZ_SERVICE_EMIT; right && service < MZ_SERVICE_COUNT;
         service++) {
        call = (struct mz_bench_call){.failing = (enum mz_bench_service)service,
                                      .nth = 1,
                                      .onward = true,
                                      .status = MIZAN_ERROR_UNSUPPORTED};
        int32_t status = mz_bench_ordinary(bench, instance, &call, digest);
        right =
            mz_check_status(bench, &call, status, "where a service is not to be had");
    }
    if (right) {
        mz_check_pass(bench, "%s", "");
    }
    mz_bench_close(bench, instance);
}
