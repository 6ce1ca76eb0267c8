/* Where the article begins and ends among the blocks of a page, and which blocks at its
 * edges are none of its text: bylines, reading times, share bars, labels. */
#ifndef ARTICLE_EDGES_H
#define ARTICLE_EDGES_H

#include "page.h"

#define NO_BLOCK SIZE_MAX

struct edges {
    size_t heading;     /* the block that shows the title, or NO_BLOCK */
    size_t first, last; /* of the prose that is kept, or NO_BLOCK */
};

/* The first heading, else the first block, that is the title or the page's first <h1>.
 */
size_t article_heading_block(const struct page *page, struct article_slice title);

/* True for what is text of nobody's article: no letter and no digit in it, or the word
 * "advertisement" of some language and nothing else. */
bool article_is_label(struct article_slice text);

/* True when the text ends as sentences do. */
bool article_ends_sentence(struct article_slice text);

#endif
