/* Where keys stand in a source text. */
#include "support.h"

#include <string.h>

#include "lua/lint.h"
#include "lua/source_map.h"

static const char source[] =
    "-- shelf { level = 1 }\n"                                               /* 1 */
    "local a = [[ shelf { level = 2 } ]]\n"                                  /* 2 */
    "return pipeline {\n"                                                    /* 3 */
    "  name = 'x', --[==[ about = 5 ]] ]==] about = { owner = 'y' },\n"      /* 4 */
    "  stages = {\n"                                                         /* 5 */
    "    fetch.shelf { sources = { { id = 'a' }, { url = 5, id = 'b' } },\n" /* 6 */
    "      each = function(a) if a == level then return { level = 1 } end end,\n" /* 7
                                                                                   */
    "      [\"level\"] = 9, level2 = 3 }, store.bin { level = 4 },\n" /* 8 */
    "    mizan.chain { one {}, two { [ 'end' ] = 1 } },\n"            /* 9 */
    "  },\n"
    "}\n";

static void check(int line, const char *constructor, const char *path, int at_line,
                  int column, int width)
{
    struct mz_spot spot = {0, 0, 0};
    assert_true(mz_source_find(source, strlen(source), line, constructor, path, &spot));
    assert_int_equal(spot.line, at_line);
    assert_int_equal(spot.column, column);
    assert_int_equal(spot.width, width);
}

static void keys_are_found(void **state)
{
    (void)state;
    check(3, "pipeline", "name", 4, 3, 4);
    check(1, "pipeline", "name", 4, 3, 4);
    check(3, "pipeline", "about", 4, 40, 5);
    check(3, "pipeline", "about.owner", 4, 50, 5);
    check(3, "pipeline", "stages", 5, 3, 6);
    check(3, "pipeline", "stages[2]", 8, 36, 5);
    check(3, "pipeline", "stages[3]", 9, 5, 5);
    check(3, "pipeline", "stages[3][2]", 9, 27, 3);
    check(3, "pipeline", "stages[3][2].end", 9, 35, 5);
    check(6, "shelf", "level", 8, 8, 7);
    check(6, "shelf", "level2", 8, 22, 6);
    check(6, "shelf", "sources[2].id", 6, 56, 2);
    check(8, "bin", "level", 8, 48, 5);
}

static void what_is_not_written_gives_the_next_best(void **state)
{
    struct mz_spot spot = {0, 0, 0};
    (void)state;
    check(3, "pipeline", "missing", 3, 8, 8);
    check(3, "pipeline", "name.deep[2]", 4, 3, 4);
    check(6, "shelf", "sources[9].id", 6, 19, 7);
    check(3, "pipeline", "", 3, 8, 8);
    assert_false(mz_source_find(source, strlen(source), 1, "absent", "x", &spot));
    assert_false(mz_source_find("", 0, 1, "absent", "x", &spot));
    assert_false(mz_source_find("a = [[ open", 11, 1, "absent", "x", &spot));
    assert_false(mz_source_find("a = 'open \\", 11, 1, "absent", "x", &spot));
    assert_true(mz_source_find("f {", 3, 1, "f", "x.y[1]", &spot));
    assert_true(mz_source_find("f { a = ", 8, 1, "f", "a.b", &spot));
    assert_true(mz_source_find("f { [", 5, 1, "f", "[2].b", &spot));
}

static void words_are_counted(void **state)
{
    struct mz_spot spot = {0, 0, 0};
    static const char line[] = "\nlocal feeds = require 'feeds' -- feeds\nfeeds = 1";
    (void)state;
    assert_int_equal(mz_source_token(line, strlen(line), 2, "feeds", &spot), 2);
    assert_int_equal(spot.column, 7);
    assert_int_equal(mz_source_token(line, strlen(line), 2, "\"feeds", &spot), 1);
    assert_int_equal(spot.column, 23);
    assert_int_equal(mz_source_token(line, strlen(line), 2, "absent", &spot), 0);
    assert_int_equal(mz_source_token(line, strlen(line), 9, "feeds", &spot), 0);
    assert_int_equal(mz_source_token("x = = 1", 7, 1, "=", &spot), 2);
}

struct found {
    char text[256];
};

static void note(void *owner, const struct mz_spot *spot, enum mz_lint_kind kind,
                 const char *name, size_t size)
{
    struct found *found = owner;
    size_t used = strlen(found->text);
    snprintf(found->text + used, sizeof found->text - used, "%d%c%.*s ", spot->line,
             kind == MZ_LINT_OUTER ? 'o' : 'd', (int)size, name);
}

/* Each source and the warnings that it gets: line, kind, name. */
static void warnings(void **state)
{
    static const char *const cases[][2] = {
        {"local n = 0\nlocal function f(rec)\n  n = n + 1\n  return rec\nend", "3on "},
        {"local n = 0\nn = 1\nlocal t = { n = 2 }", ""},
        {"local n = 0\nreturn each('a', function(rec) local n = 1 n = 2 end)", ""},
        {"local n\nreturn each('a', function(n) n = 2 end)", ""},
        {"local n\nreturn each('a', function(rec) rec.n = 2 rec = { n = 1 } end)", ""},
        {"local n\nreturn f { run = function(rows)\n for n = 1, 2 do n = 3 end\n n = "
         "4\n "
         "end }",
         "4on "},
        {"local n\nreturn function(r) if r.a then local n = 1 else n = 2 end end",
         "2on "},
        {"local n\nreturn function() return function()\nn = 1 end end", "3on "},
        {"local n\nfunction_ = 'n = 1' -- n = 2\nreturn function() f(n == 1) end", ""},
        {"return function(r) return r.value == 5 or r.low ~= 0 end", "1dvalue 1dlow "},
        {"return function(r) return r.value:eq(5) or r.start == 5 or value == 1 end",
         ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct found found = {""};
        mz_lint(cases[i][0], strlen(cases[i][0]), note, &found);
        if (strcmp(found.text, cases[i][1]) != 0) {
            print_error("%s\n", cases[i][0]);
        }
        assert_string_equal(found.text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found),
        cmocka_unit_test(what_is_not_written_gives_the_next_best),
        cmocka_unit_test(words_are_counted),
        cmocka_unit_test(warnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
