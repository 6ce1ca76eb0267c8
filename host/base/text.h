/* Text helpers: UTF-8, units of duration, size and rate, nearest names, wrapping. */
#ifndef MIZAN_BASE_TEXT_H
#define MIZAN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the valid UTF-8 sequence at `data` (1 to 4), or 0 when it is invalid or cut
 * short. `code_point` may be NULL. Overlong forms and surrogates are invalid. */
size_t mz_utf8_decode(const char *data, size_t size, uint32_t *code_point);
/* Writes 1 to 4 bytes to `out`; returns how many. */
size_t mz_utf8_encode(uint32_t code_point, char out[4]);
bool mz_utf8_valid(const char *data, size_t size);
/* Columns that a terminal uses for the text: wide East Asian 2, combining and
 * directional marks 0. */
size_t mz_utf8_width(const char *data, size_t size);

/* "500ms", "90s", "5m", "2h", "7d" to milliseconds; "64k", "16M", "1G" (powers of 1024)
 * to bytes; "1/2s", "5/1m" to milliseconds between two. False when it is none of them.
 */
bool mz_parse_duration(const char *text, int64_t *milliseconds);
bool mz_parse_size(const char *text, int64_t *bytes);
bool mz_parse_rate(const char *text, int64_t *milliseconds);
/* A whole decimal integer, nothing else around it. */
bool mz_parse_integer(const char *text, int64_t *value);

/* The candidate nearest to `word` by edit distance (transpositions count one), or NULL
 * when none is near enough to be meant: at most a third of the word's length, and at
 * least 1 edit is always allowed. */
const char *mz_nearest(const char *word, const char *const *candidates, size_t count);

bool mz_starts_with(const char *text, const char *prefix);
bool mz_ends_with(const char *text, const char *suffix);

#endif
