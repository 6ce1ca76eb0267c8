/* Cron expressions: reading them, and the instants they name in a time zone. There is
 * no clock in here: time is a value that goes in, so a test runs a year in a second.
 * The rules are those of docs/scheduling.md. Times are seconds since
 * 1970-01-01T00:00:00Z, from MZ_SECOND_LEAST to MZ_SECOND_MOST. */
#ifndef MIZAN_CRON_CRON_H
#define MIZAN_CRON_CRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cron/zone.h"

#define MZ_CRON_TEXT 512 /* bytes of the longest expression */

/* An expression that was read: a plain value, to be copied at will. Bit n of a set is
 * the value n; Sunday is bit 0. */
struct mz_cron {
    uint64_t seconds, minutes;
    uint32_t hours, months;
    uint32_t days;         /* of the month */
    uint32_t near_days;    /* nW: the weekday nearest to day n */
    uint32_t weekdays;     /* every one of the month */
    uint32_t nth[5];       /* d#n: nth[n - 1] holds the weekdays */
    uint32_t last;         /* d#L: the last of the month */
    bool last_day;         /* L */
    bool last_working_day; /* LW */
    bool any_day, any_weekday;
    bool both;      /* '+': day and weekday must both match */
    bool wall;      /* the minute or the hour begins with '*' */
    bool hashed;    /* H was used */
    int64_t every;  /* seconds of @every; 0: the fields above */
    int64_t anchor; /* @every counts from here; 0, and the caller may set it */
};

/* Reads an expression. `id` is what H is drawn from, a pipeline's name (NULL: none).
 * MZ_CONFIGURATION when it is refused: the error's column (from 1) and width are bytes
 * of `text`, its message says what was expected, its help what to write instead. */
MZ_NODISCARD enum mz_code mz_cron_parse(const char *text, const char *id,
                                        struct mz_cron *out, struct mz_error *error);

enum mz_cron_note {
    /* The wall clock skipped the time that was meant: this is the first instant behind
     * the gap. */
    MZ_CRON_GAP_MOVED = 1,
    /* The wall clock shows this time twice: this is the first of the two. */
    MZ_CRON_OVERLAP_FIRST = 2
};

struct mz_tick {
    int64_t time;
    int64_t offset; /* of the zone at that time, seconds east of UTC */
    unsigned notes; /* of enum mz_cron_note */
    int64_t missed; /* MZ_CRON_GAP_MOVED: the wall clock's time that did not exist */
};

/* The first tick after `time`, the last one before it. False when there is none within
 * the limits of time. */
bool mz_cron_next(const struct mz_cron *cron, const struct mz_zone *zone, int64_t time,
                  struct mz_tick *out);
bool mz_cron_previous(const struct mz_cron *cron, const struct mz_zone *zone,
                      int64_t time, struct mz_tick *out);

#endif
