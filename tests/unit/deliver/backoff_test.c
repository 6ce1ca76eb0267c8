/* How long a message waits for its next try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deliver/message.h"

#define DAY ((int64_t)24 * 60 * 60 * 1000)

static void waits_double_up_to_two_hours(void **state)
{
    (void)state;
    assert_int_equal(mz_message_wait(1, 0.0), 5000);
    assert_int_equal(mz_message_wait(1, 1.0), 10000);
    assert_int_equal(mz_message_wait(2, 1.0), 20000);
    assert_int_equal(mz_message_wait(5, 0.5), 120000);
    assert_int_equal(mz_message_wait(11, 1.0), 7200000);
    assert_int_equal(mz_message_wait(2000000000, 1.0), 7200000);
    assert_int_equal(mz_message_wait(2000000000, 0.0), 3600000);
    int64_t sum = 0;
    for (int64_t i = 1; i < 20; i++) {
        sum += mz_message_wait(i, 0.5);
    }
    /* Twenty attempts are made within a day. */
    assert_in_range(sum, DAY / 3, DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_two_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
