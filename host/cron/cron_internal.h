/* What the files of cron share. */
#ifndef MIZAN_CRON_CRON_INTERNAL_H
#define MIZAN_CRON_CRON_INTERNAL_H

#include "cron/cron.h"

/* A part of the expression, for the caret of an error. */
struct mz_cron_part {
    const char *text;
    size_t size;
};

struct mz_cron_reader {
    const char *text; /* the whole expression */
    const char *id;
    struct mz_cron *cron;
    struct mz_error *error; /* never NULL */
};

enum mz_cron_field {
    MZ_CRON_SECOND,
    MZ_CRON_MINUTE,
    MZ_CRON_HOUR,
    MZ_CRON_DAY,
    MZ_CRON_MONTH,
    MZ_CRON_WEEKDAY,
    MZ_CRON_FIELDS
};

/* Fails with the part marked. */
enum mz_code mz_cron_refuse(const struct mz_cron_reader *reader,
                            struct mz_cron_part part, const char *format, ...)
    MZ_PRINTF(3, 4);
/* Reads one field into reader->cron. */
MZ_NODISCARD enum mz_code mz_cron_read_field(const struct mz_cron_reader *reader,
                                             enum mz_cron_field field,
                                             struct mz_cron_part part);
/* The days of a month that match, bit n is day n: a month of `length` days whose first
 * day is the weekday `first`. The month itself is not asked for. */
uint32_t mz_cron_days(const struct mz_cron *cron, int first, int length);
/* Whether any date of the calendar matches. */
bool mz_cron_ever(const struct mz_cron *cron);
/* The first match of the wall clock in [from, end), the last one in [start, to]; wall
 * times are counted like UTC's. */
bool mz_cron_wall_next(const struct mz_cron *cron, int64_t from, int64_t end,
                       int64_t *out);
bool mz_cron_wall_previous(const struct mz_cron *cron, int64_t to, int64_t start,
                           int64_t *out);

#endif
