/* Links of items, resolved: the examples of RFC 3986 (5.4) and what feeds hold besides.
 */
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "feed_address.h"

struct example {
    const char *reference, *address;
};

/* Against http://a/b/c/d;p?q. Fragments are dropped here, which is not in the RFC. */
static const struct example rfc[] = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q"},
    {"g#s", "http://a/b/c/g"},
    {"g?y#s", "http://a/b/c/g?y"},
    {";x", "http://a/b/c/;x"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
};

static const struct example found[] = {
    {"  https://b.example/x\n", "https://b.example/x"},
    {"https://b.example", "https://b.example/"},
    {"https://b.example?x", "https://b.example/?x"},
    {"/a b\"c", "http://a/a%20b%22c"},
    {"/\xd8\xae", "http://a/%D8%AE"},
    {"/a\n  b", "http://a/a%20%20b"},
    {"/x?a=1&b=[2]", "http://a/x?a=1&b=[2]"},
    {"mailto:desk@b.example", "mailto:desk@b.example"},
};

static void check(const struct example *examples, size_t count)
{
    struct feed_pool pool = {.blocks = NULL};
    for (size_t i = 0; i < count; i++) {
        const char *address =
            feed_address_resolve(&pool, "http://a/b/c/d;p?q", examples[i].reference);
        assert_non_null(address);
        assert_string_equal(address, examples[i].address);
    }
    feed_pool_finish(&pool);
}

static void test_rfc(void **state)
{
    (void)state;
    check(rfc, sizeof rfc / sizeof *rfc);
}

static void test_found(void **state)
{
    (void)state;
    check(found, sizeof found / sizeof *found);
}

static void test_refused(void **state)
{
    struct feed_pool pool = {.blocks = NULL};
    (void)state;
    char *long_one = malloc(20000);
    assert_non_null(long_one);
    memset(long_one, 'a', 19999);
    long_one[19999] = '\0';
    assert_null(feed_address_resolve(&pool, "http://a/", long_one));
    assert_null(feed_address_resolve(&pool, "", "page"));
    assert_null(feed_address_resolve(&pool, NULL, "/page"));
    free(long_one);
    feed_pool_finish(&pool);
}

static void test_web(void **state)
{
    (void)state;
    assert_true(feed_address_is_web("http://a.example/"));
    assert_true(feed_address_is_web("HTTPS://a.example"));
    assert_false(feed_address_is_web("http://"));
    assert_false(feed_address_is_web("http:///x"));
    assert_false(feed_address_is_web("https://?x"));
    assert_false(feed_address_is_web("file:///x"));
    assert_false(feed_address_is_web("javascript:x"));
    assert_false(feed_address_is_web("tag:a.example,2025:1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc),
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_web),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
