/* fetch.stdin: what stands on standard input, as rows or as one document. Rows are
 * taken as they come, so that there may be any number of them. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mizan/draft.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

#define WAIT 50 /* milliseconds between looks at the stop signal */
#define READ ((size_t)256 * 1024)

struct fetch_stdin {
    const struct mizan_host *host;
    char *type, *media_type;
    bool rows, json;
    size_t most;     /* of a document, or of one row */
    int64_t timeout; /* milliseconds */
};

static const struct mizan_option options[] = {
    {.name = "as",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "document",
     .choices = "jsonl|lines|document",
     .help = "What it is: a line of JSON a row, a line of text a row, or a document."},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "The type of the records that rows become."},
    {.name = "media_type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "text/plain",
     .help = "With as = \"document\": what it is."},
    {.name = "most",
     .type = MIZAN_OPTION_SIZE,
     .default_value = "32M",
     .minimum = "1B",
     .maximum = "1G",
     .help = "The most bytes of a document, or of one row."},
    {.name = "timeout",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "1h",
     .minimum = "1ms",
     .maximum = "1d",
     .help = "How long to wait for more of it."},
};

static void free_instance(void *instance)
{
    struct fetch_stdin *self = instance;
    if (self != NULL) {
        free(self->type);
        free(self->media_type);
        free(self);
    }
}

static char *text_option(const struct mizan_host *host, const mizan_options *given,
                         const char *name, const char *otherwise)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    return host->option(given, name, &value) == MIZAN_OK && mizan_is_text(&value)
               ? strndup(value.as.text.data, value.as.text.size)
               : strdup(otherwise);
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct fetch_stdin *self = calloc(1, sizeof *self);
    struct mizan_value most = {.type = MIZAN_NIL}, timeout = {.type = MIZAN_NIL};
    (void)task;
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    char *as = text_option(host, given, "as", "document");
    self->type = text_option(host, given, "type", "row");
    self->media_type = text_option(host, given, "media_type", "text/plain");
    if (as == NULL || self->type == NULL || self->media_type == NULL ||
        host->option(given, "most", &most) != MIZAN_OK ||
        host->option(given, "timeout", &timeout) != MIZAN_OK) {
        free(as);
        free_instance(self);
        return MIZAN_ERROR_MEMORY;
    }
    self->rows = strcmp(as, "document") != 0;
    self->json = strcmp(as, "jsonl") == 0;
    self->most =
        most.type == MIZAN_INTEGER ? (size_t)most.as.integer : (size_t)32 * 1024 * 1024;
    self->timeout = timeout.type == MIZAN_INTEGER ? timeout.as.integer : 3600000;
    free(as);
    *instance = self;
    return MIZAN_OK;
}

/* What was read and not yet emitted. */
struct reading {
    const struct fetch_stdin *self;
    mizan_task *task;
    const mizan_record *source;
    char *data;
    size_t size, room;
    size_t lines;  /* ended ones */
    size_t offset; /* of `data` in the whole */
    bool end;
};

static size_t count_lines(const char *data, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += data[i] == '\n' ? 1 : 0;
    }
    return count;
}

static int32_t emit(struct reading *reading, size_t size)
{
    const struct fetch_stdin *self = reading->self;
    const struct mizan_host *host = self->host;
    uint64_t mark = host->arena_mark(reading->task);
    struct mizan_draft draft = mizan_draft_begin(host, reading->task, "document");
    char url[64];
    (void)snprintf(url, sizeof url, "stdin:#%zu", reading->offset);
    mizan_draft_text(&draft, "url", url);
    mizan_draft_bytes(&draft, "body", size > 0 ? reading->data : "", size);
    mizan_draft_integer(&draft, "fetched_at", MIZAN_TIME, host->now(reading->task));
    mizan_draft_copy(&draft, reading->source, "id", "source");
    if (self->rows) {
        mizan_draft_rows(&draft, self->json ? "application/x-ndjson" : "text/plain", "",
                         self->type);
    } else {
        mizan_draft_text(&draft, "media_type", self->media_type);
    }
    int32_t status = mizan_draft_emit(&draft);
    host->arena_release(reading->task, mark);
    reading->size -= size;
    reading->offset += size;
    if (reading->size > 0) {
        memmove(reading->data, reading->data + size, reading->size);
    }
    reading->lines = count_lines(reading->data, reading->size);
    return status;
}

/* Reads a little more; waits for it, but not for ever when the run is to stop. */
static int32_t read_more(struct reading *reading)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (reading->room - reading->size < READ) {
        size_t room = reading->room == 0 ? 2 * READ : 2 * reading->room;
        char *larger = realloc(reading->data, room);
        if (larger == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        reading->data = larger;
        reading->room = room;
    }
    for (int64_t left = reading->self->timeout; poll(&input, 1, WAIT) <= 0;
         left -= WAIT) {
        if (reading->self->host->cancelled(reading->task)) {
            return MIZAN_ERROR_CANCELLED;
        }
        if (left <= 0) {
            return reading->self->host->fail(
                reading->task, MIZAN_ERROR_TRANSIENT,
                "standard input gave nothing more for %lld ms (option timeout)",
                (long long)reading->self->timeout);
        }
    }
    ssize_t got = read(STDIN_FILENO, reading->data + reading->size, READ);
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
        char text[128] = "";
        return reading->self->host->fail(reading->task, MIZAN_ERROR_FAILED,
                                         "standard input cannot be read: %s",
                                         strerror_r(errno, text, sizeof text));
    }
    if (got > 0) {
        reading->lines += count_lines(reading->data + reading->size, (size_t)got);
        reading->size += (size_t)got;
    }
    reading->end = got == 0;
    return MIZAN_OK;
}

/* The bytes that can be emitted now; 0: more must be read first. */
static size_t ready(const struct reading *reading)
{
    bool full = reading->lines >= MIZAN_ROWS_MOST ||
                (reading->lines > 0 && reading->size >= MIZAN_ROWS_BYTES_MOST);
    return reading->size > 0 && (full || reading->end)
               ? mizan_rows_cut(reading->data, reading->size)
               : 0;
}

static int32_t take_rows(struct reading *reading)
{
    int32_t status = MIZAN_OK;
    while (status == MIZAN_OK) {
        size_t size = ready(reading);
        if (size > 0) {
            status = emit(reading, size);
        } else if (reading->end) {
            break;
        } else if (reading->size > reading->self->most + MIZAN_ROWS_BYTES_MOST) {
            status = reading->self->host->fail(
                reading->task, MIZAN_ERROR_LIMIT,
                "standard input has a line of more than %zu bytes (option most)",
                reading->self->most);
        } else {
            status = read_more(reading);
        }
    }
    return status;
}

static int32_t take_document(struct reading *reading)
{
    int32_t status = MIZAN_OK;
    while (status == MIZAN_OK && !reading->end) {
        status = read_more(reading);
        if (status == MIZAN_OK && reading->size > reading->self->most) {
            status = reading->self->host->fail(
                reading->task, MIZAN_ERROR_LIMIT,
                "standard input has more than %zu bytes (option most)",
                reading->self->most);
        }
    }
    return status == MIZAN_OK && reading->size > 0 ? emit(reading, reading->size)
                                                   : status;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    struct reading reading = {.self = instance, .task = task, .source = source};
    int32_t status = reading.self->rows ? take_rows(&reading) : take_document(&reading);
    free(reading.data);
    return status;
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "stdin",
    .version = "0.1.0",
    .stability = "beta",
    .summary = "Takes what stands on standard input.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
