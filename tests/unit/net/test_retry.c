/* The rules of asking again: what may pass, how long to wait, what a header asks for;
 * and that many clients together leave a host that fails in peace. */
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "net/retry.h"

#define NOW INT64_C(1793000000000) /* 2026-10-26T07:33:20Z */

static void test_retry_after(void **state)
{
    static const struct {
        const char *value;
        int64_t wait;
    } rows[] = {
        {"0", 0},
        {"2", 2000},
        {"120", 120000},
        {"86400", MZ_RETRY_AFTER_MOST},
        {"86401", MZ_RETRY_AFTER_MOST},
        {"1000000000000", MZ_RETRY_AFTER_MOST},
        {"99999999999999999999999999", MZ_RETRY_AFTER_MOST},
        {"1e12", 0},
        {"-1", 0},
        {"", 0},
        {"soon", 0},
        {"2.5", 0},
        {"Mon, 26 Oct 2026 07:33:30 GMT", 10000},
        {"Mon, 26 Oct 2026 07:33:10 GMT", 0},
        {"Tue, 27 Oct 2027 07:33:30 GMT", MZ_RETRY_AFTER_MOST},
        {"Mon, 26 Oct 2026 07:33:30 CET", 0},
        {"Mon, 99 Oct 2026 07:33:30 GMT", 0},
        {"Mon, 26 Foo 2026 07:33:30 GMT", 0},
        {"Mon, 26 Oct 2026 27:33:30 GMT", 0},
        {"2026-10-26T07:33:30Z", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t wait = mz_retry_after(rows[i].value, strlen(rows[i].value), NOW);
        if (wait != rows[i].wait) {
            fail_msg("Retry-After: %s: %lld", rows[i].value, (long long)wait);
        }
    }
}

static void test_classes(void **state)
{
    (void)state;
    assert_int_equal(mz_classify(MZ_OK, 200), MZ_ANSWER_GOOD);
    assert_int_equal(mz_classify(MZ_NOT_FOUND, 404), MZ_ANSWER_GOOD);
    assert_int_equal(mz_classify(MZ_TRY_AGAIN, 429), MZ_ANSWER_THROTTLED);
    assert_int_equal(mz_classify(MZ_TRY_AGAIN, 503), MZ_ANSWER_THROTTLED);
    assert_int_equal(mz_classify(MZ_UNREACHABLE, 500), MZ_ANSWER_TRANSIENT);
    assert_int_equal(mz_classify(MZ_UNREACHABLE, 501), MZ_ANSWER_GOOD);
    assert_int_equal(mz_classify(MZ_UNREACHABLE, 999), MZ_ANSWER_GOOD);
    assert_int_equal(mz_classify(MZ_UNREACHABLE, 408), MZ_ANSWER_TRANSIENT);
    assert_int_equal(mz_classify(MZ_UNREACHABLE, 0), MZ_ANSWER_TRANSIENT);
    assert_int_equal(mz_classify(MZ_DEADLINE, 0), MZ_ANSWER_TRANSIENT);
    assert_int_equal(mz_classify(MZ_LIMIT, 0), MZ_ANSWER_GOOD);
    assert_int_equal(mz_classify(MZ_NOT_PERMITTED, 0), MZ_ANSWER_GOOD);
    assert_true(mz_method_is_idempotent("GET"));
    assert_true(mz_method_is_idempotent("PUT"));
    assert_false(mz_method_is_idempotent("POST"));
    assert_false(mz_method_is_idempotent("PATCH"));
}

static void test_backoff(void **state)
{
    (void)state;
    assert_int_equal(mz_backoff(0, false, 0.5), 0);
    assert_int_equal(mz_backoff(1, false, 0.0), 0);
    assert_int_equal(mz_backoff(1, false, 0.5), 500);
    assert_int_equal(mz_backoff(4, false, 0.5), 4000);
    assert_int_equal(mz_backoff(60, false, 0.5), MZ_BACKOFF_MOST / 2);
    /* Throttled: half of it whatever chance says. */
    assert_int_equal(mz_backoff(1, true, 0.0), 500);
    assert_int_equal(mz_backoff(4, true, 0.0), 4000);
    assert_int_equal(mz_backoff(4, true, 0.5), 6000);
    assert_int_equal(mz_circuit_open(4, 0.5), 0);
    assert_int_equal(mz_circuit_open(5, 0.0), MZ_CIRCUIT_BASE / 2);
    assert_int_equal(mz_circuit_open(500, 0.0), MZ_CIRCUIT_MOST / 2);
}

static void test_gaps(void **state)
{
    (void)state;
    assert_int_equal(mz_gap(0, 0, 0, 10), 1000);
    assert_int_equal(mz_gap(0, 0, 0, 900), 1800);
    assert_int_equal(mz_gap(3000, 0, 0, 900), 3000);
    assert_int_equal(mz_gap(0, 7000, 0, 900), 7000);
    assert_int_equal(mz_gap(0, INT64_C(1000000000000), 0, 900), MZ_CRAWL_DELAY_MOST);
    assert_int_equal(mz_gap(0, 0, 20000, 900), 20000);
    assert_int_equal(mz_gap(0, 0, 0, 100000000), MZ_DELAY_MOST);
    /* 429 and 5xx double it, only a 200 lowers it. */
    assert_int_equal(mz_delay_after(0, MZ_ANSWER_THROTTLED, 429, 50), 1000);
    assert_int_equal(mz_delay_after(8000, MZ_ANSWER_TRANSIENT, 500, 50), 16000);
    assert_int_equal(mz_delay_after(50000, MZ_ANSWER_THROTTLED, 503, 50), 60000);
    assert_int_equal(mz_delay_after(8000, MZ_ANSWER_GOOD, 404, 50), 8000);
    assert_int_equal(mz_delay_after(8000, MZ_ANSWER_GOOD, 200, 50), 4050);
}

/* 10,000 clients of a host that is down, by a clock of the test's own: each waits as
 * the rules say. In its first minutes it gets a fraction of what clients would send
 * that repeat every second, in its first hour a hundredth; and no moment is when all
 * come. */
static void test_storm(void **state)
{
    enum { CLIENTS = 10000, SECONDS = 3600 };
    static int64_t due[CLIENTS];
    static int64_t failures[CLIENTS];
    static int64_t per_second[SECONDS];
    int64_t all = 0, last_hour_part = 0, peak = 0;
    (void)state;
    uint64_t seed = 1;
    for (int c = 0; c < CLIENTS; c++) {
        while (due[c] < INT64_C(1000) * SECONDS) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
            double chance = (double)(seed >> 33) / 2147483648.0;
            int64_t second = due[c] / 1000;
            per_second[second]++;
            all++;
            last_hour_part += second >= SECONDS / 2;
            failures[c]++;
            int64_t wait = mz_backoff(failures[c], false, chance);
            int64_t open = mz_circuit_open(failures[c], chance);
            wait = wait > open ? wait : open;
            due[c] += wait > MZ_GAP_LEAST ? wait : MZ_GAP_LEAST;
        }
    }
    for (int s = 60; s < SECONDS; s++) {
        peak = per_second[s] > peak ? per_second[s] : peak;
    }
    assert_true(all < (int64_t)CLIENTS * SECONDS / 100);
    assert_true(last_hour_part < (int64_t)CLIENTS * 3);
    assert_true(peak < CLIENTS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_after), cmocka_unit_test(test_classes),
        cmocka_unit_test(test_backoff),     cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
