/* Drop folders: files that others put there and that go away once they are stored. */
#ifndef FILE_DROP_H
#define FILE_DROP_H

#include "fetch_file.h"

enum file_after {
    FILE_KEEP, /* left as it is */
    FILE_MOVE, /* to the folder `done` */
    FILE_MARK, /* its name gets ".done" behind it */
    FILE_DELETE
};

/* True for names that are still being written, or were marked: .part, .tmp, .done. */
bool file_is_unfinished(const char *path);

/* What tells whether a file is still being written. */
struct file_stamp {
    int64_t size, modified, changed; /* bytes; nanoseconds since 1970 */
};
/* False when it is gone or is no regular file. */
bool file_stamp_read(const char *path, struct file_stamp *stamp);
bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b);
/* True when its time of change is `settle` milliseconds ago or more. */
bool file_has_settled(const struct file_stamp *stamp, int64_t settle);

/* Does what comes after the commit. A name that is taken in `done` gets a number. A
 * file that is gone is no failure: an interrupted run did it. FILE_ERROR leaves errno.
 */
enum file_status file_finish(const char *path, enum file_after after, const char *done);

#endif
