#include "sched/definition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "value/digest.h"
#include "value/json.h"
#include "value/record.h"

#define JSON_CEILING  ((size_t)64 << 20)
#define ZONES_CEILING ((size_t)64 << 20)

/* ---- zones ---- */

struct mz_zones {
    struct mz_arena *arena;
    struct mz_map *by_name;
};

struct mz_zones *mz_zones_create(void)
{
    struct mz_zones *zones = calloc(1, sizeof *zones);
    if (zones != NULL) {
        zones->arena = mz_arena_create(ZONES_CEILING);
        zones->by_name = mz_map_create();
        if (zones->arena == NULL || zones->by_name == NULL) {
            mz_zones_destroy(zones);
            return NULL;
        }
    }
    return zones;
}

void mz_zones_destroy(struct mz_zones *zones)
{
    if (zones != NULL) {
        mz_map_destroy(zones->by_name, NULL);
        mz_arena_destroy(zones->arena);
        free(zones);
    }
}

static enum mz_code find_zone(struct mz_zones *zones, const char *name,
                              const struct mz_zone **out, struct mz_error *error)
{
    union {
        const struct mz_zone *in;
        void *out;
    } zone;
    zone.out = mz_map_get(zones->by_name, name, strlen(name));
    if (zone.out == NULL) {
        enum mz_code code = mz_zone_load(NULL, name, zones->arena, &zone.in, error);
        if (code != MZ_OK) {
            return code;
        }
        if (!mz_map_set(zones->by_name, name, strlen(name), zone.out, NULL)) {
            return mz_fail(error, MZ_MEMORY, "not enough memory for the zones");
        }
    }
    *out = zone.in;
    return MZ_OK;
}

/* ---- texts ---- */

static void free_texts(struct mz_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->items[i]);
    }
    free(texts->items);
    *texts = (struct mz_texts){NULL, 0};
}

static bool take_texts(const struct mizan_value *list, struct mz_texts *out)
{
    *out = (struct mz_texts){NULL, 0};
    if (list == NULL || list->type != MIZAN_LIST || list->as.list.count == 0) {
        return true;
    }
    out->items = calloc(list->as.list.count, sizeof(char *));
    for (size_t i = 0; out->items != NULL && i < list->as.list.count; i++) {
        const struct mizan_value *item = &list->as.list.items[i];
        if (item->type == MIZAN_TEXT) {
            out->items[out->count] = strndup(item->as.text.data, item->as.text.size);
            if (out->items[out->count++] == NULL) {
                return false;
            }
        }
    }
    return out->items != NULL;
}

/* ---- the schedule ---- */

static int choice(const struct mizan_value *schedule, const char *name,
                  const char *const *words, int count)
{
    const char *text = mz_map_text(schedule, name);
    for (int i = 1; text != NULL && i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
    }
    return 0;
}

static int64_t duration(const struct mizan_value *schedule, const char *name)
{
    int64_t out = 0;
    const char *text = mz_map_text(schedule, name);
    return text != NULL && mz_parse_duration(text, &out) ? out : 0;
}

static enum mz_code read_cron(const struct mizan_value *schedule,
                              struct mz_zones *zones, struct mz_definition *out,
                              struct mz_error *error)
{
    const char *cron = mz_map_text(schedule, "cron");
    const char *zone = mz_map_text(schedule, "tz");
    char timing[MZ_CRON_TEXT + MZ_ZONE_NAME + 2];
    snprintf(timing, sizeof timing, "%s\n%s", cron == NULL ? "" : cron,
             zone == NULL ? "UTC" : zone);
    out->timing = strdup(timing);
    if (out->timing == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a schedule");
    }
    if (cron == NULL) {
        return MZ_OK;
    }
    out->plan.timed = true;
    enum mz_code code = mz_cron_parse(cron, out->name, &out->plan.cron, error);
    return code == MZ_OK
               ? find_zone(zones, zone == NULL ? "UTC" : zone, &out->plan.zone, error)
               : code;
}

static enum mz_code read_schedule(const struct mizan_value *schedule,
                                  const char *folder, struct mz_zones *zones,
                                  struct mz_definition *out, struct mz_error *error)
{
    static const char *const overlaps[] = {"skip", "queue", "replace"};
    static const char *const catchups[] = {"latest", "none", "all"};
    const char *arrival = mz_map_text(schedule, "files");
    char path[MZ_PATH];
    out->plan.overlap = (enum mz_overlap)choice(schedule, "overlap", overlaps, 3);
    out->plan.catchup = (enum mz_catchup)choice(schedule, "catchup", catchups, 3);
    out->plan.jitter = duration(schedule, "jitter");
    out->plan.start_deadline = duration(schedule, "start_deadline");
    out->plan.timeout = duration(schedule, "timeout");
    const struct mizan_value *shards = mz_map_member(schedule, "shards");
    out->plan.shards =
        shards != NULL && shards->type == MIZAN_INTEGER ? shards->as.integer : 0;
    if (arrival != NULL) {
        out->arrival = mz_path_join(path, folder, arrival) ? strdup(path) : NULL;
    }
    if (!take_texts(mz_map_member(schedule, "after"), &out->after) ||
        !take_texts(mz_map_member(schedule, "labels"), &out->labels) ||
        (arrival != NULL && out->arrival == NULL)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a schedule");
    }
    return read_cron(schedule, zones, out, error);
}

static enum mz_code read_all(const struct mizan_value *value, const char *folder,
                             struct mz_zones *zones, struct mz_definition *out,
                             struct mz_error *error)
{
    const char *name = mz_map_text(value, "name");
    const char *hash = mz_map_text(value, "hash");
    const struct mizan_value *schedule = mz_map_member(value, "schedule");
    static const struct mizan_value none = {.type = MIZAN_MAP};
    if (name == NULL || name[0] == '\0') {
        return mz_fail(error, MZ_INPUT, "the description has no name");
    }
    out->name = strdup(name);
    out->hash = strdup(hash == NULL ? "" : hash);
    if (out->name == NULL || out->hash == NULL ||
        !take_texts(mz_map_member(value, "files"), &out->files)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a pipeline");
    }
    out->plan.name = out->name;
    return read_schedule(schedule == NULL || schedule->type != MIZAN_MAP ? &none
                                                                         : schedule,
                         folder, zones, out, error);
}

enum mz_code mz_definition_read(const char *json, size_t size, const char *folder,
                                struct mz_zones *zones, struct mz_definition *out,
                                struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(JSON_CEILING);
    struct mizan_value value;
    *out = (struct mz_definition){.name = NULL};
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for a pipeline")
                            : mz_json_parse(arena, json, size, &value, error);
    if (code == MZ_OK && value.type != MIZAN_MAP) {
        code = mz_fail(error, MZ_INPUT, "the description is no object");
    }
    if (code == MZ_OK) {
        code = read_all(&value, folder, zones, out, error);
    }
    mz_arena_destroy(arena);
    if (code != MZ_OK) {
        mz_definition_finish(out);
    }
    return code;
}

void mz_definition_finish(struct mz_definition *definition)
{
    free(definition->name);
    free(definition->hash);
    free(definition->arrival);
    free(definition->timing);
    free_texts(&definition->files);
    free_texts(&definition->after);
    free_texts(&definition->labels);
    *definition = (struct mz_definition){.name = NULL};
}

char *mz_definition_signature(const struct mz_texts *files)
{
    struct mz_buffer text;
    char digest[MZ_DIGEST_TEXT];
    mz_buffer_init(&text, (size_t)16 << 20);
    mz_buffer_text(&text, MIZAN_VERSION);
    for (size_t i = 0; i < files->count; i++) {
        struct stat info;
        if (stat(files->items[i], &info) == 0) {
            mz_buffer_printf(&text, "\n%s %" PRId64 " %" PRId64 ".%09ld",
                             files->items[i], (int64_t)info.st_size,
                             (int64_t)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
        } else {
            mz_buffer_printf(&text, "\n%s gone", files->items[i]);
        }
    }
    bool whole = mz_buffer_ok(&text) && files->count > 0;
    if (whole) {
        mz_digest(text.data, text.size, digest);
    }
    mz_buffer_finish(&text);
    return whole ? strdup(digest) : NULL;
}
