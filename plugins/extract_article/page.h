/* A page as the parser leaves it: its text in blocks, the containers they stand in, and
 * what the page states about itself. No tree is kept beyond the containers. */
#ifndef ARTICLE_PAGE_H
#define ARTICLE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "facts.h"

enum article_tag {
    TAG_INLINE, /* nothing to note */
    TAG_CONTAINER,
    TAG_PARAGRAPH,
    TAG_HEADING, /* h1 to h6: the level stands beside it */
    TAG_ITEM,    /* li, dd, dt */
    TAG_CELL,    /* td, th */
    TAG_LIST,
    TAG_TABLE,
    TAG_ROW,
    TAG_QUOTE,
    TAG_ARTICLE,
    TAG_MAIN,
    TAG_ROOT,  /* html, body */
    TAG_ASIDE, /* nav, header, footer, aside, form: seldom content */
    TAG_HEADER,
    TAG_SKIP, /* script, style, button, figcaption …: never content */
    TAG_SCRIPT,
    TAG_TITLE,
    TAG_LINK,   /* a */
    TAG_RAISED, /* sup */
    TAG_BREAK,  /* br */
    TAG_RULE,   /* hr */
    TAG_META,
    TAG_RELATION, /* link */
    TAG_TIME,
    TAG_INPUT
};

enum node_flag {
    NODE_DOUBTFUL = 1, /* tag, class or role says: probably not content */
    NODE_FOREIGN = 2,  /* consent, comments, dialogs: not content however much it is */
    NODE_BODY = 4,     /* itemprop articleBody */
    NODE_LEAD = 8,    /* standfirst, summary: content where it stands below the title */
    NODE_IMAGE = 16,  /* holds a picture: little text in it is a caption */
    NODE_HEADING = 32 /* a header by its class: title, byline, standfirst */
};

/* A block-level element. Parents come before their children. */
struct node {
    uint32_t parent; /* index; the first is its own */
    uint8_t tag;     /* enum article_tag */
    uint8_t flags;   /* enum node_flag */
    uint8_t level;   /* of a heading */
    /* The rest is content.c's. Sums are over everything below, in bytes. */
    uint8_t state;
    uint32_t text, links;
    uint32_t good, good_count; /* outside links, in blocks that read like prose */
    uint32_t first, next;      /* child and sibling, 0: none */
};

/* A run of text that no block-level tag interrupts. */
struct block {
    uint32_t start, end; /* in the page's text */
    uint32_t links;      /* bytes of it inside <a> */
    uint32_t node;
    bool dated; /* holds a <time>, or an element whose class says that it is a date */
};

struct page {
    const struct article_memory *memory;
    char *text; /* white space folded; blocks follow one another without separator */
    size_t text_size, text_room;
    struct block *blocks;
    size_t block_count, block_room;
    struct node *nodes;
    size_t node_count, node_room;
    struct article_slice heading;   /* the first h1 */
    struct article_slice title_tag; /* <title> */
    struct article_facts facts;
    bool password; /* asks for one */
    bool partial;  /* a cap was reached */
    bool failed;   /* memory was refused */
};

/* Parses UTF-8 into `page` (memory and facts set up by the caller, the rest cleared).
 * False when memory was refused. Nesting beyond 512 elements is flattened, beyond 1024
 * ends the page; a tag's attributes beyond 256 are not seen. */
bool article_parse_html(struct article_slice html, struct page *page);

/* Chooses the main content and writes text and paragraphs of `out`. False when memory
 * was refused. */
bool article_choose_content(struct page *page, struct article_slice title,
                            struct article *out);

/* What the class and id of an element say about it: node flags, or 0; sets *dated when
 * a word says that it holds a date. */
uint8_t article_class_hint(const char *words, bool *dated);

/* The same for an element within a line: whether it is a date or an author's name. */
enum article_inline_hint { INLINE_NOTHING, INLINE_DATE, INLINE_AUTHOR };
enum article_inline_hint article_inline_hint(const char *words);

#endif
