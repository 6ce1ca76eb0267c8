#include "cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define MZ_CAPTURED 1000000

static int kept_descriptor;
static FILE *capture;
static char captured[MZ_CAPTURED];

static void start_capture(void)
{
    capture = tmpfile();
    assert_non_null(capture);
    kept_descriptor = dup(STDERR_FILENO);
    dup2(fileno(capture), STDERR_FILENO);
}

static const char *end_capture(void)
{
    dup2(kept_descriptor, STDERR_FILENO);
    close(kept_descriptor);
    rewind(capture);
    size_t size = fread(captured, 1, sizeof captured - 1, capture);
    captured[size] = '\0';
    fclose(capture);
    return captured;
}

static void writes_logfmt(void **state)
{
    (void)state;
    mz_clock_set(INT64_C(1756893600000));
    mz_log_setup(MZ_LOG_INFO, MZ_LOG_LOGFMT);
    start_capture();
    mz_log(MZ_LOG_DEBUG, NULL, "not seen");
    mz_log(MZ_LOG_INFO, NULL, "started");
    mz_log(MZ_LOG_WARNING, "source=sana n=2", "two \"words\"\n%d", 5);
    mz_log_context("run=r1 pipeline=p");
    mz_log(MZ_LOG_ERROR, "a=b", "x");
    mz_log_context(NULL);
    assert_string_equal(
        end_capture(),
        "time=2025-09-03T10:00:00Z level=info msg=started\n"
        "time=2025-09-03T10:00:00Z level=warning msg=\"two \\\"words\\\"\\n5\" "
        "source=sana n=2\n"
        "time=2025-09-03T10:00:00Z level=error msg=x a=b run=r1 pipeline=p\n");
}

static void writes_for_people(void **state)
{
    (void)state;
    mz_log_setup(MZ_LOG_DEBUG, MZ_LOG_HUMAN);
    start_capture();
    mz_log(MZ_LOG_DEBUG, "n=1\n2", "say \"hi\" \\ \033[0m\nend");
    assert_string_equal(
        end_capture(),
        "2025-09-03T10:00:00Z debug: say \"hi\" \\ \\x1b[0m\\nend n=1 2\n");
}

static void is_one_line_however_long(void **state)
{
    (void)state;
    char *wide = malloc(20000);
    assert_non_null(wide);
    memset(wide, '\n', 19999);
    wide[19999] = '\0';
    for (int form = 0; form < 2; form++) {
        mz_log_setup(MZ_LOG_INFO, form == 0 ? MZ_LOG_HUMAN : MZ_LOG_LOGFMT);
        start_capture();
        mz_log(MZ_LOG_INFO, wide, "%s", wide);
        const char *text = end_capture();
        assert_int_equal(strchr(text, '\n') - text, (ptrdiff_t)strlen(text) - 1);
        assert_true(strlen(text) <= 8192);
    }
    free(wide);
}

static void *write_many(void *name)
{
    for (int i = 0; i < 500; i++) {
        mz_log(MZ_LOG_INFO, "k=v", "%s", (const char *)name);
        mz_log_context(i % 2 == 0 ? "c=1" : "c=2");
    }
    return NULL;
}

static void lines_of_threads_stay_whole(void **state)
{
    (void)state;
    static char names[4][8] = {"aaaa", "bbbb", "cccc", "dddd"};
    pthread_t threads[4];
    mz_log_setup(MZ_LOG_INFO, MZ_LOG_LOGFMT);
    mz_log_context("c=0");
    start_capture();
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    const char *text = end_capture();
    int lines = 0;
    for (const char *at = text; *at != '\0'; lines++) {
        const char *end = strchr(at, '\n');
        assert_non_null(end);
        assert_int_equal(end - at, 53);
        at = end + 1;
    }
    assert_int_equal(lines, 2000);
}

static void assert_quoted(const char *value, const char *expected)
{
    char out[64];
    assert_string_equal(mz_log_quote(out, sizeof out, value), expected);
}

static void quotes_where_needed(void **state)
{
    (void)state;
    assert_quoted("plain-1.5/x", "plain-1.5/x");
    assert_quoted("\xD9\x85", "\xD9\x85");
    assert_quoted("", "\"\"");
    assert_quoted("a b", "\"a b\"");
    assert_quoted("a=b", "\"a=b\"");
    assert_quoted("a\"b\\", "\"a\\\"b\\\\\"");
    assert_quoted("a\tb\r", "\"a\\tb\\x0d\"");
    assert_quoted("a\xFF", "\"a\xEF\xBF\xBD\"");
    char out[64];
    for (size_t size = 0; size < 12; size++) {
        memset(out, 'Z', sizeof out);
        mz_log_quote(out, size, "a \"b\" \n c");
        assert_int_equal(out[size], 'Z');
        if (size > 0) {
            assert_true(memchr(out, '\0', size) != NULL);
        }
        if (size >= 3) {
            assert_int_equal(out[strlen(out) - 1], '"');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_logfmt),
        cmocka_unit_test(writes_for_people),
        cmocka_unit_test(is_one_line_however_long),
        cmocka_unit_test(lines_of_threads_stay_whole),
        cmocka_unit_test(quotes_where_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
