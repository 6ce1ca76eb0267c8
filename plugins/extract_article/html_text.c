/* Text of a parse: blocks, nodes, captures, scripts. */
#include "html_parse.h"

#include <string.h>

#include "text.h"

void html_fail(struct parse *parse)
{
    parse->page->failed = true;
    xml_library()->stop(parse->parser);
}

void html_cut(struct parse *parse)
{
    parse->page->partial = true;
    xml_library()->stop(parse->parser);
}

/* Closes the running text as a block of the current node. */
void html_end_block(struct parse *parse)
{
    struct page *page = parse->page;
    parse->space = false;
    parse->broken = false;
    if (page->text_size > parse->block_start) {
        if (page->block_count == BLOCK_LIMIT) {
            html_cut(parse);
        } else if (!article_grow(page->memory, (void **)&page->blocks,
                                 &page->block_room, page->block_count, 1,
                                 sizeof(struct block))) {
            html_fail(parse);
        } else {
            struct block block = {parse->block_start, (uint32_t)page->text_size,
                                  parse->block_links, parse->node, parse->dated};
            page->blocks[page->block_count++] = block;
        }
    }
    parse->block_start = (uint32_t)page->text_size;
    parse->block_links = 0;
    parse->dated = false;
}

void html_begin_node(struct parse *parse, const struct tag *tag, uint8_t flags)
{
    struct page *page = parse->page;
    if (page->node_count == NODE_LIMIT) {
        page->partial = true; /* the rest counts as its parent's */
        return;
    }
    if (!article_grow(page->memory, (void **)&page->nodes, &page->node_room,
                      page->node_count, 1, sizeof(struct node))) {
        html_fail(parse);
        return;
    }
    struct node node = {
        .parent = parse->node, .tag = tag->kind, .flags = flags, .level = tag->level};
    parse->node = (uint32_t)page->node_count;
    page->nodes[page->node_count++] = node;
}

/* A text that is read until the current frame ends, or NULL when too many are open. */
struct capture *html_begin_capture(struct parse *parse, uint8_t *flags)
{
    if (parse->capture_count == CAPTURE_LIMIT) {
        return NULL;
    }
    struct capture *capture = &parse->captures[parse->capture_count++];
    capture->size = 0;
    parse->frames[parse->depth - 1].captures++;
    *flags |= FRAME_CAPTURE;
    return capture;
}

void html_capture_fact(struct parse *parse, enum article_fact fact,
                       enum article_rank rank, uint8_t *flags)
{
    struct capture *capture = html_begin_capture(parse, flags);
    if (capture != NULL) {
        capture->use = CAPTURE_FACT;
        capture->fact = fact;
        capture->rank = rank;
    }
}

static void capture_text(struct parse *parse, const char *data, size_t size)
{
    for (size_t i = 0; i < parse->capture_count; i++) {
        struct capture *capture = &parse->captures[i];
        size_t room = CAPTURE_SIZE - capture->size;
        size_t take = size < room ? size : room;
        memcpy(capture->text + capture->size, data, take);
        capture->size += take;
    }
}

void html_end_capture(struct parse *parse)
{
    struct page *page = parse->page;
    struct capture *capture = &parse->captures[--parse->capture_count];
    struct article_slice text = {capture->text, capture->size};
    if (capture->use == CAPTURE_FACT) {
        article_facts_offer(&page->facts, capture->fact, text, capture->rank);
    } else if (capture->use == CAPTURE_TITLE && page->title_tag.size == 0) {
        page->title_tag = article_fold(page->memory, text, CAPTURE_SIZE);
    } else if (capture->use == CAPTURE_HEADING && page->heading.size == 0) {
        page->heading = article_fold(page->memory, text, CAPTURE_SIZE);
    }
}

/* Room for `size` more bytes and a blank. */
static bool reserve_text(struct parse *parse, size_t size)
{
    struct page *page = parse->page;
    if (page->text_size + size + 1 > ARTICLE_TEXT_LIMIT) {
        html_cut(parse);
        return false;
    }
    void *text = page->text;
    if (!article_grow(page->memory, &text, &page->text_room, page->text_size, size + 1,
                      1)) {
        html_fail(parse);
        return false;
    }
    page->text = text;
    return true;
}

static void add_text(struct parse *parse, const char *data, size_t size)
{
    struct page *page = parse->page;
    if (!reserve_text(parse, size)) {
        return;
    }
    size_t before = page->text_size;
    char *out = page->text + before;
    size_t i = 0;
    while (i < size) {
        if (article_is_space((unsigned char)data[i])) {
            parse->space = true;
            i++;
            continue;
        }
        if (parse->space) {
            parse->space = false;
            if (out > page->text + parse->block_start) {
                *out++ = ' ';
            }
        }
        size_t start = i;
        while (i < size && !article_is_space((unsigned char)data[i])) {
            i++;
        }
        memcpy(out, data + start, i - start);
        out += i - start;
        parse->broken = false;
    }
    page->text_size = (size_t)(out - page->text);
    if (parse->link > 0) {
        parse->block_links += (uint32_t)(page->text_size - before);
    }
}

/* Digits of an exponent or a square must not join the number before them. */
static void add_raised(struct parse *parse, const char *data, size_t size)
{
    static const char *const digits[10] = {
        "\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
        "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
    if (parse->link > 0) {
        return; /* a note's mark */
    }
    for (size_t i = 0; i < size; i++) {
        if (article_is_digit((unsigned char)data[i])) {
            const char *digit = digits[data[i] - '0'];
            add_text(parse, digit, strlen(digit));
        } else {
            add_text(parse, data + i, 1);
        }
    }
}

/* True when a character that an entity stood for is one that texts do not keep. */
static bool is_unwanted(const char *data, size_t size)
{
    const unsigned char *p = (const unsigned char *)data;
    uint32_t code;
    return size <= 4 && size > 0 && article_utf8_next(p, p + size, &code) == size &&
           article_is_dropped(code);
}

/* The entities of Latin-1 need no semicolon: how many bytes of `data` are the name of
 * one, whose UTF-8 goes to `out`; 0: none. The parser gives the & and the name apart.
 */
static size_t latin_entity(const char *data, size_t size, char out[4], size_t *made)
{
    static const char *const names[] = {
        "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",
        "uml",    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",
        "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",  "para",   "middot",
        "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest",
        "Agrave", "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil",
        "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",
        "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",   "times",
        "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",
        "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
        "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",
        "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
        "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};
    static const struct {
        const char *name;
        char mark;
    } marks[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t length = strlen(marks[i].name);
        if (size >= length && memcmp(data, marks[i].name, length) == 0) {
            out[0] = marks[i].mark;
            *made = 1;
            return length;
        }
    }
    size_t best = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t length = strlen(names[i]);
        if (length > best && size >= length && memcmp(data, names[i], length) == 0) {
            best = length;
            *made = article_utf8_put(0xa0 + (uint32_t)i, out);
        }
    }
    return best;
}

static void add_event(struct parse *parse, const char *data, size_t size)
{
    if (parse->capture_count > 0) {
        capture_text(parse, data, size);
    }
    if (parse->skip > 0) {
        return;
    }
    if (parse->raised > 0) {
        add_raised(parse, data, size);
    } else {
        add_text(parse, data, size);
    }
}

void html_on_text(void *user, const xmlChar *text, int length)
{
    struct parse *parse = user;
    const char *data = (const char *)text;
    size_t size = (size_t)length;
    if (parse->page->failed || is_unwanted(data, size)) {
        return;
    }
    if (parse->open_entity) {
        char entity[4];
        size_t made = 0, name = latin_entity(data, size, entity, &made);
        parse->open_entity = false;
        if (name == 0 || !is_unwanted(entity, made)) {
            add_event(parse, name > 0 ? entity : "&", name > 0 ? made : 1);
        }
        data += name;
        size -= name;
    } else if (size == 1 && data[0] == '&' && parse->parser->input->cur[-1] != ';' &&
               article_is_letter(parse->parser->input->cur[-1])) {
        parse->open_entity = true;
        return;
    }
    if (size > 0) {
        add_event(parse, data, size);
    }
}

void html_on_script(void *user, const xmlChar *text, int length)
{
    struct parse *parse = user;
    size_t size = (size_t)length;
    if (!parse->in_data || parse->data_size + size > DATA_LIMIT) {
        return;
    }
    void *data = parse->data;
    if (!article_grow(parse->page->memory, &data, &parse->data_room, parse->data_size,
                      size, 1)) {
        html_fail(parse);
        return;
    }
    parse->data = data;
    memcpy(parse->data + parse->data_size, text, size);
    parse->data_size += size;
}
