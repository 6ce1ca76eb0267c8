/* Time as a value: the wall clock can be replaced, so that tests run a year in a
 * second. Timeouts use the monotonic clock, always real. */
#ifndef MIZAN_BASE_CLOCK_H
#define MIZAN_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t mz_clock_now(void);
/* Milliseconds since an arbitrary start. */
int64_t mz_clock_monotonic(void);
/* From now on the wall clock stands at `now`; a negative value gives the real one back.
 * MIZAN_NOW (ISO 8601) in the environment does the same at mz_clock_setup. */
void mz_clock_set(int64_t now);
void mz_clock_setup(void);
bool mz_clock_stands(void);

#define MZ_TIME_TEXT 32
/* YYYY-MM-DDTHH:MM:SSZ, seconds cut down. `out` has MZ_TIME_TEXT bytes. */
const char *mz_time_format(int64_t time, char *out);
/* ISO 8601 and RFC 3339 (`2025-09-03`, `2025-09-03T10:00Z`, `…+03:00`, fraction kept to
 * milliseconds); a time without zone is UTC. */
bool mz_time_parse(const char *text, size_t size, int64_t *time);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t mz_days_from_date(int year, int month, int day);
void mz_date_from_days(int64_t days, int *year, int *month, int *day);

#endif
