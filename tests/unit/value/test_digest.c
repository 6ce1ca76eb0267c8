#include "../base/cmocka_all.h"

#include <string.h>

#include "value/digest.h"

static void knows_the_published_digests(void **state)
{
    (void)state;
    char out[MZ_DIGEST_TEXT];
    mz_digest(NULL, 0, out);
    assert_string_equal(
        out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    mz_digest("abc", 3, out);
    assert_string_equal(
        out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void joins_the_parts(void **state)
{
    (void)state;
    char whole[MZ_DIGEST_TEXT];
    char id[MZ_ID_TEXT];
    const struct mizan_slice parts[] = {{"a", 1}, {NULL, 0}, {"bc", 2}};
    mz_digest("a\x1F\x1F"
              "bc",
              5, whole);
    mz_hash_id(parts, 3, id);
    assert_int_equal(strlen(id), 32);
    assert_memory_equal(id, whole, 32);
    mz_hash_id(parts, 0, id);
    assert_string_equal(id, "e3b0c44298fc1c149afbf4c8996fb924");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_published_digests),
        cmocka_unit_test(joins_the_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
