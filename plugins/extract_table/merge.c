#include "merge.h"

#include <string.h>

#define SKIP_MOST 8 /* cells that the text may lack between two that it has */
#define RUN_LEAST 3 /* paragraphs that make a table */
#define TAIL_MOST 6 /* bytes of a footnote's mark behind a cell */

/* A run of paragraphs that a table's lines replace. */
struct place {
    size_t first, count;
    const struct table *table;
};

struct merge {
    const struct table_page *page;
    const struct table_memory *memory;
    struct table_slice text;
    struct merged_span *paragraphs;
    size_t count, room;
    struct place *places;
    size_t place_count;
};

static bool split(struct merge *merge)
{
    size_t at = 0;
    while (at < merge->text.size) {
        size_t end = at;
        while (end < merge->text.size &&
               !(merge->text.data[end] == '\n' && end + 1 < merge->text.size &&
                 merge->text.data[end + 1] == '\n')) {
            end++;
        }
        void *items = merge->paragraphs;
        if (!table_grow(merge->memory, &items, &merge->room, merge->count, 1,
                        sizeof(struct merged_span))) {
            return false;
        }
        merge->paragraphs = items;
        merge->paragraphs[merge->count++] = (struct merged_span){at, end};
        at = end + 2;
    }
    return true;
}

static bool is_space_at(struct table_slice text, size_t at, size_t *size)
{
    *size = 1;
    if (text.data[at] == ' ' || text.data[at] == '\n' || text.data[at] == '\t') {
        return true;
    }
    *size = 2;
    return at + 1 < text.size && text.data[at] == '\xc2' && text.data[at + 1] == '\xa0';
}

/* The same but for blanks, and for the mark of a footnote behind the paragraph. */
static bool is_same(struct table_slice cell, struct table_slice paragraph)
{
    size_t i = 0, k = 0, size;
    while (i < cell.size && k < paragraph.size) {
        if (is_space_at(cell, i, &size)) {
            i += size;
        } else if (is_space_at(paragraph, k, &size)) {
            k += size;
        } else if (cell.data[i] == paragraph.data[k]) {
            i++;
            k++;
        } else {
            return false;
        }
    }
    return i == cell.size && cell.size > 0 && paragraph.size - k <= TAIL_MOST;
}

/* How many paragraphs from `first` on are the table's cells, in order. */
static size_t run_length(const struct merge *merge, const struct table *table,
                         size_t first)
{
    const struct table_row *top = &merge->page->rows[table->first_row];
    const struct table_row *bottom = top + table->row_count - 1;
    size_t cell = top->first, end = (size_t)bottom->first + bottom->count;
    size_t at = first;
    while (at < merge->count && cell < end) {
        struct merged_span span = merge->paragraphs[at];
        struct table_slice paragraph = {merge->text.data + span.start,
                                        span.end - span.start};
        size_t skipped = 0, next = cell;
        while (next < end && skipped <= SKIP_MOST &&
               !is_same(merge->page->cells[next].text, paragraph)) {
            skipped += merge->page->cells[next].text.size > 0;
            next++;
        }
        if (next == end || skipped > SKIP_MOST) {
            break;
        }
        cell = next + 1;
        at++;
    }
    return at - first;
}

static bool find_table(struct merge *merge, const struct table *table, size_t *from)
{
    for (size_t i = *from; i < merge->count; i++) {
        size_t length = run_length(merge, table, i);
        if (length >= RUN_LEAST) {
            merge->places[merge->place_count++] = (struct place){i, length, table};
            *from = i + length;
            return true;
        }
    }
    return false;
}

static bool add_paragraph(const struct table_memory *memory, struct merged *out,
                          struct table_slice text)
{
    void *items = out->text;
    size_t gap = out->size > 0 ? 2 : 0;
    if (!table_grow(memory, &items, &out->room, out->size, text.size + gap + 1, 1)) {
        return false;
    }
    out->text = items;
    memcpy(out->text + out->size, "\n\n", gap);
    out->size += gap;
    struct merged_span span = {out->size, out->size + text.size};
    memcpy(out->text + span.start, text.data, text.size);
    out->size = span.end;
    out->text[out->size] = '\0';
    items = out->paragraphs;
    if (!table_grow(memory, &items, &out->paragraph_room, out->paragraph_count, 1,
                    sizeof(span))) {
        return false;
    }
    out->paragraphs = items;
    out->paragraphs[out->paragraph_count++] = span;
    return true;
}

/* The table's lines behind what was written. */
static bool add_table(const struct merge *merge, const struct table *table,
                      struct merged *out)
{
    struct table_lines lines = {.text = NULL};
    if (!table_write_lines(merge->page, merge->memory, table, &lines)) {
        return false;
    }
    for (size_t i = 0; i < lines.count; i++) {
        struct table_place place = lines.places[i];
        size_t end = i + 1 < lines.count ? lines.places[i + 1].line - 2 : lines.size;
        struct table_slice line = {lines.text + place.line, end - place.line};
        if (!add_paragraph(merge->memory, out, line)) {
            return false;
        }
        size_t line_start = out->paragraphs[out->paragraph_count - 1].start;
        place.start += line_start - place.line;
        place.end += line_start - place.line;
        place.line = line_start;
        void *items = out->places;
        if (!table_grow(merge->memory, &items, &out->place_room, out->place_count, 1,
                        sizeof(place))) {
            return false;
        }
        out->places = items;
        out->places[out->place_count++] = place;
    }
    return true;
}

static bool write_all(const struct merge *merge, struct merged *out)
{
    size_t next = 0;
    for (size_t i = 0; i < merge->count; i++) {
        if (next < merge->place_count && merge->places[next].first == i) {
            if (!add_table(merge, merge->places[next].table, out)) {
                return false;
            }
            i += merge->places[next++].count - 1;
            continue;
        }
        struct merged_span span = merge->paragraphs[i];
        struct table_slice text = {merge->text.data + span.start,
                                   span.end - span.start};
        if (!add_paragraph(merge->memory, out, text)) {
            return false;
        }
    }
    return true;
}

bool merge_tables(const struct table_page *page, const struct table_memory *memory,
                  struct table_slice text, bool outside, struct merged *out)
{
    struct merge merge = {.page = page, .memory = memory, .text = text};
    size_t from = 0, left = 0;
    memset(out, 0, sizeof(*out));
    merge.places =
        memory->allocate(memory->user, (page->table_count + 1) * sizeof(struct place));
    const struct table **lost = memory->allocate(
        memory->user, (page->table_count + 1) * sizeof(const struct table *));
    if (merge.places == NULL || lost == NULL || !split(&merge)) {
        return false;
    }
    for (size_t i = 0; i < page->table_count; i++) {
        const struct table *table = &page->tables[i];
        if (table->data && !find_table(&merge, table, &from)) {
            lost[left++] = table;
        }
    }
    if (!write_all(&merge, out)) {
        return false;
    }
    for (size_t i = 0; i < left && (outside || text.size == 0); i++) {
        if (!add_table(&merge, lost[i], out)) {
            return false;
        }
    }
    return true;
}
