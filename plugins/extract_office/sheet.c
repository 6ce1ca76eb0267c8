/* A sheet is a plane with cells here and there; a table is what hangs together on it.
 */
#include <stdlib.h>
#include <string.h>

#include "office.h"

bool sheet_add(struct office_document *document, struct sheet *sheet,
               const struct sheet_cell *cell)
{
    void *items = sheet->cells;
    if (cell->text.size == 0 || cell->column > TABLE_COLUMNS) {
        document->partial = document->partial || cell->column > TABLE_COLUMNS;
        return true;
    }
    if (sheet->count >= OFFICE_CELLS) {
        document->partial = true;
        return true;
    }
    if (!table_grow(document->memory, &items, &sheet->room, sheet->count, 1,
                    sizeof *sheet->cells)) {
        document->no_memory = true;
        return false;
    }
    sheet->cells = items;
    sheet->cells[sheet->count++] = *cell;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct sheet_cell *one = a, *other = b;
    if (one->row != other->row) {
        return one->row < other->row ? -1 : 1;
    }
    return one->column < other->column ? -1 : one->column > other->column;
}

/* One row of a part: its cells, and empty ones between, but for what is spanned. */
static bool put_row(struct office_document *document, const struct sheet_cell *cells,
                    size_t count, uint32_t row, const uint32_t columns[2],
                    uint32_t held[TABLE_COLUMNS + 1])
{
    static const struct office_value empty = {.type = OFFICE_EMPTY};
    size_t next = 0;
    bool done = office_begin_row(document, false);
    for (uint32_t c = columns[0]; c <= columns[1] && done; c++) {
        if (held[c] > 0) {
            held[c]--;
            next += next < count && cells[next].column == c && cells[next].row == row;
            continue;
        }
        if (next == count || cells[next].column != c) {
            done = office_add_cell(document, (struct table_slice){"", 0}, &empty, 1, 1);
            continue;
        }
        const struct sheet_cell *cell = &cells[next++];
        uint32_t width = cell->column_span < 1 ? 1 : cell->column_span;
        width = width > columns[1] - c + 1 ? columns[1] - c + 1 : width;
        done =
            office_add_cell(document, cell->text, &cell->value, cell->row_span, width);
        for (uint32_t k = 0; k < width; k++) {
            held[c + k] = cell->row_span > 1 ? cell->row_span - 1 : 0;
        }
        for (uint32_t k = 1; k < width; k++) {
            next += next < count && cells[next].column == c + k;
        }
        c += width - 1;
    }
    return done;
}

static bool put_table(struct office_document *document, const struct sheet_cell *cells,
                      size_t count, const uint32_t columns[2],
                      struct office_place place, struct table_slice name)
{
    uint32_t held[TABLE_COLUMNS + 1] = {0};
    if (!office_begin_table(document, place, name)) {
        return false;
    }
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && cells[end].row == cells[i].row) {
            end++;
        }
        if (!put_row(document, cells + i, end - i, cells[i].row, columns, held)) {
            return false;
        }
        i = end;
    }
    return office_end_table(document);
}

/* Cells of rows without an empty one between. */
static bool put_part(struct office_document *document, const struct sheet_cell *cells,
                     size_t count, uint32_t number, struct table_slice name)
{
    uint32_t columns[2] = {cells[0].column, cells[0].column};
    size_t alone = 0;
    /* Titles stand above: rows of one cell before rows of many. */
    while (alone < count &&
           (alone + 1 == count || cells[alone + 1].row != cells[alone].row)) {
        if (!office_paragraph(document, cells[alone].text)) {
            return false;
        }
        alone++;
    }
    cells += alone;
    count -= alone;
    if (count == 0) {
        return true;
    }
    columns[0] = columns[1] = cells[0].column;
    for (size_t i = 0; i < count; i++) {
        uint32_t width = cells[i].column_span < 1 ? 1 : cells[i].column_span;
        uint32_t last = cells[i].column + width - 1;
        last = last > TABLE_COLUMNS ? TABLE_COLUMNS : last;
        columns[0] = cells[i].column < columns[0] ? cells[i].column : columns[0];
        columns[1] = last > columns[1] ? last : columns[1];
    }
    struct office_place place = {number, cells[0].row - 1, columns[0] - 1};
    return put_table(document, cells, count, columns, place, name);
}

bool sheet_lay_out(struct office_document *document, const struct sheet *sheet,
                   uint32_t number, struct table_slice name)
{
    size_t first = 0;
    if (sheet->count == 0) {
        return true;
    }
    qsort(sheet->cells, sheet->count, sizeof *sheet->cells, by_place);
    for (size_t i = 1; i <= sheet->count; i++) {
        if (i == sheet->count || sheet->cells[i].row > sheet->cells[i - 1].row + 1) {
            if (!put_part(document, sheet->cells + first, i - first, number, name)) {
                return false;
            }
            first = i;
        }
    }
    return true;
}
