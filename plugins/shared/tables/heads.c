/* What heads a row, a column, a cell. */
#include <string.h>

#include "table.h"

#define HEAD_BYTES 600

/* Texts joined by ", ", each once. */
struct joined {
    char text[HEAD_BYTES];
    size_t size;
    struct table_slice last;
};

static void join(struct joined *joined, struct table_slice part)
{
    bool again = part.size == joined->last.size && part.size > 0 &&
                 memcmp(part.data, joined->last.data, part.size) == 0;
    if (part.size == 0 || again || joined->size + part.size + 2 > HEAD_BYTES) {
        return;
    }
    if (joined->size > 0) {
        memcpy(joined->text + joined->size, ", ", 2);
        joined->size += 2;
    }
    memcpy(joined->text + joined->size, part.data, part.size);
    joined->size += part.size;
    joined->last = part;
}

static struct table_slice keep(const struct table_memory *memory,
                               const struct joined *joined)
{
    struct table_slice none = {NULL, 0};
    char *copy =
        joined->size > 0 ? memory->allocate(memory->user, joined->size + 1) : NULL;
    if (copy == NULL) {
        return none;
    }
    memcpy(copy, joined->text, joined->size);
    copy[joined->size] = '\0';
    return (struct table_slice){copy, joined->size};
}

struct table_slice table_column_head(const struct table_page *page,
                                     const struct table_memory *memory,
                                     const struct table *table, uint32_t column)
{
    struct joined joined = {.size = 0};
    for (uint32_t r = 0; r < table->head_rows; r++) {
        const struct table_cell *cell = table_at(page, table, r, column);
        if (cell != NULL) {
            join(&joined, table_without_unit(memory, cell->text));
        }
    }
    return keep(memory, &joined);
}

struct table_slice table_row_head(const struct table_page *page,
                                  const struct table_memory *memory,
                                  const struct table *table, uint32_t row,
                                  struct table_slice group)
{
    struct joined joined = {.size = 0};
    join(&joined, group);
    for (uint32_t c = 0; c < table->head_columns; c++) {
        const struct table_cell *cell = table_at(page, table, row, c);
        if (cell != NULL) {
            join(&joined, table_without_unit(memory, cell->text));
        }
    }
    return keep(memory, &joined);
}

struct table_slice table_group_label(const struct table_page *page,
                                     const struct table *table, uint32_t row)
{
    struct table_slice none = {NULL, 0};
    const struct table_cell *first = table_at(page, table, row, 0);
    if (first == NULL || first->text.size == 0 || first->numeric) {
        return none;
    }
    for (uint32_t c = 1; c < table->column_count; c++) {
        const struct table_cell *cell = table_at(page, table, row, c);
        if (cell != first && cell != NULL && cell->text.size > 0) {
            return none;
        }
    }
    return first->text;
}

/* True when the cell says itself what it counts: a sign or a word beside the digits. */
static bool has_unit(struct table_slice text)
{
    static const char *const signs[] = {"%", "€", "$", "£", "¥", "₽", "‰", "₺", "₹"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        size_t size = strlen(signs[i]);
        for (size_t at = 0; at + size <= text.size; at++) {
            if (memcmp(text.data + at, signs[i], size) == 0) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = (char)(text.data[i] | 0x20);
        if (c >= 'a' && c <= 'z') {
            return true;
        }
    }
    return false;
}

struct table_slice table_unit(const struct table_page *page, const struct table *table,
                              uint32_t row, uint32_t column)
{
    struct table_slice unit = {NULL, 0};
    const struct table_cell *own = table_at(page, table, row, column);
    if (own == NULL || has_unit(own->text)) {
        return unit;
    }
    for (uint32_t r = table->head_rows; r-- > 0 && unit.size == 0;) {
        const struct table_cell *cell = table_at(page, table, r, column);
        unit = cell != NULL ? table_unit_of(cell->text) : unit;
    }
    for (uint32_t c = table->head_columns; c-- > 0 && unit.size == 0;) {
        const struct table_cell *cell = table_at(page, table, row, c);
        unit = cell != NULL ? table_unit_of(cell->text) : unit;
    }
    return unit.size > 0 ? unit : table_unit_of(table->caption);
}
