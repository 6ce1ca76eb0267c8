/* extract.xml: elements of XML as rows. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mizan/plugin.h>

#include "stream.h"

#define PIECE      ((size_t)64 * 1024)
#define SLICE_ROWS 10000

struct choice {
    char *name, *path;
};

struct extract_xml {
    const struct mizan_host *host;
    const mizan_name *type;
    char *records;
    struct choice *choices;
    size_t choice_count;
    /* The parser of a document whose next slice is to come, and where it stands. */
    struct stream *kept;
    uint64_t kept_offset, kept_records;
    char kept_url[512];
};

/* One call. */
struct call {
    const struct extract_xml *plugin;
    const struct mizan_host *host;
    mizan_task *task;
    uint64_t skip; /* records of earlier slices that are read again */
    uint64_t seen, emitted;
    int32_t status;
    const mizan_name **names;
    struct mizan_value *values;
};

static void close_instance(void *instance)
{
    struct extract_xml *self = instance;
    for (size_t i = 0; i < self->choice_count; i++) {
        free(self->choices[i].name);
        free(self->choices[i].path);
    }
    free(self->choices);
    free(self->records);
    stream_close(self->kept);
    free(self);
}

static int32_t read_fields(struct extract_xml *self, mizan_task *task,
                           const struct mizan_value *fields)
{
    size_t count = fields->type == MIZAN_MAP ? fields->as.map.count : 0;
    self->choices = count == 0 ? NULL : calloc(count, sizeof *self->choices);
    for (size_t i = 0; i < count && self->choices != NULL; i++) {
        const struct mizan_field *field = &fields->as.map.fields[i];
        if (field->value.type != MIZAN_TEXT) {
            return self->host->fail(task, MIZAN_ERROR_OPTION,
                                    "option `fields`: %.*s needs a path as text",
                                    (int)field->name.size, field->name.data);
        }
        self->choices[i].name = strndup(field->name.data, field->name.size);
        self->choices[i].path =
            strndup(field->value.as.text.data, field->value.as.text.size);
        self->choice_count = i + 1;
        if (self->choices[i].name == NULL || self->choices[i].path == NULL) {
            return self->host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
        }
    }
    return MIZAN_OK;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *options, void **instance)
{
    struct mizan_value records, type, fields;
    struct extract_xml *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    self->host = host;
    int32_t status = host->option(options, "records", &records);
    if (status == MIZAN_OK) {
        status = host->option(options, "type", &type);
    }
    if (status == MIZAN_OK) {
        status = host->option(options, "fields", &fields);
    }
    if (status == MIZAN_OK &&
        (records.type != MIZAN_TEXT || records.as.text.size == 0)) {
        status = host->fail(task, MIZAN_ERROR_OPTION, "option `records` is not set");
    }
    if (status == MIZAN_OK) {
        self->records = strndup(records.as.text.data, records.as.text.size);
        self->type = type.type == MIZAN_TEXT && type.as.text.size > 0
                         ? host->name(type.as.text.data, type.as.text.size)
                         : host->name("row", 3);
        status = self->records == NULL || self->type == NULL
                     ? host->fail(task, MIZAN_ERROR_MEMORY, "out of memory")
                     : read_fields(self, task, &fields);
    }
    if (status != MIZAN_OK) {
        close_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
}

/* ---- records ---- */

static int32_t no_memory(const struct call *call)
{
    return call->host->fail(call->task, MIZAN_ERROR_MEMORY,
                            "not enough memory for the rows of a document");
}

/* The name of a field, NULL when the script wants others. */
static const char *chosen(const struct call *call, const struct stream_field *field,
                          size_t *size)
{
    const struct extract_xml *plugin = call->plugin;
    *size = field->path_size;
    if (plugin->choice_count == 0) {
        return field->path;
    }
    for (size_t i = 0; i < plugin->choice_count; i++) {
        if (strlen(plugin->choices[i].path) == field->path_size &&
            memcmp(plugin->choices[i].path, field->path, field->path_size) == 0) {
            *size = strlen(plugin->choices[i].name);
            return plugin->choices[i].name;
        }
    }
    return NULL;
}

static bool keep_text(const struct call *call, const struct stream_field *field,
                      struct mizan_value *out)
{
    char *copy = call->host->alloc(call->task, field->size + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, field->text, field->size);
    *out = (struct mizan_value){.type = MIZAN_TEXT, .as.text = {copy, field->size}};
    return true;
}

/* A name that comes again makes a list. */
static bool repeat(const struct call *call, struct mizan_value *before,
                   const struct mizan_value *text)
{
    size_t count = before->type == MIZAN_LIST ? before->as.list.count : 1;
    bool power = (count & (count - 1)) == 0; /* room is doubled */
    struct mizan_value *items =
        power ? call->host->alloc(call->task, 2 * count * sizeof *items)
              : (struct mizan_value *)(uintptr_t)before->as.list.items;
    if (items == NULL) {
        return false;
    }
    if (before->type != MIZAN_LIST) {
        items[0] = *before;
    } else if (power) {
        memcpy(items, before->as.list.items, count * sizeof *items);
    }
    items[count] = *text;
    *before = (struct mizan_value){.type = MIZAN_LIST, .as.list = {items, count + 1}};
    return true;
}

static int32_t fill(struct call *call, const struct stream_field *fields, size_t count,
                    size_t *kept)
{
    *kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        struct mizan_value text;
        const char *word = chosen(call, &fields[i], &size);
        if (word == NULL) {
            continue;
        }
        const mizan_name *name = call->host->name(word, size);
        if (name == NULL || !keep_text(call, &fields[i], &text)) {
            return no_memory(call);
        }
        size_t k = 0;
        while (k < *kept && call->names[k] != name) {
            k++;
        }
        if (k < *kept) {
            if (!repeat(call, &call->values[k], &text)) {
                return no_memory(call);
            }
            continue;
        }
        call->names[k] = name;
        call->values[k] = text;
        ++*kept;
    }
    return MIZAN_OK;
}

static bool take_record(void *owner, const struct stream_field *fields, size_t count,
                        const char *path)
{
    struct call *call = owner;
    size_t kept = 0;
    char pointer[1100];
    uint64_t index = call->seen++;
    if (index < call->skip) {
        return true;
    }
    call->status = fill(call, fields, count, &kept);
    if (call->status != MIZAN_OK) {
        return false;
    }
    int size = snprintf(pointer, sizeof pointer, "%s/%" PRIu64, path, index);
    char *copy = call->host->alloc(call->task, (size_t)size + 1);
    if (copy == NULL) {
        call->status = no_memory(call);
        return false;
    }
    memcpy(copy, pointer, (size_t)size);
    struct mizan_parts parts = {
        .size = sizeof parts,
        .type = call->plugin->type,
        .names = call->names,
        .values = call->values,
        .count = kept,
        .locator = {.kind = MIZAN_LOCATOR_POINTER, .pointer = {copy, (size_t)size}}};
    mizan_record *record = call->host->record_of(call->task, &parts);
    call->emitted++;
    call->status =
        record == NULL ? no_memory(call) : call->host->emit(call->task, record);
    return call->status == MIZAN_OK;
}

/* ---- documents ---- */

static uint64_t records_before(const struct mizan_cursor *cursor)
{
    uint64_t number = 0;
    for (size_t i = 0; i < cursor->state.size; i++) {
        number = number * 10 + (uint64_t)(cursor->state.data[i] - '0');
    }
    return number;
}

static const char *address(const struct call *call, const mizan_record *document)
{
    struct mizan_value value;
    return call->host->record_get(document, "url", &value) && value.type == MIZAN_TEXT
               ? value.as.text.data
               : "";
}

/* The parser that stands where the slice begins, or a new one that reads up to there.
 */
static struct stream *take_stream(struct extract_xml *self, struct call *call,
                                  const struct mizan_cursor *cursor, const char *url,
                                  uint64_t *offset)
{
    struct stream *stream = self->kept;
    uint64_t before = records_before(cursor);
    *offset = 0;
    self->kept = NULL;
    if (stream != NULL && cursor->offset > 0 && self->kept_offset == cursor->offset &&
        self->kept_records == before &&
        strncmp(self->kept_url, url, sizeof self->kept_url - 1) == 0) {
        *offset = cursor->offset;
        call->skip = 0;
        call->seen = before;
        return stream;
    }
    stream_close(stream);
    call->skip = before;
    return stream_open(self->records, strlen(self->records));
}

static int32_t next_piece(const struct call *call, const struct mizan_value *body,
                          uint64_t offset, char *buffer, struct mizan_slice *piece,
                          bool *last)
{
    size_t got = 0;
    if (body != NULL) {
        size_t left = offset < body->as.text.size ? body->as.text.size - offset : 0;
        piece->data = left > 0 ? body->as.text.data + offset : "";
        piece->size = left < PIECE ? left : PIECE;
        *last = left <= PIECE;
        return MIZAN_OK;
    }
    int32_t status = call->host->body_read(call->task, offset, buffer, PIECE, &got);
    *piece = (struct mizan_slice){buffer, got};
    *last = got < PIECE;
    return status == MIZAN_OK ? MIZAN_OK
                              : call->host->fail(call->task, MIZAN_ERROR_TRANSIENT,
                                                 "the document's body cannot be read");
}

static int32_t read_slice(struct extract_xml *self, struct call *call,
                          const struct mizan_value *body, struct stream *stream,
                          uint64_t offset, const char *url)
{
    char *buffer = call->host->alloc(call->task, PIECE);
    bool last = false;
    int32_t status = buffer == NULL ? no_memory(call) : MIZAN_OK;
    while (status == MIZAN_OK && !last) {
        struct mizan_slice piece;
        status = next_piece(call, body, offset, buffer, &piece, &last);
        if (status != MIZAN_OK) {
            break;
        }
        bool fed = stream_feed(stream, piece.data, piece.size, last, take_record, call);
        offset += piece.size;
        status = call->status;
        if (status == MIZAN_OK && !fed) {
            status = call->host->fail(call->task, MIZAN_ERROR_INPUT, "%s",
                                      stream_reason(stream));
        } else if (status == MIZAN_OK && !last && call->emitted >= SLICE_ROWS) {
            char state[32];
            int size = snprintf(state, sizeof state, "%" PRIu64, call->seen);
            struct mizan_cursor next = {offset, {state, (size_t)size}};
            self->kept = stream;
            self->kept_offset = offset;
            self->kept_records = call->seen;
            snprintf(self->kept_url, sizeof self->kept_url, "%s", url);
            return call->host->slice_end(call->task, &next);
        } else if (status == MIZAN_OK && call->host->cancelled(call->task)) {
            status = MIZAN_ERROR_CANCELLED;
        }
    }
    stream_close(stream);
    return status;
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    struct extract_xml *self = instance;
    struct mizan_cursor cursor = {0};
    struct mizan_value body;
    struct call call = {.plugin = self, .host = self->host, .task = task};
    int32_t status = call.host->slice_begin(task, &cursor);
    if (status != MIZAN_OK) {
        return status;
    }
    call.names = call.host->alloc(task, STREAM_FIELDS * sizeof *call.names);
    call.values = call.host->alloc(task, STREAM_FIELDS * sizeof *call.values);
    if (call.names == NULL || call.values == NULL) {
        return no_memory(&call);
    }
    uint64_t offset = 0;
    const char *url = address(&call, record);
    bool whole = call.host->record_get(record, "body", &body) != 0 &&
                 (body.type == MIZAN_BYTES || body.type == MIZAN_TEXT);
    struct stream *stream = take_stream(self, &call, &cursor, url, &offset);
    if (stream == NULL) {
        return no_memory(&call);
    }
    return read_slice(self, &call, whole ? &body : NULL, stream, offset, url);
}

static const char *const consumes[] = {"document", NULL};

static const struct mizan_option options[] = {
    {.name = "records",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The elements that become rows: a name (\"item\"), the end of a path "
             "(\"channel/item\") or a whole one (\"/rss/channel/item\"), without "
             "prefixes."},
    {.name = "fields",
     .type = MIZAN_OPTION_MAP,
     .help =
         "Fields of a row and the paths in its element: \"title\", \"price/@unit\", "
         "\"@id\", \"text\" for its own text. Without it all, named by their paths."},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "The type of the records that come out."},
};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 2,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "xml",
    .version = "1",
    .stability = "beta",
    .summary = "Makes rows of the elements of XML of any length, safely.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
