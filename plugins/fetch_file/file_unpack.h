/* Files that others packed: gzip (several members too) and zstd, by the ending of the
 * name. */
#ifndef FILE_UNPACK_H
#define FILE_UNPACK_H

#include "fetch_file.h"

/* The length of the name without ".gz" or ".zst"; the whole of it when it has neither.
 */
size_t file_bare_length(const char *path);
/* Replaces packed content by what is in it, up to `most` bytes and 200 times its size
 * once that is more than a mebibyte. The content is freed and empty after a failure:
 * FILE_TOO_LARGE, FILE_BOMB, FILE_DAMAGED, FILE_NO_MEMORY. */
enum file_status file_unpack(const char *path, size_t most,
                             struct file_content *content);

#endif
