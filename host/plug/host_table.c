/* The services that plugins see. Memory, records, options, log and clock are answered
 * here; what needs a run is passed on to the services of the task. Plugins are
 * strangers' code: arguments are checked where a slip is likely. */
#include "plug/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/cassette.h"
#include "plug/internal.h"
#include "value/digest.h"
#include "value/record.h"

#define MZ_OBSERVED_NAME 100 /* bytes of an observation's name, with its NUL */

/* ---- memory ---- */

static void *host_alloc(mizan_task *task, size_t size)
{
    return mz_arena_alloc(task->arena, size);
}

static uint64_t host_arena_mark(mizan_task *task)
{
    return mz_arena_mark(task->arena);
}

static void host_arena_release(mizan_task *task, uint64_t mark)
{
    mz_arena_release(task->arena, mark);
}

/* ---- messages ---- */

static int32_t host_fail(mizan_task *task, int32_t status, const char *format, ...)
    MIZAN_PRINTF(3, 4);
static int32_t host_fail(mizan_task *task, int32_t status, const char *format, ...)
{
    char sentence[MZ_SENTENCE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (status >= 0) {
        status = MIZAN_ERROR_FAILED; /* a failure cannot be a success */
    }
    const char *plugin = task->plugin == NULL ? "" : task->plugin;
    mz_fail(task->error, mz_status_code(status), "%s%s%s", plugin,
            plugin[0] == '\0' ? "" : ": ", sentence);
    return status;
}

static void host_log(mizan_task *task, int32_t level, const char *format, ...)
    MIZAN_PRINTF(3, 4);
static void host_log(mizan_task *task, int32_t level, const char *format, ...)
{
    static const char *const keys[] = {"plugin", "stage", "record"};
    const char *const values[] = {task->plugin, task->stage, task->record};
    char sentence[MZ_SENTENCE];
    char fields[MZ_SENTENCE];
    char quoted[600];
    size_t used = 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    fields[0] = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (values[i] == NULL) {
            continue;
        }
        int wrote = snprintf(fields + used, sizeof fields - used, "%s%s=%s",
                             used == 0 ? "" : " ", keys[i],
                             mz_log_quote(quoted, sizeof quoted, values[i]));
        if (wrote < 0 || (size_t)wrote >= sizeof fields - used) {
            fields[used] = '\0';
            break;
        }
        used += (size_t)wrote;
    }
    enum mz_log_level at = MZ_LOG_ERROR;
    if (level <= MIZAN_LOG_DEBUG) {
        at = MZ_LOG_DEBUG;
    } else if (level == MIZAN_LOG_INFO) {
        at = MZ_LOG_INFO;
    } else if (level == MIZAN_LOG_WARNING) {
        at = MZ_LOG_WARNING;
    }
    mz_log(at, used == 0 ? NULL : fields, "%s", sentence);
}

static void host_count(mizan_task *task, const char *name, int64_t delta)
{
    if (task->services == NULL || task->services->count == NULL || name == NULL ||
        name[0] == '\0' || name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] != '\0') {
        return;
    }
    task->services->count(task, name, delta);
}

/* ---- time ---- */

static int64_t host_now(mizan_task *task)
{
    (void)task;
    return mz_clock_now();
}

static int64_t host_remaining(mizan_task *task)
{
    if (task->deadline == 0) {
        return INT64_MAX;
    }
    int64_t left = task->deadline - mz_clock_monotonic();
    return left > 0 ? left : 0;
}

static int32_t host_cancelled(mizan_task *task)
{
    if (task->cancel != NULL && atomic_load(task->cancel) != 0) {
        return 1;
    }
    return host_remaining(task) == 0;
}

/* ---- what belongs to the stage ---- */

static const char *host_plugin_folder(mizan_task *task)
{
    return task->folder == NULL ? "" : task->folder;
}

static int32_t host_option(const mizan_options *options, const char *name,
                           struct mizan_value *out)
{
    const struct mizan_value *value = options == NULL ? NULL : mz_option(options, name);
    *out = value == NULL ? mz_nil() : *value;
    return MIZAN_OK;
}

/* ---- records ---- */

static mizan_record *host_record_new(mizan_task *task, const char *type)
{
    return type == NULL ? NULL : mz_record_create(task->arena, type);
}

static int32_t host_record_set(mizan_record *record, const char *name,
                               const struct mizan_value *value)
{
    struct mizan_value nil = mz_nil();
    if (record == NULL || name == NULL || name[0] == '\0') {
        return MIZAN_ERROR_FAILED;
    }
    if (value != NULL && value->type > MIZAN_MAP) {
        return MIZAN_ERROR_FAILED;
    }
    return mz_record_put(record, name, value == NULL ? &nil : value);
}

static int32_t host_record_get(const mizan_record *record, const char *name,
                               struct mizan_value *out)
{
    const struct mizan_value *value =
        record == NULL || name == NULL ? NULL : mz_record_find(record, name);
    *out = value == NULL ? mz_nil() : *value;
    return value != NULL;
}

static void host_record_field(const mizan_record *record, size_t index,
                              struct mizan_field *out)
{
    const struct mz_name *name = NULL;
    memset(out, 0, sizeof *out);
    if (index >= mz_record_count(record)) {
        return;
    }
    const struct mizan_value *value = mz_record_field(record, index, &name);
    out->name = (struct mizan_slice){mz_name_text(name), mz_name_size(name)};
    out->value = *value;
}

static int32_t host_record_set_locator(mizan_record *record,
                                       const struct mizan_locator *locator)
{
    static const struct mizan_locator none = {.kind = MIZAN_LOCATOR_NONE};
    if (record == NULL || (locator != NULL && locator->kind > MIZAN_LOCATOR_POINTER)) {
        return MIZAN_ERROR_FAILED;
    }
    mz_record_set_locator(record, locator == NULL ? &none : locator);
    return MIZAN_OK;
}

static void host_record_locator(const mizan_record *record, struct mizan_locator *out)
{
    *out = mz_record_locator(record);
}

/* ---- services of whoever made the task ---- */

static int32_t no_service(mizan_task *task, const char *name)
{
    return host_fail(task, MIZAN_ERROR_UNSUPPORTED,
                     "asked the host for %s, which is not to be had here", name);
}

/* Defines host_NAME, which passes the call on when the task has that service. */
#define PASS_ON(name, parameters, arguments)                                           \
    static int32_t host_##name parameters                                              \
    {                                                                                  \
        if (task->services == NULL || task->services->name == NULL) {                  \
            return no_service(task, #name);                                            \
        }                                                                              \
        return task->services->name arguments;                                         \
    }

PASS_ON(emit, (mizan_task * task, mizan_record *record), (task, record))
PASS_ON(http,
        (mizan_task * task, const struct mizan_http_request *request,
         struct mizan_http_response *response),
        (task, request, response))
PASS_ON(unchanged, (mizan_task * task, const char *url), (task, url))
PASS_ON(keep_validators,
        (mizan_task * task, const struct mizan_http_response *response),
        (task, response))
PASS_ON(state_get, (mizan_task * task, const char *key, struct mizan_slice *out),
        (task, key, out))
PASS_ON(state_set, (mizan_task * task, const char *key, struct mizan_slice value),
        (task, key, value))
PASS_ON(secret, (mizan_task * task, const char *name, struct mizan_slice *out),
        (task, name, out))
PASS_ON(db_upsert, (mizan_task * task, const char *table, const mizan_record *record),
        (task, table, record))
PASS_ON(db_query,
        (mizan_task * task, const char *name, const struct mizan_value *arguments,
         struct mizan_value *rows),
        (task, name, arguments, rows))

static int32_t host_hash_id(const struct mizan_slice *parts, size_t count, char *out)
{
    if (parts == NULL || count == 0 || out == NULL) {
        return MIZAN_ERROR_FAILED;
    }
    mz_hash_id(parts, count, out);
    return MIZAN_OK;
}

static const char *host_failure(mizan_task *task)
{
    return task->error == NULL ? "" : task->error->message;
}

/* ---- since 1.1 ---- */

static int32_t host_feature(const char *name)
{
    static const char *const features[] = {
        "memory",  "log",   "metrics",  "clock",    "deadline", "secrets",
        "options", "state", "records",  "locators", "emit",     "http",
        "db",      "ids",   "features", "parts",    "rejects",  "slices"};
    if (name != NULL && strcmp(name, "trial") == 0) {
        return mz_cassette_in_place();
    }
    for (size_t i = 0; name != NULL && i < sizeof features / sizeof features[0]; i++) {
        if (strcmp(features[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

static int64_t host_monotonic(mizan_task *task)
{
    (void)task;
    return mz_clock_monotonic();
}

static void host_observe(mizan_task *task, const char *name, int64_t value)
{
    char counter[MZ_OBSERVED_NAME + sizeof "_count"];
    if (name == NULL || strnlen(name, MZ_OBSERVED_NAME) == MZ_OBSERVED_NAME) {
        return;
    }
    snprintf(counter, sizeof counter, "%s_count", name);
    host_count(task, counter, 1);
    snprintf(counter, sizeof counter, "%s_sum", name);
    host_count(task, counter, value);
}

/* ---- since 1.2 ---- */

static const mizan_name *host_name(const char *text, size_t size)
{
    return text == NULL && size > 0 ? NULL : mz_name_intern(text, size);
}

static mizan_record *host_record_of(mizan_task *task, const struct mizan_parts *parts)
{
    return parts == NULL || parts->size < sizeof *parts || parts->type == NULL ||
                   parts->locator.kind > MIZAN_LOCATOR_POINTER
               ? NULL
               : mz_record_of(task->arena, parts);
}

static int32_t host_record_source(const mizan_record *record,
                                  struct mizan_slice *source, size_t *count)
{
    return mz_record_source(record, source, count);
}

static int32_t host_reject(mizan_task *task, const mizan_record *record,
                           const char *format, ...) MIZAN_PRINTF(3, 4);
static int32_t host_reject(mizan_task *task, const mizan_record *record,
                           const char *format, ...)
{
    char sentence[MZ_SENTENCE];
    va_list arguments;
    if (task->services == NULL || task->services->reject == NULL) {
        return no_service(task, "reject");
    }
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return task->services->reject(task, record, sentence);
}

PASS_ON(body_read,
        (mizan_task * task, uint64_t offset, void *out, size_t size, size_t *got),
        (task, offset, out, size, got))
PASS_ON(slice_begin, (mizan_task * task, struct mizan_cursor *cursor), (task, cursor))
PASS_ON(slice_end, (mizan_task * task, const struct mizan_cursor *next), (task, next))

static const struct mizan_host table = {
    .size = sizeof table,
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = MIZAN_ABI_MINOR,
    .host_version = MIZAN_VERSION,
    .alloc = host_alloc,
    .arena_mark = host_arena_mark,
    .arena_release = host_arena_release,
    .fail = host_fail,
    .log = host_log,
    .count = host_count,
    .now = host_now,
    .remaining = host_remaining,
    .cancelled = host_cancelled,
    .plugin_folder = host_plugin_folder,
    .secret = host_secret,
    .option = host_option,
    .state_get = host_state_get,
    .state_set = host_state_set,
    .record_new = host_record_new,
    .record_type = mz_record_type,
    .record_set = host_record_set,
    .record_get = host_record_get,
    .record_count = mz_record_count,
    .record_field = host_record_field,
    .record_set_locator = host_record_set_locator,
    .record_locator = host_record_locator,
    .emit = host_emit,
    .http = host_http,
    .unchanged = host_unchanged,
    .keep_validators = host_keep_validators,
    .db_upsert = host_db_upsert,
    .db_query = host_db_query,
    .hash_id = host_hash_id,
    .failure = host_failure,
    .feature = host_feature,
    .monotonic = host_monotonic,
    .observe = host_observe,
    .name = host_name,
    .record_of = host_record_of,
    .record_source = host_record_source,
    .reject = host_reject,
    .body_read = host_body_read,
    .slice_begin = host_slice_begin,
    .slice_end = host_slice_end,
};

const struct mizan_host *mz_host_table(void)
{
    return &table;
}
