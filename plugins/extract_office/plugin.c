/* extract.office: docx, xlsx, odt and ods to text, to rows of their tables, and to
 * figures that know their cell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mizan/plugin.h"

#include "office.h"

#define OFFICE_VERSION "1"
#define NAME           128 /* bytes of a field's name */

struct instance {
    const struct mizan_host *host;
    bool rows;
};

struct call {
    const struct instance *self;
    mizan_task *task;
    mizan_record *record;
    int32_t status;
};

static const struct mizan_option options[] = {
    {.name = "rows",
     .type = MIZAN_OPTION_BOOLEAN,
     .default_value = "true",
     .help =
         "Give the rows of tables and sheets as records of type \"row\", numbers and "
         "dates typed."},
};

static void *allocate(void *user, size_t size)
{
    struct call *call = user;
    return call->self->host->alloc(call->task, size);
}

static bool is_cancelled(void *owner)
{
    const struct call *call = owner;
    return call->self->host->cancelled(call->task) != 0;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct mizan_value rows;
    struct instance *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    self->host = host;
    self->rows = host->option(given, "rows", &rows) != MIZAN_OK ||
                 rows.type != MIZAN_BOOLEAN || rows.as.integer != 0;
    *instance = self;
    return MIZAN_OK;
}

static void close_instance(void *instance)
{
    free(instance);
}

/* ---- the document ---- */

static void set(struct call *call, mizan_record *record, const char *name,
                struct mizan_value value)
{
    if (call->status == MIZAN_OK) {
        call->status = call->self->host->record_set(record, name, &value);
    }
}

static struct mizan_value text_of(const char *text, size_t size)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text = (struct mizan_slice){text, size};
    return value;
}

static struct mizan_value integer_of(uint32_t type, int64_t number)
{
    struct mizan_value value = {.type = type};
    value.as.integer = number;
    return value;
}

/* A list of lists of `width` numbers each. */
static void set_numbers(struct call *call, const char *name, const size_t *numbers,
                        size_t count, size_t width)
{
    struct mizan_value *lists = allocate(call, (count + 1) * sizeof(*lists));
    struct mizan_value *items = allocate(call, (count * width + 1) * sizeof(*items));
    struct mizan_value list = {.type = MIZAN_LIST};
    if (lists == NULL || items == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < count * width; i++) {
        items[i] = integer_of(MIZAN_INTEGER, (int64_t)numbers[i]);
    }
    for (size_t i = 0; i < count; i++) {
        lists[i] = (struct mizan_value){.type = MIZAN_LIST};
        lists[i].as.list = (struct mizan_list){items + i * width, width};
    }
    list.as.list = (struct mizan_list){lists, count};
    set(call, call->record, name, list);
}

static void set_places(struct call *call, const struct office_text *text)
{
    size_t *cells = allocate(call, (text->cell_count * 6 + 1) * sizeof(*cells));
    size_t *ends = allocate(call, (text->paragraph_count * 2 + 1) * sizeof(*ends));
    if (cells == NULL || ends == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < text->cell_count; i++) {
        const struct table_place *place = &text->cells[i];
        const size_t numbers[] = {place->line,  place->start, place->end,
                                  place->table, place->row,   place->column};
        memcpy(cells + 6 * i, numbers, sizeof numbers);
    }
    for (size_t i = 0; i < text->paragraph_count; i++) {
        ends[2 * i] = text->paragraphs[i].start;
        ends[2 * i + 1] = text->paragraphs[i].end;
    }
    set_numbers(call, "cells", cells, text->cell_count, 6);
    set_numbers(call, "paragraphs", ends, text->paragraph_count, 2);
}

static void set_document(struct call *call, struct office_document *document)
{
    struct office_text text;
    struct mizan_value before;
    if (!office_write(document, &text)) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    set(call, call->record, "text", text_of(text.size > 0 ? text.text : "", text.size));
    if (document->title.size > 0 &&
        !call->self->host->record_get(call->record, "title", &before)) {
        set(call, call->record, "title",
            text_of(document->title.data, document->title.size));
    }
    set(call, call->record, "text_extractor", text_of("office", 6));
    set(call, call->record, "text_version",
        text_of(OFFICE_VERSION, sizeof OFFICE_VERSION - 1));
    if (document->partial) {
        set(call, call->record, "partial", integer_of(MIZAN_BOOLEAN, 1));
    }
    set_places(call, &text);
}

/* ---- rows ---- */

static struct mizan_value typed(const struct office_value *value,
                                struct table_slice text)
{
    switch (value->type) {
    case OFFICE_NUMBER: {
        struct mizan_value number = text_of(value->decimal, strlen(value->decimal));
        number.type = MIZAN_DECIMAL;
        if (strchr(value->decimal, '.') == NULL && strlen(value->decimal) < 19) {
            return integer_of(MIZAN_INTEGER, strtoll(value->decimal, NULL, 10));
        }
        return number;
    }
    case OFFICE_DATE:
    case OFFICE_TIME:
        return integer_of(MIZAN_TIME, value->time);
    case OFFICE_BOOLEAN:
        return integer_of(MIZAN_BOOLEAN, value->time);
    case OFFICE_EMPTY:
    case OFFICE_TEXT_VALUE:
    default:
        return text_of(text.data, text.size);
    }
}

/* The column's heads; one that was there before, or none, gets the column's number. */
static void name_column(struct office_document *document, const struct table *table,
                        uint32_t column, char (*names)[NAME])
{
    struct table_slice head =
        table_column_head(&document->page, document->memory, table, column);
    size_t size = head.size < 100 ? head.size : 100;
    while (size > 0 && size < head.size && (head.data[size] & 0xc0) == 0x80) {
        size--;
    }
    snprintf(names[column], NAME, "%.*s", (int)size,
             head.data != NULL ? head.data : "");
    bool again = false;
    for (uint32_t c = 0; c < column && !again; c++) {
        again = strcmp(names[c], names[column]) == 0;
    }
    if (head.size == 0) {
        snprintf(names[column], NAME, "column_%u", (unsigned)column + 1);
    } else if (again) {
        snprintf(names[column], NAME, "%.*s (%u)", (int)size, head.data,
                 (unsigned)column + 1);
    }
}

static void emit_row(struct call *call, const struct office_document *document,
                     uint32_t index, uint32_t row, const char (*names)[NAME])
{
    const struct mizan_host *host = call->self->host;
    const struct table *table = &document->page.tables[index];
    const struct office_place *place = &document->places[index];
    mizan_record *record = host->record_new(call->task, "row");
    struct mizan_locator locator = {.kind = MIZAN_LOCATOR_CELL,
                                    .a = place->sheet,
                                    .b = (int64_t)place->row + row + 1,
                                    .c = (int64_t)place->column + 1};
    if (record == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct table_cell *cell = table_at(&document->page, table, row, c);
        if (cell != NULL && cell->text.size > 0) {
            set(call, record, names[c],
                typed(&document->values[cell - document->page.cells], cell->text));
        }
    }
    if (table->caption.size > 0) {
        set(call, record, "caption", text_of(table->caption.data, table->caption.size));
    }
    if (call->status == MIZAN_OK) {
        call->status = host->record_set_locator(record, &locator);
    }
    if (call->status == MIZAN_OK) {
        call->status = host->emit(call->task, record);
    }
}

static void emit_rows(struct call *call, struct office_document *document)
{
    for (uint32_t i = 0; i < document->page.table_count && call->status == MIZAN_OK;
         i++) {
        const struct table *table = &document->page.tables[i];
        if (table->head_rows == 0 || table->column_count == 0) {
            continue;
        }
        char(*names)[NAME] = allocate(call, table->column_count * sizeof(*names));
        if (names == NULL) {
            call->status = MIZAN_ERROR_MEMORY;
            return;
        }
        for (uint32_t c = 0; c < table->column_count; c++) {
            name_column(document, table, c, names);
        }
        for (uint32_t r = table->head_rows;
             r < table->row_count && call->status == MIZAN_OK; r++) {
            emit_row(call, document, i, r, (const char(*)[NAME])names);
        }
    }
}

/* ---- the call ---- */

static int32_t refuse(struct call *call, enum office_status status,
                      const struct office_document *document)
{
    const struct mizan_host *host = call->self->host;
    if (status == OFFICE_CANCELLED) {
        return MIZAN_ERROR_CANCELLED;
    }
    if (status == OFFICE_REFUSED) {
        return host->fail(call->task, MIZAN_ERROR_REJECTED,
                          "the office document cannot be read: %s", document->reason);
    }
    return host->fail(call->task, MIZAN_ERROR_MEMORY,
                      "not enough memory for an office document");
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    const struct instance *self = instance;
    const struct mizan_host *host = self->host;
    struct call call = {self, task, record, MIZAN_OK};
    struct table_memory memory = {allocate, &call};
    struct mizan_value body;
    struct office_document document;
    if (host->record_get(record, "body", &body) == 0 ||
        (body.type != MIZAN_BYTES && body.type != MIZAN_TEXT)) {
        return host->emit(task, record);
    }
    enum office_status status = office_read(body.as.text.data, body.as.text.size,
                                            &memory, is_cancelled, &call, &document);
    if (status == OFFICE_NOT_OFFICE) {
        return host->emit(task, record); /* another reader's */
    }
    if (status != OFFICE_OK) {
        return refuse(&call, status, &document);
    }
    set_document(&call, &document);
    if (document.partial) {
        host->log(task, MIZAN_LOG_WARNING,
                  "the office document is too large: it is not read to the end");
    }
    if (call.status == MIZAN_OK) {
        call.status = host->emit(task, record);
    }
    if (self->rows) {
        emit_rows(&call, &document);
    }
    return call.status == MIZAN_ERROR_MEMORY
               ? host->fail(task, call.status,
                            "not enough memory for an office document")
               : call.status;
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
    .name = "office",
    .version = OFFICE_VERSION,
    .stability = "beta",
    .summary = "Text, tables and sheets of docx, xlsx, odt and ods.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
