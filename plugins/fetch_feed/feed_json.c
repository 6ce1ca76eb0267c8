/* JSON Feed 1.0 and 1.1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "feed_address.h"
#include "feed_date.h"
#include "feed_internal.h"

#define TITLE_MOST   2000 /* bytes of plain text */
#define SUMMARY_MOST 8000
#define CONTENT_MOST ((size_t)8 * 1024 * 1024)

/* A text member that is not empty, or NULL. */
static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    const char *text = cJSON_IsString(member) ? member->valuestring : NULL;
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0' ? NULL : text;
}

static const char *copy(struct feed_pool *pool, const char *text)
{
    return text == NULL ? NULL : feed_pool_copy(pool, text, strlen(text));
}

/* Ids are texts; numbers are met as well. */
static const char *id_of(struct feed_pool *pool, const cJSON *item)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
    char number[64];
    if (!cJSON_IsNumber(id)) {
        return copy(pool, text_of(item, "id"));
    }
    (void)snprintf(number, sizeof number, "%.17g", id->valuedouble);
    return copy(pool, number);
}

static const char *link_of(struct feed_pool *pool, const cJSON *item, const char *url)
{
    static const char *const names[] = {"url", "external_url", "id"};
    const char *link = NULL;
    for (size_t i = 0; i < 3 && link == NULL; i++) {
        const char *text = text_of(item, names[i]);
        /* An id is an address only when it says so itself. */
        bool usable = text != NULL && (i < 2 || feed_address_is_web(text));
        link = usable ? feed_address_resolve(pool, url, text) : NULL;
        link = link != NULL && feed_address_is_web(link) ? link : NULL;
    }
    return link;
}

static const char *author_of(struct feed_pool *pool, const cJSON *item)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(item, "authors");
    const cJSON *first = cJSON_IsArray(list) ? cJSON_GetArrayItem(list, 0) : NULL;
    const char *name = first == NULL ? NULL : text_of(first, "name");
    if (name == NULL) {
        const cJSON *author = cJSON_GetObjectItemCaseSensitive(item, "author");
        name = cJSON_IsObject(author) ? text_of(author, "name") : NULL;
    }
    return copy(pool, name);
}

static const char *content_of(struct feed_pool *pool, const cJSON *item)
{
    const char *html = text_of(item, "content_html");
    const char *text = text_of(item, "content_text");
    struct feed_text out;
    if (html != NULL || text == NULL) {
        return copy(pool, html);
    }
    feed_text_init(&out, CONTENT_MOST);
    feed_escape(&out, text);
    const char *content =
        out.data == NULL ? NULL : feed_pool_copy(pool, out.data, out.size);
    feed_text_finish(&out);
    return content;
}

static bool read_item(struct feed_pool *pool, const cJSON *object, const char *url,
                      const char *lang, struct feed_item *item)
{
    const char *summary = text_of(object, "summary");
    const char *title = text_of(object, "title");
    const char *own = text_of(object, "language");
    memset(item, 0, sizeof *item);
    item->id = id_of(pool, object);
    item->link = link_of(pool, object, url);
    item->title = title == NULL ? NULL : feed_plain_text(pool, title, TITLE_MOST);
    item->content = content_of(pool, object);
    item->summary =
        summary == NULL ? NULL : feed_plain_text(pool, summary, SUMMARY_MOST);
    item->content = item->content == NULL ? copy(pool, summary) : item->content;
    item->author = author_of(pool, object);
    item->lang = copy(pool, own == NULL ? lang : own);
    item->published_raw = copy(pool, text_of(object, "date_published"));
    item->updated_raw = copy(pool, text_of(object, "date_modified"));
    item->has_published = (item->published_raw != NULL &&
                           feed_date_parse(item->published_raw, &item->published)) ||
                          (item->updated_raw != NULL &&
                           feed_date_parse(item->updated_raw, &item->published));
    return !pool->failed;
}

static enum feed_status read_items(const cJSON *root, const struct feed_input *input,
                                   struct feed *feed)
{
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(root, "items");
    const char *version = text_of(root, "version");
    const cJSON *item = NULL;
    if (!cJSON_IsArray(items) ||
        (version == NULL || strstr(version, "jsonfeed") == NULL)) {
        return FEED_IS_OTHER_JSON;
    }
    size_t count = (size_t)cJSON_GetArraySize(items);
    feed->items = calloc(count < FEED_ITEMS_MOST ? count + 1 : FEED_ITEMS_MOST,
                         sizeof *feed->items);
    if (feed->items == NULL) {
        return FEED_NO_MEMORY;
    }
    cJSON_ArrayForEach(item, items)
    {
        feed->total++;
        if (feed->count == FEED_ITEMS_MOST || !cJSON_IsObject(item)) {
            continue;
        }
        if (!read_item(&feed->pool, item, input->url, text_of(root, "language"),
                       &feed->items[feed->count])) {
            return FEED_NO_MEMORY;
        }
        feed->count++;
    }
    return FEED_OK;
}

bool feed_looks_like_json(const struct feed_input *input)
{
    size_t at = input->size >= 3 && memcmp(input->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < input->size && strchr(" \t\r\n", input->data[at]) != NULL &&
           input->data[at] != '\0') {
        at++;
    }
    return at < input->size && input->data[at] == '{';
}

enum feed_status feed_read_json(const struct feed_input *input, struct feed *feed)
{
    cJSON *root = cJSON_ParseWithLength(input->data, input->size);
    enum feed_status status =
        root == NULL ? FEED_IS_OTHER_JSON : read_items(root, input, feed);
    cJSON_Delete(root);
    return status;
}
