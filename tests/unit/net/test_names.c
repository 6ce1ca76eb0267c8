/* Names that are none, names that nobody answers for, and slow name servers. The
 * resolver is this file's own: libcurl finds it before the C library's. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "net/pool.h"
#include "raw_server.h"

static atomic_int asked, slow_milliseconds;

__attribute__((visibility("default"))) int getaddrinfo(const char *node,
                                                       const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **result)
{
    int (*real)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **);
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&real, &symbol, sizeof symbol);
    size_t size = node == NULL ? 0 : strlen(node);
    if (size < 8 || strcmp(node + size - 8, ".example") != 0) {
        return real(node, service, hints, result);
    }
    int wait = atomic_load(&slow_milliseconds);
    struct timespec pause = {wait / 1000, (long)(wait % 1000) * 1000000L};
    (void)nanosleep(&pause, NULL);
    atomic_fetch_add(&asked, 1);
    return strncmp(node, "gone", 4) == 0 ? EAI_NONAME : EAI_AGAIN;
}

static const struct raw_reply replies[] = {
    {.path = "/page", .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
};

struct fixture {
    struct raw_server server;
    struct mz_pool *pool;
    struct mz_arena *arena;
    struct mz_error error;
    struct mizan_http_response response;
};

static struct fixture fixture;

static int setup(void **state)
{
    struct fixture *f = &fixture;
    memset(f, 0, sizeof *f);
    raw_server_start(&f->server, replies, 1);
    const char *hosts[] = {f->server.name};
    const struct mz_client_settings settings = {
        .private_hosts = hosts, .private_count = 1, .retries = -1};
    f->pool = mz_pool_create(&settings);
    f->arena = mz_arena_create(1 << 20);
    assert_non_null(f->pool);
    assert_non_null(f->arena);
    atomic_store(&asked, 0);
    atomic_store(&slow_milliseconds, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mz_pool_destroy(f->pool);
    mz_arena_destroy(f->arena);
    raw_server_stop(&f->server);
    return 0;
}

static enum mz_code ask(struct fixture *f, const char *url)
{
    const struct mizan_http_request request = {.size = sizeof request, .url = url};
    f->response = (struct mizan_http_response){.size = sizeof f->response};
    return mz_pool_request(f->pool, f->arena, &request, NULL, &f->response, &f->error);
}

static void a_name_that_is_none_is_a_lasting_failure(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "http://gone.example/a"), MZ_NOT_FOUND);
    assert_non_null(strstr(f->error.message, "no host of the name gone.example"));
    int before = atomic_load(&asked);
    assert_true(before >= 1);
    /* Known for a while: nobody is asked again. */
    assert_int_equal(ask(f, "http://gone.example/b"), MZ_NOT_FOUND);
    assert_int_equal(atomic_load(&asked), before);
}

static void a_name_nobody_answers_for_may_come_back(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "http://away.example/a"), MZ_UNREACHABLE);
    assert_non_null(strstr(f->error.message, "no name server answers"));
}

static void the_same_with_robots_txt(void **state)
{
    struct fixture *f = *state;
    const struct mz_client_settings settings = {.retries = -1, .robots = true};
    mz_pool_destroy(f->pool);
    f->pool = mz_pool_create(&settings);
    assert_non_null(f->pool);
    assert_int_equal(ask(f, "http://gone.example/a"), MZ_NOT_FOUND);
    assert_int_equal(ask(f, "http://away.example/a"), MZ_UNREACHABLE);
}

static void slow_name_servers_hold_up_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct mz_pending_request *slow = NULL;
    char url[128];
    const struct mizan_http_request request = {.size = sizeof request,
                                               .url = "http://gone.example/"};
    atomic_store(&slow_milliseconds, 700);
    int64_t begun = mz_clock_monotonic();
    assert_int_equal(mz_pool_begin(f->pool, &request, NULL, &slow, &f->error), MZ_OK);
    (void)snprintf(url, sizeof url, "%s/page", f->server.url);
    while (mz_clock_monotonic() - begun < 1000) {
        mz_arena_reset(f->arena); /* thousands of answers do not fit into it */
        if (ask(f, url) != MZ_OK) {
            fail_msg("%s", f->error.message);
        }
    }
    assert_true(atomic_load(&f->server.requests) > 20);
    mz_pool_drop(f->pool, slow);
}

static void one_that_is_given_up_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct mz_pending_request *slow = NULL;
    const struct mizan_http_request request = {.size = sizeof request,
                                               .url = "http://gone.example/"};
    atomic_store(&slow_milliseconds, 150);
    assert_int_equal(mz_pool_begin(f->pool, &request, NULL, &slow, &f->error), MZ_OK);
    struct timespec pause = {0, 220000000};
    (void)nanosleep(&pause, NULL); /* libcurl has failed, the second look goes on */
    mz_pool_drop(f->pool, slow);
    mz_pool_destroy(f->pool);
    f->pool = NULL;
    (void)nanosleep(&pause, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_that_is_none_is_a_lasting_failure),
        TEST(a_name_nobody_answers_for_may_come_back),
        TEST(the_same_with_robots_txt),
        TEST(slow_name_servers_hold_up_nobody_else),
        TEST(one_that_is_given_up_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
