/* Files: whole reads with a cap, atomic writes, paths. */
#ifndef MIZAN_BASE_FILE_H
#define MIZAN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Reads the whole file; *data is malloc'ed, NUL-terminated, the caller's. A file over
 * `most` bytes is MZ_INPUT, a missing one MZ_NO_FILE, a folder MZ_INPUT. */
MZ_NODISCARD enum mz_code mz_file_read(const char *path, size_t most, char **data,
                                       size_t *size, struct mz_error *error);
/* Writes beside it, syncs, renames, syncs the folder: whole or not at all. */
MZ_NODISCARD enum mz_code mz_file_write(const char *path, const void *data, size_t size,
                                        struct mz_error *error);
bool mz_file_exists(const char *path);
/* Makes the folder and those above it, mode 0700 for new ones. */
MZ_NODISCARD enum mz_code mz_folder_create(const char *path, struct mz_error *error);

#define MZ_PATH 4096
/* Joins folder and name unless the name is absolute; false when it does not fit. */
bool mz_path_join(char out[MZ_PATH], const char *folder, const char *name);
/* The folder part of a path ("." when it has none). */
void mz_path_folder(char out[MZ_PATH], const char *path);
const char *mz_path_name(const char *path);
/* The folder of the running program, found through /proc/self/exe. */
bool mz_program_folder(char out[MZ_PATH]);

#endif
