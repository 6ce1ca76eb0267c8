/* extract.json: JSON Lines and JSON documents as rows. */
#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define DOCUMENT_MOST                                                                  \
    ((size_t)256 << 20) /* bytes of one that is read from its file                     \
                         */

static void close_instance(void *instance)
{
    struct extract_json *self = instance;
    for (size_t i = 0; i < self->wanted_count; i++) {
        free(self->wanted[i].name);
    }
    free(self->wanted);
    free(self);
}

static int32_t wrong_path(const struct extract_json *self, mizan_task *task,
                          const char *option, struct mizan_slice text, const char *why)
{
    return self->host->fail(task, MIZAN_ERROR_OPTION,
                            "option `%s`: \"%.*s\" is no JSON Pointer and no path: %s",
                            option, (int)text.size, text.data, why);
}

static int32_t read_fields(struct extract_json *self, mizan_task *task,
                           const struct mizan_value *fields)
{
    size_t count = fields->type == MIZAN_MAP ? fields->as.map.count : 0;
    self->wanted = count == 0 ? NULL : calloc(count, sizeof *self->wanted);
    for (size_t i = 0; i < count && self->wanted != NULL; i++) {
        const struct mizan_field *field = &fields->as.map.fields[i];
        struct wanted *wanted = &self->wanted[i];
        if (field->value.type != MIZAN_TEXT) {
            return self->host->fail(task, MIZAN_ERROR_OPTION,
                                    "option `fields`: %.*s needs a path as text",
                                    (int)field->name.size, field->name.data);
        }
        const char *why = path_parse(field->value.as.text.data,
                                     field->value.as.text.size, &wanted->path);
        if (why != NULL) {
            return wrong_path(self, task, "fields", field->value.as.text, why);
        }
        wanted->name = strndup(field->name.data, field->name.size);
        if (wanted->name == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        self->wanted_count = i + 1;
    }
    return count > 0 && self->wanted == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static int32_t read_options(struct extract_json *self, mizan_task *task,
                            const mizan_options *options)
{
    struct mizan_value type, form, records, fields;
    int32_t status = self->host->option(options, "type", &type);
    if (status == MIZAN_OK) {
        status = self->host->option(options, "form", &form);
    }
    if (status == MIZAN_OK) {
        status = self->host->option(options, "records", &records);
    }
    if (status == MIZAN_OK) {
        status = self->host->option(options, "fields", &fields);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    bool named = type.type == MIZAN_TEXT && type.as.text.size > 0;
    self->type = named ? self->host->name(type.as.text.data, type.as.text.size)
                       : self->host->name("row", 3);
    if (form.type == MIZAN_TEXT && form.as.text.size > 0) {
        self->form = form.as.text.data[0] == 'l'   ? FORM_LINES
                     : form.as.text.data[0] == 'd' ? FORM_DOCUMENT
                                                   : FORM_AUTO;
    }
    if (records.type == MIZAN_TEXT) {
        const char *why =
            path_parse(records.as.text.data, records.as.text.size, &self->records);
        if (why != NULL) {
            return wrong_path(self, task, "records", records.as.text, why);
        }
        self->has_records = true;
    }
    return self->type == NULL ? MIZAN_ERROR_MEMORY : read_fields(self, task, &fields);
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *options, void **instance)
{
    struct extract_json *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    self->host = host;
    int32_t status = read_options(self, task, options);
    if (status != MIZAN_OK) {
        close_instance(self);
        return status == MIZAN_ERROR_MEMORY ? host->fail(task, status, "out of memory")
                                            : status;
    }
    *instance = self;
    return MIZAN_OK;
}

/* ---- which of the two ---- */

static struct mizan_slice text_of(const struct rows *rows, const char *name)
{
    struct mizan_value value;
    bool found = rows->host->record_get(rows->document, name, &value) != 0;
    return found && (value.type == MIZAN_TEXT || value.type == MIZAN_BYTES)
               ? value.as.text
               : (struct mizan_slice){"", 0};
}

static bool ends_with(struct mizan_slice text, const char *end)
{
    size_t size = strlen(end);
    return text.size >= size && memcmp(text.data + text.size - size, end, size) == 0;
}

static bool says_lines(const struct rows *rows)
{
    struct mizan_slice type = text_of(rows, "media_type");
    struct mizan_slice url = text_of(rows, "url");
    return ends_with(type, "ndjson") || ends_with(type, "jsonl") ||
           ends_with(url, ".jsonl") || ends_with(url, ".ndjson");
}

/* True when the first line is a whole object and something follows it. */
static bool looks_like_lines(struct mizan_slice body)
{
    struct json_value value;
    const char *end = memchr(body.data, '\n', body.size);
    struct json_scan scan = {.at = body.data, .end = end, .depth = JSON_DEPTH};
    if (end == NULL) {
        return false;
    }
    json_blanks(&scan);
    if (scan.at == scan.end || *scan.at != '{' || !json_value(&scan, &value)) {
        return false;
    }
    scan.end = body.data + body.size;
    json_blanks(&scan);
    return scan.at < scan.end;
}

/* The whole of a body that is still in its file, into the task's memory. */
static int32_t read_whole(const struct rows *rows, struct mizan_slice *body)
{
    size_t size = 0, got = 0, room = (size_t)1 << 20;
    char *data = NULL;
    for (;; room *= 2) {
        char *larger = rows->host->alloc(rows->task, room);
        if (larger == NULL || room > DOCUMENT_MOST) {
            return rows->host->fail(
                rows->task, MIZAN_ERROR_LIMIT,
                "a JSON document of more than %zu MiB; JSON Lines may "
                "have any size",
                DOCUMENT_MOST >> 20);
        }
        if (size > 0) {
            memcpy(larger, data, size);
        }
        data = larger;
        int32_t status =
            rows->host->body_read(rows->task, size, data + size, room - size, &got);
        if (status != MIZAN_OK) {
            return rows->host->fail(rows->task, status, "there is no body to read");
        }
        size += got;
        if (size < room) {
            *body = (struct mizan_slice){data, size};
            return MIZAN_OK;
        }
    }
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    const struct extract_json *self = instance;
    struct mizan_value value;
    struct rows rows;
    struct mizan_slice body = {"", 0};
    int32_t status = rows_begin(&rows, self, task, record);
    bool whole = self->host->record_get(record, "body", &value) != 0 &&
                 (value.type == MIZAN_BYTES || value.type == MIZAN_TEXT);
    if (status != MIZAN_OK) {
        return status;
    }
    if (whole && value.as.text.size > 0) {
        body = value.as.text;
    }
    bool lines = self->form == FORM_LINES ||
                 (self->form == FORM_AUTO &&
                  (says_lines(&rows) || (whole && looks_like_lines(body))));
    if (lines) {
        return read_lines(&rows, body, whole);
    }
    if (!whole) {
        status = read_whole(&rows, &body);
    }
    return status == MIZAN_OK ? read_document(&rows, body) : status;
}

static const char *const consumes[] = {"document", NULL};

static const struct mizan_option options[] = {
    {.name = "form",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "auto",
     .choices = "auto|lines|document",
     .help =
         "`lines`: a value on each line; `document`: one value; `auto`: by media type, "
         "name and first line."},
    {.name = "records",
     .type = MIZAN_OPTION_TEXT,
     .help = "Where the records are: a JSON Pointer in which * is every member "
             "(\"/data/*\"), or a path (\"data.rows[*]\"). Without it the members of a "
             "list, or the object itself."},
    {.name = "fields",
     .type = MIZAN_OPTION_MAP,
     .help = "Fields of a row and where in its record they are, as pointers or paths; "
             "without it all members."},
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
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "json",
    .version = "1",
    .stability = "beta",
    .summary = "Makes rows of JSON documents and JSON Lines of any length.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
