/* fetch.file: emits files of this machine as documents: one file, the files of a folder
 * or what a pattern matches. */
#include "fetch_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mizan/draft.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

#define EXPLANATION 4400 /* bytes: a path and a reason */

struct fetch_file {
    const struct mizan_host *host;
    const mizan_options *options; /* lives as long as the instance */
    size_t maximum;
};

static const struct mizan_option options[] = {
    {.name = "path",
     .type = MIZAN_OPTION_PATH,
     .flags = MIZAN_OPTION_REQUIRED | MIZAN_OPTION_LIST,
     .help =
         "A file, a folder (all files in it) or a pattern such as \"data/*.html\"."},
    {.name = "media_type",
     .type = MIZAN_OPTION_TEXT,
     .help =
         "What the files are, such as text/html, in place of what their names say."},
    {.name = "charset",
     .type = MIZAN_OPTION_TEXT,
     .help = "The character encoding, when the files do not say it themselves."},
    {.name = "lang",
     .type = MIZAN_OPTION_TEXT,
     .help = "The language of the texts, such as ar, when it is known."},
    {.name = "maximum",
     .type = MIZAN_OPTION_SIZE,
     .default_value = "32M",
     .minimum = "1B",
     .maximum = "1G",
     .help = "Files over this size are not read."},
};

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct mizan_value maximum = {.type = MIZAN_NIL};
    (void)task;
    int32_t status = host->option(given, "maximum", &maximum);
    if (status != MIZAN_OK) {
        return status;
    }
    struct fetch_file *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    self->options = given;
    self->maximum = maximum.type == MIZAN_INTEGER ? (size_t)maximum.as.integer
                                                  : (size_t)32 * 1024 * 1024;
    *instance = self;
    return MIZAN_OK;
}

static void free_instance(void *instance)
{
    free(instance);
}

/* As a server would write it: "Wed, 03 Sep 2025 10:00:00 GMT". */
static void set_modified(struct mizan_draft *document, int64_t time)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[64];
    struct tm parts;
    time_t seconds = (time_t)(time / 1000);
    if (gmtime_r(&seconds, &parts) == NULL) {
        return;
    }
    (void)snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                   days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    mizan_draft_text(document, "last_modified", text);
}

/* The option, or else the source's field, or else `otherwise`, when that is not NULL.
 */
static void set_option(const struct fetch_file *self, struct mizan_draft *document,
                       const char *name, const mizan_record *source,
                       const char *otherwise)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    int32_t status = self->host->option(self->options, name, &value);
    if (status != MIZAN_OK) {
        document->status = status;
    } else if (value.type == MIZAN_TEXT) {
        mizan_draft_slice(document, name, value.as.text);
    } else {
        mizan_draft_text(document, name, otherwise);
        if (source != NULL) {
            mizan_draft_copy(document, source, name, name);
        }
    }
}

static int32_t emit_file(const struct fetch_file *self, mizan_task *task,
                         const mizan_record *source, const char *path,
                         const struct file_content *content)
{
    char *address = file_address(path);
    if (address == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    struct mizan_draft document = mizan_draft_begin(self->host, task, "document");
    mizan_draft_text(&document, "url", address);
    mizan_draft_text(&document, "final_url", address);
    free(address);
    set_option(self, &document, "media_type", NULL, file_media_type(path));
    set_option(self, &document, "charset", NULL, NULL);
    set_option(self, &document, "lang", source, NULL);
    mizan_draft_bytes(&document, "body", content->data, content->size);
    set_modified(&document, content->modified);
    mizan_draft_integer(&document, "fetched_at", MIZAN_TIME, self->host->now(task));
    mizan_draft_copy(&document, source, "id", "source");
    return mizan_draft_emit(&document);
}

/* Writes why a file cannot be read; returns the status that it means. */
static int32_t explain(const struct fetch_file *self, enum file_status status,
                       const char *path, char out[EXPLANATION])
{
    int reason = errno;
    char text[128] = "";
    switch (status) {
    case FILE_OK:
        return MIZAN_OK;
    case FILE_ABSENT:
        (void)snprintf(out, EXPLANATION, "%s: no such file", path);
        return MIZAN_ERROR_NOT_FOUND;
    case FILE_NOT_REGULAR:
        (void)snprintf(out, EXPLANATION, "%s: not a regular file", path);
        return MIZAN_ERROR_FAILED;
    case FILE_TOO_LARGE:
        (void)snprintf(out, EXPLANATION, "%s: larger than %zu bytes", path,
                       self->maximum);
        return MIZAN_ERROR_LIMIT;
    case FILE_NO_MEMORY:
        (void)snprintf(out, EXPLANATION, "%s: not enough memory", path);
        return MIZAN_ERROR_MEMORY;
    case FILE_ERROR:
        break;
    }
    (void)snprintf(out, EXPLANATION, "%s: %s", path,
                   strerror_r(reason, text, sizeof text));
    return MIZAN_ERROR_FAILED;
}

/* One unreadable file among many is counted and does not stop the others. */
static int32_t fetch_one(const struct fetch_file *self, mizan_task *task,
                         const mizan_record *source, const char *path, bool is_only)
{
    const struct mizan_host *host = self->host;
    struct file_content content;
    char text[EXPLANATION];
    int32_t result =
        explain(self, file_read(path, self->maximum, &content), path, text);
    if (result == MIZAN_OK) {
        uint64_t mark = host->arena_mark(task);
        result = emit_file(self, task, source, path, &content);
        host->arena_release(task, mark);
        free(content.data);
        return result;
    }
    if (is_only || result == MIZAN_ERROR_MEMORY) {
        return host->fail(task, result, "%s", text);
    }
    host->log(task, MIZAN_LOG_WARNING, "%s: left out", text);
    host->count(task, "failed_items", 1);
    return MIZAN_OK;
}

static int32_t fetch_path(const struct fetch_file *self, mizan_task *task,
                          const mizan_record *source, struct mizan_slice path)
{
    char *text = strndup(path.data, path.size);
    if (text == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    struct file_list list;
    char why[EXPLANATION];
    int32_t result = explain(self, file_list_make(text, &list), text, why);
    if (result != MIZAN_OK) {
        (void)self->host->fail(task, result, "%s", why);
    }
    for (size_t i = 0; i < list.count && result == MIZAN_OK; i++) {
        result = self->host->cancelled(task)
                     ? MIZAN_ERROR_CANCELLED
                     : fetch_one(self, task, source, list.paths[i], !list.from_many);
    }
    file_list_finish(&list);
    free(text);
    return result;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    const struct fetch_file *self = instance;
    struct mizan_value paths = {.type = MIZAN_NIL};
    int32_t status = self->host->option(self->options, "path", &paths);
    if (status != MIZAN_OK) {
        return status;
    }
    if (paths.type == MIZAN_TEXT) {
        return fetch_path(self, task, source, paths.as.text);
    }
    size_t count = paths.type == MIZAN_LIST ? paths.as.list.count : 0;
    for (size_t i = 0; i < count && status == MIZAN_OK; i++) {
        status = fetch_path(self, task, source, paths.as.list.items[i].as.text);
    }
    return status;
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE,
    .name = "file",
    .version = "0.1.0",
    .stability = "beta",
    .summary = "Emits files of this machine as documents.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
