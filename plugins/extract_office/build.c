/* Paragraphs and tables as the readers find them, and the text that is made of them. */
#include <string.h>

#include "office.h"

static bool is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct table_slice office_keep(struct office_document *document, const char *text,
                               size_t size)
{
    struct table_slice kept = {"", 0};
    bool blank = true;
    if (document->text_size + size > OFFICE_TEXT) {
        document->partial = true;
        return kept;
    }
    char *copy = document->memory->allocate(document->memory->user, size + 1);
    if (copy == NULL) {
        document->no_memory = true;
        return kept;
    }
    for (size_t i = 0; i < size; i++) {
        if (is_blank(text[i])) {
            if (!blank) {
                copy[kept.size++] = ' ';
            }
            blank = true;
        } else if ((unsigned char)text[i] >= ' ' && text[i] != 0x7f) {
            copy[kept.size++] = text[i];
            blank = false;
        }
    }
    kept.size -= kept.size > 0 && copy[kept.size - 1] == ' ' ? 1 : 0;
    copy[kept.size] = '\0';
    kept.data = copy;
    document->text_size += kept.size;
    return kept;
}

static bool add_block(struct office_document *document, uint32_t table,
                      struct table_slice text)
{
    void *items = document->blocks;
    if (!table_grow(document->memory, &items, &document->block_room,
                    document->block_count, 1, sizeof *document->blocks)) {
        document->no_memory = true;
        return false;
    }
    document->blocks = items;
    document->blocks[document->block_count++] = (struct office_block){table, text};
    return true;
}

bool office_paragraph(struct office_document *document, struct table_slice text)
{
    return text.size == 0 || add_block(document, UINT32_MAX, text);
}

bool office_begin_table(struct office_document *document, struct office_place place,
                        struct table_slice caption)
{
    struct table_page *page = &document->page;
    void *tables = page->tables, *places = document->places;
    if (!table_grow(document->memory, &tables, &page->table_room, page->table_count, 1,
                    sizeof *page->tables) ||
        !table_grow(document->memory, &places, &document->place_room, page->table_count,
                    1, sizeof *document->places)) {
        document->no_memory = true;
        return false;
    }
    page->tables = tables;
    document->places = places;
    document->places[page->table_count] = place;
    page->tables[page->table_count] =
        (struct table){.number = place.sheet,
                       .caption = caption,
                       .first_row = (uint32_t)page->row_count};
    page->table_count++;
    return add_block(document, (uint32_t)page->table_count - 1,
                     (struct table_slice){"", 0});
}

bool office_begin_row(struct office_document *document, bool head)
{
    struct table_page *page = &document->page;
    void *rows = page->rows;
    if (document->no_memory || page->table_count == 0) {
        return false;
    }
    if (!table_grow(document->memory, &rows, &page->row_room, page->row_count, 1,
                    sizeof *page->rows)) {
        document->no_memory = true;
        return false;
    }
    page->rows = rows;
    page->rows[page->row_count++] =
        (struct table_row){.first = (uint32_t)page->cell_count, .head = head};
    page->tables[page->table_count - 1].row_count++;
    return true;
}

void office_head_row(struct office_document *document)
{
    struct table_page *page = &document->page;
    if (page->row_count > 0) {
        page->rows[page->row_count - 1].head = true;
    }
}

static uint16_t span_of(uint32_t span)
{
    return (uint16_t)(span < 1 ? 1 : span > 10000 ? 10000 : span);
}

bool office_add_cell(struct office_document *document, struct table_slice text,
                     const struct office_value *value, uint32_t row_span,
                     uint32_t column_span)
{
    struct table_page *page = &document->page;
    void *cells = page->cells, *values = document->values;
    if (document->no_memory || page->row_count == 0) {
        return false;
    }
    if (page->cell_count >= OFFICE_CELLS) {
        document->partial = true;
        return true;
    }
    if (!table_grow(document->memory, &cells, &page->cell_room, page->cell_count, 1,
                    sizeof *page->cells) ||
        !table_grow(document->memory, &values, &document->value_room, page->cell_count,
                    1, sizeof *document->values)) {
        document->no_memory = true;
        return false;
    }
    page->cells = cells;
    document->values = values;
    struct table_row *row = &page->rows[page->row_count - 1];
    bool numeric = value->type == OFFICE_NUMBER ||
                   (value->type <= OFFICE_TEXT_VALUE && table_is_numeric(text));
    document->values[page->cell_count] = *value;
    page->cells[page->cell_count++] =
        (struct table_cell){.text = text,
                            .row_span = span_of(row_span),
                            .column_span = span_of(column_span),
                            .head = row->head,
                            .numeric = numeric};
    row->count++;
    return true;
}

bool office_end_table(struct office_document *document)
{
    struct table_page *page = &document->page;
    if (document->no_memory || page->table_count == 0) {
        return false;
    }
    struct table *table = &page->tables[page->table_count - 1];
    if (!table_lay_out(page, document->memory, table)) {
        document->no_memory = true;
        return false;
    }
    return true;
}

/* ---- to text ---- */

static bool put(struct office_document *document, struct office_text *out,
                struct table_slice text)
{
    void *items = out->text, *spans = out->paragraphs;
    size_t gap = out->size > 0 ? 2 : 0;
    if (!table_grow(document->memory, &items, &out->room, out->size,
                    text.size + gap + 1, 1) ||
        !table_grow(document->memory, &spans, &out->paragraph_room,
                    out->paragraph_count, 1, sizeof *out->paragraphs)) {
        return false;
    }
    out->text = items;
    out->paragraphs = spans;
    memcpy(out->text + out->size, "\n\n", gap);
    out->size += gap;
    out->paragraphs[out->paragraph_count++] =
        (struct office_span){out->size, out->size + text.size};
    if (text.size > 0) {
        memcpy(out->text + out->size, text.data, text.size);
    }
    out->size += text.size;
    out->text[out->size] = '\0';
    return true;
}

static bool put_place(struct office_document *document, struct office_text *out,
                      struct table_place place)
{
    void *items = out->cells;
    if (!table_grow(document->memory, &items, &out->cell_room, out->cell_count, 1,
                    sizeof *out->cells)) {
        return false;
    }
    out->cells = items;
    out->cells[out->cell_count++] = place;
    return true;
}

/* A line for each figure, with its place on the sheet. */
static bool put_lines(struct office_document *document, uint32_t index,
                      struct office_text *out)
{
    const struct table *table = &document->page.tables[index];
    const struct office_place *at = &document->places[index];
    struct table_lines lines = {.text = NULL};
    if (!table_write_lines(&document->page, document->memory, table, &lines)) {
        return false;
    }
    for (size_t i = 0; i < lines.count; i++) {
        struct table_place place = lines.places[i];
        size_t end = i + 1 < lines.count ? lines.places[i + 1].line - 2 : lines.size;
        if (!put(document, out,
                 (struct table_slice){lines.text + place.line, end - place.line})) {
            return false;
        }
        size_t start = out->paragraphs[out->paragraph_count - 1].start;
        place.start += start - place.line;
        place.end += start - place.line;
        place.line = start;
        place.row += at->row;
        place.column += at->column;
        if (!put_place(document, out, place)) {
            return false;
        }
    }
    return true;
}

/* A table that arranges texts: its cells in order. */
static bool put_texts(struct office_document *document, uint32_t index,
                      struct office_text *out)
{
    const struct table *table = &document->page.tables[index];
    for (uint32_t r = 0; r < table->row_count; r++) {
        const struct table_row *row = &document->page.rows[table->first_row + r];
        for (uint32_t c = 0; c < row->count; c++) {
            struct table_slice text = document->page.cells[row->first + c].text;
            if (text.size > 0 && !put(document, out, text)) {
                return false;
            }
        }
    }
    return true;
}

bool office_write(struct office_document *document, struct office_text *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < document->block_count; i++) {
        const struct office_block *block = &document->blocks[i];
        bool done = block->table == UINT32_MAX ? put(document, out, block->text)
                    : document->page.tables[block->table].data
                        ? put_lines(document, block->table, out)
                        : put_texts(document, block->table, out);
        if (!done) {
            return false;
        }
    }
    return true;
}
