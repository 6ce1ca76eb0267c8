/* One instance of fetch.file, and what its two ways to fetch share. */
#ifndef FETCH_FILE_PARTS_H
#define FETCH_FILE_PARTS_H

#include "fetch_file.h"
#include "file_drop.h"
#include "mizan/plugin.h"

#define FETCH_FILE_EXPLANATION 4400 /* bytes: a path and a reason */

struct fetch_file {
    const struct mizan_host *host;
    const mizan_options *options; /* lives as long as the instance */
    size_t maximum;
    enum file_after after;
    bool trial;     /* a test of the pipeline: files stay where they are */
    char *done;     /* folder, or NULL */
    int64_t settle; /* milliseconds */
    bool pieces;
};

int32_t file_emit(const struct fetch_file *self, mizan_task *task,
                  const mizan_record *source, const char *path,
                  const struct file_content *content);
/* Writes why a file cannot be read; returns the status that it means. */
int32_t fetch_file_explain(const struct fetch_file *self, enum file_status status,
                           const char *path, char out[FETCH_FILE_EXPLANATION]);
/* Reads and unpacks; the caller frees content->data. */
enum file_status fetch_file_content(const struct fetch_file *self, const char *path,
                                    struct file_content *content);
/* One unreadable file among many is counted and does not stop the others. */
int32_t fetch_file_leave_out(const struct fetch_file *self, mizan_task *task,
                             const char *text);
/* fetch_drops.c: the files of a folder that go away once they are stored. */
int32_t fetch_file_drops(const struct fetch_file *self, mizan_task *task,
                         const mizan_record *source, const struct file_list *list);

#endif
