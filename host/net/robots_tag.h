/* X-Robots-Tag: what the owner of a page lets robots do with it once they have it. */
#ifndef MIZAN_NET_ROBOTS_TAG_H
#define MIZAN_NET_ROBOTS_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "mizan/plugin.h"

#define MZ_ROBOTS_RULE 64

/* True when the headers want the page in no index: `noindex`, `none`, or an
 * `unavailable_after` that has passed at `now` (milliseconds), for all robots or for
 * the product; rules for other robots do not count. `rule` tells which it was. */
bool mz_robots_tag_closes(const struct mizan_header *headers, size_t count,
                          const char *product, int64_t now, char rule[MZ_ROBOTS_RULE]);

#endif
