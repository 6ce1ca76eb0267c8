/* Schema.org data in <script type="application/ld+json">. */
#include <string.h>

#include <cjson/cJSON.h>

#include "facts.h"
#include "text.h"

#define NEST_LIMIT 6   /* arrays, @graph, mainEntity: no deeper */
#define ITEM_LIMIT 200 /* objects looked at in one script */

struct walk {
    struct article_facts *facts;
    int items;
};

static struct article_slice text_of(const cJSON *item)
{
    return article_slice_of(cJSON_IsString(item) ? item->valuestring : NULL);
}

/* A string, an object's name, or the first of a list that has one. */
static struct article_slice name_of(const cJSON *item)
{
    if (cJSON_IsArray(item)) {
        item = item->child;
    }
    if (cJSON_IsObject(item)) {
        item = cJSON_GetObjectItemCaseSensitive(item, "name");
        if (cJSON_IsArray(item)) {
            item = item->child;
        }
    }
    return text_of(item);
}

static bool ends_with(struct article_slice text, const char *tail)
{
    size_t size = strlen(tail);
    return text.size >= size && memcmp(text.data + text.size - size, tail, size) == 0;
}

enum item_type { ITEM_OTHER, ITEM_PAGE, ITEM_ARTICLE };

static enum item_type type_of(const cJSON *object)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(object, "@type");
    enum item_type best = ITEM_OTHER;
    const cJSON *one = cJSON_IsArray(type) ? type->child : type;
    for (; one != NULL; one = one->next) {
        struct article_slice name = text_of(one);
        if (ends_with(name, "Article") || ends_with(name, "Posting") ||
            ends_with(name, "Report")) {
            return ITEM_ARTICLE;
        }
        if (ends_with(name, "WebPage") || ends_with(name, "WebSite") ||
            ends_with(name, "Organization")) {
            best = ITEM_PAGE;
        }
        if (!cJSON_IsArray(type)) {
            break;
        }
    }
    return best;
}

/* Several authors become one text: "A, B". */
static void offer_authors(struct article_facts *facts, const cJSON *author,
                          enum article_rank rank)
{
    char names[512];
    size_t size = 0;
    const cJSON *one = cJSON_IsArray(author) ? author->child : author;
    for (; one != NULL; one = cJSON_IsArray(author) ? one->next : NULL) {
        struct article_slice name = article_trim(name_of(one));
        if (name.size == 0 || article_begins(name, "http") ||
            size + name.size + 2 > sizeof(names)) {
            continue;
        }
        if (size > 0) {
            memcpy(names + size, ", ", 2);
            size += 2;
        }
        memcpy(names + size, name.data, name.size);
        size += name.size;
    }
    article_facts_offer(facts, FACT_AUTHOR, (struct article_slice){names, size}, rank);
}

static void read_item(struct article_facts *facts, const cJSON *object,
                      enum article_rank rank)
{
    static const struct {
        const char *key;
        enum article_fact fact;
    } texts[] = {{"headline", FACT_TITLE},
                 {"datePublished", FACT_PUBLISHED},
                 {"dateModified", FACT_MODIFIED}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        article_facts_offer(
            facts, texts[i].fact,
            text_of(cJSON_GetObjectItemCaseSensitive(object, texts[i].key)), rank);
    }
    const cJSON *language = cJSON_GetObjectItemCaseSensitive(object, "inLanguage");
    if (cJSON_IsObject(language)) {
        language = cJSON_GetObjectItemCaseSensitive(language, "alternateName");
    }
    article_facts_offer(facts, FACT_LANGUAGE, name_of(language), rank);
    article_facts_offer(facts, FACT_OUTLET,
                        name_of(cJSON_GetObjectItemCaseSensitive(object, "publisher")),
                        rank);
    offer_authors(facts, cJSON_GetObjectItemCaseSensitive(object, "author"), rank);
    struct article_slice body =
        text_of(cJSON_GetObjectItemCaseSensitive(object, "articleBody"));
    if (rank == RANK_LINKED_DATA && body.size > facts->body.size &&
        body.size < ARTICLE_TEXT_LIMIT) {
        facts->body = article_copy(facts->memory, body);
    }
}

static void visit(struct walk *walk, const cJSON *item, int depth)
{
    static const char *const inside[] = {"@graph", "mainEntity", "mainEntityOfPage"};
    if (depth > NEST_LIMIT || walk->items >= ITEM_LIMIT) {
        return;
    }
    if (cJSON_IsArray(item)) {
        for (const cJSON *one = item->child; one != NULL; one = one->next) {
            visit(walk, one, depth + 1);
        }
        return;
    }
    if (!cJSON_IsObject(item)) {
        return;
    }
    walk->items++;
    enum item_type type = type_of(item);
    if (type != ITEM_OTHER) {
        read_item(walk->facts, item,
                  type == ITEM_ARTICLE ? RANK_LINKED_DATA : RANK_LINKED_PAGE);
    }
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        visit(walk, cJSON_GetObjectItemCaseSensitive(item, inside[i]), depth + 1);
    }
}

void article_facts_linked_data(struct article_facts *facts, struct article_slice json)
{
    size_t start = 0;
    while (start < json.size && json.data[start] != '{' && json.data[start] != '[') {
        start++; /* comment or CDATA marks of old templates */
    }
    if (start == json.size) {
        return;
    }
    cJSON *root = cJSON_ParseWithLength(json.data + start, json.size - start);
    struct walk walk = {facts, 0};
    visit(&walk, root, 0);
    cJSON_Delete(root);
}
