#include "value/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_COLUMNS 64
#define MOST_TEXT    ((size_t)1 << 30)
/* A column gets no narrower than this; columns that then do not fit are left out. */
#define LEAST_WIDTH   16
#define DEFAULT_WIDTH 120

static void cell_text(struct mz_buffer *out, const struct mizan_value *value)
{
    char time[MZ_TIME_TEXT];
    switch (value->type) {
    case MIZAN_NIL:
        break;
    case MIZAN_TEXT:
    case MIZAN_DECIMAL:
        mz_buffer_add(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_TIME:
        mz_buffer_text(out, mz_time_format(value->as.integer, time));
        break;
    default:
        mz_json_value(out, value);
        break;
    }
}

/* ---- forms for programs ---- */

/* A whole cell that is a negative number: nothing that a spreadsheet would run. */
static bool is_negative_number(const char *text, size_t size)
{
    size_t digits = 0;
    for (size_t i = 1; i < size; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        bool sign = (text[i] == '-' || text[i] == '+') &&
                    (text[i - 1] == 'e' || text[i - 1] == 'E');
        digits += digit ? 1 : 0;
        if (!digit && !sign && strchr(".eE", text[i]) == NULL) {
            return false;
        }
    }
    return size > 1 && text[0] == '-' && digits > 0;
}

static void csv_cell(struct mz_buffer *out, const char *text, size_t size)
{
    bool quote = size > 0 && strchr("=+-@\t\r", text[0]) != NULL;
    bool number = is_negative_number(text, size);
    if (memchr(text, ',', size) == NULL && memchr(text, '"', size) == NULL &&
        memchr(text, '\n', size) == NULL && memchr(text, '\r', size) == NULL &&
        (!quote || number)) {
        mz_buffer_add(out, text, size);
        return;
    }
    mz_buffer_text(out, quote && !number ? "\"'" : "\"");
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"') {
            mz_buffer_byte(out, '"');
        }
        mz_buffer_byte(out, text[i]);
    }
    mz_buffer_byte(out, '"');
}

/* Tabs and line ends inside a cell would break the line: they become spaces. */
static void plain_cell(struct mz_buffer *out, const char *text, size_t size,
                       enum mz_table_form form)
{
    for (size_t i = 0; i < size; i++) {
        char byte = text[i];
        if (byte == '\t' || byte == '\n' || byte == '\r') {
            byte = ' ';
        }
        if (byte == '|' && form == MZ_TABLE_MARKDOWN) {
            mz_buffer_byte(out, '\\');
        }
        mz_buffer_byte(out, byte);
    }
}

static void separated_line(struct mz_buffer *out, const struct mizan_map *map,
                           bool names, enum mz_table_form form)
{
    struct mz_buffer cell;
    const char *between = form == MZ_TABLE_CSV ? "," : "\t";
    mz_buffer_init(&cell, MOST_TEXT);
    mz_buffer_text(out, form == MZ_TABLE_MARKDOWN ? "| " : "");
    for (size_t i = 0; i < map->count; i++) {
        const struct mizan_field *field = &map->fields[i];
        mz_buffer_clear(&cell);
        if (names) {
            mz_buffer_add(&cell, field->name.data, field->name.size);
        } else {
            cell_text(&cell, &field->value);
        }
        if (i > 0) {
            mz_buffer_text(out, form == MZ_TABLE_MARKDOWN ? " | " : between);
        }
        const char *text = cell.data == NULL ? "" : cell.data;
        if (form == MZ_TABLE_CSV) {
            csv_cell(out, text, cell.size);
        } else {
            plain_cell(out, text, cell.size, form);
        }
    }
    mz_buffer_text(out, form == MZ_TABLE_MARKDOWN ? " |\n" : "\n");
    mz_buffer_finish(&cell);
}

static void separated(struct mz_buffer *out, const struct mizan_list *rows,
                      enum mz_table_form form)
{
    separated_line(out, &rows->items[0].as.map, true, form);
    for (size_t i = 0; form == MZ_TABLE_MARKDOWN && i < rows->items[0].as.map.count;
         i++) {
        mz_buffer_text(out, i == 0 ? "|---|" : "---|");
    }
    mz_buffer_text(out, form == MZ_TABLE_MARKDOWN ? "\n" : "");
    for (size_t i = 0; i < rows->count; i++) {
        separated_line(out, &rows->items[i].as.map, false, form);
    }
}

void mz_table_csv(struct mz_buffer *out, const struct mizan_value *rows)
{
    if (rows->as.list.count > 0) {
        separated(out, &rows->as.list, MZ_TABLE_CSV);
    }
}

/* ---- the form for people ---- */

static bool is_number(const struct mizan_value *value)
{
    return value->type == MIZAN_INTEGER || value->type == MIZAN_DOUBLE ||
           value->type == MIZAN_DECIMAL;
}

static size_t terminal_width(FILE *out)
{
    struct winsize size;
    if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0) {
        return size.ws_col;
    }
    return DEFAULT_WIDTH;
}

/* A cell on one line: control characters, which would move the cursor of a terminal or
 * break the line, become spaces. */
static void line_text(struct mz_buffer *out, const struct mizan_value *value)
{
    size_t before = out->size;
    cell_text(out, value);
    for (size_t i = before; i < out->size; i++) {
        unsigned char byte = (unsigned char)out->data[i];
        if (byte < 0x20 || byte == 0x7F) {
            out->data[i] = ' ';
        }
    }
}

static void measure(const struct mizan_list *rows, size_t *widths, size_t columns)
{
    struct mz_buffer cell;
    mz_buffer_init(&cell, MOST_TEXT);
    for (size_t c = 0; c < columns; c++) {
        const struct mizan_slice *name = &rows->items[0].as.map.fields[c].name;
        widths[c] = mz_utf8_width(name->data, name->size);
        for (size_t r = 0; r < rows->count; r++) {
            const struct mizan_map *map = &rows->items[r].as.map;
            if (c >= map->count) {
                continue;
            }
            mz_buffer_clear(&cell);
            line_text(&cell, &map->fields[c].value);
            size_t width = cell.data == NULL ? 0 : mz_utf8_width(cell.data, cell.size);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    mz_buffer_finish(&cell);
}

/* How many of the first columns are shown: named queries put what matters first, and a
 * column of a few letters tells nothing. */
static size_t columns_that_fit(const size_t *widths, size_t columns, size_t most)
{
    size_t total = 0;
    for (size_t c = 0; c < columns; c++) {
        total += (widths[c] < LEAST_WIDTH ? widths[c] : LEAST_WIDTH) + (c == 0 ? 0 : 2);
        if (total > most) {
            return c == 0 ? 1 : c;
        }
    }
    return columns;
}

/* Takes from the widest column until the line fits. */
static void fit(size_t *widths, size_t columns, size_t most)
{
    for (;;) {
        size_t total = 2 * (columns - 1);
        size_t widest = 0;
        for (size_t c = 0; c < columns; c++) {
            total += widths[c];
            widest = widths[c] > widths[widest] ? c : widest;
        }
        if (total <= most || widths[widest] <= LEAST_WIDTH) {
            return;
        }
        widths[widest]--;
    }
}

/* Writes at most `width` columns of the text, padded; what is cut ends in an ellipsis.
 */
static void put_cell(struct mz_buffer *out, const char *text, size_t size, size_t width,
                     bool right)
{
    size_t used = mz_utf8_width(text, size);
    bool cut = used > width;
    size_t taken = 0;
    size_t end = 0;
    while (end < size) {
        size_t length = mz_utf8_decode(text + end, size - end, NULL);
        length = length == 0 ? 1 : length;
        size_t columns = mz_utf8_width(text + end, length);
        if (taken + columns > (cut ? width - 1 : width)) {
            break;
        }
        taken += columns;
        end += length;
    }
    for (size_t i = taken + (cut ? 1 : 0); right && i < width; i++) {
        mz_buffer_byte(out, ' ');
    }
    mz_buffer_add(out, text, end);
    mz_buffer_text(out, cut ? "\u2026" : "");
    for (size_t i = taken + (cut ? 1 : 0); !right && i < width; i++) {
        mz_buffer_byte(out, ' ');
    }
}

/* How a table is laid out: the columns that are shown and their widths. */
struct layout {
    size_t widths[MOST_COLUMNS];
    size_t columns;
    int indent;
};

static void add_spaces(struct mz_buffer *out, int count)
{
    for (int i = 0; i < count; i++) {
        mz_buffer_byte(out, ' ');
    }
}

static void aligned_line(struct mz_buffer *out, const struct mizan_map *map, bool names,
                         const struct layout *layout)
{
    struct mz_buffer cell;
    mz_buffer_init(&cell, MOST_TEXT);
    add_spaces(out, layout->indent);
    for (size_t c = 0; c < map->count && c < layout->columns; c++) {
        const struct mizan_field *field = &map->fields[c];
        mz_buffer_clear(&cell);
        if (names) {
            mz_buffer_add(&cell, field->name.data, field->name.size);
        } else {
            line_text(&cell, &field->value);
        }
        mz_buffer_text(out, c == 0 ? "" : "  ");
        put_cell(out, cell.data == NULL ? "" : cell.data, cell.size, layout->widths[c],
                 is_number(&field->value));
    }
    while (out->size > 0 && out->data[out->size - 1] == ' ') {
        out->size--;
    }
    mz_buffer_byte(out, '\n');
    mz_buffer_finish(&cell);
}

static void ruler(struct mz_buffer *out, const struct layout *layout)
{
    add_spaces(out, layout->indent);
    for (size_t c = 0; c < layout->columns; c++) {
        mz_buffer_text(out, c == 0 ? "" : "  ");
        for (size_t i = 0; i < layout->widths[c]; i++) {
            mz_buffer_text(out, "\u2500");
        }
    }
    mz_buffer_byte(out, '\n');
}

static void aligned(struct mz_buffer *text, FILE *out, const struct mizan_list *rows,
                    int indent)
{
    struct layout layout = {.indent = indent};
    const struct mizan_map *first = &rows->items[0].as.map;
    size_t columns = first->count < MOST_COLUMNS ? first->count : MOST_COLUMNS;
    size_t width = terminal_width(out);
    if (columns == 0) {
        return;
    }
    width = width > (size_t)indent ? width - (size_t)indent : width;
    measure(rows, layout.widths, columns);
    layout.columns = columns_that_fit(layout.widths, columns, width);
    fit(layout.widths, layout.columns, width);
    aligned_line(text, first, true, &layout);
    ruler(text, &layout);
    for (size_t i = 0; i < rows->count; i++) {
        aligned_line(text, &rows->items[i].as.map, false, &layout);
    }
    if (layout.columns < first->count) {
        add_spaces(text, indent);
        mz_buffer_printf(text, "(%zu more columns: --json, --csv or --tsv show them)\n",
                         first->count - layout.columns);
    }
}

enum mz_code mz_table_print(FILE *out, const struct mizan_value *rows,
                            enum mz_table_form form, int indent, struct mz_error *error)
{
    struct mz_buffer text;
    const struct mizan_list *list = &rows->as.list;
    if (list->count == 0) {
        return MZ_OK;
    }
    if (form == MZ_TABLE_AUTO) {
        form = isatty(fileno(out)) ? MZ_TABLE_ALIGNED : MZ_TABLE_TSV;
    }
    mz_buffer_init(&text, MOST_TEXT);
    if (form == MZ_TABLE_ALIGNED) {
        aligned(&text, out, list, indent);
    } else if (form == MZ_TABLE_JSON) {
        for (size_t i = 0; i < list->count; i++) {
            mz_json_value(&text, &list->items[i]);
            mz_buffer_byte(&text, '\n');
        }
    } else {
        separated(&text, list, form);
    }
    enum mz_code code = MZ_OK;
    if (!mz_buffer_ok(&text)) {
        code = mz_fail(error, MZ_MEMORY, "the result is too large to print");
    } else if (fwrite(text.data, 1, text.size, out) != text.size) {
        code = mz_fail_errno(error, MZ_IO, "the result cannot be written");
    }
    mz_buffer_finish(&text);
    return code;
}
