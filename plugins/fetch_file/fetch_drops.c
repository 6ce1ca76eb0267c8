/* Drop folders: files that go away once their document is committed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fetch_file_parts.h"

#define KEY  40 /* bytes of a key of state: "done:" and a hash */
#define WAIT 50 /* milliseconds between looks at the stop signal */

/* One file of a drop folder during a visit. */
struct drop {
    struct file_stamp stamp;
    char key[KEY]; /* of its state, once it was read; empty before */
};

static int32_t finish_drop(const struct fetch_file *self, mizan_task *task,
                           const char *path)
{
    enum file_status status =
        file_finish(path, self->trial ? FILE_KEEP : self->after, self->done);
    char text[FETCH_FILE_EXPLANATION];
    if (status == FILE_OK) {
        self->host->count(task, "finished_files", 1);
        return MIZAN_OK;
    }
    (void)fetch_file_explain(self, status, path, text);
    self->host->log(task, MIZAN_LOG_WARNING,
                    "%s; it is stored, and this is tried again by the next run", text);
    self->host->count(task, "unfinished_files", 1);
    return status == FILE_NO_MEMORY ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

/* Emits the file unless these very bytes were stored before, under whatever name. */
static int32_t take_content(const struct fetch_file *self, mizan_task *task,
                            const mizan_record *source, const char *path,
                            const struct file_content *content, struct drop *drop)
{
    const struct mizan_host *host = self->host;
    const struct mizan_slice bytes = {content->data, content->size};
    struct mizan_slice known = {NULL, 0};
    memcpy(drop->key, "done:", 5);
    int32_t status = host->hash_id(&bytes, 1, drop->key + 5);
    if (status == MIZAN_OK) {
        status = host->state_get(task, drop->key, &known);
    }
    if (status == MIZAN_OK) {
        status = host->unchanged(task, path);
        drop->key[0] = '\0';
        return status == MIZAN_OK ? finish_drop(self, task, path) : status;
    }
    if (status == MIZAN_ERROR_NOT_FOUND) {
        status =
            host->state_set(task, drop->key, (struct mizan_slice){path, strlen(path)});
    }
    return status == MIZAN_OK ? file_emit(self, task, source, path, content) : status;
}

static int32_t take_drop(const struct fetch_file *self, mizan_task *task,
                         const mizan_record *source, const char *path,
                         struct drop *drop)
{
    struct file_content content;
    struct file_stamp now;
    char text[FETCH_FILE_EXPLANATION];
    enum file_status status = fetch_file_content(self, path, &content);
    int32_t result = fetch_file_explain(self, status, path, text);
    if (status == FILE_ABSENT) {
        return MIZAN_OK; /* somebody took it back */
    }
    if (result != MIZAN_OK) {
        return result == MIZAN_ERROR_MEMORY ? result
                                            : fetch_file_leave_out(self, task, text);
    }
    uint64_t mark = self->host->arena_mark(task);
    if (file_stamp_read(path, &now) && file_stamp_same(&now, &drop->stamp)) {
        result = take_content(self, task, source, path, &content, drop);
    } else {
        self->host->count(task, "unsettled_files", 1);
    }
    self->host->arena_release(task, mark);
    free(content.data);
    return result;
}

static int32_t wait_for_young(const struct fetch_file *self, mizan_task *task)
{
    for (int64_t left = self->settle; left > 0; left -= WAIT) {
        int64_t part = left < WAIT ? left : WAIT;
        struct timespec pause = {.tv_nsec = (long)part * 1000000L};
        if (self->host->cancelled(task)) {
            return MIZAN_ERROR_CANCELLED;
        }
        (void)nanosleep(&pause, NULL);
    }
    return MIZAN_OK;
}

/* The files that did not change for long enough, then, after one wait, the young ones;
 * what is still being written is left for the next run. */
static int32_t take_drops(const struct fetch_file *self, mizan_task *task,
                          const mizan_record *source, const struct file_list *list,
                          struct drop *drops)
{
    bool *young = calloc(list->count + 1, sizeof *young);
    bool any = false;
    int32_t result = young == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    for (size_t i = 0; i < list->count && result == MIZAN_OK; i++) {
        struct drop *drop = &drops[i];
        if (file_is_unfinished(list->paths[i]) ||
            !file_stamp_read(list->paths[i], &drop->stamp)) {
            continue;
        }
        young[i] = !file_has_settled(&drop->stamp, self->settle);
        any = any || young[i];
        if (!young[i]) {
            result = take_drop(self, task, source, list->paths[i], drop);
        }
    }
    if (any && result == MIZAN_OK) {
        result = wait_for_young(self, task);
    }
    for (size_t i = 0; i < list->count && result == MIZAN_OK; i++) {
        if (young[i]) {
            result = take_drop(self, task, source, list->paths[i], &drops[i]);
        }
    }
    free(young);
    return result;
}

/* Asking for the state of a document waits for its commit; without one it stays where
 * it is, and its kept body is tried again by the next run. */
static int32_t finish_drops(const struct fetch_file *self, mizan_task *task,
                            const struct file_list *list, const struct drop *drops)
{
    int32_t result = MIZAN_OK;
    for (size_t i = 0; i < list->count && result == MIZAN_OK; i++) {
        struct mizan_slice known = {NULL, 0};
        if (drops[i].key[0] == '\0') {
            continue;
        }
        result = self->host->state_get(task, drops[i].key, &known);
        if (result == MIZAN_OK) {
            result = finish_drop(self, task, list->paths[i]);
        } else if (result == MIZAN_ERROR_NOT_FOUND) {
            result = MIZAN_OK;
        }
    }
    return result;
}

int32_t fetch_file_drops(const struct fetch_file *self, mizan_task *task,
                         const mizan_record *source, const struct file_list *list)
{
    struct drop *drops = calloc(list->count + 1, sizeof *drops);
    if (drops == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    int32_t result = take_drops(self, task, source, list, drops);
    if (result == MIZAN_OK) {
        result = finish_drops(self, task, list, drops);
    }
    free(drops);
    return result;
}
