#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "feed_address.h"
#include "feed_date.h"
#include "feed_internal.h"

#define TITLE_MOST   2000 /* bytes of plain text */
#define SUMMARY_MOST 8000
#define SHORT_MOST   300 /* author, dates, language */
#define BASES_MOST   16  /* nested xml:base attributes */
#define ID_MOST      4000
#define CONTENT_MOST ((size_t)8 * 1024 * 1024)

struct vocabulary {
    const char *address;
    enum feed_vocabulary kind;
};

static const struct vocabulary vocabularies[] = {
    {"http://www.w3.org/2005/Atom", FEED_CORE},
    {"http://purl.org/atom/ns#", FEED_CORE},
    {"http://purl.org/rss/1.0/", FEED_CORE},
    {"http://my.netscape.com/rdf/simple/0.9/", FEED_CORE},
    {"http://channel.netscape.com/rdf/simple/0.9/", FEED_CORE},
    {"http://backend.userland.com/rss2", FEED_CORE},
    {"http://purl.org/dc/elements/1.1/", FEED_DUBLIN},
    {"http://purl.org/dc/terms/", FEED_DUBLIN},
    {"http://purl.org/rss/1.0/modules/content/", FEED_CONTENT},
};

/* For prefixes that a careless feed uses without declaring them. */
static const struct vocabulary prefixes[] = {
    {"atom", FEED_CORE},
    {"dc", FEED_DUBLIN},
    {"dcterms", FEED_DUBLIN},
    {"content", FEED_CONTENT},
};

enum field {
    FIELD_ID,
    FIELD_TITLE,
    FIELD_SUMMARY,
    FIELD_CONTENT,
    FIELD_AUTHOR,
    FIELD_PUBLISHED,
    FIELD_UPDATED,
    FIELD_COUNT
};

struct rule {
    enum feed_vocabulary vocabulary;
    const char *name;
    enum field field;
    int rank; /* the lowest wins, then the first */
};

static const struct rule rules[] = {
    {FEED_CORE, "guid", FIELD_ID, 1},
    {FEED_CORE, "id", FIELD_ID, 1},
    {FEED_DUBLIN, "identifier", FIELD_ID, 2},
    {FEED_CORE, "title", FIELD_TITLE, 1},
    {FEED_DUBLIN, "title", FIELD_TITLE, 2},
    {FEED_CORE, "summary", FIELD_SUMMARY, 1},
    {FEED_CORE, "description", FIELD_SUMMARY, 2},
    {FEED_DUBLIN, "description", FIELD_SUMMARY, 3},
    {FEED_CONTENT, "encoded", FIELD_CONTENT, 1},
    {FEED_CORE, "content", FIELD_CONTENT, 2},
    {FEED_CORE, "author", FIELD_AUTHOR, 1},
    {FEED_DUBLIN, "creator", FIELD_AUTHOR, 2},
    {FEED_CORE, "pubDate", FIELD_PUBLISHED, 1},
    {FEED_CORE, "published", FIELD_PUBLISHED, 1},
    {FEED_CORE, "issued", FIELD_PUBLISHED, 1},
    {FEED_DUBLIN, "date", FIELD_PUBLISHED, 2},
    {FEED_DUBLIN, "issued", FIELD_PUBLISHED, 3},
    {FEED_DUBLIN, "created", FIELD_PUBLISHED, 3},
    {FEED_CORE, "updated", FIELD_UPDATED, 1},
    {FEED_CORE, "modified", FIELD_UPDATED, 1},
    {FEED_DUBLIN, "modified", FIELD_UPDATED, 2},
};

struct found {
    const xmlNode *nodes[FIELD_COUNT];
    int ranks[FIELD_COUNT];
    const char *link; /* resolved */
    int link_rank;
};

enum feed_vocabulary feed_vocabulary_of(const xmlNode *node, const char **name)
{
    *name = (const char *)node->name;
    if (node->ns != NULL && node->ns->href != NULL) {
        for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++) {
            if (strcasecmp((const char *)node->ns->href, vocabularies[i].address) ==
                0) {
                return vocabularies[i].kind;
            }
        }
        return FEED_OTHER;
    }
    const char *colon = strchr(*name, ':');
    if (colon == NULL) {
        return FEED_CORE;
    }
    size_t size = (size_t)(colon - *name);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strlen(prefixes[i].address) == size &&
            strncmp(*name, prefixes[i].address, size) == 0) {
            *name = colon + 1;
            return prefixes[i].kind;
        }
    }
    return FEED_OTHER;
}

/* The attribute's value in the pool, or NULL. `space` may be NULL: no namespace. */
static const char *attribute(struct feed_pool *pool, const xmlNode *node,
                             const char *name, const char *space)
{
    xmlChar *value = space == NULL ? xmlGetNoNsProp(node, (const xmlChar *)name)
                                   : xmlGetNsProp(node, (const xmlChar *)name,
                                                  (const xmlChar *)space);
    if (value == NULL) {
        return NULL;
    }
    const char *copy =
        feed_pool_copy(pool, (const char *)value, strlen((const char *)value));
    xmlFree(value);
    return copy;
}

/* The text in the node, white space collapsed and cut; NULL when there is none. */
static const char *node_text(struct feed_pool *pool, const xmlNode *node, size_t most)
{
    if (node == NULL) {
        return NULL;
    }
    xmlChar *content = xmlNodeGetContent(node);
    if (content == NULL) {
        return NULL;
    }
    char *text = (char *)content;
    size_t size = 0;
    for (const char *next = text; *next != '\0'; next++) {
        bool blank = isspace((unsigned char)*next) != 0;
        if (!blank || (size > 0 && text[size - 1] != ' ')) {
            text[size++] = blank ? ' ' : *next;
        }
    }
    size -= size > 0 && text[size - 1] == ' ' ? 1 : 0;
    if (size > most) {
        size = most;
        while (size > 0 && ((unsigned char)text[size] & 0xc0U) == 0x80U) {
            size--;
        }
    }
    const char *copy = size == 0 ? NULL : feed_pool_copy(pool, text, size);
    xmlFree(content);
    return copy;
}

/* The feed's address changed by the xml:base attributes down to the node. */
static const char *base_of(struct feed_pool *pool, const xmlNode *node, const char *url)
{
    const xmlNode *chain[BASES_MOST];
    size_t count = 0;
    for (; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent) {
        if (xmlHasNsProp(node, (const xmlChar *)"base", XML_XML_NAMESPACE) != NULL &&
            count < BASES_MOST) {
            chain[count++] = node;
        }
    }
    while (count > 0) {
        const char *base =
            attribute(pool, chain[--count], "base", (const char *)XML_XML_NAMESPACE);
        const char *resolved =
            base == NULL ? NULL : feed_address_resolve(pool, url, base);
        url = resolved == NULL ? url : resolved;
    }
    return url;
}

static void offer_link(struct feed_pool *pool, struct found *found, const xmlNode *node,
                       const char *url, const char *reference, int rank)
{
    if (reference == NULL || *reference == '\0' ||
        (found->link != NULL && found->link_rank <= rank)) {
        return;
    }
    const char *link = feed_address_resolve(pool, base_of(pool, node, url), reference);
    if (link != NULL && feed_address_is_web(link)) {
        found->link = link;
        found->link_rank = rank;
    }
}

/* RSS has the address as text, Atom in an attribute beside what it is for. */
static void offer_link_element(struct feed_pool *pool, struct found *found,
                               const xmlNode *node, const char *url)
{
    const char *href = attribute(pool, node, "href", NULL);
    if (href == NULL) {
        offer_link(pool, found, node, url, node_text(pool, node, FEED_ADDRESS_MOST), 1);
        return;
    }
    const char *relation = attribute(pool, node, "rel", NULL);
    const char *type = attribute(pool, node, "type", NULL);
    if (relation == NULL || *relation == '\0' ||
        strcasecmp(relation, "alternate") == 0) {
        bool page = type == NULL || strstr(type, "html") != NULL;
        offer_link(pool, found, node, url, href, page ? 1 : 2);
    }
}

static void look_at(struct feed_pool *pool, struct found *found, const xmlNode *node,
                    const char *url)
{
    const char *name = NULL;
    enum feed_vocabulary vocabulary = feed_vocabulary_of(node, &name);
    if (vocabulary == FEED_CORE && strcasecmp(name, "link") == 0) {
        offer_link_element(pool, found, node, url);
        return;
    }
    if (vocabulary == FEED_CORE && strcasecmp(name, "guid") == 0) {
        const char *permanent = attribute(pool, node, "isPermaLink", NULL);
        const char *text = node_text(pool, node, FEED_ADDRESS_MOST);
        if ((permanent == NULL || strcasecmp(permanent, "false") != 0) &&
            text != NULL && feed_address_is_web(text)) {
            offer_link(pool, found, node, url, text, 3);
        }
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (rule->vocabulary == vocabulary && strcasecmp(rule->name, name) == 0 &&
            (found->nodes[rule->field] == NULL ||
             rule->rank < found->ranks[rule->field])) {
            found->nodes[rule->field] = node;
            found->ranks[rule->field] = rule->rank;
        }
    }
}

/* The node's content as HTML: Atom says what it is, RSS means HTML. */
static void add_html(struct feed_pool *pool, const xmlNode *node, struct feed_text *out)
{
    const char *type = attribute(pool, node, "type", NULL);
    const char *mode = attribute(pool, node, "mode", NULL);
    bool is_atom = node->ns != NULL && node->ns->href != NULL &&
                   strcasestr((const char *)node->ns->href, "atom") != NULL;
    if (type != NULL && strstr(type, "xhtml") != NULL &&
        (mode == NULL || strcmp(mode, "escaped") != 0)) {
        xmlBuffer *buffer = xmlBufferCreate();
        for (xmlNode *child = node->children; buffer != NULL && child != NULL;
             child = child->next) {
            (void)xmlNodeDump(buffer, node->doc, child, 0, 0);
        }
        if (buffer != NULL) {
            feed_text_add(out, (const char *)xmlBufferContent(buffer),
                          (size_t)xmlBufferLength(buffer));
            xmlBufferFree(buffer);
        }
        return;
    }
    bool plain = is_atom && (type == NULL || strcasecmp(type, "text") == 0 ||
                             strcasecmp(type, "text/plain") == 0);
    xmlChar *content = xmlNodeGetContent(node);
    if (content != NULL && plain) {
        feed_escape(out, (const char *)content);
    } else if (content != NULL) {
        feed_text_string(out, (const char *)content);
    }
    xmlFree(content);
}

/* NULL when the node is, or has nothing but blanks. */
static const char *html_of(struct feed_pool *pool, const xmlNode *node)
{
    struct feed_text html;
    const char *copy = NULL;
    if (node == NULL) {
        return NULL;
    }
    feed_text_init(&html, CONTENT_MOST);
    add_html(pool, node, &html);
    if (html.data != NULL && html.data[strspn(html.data, " \t\r\n")] != '\0') {
        copy = feed_pool_copy(pool, html.data, html.size);
    }
    feed_text_finish(&html);
    return copy;
}

/* Atom names the person in an element; RSS writes "address (name)". */
static const char *author_of(struct feed_pool *pool, const xmlNode *node)
{
    for (const xmlNode *child = node == NULL ? NULL : node->children; child != NULL;
         child = child->next) {
        const char *name = NULL;
        if (child->type == XML_ELEMENT_NODE &&
            feed_vocabulary_of(child, &name) == FEED_CORE &&
            strcasecmp(name, "name") == 0) {
            return node_text(pool, child, SHORT_MOST);
        }
    }
    const char *text = node_text(pool, node, SHORT_MOST);
    const char *open = text == NULL ? NULL : strchr(text, '(');
    const char *close = open == NULL ? NULL : strrchr(open, ')');
    if (open != NULL && close != NULL && close > open + 1 &&
        strchr(text, '@') != NULL) {
        return feed_pool_copy(pool, open + 1, (size_t)(close - open - 1));
    }
    return text;
}

static const char *language_of(struct feed_pool *pool, const xmlNode *node)
{
    xmlChar *lang = xmlNodeGetLang(node);
    const char *copy = NULL;
    if (lang != NULL) {
        size_t size = strlen((const char *)lang);
        copy = size == 0 || size > SHORT_MOST
                   ? NULL
                   : feed_pool_copy(pool, (const char *)lang, size);
        xmlFree(lang);
    }
    return copy;
}

static void read_dates(struct feed_pool *pool, const struct found *found,
                       struct feed_item *item)
{
    item->published_raw = node_text(pool, found->nodes[FIELD_PUBLISHED], SHORT_MOST);
    item->updated_raw = node_text(pool, found->nodes[FIELD_UPDATED], SHORT_MOST);
    item->has_published = (item->published_raw != NULL &&
                           feed_date_parse(item->published_raw, &item->published)) ||
                          (item->updated_raw != NULL &&
                           feed_date_parse(item->updated_raw, &item->published));
}

bool feed_item_read(struct feed_pool *pool, const xmlNode *node, const char *url,
                    struct feed_item *item)
{
    struct found found = {.link = NULL};
    memset(item, 0, sizeof *item);
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            look_at(pool, &found, child, url);
        }
    }
    item->id = node_text(pool, found.nodes[FIELD_ID], ID_MOST);
    if (item->id == NULL) {
        item->id = attribute(pool, node, "about",
                             "http://www.w3.org/1999/02/22-rdf-syntax-ns#");
    }
    item->link = found.link;
    const char *title = html_of(pool, found.nodes[FIELD_TITLE]);
    const char *summary = html_of(pool, found.nodes[FIELD_SUMMARY]);
    item->content = html_of(pool, found.nodes[FIELD_CONTENT]);
    item->content = item->content == NULL ? summary : item->content;
    item->title = title == NULL ? NULL : feed_plain_text(pool, title, TITLE_MOST);
    item->summary =
        summary == NULL ? NULL : feed_plain_text(pool, summary, SUMMARY_MOST);
    item->author = author_of(pool, found.nodes[FIELD_AUTHOR]);
    item->lang = language_of(pool, node);
    read_dates(pool, &found, item);
    return !pool->failed;
}
