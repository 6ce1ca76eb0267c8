/* Numbers spelled out by the rule sets of ICU, folded as the reader folds text. */
#ifndef MIZAN_GENERATE_SPELL_H
#define MIZAN_GENERATE_SPELL_H

#include "memory.h"

struct spelling {
    uint64_t number;
    const char *text;
    uint32_t length;
    uint32_t order;
};

/* Sorted by number; the texts of one number in the order of the rule sets. */
struct spellings {
    struct spelling *items;
    size_t count;
};

struct spell_choice {
    const char *const *kinds; /* parts of the names of the rule sets to use */
    const char **skip;        /* parts of names that rule a set out */
    size_t skip_count;
};

extern const char *const spell_cardinals[]; /* kinds */
extern const char *const spell_ordinals[];

/* Spells the numbers by the chosen rule sets of a locale. Texts with digits (numbers
 * beyond the rules) are left out. Nothing is added for a locale without rules of its
 * own. */
void spell(struct spellings *spellings, struct pool *pool, const char *locale,
           const struct spell_choice *choice, const uint64_t *numbers, size_t count);
/* Sorts and drops texts that stand twice. */
void spellings_sort(struct spellings *spellings);
void spellings_finish(struct spellings *spellings);
/* The spellings of one number: returns the first, their count in *count. */
const struct spelling *spellings_of(const struct spellings *spellings, uint64_t number,
                                    size_t *count);
#endif
