/* Cells to places: spans, and which rows and columns are heads. */
#include <string.h>

#include "table.h"

#define NO_CELL UINT32_MAX

const struct table_cell *table_at(const struct table_page *page,
                                  const struct table *table, uint32_t row,
                                  uint32_t column)
{
    uint32_t cell = table->grid[(size_t)row * table->column_count + column];
    return cell == NO_CELL ? NULL : &page->cells[cell];
}

/* How many columns the table needs: rows that reach down count for those below. */
static uint32_t count_columns(const struct table_page *page, const struct table *table)
{
    uint32_t most = 0, held[TABLE_COLUMNS] = {0};
    for (uint32_t r = 0; r < table->row_count; r++) {
        const struct table_row *row = &page->rows[table->first_row + r];
        uint32_t column = 0;
        for (uint32_t i = 0; i < row->count; i++) {
            const struct table_cell *cell = &page->cells[row->first + i];
            while (column < TABLE_COLUMNS && held[column] > 0) {
                column++;
            }
            for (uint32_t k = 0; k < cell->column_span && column < TABLE_COLUMNS; k++) {
                held[column++] = cell->row_span;
            }
        }
        for (uint32_t c = 0; c < TABLE_COLUMNS; c++) {
            most = held[c] > 0 && c >= most ? c + 1 : most;
            held[c] -= held[c] > 0;
        }
    }
    return most;
}

static void fill(const struct table_page *page, struct table *table)
{
    for (uint32_t r = 0; r < table->row_count; r++) {
        const struct table_row *row = &page->rows[table->first_row + r];
        uint32_t column = 0;
        for (uint32_t i = 0; i < row->count; i++) {
            uint32_t index = row->first + i;
            const struct table_cell *cell = &page->cells[index];
            uint32_t *line = table->grid + (size_t)r * table->column_count;
            while (column < table->column_count && line[column] != NO_CELL) {
                column++;
            }
            for (uint32_t c = 0; c < cell->column_span; c++, column++) {
                for (uint32_t d = 0; d < cell->row_span && r + d < table->row_count;
                     d++) {
                    if (column < table->column_count) {
                        line[(size_t)d * table->column_count + column] = index;
                    }
                }
            }
        }
    }
}

/* What a line of the grid holds. */
struct tally {
    uint32_t heads, figures, texts, cells;
};

static struct tally count_row(const struct table_page *page, const struct table *table,
                              uint32_t row)
{
    struct tally tally = {0, 0, 0, 0};
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct table_cell *cell = table_at(page, table, row, c);
        if (cell != NULL && cell->text.size > 0) {
            tally.cells++;
            tally.heads += cell->head;
            tally.figures += cell->numeric;
            tally.texts += !cell->numeric;
        }
    }
    return tally;
}

/* A number of four digits between 1900 and 2100: a column's year, not a figure. */
static bool is_year(struct table_slice text)
{
    return text.size == 4 &&
           ((text.data[0] == '1' && text.data[1] == '9') ||
            (text.data[0] == '2' && text.data[1] == '0')) &&
           text.data[2] >= '0' && text.data[2] <= '9' && text.data[3] >= '0' &&
           text.data[3] <= '9';
}

static bool is_year_row(const struct table_page *page, const struct table *table,
                        uint32_t row)
{
    uint32_t years = 0, others = 0;
    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct table_cell *cell = table_at(page, table, row, c);
        if (cell != NULL && cell->numeric) {
            years += is_year(cell->text);
            others += !is_year(cell->text);
        }
    }
    return years > 0 && others == 0;
}

/* A row of years below a row of heads, with nothing of its own at its beginning. */
static bool is_second_head(const struct table_page *page, const struct table *table)
{
    const struct table_cell *first = table_at(page, table, 1, 0);
    bool own =
        first != NULL && first->text.size > 0 && first != table_at(page, table, 0, 0);
    return !own && table->row_count > 2 && is_year_row(page, table, 1) &&
           !is_year_row(page, table, 2);
}

static uint32_t count_head_rows(const struct table_page *page,
                                const struct table *table)
{
    uint32_t rows = 0;
    while (rows < table->row_count) {
        const struct table_row *row = &page->rows[table->first_row + rows];
        struct tally tally = count_row(page, table, rows);
        bool marked = row->head || (tally.cells > 0 && tally.heads == tally.cells);
        if (!marked) {
            break;
        }
        rows++;
    }
    if (rows > 0 || table->row_count < 2) {
        return rows < table->row_count ? rows : 0;
    }
    /* Without marks: a first row of texts or of years over rows with figures. */
    struct tally first = count_row(page, table, 0), second = count_row(page, table, 1);
    bool texts = first.figures == 0 && first.texts >= 2;
    if (second.figures == 0 || (!texts && !is_year_row(page, table, 0))) {
        return 0;
    }
    return texts && is_second_head(page, table) ? 2 : 1;
}

static uint32_t count_head_columns(const struct table_page *page,
                                   const struct table *table)
{
    uint32_t columns = 0;
    for (; columns + 1 < table->column_count; columns++) {
        uint32_t heads = 0, texts = 0, cells = 0;
        for (uint32_t r = table->head_rows; r < table->row_count; r++) {
            const struct table_cell *cell = table_at(page, table, r, columns);
            if (cell != NULL && cell->text.size > 0) {
                bool name = !cell->numeric || is_year(cell->text);
                cells++;
                heads += cell->head;
                texts += name;
            }
        }
        bool marked = cells > 0 && heads * 2 > cells;
        bool named = columns == 0 && cells > 0 && texts * 10 >= cells * 7;
        if (!marked && !named) {
            break;
        }
    }
    return columns;
}

/* Data are figures below or beside heads, in a table that arranges nothing else. */
static bool is_data(const struct table_page *page, const struct table *table)
{
    uint32_t figures = 0, cells = 0;
    if (table->layout || table->column_count < 2 ||
        table->head_rows + table->head_columns == 0) {
        return false;
    }
    for (uint32_t r = table->head_rows; r < table->row_count; r++) {
        for (uint32_t c = table->head_columns; c < table->column_count; c++) {
            const struct table_cell *cell = table_at(page, table, r, c);
            if (cell != NULL && cell->text.size > 0) {
                cells++;
                figures += cell->numeric;
            }
        }
    }
    return figures > 0 && figures * 5 >= cells;
}

bool table_lay_out(const struct table_page *page, const struct table_memory *memory,
                   struct table *table)
{
    table->data = false;
    table->column_count = table->layout ? 0 : count_columns(page, table);
    if (table->column_count == 0) {
        return true;
    }
    size_t places = (size_t)table->column_count * table->row_count;
    if (places > 8 * (size_t)TABLE_CELLS) {
        return true; /* spans over nothing */
    }
    table->grid = memory->allocate(memory->user, places * sizeof(*table->grid));
    if (table->grid == NULL) {
        return false;
    }
    memset(table->grid, 0xff, places * sizeof(*table->grid));
    fill(page, table);
    table->head_rows = count_head_rows(page, table);
    table->head_columns = count_head_columns(page, table);
    table->data = is_data(page, table);
    return true;
}
