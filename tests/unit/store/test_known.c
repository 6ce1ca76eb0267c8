/* A document whose figures are read again: by another version, with others gone, as the
 * copy of a text, as the next version of a page. */
#include "scene.h"

#include <string.h>

#define FIGURE(document, run, version)                                                 \
    "{\"document_id\":\"" document "\",\"run_id\":\"" run                              \
    "\",\"text_sha256\":\"aa\",\"text_extractor\":\"article\",\"text_version\":\"1\"," \
    "\"extractor\":\"figures\",\"extractor_version\":\"" version                       \
    "\",\"text\":\"x\",\"confidence\":0.9,\"kind\":\"count\","
#define DOCUMENT(document, run)                                                        \
    "{\"url\":\"https://a.example/\",\"document_id\":\"" document                      \
    "\",\"run_id\":\"" run "\"}"

static void execute(struct scene *scene, const char *sql)
{
    if (mz_db_execute(scene->db, sql, NULL, 0, NULL, &scene->error) != MZ_OK) {
        fail_msg("%s: %s", sql, scene->error.message);
    }
}

static void open_store(struct scene *scene)
{
    scene_open_database(scene);
    execute(scene, "INSERT INTO run(id, pipeline, host_version, started_at) "
                   "VALUES('run2', 'p', '0', '2025-01-02T00:00:00Z')");
    execute(scene, "INSERT INTO document(id, pipeline, source_id, url, fetched_at, "
                   "raw_sha256, prev_id) VALUES('doc2', 'p', 's', 'http://a.example/', "
                   "'2025-01-02T00:00:00Z', '01', 'doc1')");
    execute(scene, "INSERT INTO entity(id, kind, name) VALUES('e', 'x', 'E')");
    execute(scene, "INSERT INTO topic(id, label, kind) VALUES('t', 'T', 'count')");
    if (scene_open(scene, "{}") != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
}

/* One unit: a document and its figures, ended with NULL. */
static void unit(struct scene *scene, const char *document, const char *const *figures)
{
    if (scene_store(scene, "document", document) != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
    for (; *figures != NULL; figures++) {
        if (scene_store(scene, "figure", *figures) != MIZAN_OK) {
            fail_msg("%s: %s", *figures, scene->error.message);
        }
    }
    if (scene_finish(scene) != MIZAN_OK) {
        fail_msg("%s", scene->error.message);
    }
}

static void assert_rows(struct scene *scene, const char *sql, const char *wanted)
{
    assert_string_equal(scene_query(scene, sql), wanted);
}

static const char *const first[] = {
    FIGURE("doc1", "run1", "1") "\"bound\":\"exact\",\"value\":600,\"start\":0,"
                                "\"end\":5,\"source\":[{\"name\":\"A\"},{\"name\":"
                                "\"B\"}]}",
    FIGURE("doc1", "run1", "1") "\"bound\":\"exact\",\"value\":7,\"start\":9,"
                                "\"end\":12,\"about\":\"e\"}",
    NULL};

static void the_next_version_reads_otherwise(void **state)
{
    static const char *const second[] = {
        FIGURE("doc1", "run2", "2") "\"bound\":\"at_most\",\"value\":600,\"start\":0,"
                                    "\"end\":5,\"source\":[{\"name\":\"B\"}]}",
        NULL};
    struct scene *scene = *state;

    open_store(scene);
    unit(scene, DOCUMENT("doc1", "run1"), first);
    assert_rows(scene, "SELECT count(*) AS n FROM figure_history", "[{\"n\":0}]");
    assert_rows(scene, "SELECT count(*) AS n FROM figure_role", "[{\"n\":1}]");
    unit(scene, DOCUMENT("doc1", "run2"), second);
    assert_rows(scene,
                "SELECT bound, value_dec, is_current, extractor_version AS version "
                "FROM figure ORDER BY start_byte",
                "[{\"bound\":\"at_most\",\"value_dec\":\"600\",\"is_current\":1,"
                "\"version\":\"2\"},{\"bound\":\"exact\",\"value_dec\":\"7\","
                "\"is_current\":0,\"version\":\"1\"}]");
    assert_rows(scene,
                "SELECT extractor_version AS version, bound, value_dec FROM "
                "figure_history",
                "[{\"version\":\"1\",\"bound\":\"exact\",\"value_dec\":\"600\"}]");
    /* The chain is the new one, hop 2 of the old one went. */
    assert_rows(scene, "SELECT hop, name FROM attribution ORDER BY hop",
                "[{\"hop\":0,\"name\":\"a.example\"},{\"hop\":1,\"name\":\"B\"}]");
    assert_rows(scene, "SELECT count(*) AS n FROM figure_role", "[{\"n\":0}]");
}

static void the_same_reading_leaves_no_history(void **state)
{
    static const char *const second[] = {
        FIGURE("doc1", "run2", "2") "\"bound\":\"exact\",\"value\":600,\"start\":0,"
                                    "\"end\":5}",
        NULL};
    struct scene *scene = *state;

    open_store(scene);
    unit(scene, DOCUMENT("doc1", "run1"), first + 0);
    unit(scene, DOCUMENT("doc1", "run2"), second);
    assert_rows(scene, "SELECT count(*) AS n FROM figure_history", "[{\"n\":0}]");
}

static void a_document_without_figures_loses_its_old_ones(void **state)
{
    static const char *const none[] = {NULL};
    struct scene *scene = *state;

    open_store(scene);
    unit(scene, DOCUMENT("doc1", "run1"), first);
    unit(scene, DOCUMENT("doc1", "run2"), none);
    assert_rows(scene, "SELECT sum(is_current) AS n FROM figure", "[{\"n\":0}]");
}

/* Two stores of one pipeline take different figures of one document. */
static void a_second_store_of_the_run_adds(void **state)
{
    static const char *const more[] = {
        FIGURE("doc1", "run1", "1") "\"bound\":\"exact\",\"value\":8,\"start\":20,"
                                    "\"end\":25}",
        NULL};
    struct scene *scene = *state;

    open_store(scene);
    unit(scene, DOCUMENT("doc1", "run1"), first);
    unit(scene, DOCUMENT("doc1", "run1"), more);
    assert_rows(scene, "SELECT sum(is_current) AS n FROM figure", "[{\"n\":3}]");
}

static void a_copy_repeats(void **state)
{
    static const char *const copied[] = {
        FIGURE("doc2", "run1", "1") "\"bound\":\"exact\",\"value\":600,\"start\":0,"
                                    "\"end\":5}",
        NULL};
    struct scene *scene = *state;

    open_store(scene);
    execute(scene, "INSERT INTO doc_text(document_id, extractor, version, text, "
                   "text_sha256, dup_of) VALUES('doc1', 'article', '1', 'x', 'aa', "
                   "NULL), ('doc2', 'article', '1', 'x', 'aa', 'doc1')");
    unit(scene, DOCUMENT("doc1", "run1"), first);
    unit(scene, DOCUMENT("doc2", "run1"), copied);
    assert_rows(
        scene,
        "SELECT l.kind, a.document_id AS a, b.document_id AS b FROM figure_link "
        "l JOIN figure a ON a.id = l.a JOIN figure b ON b.id = l.b",
        "[{\"kind\":\"repeats\",\"a\":\"doc2\",\"b\":\"doc1\"}]");
}

static void a_silent_edit_supersedes(void **state)
{
    static const char *const before[] = {
        FIGURE("doc1", "run1", "1") "\"bound\":\"exact\",\"value\":600,\"start\":0,"
                                    "\"end\":5,\"topic\":\"t\"}",
        FIGURE("doc1", "run1", "1") "\"bound\":\"exact\",\"value\":9,\"start\":9,"
                                    "\"end\":12,\"topic\":\"t\"}",
        NULL};
    static const char *const after[] = {
        FIGURE("doc2", "run1", "1") "\"bound\":\"exact\",\"value\":700,\"start\":0,"
                                    "\"end\":5,\"topic\":\"t\"}",
        FIGURE("doc2", "run1", "1") "\"bound\":\"exact\",\"value\":9,\"start\":9,"
                                    "\"end\":12,\"topic\":\"t\"}",
        NULL};
    struct scene *scene = *state;

    open_store(scene);
    unit(scene, DOCUMENT("doc1", "run1"), before);
    unit(scene, DOCUMENT("doc2", "run1"), after);
    assert_rows(scene,
                "SELECT l.kind, a.value_dec AS a, b.value_dec AS b FROM figure_link l "
                "JOIN figure a ON a.id = l.a JOIN figure b ON b.id = l.b",
                "[{\"kind\":\"supersedes\",\"a\":\"700\",\"b\":\"600\"}]");
}

static void two_origins_of_one_text_contradict(void **state)
{
    static const char *const figures[] = {
        FIGURE("doc1", "run1", "1") "\"bound\":\"at_most\",\"value\":600,\"start\":0,"
                                    "\"end\":5,\"topic\":\"t\",\"source\":[{\"name\":"
                                    "\"A\"}]}",
        FIGURE("doc1", "run1", "1") "\"bound\":\"exact\",\"value\":900,\"start\":9,"
                                    "\"end\":12,\"topic\":\"t\",\"source\":[{\"name\":"
                                    "\"B\"}]}",
        FIGURE("doc1", "run1", "1") "\"bound\":\"at_least\",\"value\":500,\"start\":20,"
                                    "\"end\":25,\"topic\":\"t\",\"part_of\":[9,12],"
                                    "\"source\":[{\"name\":\"C\"}]}",
        NULL};
    struct scene *scene = *state;

    open_store(scene);
    unit(scene, DOCUMENT("doc1", "run1"), figures);
    assert_rows(scene,
                "SELECT l.kind, a.value_dec AS a, b.value_dec AS b FROM figure_link l "
                "JOIN figure a ON a.id = l.a JOIN figure b ON b.id = l.b ORDER BY 1",
                "[{\"kind\":\"contradicts\",\"a\":\"600\",\"b\":\"900\"},"
                "{\"kind\":\"part_of\",\"a\":\"500\",\"b\":\"900\"}]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_next_version_reads_otherwise),
        TEST(the_same_reading_leaves_no_history),
        TEST(a_document_without_figures_loses_its_old_ones),
        TEST(a_second_store_of_the_run_adds),
        TEST(a_copy_repeats),
        TEST(a_silent_edit_supersedes),
        TEST(two_origins_of_one_text_contradict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
