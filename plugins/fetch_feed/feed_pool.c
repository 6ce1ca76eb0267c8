#include "feed_pool.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)32 * 1024)

struct feed_block {
    struct feed_block *next;
    size_t used, size;
    max_align_t data[];
};

static struct feed_block *add_block(struct feed_pool *pool, size_t size)
{
    size_t room = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;
    struct feed_block *block = malloc(sizeof *block + room);
    if (block == NULL) {
        pool->failed = true;
        return NULL;
    }
    block->used = 0;
    block->size = room;
    block->next = pool->blocks;
    pool->blocks = block;
    return block;
}

void *feed_pool_alloc(struct feed_pool *pool, size_t size)
{
    size_t step = sizeof(max_align_t);
    if (size > SIZE_MAX / 2) {
        pool->failed = true;
        return NULL;
    }
    size = (size + step - 1) / step * step;
    struct feed_block *block = pool->blocks;
    if (block == NULL || block->size - block->used < size) {
        block = add_block(pool, size);
        if (block == NULL) {
            return NULL;
        }
    }
    void *memory = (char *)block->data + block->used;
    block->used += size;
    return memory;
}

char *feed_pool_copy(struct feed_pool *pool, const char *text, size_t size)
{
    char *copy = feed_pool_alloc(pool, size + 1);
    if (copy != NULL) {
        if (size > 0) {
            memcpy(copy, text, size);
        }
        copy[size] = '\0';
    }
    return copy;
}

void feed_pool_finish(struct feed_pool *pool)
{
    while (pool->blocks != NULL) {
        struct feed_block *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
    pool->failed = false;
}

void feed_text_init(struct feed_text *text, size_t ceiling)
{
    memset(text, 0, sizeof *text);
    text->ceiling = ceiling;
}

void feed_text_finish(struct feed_text *text)
{
    free(text->data);
    memset(text, 0, sizeof *text);
}

void feed_text_add(struct feed_text *text, const char *data, size_t size)
{
    if (text->failed || size > text->ceiling - text->size) {
        text->failed = true;
        return;
    }
    if (text->size + size + 1 > text->capacity) {
        size_t capacity = text->capacity == 0 ? 256 : text->capacity;
        while (capacity < text->size + size + 1) {
            capacity *= 2;
        }
        char *larger = realloc(text->data, capacity);
        if (larger == NULL) {
            text->failed = true;
            return;
        }
        text->data = larger;
        text->capacity = capacity;
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    text->data[text->size] = '\0';
}

void feed_text_string(struct feed_text *text, const char *string)
{
    feed_text_add(text, string, strlen(string));
}
