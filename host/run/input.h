/* What a command is given to read: a file, or "-" for standard input, which may be a
 * pipe, a terminal or a socket. */
#ifndef MIZAN_RUN_INPUT_H
#define MIZAN_RUN_INPUT_H

#include <stddef.h>

#include "base/error.h"
#include "run/unit.h"

/* As mz_file_read: *data is malloc'ed, NUL-terminated, the caller's. */
MZ_NODISCARD enum mz_code mz_input_read(const char *path, size_t most, char **data,
                                        size_t *size, struct mz_error *error);

/* What a document of that name that begins so is: by its ending, else by its first
 * bytes. `data` ends with a NUL. */
const char *mz_guess_media_type(const char *path, const char *data);

/* A document that is at hand instead of fetched: what is NULL is left out. */
struct mz_given_document {
    struct mizan_slice body;
    const char *url, *media_type, *charset, *lang;
};
/* Makes the unit of it, the caller's; `body` is copied. */
MZ_NODISCARD enum mz_code mz_unit_of_document(const struct mz_given_document *given,
                                              size_t ceiling, struct mz_unit **out,
                                              struct mz_error *error);

#endif
