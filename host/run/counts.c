#include "run/counts.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "value/json.h"

#define OTHERS "(others)"

struct group {
    struct mz_map *names; /* name to int64_t */
};

struct mz_counts {
    pthread_mutex_t lock;
    struct mz_map *groups;
};

static void free_group(void *value)
{
    struct group *group = value;
    mz_map_destroy(group->names, free);
    free(group);
}

struct mz_counts *mz_counts_create(void)
{
    struct mz_counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL) {
        return NULL;
    }
    counts->groups = mz_map_create();
    if (counts->groups == NULL) {
        free(counts);
        return NULL;
    }
    pthread_mutex_init(&counts->lock, NULL);
    return counts;
}

void mz_counts_destroy(struct mz_counts *counts)
{
    if (counts == NULL) {
        return;
    }
    mz_map_destroy(counts->groups, free_group);
    pthread_mutex_destroy(&counts->lock);
    free(counts);
}

static struct group *find_group(struct mz_counts *counts, const char *name)
{
    struct group *group = mz_map_get(counts->groups, name, strlen(name));
    if (group != NULL) {
        return group;
    }
    group = calloc(1, sizeof *group);
    if (group == NULL) {
        return NULL;
    }
    group->names = mz_map_create();
    if (group->names == NULL ||
        !mz_map_set(counts->groups, name, strlen(name), group, NULL)) {
        free_group(group);
        return NULL;
    }
    return group;
}

/* How much of the name is kept: never half a character. */
static size_t name_size(const char *name)
{
    size_t size = strnlen(name, MZ_COUNT_BYTES);
    if (size == MZ_COUNT_BYTES) {
        while (size > 0 && ((unsigned char)name[size] & 0xC0U) == 0x80U) {
            size--;
        }
    }
    return size;
}

static int64_t *find_value(struct group *group, const char *name)
{
    size_t size = name_size(name);
    int64_t *value = mz_map_get(group->names, name, size);
    if (value == NULL && mz_map_count(group->names) >= MZ_COUNT_NAMES) {
        name = OTHERS;
        size = strlen(OTHERS);
        value = mz_map_get(group->names, name, size);
    }
    if (value == NULL) {
        value = calloc(1, sizeof *value);
        if (value != NULL && !mz_map_set(group->names, name, size, value, NULL)) {
            free(value);
            value = NULL;
        }
    }
    return value;
}

static void add(struct mz_counts *counts, const char *group_name, const char *name,
                int64_t delta)
{
    struct group *group = find_group(counts, group_name);
    int64_t *value = group == NULL ? NULL : find_value(group, name);
    /* Plugins give any number: one that does not fit is not added. */
    int64_t sum;
    if (value != NULL && !__builtin_add_overflow(*value, delta, &sum)) {
        *value = sum;
    }
}

void mz_counts_add(struct mz_counts *counts, const char *group, const char *name,
                   int64_t delta)
{
    pthread_mutex_lock(&counts->lock);
    add(counts, group, name, delta);
    pthread_mutex_unlock(&counts->lock);
}

void mz_counts_add_for_plugin(struct mz_counts *counts, const char *stage,
                              const char *name, int64_t delta)
{
    char whole[MZ_COUNT_BYTES];
    snprintf(whole, sizeof whole, "%s.%s", stage, name);
    mz_counts_add(counts, "plugins", whole, delta);
}

void mz_counts_merge(struct mz_counts *counts, const struct mz_counts *from)
{
    const char *group_name;
    const char *name;
    void *group;
    void *value;
    size_t position = 0;
    pthread_mutex_lock(&counts->lock);
    while (mz_map_next(from->groups, &position, &group_name, &group)) {
        const struct mz_map *names = ((const struct group *)group)->names;
        size_t place = 0;
        while (mz_map_next(names, &place, &name, &value)) {
            add(counts, group_name, name, *(const int64_t *)value);
        }
    }
    pthread_mutex_unlock(&counts->lock);
}

int64_t mz_counts_get(struct mz_counts *counts, const char *group, const char *name)
{
    int64_t result = 0;
    pthread_mutex_lock(&counts->lock);
    struct group *found = mz_map_get(counts->groups, group, strlen(group));
    int64_t *value =
        found == NULL ? NULL : mz_map_get(found->names, name, name_size(name));
    if (value != NULL) {
        result = *value;
    }
    pthread_mutex_unlock(&counts->lock);
    return result;
}

static void print_members(struct mz_map *names, bool first, struct mz_buffer *out)
{
    const char *name;
    void *value;
    size_t position = 0;
    while (mz_map_next(names, &position, &name, &value)) {
        if (!first) {
            mz_buffer_byte(out, ',');
        }
        first = false;
        mz_json_text(out, name, strlen(name));
        mz_buffer_printf(out, ":%lld", (long long)*(int64_t *)value);
    }
}

void mz_counts_json(struct mz_counts *counts, struct mz_buffer *out)
{
    const char *name;
    void *value;
    size_t position = 0;
    pthread_mutex_lock(&counts->lock);
    struct group *top = mz_map_get(counts->groups, "documents", strlen("documents"));
    bool first = top == NULL || mz_map_count(top->names) == 0;
    mz_buffer_byte(out, '{');
    if (!first) {
        print_members(top->names, true, out);
    }
    while (mz_map_next(counts->groups, &position, &name, &value)) {
        struct group *group = value;
        if (group == top) {
            continue;
        }
        mz_buffer_text(out, first ? "" : ",");
        first = false;
        mz_json_text(out, name, strlen(name));
        mz_buffer_text(out, ":{");
        print_members(group->names, true, out);
        mz_buffer_byte(out, '}');
    }
    mz_buffer_byte(out, '}');
    pthread_mutex_unlock(&counts->lock);
}

size_t mz_counts_largest(struct mz_counts *counts, const char *group,
                         struct mz_count *out, size_t most)
{
    size_t count = 0;
    size_t position = 0;
    const char *name;
    void *value;
    pthread_mutex_lock(&counts->lock);
    struct group *found = mz_map_get(counts->groups, group, strlen(group));
    while (found != NULL && mz_map_next(found->names, &position, &name, &value)) {
        struct mz_count entry = {name, *(int64_t *)value};
        size_t place = count;
        while (place > 0 && out[place - 1].value < entry.value) {
            place--;
        }
        if (place >= most) {
            continue;
        }
        size_t kept = count < most ? count : most - 1;
        memmove(out + place + 1, out + place, (kept - place) * sizeof *out);
        out[place] = entry;
        count = kept + 1;
    }
    pthread_mutex_unlock(&counts->lock);
    return count;
}
