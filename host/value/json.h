/* JSON of the host: cJSON reads, a small writer prints exact decimals. */
#ifndef MIZAN_VALUE_JSON_H
#define MIZAN_VALUE_JSON_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "mizan/plugin.h"

/* Text with the quotes, escaped; invalid UTF-8 becomes U+FFFD. */
void mz_json_text(struct mz_buffer *out, const char *data, size_t size);
/* Decimals as numbers, times as ISO text, bytes as base64 text. */
void mz_json_value(struct mz_buffer *out, const struct mizan_value *value);
/* One object with the record's fields in order, without line end; `type` and `locator`
 * are added as "_type" and "_at" when `with_meta`. */
void mz_json_record(struct mz_buffer *out, const struct mizan_record *record,
                    bool with_meta);
/* Reads one JSON text into `arena`. Whole numbers within 64 bits become integers, other
 * numbers decimals read from their own digits, never by way of a double. Depth is
 * MZ_VALUE_DEPTH at most. Errors name the byte offset. */
MZ_NODISCARD enum mz_code mz_json_parse(struct mz_arena *arena, const char *data,
                                        size_t size, struct mizan_value *out,
                                        struct mz_error *error);

#endif
