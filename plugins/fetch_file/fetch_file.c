/* fetch.file: emits files of this machine as documents: one file, the files of a folder
 * or what a pattern matches. */
#include "fetch_file_parts.h"
#include "file_unpack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mizan/draft.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

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
     .help = "Files over this size, once unpacked, are not read."},
    {.name = "after",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "keep",
     .choices = "keep|move|mark|delete",
     .help =
         "What becomes of a file once it is stored: it goes to the folder in `done`, "
         "its name gets .done behind it, or it is deleted."},
    {.name = "done",
     .type = MIZAN_OPTION_PATH,
     .help = "The folder that stored files are moved to, on the same file system."},
    {.name = "settle",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "2s",
     .maximum = "1h",
     .help = "With `after`: a file is read when it did not change for so long."},
    {.name = "pieces",
     .type = MIZAN_OPTION_BOOLEAN,
     .default_value = "false",
     .help =
         "Leaves the bodies in their files, which may have any size: for extract.json "
         "and extract.csv, which read them piece by piece."},
};

static enum file_after after_of(const struct mizan_value *value)
{
    static const char *const words[] = {"keep", "move", "mark", "delete"};
    for (size_t i = 0; mizan_is_text(value) && i < 4; i++) {
        if (value->as.text.size == strlen(words[i]) &&
            memcmp(value->as.text.data, words[i], value->as.text.size) == 0) {
            return (enum file_after)i;
        }
    }
    return FILE_KEEP;
}

static int32_t read_after(struct fetch_file *self, mizan_task *task,
                          const mizan_options *given)
{
    struct mizan_value after = {.type = MIZAN_NIL}, done = {.type = MIZAN_NIL};
    struct mizan_value settle = {.type = MIZAN_NIL};
    if (self->host->option(given, "after", &after) != MIZAN_OK ||
        self->host->option(given, "done", &done) != MIZAN_OK ||
        self->host->option(given, "settle", &settle) != MIZAN_OK) {
        return MIZAN_ERROR_FAILED;
    }
    self->after = after_of(&after);
    self->trial = MIZAN_HAS(self->host, feature) && self->host->feature("trial");
    self->settle = settle.type == MIZAN_INTEGER ? settle.as.integer : 2000;
    if ((self->after == FILE_MOVE) != (mizan_is_text(&done) != 0)) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                self->after == FILE_MOVE
                                    ? "after = \"move\" wants done, the folder"
                                    : "done is for after = \"move\"");
    }
    if (self->after == FILE_MOVE) {
        self->done = strndup(done.as.text.data, done.as.text.size);
        return self->done == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    }
    return MIZAN_OK;
}

static void free_instance(void *instance)
{
    struct fetch_file *self = instance;
    if (self != NULL) {
        free(self->done);
        free(self);
    }
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct mizan_value maximum = {.type = MIZAN_NIL};
    struct mizan_value pieces = {.type = MIZAN_NIL};
    int32_t status = host->option(given, "maximum", &maximum);
    if (status == MIZAN_OK) {
        status = host->option(given, "pieces", &pieces);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    struct fetch_file *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    self->options = given;
    self->pieces = pieces.type == MIZAN_BOOLEAN && pieces.as.integer != 0;
    self->maximum = maximum.type == MIZAN_INTEGER ? (size_t)maximum.as.integer
                                                  : (size_t)32 * 1024 * 1024;
    status = read_after(self, task, given);
    if (status == MIZAN_OK && self->pieces && self->after != FILE_KEEP) {
        status = host->fail(task, MIZAN_ERROR_OPTION,
                            "`pieces` and `after` do not go together: a file that is "
                            "read in pieces stays where it is");
    }
    if (status != MIZAN_OK) {
        free_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
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

int32_t file_emit(const struct fetch_file *self, mizan_task *task,
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
    char *bare = strndup(path, file_bare_length(path));
    if (bare == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    set_option(self, &document, "media_type", NULL, file_media_type(bare));
    free(bare);
    set_option(self, &document, "charset", NULL, NULL);
    set_option(self, &document, "lang", source, NULL);
    if (self->pieces) {
        mizan_draft_text(&document, "body_file", path);
    } else {
        mizan_draft_bytes(&document, "body", content->data, content->size);
    }
    set_modified(&document, content->modified);
    mizan_draft_integer(&document, "fetched_at", MIZAN_TIME, self->host->now(task));
    mizan_draft_copy(&document, source, "id", "source");
    return mizan_draft_emit(&document);
}

int32_t fetch_file_explain(const struct fetch_file *self, enum file_status status,
                           const char *path, char out[FETCH_FILE_EXPLANATION])
{
    int reason = errno;
    char text[128] = "";
    switch (status) {
    case FILE_OK:
        return MIZAN_OK;
    case FILE_ABSENT:
        (void)snprintf(out, FETCH_FILE_EXPLANATION, "%s: no such file", path);
        return MIZAN_ERROR_NOT_FOUND;
    case FILE_NOT_REGULAR:
        (void)snprintf(out, FETCH_FILE_EXPLANATION, "%s: not a regular file", path);
        return MIZAN_ERROR_FAILED;
    case FILE_TOO_LARGE:
        (void)snprintf(out, FETCH_FILE_EXPLANATION, "%s: larger than %zu bytes", path,
                       self->maximum);
        return MIZAN_ERROR_LIMIT;
    case FILE_BOMB:
        (void)snprintf(out, FETCH_FILE_EXPLANATION,
                       "%s: unpacks to more than 200 times its size", path);
        return MIZAN_ERROR_LIMIT;
    case FILE_DAMAGED:
        (void)snprintf(out, FETCH_FILE_EXPLANATION,
                       "%s: damaged or cut, it cannot be unpacked", path);
        return MIZAN_ERROR_FAILED;
    case FILE_NO_MEMORY:
        (void)snprintf(out, FETCH_FILE_EXPLANATION, "%s: not enough memory", path);
        return MIZAN_ERROR_MEMORY;
    case FILE_ERROR:
        break;
    }
    (void)snprintf(out, FETCH_FILE_EXPLANATION, "%s: %s", path,
                   strerror_r(reason, text, sizeof text));
    return MIZAN_ERROR_FAILED;
}

enum file_status fetch_file_content(const struct fetch_file *self, const char *path,
                                    struct file_content *content)
{
    enum file_status status = file_read(path, self->maximum, content);
    return status == FILE_OK ? file_unpack(path, self->maximum, content) : status;
}

int32_t fetch_file_leave_out(const struct fetch_file *self, mizan_task *task,
                             const char *text)
{
    self->host->log(task, MIZAN_LOG_WARNING, "%s: left out", text);
    self->host->count(task, "failed_items", 1);
    return MIZAN_OK;
}

static int32_t fetch_one(const struct fetch_file *self, mizan_task *task,
                         const mizan_record *source, const char *path, bool is_only)
{
    const struct mizan_host *host = self->host;
    struct file_content content;
    char text[FETCH_FILE_EXPLANATION];
    int32_t result =
        fetch_file_explain(self,
                           self->pieces ? file_look(path, &content)
                                        : fetch_file_content(self, path, &content),
                           path, text);
    if (result == MIZAN_OK) {
        uint64_t mark = host->arena_mark(task);
        result = file_emit(self, task, source, path, &content);
        host->arena_release(task, mark);
        free(content.data);
        return result;
    }
    if (is_only || result == MIZAN_ERROR_MEMORY) {
        return host->fail(task, result, "%s", text);
    }
    return fetch_file_leave_out(self, task, text);
}

static int32_t fetch_path(const struct fetch_file *self, mizan_task *task,
                          const mizan_record *source, struct mizan_slice path)
{
    char *text = strndup(path.data, path.size);
    if (text == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    struct file_list list;
    char why[FETCH_FILE_EXPLANATION];
    enum file_status status = file_list_make(text, &list);
    int32_t result = fetch_file_explain(self, status, text, why);
    bool drops = self->after != FILE_KEEP;
    if (drops && status == FILE_ABSENT) {
        result = MIZAN_OK; /* nothing was dropped */
    } else if (result != MIZAN_OK) {
        (void)self->host->fail(task, result, "%s", why);
    } else if (drops) {
        result = fetch_file_drops(self, task, source, &list);
    }
    for (size_t i = 0; !drops && i < list.count && result == MIZAN_OK; i++) {
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
    .version = "0.2.0",
    .stability = "beta",
    .summary = "Emits files of this machine as documents.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
