/* `mizan next --batch`: a line {id, expr, tz, from} in, a line {id, next:[…]} out. */
#ifndef MIZAN_CLI_NEXT_BATCH_H
#define MIZAN_CLI_NEXT_BATCH_H

#include <stdint.h>

/* Reads the file ("-": standard input), answers each line with `count` instants or with
 * {id, error}. The exit status: 0, 1 when a line was answered with an error, else what
 * went wrong. */
int mz_next_batch(const char *path, int64_t count);

#endif
