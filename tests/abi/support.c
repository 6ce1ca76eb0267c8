#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "value/record.h"

#define FILE_MOST ((size_t)16 * 1024 * 1024)

static int32_t note_emit(struct mizan_task *task, struct mizan_record *record)
{
    struct bench *bench = task->context;
    assert_true(bench->emitted_count < EMITTED_MOST);
    bench->emitted[bench->emitted_count++] = record;
    return MIZAN_OK;
}

static void note_count(struct mizan_task *task, const char *name, int64_t delta)
{
    struct bench *bench = task->context;
    if (strcmp(name, "plugin_calls") == 0) {
        bench->calls += delta;
    } else if (strcmp(name, "plugin_failures") == 0) {
        bench->failures += delta;
    } else if (strcmp(name, "records_taken") == 0) {
        bench->taken += delta;
    } else if (strcmp(name, "records_discarded") == 0) {
        bench->discarded += delta;
    }
}

static const struct mz_services services = {.emit = note_emit, .count = note_count};

void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->registry = mz_registry_create(NULL, 0);
    bench->arena = mz_arena_create((size_t)4 * 1024 * 1024);
    assert_non_null(bench->registry);
    assert_non_null(bench->arena);
    bench->task.services = &services;
    bench->task.context = bench;
    bench->task.arena = bench->arena;
    bench->task.stage = "stage";
    bench->task.record = "https://example.org/a";
}

void bench_finish(struct bench *bench)
{
    mz_registry_destroy(bench->registry);
    mz_arena_destroy(bench->arena);
}

const char *plugin_path(char out[MZ_PATH], const char *file)
{
    assert_true(mz_path_join(out, ABI_PLUGINS, file));
    return out;
}

struct mz_plugin *bench_load(struct bench *bench, const char *file)
{
    char path[MZ_PATH];
    struct mz_plugin *plugin = NULL;
    if (mz_plugin_load(bench->registry, plugin_path(path, file), &plugin,
                       &bench->error) != MZ_OK) {
        fail_msg("%s", bench->error.message);
    }
    return plugin;
}

struct mz_instance *bench_open(struct bench *bench, const char *file)
{
    struct mz_instance *instance = NULL;
    struct mizan_options *options = NULL;
    struct mz_plugin *plugin = bench_load(bench, file);
    struct mz_schema schema = mz_plugin_schema(plugin);
    if (mz_options_default(bench->arena, &schema, &options, &bench->error) != MZ_OK ||
        mz_instance_open(plugin, &bench->task, options, 0, &instance, &bench->error) !=
            MZ_OK) {
        fail_msg("%s", bench->error.message);
    }
    return instance;
}

struct mizan_record *bench_document(struct bench *bench, const char *text)
{
    struct mizan_record *record = mz_record_create(bench->arena, "document");
    struct mizan_value value = mz_text(text);
    assert_non_null(record);
    assert_int_equal(mz_record_put(record, "text", &value), MIZAN_OK);
    return record;
}

void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", text, part);
    }
}

void scratch_create(char out[MZ_PATH])
{
    char working[MZ_PATH];
    assert_non_null(getcwd(working, sizeof working));
    assert_true(mz_path_join(out, working, "scratch-XXXXXX"));
    assert_non_null(mkdtemp(out));
}

void scratch_remove(const char *folder)
{
    char path[MZ_PATH];
    const struct dirent *entry;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.' && mz_path_join(path, folder, entry->d_name) &&
            unlink(path) != 0) {
            rmdir(path);
        }
    }
    closedir(entries);
    assert_int_equal(rmdir(folder), 0);
}

const char *scratch_file(char out[MZ_PATH], const char *folder, const char *name,
                         const void *data, size_t size, unsigned mode)
{
    assert_true(mz_path_join(out, folder, name));
    FILE *file = fopen(out, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(out, mode), 0);
    return out;
}

char *good_bytes(size_t *size)
{
    char path[MZ_PATH];
    char *data = NULL;
    struct mz_error error;
    if (mz_file_read(plugin_path(path, "good/extract_echo.so"), FILE_MOST, &data, size,
                     &error) != MZ_OK) {
        fail_msg("%s", error.message);
    }
    return data;
}
