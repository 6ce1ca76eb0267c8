#include "trie_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"

struct builder {
    struct trie *trie;
    const struct trie_key *keys;
    size_t room;
    unsigned char *taken; /* one for each node */
    size_t first_free;
};

static void grow(struct builder *builder, size_t needed)
{
    if (needed <= builder->room) {
        return;
    }
    size_t room = builder->room ? builder->room : 1024;
    while (room < needed) {
        room *= 2;
    }
    struct lexicon_node *nodes
        = realloc(builder->trie->nodes, room * sizeof *builder->trie->nodes);
    unsigned char *taken = realloc(builder->taken, room);
    if (!nodes || !taken) {
        fputs("lexicon_compile: out of memory\n", stderr);
        exit(70);
    }
    memset(nodes + builder->room, 0, (room - builder->room) * sizeof *nodes);
    memset(taken + builder->room, 0, room - builder->room);
    builder->trie->nodes = nodes;
    builder->taken = taken;
    builder->room = room;
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

/* The smallest base at which all the bytes find free nodes. */
static size_t find_base(struct builder *builder, const unsigned char *bytes, size_t count)
{
    while (builder->first_free < builder->room && builder->taken[builder->first_free]) {
        builder->first_free++;
    }
    size_t base = builder->first_free > bytes[0] ? builder->first_free - bytes[0] : 1;
    for (size_t tries = 0;; base++, tries++) {
        grow(builder, base + 512);
        size_t i = 0;
        while (i < count && !builder->taken[base + bytes[i]]) {
            i++;
        }
        if (i == count) {
            return base;
        }
        if (tries == 4096 && count > 2) {
            /* crowded at the front: leave the small holes to leaves */
            base = builder->trie->node_count > 256 ? builder->trie->node_count - 256 : 1;
        }
    }
}

static void place(struct builder *builder, size_t node, size_t first, size_t end,
    size_t depth)
{
    if (end - first == 1) {
        const struct trie_key *key = &builder->keys[first];
        size_t from = depth < key->length ? depth : key->length;
        builder->trie->nodes[node].base = add_tail(
            builder->trie, key->bytes + from, key->length - from, (uint32_t)first);
        return;
    }
    unsigned char bytes[256] = { 0 };
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
        builder->taken[next] = 1;
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
    struct builder builder = { trie, keys, 0, NULL, 2 };
    grow(&builder, 1024);
    builder.taken[0] = 1;
    builder.taken[1] = 1;
    trie->nodes[1].check = UINT32_MAX;
    trie->node_count = 2;
    if (count == 1) {
        trie->nodes[1].base = 2;
    } else if (count > 1) {
        place(&builder, 1, 0, count, 0);
    }
    trie->node_count += 512;
    grow(&builder, trie->node_count);
    free(builder.taken);
}

void trie_finish(struct trie *trie)
{
    free(trie->nodes);
    free(trie->tails);
}
