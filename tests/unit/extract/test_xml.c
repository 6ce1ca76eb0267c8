/* extract.xml: elements as rows, every bad input of RELIABILITY section 6, 35. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(pointer, fields)                                                           \
    "{\"_type\":\"row\",\"_at\":{\"pointer\":\"" pointer "\"}," fields "}\n"

static void test_records(void **state)
{
    static const char body[] =
        "<?xml version=\"1.0\"?><r xmlns:x=\"urn:x\"><i id=\"1\"> <t>A &amp; B</t>"
        "<x:p unit=\"EUR\">2.50</x:p><t>C</t><a><c><![CDATA[<b>]]></c></a></i>"
        "<!-- no --><i id=\"2\">own &#228;</i></r>";
    scene_expect(*state, "{\"records\":\"i\"}", body,
                 ROW("/r/i/0",
                     "\"@id\":\"1\",\"t\":[\"A & B\",\"C\"],\"p/@unit\":\"EUR\","
                     "\"p\":\"2.50\",\"a/c\":\"<b>\"")
                     ROW("/r/i/1", "\"@id\":\"2\",\"text\":\"own ä\""),
                 "", NULL);
    scene_expect(
        *state, "{\"records\":\"/r/i\",\"fields\":{\"price\":\"p\",\"n\":\"@id\"}}",
        body,
        ROW("/r/i/0", "\"n\":\"1\",\"price\":\"2.50\"") ROW("/r/i/1", "\"n\":\"2\""),
        "", NULL);
    scene_expect(*state, "{\"records\":\"q/i\"}", body, "", "", NULL);
}

static void test_entities_are_refused(void **state)
{
    static const char *const cases[] = {
        "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]><r><i>&c;</i></r>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r><i>&x;</i></r>",
        "<!DOCTYPE r SYSTEM \"http://127.0.0.1:9/x.dtd\"><r><i>1</i></r>",
        "<!DOCTYPE r [<!ENTITY % x SYSTEM \"http://127.0.0.1:9/x\"> %x;]><r><i/></r>",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scene_expect(*state, "{\"records\":\"i\"}", cases[i], "", "",
                     "line 1: it has a document type (DOCTYPE), which is refused");
    }
    scene_expect(*state, "{\"records\":\"i\"}", "<r><i>&nbsp;</i></r>", "", "",
                 "line 1");
}

static void test_broken(void **state)
{
    static const char *const cases[][2] = {
        {"<r><i>1</r>", "line 1: Opening and ending tag mismatch"},
        {"<r>\n<i>1</i>", "line 2"},
        {"", "line 1"},
        {"no", "line 1"},
        {"<?xml version=\"1.0\" encoding=\"UTF-7\"?><r/>",
         "the encoding utf-7 is refused"},
        {"+ADw-r+AD4-", "the encoding UTF-7 is refused"},
        {"<r><i>\xff</i></r>", "line 1"},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(scene_open(scene, "{\"records\":\"i\"}"), MIZAN_OK);
        assert_int_equal(scene_run(scene, "", cases[i][0], strlen(cases[i][0])),
                         MIZAN_ERROR_INPUT);
        if (strstr(scene->error.message, cases[i][1]) == NULL) {
            fail_msg("%s: %s", cases[i][0], scene->error.message);
        }
    }
}

/* One text `count` times between a head and a tail. */
static char *repeat(const char *head, const char *piece, size_t count, const char *tail)
{
    size_t size = strlen(piece);
    char *text = malloc(strlen(head) + count * (size + 8) + strlen(tail) + 1);
    assert_non_null(text);
    size_t room = strlen(head) + count * (size + 8) + strlen(tail) + 1;
    size_t used = (size_t)snprintf(text, room, "%s", head);
    const char *number = strstr(piece, "%zu");
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(
            text + used, room - used, "%.*s",
            (int)(number == NULL ? (ptrdiff_t)size : number - piece), piece);
        if (number != NULL) {
            used += (size_t)snprintf(text + used, room - used, "%zu%s", i, number + 3);
        }
    }
    snprintf(text + used, room - used, "%s", tail);
    return text;
}

static void test_bombs(void **state)
{
    struct scene *scene = *state;
    struct {
        char *body;
        const char *reason;
    } cases[] = {
        {repeat("<r ", "xmlns:n%zu=\"u\" ", 1000000, "><i/></r>"), "line 1"},
        {repeat("<r>", "<a xmlns:n%zu=\"u\"/>", 1000000, "</r>"),
         "more than 1024 namespace declarations"},
        {repeat("<r>", "<?p %zu?>", 1000000, "</r>"),
         "more than 100000 comments and processing instructions"},
        {repeat("", "<a>", 1000000, ""), "nests deeper than 200 levels"},
        {repeat("<r><i ", "a%zu=\"x\" ", 6000, "/></r>"),
         "a record of more than 4096 fields"},
        {repeat("<r><i>", "0123456789abcdef%zu", 700000, "</i></r>"),
         "a record of more than 8 MiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scene->pieces = true;
        assert_int_equal(scene_open(scene, "{\"records\":\"i\"}"), MIZAN_OK);
        assert_int_equal(scene_run(scene, "", cases[i].body, strlen(cases[i].body)),
                         MIZAN_ERROR_INPUT);
        if (strstr(scene->error.message, cases[i].reason) == NULL) {
            fail_msg("%zu: %s", i, scene->error.message);
        }
        assert_true(scene->most < (size_t)8 << 20);
        free(cases[i].body);
    }
}

static void test_encodings(void **state)
{
    struct scene *scene = *state;
    static const char latin[] =
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r><i>\xe4</i></r>";
    static const char wide[] =
        "\xff\xfe<\0r\0>\0<\0i\0>\0\xe4\0<\0/\0i\0>\0<\0/\0r\0>\0";
    assert_int_equal(scene_open(scene, "{\"records\":\"i\"}"), MIZAN_OK);
    assert_int_equal(scene_run(scene, "", latin, sizeof latin - 1), MIZAN_OK);
    assert_string_equal(scene_rows(scene), ROW("/r/i/0", "\"text\":\"ä\""));
    assert_int_equal(scene_run(scene, "", wide, sizeof wide - 1), MIZAN_OK);
    assert_string_equal(scene_rows(scene), ROW("/r/i/0", "\"text\":\"ä\""));
}

static void test_slices(void **state)
{
    struct scene *scene = *state;
    char *body = repeat("<r>", "<i n=\"%zu\"><t>some text</t></i>", 25000, "</r>");
    for (int pieces = 0; pieces < 2; pieces++) {
        scene->pieces = pieces != 0;
        assert_int_equal(scene_open(scene, "{\"records\":\"i\"}"), MIZAN_OK);
        assert_int_equal(scene_run(scene, "", body, strlen(body)), MIZAN_OK);
        assert_int_equal(scene->rows, 25000);
        assert_int_equal(scene->slices, 3);
    }
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_entities_are_refused, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(test_broken, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_bombs, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_encodings, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(test_slices, scene_set_up, scene_tear_down),
    };
    return cmocka_run_group_tests_name("extract_xml", tests, NULL, NULL);
}
