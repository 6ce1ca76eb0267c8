/* What a page states about itself, gathered from many places: each offer has a rank and
 * the best one is kept. */
#ifndef ARTICLE_FACTS_H
#define ARTICLE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"

enum article_fact {
    FACT_TITLE,
    FACT_OUTLET,
    FACT_AUTHOR,
    FACT_LANGUAGE,
    FACT_CANONICAL,
    FACT_TEXT_COUNT, /* the ones above are texts, those below times */
    FACT_PUBLISHED = FACT_TEXT_COUNT,
    FACT_MODIFIED,
    FACT_COUNT
};

/* Where a fact came from; the lower the better. */
enum article_rank {
    RANK_LINKED_DATA = 1, /* JSON-LD of the article itself */
    RANK_PROPERTY,        /* Open Graph, article:… */
    RANK_MICRODATA,       /* itemprop */
    RANK_NAME,            /* <meta name=…> */
    RANK_ELEMENT,         /* <html lang>, <link rel=canonical>, <time>, rel=author */
    RANK_LINKED_PAGE,     /* JSON-LD of the page or site around it */
    RANK_SOCIAL,          /* twitter:title and the like */
    RANK_SHOWN,           /* what the page shows to its readers */
    RANK_GUESS,           /* the address */
    RANK_NONE
};

struct article_facts {
    const struct article_memory *memory;
    int64_t latest; /* times after this are not believed */
    struct article_slice text[FACT_TEXT_COUNT];
    int64_t time[FACT_COUNT - FACT_TEXT_COUNT];
    uint8_t rank[FACT_COUNT];
    bool local[FACT_COUNT - FACT_TEXT_COUNT]; /* the time names a clock and no zone */
    struct article_slice amp_url;             /* as stated */
    struct article_variant variants[ARTICLE_VARIANT_LIMIT];
    size_t variant_count;
    struct article_slice body; /* articleBody of JSON-LD, for pages without text */
};

void article_facts_init(struct article_facts *facts,
                        const struct article_memory *memory, int64_t fetched_at);
/* Keeps a folded copy (or the parsed time) when `rank` beats what is known. */
void article_facts_offer(struct article_facts *facts, enum article_fact fact,
                         struct article_slice value, enum article_rank rank);
/* <meta name|property|itemprop=… content=…> and http-equiv. */
void article_facts_meta(struct article_facts *facts, struct article_slice name,
                        struct article_slice content);
/* A name without "By", "von", "par" and the like in front of it. */
struct article_slice article_bare_name(struct article_slice name);
/* The text of one <script type="application/ld+json">. */
void article_facts_linked_data(struct article_facts *facts, struct article_slice json);

/* A title that names its site in front or behind, in two at its separator: the site's
 * part is known by `outlet`, or the rest by `is_heading`. `site` is empty and `title`
 * whole when neither is. */
struct article_title {
    struct article_slice title, site;
};
struct article_title
article_split_title(struct article_slice title, struct article_slice outlet,
                    bool (*is_heading)(const void *context, struct article_slice part),
                    const void *context);
/* The canonical address made absolute and checked to be of the same site, or empty. */
struct article_slice article_canonical(const struct article_memory *memory,
                                       struct article_slice stated,
                                       struct article_slice url);

#endif
