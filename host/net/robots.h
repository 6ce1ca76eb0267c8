/* robots.txt (RFC 9309): what a site lets robots ask for. */
#ifndef MIZAN_NET_ROBOTS_H
#define MIZAN_NET_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MZ_ROBOTS_PRODUCT "mizan"
#define MZ_ROBOTS_MOST    ((size_t)500 * 1024) /* bytes that are read; the rest is not */

struct mz_robots; /* the rules that apply to one product */

/* Reads any bytes: lines that are no rules are passed over. All groups that name the
 * product count as one; when none does, those for `*`. NULL when out of memory. */
struct mz_robots *mz_robots_parse(const char *text, size_t size, const char *product);
void mz_robots_destroy(struct mz_robots *robots);

/* `target` is path and query as they are sent. The longest matching rule decides, of
 * two equally long ones that which allows; no rule allows. */
bool mz_robots_allows(const struct mz_robots *robots, const char *target);
/* The same in words, with the rule that decides and for whom it is. */
void mz_robots_explain(const struct mz_robots *robots, const char *target, char *out,
                       size_t size);
/* Milliseconds of Crawl-delay, 0: none or no number; not capped. */
int64_t mz_robots_crawl_delay(const struct mz_robots *robots);

#endif
