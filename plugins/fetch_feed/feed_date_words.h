/* Dates in the words of other languages, made ones that can be read: digits of other
 * scripts become ASCII, names of months English, names of weekdays go. */
#ifndef FEED_DATE_WORDS_H
#define FEED_DATE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define FEED_DATE_MOST 300 /* bytes of a date, and its NUL */

/* True when something had to be changed; `out` has FEED_DATE_MOST bytes. */
bool feed_date_translate(const char *text, char *out);

#endif
