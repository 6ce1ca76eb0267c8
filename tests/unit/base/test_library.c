#include <stddef.h>
#include <string.h>

#include "cmocka_all.h"

#include "base/library.h"

struct table {
    double (*cosine)(double angle);
    double (*root)(double number);
};

static const struct mz_symbol symbols[] = {{"cos", offsetof(struct table, cosine)},
                                           {"sqrt", offsetof(struct table, root)}};

static void a_table_is_filled(void **state)
{
    const struct mz_library library = {"libm.so.6", "libc6", "a test", symbols, 2};
    struct table table = {0};
    struct mz_error error;

    (void)state;
    assert_int_equal(mz_library_load(&library, &table, &error), MZ_OK);
    assert_true(table.cosine(0) == 1.0);
    assert_true(table.root(9) == 3.0);
}

static void a_missing_library_names_its_package(void **state)
{
    const struct mz_library library = {"libnone.so.1", "libnone1", "a test", symbols,
                                       2};
    struct table table = {0};
    struct mz_error error;

    (void)state;
    assert_int_equal(mz_library_load(&library, &table, &error), MZ_CONFIGURATION);
    assert_non_null(strstr(error.message, "libnone.so.1, which a test needs"));
    assert_string_equal(error.help, "install the package libnone1");
}

static void a_missing_symbol_leaves_the_table_alone(void **state)
{
    const struct mz_symbol wanted[] = {
        {"cos", offsetof(struct table, cosine)},
        {"no_such_function", offsetof(struct table, root)}};
    const struct mz_library library = {"libm.so.6", "libc6", "a test", wanted, 2};
    struct table table = {0};
    struct mz_error error;

    (void)state;
    assert_int_equal(mz_library_load(&library, &table, &error), MZ_CONFIGURATION);
    assert_non_null(strstr(error.message, "has no no_such_function"));
    assert_null(table.cosine);
    assert_null(table.root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_filled),
        cmocka_unit_test(a_missing_library_names_its_package),
        cmocka_unit_test(a_missing_symbol_leaves_the_table_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
