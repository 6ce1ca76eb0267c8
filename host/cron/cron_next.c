/* Ticks in a zone. A zone is a row of spans, each with one distance from UTC; in each
 * the wall clock runs evenly. Between two of them it jumps:
 * - An expression whose minute or hour begins with '*' follows the wall clock: what it
 *   skips is not run, what it shows twice is run twice.
 * - Any other is of fixed times: each is run once. What lies in a gap of three hours at
 *   most is run at the gap's end, once; what is shown twice is run the first time. */
#include "cron/cron_internal.h"

#define MOST_GAP INT64_C(10800)
/* How long a span can matter to those behind it: the greatest jump there can be. */
#define REACH (2 * MZ_ZONE_OFFSET)

static int64_t wall_start(const struct mz_zone_span *span)
{
    return span->start + span->offset;
}

static int64_t wall_end(const struct mz_zone_span *span)
{
    return span->end + span->offset;
}

static bool is_first(const struct mz_zone_span *span)
{
    return span->start <= MZ_SECOND_LEAST;
}

static bool is_last(const struct mz_zone_span *span)
{
    return span->end > MZ_SECOND_MOST;
}

/* The wall clock's time up to which all was shown before the span began. */
static int64_t shown_before(const struct mz_zone *zone, const struct mz_zone_span *span)
{
    struct mz_zone_span before = *span;
    int64_t shown = INT64_MIN / 2;
    while (!is_first(&before) && before.start > span->start - REACH) {
        mz_zone_span_at(zone, before.start - 1, &before);
        shown = wall_end(&before) > shown ? wall_end(&before) : shown;
    }
    return shown;
}

/* Whether the wall clock will show the time again after the span. */
static bool shown_again(const struct mz_zone *zone, const struct mz_zone_span *span,
                        int64_t wall)
{
    struct mz_zone_span after = *span;
    while (!is_last(&after) && after.end < span->end + REACH) {
        if (wall < wall_end(span) - REACH) {
            return false;
        }
        mz_zone_span_at(zone, after.end, &after);
        if (wall_start(&after) <= wall && wall < wall_end(&after)) {
            return true;
        }
    }
    return false;
}

/* Whether a fixed time was lost in the gap that ends where the span begins. */
static bool moved_here(const struct mz_cron *cron, const struct mz_zone_span *span,
                       int64_t shown, int64_t *missed)
{
    return !is_first(span) && wall_start(span) > shown &&
           wall_start(span) - shown <= MOST_GAP &&
           mz_cron_wall_next(cron, shown, wall_start(span), missed);
}

static bool set_tick(const struct mz_cron *cron, const struct mz_zone *zone,
                     const struct mz_zone_span *span, int64_t wall, struct mz_tick *out)
{
    *out = (struct mz_tick){.time = wall - span->offset, .offset = span->offset};
    if (!cron->wall && shown_again(zone, span, wall)) {
        out->notes = MZ_CRON_OVERLAP_FIRST;
    }
    return out->time >= MZ_SECOND_LEAST && out->time <= MZ_SECOND_MOST;
}

static bool set_moved(const struct mz_zone_span *span, int64_t missed,
                      struct mz_tick *out)
{
    *out = (struct mz_tick){.time = span->start,
                            .offset = span->offset,
                            .notes = MZ_CRON_GAP_MOVED,
                            .missed = missed};
    return true;
}

/* The multiple of @every that is `steps` away from the last one at or before `time`. */
static bool every_tick(const struct mz_cron *cron, const struct mz_zone *zone,
                       int64_t time, int64_t steps, struct mz_tick *out)
{
    struct mz_zone_span span;
    int64_t since = time - cron->anchor;
    int64_t count = since / cron->every - (since % cron->every < 0 ? 1 : 0);
    int64_t tick = cron->anchor + (count + steps) * cron->every;
    mz_zone_span_at(zone, tick, &span);
    *out = (struct mz_tick){.time = tick, .offset = span.offset};
    return tick >= MZ_SECOND_LEAST && tick <= MZ_SECOND_MOST;
}

bool mz_cron_next(const struct mz_cron *cron, const struct mz_zone *zone, int64_t time,
                  struct mz_tick *out)
{
    struct mz_zone_span span;
    int64_t wall = 0;
    int64_t missed = 0;
    time = time < MZ_SECOND_LEAST - 1 ? MZ_SECOND_LEAST - 1 : time;
    if (time >= MZ_SECOND_MOST) {
        return false;
    }
    if (cron->every > 0) {
        return every_tick(cron, zone, time, 1, out);
    }
    mz_zone_span_at(zone, time + 1, &span);
    for (int64_t from = time + 1;; from = span.start) {
        int64_t first = from + span.offset;
        int64_t end =
            is_last(&span) ? MZ_SECOND_MOST + 1 + span.offset : wall_end(&span);
        bool moved = false;
        if (!cron->wall) {
            int64_t shown = shown_before(zone, &span);
            moved = from == span.start && moved_here(cron, &span, shown, &missed);
            first = first < shown ? shown : first;
        }
        bool found = mz_cron_wall_next(cron, first, end, &wall);
        if (moved && !(found && wall == first)) {
            return set_moved(&span, missed, out);
        }
        if (found) {
            return set_tick(cron, zone, &span, wall, out);
        }
        if (is_last(&span)) {
            return false;
        }
        mz_zone_span_at(zone, span.end, &span);
    }
}

bool mz_cron_previous(const struct mz_cron *cron, const struct mz_zone *zone,
                      int64_t time, struct mz_tick *out)
{
    struct mz_zone_span span;
    int64_t wall = 0;
    int64_t missed = 0;
    time = time > MZ_SECOND_MOST + 1 ? MZ_SECOND_MOST + 1 : time;
    if (time <= MZ_SECOND_LEAST) {
        return false;
    }
    if (cron->every > 0) {
        return every_tick(cron, zone, time - 1, 0, out);
    }
    mz_zone_span_at(zone, time - 1, &span);
    for (int64_t to = time - 1;; to = span.end - 1) {
        int64_t last = to + span.offset;
        int64_t start =
            is_first(&span) ? MZ_SECOND_LEAST + span.offset : wall_start(&span);
        bool moved = false;
        if (!cron->wall) {
            int64_t shown = shown_before(zone, &span);
            moved = moved_here(cron, &span, shown, &missed);
            start = start < shown ? shown : start;
        }
        if (mz_cron_wall_previous(cron, last, start, &wall)) {
            return set_tick(cron, zone, &span, wall, out);
        }
        if (moved) {
            return set_moved(&span, missed, out);
        }
        if (is_first(&span)) {
            return false;
        }
        mz_zone_span_at(zone, span.start - 1, &span);
    }
}
