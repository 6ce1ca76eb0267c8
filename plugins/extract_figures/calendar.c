#include "calendar.h"

#include <stdio.h>

/* Days are counted as Julian day numbers. */

int calendar_of_month(int month, int *within)
{
    *within = month < 1 ? 0 : (month - 1) % 12 + 1;
    return month <= 12   ? CALENDAR_GREGORIAN
           : month <= 24 ? CALENDAR_SOLAR_HIJRI
                         : CALENDAR_HIJRI;
}

/* Eight leap years in 33 keep the new year at the equinox. */
static long solar_day(int year, int month, int day)
{
    long before = month <= 7 ? (month - 1) * 31L : (month - 1) * 30L + 6;
    return 1948319L + 365L * (year - 1) + (8L * year + 21) / 33 + before + day;
}

/* Eleven leap years in 30. */
static long hijri_day(int year, int month, int day)
{
    return (11L * year + 3) / 30 + 354L * year + 30L * month - (month - 1) / 2 + day +
           1948440L - 385;
}

static long day_of(int calendar, int year, int month, int day)
{
    return calendar == CALENDAR_SOLAR_HIJRI ? solar_day(year, month, day)
                                            : hijri_day(year, month, day);
}

struct gregorian {
    int year, month, day;
};

/* The proleptic Gregorian date of a Julian day number, by whole cycles of 400 years. */
static struct gregorian from_day(long number)
{
    long days = number - 1721120; /* since the first of March of the year 0 */
    long cycle = days / 146097;
    long of_cycle = days % 146097;
    long year_of =
        (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
    long of_year = of_cycle - (365 * year_of + year_of / 4 - year_of / 100);
    long march_month = (5 * of_year + 2) / 153;
    struct gregorian date;
    date.day = (int)(of_year - (153 * march_month + 2) / 5 + 1);
    date.month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    date.year = (int)(year_of + cycle * 400 + (date.month <= 2));
    return date;
}

static int month_length(int calendar, int year, int month)
{
    int next_year = month == 12 ? year + 1 : year;
    int next = month == 12 ? 1 : month + 1;
    return (int)(day_of(calendar, next_year, next, 1) -
                 day_of(calendar, year, month, 1));
}

bool calendar_text(char out[40], int calendar, int year, int month, int day)
{
    bool known = year >= 1 && year <= 1633 && month >= 0 && month <= 12;
    if (!known || calendar == CALENDAR_GREGORIAN || day < 0 ||
        (month > 0 && day > month_length(calendar, year, month))) {
        return false;
    }
    struct gregorian first =
        from_day(day_of(calendar, year, month ? month : 1, day ? day : 1));
    if (day > 0) {
        snprintf(out, 40, "%04d-%02d-%02d", first.year, first.month, first.day);
        return true;
    }
    long end = month
                   ? day_of(calendar, year, month, month_length(calendar, year, month))
                   : day_of(calendar, year + 1, 1, 1) - 1;
    struct gregorian last = from_day(end);
    snprintf(out, 40, "%04d-%02d-%02d/%04d-%02d-%02d", first.year, first.month,
             first.day, last.year, last.month, last.day);
    return true;
}

bool calendar_yearless(char out[40], int calendar, int month, int day)
{
    enum { COMMON_YEAR = 1402 };
    if (calendar != CALENDAR_SOLAR_HIJRI || month < 1 || month > 12 || day < 1 ||
        day > 31) {
        return false;
    }
    struct gregorian date = from_day(solar_day(COMMON_YEAR, month, day));
    snprintf(out, 40, "--%02d-%02d", date.month, date.day);
    return true;
}
