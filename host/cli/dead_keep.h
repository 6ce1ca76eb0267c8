/* `mizan dead keep`: a dead letter becomes a file and a failing test beside its
 * pipeline. */
#ifndef MIZAN_CLI_DEAD_KEEP_H
#define MIZAN_CLI_DEAD_KEEP_H

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"

/* `letter` is a row of mz_dead_letter_get, `body` its bytes, `pipeline` the file of its
 * pipeline. Writes data/dead-ID.EXT and adds a case to NAME_test.lua, both beside the
 * pipeline, and prints their names. A letter that was kept before is MZ_USAGE. */
MZ_NODISCARD enum mz_code mz_dead_keep(const struct mizan_value *letter,
                                       struct mizan_slice body, const char *pipeline,
                                       struct mz_error *error);

#endif
