/* Counters: sums, order, bounds, and the JSON of a run row. */
#include "../base/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "run/counts.h"

static int make(void **state)
{
    *state = mz_counts_create();
    return *state == NULL ? -1 : 0;
}

static int drop(void **state)
{
    mz_counts_destroy(*state);
    return 0;
}

static void json_is(struct mz_counts *counts, const char *wanted)
{
    struct mz_buffer out;
    mz_buffer_init(&out, 1 << 22);
    mz_counts_json(counts, &out);
    assert_true(mz_buffer_ok(&out));
    assert_string_equal(out.data, wanted);
    mz_buffer_finish(&out);
}

static void test_sums(void **state)
{
    assert_int_equal(mz_counts_get(*state, "documents", "new"), 0);
    mz_counts_add(*state, "documents", "new", 2);
    mz_counts_add(*state, "documents", "new", 3);
    mz_counts_add(*state, "other", "new", 7);
    assert_int_equal(mz_counts_get(*state, "documents", "new"), 5);
    assert_int_equal(mz_counts_get(*state, "other", "new"), 7);
}

static void test_json(void **state)
{
    json_is(*state, "{}");
    mz_counts_add(*state, "dropped", "a \"b\"", 1);
    json_is(*state, "{\"dropped\":{\"a \\\"b\\\"\":1}}");
    mz_counts_add(*state, "documents", "new", 2);
    mz_counts_add(*state, "documents", "failed", 1);
    json_is(*state, "{\"new\":2,\"failed\":1,\"dropped\":{\"a \\\"b\\\"\":1}}");
}

/* As if each had been added where it is merged. */
static void test_merge_keeps_the_order(void **state)
{
    struct mz_counts *apart = mz_counts_create();
    assert_non_null(apart);
    mz_counts_add(*state, "stages", "b", 1);
    mz_counts_add(apart, "stages", "c", 2);
    mz_counts_add(apart, "dropped", "x", 0);
    mz_counts_add(apart, "stages", "a", 3);
    mz_counts_add(apart, "stages", "b", 4);
    mz_counts_merge(*state, apart);
    mz_counts_destroy(apart);
    json_is(*state, "{\"stages\":{\"b\":5,\"c\":2,\"a\":3},\"dropped\":{\"x\":0}}");
}

/* A stage may be called like a counter of the run itself. */
static void test_plugins_have_their_own_group(void **state)
{
    mz_counts_add_for_plugin(*state, "documents", "rejected", 4);
    assert_int_equal(mz_counts_get(*state, "documents", "rejected"), 0);
    assert_int_equal(mz_counts_get(*state, "plugins", "documents.rejected"), 4);
}

static void test_no_overflow(void **state)
{
    mz_counts_add_for_plugin(*state, "s", "n", INT64_MAX);
    mz_counts_add_for_plugin(*state, "s", "n", INT64_MAX);
    mz_counts_add_for_plugin(*state, "s", "n", -1);
    assert_int_equal(mz_counts_get(*state, "plugins", "s.n"), INT64_MAX - 1);
}

static void test_many_names(void **state)
{
    char name[32];
    for (int i = 0; i < MZ_COUNT_NAMES + 50; i++) {
        snprintf(name, sizeof name, "reason %d", i);
        mz_counts_add(*state, "dropped", name, 1);
    }
    mz_counts_add(*state, "dropped", "reason 0", 1);
    assert_int_equal(mz_counts_get(*state, "dropped", "reason 0"), 2);
    assert_int_equal(mz_counts_get(*state, "dropped", "(others)"), 50);
}

static void test_long_name(void **state)
{
    char name[2 * MZ_COUNT_BYTES + 1];
    struct mz_count largest;
    /* A character of three bytes begins two bytes before the cut. */
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(name + MZ_COUNT_BYTES - 2, "\u20ac", 3);
    mz_counts_add(*state, "dropped", name, 1);
    mz_counts_add(*state, "dropped", name, 1);
    assert_int_equal(mz_counts_get(*state, "dropped", name), 2);
    assert_int_equal(mz_counts_largest(*state, "dropped", &largest, 1), 1);
    assert_int_equal(strlen(largest.name), MZ_COUNT_BYTES - 2);
}

static void test_largest(void **state)
{
    static const int values[] = {3, 9, 1, 7, 9, 2};
    struct mz_count out[4];
    char name[2] = "a";
    assert_int_equal(mz_counts_largest(*state, "causes", out, 4), 0);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        name[0] = (char)('a' + i);
        mz_counts_add(*state, "causes", name, values[i]);
    }
    assert_int_equal(mz_counts_largest(*state, "causes", out, 4), 4);
    assert_int_equal(out[0].value, 9);
    assert_string_equal(out[0].name, "b");
    assert_int_equal(out[1].value, 9);
    assert_int_equal(out[2].value, 7);
    assert_int_equal(out[3].value, 3);
    assert_int_equal(mz_counts_largest(*state, "causes", out, 0), 0);
}

static void *add_thousand(void *counts)
{
    for (int i = 0; i < 1000; i++) {
        mz_counts_add(counts, "documents", "new", 1);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_thousand, *state), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(mz_counts_get(*state, "documents", "new"), 4000);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sums),
        TEST(test_json),
        TEST(test_merge_keeps_the_order),
        TEST(test_no_overflow),
        TEST(test_plugins_have_their_own_group),
        TEST(test_many_names),
        TEST(test_long_name),
        TEST(test_largest),
        TEST(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
