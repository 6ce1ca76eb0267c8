/* What triggers a pipeline besides time: the end of another one, files that arrive,
 * somebody's request. What already made a tick is noted with that tick, so that a
 * scheduler that was away finds what it missed, once. */
#include <dirent.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "sched/daemon.h"

/* ---- requests ---- */

void mz_trigger(struct mz_daemon *daemon, const char *pipeline, enum mz_trigger trigger,
                const char *request)
{
    bool waits = false;
    bool known = mz_core_knows(daemon->core, pipeline, trigger, &waits);
    struct mz_write *write = mz_write_add(daemon, MZ_WRITE_TRIGGER, pipeline);
    if (write == NULL) {
        return;
    }
    write->trigger = trigger;
    write->request = request == NULL ? NULL : strdup(request);
    if (!known) {
        write->error = strdup("there is no such pipeline, or it is broken");
    } else if (waits && request != NULL) {
        write->error = strdup("a run that was asked for waits already");
    }
}

/* ---- after another pipeline ---- */

/* The run that is noted for a pipeline in lines "PIPELINE<tab>RUN". */
static bool is_noted(const char *lines, const char *pipeline, const char *run_id)
{
    char wanted[256];
    int size = snprintf(wanted, sizeof wanted, "%s\t%s\n", pipeline, run_id);
    for (const char *at = lines; at != NULL && *at != '\0';) {
        if (size > 0 && strncmp(at, wanted, (size_t)size) == 0) {
            return true;
        }
        const char *end = strchr(at, '\n');
        at = end == NULL ? NULL : end + 1;
    }
    return false;
}

static char *note_run(const char *lines, const char *pipeline, const char *run_id)
{
    struct mz_buffer out;
    size_t length = strlen(pipeline);
    mz_buffer_init(&out, 1 << 20);
    for (const char *at = lines; at != NULL && *at != '\0';) {
        const char *end = strchr(at, '\n');
        size_t size = end == NULL ? strlen(at) : (size_t)(end - at) + 1;
        if (strncmp(at, pipeline, length) != 0 || at[length] != '\t') {
            mz_buffer_add(&out, at, size);
        }
        at += size;
    }
    mz_buffer_printf(&out, "%s\t%s\n", pipeline, run_id);
    size_t size = 0;
    return mz_buffer_take(&out, &size);
}

static void check_after(struct mz_daemon *daemon, struct mz_entry *entry,
                        const char *upstream, bool first)
{
    char run_id[64];
    struct mz_error error;
    if (mz_pipeline_last_run(daemon->db, upstream, run_id, &error) != MZ_OK) {
        mz_log(MZ_LOG_ERROR, NULL, "%s: %s", entry->file, error.message);
        return;
    }
    if (run_id[0] == '\0' || is_noted(entry->after_run, upstream, run_id)) {
        return;
    }
    char *noted = note_run(entry->after_run, upstream, run_id);
    free(entry->after_run);
    entry->after_run = noted;
    /* A pipeline that is new does not make up for runs before its time. */
    struct mz_write *write = mz_write_add(
        daemon, first ? MZ_WRITE_SEEN : MZ_WRITE_TRIGGER, entry->definition.name);
    if (write != NULL) {
        write->trigger = MZ_BY_AFTER;
        write->after_run = noted == NULL ? NULL : strdup(noted);
    }
}

void mz_triggers_after(struct mz_daemon *daemon, const char *pipeline)
{
    size_t position = 0;
    const char *file;
    void *value;
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        const struct mz_texts *after = &entry->definition.after;
        for (size_t i = 0; entry->planned && i < after->count; i++) {
            if (strcmp(after->items[i], pipeline) == 0) {
                check_after(daemon, entry, pipeline, false);
            }
        }
    }
}

/* ---- files ---- */

/* The newest change of a file of the pattern, in milliseconds; 0: none. */
static int64_t newest_of(const char *pattern)
{
    char folder[MZ_PATH], path[MZ_PATH];
    struct stat info;
    int64_t newest = 0;
    mz_path_folder(folder, pattern);
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return 0;
    }
    for (struct dirent *at = readdir(entries); at != NULL; at = readdir(entries)) {
        if (fnmatch(mz_path_name(pattern), at->d_name, FNM_PERIOD) == 0 &&
            mz_path_join(path, folder, at->d_name) && stat(path, &info) == 0 &&
            S_ISREG(info.st_mode)) {
            int64_t changed =
                (int64_t)info.st_ctim.tv_sec * 1000 + info.st_ctim.tv_nsec / 1000000;
            newest = changed > newest ? changed : newest;
        }
    }
    closedir(entries);
    return newest;
}

void mz_triggers_files(struct mz_daemon *daemon, struct mz_entry *entry)
{
    if (!entry->planned || entry->definition.arrival == NULL) {
        return;
    }
    int64_t newest = newest_of(entry->definition.arrival);
    if (newest <= entry->files_seen) {
        return;
    }
    entry->files_seen = newest;
    struct mz_write *write =
        mz_write_add(daemon, MZ_WRITE_TRIGGER, entry->definition.name);
    if (write != NULL) {
        write->trigger = MZ_BY_FILE;
        write->files_seen = newest;
    }
}

void mz_triggers_check(struct mz_daemon *daemon, struct mz_entry *entry)
{
    const struct mz_texts *after = &entry->definition.after;
    bool first = entry->after_run == NULL;
    for (size_t i = 0; i < after->count; i++) {
        check_after(daemon, entry, after->items[i], first);
    }
    if (after->count > 0 && entry->after_run == NULL) {
        struct mz_write *write =
            mz_write_add(daemon, MZ_WRITE_SEEN, entry->definition.name);
        entry->after_run = strdup("");
        if (write != NULL) {
            write->after_run = strdup("");
        }
    }
    mz_triggers_files(daemon, entry);
}
