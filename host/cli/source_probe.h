/* `mizan source probe`: what an address gives, and which stage would read it. */
#ifndef MIZAN_CLI_SOURCE_PROBE_H
#define MIZAN_CLI_SOURCE_PROBE_H

#include "cli/command.h"

/* Asks the address once, and its host for robots.txt; prints what was found and a stage
 * to begin with. The exit status. */
int mz_source_probe(const struct mz_arguments *arguments, const char *url);

#endif
