/* fetch.feed against the host of the tests: what is new, what is known, and that
 * nothing is lost when something fails half-way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "fake_host.h"

#define NOW  INT64_C(1756900000000) /* 2025-09-03T11:46:40Z */
#define FEED "http://a.example/feed"

struct fixture {
    mizan_task task;
    struct fake_option options[4];
    size_t option_count;
    struct fake_answer answers[8];
    size_t answer_count;
    char feed[8192];
    void *instance;
    const mizan_record *source;
};

#define HEAD "<rss><channel>"
#define TAIL "</channel></rss>"
#define ONE                                                                            \
    "<item><guid>1</guid><title>One</title><link>one</link>"                           \
    "<pubDate>Wed, 03 Sep 2025 10:00:00 GMT</pubDate>"                                 \
    "<description>First words</description></item>"
#define TWO                                                                            \
    "<item><guid>2</guid><title>Two</title><link>/two</link>"                          \
    "<pubDate>Fri, 01 Aug 2025 10:00:00 GMT</pubDate></item>"
#define THREE                                                                          \
    "<item><guid>3</guid><title>Three</title><link>three</link>"                       \
    "<pubDate>Thu, 30 Feb 2025 10:00:00 GMT</pubDate></item>"

static void set_feed(struct fixture *f, const char *items, const char *etag)
{
    (void)snprintf(f->feed, sizeof f->feed, HEAD "%s" TAIL, items);
    f->answers[0] = (struct fake_answer){.url = FEED, .body = f->feed, .etag = etag};
}

static void set_page(struct fixture *f, size_t place, const char *url, int32_t failure)
{
    f->answers[place] = (struct fake_answer){.url = url,
                                             .failure = failure,
                                             .body = "<p>page</p>",
                                             .media_type = "text/html",
                                             .etag = "\"p\""};
    f->answer_count = place + 1 > f->answer_count ? place + 1 : f->answer_count;
}

static void add_option(struct fixture *f, const char *name, int64_t value)
{
    f->options[f->option_count++] =
        (struct fake_option){name, fake_integer_value(value)};
}

static void open_feed(struct fixture *f)
{
    int32_t status = MIZAN_OK;
    f->task.options = f->options;
    f->task.option_count = f->option_count;
    f->task.answers = f->answers;
    f->task.answer_count = f->answer_count;
    if (f->instance != NULL) {
        mizan_plugin_v1.close(f->instance);
    }
    f->instance = fake_open(&f->task, &status);
    assert_non_null(f->instance);
}

static int32_t visit(struct fixture *f)
{
    f->task.answer_count = f->answer_count;
    return fake_fetch(&f->task, f->instance, f->source);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->task.now = NOW;
    f->options[f->option_count++] =
        (struct fake_option){"sources", fake_source_value(&f->task, "a", FEED)};
    f->source = fake_record(&f->task, "source", "id", "a", "url", FEED, "lang", "en",
                            "outlet", "A Paper", NULL);
    set_feed(f, ONE TWO THREE, "\"v1\"");
    set_page(f, 1, "http://a.example/one", MIZAN_OK);
    set_page(f, 2, "http://a.example/two", MIZAN_OK);
    set_page(f, 3, "http://a.example/three", MIZAN_OK);
    *state = f;
    return 0;
}

static int setup_follow(void **state)
{
    (void)setup(state);
    add_option(*state, "follow", 1);
    open_feed(*state);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    if (f->instance != NULL) {
        mizan_plugin_v1.close(f->instance);
    }
    fake_finish(&f->task);
    free(f);
    return 0;
}

static bool feed_is_kept(const struct fixture *f)
{
    for (size_t i = 0; i < f->task.validator_count; i++) {
        if (strcmp(f->task.validators[i], FEED) == 0) {
            return true;
        }
    }
    return false;
}

static void test_follow(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 3);
    const mizan_record *document = f->task.documents[0];
    assert_string_equal(fake_text(document, "url"), "http://a.example/one");
    assert_string_equal(fake_text(document, "body"), "<p>page</p>");
    assert_string_equal(fake_text(document, "media_type"), "text/html");
    assert_int_equal(fake_integer(document, "http_status"), 200);
    assert_string_equal(fake_text(document, "source"), "a");
    assert_string_equal(fake_text(document, "lang"), "en");
    assert_string_equal(fake_text(document, "outlet"), "A Paper");
    assert_string_equal(fake_text(document, "feed_title"), "One");
    assert_string_equal(fake_text(document, "feed_summary"), "First words");
    assert_string_equal(fake_text(document, "feed_guid"), "1");
    assert_string_equal(fake_text(document, "feed_url"), FEED);
    assert_int_equal(fake_integer(document, "feed_published"), INT64_C(1756893600000));
    assert_null(fake_text(document, "published_raw"));
    document = f->task.documents[2];
    assert_int_equal(fake_integer(document, "feed_published"), INT64_MIN);
    assert_string_equal(fake_text(document, "published_raw"),
                        "Thu, 30 Feb 2025 10:00:00 GMT");
    assert_true(feed_is_kept(f));
}

/* The feed changed in nothing but its validators: no page is asked for. */
static void test_known_items(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    set_feed(f, THREE TWO ONE, "\"v2\"");
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 0);
    assert_int_equal(f->task.request_count, 1);
    assert_int_equal(f->task.unchanged_count, 3);
}

static void test_not_modified(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    f->answers[0].status = 304;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.request_count, 1);
    assert_int_equal(f->task.unchanged_count, 4);
    assert_string_equal(f->task.unchanged[0], "http://a.example/one");
    assert_string_equal(f->task.unchanged[3], FEED);
}

/* "Not modified" is worth nothing without the list that it stands for, or when that
 * list was made of other documents. */
static void test_not_modified_in_another_manner(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    f->options[1].value.as.integer = 0;
    open_feed(f);
    f->answers[f->answer_count++] = f->answers[0];
    f->answers[0].status = 304;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.request_count, 2);
    assert_int_equal(f->task.document_count, 3);
}

static void test_changed_item(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    set_feed(
        f,
        "<item><guid>1</guid><title>One, corrected</title><link>one</link></item>" TWO,
        "\"v2\"");
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    assert_string_equal(f->task.requests[1], "http://a.example/one conditional");
    assert_int_equal(f->task.unchanged_count, 1);
    /* Ids that change at every fetch cost a request each, not a document. */
    set_feed(f, "<item><guid>x9</guid><title>One</title><link>one</link></item>",
             "\"v3\"");
    f->answers[1].status = 304;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 0);
    assert_int_equal(f->task.unchanged_count, 1);
    /* Once the item itself stands still, they cost nothing: its address tells it. */
    set_feed(f, "<item><guid>x10</guid><title>One</title><link>one</link></item>",
             "\"v4\"");
    size_t asked = f->task.request_count;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 0);
    assert_int_equal(f->task.unchanged_count, 1);
    assert_true(f->task.request_count <= asked);
    assert_int_equal(f->task.request_count, 1);
}

/* Items that fell out of the feed are forgotten at the third visit without them. */
static void test_forgotten_items(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    size_t known = f->task.committed_count;
    for (int i = 0; i < 3; i++) {
        set_feed(f, TWO, i == 0 ? "\"n0\"" : i == 1 ? "\"n1\"" : "\"n2\"");
        f->task.forgotten_items = 0;
        assert_int_equal(visit(f), MIZAN_OK);
        /* Two, each by its id and by its address. */
        assert_int_equal(f->task.forgotten_items, i == 1 ? 4 : 0);
    }
    assert_true(known > 0);
}

/* No item where there were some is no feed that lost them all, unless that is expected.
 */
static void test_emptied_feed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(visit(f), MIZAN_OK);
    set_feed(f, "", "\"none\"");
    assert_int_equal(visit(f), MIZAN_ERROR_FAILED);
    assert_non_null(strstr(f->task.failure, "no item where there were some before"));
    set_feed(f, TWO, "\"back\"");
    assert_int_equal(visit(f), MIZAN_OK);
}

static void test_repeats(void **state)
{
    struct fixture *f = *state;
    set_feed(f,
             ONE ONE "<item><guid>other</guid><link>one</link></item>"
                     "<item><title>t</title></item><item><title>t</title></item>"
                     "<item><title>u</title></item>",
             NULL);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 3);
    assert_int_equal(f->task.request_count, 2);
    /* Without a page, the item's own words. */
    assert_null(fake_text(f->task.documents[1], "http_status"));
    assert_int_equal(
        strncmp(fake_text(f->task.documents[1], "url"), FEED "#", strlen(FEED) + 1), 0);
    assert_string_not_equal(fake_text(f->task.documents[1], "url"),
                            fake_text(f->task.documents[2], "url"));
    assert_false(feed_is_kept(f));
}

static void test_one_page_fails(void **state)
{
    struct fixture *f = *state;
    set_page(f, 2, "http://a.example/two", MIZAN_ERROR_TRANSIENT);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 2);
    assert_int_equal(f->task.failed_items, 1);
    assert_int_equal(f->task.warnings, 1);
    assert_false(feed_is_kept(f));
    assert_false(fake_has_state(&f->task, "items"));
    set_page(f, 2, "http://a.example/two", MIZAN_OK);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    assert_string_equal(fake_text(f->task.documents[0], "feed_guid"), "2");
    assert_int_equal(f->task.unchanged_count, 2);
    assert_true(feed_is_kept(f));
}

static void test_all_pages_fail(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 1; i <= 3; i++) {
        f->answers[i].failure = MIZAN_ERROR_TRANSIENT;
    }
    assert_int_equal(visit(f), MIZAN_ERROR_TRANSIENT);
    assert_non_null(strstr(f->task.failure, FEED));
    assert_false(feed_is_kept(f));
    for (size_t i = 1; i <= 3; i++) {
        f->answers[i].failure = MIZAN_OK;
    }
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 3);
}

static void test_page_is_gone(void **state)
{
    struct fixture *f = *state;
    set_page(f, 2, "http://a.example/two", MIZAN_ERROR_NOT_FOUND);
    f->answers[3].status = 204;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    assert_int_equal(f->task.gone_items, 2);
    assert_int_equal(f->task.failed_items, 0);
    set_feed(f, ONE TWO THREE, "\"v2\"");
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.request_count, 1);
}

/* A page that the guard refuses is neither gone nor a reason to fail the source. */
static void test_page_is_refused(void **state)
{
    struct fixture *f = *state;
    set_page(f, 2, "http://a.example/two", MIZAN_ERROR_FAILED);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.failed_items, 1);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.failed_items, 1);
    assert_int_equal(f->task.request_count, 2);
}

/* The run ends between two documents: what was stored is known, the rest comes next. */
static void test_stopped_half_way(void **state)
{
    struct fixture *f = *state;
    f->task.emit_limit = 2;
    assert_int_equal(visit(f), MIZAN_ERROR_CANCELLED);
    assert_int_equal(f->task.document_count, 1);
    assert_false(feed_is_kept(f));
    f->task.emit_limit = 0;
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 2);
    assert_int_equal(f->task.unchanged_count, 1);
    f->task.cancelled = true;
    assert_int_equal(visit(f), MIZAN_ERROR_CANCELLED);
}

static void test_limit(void **state)
{
    struct fixture *f = *state;
    add_option(f, "limit", 2);
    open_feed(f);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 2);
    assert_int_equal(f->task.postponed_items, 1);
    assert_int_equal(f->task.warnings, 1);
    assert_false(feed_is_kept(f));
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    assert_int_equal(f->task.postponed_items, 0);
    assert_true(feed_is_kept(f));
}

static void test_first_visit(void **state)
{
    struct fixture *f = *state;
    add_option(f, "first", INT64_C(7) * 86400000);
    open_feed(f);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 2); /* the one without date too */
    assert_int_equal(f->task.old_items, 1);
    set_feed(f,
             ONE TWO THREE "<item><guid>4</guid><title>late</title>"
                           "<pubDate>Fri, 01 Aug 2025 10:00:00 GMT</pubDate></item>",
             "\"v2\"");
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 1);
    assert_string_equal(fake_text(f->task.documents[0], "feed_guid"), "4");
}

static void test_down_host_is_left_alone(void **state)
{
    struct fixture *f = *state;
    char items[4096] = "";
    for (int i = 0; i < 20; i++) {
        char item[128];
        (void)snprintf(item, sizeof item, "<item><link>down%d</link></item>", i);
        strncat(items, item, sizeof items - strlen(items) - 1);
    }
    static struct fake_answer answers[32];
    static char urls[20][64];
    set_feed(f, items, "\"v1\"");
    answers[0] = f->answers[0];
    for (int i = 0; i < 20; i++) {
        (void)snprintf(urls[i], sizeof urls[i], "http://a.example/down%d", i);
        answers[i + 1] =
            (struct fake_answer){.url = urls[i], .failure = MIZAN_ERROR_TRANSIENT};
    }
    f->task.answers = answers;
    f->answer_count = 21;
    assert_int_equal(visit(f), MIZAN_ERROR_TRANSIENT);
    assert_int_equal(f->task.request_count, 1 + 5);
    assert_int_equal(f->task.postponed_items, 15);
}

static void test_items_as_documents(void **state)
{
    struct fixture *f = *state;
    set_feed(
        f,
        "<item><guid>1</guid><title>a &amp;amp; b</title><link>one</link>"
        "<description>&lt;p&gt;Some &lt;b&gt;words&lt;/b&gt;&lt;/p&gt;</description>"
        "</item><item><guid>2</guid><link>one</link></item>",
        "\"v1\"");
    open_feed(f);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.request_count, 1);
    assert_int_equal(f->task.document_count, 2);
    const mizan_record *document = f->task.documents[0];
    assert_string_equal(fake_text(document, "url"), "http://a.example/one");
    assert_string_equal(fake_text(document, "media_type"), "text/html");
    assert_string_equal(fake_text(document, "charset"), "utf-8");
    assert_non_null(strstr(fake_text(document, "body"), "<title>a &amp; b</title>"));
    assert_non_null(strstr(fake_text(document, "body"), "<p>Some <b>words</b></p>"));
    assert_int_equal(fake_integer(document, "fetched_at"), NOW);
    assert_string_not_equal(fake_text(f->task.documents[1], "url"),
                            "http://a.example/one");
}

static void test_future_dates(void **state)
{
    struct fixture *f = *state;
    set_feed(f,
             "<item><title>a</title><pubDate>2025-09-04T10:00:00Z</pubDate></item>"
             "<item><title>b</title><pubDate>2999-01-01</pubDate></item>",
             NULL);
    open_feed(f);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(fake_integer(f->task.documents[0], "feed_published"), NOW);
    assert_int_equal(fake_integer(f->task.documents[1], "feed_published"), INT64_MIN);
    assert_string_equal(fake_text(f->task.documents[1], "published_raw"), "2999-01-01");
}

static void test_broken_feed_is_read_again(void **state)
{
    struct fixture *f = *state;
    f->answers[0].body = HEAD ONE "<item><title>cut";
    assert_int_equal(visit(f), MIZAN_OK);
    assert_true(f->task.document_count >= 1);
    assert_int_equal(f->task.warnings, 1);
    assert_false(feed_is_kept(f));
}

static void test_no_feed(void **state)
{
    struct fixture *f = *state;
    f->answers[0].body = "<!doctype html><title>Please sign in</title>";
    assert_int_equal(visit(f), MIZAN_ERROR_FAILED);
    assert_non_null(strstr(f->task.failure, "unexpected content"));
    f->answers[0].failure = MIZAN_ERROR_TRANSIENT;
    assert_int_equal(visit(f), MIZAN_ERROR_TRANSIENT);
    assert_false(feed_is_kept(f));
}

static void test_options(void **state)
{
    struct fixture *f = *state;
    int32_t status = MIZAN_OK;
    f->options[0].value = fake_source_value(&f->task, "nameless", NULL);
    f->task.options = f->options;
    f->task.option_count = 1;
    assert_null(fake_open(&f->task, &status));
    assert_int_equal(status, MIZAN_ERROR_OPTION);
    assert_non_null(strstr(f->task.failure, "nameless"));
}

static void test_rate(void **state)
{
    struct fixture *f = *state;
    add_option(f, "rate", 5);
    open_feed(f);
    assert_int_equal(visit(f), MIZAN_OK);
    assert_int_equal(f->task.document_count, 3);
}

#define TEST(name)   cmocka_unit_test_setup_teardown(name, setup, teardown)
#define FOLLOW(name) cmocka_unit_test_setup_teardown(name, setup_follow, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW(test_follow),
        FOLLOW(test_known_items),
        FOLLOW(test_not_modified),
        FOLLOW(test_not_modified_in_another_manner),
        FOLLOW(test_changed_item),
        FOLLOW(test_forgotten_items),
        FOLLOW(test_emptied_feed),
        FOLLOW(test_repeats),
        FOLLOW(test_one_page_fails),
        FOLLOW(test_all_pages_fail),
        FOLLOW(test_page_is_gone),
        FOLLOW(test_page_is_refused),
        FOLLOW(test_stopped_half_way),
        FOLLOW(test_limit),
        FOLLOW(test_first_visit),
        FOLLOW(test_down_host_is_left_alone),
        TEST(test_items_as_documents),
        TEST(test_future_dates),
        FOLLOW(test_broken_feed_is_read_again),
        FOLLOW(test_no_feed),
        TEST(test_options),
        FOLLOW(test_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
