/* Figures in words, and a text with its figures marked. */
#include "../base/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/figure_text.h"

struct scene {
    struct mz_arena *arena;
    struct mz_records figures;
    struct mz_buffer out;
};

static int make(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL) {
        return -1;
    }
    scene->arena = mz_arena_create(1 << 20);
    mz_buffer_init(&scene->out, 1 << 16);
    *state = scene;
    return scene->arena == NULL ? -1 : 0;
}

static int drop(void **state)
{
    struct scene *scene = *state;
    mz_buffer_finish(&scene->out);
    mz_arena_destroy(scene->arena);
    free(scene);
    return 0;
}

static void put(struct mizan_record *figure, const char *name, struct mizan_value value)
{
    assert_int_equal(mz_record_put(figure, name, &value), MIZAN_OK);
}

/* A figure; the texts are name, value, …, NULL. */
static struct mizan_record *figure(struct scene *scene, int64_t start, int64_t end,
                                   const char *const *texts)
{
    struct mizan_record *made = mz_record_create(scene->arena, "figure");
    assert_non_null(made);
    put(made, "start", mz_integer(start));
    put(made, "end", mz_integer(end));
    for (; texts[0] != NULL; texts += 2) {
        put(made, texts[0], mz_text(texts[1]));
    }
    assert_true(mz_records_add(&scene->figures, scene->arena, made));
    return made;
}

#define FIGURE(start, end, ...)                                                        \
    figure(*state, start, end, (const char *const[]){__VA_ARGS__, NULL})

static void reads(struct scene *scene, const struct mizan_record *figure,
                  const char *wanted)
{
    mz_buffer_clear(&scene->out);
    mz_figure_reading(&scene->out, figure);
    assert_string_equal(scene->out.data, wanted);
}

static void test_readings(void **state)
{
    reads(*state,
          FIGURE(0, 1, "kind", "money", "bound", "at_most", "value", "9800000000",
                 "unit", "USD"),
          "money: at most 9800000000 USD");
    reads(*state,
          FIGURE(0, 1, "kind", "money", "bound", "range", "low", "457", "high", "1190",
                 "unit", "USD", "as_of", "2025"),
          "money: 457 to 1190 USD, as of 2025");
    reads(*state,
          FIGURE(0, 1, "kind", "count", "bound", "vague", "vague", "1000", "counted",
                 "men"),
          "count: 1000 or more, not told exactly, counted: men");
    struct mizan_record *about =
        FIGURE(0, 1, "kind", "count", "bound", "exact", "value", "15000");
    put(about, "approx", mz_boolean(true));
    reads(*state, about, "count: about 15000");
    put(about, "side", mz_text("below"));
    reads(*state, about, "count: nearly 15000");
    put(about, "side", mz_text("above"));
    reads(*state, about, "count: a little over 15000");
    reads(*state, FIGURE(0, 1, "kind", "date", "time", "2025-09"), "date: 2025-09");
    reads(*state, FIGURE(0, 1, "kind", "count"), "count: ");
}

static void test_who_says_it(void **state)
{
    struct mizan_field names[2] = {{.name = {"name", 4}, .value = mz_text("site")},
                                   {.name = {"name", 4}, .value = mz_text("service")}};
    struct mizan_value hops[3] = {{.type = MIZAN_MAP, .as.map = {&names[0], 1}},
                                  {.type = MIZAN_MAP, .as.map = {&names[1], 1}},
                                  {.type = MIZAN_INTEGER}};
    struct mizan_value list = {.type = MIZAN_LIST, .as.list = {hops, 2}};
    struct mizan_record *killed = FIGURE(0, 1, "kind", "count", "value", "2000");
    put(killed, "source", list);
    reads(*state, killed, "count: 2000; says site < service");
    /* What a plugin should not give breaks nothing. */
    list.as.list.count = 3;
    put(killed, "source", list);
    reads(*state, killed, "count: 2000; says site < service < ");
    put(killed, "source", mz_text("odd"));
    reads(*state, killed, "count: 2000");
}

static void shows(struct scene *scene, const char *text, const char *wanted)
{
    struct mizan_slice slice = {text, strlen(text)};
    mz_buffer_clear(&scene->out);
    mz_figure_text(&scene->out, slice, &scene->figures, false);
    assert_string_equal(scene->out.data, wanted);
}

static void test_marks(void **state)
{
    FIGURE(0, 3, "kind", "count", "value", "12");
    FIGURE(11, 13, "kind", "count", "value", "40");
    shows(*state, "12, and\nnot 40 boats",
          "[12,] and\n    count: 12\nnot[ 4]0 boats\n    count: 40\n");
}

/* Figures that overlap, go over a line's end or lie about where they end are told and
 * not marked. */
static void test_odd_spans(void **state)
{
    FIGURE(0, 4, "kind", "a");
    FIGURE(2, 5, "kind", "b");
    FIGURE(6, 9, "kind", "c");
    FIGURE(7, 3, "kind", "d");
    shows(*state, "abcdefg\nij\n",
          "[abcd]efg\n    a: \n    b: \n    c: \nij\n    d: \n");
}

static void test_no_line_end_and_no_text(void **state)
{
    FIGURE(0, 1, "kind", "count", "value", "5");
    shows(*state, "5", "[5]\n    count: 5\n");
    struct scene *scene = *state;
    mz_buffer_clear(&scene->out);
    mz_figure_text(&scene->out, (struct mizan_slice){NULL, 0}, &scene->figures, false);
    assert_int_equal(scene->out.size, 0);
}

static void test_colour(void **state)
{
    struct scene *scene = *state;
    FIGURE(0, 1, "kind", "count", "value", "5");
    unsetenv("NO_COLOR");
    mz_figure_text(&scene->out, (struct mizan_slice){"5", 1}, &scene->figures, true);
    assert_non_null(strstr(scene->out.data, "\033["));
    setenv("NO_COLOR", "1", 1);
    mz_buffer_clear(&scene->out);
    mz_figure_text(&scene->out, (struct mizan_slice){"5", 1}, &scene->figures, true);
    assert_null(strstr(scene->out.data, "\033["));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_readings), TEST(test_who_says_it),
        TEST(test_marks),    TEST(test_odd_spans),
        TEST(test_colour),   TEST(test_no_line_end_and_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
