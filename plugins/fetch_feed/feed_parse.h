/* Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed, read from bytes without
 * network, DTD or entities of the feed's own; broken ones as far as they go. */
#ifndef FEED_PARSE_H
#define FEED_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed_pool.h"

#define FEED_ITEMS_MOST 10000 /* read of one feed */

/* Members are NULL when the feed does not have them. Texts are UTF-8. */
struct feed_item {
    const char *id;      /* guid or id, as given */
    const char *link;    /* absolute, http or https */
    const char *title;   /* plain text */
    const char *summary; /* plain text */
    const char *content; /* HTML: the content, else the summary */
    const char *author;
    const char *lang;
    const char *published_raw; /* as given */
    const char *updated_raw;
    bool has_published; /* one of the two could be read */
    int64_t published;  /* milliseconds since 1970 */
};

struct feed {
    struct feed_pool pool; /* of all texts */
    struct feed_item *items;
    size_t count;
    size_t total; /* items in the feed, of which those beyond FEED_ITEMS_MOST are cut */
    bool broken;  /* not well-formed: its end may be missing */
};

enum feed_status {
    FEED_OK,
    FEED_IS_HTML,  /* a page, perhaps an error or a login */
    FEED_IS_OTHER, /* XML, but no feed */
    FEED_IS_OTHER_JSON,
    FEED_IS_NOT_XML,
    FEED_HAS_ENTITIES, /* declares entities of its own: refused */
    FEED_NO_MEMORY
};

struct feed_input {
    const char *data;
    size_t size;
    const char *url;     /* where it was found, for relative links */
    const char *charset; /* as the server declared it, or NULL */
};

/* `feed` needs no init; it is empty after a failure. */
enum feed_status feed_parse(const struct feed_input *input, struct feed *feed);
void feed_finish(struct feed *feed);
/* The rest of a sentence that begins with the feed's address. */
const char *feed_status_text(enum feed_status status);

#endif
