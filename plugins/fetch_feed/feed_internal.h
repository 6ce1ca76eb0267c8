/* What the parsing files share. */
#ifndef FEED_INTERNAL_H
#define FEED_INTERNAL_H

#include <libxml/tree.h>

#include "feed_parse.h"

/* feed_source.c: bytes to a tree; *broken tells that it is not well-formed. The tree is
 * the caller's; NULL after a failure. */
enum feed_status feed_read_xml(const struct feed_input *input, xmlDoc **document,
                               bool *broken);

/* feed_json.c: whether it begins like an object, and the items of a JSON Feed. */
bool feed_looks_like_json(const struct feed_input *input);
enum feed_status feed_read_json(const struct feed_input *input, struct feed *feed);

/* feed_entities.c: a copy in which names of HTML entities are numbers, lone ampersands
 * are escaped and control characters are gone, outside of CDATA sections and comments.
 */
void feed_mend(const char *data, size_t size, struct feed_text *out);
/* feed_entities.c: HTML to plain text, white space collapsed, at most about `most`
 * bytes. NULL when nothing is left or memory is refused. */
const char *feed_plain_text(struct feed_pool *pool, const char *html, size_t most);
/* feed_entities.c: text as HTML. */
void feed_escape(struct feed_text *out, const char *text);

/* Where an element's name belongs. */
enum feed_vocabulary { FEED_CORE, FEED_DUBLIN, FEED_CONTENT, FEED_OTHER };

/* feed_item.c: the vocabulary of an element, and its name without prefix. */
enum feed_vocabulary feed_vocabulary_of(const xmlNode *node, const char **name);
/* feed_item.c: reads one item. False when memory is refused. */
bool feed_item_read(struct feed_pool *pool, const xmlNode *node, const char *url,
                    struct feed_item *item);

#endif
