/* Whole units as lines, or nothing: escapes, torn ends, full disks, several writers. */
#include "scene.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "value/record.h"

static const char *file_path(struct scene *scene)
{
    return mz_arena_printf(scene->arena, "%s/out.jsonl", scene->folder);
}

static const char *read_all(struct scene *scene)
{
    FILE *file = fopen(file_path(scene), "rb");
    char *text = mz_arena_alloc(scene->arena, 1 << 20);
    assert_non_null(file);
    assert_non_null(text);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

static void write_file(struct scene *scene, const char *text)
{
    FILE *file = fopen(file_path(scene), "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void open_store(struct scene *scene, const char *options)
{
    if (scene_open(scene, options) != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
}

static void store(struct scene *scene, const char *type, const char *json)
{
    if (scene_store(scene, type, json) != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
}

static void put(mizan_record *record, const char *name, struct mizan_value value)
{
    assert_int_equal(mz_record_put(record, name, &value), MIZAN_OK);
}

static void test_values(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    mizan_record *record = scene_record(
        scene, "row", "{\"a\":1,\"b\":1.5,\"c\":true,\"d\":[1,{\"e\":[]}],\"f\":{}}");
    put(record, "time", mz_time(INT64_C(1714557600000)));
    put(record, "later", mz_time(INT64_C(-1)));
    put(record, "bytes", mz_bytes("x", 1));
    put(record, "tenth", mz_double(0.1));
    put(record, "third", mz_double(1.0 / 3));
    put(record, "big", mz_decimal_text("9800000000000000000000.000", 26));
    put(record, "nan", mz_double(strtod("nan", NULL)));
    put(record, "text",
        mz_text(
            "q\" b\\ s/ n\n t\t c\x01 d\x7f \xc3\xa9 \xe2\x80\xa8 \xf0\x9f\x9a\xa2"));
    put(record, "broken", mz_text_slice("\xff\xc3|\xed\xa0\x80|\xf0\x9f", 9));
    assert_int_equal(mizan_plugin_v1.store(scene->instance, &scene->task, record),
                     MIZAN_OK);
    assert_string_equal(read_all(scene), ""); /* nothing before the unit's end */
    assert_int_equal(scene_finish(scene), MIZAN_OK);
    assert_string_equal(
        read_all(scene),
        "{\"_type\":\"row\",\"a\":1,\"b\":1.5,\"c\":true,\"d\":[1,{\"e\":[]}],\"f\":{}"
        ","
        "\"time\":\"2024-05-01T10:00:00Z\",\"later\":\"1969-12-31T23:59:59.999Z\","
        "\"tenth\":0.1,\"third\":0.3333333333333333,"
        "\"big\":9800000000000000000000.000,\"nan\":null,"
        "\"text\":\"q\\\" b\\\\ s/ n\\n t\\t c\\u0001 d\x7f \xc3\xa9 \xe2\x80\xa8 "
        "\xf0\x9f\x9a\xa2\",\"broken\":\"\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd"
        "\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\"}\n");
}

static void test_types_and_ids(void **state)
{
    static const char figure[] =
        "{\"document_id\":\"d\",\"text_sha256\":\"aa\",\"extractor\":\"figures\","
        "\"start\":1,\"end\":2}";
    struct scene *scene = *state;
    char ids[2][33], wanted[512];
    for (int i = 0; i < 2; i++) {
        const struct mizan_slice parts[] = {{"d", 1}, {"aa", 2}, {"figures", 7},
                                            {"1", 1}, {"2", 1},  {i ? "1" : "0", 1}};
        assert_int_equal(mz_host_table()->hash_id(parts, 6, ids[i]), MIZAN_OK);
    }
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    store(scene, "document", "{\"a\":1}");
    for (int unit = 0; unit < 2; unit++) { /* the second unit counts from 0 again */
        store(scene, "figure", figure);
        store(scene, "figure", figure);
        assert_int_equal(scene_finish(scene), MIZAN_OK);
    }
    snprintf(wanted, sizeof(wanted),
             "{\"_type\":\"figure\",\"id\":\"%s\",%s\n"
             "{\"_type\":\"figure\",\"id\":\"%s\",%s\n",
             ids[0], figure + 1, ids[1], figure + 1);
    const char *text = read_all(scene);
    assert_int_equal(strlen(text), 2 * strlen(wanted));
    assert_memory_equal(text, wanted, strlen(wanted));
    assert_string_equal(text + strlen(wanted), wanted);
}

static void test_chosen_types(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{\"path\":\"out.jsonl\",\"types\":[\"document\",\"row\"]}");
    store(scene, "document", "{\"a\":1}");
    store(scene, "figure", "{\"a\":2}");
    store(scene, "row", "{\"_type\":\"forged\"}");
    assert_int_equal(scene_finish(scene), MIZAN_OK);
    assert_string_equal(read_all(scene),
                        "{\"_type\":\"document\",\"a\":1}\n{\"_type\":\"row\"}\n");
}

static void test_torn_line(void **state)
{
    struct scene *scene = *state;
    write_file(scene, "{\"whole\":1}\n{\"to");
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    store(scene, "row", "{}");
    assert_int_equal(scene_finish(scene), MIZAN_OK);
    assert_string_equal(read_all(scene), "{\"whole\":1}\n{\"_type\":\"row\"}\n");
    write_file(scene, "never a line");
    store(scene, "row", "{}");
    assert_int_equal(scene_finish(scene), MIZAN_OK);
    assert_string_equal(read_all(scene), "{\"_type\":\"row\"}\n");
}

static void test_append_or_empty(void **state)
{
    struct scene *scene = *state;
    struct stat facts;
    write_file(scene, "{}\n");
    open_store(scene, "{\"path\":\"out.jsonl\",\"append\":false}");
    assert_string_equal(read_all(scene), "");
    assert_int_equal(unlink(file_path(scene)), 0);
    mizan_plugin_v1.close(scene->instance);
    scene->instance = NULL;
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    assert_int_equal(stat(file_path(scene), &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void test_discarded_unit(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    store(scene, "row", "{\"a\":1}");
    mizan_plugin_v1.discard_unit(scene->instance, &scene->task);
    store(scene, "row", "{\"a\":2}");
    assert_int_equal(scene_finish(scene), MIZAN_OK);
    assert_string_equal(read_all(scene), "{\"_type\":\"row\",\"a\":2}\n");
}

static void test_refused_paths(void **state)
{
    struct scene *scene = *state;
    const char *link = mz_arena_printf(scene->arena, "%s/link.jsonl", scene->folder);
    assert_int_equal(symlink(file_path(scene), link), 0);
    assert_int_equal(scene_open(scene, "{\"path\":\"link.jsonl\"}"),
                     MIZAN_ERROR_FAILED);
    assert_non_null(strstr(scene->error.message, "symbolic link"));
    assert_int_equal(scene_open(scene, "{\"path\":\".\"}"), MIZAN_ERROR_FAILED);
    assert_non_null(strstr(scene->error.message, "Is a directory"));
    assert_int_equal(scene_open(scene, "{\"path\":\"none/out.jsonl\"}"),
                     MIZAN_ERROR_OPTION);
    assert_non_null(strstr(scene->error.message, "the folder"));
    assert_int_equal(scene_open(scene, "{}"), MIZAN_ERROR_OPTION);
    assert_null(scene->instance);
}

static void store_many(struct scene *scene, int count)
{
    char json[64];
    for (int i = 0; i < count; i++) {
        snprintf(json, sizeof(json), "{\"process\":%d,\"row\":%d}", (int)getpid(), i);
        store(scene, "row", json);
    }
}

/* The limit on file sizes is a full disk that needs no disk: the file is afterwards as
 * long as before, and takes the unit when there is room again. */
static void test_full(void **state)
{
    struct scene *scene = *state;
    struct rlimit before, small = {20000, RLIM_INFINITY};
    write_file(scene, "{\"first\":1}\n");
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    store_many(scene, 2000);
    int32_t status = scene_finish(scene);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, old);
    assert_int_equal(status, MIZAN_ERROR_FAILED);
    assert_non_null(strstr(scene->error.message, file_path(scene)));
    assert_non_null(strstr(scene->error.message, "File too large"));
    assert_string_equal(read_all(scene), "{\"first\":1}\n");
    store(scene, "row", "{}");
    assert_int_equal(scene_finish(scene), MIZAN_OK);
    assert_string_equal(read_all(scene), "{\"first\":1}\n{\"_type\":\"row\"}\n");
}

static void test_no_space(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{\"path\":\"/dev/full\"}");
    store(scene, "row", "{}");
    assert_int_equal(scene_finish(scene), MIZAN_ERROR_TRANSIENT);
    assert_non_null(strstr(scene->error.message, "/dev/full: No space left"));
}

/* Two processes, a hundred units each: every line whole, every unit in one piece. */
static void test_two_writers(void **state)
{
    struct scene *scene = *state;
    pid_t children[2];
    for (int c = 0; c < 2; c++) {
        children[c] = fork();
        assert_true(children[c] >= 0);
        if (children[c] == 0) {
            int failed = scene_open(scene, "{\"path\":\"out.jsonl\"}") != MIZAN_OK;
            for (int i = 0; !failed && i < 100; i++) {
                store_many(scene, 20);
                failed = scene_finish(scene) != MIZAN_OK;
            }
            _exit(failed);
        }
    }
    for (int c = 0; c < 2; c++) {
        int status;
        assert_int_equal(waitpid(children[c], &status, 0), children[c]);
        assert_int_equal(status, 0);
    }
    const char *line = read_all(scene);
    int lines = 0, process = 0;
    for (; *line != '\0'; lines++) {
        int owner, row;
        assert_int_equal(
            sscanf(line, "{\"_type\":\"row\",\"process\":%d,\"row\":%d}", &owner, &row),
            2);
        assert_int_equal(row, lines % 20);
        assert_true(row == 0 || owner == process);
        process = owner;
        line = strchr(line, '\n');
        assert_non_null(line);
        line++;
    }
    assert_int_equal(lines, 4000);
}

static void test_cancelled_while_locked(void **state)
{
    struct scene *scene = *state;
    int ends[2];
    char byte;
    open_store(scene, "{\"path\":\"out.jsonl\"}");
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* holds the lock until its pipe is closed */
        int file = open(file_path(scene), O_RDWR | O_CLOEXEC);
        int held = file >= 0 && flock(file, LOCK_EX) == 0;
        close(ends[0]);
        (void)!write(ends[1], "x", held ? 1 : 0);
        pause();
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    store(scene, "row", "{}");
    atomic_store(&scene->cancel, 1);
    assert_int_equal(scene_finish(scene), MIZAN_ERROR_CANCELLED);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    assert_string_equal(read_all(scene), "");
}

static void test_standard_output(void **state)
{
    struct scene *scene = *state;
    int saved = dup(STDOUT_FILENO);
    int file = open(file_path(scene), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(saved >= 0 && file >= 0);
    fflush(stdout);
    assert_true(dup2(file, STDOUT_FILENO) >= 0);
    int32_t opened = scene_open(scene, "{\"path\":\"-\"}");
    int32_t stored = scene_store(scene, "row", "{\"a\":1}");
    int32_t finished = scene_finish(scene);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    close(saved);
    close(file);
    assert_int_equal(opened, MIZAN_OK);
    assert_int_equal(stored, MIZAN_OK);
    assert_int_equal(finished, MIZAN_OK);
    assert_string_equal(read_all(scene), "{\"_type\":\"row\",\"a\":1}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_values),
        TEST(test_types_and_ids),
        TEST(test_chosen_types),
        TEST(test_torn_line),
        TEST(test_append_or_empty),
        TEST(test_discarded_unit),
        TEST(test_refused_paths),
        TEST(test_full),
        TEST(test_no_space),
        TEST(test_two_writers),
        TEST(test_cancelled_while_locked),
        TEST(test_standard_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
