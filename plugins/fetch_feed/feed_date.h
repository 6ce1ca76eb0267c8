/* Dates of feeds, as they are found: RFC 822 and 850, asctime, ISO 8601 and its
 * profiles, with weekdays, zones and seconds missing or wrong, and with names of months
 * and digits of other languages. */
#ifndef FEED_DATE_H
#define FEED_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970; a date without zone is taken as UTC, one without time as
 * midnight. False for what is no date, no day of the calendar, or before 1990, when
 * there were no feeds. */
bool feed_date_parse(const char *text, int64_t *time);

#endif
