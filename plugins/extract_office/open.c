/* odt and ods: content.xml (OpenDocument 1.3). */
#include <stdio.h>
#include <string.h>

#include "office.h"

#define REPEATS 1000 /* rows and cells that are said once and stand often */

struct open {
    struct office_document *document;
    struct gathered text;
    bool sheets; /* a spreadsheet */
    uint32_t tables, depth, skipped;
    uint32_t head_depth; /* in rows that head the table */
    uint32_t paragraph;  /* depth of paragraphs: notes have paragraphs in them */
    /* the cell that is open */
    bool in_cell;
    uint32_t row_span, column_span, repeat;
    struct office_value value;
    enum number_kind kind;
    char unit[16];
    /* of a spreadsheet */
    struct sheet sheet;
    struct table_slice name;
    uint32_t row, column, row_repeat;
};

static bool is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

/* What was deleted, remarks, notes at the foot, the shapes of formulas and charts. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = {
        "tracked-changes", "annotation", "note",   "ruby-text",   "shapes",
        "forms",           "object",     "styles", "table-source"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* ---- cells ---- */

static void set_value(struct open *open, int count, const char **attributes)
{
    struct table_slice type = markup_attribute(count, attributes, "value-type");
    struct table_slice number = markup_attribute(count, attributes, "value");
    struct office_value *value = &open->value;
    bool date = false;
    *value = (struct office_value){.type = OFFICE_TEXT_VALUE};
    open->kind = NUMBER_PLAIN;
    open->unit[0] = '\0';
    if (slice_is(type, "date")) {
        struct table_slice text = markup_attribute(count, attributes, "date-value");
        if (number_iso(text, &value->time, &date)) {
            value->type = date ? OFFICE_DATE : OFFICE_TIME;
        }
    } else if (slice_is(type, "boolean")) {
        value->type = OFFICE_BOOLEAN;
        value->time =
            slice_is(markup_attribute(count, attributes, "boolean-value"), "true");
    } else if (number.size > 0 && number_decimal(number, value->decimal)) {
        struct table_slice unit = markup_attribute(count, attributes, "currency");
        value->type = OFFICE_NUMBER;
        open->kind = slice_is(type, "percentage") ? NUMBER_PERCENT
                     : slice_is(type, "currency") ? NUMBER_MONEY
                                                  : NUMBER_PLAIN;
        snprintf(open->unit, sizeof open->unit, "%.*s",
                 (int)(unit.size < 15 ? unit.size : 15), unit.data);
    }
}

static void begin_cell(struct open *open, int count, const char **attributes)
{
    open->in_cell = true;
    open->text.size = 0;
    open->row_span = markup_number(count, attributes, "number-rows-spanned", 1);
    open->column_span = markup_number(count, attributes, "number-columns-spanned", 1);
    open->repeat = markup_number(count, attributes, "number-columns-repeated", 1);
    set_value(open, count, attributes);
}

/* In a sheet a value is shown as it is: what the program displays depends on where its
 * user lives. */
static struct table_slice cell_text(struct open *open)
{
    char shown[96];
    if (!open->sheets || open->value.type <= OFFICE_TEXT_VALUE) {
        return office_keep(open->document, open->text.data, open->text.size);
    }
    number_shown(&open->value, open->kind, open->unit, shown, sizeof shown);
    return office_keep(open->document, shown, strlen(shown));
}

static void end_cell(struct open *open)
{
    struct office_document *document = open->document;
    struct table_slice text = cell_text(open);
    uint32_t repeat = open->repeat < 1 ? 1 : open->repeat;
    open->in_cell = false;
    open->text.size = 0;
    if (open->sheets && text.size == 0) {
        open->column += repeat; /* thousands of nothing, to the sheet's edge */
        return;
    }
    if (repeat > REPEATS) {
        repeat = REPEATS;
        document->partial = true;
    }
    for (uint32_t i = 0; i < repeat && !document->no_memory; i++) {
        if (!open->sheets) {
            (void)office_add_cell(document, text, &open->value, open->row_span,
                                  open->column_span);
            continue;
        }
        struct sheet_cell cell = {.row = open->row,
                                  .column = ++open->column,
                                  .row_span = open->row_span,
                                  .column_span = open->column_span,
                                  .text = text,
                                  .value = open->value};
        (void)sheet_add(document, &open->sheet, &cell);
    }
}

/* Rows that are said once: their cells again below. */
static void end_row(struct open *open)
{
    struct sheet *sheet = &open->sheet;
    size_t first = sheet->count;
    while (first > 0 && sheet->cells[first - 1].row == open->row) {
        first--;
    }
    size_t count = sheet->count - first;
    uint32_t repeat = open->row_repeat < 1 ? 1 : open->row_repeat;
    if (count > 0 && repeat > REPEATS) {
        repeat = REPEATS;
        open->document->partial = true;
    }
    for (uint32_t i = 1; count > 0 && i < repeat; i++) {
        for (size_t k = 0; k < count; k++) {
            struct sheet_cell cell = sheet->cells[first + k];
            cell.row = open->row + i;
            if (!sheet_add(open->document, sheet, &cell)) {
                return;
            }
        }
    }
    open->row += repeat - 1;
}

/* ---- events ---- */

static void begin_table(struct open *open, int count, const char **attributes)
{
    open->depth++;
    if (open->depth > 1) {
        return;
    }
    struct table_slice name = markup_attribute(count, attributes, "name");
    open->tables++;
    open->row = 0;
    if (open->sheets) {
        open->name = office_keep(open->document, name.data, name.size);
        open->sheet.count = 0;
    } else {
        struct office_place place = {open->tables, 0, 0};
        (void)office_begin_table(open->document, place, (struct table_slice){"", 0});
    }
}

static void end_table(struct open *open)
{
    open->depth--;
    if (open->depth > 0) {
        return;
    }
    if (open->sheets) {
        (void)sheet_lay_out(open->document, &open->sheet, open->tables, open->name);
    } else {
        (void)office_end_table(open->document);
    }
    open->text.size = 0;
}

static void begin_row(struct open *open, int count, const char **attributes)
{
    open->column = 0;
    open->row++;
    open->row_repeat = markup_number(count, attributes, "number-rows-repeated", 1);
    if (!open->sheets) {
        (void)office_begin_row(open->document, open->head_depth > 0);
    }
}

static void put_blanks(struct open *open)
{
    gather(open->document, &open->text, " ", 1); /* runs of blanks are folded */
}

static void on_start(void *owner, const char *name, int count, const char **attributes)
{
    struct open *open = owner;
    if (open->skipped > 0 || is_left_out(name)) {
        open->skipped++;
    } else if (is(name, "spreadsheet")) {
        open->sheets = true;
    } else if (is(name, "p") || is(name, "h")) {
        open->paragraph++;
    } else if (is(name, "s") || is(name, "tab") || is(name, "line-break")) {
        put_blanks(open);
    } else if (is(name, "table")) {
        begin_table(open, count, attributes);
    } else if (is(name, "table-header-rows")) {
        open->head_depth++;
    } else if (open->depth == 1 && is(name, "table-row")) {
        begin_row(open, count, attributes);
    } else if (open->depth == 1 && is(name, "table-cell") && open->row > 0) {
        begin_cell(open, count, attributes);
    } else if (open->depth == 1 && is(name, "covered-table-cell")) {
        open->column += markup_number(count, attributes, "number-columns-repeated", 1);
        open->skipped++;
    }
}

static void on_end(void *owner, const char *name)
{
    struct open *open = owner;
    if (open->skipped > 0) {
        open->skipped--;
    } else if (is(name, "p") || is(name, "h")) {
        open->paragraph -= open->paragraph > 0 ? 1 : 0;
        if (open->depth > 0) {
            put_blanks(open);
            return;
        }
        (void)office_paragraph(
            open->document,
            office_keep(open->document, open->text.data, open->text.size));
        open->text.size = 0;
    } else if (is(name, "table") && open->depth > 0) {
        end_table(open);
    } else if (is(name, "table-header-rows") && open->head_depth > 0) {
        open->head_depth--;
    } else if (open->depth == 1 && is(name, "table-row") && open->sheets) {
        end_row(open);
    } else if (open->depth == 1 && is(name, "table-cell") && open->in_cell) {
        end_cell(open);
    }
}

static void on_text(void *owner, const char *data, size_t size)
{
    struct open *open = owner;
    if (open->paragraph > 0 && open->skipped == 0) {
        gather(open->document, &open->text, data, size);
    }
}

enum office_status open_read(struct office_document *document,
                             const struct package *package)
{
    struct open open = {.document = document};
    struct markup markup = {.document = document,
                            .owner = &open,
                            .start = on_start,
                            .end = on_end,
                            .text = on_text};
    open.text.data = document->memory->allocate(document->memory->user, 1);
    if (open.text.data == NULL) {
        return OFFICE_NO_MEMORY;
    }
    enum office_status status = markup_read(package, "content.xml", &markup);
    document->form = open.sheets ? OFFICE_ODS : OFFICE_ODT;
    return status;
}
