/* extract.json: JSON Lines and documents, every bad input of RELIABILITY section 6, 38.
 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(fields, at) "{\"_type\":\"row\",\"_at\":" at "," fields "}\n"

static void test_lines(void **state)
{
    scene_expect(
        *state, "{\"form\":\"lines\"}",
        "{\"a\":1,\"b\":\"x\"}\n\r\n{\"b\":\"y\",\"a\":2.50}\r\n{\"c\":null,\"a\":-3}",
        ROW("\"a\":1,\"b\":\"x\"", "{\"span\":[0,15]}")
            ROW("\"b\":\"y\",\"a\":2.5", "{\"span\":[18,36]}")
                ROW("\"a\":-3", "{\"span\":[38,55]}"),
        "", NULL);
}

static void test_values(void **state)
{
    scene_expect(
        *state, "{\"form\":\"lines\"}",
        "{\"t\":true,\"f\":false,\"l\":[1,{\"x\":[]}],\"m\":{\"k\":\"\\u00e4\"},"
        "\"e\":\"q\\\"\\n\\ud83d\\ude00\",\"n\":1e3,\"s\":-0.50,\"\\u0061\":7}\n"
        "12\n\"plain\"\n",
        ROW("\"t\":true,\"f\":false,\"l\":[1,{\"x\":[]}],\"m\":{\"k\":\"ä\"},"
            "\"e\":\"q\\\"\\n😀\",\"n\":1000,\"s\":-0.5,\"a\":7",
            "{\"span\":[0,109]}") ROW("\"value\":12", "{\"span\":[110,112]}")
            ROW("\"value\":\"plain\"", "{\"span\":[113,120]}"),
        "", NULL);
}

/* Whole numbers stay exact: as integers, as decimals, beyond 38 digits as text. */
static void test_long_integers(void **state)
{
    scene_expect(
        *state, "{\"form\":\"lines\"}",
        "{\"a\":9223372036854775807,\"b\":12345678901234567890,"
        "\"c\":123456789012345678901234567890123456789012345678901234567890}\n",
        ROW("\"a\":9223372036854775807,\"b\":12345678901234567890,"
            "\"c\":\"123456789012345678901234567890123456789012345678901234567"
            "890\"",
            "{\"span\":[0,115]}"),
        "", NULL);
}

static void test_bad_lines(void **state)
{
    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"{\"a\":1,\"a\":2}", "byte 8: an object with the same name twice"},
        {"{\"a\":1e400}", "byte 5: a number with an exponent beyond 308"},
        {"{\"a\":\"\\ud800x\"}", "byte 6: a surrogate without its partner"},
        {"{\"a\":\"\\udc00\"}", "byte 6: a surrogate without its partner"},
        {"{\"a\":1,}", "byte 7: a name in double quotes is expected"},
        {"{\"a\":[1,]}", "byte 8: a value is expected"},
        {"{\"a\":NaN}", "byte 5: a value is expected"},
        {"{\"a\":-Infinity}", "byte 5: a value is expected"},
        {"{\"a\":01}", "byte 5: a number with a leading zero"},
        {"{\"a\":1.}", "byte 5: a number without digits behind its point"},
        {"{\"a\":'x'}", "byte 5: a value is expected"},
        {"{\"a\":\"x}", "byte 5: a text that is not closed"},
        {"{\"a\":\"\tx\"}", "byte 6: a control character inside a text"},
        {"{\"a\":\"\xff\"}", "byte 6: bytes that are not UTF-8"},
        {"{\"a\":\"\xed\xa0\x80\"}", "byte 6: bytes that are not UTF-8"},
        {"{\"a\":\"\\x\"}", "byte 6: an escape that does not exist"},
        {"{\"a\":1} {\"a\":2}", "byte 7: something follows the value"},
        {"{\"a\":1", "byte 6: ',' or '}' is expected"},
        {"{\"a\" 1}", "byte 5: ':' is expected"},
        {"{\"a\":0.123456789012345678901234567890123456789}",
         "byte 5: a decimal with more than 38 digits"},
        {"nul", "byte 0: a value is expected"},
    };
    struct scene *scene = *state;
    assert_int_equal(scene_open(scene, "{\"form\":\"lines\"}"), MIZAN_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[256], reason[256];
        snprintf(body, sizeof body, "%s\n{\"good\":1}\n", cases[i].line);
        snprintf(reason, sizeof reason, "line 1, %s\n", cases[i].reason);
        assert_int_equal(scene_run(scene, "", body, strlen(body)), MIZAN_OK);
        assert_string_equal(scene_rejects(scene), reason);
        assert_int_equal(scene->rows, 1);
    }
}

/* Of a document the whole fails, with the byte. */
static void test_bad_documents(void **state)
{
    static const char *const cases[][2] = {
        {"[1,2,", "byte 5: it ends where a value is expected"},
        {"{\"a\":[1,2}", "byte 9: ',' or the closing bracket is expected"},
        {"[NaN]", "byte 1: a value is expected"},
        {"[1] 2", "byte 4: something follows the value"},
        {"", "byte 0: it ends where a value is expected"},
        {"[1e999]", "byte 1: a number with an exponent beyond 308"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scene_expect(*state, "{\"form\":\"document\"}", cases[i][0], "", "",
                     cases[i][1]);
    }
}

static void test_depth(void **state)
{
    struct scene *scene = *state;
    size_t size = 1000000;
    char *body = malloc(2 * size);
    assert_non_null(body);
    memset(body, '[', size);
    memset(body + size, ']', size);
    assert_int_equal(scene_open(scene, "{\"form\":\"document\"}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", body, 2 * size), MIZAN_ERROR_INPUT);
    assert_non_null(strstr(scene->error.message, "byte 512: it nests too deep"));
    assert_int_equal(scene_open(scene, "{\"form\":\"lines\"}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", body, 2 * size), MIZAN_OK);
    assert_string_equal(scene_rejects(scene), "line 1, byte 32: it nests too deep\n");
    free(body);
}

static void test_document(void **state)
{
    static const char body[] =
        "{\"data\":{\"rows\":[{\"n\":1},{\"n\":2,\"s\":\"x\"},7]},\"a/b\":[{\"n\":3}]}";
    scene_expect(*state, "{\"records\":\"data.rows[*]\"}", body,
                 ROW("\"n\":1", "{\"pointer\":\"/data/rows/0\"}")
                     ROW("\"n\":2,\"s\":\"x\"", "{\"pointer\":\"/data/rows/1\"}")
                         ROW("\"value\":7", "{\"pointer\":\"/data/rows/2\"}"),
                 "", NULL);
    scene_expect(*state, "{\"records\":\"/a~1b/*\"}", body,
                 ROW("\"n\":3", "{\"pointer\":\"/a~1b/0\"}"), "", NULL);
    scene_expect(*state,
                 "{\"records\":\"data.rows[1]\",\"type\":\"item\","
                 "\"fields\":{\"text\":\"/s\",\"none\":\"a.b\"}}",
                 body,
                 "{\"_type\":\"item\",\"_at\":{\"pointer\":\"/data/rows/1\"},"
                 "\"text\":\"x\"}\n",
                 "", NULL);
    scene_expect(*state, "{}", "[{\"a\":1},{\"a\":2,\"a\":3},{\"a\":4}]",
                 ROW("\"a\":1", "{\"pointer\":\"/0\"}")
                     ROW("\"a\":4", "{\"pointer\":\"/2\"}"),
                 "/1, byte 17: an object with the same name twice\n", NULL);
    scene_expect(*state, "{\"records\":\"/nothing/*\"}", body, "", "",
                 "nothing stands where `records` says");
}

static void test_paths_that_are_none(void **state)
{
    static const char *const cases[] = {"data[x]", "data[1", "a..b",
                                        "a.",      "/~2",    "a[0]b"};
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char options[64];
        snprintf(options, sizeof options, "{\"records\":\"%s\"}", cases[i]);
        assert_int_equal(scene_open(scene, options), MIZAN_ERROR_OPTION);
        assert_non_null(strstr(scene->error.message, cases[i]));
    }
}

static void test_utf16_is_named(void **state)
{
    struct scene *scene = *state;
    static const char body[] = "\xff\xfe{\0\"\0a\0";
    assert_int_equal(scene_open(scene, "{\"form\":\"lines\"}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", body, sizeof body - 1), MIZAN_ERROR_INPUT);
    assert_non_null(strstr(scene->error.message, "UTF-16"));
}

/* 25,000 lines are three slices, read in pieces or at once, with bounded memory. */
static void test_slices(void **state)
{
    struct scene *scene = *state;
    size_t count = 25000, size = 0;
    char *body = malloc(count * 128);
    assert_non_null(body);
    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(body + size, 128,
                                 "{\"id\":%zu,\"text\":\"%0100zu\"}\n", i, i);
    }
    for (int pieces = 0; pieces < 2; pieces++) {
        scene->pieces = pieces != 0;
        assert_int_equal(scene_open(scene, "{}"), MIZAN_OK);
        assert_int_equal(scene_run(scene, "application/x-ndjson", body, size),
                         MIZAN_OK);
        assert_int_equal(scene->rows, count);
        assert_int_equal(scene->slices, 3);
        assert_int_equal(scene->rejects, 0);
        assert_true(scene->most < (size_t)12 << 20);
    }
    free(body);
}

static void test_no_lines_at_all(void **state)
{
    struct scene *scene = *state;
    char body[4000];
    for (size_t i = 0; i < sizeof body; i += 8) {
        memcpy(body + i, "<p>no\n  ", 8);
    }
    assert_int_equal(scene_open(scene, "{\"form\":\"lines\"}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", body, sizeof body), MIZAN_ERROR_INPUT);
    assert_non_null(strstr(scene->error.message, "not JSON Lines"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_values, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_long_integers, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_bad_lines, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_bad_documents, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_depth, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_document, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_paths_that_are_none, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_utf16_is_named, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_slices, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_no_lines_at_all, scene_set_up,
                                        scene_tear_down),
    };
    return cmocka_run_group_tests_name("extract_json", tests, NULL, NULL);
}
