/* What the contract allows is stored and read back equal; what it does not is refused
 * with a sentence that names the field. */
#include "scene.h"

#include <stdio.h>
#include <string.h>

/* Fields that every figure has; a test appends its own. */
#define FIGURE                                                                         \
    "\"document_id\":\"doc1\",\"run_id\":\"run1\",\"text_sha256\":\"aa\","             \
    "\"text_extractor\":\"article\",\"text_version\":\"1\","                           \
    "\"extractor\":\"figures\",\"extractor_version\":\"1\",\"text\":\"x\","            \
    "\"confidence\":0.9"
#define DOCUMENT "{\"outlet\":\"The Quay\",\"url\":\"https://www.quay.example/a\"}"

static void open_store(struct scene *scene, const char *options)
{
    scene_open_database(scene);
    if (scene_open(scene, options) != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
}

static void store(struct scene *scene, const char *type, const char *json)
{
    if (scene_store(scene, type, json) != MIZAN_OK) {
        fail_msg("%s: %s", json, scene->error.message);
    }
}

static void finish(struct scene *scene)
{
    if (scene_finish(scene) != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
}

static void assert_rows(struct scene *scene, const char *sql, const char *wanted)
{
    assert_string_equal(scene_query(scene, sql), wanted);
}

/* A figure of the kind and bound, at offsets of its own. */
static void write_figure(char *out, size_t size, const char *kind, const char *bound,
                         int index)
{
    const char *numbers = "\"value\":\"9800000000\"";
    if (strcmp(bound, "range") == 0) {
        numbers = "\"low\":\"457000000\",\"high\":\"1190000000.50\"";
    } else if (strcmp(bound, "vague") == 0) {
        numbers = "\"vague\":\"1000000\"";
    }
    snprintf(out, size,
             "{" FIGURE ",\"kind\":\"%s\",\"bound\":\"%s\",%s,\"unit\":\"USD\","
             "\"start\":%d,\"end\":%d}",
             kind, bound, numbers, index * 10, index * 10 + 5);
}

static void test_every_kind_and_bound(void **state)
{
    static const char *const kinds[] = {"money", "percent", "measure", "count",
                                        "ratio", "number",  "time",    "ordinal"};
    static const char *const bounds[] = {
        "exact", "range", "at_least", "more_than", "at_most", "less_than", "vague"};
    struct scene *scene = *state;
    char json[1024], sql[512], wanted[512];
    open_store(scene, "{}");
    store(scene, "document", DOCUMENT);
    for (int k = 0; k < 8; k++) {
        for (int b = 0; b < 7; b++) {
            write_figure(json, sizeof(json), kinds[k], bounds[b], k * 7 + b);
            store(scene, "figure", json);
        }
    }
    finish(scene);
    for (int i = 0; i < 56; i++) {
        const char *bound = bounds[i % 7];
        const char *numbers = "\"value\":9800000000,\"value_dec\":\"9800000000\","
                              "\"low\":null,\"low_dec\":null,\"high_dec\":null,"
                              "\"vague_dec\":null,\"significant\":2";
        if (strcmp(bound, "range") == 0) {
            numbers = "\"value\":null,\"value_dec\":null,\"low\":457000000,"
                      "\"low_dec\":\"457000000\",\"high_dec\":\"1190000000.50\","
                      "\"vague_dec\":null,\"significant\":3";
        } else if (strcmp(bound, "vague") == 0) {
            numbers = "\"value\":null,\"value_dec\":null,\"low\":null,"
                      "\"low_dec\":null,\"high_dec\":null,\"vague_dec\":\"1000000\","
                      "\"significant\":null";
        }
        snprintf(sql, sizeof(sql),
                 "SELECT kind, bound, value, value_dec, low, low_dec, high_dec, "
                 "vague_dec, significant FROM figure WHERE start_byte = %d",
                 i * 10);
        snprintf(wanted, sizeof(wanted), "[{\"kind\":\"%s\",\"bound\":\"%s\",%s}]",
                 kinds[i / 7], bound, numbers);
        assert_rows(scene, sql, wanted);
    }
}

static void test_every_field(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{}");
    store(scene, "topic", "{\"id\":\"t\",\"label\":\"T\",\"kind\":\"money\"}");
    store(scene, "work", "{\"id\":\"w\",\"title\":\"W\"}");
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"money\",\"bound\":\"at_most\",\"value\":\"0.10\","
          "\"start\":3,\"end\":9,\"approx\":true,\"side\":\"below\",\"unit\":\"EUR\","
          "\"fraction\":\"1/10\",\"alt\":[{\"value\":1.5,\"unit\":\"a\\\"\\n\"}],"
          "\"per\":\"year\",\"counted\":\"shells\",\"as_of\":\"2023-02\","
          "\"hedge\":\"denied\",\"change\":\"up_by\",\"sentence\":[1,20],"
          "\"lang\":\"de\",\"topic\":\"t\",\"work\":\"w\",\"significant\":2}");
    finish(scene);
    assert_rows(scene,
                "SELECT length(id) AS id, document_id, run_id, topic_id, work_id, "
                "text_extractor, text_version, start_byte, end_byte, locator, text, "
                "sentence_start, sentence_end, lang FROM figure",
                "[{\"id\":32,\"document_id\":\"doc1\",\"run_id\":\"run1\","
                "\"topic_id\":\"t\",\"work_id\":\"w\",\"text_extractor\":\"article\","
                "\"text_version\":\"1\",\"start_byte\":3,\"end_byte\":9,"
                "\"locator\":null,\"text\":\"x\",\"sentence_start\":1,"
                "\"sentence_end\":20,\"lang\":\"de\"}]");
    assert_rows(
        scene,
        "SELECT value, value_dec, approx, side, significant, unit, per, counted, "
        "fraction, alt, time, as_of, as_of_from, as_of_to, hedge, change, "
        "confidence, extractor, extractor_version, is_current FROM figure",
        "[{\"value\":0.1,\"value_dec\":\"0.10\",\"approx\":1,\"side\":\"below\","
        "\"significant\":2,\"unit\":\"EUR\",\"per\":\"year\","
        "\"counted\":\"shells\",\"fraction\":\"1/10\","
        "\"alt\":\"[{\\\"value\\\":1.5,\\\"unit\\\":\\\"a\\\\\\\"\\\\u000a\\\"}]"
        "\",\"time\":null,\"as_of\":\"2023-02\","
        "\"as_of_from\":\"2023-02-01T00:00:00Z\","
        "\"as_of_to\":\"2023-02-28T23:59:59Z\",\"hedge\":\"denied\","
        "\"change\":\"up_by\",\"confidence\":0.9,\"extractor\":\"figures\","
        "\"extractor_version\":\"1\",\"is_current\":1}]");
}

static void test_times(void **state)
{
    static const char *const rows[][3] = {
        {"2023", "2023-01-01T00:00:00Z", "2023-12-31T23:59:59Z"},
        {"2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z"},
        {"2023-Q4", "2023-10-01T00:00:00Z", "2023-12-31T23:59:59Z"},
        {"2023-05-09", "2023-05-09T00:00:00Z", "2023-05-09T23:59:59Z"},
        {"2022/2023-05", "2022-01-01T00:00:00Z", "2023-05-31T23:59:59Z"},
        {"2023/..", "2023-01-01T00:00:00Z", NULL},
        {"../2023", NULL, "2023-12-31T23:59:59Z"},
        {"2023-05-09T10:00:00Z", "2023-05-09T10:00:00Z", "2023-05-09T10:00:00Z"},
        {"2023-13", NULL, NULL},
        {"2023-02-30", NULL, NULL},
        {"last year", NULL, NULL},
    };
    struct scene *scene = *state;
    char json[1024], sql[128], wanted[256];
    open_store(scene, "{}");
    for (int i = 0; i < (int)(sizeof(rows) / sizeof(rows[0])); i++) {
        snprintf(json, sizeof(json),
                 "{" FIGURE ",\"kind\":\"time\",\"as_of\":\"%s\",\"start\":%d,"
                 "\"end\":%d}",
                 rows[i][0], i, i + 1);
        store(scene, "figure", json);
    }
    finish(scene);
    for (int i = 0; i < (int)(sizeof(rows) / sizeof(rows[0])); i++) {
        char from[40] = "null", to[40] = "null";
        if (rows[i][1] != NULL) {
            snprintf(from, sizeof(from), "\"%s\"", rows[i][1]);
        }
        if (rows[i][2] != NULL) {
            snprintf(to, sizeof(to), "\"%s\"", rows[i][2]);
        }
        snprintf(
            sql, sizeof(sql),
            "SELECT as_of_from AS a, as_of_to AS b FROM figure WHERE start_byte=%d", i);
        snprintf(wanted, sizeof(wanted), "[{\"a\":%s,\"b\":%s}]", from, to);
        assert_rows(scene, sql, wanted);
    }
}

static void test_chain(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{}");
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"count\",\"bound\":\"exact\",\"value\":2000,"
          "\"start\":1,\"end\":2,\"origin\":\"nis\",\"source\":["
          "{\"name\":\"Quay News\",\"verb\":\"quoted\",\"start\":5,\"end\":9},"
          "{\"name\":\"The Service\",\"stance\":\"estimates\"}]}");
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"count\",\"bound\":\"exact\",\"value\":1,"
          "\"start\":3,\"end\":4,\"source\":[{\"name\":\"A\",\"role\":\"agency\","
          "\"entity\":\"nis\"}]}");
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"count\",\"bound\":\"exact\",\"value\":1,"
          "\"start\":5,\"end\":6,\"origin\":\"nis\"}");
    /* The entity comes last, as a stage at the end of a chain would send it. */
    store(scene, "entity", "{\"id\":\"nis\",\"kind\":\"agency\",\"name\":\"NIS\"}");
    store(scene, "document", DOCUMENT);
    finish(scene);
    assert_rows(
        scene,
        "SELECT hop, name, role, verb, stance, entity_id AS e, a.start_byte AS s, "
        "a.end_byte AS t FROM attribution a JOIN figure f ON f.id = figure_id "
        "ORDER BY f.start_byte, hop",
        "[{\"hop\":0,\"name\":\"The Quay\",\"role\":\"outlet\",\"verb\":null,"
        "\"stance\":\"asserts\",\"e\":null,\"s\":null,\"t\":null},"
        "{\"hop\":1,\"name\":\"Quay News\",\"role\":\"outlet\",\"verb\":\"quoted\","
        "\"stance\":\"asserts\",\"e\":null,\"s\":5,\"t\":9},"
        "{\"hop\":2,\"name\":\"The Service\",\"role\":\"origin\",\"verb\":null,"
        "\"stance\":\"estimates\",\"e\":\"nis\",\"s\":null,\"t\":null},"
        "{\"hop\":0,\"name\":\"The Quay\",\"role\":\"outlet\",\"verb\":null,"
        "\"stance\":\"asserts\",\"e\":null,\"s\":null,\"t\":null},"
        "{\"hop\":1,\"name\":\"A\",\"role\":\"agency\",\"verb\":null,"
        "\"stance\":\"asserts\",\"e\":\"nis\",\"s\":null,\"t\":null},"
        "{\"hop\":0,\"name\":\"The Quay\",\"role\":\"outlet\",\"verb\":null,"
        "\"stance\":\"asserts\",\"e\":null,\"s\":null,\"t\":null},"
        "{\"hop\":1,\"name\":\"nis\",\"role\":\"origin\",\"verb\":null,"
        "\"stance\":\"asserts\",\"e\":\"nis\",\"s\":null,\"t\":null}]");
}

static void test_publisher(void **state)
{
    static const char *const rows[][3] = {
        /* document, more of the figure, name of hop 0 */
        {"{\"url\":\"https://www.quay.example:81/a\"}", "", "quay.example"},
        {"{}", ",\"outlet\":\"Told\"", "Told"},
        {"{}", ",\"url\":\"http://b.example\"", "b.example"},
        {NULL, "", "unknown"},
    };
    struct scene *scene = *state;
    char json[1024], wanted[128];
    open_store(scene, "{}");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i][0] != NULL) {
            store(scene, "document", rows[i][0]);
        }
        snprintf(json, sizeof(json),
                 "{" FIGURE ",\"kind\":\"number\",\"bound\":\"exact\",\"value\":1,"
                 "\"start\":1,\"end\":2%s}",
                 rows[i][1]);
        store(scene, "figure", json);
        finish(scene);
        snprintf(wanted, sizeof(wanted), "[{\"name\":\"%s\"}]", rows[i][2]);
        assert_rows(scene, "SELECT name FROM attribution", wanted);
    }
}

static void test_roles_and_links(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{}");
    /* The one that converts comes first in the unit. */
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"money\",\"bound\":\"exact\",\"value\":2,"
          "\"unit\":\"KRW\",\"start\":20,\"end\":30,\"same_as\":[1,9]}");
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"money\",\"bound\":\"exact\",\"value\":1,"
          "\"unit\":\"USD\",\"start\":1,\"end\":9,\"from\":\"a\",\"to\":\"b\"}");
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"money\",\"bound\":\"exact\",\"value\":1,"
          "\"unit\":\"USD\",\"start\":40,\"end\":49,\"same_as\":[777,778]}");
    store(scene, "entity", "{\"id\":\"a\",\"kind\":\"state\",\"name\":\"A\"}");
    store(scene, "entity", "{\"id\":\"b\",\"kind\":\"state\",\"name\":\"B\"}");
    store(scene, "entity_alias",
          "{\"entity_id\":\"a\",\"lang\":\"en\",\"norm\":\"a\"}");
    finish(scene);
    assert_rows(scene,
                "SELECT a.unit AS a, b.unit AS b, l.kind AS kind, made_by FROM "
                "figure_link l JOIN figure a ON a.id = l.a JOIN figure b ON b.id = l.b",
                "[{\"a\":\"KRW\",\"b\":\"USD\",\"kind\":\"same_amount\","
                "\"made_by\":\"figures\"}]");
    assert_int_equal(scene->endless, 1);
    assert_rows(scene,
                "SELECT start_byte, role, entity_id FROM figure_role JOIN figure ON "
                "id = figure_id ORDER BY role",
                "[{\"start_byte\":1,\"role\":\"from\",\"entity_id\":\"a\"},"
                "{\"start_byte\":1,\"role\":\"to\",\"entity_id\":\"b\"}]");
}

static void test_topics_in_a_circle(void **state)
{
    struct scene *scene = *state;
    open_store(scene, "{}");
    store(scene, "topic",
          "{\"id\":\"out\",\"label\":\"O\",\"kind\":\"money\",\"returns\":\"back\"}");
    store(scene, "topic",
          "{\"id\":\"back\",\"label\":\"B\",\"kind\":\"money\",\"returns\":\"out\"}");
    finish(scene);
    assert_rows(scene, "SELECT id, returns FROM topic ORDER BY id",
                "[{\"id\":\"back\",\"returns\":\"out\"},"
                "{\"id\":\"out\",\"returns\":\"back\"}]");
}

/* Ids depend on document, text, extractor, span and place in the span, and on nothing
 * else: a repeat writes the same rows. */
static void test_ids(void **state)
{
    static const char first[] = "{" FIGURE ",\"kind\":\"number\",\"bound\":\"exact\","
                                "\"value\":1,\"start\":1,\"end\":2}";
    static const char second[] = "{" FIGURE ",\"kind\":\"number\",\"bound\":\"exact\","
                                 "\"value\":2,\"start\":1,\"end\":2}";
    struct scene *scene = *state;
    const char *rows[2];
    open_store(scene, "{}");
    for (int i = 0; i < 2; i++) {
        store(scene, "figure", first);
        store(scene, "figure", second);
        finish(scene);
        rows[i] = scene_query(scene, "SELECT id, value_dec FROM figure ORDER BY value");
    }
    assert_string_equal(rows[0], rows[1]);
    assert_rows(scene, "SELECT count(*) AS n FROM figure", "[{\"n\":2}]");
    assert_rows(scene, "SELECT count(*) AS n FROM attribution", "[{\"n\":2}]");
    char id[33];
    const struct mizan_slice parts[] = {{"doc1", 4}, {"aa", 2}, {"figures", 7},
                                        {"1", 1},    {"2", 1},  {"1", 1}};
    assert_int_equal(mz_host_table()->hash_id(parts, 6, id), MIZAN_OK);
    assert_non_null(strstr(rows[0], id));
}

static void test_options(void **state)
{
    struct scene *scene = *state;
    char json[1024];
    open_store(scene, "{\"kinds\":[\"money\",\"count\"],\"minimum_confidence\":0.5}");
    write_figure(json, sizeof(json), "money", "exact", 1);
    store(scene, "figure", json);
    write_figure(json, sizeof(json), "percent", "exact", 2);
    store(scene, "figure", json);
    write_figure(json, sizeof(json), "count", "exact", 3);
    memcpy(strstr(json, "0.9"), "0.4", 3);
    store(scene, "figure", json);
    finish(scene);
    assert_rows(scene, "SELECT kind FROM figure", "[{\"kind\":\"money\"}]");
    assert_int_equal(scene->left_out, 2);
}

static void test_wrong_option(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(scene_open(scene, "{\"kinds\":[\"monney\"]}"), MIZAN_ERROR_OPTION);
    assert_null(scene->instance);
}

/* What is wrong, and the field that the refusal names. */
static void test_refusals(void **state)
{
    static const char *const rows[][3] = {
        {"\"text\":\"x\"", "\"text\":\"\"", "`text`"},
        {"\"document_id\":\"doc1\",", "", "`document_id`"},
        {"\"run_id\":\"run1\"", "\"run_id\":1", "`run_id`"},
        {"\"text_sha256\":\"aa\",", "", "`text_sha256`"},
        {"\"extractor\":\"figures\",", "", "`extractor`"},
        {"\"confidence\":0.9", "\"confidence\":1.5", "`confidence`"},
        {"\"kind\":\"money\"", "\"kind\":\"cash\"", "`kind`"},
        {"\"bound\":\"exact\",", "", "`bound`"},
        {"\"value\":\"9800000000\",", "", "`value`"},
        {"\"value\":\"9800000000\"", "\"value\":\"9.8e9\"", "`value`"},
        {"\"value\":\"9800000000\"", "\"value\":\"1,5\"", "`value`"},
        {"\"bound\":\"exact\"", "\"bound\":\"range\"", "`low`"},
        {"\"bound\":\"exact\"", "\"bound\":\"range\",\"low\":1", "`high`"},
        {"\"bound\":\"exact\"", "\"bound\":\"vague\"", "`vague`"},
        {"\"unit\":\"USD\",", "", "`unit`"},
        {"\"unit\":\"USD\"", "\"unit\":\"USD\",\"hedge\":\"maybe\"", "`hedge`"},
        {"\"unit\":\"USD\"", "\"unit\":\"USD\",\"side\":1", "`side`"},
        {"\"start\":10", "\"start\":-1", "`start`"},
        {"\"end\":15", "\"end\":10", "`end`"},
    };
    struct scene *scene = *state;
    open_store(scene, "{}");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char json[1024], broken[1024];
        write_figure(json, sizeof(json), "money", "exact", 1);
        const char *at = strstr(json, rows[i][0]);
        assert_non_null(at);
        snprintf(broken, sizeof(broken), "%.*s%s%s", (int)(at - json), json, rows[i][1],
                 at + strlen(rows[i][0]));
        assert_int_equal(scene_store(scene, "figure", broken), MIZAN_ERROR_INPUT);
        if (strstr(scene->error.message, rows[i][2]) == NULL) {
            fail_msg("%s does not name %s", scene->error.message, rows[i][2]);
        }
    }
    finish(scene);
    assert_rows(scene, "SELECT id FROM figure", "[]");
}

/* A source without a name shows while writing: nothing of the unit stays, and the next
 * unit is not touched by it. */
static void test_failed_unit(void **state)
{
    struct scene *scene = *state;
    char json[1024];
    open_store(scene, "{}");
    write_figure(json, sizeof(json), "money", "exact", 1);
    store(scene, "figure", json);
    store(scene, "figure",
          "{" FIGURE ",\"kind\":\"number\",\"bound\":\"exact\",\"value\":1,"
          "\"start\":1,\"end\":2,\"source\":[{\"role\":\"origin\"}]}");
    assert_int_equal(scene_finish(scene), MIZAN_ERROR_INPUT);
    assert_rows(scene, "SELECT id FROM figure", "[]");
    store(scene, "figure", json);
    mizan_plugin_v1.discard_unit(scene->instance, &scene->task);
    finish(scene);
    assert_rows(scene, "SELECT id FROM figure", "[]");
    store(scene, "figure", json);
    finish(scene);
    assert_rows(scene, "SELECT kind FROM figure", "[{\"kind\":\"money\"}]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_kind_and_bound),
        TEST(test_every_field),
        TEST(test_times),
        TEST(test_chain),
        TEST(test_publisher),
        TEST(test_roles_and_links),
        TEST(test_topics_in_a_circle),
        TEST(test_ids),
        TEST(test_options),
        TEST(test_wrong_option),
        TEST(test_refusals),
        TEST(test_failed_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
