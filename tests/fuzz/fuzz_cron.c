/* Expressions come from scripts and from whoever writes to the batch. The input is an
 * expression, a line end, the POSIX text of a zone, a line end and the digits of a
 * time. What is accepted must give ticks that ascend, and that the way back finds
 * again; what is refused must point into the text and advise. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cron/cron.h"

#define TICKS       4
#define LINE        256
#define HEADER_SIZE 44

struct input {
    char expression[2 * MZ_CRON_TEXT], zone[LINE], time[LINE];
};

/* The line at *at, cut to the room; *at moves behind it. */
static void take_line(const uint8_t **at, const uint8_t *end, char *out, size_t room)
{
    const uint8_t *stop = memchr(*at, '\n', (size_t)(end - *at));
    stop = stop == NULL ? end : stop;
    size_t size = (size_t)(stop - *at);
    size = size < room ? size : room - 1;
    memcpy(out, *at, size);
    out[size] = '\0';
    *at = stop == end ? end : stop + 1;
}

/* A zone of nothing but its footer; UTC when the text is none. */
static const struct mz_zone *zone_of(const char *text, struct mz_arena *arena)
{
    unsigned char bytes[2 * (HEADER_SIZE + 7) + LINE + 2] = {0};
    const struct mz_zone *zone = NULL;
    size_t size = 0;
    for (int block = 0; block < 2; block++) {
        memcpy(bytes + size, "TZif3", 5);
        bytes[size + 39] = 1;
        bytes[size + 43] = 1;
        size += HEADER_SIZE + 7;
    }
    int length = snprintf((char *)bytes + size, LINE + 2, "\n%s\n", text);
    if (mz_zone_read(bytes, size + (size_t)length, "Fuzz", arena, &zone, NULL) !=
            MZ_OK &&
        mz_zone_load("/nonexistent", "UTC", arena, &zone, NULL) != MZ_OK) {
        abort();
    }
    return zone;
}

static void check_refusal(const struct input *input, const struct mz_error *error)
{
    int size = (int)strlen(input->expression);
    int last = error->column - 1 + error->width;
    if (error->code != MZ_CONFIGURATION || error->message[0] == '\0' ||
        error->column < 1 || error->width < 1 || last > (size == 0 ? 1 : size)) {
        abort();
    }
}

static void check_ticks(const struct mz_cron *cron, const struct mz_zone *zone,
                        int64_t time)
{
    struct mz_tick ticks[TICKS];
    struct mz_tick back;
    int count = 0;
    for (; count < TICKS; count++) {
        int64_t before = count == 0 ? time : ticks[count - 1].time;
        if (!mz_cron_next(cron, zone, before, &ticks[count])) {
            break;
        }
        if (ticks[count].time <= before || ticks[count].time > MZ_SECOND_MOST) {
            abort();
        }
    }
    for (int i = count - 1; i >= 0; i--) {
        int64_t after = i + 1 < count ? ticks[i + 1].time : ticks[i].time + 1;
        if (!mz_cron_previous(cron, zone, after, &back) || back.time != ticks[i].time ||
            back.notes != ticks[i].notes || back.missed != ticks[i].missed) {
            abort();
        }
    }
    if (count > 0 && mz_cron_previous(cron, zone, ticks[0].time, &back) &&
        back.time > time) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input;
    struct mz_cron cron;
    struct mz_error error;
    const uint8_t *at = data;
    struct mz_arena *arena = mz_arena_create((size_t)1 << 16);
    if (arena == NULL) {
        return 0;
    }
    take_line(&at, data + size, input.expression, sizeof input.expression);
    take_line(&at, data + size, input.zone, sizeof input.zone);
    take_line(&at, data + size, input.time, sizeof input.time);
    if (mz_cron_parse(input.expression, input.zone, &cron, &error) == MZ_OK) {
        check_ticks(&cron, zone_of(input.zone, arena), strtoll(input.time, NULL, 10));
    } else {
        check_refusal(&input, &error);
    }
    mz_arena_destroy(arena);
    return 0;
}
