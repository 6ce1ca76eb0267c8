/* Counters of a run, by group and name: documents, records by type, drops by reason,
 * causes of failure, what plugins count. Thread-safe. A group has at most
 * MZ_COUNT_NAMES names, others are counted as "(others)"; a long name is cut. */
#ifndef MIZAN_RUN_COUNTS_H
#define MIZAN_RUN_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define MZ_COUNT_NAMES 1000
#define MZ_COUNT_BYTES 512

struct mz_counts;

struct mz_counts *mz_counts_create(void); /* NULL when out of memory */
void mz_counts_destroy(struct mz_counts *counts);
/* Out of memory loses the count, never the run. */
void mz_counts_add(struct mz_counts *counts, const char *group, const char *name,
                   int64_t delta);
/* What the plugin of a stage counts: "STAGE.NAME" in the group "plugins". */
void mz_counts_add_for_plugin(struct mz_counts *counts, const char *stage,
                              const char *name, int64_t delta);
/* Adds what `from` has, in its order; nobody adds to `from` meanwhile. */
void mz_counts_merge(struct mz_counts *counts, const struct mz_counts *from);
int64_t mz_counts_get(struct mz_counts *counts, const char *group, const char *name);
/* One JSON object: a group is an object, the group "documents" stands at the top. */
void mz_counts_json(struct mz_counts *counts, struct mz_buffer *out);

struct mz_count {
    const char *name; /* valid until the counts are destroyed */
    int64_t value;
};
/* The largest of a group, in falling order; returns how many. */
size_t mz_counts_largest(struct mz_counts *counts, const char *group,
                         struct mz_count *out, size_t most);

#endif
