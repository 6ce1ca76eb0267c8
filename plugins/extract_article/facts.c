#include "facts.h"

#include <string.h>

#include "dates.h"
#include "text.h"

#define FACT_LIMIT 1024 /* bytes of a title, a name, an address */
#define DAY        INT64_C(86400000)

void article_facts_init(struct article_facts *facts,
                        const struct article_memory *memory, int64_t fetched_at)
{
    memset(facts, 0, sizeof(*facts));
    facts->memory = memory;
    facts->latest = fetched_at == ARTICLE_NO_TIME ? INT64_MAX : fetched_at + DAY;
    memset(facts->rank, RANK_NONE, sizeof(facts->rank));
    facts->time[0] = ARTICLE_NO_TIME;
    facts->time[1] = ARTICLE_NO_TIME;
}

/* Names that are addresses or handles name nobody. */
static bool is_name(struct article_slice value)
{
    return !article_begins(value, "http:") && !article_begins(value, "https:") &&
           value.data[0] != '@' && value.data[0] != '/';
}

void article_facts_offer(struct article_facts *facts, enum article_fact fact,
                         struct article_slice value, enum article_rank rank)
{
    value = article_trim(value);
    if ((unsigned)rank >= facts->rank[fact] || value.size == 0) {
        return;
    }
    if (fact >= FACT_TEXT_COUNT) {
        int64_t time;
        bool local;
        if (article_parse_local(value, &time, &local) && time <= facts->latest) {
            facts->time[fact - FACT_TEXT_COUNT] = time;
            facts->local[fact - FACT_TEXT_COUNT] = local;
            facts->rank[fact] = (uint8_t)rank;
        }
        return;
    }
    if (fact == FACT_AUTHOR) {
        value = article_bare_name(value);
        if (value.size == 0 || !is_name(value)) {
            return;
        }
    }
    struct article_slice folded = article_fold(facts->memory, value, FACT_LIMIT);
    if (folded.size > 0) {
        facts->text[fact] = folded;
        facts->rank[fact] = (uint8_t)rank;
    }
}

struct article_slice article_bare_name(struct article_slice name)
{
    static const char *const words[] = {
        "by",    "von",   "par",    "por",    "di",          "da",      "door",
        "av",    "af",    "autor",  "author", "autore",      "auteur",  "autora",
        "автор", "текст", "od",     "przez",  "geschrieben", "written", "escrito",
        "بقلم",  "كتب",   "بواسطة", "נכתב",   "מאת",         "نویسنده", "作者",
        "記者",  "记者",  "文"};
    bool cut = true;
    while (cut) {
        cut = false;
        name = article_trim(name);
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !cut; i++) {
            size_t size = strlen(words[i]), skip = 0;
            if (!article_begins(name, words[i]) || name.size < size + 4) {
                continue;
            }
            if (name.data[size] == ' ' || name.data[size] == ':') {
                skip = 1;
            } else if (memcmp(name.data + size, "\xef\xbc\x9a", 3) == 0) {
                skip = 3; /* a wide colon */
            }
            cut = skip > 0;
            name.data += cut ? size + skip : 0;
            name.size -= cut ? size + skip : 0;
        }
    }
    return name;
}

/* Times under names that no list has: "article:create_at", "cXenseParse:publishtime".
 */
static void offer_unlisted(struct article_facts *facts, struct article_slice name,
                           struct article_slice content)
{
    static const char *const made[] = {"publish", "pubdate", "create",
                                       "issued",  "release", "posted"};
    static const char *const changed[] = {"modif", "updat"};
    if (name.size > 60 || content.size > 40) {
        return;
    }
    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        if (article_find(name, changed[i]) != SIZE_MAX) {
            article_facts_offer(facts, FACT_MODIFIED, content, RANK_SOCIAL);
            return;
        }
    }
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        if (article_find(name, made[i]) != SIZE_MAX) {
            article_facts_offer(facts, FACT_PUBLISHED, content, RANK_SOCIAL);
            return;
        }
    }
}

void article_facts_meta(struct article_facts *facts, struct article_slice name,
                        struct article_slice content)
{
    static const struct {
        const char *name;
        uint8_t fact, rank;
    } table[] = {
        {"og:title", FACT_TITLE, RANK_PROPERTY},
        {"headline", FACT_TITLE, RANK_MICRODATA},
        {"dc.title", FACT_TITLE, RANK_NAME},
        {"dcterms.title", FACT_TITLE, RANK_NAME},
        {"parsely-title", FACT_TITLE, RANK_NAME},
        {"sailthru.title", FACT_TITLE, RANK_NAME},
        {"twitter:title", FACT_TITLE, RANK_SOCIAL},
        {"og:site_name", FACT_OUTLET, RANK_PROPERTY},
        {"dc.publisher", FACT_OUTLET, RANK_NAME},
        {"application-name", FACT_OUTLET, RANK_SOCIAL},
        {"apple-mobile-web-app-title", FACT_OUTLET, RANK_SOCIAL},
        {"article:author", FACT_AUTHOR, RANK_PROPERTY},
        {"author", FACT_AUTHOR, RANK_NAME},
        {"dc.creator", FACT_AUTHOR, RANK_NAME},
        {"parsely-author", FACT_AUTHOR, RANK_NAME},
        {"sailthru.author", FACT_AUTHOR, RANK_NAME},
        {"article:published_time", FACT_PUBLISHED, RANK_PROPERTY},
        {"og:published_time", FACT_PUBLISHED, RANK_PROPERTY},
        {"datepublished", FACT_PUBLISHED, RANK_MICRODATA},
        {"date", FACT_PUBLISHED, RANK_NAME},
        {"pubdate", FACT_PUBLISHED, RANK_NAME},
        {"publishdate", FACT_PUBLISHED, RANK_NAME},
        {"publish-date", FACT_PUBLISHED, RANK_NAME},
        {"dc.date", FACT_PUBLISHED, RANK_NAME},
        {"dc.date.issued", FACT_PUBLISHED, RANK_NAME},
        {"dc.date.created", FACT_PUBLISHED, RANK_NAME},
        {"dcterms.date", FACT_PUBLISHED, RANK_NAME},
        {"dcterms.issued", FACT_PUBLISHED, RANK_NAME},
        {"dc.date.modified", FACT_MODIFIED, RANK_NAME},
        {"dcterms.created", FACT_PUBLISHED, RANK_NAME},
        {"parsely-pub-date", FACT_PUBLISHED, RANK_NAME},
        {"sailthru.date", FACT_PUBLISHED, RANK_NAME},
        {"article:modified_time", FACT_MODIFIED, RANK_PROPERTY},
        {"og:updated_time", FACT_MODIFIED, RANK_PROPERTY},
        {"datemodified", FACT_MODIFIED, RANK_MICRODATA},
        {"last-modified", FACT_MODIFIED, RANK_NAME},
        {"dcterms.modified", FACT_MODIFIED, RANK_NAME},
        {"og:locale", FACT_LANGUAGE, RANK_LINKED_PAGE},
        {"inlanguage", FACT_LANGUAGE, RANK_MICRODATA},
        {"content-language", FACT_LANGUAGE, RANK_LINKED_PAGE},
        {"language", FACT_LANGUAGE, RANK_SOCIAL},
        {"og:url", FACT_CANONICAL, RANK_LINKED_PAGE},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (article_same(name, table[i].name)) {
            article_facts_offer(facts, (enum article_fact)table[i].fact, content,
                                (enum article_rank)table[i].rank);
            return;
        }
    }
    offer_unlisted(facts, name, content);
}

/* True when `part` is the site's name: the outlet, give or take a suffix. */
static bool is_site(struct article_slice part, struct article_slice outlet)
{
    if (outlet.size == 0 || part.size == 0) {
        return false;
    }
    struct article_slice shorter = part.size < outlet.size ? part : outlet;
    struct article_slice longer = part.size < outlet.size ? outlet : part;
    return shorter.size >= 3 && longer.size <= 3 * shorter.size &&
           article_same_slice(shorter,
                              (struct article_slice){longer.data, shorter.size});
}

struct article_title
article_split_title(struct article_slice title, struct article_slice outlet,
                    bool (*is_heading)(const void *context, struct article_slice part),
                    const void *context)
{
    static const char *const separators[] = {" | ",
                                             " - ",
                                             " \xe2\x80\x93 ",
                                             " \xe2\x80\x94 ",
                                             " \xc2\xb7 ",
                                             " \xc2\xbb ",
                                             " :: ",
                                             " / ",
                                             " \xe2\x80\xa2 ",
                                             "|",
                                             "_",
                                             "\xef\xbd\x9c"};
    struct article_title whole = {title, {NULL, 0}};
    struct article_slice last = {NULL, 0};
    for (size_t i = title.size; i-- > 1;) {
        for (size_t s = 0; s < sizeof(separators) / sizeof(separators[0]); s++) {
            size_t width = strlen(separators[s]);
            if (i + width >= title.size ||
                memcmp(title.data + i, separators[s], width) != 0) {
                continue;
            }
            struct article_slice head =
                article_trim((struct article_slice){title.data, i});
            struct article_slice tail = article_trim(
                (struct article_slice){title.data + i + width, title.size - i - width});
            if (last.size == 0) {
                last = tail; /* title|rubric|site */
            }
            if (is_site(tail, outlet) || is_heading(context, head)) {
                return (struct article_title){head, last};
            }
            if (is_site(head, outlet) || is_heading(context, tail)) {
                return (struct article_title){tail, head};
            }
        }
    }
    return whole;
}

/* The host of an absolute http address, without port or user. */
static struct article_slice host_of(struct article_slice url)
{
    struct article_slice none = {NULL, 0};
    size_t start = article_find(url, "://");
    if (start == SIZE_MAX || start > 5) {
        return none;
    }
    start += 3;
    size_t end = start;
    while (end < url.size && strchr("/?#", url.data[end]) == NULL) {
        if (url.data[end] == '@') {
            start = end + 1;
        }
        end++;
    }
    struct article_slice host = {url.data + start, end - start};
    const char *colon = memchr(host.data, ':', host.size);
    if (colon != NULL && host.size > 0 && host.data[0] != '[') {
        host.size = (size_t)(colon - host.data);
    }
    return host;
}

static struct article_slice bare_host(struct article_slice host)
{
    static const char *const prefixes[] = {"www.", "m.", "amp.", "mobile."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (article_begins(host, prefixes[i])) {
            size_t size = strlen(prefixes[i]);
            host.data += size;
            host.size -= size;
            break;
        }
    }
    return host;
}

/* How much of `url` comes before an address that begins like `stated`. */
static size_t base_length(struct article_slice url, struct article_slice stated)
{
    size_t at = article_find(url, "://") + 1; /* behind "http:" */
    if (article_begins(stated, "//")) {
        return at;
    }
    at += 2;
    while (at < url.size && strchr("/?#", url.data[at]) == NULL) {
        at++;
    }
    if (stated.data[0] == '/') {
        return at;
    }
    size_t folder = at;
    for (; at < url.size && url.data[at] != '?' && url.data[at] != '#'; at++) {
        if (url.data[at] == '/') {
            folder = at + 1;
        }
    }
    return folder;
}

struct article_slice article_canonical(const struct article_memory *memory,
                                       struct article_slice stated,
                                       struct article_slice url)
{
    struct article_slice none = {NULL, 0};
    struct article_slice host = host_of(url);
    size_t colon = article_find(stated, ":"), slash = article_find(stated, "/");
    if (host.size == 0 || stated.size == 0 || stated.data[0] == '.') {
        return none;
    }
    if (colon == SIZE_MAX || colon > slash) { /* without a scheme */
        size_t keep = base_length(url, stated);
        char *out = memory->allocate(memory->user, keep + stated.size + 1);
        if (out == NULL) {
            return none;
        }
        memcpy(out, url.data, keep);
        memcpy(out + keep, stated.data, stated.size);
        out[keep + stated.size] = '\0';
        stated = (struct article_slice){out, keep + stated.size};
    }
    struct article_slice other = host_of(stated);
    bool same = other.size > 0 && article_begins(stated, "http") &&
                article_same_slice(bare_host(other), bare_host(host));
    return same ? stated : none;
}
