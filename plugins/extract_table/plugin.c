/* extract.table: the tables of an HTML document to records of type "row", and to lines
 * of text in which every figure stands beside what heads it, its unit and its period.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge.h"
#include "mizan/plugin.h"
#include "shared/tables/table.h"

struct instance {
    const struct mizan_host *host;
    bool text, outside;
};

struct call {
    const struct instance *self;
    mizan_task *task;
    mizan_record *record;
    int32_t status;
};

static const struct mizan_option options[] = {
    {"text", MIZAN_OPTION_BOOLEAN, 0, "true", NULL, NULL, NULL,
     "put the cells of tables that stand in the text under their heads, for "
     "extract.figures"},
    {"outside", MIZAN_OPTION_BOOLEAN, 0, "false", NULL, NULL, NULL,
     "also append tables that stand outside of the article's text"},
};

static void *allocate(void *user, size_t size)
{
    struct call *call = user;
    return call->self->host->alloc(call->task, size);
}

static bool flag(const struct mizan_host *host, const mizan_options *given,
                 const char *name)
{
    struct mizan_value value;
    return host->option(given, name, &value) == MIZAN_OK &&
           value.type == MIZAN_BOOLEAN && value.as.integer != 0;
}

static int32_t table_open(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *given, void **instance)
{
    struct instance *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    made->host = host;
    made->text = flag(host, given, "text");
    made->outside = flag(host, given, "outside");
    *instance = made;
    return MIZAN_OK;
}

static void table_close(void *instance)
{
    free(instance);
}

static struct table_slice get(const struct call *call, const char *name)
{
    struct mizan_value value;
    struct table_slice slice = {NULL, 0};
    if (call->self->host->record_get(call->record, name, &value) &&
        (value.type == MIZAN_TEXT || value.type == MIZAN_BYTES)) {
        slice.data = value.as.text.data;
        slice.size = value.as.text.size;
    }
    return slice;
}

static void set(struct call *call, mizan_record *record, const char *name,
                const struct mizan_value *value)
{
    if (call->status == MIZAN_OK) {
        call->status = call->self->host->record_set(record, name, value);
    }
}

static void set_text(struct call *call, mizan_record *record, const char *name,
                     struct table_slice text)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text.data = text.data;
    value.as.text.size = text.size;
    if (text.size > 0) {
        set(call, record, name, &value);
    }
}

static struct mizan_value integer(size_t number)
{
    struct mizan_value value = {.type = MIZAN_INTEGER};
    value.as.integer = (int64_t)number;
    return value;
}

/* A list of lists of `width` numbers each. */
static void set_numbers(struct call *call, const char *name, const size_t *numbers,
                        size_t count, size_t width)
{
    struct mizan_value *lists = allocate(call, (count + 1) * sizeof(*lists));
    struct mizan_value *items = allocate(call, (count * width + 1) * sizeof(*items));
    if (lists == NULL || items == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < count * width; i++) {
        items[i] = integer(numbers[i]);
    }
    for (size_t i = 0; i < count; i++) {
        lists[i] = (struct mizan_value){.type = MIZAN_LIST};
        lists[i].as.list.items = items + i * width;
        lists[i].as.list.count = width;
    }
    struct mizan_value list = {.type = MIZAN_LIST};
    list.as.list.items = lists;
    list.as.list.count = count;
    set(call, call->record, name, &list);
}

static void set_places(struct call *call, const struct merged *merged)
{
    size_t *numbers = allocate(call, (merged->place_count * 6 + 1) * sizeof(*numbers));
    size_t *ends = allocate(call, (merged->paragraph_count * 2 + 1) * sizeof(*ends));
    if (numbers == NULL || ends == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < merged->place_count; i++) {
        const struct table_place *place = &merged->places[i];
        size_t *at = numbers + 6 * i;
        at[0] = place->line;
        at[1] = place->start;
        at[2] = place->end;
        at[3] = place->table;
        at[4] = place->row;
        at[5] = place->column;
    }
    for (size_t i = 0; i < merged->paragraph_count; i++) {
        ends[2 * i] = merged->paragraphs[i].start;
        ends[2 * i + 1] = merged->paragraphs[i].end;
    }
    set_numbers(call, "cells", numbers, merged->place_count, 6);
    set_numbers(call, "paragraphs", ends, merged->paragraph_count, 2);
}

static void merge_text(struct call *call, const struct table_page *page)
{
    struct table_memory memory = {allocate, call};
    struct merged merged;
    char version[64];
    struct table_slice old = get(call, "text_version");
    if (!merge_tables(page, &memory, get(call, "text"), call->self->outside, &merged)) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    if (merged.place_count == 0) {
        return;
    }
    set_text(call, call->record, "text",
             (struct table_slice){merged.text, merged.size});
    set_places(call, &merged);
    int size = snprintf(version, sizeof(version), "%.*s%stable" TABLE_VERSION,
                        (int)(old.size < 40 ? old.size : 40),
                        old.size > 0 ? old.data : "", old.size > 0 ? "+" : "");
    set_text(call, call->record, "text_version",
             (struct table_slice){version, (size_t)size});
    if (old.size == 0) {
        set_text(call, call->record, "text_extractor",
                 (struct table_slice){"table", 5});
    }
}

/* The field's name: the column's heads with their units; one that was there before, or
 * none, gets the column's number. */
static void name_column(struct call *call, const struct table_page *page,
                        const struct table *table, uint32_t column, char out[128])
{
    struct table_memory memory = {allocate, call};
    struct table_slice head = table_column_head(page, &memory, table, column);
    bool again = false;
    for (uint32_t c = 0; c < column && !again; c++) {
        struct table_slice other = table_column_head(page, &memory, table, c);
        again = other.size == head.size && head.size > 0 &&
                memcmp(other.data, head.data, head.size) == 0;
    }
    size_t size = head.size < 100 ? head.size : 100;
    while (size > 0 && size < head.size && (head.data[size] & 0xc0) == 0x80) {
        size--;
    }
    if (head.size == 0) {
        snprintf(out, 128, "column_%u", (unsigned)column + 1);
    } else if (again) {
        snprintf(out, 128, "%.*s (%u)", (int)size, head.data, (unsigned)column + 1);
    } else {
        snprintf(out, 128, "%.*s", (int)size, head.data);
    }
}

static void emit_row(struct call *call, const struct table_page *page,
                     const struct table *table, uint32_t row, const char (*names)[128])
{
    const struct mizan_host *host = call->self->host;
    struct mizan_locator locator = {
        .kind = MIZAN_LOCATOR_CELL, .a = table->number, .b = row + 1, .c = 1};
    mizan_record *record = host->record_new(call->task, "row");
    if (record == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct table_cell *cell = table_at(page, table, row, c);
        if (cell != NULL) {
            set_text(call, record, names[c], cell->text);
        }
    }
    set_text(call, record, "caption", table->caption);
    if (call->status == MIZAN_OK) {
        call->status = host->record_set_locator(record, &locator);
    }
    if (call->status == MIZAN_OK) {
        call->status = host->emit(call->task, record);
    }
}

static void emit_rows(struct call *call, const struct table_page *page)
{
    for (size_t i = 0; i < page->table_count && call->status == MIZAN_OK; i++) {
        const struct table *table = &page->tables[i];
        if (!table->data) {
            continue;
        }
        char(*names)[128] = allocate(call, table->column_count * sizeof(*names));
        if (names == NULL) {
            call->status = MIZAN_ERROR_MEMORY;
            return;
        }
        for (uint32_t c = 0; c < table->column_count; c++) {
            name_column(call, page, table, c, names[c]);
        }
        for (uint32_t r = table->head_rows;
             r < table->row_count && call->status == MIZAN_OK; r++) {
            if (table_group_label(page, table, r).size == 0) {
                emit_row(call, page, table, r, (const char(*)[128])names);
            }
        }
    }
}

static bool is_html(const struct call *call)
{
    struct table_slice type = get(call, "media_type");
    return (type.size == 9 && memcmp(type.data, "text/html", 9) == 0) ||
           (type.size == 21 && memcmp(type.data, "application/xhtml+xml", 21) == 0);
}

static int32_t table_extract(void *instance, mizan_task *task, mizan_record *record)
{
    const struct instance *self = instance;
    const struct mizan_host *host = self->host;
    struct call call = {self, task, record, MIZAN_OK};
    struct table_memory memory = {allocate, &call};
    struct table_slice charset = get(&call, "charset_used");
    struct table_page page = {0};
    if (charset.size == 0) {
        charset = get(&call, "charset");
    }
    if (is_html(&call)) {
        enum table_status status =
            table_read(get(&call, "body"), charset, &memory, &page);
        if (status == TABLE_TOO_LARGE) {
            return host->fail(task, MIZAN_ERROR_LIMIT,
                              "the body is larger than %zu MiB, the most that "
                              "extract.table reads",
                              TABLE_BODY_LIMIT >> 20);
        }
        call.status = status == TABLE_OK ? MIZAN_OK : MIZAN_ERROR_MEMORY;
    }
    if (call.status == MIZAN_OK && self->text && page.table_count > 0) {
        merge_text(&call, &page);
    }
    if (call.status == MIZAN_OK) {
        if (page.partial) {
            host->log(task, MIZAN_LOG_WARNING,
                      "the page is nested too deep or its tables are too many or too "
                      "large: they are not read to the end");
        }
        call.status = host->emit(task, record);
    }
    emit_rows(&call, &page);
    return call.status == MIZAN_ERROR_MEMORY
               ? host->fail(task, call.status, "out of memory while reading tables")
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
    .name = "table",
    .version = TABLE_VERSION,
    .stability = "beta",
    .summary = "Rows of HTML tables, and their figures under heads, unit and period.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = table_open,
    .close = table_close,
    .extract = table_extract,
};
