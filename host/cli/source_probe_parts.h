/* What can be seen in bytes without a plugin, for `mizan source probe`. */
#ifndef MIZAN_CLI_SOURCE_PROBE_PARTS_H
#define MIZAN_CLI_SOURCE_PROBE_PARTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "mizan/plugin.h"

/* "RSS 2.0", "Atom", "RDF", "JSON Feed" … by what it begins with. */
const char *mz_probe_feed_kind(struct mizan_slice body);
/* What follows `name` (lower case) on the lines that begin so, at most `most`: a list
 * of texts, or nil. */
struct mizan_value mz_probe_lines(struct mz_arena *arena, struct mizan_slice text,
                                  const char *name, size_t most);
/* The feeds that a page names in its links: a list of addresses, or nil. */
struct mizan_value mz_probe_feeds(struct mz_arena *arena, struct mizan_slice page,
                                  const char *url, size_t most);
/* The first list of objects in the value: its JSON pointer, and how many there are. */
bool mz_probe_rows(const struct mizan_value *value, char *pointer, size_t room,
                   size_t *rows);
/* How the text writes its grouped numbers: "1,234.5 (12 of 13)", or NULL. */
const char *mz_probe_numbers(struct mz_arena *arena, const char *text);

#endif
