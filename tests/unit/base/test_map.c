#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

static void sets_and_gets(void **state)
{
    (void)state;
    struct mz_map *map = mz_map_create();
    int one = 1;
    int two = 2;
    void *old = &one;
    assert_null(mz_map_get(map, "a", 1));
    assert_true(mz_map_set(map, "a", 1, &one, &old));
    assert_null(old);
    assert_true(mz_map_set(map, "a", 1, &two, &old));
    assert_ptr_equal(old, &one);
    assert_ptr_equal(mz_map_get(map, "a", 1), &two);
    assert_int_equal(mz_map_count(map), 1);
    assert_true(mz_map_set(map, "a\0b", 3, &one, NULL));
    assert_true(mz_map_set(map, "", 0, &one, NULL));
    assert_true(mz_map_set(map, NULL, 0, &two, NULL));
    assert_ptr_equal(mz_map_get(map, "", 0), &two);
    assert_ptr_equal(mz_map_get(map, "a", 1), &two);
    assert_int_equal(mz_map_count(map), 3);
    mz_map_destroy(map, NULL);
    mz_map_destroy(NULL, free);
}

static void keeps_the_order_of_insertion(void **state)
{
    (void)state;
    struct mz_map *map = mz_map_create();
    char key[32];
    for (int i = 0; i < 20000; i++) {
        int length = snprintf(key, sizeof key, "key-%d", i);
        int *value = malloc(sizeof *value);
        assert_non_null(value);
        *value = i;
        assert_true(mz_map_set(map, key, (size_t)length, value, NULL));
    }
    size_t position = 0;
    const char *name = NULL;
    void *value = NULL;
    int expected = 0;
    while (mz_map_next(map, &position, &name, &value)) {
        int number = 0;
        memcpy(&number, value, sizeof number);
        snprintf(key, sizeof key, "key-%d", expected);
        assert_int_equal(number, expected);
        assert_string_equal(name, key);
        assert_ptr_equal(mz_map_get(map, key, strlen(key)), value);
        expected += 1;
    }
    assert_int_equal(expected, 20000);
    assert_int_equal(mz_map_count(map), 20000);
    assert_null(mz_map_get(map, "key-20000", 9));
    position = 0;
    assert_true(mz_map_next(map, &position, NULL, NULL));
    mz_map_destroy(map, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_gets),
        cmocka_unit_test(keeps_the_order_of_insertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
