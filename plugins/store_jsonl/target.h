/* The file that lines go to: whole units or nothing, one writer at a time. */
#ifndef STORE_JSONL_TARGET_H
#define STORE_JSONL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mizan/plugin.h"

struct target {
    int descriptor;
    bool regular; /* can be cut back and synced */
    char *path;   /* for messages */
};

/* Opens (0600, never through a symbolic link) or, for "-", takes standard output.
 * Without `append` a regular file is emptied. */
int32_t target_open(const struct mizan_host *host, mizan_task *task,
                    struct mizan_slice path, bool append, struct target *target);
void target_close(struct target *target);

/* Appends all of `data` under the file's lock and syncs it. A last line that a crash
 * tore is cut off first, with a warning. On failure the file is as long as before. */
int32_t target_write(const struct mizan_host *host, mizan_task *task,
                     const struct target *target, const char *data, size_t size);

#endif
