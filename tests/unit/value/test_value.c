#include "../base/cmocka_all.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "value/record.h"

static struct mizan_value list_of(const struct mizan_value *items, size_t count)
{
    return (struct mizan_value){.type = MIZAN_LIST, .as.list = {items, count}};
}

static struct mizan_value map_of(const struct mizan_field *fields, size_t count)
{
    return (struct mizan_value){.type = MIZAN_MAP, .as.map = {fields, count}};
}

static void constructors(void **state)
{
    (void)state;
    assert_int_equal(mz_nil().type, MIZAN_NIL);
    assert_int_equal(mz_boolean(true).as.integer, 1);
    assert_int_equal(mz_integer(-4).as.integer, -4);
    assert_int_equal(mz_time(5).type, MIZAN_TIME);
    assert_int_equal(mz_text(NULL).type, MIZAN_NIL);
    assert_int_equal(mz_text("abc").as.text.size, 3);
    assert_int_equal(mz_bytes("a\0b", 3).type, MIZAN_BYTES);
    assert_string_equal(mz_type_name(MIZAN_DECIMAL), "decimal");
    assert_string_equal(mz_type_name(MIZAN_MAP), "map");
    assert_string_equal(mz_type_name(99), "unknown");
}

static void copies_deeply(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    char text[] = "text";
    char name[] = "name";
    struct mizan_value items[] = {mz_text(text), mz_integer(5), mz_nil()};
    struct mizan_field fields[] = {{{name, 4}, list_of(items, 3)}};
    struct mizan_value value = map_of(fields, 1);
    struct mizan_value copy;
    assert_true(mz_value_copy(arena, &value, &copy));
    assert_true(mz_value_equal(&value, &copy));
    text[0] = 'X';
    name[0] = 'X';
    assert_null(mz_map_member(&copy, "Xame"));
    const struct mizan_value *list = mz_map_member(&copy, "name");
    assert_non_null(list);
    assert_true(mz_value_is(&list->as.list.items[0], "text"));
    assert_string_equal(list->as.list.items[0].as.text.data, "text");
    struct mizan_value empty = list_of(NULL, 0);
    assert_true(mz_value_copy(arena, &empty, &copy));
    empty = mz_text_slice(NULL, 0);
    assert_true(mz_value_copy(arena, &empty, &copy));
    assert_string_equal(copy.as.text.data, "");
    struct mizan_value odd = {.type = 77};
    assert_false(mz_value_copy(arena, &odd, &copy));
    odd = list_of(items, SIZE_MAX);
    assert_false(mz_value_copy(arena, &odd, &copy));
    mz_arena_destroy(arena);
}

static void limits_depth(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_value nested[MZ_VALUE_DEPTH + 2];
    struct mizan_value copy;
    nested[0] = mz_integer(1);
    for (size_t i = 1; i < MZ_VALUE_DEPTH + 2; i++) {
        nested[i] = list_of(&nested[i - 1], 1);
    }
    assert_true(mz_value_copy(arena, &nested[MZ_VALUE_DEPTH], &copy));
    assert_true(mz_value_equal(&nested[MZ_VALUE_DEPTH], &copy));
    assert_false(mz_value_copy(arena, &nested[MZ_VALUE_DEPTH + 1], &copy));
    struct mizan_value cycle;
    cycle = list_of(&cycle, 1);
    assert_false(mz_value_copy(arena, &cycle, &copy));
    assert_false(mz_value_equal(&cycle, &cycle));
    mz_arena_destroy(arena);
}

/* Every ceiling from none to enough: a failed copy is only ever false. */
static void survives_small_arenas(void **state)
{
    (void)state;
    struct mizan_value items[] = {mz_text("text"), mz_decimal_text("1.5", 3)};
    struct mizan_field fields[] = {{{"a", 1}, list_of(items, 2)},
                                   {{"b", 1}, mz_time(4)}};
    struct mizan_value value = map_of(fields, 2);
    bool done = false;
    int failures = 0;
    for (size_t ceiling = 0; !done; ceiling += 8) {
        struct mz_arena *arena = mz_arena_create(ceiling);
        struct mizan_value copy;
        done = mz_value_copy(arena, &value, &copy);
        failures += done ? 0 : 1;
        mz_arena_destroy(arena);
    }
    assert_in_range(failures, 5, 100);
}

static bool equal(struct mizan_value a, struct mizan_value b)
{
    bool result = mz_value_equal(&a, &b);
    assert_int_equal(mz_value_equal(&b, &a), result);
    return result;
}

static void compares(void **state)
{
    (void)state;
    assert_true(equal(mz_nil(), mz_nil()));
    assert_false(equal(mz_nil(), mz_boolean(false)));
    assert_false(equal(mz_integer(1), mz_boolean(true)));
    assert_true(equal(mz_integer(1), mz_integer(1)));
    assert_false(equal(mz_integer(1), mz_time(1)));
    assert_true(equal(mz_double(0.5), mz_double(0.5)));
    assert_false(equal(mz_double(0.5), mz_double(0.25)));
    assert_true(equal(mz_double((double)NAN), mz_double((double)NAN)));
    assert_false(equal(mz_double((double)NAN), mz_double(1)));
    assert_true(equal(mz_decimal_text("1.50", 4), mz_decimal_text("1.5", 3)));
    assert_false(equal(mz_decimal_text("1.5", 3), mz_decimal_text("1.51", 4)));
    assert_true(equal(mz_decimal_text("x", 1), mz_decimal_text("x", 1)));
    assert_false(equal(mz_decimal_text("x", 1), mz_decimal_text("1", 1)));
    assert_false(equal(mz_text("a"), mz_bytes("a", 1)));
    assert_true(equal(mz_text_slice(NULL, 0), mz_text("")));
    struct mizan_value items[] = {mz_integer(1), mz_integer(2), mz_integer(3)};
    assert_false(equal(list_of(items, 2), list_of(items, 3)));
    assert_false(equal(list_of(items, 2), list_of(items + 1, 2)));
    struct mizan_field one[] = {{{"a", 1}, items[0]}, {{"b", 1}, items[1]}};
    struct mizan_field two[] = {{{"b", 1}, items[1]}, {{"a", 1}, items[0]}};
    struct mizan_field three[] = {{{"b", 1}, items[1]}, {{"c", 1}, items[0]}};
    assert_true(equal(map_of(one, 2), map_of(two, 2)));
    assert_false(equal(map_of(one, 2), map_of(three, 2)));
    assert_false(equal(map_of(one, 2), map_of(one, 1)));
    struct mizan_value odd = {.type = 77};
    assert_false(equal(odd, odd));
}

static void finds_members(void **state)
{
    (void)state;
    struct mizan_field fields[] = {{{"a", 1}, mz_text("x")},
                                   {{"ab", 2}, mz_integer(2)}};
    struct mizan_value map = map_of(fields, 2);
    struct mizan_value text = mz_text("a");
    struct mizan_value decimal = mz_decimal_text("5", 1);
    assert_true(mz_value_is(mz_map_member(&map, "a"), "x"));
    assert_int_equal(mz_map_member(&map, "ab")->as.integer, 2);
    assert_null(mz_map_member(&map, "b"));
    assert_null(mz_map_member(&map, ""));
    assert_null(mz_map_member(&text, "a"));
    assert_null(mz_map_member(NULL, "a"));
    assert_true(mz_value_is(&decimal, "5"));
    assert_false(mz_value_is(&text, "ab"));
    assert_false(mz_value_is(&map, "a"));
    assert_false(mz_value_is(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constructors), cmocka_unit_test(copies_deeply),
        cmocka_unit_test(limits_depth), cmocka_unit_test(survives_small_arenas),
        cmocka_unit_test(compares),     cmocka_unit_test(finds_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
