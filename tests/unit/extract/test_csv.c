/* extract.csv: RFC 4180 and the real world, every bad input of RELIABILITY section
 * 6, 39. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(number, fields)                                                            \
    "{\"_type\":\"row\",\"_at\":{\"table\":1,\"row\":" number ",\"column\":0}," fields \
    "}\n"

static void test_rfc_4180(void **state)
{
    scene_expect(
        *state, "{}",
        "name,note\r\nAda,\"says \"\"hi\"\", then\r\nleaves\"\r\nBob,\"\"\r\n,x",
        ROW("2", "\"name\":\"Ada\",\"note\":\"says \\\"hi\\\", then\\r\\nleaves\"")
            ROW("3", "\"name\":\"Bob\",\"note\":\"\"") ROW("4", "\"note\":\"x\""),
        "", NULL);
}

static void test_separators_are_guessed(void **state)
{
    static const struct {
        const char *body, *rows;
    } cases[] = {
        {"a;b\n1;x,y\n2;z\n",
         ROW("2", "\"a\":1,\"b\":\"x,y\"") ROW("3", "\"a\":2,\"b\":\"z\"")},
        {"a\tb\nx\ty\n", ROW("2", "\"a\":\"x\",\"b\":\"y\"")},
        {"a|b\nx|y\n", ROW("2", "\"a\":\"x\",\"b\":\"y\"")},
        {"a,b\n'x,1',y\n", ROW("2", "\"a\":\"x,1\",\"b\":\"y\"")},
        {"a,b\nx,5' 10\"\n", ROW("2", "\"a\":\"x\",\"b\":\"5' 10\\\"\"")},
        {"one\nx\n", ROW("2", "\"one\":\"x\"")},
        {"a,b\rx,y\r", ROW("2", "\"a\":\"x\",\"b\":\"y\"")},
        {"a,b\n\nx,y,\n", ROW("2", "\"a\":\"x\",\"b\":\"y\"")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scene_expect(*state, "{}", cases[i].body, cases[i].rows, "", NULL);
    }
}

static void test_header(void **state)
{
    scene_expect(*state, "{}", "1,2\n3,4\n",
                 ROW("1", "\"column1\":1,\"column2\":2")
                     ROW("2", "\"column1\":3,\"column2\":4"),
                 "", NULL);
    scene_expect(*state, "{\"header\":\"yes\"}", "x,x, \n3,4,5\n",
                 ROW("2", "\"x\":3,\"x_2\":4,\"column3\":5"), "", NULL);
    scene_expect(
        *state, "{\"header\":\"no\",\"columns\":[\"p\"],\"type\":\"item\"}", "u,v\n",
        "{\"_type\":\"item\",\"_at\":{\"table\":1,\"row\":1,\"column\":0},\"p\":\"u\","
        "\"column2\":\"v\"}\n",
        "", NULL);
}

/* A column is a number when each of its cells surely is one. */
static void test_numbers(void **state)
{
    scene_expect(*state, "{}", "code,n,d,m\n007,1,2.50,1\n123,-2,0.1,x\n",
                 ROW("2", "\"code\":\"007\",\"n\":1,\"d\":2.5,\"m\":\"1\"")
                     ROW("3", "\"code\":\"123\",\"n\":-2,\"d\":0.1,\"m\":\"x\""),
                 "", NULL);
    scene_expect(*state, "{}", "n;d;t\n1.234,50;0,5;1.234\n-7,25;12;5.678\n",
                 ROW("2", "\"n\":1234.5,\"d\":0.5,\"t\":1.234")
                     ROW("3", "\"n\":-7.25,\"d\":12,\"t\":5.678"),
                 "", NULL);
    scene_expect(
        *state,
        "{\"separator\":\";\",\"decimal\":\"comma\",\"types\":{\"t\":\"number\"}}",
        "t\n1.234\n5.678,9\n", ROW("2", "\"t\":1234") ROW("3", "\"t\":5678.9"), "",
        NULL);
    scene_expect(*state, "{\"typed\":false}", "a\n1\n", ROW("2", "\"a\":\"1\""), "",
                 NULL);
    scene_expect(*state, "{}", "n\n12345678901234567890123\n",
                 ROW("2", "\"n\":12345678901234567890123"), "", NULL);
}

static void test_given_types(void **state)
{
    scene_expect(
        *state, "{\"types\":{\"n\":\"integer\",\"t\":\"time\",\"b\":\"boolean\"}}",
        "n,t,b\n05,2024-02-29,Yes\n1.5,2024-02-29,no\n1,2023-02-29,no\n1,,maybe\n",
        ROW("2", "\"n\":5,\"t\":\"2024-02-29T00:00:00Z\",\"b\":true"),
        "line 3: column 1: \"1.5\" is no number\n"
        "line 4: column 2: \"2023-02-29\" is no time\n"
        "line 5: column 3: \"maybe\" is no boolean\n",
        NULL);
    scene_expect(*state, "{\"types\":{\"q\":\"text\"}}", "a\n1\n", "", "",
                 "names the column \"q\"");
    scene_expect(*state, "{}", "at\n2024-05-01T10:00:00+02:00\n",
                 ROW("2", "\"at\":\"2024-05-01T08:00:00Z\""), "", NULL);
}

static void test_bad_rows(void **state)
{
    scene_expect(*state, "{}", "a,b\n1,2\n3;4\n5,6,7\n\"x\"y,z\n8,9\n",
                 ROW("2", "\"a\":\"1\",\"b\":2") ROW("5", "\"a\":\"8\",\"b\":9"),
                 "line 3: 1 cells, where the first row has 2 (separator ',')\n"
                 "line 4: 3 cells, where the first row has 2 (separator ',')\n"
                 "line 5: something follows a closing quote\n",
                 NULL);
}

static void test_nul_and_formula(void **state)
{
    struct scene *scene = *state;
    static const char body[] = "a,b\nx\0y,1\n=cmd()|' /C calc'!A0,2\n";
    assert_int_equal(scene_open(scene, "{}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", body, sizeof body - 1), MIZAN_OK);
    assert_string_equal(scene_rejects(scene), "line 2: a NUL byte\n");
    assert_string_equal(scene_rows(scene),
                        ROW("3", "\"a\":\"=cmd()|' /C calc'!A0\",\"b\":2"));
}

static void test_quote_never_closed(void **state)
{
    struct scene *scene = *state;
    size_t size = (size_t)3 << 20;
    char *body = malloc(size);
    assert_non_null(body);
    memset(body, 'x', size);
    memcpy(body, "a,b\n1,2\n\"no,3\n4,5\n", 18);
    for (size_t i = 1000; i < size; i += 1000) {
        memcpy(body + i, "\n6,7\n", 5);
    }
    for (int pieces = 0; pieces < 2; pieces++) {
        scene->pieces = pieces != 0;
        assert_int_equal(scene_open(scene, "{}"), MIZAN_OK);
        assert_int_equal(scene_run(scene, "", body, size), MIZAN_OK);
        assert_int_equal(
            strncmp(scene_rejects(scene),
                    "line 3: a quote that is not closed within 1 MiB\nline 5:", 55),
            0);
        assert_int_equal(scene->rows, 2 + (size - 1) / 1000);
    }
    free(body);
}

static void test_a_million_columns(void **state)
{
    struct scene *scene = *state;
    size_t size = 2000000;
    char *body = malloc(size);
    assert_non_null(body);
    for (size_t i = 0; i < size; i += 2) {
        memcpy(body + i, "a,", 2);
    }
    body[size - 1] = '\n';
    assert_int_equal(scene_open(scene, "{}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", body, size), MIZAN_ERROR_INPUT);
    assert_non_null(strstr(scene->error.message, "line 1: more than 4096 columns"));
    free(body);
}

static void test_encodings(void **state)
{
    static const struct {
        const char *options, *body;
        size_t size;
    } cases[] = {
        {"{}",
         "\xff\xfe"
         "a\0,\0b\0\n\0\xe4\0,\0\x31\0\n\0",
         18},
        {"{}", "\xfe\xff\0a\0,\0b\0\n\0\xe4\0,\0\x31\0\n", 18},
        {"{}", "a\0,\0b\0\n\0\xe4\0,\0\x31\0\n\0", 16},
        {"{}",
         "\xef\xbb\xbf"
         "a,b\n\xc3\xa4,1\n",
         12},
        {"{\"charset\":\"windows-1252\"}", "a,b\n\xe4,1\n", 8},
        {"{\"charset\":\"iso-8859-15\"}", "a,b\n\xe4,1\n", 8},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(scene_open(scene, cases[i].options), MIZAN_OK);
        assert_int_equal(scene_run(scene, "", cases[i].body, cases[i].size), MIZAN_OK);
        assert_string_equal(scene_rows(scene), ROW("2", "\"a\":\"ä\",\"b\":1"));
    }
    scene_expect(scene, "{\"charset\":\"utf-8\"}", "a,b\n\xe4,1\nx,2\n",
                 ROW("3", "\"a\":\"x\",\"b\":2"),
                 "line 2: bytes that are not UTF-8; say charset = …\n", NULL);
    scene_expect(scene, "{\"charset\":\"utf-9000\"}", "a\n1\n", "", "",
                 "the encoding \"utf-9000\" is not known");
}

/* Slices of a file in UTF-16, read in pieces: none is lost, none comes twice. */
static void test_slices(void **state)
{
    struct scene *scene = *state;
    size_t count = 25000, size = 0;
    char *body = malloc(count * 64);
    char *wide = malloc(count * 128);
    assert_true(body != NULL && wide != NULL);
    memcpy(body, "id;text\n", 8);
    size += 8;
    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(body + size, 64, "%zu;\"t\n%030zu\"\n", i, i);
    }
    for (size_t i = 0; i < size; i++) {
        wide[2 * i] = body[i];
        wide[2 * i + 1] = '\0';
    }
    for (int way = 0; way < 4; way++) {
        scene->pieces = way % 2 == 1;
        assert_int_equal(scene_open(scene, "{\"types\":{\"id\":\"integer\"}}"),
                         MIZAN_OK);
        assert_int_equal(scene_run(scene, "text/csv", way < 2 ? body : wide,
                                   way < 2 ? size : 2 * size),
                         MIZAN_OK);
        assert_int_equal(scene->rows, count);
        assert_int_equal(scene->rejects, 0);
        assert_int_equal(scene->slices, 3);
    }
    free(body);
    free(wide);
}

static void test_empty(void **state)
{
    scene_expect(*state, "{}", "", "", "", NULL);
    scene_expect(*state, "{}", "a,b\n", "", "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rfc_4180, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_separators_are_guessed, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_header, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_numbers, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_given_types, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_bad_rows, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_nul_and_formula, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_quote_never_closed, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_a_million_columns, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_encodings, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_slices, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_empty, scene_set_up, scene_tear_down),
    };
    return cmocka_run_group_tests_name("extract_csv", tests, NULL, NULL);
}
