/* Folders whose files make pipelines or trigger them. After a moment of quiet, what
 * changed is described anew and what arrived is looked at. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "sched/daemon.h"

#define QUIET 300 /* milliseconds: an editor writes in several steps */

struct mz_watch {
    uv_fs_event_t event;
    struct mz_daemon *daemon;
    char *folder;
};

static bool concerns(const struct mz_entry *entry, const char *path)
{
    if (strcmp(entry->file, path) == 0) {
        return true;
    }
    for (size_t i = 0; i < entry->definition.files.count; i++) {
        if (strcmp(entry->definition.files.items[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_folder_of(const char *folder, const char *path)
{
    const char *name = mz_path_name(path);
    size_t size = (size_t)(name - path);
    return size > 0 && strlen(folder) == (size > 1 ? size - 1 : 1) &&
           strncmp(folder, path, strlen(folder)) == 0;
}

static void on_change(uv_fs_event_t *event, const char *name, int events, int status)
{
    struct mz_watch *watch = event->data;
    struct mz_daemon *daemon = watch->daemon;
    char path[MZ_PATH];
    size_t position = 0;
    const char *file;
    void *value;
    bool known = false, wanted = false;
    (void)events;
    if (status != 0 || name == NULL || !mz_path_join(path, watch->folder, name)) {
        return;
    }
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        if (concerns(entry, path)) {
            entry->again = true;
            daemon->undescribed = true;
            known = wanted = true;
        }
        if (entry->definition.arrival != NULL &&
            is_folder_of(watch->folder, entry->definition.arrival)) {
            entry->arrival_due = true;
            wanted = true;
        }
    }
    if (mz_ends_with(name, ".lua") && name[0] != '.' &&
        (!known || !mz_file_exists(path))) {
        daemon->rescan = true;
        wanted = true;
    }
    if (wanted) {
        daemon->cursor = 0;
        (void)uv_timer_again(&daemon->changed);
    }
}

static void free_watch(uv_handle_t *handle)
{
    struct mz_watch *watch = handle->data;
    free(watch->folder);
    free(watch);
}

void mz_watch_folder_of(struct mz_daemon *daemon, const char *path)
{
    char folder[MZ_PATH];
    mz_path_folder(folder, path);
    if (mz_map_get(daemon->watches, folder, strlen(folder)) != NULL) {
        return;
    }
    struct mz_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL || (watch->folder = strdup(folder)) == NULL) {
        free(watch);
        return;
    }
    watch->daemon = daemon;
    (void)uv_fs_event_init(&daemon->loop, &watch->event);
    watch->event.data = watch;
    int result = uv_fs_event_start(&watch->event, on_change, folder, 0);
    if (result != 0 ||
        !mz_map_set(daemon->watches, folder, strlen(folder), watch, NULL)) {
        mz_log(MZ_LOG_WARNING, NULL,
               "%s is not watched (%s): SIGHUP makes the scheduler look again", folder,
               result != 0 ? uv_strerror(result) : "no memory");
        uv_close((uv_handle_t *)&watch->event, free_watch);
    }
}

static void close_watch(void *value)
{
    struct mz_watch *watch = value;
    uv_close((uv_handle_t *)&watch->event, free_watch);
}

void mz_watch_finish(struct mz_daemon *daemon)
{
    mz_map_destroy(daemon->watches, close_watch);
    daemon->watches = NULL;
}
