#include "trie_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"

struct builder {
    struct trie *trie;
    const struct trie_key *keys;
    size_t room;
    /* the free nodes as a ring through node 0; next == 0 ends it. Taken: next == self
     */
    uint32_t *next, *before;
};

static void *resize(void *array, size_t count, size_t size)
{
    void *grown = realloc(array, count * size);
    if (!grown) {
        fputs("lexicon_compile: out of memory\n", stderr);
        exit(70);
    }
    return grown;
}

static void grow(struct builder *builder, size_t needed)
{
    if (needed <= builder->room) {
        return;
    }
    size_t room = builder->room ? builder->room : 1024;
    while (room < needed) {
        room *= 2;
    }
    struct trie *trie = builder->trie;
    trie->nodes = resize(trie->nodes, room, sizeof *trie->nodes);
    builder->next = resize(builder->next, room, sizeof *builder->next);
    builder->before = resize(builder->before, room, sizeof *builder->before);
    memset(trie->nodes + builder->room, 0,
           (room - builder->room) * sizeof *trie->nodes);
    if (builder->room == 0) {
        builder->next[0] = 0;
        builder->before[0] = 0;
        builder->room = 1;
    }
    for (size_t node = builder->room; node < room; node++) {
        uint32_t last = builder->before[0];
        builder->next[last] = (uint32_t)node;
        builder->before[node] = last;
        builder->next[node] = 0;
        builder->before[0] = (uint32_t)node;
    }
    builder->room = room;
}

static bool is_taken(const struct builder *builder, size_t node)
{
    return node == 0 || builder->next[node] == node;
}

static void take(struct builder *builder, size_t node)
{
    builder->next[builder->before[node]] = builder->next[node];
    builder->before[builder->next[node]] = builder->before[node];
    builder->next[node] = (uint32_t)node;
}

static void add_tail_byte(struct trie *trie, unsigned char byte)
{
    trie->tails = pack_room(trie->tails, trie->tail_count, 1);
    trie->tails[trie->tail_count++] = byte;
}

static int32_t add_tail(struct trie *trie, const char *bytes, size_t length,
                        uint32_t terminal)
{
    int32_t base = -(int32_t)trie->tail_count - 1;
    uint16_t short_length = (uint16_t)length;
    unsigned char number[4];
    memcpy(number, &short_length, 2);
    add_tail_byte(trie, number[0]);
    add_tail_byte(trie, number[1]);
    for (size_t i = 0; i < length; i++) {
        add_tail_byte(trie, (unsigned char)bytes[i]);
    }
    memcpy(number, &terminal, 4);
    for (size_t i = 0; i < 4; i++) {
        add_tail_byte(trie, number[i]);
    }
    return base;
}

static unsigned char byte_at(const struct builder *builder, size_t key, size_t depth)
{
    const struct trie_key *k = &builder->keys[key];
    return depth < k->length ? (unsigned char)k->bytes[depth] : 0;
}

/* A base at which all the bytes find free nodes: the first of the free nodes are tried,
 * then the end, so that the search stays short when the front is crowded. */
static size_t find_base(struct builder *builder, const unsigned char *bytes,
                        size_t count)
{
    enum { TRIES = 256 };
    uint32_t node = builder->next[0];
    for (int tries = 0; node != 0 && tries < TRIES; node = builder->next[node]) {
        if (node <= bytes[0]) {
            continue;
        }
        size_t base = node - bytes[0];
        grow(builder, base + 512);
        size_t i = 1;
        while (i < count && !is_taken(builder, base + bytes[i])) {
            i++;
        }
        if (i == count) {
            return base;
        }
        tries++;
    }
    grow(builder, builder->trie->node_count + 512);
    return builder->trie->node_count;
}

static void place(struct builder *builder, size_t node, size_t first, size_t end,
                  size_t depth)
{
    if (end - first == 1) {
        const struct trie_key *key = &builder->keys[first];
        size_t from = depth < key->length ? depth : key->length;
        builder->trie->nodes[node].base = add_tail(builder->trie, key->bytes + from,
                                                   key->length - from, (uint32_t)first);
        return;
    }
    unsigned char bytes[256] = {0};
    size_t starts[257];
    size_t count = 0;
    for (size_t i = first; i < end; i++) {
        unsigned char byte = byte_at(builder, i, depth);
        if (count == 0 || bytes[count - 1] != byte) {
            bytes[count] = byte;
            starts[count++] = i;
        }
    }
    starts[count] = end;
    size_t base = find_base(builder, bytes, count);
    builder->trie->nodes[node].base = (int32_t)base;
    for (size_t i = 0; i < count; i++) {
        size_t next = base + bytes[i];
        take(builder, next);
        builder->trie->nodes[next].check = (uint32_t)node;
        if (next >= builder->trie->node_count) {
            builder->trie->node_count = next + 1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        place(builder, base + bytes[i], starts[i], starts[i + 1], depth + 1);
    }
}

void trie_build(struct trie *trie, const struct trie_key *keys, size_t count)
{
    memset(trie, 0, sizeof *trie);
    struct builder builder = {trie, keys, 0, NULL, NULL};
    grow(&builder, 1024);
    take(&builder, 1);
    trie->nodes[1].check = UINT32_MAX;
    trie->node_count = 2;
    if (count == 1) {
        trie->nodes[1].base = 2;
    } else if (count > 1) {
        place(&builder, 1, 0, count, 0);
    }
    trie->node_count += 512;
    grow(&builder, trie->node_count);
    free(builder.next);
    free(builder.before);
}

void trie_finish(struct trie *trie)
{
    free(trie->nodes);
    free(trie->tails);
}
