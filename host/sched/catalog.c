/* The pipelines of the project: their files, what is known of each, and when one is to
 * be described anew. What the store knows of files that did not change is used as it
 * is, so that ten thousand pipelines are ready at once. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "sched/daemon.h"

#define MOST_DESCRIBING 2
#define FIRST_RETRY     ((int64_t)60000) /* of a broken one, milliseconds; it doubles */

/* ---- entries ---- */

static struct mz_entry *find_file(struct mz_daemon *daemon, const char *file)
{
    return mz_map_get(daemon->by_file, file, strlen(file));
}

struct mz_entry *mz_catalog_find(struct mz_daemon *daemon, const char *name)
{
    return mz_map_get(daemon->by_name, name, strlen(name));
}

static struct mz_entry *add_entry(struct mz_daemon *daemon, const char *file)
{
    struct mz_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    entry->file = strdup(file);
    if (entry->file == NULL ||
        !mz_map_set(daemon->by_file, file, strlen(file), entry, NULL)) {
        free(entry->file);
        free(entry);
        return NULL;
    }
    return entry;
}

static void free_entry(void *value)
{
    struct mz_entry *entry = value;
    if (entry != NULL) {
        mz_definition_finish(&entry->definition);
        free(entry->file);
        free(entry->signature);
        free(entry->error);
        free(entry->after_run);
        free(entry);
    }
}

/* ---- a definition takes effect ---- */

/* Its ticks are not made any more; what is noted in the store stays. */
void mz_catalog_unplan(struct mz_daemon *daemon, struct mz_entry *entry)
{
    if (entry->planned) {
        entry->noted = mz_core_next(daemon->core, entry->definition.name);
        mz_core_forget(daemon->core, entry->definition.name);
        entry->planned = false;
    }
}

static void say_broken(struct mz_daemon *daemon, struct mz_entry *entry,
                       const char *name, const char *why)
{
    struct mz_write *write = mz_write_add(daemon, MZ_WRITE_PUT, name);
    int64_t delay = FIRST_RETRY << (entry->tries < 6 ? entry->tries : 6);
    entry->tries++;
    entry->again_at = mz_clock_monotonic() + delay;
    if (entry->error == NULL || strcmp(entry->error, why) != 0) {
        mz_log(MZ_LOG_ERROR, NULL, "%s cannot be used, the others go on: %s",
               entry->file, why);
    }
    if (write != NULL) {
        write->file = strdup(entry->file);
        write->state = strdup("broken");
        write->error = strdup(why);
    }
    free(entry->error);
    entry->error = strdup(why);
}

static void note_broken(struct mz_daemon *daemon, struct mz_entry *entry,
                        const char *why)
{
    const char *name = entry->definition.name;
    mz_catalog_unplan(daemon, entry);
    say_broken(daemon, entry, name != NULL ? name : entry->file, why);
}

/* Its name is another file's: the row is that one's, this one shows by its path. */
static void set_aside(struct mz_daemon *daemon, struct mz_entry *entry, const char *why)
{
    mz_catalog_unplan(daemon, entry);
    mz_definition_finish(&entry->definition);
    free(entry->signature);
    entry->signature = NULL;
    say_broken(daemon, entry, entry->file, why);
}

static bool take_name(struct mz_daemon *daemon, struct mz_entry *entry,
                      const char *name, char why[512])
{
    struct mz_entry *other = mz_catalog_find(daemon, name);
    if (other != NULL && other != entry && other->listed && other->planned) {
        /* The first by name keeps it, whichever was read first. */
        bool first = strcmp(other->file, entry->file) < 0;
        snprintf(why, 512, "two files make the pipeline '%.100s': %.150s and %.150s",
                 name, first ? other->file : entry->file,
                 first ? entry->file : other->file);
        if (first) {
            return false;
        }
        set_aside(daemon, other, why);
    }
    if (!mz_map_set(daemon->by_name, name, strlen(name), entry, NULL)) {
        snprintf(why, 512, "not enough memory for the pipeline");
        return false;
    }
    return true;
}

/* A name is free again: what could not have it may now. */
static void try_broken(struct mz_daemon *daemon)
{
    size_t position = 0;
    const char *file;
    void *value;
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        entry->again = entry->again || (entry->listed && entry->error != NULL);
    }
    daemon->undescribed = true;
    daemon->cursor = 0;
}

/* The old name of a file that makes another pipeline now, or is gone. */
static void retire_name(struct mz_daemon *daemon, struct mz_entry *entry)
{
    const char *name = entry->definition.name;
    struct mz_write *write;
    if (name == NULL || mz_catalog_find(daemon, name) != entry) {
        return;
    }
    mz_core_forget(daemon->core, name);
    write = mz_write_add(daemon, MZ_WRITE_PUT, name);
    if (write != NULL) {
        write->file = strdup(entry->file);
        write->state = strdup("gone");
    }
    (void)mz_map_set(daemon->by_name, name, strlen(name), NULL, NULL);
    entry->planned = false;
    entry->noted = 0;
    try_broken(daemon);
}

static void watch_files(struct mz_daemon *daemon, const struct mz_entry *entry)
{
    mz_watch_folder_of(daemon, entry->file);
    for (size_t i = 0; i < entry->definition.files.count; i++) {
        mz_watch_folder_of(daemon, entry->definition.files.items[i]);
    }
    if (entry->definition.arrival != NULL) {
        mz_watch_folder_of(daemon, entry->definition.arrival);
    }
}

static void plan(struct mz_daemon *daemon, struct mz_entry *entry)
{
    struct mz_actions actions = {.items = NULL};
    daemon->unnoted = true;
    if (!mz_placement_allows(daemon, entry)) {
        mz_catalog_unplan(daemon, entry);
        return;
    }
    if (!mz_core_plan(daemon->core, mz_daemon_now(daemon), &entry->definition.plan,
                      entry->noted, &actions)) {
        mz_log(MZ_LOG_ERROR, NULL, "%s: not enough memory", entry->file);
    }
    entry->planned = true;
    mz_write_actions(daemon, &actions);
    if (mz_map_get(daemon->paused, entry->definition.name,
                   strlen(entry->definition.name)) != NULL) {
        struct mz_actions none = {.items = NULL};
        mz_core_pause(daemon->core, mz_daemon_now(daemon), entry->definition.name, true,
                      &none);
        mz_write_actions(daemon, &none);
    }
}

/* False when the definition cannot take effect; it is freed then. */
static bool adopt(struct mz_daemon *daemon, struct mz_entry *entry,
                  struct mz_definition *definition)
{
    char why[512];
    const char *old = entry->definition.name;
    bool renamed = old != NULL && strcmp(old, definition->name) != 0;
    if (renamed) {
        retire_name(daemon, entry);
    }
    if (!take_name(daemon, entry, definition->name, why)) {
        set_aside(daemon, entry, why);
        mz_definition_finish(definition);
        return false;
    }
    bool same = entry->definition.timing != NULL &&
                strcmp(entry->definition.timing, definition->timing) == 0;
    if (entry->planned && same) {
        entry->noted = mz_core_next(daemon->core, definition->name);
    } else if (entry->definition.timing != NULL && !same) {
        entry->noted = MZ_UNKNOWN_TICK; /* another schedule: what it would have missed
                                           is unknown */
    }
    mz_definition_finish(&entry->definition);
    entry->definition = *definition;
    entry->definition.plan.name = entry->definition.name;
    free(entry->error);
    entry->error = NULL;
    entry->tries = 0;
    watch_files(daemon, entry);
    return true;
}

void mz_catalog_described(struct mz_daemon *daemon, struct mz_entry *entry,
                          const struct mz_buffer *json, const char *failure)
{
    struct mz_definition definition;
    struct mz_error error;
    entry->describing = false;
    daemon->describing--;
    daemon->undescribed = true;
    if (!entry->listed) {
        return;
    }
    if (failure != NULL) {
        mz_watch_folder_of(daemon, entry->file);
        note_broken(daemon, entry, failure);
        return;
    }
    if (mz_definition_read(json->data, json->size, daemon->settings->folder,
                           daemon->zones, &definition, &error) != MZ_OK) {
        note_broken(daemon, entry, error.message);
        return;
    }
    char *signature = mz_definition_signature(&definition.files);
    if (!adopt(daemon, entry, &definition)) {
        free(signature);
        return;
    }
    free(entry->signature);
    entry->signature = signature;
    struct mz_write *write = mz_write_add(daemon, MZ_WRITE_PUT, entry->definition.name);
    if (write != NULL) {
        write->file = strdup(entry->file);
        write->spec = strndup(json->data, json->size);
        write->hash = strdup(entry->definition.hash);
        write->signature = signature == NULL ? NULL : strdup(signature);
        write->state = strdup("ok");
    }
    plan(daemon, entry); /* after its row: what is due next is noted there */
    mz_log(MZ_LOG_INFO, NULL, "%s: loaded from %s", entry->definition.name,
           entry->file);
    if (entry->planned) {
        mz_triggers_check(daemon, entry);
    }
}

/* ---- describing ---- */

void mz_catalog_describe(struct mz_daemon *daemon)
{
    const char *file;
    void *value;
    while (daemon->undescribed && !daemon->draining &&
           daemon->describing < MOST_DESCRIBING) {
        struct mz_entry *entry = NULL;
        while (mz_map_next(daemon->by_file, &daemon->cursor, &file, &value)) {
            entry = value;
            if (entry != NULL && entry->listed && entry->again && !entry->describing) {
                break;
            }
            entry = NULL;
        }
        if (entry == NULL) {
            /* Once around; what became due meanwhile says so again. */
            daemon->undescribed = false;
            daemon->cursor = 0;
            return;
        }
        entry->again = false;
        entry->describing = true;
        daemon->describing++;
        mz_describe_start(daemon, entry);
    }
}

void mz_catalog_retry(struct mz_daemon *daemon, int64_t monotonic)
{
    size_t position = 0;
    const char *file;
    void *value;
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        if (entry->listed && entry->error != NULL && !entry->describing &&
            monotonic >= entry->again_at) {
            entry->again = true;
            daemon->undescribed = true;
            daemon->cursor = 0;
        }
    }
}

/* ---- the list ---- */

static enum mz_code list_file(void *context, const char *path, struct mz_error *error)
{
    struct mz_daemon *daemon = context;
    struct mz_entry *entry = find_file(daemon, path);
    if (entry == NULL) {
        entry = add_entry(daemon, path);
        if (entry == NULL) {
            return mz_fail(error, MZ_MEMORY, "not enough memory for the pipelines");
        }
        entry->again = true;
        daemon->undescribed = true;
    }
    if (!entry->listed && entry->error != NULL) {
        entry->again = true;
        daemon->undescribed = true;
    }
    entry->listed = true;
    return MZ_OK;
}

static void retire_unlisted(struct mz_daemon *daemon)
{
    size_t position = 0;
    const char *file;
    void *value;
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        if (entry != NULL && !entry->listed &&
            (entry->planned || entry->signature != NULL)) {
            mz_log(MZ_LOG_INFO, NULL, "%s is gone", entry->file);
            retire_name(daemon, entry);
            free(entry->signature);
            entry->signature = NULL;
            mz_definition_finish(&entry->definition);
        }
    }
}

void mz_catalog_rescan(struct mz_daemon *daemon, bool all)
{
    struct mz_error error;
    size_t position = 0;
    const char *file;
    void *value;
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        entry->listed = false;
        entry->again = entry->again || all;
    }
    daemon->undescribed = true;
    if (daemon->settings->files(daemon->settings->owner, list_file, daemon, &error) !=
        MZ_OK) {
        mz_log(MZ_LOG_ERROR, NULL, "the pipelines cannot be listed: %s", error.message);
        /* What is known stays as it is. */
        position = 0;
        while (mz_map_next(daemon->by_file, &position, &file, &value)) {
            ((struct mz_entry *)value)->listed = true;
        }
        return;
    }
    retire_unlisted(daemon);
}

/* ---- what the store knows ---- */

static void adopt_stored(struct mz_daemon *daemon, struct mz_entry *entry,
                         const struct mz_pipeline_row *row)
{
    struct mz_definition definition;
    struct mz_error ignored;
    if (mz_definition_read(row->spec, strlen(row->spec), daemon->settings->folder,
                           daemon->zones, &definition, &ignored) != MZ_OK) {
        return;
    }
    char *signature = mz_definition_signature(&definition.files);
    if (signature == NULL || row->signature == NULL ||
        strcmp(signature, row->signature) != 0 || strcmp(row->state, "ok") != 0) {
        /* Only what its ticks hang on: the rest is described anew. */
        if (entry->definition.timing == NULL) {
            entry->definition.timing = strdup(definition.timing);
        }
        mz_definition_finish(&definition);
        free(signature);
        return;
    }
    if (adopt(daemon, entry, &definition)) {
        plan(daemon, entry);
        entry->signature = signature;
        entry->again = false;
    } else {
        free(signature);
    }
}

static bool load_row(void *context, const struct mz_pipeline_row *row)
{
    struct mz_daemon *daemon = context;
    struct mz_entry *entry = find_file(daemon, row->file);
    if (row->paused &&
        !mz_map_set(daemon->paused, row->name, strlen(row->name), daemon, NULL)) {
        return false;
    }
    if (entry == NULL || !entry->listed || row->spec == NULL ||
        strcmp(row->state, "gone") == 0) {
        return true;
    }
    entry->noted = row->next_tick;
    entry->after_run = row->after_run == NULL ? NULL : strdup(row->after_run);
    if (row->files_seen != NULL) {
        (void)mz_parse_integer(row->files_seen, &entry->files_seen);
    }
    adopt_stored(daemon, entry, row);
    return true;
}

enum mz_code mz_catalog_load(struct mz_daemon *daemon, struct mz_error *error)
{
    size_t position = 0;
    const char *file;
    void *value;
    mz_placement_read(daemon);
    enum mz_code code =
        daemon->settings->files(daemon->settings->owner, list_file, daemon, error);
    if (code == MZ_OK) {
        code = mz_pipelines_each(daemon->db, load_row, daemon, error);
    }
    mz_placement_look(daemon);
    while (code == MZ_OK && mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        if (entry->planned) {
            mz_triggers_check(daemon, entry);
        }
    }
    return code;
}

void mz_catalog_finish(struct mz_daemon *daemon)
{
    mz_map_destroy(daemon->by_name, NULL);
    mz_map_destroy(daemon->by_file, free_entry);
}
