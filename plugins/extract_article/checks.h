/* Pages that come with status 200 and are not what was asked for. */
#ifndef ARTICLE_CHECKS_H
#define ARTICLE_CHECKS_H

#include "page.h"

/* What the page is instead of an article: "a login page", "an error page", "a check for
 * robots"; static, or NULL. Only pages of little text are suspected. */
const char *article_unexpected(const struct page *page, const struct article *article);

#endif
