#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "value/json.h"
#include "value/options.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)256 << 20)

static int32_t upsert(struct mizan_task *task, const char *table,
                      const struct mizan_record *record)
{
    struct scene *scene = task->context;
    assert_non_null(scene->db);
    assert_true(mz_db_in_transaction(scene->db));
    return mz_db_upsert(scene->db, table, record, &scene->error) == MZ_OK
               ? MIZAN_OK
               : MIZAN_ERROR_FAILED;
}

static int32_t query(struct mizan_task *task, const char *name,
                     const struct mizan_value *arguments, struct mizan_value *rows)
{
    struct scene *scene = task->context;
    const struct mz_named_query *statement = mz_store_statement(name);
    assert_non_null(statement);
    assert_true(mz_db_in_transaction(scene->db));
    return mz_db_named(scene->db, statement, arguments, scene->arena, rows,
                       &scene->error) == MZ_OK
               ? MIZAN_OK
               : MIZAN_ERROR_FAILED;
}

static void count(struct mizan_task *task, const char *name, int64_t delta)
{
    struct scene *scene = task->context;
    if (strcmp(name, "figures_left_out") == 0) {
        scene->left_out += delta;
    } else if (strcmp(name, "figure_links_without_end") == 0) {
        scene->endless += delta;
    }
}

static const struct mz_services services = {
    .db_upsert = upsert, .db_query = query, .count = count};

int scene_set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    if (scene == NULL) {
        return 1;
    }
    snprintf(scene->folder, sizeof(scene->folder), "/tmp/mizan-store-XXXXXX");
    scene->arena = mz_arena_create(ARENA_CEILING);
    scene->task.services = &services;
    scene->task.context = scene;
    scene->task.arena = scene->arena;
    scene->task.error = &scene->error;
    scene->task.cancel = &scene->cancel;
    *state = scene;
    return scene->arena == NULL || mkdtemp(scene->folder) == NULL;
}

int scene_tear_down(void **state)
{
    static const char *const files[] = {"home.db", "home.db-wal", "home.db-shm",
                                        "out.jsonl", "link.jsonl"};
    struct scene *scene = *state;
    if (scene->instance != NULL) {
        mizan_plugin_v1.close(scene->instance);
    }
    mz_db_close(scene->db);
    mz_arena_destroy(scene->arena);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", scene->folder, files[i]);
        unlink(path);
    }
    rmdir(scene->folder);
    free(scene);
    return 0;
}

static void execute(struct scene *scene, const char *sql)
{
    if (mz_db_execute(scene->db, sql, NULL, 0, NULL, &scene->error) != MZ_OK) {
        fail_msg("%s: %s", sql, scene->error.message);
    }
}

void scene_open_database(struct scene *scene)
{
    char url[128];
    snprintf(url, sizeof(url), "sqlite:%s/home.db", scene->folder);
    if (mz_db_open(url, MZ_DB_CREATE, &scene->db, &scene->error) != MZ_OK) {
        fail_msg("%s", scene->error.message);
    }
    execute(scene, "INSERT INTO run(id, pipeline, host_version, started_at) "
                   "VALUES('run1', 'p', '0', '2025-01-01T00:00:00Z')");
    execute(scene, "INSERT INTO document(id, pipeline, source_id, url, fetched_at, "
                   "raw_sha256) VALUES('doc1', 'p', 's', 'http://a.example/', "
                   "'2025-01-01T00:00:00Z', '00')");
}

static struct mizan_value parse(struct scene *scene, const char *json)
{
    struct mizan_value value;
    if (mz_json_parse(scene->arena, json, strlen(json), &value, &scene->error) !=
        MZ_OK) {
        fail_msg("%s: %s", json, scene->error.message);
    }
    return value;
}

int32_t scene_open(struct scene *scene, const char *json)
{
    struct mizan_value given = parse(scene, json);
    struct mz_schema schema = {"store", mizan_plugin_v1.options,
                               mizan_plugin_v1.option_count,
                               mizan_plugin_v1.option_size};
    struct mizan_options *options;
    if (mz_options_check(scene->arena, &schema, &given, scene->folder, &options, NULL,
                         &scene->error) != MZ_OK) {
        return MIZAN_ERROR_OPTION;
    }
    return mizan_plugin_v1.open(mz_host_table(), &scene->task, options,
                                &scene->instance);
}

mizan_record *scene_record(struct scene *scene, const char *type, const char *json)
{
    struct mizan_value fields = parse(scene, json);
    mizan_record *record = mz_record_create(scene->arena, type);
    assert_non_null(record);
    assert_int_equal(fields.type, MIZAN_MAP);
    for (size_t i = 0; i < fields.as.map.count; i++) {
        const struct mizan_field *field = &fields.as.map.fields[i];
        char *name = mz_arena_copy(scene->arena, field->name.data, field->name.size);
        assert_non_null(name);
        assert_int_equal(mz_record_put(record, name, &field->value), MIZAN_OK);
    }
    return record;
}

int32_t scene_store(struct scene *scene, const char *type, const char *json)
{
    return mizan_plugin_v1.store(scene->instance, &scene->task,
                                 scene_record(scene, type, json));
}

int32_t scene_finish(struct scene *scene)
{
    if (scene->db == NULL) {
        return mizan_plugin_v1.finish_unit(scene->instance, &scene->task);
    }
    assert_int_equal(mz_db_begin(scene->db, &scene->error), MZ_OK);
    int32_t status = mizan_plugin_v1.finish_unit(scene->instance, &scene->task);
    if (status == MIZAN_OK) {
        struct mz_error error;
        assert_int_equal(mz_db_commit(scene->db, &error), MZ_OK);
    } else {
        mz_db_rollback(scene->db);
    }
    return status;
}

const char *scene_query(struct scene *scene, const char *sql)
{
    struct mizan_value rows;
    struct mz_buffer out;
    if (mz_db_rows(scene->db, sql, NULL, 0, scene->arena, &rows, &scene->error) !=
        MZ_OK) {
        fail_msg("%s: %s", sql, scene->error.message);
    }
    mz_buffer_init(&out, (size_t)1 << 20);
    mz_json_value(&out, &rows);
    char *text = mz_arena_copy(scene->arena, out.data, out.size);
    mz_buffer_finish(&out);
    assert_non_null(text);
    return text;
}
