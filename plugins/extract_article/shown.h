#ifndef ARTICLE_SHOWN_H
#define ARTICLE_SHOWN_H

#include "page.h"

/* The date that stands beside the title, read in `language`, or false. `local` tells
 * that it has a clock, which then is that of the readers. A paragraph that begins with
 * a date marked as such loses it. */
bool article_shown_date(struct page *page, struct article_slice title,
                        struct article_slice language, int64_t *milliseconds,
                        bool *local);

#endif
