#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MZ_BUFFER_FIRST ((size_t)64)

void mz_buffer_init(struct mz_buffer *buffer, size_t ceiling)
{
    *buffer = (struct mz_buffer){.ceiling = ceiling};
}

void mz_buffer_finish(struct mz_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct mz_buffer){.ceiling = buffer->ceiling};
}

void mz_buffer_clear(struct mz_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->data != NULL) {
        buffer->data[0] = '\0';
    }
}

/* Room for `more` bytes and a NUL behind what is there; false marks it failed. */
static bool reserve(struct mz_buffer *buffer, size_t more)
{
    if (buffer->failed) {
        return false;
    }
    if (more < buffer->capacity - buffer->size) {
        return true;
    }
    if (buffer->size > buffer->ceiling || more > buffer->ceiling - buffer->size ||
        buffer->size + more == SIZE_MAX) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->size + more + 1;
    size_t capacity = buffer->capacity > SIZE_MAX / 2 ? needed : buffer->capacity * 2;
    if (capacity < MZ_BUFFER_FIRST) {
        capacity = MZ_BUFFER_FIRST;
    }
    if (buffer->ceiling < SIZE_MAX && capacity > buffer->ceiling + 1) {
        capacity = buffer->ceiling + 1;
    }
    if (capacity < needed) {
        capacity = needed;
    }
    char *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void mz_buffer_add(struct mz_buffer *buffer, const void *data, size_t size)
{
    if (!reserve(buffer, size)) {
        return;
    }
    if (size > 0) {
        memcpy(buffer->data + buffer->size, data, size);
    }
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void mz_buffer_text(struct mz_buffer *buffer, const char *text)
{
    mz_buffer_add(buffer, text, strlen(text));
}

void mz_buffer_byte(struct mz_buffer *buffer, char byte)
{
    mz_buffer_add(buffer, &byte, 1);
}

void mz_buffer_printf(struct mz_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    if (!reserve(buffer, (size_t)length)) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
}

bool mz_buffer_ok(const struct mz_buffer *buffer)
{
    return !buffer->failed;
}

/* A failed buffer gives NULL, so that a cut text is never taken for a whole one; an
 * empty one gives an empty text. */
char *mz_buffer_take(struct mz_buffer *buffer, size_t *size)
{
    char *data = NULL;
    if (reserve(buffer, 0)) {
        buffer->data[buffer->size] = '\0';
        data = buffer->data;
        buffer->data = NULL;
    }
    if (size != NULL) {
        *size = data == NULL ? 0 : buffer->size;
    }
    mz_buffer_finish(buffer);
    return data;
}
