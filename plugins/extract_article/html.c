/* HTML to a page, in one pass over libxml2's events. */
#include "html_parse.h"

#include <string.h>

#include "text.h"

/* A handler must be there, or the library prints by itself. */
static void ignore_error(void *user, xmlErrorPtr error)
{
    (void)user;
    (void)error;
}

static const struct tag *tag_of(struct parse *parse, const xmlChar *name)
{
    size_t slot = ((uintptr_t)name >> 3 ^ (uintptr_t)name >> 10) % TAG_CACHE;
    if (parse->cache[slot].name != name) {
        parse->cache[slot].name = name;
        parse->cache[slot].tag = article_tag_by_name((const char *)name);
    }
    return parse->cache[slot].tag;
}

static bool is_main_role(const xmlChar **attributes)
{
    const char *role = html_attribute(attributes, "role");
    return role != NULL && (strcmp(role, "main") == 0 || strcmp(role, "article") == 0);
}

static void begin_block_element(struct parse *parse, const struct tag *tag,
                                const xmlChar **attributes, uint8_t *flags)
{
    static const struct tag main_tag = {"main", TAG_MAIN, 0};
    static const struct tag aside_tag = {"aside", TAG_ASIDE, 0};
    uint8_t hints = 0;
    if (tag->kind == TAG_CONTAINER && is_main_role(attributes)) {
        tag = &main_tag;
    }
    if (tag->kind == TAG_HEADER) { /* content.c asks whether it is an article's */
        hints |= NODE_DOUBTFUL;
    } else if (tag->kind == TAG_ASIDE) {
        hints |= NODE_DOUBTFUL;
        tag = &aside_tag;
    }
    bool dated = false;
    hints |= attributes != NULL ? html_read_hints(attributes, tag, &dated) : 0;
    html_end_block(parse);
    html_begin_node(parse, tag, hints);
    parse->dated = dated;
    *flags |= FRAME_BLOCK;
    if (tag->kind == TAG_HEADING && tag->level == 1 && parse->page->heading.size == 0) {
        struct capture *capture = html_begin_capture(parse, flags);
        if (capture != NULL) {
            capture->use = CAPTURE_HEADING;
        }
    }
}

static void begin_script(struct parse *parse, const xmlChar **attributes,
                         uint8_t *flags)
{
    const char *type = html_attribute(attributes, "type");
    if (type != NULL && article_begins(article_slice_of(type), "application/ld+json")) {
        parse->in_data = true;
        parse->data_size = 0;
        *flags |= FRAME_DATA;
    }
}

static void begin_title(struct parse *parse, uint8_t *flags)
{
    if (parse->skip == 0) {
        struct capture *capture = html_begin_capture(parse, flags);
        if (capture != NULL) {
            capture->use = CAPTURE_TITLE;
        }
    }
}

static void begin_link(struct parse *parse, const xmlChar **attributes, uint8_t *flags)
{
    const char *rel = html_attribute(attributes, "rel");
    *flags |= FRAME_LINK;
    parse->link++;
    if (attributes != NULL && parse->skip == 0) {
        html_read_inline(parse, attributes, flags);
    }
    if (rel != NULL && article_same(article_slice_of(rel), "author")) {
        html_capture_fact(parse, FACT_AUTHOR, RANK_ELEMENT, flags);
    }
}

static void begin_skip(struct parse *parse, uint8_t *flags)
{
    *flags |= FRAME_SKIP;
    parse->skip++;
}

/* What an element does when it begins, but for microdata. */
static void begin_element(struct parse *parse, const struct tag *tag,
                          const xmlChar **attributes, uint8_t *flags)
{
    switch ((enum article_tag)tag->kind) {
    case TAG_INLINE:
        if (attributes != NULL && parse->skip == 0) {
            html_read_inline(parse, attributes, flags);
        }
        break;
    case TAG_BREAK:
        if (parse->broken) {
            html_end_block(parse);
        } else {
            parse->space = true;
            parse->broken = true;
        }
        break;
    case TAG_RULE:
        html_end_block(parse);
        break;
    case TAG_META:
        html_read_meta(parse, attributes);
        break;
    case TAG_RELATION:
        html_read_relation(parse, attributes);
        break;
    case TAG_TIME:
        html_read_time(parse, attributes);
        break;
    case TAG_INPUT:
        html_read_input(parse, attributes);
        break;
    case TAG_LINK:
        begin_link(parse, attributes, flags);
        break;
    case TAG_RAISED:
        *flags |= FRAME_RAISED;
        parse->raised++;
        break;
    case TAG_TITLE:
        begin_title(parse, flags);
        begin_skip(parse, flags);
        break;
    case TAG_SCRIPT:
        begin_script(parse, attributes, flags);
        begin_skip(parse, flags);
        break;
    case TAG_SKIP:
        begin_skip(parse, flags);
        break;
    case TAG_ROOT:
        if (tag->name[0] == 'h') {
            html_offer(parse, FACT_LANGUAGE, html_attribute(attributes, "lang"),
                       RANK_ELEMENT);
            html_offer(parse, FACT_LANGUAGE, html_attribute(attributes, "xml:lang"),
                       RANK_LINKED_PAGE);
        }
        begin_block_element(parse, tag, attributes, flags);
        break;
    case TAG_CONTAINER:
    case TAG_PARAGRAPH:
    case TAG_HEADING:
    case TAG_ITEM:
    case TAG_CELL:
    case TAG_LIST:
    case TAG_TABLE:
    case TAG_ROW:
    case TAG_QUOTE:
    case TAG_ARTICLE:
    case TAG_MAIN:
    case TAG_ASIDE:
    case TAG_HEADER:
        if (parse->skip == 0) {
            begin_block_element(parse, tag, attributes, flags);
        }
        break;
    }
}

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct parse *parse = user;
    const struct tag *tag = tag_of(parse, name);
    if (parse->page->failed) {
        return;
    }
    if (parse->depth == DEPTH_KEPT) {
        parse->page->partial = true;
        if (++parse->beyond > DEPTH_LIMIT - DEPTH_KEPT) {
            html_cut(parse);
        }
        if (tag->kind != TAG_INLINE && tag->kind != TAG_LINK && parse->skip == 0) {
            html_end_block(parse);
        }
        return;
    }
    struct frame *frame = &parse->frames[parse->depth++];
    uint8_t flags = 0;
    frame->node = parse->node;
    frame->captures = 0;
    begin_element(parse, tag, attributes, &flags);
    if (attributes != NULL && parse->skip == 0) {
        const char *property = html_attribute(attributes, "itemprop");
        if (property == NULL && tag->kind != TAG_META) {
            property = html_attribute(attributes, "property"); /* RDFa */
        }
        if (property != NULL) {
            html_read_property(parse, property, attributes, &flags);
        }
    }
    frame->flags = flags;
}

static void on_end(void *user, const xmlChar *name)
{
    struct parse *parse = user;
    (void)name; /* the parser's events are balanced */
    if (parse->beyond > 0) {
        parse->beyond--;
        return;
    }
    if (parse->depth == 0) {
        return;
    }
    struct frame *frame = &parse->frames[--parse->depth];
    uint8_t flags = frame->flags;
    if (flags == 0) {
        return;
    }
    parse->skip -= (flags & FRAME_SKIP) != 0;
    parse->link -= (flags & FRAME_LINK) != 0;
    parse->raised -= (flags & FRAME_RAISED) != 0;
    parse->author -= (flags & FRAME_AUTHOR) != 0;
    parse->publisher -= (flags & FRAME_PUBLISHER) != 0;
    for (; frame->captures > 0; frame->captures--) {
        html_end_capture(parse);
    }
    if (flags & FRAME_DATA) {
        struct article_slice json = {parse->data, parse->data_size};
        parse->in_data = false;
        article_facts_linked_data(&parse->page->facts, json);
    }
    if (flags & FRAME_BLOCK) {
        html_end_block(parse);
        parse->node = frame->node;
    }
}

/* Where the tag that opens at `at` ends; *many is set to where attribute number
 * ATTRIBUTE_LIMIT begins, or 0. */
static size_t tag_end(struct article_slice html, size_t at, size_t *many)
{
    size_t count = 0;
    bool apart = false;
    *many = 0;
    for (size_t i = at + 1; i < html.size; i++) {
        char c = html.data[i];
        if (c == '>') {
            return i;
        }
        if (c == '"' || c == '\'') {
            const char *close = memchr(html.data + i + 1, c, html.size - i - 1);
            if (close == NULL) {
                return html.size;
            }
            i = (size_t)(close - html.data);
            apart = true;
        } else if (article_is_space((unsigned char)c) || c == '/') {
            apart = true;
        } else if (apart) {
            apart = false;
            if (++count == ATTRIBUTE_LIMIT) {
                *many = i;
            }
        }
    }
    return html.size;
}

/* The parser compares every attribute of a tag with all before it. A page with a tag of
 * too many is copied and the excess blanked. */
static struct article_slice limit_attributes(struct article_slice html,
                                             struct page *page)
{
    char *copy = NULL;
    for (size_t at = 0; at < html.size;) {
        const char *open = memchr(html.data + at, '<', html.size - at);
        if (open == NULL) {
            break;
        }
        at = (size_t)(open - html.data);
        if (at + 1 >= html.size || !article_is_letter((unsigned char)open[1])) {
            at++;
            continue;
        }
        size_t many;
        size_t end = tag_end(html, at, &many);
        if (many > 0) {
            if (copy == NULL) {
                copy = page->memory->allocate(page->memory->user, html.size);
                if (copy == NULL) {
                    page->failed = true;
                    return html;
                }
                memcpy(copy, html.data, html.size);
            }
            memset(copy + many, ' ', end - many);
            page->partial = true;
        }
        at = end;
    }
    if (copy != NULL) {
        html.data = copy;
    }
    return html;
}

/* The pull parser: the push parser ends a page at a stray end tag before its start. */
static void run_parser(struct parse *parse, struct article_slice html)
{
    htmlSAXHandler handler;
    memset(&handler, 0, sizeof(handler));
    handler.startElement = on_start;
    handler.endElement = on_end;
    handler.characters = html_on_text;
    handler.ignorableWhitespace = html_on_text;
    handler.cdataBlock = html_on_script;
    handler.serror = ignore_error;
    handler.initialized = XML_SAX2_MAGIC;
    const struct xml_library *xml = xml_library();
    htmlParserCtxtPtr parser =
        xml == NULL ? NULL : xml->create_context(html.data, (int)html.size);
    if (parser == NULL) {
        parse->page->failed = true;
        return;
    }
    htmlSAXHandlerPtr own = parser->sax;
    parser->sax = &handler;
    parser->userData = parse;
    parse->parser = parser;
    xml->use_options(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                 HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                 HTML_PARSE_IGNORE_ENC);
    xml->switch_encoding(parser, XML_CHAR_ENCODING_UTF8);
    xml->parse_document(parser);
    if (parser->errNo == XML_ERR_NO_MEMORY) {
        parse->page->failed = true;
    }
    parser->sax = own;
    xml->free_context(parser);
}

bool article_parse_html(struct article_slice html, struct page *page)
{
    struct parse *parse = page->memory->allocate(page->memory->user, sizeof(*parse));
    if (parse == NULL) {
        return false;
    }
    memset(parse, 0, sizeof(*parse));
    parse->page = page;
    static const struct tag root = {"", TAG_ROOT, 0};
    html = limit_attributes(html, page);
    html_begin_node(parse, &root, 0);
    if (!page->failed && html.size > 0) {
        run_parser(parse, html);
        html_end_block(parse);
    }
    return !page->failed;
}
