/* The project's mizan.lua. */
#include "support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void projects_are_found(void **state)
{
    struct bench bench;
    char folder[MZ_PATH], path[MZ_PATH], expected[MZ_PATH];
    (void)state;
    bench_init(&bench);
    assert_non_null(realpath(bench.folder, expected));
    bench_write(&bench, "mizan.lua", "return {}");
    bench_write(&bench, "a/b/script.lua", "return 1");
    snprintf(path, sizeof path, "%s/a/b/script.lua", bench.folder);
    mz_project_find(path, folder);
    assert_string_equal(folder, expected);
    snprintf(path, sizeof path, "%s/a", bench.folder);
    mz_project_find(path, folder);
    assert_string_equal(folder, expected);
    bench_write(&bench, "a/b/mizan.lua", "return {}");
    snprintf(path, sizeof path, "%s/a/b/script.lua", bench.folder);
    mz_project_find(path, folder);
    assert_contains(folder, "/a/b");
    bench_finish(&bench);
}

static void without_a_file_it_is_empty(void **state)
{
    struct bench bench;
    struct mz_project project;
    char folder[MZ_PATH], path[MZ_PATH];
    (void)state;
    bench_init(&bench);
    bench_write(&bench, "x/script.lua", "return 1");
    snprintf(path, sizeof path, "%s/x/script.lua", bench.folder);
    mz_project_find(path, folder);
    assert_contains(folder, "/x");
    assert_int_equal(mz_project_load(folder, bench.arena, &project, &bench.error),
                     MZ_OK);
    assert_string_equal(project.folder, folder);
    assert_null(project.database);
    assert_int_equal(project.plugin_count, 0);
    assert_int_equal(project.all.type, MIZAN_MAP);
    assert_int_equal(
        mz_project_load("/no/such/folder", bench.arena, &project, &bench.error),
        MZ_NO_FILE);
    bench_finish(&bench);
}

static void settings_are_read(void **state)
{
    struct bench bench;
    struct mz_project project;
    char expected[MZ_PATH], path[MZ_PATH + 32];
    (void)state;
    bench_init(&bench);
    assert_non_null(realpath(bench.folder, expected));
    bench_write(&bench, "lib/names.lua", "return { 'pdftotext' }");
    bench_write(
        &bench, "mizan.lua",
        "return { database = 'sqlite:data/home.db', plugins = { 'own', '/opt/p' "
        "},\n  programs = require 'names', defaults = { gap = '1s' } }");
    assert_int_equal(mz_project_load(bench.folder, bench.arena, &project, &bench.error),
                     MZ_OK);
    snprintf(path, sizeof path, "sqlite:%s/data/home.db", expected);
    assert_string_equal(project.database, path);
    snprintf(path, sizeof path, "%s/own", expected);
    assert_int_equal(project.plugin_count, 2);
    assert_string_equal(project.plugins[0], path);
    assert_string_equal(project.plugins[1], "/opt/p");
    assert_int_equal(project.program_count, 1);
    assert_string_equal(project.programs[0], "pdftotext");
    assert_non_null(mz_map_member(&project.all, "defaults"));
    bench_write(&bench, "mizan.lua", "return { database = 'postgres://a@b/c' }");
    assert_int_equal(mz_project_load(bench.folder, bench.arena, &project, &bench.error),
                     MZ_OK);
    assert_string_equal(project.database, "postgres://a@b/c");
    bench_finish(&bench);
}

static void mistakes_show_their_place(void **state)
{
    static const struct {
        const char *text, *message;
        int line;
    } cases[] = {
        {"return {\n  databse = 'x' }",
         "knows no key 'databse'; did you mean 'database'?", 2},
        {"return {\n\n  plugins = 5 }", "'plugins' wants a list of texts, not a number",
         3},
        {"return 5", "mizan.lua returns number, not a table of settings", 0},
        {"local x = nil\nreturn x.y", "attempt to index a nil value", 2},
        {"return {", "unexpected symbol near <eof>", 1},
        {"local mizan = require 'mizan'\nreturn { mizan.fetch.shelf {} }",
         "there are no plugins in this file", 2},
    };
    struct bench bench;
    struct mz_project project;
    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench_write(&bench, "mizan.lua", cases[i].text);
        assert_int_equal(
            mz_project_load(bench.folder, bench.arena, &project, &bench.error),
            MZ_SCRIPT);
        assert_contains(bench.error.message, cases[i].message);
        assert_int_equal(bench.error.line, cases[i].line);
        if (cases[i].line > 0) {
            assert_contains(bench.error.file, "/mizan.lua");
        }
    }
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projects_are_found),
        cmocka_unit_test(without_a_file_it_is_empty),
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(mistakes_show_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
