/* Requests against a server that answers as it was told to: what is a document, what is
 * a failure and of which kind, and what is sent along. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bomb.h"
#include "cmocka_all.h"
#include "net/net.h"
#include "raw_server.h"

#define MOVED "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "

static const struct raw_reply replies[] = {
    {.path = "/page",
     .bytes =
         "HTTP/1.1 103 Early Hints\r\nLink: <x>; rel=preload\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; x=\";\" ;Charset=\"Windows-1256\""
         "; y\r\nETag: W/\"a b\"\r\nLast-Modified: Wed, 03 Sep 2025 10:00:00 GMT\r\n"
         "X-Blank:\r\nContent-Length: 5\r\n\r\nhello"},
    {.path = "/chunked",
     .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n"
              "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Late: yes\r\n\r\n"},
    {.path = "/no-chunk-end",
     .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
     .end = RAW_CLOSE},
    {.path = "/short",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
     .end = RAW_CLOSE},
    {.path = "/304", .bytes = "HTTP/1.1 304 Not Modified\r\nETag: \"n\"\r\n\r\n"},
    {.path = "/404", .bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/410", .bytes = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/429", .bytes = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/408", .bytes = "HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/503", .bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/999", .bytes = "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/206", .bytes = "HTTP/1.1 206 Part\r\nContent-Length: 2\r\n\r\nhe"},
    {.path = "/204", .bytes = "HTTP/1.1 204 No Content\r\n\r\n"},
    {.path = "/300", .bytes = "HTTP/1.1 300 Which\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/nowhere", .bytes = "HTTP/1.1 301 Gone\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/old", .bytes = "just text", .end = RAW_CLOSE},
    {.path = "/silent", .bytes = "", .end = RAW_CLOSE},
    {.path = "/lengths",
     .bytes =
         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
         "5\r\nhello\r\n0\r\n\r\n"},
    {.path = "/two-lengths",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 5\r\n\r\nhello",
     .end = RAW_CLOSE},
    {.path = "/negative",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
     .end = RAW_CLOSE},
    {.path = "/not-gzip",
     .bytes =
         "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"},
    {.path = "/no-colon",
     .bytes = "HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n",
     .end = RAW_CLOSE},
    {.path = "/big",
     .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789"},
    {.path = "/big-unsaid",
     .bytes = "HTTP/1.1 200 OK\r\n\r\n01234567890123456789",
     .end = RAW_CLOSE},
    {.path = "/loop", .bytes = MOVED "/loop\r\n\r\n"},
    {.path = "/hop1", .bytes = MOVED "hop2\r\n\r\n"},
    {.path = "/hop2", .bytes = MOVED "hop3\r\n\r\n"},
    {.path = "/hop3", .bytes = MOVED "hop4\r\n\r\n"},
    {.path = "/hop4", .bytes = MOVED "hop5\r\n\r\n"},
    {.path = "/hop5", .bytes = MOVED "/page#x\r\n\r\n"},
    {.path = "/hop0", .bytes = MOVED "hop1\r\n\r\n"},
    {.path = "/see-other",
     .bytes = "HTTP/1.1 303 See\r\nContent-Length: 0\r\nLocation: /page\r\n\r\n"},
    {.path = "/same-method",
     .bytes = "HTTP/1.1 307 Same\r\nContent-Length: 0\r\nLocation: /page\r\n\r\n"},
    {.path = "/hold", .bytes = "", .end = RAW_HOLD},
    {.path = "/bad-validator",
     .bytes = "HTTP/1.1 200 OK\r\nETag: \"\xff\"\r\nContent-Length: 0\r\n\r\n"},
};

struct fixture {
    struct raw_server server, other;
    struct raw_reply other_replies[4];
    char *many_headers, *long_header, *bomb;
    char away[128];
    struct mz_client *client;
    struct mz_arena *arena;
    struct mizan_http_request request;
    struct mizan_http_response response;
    struct mz_error error;
    atomic_int cancel;
    char url[160];
};

/* A client that may talk to both servers. */
static void use_client(struct fixture *f, struct mz_client_settings settings)
{
    const char *hosts[] = {f->server.name, f->other.name};
    settings.private_hosts = hosts;
    settings.private_count = 2;
    settings.cancel = &f->cancel;
    settings.retries = settings.retries == 0 ? -1 : settings.retries;
    mz_client_destroy(f->client);
    f->client = mz_client_create(&settings);
    assert_non_null(f->client);
}

static void make_odd_replies(struct fixture *f)
{
    static const char start[] = "HTTP/1.1 200 OK\r\n";
    size_t bomb_size = 0;
    f->many_headers = malloc(64 + 1100 * 8);
    f->long_header = malloc(64 + 200000);
    assert_non_null(f->many_headers);
    assert_non_null(f->long_header);
    char *out = f->many_headers;
    memcpy(out, start, sizeof start - 1);
    out += sizeof start - 1;
    for (int i = 0; i < 1100; i++) {
        out += snprintf(out, 9, "X: %03d\r\n", i % 1000);
    }
    memcpy(out, "\r\n", 3);
    out = f->long_header;
    memcpy(out, start, sizeof start - 1);
    memset(out + sizeof start - 1, 'x', 200000);
    memcpy(out + sizeof start - 1 + 200000, ": y\r\n\r\n", 8);
    f->bomb = bomb_make((size_t)16 << 20, &bomb_size);
    f->other_replies[0] = (struct raw_reply){"/headers", f->many_headers, 0, RAW_CLOSE};
    f->other_replies[1] = (struct raw_reply){"/header", f->long_header, 0, RAW_CLOSE};
    f->other_replies[2] = (struct raw_reply){"/bomb", f->bomb, bomb_size, RAW_CLOSE};
    f->other_replies[3] = (struct raw_reply){"/away", f->away, 0, RAW_KEEP};
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    make_odd_replies(f);
    raw_server_start(&f->server, replies, sizeof replies / sizeof *replies);
    (void)snprintf(f->away, sizeof f->away, MOVED "%s/page\r\n\r\n", f->server.url);
    raw_server_start(&f->other, f->other_replies, 4);
    f->server.on_hold = NULL;
    f->arena = mz_arena_create(64 << 20);
    f->request.size = sizeof f->request;
    use_client(f, (struct mz_client_settings){.polite = false});
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mz_client_destroy(f->client);
    raw_server_stop(&f->server);
    raw_server_stop(&f->other);
    mz_arena_destroy(f->arena);
    free(f->many_headers);
    free(f->long_header);
    free(f->bomb);
    free(f);
    return 0;
}

static enum mz_code ask_at(struct fixture *f, const struct raw_server *server,
                           const char *path, const struct mz_validator_pair *validators)
{
    (void)snprintf(f->url, sizeof f->url, "%s%s", server->url, path);
    f->request.url = f->url;
    f->response = (struct mizan_http_response){.size = sizeof f->response};
    memset(&f->error, 0, sizeof f->error);
    return mz_client_request(f->client, f->arena, &f->request, validators, &f->response,
                             &f->error);
}

static enum mz_code ask(struct fixture *f, const char *path)
{
    return ask_at(f, &f->server, path, NULL);
}

static void assert_slice(struct mizan_slice slice, const char *text)
{
    assert_int_equal(slice.size, strlen(text));
    assert_memory_equal(slice.data, text, slice.size);
}

static void test_page(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "/page"), MZ_OK);
    assert_int_equal(f->response.status, 200);
    assert_slice(f->response.body, "hello");
    assert_slice(f->response.media_type, "text/html");
    assert_slice(f->response.charset, "Windows-1256");
    assert_slice(f->response.etag, "W/\"a b\"");
    assert_slice(f->response.last_modified, "Wed, 03 Sep 2025 10:00:00 GMT");
    assert_string_equal(f->response.url, f->url);
    assert_string_equal(f->response.final_url, f->url);
    assert_true(f->response.fetched_at > INT64_C(1600000000000));
    assert_int_equal(f->response.header_count, 5);
    for (size_t i = 0; i < f->response.header_count; i++) {
        assert_memory_not_equal(f->response.headers[i].name.data, "Link", 4);
    }
    assert_non_null(strstr(raw_server_last(&f->server), "GET /page HTTP/1.1\r\n"));
    assert_non_null(strstr(raw_server_last(&f->server), "User-Agent: mizan/"));
    assert_non_null(strstr(raw_server_last(&f->server), "Accept-Encoding: "));
}

static void test_trailers_are_no_headers(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "/chunked"), MZ_OK);
    assert_slice(f->response.body, "hello world");
    assert_int_equal(f->response.header_count, 2);
    assert_slice(f->response.media_type, "");
}

static void test_connection_is_kept(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "/page"), MZ_OK);
    assert_int_equal(ask(f, "/404"), MZ_NOT_FOUND);
    assert_int_equal(ask(f, "/page"), MZ_OK);
    assert_int_equal(atomic_load(&f->server.requests), 3);
    assert_int_equal(atomic_load(&f->server.connections), 1);
}

struct outcome {
    const char *path;
    enum mz_code code;
};

static void test_outcomes(void **state)
{
    static const struct outcome outcomes[] = {
        {"/404", MZ_NOT_FOUND},
        {"/410", MZ_NOT_FOUND},
        {"/300", MZ_NOT_FOUND},
        {"/nowhere", MZ_NOT_FOUND},
        {"/429", MZ_TRY_AGAIN},
        {"/408", MZ_UNREACHABLE},
        {"/503", MZ_TRY_AGAIN},
        {"/999", MZ_UNREACHABLE},
        {"/206", MZ_UNREACHABLE},
        {"/304", MZ_UNREACHABLE},
        {"/short", MZ_UNREACHABLE},
        {"/no-chunk-end", MZ_UNREACHABLE},
        {"/old", MZ_UNREACHABLE},
        {"/silent", MZ_UNREACHABLE},
        {"/lengths", MZ_UNREACHABLE},
        {"/two-lengths", MZ_UNREACHABLE},
        {"/negative", MZ_UNREACHABLE},
        {"/not-gzip", MZ_UNREACHABLE},
        {"/no-colon", MZ_UNREACHABLE},
        {"/loop", MZ_LIMIT},
        {"/204", MZ_OK},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        /* A client of its own each: a host that fails is asked rarely. */
        use_client(f, (struct mz_client_settings){0});
        enum mz_code code = ask(f, outcomes[i].path);
        if (code != outcomes[i].code) {
            fail_msg("%s: %s: %s", outcomes[i].path, mz_code_name(code),
                     f->error.message);
        }
        if (code != MZ_OK) {
            assert_non_null(strstr(f->error.message, f->server.url));
            assert_null(f->response.body.data);
        }
    }
}

static void test_nobody_listens(void **state)
{
    struct fixture *f = *state;
    raw_server_stop(&f->other);
    assert_int_equal(ask_at(f, &f->other, "/", NULL), MZ_UNREACHABLE);
    raw_server_start(&f->other, f->other_replies, 4);
}

static void test_validators(void **state)
{
    struct fixture *f = *state;
    const struct mz_validator_pair both = {"W/\"a b\"",
                                           "Wed, 03 Sep 2025 10:00:00 GMT"};
    const struct mz_validator_pair none = {NULL, NULL};
    const struct mz_validator_pair evil = {"\"a\"\r\nX-Evil: 1", NULL};
    assert_int_equal(ask_at(f, &f->server, "/304", &both), MZ_OK);
    assert_int_equal(f->response.status, 304);
    assert_slice(f->response.body, "");
    assert_slice(f->response.etag, "\"n\"");
    assert_non_null(
        strstr(raw_server_last(&f->server), "\r\nIf-None-Match: W/\"a b\"\r\n"));
    assert_non_null(strstr(raw_server_last(&f->server),
                           "\r\nIf-Modified-Since: Wed, 03 Sep 2025 10:00:00 GMT\r\n"));
    assert_int_equal(ask_at(f, &f->server, "/304", &none), MZ_UNREACHABLE);
    assert_int_equal(ask_at(f, &f->server, "/page", &evil), MZ_USAGE);
    assert_int_equal(ask(f, "/bad-validator"), MZ_OK);
    assert_slice(f->response.etag, "");
}

static void test_redirects(void **state)
{
    struct fixture *f = *state;
    char end[128];
    assert_int_equal(ask(f, "/hop1"), MZ_OK);
    (void)snprintf(end, sizeof end, "%s/page", f->server.url);
    assert_string_equal(f->response.final_url, end);
    assert_string_equal(f->response.url, f->url);
    assert_int_equal(ask(f, "/hop0"), MZ_LIMIT);
    assert_non_null(strstr(f->error.message, "/hop5"));
    assert_int_equal(ask(f, "/loop"), MZ_LIMIT);
}

static void test_methods_through_redirects(void **state)
{
    struct fixture *f = *state;
    const struct mizan_header type = {{"Content-Type", 12},
                                      {"application/x-www-form-urlencoded", 33}};
    f->request.method = "POST";
    f->request.body = (struct mizan_slice){"a=1", 3};
    f->request.headers = &type;
    f->request.header_count = 1;
    assert_int_equal(ask(f, "/see-other"), MZ_OK);
    assert_non_null(strstr(raw_server_last(&f->server), "GET /page "));
    assert_null(strstr(raw_server_last(&f->server), "Content-"));
    assert_int_equal(ask(f, "/same-method"), MZ_OK);
    assert_non_null(strstr(raw_server_last(&f->server), "POST /page "));
    assert_non_null(strstr(raw_server_last(&f->server), "Content-Length: 3\r\n"));
    f->request.method = "GET /x HTTP/1.1\r\nX: y\r\n";
    assert_int_equal(ask(f, "/page"), MZ_USAGE);
}

static void test_credentials_stay_at_their_origin(void **state)
{
    struct fixture *f = *state;
    const struct mizan_header headers[] = {
        {{"authorization", 13}, {"Bearer canary", 13}},
        {{"Cookie", 6}, {"id=canary", 9}},
        {{"X-Plain", 7}, {"plain", 5}},
        {{"X-Empty", 7}, {"", 0}},
    };
    f->request.headers = headers;
    f->request.header_count = 4;
    assert_int_equal(ask(f, "/hop4"), MZ_OK);
    assert_non_null(strstr(raw_server_last(&f->server), "Bearer canary\r\n"));
    assert_non_null(strstr(raw_server_last(&f->server), "id=canary\r\n"));
    assert_non_null(strstr(raw_server_last(&f->server), "X-Empty:\r\n"));
    assert_int_equal(ask_at(f, &f->other, "/away", NULL), MZ_OK);
    assert_non_null(strstr(raw_server_last(&f->other), "canary"));
    assert_null(strstr(raw_server_last(&f->server), "canary"));
    assert_non_null(strstr(raw_server_last(&f->server), "X-Plain: plain\r\n"));
}

static void test_password_in_the_address(void **state)
{
    struct fixture *f = *state;
    f->response = (struct mizan_http_response){.size = sizeof f->response};
    f->request.url = f->url;
    (void)snprintf(f->url, sizeof f->url, "http://user:canary@%s/away", f->other.name);
    assert_int_equal(mz_client_request(f->client, f->arena, &f->request, NULL,
                                       &f->response, &f->error),
                     MZ_OK);
    assert_non_null(strstr(raw_server_last(&f->other),
                           "Authorization: Basic dXNlcjpjYW5hcnk=\r\n"));
    assert_null(strstr(raw_server_last(&f->server), "Authorization"));
    assert_null(strstr(f->response.final_url, "canary"));
    (void)snprintf(f->url, sizeof f->url, "http://user:canary@%s/404", f->server.name);
    assert_int_equal(mz_client_request(f->client, f->arena, &f->request, NULL,
                                       &f->response, &f->error),
                     MZ_NOT_FOUND);
    assert_null(strstr(f->error.message, "canary"));
    assert_null(strstr(f->error.help, "canary"));
}

static void test_header_injection(void **state)
{
    static const struct mizan_header bad[] = {
        {{"X-A", 3}, {"a\r\nX-Evil: 1", 12}},
        {{"X-A", 3}, {"a\nb", 3}},
        {{"X-A", 3}, {"a\0b", 3}},
        {{"X-A\r\nX", 6}, {"a", 1}},
        {{"X A", 3}, {"a", 1}},
        {{"", 0}, {"a", 1}},
        {{"Host", 4}, {"other.example", 13}},
        {{"content-length", 14}, {"5", 1}},
        {{"Transfer-Encoding", 17}, {"chunked", 7}},
    };
    struct fixture *f = *state;
    f->request.header_count = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        f->request.headers = &bad[i];
        assert_int_equal(ask(f, "/page"), MZ_USAGE);
    }
    assert_int_equal(atomic_load(&f->server.connections), 0);
}

static void test_body_limits(void **state)
{
    struct fixture *f = *state;
    f->request.maximum_body = 19;
    assert_int_equal(ask(f, "/big"), MZ_LIMIT);
    assert_non_null(strstr(f->error.message, "body over 19 bytes"));
    assert_int_equal(ask(f, "/big-unsaid"), MZ_LIMIT);
    f->request.maximum_body = 20;
    assert_int_equal(ask(f, "/big"), MZ_OK);
    assert_int_equal(ask(f, "/big-unsaid"), MZ_OK);
    assert_int_equal(f->response.body.size, 20);
    use_client(f, (struct mz_client_settings){.maximum_body = 10});
    assert_int_equal(ask(f, "/big"), MZ_LIMIT);
}

static void test_bomb(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask_at(f, &f->other, "/bomb", NULL), MZ_LIMIT);
    assert_non_null(strstr(f->error.message, "200 times"));
    /* The same bytes are caught by the size when that comes first. */
    f->request.maximum_body = 2 << 20;
    assert_int_equal(ask_at(f, &f->other, "/bomb", NULL), MZ_LIMIT);
    assert_non_null(strstr(f->error.message, "body over 2 MiB"));
}

static void test_header_limits(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask_at(f, &f->other, "/headers", NULL), MZ_LIMIT);
    assert_int_equal(ask_at(f, &f->other, "/header", NULL), MZ_LIMIT);
    assert_int_equal(ask(f, "/page"), MZ_OK);
}

static void test_cancelled(void **state)
{
    struct fixture *f = *state;
    f->server.on_hold = &f->cancel;
    assert_int_equal(ask(f, "/hold"), MZ_CANCELLED);
    assert_int_equal(ask(f, "/page"), MZ_CANCELLED);
    f->cancel = 0;
    assert_int_equal(ask(f, "/page"), MZ_OK);
}

static void test_deadline(void **state)
{
    struct fixture *f = *state;
    use_client(f, (struct mz_client_settings){.total_timeout = 300});
    assert_int_equal(ask(f, "/hold"), MZ_DEADLINE);
}

/* A caller that was built against a smaller structure gets no more than it has. */
static void test_small_response(void **state)
{
    struct fixture *f = *state;
    (void)snprintf(f->url, sizeof f->url, "%s/page", f->server.url);
    f->request.url = f->url;
    memset(&f->response, 0x5a, sizeof f->response);
    f->response.size = offsetof(struct mizan_http_response, body);
    assert_int_equal(mz_client_request(f->client, f->arena, &f->request, NULL,
                                       &f->response, &f->error),
                     MZ_OK);
    assert_int_equal(f->response.size, offsetof(struct mizan_http_response, body));
    assert_int_equal(f->response.status, 200);
    assert_int_equal(f->response.header_count, 5);
    const unsigned char *rest = (const unsigned char *)&f->response.body;
    for (size_t i = 0; i < sizeof f->response - f->response.size; i++) {
        assert_int_equal(rest[i], 0x5a);
    }
}

static void test_arena_too_small(void **state)
{
    struct fixture *f = *state;
    mz_arena_destroy(f->arena);
    f->arena = mz_arena_create(64);
    assert_int_equal(ask(f, "/page"), MZ_MEMORY);
}

static void test_polite_client(void **state)
{
    struct fixture *f = *state;
    use_client(f, (struct mz_client_settings){.polite = true, .gap = 30});
    assert_int_equal(ask(f, "/page"), MZ_OK);
    assert_int_equal(ask(f, "/page"), MZ_OK);
    use_client(f, (struct mz_client_settings){.polite = true, .gap = 1000000000});
    assert_int_equal(ask(f, "/page"), MZ_OK);
    f->cancel = 1;
    assert_int_equal(ask(f, "/page"), MZ_CANCELLED);
    assert_int_equal(atomic_load(&f->server.requests), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_page),
        TEST(test_trailers_are_no_headers),
        TEST(test_connection_is_kept),
        TEST(test_outcomes),
        TEST(test_nobody_listens),
        TEST(test_validators),
        TEST(test_redirects),
        TEST(test_methods_through_redirects),
        TEST(test_credentials_stay_at_their_origin),
        TEST(test_password_in_the_address),
        TEST(test_header_injection),
        TEST(test_body_limits),
        TEST(test_bomb),
        TEST(test_header_limits),
        TEST(test_cancelled),
        TEST(test_deadline),
        TEST(test_small_response),
        TEST(test_arena_too_small),
        TEST(test_polite_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
