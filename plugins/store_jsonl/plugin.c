/* store.jsonl: records as lines of JSON in a file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "target.h"

#define ID_SIZE 33

/* How many figures of the unit stood at a span: what their ids need. */
struct span {
    uint64_t key; /* hash of document, extractor and offsets; 0: free */
    int64_t count;
};

struct store {
    const struct mizan_host *host;
    struct target target;
    struct lines lines;
    char **types; /* wanted; NULL-terminated; NULL: all but documents */
    struct span *spans;
    size_t span_count, span_room;
    /* What is known of the type of the last record; names live as long as the host. */
    const char *type;
    bool is_figure, wanted;
};

static void store_close(void *instance)
{
    struct store *store = instance;
    for (size_t i = 0; store->types != NULL && store->types[i] != NULL; i++) {
        free(store->types[i]);
    }
    free(store->types);
    free(store->spans);
    lines_finish(&store->lines);
    target_close(&store->target);
    free(store);
}

static int32_t out_of_memory(const struct mizan_host *host, mizan_task *task)
{
    return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
}

static int32_t read_types(struct store *store, mizan_task *task,
                          const struct mizan_value *types)
{
    if (types->type != MIZAN_LIST || types->as.list.count == 0) {
        return MIZAN_OK;
    }
    size_t count = types->as.list.count;
    store->types = calloc(count + 1, sizeof(*store->types));
    for (size_t i = 0; store->types != NULL && i < count; i++) {
        struct mizan_slice type = types->as.list.items[i].as.text;
        store->types[i] = strndup(type.data, type.size);
        if (store->types[i] == NULL) {
            return out_of_memory(store->host, task);
        }
    }
    return store->types != NULL ? MIZAN_OK : out_of_memory(store->host, task);
}

static int32_t read_options(struct store *store, mizan_task *task,
                            const mizan_options *options)
{
    const struct mizan_host *host = store->host;
    struct mizan_value path, types, append;
    int32_t status = host->option(options, "types", &types);
    if (status == MIZAN_OK) {
        status = read_types(store, task, &types);
    }
    if (status == MIZAN_OK) {
        status = host->option(options, "append", &append);
    }
    if (status == MIZAN_OK) {
        status = host->option(options, "path", &path);
    }
    if (status == MIZAN_OK && (path.type != MIZAN_TEXT || path.as.text.size == 0)) {
        return host->fail(task, MIZAN_ERROR_OPTION, "option `path` is not set");
    }
    if (status == MIZAN_OK) {
        bool keep = append.type != MIZAN_BOOLEAN || append.as.integer != 0;
        status = target_open(host, task, path.as.text, keep, &store->target);
    }
    return status;
}

static int32_t store_open(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return out_of_memory(host, task);
    }
    store->host = host;
    store->target.descriptor = -1;
    int32_t status = read_options(store, task, options);
    if (status != MIZAN_OK) {
        store_close(store);
        return status;
    }
    *instance = store;
    return MIZAN_OK;
}

static bool is_wanted(const struct store *store, const char *type)
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

static struct mizan_slice text_field(const struct store *store,
                                     const mizan_record *record, const char *name)
{
    struct mizan_value value;
    struct mizan_slice none = {NULL, 0};
    return store->host->record_get(record, name, &value) && value.type == MIZAN_TEXT
               ? value.as.text
               : none;
}

static uint64_t hash(uint64_t seed, struct mizan_slice part)
{
    for (size_t i = 0; i < part.size; i++) {
        seed = (seed ^ (unsigned char)part.data[i]) * UINT64_C(1099511628211);
    }
    return (seed ^ 0x1f) * UINT64_C(1099511628211);
}

static struct span *find_span(struct span *spans, size_t room, uint64_t key)
{
    size_t slot = (size_t)(key % room);
    while (spans[slot].key != 0 && spans[slot].key != key) {
        slot = (slot + 1) % room;
    }
    return &spans[slot];
}

/* The place of a span in the table, grown while half full; NULL: out of memory. */
static struct span *span_of(struct store *store, uint64_t key)
{
    if (2 * (store->span_count + 1) > store->span_room) {
        size_t room = store->span_room > 0 ? 2 * store->span_room : 64;
        struct span *spans = calloc(room, sizeof(*spans));
        if (spans == NULL) {
            return NULL;
        }
        for (size_t i = 0; i < store->span_room; i++) {
            if (store->spans[i].key != 0) {
                *find_span(spans, room, store->spans[i].key) = store->spans[i];
            }
        }
        free(store->spans);
        store->spans = spans;
        store->span_room = room;
    }
    struct span *span = find_span(store->spans, store->span_room, key);
    if (span->key == 0) {
        span->key = key;
        store->span_count++;
    }
    return span;
}

/* The id that the home database knows the figure by; "" when the record lacks what it
 * is made of. */
static int32_t figure_id(struct store *store, const mizan_record *record,
                         char id[ID_SIZE])
{
    struct mizan_value start, end;
    struct mizan_slice document = text_field(store, record, "document_id");
    struct mizan_slice digest = text_field(store, record, "text_sha256");
    struct mizan_slice extractor = text_field(store, record, "extractor");
    id[0] = '\0';
    if (document.size == 0 || digest.size == 0 || extractor.size == 0 ||
        !store->host->record_get(record, "start", &start) ||
        !store->host->record_get(record, "end", &end) || start.type != MIZAN_INTEGER ||
        end.type != MIZAN_INTEGER) {
        return MIZAN_OK;
    }
    char from[24], to[24], ordinal[24];
    snprintf(from, sizeof(from), "%" PRId64, start.as.integer);
    snprintf(to, sizeof(to), "%" PRId64, end.as.integer);
    struct mizan_slice parts[] = {document,         digest,
                                  extractor,        {from, strlen(from)},
                                  {to, strlen(to)}, {ordinal, 0}};
    uint64_t key = hash(UINT64_C(14695981039346656037), document);
    key = hash(hash(hash(key, extractor), parts[3]), parts[4]);
    struct span *span = span_of(store, key != 0 ? key : 1);
    if (span == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    snprintf(ordinal, sizeof(ordinal), "%" PRId64, span->count++);
    parts[5].size = strlen(ordinal);
    return store->host->hash_id(parts, sizeof(parts) / sizeof(parts[0]), id);
}

static int32_t store_record(void *instance, mizan_task *task,
                            const mizan_record *record)
{
    struct store *store = instance;
    const struct mizan_host *host = store->host;
    const char *type = host->record_type(record);
    char id[ID_SIZE];
    id[0] = '\0';
    if (type != store->type) {
        store->type = type;
        store->is_figure = strcmp(type, "figure") == 0;
        store->wanted = is_wanted(store, type);
    }
    if (store->is_figure && text_field(store, record, "id").size == 0) {
        int32_t status = figure_id(store, record, id);
        if (status != MIZAN_OK) {
            return out_of_memory(host, task);
        }
    }
    if (!store->wanted) {
        return MIZAN_OK;
    }
    lines_record(&store->lines, host, record, id[0] != '\0' ? id : NULL);
    if (store->lines.failed) {
        return host->fail(task, MIZAN_ERROR_LIMIT,
                          "the lines of a unit need more memory than there is, or than "
                          "%zu MiB",
                          LINES_LIMIT >> 20);
    }
    return MIZAN_OK;
}

static void forget(struct store *store)
{
    lines_clear(&store->lines);
    store->span_count = 0;
    if (store->spans != NULL) {
        memset(store->spans, 0, store->span_room * sizeof(*store->spans));
    }
}

static int32_t store_finish_unit(void *instance, mizan_task *task)
{
    struct store *store = instance;
    int32_t status = store->lines.size > 0
                         ? target_write(store->host, task, &store->target,
                                        store->lines.data, store->lines.size)
                         : MIZAN_OK;
    forget(store);
    return status;
}

static void store_discard_unit(void *instance, mizan_task *task)
{
    (void)task;
    forget(instance);
}

static const struct mizan_option options[] = {
    {.name = "path",
     .type = MIZAN_OPTION_PATH,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The file that lines are added to; `-` is standard output."},
    {.name = "types",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Record types to write; without it, all but `document`."},
    {.name = "append",
     .type = MIZAN_OPTION_BOOLEAN,
     .default_value = "true",
     .help = "Keeps what the file holds; `false` empties it when the run begins."},
};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "jsonl",
    .version = "1",
    .stability = "beta",
    .summary = "Records as lines of JSON in a file, whole units at a time.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .open = store_open,
    .close = store_close,
    .store = store_record,
    .finish_unit = store_finish_unit,
    .discard_unit = store_discard_unit,
};
