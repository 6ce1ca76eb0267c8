/* What attributes say: about the page, and about an element's part in it. */
#include "html_parse.h"

#include <string.h>

#include "text.h"

#define ADDRESS_LIMIT  2048
#define LANGUAGE_LIMIT 35

const char *html_attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2) {
        if (strcmp((const char *)attributes[i], name) == 0) {
            return attributes[i + 1] != NULL ? (const char *)attributes[i + 1] : "";
        }
    }
    return NULL;
}

void html_offer(struct parse *parse, enum article_fact fact, const char *value,
                enum article_rank rank)
{
    article_facts_offer(&parse->page->facts, fact, article_slice_of(value), rank);
}

void html_read_relation(struct parse *parse, const xmlChar **attributes)
{
    const char *rel = html_attribute(attributes, "rel");
    const char *address = html_attribute(attributes, "href");
    const char *language = html_attribute(attributes, "hreflang");
    struct article_facts *facts = &parse->page->facts;
    struct article_slice relation = article_slice_of(rel);
    if (rel == NULL || address == NULL) {
        return;
    }
    if (article_same(relation, "canonical")) {
        html_offer(parse, FACT_CANONICAL, address, RANK_ELEMENT);
    } else if (article_same(relation, "amphtml") && facts->amp_url.size == 0) {
        facts->amp_url =
            article_fold(facts->memory, article_slice_of(address), ADDRESS_LIMIT);
    } else if (article_same(relation, "alternate") && language != NULL &&
               facts->variant_count < ARTICLE_VARIANT_LIMIT) {
        struct article_variant variant = {
            article_fold(facts->memory, article_slice_of(language), LANGUAGE_LIMIT),
            article_fold(facts->memory, article_slice_of(address), ADDRESS_LIMIT)};
        if (variant.lang.size > 0 && variant.url.size > 0) {
            facts->variants[facts->variant_count++] = variant;
        }
    }
}

void html_read_meta(struct parse *parse, const xmlChar **attributes)
{
    static const char *const keys[] = {"property", "name", "itemprop", "http-equiv"};
    const char *content = html_attribute(attributes, "content");
    for (size_t i = 0; content != NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *name = html_attribute(attributes, keys[i]);
        if (name != NULL) {
            article_facts_meta(&parse->page->facts, article_slice_of(name),
                               article_slice_of(content));
        }
    }
}

void html_read_input(struct parse *parse, const xmlChar **attributes)
{
    struct article_slice type = article_slice_of(html_attribute(attributes, "type"));
    parse->page->password = parse->page->password || article_same(type, "password");
}

/* Microdata: what the element is the property of, and where its value stands. */
void html_read_property(struct parse *parse, const char *property,
                        const xmlChar **attributes, uint8_t *flags)
{
    static const struct {
        const char *name;
        enum article_fact fact;
    } table[] = {{"headline", FACT_TITLE},
                 {"datePublished", FACT_PUBLISHED},
                 {"dateModified", FACT_MODIFIED},
                 {"inLanguage", FACT_LANGUAGE}};
    struct article_slice name = article_slice_of(property);
    const char *value = html_attribute(attributes, "content");
    if (article_begins(name, "schema:")) { /* RDFa */
        name.data += strlen("schema:");
        name.size -= strlen("schema:");
    }
    if (value == NULL) {
        value = html_attribute(attributes, "datetime");
    }
    bool scope = html_attribute(attributes, "itemscope") != NULL;
    if (article_same(name, "author") && scope) {
        *flags |= FRAME_AUTHOR;
        parse->author++;
        return;
    }
    if (article_same(name, "publisher") && scope) {
        *flags |= FRAME_PUBLISHER;
        parse->publisher++;
        return;
    }
    enum article_fact fact = FACT_COUNT;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (article_same(name, table[i].name)) {
            fact = table[i].fact;
        }
    }
    bool named = article_same(name, "name");
    const char *kind = html_attribute(attributes, "typeof");
    bool person =
        kind != NULL && article_find(article_slice_of(kind), "Person") != SIZE_MAX;
    if (article_same(name, "author") || (named && (parse->author > 0 || person))) {
        fact = FACT_AUTHOR;
    } else if (named && parse->publisher > 0) {
        fact = FACT_OUTLET;
    }
    if (fact == FACT_COUNT) {
        return;
    }
    if (value != NULL) {
        html_offer(parse, fact, value, RANK_MICRODATA);
    } else {
        html_capture_fact(parse, fact, RANK_MICRODATA, flags);
    }
}

/* A time in the article's head is its date; elsewhere it may be anybody's. */
void html_read_time(struct parse *parse, const xmlChar **attributes)
{
    const struct node *nodes = parse->page->nodes;
    enum article_rank rank = RANK_SOCIAL;
    parse->dated = true;
    for (uint32_t i = parse->node; i != 0; i = nodes[i].parent) {
        if (nodes[i].tag == TAG_ARTICLE || nodes[i].tag == TAG_MAIN) {
            rank = RANK_ELEMENT;
            break;
        }
        if (nodes[i].tag == TAG_ASIDE) {
            return;
        }
    }
    if (parse->skip == 0) {
        html_offer(parse, FACT_PUBLISHED, html_attribute(attributes, "datetime"), rank);
    }
}

/* An element within a line: hidden from readers, or by its class a date or an author's
 * name. */
void html_read_inline(struct parse *parse, const xmlChar **attributes, uint8_t *flags)
{
    const char *classes = NULL, *title = NULL;
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *name = (const char *)attributes[i];
        const char *value = attributes[i + 1] ? (const char *)attributes[i + 1] : "";
        if (strcmp(name, "class") == 0) {
            classes = value;
        } else if (strcmp(name, "title") == 0) {
            title = value;
        } else if (strcmp(name, "hidden") == 0 ||
                   (strcmp(name, "aria-hidden") == 0 && strcmp(value, "true") == 0)) {
            *flags |= FRAME_SKIP;
            parse->skip++;
            return;
        }
    }
    if (classes == NULL) {
        return;
    }
    enum article_inline_hint hint = article_inline_hint(classes);
    if (hint == INLINE_DATE) {
        parse->dated = true;
        if (title != NULL) { /* <abbr class="published" title="2026-02-14T10:05"> */
            html_offer(parse, FACT_PUBLISHED, title, RANK_SOCIAL);
        }
    } else if (hint == INLINE_AUTHOR) {
        html_capture_fact(parse, FACT_AUTHOR, RANK_SHOWN, flags);
    }
}

/* One look at all attributes of a block-level element: node flags. */
uint8_t html_read_hints(const xmlChar **attributes, const struct tag *tag, bool *dated)
{
    uint8_t flags = 0;
    bool classes =
        tag->kind != TAG_ROOT && tag->kind != TAG_MAIN && tag->kind != TAG_ARTICLE;
    for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2) {
        const char *name = (const char *)attributes[i];
        const char *value = attributes[i + 1] ? (const char *)attributes[i + 1] : "";
        struct article_slice text = article_slice_of(value);
        if (strcmp(name, "class") == 0 || strcmp(name, "id") == 0) {
            flags |= classes ? article_class_hint(value, dated) : 0;
        } else if (strcmp(name, "role") == 0) {
            bool dialog = article_find(text, "dialog") != SIZE_MAX;
            bool away =
                article_same(text, "navigation") || article_same(text, "banner") ||
                article_same(text, "contentinfo") || article_same(text, "search") ||
                article_same(text, "complementary") || article_same(text, "menu");
            flags |= dialog ? NODE_FOREIGN : away ? NODE_DOUBTFUL : 0;
        } else if (strcmp(name, "itemprop") == 0) {
            flags |= article_find(text, "articleBody") != SIZE_MAX ? NODE_BODY : 0;
            flags |= article_same(text, "description") ? NODE_LEAD : 0;
        } else if (strcmp(name, "hidden") == 0 ||
                   (strcmp(name, "aria-hidden") == 0 && article_same(text, "true")) ||
                   (strcmp(name, "style") == 0 &&
                    (article_find(text, "display:none") != SIZE_MAX ||
                     article_find(text, "display: none") != SIZE_MAX))) {
            flags |= NODE_DOUBTFUL;
        }
    }
    return flags;
}
