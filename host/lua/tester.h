/* Test files: Lua that runs pipelines and says what is to come of them. Cases are
 * collected while the file is loaded and run one by one; how a pipeline is run is the
 * host's, given as functions. */
#ifndef MIZAN_LUA_TESTER_H
#define MIZAN_LUA_TESTER_H

#include "lua/state.h"

/* What `require "mizan.test"` calls. Results live until the next call. */
struct mz_tester {
    void *owner;
    /* Runs a pipeline file (relative to the test file) with the options of p:run, a
     * map; `again`: on the database of the run before. `result` becomes a map. */
    enum mz_code (*run)(void *owner, const char *pipeline,
                        const struct mizan_value *options, bool again,
                        struct mizan_value *result, struct mz_error *error);
    /* Rows of a read-only query on the database of the last run. */
    enum mz_code (*rows)(void *owner, const char *sql, struct mizan_value *rows,
                         struct mz_error *error);
    /* Compares a list with a golden file (relative to the test file), a JSON text a
     * line; `difference` becomes NULL or the first line that differs, in words. */
    enum mz_code (*golden)(void *owner, const char *path,
                           const struct mizan_value *list, const char **difference,
                           struct mz_error *error);
};

struct mz_test_case {
    const char *name;
    int line; /* of t.case in the test file */
};

/* Loads a test file in a state that was made with a tester. The cases live as long as
 * `arena`. */
MZ_NODISCARD enum mz_code mz_lua_load_test(struct mz_lua *lua, const char *path,
                                           struct mz_arena *arena,
                                           const struct mz_test_case **cases,
                                           size_t *count, struct mz_error *error);
/* Runs a case with a CPU budget of `milliseconds`; a failure has the place in the test
 * file. What the case hands to the host lies in `arena`. */
MZ_NODISCARD enum mz_code mz_lua_run_case(struct mz_lua *lua, size_t index,
                                          int64_t milliseconds, struct mz_arena *arena,
                                          struct mz_error *error);

#endif
