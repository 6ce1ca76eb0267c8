/* Calls a function in a child process of its own, for code that is not trusted yet:
 * whatever it does to its process, the caller only learns how it ended. */
#ifndef MIZAN_PLUG_PROBE_H
#define MIZAN_PLUG_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef void (*mz_probe_function)(void *argument, void *result);

/* `result` (`size` bytes) goes to the child as it is and comes back as the child left
 * it, also when the child died: what it wrote before then is there. MZ_PLUGIN_CRASHED
 * or MZ_DEADLINE (`limit` milliseconds) with a sentence that names the call at fault.
 * What the child writes to standard output is flushed; it never returns from here. The
 * caller must have no other threads. */
MZ_NODISCARD enum mz_code mz_probe(mz_probe_function function, void *argument,
                                   void *result, size_t size, int64_t limit,
                                   struct mz_error *error);

#endif
