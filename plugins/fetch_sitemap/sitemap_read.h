/* Sitemaps (sitemaps.org): lists of pages and lists of sitemaps as XML, lists of pages
 * as text, each perhaps gzipped; read in one pass, without entities, DTD or network. */
#ifndef SITEMAP_READ_H
#define SITEMAP_READ_H

#include <stdbool.h>
#include <stddef.h>

#define SITEMAP_MOST_URLS  50000
#define SITEMAP_MOST_BYTES ((size_t)50 * 1000 * 1000)
#define SITEMAP_URL        8000 /* bytes of an address, and its NUL */

enum sitemap_status {
    SITEMAP_OK,
    SITEMAP_IS_HTML,
    SITEMAP_IS_OTHER,
    SITEMAP_HAS_ENTITIES,
    SITEMAP_TOO_LARGE, /* unpacked */
    SITEMAP_DAMAGED,   /* gzip that is cut or broken */
    SITEMAP_NO_MEMORY
};

struct sitemap_url {
    char *address;
    char lastmod[32]; /* as given, or "" */
};

struct sitemap {
    bool is_index;
    struct sitemap_url *urls;
    size_t count, room;
    size_t total; /* also those beyond SITEMAP_MOST_URLS, which are cut */
    bool broken;  /* not well-formed: its end may be missing */
};

/* `sitemap` needs no init; it is empty after a failure. */
enum sitemap_status sitemap_read(const char *data, size_t size,
                                 struct sitemap *sitemap);
void sitemap_finish(struct sitemap *sitemap);
/* The rest of a sentence that begins with the address. */
const char *sitemap_status_text(enum sitemap_status status);

#endif
