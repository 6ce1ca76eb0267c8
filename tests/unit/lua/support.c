#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void assert_contains(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        print_error("\"%s\" does not contain \"%s\"\n", text != NULL ? text : "(null)",
                    part);
        fail();
    }
}

void bench_init(struct bench *bench)
{
    static const char *const folders[] = {TEST_PLUGINS};
    memset(bench, 0, sizeof *bench);
    strncpy(bench->folder, "/tmp/mizan_lua_XXXXXX", sizeof bench->folder - 1);
    assert_non_null(mkdtemp(bench->folder));
    bench->registry = mz_registry_create(folders, 1);
    bench->arena = mz_arena_create(64 << 20);
    bench->unit = mz_arena_create(64 << 20);
    assert_non_null(bench->registry);
    assert_non_null(bench->arena);
    assert_non_null(bench->unit);
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        unlink(path);
        return;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        char below[MZ_PATH];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
            remove_tree(below);
        }
    }
    closedir(folder);
    rmdir(path);
}

void bench_finish(struct bench *bench)
{
    mz_lua_destroy(bench->lua);
    mz_arena_destroy(bench->arena);
    mz_arena_destroy(bench->unit);
    mz_registry_destroy(bench->registry);
    remove_tree(bench->folder);
}

void bench_write_bytes(struct bench *bench, const char *name, const char *data,
                       size_t size)
{
    char path[MZ_PATH], folder[MZ_PATH];
    assert_true(mz_path_join(path, bench->folder, name));
    mz_path_folder(folder, path);
    assert_int_equal(mz_folder_create(folder, &bench->error), MZ_OK);
    assert_int_equal(mz_file_write(path, data, size, &bench->error), MZ_OK);
}

void bench_write(struct bench *bench, const char *name, const char *text)
{
    bench_write_bytes(bench, name, text, strlen(text));
}

enum mz_code bench_load(struct bench *bench, const char *name)
{
    char path[MZ_PATH], folder[MZ_PATH];
    assert_true(mz_path_join(path, bench->folder, name));
    mz_project_find(path, folder);
    struct mz_lua_settings settings = {
        .folder = folder,
        .memory = bench->memory,
        .load_time = bench->load_time,
        .registry = bench->registry,
        .parameters = bench->parameters,
        .parameter_count = bench->parameter_count,
    };
    mz_lua_destroy(bench->lua);
    bench->lua = NULL;
    mz_arena_reset(bench->arena);
    memset(&bench->error, 0, sizeof bench->error);
    enum mz_code code = mz_lua_create(&settings, &bench->lua, &bench->error);
    if (code != MZ_OK) {
        return code;
    }
    return mz_lua_load_pipeline(bench->lua, path, bench->arena, &bench->pipeline,
                                &bench->error);
}

enum mz_code bench_load_text(struct bench *bench, const char *text)
{
    bench_write(bench, "main.lua", text);
    return bench_load(bench, "main.lua");
}

void bench_stage(struct bench *bench, const char *body)
{
    char *text;
    assert_true(
        asprintf(&text,
                 "local mizan, kept = require 'mizan', {}\n"
                 "local stage = mizan.each('figure', 'sure', function(rec, ctx)\n"
                 "%s\nend)\n"
                 "return mizan.pipeline { name = 'test', stages = {\n"
                 "mizan.fetch.shelf {}, stage, mizan.store.bin {} } }\n",
                 body) > 0);
    enum mz_code code = bench_load_text(bench, text);
    free(text);
    if (code != MZ_OK) {
        print_error("%s\n", bench->error.message);
    }
    assert_int_equal(code, MZ_OK);
}

static void set(struct mizan_record *record, const char *name, struct mizan_value value)
{
    assert_int_equal(mz_record_put(record, name, &value), MIZAN_OK);
}

struct mizan_record *bench_figure(struct bench *bench)
{
    static const char bytes[] = {'\xff', '\0', 'b'};
    struct mizan_value tags[2] = {mz_text("oil"), mz_decimal_text("0.5", 3)};
    struct mizan_field members[] = {
        {{"en", 2}, mz_text("balance")},
        {{"ar", 2}, mz_text("ميزان")},
    };
    struct mizan_value list = {.type = MIZAN_LIST, .as.list = {tags, 2}};
    struct mizan_value map = {.type = MIZAN_MAP, .as.map = {members, 2}};
    struct mizan_record *record = mz_record_create(bench->unit, "figure");
    assert_non_null(record);
    set(record, "kind", mz_text("money"));
    set(record, "value", mz_decimal_text("9800000000.5", 12));
    set(record, "confidence", mz_double(0.75));
    set(record, "start", mz_integer(17));
    set(record, "end", mz_integer(42));
    set(record, "approx", mz_boolean(true));
    set(record, "date", mz_time(1700000000000));
    set(record, "raw", mz_bytes(bytes, sizeof bytes));
    set(record, "tags", list);
    set(record, "names", map);
    return record;
}

void bench_begin(struct bench *bench)
{
    mz_arena_reset(bench->unit);
    bench->document = mz_record_create(bench->unit, "document");
    bench->source = mz_record_create(bench->unit, "source");
    assert_non_null(bench->document);
    assert_non_null(bench->source);
    set(bench->document, "url", mz_text("https://example.org/a"));
    set(bench->document, "title", mz_text("A page"));
    set(bench->source, "id", mz_text("shelf"));
    struct mz_unit_context context = {
        .document = bench->document,
        .source = bench->source,
        .run_id = "run-1",
        .tick = "2025-09-03T10:00:00Z",
        .trigger = "manual",
        .attempt = 2,
    };
    mz_lua_begin_unit(bench->lua, bench->pipeline, &context);
}

enum mz_code bench_call(struct bench *bench, size_t index)
{
    bench_begin(bench);
    enum mz_code code =
        mz_lua_each(bench->lua, &bench->pipeline->stages[index], bench_figure(bench),
                    bench->unit, &bench->result, &bench->error);
    mz_lua_end_unit(bench->lua);
    return code;
}

void bench_pass(struct bench *bench, const char *body)
{
    bench_stage(bench, body);
    assert_int_equal(bench_call(bench, 1), MZ_OK);
    if (bench->result.outcome != MZ_PASS) {
        print_error("%s: %s\n%s\n", bench->result.place, bench->result.reason, body);
    }
    assert_int_equal(bench->result.outcome, MZ_PASS);
}

void bench_error(struct bench *bench, const char *body, const char *text)
{
    bench_stage(bench, body);
    assert_int_equal(bench_call(bench, 1), MZ_OK);
    if (bench->result.outcome != MZ_ERROR) {
        print_error("no error from: %s\n", body);
    }
    assert_int_equal(bench->result.outcome, MZ_ERROR);
    assert_contains(bench->result.reason, text);
}
