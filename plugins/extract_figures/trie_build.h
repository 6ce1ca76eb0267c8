/* Builds the double array of the lexicon from sorted keys. Build time only. */
#ifndef MIZAN_FIGURES_TRIE_BUILD_H
#define MIZAN_FIGURES_TRIE_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "lexicon_format.h"

struct trie_key {
    const char *bytes;
    uint32_t length; /* > 0, no byte 0 among the bytes */
};

struct trie {
    struct lexicon_node *nodes;
    size_t node_count;
    unsigned char *tails;
    size_t tail_count;
};

/* Keys are sorted by bytes and differ; key i becomes terminal i. */
void trie_build(struct trie *trie, const struct trie_key *keys, size_t count);
void trie_finish(struct trie *trie);

#endif
