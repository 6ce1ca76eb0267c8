/* Where the document of a try comes from when it is not its sources: a file, what is
 * stored, a dead letter, an address. */
#ifndef MIZAN_RUN_TRY_INPUT_H
#define MIZAN_RUN_TRY_INPUT_H

#include "run/input.h"
#include "run/run.h"

/* True when the settings name one. */
bool mz_try_has_input(const struct mz_try_settings *settings);
/* Fills `out`, in `arena`. A stored document that was not found is MZ_NOT_FOUND; an
 * address is looked for among the stored documents, or asked for with `live`. */
MZ_NODISCARD enum mz_code mz_try_input(const struct mz_try_settings *settings,
                                       const struct mz_loaded *loaded,
                                       struct mz_arena *arena,
                                       struct mz_given_document *out,
                                       struct mz_error *error);

#endif
