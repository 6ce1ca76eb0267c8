/* Minor versions in both directions: a plugin compiled from the first header with
 * today's host, and plugins of later minor versions with hosts that are older than
 * they. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "value/record.h"

/* The size of struct mizan_host in ABI 1.0. */
#define FIRST_TABLE 264

/* ---- services that answer as a run does ---- */

struct answers {
    struct mizan_slice state;
    int64_t seen, finished, discarded, observed_count, observed_sum;
    int requests, validators, unchanged, upserts, queries, emitted;
};

static int32_t answer_emit(struct mizan_task *task, struct mizan_record *record)
{
    struct answers *answers = task->context;
    (void)record;
    answers->emitted++;
    return MIZAN_OK;
}

static int32_t answer_http(struct mizan_task *task,
                           const struct mizan_http_request *request,
                           struct mizan_http_response *response)
{
    struct answers *answers = task->context;
    assert_true((request->flags & MIZAN_HTTP_CONDITIONAL) != 0);
    assert_true(response->size <= sizeof *response);
    response->status = 200;
    response->url = response->final_url = request->url;
    answers->requests++;
    return MIZAN_OK;
}

static int32_t answer_unchanged(struct mizan_task *task, const char *url)
{
    struct answers *answers = task->context;
    assert_string_equal(url, "https://example.org/first");
    answers->unchanged++;
    return MIZAN_OK;
}

static int32_t answer_validators(struct mizan_task *task,
                                 const struct mizan_http_response *response)
{
    struct answers *answers = task->context;
    assert_int_equal(response->status, 200);
    answers->validators++;
    return MIZAN_OK;
}

static int32_t answer_state_get(struct mizan_task *task, const char *key,
                                struct mizan_slice *out)
{
    const struct answers *answers = task->context;
    assert_string_equal(key, "seen");
    *out = answers->state;
    return MIZAN_OK;
}

static int32_t answer_state_set(struct mizan_task *task, const char *key,
                                struct mizan_slice value)
{
    struct answers *answers = task->context;
    assert_string_equal(key, "seen");
    answers->state = value;
    return MIZAN_OK;
}

static int32_t answer_secret(struct mizan_task *task, const char *name,
                             struct mizan_slice *out)
{
    (void)task;
    assert_string_equal(name, "key");
    *out = (struct mizan_slice){"s", 1};
    return MIZAN_OK;
}

static int32_t answer_upsert(struct mizan_task *task, const char *table,
                             const struct mizan_record *record)
{
    struct answers *answers = task->context;
    assert_string_equal(table, "figure");
    assert_non_null(record);
    answers->upserts++;
    return MIZAN_OK;
}

static int32_t answer_query(struct mizan_task *task, const char *name,
                            const struct mizan_value *arguments,
                            struct mizan_value *rows)
{
    struct answers *answers = task->context;
    assert_string_equal(name, "figures");
    assert_int_equal(arguments->type, MIZAN_MAP);
    memset(rows, 0, sizeof *rows);
    rows->type = MIZAN_LIST;
    answers->queries++;
    return MIZAN_OK;
}

static void answer_count(struct mizan_task *task, const char *name, int64_t delta)
{
    struct answers *answers = task->context;
    const struct {
        const char *name;
        int64_t *count;
    } counts[] = {{"seen", &answers->seen},
                  {"finished", &answers->finished},
                  {"discarded", &answers->discarded},
                  {"text_bytes_count", &answers->observed_count},
                  {"text_bytes_sum", &answers->observed_sum}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (strcmp(name, counts[i].name) == 0) {
            *counts[i].count += delta;
        }
    }
}

static const struct mz_services services = {.emit = answer_emit,
                                            .http = answer_http,
                                            .unchanged = answer_unchanged,
                                            .keep_validators = answer_validators,
                                            .state_get = answer_state_get,
                                            .state_set = answer_state_set,
                                            .secret = answer_secret,
                                            .db_upsert = answer_upsert,
                                            .db_query = answer_query,
                                            .count = answer_count};

static void serve(struct bench *bench, struct answers *answers)
{
    bench_init(bench);
    memset(answers, 0, sizeof *answers);
    bench->task.services = &services;
    bench->task.context = answers;
}

static void succeed(enum mz_code code, const struct bench *bench)
{
    if (code != MZ_OK) {
        fail_msg("%s", bench->error.message);
    }
}

/* ---- the first header, today's host ---- */

static void test_first_fetch(void **state)
{
    (void)state;
    struct bench bench;
    struct answers answers;
    serve(&bench, &answers);
    struct mz_instance *instance = bench_open(&bench, "good/fetch_first.so");
    succeed(mz_instance_fetch(instance, &bench.task, bench_document(&bench, "source"),
                              1000, &bench.error),
            &bench);
    assert_int_equal(answers.requests, 1);
    assert_int_equal(answers.validators, 1);
    assert_int_equal(answers.unchanged, 1);
    assert_int_equal(answers.emitted, 1);
    assert_int_equal(answers.seen, 1);
    mz_instance_close(instance);
    bench_finish(&bench);
}

static void test_first_extract(void **state)
{
    (void)state;
    struct bench bench;
    struct answers answers;
    serve(&bench, &answers);
    struct mz_instance *instance = bench_open(&bench, "good/extract_first.so");
    succeed(mz_instance_extract(instance, &bench.task, bench_document(&bench, "a"),
                                1000, &bench.error),
            &bench);
    assert_int_equal(answers.emitted, 2);
    assert_int_equal(answers.state.size, 1);
    mz_instance_close(instance);
    bench_finish(&bench);
}

static void test_first_store(void **state)
{
    (void)state;
    struct bench bench;
    struct answers answers;
    serve(&bench, &answers);
    struct mz_instance *instance = bench_open(&bench, "good/store_first.so");
    struct mizan_record *document = bench_document(&bench, "a");
    succeed(mz_instance_store(instance, &bench.task, &document, 1, 1000, &bench.error),
            &bench);
    succeed(mz_instance_finish_unit(instance, &bench.task, 1000, &bench.error), &bench);
    mz_instance_discard_unit(instance, &bench.task);
    assert_int_equal(answers.upserts, 1);
    assert_int_equal(answers.queries, 1);
    assert_int_equal(answers.finished, 1);
    assert_int_equal(answers.discarded, 1);
    mz_instance_close(instance);
    bench_finish(&bench);
}

/* ---- later plugins ---- */

/* What the plugin found, extracting with `host` as its table. */
static int64_t found_with(struct bench *bench, const struct mizan_host *host)
{
    void *instance = NULL;
    struct mizan_value value;
    struct mizan_record *document = bench_document(bench, "a");
    const struct mizan_plugin *plugin =
        mz_plugin_descriptor(bench_load(bench, "good/extract_newer.so"));
    assert_int_equal(plugin->open(host, &bench->task, NULL, &instance), MIZAN_OK);
    assert_int_equal(plugin->extract(instance, &bench->task, document), MIZAN_OK);
    plugin->close(instance);
    assert_int_equal(mz_host_table()->record_get(document, "found", &value), 1);
    return value.as.integer;
}

static void test_later_plugin_with_this_host(void **state)
{
    (void)state;
    struct bench bench;
    struct answers answers;
    serve(&bench, &answers);
    assert_int_equal(found_with(&bench, mz_host_table()), 3);
    assert_int_equal(answers.observed_count, 1);
    assert_int_equal(answers.observed_sum, 7);
    bench_finish(&bench);
}

/* The table is no byte longer than it was then: a look behind it would be seen. */
static void test_later_plugin_with_the_first_host(void **state)
{
    (void)state;
    struct bench bench;
    struct answers answers;
    serve(&bench, &answers);
    struct mizan_host now = *mz_host_table();
    now.size = FIRST_TABLE;
    now.abi_minor = 0;
    void *first = malloc(FIRST_TABLE);
    assert_non_null(first);
    memcpy(first, &now, FIRST_TABLE);
    assert_int_equal(found_with(&bench, first), 0);
    assert_int_equal(answers.observed_count, 0);
    free(first);
    bench_finish(&bench);
}

/* Options that are longer than ours are read by their own step. */
static void test_later_options(void **state)
{
    (void)state;
    struct bench bench;
    struct mizan_options *options = NULL;
    bench_init(&bench);
    struct mz_schema schema =
        mz_plugin_schema(bench_load(&bench, "good/extract_newer.so"));
    assert_int_equal(schema.count, 2);
    assert_string_equal(mz_schema_option(&schema, 1).name, "second");
    succeed(mz_options_default(bench.arena, &schema, &options, &bench.error), &bench);
    assert_int_equal(mz_option(options, "second")->as.integer, 65536);
    bench_finish(&bench);
}

static void test_host_that_is_too_old(void **state)
{
    (void)state;
    struct bench bench;
    char path[MZ_PATH];
    char host_has[64];
    struct mz_plugin *plugin = NULL;
    bench_init(&bench);
    assert_int_equal(mz_plugin_load(bench.registry,
                                    plugin_path(path, "bad/extract_future.so"), &plugin,
                                    &bench.error),
                     MZ_PLUGIN_REFUSED);
    assert_says(bench.error.message, "needs ABI 1.99");
    snprintf(host_has, sizeof host_has, "this mizan has %d.%d", MIZAN_ABI_MAJOR,
             MIZAN_ABI_MINOR);
    assert_says(bench.error.message, host_has);
    assert_says(bench.error.help, "newer mizan");
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_fetch),
        cmocka_unit_test(test_first_extract),
        cmocka_unit_test(test_first_store),
        cmocka_unit_test(test_later_plugin_with_this_host),
        cmocka_unit_test(test_later_plugin_with_the_first_host),
        cmocka_unit_test(test_later_options),
        cmocka_unit_test(test_host_that_is_too_old),
    };
    return cmocka_run_group_tests_name("abi_compatibility", tests, NULL, NULL);
}
