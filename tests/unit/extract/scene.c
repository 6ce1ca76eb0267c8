#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "value/json.h"
#include "value/options.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)512 << 20)
#define OUT_MOST      ((size_t)64 << 20)

static int32_t emit(struct mizan_task *task, struct mizan_record *record)
{
    struct scene *scene = task->context;
    scene->rows++;
    if (scene->rows <= 1000) {
        mz_json_record(&scene->out, record, true);
        mz_buffer_byte(&scene->out, '\n');
    }
    assert_false(mz_record_spoiled(record));
    return MIZAN_OK;
}

static int32_t reject(struct mizan_task *task, const struct mizan_record *record,
                      const char *reason)
{
    struct scene *scene = task->context;
    (void)record;
    scene->rejects++;
    if (scene->rejects <= 1000) {
        mz_buffer_text(&scene->rejected, reason);
        mz_buffer_byte(&scene->rejected, '\n');
    }
    return MIZAN_OK;
}

static int32_t body_read(struct mizan_task *task, uint64_t offset, void *out,
                         size_t size, size_t *got)
{
    struct scene *scene = task->context;
    size_t left = offset < scene->size ? scene->size - (size_t)offset : 0;
    *got = size < left ? size : left;
    if (*got > 0) {
        memcpy(out, scene->body + offset, *got);
    }
    return MIZAN_OK;
}

static int32_t slice_begin(struct mizan_task *task, struct mizan_cursor *cursor)
{
    struct scene *scene = task->context;
    *cursor = scene->begin;
    return MIZAN_OK;
}

static int32_t slice_end(struct mizan_task *task, const struct mizan_cursor *next)
{
    struct scene *scene = task->context;
    assert_true(next->state.size <= 1024);
    scene->next.offset = next->offset;
    scene->next.state.data =
        mz_arena_copy(scene->arena, next->state.data, next->state.size);
    scene->next.state.size = next->state.size;
    scene->more = true;
    return MIZAN_OK;
}

static void count(struct mizan_task *task, const char *name, int64_t delta)
{
    (void)task;
    (void)name;
    (void)delta;
}

static const struct mz_services services = {.emit = emit,
                                            .reject = reject,
                                            .body_read = body_read,
                                            .slice_begin = slice_begin,
                                            .slice_end = slice_end,
                                            .count = count};

int scene_set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    if (scene == NULL) {
        return 1;
    }
    scene->arena = mz_arena_create(ARENA_CEILING);
    scene->slice = mz_arena_create(ARENA_CEILING);
    scene->task.services = &services;
    scene->task.context = scene;
    scene->task.arena = scene->arena;
    scene->task.error = &scene->error;
    mz_buffer_init(&scene->out, OUT_MOST);
    mz_buffer_init(&scene->rejected, OUT_MOST);
    *state = scene;
    return scene->arena == NULL || scene->slice == NULL;
}

int scene_tear_down(void **state)
{
    struct scene *scene = *state;
    if (scene->instance != NULL) {
        mizan_plugin_v1.close(scene->instance);
    }
    mz_buffer_finish(&scene->out);
    mz_buffer_finish(&scene->rejected);
    mz_arena_destroy(scene->arena);
    mz_arena_destroy(scene->slice);
    free(scene);
    return 0;
}

int32_t scene_open(struct scene *scene, const char *json)
{
    struct mizan_value given;
    struct mz_schema schema = {"extract", mizan_plugin_v1.options,
                               mizan_plugin_v1.option_count,
                               mizan_plugin_v1.option_size};
    struct mizan_options *options;
    if (scene->instance != NULL) {
        mizan_plugin_v1.close(scene->instance);
        scene->instance = NULL;
    }
    assert_int_equal(
        mz_json_parse(scene->arena, json, strlen(json), &given, &scene->error), MZ_OK);
    if (mz_options_check(scene->arena, &schema, &given, "/", &options, NULL,
                         &scene->error) != MZ_OK) {
        return MIZAN_ERROR_OPTION;
    }
    scene->task.arena = scene->arena;
    return mizan_plugin_v1.open(mz_host_table(), &scene->task, options,
                                &scene->instance);
}

static struct mizan_record *document(struct scene *scene, const char *media_type)
{
    struct mizan_record *record = mz_record_create(scene->slice, "document");
    struct mizan_value type = mz_text(media_type);
    struct mizan_value url = mz_text("file:///data/in");
    struct mizan_value body = mz_bytes(scene->body, scene->size);
    assert_non_null(record);
    assert_int_equal(mz_record_put(record, "url", &url), MIZAN_OK);
    assert_int_equal(mz_record_put(record, "media_type", &type), MIZAN_OK);
    if (!scene->pieces) {
        assert_int_equal(mz_record_put(record, "body", &body), MIZAN_OK);
    }
    return record;
}

int32_t scene_run(struct scene *scene, const char *media_type, const char *body,
                  size_t size)
{
    int32_t status;
    scene->body = body;
    scene->size = size;
    scene->begin = (struct mizan_cursor){0, {"", 0}};
    scene->rows = 0;
    scene->rejects = 0;
    scene->slices = 0;
    scene->most = 0;
    scene->out.size = 0;
    scene->rejected.size = 0;
    scene->error.message[0] = '\0';
    do {
        mz_arena_reset(scene->slice);
        scene->task.arena = scene->slice;
        scene->more = false;
        status = mizan_plugin_v1.extract(scene->instance, &scene->task,
                                         document(scene, media_type));
        size_t used = mz_arena_used(scene->slice);
        scene->most = used > scene->most ? used : scene->most;
        scene->begin = scene->next;
        scene->slices++;
    } while (status == MIZAN_OK && scene->more);
    return status;
}

static const char *text_of(struct scene *scene, const struct mz_buffer *buffer)
{
    char *text = mz_arena_copy(scene->arena, buffer->size == 0 ? "" : buffer->data,
                               buffer->size);
    assert_non_null(text);
    return text;
}

const char *scene_rows(struct scene *scene)
{
    return text_of(scene, &scene->out);
}

const char *scene_rejects(struct scene *scene)
{
    return text_of(scene, &scene->rejected);
}

void scene_expect(struct scene *scene, const char *options, const char *body,
                  const char *rows, const char *rejects, const char *failure)
{
    assert_int_equal(scene_open(scene, options), MIZAN_OK);
    int32_t status = scene_run(scene, "", body, strlen(body));
    if (failure == NULL && status != MIZAN_OK) {
        fail_msg("%s: %s", body, scene->error.message);
    }
    if (failure != NULL &&
        (status == MIZAN_OK || strstr(scene->error.message, failure) == NULL)) {
        fail_msg("%s: \"%s\" is no \"%s\"", body, scene->error.message, failure);
    }
    assert_string_equal(scene_rows(scene), rows);
    assert_string_equal(scene_rejects(scene), rejects);
}
