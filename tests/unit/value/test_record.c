#include "../base/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "value/record.h"

static void interns_names(void **state)
{
    (void)state;
    const struct mz_name *one = mz_name_intern("field", 5);
    const struct mz_name *two = mz_name_intern("fields", 5);
    assert_ptr_equal(one, two);
    assert_string_equal(mz_name_text(one), "field");
    assert_int_equal(mz_name_size(one), 5);
    assert_ptr_not_equal(one, mz_name_intern("fields", 6));
    assert_string_equal(mz_name_text(mz_name_intern(NULL, 0)), "");
    assert_ptr_not_equal(mz_name_intern("a\0b", 3), mz_name_intern("a", 1));
}

#define MZ_NAMES 3000

static void *intern_many(void *out)
{
    const struct mz_name **names = out;
    for (int i = 0; i < MZ_NAMES; i++) {
        char text[32];
        int size = snprintf(text, sizeof text, "thread-name-%d", i);
        names[i] = mz_name_intern(text, (size_t)size);
    }
    return NULL;
}

static void threads_get_the_same_names(void **state)
{
    (void)state;
    static const struct mz_name *names[4][MZ_NAMES];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, intern_many, names[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < MZ_NAMES; i++) {
        assert_non_null(names[0][i]);
        assert_ptr_equal(names[0][i], names[1][i]);
        assert_ptr_equal(names[0][i], names[2][i]);
        assert_ptr_equal(names[0][i], names[3][i]);
    }
}

static int32_t put(struct mizan_record *record, const char *name,
                   struct mizan_value value)
{
    return mz_record_put(record, name, &value);
}

static void sets_and_gets_fields(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_record *record = mz_record_create(arena, "article");
    char text[] = "first";
    assert_string_equal(mz_record_type(record), "article");
    assert_ptr_equal(mz_record_arena(record), arena);
    assert_int_equal(mz_record_count(record), 0);
    assert_int_equal(put(record, "a", mz_text(text)), MIZAN_OK);
    text[0] = 'X';
    assert_int_equal(put(record, "b", mz_integer(2)), MIZAN_OK);
    assert_int_equal(put(record, "c", mz_boolean(true)), MIZAN_OK);
    assert_true(mz_value_is(mz_record_find(record, "a"), "first"));
    assert_int_equal(put(record, "b", mz_integer(3)), MIZAN_OK);
    assert_int_equal(mz_record_count(record), 3);
    const struct mz_name *name = mz_name_intern("b", 1);
    const struct mz_name *seen = NULL;
    assert_int_equal(mz_record_get(record, name)->as.integer, 3);
    assert_int_equal(mz_record_field(record, 1, &seen)->as.integer, 3);
    assert_ptr_equal(seen, name);
    assert_null(mz_record_field(record, 3, &seen));
    assert_null(seen);
    assert_null(mz_record_find(record, "zzz"));
    assert_int_equal(put(record, "b", mz_nil()), MIZAN_OK);
    assert_int_equal(put(record, "never", mz_nil()), MIZAN_OK);
    assert_null(mz_record_get(record, name));
    assert_int_equal(mz_record_count(record), 2);
    mz_record_field(record, 1, &seen);
    assert_string_equal(mz_name_text(seen), "c");
    mz_arena_destroy(arena);
}

/* A field set from another of the same record, while the fields' array moves. */
static void sets_from_its_own_fields(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_record *record = mz_record_create(arena, "t");
    assert_int_equal(put(record, "n0", mz_text("value")), MIZAN_OK);
    for (int i = 1; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        const struct mizan_value *former =
            mz_record_field(record, mz_record_count(record) - 1, NULL);
        assert_int_equal(mz_record_put(record, name, former), MIZAN_OK);
    }
    assert_true(mz_value_is(mz_record_find(record, "n199"), "value"));
    assert_int_equal(mz_record_put(record, "n5", mz_record_find(record, "n5")),
                     MIZAN_OK);
    mz_arena_destroy(arena);
}

static void generations_are_never_the_same(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_record *one = mz_record_create(arena, "t");
    struct mizan_record *two = mz_record_create(arena, "t");
    uint64_t first = mz_record_generation(one);
    assert_true(first > 0);
    assert_true(mz_record_generation(two) > first);
    mz_record_retire(one);
    uint64_t later = mz_record_generation(one);
    assert_true(later > mz_record_generation(two));
    struct mizan_record *copy = mz_record_copy(arena, one);
    assert_true(mz_record_generation(copy) > later);
    assert_true(mz_record_generation(one) == later);
    mz_arena_destroy(arena);
}

static void copies_records(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mz_arena *other = mz_arena_create(1 << 20);
    struct mizan_record *record = mz_record_create(arena, "figure");
    char pointer[] = "/a/0";
    struct mizan_locator locator = {.kind = MIZAN_LOCATOR_POINTER,
                                    .pointer = {pointer, 4}};
    assert_int_equal(put(record, "x", mz_text("text")), MIZAN_OK);
    mz_record_set_locator(record, &locator);
    pointer[1] = 'X';
    struct mizan_record *copy = mz_record_copy(other, record);
    mz_arena_destroy(arena);
    assert_string_equal(mz_record_type(copy), "figure");
    assert_true(mz_value_is(mz_record_find(copy, "x"), "text"));
    locator = mz_record_locator(copy);
    assert_int_equal(locator.kind, MIZAN_LOCATOR_POINTER);
    assert_memory_equal(locator.pointer.data, "/a/0", 4);
    assert_int_equal(put(copy, "y", mz_integer(1)), MIZAN_OK);
    assert_int_equal(mz_record_count(copy), 2);
    mz_arena_destroy(other);
}

static void has_limits(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 24);
    struct mizan_record *record = mz_record_create(arena, "t");
    for (int i = 0; i < MZ_RECORD_FIELDS; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        assert_int_equal(put(record, name, mz_integer(i)), MIZAN_OK);
    }
    assert_int_equal(put(record, "more", mz_integer(1)), MIZAN_ERROR_LIMIT);
    assert_int_equal(put(record, "f7", mz_integer(1)), MIZAN_OK);
    struct mizan_value cycle = {.type = MIZAN_LIST};
    cycle.as.list = (struct mizan_list){&cycle, 1};
    assert_int_equal(put(record, "f7", cycle), MIZAN_ERROR_LIMIT);
    struct mizan_value odd = {.type = 77};
    assert_int_equal(put(record, "f7", odd), MIZAN_ERROR_UNSUPPORTED);
    assert_int_equal(mz_record_find(record, "f7")->as.integer, 1);
    mz_arena_destroy(arena);
}

static void survives_small_arenas(void **state)
{
    (void)state;
    int failures = 0;
    bool done = false;
    for (size_t ceiling = 0; !done; ceiling += 16) {
        struct mz_arena *arena = mz_arena_create(ceiling);
        struct mizan_record *record = mz_record_create(arena, "t");
        struct mizan_record *copy = NULL;
        int32_t status = MIZAN_OK;
        for (int i = 0; i < 20 && record != NULL && status == MIZAN_OK; i++) {
            char name[16];
            snprintf(name, sizeof name, "f%d", i);
            status = put(record, name, mz_text("some text"));
            assert_true(status == MIZAN_OK || status == MIZAN_ERROR_MEMORY);
        }
        if (record != NULL && status == MIZAN_OK) {
            struct mizan_locator locator = {.kind = MIZAN_LOCATOR_POINTER,
                                            .pointer = {"/long/pointer", 13}};
            mz_record_set_locator(record, &locator);
            copy = mz_record_copy(arena, record);
        }
        done = copy != NULL;
        failures += done ? 0 : 1;
        mz_arena_destroy(arena);
    }
    assert_in_range(failures, 50, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interns_names),
        cmocka_unit_test(threads_get_the_same_names),
        cmocka_unit_test(sets_and_gets_fields),
        cmocka_unit_test(sets_from_its_own_fields),
        cmocka_unit_test(generations_are_never_the_same),
        cmocka_unit_test(copies_records),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(survives_small_arenas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
