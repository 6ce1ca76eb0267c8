/* What a cell means: text, unless it is surely a number or a time. */
#ifndef EXTRACT_CSV_TYPING_H
#define EXTRACT_CSV_TYPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT 64 /* bytes of a number, at most */

enum cell_type { TYPE_TEXT, TYPE_NUMBER, TYPE_TIME, TYPE_BOOLEAN };

/* A number with this decimal mark, as JSON writes it, into `out` of NUMBER_TEXT bytes;
 * returns the size, 0 when it is none. `strict`: neither a plus, nor a leading zero,
 * nor groups of three but beside a decimal mark: what could be a code is none. */
size_t number_of(const char *data, size_t size, char mark, bool strict, char *out);
/* ISO 8601: a date, or a date and a time with its zone (which `strict` asks for). */
bool time_of(const char *data, size_t size, bool strict, int64_t *out);
/* true, false, yes, no, 1, 0 in any case. */
bool boolean_of(const char *data, size_t size, bool *out);

#endif
