/* Zone files are the system's, but one may be damaged: whatever is accepted must cover
 * all time with spans that follow each other, and ticks must be found in it. */
#include <stdint.h>
#include <stdlib.h>

#include "cron/cron.h"

#define MOST_SPANS 64

static void check_spans(const struct mz_zone *zone, int64_t time)
{
    struct mz_zone_span span;
    mz_zone_span_at(zone, time, &span);
    for (int i = 0; i < MOST_SPANS && span.end <= MZ_SECOND_MOST; i++) {
        struct mz_zone_span next;
        if (span.start >= span.end || llabs(span.offset) > MZ_ZONE_OFFSET) {
            abort();
        }
        mz_zone_span_at(zone, span.end, &next);
        if (next.start != span.end && span.end >= MZ_SECOND_LEAST) {
            abort();
        }
        span = next;
    }
}

static void check_ticks(const struct mz_zone *zone, const char *text, int64_t time)
{
    struct mz_cron cron;
    struct mz_tick tick;
    struct mz_tick back;
    if (mz_cron_parse(text, NULL, &cron, NULL) != MZ_OK) {
        abort();
    }
    for (int i = 0; i < 8 && mz_cron_next(&cron, zone, time, &tick); i++) {
        if (tick.time <= time || !mz_cron_previous(&cron, zone, tick.time + 1, &back) ||
            back.time != tick.time) {
            abort();
        }
        time = tick.time;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t times[] = {MZ_SECOND_LEAST, -1, INT64_C(1700000000),
                                    INT64_C(64060588800), MZ_SECOND_MOST - 86400 * 400};
    struct mz_arena *arena = mz_arena_create((size_t)1 << 20);
    const struct mz_zone *zone = NULL;
    struct mz_error error;
    if (arena == NULL) {
        return 0;
    }
    enum mz_code code = mz_zone_read(data, size, "Fuzz/Zone", arena, &zone, &error);
    if (code == MZ_OK) {
        for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
            check_spans(zone, times[i]);
            check_ticks(zone, "30 2 * * *", times[i]);
            check_ticks(zone, "*/20 0-3 L,15W * *", times[i]);
        }
    } else if (code != MZ_INPUT && code != MZ_MEMORY) {
        abort();
    }
    mz_arena_destroy(arena);
    return 0;
}
