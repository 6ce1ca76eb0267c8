/* What the files of the zones share. */
#ifndef MIZAN_CRON_ZONE_INTERNAL_H
#define MIZAN_CRON_ZONE_INTERNAL_H

#include "cron/zone.h"

enum mz_rule_day {
    MZ_DAY_WEEKDAY, /* Mm.w.d */
    MZ_DAY_JULIAN,  /* Jn: 1 to 365, 29 February never counts */
    MZ_DAY_COUNT    /* n: 0 to 365 */
};

struct mz_rule_date {
    enum mz_rule_day kind;
    int month, week, weekday, day;
    int64_t time; /* of the wall clock before the change, from midnight */
};

/* A POSIX TZ text: what holds after the last listed change. */
struct mz_zone_rule {
    int64_t standard, summer; /* offsets east of UTC */
    bool has_summer;
    struct mz_rule_date begin, end;
};

struct mz_zone {
    const char *name;
    size_t count;           /* changes */
    const int64_t *times;   /* ascending */
    const int64_t *offsets; /* from each change on */
    int64_t first;          /* offset before the first change */
    bool has_rule;
    struct mz_zone_rule rule;
};

/* False when the text is no POSIX TZ. */
bool mz_zone_rule_parse(const char *text, size_t size, struct mz_zone_rule *rule);
void mz_zone_rule_span(const struct mz_zone_rule *rule, int64_t time,
                       struct mz_zone_span *out);
/* The existing name nearest to one that does not exist, or false. */
bool mz_zone_nearest(const char *folder, const char *name, char out[MZ_ZONE_NAME]);

#endif
