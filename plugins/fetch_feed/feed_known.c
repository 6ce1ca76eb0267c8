/* What a feed had at its last visits: an item that fell out of it is forgotten, so that
 * what is known does not grow for ever; but not at once, since some come back. */
#include <stdlib.h>
#include <string.h>

#include "feed_visit.h"

#define HASH      (FEED_HASH - 1) /* digits of a key behind "item:" */
#define LINE      (HASH + 2)      /* a hash, how often it was missing, a line feed */
#define MISSES    '2' /* visits without an item, after which it is forgotten */
#define LIST_MOST ((size_t)2 * LINE * FEED_ITEMS_MOST)

static int compare(const void *a, const void *b)
{
    const char *const *first = a;
    const char *const *second = b;
    return memcmp(*first, *second, HASH);
}

/* The hashes of all keys of this visit, sorted; malloc'ed. */
static const char **list_keys(const struct feed_visit *visit, size_t *count)
{
    const char **keys = calloc(2 * visit->count + 1, sizeof *keys);
    *count = 0;
    for (size_t i = 0; keys != NULL && i < visit->count; i++) {
        keys[(*count)++] = visit->entries[i].key + 5;
        if (visit->entries[i].link_key[0] != '\0') {
            keys[(*count)++] = visit->entries[i].link_key + 5;
        }
    }
    if (keys != NULL && *count > 1) {
        qsort(keys, *count, sizeof *keys, compare);
    }
    return keys;
}

static int32_t forget(const struct feed_visit *visit, const char *hash)
{
    char key[8 + FEED_HASH] = "item:";
    memcpy(key + 5, hash, HASH);
    key[5 + HASH] = '\0';
    visit->host->count(visit->task, "forgotten_items", 1);
    return visit->host->state_set(visit->task, key, (struct mizan_slice){NULL, 0});
}

static void add_line(struct feed_text *out, const char *hash, char misses)
{
    const char end[2] = {misses, '\n'};
    feed_text_add(out, hash, HASH);
    feed_text_add(out, end, sizeof end);
}

/* Of the last list those that are missing now: noted as such, or forgotten. */
static int32_t take_over(const struct feed_visit *visit, struct mizan_slice last,
                         const char **keys, size_t count, struct feed_text *out)
{
    int32_t status = MIZAN_OK;
    for (size_t at = 0; at + LINE <= last.size && status == MIZAN_OK; at += LINE) {
        const char *hash = last.data + at;
        if (bsearch(&hash, keys, count, sizeof *keys, compare) != NULL) {
            continue;
        }
        if (hash[HASH] >= MISSES - 1) {
            status = forget(visit, hash);
        } else {
            add_line(out, hash, (char)(hash[HASH] + 1));
        }
    }
    return status;
}

int32_t feed_known_prune(const struct feed_visit *visit)
{
    const struct mizan_host *host = visit->host;
    struct mizan_slice last = {NULL, 0};
    struct feed_text list;
    size_t count = 0;
    const char **keys = list_keys(visit, &count);
    int32_t status = host->state_get(visit->task, "known", &last);
    bool first = status == MIZAN_ERROR_NOT_FOUND;
    feed_text_init(&list, LIST_MOST);
    if (keys == NULL) {
        status = MIZAN_ERROR_MEMORY;
    } else if (status == MIZAN_OK || first) {
        for (size_t i = 0; i < count; i++) {
            bool twice = i > 0 && memcmp(keys[i], keys[i - 1], HASH) == 0;
            if (!twice) {
                add_line(&list, keys[i], '0');
            }
        }
        status = take_over(visit, last, keys, count, &list);
    }
    bool same = list.size == last.size &&
                (list.size == 0 || memcmp(list.data, last.data, list.size) == 0);
    if (status == MIZAN_OK && !list.failed && !same) {
        status = host->state_set(visit->task, "known",
                                 (struct mizan_slice){list.data, list.size});
    }
    feed_text_finish(&list);
    free(keys);
    return status;
}

int32_t feed_known_check(const struct feed_visit *visit)
{
    const struct mizan_host *host = visit->host;
    struct mizan_slice last = {NULL, 0};
    int64_t least = visit->options->least;
    if (least >= 0 && (int64_t)visit->feed.count < least) {
        return host->fail(visit->task, MIZAN_ERROR_FAILED,
                          "%s: unexpected content: %zu items where at least %lld are "
                          "expected",
                          visit->url, visit->feed.count, (long long)least);
    }
    if (visit->feed.count > 0 || least == 0) {
        return MIZAN_OK;
    }
    int32_t status = host->state_get(visit->task, "known", &last);
    if (status == MIZAN_ERROR_NOT_FOUND) {
        return MIZAN_OK;
    }
    bool had_some = false;
    for (size_t at = 0; at + LINE <= last.size; at += LINE) {
        had_some = had_some || last.data[at + HASH] == '0';
    }
    return status == MIZAN_OK && had_some
               ? host->fail(
                     visit->task, MIZAN_ERROR_FAILED,
                     "%s: unexpected content: no item where there were some before",
                     visit->url)
               : status;
}
