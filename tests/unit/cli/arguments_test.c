/* Words of the command line to options and operands, with a command of the test's own.
 */
#include "../base/cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

/* What the command saw. */
static struct {
    int runs, helps, overviews;
    const char *name, *loud, *operand[4];
    size_t operands, names;
    const char *all[4];
    bool number_good;
    int64_t number;
    char printed[4096]; /* on standard error */
    char text[8][32];   /* the words */
} seen;

static int probe(const struct mz_arguments *arguments)
{
    const char *const *values;
    seen.runs++;
    seen.name = mz_argument(arguments, "name");
    seen.loud = mz_argument(arguments, "loud");
    seen.operands = mz_operand_count(arguments);
    for (size_t i = 0; i < 4; i++) {
        seen.operand[i] = mz_operand(arguments, i);
    }
    seen.names = mz_argument_all(arguments, "name", &values);
    for (size_t i = 0; i < seen.names && i < 4; i++) {
        seen.all[i] = values[i];
    }
    seen.number_good = mz_argument_number(arguments, "count", 5, &seen.number);
    return 42;
}

static const struct mz_option_row options[] = {
    {"name", 'n', "NAME", "a name"},
    {"count", 0, "N", "a number"},
    {"loud", 'l', NULL, "a switch"},
    {0},
};

const struct mz_command mz_commands[] = {
    {"probe", "Test", "ONE [TWO]", 1, 2, "looks", "", options, probe},
    {"version", "Test", "", 0, 0, "tells", "", NULL, probe},
    {0},
};

void mz_print_help(const struct mz_command *command)
{
    assert_non_null(command);
    seen.helps++;
}

void mz_print_overview(void)
{
    seen.overviews++;
}

/* Runs `mizan` with the words, of which the last is NULL. */
static int call(const char *const *words)
{
    char *copies[9] = {seen.text[0]};
    int count = 1;
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(file);
    memset(&seen, 0, sizeof seen);
    snprintf(seen.text[0], sizeof seen.text[0], "mizan");
    for (; words[count - 1] != NULL; count++) {
        snprintf(seen.text[count], sizeof seen.text[count], "%s", words[count - 1]);
        copies[count] = seen.text[count];
    }
    dup2(fileno(file), STDERR_FILENO);
    int status = mz_cli_main(count, copies);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    seen.printed[fread(seen.printed, 1, sizeof seen.printed - 1, file)] = '\0';
    fclose(file);
    return status;
}

#define CALL(...) call((const char *const[]){__VA_ARGS__, NULL})

static void says(const char *text)
{
    if (strstr(seen.printed, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, seen.printed);
    }
}

static void test_options_and_operands(void **state)
{
    (void)state;
    assert_int_equal(CALL("probe", "--name", "a", "one", "--name=b=c", "-n", ""), 42);
    assert_int_equal(seen.operands, 1);
    assert_string_equal(seen.operand[0], "one");
    assert_null(seen.operand[1]);
    assert_int_equal(seen.names, 3);
    assert_null(seen.loud);
    assert_int_equal(CALL("probe", "-l", "-", "--", "--name"), 42);
    assert_string_equal(seen.loud, "");
    assert_null(seen.name);
    assert_int_equal(seen.operands, 2);
}

static void test_numbers(void **state)
{
    static const char *const bad[] = {"-1",   "",    "1x",
                                      "0x10", "1.5", "9223372036854775808"};
    (void)state;
    CALL("probe", "one");
    assert_true(seen.number_good);
    assert_int_equal(seen.number, 5);
    CALL("probe", "one", "--count", "9223372036854775807");
    assert_true(seen.number_good);
    assert_int_equal(seen.number, INT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CALL("probe", "one", "--count", bad[i]);
        assert_false(seen.number_good);
        says("--count takes a whole number");
    }
}

static void test_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(CALL("probe"), 64);
    says("mizan probe needs ONE [TWO]");
    assert_int_equal(CALL("probe", "1", "2", "3"), 64);
    says("does not take '3'");
    assert_int_equal(CALL("probe", "1", "--nam=x"), 64);
    says("did you mean --name?");
    assert_int_equal(CALL("probe", "1", "-x"), 64);
    says("no option '-x'");
    assert_int_equal(CALL("probe", "1", "-nx"), 64);
    says("no option '-nx'");
    assert_int_equal(CALL("probe", "1", "--name"), 64);
    says("needs a value: NAME");
    assert_int_equal(CALL("probe", "1", "--loud=yes"), 64);
    says("takes no value");
    assert_int_equal(CALL("prob"), 64);
    says("did you mean 'mizan probe'?");
    assert_int_equal(seen.runs, 0);
}

static void test_help_and_version(void **state)
{
    (void)state;
    assert_int_equal(CALL("probe", "--help"), 0);
    assert_int_equal(seen.helps, 1);
    assert_int_equal(CALL("probe", "-h", "1", "2", "3"), 0);
    assert_int_equal(seen.helps, 1);
    assert_int_equal(CALL("--version"), 42);
    assert_int_equal(call((const char *const[]){NULL}), 64);
    assert_int_equal(seen.overviews, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_and_operands),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_what_is_wrong),
        cmocka_unit_test(test_help_and_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
