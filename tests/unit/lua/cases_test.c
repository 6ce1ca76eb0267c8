/* Scripts as data: tests/lua/load/NAME.lua must fail to load, and
 * tests/lua/stage/NAME.lua must load and answer a figure, as NAME.expect says. Its
 * lines are "key: text": code, line, column, width, message, help, outcome, place,
 * calls, traceback; texts are parts of what is shown, and every line that is given is
 * compared. */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES_MOST 200

struct scenario {
    char path[512]; /* without .lua */
    bool stage;
};

static struct scenario scenarios[CASES_MOST];
static struct CMUnitTest tests[CASES_MOST];
static size_t scenario_count;

static void compare_number(const char *what, int expected, int actual)
{
    if (expected != actual) {
        print_error("%s is %d, expected %d\n", what, actual, expected);
        fail();
    }
}

static void compare_outcome(const struct bench *bench, const char *text)
{
    static const char *const words[] = {"pass", "drop", "reject", "error"};
    assert_string_equal(words[bench->result.outcome], text);
}

static void compare(const struct bench *bench, const char *key, const char *text)
{
    const struct mz_error *error = &bench->error;
    const struct mz_stage_result *result = &bench->result;
    int number = (int)strtol(text, NULL, 10);
    if (strcmp(key, "code") == 0) {
        assert_string_equal(mz_code_name(error->code), text);
    } else if (strcmp(key, "line") == 0) {
        compare_number(key, number, error->line);
    } else if (strcmp(key, "column") == 0) {
        compare_number(key, number, error->column);
    } else if (strcmp(key, "width") == 0) {
        compare_number(key, number, error->width);
    } else if (strcmp(key, "message") == 0) {
        assert_contains(result->reason != NULL ? result->reason : error->message, text);
    } else if (strcmp(key, "help") == 0) {
        assert_contains(error->help, text);
    } else if (strcmp(key, "outcome") == 0) {
        compare_outcome(bench, text);
    } else if (strcmp(key, "place") == 0) {
        assert_string_equal(result->place != NULL ? result->place : "", text);
    } else if (strcmp(key, "traceback") == 0) {
        assert_contains(result->traceback, text);
    } else if (strcmp(key, "calls") != 0) {
        print_error("unknown key '%s'\n", key);
        fail();
    }
}

static void run_calls(struct bench *bench, const char *expected)
{
    const char *calls = strstr(expected, "calls: ");
    long count = calls != NULL ? strtol(calls + 7, NULL, 10) : 1;
    for (long i = 0; i < count; i++) {
        enum mz_code code = bench_call(bench, 1);
        bench->error.code = code;
    }
}

static void run(void **state)
{
    const struct scenario *scenario = *state;
    struct bench bench;
    char path[520];
    char *expected;
    size_t size;
    bench_init(&bench);
    snprintf(path, sizeof path, "%s.expect", scenario->path);
    assert_int_equal(mz_file_read(path, 4096, &expected, &size, &bench.error), MZ_OK);
    snprintf(path, sizeof path, "%s.lua", scenario->path);
    enum mz_code code = bench_load(&bench, path);
    if (scenario->stage) {
        if (code != MZ_OK) {
            print_error("%s\n", bench.error.message);
        }
        assert_int_equal(code, MZ_OK);
        run_calls(&bench, expected);
    } else {
        assert_int_not_equal(code, MZ_OK);
        if (bench.error.file[0] != '\0') {
            char real[MZ_PATH];
            assert_non_null(realpath(path, real));
            assert_string_equal(bench.error.file, real);
        }
    }
    char *rest = NULL;
    for (char *line = strtok_r(expected, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *text = strstr(line, ": ");
        assert_non_null(text);
        *text = '\0';
        compare(&bench, line, text + 2);
    }
    free(expected);
    bench_finish(&bench);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct scenario *)a)->path,
                  ((const struct scenario *)b)->path);
}

static void collect(const char *folder, bool stage)
{
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL;
         entry = readdir(entries)) {
        size_t size = strlen(entry->d_name);
        if (size > 4 && strcmp(entry->d_name + size - 4, ".lua") == 0 &&
            scenario_count < CASES_MOST) {
            struct scenario *scenario = &scenarios[scenario_count++];
            snprintf(scenario->path, sizeof scenario->path, "%s/%.*s", folder,
                     (int)size - 4, entry->d_name);
            scenario->stage = stage;
        }
    }
    closedir(entries);
}

int main(void)
{
    collect(TEST_SCRIPTS "/load", false);
    collect(TEST_SCRIPTS "/stage", true);
    qsort(scenarios, scenario_count, sizeof *scenarios, by_name);
    for (size_t i = 0; i < scenario_count; i++) {
        const char *name = strstr(scenarios[i].path, "tests/lua/");
        tests[i] = (struct CMUnitTest){name != NULL ? name : scenarios[i].path, run,
                                       NULL, NULL, &scenarios[i]};
    }
    if (scenario_count < 30) {
        fprintf(stderr, "only %zu scripts found in %s\n", scenario_count, TEST_SCRIPTS);
        return 1;
    }
    return _cmocka_run_group_tests("lua/cases", tests, scenario_count, NULL, NULL);
}
