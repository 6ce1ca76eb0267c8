#include "run/tallies.h"

#include <stdlib.h>
#include <string.h>

void mz_tally_count(struct mz_map **map, const char *source, bool failed)
{
    const char *key = source == NULL ? "" : source;
    if (*map == NULL && (*map = mz_map_create()) == NULL) {
        return;
    }
    struct mz_tally *tally = mz_map_get(*map, key, strlen(key));
    if (tally == NULL) {
        tally = calloc(1, sizeof *tally);
        if (tally == NULL || !mz_map_set(*map, key, strlen(key), tally, NULL)) {
            free(tally);
            return;
        }
    }
    tally->units++;
    tally->failed += failed;
}

struct mz_tally mz_tally_of(const struct mz_map *map, const char *source)
{
    const struct mz_tally *tally =
        map == NULL ? NULL : mz_map_get(map, source, strlen(source));
    return tally == NULL ? (struct mz_tally){0, 0} : *tally;
}

struct mz_tally mz_tally_take(struct mz_map *map, const char *source)
{
    struct mz_tally taken = {0, 0};
    struct mz_tally *tally =
        map == NULL ? NULL : mz_map_get(map, source, strlen(source));
    if (tally != NULL) {
        taken = *tally;
        *tally = (struct mz_tally){0, 0};
    }
    return taken;
}

void mz_tallies_destroy(struct mz_map *map)
{
    mz_map_destroy(map, free);
}
