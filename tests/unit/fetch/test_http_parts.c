/* The parts of fetch.http that need no host: JSON in place, cursors, addresses. */
#include <stdlib.h>
#include <string.h>

/* The header of the SDK has a member that cmocka makes a macro of: it goes first. */
#include "http_address.h"
#include "http_cursor.h"
#include "json_span.h"

#include "cmocka_all.h"

static void test_json_find(void **state)
{
    static const char text[] =
        "\xEF\xBB\xBF {\"a/b\":[1,{\"c~\":\"\\u0041\\ud83d\\ude00\\n\"},[ ]],\"x\":1,"
        "\"x\":20000000000000000001, \"e\":{} ,\"n\":null,\"t\":true} ";
    static const struct {
        const char *pointer, *value; /* value NULL: there is no text */
    } rows[] = {{"/a~1b/0", "1"},
                {"/a~1b/1/c~0", "A\xF0\x9F\x98\x80\n"},
                {"/a~1b/3", NULL},
                {"/a~1b/01x", NULL},
                {"/x", "20000000000000000001"},
                {"/n", NULL},
                {"/t", "true"},
                {"/e/none", NULL},
                {"/none", NULL},
                {"", NULL},
                {"/x/y", NULL}};
    struct json_span whole, value;
    (void)state;
    assert_true(json_span_whole(text, sizeof text - 1, &whole));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_text out = {.data = NULL};
        bool found = json_span_find(whole, rows[i].pointer, &value) &&
                     json_span_text(value, &out);
        assert_int_equal(found, rows[i].value != NULL);
        if (found) {
            assert_string_equal(out.data, rows[i].value);
        }
        http_text_finish(&out);
    }
}

static void test_json_items(void **state)
{
    static const char text[] = "[ {\"a\":\"]\"} ,[1],\"\\\"\", 2.50 ]";
    static const char *const items[] = {"{\"a\":\"]\"}", "[1]", "\"\\\"\"", "2.50"};
    struct json_items walk = {.list = {text, sizeof text - 1}};
    struct json_span item;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(json_items_next(&walk, &item));
        assert_int_equal(item.size, strlen(items[i]));
        assert_memory_equal(item.data, items[i], item.size);
    }
    assert_false(json_items_next(&walk, &item));
}

static void test_json_cut(void **state)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"c\\\\\"}],\"d\":-1.5e3}";
    struct json_span whole, value;
    char *deep = malloc(4000);
    (void)state;
    for (size_t size = 0; size < sizeof text - 1; size++) {
        char *copy = malloc(size + 1); /* of that size alone, for the sanitizer */
        assert_non_null(copy);
        memcpy(copy, text, size);
        assert_false(json_span_whole(copy, size, &whole));
        free(copy);
    }
    assert_true(json_span_whole(text, sizeof text - 1, &whole));
    assert_true(json_span_find(whole, "/a/1/b", &value));
    assert_non_null(deep);
    memset(deep, '[', 2000);
    memset(deep + 2000, ']', 2000);
    assert_false(json_span_whole(deep, 4000, &whole));
    free(deep);
    assert_false(json_span_whole("[1}", 3, &whole));
    assert_false(json_span_whole("1 2", 3, &whole));
}

static void test_cursor_order(void **state)
{
    static const char *const ascending[][2] = {
        {"-10", "-9"},
        {"-1", "0"},
        {"9", "10"},
        {"007", "8"},
        {"99999999999999999999", "100000000000000000000"},
        {"2025-09-03T10:00:00+02:00", "2025-09-03T09:00:00Z"},
        {"2025-09-03", "2025-09-03T00:00:00.001Z"},
        {"abc", "abd"}};
    (void)state;
    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++) {
        assert_true(http_cursor_compare(ascending[i][0], ascending[i][1]) < 0);
        assert_true(http_cursor_compare(ascending[i][1], ascending[i][0]) > 0);
        assert_int_equal(http_cursor_compare(ascending[i][0], ascending[i][0]), 0);
    }
    assert_int_equal(
        http_cursor_compare("2025-09-03T12:00:00+0200", "2025-09-03T10:00:00.000Z"), 0);
}

static void test_cursor_lag(void **state)
{
    static const struct {
        const char *value, *lag, *before; /* before NULL: they do not go together */
    } rows[] = {{"2025-03-01T00:00:30Z", "1m", "2025-02-28T23:59:30Z"},
                {"2024-03-01", "1d", "2024-02-29T00:00:00Z"},
                {"2025-01-01T00:00:00.250Z", "1ms", "2025-01-01T00:00:00.249Z"},
                {"2025-09-03T12:00:00+02:00", "1h", "2025-09-03T09:00:00Z"},
                {"as it is", NULL, "as it is"},
                {"as it is", "0", "as it is"},
                {"1000", "10", "990"},
                {"1756893600", "1m", "1756893540"},
                {"1756893600000", "1m", "1756893540000"},
                {"row 7", "1m", NULL},
                {"2025-09-03T10:00:00Z", "10", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_text out = {.data = NULL};
        bool good = http_cursor_before(rows[i].value, rows[i].lag, &out);
        assert_int_equal(good, rows[i].before != NULL);
        if (good) {
            assert_string_equal(out.data, rows[i].before);
        }
        http_text_finish(&out);
    }
}

static void test_resolve(void **state)
{
    static const struct {
        const char *link, *address;
    } rows[] = {{"?page=2", "https://a.example:8443/v1/items?page=2"},
                {"more", "https://a.example:8443/v1/more"},
                {"./../x/../y?z#f", "https://a.example:8443/y?z"},
                {"../../../up", "https://a.example:8443/up"},
                {"/abs", "https://a.example:8443/abs"},
                {"//b.example/x", "https://b.example/x"},
                {"http://c.example", "http://c.example"},
                {"", "https://a.example:8443/v1/items?q=1"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_text out = {.data = NULL};
        assert_true(http_address_resolve("https://a.example:8443/v1/items?q=1#top",
                                         rows[i].link, &out));
        assert_string_equal(out.data, rows[i].address);
        http_text_finish(&out);
    }
    assert_true(http_address_same_origin("https://A.example/x", "https://a.example"));
    assert_false(http_address_same_origin("https://a.example", "http://a.example"));
    assert_false(http_address_same_origin("https://a.example", "https://a.example:1"));
    assert_false(
        http_address_same_origin("https://a.example", "https://a.example.org"));
}

static void test_parameters(void **state)
{
    struct http_text url = {.data = NULL};
    (void)state;
    http_text_string(&url, "http://a.example/?page=1&x=y&page=2#f");
    http_address_set(&url, "page", "3");
    assert_string_equal(url.data, "http://a.example/?x=y&page=3");
    http_address_set(&url, "x", "a b&\xC3\xA9");
    assert_string_equal(url.data, "http://a.example/?page=3&x=a%20b%26%C3%A9");
    http_text_finish(&url);
    http_text_string(&url, "http://a.example");
    http_address_set(&url, "q", "");
    assert_string_equal(url.data, "http://a.example?q=");
    http_text_finish(&url);
    http_text_base64(&url, "client:pass", 11);
    assert_string_equal(url.data, "Y2xpZW50OnBhc3M=");
    http_text_finish(&url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_find),  cmocka_unit_test(test_json_items),
        cmocka_unit_test(test_json_cut),   cmocka_unit_test(test_cursor_order),
        cmocka_unit_test(test_cursor_lag), cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
