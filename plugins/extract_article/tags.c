#include "tags.h"

#include <stddef.h>
#include <string.h>

#include "page.h"
#include "text.h"

static const struct tag unknown = {"", TAG_INLINE, 0};

/* Sorted by name. */
static const struct tag tags[] = {
    {"a", TAG_LINK, 0},
    {"address", TAG_CONTAINER, 0},
    {"article", TAG_ARTICLE, 0},
    {"aside", TAG_ASIDE, 0},
    {"audio", TAG_SKIP, 0},
    {"blockquote", TAG_QUOTE, 0},
    {"body", TAG_ROOT, 0},
    {"br", TAG_BREAK, 0},
    {"button", TAG_SKIP, 0},
    {"canvas", TAG_SKIP, 0},
    {"caption", TAG_PARAGRAPH, 0},
    {"center", TAG_CONTAINER, 0},
    {"dd", TAG_ITEM, 0},
    {"del", TAG_SKIP, 0},
    {"details", TAG_CONTAINER, 0},
    {"dialog", TAG_ASIDE, 0},
    {"div", TAG_CONTAINER, 0},
    {"dl", TAG_LIST, 0},
    {"dt", TAG_ITEM, 0},
    {"fieldset", TAG_CONTAINER, 0},
    {"figcaption", TAG_SKIP, 0},
    {"figure", TAG_CONTAINER, 0},
    {"footer", TAG_ASIDE, 0},
    {"form", TAG_ASIDE, 0},
    {"h1", TAG_HEADING, 1},
    {"h2", TAG_HEADING, 2},
    {"h3", TAG_HEADING, 3},
    {"h4", TAG_HEADING, 4},
    {"h5", TAG_HEADING, 5},
    {"h6", TAG_HEADING, 6},
    {"header", TAG_HEADER, 0},
    {"hgroup", TAG_CONTAINER, 0},
    {"hr", TAG_RULE, 0},
    {"html", TAG_ROOT, 0},
    {"iframe", TAG_SKIP, 0},
    {"li", TAG_ITEM, 0},
    {"link", TAG_RELATION, 0},
    {"main", TAG_MAIN, 0},
    {"map", TAG_SKIP, 0},
    {"menu", TAG_ASIDE, 0},
    {"meta", TAG_META, 0},
    {"nav", TAG_ASIDE, 0},
    {"noframes", TAG_SKIP, 0},
    {"noscript", TAG_SKIP, 0},
    {"object", TAG_SKIP, 0},
    {"ol", TAG_LIST, 0},
    {"p", TAG_PARAGRAPH, 0},
    {"pre", TAG_PARAGRAPH, 0},
    {"rp", TAG_SKIP, 0},
    {"rt", TAG_SKIP, 0},
    {"script", TAG_SCRIPT, 0},
    {"section", TAG_CONTAINER, 0},
    {"select", TAG_SKIP, 0},
    {"style", TAG_SKIP, 0},
    {"summary", TAG_PARAGRAPH, 0},
    {"sup", TAG_RAISED, 0},
    {"svg", TAG_SKIP, 0},
    {"table", TAG_TABLE, 0},
    {"tbody", TAG_ROW, 0},
    {"td", TAG_CELL, 0},
    {"template", TAG_SKIP, 0},
    {"textarea", TAG_SKIP, 0},
    {"tfoot", TAG_ROW, 0},
    {"th", TAG_CELL, 0},
    {"thead", TAG_ROW, 0},
    {"time", TAG_TIME, 0},
    {"title", TAG_TITLE, 0},
    {"tr", TAG_ROW, 0},
    {"ul", TAG_LIST, 0},
    {"video", TAG_SKIP, 0},
};

const struct tag *article_tag_by_name(const char *name)
{
    size_t low = 0, high = sizeof(tags) / sizeof(tags[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, tags[middle].name);
        if (order == 0) {
            return &tags[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return &unknown;
}

/* Words in class and id that mark what is not the article; sorted. A word is what
 * stands between two non-letters or at a change from lower to upper case. */
static const struct hint {
    const char *word;
    uint8_t flags;
} hints[] = {
    {"ad", NODE_DOUBTFUL},
    {"ads", NODE_DOUBTFUL},
    {"advert", NODE_DOUBTFUL},
    {"advertisement", NODE_DOUBTFUL},
    {"advertising", NODE_DOUBTFUL},
    {"banner", NODE_DOUBTFUL},
    {"breadcrumb", NODE_DOUBTFUL},
    {"breadcrumbs", NODE_DOUBTFUL},
    {"byline", NODE_DOUBTFUL},
    {"caption", NODE_DOUBTFUL},
    {"comment", NODE_FOREIGN},
    {"comments", NODE_FOREIGN},
    {"consent", NODE_FOREIGN},
    {"cookie", NODE_FOREIGN},
    {"cookiebar", NODE_FOREIGN},
    {"cookies", NODE_FOREIGN},
    {"copyright", NODE_DOUBTFUL},
    {"credit", NODE_DOUBTFUL},
    {"credits", NODE_DOUBTFUL},
    {"dateline", NODE_DOUBTFUL},
    {"foot", NODE_DOUBTFUL},
    {"gdpr", NODE_FOREIGN},
    {"login", NODE_DOUBTFUL},
    {"masthead", NODE_DOUBTFUL},
    {"menu", NODE_DOUBTFUL},
    {"meta", NODE_DOUBTFUL},
    {"modal", NODE_FOREIGN},
    {"nav", NODE_DOUBTFUL},
    {"navbar", NODE_DOUBTFUL},
    {"navigation", NODE_DOUBTFUL},
    {"newsletter", NODE_FOREIGN},
    {"outbrain", NODE_DOUBTFUL},
    {"overlay", NODE_DOUBTFUL},
    {"pager", NODE_DOUBTFUL},
    {"pagination", NODE_DOUBTFUL},
    {"popular", NODE_DOUBTFUL},
    {"popup", NODE_FOREIGN},
    {"promo", NODE_DOUBTFUL},
    {"recirculation", NODE_DOUBTFUL},
    {"recommended", NODE_DOUBTFUL},
    {"related", NODE_DOUBTFUL},
    {"share", NODE_DOUBTFUL},
    {"sharing", NODE_DOUBTFUL},
    {"sidebar", NODE_DOUBTFUL},
    {"signup", NODE_DOUBTFUL},
    {"skip", NODE_DOUBTFUL},
    {"social", NODE_DOUBTFUL},
    {"sponsor", NODE_DOUBTFUL},
    {"sponsored", NODE_DOUBTFUL},
    {"subscribe", NODE_DOUBTFUL},
    {"taboola", NODE_DOUBTFUL},
    {"tags", NODE_DOUBTFUL},
    {"teaser", NODE_DOUBTFUL},
    {"teasers", NODE_DOUBTFUL},
    {"timestamp", NODE_DOUBTFUL},
    {"toolbar", NODE_DOUBTFUL},
    {"trending", NODE_DOUBTFUL},
    {"widget", NODE_DOUBTFUL},
};

#define HINT_LENGTH 14 /* longer words are none of them */

static uint8_t hint_of(const char *word, size_t size)
{
    char lower[HINT_LENGTH + 1];
    if (size < 2 || size > HINT_LENGTH) {
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        lower[i] = article_lower(word[i]);
    }
    lower[size] = '\0';
    size_t low = 0, high = sizeof(hints) / sizeof(hints[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(lower, hints[middle].word);
        if (order == 0) {
            return hints[middle].flags;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

/* Class names that describe the page or its subject, not the element. */
static bool describes_subject(const char *name)
{
    static const char *const prefixes[] = {"has-",      "no-",  "with-", "is-",
                                           "category-", "tag-", "type-"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

uint8_t article_class_hint(const char *words)
{
    uint8_t flags = 0;
    const char *p = words;
    while (*p != '\0') {
        if (p == words || p[-1] == ' ') {
            if (describes_subject(p)) {
                p += strcspn(p, " ");
                continue;
            }
        }
        if (!article_is_letter((unsigned char)*p)) {
            p++;
            continue;
        }
        const char *start = p++;
        while (article_is_letter((unsigned char)*p) &&
               !(*p >= 'A' && *p <= 'Z' && p[-1] >= 'a' && p[-1] <= 'z')) {
            p++;
        }
        flags |= hint_of(start, (size_t)(p - start));
    }
    return flags;
}
