#include "fake_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MOST 20000

struct fake_state {
    char key[64];
    struct mizan_slice value; /* malloc'ed */
};

/* ---- the table ---- */

static void *host_alloc(mizan_task *task, size_t size)
{
    return fake_alloc(&task->arena, size);
}

static uint64_t host_mark(mizan_task *task)
{
    return fake_mark(&task->arena);
}

static void host_release(mizan_task *task, uint64_t mark)
{
    fake_release(&task->arena, mark);
}

MIZAN_PRINTF(3, 4)
static int32_t host_fail(mizan_task *task, int32_t status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(task->failure, sizeof task->failure, format, arguments);
    va_end(arguments);
    return status;
}

MIZAN_PRINTF(3, 4)
static void host_log(mizan_task *task, int32_t level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    task->warnings += level == MIZAN_LOG_WARNING ? 1 : 0;
}

static void host_count(mizan_task *task, const char *name, int64_t delta)
{
    if (strcmp(name, "failed_items") == 0) {
        task->failed_items += delta;
    } else if (strcmp(name, "gone_items") == 0) {
        task->gone_items += delta;
    } else if (strcmp(name, "old_items") == 0) {
        task->old_items += delta;
    } else if (strcmp(name, "postponed_items") == 0) {
        task->postponed_items += delta;
    } else if (strcmp(name, "forgotten_items") == 0) {
        task->forgotten_items += delta;
    } else if (strcmp(name, "cut_items") == 0) {
        task->cut_items += delta;
    } else {
        abort();
    }
}

static int64_t host_now(mizan_task *task)
{
    return task->now;
}

static int64_t host_remaining(mizan_task *task)
{
    (void)task;
    return INT64_MAX;
}

static int32_t host_cancelled(mizan_task *task)
{
    return task->cancelled ? 1 : 0;
}

/* `options` is the task itself: the only test-side thing at hand. */
static int32_t host_option(const mizan_options *options, const char *name,
                           struct mizan_value *out)
{
    const mizan_task *task = (const mizan_task *)(const void *)options;
    *out = (struct mizan_value){.type = MIZAN_NIL};
    for (size_t i = 0; i < task->option_count; i++) {
        if (strcmp(task->options[i].name, name) == 0) {
            *out = task->options[i].value;
        }
    }
    return MIZAN_OK;
}

static struct fake_state *find_state(struct fake_state *states, size_t count,
                                     const char *key)
{
    for (size_t i = count; i > 0; i--) {
        if (strcmp(states[i - 1].key, key) == 0) {
            return &states[i - 1];
        }
    }
    return NULL;
}

static int32_t host_state_get(mizan_task *task, const char *key,
                              struct mizan_slice *out)
{
    struct fake_state *found = find_state(task->pending, task->pending_count, key);
    if (found == NULL) {
        found = find_state(task->committed, task->committed_count, key);
    }
    if (found == NULL || found->value.data == NULL) {
        return MIZAN_ERROR_NOT_FOUND;
    }
    char *copy = fake_alloc(&task->arena, found->value.size + 1);
    memcpy(copy, found->value.data, found->value.size);
    *out = (struct mizan_slice){.data = copy, .size = found->value.size};
    return MIZAN_OK;
}

static void add_state(struct fake_state **states, size_t *count, const char *key,
                      struct mizan_slice value)
{
    struct fake_state *known = find_state(*states, *count, key);
    if (*states == NULL) {
        *states = calloc(STATES_MOST, sizeof **states);
    }
    char *copy = malloc(value.size + 1);
    if (*states == NULL || copy == NULL || *count == STATES_MOST || strlen(key) > 63) {
        abort();
    }
    if (value.size > 0) {
        memcpy(copy, value.data, value.size);
    }
    if (known != NULL) {
        free((void *)(uintptr_t)known->value.data);
    } else {
        known = &(*states)[(*count)++];
        (void)snprintf(known->key, sizeof known->key, "%s", key);
    }
    if (value.data == NULL) {
        free(copy); /* forgotten */
        copy = NULL;
    }
    known->value = (struct mizan_slice){.data = copy, .size = value.size};
}

static void forget_pending(mizan_task *task)
{
    for (size_t i = 0; i < task->pending_count; i++) {
        free((void *)(uintptr_t)task->pending[i].value.data);
    }
    task->pending_count = 0;
}

static void commit(mizan_task *task)
{
    for (size_t i = 0; i < task->pending_count; i++) {
        add_state(&task->committed, &task->committed_count, task->pending[i].key,
                  task->pending[i].value);
    }
    forget_pending(task);
}

static int32_t host_state_set(mizan_task *task, const char *key,
                              struct mizan_slice value)
{
    add_state(&task->pending, &task->pending_count, key, value);
    return MIZAN_OK;
}

static mizan_record *host_record_new(mizan_task *task, const char *type)
{
    return fake_record_new(&task->arena, type);
}

static void note(char list[FAKE_MOST][256], size_t *count, const char *text,
                 const char *more)
{
    if (*count < FAKE_MOST) {
        (void)snprintf(list[*count], 256, "%s%s", text, more);
    }
    (*count)++;
}

static int32_t host_emit(mizan_task *task, mizan_record *record)
{
    if (task->emit_limit > 0 && task->document_count + 1 >= task->emit_limit) {
        return MIZAN_ERROR_CANCELLED;
    }
    if (task->document_count < FAKE_MOST) {
        task->documents[task->document_count] = fake_record_copy(&task->keep, record);
    }
    task->document_count++;
    commit(task);
    if (fake_text(record, "etag") != NULL ||
        fake_text(record, "last_modified") != NULL) {
        note(task->validators, &task->validator_count, fake_text(record, "url"), "");
    }
    return MIZAN_OK;
}

static bool is_kept(const mizan_task *task, const char *url)
{
    for (size_t i = 0; i < task->validator_count && i < FAKE_MOST; i++) {
        if (strcmp(task->validators[i], url) == 0) {
            return true;
        }
    }
    return false;
}

static struct mizan_slice arena_slice(mizan_task *task, const char *text, size_t size)
{
    size = text != NULL && size == 0 ? strlen(text) : size;
    char *copy = fake_alloc(&task->arena, size + 1);
    if (size > 0) {
        memcpy(copy, text, size);
    }
    copy[size] = '\0';
    return (struct mizan_slice){.data = copy, .size = size};
}

/* As the host does: the validators of an address are sent when they are stored, and a
 * scripted 304 is an answer only to a request that sent some. */
static int32_t host_http(mizan_task *task, const struct mizan_http_request *request,
                         struct mizan_http_response *response)
{
    bool conditional =
        (request->flags & MIZAN_HTTP_CONDITIONAL) != 0 && is_kept(task, request->url);
    note(task->requests, &task->request_count, request->url,
         conditional ? " conditional" : "");
    for (size_t i = 0; i < task->answer_count; i++) {
        const struct fake_answer *answer = &task->answers[i];
        if (strcmp(answer->url, request->url) != 0 ||
            (answer->status == 304 && !conditional)) {
            continue;
        }
        if (answer->failure != MIZAN_OK) {
            return host_fail(task, answer->failure, "%s: scripted", request->url);
        }
        response->status = answer->status == 0 ? 200 : answer->status;
        response->url = arena_slice(task, request->url, 0).data;
        response->final_url =
            arena_slice(task,
                        answer->final_url == NULL ? request->url : answer->final_url, 0)
                .data;
        response->body = arena_slice(task, answer->body, answer->body_size);
        response->media_type = arena_slice(task, answer->media_type, 0);
        response->charset = arena_slice(task, answer->charset, 0);
        response->etag = arena_slice(task, answer->etag, 0);
        response->last_modified = arena_slice(task, answer->last_modified, 0);
        response->fetched_at = task->now;
        return MIZAN_OK;
    }
    return host_fail(task, MIZAN_ERROR_NOT_FOUND, "%s: status 404", request->url);
}

static int32_t host_unchanged(mizan_task *task, const char *url)
{
    note(task->unchanged, &task->unchanged_count, url, "");
    return MIZAN_OK;
}

static int32_t host_keep_validators(mizan_task *task,
                                    const struct mizan_http_response *response)
{
    note(task->kept, &task->kept_count, response->url, "");
    return MIZAN_OK;
}

/* Not SHA-256, but as good for telling a few texts apart. */
static int32_t host_hash_id(const struct mizan_slice *parts, size_t count, char *out)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j <= parts[i].size; j++) {
            unsigned char byte =
                j == parts[i].size ? 0x1f : (unsigned char)parts[i].data[j];
            hash = (hash ^ byte) * UINT64_C(1099511628211);
        }
    }
    (void)snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash,
                   (unsigned long long)(hash * UINT64_C(0x9e3779b97f4a7c15)));
    return MIZAN_OK;
}

static const char *host_failure(mizan_task *task)
{
    (void)task;
    return "the fake host says no";
}

static const struct mizan_host table = {
    .size = sizeof table,
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = MIZAN_ABI_MINOR,
    .host_version = "test",
    .alloc = host_alloc,
    .arena_mark = host_mark,
    .arena_release = host_release,
    .fail = host_fail,
    .log = host_log,
    .count = host_count,
    .now = host_now,
    .remaining = host_remaining,
    .cancelled = host_cancelled,
    .option = host_option,
    .state_get = host_state_get,
    .state_set = host_state_set,
    .record_new = host_record_new,
    .record_type = fake_record_type,
    .record_set = fake_record_set,
    .record_get = fake_record_get,
    .emit = host_emit,
    .http = host_http,
    .unchanged = host_unchanged,
    .keep_validators = host_keep_validators,
    .hash_id = host_hash_id,
    .failure = host_failure,
};

const struct mizan_host *fake_host(void)
{
    return &table;
}

/* ---- what tests call ---- */

void *fake_open(mizan_task *task, int32_t *status)
{
    void *instance = NULL;
    *status = mizan_plugin_v1.open(
        &table, task, (const mizan_options *)(const void *)task, &instance);
    return instance;
}

int32_t fake_fetch(mizan_task *task, void *instance, const mizan_record *source)
{
    task->document_count = task->unchanged_count = task->request_count = 0;
    task->failed_items = task->gone_items = task->old_items = task->postponed_items = 0;
    task->warnings = 0;
    task->failure[0] = '\0';
    task->kept_count = 0;
    uint64_t mark = fake_mark(&task->arena);
    int32_t status = mizan_plugin_v1.fetch(instance, task, source);
    fake_release(&task->arena, mark);
    if (status == MIZAN_OK) {
        commit(task);
        for (size_t i = 0; i < task->kept_count; i++) {
            note(task->validators, &task->validator_count, task->kept[i], "");
        }
    } else {
        forget_pending(task);
        task->kept_count = 0;
    }
    return status;
}

void fake_finish(mizan_task *task)
{
    forget_pending(task);
    for (size_t i = 0; i < task->committed_count; i++) {
        free((void *)(uintptr_t)task->committed[i].value.data);
    }
    free(task->pending);
    free(task->committed);
    fake_release(&task->arena, 0);
    fake_release(&task->keep, 0);
    memset(task, 0, sizeof *task);
}

mizan_record *fake_record(mizan_task *task, const char *type, ...)
{
    mizan_record *record = fake_record_new(&task->keep, type);
    va_list arguments;
    va_start(arguments, type);
    for (const char *name = va_arg(arguments, const char *); name != NULL;
         name = va_arg(arguments, const char *)) {
        struct mizan_value value = fake_text_value(va_arg(arguments, const char *));
        (void)fake_record_set(record, name, &value);
    }
    va_end(arguments);
    return record;
}

struct mizan_value fake_text_value(const char *text)
{
    return (struct mizan_value){.type = MIZAN_TEXT,
                                .as.text = {.data = text, .size = strlen(text)}};
}

struct mizan_value fake_integer_value(int64_t integer)
{
    return (struct mizan_value){.type = MIZAN_INTEGER, .as.integer = integer};
}

struct mizan_value fake_source_value(mizan_task *task, const char *id, const char *url)
{
    struct mizan_field *fields = fake_alloc(&task->keep, 2 * sizeof *fields);
    struct mizan_value *item = fake_alloc(&task->keep, sizeof *item);
    fields[0] = (struct mizan_field){{"id", 2}, fake_text_value(id)};
    fields[1] =
        (struct mizan_field){{"url", 3}, fake_text_value(url == NULL ? "" : url)};
    *item = (struct mizan_value){
        .type = MIZAN_MAP, .as.map = {.fields = fields, .count = url == NULL ? 1 : 2}};
    return (struct mizan_value){.type = MIZAN_LIST,
                                .as.list = {.items = item, .count = 1}};
}

bool fake_has_state(const mizan_task *task, const char *key)
{
    const struct fake_state *state =
        find_state(task->committed, task->committed_count, key);
    return state != NULL && state->value.data != NULL;
}
