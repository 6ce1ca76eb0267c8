/* What a test sees of a run: the records that its last store was given, drops by
 * reason, rejects, errors and counts, gathered while it runs and handed over as one
 * map. */
#ifndef MIZAN_RUN_TEST_RESULT_H
#define MIZAN_RUN_TEST_RESULT_H

#include "run/counts.h"
#include "run/unit.h"

struct mz_test_list {
    struct mizan_value *items;
    size_t count, capacity;
};

struct mz_test_result {
    struct mz_arena *arena;
    size_t last_stage; /* the store whose records count */
    struct mz_test_list records, drops, rejects, errors;
    bool exhausted; /* some of it did not fit into memory */
};

void mz_test_result_init(struct mz_test_result *result, struct mz_arena *arena);
/* A map of the record's fields; `record` is its type, bodies are left out. */
void mz_test_result_record(struct mz_test_result *result,
                           const struct mizan_record *record);
void mz_test_result_verdict(struct mz_test_result *result, const char *stage,
                            enum mz_outcome outcome, const char *reason,
                            const char *place);
/* The map {records, drops, rejects, errors, status, failure, fetched, new, unchanged,
 * rejected, failed}. */
MZ_NODISCARD enum mz_code mz_test_result_finish(struct mz_test_result *result,
                                                struct mz_counts *counts,
                                                const char *status, const char *failure,
                                                struct mizan_value *out,
                                                struct mz_error *error);

#endif
