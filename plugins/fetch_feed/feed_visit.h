/* One visit of one feed: what is new in it, and how far it got. */
#ifndef FEED_VISIT_H
#define FEED_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed_parse.h"
#include "mizan/plugin.h"

#define FEED_HASH 33 /* 32 digits and a NUL */

/* The options of the stage. */
struct fetch_feed {
    const struct mizan_host *host;
    bool follow;   /* fetch the items' pages; else the items are the documents */
    int64_t first; /* milliseconds; 0: items of any age at the first visit */
    int64_t limit; /* items taken in one visit */
    int64_t rate;  /* milliseconds between two pages; 0: none of its own */
    int64_t least; /* items that a feed must have; -1: not given */
};

/* What an item is to this visit. */
enum feed_news {
    FEED_NEW,
    FEED_SAME, /* known, and as it was */
    FEED_OLD   /* too old for a first visit */
};

struct feed_entry {
    const struct feed_item *item;
    char key[8 + FEED_HASH];      /* of its state */
    char link_key[8 + FEED_HASH]; /* the same by its address; empty: there is none */
    char digest[FEED_HASH];       /* of what changes when the item does */
    const char *url;              /* of its document */
    bool has_page;                /* the page at `url` is the document */
    enum feed_news news;
};

struct feed_visit {
    const struct fetch_feed *options;
    const struct mizan_host *host;
    mizan_task *task;
    const mizan_record *source;
    const char *url; /* of the feed */
    struct mizan_http_response answer;
    struct feed feed;
    struct feed_entry *entries; /* in the feed's order, each item once */
    size_t count;
    int64_t now;
    bool is_first;
    size_t taken, emitted, same, postponed, failed, failed_for_now;
    size_t failed_in_a_row;
};

/* feed_entry.c: makes the entries: identity, address, digest; leaves repeats out. */
int32_t feed_visit_list(struct feed_visit *visit);
/* feed_entry.c: finds what is known of each entry, and which are too old. */
int32_t feed_visit_compare(struct feed_visit *visit);

/* feed_known.c: forgets items that were in neither of the last two visits, and notes
 * those of this one. */
int32_t feed_known_prune(const struct feed_visit *visit);
/* feed_known.c: MIZAN_OK when the feed has the items that it must have: as many as the
 * options say, and some when it had some at the last visit. */
int32_t feed_known_check(const struct feed_visit *visit);

/* feed_document.c: emits the item; `answer` is its page or NULL. */
int32_t feed_document_emit(const struct feed_visit *visit,
                           const struct feed_entry *entry,
                           const struct mizan_http_response *answer);

/* feed_visit.c: the whole of it. */
int32_t feed_visit_run(const struct fetch_feed *options, mizan_task *task,
                       const mizan_record *source);

#endif
