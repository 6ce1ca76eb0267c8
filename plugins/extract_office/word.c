/* docx: paragraphs and tables of word/document.xml (ECMA-376, WordprocessingML). */
#include <string.h>

#include "office.h"

struct word {
    struct office_document *document;
    struct gathered text;
    uint32_t tables;  /* that were begun */
    uint32_t depth;   /* of tables in tables: what lies deeper is text of its cell */
    uint32_t skipped; /* elements open inside of what was deleted, or is no text */
    uint32_t width, own_width; /* of the cell, in grid columns */
    bool in_text, head, in_cell, goes_on;
    uint32_t row_number;
};

static bool is(const char *name, const char *other)
{
    return strcmp(name, other) == 0;
}

/* Deleted text, codes of fields, drawings' other form, ruby. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = {"del", "moveFrom", "instrText", "Fallback",
                                        "rt",  "delText",  "pPr",       "sectPr"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static void begin_table(struct word *word)
{
    word->depth++;
    if (word->depth == 1) {
        struct office_place place = {++word->tables, 0, 0};
        (void)office_begin_table(word->document, place, (struct table_slice){"", 0});
    }
}

static void on_start(void *owner, const char *name, int count, const char **attributes)
{
    struct word *word = owner;
    if (word->skipped > 0 || is_left_out(name)) {
        word->skipped++;
    } else if (is(name, "t")) {
        word->in_text = true;
    } else if (is(name, "tab") || is(name, "br") || is(name, "cr")) {
        gather(word->document, &word->text, " ", 1);
    } else if (is(name, "noBreakHyphen")) {
        gather(word->document, &word->text, "-", 1);
    } else if (is(name, "tbl")) {
        begin_table(word);
    } else if (word->depth == 1 && is(name, "tr")) {
        word->row_number++;
        (void)office_begin_row(word->document, false);
    } else if (word->depth == 1 && is(name, "tblHeader")) {
        office_head_row(word->document);
    } else if (word->depth == 1 && is(name, "tc")) {
        word->in_cell = true;
        word->text.size = 0;
        word->width = 1;
        word->goes_on = false;
    } else if (word->depth == 1 && is(name, "gridSpan")) {
        word->width = markup_number(count, attributes, "val", 1);
    } else if (word->depth == 1 && is(name, "vMerge")) {
        word->goes_on =
            !slice_is(markup_attribute(count, attributes, "val"), "restart");
    }
}

/* A cell that goes on the one above stands empty: its text is above. */
static void end_cell(struct word *word)
{
    struct office_document *document = word->document;
    struct office_value value = {.type = OFFICE_TEXT_VALUE};
    struct table_slice text = office_keep(document, word->text.data, word->text.size);
    word->in_cell = false;
    if (document->page.row_count > 0) {
        (void)office_add_cell(document,
                              word->goes_on ? (struct table_slice){"", 0} : text,
                              &value, 1, word->width);
    }
    word->text.size = 0;
}

static void on_end(void *owner, const char *name)
{
    struct word *word = owner;
    if (word->skipped > 0) {
        word->skipped--;
    } else if (is(name, "t")) {
        word->in_text = false;
    } else if (is(name, "p")) {
        if (word->depth > 0) {
            gather(word->document, &word->text, " ", 1);
            return;
        }
        (void)office_paragraph(
            word->document,
            office_keep(word->document, word->text.data, word->text.size));
        word->text.size = 0;
    } else if (word->depth == 1 && is(name, "tc") && word->in_cell) {
        end_cell(word);
    } else if (is(name, "tbl") && word->depth > 0) {
        word->depth--;
        if (word->depth == 0) {
            (void)office_end_table(word->document);
            word->text.size = 0;
        }
    }
}

static void on_text(void *owner, const char *data, size_t size)
{
    struct word *word = owner;
    if (word->in_text && word->skipped == 0) {
        gather(word->document, &word->text, data, size);
    }
}

enum office_status word_read(struct office_document *document,
                             const struct package *package)
{
    struct word word = {.document = document};
    struct markup markup = {.document = document,
                            .owner = &word,
                            .start = on_start,
                            .end = on_end,
                            .text = on_text};
    word.text.data = document->memory->allocate(document->memory->user, 1);
    return word.text.data == NULL ? OFFICE_NO_MEMORY
                                  : markup_read(package, "word/document.xml", &markup);
}
