#include "run/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"

#define PIECE 65536

enum mz_code mz_input_read(const char *path, size_t most, char **data, size_t *size,
                           struct mz_error *error)
{
    if (strcmp(path, "-") != 0) {
        return mz_file_read(path, most, data, size, error);
    }
    struct mz_buffer all;
    char *piece = malloc(PIECE);
    size_t got = piece == NULL ? 0 : PIECE;
    mz_buffer_init(&all, most + 1);
    mz_buffer_add(&all, "", 0);
    while (got == PIECE && mz_buffer_ok(&all)) {
        got = fread(piece, 1, PIECE, stdin);
        mz_buffer_add(&all, piece, got);
    }
    enum mz_code code = MZ_OK;
    if (ferror(stdin)) {
        code = mz_fail_errno(error, MZ_IO, "standard input cannot be read");
    } else if (piece == NULL) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory to read standard input");
    } else if (!mz_buffer_ok(&all) || all.size > most) {
        code = mz_fail(error, MZ_INPUT, "standard input has more than %zu bytes", most);
    } else {
        *data = mz_buffer_take(&all, size);
        code = *data != NULL ? MZ_OK
                             : mz_fail(error, MZ_MEMORY,
                                       "not enough memory to read standard input");
    }
    free(piece);
    mz_buffer_finish(&all);
    return code;
}
