/* Base64 (RFC 4648, section 4), as JSON carries bytes. */
#ifndef MIZAN_VALUE_BASE64_H
#define MIZAN_VALUE_BASE64_H

#include <stdbool.h>

#include "base/arena.h"
#include "mizan/plugin.h"

/* The characters that `size` bytes become. */
#define MZ_BASE64_SIZE(size) (((size) + 2) / 3 * 4)

/* Writes MZ_BASE64_SIZE(size) characters, without a NUL. */
void mz_base64_encode(const char *data, size_t size, char *out);
/* The bytes of the text, in `arena`; false when it is not base64 or memory ran out. */
bool mz_base64_decode(struct mz_arena *arena, struct mizan_slice text,
                      struct mizan_slice *out);

#endif
