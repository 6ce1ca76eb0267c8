/* Which lines of two texts differ. */
#ifndef MIZAN_CLI_LINE_DIFF_H
#define MIZAN_CLI_LINE_DIFF_H

#include <stdbool.h>

#include "mizan/plugin.h"

/* Calls `line` for each line that only one of the texts has, '-' for `before`, '+' for
 * `after`, in an order that reads. False when memory was refused. */
bool mz_line_diff(struct mizan_slice before, struct mizan_slice after,
                  void (*line)(void *context, char sign, struct mizan_slice text),
                  void *context);

#endif
