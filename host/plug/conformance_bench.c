/* The bench: a task whose services answer plausibly, or fail when they are told to. */
#include "plug/conformance_bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "plug/activity.h"
#include "value/json.h"
#include "value/record.h"

#define CALL_CEILING    ((size_t)512 << 20)
#define OUTPUT_CEILING  ((size_t)256 << 20)
#define OPTIONS_CEILING ((size_t)16 << 20)
/* Milliseconds that the plugin sees as its deadline, at most. */
#define CALL_LIMIT 30000
/* The wall clock stands at 2025-09-03T10:00:00Z. */
#define STANDING_TIME INT64_C(1756893600000)

/* ---- findings ---- */

bool mz_check_fail(struct mz_bench *bench, const char *advice, const char *format, ...)
{
    struct mz_finding *finding = bench->finding;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    snprintf(finding->advice, sizeof finding->advice, "%s",
             advice == NULL ? "" : advice);
    finding->verdict = MZ_CHECK_FAILED;
    return false;
}

bool mz_check_skip(struct mz_bench *bench, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(bench->finding->text, sizeof bench->finding->text, format, arguments);
    va_end(arguments);
    bench->finding->verdict = MZ_CHECK_SKIPPED;
    return false;
}

void mz_check_pass(struct mz_bench *bench, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(bench->finding->text, sizeof bench->finding->text, format, arguments);
    va_end(arguments);
    bench->finding->verdict = MZ_CHECK_PASSED;
}

/* A sentence of the plugin's, or of a service whose status it returned. */
static bool is_explained(const struct mz_bench_call *call, int32_t status)
{
    return call->error.message[0] != '\0' &&
           (call->error.code == mz_status_code(status) || status == MIZAN_ERROR_FAILED);
}

bool mz_check_status(struct mz_bench *bench, const struct mz_bench_call *call,
                     int32_t status, const char *when)
{
    const char *name = mz_status_name(status);
    if (name == NULL) {
        return mz_check_fail(bench, "return MIZAN_OK or one of enum mizan_status",
                             "%s it returned %d, which is no status", when,
                             (int)status);
    }
    if (status != MIZAN_OK && status != MIZAN_ERROR_CANCELLED &&
        status != MIZAN_ERROR_MEMORY && !is_explained(call, status)) {
        return mz_check_fail(bench, "return host->fail(task, status, \"what and why\")",
                             "%s it returned %s without saying why", when, name);
    }
    return true;
}

/* ---- services ---- */

/* True when this call of the service is the one to fail. */
static bool is_refused(struct mz_bench_call *call, enum mz_bench_service service)
{
    call->asked[service]++;
    bool fails = call->failing == service &&
                 (call->asked[service] == call->nth ||
                  (call->onward && call->asked[service] > call->nth));
    if (fails) {
        call->refused = true;
        mz_fail(call->task.error, mz_status_code(call->status),
                "the check refuses this call");
    }
    return fails;
}

static void note_output(struct mz_bench_call *call, const char *table,
                        const struct mizan_record *record)
{
    if (call->quiet) {
        return;
    }
    mz_buffer_text(&call->out, table);
    mz_json_record(&call->out, record, true);
    mz_buffer_byte(&call->out, '\n');
}

static int32_t bench_emit(struct mizan_task *task, struct mizan_record *record)
{
    struct mz_bench_call *call = task->context;
    if (is_refused(call, MZ_SERVICE_EMIT)) {
        return call->status;
    }
    if (atomic_load(&call->cancel) != 0) {
        return MIZAN_ERROR_CANCELLED;
    }
    call->emitted++;
    note_output(call, "", record);
    return MIZAN_OK;
}

static int32_t bench_http(struct mizan_task *task,
                          const struct mizan_http_request *request,
                          struct mizan_http_response *response)
{
    struct mz_bench_call *call = task->context;
    const char *media_type = NULL;
    struct mizan_http_response answer = {.size = response->size};
    if (is_refused(call, MZ_SERVICE_HTTP)) {
        return call->status;
    }
    if (atomic_load(&call->cancel) != 0) {
        return MIZAN_ERROR_CANCELLED;
    }
    answer.status = 200;
    answer.url = answer.final_url = mz_arena_string(call->arena, request->url);
    answer.body = mz_sample_answer(request->url, &media_type);
    answer.media_type = (struct mizan_slice){media_type, strlen(media_type)};
    answer.charset = (struct mizan_slice){"utf-8", 5};
    answer.etag = (struct mizan_slice){"\"1\"", 3};
    answer.fetched_at = STANDING_TIME;
    if (answer.url == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    memcpy(response, &answer,
           response->size < sizeof answer ? response->size : sizeof answer);
    return MIZAN_OK;
}

static int32_t bench_unchanged(struct mizan_task *task, const char *url)
{
    (void)task;
    (void)url;
    return MIZAN_OK;
}

static int32_t bench_validators(struct mizan_task *task,
                                const struct mizan_http_response *response)
{
    (void)task;
    (void)response;
    return MIZAN_OK;
}

static int32_t bench_state_get(struct mizan_task *task, const char *key,
                               struct mizan_slice *out)
{
    struct mz_bench_call *call = task->context;
    memset(out, 0, sizeof *out);
    if (is_refused(call, MZ_SERVICE_STATE)) {
        return call->status;
    }
    const struct mizan_slice *value = mz_map_get(call->state, key, strlen(key));
    if (value == NULL) {
        return MIZAN_ERROR_NOT_FOUND;
    }
    *out = *value;
    return MIZAN_OK;
}

static int32_t bench_state_set(struct mizan_task *task, const char *key,
                               struct mizan_slice value)
{
    struct mz_bench_call *call = task->context;
    if (is_refused(call, MZ_SERVICE_STATE)) {
        return call->status;
    }
    struct mizan_slice *kept = mz_arena_zero(call->arena, sizeof *kept);
    if (kept != NULL) {
        kept->data = mz_arena_copy(call->arena, value.data, value.size);
        kept->size = value.size;
    }
    if (kept == NULL || kept->data == NULL ||
        !mz_map_set(call->state, key, strlen(key), kept, NULL)) {
        return MIZAN_ERROR_MEMORY;
    }
    return MIZAN_OK;
}

static int32_t bench_secret(struct mizan_task *task, const char *name,
                            struct mizan_slice *out)
{
    struct mz_bench_call *call = task->context;
    (void)name;
    memset(out, 0, sizeof *out);
    if (is_refused(call, MZ_SERVICE_SECRET)) {
        return call->status;
    }
    *out = (struct mizan_slice){"check", 5};
    return MIZAN_OK;
}

static int32_t bench_upsert(struct mizan_task *task, const char *table,
                            const struct mizan_record *record)
{
    struct mz_bench_call *call = task->context;
    if (is_refused(call, MZ_SERVICE_DB)) {
        return call->status;
    }
    call->written++;
    note_output(call, table, record);
    return MIZAN_OK;
}

static int32_t bench_query(struct mizan_task *task, const char *name,
                           const struct mizan_value *arguments,
                           struct mizan_value *rows)
{
    struct mz_bench_call *call = task->context;
    (void)name;
    (void)arguments;
    memset(rows, 0, sizeof *rows);
    rows->type = MIZAN_LIST;
    return is_refused(call, MZ_SERVICE_DB) ? call->status : MIZAN_OK;
}

static void bench_count(struct mizan_task *task, const char *name, int64_t delta)
{
    struct mz_bench_call *call = task->context;
    (void)name;
    (void)delta;
    call->counted++;
}

static const struct mz_services fetch_services = {.emit = bench_emit,
                                                  .http = bench_http,
                                                  .unchanged = bench_unchanged,
                                                  .keep_validators = bench_validators,
                                                  .state_get = bench_state_get,
                                                  .state_set = bench_state_set,
                                                  .secret = bench_secret,
                                                  .count = bench_count};
static const struct mz_services extract_services = {.emit = bench_emit,
                                                    .state_get = bench_state_get,
                                                    .state_set = bench_state_set,
                                                    .secret = bench_secret,
                                                    .count = bench_count};
static const struct mz_services home_services = {.db_upsert = bench_upsert,
                                                 .db_query = bench_query,
                                                 .secret = bench_secret,
                                                 .count = bench_count};
static const struct mz_services outside_services = {.secret = bench_secret,
                                                    .count = bench_count};

static const struct mz_services *services_of(const struct mizan_plugin *plugin)
{
    if (plugin->kind == MIZAN_KIND_FETCH) {
        return &fetch_services;
    }
    if (plugin->kind == MIZAN_KIND_EXTRACT) {
        return &extract_services;
    }
    return (plugin->flags & MIZAN_PLUGIN_HOME_STORE) != 0 ? &home_services
                                                          : &outside_services;
}

/* ---- calls ---- */

void mz_bench_call_init(struct mz_bench_call *call)
{
    call->arena = mz_arena_create(CALL_CEILING);
    call->state = mz_map_create();
    mz_buffer_init(&call->out, OUTPUT_CEILING);
}

void mz_bench_call_finish(struct mz_bench_call *call)
{
    mz_arena_destroy(call->arena);
    mz_map_destroy(call->state, NULL);
    mz_buffer_finish(&call->out);
}

/* Half of what the check has, so that a plugin that heeds it ends by itself. */
static int64_t call_limit(const struct mz_bench *bench)
{
    int64_t half = bench->settings->limit / 2;
    return half > 0 && half < CALL_LIMIT ? half : CALL_LIMIT;
}

static void begin(struct mz_bench *bench, struct mz_bench_call *call,
                  const char *function)
{
    char what[MZ_PLUGIN_LABEL + 8];
    call->error.code = MZ_OK;
    call->error.message[0] = '\0';
    call->task =
        (struct mizan_task){.services = services_of(bench->descriptor),
                            .context = call,
                            .arena = call->arena,
                            .stage = "check",
                            .record = "https://example.org/one.html",
                            .folder = bench->plugin->folder,
                            .plugin = bench->plugin->label,
                            .deadline = mz_clock_monotonic() + call_limit(bench),
                            .cancel = &call->cancel,
                            .error = &call->error};
    snprintf(what, sizeof what, "plugin %s", bench->plugin->label);
    mz_activity_begin(what, function, NULL, NULL, 0);
    if (call->failing == MZ_SERVICE_MEMORY) {
        mz_arena_refuse(call->arena, call->nth, call->onward);
    }
}

static int32_t end(struct mz_bench_call *call, int32_t status)
{
    mz_activity_end();
    if (call->failing == MZ_SERVICE_MEMORY) {
        call->asked[MZ_SERVICE_MEMORY] += mz_arena_asked(call->arena);
        call->refused = call->refused || call->asked[MZ_SERVICE_MEMORY] >= call->nth;
    }
    mz_arena_refuse(call->arena, 0, false);
    return status;
}

int32_t mz_bench_try_open(struct mz_bench *bench, struct mz_bench_call *call,
                          void **instance)
{
    *instance = NULL;
    begin(bench, call, "open");
    return end(call, bench->descriptor->open(mz_host_table(), &call->task,
                                             bench->options, instance));
}

void mz_bench_close(struct mz_bench *bench, void *instance)
{
    char what[MZ_PLUGIN_LABEL + 8];
    snprintf(what, sizeof what, "plugin %s", bench->plugin->label);
    mz_activity_begin(what, "close", NULL, NULL, 0);
    bench->descriptor->close(instance);
    mz_activity_end();
}

static int32_t give(struct mz_bench *bench, struct mz_bench_call *call, void *instance,
                    struct mizan_record *record)
{
    const struct mizan_plugin *plugin = bench->descriptor;
    if (plugin->kind == MIZAN_KIND_FETCH) {
        begin(bench, call, "fetch");
        return end(call, plugin->fetch(instance, &call->task, record));
    }
    if (plugin->kind == MIZAN_KIND_EXTRACT) {
        begin(bench, call, "extract");
        return end(call, plugin->extract(instance, &call->task, record));
    }
    begin(bench, call, "store");
    return end(call, plugin->store(instance, &call->task, record));
}

/* One record of each type that is wanted. */
static int32_t give_all(struct mz_bench *bench, struct mz_bench_call *call,
                        void *instance, enum mz_sample sample)
{
    static const char *const any[] = {"document", "figure", "row", NULL};
    static const char *const source[] = {"source", NULL};
    const char *const *types = bench->descriptor->consumes;
    int32_t status = MIZAN_OK;
    if (bench->descriptor->kind == MIZAN_KIND_FETCH) {
        types = source;
    } else if (types == NULL) {
        types = any;
    }
    for (; *types != NULL && status == MIZAN_OK; types++) {
        if (sample == MZ_SAMPLE_HUGE && atomic_load(&call->cancel) != 0) {
            return MIZAN_ERROR_CANCELLED;
        }
        struct mizan_record *record = mz_sample_record(call, *types, sample);
        if (record == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        status = give(bench, call, instance, record);
    }
    return status;
}

static void discard(struct mz_bench *bench, struct mz_bench_call *call, void *instance)
{
    if (bench->descriptor->discard_unit != NULL) {
        begin(bench, call, "discard_unit");
        bench->descriptor->discard_unit(instance, &call->task);
        end(call, MIZAN_OK);
    }
}

int32_t mz_bench_work(struct mz_bench *bench, struct mz_bench_call *call,
                      void *instance, enum mz_sample sample)
{
    int32_t status = give_all(bench, call, instance, sample);
    if (bench->descriptor->kind != MIZAN_KIND_STORE) {
        return status;
    }
    if (status == MIZAN_OK && bench->descriptor->finish_unit != NULL) {
        begin(bench, call, "finish_unit");
        status = end(call, bench->descriptor->finish_unit(instance, &call->task));
    }
    if (status != MIZAN_OK) {
        struct mz_error why = call->error;
        discard(bench, call, instance);
        call->error = why;
    }
    return status;
}

int32_t mz_bench_discard(struct mz_bench *bench, struct mz_bench_call *call,
                         void *instance)
{
    int32_t status = give_all(bench, call, instance, MZ_SAMPLE_ORDINARY);
    discard(bench, call, instance);
    return status;
}

int32_t mz_bench_ordinary(struct mz_bench *bench, void *instance,
                          struct mz_bench_call *call, char digest[MZ_DIGEST_TEXT])
{
    mz_bench_call_init(call);
    int32_t status = mz_bench_work(bench, call, instance, MZ_SAMPLE_ORDINARY);
    mz_digest(call->out.data == NULL ? "" : call->out.data, call->out.size, digest);
    mz_bench_call_finish(call);
    return status;
}

/* ---- the plugin ---- */

/* Whether it opens with what is required alone; else addresses and paths are given. */
static bool needs_more_options(struct mz_bench *bench)
{
    struct mz_bench_call call = {0};
    void *instance = NULL;
    mz_bench_call_init(&call);
    int32_t status = mz_bench_try_open(bench, &call, &instance);
    if (status == MIZAN_OK) {
        mz_bench_close(bench, instance);
    }
    mz_bench_call_finish(&call);
    return status == MIZAN_ERROR_OPTION;
}

/* The path that options are given: a text to read, or for stores a file that they make.
 */
static bool choose_path(struct mz_bench *bench)
{
    static const char text[] = "At least 1,200 tanks were delivered.\n";
    bool store = bench->descriptor->kind == MIZAN_KIND_STORE;
    struct mz_error error;
    return mz_path_join(bench->input, bench->settings->scratch,
                        store ? "output" : "input.txt") &&
           (store || mz_file_exists(bench->input) ||
            mz_file_write(bench->input, text, sizeof text - 1, &error) == MZ_OK);
}

bool mz_bench_init(struct mz_bench *bench,
                   const struct mz_conformance_settings *settings,
                   struct mz_finding *finding)
{
    struct mz_error error;
    memset(bench, 0, sizeof *bench);
    bench->settings = settings;
    bench->finding = finding;
    mz_clock_set(STANDING_TIME);
    mz_log_setup(MZ_LOG_ERROR, MZ_LOG_LOGFMT);
    mz_surroundings_note(&bench->settings_before);
    mz_process_note(&bench->process_before);
    bench->registry = mz_registry_create(NULL, 0);
    bench->arena = mz_arena_create(OPTIONS_CEILING);
    if (bench->registry == NULL || bench->arena == NULL) {
        return mz_check_skip(bench, "there is no memory");
    }
    if (mz_plugin_load(bench->registry, settings->path, &bench->plugin, &error) !=
        MZ_OK) {
        return mz_check_skip(bench, "the plugin is refused");
    }
    bench->descriptor = &bench->plugin->descriptor;
    if (!choose_path(bench)) {
        return mz_check_skip(bench, "there is no scratch folder");
    }
    if (mz_sample_options(bench, false, &error) != MZ_OK) {
        return mz_check_skip(bench, "no options were found that it takes: %s",
                             error.message);
    }
    if (needs_more_options(bench) && mz_sample_options(bench, true, &error) != MZ_OK) {
        return mz_check_skip(bench, "no options were found that it takes: %s",
                             error.message);
    }
    return true;
}

bool mz_bench_open(struct mz_bench *bench, void **instance)
{
    struct mz_bench_call call = {0};
    mz_bench_call_init(&call);
    int32_t status = mz_bench_try_open(bench, &call, instance);
    mz_bench_call_finish(&call);
    return status == MIZAN_OK || mz_check_skip(bench, "it does not open");
}
