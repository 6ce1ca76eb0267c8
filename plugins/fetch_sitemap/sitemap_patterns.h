/* Which addresses of a sitemap are wanted: patterns of PCRE2, which can only do so much
 * work on an address. */
#ifndef SITEMAP_PATTERNS_H
#define SITEMAP_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

struct sitemap_patterns;

/* NULL and a sentence in `why` when the pattern at *wrong is none. No pattern at all is
 * fine. */
struct sitemap_patterns *sitemap_patterns_create(const char *const *patterns,
                                                 size_t count, size_t *wrong,
                                                 char why[256]);
void sitemap_patterns_destroy(struct sitemap_patterns *patterns);

enum sitemap_match {
    SITEMAP_NO_MATCH,
    SITEMAP_MATCH,
    SITEMAP_TOO_HARD /* a pattern needs more work than it may do */
};
/* Whether one of them matches anywhere in the address. For one thread at a time. */
enum sitemap_match sitemap_patterns_match(const struct sitemap_patterns *patterns,
                                          const char *address);

#endif
