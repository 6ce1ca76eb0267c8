/* Values by which an API is asked for what is new: whole numbers and times. */
#ifndef HTTP_CURSOR_H
#define HTTP_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "http_text.h"

/* Below, at or above 0 as `a` comes before, with or after `b`: whole numbers by value,
 * times (ISO 8601, with or without zone) by moment, others by their bytes. */
int http_cursor_compare(const char *a, const char *b);

/* The value less the lag: "10m" of a time, or of a number that counts seconds or, from
 * 100,000,000,000 on, milliseconds; "100" of any number. NULL: as it is. False when the
 * two do not go together. */
bool http_cursor_before(const char *value, const char *lag, struct http_text *out);

/* A lag that can be read: a whole number, or one with ms, s, m, h, d or w. */
bool http_lag_read(const char *lag, int64_t *amount, bool *is_duration);

#endif
