#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

static void fills_and_clears(void **state)
{
    (void)state;
    struct mz_error error;
    memset(&error, 0x7F, sizeof error);
    assert_int_equal(mz_fail(&error, MZ_SCRIPT, "bad %s", "key"), MZ_SCRIPT);
    assert_int_equal(error.code, MZ_SCRIPT);
    assert_string_equal(error.message, "bad key");
    assert_string_equal(error.file, "");
    assert_string_equal(error.help, "");
    assert_int_equal(error.line, 0);
    mz_error_place(&error, "a.lua", 3, 4, 5);
    mz_error_help(&error, "write %d", 7);
    mz_error_prefix(&error, "stage %d", 2);
    assert_string_equal(error.message, "stage 2: bad key");
    assert_string_equal(error.file, "a.lua");
    assert_string_equal(error.help, "write 7");
    assert_int_equal(mz_fail(&error, MZ_IO, "again: %s", error.message), MZ_IO);
    assert_string_equal(error.message, "again: stage 2: bad key");
    assert_string_equal(error.file, "");
}

static void accepts_no_error(void **state)
{
    (void)state;
    assert_int_equal(mz_fail(NULL, MZ_IO, "x"), MZ_IO);
    assert_int_equal(mz_fail_errno(NULL, MZ_IO, "x"), MZ_IO);
    mz_error_place(NULL, "f", 1, 1, 1);
    mz_error_help(NULL, "x");
    mz_error_prefix(NULL, "x");
}

static void adds_the_reason(void **state)
{
    (void)state;
    struct mz_error error;
    errno = ENOENT;
    assert_int_equal(mz_fail_errno(&error, MZ_NO_FILE, "cannot open '%s'", "x"),
                     MZ_NO_FILE);
    assert_string_equal(error.message, "cannot open 'x': No such file or directory");
    assert_int_equal(errno, ENOENT);
}

static void cuts_between_characters(void **state)
{
    (void)state;
    struct mz_error error;
    char text[3000];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof text);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xE2\x82\xAC", 3);
        }
        text[sizeof text - 1] = '\0';
        mz_fail(&error, MZ_INPUT, "%s", text);
        assert_true(mz_utf8_valid(error.message, strlen(error.message)));
        assert_in_range(strlen(error.message), 1019, 1023);
        mz_error_prefix(&error, "%s", text);
        assert_in_range(strlen(error.message), 1019, 1023);
        mz_error_help(&error, "%s", text);
        mz_error_place(&error, text, 1, 1, 1);
        assert_true(mz_utf8_valid(error.help, strlen(error.help)));
        assert_true(mz_utf8_valid(error.file, strlen(error.file)));
        errno = EIO;
        mz_fail_errno(&error, MZ_IO, "%s", text);
        assert_in_range(strlen(error.message), 1019, 1023);
    }
}

static void knows_every_code(void **state)
{
    (void)state;
    assert_string_equal(mz_code_name(MZ_OK), "OK");
    assert_string_equal(mz_code_name(MZ_PLUGIN_REFUSED), "PLUGIN_REFUSED");
    assert_int_equal(mz_exit_status(MZ_OK), 0);
    assert_int_equal(mz_exit_status(MZ_USAGE), 64);
    assert_int_equal(mz_exit_status(MZ_CANCELLED), 130);
    assert_string_equal(mz_code_text(MZ_MEMORY), "not enough memory");
    int unknown = 1000;
    assert_int_equal(mz_exit_status((enum mz_code)unknown), 70);
}

#define MZ_PRINTED 4000

/* What mz_error_print writes. */
static void print_to(char out[MZ_PRINTED], const struct mz_error *error)
{
    memset(out, 0, MZ_PRINTED);
    FILE *file = fmemopen(out, MZ_PRINTED, "w");
    assert_non_null(file);
    mz_error_print(error, file);
    fclose(file);
}

static void assert_printed(const struct mz_error *error, const char *expected)
{
    char text[MZ_PRINTED];
    print_to(text, error);
    assert_string_equal(text, expected);
}

static void write_file(char *path, const char *content)
{
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, strlen(content)),
                     (ssize_t)strlen(content));
    close(descriptor);
}

static void prints_like_a_compiler(void **state)
{
    (void)state;
    struct mz_error error;
    char path[] = "/tmp/mizan_error_XXXXXX";
    char expected[600];
    write_file(path, "first\n\tsouces = 1,\r\nlast: \xE6\x97\xA5 here");
    mz_fail(&error, MZ_SCRIPT, "unknown option 'souces'");
    assert_printed(&error, "error[SCRIPT]: unknown option 'souces'\n");
    mz_error_place(&error, path, 0, 0, 0);
    snprintf(expected, sizeof expected,
             "error[SCRIPT]: unknown option 'souces'\n  --> %s\n", path);
    assert_printed(&error, expected);
    mz_error_place(&error, path, 2, 2, 6);
    mz_error_help(&error, "write sources");
    snprintf(expected, sizeof expected,
             "error[SCRIPT]: unknown option 'souces'\n  --> %s:2:2\n"
             "  |\n2 | \tsouces = 1,\n  | \t^^^^^^\n   = help: write sources\n",
             path);
    assert_printed(&error, expected);
    mz_fail(&error, MZ_INPUT, "x");
    mz_error_place(&error, path, 3, 11, 400);
    snprintf(expected, sizeof expected,
             "error[INPUT]: x\n  --> %s:3:11\n"
             "  |\n3 | last: \xE6\x97\xA5 here\n  |          ^^^^\n",
             path);
    assert_printed(&error, expected);
    mz_error_place(&error, path, 3, 0, 0);
    snprintf(expected, sizeof expected,
             "error[INPUT]: x\n  --> %s:3\n  |\n3 | last: \xE6\x97\xA5 here\n", path);
    assert_printed(&error, expected);
    unlink(path);
    mz_error_place(&error, path, 3, 4, 1);
    snprintf(expected, sizeof expected, "error[INPUT]: x\n  --> %s:3:4\n", path);
    assert_printed(&error, expected);
}

static void prints_long_lines_and_places_outside(void **state)
{
    (void)state;
    struct mz_error error;
    char path[] = "/tmp/mizan_error_XXXXXX";
    char line[1201];
    memset(line, 'a', 1200);
    line[1200] = '\0';
    line[700] = '@';
    write_file(path, line);
    mz_fail(&error, MZ_INPUT, "x");
    mz_error_place(&error, path, 1, 701, 1);
    char text[MZ_PRINTED];
    print_to(text, &error);
    assert_true(strlen(text) < 500);
    const char *shown = strchr(text, '@');
    const char *caret = strchr(text, '^');
    assert_non_null(shown);
    assert_non_null(caret);
    while (shown[-1] != '|') {
        shown -= 1;
        caret -= 1;
    }
    assert_int_equal(caret[-1], '|');
    mz_error_place(&error, path, 1, 5000, 9);
    print_to(text, &error);
    mz_error_place(&error, path, 99, 1, 1);
    print_to(text, &error);
    assert_null(strchr(text, '^'));
    unlink(path);
}

static void keeps_the_terminal_safe(void **state)
{
    (void)state;
    struct mz_error error;
    mz_fail(&error, MZ_INPUT, "a\033[31mb\xFF\xC2\x9B");
    assert_printed(&error, "error[INPUT]: a?[31mb??\n");
}

/* An argument stands in no file: the text itself is shown. */
static void shows_a_text(void **state)
{
    struct mz_error error;
    char out[MZ_PRINTED];
    (void)state;
    mz_fail(&error, MZ_CONFIGURATION, "wrong");
    error.column = 6;
    error.width = 2;
    mz_error_help(&error, "write it so");
    FILE *file = fmemopen(out, sizeof out, "w");
    assert_non_null(file);
    mz_error_print_text(&error, "0 ä 25 *", file); /* ä has two bytes, one column */
    fclose(file);
    assert_string_equal(out, "error[CONFIGURATION]: wrong\n"
                             "   |\n"
                             "   | 0 ä 25 *\n"
                             "   |     ^^\n"
                             "   = help: write it so\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_and_clears),
        cmocka_unit_test(accepts_no_error),
        cmocka_unit_test(adds_the_reason),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(knows_every_code),
        cmocka_unit_test(prints_like_a_compiler),
        cmocka_unit_test(prints_long_lines_and_places_outside),
        cmocka_unit_test(shows_a_text),
        cmocka_unit_test(keeps_the_terminal_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
