/* What the words of a text are tried against before anything is looked up: made for a
 * language of the lexicon when it is first asked for, and shared by all readers. */
#ifndef MIZAN_FIGURES_FILTER_H
#define MIZAN_FIGURES_FILTER_H

#include "lexicon.h"

enum { PREFIXES = 16 };

/* One of the language's prefixes, to be compared with a word's first eight bytes. */
struct prefix {
    uint64_t bytes, mask;
    uint8_t length;
    bool joins; /* means `and` */
};

struct filters {
    uint64_t candidates[1024];  /* bits of lexicon_filter_bit: words that may start a
                                   figure */
    uint64_t known[1024];       /* … that start any form */
    uint16_t prefix_starts[64]; /* bits of the prefixes with that second byte, by its
                                   low six bits */
    uint64_t signs[2];          /* ASCII signs that start a form, of any language */
    bool spaced, compounds;     /* flags of the language */
    int prefix_count;
    struct prefix prefixes[PREFIXES];
};

/* NULL when there is no memory. Any number of threads may ask at once. */
const struct filters *filters_of(const figures_lexicon *lexicon, int language);
void filters_finish(figures_lexicon *lexicon);

static inline bool filter_has(const uint64_t filter[1024], uint64_t bytes,
                              uint64_t length)
{
    uint16_t bit = lexicon_filter_bit(bytes, length);
    return (filter[bit >> 6] >> (bit & 63) & 1) != 0;
}

/* The prefix that a word of `length` bytes starts with, if more than it is left. */
static inline const struct prefix *find_prefix(const struct filters *filters,
                                               uint64_t first_bytes, size_t length)
{
    unsigned bits = filters->prefix_starts[first_bytes >> 8 & 63];
    for (; bits; bits &= bits - 1) {
        const struct prefix *prefix = &filters->prefixes[__builtin_ctz(bits)];
        if ((first_bytes & prefix->mask) == prefix->bytes && prefix->length < length) {
            return prefix;
        }
    }
    return NULL;
}

#endif
