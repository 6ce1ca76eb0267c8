/* A line of text for every figure of a table. */
#include <string.h>

#include "table.h"

static bool put(const struct table_memory *memory, struct table_lines *out,
                struct table_slice text)
{
    void *items = out->text;
    if (!table_grow(memory, &items, &out->room, out->size, text.size + 1, 1)) {
        return false;
    }
    out->text = items;
    if (text.size > 0) {
        memcpy(out->text + out->size, text.data, text.size);
        out->size += text.size;
    }
    out->text[out->size] = '\0';
    return true;
}

static bool put_string(const struct table_memory *memory, struct table_lines *out,
                       const char *text)
{
    return put(memory, out, (struct table_slice){text, strlen(text)});
}

struct heads {
    struct table_slice row, column, caption;
};

/* "Exports, 2025: 412 million euros." */
static bool write_line(const struct table_page *page, const struct table_memory *memory,
                       const struct table *table, const struct heads *heads,
                       struct table_place place, struct table_lines *out)
{
    const struct table_cell *cell =
        table_at(page, table, place.row - 1, place.column - 1);
    struct table_slice unit = table_unit(page, table, place.row - 1, place.column - 1);
    bool both = heads->row.size > 0 && heads->column.size > 0;
    bool any = heads->row.size + heads->column.size > 0;
    if (out->size > 0 && !put_string(memory, out, "\n\n")) {
        return false;
    }
    place.line = out->size;
    bool done =
        put(memory, out, heads->row) && put_string(memory, out, both ? ", " : "") &&
        put(memory, out, heads->column) && put_string(memory, out, any ? ": " : "");
    place.start = out->size;
    done = done && put(memory, out, cell->text) &&
           put_string(memory, out, unit.size > 0 ? " " : "") && put(memory, out, unit);
    place.end = out->size;
    done = done && put_string(memory, out, ".");
    void *items = out->places;
    if (!done ||
        !table_grow(memory, &items, &out->place_room, out->count, 1, sizeof(place))) {
        return false;
    }
    out->places = items;
    out->places[out->count++] = place;
    return true;
}

bool table_write_lines(const struct table_page *page, const struct table_memory *memory,
                       const struct table *table, struct table_lines *out)
{
    struct table_slice group = {NULL, 0};
    for (uint32_t r = table->head_rows; r < table->row_count; r++) {
        struct table_slice label = table_group_label(page, table, r);
        if (label.size > 0) {
            group = label;
            continue;
        }
        struct heads heads = {.row = table_row_head(page, memory, table, r, group)};
        const struct table_cell *before = NULL;
        for (uint32_t c = table->head_columns; c < table->column_count; c++) {
            const struct table_cell *cell = table_at(page, table, r, c);
            bool spanned =
                cell == before || (r > 0 && cell == table_at(page, table, r - 1, c));
            before = cell;
            if (cell == NULL || !cell->numeric || spanned) {
                continue;
            }
            heads.column = table_column_head(page, memory, table, c);
            struct table_place place = {
                .table = table->number, .row = r + 1, .column = c + 1};
            if (!write_line(page, memory, table, &heads, place, out)) {
                return false;
            }
        }
    }
    return true;
}
