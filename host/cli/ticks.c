#include "cli/ticks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

int64_t mz_seconds(int64_t milliseconds)
{
    return milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);
}

/* "2025-03-30T03:00:00", without a zone: a wall clock has none. */
static void add_wall(struct mz_buffer *out, int64_t wall, char between)
{
    char text[MZ_TIME_TEXT];
    mz_time_format(wall * 1000, text);
    const char *time = strchr(text, 'T'); /* the year may have five digits in here */
    mz_buffer_printf(out, "%.*s%c%.8s", (int)(time - text), text, between, time + 1);
}

/* "+02:00", and the seconds where old local times have some. */
static void add_offset(struct mz_buffer *out, int64_t offset)
{
    int64_t size = llabs(offset);
    mz_buffer_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(size / 3600),
                     (int)(size / 60 % 60));
    if (size % 60 != 0) {
        mz_buffer_printf(out, ":%02d", (int)(size % 60));
    }
}

void mz_ticks_json(struct mz_buffer *out, const struct mz_tick_request *request)
{
    char text[MZ_TIME_TEXT];
    struct mz_tick tick = {.time = request->from};
    mz_buffer_byte(out, '[');
    for (int64_t i = 0; i < request->count; i++) {
        if (!mz_cron_next(request->cron, request->zone, tick.time, &tick)) {
            break;
        }
        mz_buffer_printf(out, "%s\"%s\"", i == 0 ? "" : ",",
                         mz_time_format(tick.time * 1000, text));
    }
    mz_buffer_byte(out, ']');
}

static void add_explained(struct mz_buffer *out, const struct mz_tick *tick)
{
    char text[MZ_TIME_TEXT];
    mz_buffer_printf(out, "{\"time\":\"%s\",\"local\":\"",
                     mz_time_format(tick->time * 1000, text));
    add_wall(out, tick->time + tick->offset, 'T');
    add_offset(out, tick->offset);
    mz_buffer_text(out, "\",\"notes\":[");
    if ((tick->notes & MZ_CRON_GAP_MOVED) != 0) {
        mz_buffer_text(out, "\"GAP-MOVED\"],\"missed\":\"");
        add_wall(out, tick->missed, 'T');
        mz_buffer_text(out, "\"}");
        return;
    }
    mz_buffer_text(
        out, (tick->notes & MZ_CRON_OVERLAP_FIRST) != 0 ? "\"OVERLAP-FIRST\"]}" : "]}");
}

void mz_ticks_explain_json(struct mz_buffer *out, const struct mz_tick_request *request)
{
    struct mz_tick tick = {.time = request->from};
    mz_buffer_byte(out, '[');
    for (int64_t i = 0; i < request->count; i++) {
        if (!mz_cron_next(request->cron, request->zone, tick.time, &tick)) {
            break;
        }
        mz_buffer_text(out, i == 0 ? "" : ",");
        add_explained(out, &tick);
    }
    mz_buffer_byte(out, ']');
}

void mz_ticks_text(struct mz_buffer *out, const struct mz_tick_request *request,
                   const char *margin, bool explain)
{
    char text[MZ_TIME_TEXT];
    struct mz_tick tick = {.time = request->from};
    for (int64_t i = 0; i < request->count; i++) {
        if (!mz_cron_next(request->cron, request->zone, tick.time, &tick)) {
            break;
        }
        int64_t wall = tick.time + tick.offset;
        int64_t day = wall / 86400 - (wall % 86400 < 0 ? 1 : 0);
        mz_buffer_printf(out, "%s%s ", margin, weekdays[((day + 4) % 7 + 7) % 7]);
        add_wall(out, wall, ' ');
        mz_buffer_byte(out, ' ');
        add_offset(out, tick.offset);
        mz_buffer_printf(out, "  %s", mz_time_format(tick.time * 1000, text));
        if (explain && (tick.notes & MZ_CRON_GAP_MOVED) != 0) {
            mz_buffer_text(out, "  GAP-MOVED from ");
            add_wall(out, tick.missed, ' ');
        } else if (explain && (tick.notes & MZ_CRON_OVERLAP_FIRST) != 0) {
            mz_buffer_text(out, "  OVERLAP-FIRST");
        }
        mz_buffer_byte(out, '\n');
    }
}
