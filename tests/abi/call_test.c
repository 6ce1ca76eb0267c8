/* Calls into plugins: what a status becomes, deadlines, and what good plugins do. */
#include "support.h"

#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "plug/activity.h"
#include "plug/internal.h"
#include "value/record.h"

/* Opens a bad plugin and lets it extract one document. */
static enum mz_code extract_with(struct bench *bench, const char *file, int64_t limit)
{
    struct mz_instance *instance = bench_open(bench, file);
    enum mz_code code = mz_instance_extract(
        instance, &bench->task, bench_document(bench, "a text"), limit, &bench->error);
    mz_instance_close(instance);
    return code;
}

static void test_status_becomes_error(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum mz_code code;
        const char *says[3];
    } cases[] = {
        {"bad/extract_bogus.so",
         MZ_INTERNAL,
         {"extract.bogus", "extract returned 7", "no status"}},
        {"bad/extract_unknown.so",
         MZ_INTERNAL,
         {"extract.unknown", "returned -99", "no status"}},
        {"bad/extract_silent.so",
         MZ_INPUT,
         {"extract.silent", "extract returned MIZAN_ERROR_INPUT", "without a reason"}},
        {"bad/extract_stale.so",
         MZ_INPUT,
         {"extract.stale", "MIZAN_ERROR_INPUT without a reason", "secret"}},
        {"bad/extract_reject.so", MZ_INPUT, {"extract.reject: no date in 3 lines"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        bench_init(&bench);
        assert_int_equal(extract_with(&bench, cases[i].file, 0), cases[i].code);
        assert_int_equal(bench.error.code, cases[i].code);
        for (size_t j = 0; j < 3 && cases[i].says[j] != NULL; j++) {
            assert_says(bench.error.message, cases[i].says[j]);
        }
        assert_int_equal(bench.calls, 2); /* open and extract */
        assert_int_equal(bench.failures, 1);
        bench_finish(&bench);
    }
}

static void test_status_codes(void **state)
{
    (void)state;
    static const struct {
        int32_t status;
        enum mz_code code;
    } codes[] = {
        {MIZAN_OK, MZ_OK},
        {MIZAN_ERROR_TRANSIENT, MZ_UNREACHABLE},
        {MIZAN_ERROR_MEMORY, MZ_MEMORY},
        {MIZAN_ERROR_CANCELLED, MZ_CANCELLED},
        {MIZAN_ERROR_OPTION, MZ_CONFIGURATION},
        {MIZAN_ERROR_INPUT, MZ_INPUT},
        {MIZAN_ERROR_NOT_FOUND, MZ_NOT_FOUND},
        {MIZAN_ERROR_LIMIT, MZ_LIMIT},
        {MIZAN_ERROR_UNSUPPORTED, MZ_PLUGIN_REFUSED},
        {MIZAN_ERROR_REJECTED, MZ_INPUT},
        {MIZAN_ERROR_FAILED, MZ_INTERNAL},
        {-11, MZ_INTERNAL},
        {1, MZ_INTERNAL},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_int_equal(mz_status_code(codes[i].status), codes[i].code);
    }
    assert_string_equal(mz_status_name(MIZAN_ERROR_LIMIT), "MIZAN_ERROR_LIMIT");
    assert_null(mz_status_name(-11));
}

static void test_emitted_before_failing(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    assert_int_equal(extract_with(&bench, "bad/extract_partial.so", 0), MZ_INPUT);
    assert_int_equal(bench.emitted_count, 1); /* whoever called throws it away */
    assert_string_equal(bench.error.message,
                        "extract.partial: the second half cannot be read");
    bench_finish(&bench);
}

static void test_open_that_fails(void **state)
{
    (void)state;
    struct bench bench;
    struct mz_instance *instance = NULL;
    bench_init(&bench);
    struct mz_plugin *plugin = bench_load(&bench, "bad/extract_fail_open.so");
    assert_int_equal(
        mz_instance_open(plugin, &bench.task, NULL, 0, &instance, &bench.error),
        MZ_CONFIGURATION);
    assert_null(instance);
    assert_string_equal(bench.error.message,
                        "extract.fail_open: the option x is not to be had");
    bench_finish(&bench);
}

/* A plugin that heeds host->remaining ends by itself; the task gets back what it had.
 */
static void test_deadline_and_cancel(void **state)
{
    (void)state;
    struct bench bench;
    struct mizan_task before;
    atomic_int cancel = 0;
    bench_init(&bench);
    bench.task.cancel = &cancel;
    before = bench.task;
    assert_int_equal(extract_with(&bench, "bad/extract_late.so", 5), MZ_DEADLINE);
    assert_says(bench.error.message, "extract.late: extract took longer than its 5 ms");
    assert_memory_equal(&before, &bench.task, sizeof before);
    atomic_store(&cancel, 1);
    assert_int_equal(extract_with(&bench, "bad/extract_late.so", 60000), MZ_CANCELLED);
    assert_says(bench.error.message, "extract.late: extract was stopped");
    /* A deadline that the task has already is not put off. */
    atomic_store(&cancel, 0);
    bench.task.deadline = 1;
    assert_int_equal(extract_with(&bench, "bad/extract_late.so", 60000), MZ_DEADLINE);
    bench_finish(&bench);
}

static void test_error_may_be_ignored(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    struct mz_instance *instance = bench_open(&bench, "bad/extract_silent.so");
    assert_int_equal(mz_instance_extract(instance, &bench.task,
                                         bench_document(&bench, "a"), 0, NULL),
                     MZ_INPUT);
    mz_instance_close(instance);
    mz_instance_close(NULL);
    bench_finish(&bench);
}

/* Locale, umask and fatal signals are the host's, whether a plugin's constructor or its
 * open changes them. */
static void test_surroundings_are_put_back(void **state)
{
    (void)state;
    static const char *const files[] = {"bad/extract_meddle_load.so",
                                        "bad/extract_meddle_open.so"};
    struct sigaction before;
    struct sigaction after;
    struct mz_activity *activity = mz_activity_create();
    mode_t mask = umask(027);
    assert_non_null(activity);
    mz_log_setup(MZ_LOG_ERROR, MZ_LOG_LOGFMT);
    mz_activity_attach(activity);
    sigaction(SIGSEGV, NULL, &before);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct bench bench;
        bench_init(&bench);
        struct mz_plugin *plugin = bench_load(&bench, files[i]);
        if (i == 1) {
            mz_instance_close(bench_open(&bench, files[i]));
        }
        assert_non_null(plugin);
        assert_string_equal(setlocale(LC_ALL, NULL), "C");
        assert_int_equal(umask(027), 027);
        sigaction(SIGSEGV, NULL, &after);
        assert_ptr_equal(before.sa_sigaction, after.sa_sigaction);
        bench_finish(&bench);
    }
    umask(mask);
    mz_activity_attach(NULL);
    mz_activity_destroy(activity);
}

/* ---- good plugins ---- */

static void test_echo(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    struct mz_instance *instance = bench_open(&bench, "good/extract_echo.so");
    struct mizan_record *record = bench_document(&bench, "a");
    assert_true(mz_instance_consumes(instance, "anything"));
    assert_int_equal(
        mz_instance_extract(instance, &bench.task, record, 1000, &bench.error), MZ_OK);
    assert_int_equal(bench.emitted_count, 1);
    assert_ptr_equal(bench.emitted[0], record);
    assert_int_equal(
        mz_instance_store(instance, &bench.task, &record, 1, 0, &bench.error),
        MZ_INTERNAL);
    assert_says(bench.error.message, "extract.echo has no function store");
    assert_int_equal(mz_instance_finish_unit(instance, &bench.task, 0, &bench.error),
                     MZ_OK);
    mz_instance_discard_unit(instance, &bench.task);
    mz_instance_close(instance);
    bench_finish(&bench);
}

static void test_null_store(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    struct mz_instance *instance = bench_open(&bench, "good/store_null.so");
    struct mizan_record *record = bench_document(&bench, "a");
    assert_true(mz_instance_consumes(instance, "row"));
    assert_false(mz_instance_consumes(instance, "figure"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            mz_instance_store(instance, &bench.task, &record, 1, 0, &bench.error),
            MZ_OK);
    }
    assert_int_equal(mz_instance_finish_unit(instance, &bench.task, 0, &bench.error),
                     MZ_OK);
    assert_int_equal(bench.taken, 3);
    assert_int_equal(
        mz_instance_store(instance, &bench.task, &record, 1, 0, &bench.error), MZ_OK);
    mz_instance_discard_unit(instance, &bench.task);
    assert_int_equal(bench.discarded, 1);
    mz_instance_close(instance);
    bench_finish(&bench);
}

static void test_fetch_two(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    struct mz_instance *instance = bench_open(&bench, "good/fetch_two.so");
    struct mizan_record *source = mz_record_create(bench.arena, "source");
    assert_int_equal(mz_instance_fetch(instance, &bench.task, source, 0, &bench.error),
                     MZ_OK);
    assert_int_equal(bench.emitted_count, 2);
    assert_true(mz_value_is(mz_record_find(bench.emitted[1], "url"),
                            "https://example.org/two"));
    mz_instance_close(instance);
    bench_finish(&bench);
}

static void test_thirty_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t words;
    } cases[] = {
        {"", 0}, {" \n\t ", 0}, {"one", 1}, {" two\nwords ", 2}, {"عشرة آلاف جندي", 3},
    };
    struct bench bench;
    bench_init(&bench);
    struct mz_instance *instance = bench_open(&bench, "good/extract_words.so");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mizan_record *record = bench_document(&bench, cases[i].text);
        assert_int_equal(
            mz_instance_extract(instance, &bench.task, record, 0, &bench.error), MZ_OK);
        assert_ptr_equal(bench.emitted[i], record);
        assert_int_equal(mz_record_find(record, "words")->as.integer, cases[i].words);
    }
    assert_int_equal(mz_instance_extract(instance, &bench.task,
                                         bench_document(&bench, NULL), 0, &bench.error),
                     MZ_INPUT);
    assert_string_equal(bench.error.message, "extract.words: the document has no text");
    mz_instance_close(instance);
    bench_finish(&bench);
}

static void test_template(void **state)
{
    (void)state;
    struct bench bench;
    char text[501];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    bench_init(&bench);
    struct mz_instance *instance = bench_open(&bench, "good/extract_template.so");
    struct mizan_record *record = bench_document(&bench, text);
    assert_int_equal(
        mz_instance_extract(instance, &bench.task, record, 0, &bench.error), MZ_OK);
    assert_int_equal(mz_record_find(record, "short")->as.integer, 0);
    record = bench_document(&bench, text + 1);
    assert_int_equal(
        mz_instance_extract(instance, &bench.task, record, 0, &bench.error), MZ_OK);
    assert_int_equal(mz_record_find(record, "short")->as.integer, 1);
    assert_int_equal(bench.emitted_count, 2);
    mz_instance_close(instance);
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_becomes_error),
        cmocka_unit_test(test_status_codes),
        cmocka_unit_test(test_emitted_before_failing),
        cmocka_unit_test(test_open_that_fails),
        cmocka_unit_test(test_deadline_and_cancel),
        cmocka_unit_test(test_error_may_be_ignored),
        cmocka_unit_test(test_surroundings_are_put_back),
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_null_store),
        cmocka_unit_test(test_fetch_two),
        cmocka_unit_test(test_thirty_lines),
        cmocka_unit_test(test_template),
    };
    return cmocka_run_group_tests_name("abi_call", tests, NULL, NULL);
}
