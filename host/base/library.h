/* Shared libraries of Debian's that are opened when something first needs them, so that
 * no other command pays for them at its start: a table of functions filled by name. */
#ifndef MIZAN_BASE_LIBRARY_H
#define MIZAN_BASE_LIBRARY_H

#include <stddef.h>

#include "base/error.h"

/* Where a symbol's address goes in the caller's table. */
struct mz_symbol {
    const char *name;
    size_t offset;
};

struct mz_library {
    const char *file;    /* as the linker finds it: libpq.so.5 */
    const char *package; /* of Debian, that holds it */
    const char *needed;  /* what needs it, for the sentence: "fetching" */
    const struct mz_symbol *symbols;
    size_t count;
};

/* Fills `table`, or leaves it as it was: MZ_CONFIGURATION with the package to install,
 * or with the symbol that is not there. An opened library stays mapped as long as the
 * process: what it linked in may have handlers that run at exit. */
MZ_NODISCARD enum mz_code mz_library_load(const struct mz_library *library, void *table,
                                          struct mz_error *error);

#endif
