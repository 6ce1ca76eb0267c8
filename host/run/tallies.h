/* How the units of each source ended in this run, until the source itself has. */
#ifndef MIZAN_RUN_TALLIES_H
#define MIZAN_RUN_TALLIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

struct mz_tally {
    int64_t units, failed;
};

/* `map` is made at the first count; out of memory loses the count, never the run. */
void mz_tally_count(struct mz_map **map, const char *source, bool failed);
struct mz_tally mz_tally_of(const struct mz_map *map, const char *source);
/* What was counted, which is forgotten. */
struct mz_tally mz_tally_take(struct mz_map *map, const char *source);
void mz_tallies_destroy(struct mz_map *map);

#endif
