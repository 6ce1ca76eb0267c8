/* Addresses: what is refused before a socket is opened, what messages show, where
 * redirects lead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "net/address.h"
#include "net/net.h"

static void test_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "dict://example.org:11211/",
        "http:",
        "http://",
        "http:///path",
        "http:/example.org/",
        "http:example.org",
        "http://?query",
        "http://#fragment",
        "//example.org/",
        "example.org",
        "/path",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:http/",
        "http://example.org/a b",
        " http://example.org/",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: other",
        "http://example.org/\n",
        "http://example.org/\t",
        "http://example.org/\x7f",
        "http://user@:80/",
        "http://good.example\\@bad.example/",
        "http://[::1/",
        "http://[12345]/",
        "http+x://example.org/",
    };
    struct mz_curl curl = {.loaded = false};
    struct mz_address *address = calloc(1, sizeof *address);
    struct mz_error error;
    (void)state;
    assert_int_equal(mz_curl_load(&curl, &error), MZ_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (mz_address_parse(&curl, bad[i], address, &error) != MZ_USAGE) {
            fail_msg("accepted: %s as %s", bad[i], address->text);
        }
        assert_true(error.message[0] != '\0');
        assert_null(strpbrk(error.message, "\r\n\t\x7f"));
    }
    free(address);
    mz_curl_finish(&curl);
}

static void test_too_long(void **state)
{
    struct mz_error error;
    (void)state;
    char *url = malloc(100001);
    assert_non_null(url);
    memset(url, 'a', 100000);
    url[100000] = '\0';
    memcpy(url, "http://example.org/", 19);
    assert_int_equal(mz_address_check(url, &error), MZ_USAGE);
    assert_true(strlen(error.message) < 600);
    url[MZ_ADDRESS_MOST] = '\0';
    assert_int_equal(mz_address_check(url, &error), MZ_OK);
    free(url);
}

/* What a request refuses, it refuses before libcurl is even loaded. */
static void test_refused_without_library(void **state)
{
    struct mz_client_settings settings = {.polite = false};
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mz_client *client = mz_client_create(&settings);
    struct mizan_http_request request = {.size = sizeof request,
                                         .url = "file:///etc/passwd"};
    struct mizan_http_response response = {.size = sizeof response};
    struct mz_error error;
    (void)state;
    assert_int_equal(
        mz_client_request(client, arena, &request, NULL, &response, &error), MZ_USAGE);
    request.url = NULL;
    assert_int_equal(
        mz_client_request(client, arena, &request, NULL, &response, &error), MZ_USAGE);
    mz_client_destroy(client);
    mz_client_destroy(NULL);
    mz_arena_destroy(arena);
}

static void test_parts(void **state)
{
    struct mz_curl curl = {.loaded = false};
    struct mz_address *address = calloc(1, sizeof *address);
    struct mz_error error;
    (void)state;
    assert_int_equal(mz_curl_load(&curl, &error), MZ_OK);
    assert_int_equal(mz_address_parse(&curl,
                                      "HTTPS://us%65r:s%40cret@EXAMPLE.org.:8443/a%20b"
                                      "/\xd8\xa7?q=1#part",
                                      address, &error),
                     MZ_OK);
    assert_string_equal(address->host, "example.org");
    assert_string_equal(address->user, "user");
    assert_string_equal(address->password, "s@cret");
    assert_int_equal(address->port, 8443);
    assert_true(address->https);
    assert_null(strstr(address->text, "cret"));
    assert_null(strchr(address->text, '#'));
    assert_non_null(strstr(address->text, "/a%20b/%d8%a7?q=1"));
    assert_int_equal(mz_address_parse(&curl, "http://[::1]/", address, &error), MZ_OK);
    assert_string_equal(address->host, "::1");
    assert_int_equal(address->port, 80);
    free(address);
    mz_curl_finish(&curl);
}

static void test_label(void **state)
{
    static const char *const pairs[][2] = {
        {"http://user:pass@example.org/a?b=c", "http://example.org/a?b=c"},
        {"http://a@b:c@example.org/", "http://example.org/"},
        {"http://example.org/?token=abc&x=1&API_KEY=q#f",
         "http://example.org/?token=***&x=1&API_KEY=***#f"},
        {"http://example.org/?tokens=abc", "http://example.org/?tokens=abc"},
        {"http://example.org/a@b", "http://example.org/a@b"},
        {"user:pass@example.org/", "example.org/"},
        {"a\r\nb", "a??b"},
        {"/next?to=http://u@h/", "/next?to=http://u@h/"},
    };
    char label[MZ_LABEL_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        mz_address_label(pairs[i][0], label);
        assert_string_equal(label, pairs[i][1]);
    }
}

struct redirect {
    const char *from, *location;
    enum mz_code code;
    const char *to; /* NULL: none */
};

static const struct redirect redirects[] = {
    {"http://a.example/x/y", "z", MZ_OK, "http://a.example/x/z"},
    {"http://a.example/x/y", "/z?q#f", MZ_OK, "http://a.example/z?q"},
    {"http://a.example/x/y", "//b.example/z", MZ_OK, "http://b.example/z"},
    {"http://a.example/x/y", "https://b.example/", MZ_OK, "https://b.example/"},
    {"http://a.example/x/y", "/a b", MZ_OK, "http://a.example/a%20b"},
    {"http://a.example/x/y", "http://u:p@b.example/", MZ_OK, "http://b.example/"},
    {"https://a.example/", "http://a.example/", MZ_NOT_PERMITTED, NULL},
    {"https://a.example/", "HTTP://a.example/", MZ_NOT_PERMITTED, NULL},
    {"http://a.example/", "file:///etc/passwd", MZ_NOT_PERMITTED, NULL},
    {"http://a.example/", "gopher://b.example/", MZ_NOT_PERMITTED, NULL},
    {"http://a.example/", "javascript:1", MZ_NOT_PERMITTED, NULL},
    {"http://a.example/", "", MZ_NOT_FOUND, NULL},
    {"http://a.example/", "http://", MZ_NOT_FOUND, NULL},
    {"http://a.example/", "http:///x", MZ_NOT_FOUND, NULL},
    {"http://a.example/", "http://b.example:99999/", MZ_NOT_FOUND, NULL},
    {"http://a.example/", "/a\tb", MZ_NOT_FOUND, NULL},
};

static void test_redirects(void **state)
{
    struct mz_curl curl = {.loaded = false};
    struct mz_address *from = calloc(1, sizeof *from);
    struct mz_address *to = calloc(1, sizeof *to);
    struct mz_error error;
    (void)state;
    assert_int_equal(mz_curl_load(&curl, &error), MZ_OK);
    for (size_t i = 0; i < sizeof redirects / sizeof *redirects; i++) {
        const struct redirect *r = &redirects[i];
        assert_int_equal(mz_address_parse(&curl, r->from, from, &error), MZ_OK);
        enum mz_code code = mz_address_follow(&curl, from, r->location, to, &error);
        if (code != r->code || (r->to != NULL && strcmp(to->text, r->to) != 0)) {
            fail_msg("%s, %s: code %d, %s", r->from, r->location, (int)code, to->text);
        }
    }
    free(from);
    free(to);
    mz_curl_finish(&curl);
}

static void test_origins(void **state)
{
    static const struct mz_address a = {.host = "a.example", .port = 80};
    struct mz_address *b = calloc(1, sizeof *b);
    (void)state;
    memcpy(b, &a, sizeof a);
    assert_true(mz_address_same_origin(&a, b));
    b->port = 8080;
    assert_false(mz_address_same_origin(&a, b));
    b->port = 80;
    b->https = true;
    assert_false(mz_address_same_origin(&a, b));
    b->https = false;
    memcpy(b->host, "b.example", 10);
    assert_false(mz_address_same_origin(&a, b));
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_refused_without_library),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_origins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
