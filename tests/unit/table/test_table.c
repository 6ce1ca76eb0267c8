/* Tables of pages: spans, heads, units, footnotes, layout, caps; and their lines in the
 * place of their cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "merge.h"
#include "shared/tables/table.h"

struct pool {
    void *parts[200000];
    size_t count;
};

static struct pool pool;

static void *allocate(void *user, size_t size)
{
    struct pool *own = user;
    void *part = malloc(size > 0 ? size : 1);
    assert_non_null(part);
    assert_true(own->count < sizeof(own->parts) / sizeof(own->parts[0]));
    own->parts[own->count++] = part;
    return part;
}

static const struct table_memory memory = {allocate, &pool};

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < pool.count; i++) {
        free(pool.parts[i]);
    }
    pool.count = 0;
    return 0;
}

static struct table_slice slice(const char *text)
{
    return (struct table_slice){text, strlen(text)};
}

/* The lines of all data tables of a page, one below the other. */
static const char *lines_of(const char *html)
{
    struct table_page page;
    struct table_lines lines = {.text = NULL};
    assert_int_equal(table_read(slice(html), slice(""), &memory, &page), TABLE_OK);
    for (size_t i = 0; i < page.table_count; i++) {
        if (page.tables[i].data) {
            assert_true(table_write_lines(&page, &memory, &page.tables[i], &lines));
        }
    }
    char *text = allocate(&pool, lines.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < lines.size; i++) {
        if (lines.text[i] != '\n' || size == 0 || text[size - 1] != '\n') {
            text[size++] = lines.text[i];
        }
    }
    text[size] = '\0';
    return text;
}

static void test_heads_and_units(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of("<table><caption>Trade of the region</caption><thead><tr><th>Good"
                 "<th>Exports (million euros)<th>Change, in %</thead><tbody>"
                 "<tr><td>Grain<td>412<td>7.5<tr><td>Oil<td>1,190.5<td>−3</table>"),
        "Grain, Exports: 412 million euros.\nGrain, Change, in %: 7.5 %.\n"
        "Oil, Exports: 1,190.5 million euros.\nOil, Change, in %: −3 %.");
    assert_string_equal(lines_of("<table><caption>Umsatz (in Mio. Euro)</caption>"
                                 "<tr><th>Jahr<th>2024<th>2025"
                                 "<tr><th>Inland<td>21,4<td>22,0</table>"),
                        "Inland, 2024: 21,4 Mio. Euro.\nInland, 2025: 22,0 Mio. Euro.");
    assert_string_equal(lines_of("<table><thead><tr><th>A<th>Change<tr><th>A<th>in %"
                                 "</thead><tr><td>Grain<td>3.4</table>"),
                        "Grain, Change, in %: 3.4 %.");
    assert_string_equal(lines_of("<table><tr><td>Region<td>2024<td>2025"
                                 "<tr><td>Nord<td>$5<td>6 kg</table>"),
                        "Nord, 2024: $5.\nNord, 2025: 6 kg.");
    assert_string_equal(lines_of("<table><tr><td>Population (2020)<td>38,000"
                                 "<tr><td>Area (km<sup>2</sup>)<td>210<sup>a</sup>"
                                 "<tr><td>Height<td>14 m</table>"),
                        "Population (2020): 38,000.\nArea: 210 km².\nHeight: 14 m.");
}

static void test_spans(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of(
            "<table><thead><tr><th rowspan=2>Region<th colspan=2>Exports"
            "<th colspan=2>Imports<tr><th>2024<th>2025<th>2024<th>2025</thead>"
            "<tr><th>North<td>1<td>2<td>3<td>4"
            "<tr><th colspan=5>Islands<tr><th>Anse<td>5<td>–<td colspan=2>6</table>"),
        "North, Exports, 2024: 1.\nNorth, Exports, 2025: 2.\nNorth, Imports, 2024: 3.\n"
        "North, Imports, 2025: 4.\nIslands, Anse, Exports, 2024: 5.\n"
        "Islands, Anse, Imports, 2024: 6.");
    assert_string_equal(lines_of("<table><tr><th>Year<th>Item<th>Sum (tonnes)"
                                 "<tr><th rowspan=2>2025<th>Wheat<td>7"
                                 "<tr><th>Rye<td>8</table>"),
                        "2025, Wheat, Sum: 7 tonnes.\n2025, Rye, Sum: 8 tonnes.");
}

static void test_footnotes(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of("<table><tr><th>A<th>B<tr><td>x<td>412*"
                 "<tr><td>y<td>58<sup>1)</sup><tr><td>z<td>9 1)</table>"),
        "x, B: 412.\ny, B: 58.\nz, B: 9.");
}

static void test_other_scripts(void **state)
{
    (void)state;
    assert_string_equal(lines_of("<table><tr><th>المدينة<th>السكان (ألف)"
                                 "<tr><td>صفاقس<td>٢٧٢</table>"),
                        "صفاقس, السكان: ٢٧٢ ألف.");
    assert_string_equal(lines_of("<table><tr><th>地区<th>产量(万吨)"
                                 "<tr><td>江北<td>38.7</table>"),
                        "江北, 产量: 38.7 万吨.");
}

static void test_not_data(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "",
        "<p>none",
        "<table>",
        "<table><tr><td>12</table>",
        "<table><tr><td>Menu<td>Text<tr><td>One<td>Two</table>",
        "<table><tr><td><table role=none><tr><th>A<th>B<tr><td>x<td>1</table></table>",
        "<table><tr><td>1<td>2<tr><td>3<td>4</table>"};
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_string_equal(lines_of(pages[i]), "");
    }
    assert_string_equal(
        lines_of("<table><tr><td>side<td><table><tr><th>A<th>B<tr><td>x<td>1</table>"
                 "</table>"),
        "x, B: 1.");
}

/* Hostile pages end, and what is kept stays within its bounds. */
static void test_limits(void **state)
{
    (void)state;
    size_t room = 1000000;
    char *html = malloc(room + 64);
    static const char *const pieces[] = {"<table>",
                                         "<table><tr><td>",
                                         "<tr><td>1",
                                         "<td rowspan=99999 colspan=99999>7",
                                         "<tr><td colspan=256 rowspan=65535>1<th>",
                                         "<div>"};
    assert_non_null(html);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct table_page page;
        size_t size = 0, step = strlen(pieces[i]);
        memcpy(html, "<table>", 7);
        for (size = 7; size + step < room; size += step) {
            memcpy(html + size, pieces[i], step);
        }
        assert_int_equal(
            table_read((struct table_slice){html, size}, slice(""), &memory, &page),
            TABLE_OK);
        assert_true(page.cell_count <= TABLE_CELLS && page.table_count <= TABLE_LIMIT);
        assert_true(page.partial || page.cell_count == (size - 7) / step);
        drop(NULL);
    }
    free(html);
}

static void test_merge(void **state)
{
    (void)state;
    struct table_page page;
    struct merged merged;
    static const char text[] =
        "Before.\n\nGood\n\nExports (t)\n\nGrain\n\n412*\n\nOil\n\n"
        "58\n\nBehind.";
    assert_int_equal(table_read(slice("<table><tr><th>Good<th>Exports (tonnes)"
                                      "<tr><td>Grain<td>412*<tr><td>Oil<td>58</table>"),
                                slice("utf-8"), &memory, &page),
                     TABLE_OK);
    assert_true(merge_tables(&page, &memory, slice(text), false, &merged));
    assert_string_equal(merged.text, "Before.\n\nGood\n\nExports (t)\n\n"
                                     "Grain, Exports: 412 tonnes.\n\n"
                                     "Oil, Exports: 58 tonnes.\n\nBehind.");
    assert_int_equal(merged.place_count, 2);
    const struct table_place *place = &merged.places[1];
    assert_memory_equal(merged.text + place->line, "Oil,", 4);
    assert_int_equal(place->end - place->start, strlen("58 tonnes"));
    assert_memory_equal(merged.text + place->start, "58 tonnes", 9);
    assert_int_equal(place->row, 3);
    assert_int_equal(place->column, 2);
    assert_int_equal(merged.paragraph_count, 6);
    assert_true(merge_tables(&page, &memory, slice("Another text."), false, &merged));
    assert_int_equal(merged.place_count, 0);
    assert_true(merge_tables(&page, &memory, slice("Another text."), true, &merged));
    assert_int_equal(merged.place_count, 2);
    assert_int_equal(
        table_read(slice("<table><tr><th>\xc8<th>\xd3<tr><td>x<td>1</table>"),
                   slice("windows-1256"), &memory, &page),
        TABLE_OK);
    assert_string_equal(page.cells[0].text.data, "ب");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_heads_and_units, drop),
        cmocka_unit_test_teardown(test_spans, drop),
        cmocka_unit_test_teardown(test_footnotes, drop),
        cmocka_unit_test_teardown(test_other_scripts, drop),
        cmocka_unit_test_teardown(test_not_data, drop),
        cmocka_unit_test_teardown(test_limits, drop),
        cmocka_unit_test_teardown(test_merge, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
