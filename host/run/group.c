#include "run/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* A commit costs a few milliseconds and a pass over the summaries, so that more units
 * gain little; what a crash takes with it is at most this much work. */
#define MOST_UNITS 1000
#define MOST_BYTES ((size_t)32 << 20)
#define UNIT_BYTES ((size_t)16 << 10) /* what a unit holds at least */
#define MOST_TIME  250 /* milliseconds that a unit waits while others come in */

struct mz_group {
    struct mz_group_settings settings;
    struct mz_commit_item *items;
    uint64_t *addresses;      /* hashes of the units' */
    struct mz_arena **arenas; /* of the ends of sources */
    size_t count, bytes;
    int64_t since; /* monotonic; of the first that waits */
    enum mz_code failure;
    struct mz_error error; /* of a commit that nobody could be told of */
};

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    }
    return hash;
}

struct mz_group *mz_group_create(const struct mz_group_settings *settings)
{
    struct mz_group *group = calloc(1, sizeof *group);
    if (group == NULL) {
        return NULL;
    }
    group->settings = *settings;
    if (settings->most == 0 || settings->most > MOST_UNITS) {
        group->settings.most = MOST_UNITS;
    }
    group->items = calloc(group->settings.most, sizeof *group->items);
    group->addresses = calloc(group->settings.most, sizeof *group->addresses);
    group->arenas = calloc(group->settings.most, sizeof(struct mz_arena *));
    if (group->items == NULL || group->addresses == NULL || group->arenas == NULL) {
        mz_group_destroy(group);
        return NULL;
    }
    return group;
}

static void drop(struct mz_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        mz_unit_destroy(group->items[i].unit);
        mz_arena_destroy(group->arenas[i]);
    }
    group->count = 0;
    group->bytes = 0;
}

void mz_group_destroy(struct mz_group *group)
{
    if (group != NULL) {
        drop(group);
        free(group->items);
        free(group->addresses);
        free(group->arenas);
        free(group);
    }
}

void mz_group_part(struct mz_group *group)
{
    group->settings.most = 1;
}

bool mz_group_is_empty(const struct mz_group *group)
{
    return group->count == 0;
}

bool mz_group_is_due(const struct mz_group *group)
{
    return group->count > 0 && mz_clock_monotonic() - group->since >= MOST_TIME;
}

bool mz_group_has(const struct mz_group *group, const char *url)
{
    uint64_t hash = hash_text(url);
    for (size_t i = 0; i < group->count; i++) {
        if (group->addresses[i] == hash && group->items[i].unit != NULL &&
            strcmp(group->items[i].unit->url, url) == 0) {
            return true;
        }
    }
    return false;
}

enum mz_code mz_group_commit(struct mz_group *group, struct mz_error *error)
{
    size_t made = 0;
    if (group->failure != MZ_OK) {
        *error = group->error;
        return group->failure;
    }
    if (group->count == 0) {
        return MZ_OK;
    }
    enum mz_code code = mz_commit_items(group->settings.committer, group->items,
                                        group->count, &made, error);
    for (size_t i = 0; i < made; i++) {
        struct mz_error later;
        enum mz_code told =
            group->settings.made(group->settings.owner, &group->items[i], &later);
        if (told != MZ_OK && code == MZ_OK) {
            *error = later;
            code = told;
        }
    }
    drop(group);
    group->failure = code;
    if (code != MZ_OK) {
        group->error = *error;
    }
    return code;
}

static enum mz_code add(struct mz_group *group, const struct mz_commit_item *item,
                        struct mz_arena *arena, size_t bytes, struct mz_error *error)
{
    if (group->failure != MZ_OK) {
        mz_unit_destroy(item->unit);
        mz_arena_destroy(arena);
        *error = group->error;
        return group->failure;
    }
    if (group->count == 0) {
        group->since = mz_clock_monotonic();
    }
    group->items[group->count] = *item;
    group->arenas[group->count] = arena;
    group->addresses[group->count++] =
        item->unit == NULL ? 0 : hash_text(item->unit->url);
    group->bytes += UNIT_BYTES + bytes;
    return group->count >= group->settings.most || group->bytes >= MOST_BYTES ||
                   mz_group_is_due(group)
               ? mz_group_commit(group, error)
               : MZ_OK;
}

enum mz_code mz_group_add(struct mz_group *group, struct mz_unit *unit,
                          enum mz_unit_news news, struct mz_error *error)
{
    const struct mz_commit_item item = {.unit = unit, .news = news};
    return add(group, &item, NULL, mz_arena_used(unit->arena), error);
}

enum mz_code mz_group_add_source(struct mz_group *group,
                                 const struct mz_intake_item *source,
                                 struct mz_arena *arena, struct mz_error *error)
{
    const struct mz_commit_item item = {.source = *source};
    return add(group, &item, arena, arena == NULL ? 0 : mz_arena_used(arena), error);
}

static bool changes(const struct mz_change *change, const char *key)
{
    for (; change != NULL; change = change->next) {
        if (strcmp(change->key, key) == 0) {
            return true;
        }
    }
    return false;
}

enum mz_code mz_group_settle_state(struct mz_group *group, const char *source_id,
                                   const char *key, struct mz_error *error)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct mz_unit *unit = group->items[i].unit;
        if (unit != NULL && strcmp(unit->source_id, source_id) == 0 &&
            (changes(unit->changes, key) || changes(unit->held, key))) {
            return mz_group_commit(group, error);
        }
    }
    return MZ_OK;
}
