/* Dates of the Solar Hijri and the Hijri calendar as ISO 8601 text. */
#ifndef MIZAN_FIGURES_CALENDAR_H
#define MIZAN_FIGURES_CALENDAR_H

#include <stdbool.h>

/* In packs the months of other calendars follow those of the Gregorian one:
 * 13 to 24 Farvardin to Esfand, 25 to 36 Muharram to Dhu al-Hijja. */
enum { CALENDAR_GREGORIAN, CALENDAR_SOLAR_HIJRI, CALENDAR_HIJRI };

/* The calendar of a pack's month, and the month in it, 1 to 12. */
int calendar_of_month(int month, int *within);

/* Writes the days that a date covers: one date, or `first/last` where day (0) or month
 * and day (0) are not given. Solar Hijri dates are exact for the years 1178 to 1633,
 * the Hijri ones are those of the tabular calendar, which the sighted moon may miss by
 * a day. False if there is no such date. */
bool calendar_text(char out[40], int calendar, int year, int month, int day);

/* Writes `--MM-DD`: the day of a Solar Hijri month in most years. False for Hijri
 * dates, which wander through the year. */
bool calendar_yearless(char out[40], int calendar, int month, int day);

#endif
