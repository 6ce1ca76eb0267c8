/* How alike two texts are: sets of overlapping runs of words, and what stands for a set
 * where sets are too many to compare.
 *
 * Words are letters and digits of any script in lower case; what is written or left out
 * at will (tatweel, harakat, points of Hebrew, combining accents, soft hyphens,
 * joiners) counts for nothing. Scripts without blanks between words count by character.
 */
#ifndef MIZAN_VALUE_SHINGLES_H
#define MIZAN_VALUE_SHINGLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "mizan/plugin.h"

#define MZ_SHINGLE_WORDS 4     /* in a run; of characters likewise */
#define MZ_SHINGLES_MOST 65536 /* of a text: what comes behind is not compared */
#define MZ_BANDS         8

struct mz_shingles {
    uint64_t *runs; /* hashes, ascending, each once; in the arena */
    size_t count;
    uint64_t *numbers; /* of the words that hold a digit, likewise */
    size_t number_count;
    uint64_t simhash; /* Charikar's: near sets differ in few bits */
    /* Sets that share a value in one of these are worth comparing: four quarters of the
     * simhash, which catch every pair within three bits, and four pairs of least
     * hashes, which catch nearly every pair that shares four runs of five. */
    uint32_t bands[MZ_BANDS];
};

/* False when the arena has no room. */
bool mz_shingles_make(struct mz_arena *arena, struct mizan_slice text,
                      struct mz_shingles *out);

/* Bits in which two simhashes differ. */
int mz_simhash_distance(uint64_t a, uint64_t b);

/* True when the second is a copy of the first, give or take a heading, a dateline, a
 * sentence: either within three bits of simhash and with most runs shared, or with 85 %
 * of the shorter's runs in the longer; and no number in the copy that the first lacks,
 * lest a figure that changed be taken for one repeated. Texts of fewer runs than
 * MZ_SHINGLES_LEAST are never copies. */
#define MZ_SHINGLES_LEAST 24
bool mz_shingles_copy(const struct mz_shingles *first, const struct mz_shingles *copy);

#endif
