/* Learns from spelled numbers the few words that the neutral rule needs to read them
 * all. */
#ifndef MIZAN_GENERATE_LEARN_H
#define MIZAN_GENERATE_LEARN_H

#include "compose.h"
#include "spell.h"

struct learned {
    size_t whole_hundreds; /* numbers from 21 to 999 that had to be taken whole */
    size_t unread;         /* of the spellings that were learned from */
};

/* The numbers to spell for learning, ascending; free() is the caller's. */
uint64_t *learning_numbers(size_t *count);

/* `words` holds the flags of the language and is filled. */
struct learned learn(struct words *words, const struct spellings *spellings);

/* True if the spelling is read as its number. */
bool reads(const struct words *words, const struct spelling *spelling);

#endif
