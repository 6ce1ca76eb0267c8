/* The services that the host table answers itself, and how it passes on the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#undef fail /* the macro of cmocka hides host->fail */

#include "base/clock.h"
#include "plug/task.h"
#include "value/digest.h"
#include "value/record.h"

struct scene {
    struct mz_arena *arena;
    struct mizan_task task;
    struct mz_error error;
    atomic_int cancel;
    int64_t counted;
    const char *asked; /* which service was called */
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL) {
        return 1;
    }
    scene->arena = mz_arena_create((size_t)1024 * 1024);
    scene->task.arena = scene->arena;
    scene->task.context = scene;
    scene->task.plugin = "extract.figures";
    scene->task.stage = "figures";
    scene->task.error = &scene->error;
    scene->task.cancel = &scene->cancel;
    *state = scene;
    return scene->arena == NULL;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    mz_arena_destroy(scene->arena);
    free(scene);
    return 0;
}

static void test_fail_writes_the_sentence(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    assert_int_equal(host->fail(&scene->task, MIZAN_ERROR_INPUT, "%s at %d", "odd", 7),
                     MIZAN_ERROR_INPUT);
    assert_int_equal(scene->error.code, MZ_INPUT);
    assert_string_equal(scene->error.message, "extract.figures: odd at 7");
    /* A failure is never a success, whatever the plugin says. */
    assert_int_equal(host->fail(&scene->task, MIZAN_OK, "fine"), MIZAN_ERROR_FAILED);
    assert_int_equal(host->fail(&scene->task, 3, "fine"), MIZAN_ERROR_FAILED);
    assert_int_equal(scene->error.code, MZ_INTERNAL);
    scene->task.plugin = NULL;
    scene->task.error = NULL;
    assert_int_equal(host->fail(&scene->task, MIZAN_ERROR_LIMIT, "x"),
                     MIZAN_ERROR_LIMIT);
}

static void test_fail_cuts_what_is_too_long(void **state)
{
    struct scene *scene = *state;
    char text[5000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(
        mz_host_table()->fail(&scene->task, MIZAN_ERROR_FAILED, "%s", text),
        MIZAN_ERROR_FAILED);
    assert_int_equal(strlen(scene->error.message), sizeof scene->error.message - 1);
}

static void test_memory(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    assert_non_null(host->alloc(&scene->task, 100));
    size_t used = mz_arena_used(scene->arena);
    uint64_t mark = host->arena_mark(&scene->task);
    assert_non_null(host->alloc(&scene->task, 10000));
    host->arena_release(&scene->task, mark);
    assert_int_equal(mz_arena_used(scene->arena), used);
    assert_null(host->alloc(&scene->task, (size_t)2 * 1024 * 1024));
}

static void test_time(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    mz_clock_set(INT64_C(1756890000000));
    assert_int_equal(host->now(&scene->task), INT64_C(1756890000000));
    mz_clock_set(-1);
    assert_true(host->remaining(&scene->task) == INT64_MAX);
    assert_int_equal(host->cancelled(&scene->task), 0);
    scene->task.deadline = mz_clock_monotonic() + 1000000;
    assert_true(host->remaining(&scene->task) > 0);
    assert_true(host->remaining(&scene->task) <= 1000000);
    assert_int_equal(host->cancelled(&scene->task), 0);
    scene->task.deadline = 1; /* has passed */
    assert_int_equal(host->remaining(&scene->task), 0);
    assert_int_equal(host->cancelled(&scene->task), 1);
    scene->task.deadline = 0;
    atomic_store(&scene->cancel, 15);
    assert_int_equal(host->cancelled(&scene->task), 1);
    scene->task.cancel = NULL;
    assert_int_equal(host->cancelled(&scene->task), 0);
}

static void test_records(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    struct mizan_value value = mz_integer(7);
    struct mizan_value found;
    struct mizan_field field;
    mizan_record *record = host->record_new(&scene->task, "row");
    assert_non_null(record);
    assert_string_equal(host->record_type(record), "row");
    assert_int_equal(host->record_set(record, "a", &value), MIZAN_OK);
    assert_int_equal(host->record_get(record, "a", &found), 1);
    assert_int_equal(found.as.integer, 7);
    assert_int_equal(host->record_get(record, "b", &found), 0);
    assert_int_equal(found.type, MIZAN_NIL);
    host->record_field(record, 0, &field);
    assert_int_equal(field.name.size, 1);
    assert_memory_equal(field.name.data, "a", 1);
    assert_int_equal(field.value.as.integer, 7);
    host->record_field(record, 1, &field); /* there is none */
    assert_int_equal(field.name.size, 0);
    assert_int_equal(field.value.type, MIZAN_NIL);
    value.type = 99;
    assert_int_equal(host->record_set(record, "a", &value), MIZAN_ERROR_FAILED);
    assert_int_equal(host->record_set(record, "", &value), MIZAN_ERROR_FAILED);
    assert_int_equal(host->record_set(NULL, "a", &value), MIZAN_ERROR_FAILED);
    assert_int_equal(host->record_set(record, "a", NULL), MIZAN_OK);
    assert_int_equal(host->record_count(record), 0);
    assert_null(host->record_new(&scene->task, NULL));
}

static void test_locators(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    struct mizan_locator locator = {.kind = MIZAN_LOCATOR_SPAN, .a = 3, .b = 9};
    struct mizan_locator found;
    mizan_record *record = host->record_new(&scene->task, "figure");
    host->record_locator(record, &found);
    assert_int_equal(found.kind, MIZAN_LOCATOR_NONE);
    assert_int_equal(host->record_set_locator(record, &locator), MIZAN_OK);
    host->record_locator(record, &found);
    assert_int_equal(found.kind, MIZAN_LOCATOR_SPAN);
    assert_int_equal(found.a, 3);
    assert_int_equal(found.b, 9);
    locator.kind = 5;
    assert_int_equal(host->record_set_locator(record, &locator), MIZAN_ERROR_FAILED);
    assert_int_equal(host->record_set_locator(record, NULL), MIZAN_OK);
    host->record_locator(record, &found);
    assert_int_equal(found.kind, MIZAN_LOCATOR_NONE);
}

static void test_options_and_folder(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    struct mizan_value value = mz_integer(1);
    assert_int_equal(host->option(NULL, "first", &value), MIZAN_OK);
    assert_int_equal(value.type, MIZAN_NIL);
    assert_string_equal(host->plugin_folder(&scene->task), "");
    scene->task.folder = "/opt/plugins";
    assert_string_equal(host->plugin_folder(&scene->task), "/opt/plugins");
}

static void test_ids(void **state)
{
    (void)state;
    const struct mizan_host *host = mz_host_table();
    const struct mizan_slice parts[] = {{"a", 1}, {"b", 1}};
    char id[MZ_ID_TEXT];
    char expected[MZ_DIGEST_TEXT];
    assert_int_equal(host->hash_id(parts, 2, id), MIZAN_OK);
    mz_digest("a\x1f"
              "b",
              3, expected);
    assert_int_equal(strlen(id), 32);
    assert_memory_equal(id, expected, 32);
    assert_int_equal(host->hash_id(NULL, 2, id), MIZAN_ERROR_FAILED);
    assert_int_equal(host->hash_id(parts, 0, id), MIZAN_ERROR_FAILED);
}

/* ---- services of the task ---- */

#define NOTE(task, name) (((struct scene *)(task)->context)->asked = (name), -7)

static int32_t note_emit(struct mizan_task *task, struct mizan_record *record)
{
    (void)record;
    return NOTE(task, "emit");
}
static int32_t note_http(struct mizan_task *task,
                         const struct mizan_http_request *request,
                         struct mizan_http_response *response)
{
    (void)request;
    (void)response;
    return NOTE(task, "http");
}
static int32_t note_unchanged(struct mizan_task *task, const char *url)
{
    (void)url;
    return NOTE(task, "unchanged");
}
static int32_t note_validators(struct mizan_task *task,
                               const struct mizan_http_response *response)
{
    (void)response;
    return NOTE(task, "keep_validators");
}
static int32_t note_get(struct mizan_task *task, const char *key,
                        struct mizan_slice *out)
{
    (void)key;
    (void)out;
    return NOTE(task, "state_get");
}
static int32_t note_set(struct mizan_task *task, const char *key,
                        struct mizan_slice value)
{
    (void)key;
    (void)value;
    return NOTE(task, "state_set");
}
static int32_t note_secret(struct mizan_task *task, const char *name,
                           struct mizan_slice *out)
{
    (void)name;
    (void)out;
    return NOTE(task, "secret");
}
static int32_t note_upsert(struct mizan_task *task, const char *table,
                           const struct mizan_record *record)
{
    (void)table;
    (void)record;
    return NOTE(task, "db_upsert");
}
static int32_t note_query(struct mizan_task *task, const char *name,
                          const struct mizan_value *arguments, struct mizan_value *rows)
{
    (void)name;
    (void)arguments;
    (void)rows;
    return NOTE(task, "db_query");
}
static void note_count(struct mizan_task *task, const char *name, int64_t delta)
{
    (void)name;
    ((struct scene *)task->context)->counted += delta;
}

static const struct mz_services all = {
    .emit = note_emit,
    .http = note_http,
    .unchanged = note_unchanged,
    .keep_validators = note_validators,
    .state_get = note_get,
    .state_set = note_set,
    .secret = note_secret,
    .db_upsert = note_upsert,
    .db_query = note_query,
    .count = note_count,
};

/* Asks for each service; all answer `status`, and each is the one that was asked. */
static void ask_for_all(struct scene *scene, int32_t status, bool named)
{
    const struct mizan_host *host = mz_host_table();
    struct mizan_task *task = &scene->task;
    struct mizan_slice slice = {"", 0};
    struct mizan_value value = mz_nil();
    struct mizan_http_request request = {.size = sizeof request};
    struct mizan_http_response response = {.size = sizeof response};
#define ASK(name, call)                                                                \
    do {                                                                               \
        scene->asked = "";                                                             \
        scene->error.message[0] = '\0';                                                \
        assert_int_equal(call, status);                                                \
        assert_string_equal(scene->asked, named ? (name) : "");                        \
        assert_true(named == (strstr(scene->error.message, name) == NULL));            \
    } while (0)
    ASK("emit", host->emit(task, NULL));
    ASK("http", host->http(task, &request, &response));
    ASK("unchanged", host->unchanged(task, "https://a"));
    ASK("keep_validators", host->keep_validators(task, &response));
    ASK("state_get", host->state_get(task, "k", &slice));
    ASK("state_set", host->state_set(task, "k", slice));
    ASK("secret", host->secret(task, "k", &slice));
    ASK("db_upsert", host->db_upsert(task, "figure", NULL));
    ASK("db_query", host->db_query(task, "ratio", &value, &value));
}

static void test_services_are_passed_on(void **state)
{
    struct scene *scene = *state;
    scene->task.services = &all;
    ask_for_all(scene, -7, true);
}

static void test_missing_services_say_so(void **state)
{
    struct scene *scene = *state;
    static const struct mz_services none = {.emit = NULL};
    ask_for_all(scene, MIZAN_ERROR_UNSUPPORTED, false);
    scene->task.services = &none;
    ask_for_all(scene, MIZAN_ERROR_UNSUPPORTED, false);
    assert_int_equal(scene->error.code, MZ_PLUGIN_REFUSED);
}

static void test_counters_have_plain_names(void **state)
{
    struct scene *scene = *state;
    const struct mizan_host *host = mz_host_table();
    host->count(&scene->task, "pages", 1); /* nobody counts: no harm */
    scene->task.services = &all;
    host->count(&scene->task, "pages_read", 2);
    assert_int_equal(scene->counted, 2);
    host->count(&scene->task, "Pages", 2);
    host->count(&scene->task, "pages read", 2);
    host->count(&scene->task, "", 2);
    host->count(&scene->task, NULL, 2);
    assert_int_equal(scene->counted, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fail_writes_the_sentence),
        TEST(test_fail_cuts_what_is_too_long),
        TEST(test_memory),
        TEST(test_time),
        TEST(test_records),
        TEST(test_locators),
        TEST(test_options_and_folder),
        TEST(test_ids),
        TEST(test_services_are_passed_on),
        TEST(test_missing_services_say_so),
        TEST(test_counters_have_plain_names),
    };
    return cmocka_run_group_tests_name("plug_host", tests, NULL, NULL);
}
