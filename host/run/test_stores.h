/* Where the stores of a run under test write. */
#ifndef MIZAN_RUN_TEST_STORES_H
#define MIZAN_RUN_TEST_STORES_H

#include "run/run.h"
#include "run/stages.h"

/* Turns each path that an option of a store names into PREFIX.STAGE.NAME, so that no
 * file of the user's is written. To be called between the loading of a pipeline and the
 * opening of its stages. */
MZ_NODISCARD enum mz_code mz_test_stores(const struct mz_loaded *loaded,
                                         const char *prefix, struct mz_error *error);

#endif
