/* store.webhook: records as messages of the outbox, written with the unit and sent by
 * `mizan deliver`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webhook.h"

#define UNIT_LIMIT 1000000 /* records */

static void store_close(void *instance)
{
    struct store *store = instance;
    for (size_t i = 0; store->types != NULL && store->types[i] != NULL; i++) {
        free(store->types[i]);
    }
    free(store->types);
    free(store->url);
    free(store->secret);
    free(store->token);
    free(store->records);
    free(store);
}

static int32_t out_of_memory(const struct mizan_host *host, mizan_task *task)
{
    return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
}

struct mizan_slice text_field(const struct mizan_host *host, const mizan_record *record,
                              const char *name)
{
    struct mizan_value value;
    struct mizan_slice none = {NULL, 0};
    return host->record_get(record, name, &value) && value.type == MIZAN_TEXT
               ? value.as.text
               : none;
}

/* ---- options ---- */

static int32_t read_types(struct store *store, mizan_task *task,
                          const struct mizan_value *types)
{
    size_t count = types->type == MIZAN_LIST ? types->as.list.count : 0;
    if (count == 0) {
        return MIZAN_OK;
    }
    store->types = calloc(count + 1, sizeof *store->types);
    for (size_t i = 0; store->types != NULL && i < count; i++) {
        struct mizan_slice type = types->as.list.items[i].as.text;
        store->types[i] = strndup(type.data, type.size);
        if (store->types[i] == NULL) {
            return out_of_memory(store->host, task);
        }
    }
    return store->types != NULL ? MIZAN_OK : out_of_memory(store->host, task);
}

/* Letters, digits, '-' and '_', a letter first: as the host names secrets. */
static bool is_name(const char *text)
{
    size_t size = strlen(text);
    bool letter =
        (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    return letter && size < 64 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-_") == size;
}

/* The text of an option, or NULL in *out when it is not given. */
static int32_t read_text(const struct store *store, mizan_task *task,
                         const mizan_options *options, const char *name, char **out)
{
    struct mizan_value value;
    int32_t status = store->host->option(options, name, &value);
    if (status != MIZAN_OK || value.type != MIZAN_TEXT) {
        return status;
    }
    *out = strndup(value.as.text.data, value.as.text.size);
    return *out != NULL ? MIZAN_OK : out_of_memory(store->host, task);
}

static int32_t read_secret(const struct store *store, mizan_task *task,
                           const mizan_options *options, const char *name, char **out)
{
    int32_t status = read_text(store, task, options, name, out);
    if (status == MIZAN_OK && *out != NULL && !is_name(*out)) {
        return store->host->fail(task, MIZAN_ERROR_OPTION,
                                 "option `%s` is the name of a secret, not the secret: "
                                 "letters, digits, '-' and '_', a letter first",
                                 name);
    }
    return status;
}

static int32_t read_options(struct store *store, mizan_task *task,
                            const mizan_options *options)
{
    const struct mizan_host *host = store->host;
    struct mizan_value types, batch;
    int32_t status = read_text(store, task, options, "url", &store->url);
    if (status == MIZAN_OK) {
        status = read_secret(store, task, options, "secret", &store->secret);
    }
    if (status == MIZAN_OK) {
        status = read_secret(store, task, options, "token", &store->token);
    }
    if (status == MIZAN_OK) {
        status = host->option(options, "types", &types);
    }
    if (status == MIZAN_OK) {
        status = read_types(store, task, &types);
    }
    if (status == MIZAN_OK) {
        status = host->option(options, "batch", &batch);
    }
    if (status == MIZAN_OK && (store->url == NULL || batch.type != MIZAN_INTEGER)) {
        return host->fail(task, MIZAN_ERROR_OPTION, "option `url` is not set");
    }
    store->batch = status == MIZAN_OK ? (size_t)batch.as.integer : 0;
    return status;
}

static int32_t store_open(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return out_of_memory(host, task);
    }
    store->host = host;
    int32_t status = read_options(store, task, options);
    if (status != MIZAN_OK) {
        store_close(store);
        return status;
    }
    *instance = store;
    return MIZAN_OK;
}

/* ---- records ---- */

bool is_wanted(const struct store *store, const char *type)
{
    if (store->types == NULL) {
        return strcmp(type, "document") != 0;
    }
    for (size_t i = 0; store->types[i] != NULL; i++) {
        if (strcmp(store->types[i], type) == 0) {
            return true;
        }
    }
    return false;
}

static int32_t store_record(void *instance, mizan_task *task,
                            const mizan_record *record)
{
    struct store *store = instance;
    const struct mizan_host *host = store->host;
    const char *type = host->record_type(record);
    if (strcmp(type, "figure") != 0 && !is_wanted(store, type)) {
        return MIZAN_OK;
    }
    if (store->count == UNIT_LIMIT) {
        return host->fail(task, MIZAN_ERROR_LIMIT, "a unit has more than %d records",
                          UNIT_LIMIT);
    }
    if (store->count == store->room) {
        size_t room = store->room > 0 ? 2 * store->room : 64;
        const mizan_record **records =
            realloc(store->records, room * sizeof *store->records);
        if (records == NULL) {
            return out_of_memory(host, task);
        }
        store->records = records;
        store->room = room;
    }
    store->records[store->count++] = record;
    return MIZAN_OK;
}

static int32_t store_finish_unit(void *instance, mizan_task *task)
{
    struct store *store = instance;
    int32_t status = write_messages(store, task);
    store->count = 0;
    return status;
}

static void store_discard_unit(void *instance, mizan_task *task)
{
    struct store *store = instance;
    (void)task;
    store->count = 0;
}

static const struct mizan_option options[] = {
    {.name = "url",
     .type = MIZAN_OPTION_URL,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "Where messages are posted to."},
    {.name = "types",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Record types to send; without it, all but `document`."},
    {.name = "batch",
     .type = MIZAN_OPTION_INTEGER,
     .default_value = "100",
     .minimum = "1",
     .maximum = "10000",
     .help = "Records of a document in one message; 1: each in its own."},
    {.name = "secret",
     .type = MIZAN_OPTION_TEXT,
     .help = "The name of the secret that messages are signed with (HMAC-SHA256)."},
    {.name = "token",
     .type = MIZAN_OPTION_TEXT,
     .help = "The name of the secret that is sent as `Authorization: Bearer`."},
};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_HOME_STORE,
    .name = "webhook",
    .version = "1",
    .stability = "beta",
    .summary = "Records as messages to a web address, sent by `mizan deliver`.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof(struct mizan_option),
    .open = store_open,
    .close = store_close,
    .store = store_record,
    .finish_unit = store_finish_unit,
    .discard_unit = store_discard_unit,
};
