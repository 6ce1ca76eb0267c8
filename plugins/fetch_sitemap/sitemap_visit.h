/* One visit of one source: its sitemaps, and which of their pages are fetched. */
#ifndef SITEMAP_VISIT_H
#define SITEMAP_VISIT_H

#include <stdint.h>

#include "mizan/draft.h"
#include "sitemap_patterns.h"
#include "sitemap_read.h"

/* The options of the stage. */
struct fetch_sitemap {
    const struct mizan_host *host;
    char *url; /* NULL: every source has its own */
    struct sitemap_patterns *include, *exclude;
    int64_t limit;          /* pages fetched in one visit */
    int64_t first, recheck; /* milliseconds; 0: not given */
};

int32_t sitemap_visit(const struct fetch_sitemap *self, mizan_task *task,
                      const mizan_record *source);

/* Milliseconds since 1970 of a W3C date or time; false for what is none. */
bool sitemap_time(const char *text, int64_t *time);

#endif
