/* xlsx: the sheets of a workbook (ECMA-376, SpreadsheetML). */
#include <stdio.h>
#include <string.h>

#include "office.h"

#define STYLES   65536
#define MERGES   5000
#define PATH     256
#define TEXT_ONE 65536 /* bytes of one cell's text; Excel has 32767 characters */

struct sheet_name {
    struct table_slice name;
    char path[PATH]; /* of its part; empty: none */
    char id[64];     /* by which the relations know it */
};

struct style {
    enum number_kind kind;
    char unit[16];
};

struct format {
    uint32_t id;
    struct style style;
};

struct book {
    struct office_document *document;
    const struct package *package;
    struct sheet_name *sheets;
    size_t sheet_count, sheet_room;
    struct table_slice *strings;
    size_t string_count, string_room;
    struct format *formats; /* the file's own */
    size_t format_count, format_room;
    struct style *styles; /* of cells */
    size_t style_count, style_room;
    bool in_cell_formats, since_1904, in_text, in_phonetic;
    struct gathered text;
    /* of the sheet that is read */
    struct sheet sheet;
    struct sheet_cell cell;
    char cell_type[16];
    uint32_t cell_style, row;
};

static bool is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

static bool room_for(struct book *book, void **items, size_t *room, size_t count,
                     size_t size)
{
    if (!table_grow(book->document->memory, items, room, count, 1, size)) {
        book->document->no_memory = true;
        return false;
    }
    return true;
}

static void copy_slice(char *out, size_t room, struct table_slice text)
{
    snprintf(out, room, "%.*s", (int)(text.size < room ? text.size : room - 1),
             text.data);
}

static void no_end(void *owner, const char *name)
{
    (void)owner;
    (void)name;
}

static void no_text(void *owner, const char *data, size_t size)
{
    (void)owner;
    (void)data;
    (void)size;
}

static enum office_status
read_part(struct book *book, const char *name,
          void (*start)(void *, const char *, int, const char **),
          void (*end)(void *, const char *), void (*text)(void *, const char *, size_t))
{
    struct markup markup = {.document = book->document,
                            .owner = book,
                            .start = start,
                            .end = end != NULL ? end : no_end,
                            .text = text != NULL ? text : no_text};
    return markup_read(book->package, name, &markup);
}

/* ---- workbook.xml and its relations ---- */

static void on_workbook(void *owner, const char *name, int count,
                        const char **attributes)
{
    struct book *book = owner;
    void *items = book->sheets;
    if (is(name, "workbookPr")) {
        struct table_slice base = markup_attribute(count, attributes, "date1904");
        book->since_1904 = slice_is(base, "1") || slice_is(base, "true");
    }
    if (!is(name, "sheet") || book->sheet_count >= OFFICE_SHEETS ||
        !room_for(book, &items, &book->sheet_room, book->sheet_count,
                  sizeof *book->sheets)) {
        return;
    }
    book->sheets = items;
    struct sheet_name *sheet = &book->sheets[book->sheet_count++];
    struct table_slice title = markup_attribute(count, attributes, "name");
    sheet->name = office_keep(book->document, title.data, title.size);
    sheet->path[0] = '\0';
    copy_slice(sheet->id, sizeof sheet->id, markup_attribute(count, attributes, "id"));
}

static void on_relation(void *owner, const char *name, int count,
                        const char **attributes)
{
    struct book *book = owner;
    struct table_slice id = markup_attribute(count, attributes, "Id");
    struct table_slice target = markup_attribute(count, attributes, "Target");
    struct table_slice type = markup_attribute(count, attributes, "Type");
    static const char sheet_type[] = "/worksheet";
    size_t size = sizeof sheet_type - 1;
    if (!is(name, "Relationship") || type.size < size ||
        memcmp(type.data + type.size - size, sheet_type, size) != 0) {
        return; /* charts and macros are no sheets */
    }
    for (size_t i = 0; i < book->sheet_count; i++) {
        struct sheet_name *sheet = &book->sheets[i];
        if (slice_is(id, sheet->id) && target.size > 0 && target.size < PATH - 4) {
            bool whole = target.data[0] == '/';
            snprintf(sheet->path, PATH, "%s%.*s", whole ? "" : "xl/",
                     (int)target.size - (whole ? 1 : 0), target.data + (whole ? 1 : 0));
        }
    }
}

/* ---- sharedStrings.xml ---- */

static void on_string_start(void *owner, const char *name, int count,
                            const char **attributes)
{
    struct book *book = owner;
    (void)count;
    (void)attributes;
    if (is(name, "si")) {
        book->text.size = 0;
    }
    book->in_phonetic = book->in_phonetic || is(name, "rPh");
    book->in_text = is(name, "t") && !book->in_phonetic;
}

static void on_string_end(void *owner, const char *name)
{
    struct book *book = owner;
    void *items = book->strings;
    book->in_text = false;
    book->in_phonetic = book->in_phonetic && !is(name, "rPh");
    if (is(name, "si") && room_for(book, &items, &book->string_room, book->string_count,
                                   sizeof *book->strings)) {
        book->strings = items;
        book->strings[book->string_count++] =
            office_keep(book->document, book->text.data, book->text.size);
    }
}

static void on_text(void *owner, const char *data, size_t size)
{
    struct book *book = owner;
    if (book->in_text && book->text.size + size < TEXT_ONE) {
        gather(book->document, &book->text, data, size);
    }
}

/* ---- styles.xml ---- */

static struct style style_of(const struct book *book, uint32_t format)
{
    for (size_t i = 0; i < book->format_count; i++) {
        if (book->formats[i].id == format) {
            return book->formats[i].style;
        }
    }
    return (struct style){.kind = number_builtin_kind(format)};
}

/* Entities of XML that a parser leaves in attributes are gone; a format is plain. */
static void on_style(void *owner, const char *name, int count, const char **attributes)
{
    struct book *book = owner;
    if (is(name, "cellXfs")) {
        book->in_cell_formats = true;
    } else if (is(name, "numFmt") && book->format_count < STYLES) {
        void *items = book->formats;
        if (room_for(book, &items, &book->format_room, book->format_count,
                     sizeof *book->formats)) {
            book->formats = items;
            struct format *format = &book->formats[book->format_count++];
            format->id = markup_number(count, attributes, "numFmtId", UINT32_MAX);
            format->style.kind = number_format_kind(
                markup_attribute(count, attributes, "formatCode"), format->style.unit);
        }
    } else if (is(name, "xf") && book->in_cell_formats && book->style_count < STYLES) {
        void *items = book->styles;
        if (room_for(book, &items, &book->style_room, book->style_count,
                     sizeof *book->styles)) {
            book->styles = items;
            book->styles[book->style_count++] =
                style_of(book, markup_number(count, attributes, "numFmtId", 0));
        }
    }
}

static void on_style_end(void *owner, const char *name)
{
    struct book *book = owner;
    book->in_cell_formats = book->in_cell_formats && !is(name, "cellXfs");
}

/* ---- a sheet ---- */

/* "BC12" to column and row. */
static void read_place(struct table_slice place, uint32_t *column, uint32_t *row)
{
    size_t i = 0;
    *column = *row = 0;
    for (; i < place.size && place.data[i] >= 'A' && place.data[i] <= 'Z'; i++) {
        *column = *column > 100000 ? *column
                                   : *column * 26 + (uint32_t)(place.data[i] - 'A' + 1);
    }
    for (; i < place.size && place.data[i] >= '0' && place.data[i] <= '9'; i++) {
        *row = *row > 10000000 ? *row : *row * 10 + (uint32_t)(place.data[i] - '0');
    }
}

/* Cells that are merged: the first one spans, the others are empty. */
static void merge(struct book *book, struct table_slice place)
{
    const char *colon = place.size > 0 ? memchr(place.data, ':', place.size) : NULL;
    uint32_t first[2], last[2];
    if (colon == NULL) {
        return;
    }
    size_t size = (size_t)(colon - place.data);
    read_place((struct table_slice){place.data, size}, &first[0], &first[1]);
    read_place((struct table_slice){colon + 1, place.size - size - 1}, &last[0],
               &last[1]);
    for (size_t i = 0; i < book->sheet.count; i++) {
        struct sheet_cell *cell = &book->sheet.cells[i];
        if (cell->column == first[0] && cell->row == first[1] && last[0] >= first[0] &&
            last[1] >= first[1]) {
            cell->column_span = last[0] - first[0] + 1;
            cell->row_span = last[1] - first[1] + 1;
            return;
        }
    }
}

static void on_sheet_start(void *owner, const char *name, int count,
                           const char **attributes)
{
    struct book *book = owner;
    if (is(name, "row")) {
        book->row = markup_number(count, attributes, "r", book->row + 1);
        book->cell.column = 0;
    } else if (is(name, "c")) {
        uint32_t column, row, before = book->cell.column;
        read_place(markup_attribute(count, attributes, "r"), &column, &row);
        book->cell = (struct sheet_cell){.row = row > 0 ? row : book->row,
                                         .column = column > 0 ? column : before + 1,
                                         .row_span = 1,
                                         .column_span = 1};
        copy_slice(book->cell_type, sizeof book->cell_type,
                   markup_attribute(count, attributes, "t"));
        book->cell_style = markup_number(count, attributes, "s", 0);
        book->text.size = 0;
    } else if (is(name, "mergeCell") && book->sheet.count * 5000 < 500000000) {
        merge(book, markup_attribute(count, attributes, "ref"));
    }
    book->in_phonetic = book->in_phonetic || is(name, "rPh");
    book->in_text = (is(name, "v") || is(name, "t")) && !book->in_phonetic;
}

static void set_number(struct book *book, struct table_slice text)
{
    struct style plain = {.kind = NUMBER_PLAIN};
    const struct style *style =
        book->cell_style < book->style_count ? &book->styles[book->cell_style] : &plain;
    struct office_value *value = &book->cell.value;
    bool timed = style->kind == NUMBER_DATE || style->kind == NUMBER_TIME;
    char shown[96];
    if (timed && number_time(text, book->since_1904, &value->time)) {
        value->type = style->kind == NUMBER_DATE ? OFFICE_DATE : OFFICE_TIME;
    } else if (number_decimal(text, value->decimal)) {
        value->type = OFFICE_NUMBER;
    } else {
        value->type = OFFICE_TEXT_VALUE;
        book->cell.text = office_keep(book->document, text.data, text.size);
        return;
    }
    number_shown(value, style->kind, style->unit, shown, sizeof shown);
    book->cell.text = office_keep(book->document, shown, strlen(shown));
}

static void end_cell(struct book *book)
{
    struct table_slice text = {book->text.data, book->text.size};
    struct sheet_cell *cell = &book->cell;
    uint32_t index = 0;
    cell->value.type = OFFICE_TEXT_VALUE;
    if (text.size == 0) {
        return;
    }
    if (is(book->cell_type, "s")) {
        for (size_t i = 0; i < text.size && text.data[i] >= '0' && text.data[i] <= '9';
             i++) {
            index =
                index > 100000000 ? index : index * 10 + (uint32_t)(text.data[i] - '0');
        }
        cell->text = index < book->string_count ? book->strings[index]
                                                : (struct table_slice){"", 0};
    } else if (is(book->cell_type, "b")) {
        cell->value.type = OFFICE_BOOLEAN;
        cell->value.time = text.data[0] == '1';
        cell->text = cell->value.time != 0 ? (struct table_slice){"TRUE", 4}
                                           : (struct table_slice){"FALSE", 5};
    } else if (is(book->cell_type, "d")) {
        bool date;
        bool timed = number_iso(text, &cell->value.time, &date);
        cell->value.type =
            timed ? (date ? OFFICE_DATE : OFFICE_TIME) : OFFICE_TEXT_VALUE;
        cell->text = office_keep(book->document, text.data, text.size);
    } else if (is(book->cell_type, "e")) {
        return; /* "#DIV/0!" */
    } else if (is(book->cell_type, "") || is(book->cell_type, "n")) {
        set_number(book, text);
    } else { /* str, inlineStr */
        cell->text = office_keep(book->document, text.data, text.size);
    }
    (void)sheet_add(book->document, &book->sheet, cell);
}

static void on_sheet_end(void *owner, const char *name)
{
    struct book *book = owner;
    book->in_text = false;
    book->in_phonetic = book->in_phonetic && !is(name, "rPh");
    if (is(name, "c")) {
        end_cell(book);
    }
}

static enum office_status read_sheets(struct book *book)
{
    enum office_status status = OFFICE_OK;
    for (size_t i = 0; i < book->sheet_count && status == OFFICE_OK; i++) {
        const struct sheet_name *sheet = &book->sheets[i];
        if (sheet->path[0] == '\0') {
            continue;
        }
        book->sheet.count = 0;
        book->row = 0;
        status = read_part(book, sheet->path, on_sheet_start, on_sheet_end, on_text);
        status = status == OFFICE_NOT_OFFICE ? OFFICE_OK : status;
        if (status == OFFICE_OK && !sheet_lay_out(book->document, &book->sheet,
                                                  (uint32_t)i + 1, sheet->name)) {
            status = OFFICE_NO_MEMORY;
        }
    }
    return status;
}

static enum office_status optional(enum office_status status)
{
    return status == OFFICE_NOT_OFFICE ? OFFICE_OK : status;
}

enum office_status book_read(struct office_document *document,
                             const struct package *package)
{
    struct book book = {.document = document, .package = package};
    book.text.data = document->memory->allocate(document->memory->user, 1);
    if (book.text.data == NULL) {
        return OFFICE_NO_MEMORY;
    }
    enum office_status status =
        read_part(&book, "xl/workbook.xml", on_workbook, NULL, NULL);
    if (status == OFFICE_OK) {
        status = optional(
            read_part(&book, "xl/_rels/workbook.xml.rels", on_relation, NULL, NULL));
    }
    if (status == OFFICE_OK) {
        status = optional(read_part(&book, "xl/sharedStrings.xml", on_string_start,
                                    on_string_end, on_text));
    }
    if (status == OFFICE_OK) {
        status =
            optional(read_part(&book, "xl/styles.xml", on_style, on_style_end, NULL));
    }
    return status == OFFICE_OK ? read_sheets(&book) : status;
}
