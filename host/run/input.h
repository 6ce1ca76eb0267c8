/* What a command is given to read: a file, or "-" for standard input, which may be a
 * pipe, a terminal or a socket. */
#ifndef MIZAN_RUN_INPUT_H
#define MIZAN_RUN_INPUT_H

#include <stddef.h>

#include "base/error.h"

/* As mz_file_read: *data is malloc'ed, NUL-terminated, the caller's. */
MZ_NODISCARD enum mz_code mz_input_read(const char *path, size_t most, char **data,
                                        size_t *size, struct mz_error *error);

#endif
