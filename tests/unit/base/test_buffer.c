#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

static void grows(void **state)
{
    (void)state;
    struct mz_buffer buffer;
    mz_buffer_init(&buffer, 100000);
    for (int i = 0; i < 10000; i++) {
        mz_buffer_byte(&buffer, (char)('a' + i % 26));
    }
    mz_buffer_text(&buffer, "end");
    mz_buffer_printf(&buffer, "-%d-%s", 12, "x");
    assert_true(mz_buffer_ok(&buffer));
    assert_int_equal(buffer.size, 10000 + 3 + 5);
    assert_string_equal(buffer.data + 10000, "end-12-x");
    mz_buffer_finish(&buffer);
    assert_null(buffer.data);
}

static void stops_at_its_ceiling(void **state)
{
    (void)state;
    struct mz_buffer buffer;
    mz_buffer_init(&buffer, 10);
    mz_buffer_text(&buffer, "0123456789");
    assert_true(mz_buffer_ok(&buffer));
    mz_buffer_byte(&buffer, 'x');
    assert_false(mz_buffer_ok(&buffer));
    assert_int_equal(buffer.size, 10);
    mz_buffer_add(&buffer, "", 0);
    assert_false(mz_buffer_ok(&buffer));
    assert_null(mz_buffer_take(&buffer, NULL));
    mz_buffer_init(&buffer, 10);
    mz_buffer_printf(&buffer, "%20d", 1);
    assert_false(mz_buffer_ok(&buffer));
    mz_buffer_clear(&buffer);
    mz_buffer_text(&buffer, "fits");
    assert_true(mz_buffer_ok(&buffer));
    assert_string_equal(buffer.data, "fits");
    mz_buffer_finish(&buffer);
    struct mz_buffer zeroed = {0};
    mz_buffer_finish(&zeroed);
    mz_buffer_text(&zeroed, "x");
    assert_false(mz_buffer_ok(&zeroed));
}

static void has_no_ceiling_at_the_largest_size(void **state)
{
    (void)state;
    struct mz_buffer buffer;
    mz_buffer_init(&buffer, SIZE_MAX);
    mz_buffer_text(&buffer, "abc");
    assert_true(mz_buffer_ok(&buffer));
    mz_buffer_finish(&buffer);
}

static void hands_over(void **state)
{
    (void)state;
    struct mz_buffer buffer;
    size_t size = 99;
    mz_buffer_init(&buffer, 100);
    char *empty = mz_buffer_take(&buffer, &size);
    assert_string_equal(empty, "");
    assert_int_equal(size, 0);
    free(empty);
    mz_buffer_add(&buffer, "a\0b", 3);
    char *data = mz_buffer_take(&buffer, &size);
    assert_int_equal(size, 3);
    assert_memory_equal(data, "a\0b", 4);
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    free(data);
    mz_buffer_text(&buffer, "again");
    assert_string_equal(buffer.data, "again");
    mz_buffer_clear(&buffer);
    assert_string_equal(buffer.data, "");
    mz_buffer_finish(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows),
        cmocka_unit_test(stops_at_its_ceiling),
        cmocka_unit_test(has_no_ceiling_at_the_largest_size),
        cmocka_unit_test(hands_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
