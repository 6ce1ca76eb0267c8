/* Which items a feed has, each once, and which of them are news. */
#include <stdlib.h>
#include <string.h>

#include "feed_visit.h"

/* Texts seen so far: open addressing, never more than half full. */
struct seen {
    const char **texts;
    size_t room; /* a power of two */
};

static bool seen_init(struct seen *seen, size_t most)
{
    seen->room = 16;
    while (seen->room < 2 * most) {
        seen->room *= 2;
    }
    seen->texts = calloc(seen->room, sizeof *seen->texts);
    return seen->texts != NULL;
}

/* False when the text was there already. `text` must outlive the set. */
static bool seen_add(struct seen *seen, const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *byte = text; *byte != '\0'; byte++) {
        hash = (hash ^ (unsigned char)*byte) * UINT64_C(1099511628211);
    }
    size_t place = (size_t)hash & (seen->room - 1);
    while (seen->texts[place] != NULL) {
        if (strcmp(seen->texts[place], text) == 0) {
            return false;
        }
        place = (place + 1) & (seen->room - 1);
    }
    seen->texts[place] = text;
    return true;
}

static struct mizan_slice slice(const char *text)
{
    return (struct mizan_slice){.data = text == NULL ? "" : text,
                                .size = text == NULL ? 0 : strlen(text)};
}

/* Identity: what the feed calls the item, else where it is, else what it says. */
static int32_t identify(const struct feed_visit *visit, struct feed_entry *entry)
{
    const struct feed_item *item = entry->item;
    struct mizan_slice parts[3] = {slice("text"), slice(item->title),
                                   slice(item->summary)};
    size_t count = 3;
    if (item->id != NULL || item->link != NULL) {
        parts[0] = slice(item->id != NULL ? "id" : "link");
        parts[1] = slice(item->id != NULL ? item->id : item->link);
        count = 2;
    }
    memcpy(entry->key, "item:", 5);
    int32_t status = visit->host->hash_id(parts, count, entry->key + 5);
    if (status == MIZAN_OK && item->id != NULL && item->link != NULL) {
        const struct mizan_slice link[2] = {slice("link"), slice(item->link)};
        memcpy(entry->link_key, "item:", 5);
        status = visit->host->hash_id(link, 2, entry->link_key + 5);
    }
    return status;
}

/* Changes when the item does, or when it would be taken in another way. */
static int32_t digest(const struct feed_visit *visit, struct feed_entry *entry)
{
    const struct feed_item *item = entry->item;
    const struct mizan_slice parts[] = {
        slice(visit->options->follow ? "follow" : "item"),
        slice(item->link),
        slice(item->published_raw),
        slice(item->updated_raw),
        slice(item->title),
    };
    return visit->host->hash_id(parts, sizeof parts / sizeof *parts, entry->digest);
}

/* The item's own address, or one made of the feed's and the item's identity when it has
 * none, or when it shares it with an item whose text is a document of its own. */
static bool address(struct feed_visit *visit, struct feed_entry *entry, bool shared)
{
    const struct feed_item *item = entry->item;
    entry->has_page = visit->options->follow && item->link != NULL;
    if (item->link != NULL && !shared) {
        entry->url = item->link;
        return true;
    }
    const char *start = item->link != NULL ? item->link : visit->url;
    size_t size = strcspn(start, "#");
    char *url = feed_pool_alloc(&visit->feed.pool, size + 1 + FEED_HASH);
    if (url == NULL) {
        return false;
    }
    memcpy(url, start, size);
    url[size] = '#';
    memcpy(url + size + 1, entry->key + 5, FEED_HASH);
    entry->url = url;
    return true;
}

/* Adds the entry for an item unless it repeats one. */
static int32_t add_entry(struct feed_visit *visit, const struct feed_item *item,
                         struct seen *ids, struct seen *links)
{
    struct feed_entry *entry = &visit->entries[visit->count];
    *entry = (struct feed_entry){.item = item, .news = FEED_NEW};
    int32_t status = identify(visit, entry);
    if (status == MIZAN_OK) {
        status = digest(visit, entry);
    }
    if (status != MIZAN_OK || !seen_add(ids, entry->key)) {
        return status;
    }
    bool shared = item->link != NULL && !seen_add(links, item->link);
    if (shared && visit->options->follow) {
        return MIZAN_OK; /* one page is one document */
    }
    if (!address(visit, entry, shared)) {
        return MIZAN_ERROR_MEMORY;
    }
    visit->count++;
    return MIZAN_OK;
}

int32_t feed_visit_list(struct feed_visit *visit)
{
    struct seen ids = {NULL, 0};
    struct seen links = {NULL, 0};
    int32_t status = MIZAN_OK;
    size_t count = visit->feed.count;
    visit->entries = calloc(count + 1, sizeof *visit->entries);
    if (visit->entries == NULL || !seen_init(&ids, count) ||
        !seen_init(&links, count)) {
        status = MIZAN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < count && status == MIZAN_OK; i++) {
        status = add_entry(visit, &visit->feed.items[i], &ids, &links);
    }
    free(ids.texts);
    free(links.texts);
    return status;
}

static int32_t compare_entry(const struct feed_visit *visit, struct feed_entry *entry)
{
    const struct mizan_host *host = visit->host;
    const struct feed_item *item = entry->item;
    struct mizan_slice known = {NULL, 0};
    int32_t status = host->state_get(visit->task, entry->key, &known);
    if (status == MIZAN_ERROR_NOT_FOUND && entry->link_key[0] != '\0') {
        /* Some feeds give an item another id each time. */
        status = host->state_get(visit->task, entry->link_key, &known);
    }
    if (status == MIZAN_OK && known.size == FEED_HASH - 1 &&
        memcmp(known.data, entry->digest, known.size) == 0) {
        entry->news = FEED_SAME;
    } else if (visit->is_first && visit->options->first > 0 && item->has_published &&
               item->published < visit->now - visit->options->first) {
        entry->news = FEED_OLD;
    }
    return status == MIZAN_ERROR_NOT_FOUND ? MIZAN_OK : status;
}

int32_t feed_visit_compare(struct feed_visit *visit)
{
    const struct mizan_host *host = visit->host;
    struct mizan_slice visited = {NULL, 0};
    int32_t status = host->state_get(visit->task, "visited", &visited);
    visit->is_first = status == MIZAN_ERROR_NOT_FOUND;
    status = visit->is_first ? MIZAN_OK : status;
    uint64_t mark = host->arena_mark(visit->task);
    for (size_t i = 0; i < visit->count && status == MIZAN_OK; i++) {
        status = compare_entry(visit, &visit->entries[i]);
        host->arena_release(visit->task, mark);
    }
    return status;
}
