/* Conformance of a plugin, for its author: every check has a name, runs in a process of
 * its own and ends in a finding and in what to do. `mizan plugin check` prints them. */
#ifndef MIZAN_PLUG_CONFORMANCE_H
#define MIZAN_PLUG_CONFORMANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum mz_verdict { MZ_CHECK_SKIPPED, MZ_CHECK_PASSED, MZ_CHECK_FAILED };

struct mz_finding {
    enum mz_verdict verdict;
    char text[1024];  /* what was seen; empty when there is nothing to say */
    char advice[512]; /* what to do, when failed */
};

struct mz_conformance_settings {
    const char *path;           /* of the plugin's file */
    const char *const *options; /* NAME=VALUE; others get plausible values */
    size_t option_count;
    const char *scratch; /* an empty folder that checks may fill */
    int64_t limit;       /* milliseconds that one check may take, 0: 60 s */
};

/* Checks of the file and of its descriptor come first, in the order in which a run
 * would refuse; the rest needs a plugin that passed them all. */
size_t mz_conformance_count(void);
const char *mz_conformance_name(size_t index);
const char *mz_conformance_about(size_t index); /* one sentence */

/* Fills a finding for each check. */
void mz_conformance_run(const struct mz_conformance_settings *settings,
                        struct mz_finding *findings);

#endif
