/* Tests of pipelines: what p:run of a test file does. A run goes the way of every run,
 * on a database of its own in a folder that dies with the test. */
#ifndef MIZAN_RUN_PIPELINE_TEST_H
#define MIZAN_RUN_PIPELINE_TEST_H

#include "lua/tester.h"
#include "run/run.h"

struct mz_test_settings {
    const char *const *files; /* test files, or folders that are searched for them */
    size_t file_count;
    const char *filter; /* only cases whose name has it; NULL: all */
    bool update;        /* golden files are written anew */
    bool record;        /* what a cassette lacks is asked of the network and added */
    bool json;          /* an object per case on standard output */
};

/* Each file runs in a watched child; returns the exit status: 1 when a case failed. */
int mz_test(const struct mz_test_settings *settings);

/* pipeline_test.c: the runs of one test file. */
struct mz_pipeline_tester;

/* `folder` is that of the test file, `scratch` one for databases. NULL when out of
 * memory. */
struct mz_pipeline_tester *
mz_pipeline_tester_create(const struct mz_test_settings *settings,
                          struct mz_activity *activity, const char *folder,
                          const char *scratch);
void mz_pipeline_tester_destroy(struct mz_pipeline_tester *tester);
/* The functions for a test file's Lua state; borrowed. */
const struct mz_tester *
mz_pipeline_tester_functions(const struct mz_pipeline_tester *tester);

#endif
