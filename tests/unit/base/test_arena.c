#include "cmocka_all.h"

#include <string.h>

#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

static void gives_aligned_memory(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    for (size_t size = 0; size < 200; size++) {
        char *place = mz_arena_alloc(arena, size);
        assert_non_null(place);
        assert_int_equal((uintptr_t)place % _Alignof(max_align_t), 0);
        memset(place, 0xA5, size);
    }
    mz_arena_destroy(arena);
    mz_arena_destroy(NULL);
}

static void keeps_its_ceiling(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1000);
    assert_null(mz_arena_alloc(arena, 1001));
    assert_null(mz_arena_alloc(arena, SIZE_MAX));
    assert_null(mz_arena_copy(arena, "", SIZE_MAX));
    assert_non_null(mz_arena_alloc(arena, 1000));
    assert_null(mz_arena_alloc(arena, 1));
    assert_null(mz_arena_zero(arena, 100000));
    assert_null(mz_arena_printf(arena, "%d", 7));
    mz_arena_reset(arena);
    assert_int_equal(mz_arena_used(arena), 0);
    size_t total = 0;
    while (mz_arena_alloc(arena, 32) != NULL) {
        total += 32;
    }
    assert_true(total <= 1000 && total > 900);
    mz_arena_destroy(arena);
    arena = mz_arena_create(0);
    assert_null(mz_arena_alloc(arena, 1));
    mz_arena_destroy(arena);
}

static void copies_texts(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    assert_string_equal(mz_arena_string(arena, "one"), "one");
    assert_string_equal(mz_arena_copy(arena, "twofold", 3), "two");
    assert_string_equal(mz_arena_copy(arena, NULL, 0), "");
    assert_string_equal(mz_arena_printf(arena, "%s-%d", "x", 42), "x-42");
    char *wide = mz_arena_printf(arena, "%700d", 5);
    assert_int_equal(strlen(wide), 700);
    char *zero = mz_arena_zero(arena, 64);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(zero[i], 0);
    }
    mz_arena_destroy(arena);
}

/* Marks at random depths, over many chunks: what lies below a mark is untouched. */
static void releases_to_marks(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create((size_t)64 << 20);
    for (size_t size = 8; size < 200000; size = size * 3 + 5) {
        char *kept = mz_arena_alloc(arena, size);
        memset(kept, 0x5A, size);
        uint64_t mark = mz_arena_mark(arena);
        size_t used = mz_arena_used(arena);
        for (int i = 0; i < 30; i++) {
            char *scratch = mz_arena_alloc(arena, size);
            assert_non_null(scratch);
            memset(scratch, 0xFF, size);
        }
        mz_arena_release(arena, mark);
        assert_int_equal(mz_arena_used(arena), used);
        assert_int_equal(mz_arena_mark(arena), mark);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(kept[i], 0x5A);
        }
    }
    mz_arena_release(arena, UINT64_MAX);
    mz_arena_release(arena, 0);
    assert_int_equal(mz_arena_used(arena), 0);
    assert_non_null(mz_arena_alloc(arena, 10));
    mz_arena_destroy(arena);
}

static void marks_the_empty_arena(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    uint64_t mark = mz_arena_mark(arena);
    assert_non_null(mz_arena_alloc(arena, 100000));
    assert_non_null(mz_arena_alloc(arena, 100000));
    mz_arena_release(arena, mark);
    assert_int_equal(mz_arena_used(arena), 0);
    assert_non_null(mz_arena_alloc(arena, 900000));
    mz_arena_destroy(arena);
}

static void ends_in_one_unit_after_another(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create((size_t)8 << 20);
    for (int unit = 0; unit < 50; unit++) {
        size_t total = 0;
        for (size_t size = 1; total + size < (size_t)6 << 20; size = size * 2 + 1) {
            char *place = mz_arena_alloc(arena, size);
            assert_non_null(place);
            place[size - 1] = 1;
            total += size;
        }
        mz_arena_reset(arena);
        assert_int_equal(mz_arena_used(arena), 0);
    }
    mz_arena_destroy(arena);
}

/* Under the address sanitizer, freed and never given memory is poisoned. */
static void poisons_what_is_free(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    struct mz_arena *arena = mz_arena_create(1 << 20);
    char *first = mz_arena_alloc(arena, 5);
    uint64_t mark = mz_arena_mark(arena);
    char *second = mz_arena_alloc(arena, 40);
    assert_int_equal(__asan_address_is_poisoned(first + 4), 0);
    assert_int_equal(__asan_address_is_poisoned(first + 5), 1);
    assert_int_equal(__asan_address_is_poisoned(second + 39), 0);
    mz_arena_release(arena, mark);
    assert_int_equal(__asan_address_is_poisoned(second), 1);
    mz_arena_reset(arena);
    assert_int_equal(__asan_address_is_poisoned(first), 1);
    mz_arena_destroy(arena);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_aligned_memory),
        cmocka_unit_test(keeps_its_ceiling),
        cmocka_unit_test(copies_texts),
        cmocka_unit_test(releases_to_marks),
        cmocka_unit_test(marks_the_empty_arena),
        cmocka_unit_test(ends_in_one_unit_after_another),
        cmocka_unit_test(poisons_what_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
