#include "cli/calendar.h"

#include <string.h>

static const char *const weekday_names[] = {"Sun", "Mon", "Tue", "Wed",
                                            "Thu", "Fri", "Sat"};

/* One way to match: weekdays AND days of the month. */
struct way {
    uint32_t weekdays;   /* 0: any */
    uint32_t days;       /* 0: any */
    const char *written; /* the days as text, in place of `days`; NULL: by the set */
};

struct calendar {
    struct mz_buffer *out;
    const struct mz_cron *cron;
    const char *zone;
};

static void add_set(struct mz_buffer *out, uint64_t set, int least, int most)
{
    bool first = true;
    uint64_t all = 0;
    for (int i = least; i <= most; i++) {
        all |= UINT64_C(1) << i;
    }
    if ((set & all) == all) {
        mz_buffer_byte(out, '*');
        return;
    }
    for (int i = least; i <= most; i++) {
        if ((set >> i & 1U) == 0) {
            continue;
        }
        int end = i;
        while (end < most && (set >> (end + 1) & 1U) != 0) {
            end++;
        }
        mz_buffer_printf(out, "%s%02d", first ? "" : ",", i);
        if (end > i) {
            mz_buffer_printf(out, "..%02d", end);
        }
        first = false;
        i = end;
    }
}

static void add_weekdays(struct mz_buffer *out, uint32_t set)
{
    bool first = true;
    for (int i = 0; i < 7; i++) {
        if ((set >> i & 1U) != 0) {
            mz_buffer_printf(out, "%s%s", first ? "" : ",", weekday_names[i]);
            first = false;
        }
    }
    mz_buffer_text(out, first ? "" : " ");
}

static void add_line(const struct calendar *calendar, const struct way *way)
{
    struct mz_buffer *out = calendar->out;
    mz_buffer_text(out, "OnCalendar=");
    add_weekdays(out, way->weekdays);
    mz_buffer_text(out, "*-");
    add_set(out, calendar->cron->months, 1, 12);
    if (way->written != NULL) {
        mz_buffer_text(out, way->written);
    } else {
        mz_buffer_byte(out, '-');
        add_set(out, way->days == 0 ? UINT64_MAX : way->days, 1, 31);
    }
    mz_buffer_byte(out, ' ');
    add_set(out, calendar->cron->hours, 0, 23);
    mz_buffer_byte(out, ':');
    add_set(out, calendar->cron->minutes, 0, 59);
    mz_buffer_byte(out, ':');
    add_set(out, calendar->cron->seconds, 0, 59);
    mz_buffer_printf(out, " %s\n", calendar->zone);
}

/* The n-th weekday of a month lies in its n-th seven days, the last in its last. */
static void add_weekday_ways(const struct calendar *calendar, uint32_t days)
{
    const struct mz_cron *cron = calendar->cron;
    if (cron->weekdays != 0) {
        add_line(calendar, &(struct way){cron->weekdays, days, NULL});
    }
    for (int n = 0; n < 5; n++) {
        uint32_t week = 0;
        for (int day = 7 * n + 1; day <= 7 * n + 7 && day <= 31; day++) {
            week |= UINT32_C(1) << day;
        }
        week = days == 0 ? week : week & days;
        if (cron->nth[n] != 0 && week != 0) {
            add_line(calendar, &(struct way){cron->nth[n], week, NULL});
        }
    }
    if (cron->last != 0) {
        add_line(calendar, &(struct way){cron->last, 0, "~01..07"});
    }
}

static bool can_be_said(const struct mz_cron *cron)
{
    bool some_weekday = !cron->any_weekday;
    if (cron->every != 0 || cron->near_days != 0 || cron->last_working_day) {
        return false;
    }
    /* Both must match: only where one of the two is a plain set of days. */
    return !(cron->both && some_weekday &&
             (cron->last_day || (cron->last != 0 && !cron->any_day)));
}

bool mz_calendar_lines(struct mz_buffer *out, const struct mz_cron *cron,
                       const char *zone)
{
    const struct calendar calendar = {out, cron, zone};
    if (!can_be_said(cron)) {
        return false;
    }
    if (cron->any_day && cron->any_weekday) {
        add_line(&calendar, &(struct way){0, 0, NULL});
        return true;
    }
    if (cron->both && !cron->any_day && !cron->any_weekday) {
        add_weekday_ways(&calendar, cron->days);
        return true;
    }
    if (!cron->any_day && cron->days != 0) {
        add_line(&calendar, &(struct way){0, cron->days, NULL});
    }
    if (!cron->any_day && cron->last_day) {
        add_line(&calendar, &(struct way){0, 0, "~01"});
    }
    if (!cron->any_weekday) {
        add_weekday_ways(&calendar, 0);
    }
    return true;
}
