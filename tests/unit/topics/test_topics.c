/* Which topic, parties, work and origin a figure gets, in the surroundings of a task.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mizan/plugin.h"
#include "plug/task.h"
#include "value/json.h"
#include "value/options.h"
#include "value/record.h"

extern const struct mizan_plugin mizan_plugin_v1;

static const char data[] =
    "{\"data\":{\"topics\":{"
    "\"grain_out\":{\"kind\":\"money\",\"unit\":\"USD\",\"stage\":\"delivered\","
    "\"from\":\"AAA\",\"to\":\"BBB\",\"returns\":\"grain_back\","
    "\"mentions\":[\"AAA\",\"BBB\"],\"others\":[\"CCC\"],"
    "\"near\":{\"en\":[\"grain\",\"shipped\"],\"ar\":[\"حبوب\"]},"
    "\"exclude\":{\"en\":[\"budget\"]}},"
    "\"grain_back\":{\"kind\":\"money\",\"unit\":\"USD\",\"from\":\"BBB\",\"to\":"
    "\"AAA\","
    "\"near\":{\"en\":[\"in return\",\"received\"],\"ar\":[\"المقابل\"]}},"
    "\"people\":{\"kind\":\"count\",\"counted\":{\"en\":[\"worker\"]}},"
    "\"hurt\":{\"kind\":\"count\",\"beats\":[\"people\"],\"near\":{\"en\":[\"injured\"]"
    "},"
    "\"origins\":[\"UNI\"]}},"
    "\"entities\":{"
    "\"AAA\":{\"kind\":\"country\",\"name\":\"Alland\",\"aliases\":{\"en\":[\"Alland\"]"
    ","
    "\"ar\":[\"ألاند\"]}},"
    "\"BBB\":{\"kind\":\"country\",\"name\":\"Bellia\",\"aliases\":{\"en\":[\"Bellia\"]"
    ","
    "\"ar\":[\"بيليا\"]}},"
    "\"CCC\":{\"kind\":\"country\",\"name\":\"Cedora\",\"aliases\":{\"en\":[\"Cedora\"]"
    "}},"
    "\"UNI\":{\"kind\":\"organization\",\"name\":\"Harbour University\","
    "\"aliases\":{\"en\":[\"Harbour University\"]},"
    "\"generic\":{\"en\":[\"university\"]}}},"
    "\"works\":{"
    "\"w1\":{\"title\":\"Study 1\",\"publisher\":\"UNI\",\"issued\":\"2024-03\","
    "\"topics\":[\"grain_out\",\"grain_back\"]},"
    "\"w2\":{\"title\":\"Study 2\",\"publisher\":\"UNI\",\"issued\":\"2025-03\","
    "\"topics\":[\"grain_out\",\"grain_back\"],"
    "\"generic\":{\"en\":[\"study\"]},"
    "\"previous\":{\"en\":[\"a year earlier\"]},"
    "\"words\":{\"en\":[\"2025 edition\"]}}},"
    "\"breaks\":{\"en\":[\"but\"]},\"joins\":{\"en\":[\"and\"]},"
    "\"fronts\":{\"ar\":[\"و\"]}}}";

struct scene {
    struct mz_arena *arena;
    struct mizan_task task;
    struct mz_error error;
    void *instance;
    struct mizan_record *emitted[256];
    size_t count;
    atomic_int cancel;
};

static int32_t emit(struct mizan_task *task, struct mizan_record *record)
{
    struct scene *scene = task->context;
    assert_true(scene->count < 256);
    scene->emitted[scene->count++] = record;
    return MIZAN_OK;
}

static const struct mz_services services = {.emit = emit};

static int32_t open_with(struct scene *scene, const char *json)
{
    struct mizan_value given;
    struct mz_schema schema = {"topics", mizan_plugin_v1.options,
                               mizan_plugin_v1.option_count,
                               mizan_plugin_v1.option_size};
    struct mizan_options *options;
    assert_int_equal(
        mz_json_parse(scene->arena, json, strlen(json), &given, &scene->error), MZ_OK);
    assert_int_equal(mz_options_check(scene->arena, &schema, &given, "/tmp", &options,
                                      NULL, &scene->error),
                     MZ_OK);
    return mizan_plugin_v1.open(mz_host_table(), &scene->task, options,
                                &scene->instance);
}

static int set_up(void **state)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    scene.arena = mz_arena_create((size_t)64 << 20);
    scene.task = (struct mizan_task){.services = &services,
                                     .context = &scene,
                                     .arena = scene.arena,
                                     .error = &scene.error,
                                     .cancel = &scene.cancel};
    *state = &scene;
    return scene.arena == NULL;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    if (scene->instance != NULL) {
        mizan_plugin_v1.close(scene->instance);
    }
    mz_arena_destroy(scene->arena);
    return 0;
}

static int with_data(void **state)
{
    int status = set_up(state);
    struct scene *scene = *state;
    if (status == 0 && open_with(scene, data) != MIZAN_OK) {
        print_error("%s\n", scene->error.message);
        return -1;
    }
    return status;
}

static void set(struct mizan_record *record, const char *name, struct mizan_value value)
{
    assert_int_equal(mz_record_put(record, name, &value), MIZAN_OK);
}

#define LEAD "Harbour University looked at Alland and Bellia. "

/* The figure is the part of the sentence in [brackets]; `source` may be NULL. Gives
 * "topic from>to work origin", '-' for none. */
static const char *judge(struct scene *scene, const char *kind, const char *counted,
                         const char *sentence, const char *source)
{
    static char out[200];
    char text[1000];
    const char *open = strchr(sentence, '['), *close = strchr(sentence, ']');
    size_t lead = strlen(LEAD), start = lead + (size_t)(open - sentence);
    size_t end = start + (size_t)(close - open) - 1;
    snprintf(text, sizeof text, "%s%.*s%.*s%s", LEAD, (int)(open - sentence), sentence,
             (int)(close - open - 1), open + 1, close + 1);
    struct mizan_record *document = mz_record_create(scene->arena, "document");
    struct mizan_record *figure = mz_record_create(scene->arena, "figure");
    set(document, "text", mz_text(mz_arena_string(scene->arena, text)));
    set(document, "lang", mz_text("en"));
    set(document, "published", mz_time(INT64_C(1748736000000))); /* 2025-06-01 */
    set(figure, "kind", mz_text(kind));
    set(figure, "text",
        mz_text(mz_arena_copy(scene->arena, text + start, end - start)));
    set(figure, "start", mz_integer((int64_t)start));
    set(figure, "end", mz_integer((int64_t)end));
    struct mizan_value span[2] = {mz_integer((int64_t)lead),
                                  mz_integer((int64_t)strlen(text))};
    set(figure, "sentence",
        (struct mizan_value){.type = MIZAN_LIST, .as.list = {span, 2}});
    if (strcmp(kind, "money") == 0) {
        set(figure, "unit", mz_text("USD"));
    }
    if (counted != NULL) {
        set(figure, "counted", mz_text(counted));
    }
    if (source != NULL) {
        struct mizan_field name = {.name = {"name", 4}, .value = mz_text(source)};
        struct mizan_value hop = {.type = MIZAN_MAP, .as.map = {&name, 1}};
        set(figure, "source",
            (struct mizan_value){.type = MIZAN_LIST, .as.list = {&hop, 1}});
    }
    scene->count = 0;
    assert_int_equal(mizan_plugin_v1.extract(scene->instance, &scene->task, document),
                     MIZAN_OK);
    assert_int_equal(mizan_plugin_v1.extract(scene->instance, &scene->task, figure),
                     MIZAN_OK);
    const char *names[] = {"topic", "from", "to", "work", "origin"}, *texts[5];
    for (size_t i = 0; i < 5; i++) {
        const struct mizan_value *value = mz_record_find(figure, names[i]);
        texts[i] = value == NULL ? "-" : value->as.text.data;
    }
    snprintf(out, sizeof out, "%s %s>%s %s %s", texts[0], texts[1], texts[2], texts[3],
             texts[4]);
    return out;
}

static void the_nearest_words_decide(void **state)
{
    assert_string_equal(
        judge(*state, "money", NULL,
              "Alland shipped grain worth [9 billion dollars] but received only one.",
              NULL),
        "grain_out AAA>BBB w2 UNI");
    assert_string_equal(
        judge(*state, "money", NULL,
              "Alland shipped grain but received [one billion dollars].", NULL),
        "grain_back BBB>AAA w2 UNI");
    assert_string_equal(
        judge(*state, "money", NULL, "The harbour cost [9 billion dollars].", NULL),
        "- ->- - -");
}

static void kinds_and_exclusions_rule_out(void **state)
{
    assert_string_equal(judge(*state, "count", NULL,
                              "Alland shipped grain worth [9 billion dollars].", NULL),
                        "- ->- - -");
    assert_string_equal(
        judge(*state, "money", NULL, "The grain budget is [9 billion dollars].", NULL),
        "- ->- - -");
    /* Another giver stands nearer. */
    assert_string_equal(judge(*state, "money", NULL,
                              "Alland knows: grain from Cedora cost [9 dollars].",
                              NULL),
                        "- ->- - -");
}

static void what_became_of_them_beats_who_they_are(void **state)
{
    assert_string_equal(
        judge(*state, "count", "workers", "The yard has [300] workers.", NULL),
        "people ->- - -");
    assert_string_equal(
        judge(*state, "count", "workers", "[300] workers were injured.", NULL),
        "hurt ->- - -");
    assert_string_equal(judge(*state, "count", "workers",
                              "[300] workers were injured, the university says.",
                              "the university"),
                        "hurt ->- - UNI");
}

static void a_work_is_the_last_that_was_out(void **state)
{
    assert_string_equal(
        judge(*state, "money", NULL,
              "A year earlier Alland had shipped grain worth [9 dollars].", NULL),
        "grain_out AAA>BBB w1 UNI");
    assert_string_equal(
        judge(*state, "money", NULL,
              "Alland shipped grain worth [9 dollars], a minister said.", "a minister"),
        "grain_out AAA>BBB - -");
    assert_string_equal(judge(*state, "money", NULL,
                              "Alland shipped grain worth [9 dollars], the study says.",
                              "the study"),
                        "grain_out AAA>BBB w2 UNI");
}

static void rows_come_once_and_before_what_needs_them(void **state)
{
    struct scene *scene = *state;
    size_t topics = 0, works = 0, entities = 0;
    judge(scene, "money", NULL, "Alland shipped grain worth [9 dollars].", NULL);
    for (size_t i = 0; i < scene->count; i++) {
        const char *type = mz_record_type(scene->emitted[i]);
        topics += strcmp(type, "topic") == 0;
        works += strcmp(type, "work") == 0;
        entities += strcmp(type, "entity") == 0;
    }
    assert_int_equal(topics, 2); /* the flow and the one that it returns */
    assert_int_equal(works, 1);
    assert_int_equal(entities, 3);
    assert_string_equal(mz_record_type(scene->emitted[0]), "document");
    assert_string_equal(mz_record_type(scene->emitted[scene->count - 1]), "figure");
}

static void a_figure_of_another_document_is_refused(void **state)
{
    struct scene *scene = *state;
    struct mizan_record *figure;
    judge(scene, "money", NULL, "Alland shipped grain worth [9 dollars].", NULL);
    figure = mz_record_create(scene->arena, "figure");
    set(figure, "text", mz_text("7 dollars"));
    set(figure, "start", mz_integer(3));
    set(figure, "end", mz_integer(12));
    assert_int_equal(mizan_plugin_v1.extract(scene->instance, &scene->task, figure),
                     MIZAN_ERROR_INPUT);
}

static void wrong_data_are_named(void **state)
{
    static const char *const wrong[][2] = {
        {"{\"data\":{\"topics\":{}}}", "no topic"},
        {"{\"data\":{\"topics\":{\"t\":{\"near\":{}}}}}", "`t`: `kind`"},
        {"{\"data\":{\"topics\":{\"t\":{\"kind\":\"money\",\"near\":[\"x\"]}}}}",
         "`t`: `near` is not a table language = { words }"},
        {"{\"data\":{\"topics\":{\"t\":{\"kind\":\"money\",\"from\":\"X\"}}}}",
         "`t`: `from` is not one of the entities"},
        {"{\"data\":{\"topics\":{\"t\":{\"kind\":\"money\",\"beats\":[\"u\"]}}}}",
         "`t`: `beats` is not one of the topics"}};
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(open_with(scene, wrong[i][0]), MIZAN_ERROR_OPTION);
        if (strstr(scene->error.message, wrong[i][1]) == NULL) {
            fail_msg("%s: %s", wrong[i][0], scene->error.message);
        }
    }
}

int main(void)
{
#define DATA(name) cmocka_unit_test_setup_teardown(name, with_data, tear_down)
    const struct CMUnitTest tests[] = {
        DATA(the_nearest_words_decide),
        DATA(kinds_and_exclusions_rule_out),
        DATA(what_became_of_them_beats_who_they_are),
        DATA(a_work_is_the_last_that_was_out),
        DATA(rows_come_once_and_before_what_needs_them),
        DATA(a_figure_of_another_document_is_refused),
        cmocka_unit_test_setup_teardown(wrong_data_are_named, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
