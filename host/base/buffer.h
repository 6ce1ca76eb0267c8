/* A byte buffer that grows up to a ceiling given at init and never beyond it. After a
 * failed append the buffer is marked failed and further appends do nothing, so that a
 * sequence can be checked once at its end with mz_buffer_ok. */
#ifndef MIZAN_BASE_BUFFER_H
#define MIZAN_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct mz_buffer {
    char *data; /* NUL-terminated when not NULL */
    size_t size, capacity, ceiling;
    bool failed;
};

void mz_buffer_init(struct mz_buffer *buffer, size_t ceiling);
void mz_buffer_finish(struct mz_buffer *buffer); /* frees; a zeroed buffer is fine */
void mz_buffer_clear(struct mz_buffer *buffer);  /* size 0, not failed, memory kept */
void mz_buffer_add(struct mz_buffer *buffer, const void *data, size_t size);
void mz_buffer_text(struct mz_buffer *buffer, const char *text);
void mz_buffer_byte(struct mz_buffer *buffer, char byte);
void mz_buffer_printf(struct mz_buffer *buffer, const char *format, ...)
    MZ_PRINTF(2, 3);
bool mz_buffer_ok(const struct mz_buffer *buffer);
/* Hands the memory to the caller, who frees it; the buffer is empty afterwards. */
char *mz_buffer_take(struct mz_buffer *buffer, size_t *size);

#endif
