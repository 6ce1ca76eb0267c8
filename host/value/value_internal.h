/* What the files of value share. */
#ifndef MIZAN_VALUE_INTERNAL_H
#define MIZAN_VALUE_INTERNAL_H

#include "value/record.h"

/* mz_value_copy with the reason: MIZAN_OK, MIZAN_ERROR_MEMORY, MIZAN_ERROR_LIMIT
 * (depth) or MIZAN_ERROR_UNSUPPORTED (a type that plugin.h does not know). */
int32_t mz_value_clone(struct mz_arena *arena, const struct mizan_value *value,
                       struct mizan_value *out);
/* The shortest text that reads back as the same finite double. */
#define MZ_DOUBLE_TEXT 32
size_t mz_double_text(double value, char out[MZ_DOUBLE_TEXT]);

#endif
