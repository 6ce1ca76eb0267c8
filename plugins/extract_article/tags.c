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
    {"input", TAG_INPUT, 0},
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
    {"abstract", NODE_LEAD},
    {"ad", NODE_DOUBTFUL},
    {"ads", NODE_DOUBTFUL},
    {"adsbox", NODE_DOUBTFUL},
    {"adslot", NODE_DOUBTFUL},
    {"adspot", NODE_DOUBTFUL},
    {"advert", NODE_DOUBTFUL},
    {"advertisement", NODE_DOUBTFUL},
    {"advertising", NODE_DOUBTFUL},
    {"advertorial", NODE_DOUBTFUL},
    {"authorbio", NODE_DOUBTFUL},
    {"authorbox", NODE_DOUBTFUL},
    {"backlink", NODE_DOUBTFUL},
    {"bajada", NODE_LEAD},
    {"banner", NODE_DOUBTFUL},
    {"bild", NODE_IMAGE},
    {"bildunterschrift", NODE_DOUBTFUL},
    {"bio", NODE_DOUBTFUL},
    {"breadcrumb", NODE_DOUBTFUL},
    {"breadcrumbs", NODE_DOUBTFUL},
    {"byline", NODE_DOUBTFUL},
    {"caption", NODE_DOUBTFUL},
    {"catlinks", NODE_DOUBTFUL},
    {"chapeau", NODE_LEAD},
    {"chapo", NODE_LEAD},
    {"comment", NODE_FOREIGN},
    {"comments", NODE_FOREIGN},
    {"consent", NODE_FOREIGN},
    {"contentinfo", NODE_DOUBTFUL},
    {"cookie", NODE_FOREIGN},
    {"cookiebanner", NODE_FOREIGN},
    {"cookiebar", NODE_FOREIGN},
    {"cookieconsent", NODE_FOREIGN},
    {"cookies", NODE_FOREIGN},
    {"copyright", NODE_DOUBTFUL},
    {"credit", NODE_DOUBTFUL},
    {"credits", NODE_DOUBTFUL},
    {"crumb", NODE_DOUBTFUL},
    {"crumbs", NODE_DOUBTFUL},
    {"cta", NODE_DOUBTFUL},
    {"dateline", NODE_DOUBTFUL},
    {"deck", NODE_LEAD},
    {"dek", NODE_LEAD},
    {"description", NODE_LEAD},
    {"didascalia", NODE_DOUBTFUL},
    {"didomi", NODE_FOREIGN},
    {"disclaimer", NODE_DOUBTFUL},
    {"disqus", NODE_FOREIGN},
    {"drawer", NODE_DOUBTFUL},
    {"dropdown", NODE_DOUBTFUL},
    {"editsection", NODE_DOUBTFUL},
    {"entradilla", NODE_LEAD},
    {"excerpt", NODE_LEAD},
    {"facebook", NODE_DOUBTFUL},
    {"feedback", NODE_DOUBTFUL},
    {"flyout", NODE_DOUBTFUL},
    {"foot", NODE_DOUBTFUL},
    {"footer", NODE_DOUBTFUL},
    {"foto", NODE_IMAGE},
    {"fotos", NODE_IMAGE},
    {"gallery", NODE_IMAGE},
    {"gdpr", NODE_FOREIGN},
    {"hamburger", NODE_DOUBTFUL},
    {"header", NODE_HEADING},
    {"image", NODE_IMAGE},
    {"images", NODE_IMAGE},
    {"img", NODE_IMAGE},
    {"interstitial", NODE_DOUBTFUL},
    {"intro", NODE_LEAD},
    {"introtext", NODE_LEAD},
    {"jumplink", NODE_DOUBTFUL},
    {"keywords", NODE_DOUBTFUL},
    {"latest", NODE_DOUBTFUL},
    {"lead", NODE_LEAD},
    {"lede", NODE_LEAD},
    {"legende", NODE_DOUBTFUL},
    {"login", NODE_DOUBTFUL},
    {"masthead", NODE_DOUBTFUL},
    {"megamenu", NODE_DOUBTFUL},
    {"menu", NODE_DOUBTFUL},
    {"meta", NODE_DOUBTFUL},
    {"modal", NODE_FOREIGN},
    {"morenews", NODE_DOUBTFUL},
    {"mostread", NODE_DOUBTFUL},
    {"nav", NODE_DOUBTFUL},
    {"navbar", NODE_DOUBTFUL},
    {"navbox", NODE_DOUBTFUL},
    {"navigation", NODE_DOUBTFUL},
    {"newsletter", NODE_FOREIGN},
    {"noprint", NODE_DOUBTFUL},
    {"notice", NODE_DOUBTFUL},
    {"offcanvas", NODE_DOUBTFUL},
    {"onetrust", NODE_FOREIGN},
    {"outbrain", NODE_DOUBTFUL},
    {"overlay", NODE_DOUBTFUL},
    {"pagenav", NODE_DOUBTFUL},
    {"pagenavigation", NODE_DOUBTFUL},
    {"pager", NODE_DOUBTFUL},
    {"pagination", NODE_DOUBTFUL},
    {"paywallbox", NODE_FOREIGN},
    {"permalink", NODE_DOUBTFUL},
    {"photo", NODE_IMAGE},
    {"photos", NODE_IMAGE},
    {"pic", NODE_IMAGE},
    {"picture", NODE_IMAGE},
    {"pictures", NODE_IMAGE},
    {"poll", NODE_DOUBTFUL},
    {"popular", NODE_DOUBTFUL},
    {"popup", NODE_FOREIGN},
    {"postmeta", NODE_DOUBTFUL},
    {"prevnext", NODE_DOUBTFUL},
    {"print", NODE_DOUBTFUL},
    {"printfooter", NODE_DOUBTFUL},
    {"promo", NODE_DOUBTFUL},
    {"ranking", NODE_DOUBTFUL},
    {"rating", NODE_DOUBTFUL},
    {"readmore", NODE_DOUBTFUL},
    {"recent", NODE_DOUBTFUL},
    {"recirculation", NODE_DOUBTFUL},
    {"recommended", NODE_DOUBTFUL},
    {"related", NODE_DOUBTFUL},
    {"respond", NODE_FOREIGN},
    {"sapo", NODE_LEAD},
    {"share", NODE_DOUBTFUL},
    {"sharing", NODE_DOUBTFUL},
    {"sidebar", NODE_DOUBTFUL},
    {"sidenav", NODE_DOUBTFUL},
    {"signup", NODE_DOUBTFUL},
    {"siteinfo", NODE_DOUBTFUL},
    {"sitenotice", NODE_DOUBTFUL},
    {"skip", NODE_DOUBTFUL},
    {"slideshow", NODE_IMAGE},
    {"slogan", NODE_DOUBTFUL},
    {"social", NODE_DOUBTFUL},
    {"sottotitolo", NODE_LEAD},
    {"sponsor", NODE_DOUBTFUL},
    {"sponsored", NODE_DOUBTFUL},
    {"standfirst", NODE_LEAD},
    {"subhead", NODE_LEAD},
    {"subheading", NODE_LEAD},
    {"subheadline", NODE_LEAD},
    {"submenu", NODE_DOUBTFUL},
    {"subscribe", NODE_DOUBTFUL},
    {"subscription", NODE_DOUBTFUL},
    {"subscriptions", NODE_DOUBTFUL},
    {"subtitle", NODE_LEAD},
    {"summary", NODE_LEAD},
    {"switcher", NODE_DOUBTFUL},
    {"taboola", NODE_DOUBTFUL},
    {"tagline", NODE_DOUBTFUL},
    {"tags", NODE_DOUBTFUL},
    {"teaser", NODE_DOUBTFUL | NODE_LEAD},
    {"teasers", NODE_DOUBTFUL},
    {"telegram", NODE_DOUBTFUL},
    {"thumb", NODE_IMAGE},
    {"thumbcaption", NODE_DOUBTFUL},
    {"thumbnail", NODE_IMAGE},
    {"timestamp", NODE_DOUBTFUL},
    {"toc", NODE_DOUBTFUL},
    {"toolbar", NODE_DOUBTFUL},
    {"tools", NODE_DOUBTFUL},
    {"trending", NODE_DOUBTFUL},
    {"twitter", NODE_DOUBTFUL},
    {"viewcount", NODE_DOUBTFUL},
    {"vorspann", NODE_LEAD},
    {"whatsapp", NODE_DOUBTFUL},
    {"widget", NODE_DOUBTFUL},
};

#define HINT_LENGTH 16 /* longer words are none of them */

/* Words that mark the date of an article, and its author; sorted. */
static const char *const date_words[] = {
    "date",    "dated",   "datetime",  "datum",     "fecha", "postdate",
    "pubdate", "publish", "published", "timestamp", "time"};

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

static bool is_date_word(const char *word, size_t size)
{
    struct article_slice slice = {word, size};
    if (size < 4 || size > 9 || strchr("dDfFpPtT", word[0]) == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof(date_words) / sizeof(date_words[0]); i++) {
        if (article_same(slice, date_words[i])) {
            return true;
        }
    }
    return false;
}

/* The next word of class names from *at, or size 0 at the end. */
static struct article_slice next_word(const char **at)
{
    const char *p = *at;
    while (*p != '\0' && !article_is_letter((unsigned char)*p)) {
        p++;
    }
    const char *start = p;
    while (article_is_letter((unsigned char)*p) &&
           !(p > start && *p >= 'A' && *p <= 'Z' && p[-1] >= 'a' && p[-1] <= 'z')) {
        p++;
    }
    *at = p;
    return (struct article_slice){start, (size_t)(p - start)};
}

enum article_inline_hint article_inline_hint(const char *words)
{
    const char *at = words;
    bool author = false, other = false;
    for (struct article_slice word = next_word(&at); word.size > 0;
         word = next_word(&at)) {
        if (is_date_word(word.data, word.size)) {
            return INLINE_DATE;
        }
        if (article_same(word, "author") || article_same(word, "fn") ||
            article_same(word, "byline") || article_same(word, "autor")) {
            author = true;
        } else if (article_same(word, "by") || article_same(word, "label") ||
                   article_same(word, "avatar") || article_same(word, "icon") ||
                   article_same(word, "bio")) {
            other = true;
        }
    }
    return author && !other ? INLINE_AUTHOR : INLINE_NOTHING;
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

uint8_t article_class_hint(const char *words, bool *dated)
{
    uint8_t flags = 0;
    const char *p = words;
    while (*p != '\0') {
        if ((p == words || p[-1] == ' ') && describes_subject(p)) {
            p += strcspn(p, " ");
            continue;
        }
        if (!article_is_letter((unsigned char)*p)) {
            p++;
            continue;
        }
        struct article_slice word = next_word(&p);
        flags |= hint_of(word.data, word.size);
        *dated = *dated || is_date_word(word.data, word.size);
    }
    return flags;
}
