/* fetch.exec: what a program of the user's prints, as rows or as one document. It runs
 * to its end first: one that fails leaves nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mizan/draft.h"
#include "shared/program/exec_program.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

struct fetch_exec {
    const struct mizan_host *host;
    const mizan_options *options; /* lives as long as the instance */
};

static const struct mizan_option options[] = {
    {.name = "program",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_REQUIRED,
     .help =
         "The program, a name to look for in PATH or a path; mizan.lua must allow it."},
    {.name = "arguments",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Its arguments; there is no shell."},
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .help = "Runs it once for each: id, and `arguments` (a text or a list) behind the "
             "others."},
    {.name = "input",
     .type = MIZAN_OPTION_TEXT,
     .help = "What stands on its standard input."},
    {.name = "as",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "jsonl",
     .choices = "jsonl|lines|json|document",
     .help = "What it prints: a line of JSON a row, a line of text a row, one JSON "
             "text, or "
             "a document."},
    {.name = "records",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "\"\"",
     .help = "With as = \"json\": the JSON pointer to the list of rows."},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "The type of the records that rows become."},
    {.name = "media_type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "text/plain",
     .help = "With as = \"document\": what it is."},
    {.name = "folder",
     .type = MIZAN_OPTION_PATH,
     .default_value = ".",
     .help = "Where it works."},
    {.name = "timeout",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "60s",
     .minimum = "1ms",
     .maximum = "1d",
     .help = "How long it may run before it is killed, with all that it started."},
    {.name = "most",
     .type = MIZAN_OPTION_SIZE,
     .default_value = "64M",
     .minimum = "1B",
     .maximum = "1G",
     .help = "The most bytes that it may print."},
};

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct fetch_exec *self = calloc(1, sizeof *self);
    (void)task;
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    self->options = given;
    *instance = self;
    return MIZAN_OK;
}

static void free_instance(void *instance)
{
    free(instance);
}

/* One run of the program for one source. */
struct run {
    const struct fetch_exec *self;
    mizan_task *task;
    const mizan_record *source;
    struct exec_program program;
    struct exec_result result;
    char **arguments;
    size_t count;
};

static struct mizan_value option(const struct run *run, const char *name)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    /* The schema has the name, and a default where none was given. */
    (void)run->self->host->option(run->self->options, name, &value);
    return value;
}

static bool is_word(const struct mizan_value *value, const char *word)
{
    return mizan_is_text(value) && value->as.text.size == strlen(word) &&
           memcmp(value->as.text.data, word, value->as.text.size) == 0;
}

/* A copy in the task's memory; "" for what is no text. */
static char *copy_text(const struct run *run, const struct mizan_value *value)
{
    size_t size = value->type == MIZAN_TEXT ? value->as.text.size : 0;
    char *copy = run->self->host->alloc(run->task, size + 1);
    if (copy != NULL && size > 0) {
        memcpy(copy, value->as.text.data, size);
    }
    if (copy != NULL) {
        copy[size] = '\0';
    }
    return copy;
}

static size_t count_of(const struct mizan_value *value)
{
    return value->type == MIZAN_LIST ? value->as.list.count
                                     : (value->type == MIZAN_TEXT ? 1 : 0);
}

static bool add_arguments(struct run *run, const struct mizan_value *value)
{
    bool added = true;
    for (size_t i = 0; i < count_of(value) && added; i++) {
        const struct mizan_value *item =
            value->type == MIZAN_LIST ? &value->as.list.items[i] : value;
        run->arguments[run->count] = copy_text(run, item);
        added = run->arguments[run->count++] != NULL;
    }
    return added;
}

static int32_t make_arguments(struct run *run)
{
    struct mizan_value program = option(run, "program");
    struct mizan_value own = option(run, "arguments");
    struct mizan_value of_source = {.type = MIZAN_NIL};
    if (run->self->host->record_get(run->source, "arguments", &of_source) &&
        of_source.type != MIZAN_TEXT && of_source.type != MIZAN_LIST) {
        return run->self->host->fail(run->task, MIZAN_ERROR_OPTION,
                                     "the arguments of a source are a text or a list");
    }
    size_t room = count_of(&own) + count_of(&of_source) + 2;
    run->arguments = run->self->host->alloc(run->task, room * sizeof *run->arguments);
    if (run->arguments == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    memset(run->arguments, 0, room * sizeof *run->arguments);
    return add_arguments(run, &program) && add_arguments(run, &own) &&
                   add_arguments(run, &of_source)
               ? MIZAN_OK
               : MIZAN_ERROR_MEMORY;
}

/* ---- what came of it ---- */

/* The last lines of what it said, on one line. */
static const char *last_words(struct run *run)
{
    char *note = run->result.note;
    size_t size = strlen(note);
    while (size > 0 && strchr(" \n\r\t", note[size - 1]) != NULL) {
        note[--size] = '\0';
    }
    for (char *at = note; *at != '\0'; at++) {
        *at = *at == '\n' || *at == '\r' ? '|' : *at;
    }
    return note;
}

static int32_t judge(struct run *run, enum exec_status status)
{
    const struct mizan_host *host = run->self->host;
    const char *name = run->arguments[0];
    const char *note = last_words(run);
    const char *mark = *note == '\0' ? "" : ": ";
    char text[128] = "";
    switch (status) {
    case EXEC_NO_PROGRAM:
        return host->fail(run->task, MIZAN_ERROR_FAILED,
                          "the program %s cannot be started: %s", name,
                          strerror_r(errno, text, sizeof text));
    case EXEC_LATE:
        return host->fail(
            run->task, MIZAN_ERROR_TRANSIENT,
            "the program %s took longer than %lld ms (option timeout)%s%s", name,
            (long long)run->program.timeout, mark, note);
    case EXEC_TOO_MUCH:
        return host->fail(run->task, MIZAN_ERROR_LIMIT,
                          "the program %s printed more than %zu bytes (option most)",
                          name, run->program.output_most);
    case EXEC_CANCELLED:
        return MIZAN_ERROR_CANCELLED;
    case EXEC_NO_MEMORY:
        return MIZAN_ERROR_MEMORY;
    case EXEC_ENDED:
    default:
        break;
    }
    if (run->result.code < 0) {
        return host->fail(run->task, MIZAN_ERROR_FAILED,
                          "the program %s was ended by signal %d%s%s", name,
                          -run->result.code, mark, note);
    }
    return run->result.code == 0 ? MIZAN_OK
                                 : host->fail(run->task, MIZAN_ERROR_FAILED,
                                              "the program %s ended with status %d%s%s",
                                              name, run->result.code, mark, note);
}

/* "exec:ID", with the place of the piece behind it. */
static void set_url(struct run *run, struct mizan_draft *draft, size_t offset)
{
    struct mizan_value id = {.type = MIZAN_NIL};
    char url[512], place[32] = "";
    (void)run->self->host->record_get(run->source, "id", &id);
    if (offset > 0) {
        (void)snprintf(place, sizeof place, "#%zu", offset);
    }
    (void)snprintf(url, sizeof url, "exec:%.*s%s",
                   mizan_is_text(&id) ? (int)id.as.text.size : 0,
                   mizan_is_text(&id) ? id.as.text.data : "", place);
    mizan_draft_text(draft, "url", url);
}

static int32_t emit(struct run *run, size_t offset, size_t size, const char *media_type,
                    const char *records)
{
    const struct mizan_host *host = run->self->host;
    uint64_t mark = host->arena_mark(run->task);
    struct mizan_value type = option(run, "type");
    struct mizan_draft draft = mizan_draft_begin(host, run->task, "document");
    const char *type_name = copy_text(run, &type);
    set_url(run, &draft, offset);
    mizan_draft_bytes(&draft, "body", size > 0 ? run->result.output + offset : "",
                      size);
    mizan_draft_integer(&draft, "fetched_at", MIZAN_TIME, host->now(run->task));
    mizan_draft_copy(&draft, run->source, "id", "source");
    mizan_draft_copy(&draft, run->source, "lang", "lang");
    mizan_draft_copy(&draft, run->source, "outlet", "outlet");
    if (records != NULL && type_name != NULL) {
        mizan_draft_rows(&draft, media_type, records, type_name);
    } else {
        mizan_draft_text(&draft, "media_type", media_type);
    }
    int32_t status = mizan_draft_emit(&draft);
    host->arena_release(run->task, mark);
    return status;
}

static int32_t emit_lines(struct run *run, const char *media_type)
{
    int32_t status = MIZAN_OK;
    for (size_t at = 0; at < run->result.size && status == MIZAN_OK;) {
        size_t size = mizan_rows_cut(run->result.output + at, run->result.size - at);
        status = emit(run, at, size, media_type, "");
        at += size;
    }
    return status;
}

static int32_t emit_all(struct run *run)
{
    struct mizan_value as = option(run, "as");
    struct mizan_value media_type = option(run, "media_type");
    struct mizan_value records = option(run, "records");
    if (is_word(&as, "jsonl")) {
        return emit_lines(run, "application/x-ndjson");
    }
    if (is_word(&as, "lines")) {
        return emit_lines(run, "text/plain");
    }
    if (is_word(&as, "json")) {
        return emit(run, 0, run->result.size, "application/json",
                    copy_text(run, &records));
    }
    return emit(run, 0, run->result.size, copy_text(run, &media_type), NULL);
}

static bool is_cancelled(void *owner)
{
    struct run *run = owner;
    return run->self->host->cancelled(run->task) != 0;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    struct run run = {.self = instance, .task = task, .source = source};
    struct mizan_value input = option(&run, "input");
    struct mizan_value folder = option(&run, "folder");
    int32_t status = make_arguments(&run);
    if (status != MIZAN_OK) {
        return status;
    }
    run.program = (struct exec_program){
        .arguments = run.arguments,
        .folder = mizan_is_text(&folder) ? copy_text(&run, &folder) : ".",
        .input = mizan_is_text(&input) ? input.as.text.data : NULL,
        .input_size = mizan_is_text(&input) ? input.as.text.size : 0,
        .timeout = option(&run, "timeout").as.integer,
        .output_most = (size_t)option(&run, "most").as.integer,
        .cancelled = is_cancelled,
        .owner = &run};
    if (run.program.folder == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    status = judge(&run, exec_run(&run.program, &run.result));
    if (status == MIZAN_OK) {
        status = emit_all(&run);
    }
    free(run.result.output);
    return status;
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_THREAD_SAFE,
    .name = "exec",
    .version = "0.1.0",
    .stability = "beta",
    .summary = "Runs a program and takes what it prints.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
