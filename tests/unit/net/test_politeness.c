/* The wait between two requests to one host. Waits are compared with what was asked
 * for, never with how long the test took. */
#include "cmocka_all.h"
#include "net/politeness.h"

static void test_second_request_waits(void **state)
{
    struct mz_politeness politeness = {.gap = 40};
    int64_t waited = -1;
    (void)state;
    assert_true(mz_politeness_wait(&politeness, "a.example", NULL, &waited));
    assert_int_equal(waited, 0);
    assert_true(mz_politeness_note(&politeness, "a.example"));
    politeness.gap = 1000000;
    *(int64_t *)mz_map_get(politeness.finished, "a.example", 9) -= 1000000 - 40;
    assert_true(mz_politeness_wait(&politeness, "a.example", NULL, &waited));
    assert_true(waited > 0);
    assert_true(mz_politeness_wait(&politeness, "a.example", NULL, &waited));
    assert_int_equal(waited, 0);
    mz_politeness_finish(&politeness);
}

static void test_other_host_does_not_wait(void **state)
{
    struct mz_politeness politeness = {.gap = 1000000000};
    int64_t waited = -1;
    (void)state;
    assert_true(mz_politeness_note(&politeness, "a.example"));
    assert_true(mz_politeness_wait(&politeness, "b.example", NULL, &waited));
    assert_int_equal(waited, 0);
    mz_politeness_finish(&politeness);
}

static void test_wait_is_given_up(void **state)
{
    struct mz_politeness politeness = {.gap = 1000000000};
    atomic_int cancel = 1;
    int64_t waited = -1;
    (void)state;
    assert_true(mz_politeness_note(&politeness, "a.example"));
    assert_false(mz_politeness_wait(&politeness, "a.example", &cancel, &waited));
    mz_politeness_finish(&politeness);
}

static void test_impolite(void **state)
{
    struct mz_politeness politeness = {.gap = 0};
    int64_t waited = -1;
    (void)state;
    assert_true(mz_politeness_note(&politeness, "a.example"));
    assert_true(mz_politeness_wait(&politeness, "a.example", NULL, &waited));
    assert_int_equal(waited, 0);
    assert_null(politeness.finished);
    mz_politeness_finish(&politeness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_request_waits),
        cmocka_unit_test(test_other_host_does_not_wait),
        cmocka_unit_test(test_wait_is_given_up),
        cmocka_unit_test(test_impolite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
