/* The unit: lists, changes and letters in its arena, also when that is exhausted. */
#include "../base/cmocka_all.h"

#include <string.h>

#include "run/unit.h"

static void test_records_keep_their_order(void **state)
{
    struct mz_unit *unit = mz_unit_create(1 << 20);
    struct mz_records records = {0};
    (void)state;
    assert_non_null(unit);
    assert_int_equal(unit->attempt, 1);
    for (int64_t i = 0; i < 100; i++) {
        struct mizan_record *record = mz_record_create(unit->arena, "row");
        struct mizan_value number = mz_integer(i);
        assert_int_equal(mz_record_put(record, "n", &number), MIZAN_OK);
        assert_true(mz_records_add(&records, unit->arena, record));
    }
    assert_int_equal(records.count, 100);
    for (int64_t i = 0; i < 100; i++) {
        assert_int_equal(mz_record_integer(records.items[i], "n", -1), i);
    }
    mz_unit_destroy(unit);
    mz_unit_destroy(NULL);
}

static void test_changes_are_copied(void **state)
{
    struct mz_unit *unit = mz_unit_create(1 << 20);
    char key[] = "cursor";
    char value[] = "1\0002";
    (void)state;
    assert_true(mz_unit_change(unit, key, (struct mizan_slice){value, 3}));
    assert_true(mz_unit_change(unit, "empty", (struct mizan_slice){NULL, 0}));
    key[0] = value[0] = 'x';
    assert_string_equal(unit->changes->key, "cursor");
    assert_int_equal(unit->changes->value.size, 3);
    assert_memory_equal(unit->changes->value.data, "1\0002", 3);
    assert_string_equal(unit->changes->next->key, "empty");
    assert_int_equal(unit->changes->next->value.size, 0);
    assert_null(unit->changes->next->next);
    mz_unit_destroy(unit);
}

static void test_letters(void **state)
{
    struct mz_unit *unit = mz_unit_create(1 << 20);
    char reason[] = "too small";
    struct mz_letter reject = {
        .outcome = MZ_REJECT, .stage = "sure", .place = "p.lua:3", .reason = reason};
    struct mz_letter broken = {
        .outcome = MZ_ERROR, .stage = "sure", .reason = "nil", .record = "{}"};
    (void)state;
    assert_true(mz_unit_letter(unit, &reject));
    reason[0] = 'x';
    assert_false(unit->failed);
    assert_int_equal(unit->rejected, 1);
    assert_true(mz_unit_letter(unit, &broken));
    assert_true(unit->failed);
    assert_int_equal(unit->rejected, 1);
    assert_string_equal(unit->letters->reason, "too small");
    assert_string_equal(unit->letters->place, "p.lua:3");
    assert_null(unit->letters->traceback);
    assert_string_equal(unit->letters->next->record, "{}");
    assert_null(unit->letters->next->next);
    mz_unit_destroy(unit);
}

static void exhaust(struct mz_unit *unit)
{
    for (size_t size = 4096; size > 0; size /= 2) {
        while (mz_arena_alloc(unit->arena, size) != NULL) {
        }
    }
}

/* A unit without memory fails, and one letter says so, however many were due. */
static void test_no_memory_for_a_letter(void **state)
{
    struct mz_unit *unit = mz_unit_create(1 << 16);
    struct mz_letter reject = {.outcome = MZ_REJECT, .stage = "sure", .reason = "r"};
    (void)state;
    exhaust(unit);
    assert_false(mz_unit_letter(unit, &reject));
    assert_false(mz_unit_letter(unit, &reject));
    assert_true(unit->failed);
    assert_non_null(unit->letters);
    assert_int_equal(unit->letters->outcome, MZ_ERROR);
    assert_string_equal(unit->letters->stage, "sure");
    assert_string_equal(unit->letters->reason, MZ_UNIT_TOO_LARGE);
    assert_null(unit->letters->next);
    assert_false(mz_unit_change(unit, "k", (struct mizan_slice){"v", 1}));
    mz_unit_destroy(unit);
}

static void test_fields(void **state)
{
    struct mz_unit *unit = mz_unit_create(1 << 16);
    struct mizan_record *record = mz_record_create(unit->arena, "row");
    struct mizan_value text = mz_text("t");
    struct mizan_value number = mz_integer(5);
    (void)state;
    assert_int_equal(mz_record_put(record, "t", &text), MIZAN_OK);
    assert_int_equal(mz_record_put(record, "n", &number), MIZAN_OK);
    assert_string_equal(mz_record_text(record, "t"), "t");
    assert_null(mz_record_text(record, "n"));
    assert_null(mz_record_text(record, "absent"));
    assert_null(mz_record_text(NULL, "t"));
    assert_int_equal(mz_record_integer(record, "n", 1), 5);
    assert_int_equal(mz_record_integer(record, "t", 1), 1);
    assert_int_equal(mz_record_integer(NULL, "n", 1), 1);
    mz_unit_destroy(unit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_keep_their_order),
        cmocka_unit_test(test_changes_are_copied),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_no_memory_for_a_letter),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
