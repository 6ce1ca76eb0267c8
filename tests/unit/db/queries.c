/* The named queries: on nothing, and on a study's two flows as outlets print them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/summary.h"
#include "support.h"

#define CASE_CEILING ((size_t)1 << 20)

/* Loads case.sql: a statement ends where a line ends with `;`. */
static int with_case(void **state)
{
    struct fixture *fixture;
    char *text = NULL;
    size_t size = 0;

    if (fixture_open(state) != 0) {
        return -1;
    }
    fixture = *state;
    if (mz_file_read(MZ_TEST_CASE, CASE_CEILING, &text, &size, &fixture->error) !=
        MZ_OK) {
        return -1;
    }
    for (char *at = text; *at != '\0';) {
        char *end = strstr(at, ";\n");

        assert_non_null(end);
        *end = '\0';
        execute(fixture, at);
        at = end + 2;
    }
    free(text);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_summary_rebuild(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    /* As `mizan query` asks: read only, by the rules for users. */
    mz_db_close(fixture->db);
    fixture->db = NULL;
    return mz_db_open(fixture->path, MZ_DB_RESTRICTED, &fixture->db, &fixture->error) ==
                   MZ_OK
               ? 0
               : -1;
}

static struct mizan_value run_with(struct fixture *fixture, const char *name,
                                   const char *parameter, struct mizan_value argument)
{
    const struct mz_named_query *query = mz_named_query(name, NULL);
    struct mizan_field field = {.value = argument};
    struct mizan_value map = {.type = MIZAN_MAP}, rows;

    assert_non_null(query);
    if (parameter != NULL) {
        field.name = (struct mizan_slice){parameter, strlen(parameter)};
        map.as.map.fields = &field;
        map.as.map.count = 1;
    }
    must(fixture,
         mz_db_named(fixture->db, query, &map, fixture->arena, &rows, &fixture->error));
    assert_int_equal(rows.type, MIZAN_LIST);
    return rows;
}

static struct mizan_value run(struct fixture *fixture, const char *name)
{
    return run_with(fixture, name, NULL, mz_nil());
}

static const struct mizan_value *cell(const struct mizan_value *rows, size_t row,
                                      const char *name)
{
    const struct mizan_value *value;

    assert_true(row < rows->as.list.count);
    value = mz_map_member(&rows->as.list.items[row], name);
    if (value == NULL) {
        fail_msg("no column %s", name);
    }
    return value;
}

static void text_is(const struct mizan_value *rows, size_t row, const char *name,
                    const char *expected)
{
    const struct mizan_value *value = cell(rows, row, name);

    if (!mz_value_is(value, expected)) {
        fail_msg("row %zu, %s: '%.*s' and not '%s'", row, name,
                 value->type == MIZAN_TEXT ? (int)value->as.text.size : 3,
                 value->type == MIZAN_TEXT ? value->as.text.data : "nil", expected);
    }
}

static void number_is(const struct mizan_value *rows, size_t row, const char *name,
                      double expected)
{
    const struct mizan_value *value = cell(rows, row, name);
    double got =
        value->type == MIZAN_INTEGER ? (double)value->as.integer : value->as.number;

    assert_true(value->type == MIZAN_INTEGER || value->type == MIZAN_DOUBLE);
    assert_true(fabs(got - expected) < 1e-9 * (1 + fabs(expected)));
}

static void nil_is(const struct mizan_value *rows, size_t row, const char *name)
{
    assert_int_equal(cell(rows, row, name)->type, MIZAN_NIL);
}

static void each_has_a_head(void **state)
{
    static const char *const names[] = {
        "latest",  "who",       "series",      "conflicts", "revisions",
        "ratio",   "echoes",    "distortions", "changes",   "conversions",
        "figures", "documents", "runs",        "dead",      "review"};
    const char *nearest = NULL;

    (void)state;
    for (size_t i = 0; i < MZ_COUNT(names); i++) {
        const struct mz_named_query *query = mz_named_query(names[i], &nearest);

        assert_non_null(query);
        assert_null(nearest);
        assert_true(query->about[0] != '\0');
        for (size_t p = 0; p < query->parameter_count; p++) {
            assert_true(query->parameters[p].name[0] != '\0');
            assert_true(query->parameters[p].help[0] != '\0');
            assert_non_null(query->parameters[p].default_value);
        }
    }
    assert_int_equal(mz_named_query_count(), MZ_COUNT(names));
    assert_non_null(mz_named_query_at(0));
    assert_null(mz_named_query_at(MZ_COUNT(names)));
    assert_null(mz_named_query("ratios", &nearest));
    assert_string_equal(nearest, "ratio");
}

static void each_runs_on_nothing(void **state)
{
    for (size_t i = 0; i < mz_named_query_count(); i++) {
        struct mizan_value rows = run(*state, mz_named_query_at(i)->name);

        assert_int_equal(rows.as.list.count, 0);
    }
}

static void each_runs_on_the_case(void **state)
{
    for (size_t i = 0; i < mz_named_query_count(); i++) {
        struct mizan_value rows = run(*state, mz_named_query_at(i)->name);

        if (rows.as.list.count == 0) {
            fail_msg("%s gives no row", mz_named_query_at(i)->name);
        }
        rows = run_with(*state, mz_named_query_at(i)->name, "limit", mz_text("1"));
        assert_int_equal(rows.as.list.count, 1);
    }
}

static void the_ratio_names_its_inputs(void **state)
{
    struct mizan_value rows = run(*state, "ratio");

    assert_int_equal(rows.as.list.count, 4);
    text_is(&rows, 0, "scope", "article");
    text_is(&rows, 0, "who", "AR");
    text_is(&rows, 0, "ratio", "8.2 to 21.4");
    number_is(&rows, 0, "ratio_low", 8.2);
    number_is(&rows, 0, "ratio_high", 21.4);
    text_is(&rows, 0, "out_said", "9.8 مليار دولار");
    text_is(&rows, 0, "back_said", "457 مليون إلى 1.19 مليار دولار");
    text_is(&rows, 0, "url", "https://ar.example/1");
    /* An article that gives no lower edge gets none. */
    text_is(&rows, 1, "who", "DE");
    text_is(&rows, 1, "ratio", "up to 21.8");
    nil_is(&rows, 1, "out_low");
    nil_is(&rows, 1, "ratio_low");
    /* Two figures of one article are one interval; its other flow has one edge. */
    text_is(&rows, 2, "who", "EN");
    text_is(&rows, 2, "ratio", "at least 4.7");
    text_is(&rows, 2, "out_said", "at least $5.6bn · up to $9.8bn");
    number_is(&rows, 2, "out_low", 5.6e9);
    number_is(&rows, 2, "out_high", 9.8e9);
    nil_is(&rows, 2, "ratio_high");
    /* The study's whole interval, from edges that different articles kept. */
    text_is(&rows, 3, "scope", "work");
    text_is(&rows, 3, "who", "The study, 2025");
    text_is(&rows, 3, "ratio", "4.7 to 21.4");
    number_is(&rows, 3, "ratio_low", 4.7);
    number_is(&rows, 3, "ratio_high", 21.4);
    text_is(&rows, 3, "out_said", "5.6 billion to 9.8 billion");
    text_is(&rows, 3, "back_said", "457 million to 1.19 billion");
    number_is(&rows, 3, "out_low", 5.6e9);
    number_is(&rows, 3, "out_high", 9.8e9);
    number_is(&rows, 3, "back_low", 457e6);
    number_is(&rows, 3, "back_high", 1.19e9);
    rows = run_with(*state, "ratio", "topic", mz_text("killed"));
    assert_int_equal(rows.as.list.count, 0);
}

static void figures_read_well(void **state)
{
    struct mizan_value rows = run_with(*state, "figures", "lang", mz_text("en"));

    assert_int_equal(rows.as.list.count, 7);
    text_is(&rows, 0, "outlet", "COPY");
    text_is(&rows, 1, "amount", "at least 5.6 billion USD");
    text_is(&rows, 2, "amount", "at most 9.8 billion USD");
    text_is(&rows, 4, "amount", "about 2000");
    text_is(&rows, 4, "source", "EN < NK News < National Intelligence Service");
    text_is(&rows, 5, "amount", "from 1 million");
    text_is(&rows, 5, "counted", "shells");
    text_is(&rows, 6, "amount", "1.7 billion to 5.5 billion USD");
    rows = run_with(*state, "figures", "kind", mz_text("percent"));
    assert_int_equal(rows.as.list.count, 1);
    text_is(&rows, 0, "amount", "7.25 percent per year");
    rows = run_with(*state, "figures", "topic", mz_text("killed"));
    assert_int_equal(rows.as.list.count, 2);
}

static void the_questions_have_their_answers(void **state)
{
    struct mizan_value rows = run(*state, "revisions");

    assert_int_equal(rows.as.list.count, 1);
    number_is(&rows, 0, "percent", 78.2);
    text_is(&rows, 0, "edition", "study-2025");
    rows = run(*state, "conflicts");
    assert_int_equal(rows.as.list.count, 1);
    text_is(&rows, 0, "topic", "killed");
    rows = run(*state, "conversions");
    assert_int_equal(rows.as.list.count, 1);
    number_is(&rows, 0, "quotient", 1003.03);
    rows = run(*state, "changes");
    assert_int_equal(rows.as.list.count, 1);
    text_is(&rows, 0, "was_bound", "exact");
    text_is(&rows, 0, "bound", "at_most");
    rows = run(*state, "distortions");
    assert_int_equal(rows.as.list.count, 1);
    text_is(&rows, 0, "outlet", "AR");
    rows = run(*state, "echoes");
    text_is(&rows, 0, "origin", "FND");
    number_is(&rows, 0, "outlets", 4);
    rows = run_with(*state, "echoes", "outlets", mz_integer(5));
    assert_int_equal(rows.as.list.count, 0);
    rows = run_with(*state, "latest", "topic", mz_text("arms_value"));
    assert_int_equal(rows.as.list.count, 1);
    text_is(&rows, 0, "edition", "study-2025");
    number_is(&rows, 0, "low", 5.6e9);
    number_is(&rows, 0, "high", 9.8e9);
    rows = run_with(*state, "who", "figure", mz_text("en4"));
    assert_int_equal(rows.as.list.count, 3);
    text_is(&rows, 2, "who", "The service");
    text_is(&rows, 2, "stance", "estimates");
}

static void wrong_arguments_are_named(void **state)
{
    static const struct {
        const char *name, *value, *words, *help;
    } wrong[] = {
        {"limt", "5", "'limt'", "'limit'"},
        {"limit", "many", "'many'", "most rows"},
        {"limit", "1.5", "'1.5'", "most rows"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < MZ_COUNT(wrong); i++) {
        struct mizan_field field = {
            .name = {wrong[i].name, strlen(wrong[i].name)},
            .value = mz_text(wrong[i].value),
        };
        struct mizan_value map = {.type = MIZAN_MAP, .as.map = {&field, 1}}, rows;

        assert_int_equal(mz_db_named(fixture->db, mz_named_query("figures", NULL), &map,
                                     fixture->arena, &rows, &fixture->error),
                         MZ_INPUT);
        assert_non_null(strstr(fixture->error.message, wrong[i].words));
        assert_non_null(strstr(fixture->error.help, wrong[i].help));
    }
}

int main(void)
{
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_stop)
#define CASE(name)  cmocka_unit_test_setup_teardown(name, with_case, fixture_stop)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_head), EMPTY(each_runs_on_nothing),
        CASE(each_runs_on_the_case),       CASE(the_ratio_names_its_inputs),
        CASE(figures_read_well),           CASE(the_questions_have_their_answers),
        CASE(wrong_arguments_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
