/* Time zones from the system's zoneinfo (TZif version 2 and later, with the POSIX
 * footer), read into values: the process's own zone is never touched. A zone does not
 * change after it was read and may be used by any number of threads. Times here are
 * seconds since 1970-01-01T00:00:00Z. */
#ifndef MIZAN_CRON_ZONE_H
#define MIZAN_CRON_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

#define MZ_ZONE_FOLDER "/usr/share/zoneinfo"
#define MZ_ZONE_NAME   64 /* bytes of the longest name, its NUL included */
/* No zone is further from UTC than these 26 hours (RFC 9636, section 3.2). */
#define MZ_ZONE_OFFSET INT64_C(93600)

/* From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z: what can be asked and answered. */
#define MZ_SECOND_LEAST INT64_C(-62135596800)
#define MZ_SECOND_MOST  INT64_C(253402300799)

struct mz_zone;

/* A stretch of time with one distance from UTC: start <= t < end. The first one of a
 * zone starts before MZ_SECOND_LEAST, the last one ends after MZ_SECOND_MOST. */
struct mz_zone_span {
    int64_t start, end;
    int64_t offset; /* seconds east of UTC: wall clock = time + offset */
};

/* Finds the zone's file under `folder` (NULL: MZ_ZONE_FOLDER). The name is checked
 * before anything is opened: relative, no dots, letters digits _ + - / only; and no
 * file outside the folder is opened, whatever links say. MZ_CONFIGURATION with the
 * nearest name when there is no such zone, MZ_INPUT when its file is damaged. "UTC" is
 * known without a file. The zone lives in the arena. */
MZ_NODISCARD enum mz_code mz_zone_load(const char *folder, const char *name,
                                       struct mz_arena *arena,
                                       const struct mz_zone **out,
                                       struct mz_error *error);
/* The same from the bytes of a file. */
MZ_NODISCARD enum mz_code mz_zone_read(const void *data, size_t size, const char *name,
                                       struct mz_arena *arena,
                                       const struct mz_zone **out,
                                       struct mz_error *error);
const char *mz_zone_name(const struct mz_zone *zone);
/* The stretch that holds `time`; two that follow each other may have one offset. */
void mz_zone_span_at(const struct mz_zone *zone, int64_t time,
                     struct mz_zone_span *out);
/* The release of the zone data ("2025b"), or "" when the system does not say. */
void mz_zone_release(const char *folder, char out[16]);

#endif
