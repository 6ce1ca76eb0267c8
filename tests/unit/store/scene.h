/* A store plugin in its surroundings: a task, records written as JSON, and, for a home
 * store, a real home database in memory's stead: the schema's own checks judge the
 * rows. */
#ifndef TEST_STORE_SCENE_H
#define TEST_STORE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "mizan/plugin.h"
#include "plug/task.h"

extern const struct mizan_plugin mizan_plugin_v1; /* the plugin under test */

struct scene {
    char folder[64];
    struct mz_arena *arena;
    struct mizan_task task;
    struct mz_error error;
    struct mz_db *db; /* NULL when not opened */
    void *instance;   /* NULL when not opened */
    int64_t left_out; /* what host->count was told */
    int64_t endless;
    atomic_int cancel;
};

int scene_set_up(void **state);
int scene_tear_down(void **state);

/* Opens a home database in the scene's folder, with run `run1` and document `doc1`. */
void scene_open_database(struct scene *scene);
/* Opens the plugin with options given as a JSON object; returns its status. */
int32_t scene_open(struct scene *scene, const char *options);
mizan_record *scene_record(struct scene *scene, const char *type, const char *json);
/* Gives one record to the store; returns its status. */
int32_t scene_store(struct scene *scene, const char *type, const char *json);
/* finish_unit, for a home store inside a transaction that is committed or undone. */
int32_t scene_finish(struct scene *scene);
/* All rows of a query as one JSON text. */
const char *scene_query(struct scene *scene, const char *sql);

#endif
