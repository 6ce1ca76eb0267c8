#include "feed_parse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "feed_internal.h"

static bool is_item(const xmlNode *node)
{
    const char *name = NULL;
    return node->type == XML_ELEMENT_NODE &&
           feed_vocabulary_of(node, &name) == FEED_CORE &&
           (strcasecmp(name, "item") == 0 || strcasecmp(name, "entry") == 0);
}

static bool is_channel(const xmlNode *node)
{
    const char *name = NULL;
    return node->type == XML_ELEMENT_NODE &&
           feed_vocabulary_of(node, &name) == FEED_CORE &&
           strcasecmp(name, "channel") == 0;
}

static enum feed_status add_item(struct feed *feed, const xmlNode *node,
                                 const char *url, size_t *capacity)
{
    feed->total++;
    if (feed->count == FEED_ITEMS_MOST) {
        return FEED_OK;
    }
    if (feed->count == *capacity) {
        size_t larger = *capacity == 0 ? 32 : *capacity * 2;
        struct feed_item *items = realloc(feed->items, larger * sizeof *items);
        if (items == NULL) {
            return FEED_NO_MEMORY;
        }
        feed->items = items;
        *capacity = larger;
    }
    if (!feed_item_read(&feed->pool, node, url, &feed->items[feed->count])) {
        return FEED_NO_MEMORY;
    }
    feed->count++;
    return FEED_OK;
}

/* Items stand in the root (Atom, RSS 1.0), in a channel, or both where feeds err. */
static enum feed_status add_items(struct feed *feed, const xmlNode *root,
                                  const char *url)
{
    enum feed_status status = FEED_OK;
    size_t capacity = 0;
    for (const xmlNode *node = root->children; node != NULL && status == FEED_OK;
         node = node->next) {
        if (is_item(node)) {
            status = add_item(feed, node, url, &capacity);
        }
        if (!is_channel(node)) {
            continue;
        }
        for (const xmlNode *child = node->children; child != NULL && status == FEED_OK;
             child = child->next) {
            status = is_item(child) ? add_item(feed, child, url, &capacity) : FEED_OK;
        }
    }
    return status;
}

/* In a feed whose elements are not closed items stand where they should not. */
static enum feed_status add_lost_items(struct feed *feed, const xmlNode *root,
                                       const char *url)
{
    enum feed_status status = FEED_OK;
    size_t capacity = 0;
    const xmlNode *node = root;
    while (node != NULL && status == FEED_OK) {
        if (node != root && is_item(node)) {
            status = add_item(feed, node, url, &capacity);
        }
        if (node->children != NULL) {
            node = node->children;
            continue;
        }
        while (node != root && node->next == NULL) {
            node = node->parent;
        }
        node = node == root ? NULL : node->next;
    }
    return status;
}

static enum feed_status judge_root(const xmlNode *root)
{
    static const char *const roots[] = {"rss", "RDF", "feed", "channel"};
    if (root == NULL) {
        return FEED_IS_NOT_XML;
    }
    const char *name = (const char *)root->name;
    const char *colon = strchr(name, ':');
    name = colon == NULL ? name : colon + 1;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        if (strcasecmp(name, roots[i]) == 0) {
            return FEED_OK;
        }
    }
    return strcasecmp(name, "html") == 0 ? FEED_IS_HTML : FEED_IS_OTHER;
}

/* Pages are seldom XML; what begins like one is called one. */
static bool looks_like_html(const struct feed_input *input)
{
    size_t start = 0;
    while (start < input->size && strchr(" \t\r\n", input->data[start]) != NULL) {
        start++;
    }
    const char *text = input->data + start;
    size_t size = input->size - start;
    return (size >= 14 && strncasecmp(text, "<!doctype html", 14) == 0) ||
           (size >= 5 && strncasecmp(text, "<html", 5) == 0);
}

enum feed_status feed_parse(const struct feed_input *input, struct feed *feed)
{
    xmlDoc *document = NULL;
    memset(feed, 0, sizeof *feed);
    if (looks_like_html(input)) {
        return FEED_IS_HTML;
    }
    enum feed_status status = feed_looks_like_json(input)
                                  ? feed_read_json(input, feed)
                                  : feed_read_xml(input, &document, &feed->broken);
    if (status == FEED_OK && document != NULL) {
        const xmlNode *root = xmlDocGetRootElement(document);
        status = judge_root(root);
        if (status == FEED_OK) {
            status = add_items(feed, root, input->url);
        }
        if (status == FEED_OK && feed->broken && feed->count == 0) {
            status = add_lost_items(feed, root, input->url);
        }
    }
    if (document != NULL) {
        xmlFreeDoc(document);
    }
    if (status != FEED_OK) {
        feed_finish(feed);
    }
    return status;
}

void feed_finish(struct feed *feed)
{
    feed_pool_finish(&feed->pool);
    free(feed->items);
    memset(feed, 0, sizeof *feed);
}

const char *feed_status_text(enum feed_status status)
{
    switch (status) {
    case FEED_OK:
        return "a feed";
    case FEED_IS_HTML:
        return "unexpected content: an HTML page, not a feed";
    case FEED_IS_OTHER:
        return "unexpected content: XML, but not RSS or Atom";
    case FEED_IS_OTHER_JSON:
        return "unexpected content: JSON, but no JSON Feed";
    case FEED_IS_NOT_XML:
        return "unexpected content: neither RSS nor Atom";
    case FEED_HAS_ENTITIES:
        return "refused: the feed declares XML entities of its own";
    case FEED_NO_MEMORY:
        return "not enough memory for the feed";
    }
    return "";
}
