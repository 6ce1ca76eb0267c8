/* An extract plugin in its surroundings: a document whose body lies in the record or is
 * read in pieces, every slice of it, and what came out: records as lines of JSON with
 * their locators, rejects, the failure. */
#ifndef TEST_EXTRACT_SCENE_H
#define TEST_EXTRACT_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "mizan/plugin.h"
#include "plug/task.h"

extern const struct mizan_plugin mizan_plugin_v1; /* the plugin under test */

struct scene {
    struct mz_arena *arena; /* of the test */
    struct mz_arena *slice; /* of the call, emptied after each */
    struct mizan_task task;
    struct mz_error error;
    void *instance;
    const char *body;
    size_t size;
    bool pieces; /* the body is not in the record */
    struct mizan_cursor begin, next;
    bool more;
    size_t slices, rows, rejects;
    struct mz_buffer out, rejected;
    size_t most; /* of bytes that one call used */
};

int scene_set_up(void **state);
int scene_tear_down(void **state);
/* Opens the plugin with options given as a JSON object; returns its status. */
int32_t scene_open(struct scene *scene, const char *options);
/* Runs it over a document, slice by slice; returns the last status. */
int32_t scene_run(struct scene *scene, const char *media_type, const char *body,
                  size_t size);
/* The same with the default options, of a text: what came out must be `rows`, `rejects`
 * and `failure` (NULL: none; else a part of the sentence). */
void scene_expect(struct scene *scene, const char *options, const char *body,
                  const char *rows, const char *rejects, const char *failure);
/* What came out: the lines of the records, and of the rejects. */
const char *scene_rows(struct scene *scene);
const char *scene_rejects(struct scene *scene);

#endif
