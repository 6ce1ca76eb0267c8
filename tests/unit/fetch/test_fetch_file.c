/* fetch.file on a folder of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "fake_host.h"
#include "fetch_file.h"

#define FOLDER_MOST 64

struct fixture {
    char folder[FOLDER_MOST];
    mizan_task task;
    struct fake_option options[3];
};

static void path_of(const struct fixture *f, const char *name, char out[256])
{
    (void)snprintf(out, 256, "%s/%s", f->folder, name);
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
    char path[256];
    path_of(f, name, path);
    FILE *file = fopen(path, "wbe");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    const struct timespec times[2] = {{.tv_sec = 1756893600}, {.tv_sec = 1756893600}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static const char *const names[] = {"b.html", "a \xd8\xae.txt", "c.json", ".hidden",
                                    "big.txt"};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char path[256];
    assert_non_null(f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/mizan-fetch-file-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        write_file(f, names[i], i == 4 ? "more than ten bytes" : names[i]);
    }
    path_of(f, "folder.html", path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_of(f, "pipe.html", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    f->task.options = f->options;
    f->task.now = 1756900000000;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char path[256];
    fake_finish(&f->task);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(f, names[i], path);
        assert_int_equal(unlink(path), 0);
    }
    path_of(f, "pipe.html", path);
    assert_int_equal(unlink(path), 0);
    path_of(f, "folder.html", path);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

/* Fetches `name` in the folder with the options set so far. */
static int32_t fetch(struct fixture *f, const char *name)
{
    char path[256];
    int32_t status = MIZAN_OK;
    path_of(f, name, path);
    f->options[0] = (struct fake_option){"path", fake_text_value(path)};
    f->task.option_count = f->options[1].name == NULL ? 1 : 2;
    f->task.option_count += f->options[2].name == NULL ? 0 : 1;
    void *instance = fake_open(&f->task, &status);
    assert_non_null(instance);
    const mizan_record *source =
        fake_record(&f->task, "source", "id", "files", "lang", "ar", NULL);
    status = fake_fetch(&f->task, instance, source);
    mizan_plugin_v1.close(instance);
    return status;
}

static void test_one_file(void **state)
{
    struct fixture *f = *state;
    char url[256];
    assert_int_equal(fetch(f, names[1]), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    const mizan_record *document = f->task.documents[0];
    (void)snprintf(url, sizeof url, "file://%s/a%%20%%D8%%AE.txt", f->folder);
    assert_string_equal(fake_text(document, "url"), url);
    assert_string_equal(fake_text(document, "final_url"), url);
    assert_string_equal(fake_text(document, "body"), names[1]);
    assert_string_equal(fake_text(document, "media_type"), "text/plain");
    assert_string_equal(fake_text(document, "last_modified"),
                        "Wed, 03 Sep 2025 10:00:00 GMT");
    assert_int_equal(fake_integer(document, "fetched_at"), f->task.now);
    assert_string_equal(fake_text(document, "source"), "files");
    assert_string_equal(fake_text(document, "lang"), "ar");
    assert_null(fake_text(document, "charset"));
    assert_int_equal(f->task.request_count, 0);
}

static void test_overrides(void **state)
{
    struct fixture *f = *state;
    f->options[1] = (struct fake_option){"media_type", fake_text_value("text/x-own")};
    f->options[2] = (struct fake_option){"lang", fake_text_value("de")};
    assert_int_equal(fetch(f, "c.json"), MIZAN_OK);
    assert_string_equal(fake_text(f->task.documents[0], "media_type"), "text/x-own");
    assert_string_equal(fake_text(f->task.documents[0], "lang"), "de");
}

static void test_folder(void **state)
{
    struct fixture *f = *state;
    f->options[1] = (struct fake_option){"maximum", fake_integer_value(10)};
    assert_int_equal(fetch(f, "."), MIZAN_OK);
    assert_int_equal(f->task.document_count, 3);
    assert_string_equal(fake_text(f->task.documents[0], "body"), names[1]);
    assert_string_equal(fake_text(f->task.documents[1], "body"), "b.html");
    assert_string_equal(fake_text(f->task.documents[2], "body"), "c.json");
    assert_int_equal(f->task.failed_items, 1);
    assert_int_equal(f->task.warnings, 1);
}

static void test_pattern(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fetch(f, "*.html"), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    assert_int_equal(fetch(f, "[bc].*"), MIZAN_OK);
    assert_int_equal(f->task.document_count, 2);
}

static void test_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fetch(f, "absent.html"), MIZAN_ERROR_NOT_FOUND);
    assert_non_null(strstr(f->task.failure, "absent.html"));
    assert_int_equal(fetch(f, "*.none"), MIZAN_ERROR_NOT_FOUND);
    assert_int_equal(fetch(f, "b.html/x"), MIZAN_ERROR_NOT_FOUND);
    assert_int_equal(fetch(f, "folder.html"), MIZAN_ERROR_NOT_FOUND);
    /* A pipe that nobody writes to is refused, not waited for. */
    assert_int_equal(fetch(f, "pipe.html"), MIZAN_ERROR_FAILED);
    assert_non_null(strstr(f->task.failure, "pipe.html"));
    f->options[1] = (struct fake_option){"maximum", fake_integer_value(10)};
    assert_int_equal(fetch(f, "big.txt"), MIZAN_ERROR_LIMIT);
    assert_int_equal(f->task.document_count, 0);
}

static void test_stops(void **state)
{
    struct fixture *f = *state;
    f->task.emit_limit = 2;
    assert_int_equal(fetch(f, "."), MIZAN_ERROR_CANCELLED);
    assert_int_equal(f->task.document_count, 1);
    f->task.cancelled = true;
    assert_int_equal(fetch(f, "b.html"), MIZAN_ERROR_CANCELLED);
}

static void test_plugin_is_offline(void **state)
{
    (void)state;
    assert_int_not_equal(mizan_plugin_v1.flags & MIZAN_PLUGIN_OFFLINE, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_file),
        TEST(test_overrides),
        TEST(test_folder),
        TEST(test_pattern),
        TEST(test_refused),
        TEST(test_stops),
        cmocka_unit_test(test_plugin_is_offline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
