/* extract.pdf: the text of a PDF in the order of reading, its pages kept. The file
 * comes from strangers, and so `pdftotext` reads it: a child with limits on memory and
 * time, without sockets and files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mizan/plugin.h"

#include "pdf.h"
#include "shared/program/exec_program.h"

#define PDF_VERSION  "1"
#define OUTPUT_MOST  ((size_t)512 << 20)
#define UNKNOWN_PART 20 /* of so many letters one may be without a name */

struct instance {
    const struct mizan_host *host;
    char *program;
    size_t memory;
    int64_t timeout;
};

struct call {
    const struct instance *self;
    mizan_task *task;
    mizan_record *record;
    int32_t status;
};

static const struct mizan_option options[] = {
    {.name = "program",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "pdftotext",
     .help = "pdftotext (of poppler-utils), a name to look for in PATH or a path; "
             "mizan.lua must allow it."},
    {.name = "timeout",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "60s",
     .minimum = "1s",
     .maximum = "1h",
     .help = "How long it may take for one document."},
    {.name = "memory",
     .type = MIZAN_OPTION_SIZE,
     .default_value = "1G",
     .minimum = "64M",
     .maximum = "16G",
     .help = "The most memory that it may take."},
};

static void *allocate(void *user, size_t size)
{
    struct call *call = user;
    void *memory = call->self->host->alloc(call->task, size);
    call->status = memory == NULL ? MIZAN_ERROR_MEMORY : call->status;
    return memory;
}

static void close_instance(void *instance)
{
    struct instance *self = instance;
    free(self->program);
    free(self);
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct mizan_value program, memory, timeout;
    struct instance *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    self->host = host;
    int32_t status = host->option(given, "program", &program);
    status = status != MIZAN_OK ? status : host->option(given, "memory", &memory);
    status = status != MIZAN_OK ? status : host->option(given, "timeout", &timeout);
    if (status == MIZAN_OK) {
        self->program = strndup(program.as.text.data, program.as.text.size);
        self->memory = (size_t)memory.as.integer;
        self->timeout = timeout.as.integer;
        status = self->program == NULL
                     ? host->fail(task, MIZAN_ERROR_MEMORY, "out of memory")
                     : MIZAN_OK;
    }
    if (status != MIZAN_OK) {
        close_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
}

/* ---- the program ---- */

static bool is_cancelled(void *owner)
{
    const struct call *call = owner;
    return call->self->host->cancelled(call->task) != 0;
}

/* The first line of what it said, without its own mark of a warning. */
static const char *first_line(char *note)
{
    static const char mark[] = "Syntax Error: ";
    note[strcspn(note, "\r\n")] = '\0';
    return strncmp(note, mark, sizeof mark - 1) == 0 ? note + sizeof mark - 1 : note;
}

static int32_t judge(struct call *call, enum exec_status status,
                     struct exec_result *result)
{
    const struct instance *self = call->self;
    const struct mizan_host *host = self->host;
    char text[128] = "";
    switch (status) {
    case EXEC_NO_PROGRAM:
        return host->fail(call->task, MIZAN_ERROR_FAILED,
                          "the program %s cannot be started: %s; it is in the package "
                          "poppler-utils",
                          self->program, strerror_r(errno, text, sizeof text));
    case EXEC_LATE:
        return host->fail(call->task, MIZAN_ERROR_INPUT,
                          "%s needed more than %lld ms for the PDF (option timeout)",
                          self->program, (long long)self->timeout);
    case EXEC_TOO_MUCH:
        return host->fail(call->task, MIZAN_ERROR_LIMIT,
                          "the PDF's text with its places is larger than %zu MiB",
                          OUTPUT_MOST >> 20);
    case EXEC_CANCELLED:
        return MIZAN_ERROR_CANCELLED;
    case EXEC_NO_MEMORY:
        return host->fail(call->task, MIZAN_ERROR_MEMORY,
                          "out of memory while reading a PDF");
    case EXEC_ENDED:
    default:
        break;
    }
    if (result->code == 0) {
        return MIZAN_OK;
    }
    if (result->code == 3 || strstr(result->note, "Incorrect password") != NULL) {
        return host->fail(call->task, MIZAN_ERROR_REJECTED,
                          "the PDF is locked: its text can be read with a password "
                          "alone");
    }
    if (result->code < 0) {
        return host->fail(call->task, MIZAN_ERROR_INPUT,
                          "%s was ended by signal %d while reading the PDF: it is "
                          "damaged, or needs more than the options memory and timeout "
                          "allow",
                          self->program, -result->code);
    }
    return host->fail(call->task, MIZAN_ERROR_REJECTED,
                      "the PDF is damaged, %s cannot read it: %s", self->program,
                      first_line(result->note));
}

static int32_t run_program(struct call *call, const char *body, size_t size,
                           struct exec_result *result)
{
    const struct instance *self = call->self;
    char layout[] = "-bbox-layout", encoding[] = "-enc", utf8[] = "UTF-8", from[] = "-",
         to[] = "-";
    char *arguments[] = {self->program, layout, encoding, utf8, from, to, NULL};
    struct exec_program program = {.arguments = arguments,
                                   .folder = "/",
                                   .input = body,
                                   .input_size = size,
                                   .timeout = self->timeout,
                                   .output_most = OUTPUT_MOST,
                                   .cancelled = is_cancelled,
                                   .owner = call,
                                   .memory_most = self->memory,
                                   .cpu_most = self->timeout / 1000 + 1,
                                   .walled = true};
    return judge(call, exec_run(&program, result), result);
}

/* ---- what came of it ---- */

static void set(struct call *call, const char *name, struct mizan_value value)
{
    if (call->status == MIZAN_OK) {
        call->status = call->self->host->record_set(call->record, name, &value);
    }
}

static struct mizan_value text_of(const char *text, size_t size)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text = (struct mizan_slice){text, size};
    return value;
}

static struct mizan_value integer(size_t number)
{
    struct mizan_value value = {.type = MIZAN_INTEGER};
    value.as.integer = (int64_t)number;
    return value;
}

static struct mizan_value list_of(const struct mizan_value *items, size_t count)
{
    struct mizan_value value = {.type = MIZAN_LIST};
    value.as.list = (struct mizan_list){items, count};
    return value;
}

static void set_places(struct call *call, const struct pdf_text *text)
{
    size_t count = text->paragraph_count;
    struct mizan_value *pages = allocate(call, (text->page_count + 1) * sizeof(*pages));
    struct mizan_value *pairs = allocate(call, (count + 1) * sizeof(*pairs));
    struct mizan_value *ends = allocate(call, (2 * count + 1) * sizeof(*ends));
    if (pages == NULL || pairs == NULL || ends == NULL) {
        return;
    }
    for (size_t i = 0; i < text->page_count; i++) {
        pages[i] = integer(text->pages[i]);
    }
    for (size_t i = 0; i < count; i++) {
        ends[2 * i] = integer(text->paragraphs[i].start);
        ends[2 * i + 1] = integer(text->paragraphs[i].end);
        pairs[i] = list_of(ends + 2 * i, 2);
    }
    set(call, "pages", list_of(pages, text->page_count));
    set(call, "paragraphs", list_of(pairs, count));
}

static bool has(const struct call *call, const char *name)
{
    struct mizan_value value;
    return call->self->host->record_get(call->record, name, &value) != 0;
}

/* Glyphs of which the file does not say what they are. */
static size_t count_replacements(const struct pdf_text *text, size_t *letters)
{
    size_t replaced = 0;
    *letters = 0;
    for (size_t i = 0; i < text->size; i++) {
        *letters += ((unsigned char)text->text[i] & 0xc0) != 0x80 ? 1 : 0;
        replaced +=
            i + 2 < text->size && memcmp(text->text + i, "\xef\xbf\xbd", 3) == 0;
    }
    return replaced;
}

static int32_t set_text(struct call *call, const struct pdf_boxes *boxes,
                        const struct pdf_text *text)
{
    struct mizan_value yes = {.type = MIZAN_BOOLEAN};
    yes.as.integer = 1;
    set(call, "text", text_of(text->text, text->size));
    if (boxes->title_size > 0 && !has(call, "title")) {
        set(call, "title", text_of(boxes->title, boxes->title_size));
    }
    set(call, "text_extractor", text_of("pdf", 3));
    set(call, "text_version", text_of(PDF_VERSION, sizeof PDF_VERSION - 1));
    if (text->partial) {
        set(call, "partial", yes);
    }
    set_places(call, text);
    return call->status == MIZAN_OK
               ? call->self->host->emit(call->task, call->record)
               : call->self->host->fail(call->task, call->status,
                                        "the text of a PDF could not be set on its "
                                        "document");
}

static int32_t take_output(struct call *call, struct exec_result *result,
                           const struct pdf_cmaps *maps)
{
    const struct mizan_host *host = call->self->host;
    struct pdf_memory memory = {allocate, call};
    struct pdf_boxes boxes;
    struct pdf_text text;
    if (!pdf_boxes_read(result->output, result->size, &memory, &boxes) ||
        !pdf_lay_out(&boxes, &memory, &text)) {
        return host->fail(call->task, MIZAN_ERROR_MEMORY,
                          "not enough memory for the text of a PDF");
    }
    if (text.size == 0) {
        return host->fail(call->task, MIZAN_ERROR_REJECTED,
                          "the PDF has %u pages and no text: it is scanned or drawn; "
                          "run text recognition over it first (ocrmypdf makes a PDF "
                          "with text)",
                          (unsigned)boxes.page_count);
    }
    if (maps->broken > 0) {
        return host->fail(call->task, MIZAN_ERROR_REJECTED,
                          "the PDF's fonts name whole lines in place of letters, so "
                          "that its right-to-left text cannot be told (WeasyPrint 57 "
                          "wrote such files): ask for another format, or run text "
                          "recognition over it");
    }
    size_t letters, unknown = count_replacements(&text, &letters);
    if (unknown > letters / UNKNOWN_PART) {
        return host->fail(call->task, MIZAN_ERROR_REJECTED,
                          "the PDF's fonts do not name %zu of its %zu letters: ask for "
                          "another format, or run text recognition over it",
                          unknown, letters);
    }
    set(call, "replacements", integer(unknown));
    if (text.partial) {
        host->log(call->task, MIZAN_LOG_WARNING,
                  "the PDF is too long: its text is not complete");
    }
    return set_text(call, &boxes, &text);
}

static bool is_pdf(const struct mizan_value *body)
{
    size_t look = body->as.text.size < 1024 ? body->as.text.size : 1024;
    return look > 5 && memmem(body->as.text.data, look, "%PDF-", 5) != NULL;
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    const struct instance *self = instance;
    const struct mizan_host *host = self->host;
    struct call call = {self, task, record, MIZAN_OK};
    struct mizan_value body;
    struct pdf_cmaps maps;
    struct exec_result result;
    if (host->record_get(record, "body", &body) == 0 ||
        (body.type != MIZAN_BYTES && body.type != MIZAN_TEXT) || !is_pdf(&body)) {
        return host->emit(task, record); /* another reader's */
    }
    size_t size = body.as.text.size;
    char *copy = allocate(&call, size);
    if (copy == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY,
                          "not enough memory for a PDF of %zu bytes", size);
    }
    memcpy(copy, body.as.text.data, size);
    pdf_mend_cmaps(copy, size, &maps);
    int32_t status = run_program(&call, copy, size, &result);
    if (status == MIZAN_OK) {
        status = take_output(&call, &result, &maps);
    }
    free(result.output);
    return status;
}

static const char *const consumes[] = {"document", NULL};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "pdf",
    .version = PDF_VERSION,
    .stability = "beta",
    .summary = "The text of PDF files in the order of reading, with its pages.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
