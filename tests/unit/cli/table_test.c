/* Tables: every form, widths of wide and joined scripts, cells that a spreadsheet would
 * run. */
#include "../base/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "value/record.h"
#include "value/table.h"

#define MOST_CELLS 8

struct scene {
    struct mizan_field fields[4][MOST_CELLS];
    struct mizan_value rows[4];
    struct mizan_value list;
    char printed[8192];
};

static int make(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL) {
        return -1;
    }
    scene->list.type = MIZAN_LIST;
    scene->list.as.list.items = scene->rows;
    *state = scene;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static void add_row(struct scene *scene, const char *const *names,
                    const struct mizan_value *values, size_t count)
{
    size_t row = scene->list.as.list.count++;
    for (size_t i = 0; i < count; i++) {
        scene->fields[row][i].name = (struct mizan_slice){names[i], strlen(names[i])};
        scene->fields[row][i].value = values[i];
    }
    scene->rows[row].type = MIZAN_MAP;
    scene->rows[row].as.map.fields = scene->fields[row];
    scene->rows[row].as.map.count = count;
}

static void prints(struct scene *scene, enum mz_table_form form, int indent,
                   const char *wanted)
{
    FILE *file = tmpfile();
    struct mz_error error;
    assert_non_null(file);
    assert_int_equal(mz_table_print(file, &scene->list, form, indent, &error), MZ_OK);
    rewind(file);
    size_t got = fread(scene->printed, 1, sizeof scene->printed - 1, file);
    scene->printed[got] = '\0';
    fclose(file);
    if (wanted != NULL) {
        assert_string_equal(scene->printed, wanted);
    }
}

static void test_every_form(void **state)
{
    static const char *const names[] = {"name", "n", "when", "none"};
    const struct mizan_value first[] = {mz_text("a|b"), mz_integer(7), mz_time(0),
                                        mz_nil()};
    const struct mizan_value second[] = {mz_text("tab\there"),
                                         mz_decimal_text("-1.50", 5), mz_time(1000),
                                         mz_boolean(true)};
    add_row(*state, names, first, 4);
    add_row(*state, names, second, 4);
    prints(*state, MZ_TABLE_TSV, 0,
           "name\tn\twhen\tnone\n"
           "a|b\t7\t1970-01-01T00:00:00Z\t\n"
           "tab here\t-1.50\t1970-01-01T00:00:01Z\ttrue\n");
    /* Off a terminal. */
    prints(*state, MZ_TABLE_AUTO, 0,
           "name\tn\twhen\tnone\n"
           "a|b\t7\t1970-01-01T00:00:00Z\t\n"
           "tab here\t-1.50\t1970-01-01T00:00:01Z\ttrue\n");
    prints(*state, MZ_TABLE_MARKDOWN, 0,
           "| name | n | when | none |\n"
           "|---|---|---|---|\n"
           "| a\\|b | 7 | 1970-01-01T00:00:00Z |  |\n"
           "| tab here | -1.50 | 1970-01-01T00:00:01Z | true |\n");
    prints(
        *state, MZ_TABLE_JSON, 0,
        "{\"name\":\"a|b\",\"n\":7,\"when\":\"1970-01-01T00:00:00Z\",\"none\":null}\n"
        "{\"name\":\"tab\\there\",\"n\":-1.5,\"when\":\"1970-01-01T00:00:01Z\","
        "\"none\":true}\n");
    prints(*state, MZ_TABLE_ALIGNED, 1,
           " name          n  when                  none\n"
           " \u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500  "
           "\u2500\u2500\u2500\u2500\u2500  "
           "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
           "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500  "
           "\u2500\u2500\u2500\u2500\n"
           " a|b           7  1970-01-01T00:00:00Z\n"
           " tab here  -1.50  1970-01-01T00:00:01Z  true\n");
}

static void csv_is(const char *cell, const char *wanted)
{
    void *state;
    char whole[256];
    static const char *const names[] = {"c", "d"};
    const struct mizan_value values[] = {mz_text(cell), mz_integer(1)};
    assert_int_equal(make(&state), 0);
    add_row(state, names, values, 2);
    snprintf(whole, sizeof whole, "c,d\n%s,1\n", wanted);
    prints(state, MZ_TABLE_CSV, 0, whole);
    drop(&state);
}

static void test_csv(void **state)
{
    (void)state;
    csv_is("plain", "plain");
    csv_is("", "");
    csv_is("a,b", "\"a,b\"");
    csv_is("say \"x\"", "\"say \"\"x\"\"\"");
    csv_is("two\nlines", "\"two\nlines\"");
    csv_is("=cmd()", "\"'=cmd()\"");
    csv_is("+1+1", "\"'+1+1\"");
    csv_is("@SUM(A1)", "\"'@SUM(A1)\"");
    csv_is("-cmd", "\"'-cmd\"");
    csv_is("-", "\"'-\"");
    csv_is("\t=1", "\"'\t=1\"");
    /* A number stays one; what only begins like one does not. */
    csv_is("-5", "-5");
    csv_is("-1.25", "-1.25");
    csv_is("-1e3", "-1e3");
    csv_is("-1+cmd()", "\"'-1+cmd()\"");
    csv_is("-2-3|x", "\"'-2-3|x\"");
}

static void test_wide_and_joined_scripts(void **state)
{
    static const char *const names[] = {"text", "x"};
    const struct mizan_value wide[] = {mz_text("\uc870\uc120"), mz_text("1")};
    const struct mizan_value arabic[] = {mz_text("\u0645\u0650\u0644\u0652"),
                                         mz_text("2")};
    const struct mizan_value latin[] = {mz_text("abc"), mz_text("3")};
    add_row(*state, names, wide, 2);
    add_row(*state, names, arabic, 2);
    add_row(*state, names, latin, 2);
    prints(*state, MZ_TABLE_ALIGNED, 0,
           "text  x\n\u2500\u2500\u2500\u2500  \u2500\n"
           "\uc870\uc120  1\n"
           "\u0645\u0650\u0644\u0652    2\n"
           "abc   3\n");
}

static void test_cut_to_the_width(void **state)
{
    static const char *const names[] = {"text"};
    char text[3 * 200 + 1] = "";
    for (size_t i = 0; i < 200; i++) {
        memcpy(text + 3 * i, "\uc870", 3);
    }
    const struct mizan_value values[] = {mz_text(text)};
    struct scene *scene = *state;
    add_row(scene, names, values, 1);
    prints(scene, MZ_TABLE_ALIGNED, 0, NULL);
    /* 59 characters of two columns and the ellipsis: no half character. */
    const char *last = strstr(scene->printed, "\uc870");
    assert_non_null(last);
    assert_int_equal(strcspn(last, "\n"), 3 * 59 + 3);
    assert_non_null(strstr(last, "\uc870\u2026"));
}

static void test_columns_left_out(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    char text[41];
    struct mizan_value values[8];
    memset(text, 'x', 40);
    text[40] = '\0';
    for (size_t i = 0; i < 8; i++) {
        values[i] = mz_text(text);
    }
    struct scene *scene = *state;
    add_row(scene, names, values, 8);
    prints(scene, MZ_TABLE_ALIGNED, 0, NULL);
    assert_non_null(strstr(scene->printed, "(2 more columns"));
    assert_null(strstr(scene->printed, "  g"));
    for (const char *line = scene->printed; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        assert_true(mz_utf8_width(line, size) <= 120);
        line += size + 1;
    }
}

static void test_no_rows(void **state)
{
    prints(*state, MZ_TABLE_ALIGNED, 0, "");
    prints(*state, MZ_TABLE_JSON, 0, "");
    prints(*state, MZ_TABLE_CSV, 0, "");
}

static void test_cannot_write(void **state)
{
    static const char *const names[] = {"c"};
    char *large = calloc(1, 1 << 20);
    struct mz_error error;
    FILE *full = fopen("/dev/full", "we");
    assert_non_null(large);
    assert_non_null(full);
    memset(large, 'x', (1 << 20) - 1);
    const struct mizan_value values[] = {mz_text(large)};
    struct scene *scene = *state;
    add_row(scene, names, values, 1);
    assert_int_equal(mz_table_print(full, &scene->list, MZ_TABLE_TSV, 0, &error),
                     MZ_IO);
    fclose(full);
    free(large);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_form),
        TEST(test_csv),
        TEST(test_wide_and_joined_scripts),
        TEST(test_cut_to_the_width),
        TEST(test_columns_left_out),
        TEST(test_no_rows),
        TEST(test_cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
