/* The tables of a page, in one pass over libxml2's events. */
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "shared/tables/table.h"

#define DEPTH_LIMIT 1024 /* the parser's work is squared in the depth */
#define NEST_LIMIT  8    /* tables within tables that are told apart */

/* What is being read of the innermost table. */
struct open_table {
    uint32_t table; /* index */
    bool head;      /* in <thead> */
    bool row, cell, caption;
    bool head_cell;
    unsigned long row_span, column_span;
    /* Rows and cells of a table must stand together in the page's lists: those of a
     * table that holds another are given up with it. */
};

struct parse {
    struct table_page *page;
    const struct table_memory *memory;
    htmlParserCtxtPtr parser;
    struct open_table open[NEST_LIMIT];
    size_t open_count, beyond; /* tables */
    size_t depth;
    unsigned away, raised; /* script, style, hidden parts; <sup> */
    char *text;            /* of the cell or caption */
    size_t size, room, total;
    bool space, failed;
};

static void fail(struct parse *parse)
{
    parse->failed = true;
    xmlStopParser(parse->parser);
}

static void cut(struct parse *parse)
{
    parse->page->partial = true;
    xmlStopParser(parse->parser);
}

static struct open_table *current(struct parse *parse)
{
    return parse->open_count > 0 && parse->beyond == 0
               ? &parse->open[parse->open_count - 1]
               : NULL;
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2) {
        if (strcmp((const char *)attributes[i], name) == 0) {
            return attributes[i + 1] != NULL ? (const char *)attributes[i + 1] : "";
        }
    }
    return NULL;
}

static unsigned long span(const xmlChar **attributes, const char *name,
                          unsigned long most)
{
    const char *text = attribute(attributes, name);
    unsigned long value = 0;
    for (; text != NULL && *text >= '0' && *text <= '9' && value < 100000; text++) {
        value = value * 10 + (unsigned long)(*text - '0');
    }
    return value == 0 ? 1 : value < most ? value : most;
}

/* Marks of footnotes behind a number: 412*, 412 1), 412†. */
static struct table_slice without_marks(struct table_slice text)
{
    static const char *const marks[] = {"*", "†", "‡", "¹", "²", "³"};
    bool again = true;
    while (again && text.size > 1) {
        again = false;
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
            size_t size = strlen(marks[i]);
            if (text.size > size &&
                memcmp(text.data + text.size - size, marks[i], size) == 0) {
                text.size -= size;
                again = true;
            }
        }
        size_t n = text.size;
        bool noted = n >= 4 && text.data[n - 1] == ')' && text.data[n - 3] == ' ' &&
                     ((text.data[n - 2] >= '1' && text.data[n - 2] <= '9') ||
                      (text.data[n - 2] >= 'a' && text.data[n - 2] <= 'e'));
        text.size -= noted ? 3 : 0;
        again = again || noted;
        text = table_trim(text);
    }
    return text;
}

static struct table_slice take_text(struct parse *parse)
{
    struct table_slice none = {NULL, 0};
    if (parse->size == 0) {
        return none;
    }
    char *copy = parse->memory->allocate(parse->memory->user, parse->size + 1);
    if (copy == NULL) {
        fail(parse);
        return none;
    }
    memcpy(copy, parse->text, parse->size);
    copy[parse->size] = '\0';
    struct table_slice text = {copy, parse->size};
    parse->size = 0;
    return text;
}

static void end_cell(struct parse *parse, struct open_table *open)
{
    struct table_page *page = parse->page;
    if (!open->cell) {
        return;
    }
    open->cell = false;
    struct table_cell cell = {.text = take_text(parse),
                              .row_span = (uint16_t)open->row_span,
                              .column_span = (uint16_t)open->column_span,
                              .head = open->head_cell || open->head};
    cell.numeric = table_is_numeric(cell.text);
    if (cell.numeric) {
        cell.text = without_marks(cell.text);
    }
    if (page->cell_count == TABLE_CELLS) {
        cut(parse);
        return;
    }
    void *items = page->cells;
    if (!table_grow(parse->memory, &items, &page->cell_room, page->cell_count, 1,
                    sizeof(cell))) {
        fail(parse);
        return;
    }
    page->cells = items;
    page->cells[page->cell_count++] = cell;
    page->rows[page->row_count - 1].count++;
}

static void begin_row(struct parse *parse, struct open_table *open)
{
    struct table_page *page = parse->page;
    struct table *table = &page->tables[open->table];
    end_cell(parse, open);
    open->row = false;
    if (table->layout || table->row_count == TABLE_ROWS) {
        page->partial = page->partial || !table->layout;
        return;
    }
    void *items = page->rows;
    if (!table_grow(parse->memory, &items, &page->row_room, page->row_count, 1,
                    sizeof(struct table_row))) {
        fail(parse);
        return;
    }
    page->rows = items;
    page->rows[page->row_count++] =
        (struct table_row){(uint32_t)page->cell_count, 0, open->head};
    table->row_count++;
    open->row = true;
}

static void begin_cell(struct parse *parse, struct open_table *open, bool head,
                       const xmlChar **attributes)
{
    end_cell(parse, open);
    if (!open->row) {
        begin_row(parse, open);
    }
    if (!open->row || parse->failed) {
        return;
    }
    open->cell = true;
    open->head_cell = head;
    open->row_span = span(attributes, "rowspan", TABLE_ROWS);
    open->column_span = span(attributes, "colspan", TABLE_COLUMNS);
    parse->size = 0;
    parse->space = false;
}

static void begin_table(struct parse *parse, const xmlChar **attributes)
{
    struct table_page *page = parse->page;
    struct open_table *outer = current(parse);
    const char *role = attribute(attributes, "role");
    if (outer != NULL) { /* what holds a table arranges the page */
        page->tables[outer->table].layout = true;
        outer->cell = outer->row = false;
        parse->size = 0;
    }
    if (parse->open_count == NEST_LIMIT || page->table_count == TABLE_LIMIT) {
        page->partial = true;
        parse->beyond++;
        return;
    }
    void *items = page->tables;
    if (!table_grow(parse->memory, &items, &page->table_room, page->table_count, 1,
                    sizeof(struct table))) {
        fail(parse);
        return;
    }
    page->tables = items;
    struct table table = {.number = (uint32_t)page->table_count + 1,
                          .first_row = (uint32_t)page->row_count};
    table.layout = role != NULL &&
                   (strcmp(role, "presentation") == 0 || strcmp(role, "none") == 0);
    parse->open[parse->open_count++] =
        (struct open_table){.table = (uint32_t)page->table_count};
    page->tables[page->table_count++] = table;
}

static void end_table(struct parse *parse)
{
    if (parse->beyond > 0) {
        parse->beyond--;
        return;
    }
    struct open_table *open = current(parse);
    if (open != NULL) {
        end_cell(parse, open);
        parse->open_count--;
        parse->size = 0;
    }
}

static bool is_away(const char *name)
{
    return strcmp(name, "script") == 0 || strcmp(name, "style") == 0 ||
           strcmp(name, "template") == 0 || strcmp(name, "noscript") == 0;
}

static void on_start(void *user, const xmlChar *tag, const xmlChar **attributes)
{
    struct parse *parse = user;
    const char *name = (const char *)tag;
    struct open_table *open = current(parse);
    if (parse->failed) {
        return;
    }
    if (++parse->depth > DEPTH_LIMIT) {
        cut(parse);
        return;
    }
    parse->away += is_away(name);
    parse->raised += strcmp(name, "sup") == 0;
    if (strcmp(name, "table") == 0) {
        begin_table(parse, attributes);
    } else if (open == NULL) {
        return;
    } else if (strcmp(name, "thead") == 0) {
        open->head = true;
    } else if (strcmp(name, "tbody") == 0 || strcmp(name, "tfoot") == 0) {
        open->head = false;
    } else if (strcmp(name, "tr") == 0) {
        begin_row(parse, open);
    } else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
        begin_cell(parse, open, name[1] == 'h', attributes);
    } else if (strcmp(name, "caption") == 0) {
        open->caption = true;
        parse->size = 0;
    } else {
        parse->space = parse->space || strcmp(name, "br") == 0 ||
                       strcmp(name, "p") == 0 || strcmp(name, "div") == 0 ||
                       strcmp(name, "li") == 0;
    }
}

static void on_end(void *user, const xmlChar *tag)
{
    struct parse *parse = user;
    const char *name = (const char *)tag;
    struct open_table *open = current(parse);
    parse->depth -= parse->depth > 0;
    parse->away -= is_away(name) && parse->away > 0;
    parse->raised -= strcmp(name, "sup") == 0 && parse->raised > 0;
    if (parse->failed) {
        return;
    }
    if (strcmp(name, "table") == 0) {
        end_table(parse);
    } else if (open != NULL && (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)) {
        end_cell(parse, open);
    } else if (open != NULL && strcmp(name, "tr") == 0) {
        end_cell(parse, open);
        open->row = false;
    } else if (open != NULL && strcmp(name, "thead") == 0) {
        open->head = false;
    } else if (open != NULL && strcmp(name, "caption") == 0) {
        open->caption = false;
        parse->page->tables[open->table].caption = take_text(parse);
    }
}

static void add(struct parse *parse, const char *data, size_t size)
{
    void *items = parse->text;
    if (parse->total + size > TABLE_TEXT_LIMIT) {
        cut(parse);
        return;
    }
    if (!table_grow(parse->memory, &items, &parse->room, parse->size, size + 1, 1)) {
        fail(parse);
        return;
    }
    parse->text = items;
    if (parse->space && parse->size > 0) {
        parse->text[parse->size++] = ' ';
    }
    parse->space = false;
    memcpy(parse->text + parse->size, data, size);
    parse->size += size;
    parse->total += size;
}

/* m² and km² are units; any other small digit or letter raised is a note's mark. */
static void add_raised(struct parse *parse, const char *data, size_t size)
{
    bool metre = parse->size > 0 && parse->text[parse->size - 1] == 'm';
    if (size == 1 && metre && (data[0] == '2' || data[0] == '3')) {
        add(parse, data[0] == '2' ? "²" : "³", strlen("²"));
    }
}

static void on_text(void *user, const xmlChar *text, int length)
{
    struct parse *parse = user;
    const char *data = (const char *)text;
    struct open_table *open = current(parse);
    size_t i = 0, size = (size_t)length;
    if (parse->failed || parse->away > 0 || open == NULL ||
        !(open->cell || open->caption)) {
        return;
    }
    if (parse->raised > 0) {
        add_raised(parse, data, size);
        return;
    }
    while (i < size && !parse->failed) {
        size_t start = i;
        while (i < size && (unsigned char)data[i] > ' ' &&
               !(i + 1 < size && data[i] == '\xc2' && data[i + 1] == '\xa0')) {
            i++;
        }
        if (i > start) {
            add(parse, data + start, i - start);
        }
        if (i < size) {
            parse->space = true;
            i += data[i] == '\xc2' ? 2 : 1;
        }
    }
}

static void ignore_error(void *user, xmlErrorPtr error)
{
    (void)user;
    (void)error;
}

static enum table_status run(struct parse *parse, struct table_slice body,
                             struct table_slice charset)
{
    htmlSAXHandler handler;
    char name[64] = "UTF-8";
    memset(&handler, 0, sizeof(handler));
    handler.startElement = on_start;
    handler.endElement = on_end;
    handler.characters = on_text;
    handler.ignorableWhitespace = on_text;
    handler.serror = ignore_error;
    handler.initialized = XML_SAX2_MAGIC;
    if (charset.size > 0 && charset.size < sizeof(name)) {
        memcpy(name, charset.data, charset.size);
        name[charset.size] = '\0';
    }
    htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(body.data, (int)body.size);
    if (parser == NULL) {
        return TABLE_NO_MEMORY;
    }
    htmlSAXHandlerPtr own = parser->sax;
    parser->sax = &handler;
    parser->userData = parse;
    parse->parser = parser;
    htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                   HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                   HTML_PARSE_IGNORE_ENC);
    xmlCharEncodingHandlerPtr encoding = xmlFindCharEncodingHandler(name);
    if (encoding == NULL || strcmp(encoding->name, "UTF-8") == 0) {
        xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
    } else {
        xmlSwitchToEncoding(parser, encoding);
    }
    htmlParseDocument(parser);
    bool memory = parser->errNo == XML_ERR_NO_MEMORY;
    parser->sax = own;
    htmlFreeParserCtxt(parser);
    while (parse->open_count > 0 && !parse->failed) { /* an end tag is missing */
        parse->beyond = 0;
        end_table(parse);
    }
    return memory || parse->failed ? TABLE_NO_MEMORY : TABLE_OK;
}

enum table_status table_read(struct table_slice body, struct table_slice charset,
                             const struct table_memory *memory, struct table_page *out)
{
    memset(out, 0, sizeof(*out));
    if (body.size > TABLE_BODY_LIMIT) {
        return TABLE_TOO_LARGE;
    }
    if (body.size == 0) {
        return TABLE_OK;
    }
    struct parse *parse = memory->allocate(memory->user, sizeof(*parse));
    if (parse == NULL) {
        return TABLE_NO_MEMORY;
    }
    memset(parse, 0, sizeof(*parse));
    parse->page = out;
    parse->memory = memory;
    enum table_status status = run(parse, body, charset);
    for (size_t i = 0; status == TABLE_OK && i < out->table_count; i++) {
        if (!table_lay_out(out, memory, &out->tables[i])) {
            status = TABLE_NO_MEMORY;
        }
    }
    return status;
}
