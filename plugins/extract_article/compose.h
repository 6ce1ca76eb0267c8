/* Composed Unicode: NFC. */
#ifndef ARTICLE_COMPOSE_H
#define ARTICLE_COMPOSE_H

#include "article.h"

/* True where a look at the code points alone tells that the text is NFC, as nearly all
 * text of the web is; false where it has to be normalised to know. */
bool article_is_composed(struct article_slice text);

/* The text in NFC: itself where it is so already, or where libutf8proc is not installed
 * or memory was refused. */
struct article_slice article_compose(const struct article_memory *memory,
                                     struct article_slice text);

/* Text, paragraphs, title and names of an article. False when memory was refused. */
bool article_compose_all(const struct article_memory *memory, struct article *article);

#endif
