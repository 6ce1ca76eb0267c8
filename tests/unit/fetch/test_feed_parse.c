/* Feeds as they are found, sound and broken, from the files in data/. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "cmocka_all.h"
#include "feed_parse.h"

#define MORNING INT64_C(1756893600000) /* 2025-09-03T10:00:00Z */

static char *read_data(const char *name, size_t *size)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
    FILE *file = fopen(path, "rbe");
    char *data = malloc(65536);
    assert_non_null(file);
    assert_non_null(data);
    *size = fread(data, 1, 65536, file);
    assert_int_equal(fclose(file), 0);
    /* No more than the bytes themselves, so that reading past them shows. */
    char *exact = malloc(*size);
    assert_non_null(exact);
    memcpy(exact, data, *size);
    free(data);
    return exact;
}

static enum feed_status parse_file(const char *name, const char *charset,
                                   struct feed *feed)
{
    struct feed_input input = {.url = "https://feeds.example/all/feed.xml",
                               .charset = charset};
    char *data = read_data(name, &input.size);
    input.data = data;
    enum feed_status status = feed_parse(&input, feed);
    free(data);
    return status;
}

static enum feed_status parse_text(const char *text, struct feed *feed)
{
    const struct feed_input input = {
        .data = text, .size = strlen(text), .url = "https://feeds.example/"};
    return feed_parse(&input, feed);
}

static void test_rss2(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_file("rss2.xml", NULL, &feed), FEED_OK);
    assert_int_equal(feed.count, 3);
    assert_false(feed.broken);
    const struct feed_item *item = &feed.items[0];
    assert_string_equal(item->title, "Study: shipments worth 9.8 billion & more");
    assert_string_equal(item->link, "https://gazette.example/2025/study?utm=feed");
    assert_string_equal(item->id, "gazette-101");
    assert_string_equal(item->author, "R. Writer");
    assert_string_equal(item->summary, "A foundation counts 15,000 fighters.");
    assert_string_equal(item->content, "<p>The whole <i>text</i> of it.</p>");
    assert_string_equal(item->lang, "en");
    assert_true(item->has_published);
    assert_int_equal(item->published, MORNING);
    item = &feed.items[1];
    assert_string_equal(item->link, "https://gazette.example/2025/guid");
    assert_string_equal(item->author, "The Desk");
    assert_false(item->has_published);
    assert_string_equal(item->published_raw, "soon");
    assert_null(item->summary);
    item = &feed.items[2];
    assert_null(item->title);
    assert_null(item->id);
    assert_null(item->link);
    assert_string_equal(item->content, "Nothing but a text.");
    feed_finish(&feed);
}

static void test_atom(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_file("atom.xml", "utf-8", &feed), FEED_OK);
    assert_int_equal(feed.count, 2);
    const struct feed_item *item = &feed.items[0];
    assert_string_equal(item->title, "Zahlen < 5 neu");
    assert_string_equal(item->link, "https://blog.example/en/notes/one");
    assert_string_equal(item->author, "A. Schreiber");
    assert_string_equal(item->summary, "Kurz & knapp");
    assert_non_null(strstr(item->content, "<p>Rund <b>2000</b> St\xc3\xbc"));
    assert_string_equal(item->lang, "de");
    assert_int_equal(item->published, MORNING);
    assert_string_equal(item->updated_raw, "2025-09-04T12:00:00+02:00");
    item = &feed.items[1];
    assert_string_equal(item->title, "Plain <title>");
    assert_string_equal(item->link, "https://blog.example/two");
    assert_string_equal(item->content, "a &lt; b");
    assert_string_equal(item->lang, "en");
    assert_true(item->has_published);
    feed_finish(&feed);
}

static void test_rdf(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_file("rdf.xml", "", &feed), FEED_OK);
    assert_int_equal(feed.count, 1);
    assert_string_equal(feed.items[0].title, "Pr\xc3\xbc"
                                             "fung");
    assert_string_equal(feed.items[0].id, "https://old.example/a");
    assert_string_equal(feed.items[0].author, "Bureau");
    assert_int_equal(feed.items[0].published, MORNING);
    feed_finish(&feed);
}

static void test_broken(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_file("broken.xml", "utf-8", &feed), FEED_OK);
    assert_true(feed.broken);
    assert_int_equal(feed.count, 2);
    assert_string_equal(feed.items[0].title, "Caf\xc3\xa9\xc2\xa0& bar");
    assert_string_equal(feed.items[0].link, "https://feeds.example/one?a=1&b=2");
    assert_string_equal(feed.items[0].author, "No Namespace");
    assert_string_equal(feed.items[0].content, "5 &eacute; stays");
    assert_string_equal(feed.items[0].summary, "5 \xc3\xa9 stays");
    assert_string_equal(feed.items[1].link, "https://feeds.example/all/two%20page");
    feed_finish(&feed);
}

/* Slips that are mended leave nothing missing. */
static void test_mended_is_whole(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_text("<rss><channel><item><title>A & B &copy; &#169; &bogus;"
                                "\x01</title></item></channel></rss>",
                                &feed),
                     FEED_OK);
    assert_false(feed.broken);
    assert_string_equal(feed.items[0].title, "A & B \xc2\xa9 \xc2\xa9 &bogus;");
    feed_finish(&feed);
}

static void test_charset_of_the_server(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_file("windows1256.xml", "windows-1256", &feed), FEED_OK);
    assert_string_equal(feed.items[0].title,
                        "\xd8\xa7\xd9\x84\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85");
    feed_finish(&feed);
    assert_int_equal(parse_file("rss2.xml", "x-unheard-of", &feed), FEED_OK);
    assert_int_equal(feed.count, 3);
    feed_finish(&feed);
}

static void refuse_to_load(void)
{
    fail_msg("an entity was loaded");
}

static xmlParserInputPtr load_nothing(const char *url, const char *id,
                                      xmlParserCtxtPtr parser)
{
    (void)url;
    (void)id;
    (void)parser;
    refuse_to_load();
    return NULL;
}

static void test_entities_and_dtds(void **state)
{
    static const char *const refused[] = {"laughs.xml", "external.xml",
                                          "parameter.xml"};
    struct feed feed;
    (void)state;
    xmlExternalEntityLoader loader = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(load_nothing);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(parse_file(refused[i], NULL, &feed), FEED_HAS_ENTITIES);
        assert_null(feed.items);
    }
    assert_int_equal(parse_file("dtd091.xml", NULL, &feed), FEED_OK);
    assert_int_equal(feed.count, 1);
    feed_finish(&feed);
    xmlSetExternalEntityLoader(loader);
}

static void test_no_feeds(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_file("login.html", "utf-8", &feed), FEED_IS_HTML);
    assert_int_equal(parse_file("other.xml", NULL, &feed), FEED_IS_OTHER);
    assert_int_equal(parse_text("", &feed), FEED_IS_NOT_XML);
    assert_int_equal(parse_text("  \n", &feed), FEED_IS_NOT_XML);
    assert_int_equal(parse_text("{\"version\": \"https://jsonfeed.org/\"}", &feed),
                     FEED_IS_OTHER_JSON);
    assert_int_equal(parse_text("[1]", &feed), FEED_IS_NOT_XML);
    assert_int_equal(parse_text("<html xmlns='http://www.w3.org/1999/xhtml'/>", &feed),
                     FEED_IS_HTML);
}

static void test_empty_feed(void **state)
{
    struct feed feed;
    (void)state;
    assert_int_equal(parse_text("<rss><channel/></rss>", &feed), FEED_OK);
    assert_int_equal(feed.count, 0);
    feed_finish(&feed);
    feed_finish(&feed);
}

static void test_flood(void **state)
{
    static const char item[] = "<item><guid>1</guid></item>";
    struct feed feed;
    size_t count = FEED_ITEMS_MOST + 5;
    (void)state;
    char *text = malloc(64 + count * sizeof item);
    assert_non_null(text);
    memcpy(text, "<rss><channel>", 14);
    char *end = text + 14;
    for (size_t i = 0; i < count; i++) {
        memcpy(end, item, sizeof item);
        end += sizeof item - 1;
    }
    memcpy(end, "</channel></rss>", 17);
    assert_int_equal(parse_text(text, &feed), FEED_OK);
    assert_int_equal(feed.count, FEED_ITEMS_MOST);
    assert_int_equal(feed.total, count);
    feed_finish(&feed);
    free(text);
}

/* Elements nested without end are cut by the parser, not by the stack. */
static void test_deep(void **state)
{
    static const char start[] = "<rss><channel><item><title>t</title></item>";
    struct feed feed;
    size_t depth = 100000;
    (void)state;
    char *text = malloc(sizeof start + depth * 3);
    assert_non_null(text);
    memcpy(text, start, sizeof start);
    for (size_t i = 0; i < depth; i++) {
        memcpy(text + sizeof start - 1 + i * 3, "<a>", 4);
    }
    assert_int_equal(parse_text(text, &feed), FEED_OK);
    assert_true(feed.broken);
    assert_int_equal(feed.count, 1);
    feed_finish(&feed);
    free(text);
}

/* Every beginning of every file is read without harm. */
static void test_cut_short(void **state)
{
    static const char *const names[] = {"rss2.xml", "atom.xml", "broken.xml", "rdf.xml",
                                        "laughs.xml"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct feed_input input = {.url = "https://feeds.example/"};
        size_t size = 0;
        char *data = read_data(names[i], &size);
        for (size_t cut = 0; cut < size; cut += 7) {
            struct feed feed;
            char *part = malloc(cut + 1);
            assert_non_null(part);
            memcpy(part, data, cut);
            input.data = part;
            input.size = cut;
            if (feed_parse(&input, &feed) == FEED_OK) {
                feed_finish(&feed);
            }
            free(part);
        }
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rss2),
        cmocka_unit_test(test_atom),
        cmocka_unit_test(test_rdf),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_mended_is_whole),
        cmocka_unit_test(test_charset_of_the_server),
        cmocka_unit_test(test_entities_and_dtds),
        cmocka_unit_test(test_no_feeds),
        cmocka_unit_test(test_empty_feed),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_cut_short),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    xmlCleanupParser();
    return failed;
}
