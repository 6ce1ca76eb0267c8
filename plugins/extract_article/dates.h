/* Dates as pages state them. */
#ifndef ARTICLE_DATES_H
#define ARTICLE_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "article.h"

/* ISO 8601 (date alone, basic or extended, with or without zone), RFC 822 and 850,
 * asctime, and English forms such as "May 1, 2024 10:05 am". Without a zone the time is
 * taken as UTC, a date alone as its midnight. Impossible dates and years outside 1900
 * to 2199 are refused. */
bool article_parse_date(struct article_slice text, int64_t *milliseconds);
/* The same; `local` tells that a clock was given and no zone. */
bool article_parse_local(struct article_slice text, int64_t *milliseconds, bool *local);

/* Midnight of a day, or false when there is no such day. */
bool article_day(int year, int month, int day, int64_t *milliseconds);

/* A date in the path of an address: /2024/05/01/ or /2024-05-01. */
bool article_date_of_url(struct article_slice url, int64_t *milliseconds);

#endif
