#include "cron/zone_internal.h"

#include <string.h>

#include "base/clock.h"

#define HEADER 44
/* Of real zones none has 300; the searches go through them one by one. */
#define MOST_CHANGES 4096

/* The counts of a TZif header (RFC 9636, section 3.1). */
struct counts {
    size_t utc, standard, leap, time, type, text;
};

struct file {
    const unsigned char *at;
    size_t left;
    const char *name;
    struct mz_arena *arena;
    struct mz_error *error;
};

static enum mz_code damaged(const struct file *file, const char *what)
{
    enum mz_code code =
        mz_fail(file->error, MZ_INPUT, "the file of time zone %s %s", file->name, what);
    mz_error_help(file->error, "install the package tzdata again");
    return code;
}

static uint32_t read_32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t read_64(const unsigned char *at)
{
    return (int64_t)((uint64_t)read_32(at) << 32 | read_32(at + 4));
}

static void skip(struct file *file, size_t size)
{
    file->at += size;
    file->left -= size;
}

static enum mz_code read_header(struct file *file, struct counts *counts)
{
    const unsigned char *at = file->at;
    *counts = (struct counts){0};
    if (file->left < HEADER || memcmp(at, "TZif", 4) != 0) {
        return damaged(file, "is no zone file: it does not begin with TZif");
    }
    if (at[4] < '2') {
        return damaged(file, "is of version 1, which ends in 2038");
    }
    counts->utc = read_32(at + 20);
    counts->standard = read_32(at + 24);
    counts->leap = read_32(at + 28);
    counts->time = read_32(at + 32);
    counts->type = read_32(at + 36);
    counts->text = read_32(at + 40);
    skip(file, HEADER);
    return MZ_OK;
}

/* Bytes of the block behind a header; each count has 32 bits, so nothing overflows. */
static uint64_t block_size(const struct counts *counts, uint64_t width)
{
    return counts->time * (width + 1) + (uint64_t)counts->type * 6 + counts->text +
           counts->leap * (width + 4) + counts->standard + counts->utc;
}

static enum mz_code read_types(struct file *file, const struct counts *counts,
                               const unsigned char *types, int64_t *offsets)
{
    for (size_t i = 0; i < counts->type; i++) {
        offsets[i] = (int32_t)read_32(types + 6 * i);
        if (offsets[i] > MZ_ZONE_OFFSET || offsets[i] < -MZ_ZONE_OFFSET) {
            return damaged(file, "is more than 26 hours away from UTC");
        }
    }
    return MZ_OK;
}

static enum mz_code read_changes(struct file *file, const struct counts *counts,
                                 struct mz_zone *zone)
{
    const unsigned char *indexes = file->at + 8 * counts->time;
    int64_t types[256];
    enum mz_code code = read_types(file, counts, indexes + counts->time, types);
    int64_t *times = mz_arena_alloc(file->arena, (counts->time + 1) * sizeof *times);
    int64_t *offsets =
        mz_arena_alloc(file->arena, (counts->time + 1) * sizeof *offsets);
    if (code != MZ_OK) {
        return code;
    }
    if (times == NULL || offsets == NULL) {
        return mz_fail(file->error, MZ_MEMORY, "not enough memory for a time zone");
    }
    for (size_t i = 0; i < counts->time; i++) {
        times[i] = read_64(file->at + 8 * i);
        if (i > 0 && times[i] <= times[i - 1]) {
            return damaged(file, "has changes that are out of order");
        }
        if (indexes[i] >= counts->type) {
            return damaged(file, "names a kind of time that it does not have");
        }
        offsets[i] = types[indexes[i]];
    }
    zone->count = counts->time;
    zone->times = times;
    zone->offsets = offsets;
    zone->first = types[0];
    return MZ_OK;
}

static enum mz_code read_footer(struct file *file, struct mz_zone *zone)
{
    const char *text = (const char *)file->at + 1;
    const char *end = file->left < 2
                          ? NULL
                          : memchr(text, '\n', file->left - 1); /* after the first */
    if (end == NULL || file->at[0] != '\n') {
        return damaged(file, "ends without its footer");
    }
    if (end == text) {
        return MZ_OK; /* nothing is known of the future: the last change holds */
    }
    if (!mz_zone_rule_parse(text, (size_t)(end - text), &zone->rule)) {
        return damaged(file, "has a footer that cannot be read");
    }
    zone->has_rule = true;
    return MZ_OK;
}

enum mz_code mz_zone_read(const void *data, size_t size, const char *name,
                          struct mz_arena *arena, const struct mz_zone **out,
                          struct mz_error *error)
{
    struct file file = {data, size, name, arena, error};
    struct counts counts;
    enum mz_code code = read_header(&file, &counts);
    *out = NULL;
    if (code != MZ_OK) {
        return code;
    }
    if (block_size(&counts, 4) > file.left) {
        return damaged(&file, "is cut short");
    }
    skip(&file, (size_t)block_size(&counts, 4));
    code = read_header(&file, &counts);
    if (code != MZ_OK) {
        return code;
    }
    if (block_size(&counts, 8) > file.left) {
        return damaged(&file, "is cut short");
    }
    if (counts.type == 0 || counts.type > 256) {
        return damaged(&file, "has no kinds of time, or too many");
    }
    if (counts.time > MOST_CHANGES) {
        return damaged(&file, "has more changes than any place ever made");
    }
    if (counts.leap > 0) {
        return damaged(&file, "counts leap seconds, which UTC times do not");
    }
    struct mz_zone *zone = mz_arena_zero(arena, sizeof *zone);
    if (zone == NULL || (zone->name = mz_arena_string(arena, name)) == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a time zone");
    }
    code = read_changes(&file, &counts, zone);
    if (code == MZ_OK) {
        skip(&file, (size_t)block_size(&counts, 8));
        code = read_footer(&file, zone);
    }
    if (code == MZ_OK) {
        *out = zone;
    }
    return code;
}

const char *mz_zone_name(const struct mz_zone *zone)
{
    return zone->name;
}

void mz_zone_span_at(const struct mz_zone *zone, int64_t time, struct mz_zone_span *out)
{
    size_t low = 0;
    size_t high = zone->count;
    while (low < high) { /* the number of changes at or before the time */
        size_t middle = low + (high - low) / 2;
        if (zone->times[middle] <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == zone->count && zone->has_rule) {
        mz_zone_rule_span(&zone->rule, time, out);
        if (low > 0 && out->start < zone->times[low - 1]) {
            out->start = zone->times[low - 1];
        }
        return;
    }
    out->start = low == 0 ? INT64_MIN / 4 : zone->times[low - 1];
    out->end = low == zone->count ? INT64_MAX / 4 : zone->times[low];
    out->offset = low == 0 ? zone->first : zone->offsets[low - 1];
}
