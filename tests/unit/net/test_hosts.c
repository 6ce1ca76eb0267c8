/* Budgets of hosts that several programs share: the store is one row here, its clock
 * the test's own, so that a day passes at once. Two `programs` are two runs or two
 * machines; a new one is a restart. */
#include <string.h>

#include "base/clock.h"
#include "cmocka_all.h"
#include "net/hosts.h"

#define HOST "news.example"

struct keeper {
    struct mz_host_row row;
    int64_t now; /* of the database */
    int changes;
};

static enum mz_code update(void *owner, const char *host, mz_host_change change,
                           void *context, struct mz_error *error)
{
    struct keeper *keeper = owner;
    (void)error;
    assert_string_equal(host, HOST);
    change(context, keeper->now, &keeper->row);
    keeper->changes++;
    return MZ_OK;
}

struct program {
    struct mz_hosts hosts;
    struct mz_host_store store;
    struct mz_host *host;
};

static void start(struct program *program, struct keeper *keeper)
{
    memset(program, 0, sizeof *program);
    program->store = (struct mz_host_store){.owner = keeper, .update = update};
    program->hosts.store = &program->store;
    program->hosts.polite = true;
    program->host = mz_hosts_find(&program->hosts, HOST);
    assert_non_null(program->host);
}

static void stop(struct program *program)
{
    mz_hosts_finish(&program->hosts);
}

/* What the database says, past what the program remembers by its own clock. */
static enum mz_claim claim(struct program *program, int64_t *wait)
{
    program->host->not_before = 0;
    return mz_hosts_claim(&program->hosts, program->host, wait);
}

static struct keeper new_keeper(void)
{
    return (struct keeper){.row.tokens = MZ_TOKENS_FIRST,
                           .now = INT64_C(1793000000000)};
}

static void test_two_programs_take_turns(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a, b;
    int64_t wait;
    (void)state;
    start(&a, &keeper);
    start(&b, &keeper);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    assert_int_equal(claim(&b, &wait), MZ_CLAIM_WAIT);
    assert_true(wait >= 1000);
    assert_int_equal(keeper.changes, 2);
    mz_hosts_settle(&a.hosts, a.host, MZ_OK, 200, 0);
    /* A quick answer writes nothing: what was reserved is enough. */
    assert_int_equal(keeper.changes, 2);
    assert_int_equal(claim(&b, &wait), MZ_CLAIM_WAIT);
    keeper.now = keeper.row.next_ok;
    assert_int_equal(claim(&b, &wait), MZ_CLAIM_GRANTED);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_WAIT);
    assert_int_equal(keeper.row.requests, 2);
    stop(&a);
    stop(&b);
}

/* One that always has something to ask does not keep the others out. */
static void test_a_busy_program_yields(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a, b;
    int64_t wait;
    int of_b = 0;
    (void)state;
    start(&a, &keeper);
    start(&b, &keeper);
    for (int i = 0; i < 20; i++) {
        if (claim(&a, &wait) == MZ_CLAIM_GRANTED) {
            mz_hosts_settle(&a.hosts, a.host, MZ_OK, 200, 0);
        } else {
            assert_in_range(wait, 1, 1500); /* it looks again soon */
        }
        keeper.now += 1100; /* its gap is over, the turn it took is not */
        if (claim(&b, &wait) == MZ_CLAIM_GRANTED) {
            of_b++;
            mz_hosts_settle(&b.hosts, b.host, MZ_OK, 200, 0);
        }
    }
    assert_in_range(of_b, 4, 12);
    assert_true(keeper.row.requests - of_b >= 4);
    stop(&a);
    stop(&b);
}

static void test_one_program_keeps_its_turn(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a;
    int64_t wait;
    (void)state;
    start(&a, &keeper);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    assert_int_equal(mz_hosts_claim(&a.hosts, a.host, &wait), MZ_CLAIM_WAIT);
    assert_int_equal(wait, -1); /* until the one under way has ended */
    mz_hosts_settle(&a.hosts, a.host, MZ_OK, 200, 0);
    assert_int_equal(mz_hosts_claim(&a.hosts, a.host, &wait), MZ_CLAIM_WAIT);
    assert_in_range(wait, 900, 1200);
    /* Its own reservation does not hold it up. */
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    stop(&a);
}

static void test_retry_after_holds_all_and_survives(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a, b;
    int64_t wait;
    (void)state;
    start(&a, &keeper);
    start(&b, &keeper);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    mz_hosts_settle(&a.hosts, a.host, MZ_TRY_AGAIN, 429, INT64_C(7200000));
    assert_int_equal(keeper.row.pause, MZ_PAUSE_THROTTLED);
    assert_int_equal(keeper.row.throttled, 1);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_PAUSED);
    assert_true(wait >= 7200000);
    assert_int_equal(claim(&b, &wait), MZ_CLAIM_PAUSED);
    assert_true(wait >= 7200000);
    stop(&a);
    stop(&b);
    start(&a, &keeper);
    keeper.now += 7199000;
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_PAUSED);
    keeper.now += 1001;
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    mz_hosts_settle(&a.hosts, a.host, MZ_OK, 200, 0);
    assert_int_equal(keeper.row.failures, 0);
    assert_int_equal(keeper.row.pause, MZ_PAUSE_NONE);
    stop(&a);
}

static void test_circuit(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a;
    int64_t wait = 0;
    (void)state;
    start(&a, &keeper);
    for (int i = 0; i < MZ_CIRCUIT_FAILURES; i++) {
        keeper.now = keeper.row.next_ok;
        assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
        mz_hosts_settle(&a.hosts, a.host, MZ_UNREACHABLE, 0, 0);
        assert_int_equal(claim(&a, &wait), MZ_CLAIM_PAUSED);
    }
    assert_true(wait >= MZ_CIRCUIT_BASE / 2);
    assert_int_equal(keeper.row.pause, MZ_PAUSE_FAILING);
    assert_int_equal(keeper.row.failures, MZ_CIRCUIT_FAILURES);
    /* One is let through; when it fails, the pause grows. */
    keeper.now = keeper.row.next_ok;
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    mz_hosts_settle(&a.hosts, a.host, MZ_UNREACHABLE, 0, 0);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_PAUSED);
    assert_true(wait >= MZ_CIRCUIT_BASE);
    stop(&a);
}

/* Three in hand, then one for ten requests, whoever made them. */
static void test_retry_budget(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a;
    int64_t wait;
    int retries = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        start(&a, &keeper);
        keeper.now = keeper.row.next_ok;
        assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
        retries += mz_hosts_may_retry(a.host);
        mz_hosts_settle(&a.hosts, a.host, MZ_UNREACHABLE, 500, 0);
        stop(&a);
    }
    assert_in_range(retries, 100, 103);
}

static void test_other_statuses(void **state)
{
    struct keeper keeper = new_keeper();
    struct program a;
    int64_t wait;
    (void)state;
    start(&a, &keeper);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
        mz_hosts_settle(&a.hosts, a.host, MZ_NOT_FOUND, 404, 0);
    }
    assert_int_equal(keeper.row.failures, 0);
    assert_int_equal(claim(&a, &wait), MZ_CLAIM_GRANTED);
    stop(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_programs_take_turns),
        cmocka_unit_test(test_a_busy_program_yields),
        cmocka_unit_test(test_one_program_keeps_its_turn),
        cmocka_unit_test(test_retry_after_holds_all_and_survives),
        cmocka_unit_test(test_circuit),
        cmocka_unit_test(test_retry_budget),
        cmocka_unit_test(test_other_statuses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
#ifdef MZ_MUTANT_NO_RETRY_AFTER
    return failed == 0; /* a mutant that no test finds is what fails here */
#else
    return failed;
#endif
}
