/* Which pipelines this host may run: those whose labels it has, and where a version is
 * deployed, those whose files here are that version. What it has is noted for others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sched/daemon.h"
#include "value/json.h"

#define MOST_NOTED ((size_t)16 << 20)

static bool has_label(const char *labels, const char *label)
{
    char wanted[MZ_MOST_LABEL + 3];
    int size = snprintf(wanted, sizeof wanted, ",%s,", label);
    return labels != NULL && size > 0 && (size_t)size < sizeof wanted &&
           strstr(labels, wanted) != NULL;
}

/* NULL: it may run here; else why not. */
static const char *reason_against(const struct mz_daemon *daemon,
                                  const struct mz_entry *entry)
{
    const struct mz_texts *labels = &entry->definition.labels;
    const char *deployed = daemon->deployed == NULL
                               ? NULL
                               : mz_map_get(daemon->deployed, entry->definition.name,
                                            strlen(entry->definition.name));
    if (deployed != NULL && strcmp(deployed, entry->definition.hash) != 0) {
        return "its files are not those that are deployed";
    }
    for (size_t i = 0; i < labels->count; i++) {
        if (!has_label(daemon->settings->labels, labels->items[i])) {
            return "this host has not all of its labels";
        }
    }
    return NULL;
}

bool mz_placement_allows(struct mz_daemon *daemon, struct mz_entry *entry)
{
    const char *reason = reason_against(daemon, entry);
    if (reason != NULL && !entry->elsewhere) {
        mz_log(MZ_LOG_INFO, NULL, "%s is left to other hosts: %s",
               entry->definition.name, reason);
    }
    entry->elsewhere = reason != NULL;
    return reason == NULL;
}

static bool note_deployed(void *context, const char *name, const char *hash)
{
    char *copy = strdup(hash);
    void *before = NULL;
    return copy != NULL && mz_map_set(context, name, strlen(name), copy, &before);
}

/* What each pipeline's files here are, as {"NAME":"HASH"}. */
static void note_files(struct mz_daemon *daemon)
{
    struct mz_buffer json;
    struct mz_error error;
    size_t position = 0, count = 0;
    const char *name;
    void *value;
    mz_buffer_init(&json, MOST_NOTED);
    mz_buffer_byte(&json, '{');
    while (mz_map_next(daemon->by_name, &position, &name, &value)) {
        const struct mz_entry *entry = value;
        if (entry != NULL && entry->listed && entry->definition.name != NULL) {
            mz_buffer_text(&json, count++ == 0 ? "" : ",");
            mz_json_text(&json, name, strlen(name));
            mz_buffer_byte(&json, ':');
            mz_json_text(&json, entry->definition.hash, strlen(entry->definition.hash));
        }
    }
    mz_buffer_byte(&json, '}');
    mz_buffer_byte(&json, '\0');
    if (mz_buffer_ok(&json) &&
        mz_host_note(daemon->db, daemon->host.name, daemon->settings->labels, json.data,
                     &error) == MZ_OK) {
        daemon->unnoted = false;
    }
    mz_buffer_finish(&json);
}

void mz_placement_read(struct mz_daemon *daemon)
{
    struct mz_error error;
    struct mz_map *deployed = mz_map_create();
    if (deployed == NULL) {
        return;
    }
    if (mz_pipelines_deployed(daemon->db, note_deployed, deployed, &error) != MZ_OK) {
        mz_map_destroy(deployed, free);
        return; /* what was known holds until it can be read again */
    }
    mz_map_destroy(daemon->deployed, free);
    daemon->deployed = deployed;
}

void mz_placement_look(struct mz_daemon *daemon)
{
    size_t position = 0;
    const char *file;
    void *value;
    mz_placement_read(daemon);
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        struct mz_entry *entry = value;
        if (entry == NULL || !entry->listed || entry->definition.name == NULL ||
            (!entry->planned && !entry->elsewhere)) {
            continue;
        }
        bool was = entry->elsewhere;
        bool allowed = mz_placement_allows(daemon, entry);
        if (was && allowed) {
            entry->again = true; /* described anew, it is planned */
            daemon->undescribed = true;
            daemon->cursor = 0;
        } else if (!was && !allowed) {
            mz_catalog_unplan(daemon, entry);
        }
    }
    if (daemon->unnoted) {
        note_files(daemon);
    }
}
