/* Where keys stand in a source text. */
#include "support.h"

#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found),
        cmocka_unit_test(what_is_not_written_gives_the_next_best),
        cmocka_unit_test(words_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
