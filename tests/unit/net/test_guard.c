/* The guard: private addresses in all their spellings, ports, exceptions, redirects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "net/net.h"
#include "raw_server.h"

struct fixture {
    struct raw_server here, there;
    struct mz_client *client;
    struct mz_arena *arena;
    struct mizan_http_response response;
    struct mz_error error;
    char to_there[256], to_name[256];
    struct raw_reply replies[8];
};

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define MOVED     "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "

static enum mz_code ask(struct fixture *f, const char *url)
{
    struct mizan_http_request request = {.size = sizeof request, .url = url};
    f->response = (struct mizan_http_response){.size = sizeof f->response};
    f->error.message[0] = '\0';
    return mz_client_request(f->client, f->arena, &request, NULL, &f->response,
                             &f->error);
}

static enum mz_code ask_here(struct fixture *f, const char *path)
{
    char url[128];
    (void)snprintf(url, sizeof url, "%s%s", f->here.url, path);
    return ask(f, url);
}

static void use_private(struct fixture *f, const char *first, const char *second)
{
    const char *hosts[2] = {first, second};
    struct mz_client_settings settings = {
        .private_hosts = hosts,
        .private_count = second != NULL ? 2 : 1,
        .polite = false,
    };
    mz_client_destroy(f->client);
    f->client = mz_client_create(&settings);
    assert_non_null(f->client);
}

static int setup(void **state)
{
    static const struct raw_reply ok[] = {{.path = "/ok", .bytes = OK_ANSWER}};
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    raw_server_start(&f->there, ok, 1);
    (void)snprintf(f->to_there, sizeof f->to_there, MOVED "%s/ok\r\n\r\n",
                   f->there.url);
    (void)snprintf(f->to_name, sizeof f->to_name,
                   MOVED "http://localhost:%d/ok\r\n\r\n", f->there.port);
    const struct raw_reply replies[] = {
        {.path = "/ok", .bytes = OK_ANSWER},
        {.path = "/to-there", .bytes = f->to_there},
        {.path = "/to-name", .bytes = f->to_name},
        {.path = "/to-80", .bytes = MOVED "http://127.0.0.2/\r\n\r\n"},
        {.path = "/to-meta", .bytes = MOVED "http://169.254.169.254/latest\r\n\r\n"},
        {.path = "/to-file", .bytes = MOVED "file:///etc/passwd\r\n\r\n"},
    };
    memcpy(f->replies, replies, sizeof replies);
    raw_server_start(&f->here, f->replies, sizeof replies / sizeof *replies);
    f->arena = mz_arena_create(16 << 20);
    use_private(f, f->here.name, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mz_client_destroy(f->client);
    raw_server_stop(&f->here);
    raw_server_stop(&f->there);
    mz_arena_destroy(f->arena);
    free(f);
    return 0;
}

static void test_spellings(void **state)
{
    static const char *const spellings[] = {
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://0.0.0.0:8080/",
        "http://[::1]/",
        "http://[::]/",
        "http://[0:0:0:0:0:ffff:7f00:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost/",
        "http://LOCALHOST/",
        "http://user@127.0.0.1/",
        "http://169.254.169.254/latest/",
        "http://10.1.2.3/",
        "http://192.168.1.1:8443/",
        "https://127.0.0.1/",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        enum mz_code code = ask(f, spellings[i]);
        if (code != MZ_NOT_PERMITTED ||
            strstr(f->error.message, "private address") == NULL) {
            fail_msg("%s: %s: %s", spellings[i], mz_code_name(code), f->error.message);
        }
    }
    assert_int_equal(atomic_load(&f->here.connections), 0);
}

static void test_ports(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "http://127.0.0.1:22/"), MZ_NOT_PERMITTED);
    assert_non_null(strstr(f->error.message, "port 22"));
    assert_int_equal(ask(f, "http://93.184.216.34:25/"), MZ_NOT_PERMITTED);
    assert_int_equal(ask(f, f->there.url), MZ_NOT_PERMITTED);
    assert_int_equal(atomic_load(&f->there.connections), 0);
}

static void test_exceptions(void **state)
{
    struct fixture *f = *state;
    char url[64];
    assert_int_equal(ask_here(f, "/ok"), MZ_OK);
    use_private(f, "127.0.0.1", NULL);
    assert_int_equal(ask_here(f, "/ok"), MZ_OK);
    use_private(f, "LocalHost.", "[::1]:99");
    assert_int_equal(ask_here(f, "/ok"), MZ_NOT_PERMITTED);
    (void)snprintf(url, sizeof url, "http://localhost:%d/ok", f->here.port);
    assert_int_equal(ask(f, url), MZ_OK);
    use_private(f, "", "127.0.0.1:port");
    assert_int_equal(ask_here(f, "/ok"), MZ_NOT_PERMITTED);
    use_private(f, "127.0.0.1:1", NULL);
    assert_int_equal(ask_here(f, "/ok"), MZ_NOT_PERMITTED);
}

static void test_redirects(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask_here(f, "/to-there"), MZ_NOT_PERMITTED);
    assert_int_equal(ask_here(f, "/to-name"), MZ_NOT_PERMITTED);
    assert_int_equal(atomic_load(&f->there.connections), 0);
    assert_int_equal(ask_here(f, "/to-80"), MZ_NOT_PERMITTED);
    assert_non_null(strstr(f->error.message, "private address 127.0.0.2"));
    assert_int_equal(ask_here(f, "/to-meta"), MZ_NOT_PERMITTED);
    assert_non_null(strstr(f->error.message, "169.254.169.254"));
    assert_int_equal(ask_here(f, "/to-file"), MZ_NOT_PERMITTED);
    use_private(f, f->here.name, f->there.name);
    assert_int_equal(ask_here(f, "/to-there"), MZ_OK);
    assert_memory_equal(f->response.body.data, "ok", 2);
}

/* A proxy of the environment would see to it that the guard sees only the proxy. */
static void test_no_proxy_from_outside(void **state)
{
    struct fixture *f = *state;
    char url[64];
    assert_int_equal(setenv("http_proxy", f->here.url, 1), 0);
    assert_int_equal(setenv("all_proxy", f->here.url, 1), 0);
    /* Nobody listens there; a proxy would be asked for it nevertheless. */
    (void)snprintf(url, sizeof url, "http://127.0.0.2:%d/ok", f->here.port);
    use_private(f, "127.0.0.2", NULL);
    assert_int_equal(ask(f, url), MZ_UNREACHABLE);
    assert_int_equal(atomic_load(&f->here.connections), 0);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(unsetenv("all_proxy"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_spellings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ports, setup, teardown),
        cmocka_unit_test_setup_teardown(test_exceptions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_redirects, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_proxy_from_outside, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
