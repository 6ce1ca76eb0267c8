/* The parts of fetch.file. */
#ifndef FETCH_FILE_H
#define FETCH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The files that a path means: itself, the files of a folder (not those of folders in
 * it, not hidden ones), or what a pattern with * ? [ ] matches; sorted by name. */
struct file_list {
    char **paths;
    size_t count;
    bool from_many; /* a folder or pattern, not one named file */
};

enum file_status {
    FILE_OK,
    FILE_ABSENT,      /* no such file, or nothing matches */
    FILE_NOT_REGULAR, /* a folder, device, pipe … */
    FILE_TOO_LARGE,
    FILE_BOMB,    /* unpacks to far more than its size */
    FILE_DAMAGED, /* cannot be unpacked */
    FILE_NO_MEMORY,
    FILE_ERROR /* errno says why */
};

/* `list` is empty after a failure. */
enum file_status file_list_make(const char *path, struct file_list *list);
void file_list_finish(struct file_list *list);

struct file_content {
    char *data; /* malloc'ed */
    size_t size;
    int64_t modified; /* milliseconds since 1970 */
};

/* Reads the whole of a regular file; never waits for a pipe or device. */
enum file_status file_read(const char *path, size_t most, struct file_content *content);

/* The same without its bytes: of a regular file that can be read, when it changed. */
enum file_status file_look(const char *path, struct file_content *content);

/* file://… of an absolute path, bytes that an address cannot hold as %XX. malloc'ed, or
 * NULL when out of memory. */
char *file_address(const char *path);
/* By the ending of the name; application/octet-stream when it is not known. */
const char *file_media_type(const char *path);

#endif
