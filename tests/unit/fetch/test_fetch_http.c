/* fetch.http against the host of the tests. */
#include <string.h>

#include "cmocka_all.h"
#include "fake_host.h"

static const struct fake_answer answers[] = {
    {.url = "http://a.example/1", .status = 304},
    {.url = "http://a.example/1",
     .media_type = "text/html",
     .charset = "windows-1256",
     .etag = "\"1\"",
     .last_modified = "Wed, 03 Sep 2025 10:00:00 GMT",
     .final_url = "http://a.example/one",
     .body = "a\0b",
     .body_size = 3},
    {.url = "http://a.example/empty", .status = 204},
    {.url = "http://a.example/plain", .body = "x"},
    {.url = "http://a.example/down", .failure = MIZAN_ERROR_TRANSIENT},
};

static void start(mizan_task *task)
{
    memset(task, 0, sizeof *task);
    task->answers = answers;
    task->answer_count = sizeof answers / sizeof *answers;
    task->now = 1756893600000;
}

static void test_document_and_unchanged(void **state)
{
    static mizan_task task;
    const struct fake_option options[] = {
        {"url", fake_text_value("http://a.example/1")}};
    int32_t status = MIZAN_OK;
    (void)state;
    start(&task);
    task.options = options;
    task.option_count = 1;
    void *instance = fake_open(&task, &status);
    assert_non_null(instance);
    const mizan_record *source =
        fake_record(&task, "source", "id", "http", "lang", "ar", "outlet", "A", NULL);
    assert_int_equal(fake_fetch(&task, instance, source), MIZAN_OK);
    assert_int_equal(task.document_count, 1);
    const mizan_record *document = task.documents[0];
    assert_string_equal(fake_text(document, "url"), "http://a.example/1");
    assert_string_equal(fake_text(document, "final_url"), "http://a.example/one");
    assert_int_equal(fake_integer(document, "http_status"), 200);
    assert_string_equal(fake_text(document, "media_type"), "text/html");
    assert_string_equal(fake_text(document, "charset"), "windows-1256");
    assert_memory_equal(fake_text(document, "body"), "a\0b", 4);
    assert_string_equal(fake_text(document, "etag"), "\"1\"");
    assert_string_equal(fake_text(document, "last_modified"),
                        "Wed, 03 Sep 2025 10:00:00 GMT");
    assert_int_equal(fake_integer(document, "fetched_at"), task.now);
    assert_string_equal(fake_text(document, "source"), "http");
    assert_string_equal(fake_text(document, "lang"), "ar");
    assert_string_equal(fake_text(document, "outlet"), "A");
    assert_int_equal(fake_fetch(&task, instance, source), MIZAN_OK);
    assert_int_equal(task.document_count, 0);
    assert_int_equal(task.unchanged_count, 1);
    assert_string_equal(task.requests[0], "http://a.example/1 conditional");
    mizan_plugin_v1.close(instance);
    fake_finish(&task);
}

static void test_sources(void **state)
{
    static mizan_task task;
    int32_t status = MIZAN_OK;
    (void)state;
    start(&task);
    const struct fake_option options[] = {
        {"sources", fake_source_value(&task, "a", "http://a.example/plain")}};
    task.options = options;
    task.option_count = 1;
    void *instance = fake_open(&task, &status);
    assert_non_null(instance);
    const char *urls[] = {"http://a.example/plain", "http://a.example/empty",
                          "http://a.example/down", "http://a.example/gone"};
    const int32_t expected[] = {MIZAN_OK, MIZAN_ERROR_NOT_FOUND, MIZAN_ERROR_TRANSIENT,
                                MIZAN_ERROR_NOT_FOUND};
    for (size_t i = 0; i < 4; i++) {
        const mizan_record *source =
            fake_record(&task, "source", "id", "s", "url", urls[i], NULL);
        assert_int_equal(fake_fetch(&task, instance, source), expected[i]);
        assert_int_equal(task.document_count, i == 0 ? 1 : 0);
        if (i > 0) {
            assert_non_null(strstr(task.failure, urls[i]));
        }
    }
    assert_null(fake_text(task.documents[0], "lang"));
    assert_null(fake_text(task.documents[0], "etag"));
    const mizan_record *bare = fake_record(&task, "source", "id", "s", NULL);
    assert_int_equal(fake_fetch(&task, instance, bare), MIZAN_ERROR_OPTION);
    mizan_plugin_v1.close(instance);
    fake_finish(&task);
}

static void test_options(void **state)
{
    static mizan_task task;
    struct mizan_field header = {{"X-A", 3}, {.type = MIZAN_INTEGER}};
    int32_t status = MIZAN_OK;
    (void)state;
    start(&task);
    assert_null(fake_open(&task, &status));
    assert_int_equal(status, MIZAN_ERROR_OPTION);
    const struct fake_option both[] = {
        {"sources", fake_source_value(&task, "a", "http://a.example/")},
        {"url", fake_text_value("http://a.example/")}};
    task.options = both;
    task.option_count = 2;
    assert_null(fake_open(&task, &status));
    assert_int_equal(status, MIZAN_ERROR_OPTION);
    const struct fake_option no_url[] = {
        {"sources", fake_source_value(&task, "nameless", NULL)}};
    task.options = no_url;
    task.option_count = 1;
    assert_null(fake_open(&task, &status));
    assert_int_equal(status, MIZAN_ERROR_OPTION);
    assert_non_null(strstr(task.failure, "nameless"));
    const struct fake_option bad_header[] = {
        {"url", fake_text_value("http://a.example/")},
        {"headers", {.type = MIZAN_MAP, .as.map = {&header, 1}}}};
    task.options = bad_header;
    task.option_count = 2;
    assert_null(fake_open(&task, &status));
    assert_int_equal(status, MIZAN_ERROR_OPTION);
    assert_non_null(strstr(task.failure, "X-A"));
    fake_finish(&task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document_and_unchanged),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
