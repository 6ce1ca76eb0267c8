/* Pages made to exhaust a parser end, keep what came first and say that they are
 * partial. The test's own timeout is the only clock. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_TEXT "The first paragraph of 12 words stands before all of the trouble."
#define FIRST      "<p>" FIRST_TEXT "</p>"

/* FIRST, then `piece` so often, then `end`. */
static struct article_slice build(const char *piece, size_t times, const char *end)
{
    size_t size = strlen(piece), at = 0;
    char *data = malloc(sizeof(FIRST) + size * times + strlen(end));
    assert_non_null(data);
    memcpy(data, FIRST, sizeof(FIRST) - 1);
    at = sizeof(FIRST) - 1;
    for (size_t i = 0; i < times; i++) {
        memcpy(data + at, piece, size);
        at += size;
    }
    memcpy(data + at, end, strlen(end));
    return (struct article_slice){data, at + strlen(end)};
}

static void check(struct article_slice body, bool partial, const char *last)
{
    struct pool pool;
    struct article article;
    struct article_input input = {
        .body = body, .media_type = slice("text/html"), .fetched_at = ARTICLE_NO_TIME};
    pool_init(&pool);
    assert_int_equal(article_extract(&input, &pool.memory, &article), ARTICLE_OK);
    assert_int_equal(article.partial, partial);
    char *text = pool_text(&pool, article.text);
    assert_memory_equal(text, FIRST_TEXT, sizeof(FIRST_TEXT) - 1);
    if (last != NULL) {
        assert_non_null(strstr(text, last));
    }
    pool_finish(&pool);
    union {
        const char *given;
        char *freed;
    } data = {.given = body.data};
    free(data.freed);
}

static void test_deep(void **state)
{
    (void)state;
    check(build("<div>", 100000, "<p>deep"), true, NULL);
    check(build("<div>", 1000000, ""), true, NULL);
    check(build("<b><i><table><tr><td>", 20000, "x</b>"), true, NULL);
    /* Deeper than what gets a frame, not too deep to be read. */
    check(build("<div>", 700, "<p>A paragraph of 9 words at the very bottom of it."),
          true, "at the very bottom");
    check(build("<div>", 100, "<p>A paragraph of 9 words at the very bottom of it."),
          false, "at the very bottom");
}

static void test_end_tags(void **state)
{
    (void)state;
    check(build("</b>", 200000, ""), false, NULL);
    check(build("<div><div><div><div><span></p></x>", 200, ""), true, NULL);
}

static void test_attributes(void **state)
{
    (void)state;
    size_t count = 100000, at = 0;
    char *piece = malloc(count * 8 + 64);
    assert_non_null(piece);
    at += (size_t)snprintf(piece, 64, "<p title='>'");
    for (size_t i = 0; i < count; i++) {
        at += (size_t)snprintf(piece + at, 9, " a%05zu", i % 100000);
    }
    memcpy(piece + at, ">", 2);
    check(build(piece, 1, "A second paragraph with 8 words of its own."), true,
          "A second paragraph");
    free(piece);
}

static void test_wide(void **state)
{
    (void)state;
    check(build("<p>x", 300000, ""), true, NULL);
    check(build("word ", 4000000, ""), true, NULL);
    check(build("<!--", 200000, ""), false, NULL);
    check(build("<a href=x>&amp;&lt;&#120;&nosuch;", 300, ""), false, NULL);
    check(build("<", 500000, ""), false, NULL);
    check(build("<script>", 100000, ""), false, NULL);
    check(build("<a b=\"", 100001, ""), true, NULL);
}

/* A text node beyond what is read is refused. */
static void test_text_node(void **state)
{
    (void)state;
    struct pool pool;
    struct article article;
    struct article_slice body = build("word of a node ", (size_t)100 << 16, "");
    struct article_input input = {
        .body = body, .media_type = slice("text/html"), .fetched_at = ARTICLE_NO_TIME};
    pool_init(&pool);
    assert_true(body.size > ARTICLE_BODY_LIMIT);
    assert_int_equal(article_extract(&input, &pool.memory, &article),
                     ARTICLE_TOO_LARGE);
    pool_finish(&pool);
    union {
        const char *given;
        char *freed;
    } data = {.given = body.data};
    free(data.freed);
}

/* NUL in names and text, entities that nothing ends, a script that nothing closes. */
static void test_damage(void **state)
{
    (void)state;
    struct pool pool;
    struct article article;
    static const char page[] =
        "<ht\0ml><bo\0dy><p cl\0ass=\"x\0\">" FIRST_TEXT "\0 It costs 5 &euro"
        " &amp 3 &lt 4, say those who have&nbspcounted.<\0b>x</p><script>var never = 1;"
        "<p>closed</p>";
    struct article_input input = {.body = {page, sizeof(page) - 1},
                                  .media_type = slice("text/html"),
                                  .fetched_at = ARTICLE_NO_TIME};
    pool_init(&pool);
    assert_int_equal(article_extract(&input, &pool.memory, &article), ARTICLE_OK);
    char *text = pool_text(&pool, article.text);
    assert_int_equal(strlen(text), article.text.size);
    assert_memory_equal(text, FIRST_TEXT, sizeof(FIRST_TEXT) - 1);
    assert_non_null(strstr(text, "& 3 < 4"));
    assert_null(strstr(text, "never"));
    pool_finish(&pool);
}

/* What comes with status 200 in place of an article. */
static void test_unexpected(void **state)
{
    (void)state;
    static const struct {
        const char *page, *wanted;
    } cases[] = {
        {"<title>Sign in</title><form><input name=u><input type=password></form>",
         "a login page"},
        {"<h1>Anmelden</h1><p>Bitte melden Sie sich an.<input type='PASSWORD'>",
         "a login page"},
        {"<title>404 Not Found</title><p>Sorry.", "an error page"},
        {"<title>Error 503 - Example</title>", "an error page"},
        {"<title>Page introuvable | Le site</title><p>Retour", "an error page"},
        {"<title>الصفحة غير موجودة</title>", "an error page"},
        {"<title>Just a moment...</title><p>Checking", "a check for robots"},
        {"<title>Four hundred not enough</title><p>" FIRST_TEXT, NULL},
        {"<title>News</title><p>" FIRST_TEXT FIRST_TEXT FIRST_TEXT FIRST_TEXT FIRST_TEXT
             FIRST_TEXT FIRST_TEXT "<input type=password>",
         NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pool pool;
        struct article article;
        struct article_input input = {.body = slice(cases[i].page),
                                      .media_type = slice("text/html"),
                                      .fetched_at = ARTICLE_NO_TIME};
        pool_init(&pool);
        assert_int_equal(article_extract(&input, &pool.memory, &article), ARTICLE_OK);
        if (cases[i].wanted == NULL) {
            assert_null(article.unexpected);
        } else {
            assert_non_null(article.unexpected);
            assert_string_equal(article.unexpected, cases[i].wanted);
        }
        pool_finish(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deep),       cmocka_unit_test(test_end_tags),
        cmocka_unit_test(test_attributes), cmocka_unit_test(test_wide),
        cmocka_unit_test(test_text_node),  cmocka_unit_test(test_damage),
        cmocka_unit_test(test_unexpected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
