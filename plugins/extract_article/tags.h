/* Which part an element plays, by its name. */
#ifndef ARTICLE_TAGS_H
#define ARTICLE_TAGS_H

#include <stdint.h>

struct tag {
    const char *name;
    uint8_t kind;  /* enum article_tag */
    uint8_t level; /* headings */
};

/* Never NULL: an unknown element is inline. */
const struct tag *article_tag_by_name(const char *name);

#endif
