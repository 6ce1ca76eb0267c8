/* The tables hold what the contract of the figure record allows, exactly. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/engine.h"
#include "support.h"
#include "value/digest.h"

static const char *const kinds[] = {"money", "percent", "measure", "count",
                                    "ratio", "number",  "time",    "ordinal"};
static const char *const bounds[] = {"exact",   "range",     "at_least", "more_than",
                                     "at_most", "less_than", "vague"};

static void put(struct mizan_record *record, const char *name, struct mizan_value value)
{
    assert_int_equal(mz_record_put(record, name, &value), MIZAN_OK);
}

/* A figure whose numbers are decimals, as a store plugin gives them. */
static struct mizan_record *make_figure(struct fixture *fixture, const char *id,
                                        const char *document, const char *kind,
                                        const char *bound)
{
    struct mizan_record *record = make_record(
        fixture, "figure", "s:id", id, "s:document_id", document, "s:run_id", "run-1",
        "s:text_extractor", "article", "s:text_version", "1", "i:start_byte",
        INT64_C(10), "i:end_byte", INT64_C(20), "s:text", "about 1.19 billion",
        "s:kind", kind, "s:bound", bound, "d:confidence", 0.9, "s:extractor", "figures",
        "s:extractor_version", "1", "s:lang", "en", NULL);

    if (strcmp(bound, "range") == 0) {
        put(record, "low", mz_decimal_text("457000000", 9));
        put(record, "low_dec", mz_decimal_text("457000000", 9));
        put(record, "high", mz_decimal_text("1190000000", 10));
        put(record, "high_dec", mz_decimal_text("1190000000", 10));
    } else if (strcmp(bound, "vague") == 0) {
        put(record, "vague", mz_integer(1000000));
        put(record, "vague_dec", mz_decimal_text("1000000", 7));
    } else {
        put(record, "value", mz_decimal_text("1190000000.5", 12));
        put(record, "value_dec", mz_decimal_text("1190000000.5", 12));
    }
    if (strcmp(kind, "money") == 0) {
        put(record, "unit", mz_text("USD"));
    } else if (strcmp(kind, "count") == 0) {
        put(record, "counted", mz_text("\xd9\x85\xd9\x82\xd8\xa7\xd8\xaa\xd9\x84"));
    } else if (strcmp(kind, "ratio") == 0) {
        put(record, "fraction", mz_text("2/3"));
    } else if (strcmp(kind, "time") == 0) {
        put(record, "time", mz_text("2023/.."));
    }
    return record;
}

static struct mizan_value read_back(struct fixture *fixture, const char *id)
{
    struct mizan_value key = mz_text(id), rows;

    must(fixture, mz_db_rows(fixture->db, "SELECT * FROM figure WHERE id = $1", &key, 1,
                             fixture->arena, &rows, &fixture->error));
    assert_int_equal(rows.as.list.count, 1);
    return rows.as.list.items[0];
}

/* What was stored under `name` is what the record has: exact text, or the double. */
static void same(const struct mizan_record *record, const struct mizan_value *row,
                 const char *name)
{
    const struct mizan_value *gave = mz_record_find(record, name);
    const struct mizan_value *got = mz_map_member(row, name);

    assert_non_null(got);
    if (gave == NULL) {
        assert_int_equal(got->type, MIZAN_NIL);
    } else if (got->type == MIZAN_DOUBLE && gave->type == MIZAN_DECIMAL) {
        char digits[64];

        (void)snprintf(digits, sizeof digits, "%.*s", (int)gave->as.text.size,
                       gave->as.text.data);
        assert_true(fabs(got->as.number - strtod(digits, NULL)) == 0.0);
    } else if (got->type == MIZAN_DOUBLE && gave->type == MIZAN_INTEGER) {
        assert_true(fabs(got->as.number - (double)gave->as.integer) == 0.0);
    } else if (gave->type == MIZAN_DECIMAL) {
        assert_int_equal(got->type, MIZAN_TEXT);
        assert_int_equal(got->as.text.size, gave->as.text.size);
        assert_memory_equal(got->as.text.data, gave->as.text.data, got->as.text.size);
    } else {
        assert_true(mz_value_equal(gave, got));
    }
}

static void start(struct fixture *fixture, struct mz_document_row *document)
{
    struct mz_lease lease;

    begin_run(fixture, "run-1", &lease);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    store_document(fixture, document, "https://example.org/a", "body", NULL);
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
}

static void every_kind_and_bound_comes_back(void **state)
{
    static const char *const fields[] = {"id",
                                         "document_id",
                                         "run_id",
                                         "topic_id",
                                         "work_id",
                                         "text_extractor",
                                         "text_version",
                                         "start_byte",
                                         "end_byte",
                                         "locator",
                                         "text",
                                         "sentence_start",
                                         "lang",
                                         "kind",
                                         "bound",
                                         "value",
                                         "low",
                                         "high",
                                         "vague",
                                         "value_dec",
                                         "low_dec",
                                         "high_dec",
                                         "vague_dec",
                                         "side",
                                         "significant",
                                         "unit",
                                         "per",
                                         "counted",
                                         "fraction",
                                         "alt",
                                         "time",
                                         "as_of",
                                         "hedge",
                                         "change",
                                         "confidence",
                                         "extractor",
                                         "extractor_version"};
    struct fixture *fixture = *state;
    struct mz_document_row document;
    char id[64];

    start(fixture, &document);
    for (size_t k = 0; k < MZ_COUNT(kinds); k++) {
        for (size_t b = 0; b < MZ_COUNT(bounds); b++) {
            struct mizan_record *record;
            struct mizan_value row;

            (void)snprintf(id, sizeof id, "%s-%s", kinds[k], bounds[b]);
            record = make_figure(fixture, id, document.id, kinds[k], bounds[b]);
            must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
            row = read_back(fixture, id);
            for (size_t i = 0; i < MZ_COUNT(fields); i++) {
                same(record, &row, fields[i]);
            }
            assert_int_equal(mz_map_member(&row, "approx")->as.integer, 0);
            assert_int_equal(mz_map_member(&row, "is_current")->as.integer, 1);
        }
    }
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"),
                     MZ_COUNT(kinds) * MZ_COUNT(bounds));
    /* The ends that each bound leaves open. */
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM figure WHERE eff_low IS NULL"),
        2 * MZ_COUNT(kinds));
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM figure WHERE eff_high IS NULL"),
        3 * MZ_COUNT(kinds));
}

static void a_time_needs_no_number(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row document;
    struct mizan_record *record;

    start(fixture, &document);
    record = make_figure(fixture, "t", document.id, "time", "exact");
    put(record, "value", mz_nil());
    put(record, "value_dec", mz_nil());
    must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
    record = make_figure(fixture, "c", document.id, "count", "exact");
    put(record, "value", mz_nil());
    assert_int_equal(mz_db_upsert(fixture->db, "figure", record, &fixture->error),
                     MZ_INPUT);
}

static void the_decimal_is_the_truth(void **state)
{
    static const char *const exact[] = {"12345678901234567890.12", "0.1", "-0.3312",
                                        "99999999999999999999999999999999999999",
                                        "0.00000000000000000000001"};
    struct fixture *fixture = *state;
    struct mz_document_row document;

    start(fixture, &document);
    for (size_t i = 0; i < MZ_COUNT(exact); i++) {
        struct mizan_record *record =
            make_figure(fixture, "f", document.id, "number", "exact");
        struct mizan_value row;

        put(record, "value", mz_decimal_text(exact[i], strlen(exact[i])));
        put(record, "value_dec", mz_decimal_text(exact[i], strlen(exact[i])));
        must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
        row = read_back(fixture, "f");
        same(record, &row, "value_dec");
        same(record, &row, "value");
        assert_int_equal(mz_map_member(&row, "value_dec")->type, MIZAN_TEXT);
        assert_int_equal(mz_map_member(&row, "value")->type, MIZAN_DOUBLE);
    }
}

/* The row is what the last record says: nothing of a former reading stays. */
static void a_repeat_is_one_row(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row document;
    struct mizan_record *record;
    struct mizan_value first, second;

    start(fixture, &document);
    record = make_figure(fixture, "f", document.id, "money", "range");
    put(record, "approx", mz_boolean(true));
    put(record, "side", mz_text("below"));
    must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
    first = read_back(fixture, "f");
    assert_int_equal(mz_map_member(&first, "approx")->as.integer, 1);
    must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
    second = read_back(fixture, "f");
    assert_true(mz_value_equal(&first, &second));

    record = make_figure(fixture, "f", document.id, "money", "exact");
    must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
    second = read_back(fixture, "f");
    assert_int_equal(mz_map_member(&second, "low")->type, MIZAN_NIL);
    assert_int_equal(mz_map_member(&second, "side")->type, MIZAN_NIL);
    assert_int_equal(mz_map_member(&second, "approx")->as.integer, 0);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"), 1);
}

static void values_take_the_type_of_their_column(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row document;
    struct mizan_record *record;
    struct mizan_value row, items[2] = {mz_integer(1365), mz_text("x")};
    struct mizan_value list = {.type = MIZAN_LIST};

    list.as.list.items = items;
    list.as.list.count = 2;
    start(fixture, &document);
    record = make_figure(fixture, "f", document.id, "number", "exact");
    put(record, "alt", list);
    put(record, "as_of", mz_time(INT64_C(1757000000999)));
    put(record, "start_byte", mz_decimal_text("12", 2));
    put(record, "end_byte", mz_double(15.0));
    put(record, "significant", mz_integer(3));
    put(record, "locator", mz_integer(7));
    must(fixture, mz_db_upsert(fixture->db, "figure", record, &fixture->error));
    row = read_back(fixture, "f");
    assert_true(mz_value_is(mz_map_member(&row, "alt"), "[1365,\"x\"]"));
    assert_true(mz_value_is(mz_map_member(&row, "as_of"), "2025-09-04T15:33:20Z"));
    assert_true(mz_value_is(mz_map_member(&row, "locator"), "7"));
    assert_int_equal(mz_map_member(&row, "start_byte")->as.integer, 12);
    assert_int_equal(mz_map_member(&row, "end_byte")->as.integer, 15);
    assert_string_equal(
        ask_text(fixture, on_postgres(fixture)
                              ? "SELECT CASE CAST(pg_typeof(end_byte) AS TEXT)"
                                " WHEN 'bigint' THEN 'integer' END FROM figure"
                              : "SELECT typeof(end_byte) FROM figure"),
        "integer");
}

static void what_no_column_can_hold_is_refused(void **state)
{
    static const struct {
        const char *field;
        struct mizan_value value;
        const char *words;
    } wrong[] = {
        {"value", {.type = MIZAN_DOUBLE, .as.number = (double)NAN}, "finite"},
        {"value", {.type = MIZAN_DOUBLE, .as.number = (double)INFINITY}, "finite"},
        {"value", {.type = MIZAN_DECIMAL, .as.text = {"1e400", 5}}, "finite"},
        {"value", {.type = MIZAN_TEXT, .as.text = {"12,5", 4}}, "'12,5'"},
        {"value", {.type = MIZAN_BOOLEAN, .as.integer = 1}, "boolean"},
        {"start_byte", {.type = MIZAN_DOUBLE, .as.number = 0.5}, "whole"},
        {"start_byte", {.type = MIZAN_DECIMAL, .as.text = {"1.5", 3}}, "whole"},
        {"significant", {.type = MIZAN_INTEGER, .as.integer = 40000}, "small"},
        {"text", {.type = MIZAN_TEXT, .as.text = {"a\0b", 3}}, "NUL"},
        {"text", {.type = MIZAN_TEXT, .as.text = {"\xff", 1}}, "UTF-8"},
        {"text", {.type = MIZAN_DOUBLE, .as.number = (double)NAN}, "finite"},
        {"kind", {.type = MIZAN_TEXT, .as.text = {"cash", 4}}, "figure"},
        {"bound", {.type = MIZAN_TEXT, .as.text = {"le", 2}}, "figure"},
        {"end_byte", {.type = MIZAN_INTEGER, .as.integer = 10}, "figure"},
        {"document_id", {.type = MIZAN_TEXT, .as.text = {"none", 4}}, "figure"},
        {"unit", {.type = MIZAN_NIL}, "figure"},
        {"id", {.type = MIZAN_NIL}, "needs id"},
        {"kind", {.type = MIZAN_NIL}, "needs kind"},
        {"eff_low", {.type = MIZAN_INTEGER, .as.integer = 1}, "computed"},
        {"valu", {.type = MIZAN_INTEGER, .as.integer = 1}, "no column 'valu'"},
    };
    struct fixture *fixture = *state;
    struct mz_document_row document;

    start(fixture, &document);
    for (size_t i = 0; i < MZ_COUNT(wrong); i++) {
        struct mizan_record *record =
            make_figure(fixture, "f", document.id, "money", "exact");

        assert_int_equal(mz_record_put(record, wrong[i].field, &wrong[i].value),
                         MIZAN_OK);
        assert_int_equal(mz_db_upsert(fixture->db, "figure", record, &fixture->error),
                         MZ_INPUT);
        if (strstr(fixture->error.message, wrong[i].words) == NULL) {
            fail_msg("%zu: %s", i, fixture->error.message);
        }
    }
    assert_non_null(strstr(fixture->error.help, "'value'"));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"), 0);
}

static void only_the_data_tables_take_rows(void **state)
{
    static const char *const closed[] = {
        "run",      "lease", "fence",         "review", "document",
        "doc_text", "raw",   "sqlite_master", "",       "figure\" --"};
    struct fixture *fixture = *state;
    struct mizan_record *record = make_record(fixture, "row", "s:id", "x", NULL);

    for (size_t i = 0; i < MZ_COUNT(closed); i++) {
        assert_int_equal(mz_db_upsert(fixture->db, closed[i], record, &fixture->error),
                         MZ_INPUT);
    }
    assert_int_equal(mz_db_upsert(fixture->db, "figures", record, &fixture->error),
                     MZ_INPUT);
    assert_non_null(strstr(fixture->error.help, "'figure'"));
    for (size_t i = 0; i < mz_data_table_count(); i++) {
        /* Each is known and says what its row lacks, or which column it has not. */
        assert_int_equal(
            mz_db_upsert(fixture->db, mz_data_table(i), record, &fixture->error),
            MZ_INPUT);
        assert_null(strstr(fixture->error.message, "there is no table"));
    }
}

static void the_other_tables_take_rows(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row document;
    const struct {
        const char *table;
        struct mizan_record *record;
    } rows[] = {
        {"entity", make_record(fixture, "row", "s:id", "PRK", "s:kind", "state",
                               "s:name", "P", NULL)},
        {"entity", make_record(fixture, "row", "s:id", "RUS", "s:kind", "state",
                               "s:name", "R", NULL)},
        {"entity_alias", make_record(fixture, "row", "s:entity_id", "PRK", "s:lang",
                                     "ar", "s:norm", "p", NULL)},
        {"work", make_record(fixture, "row", "s:id", "w", "s:title", "Study",
                             "s:publisher_id", "PRK", NULL)},
        {"topic", make_record(fixture, "row", "s:id", "back", "s:label", "B", "s:kind",
                              "money", NULL)},
        {"topic", make_record(fixture, "row", "s:id", "out", "s:label", "O", "s:kind",
                              "money", "s:returns", "back", NULL)},
        {"fx", make_record(fixture, "row", "s:ccy", "KRW", "s:day", "2025-09-04",
                           "d:usd", 0.00072, "s:src", "test", NULL)},
        {"attribution",
         make_record(fixture, "row", "s:figure_id", "f", "i:hop", INT64_C(0), "s:name",
                     "Outlet", "s:role", "outlet", NULL)},
        {"figure_role", make_record(fixture, "row", "s:figure_id", "f", "s:role",
                                    "from", "s:entity_id", "PRK", NULL)},
        {"figure_link", make_record(fixture, "row", "s:a", "f", "s:b", "g", "s:kind",
                                    "same_amount", "s:made_by", "figures", NULL)},
        {"figure_history",
         make_record(fixture, "row", "s:figure_id", "f", "s:extractor_version", "0",
                     "t:superseded_at", INT64_C(0), "s:bound", "exact", NULL)},
    };

    start(fixture, &document);
    must(fixture, mz_db_upsert(fixture->db, "figure",
                               make_figure(fixture, "f", document.id, "money", "exact"),
                               &fixture->error));
    must(fixture, mz_db_upsert(fixture->db, "figure",
                               make_figure(fixture, "g", document.id, "money", "exact"),
                               &fixture->error));
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < MZ_COUNT(rows); i++) {
            must(fixture, mz_db_upsert(fixture->db, rows[i].table, rows[i].record,
                                       &fixture->error));
        }
    }
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM topic"), 2);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM entity_alias"), 1);
    assert_string_equal(ask_text(fixture, "SELECT stance FROM attribution"), "asserts");
    assert_string_equal(ask_text(fixture, "SELECT measure FROM topic"), "stock");
}

/* One agency text in two outlets: each keeps its own figures, since an id is made of
 * the document; the second text is known as a copy and does not count twice. */
static void two_outlets_keep_their_own(void **state)
{
    static const char *const urls[] = {"https://a.example/1", "https://b.example/1"};
    struct fixture *fixture = *state;
    struct mz_lease lease;
    char ids[2][MZ_ID_TEXT];

    begin_run(fixture, "run-1", &lease);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    for (size_t i = 0; i < 2; i++) {
        struct mizan_record *text = make_record(
            fixture, "document", "s:text", "An agency says 1.19 billion.", "s:outlet",
            urls[i], "s:text_extractor", "article", "s:text_version", "1", NULL);
        struct mz_document_row document;
        char digest[65];

        store_document(fixture, &document, urls[i], "<p>An agency", NULL);
        must(fixture,
             mz_home_text(fixture->db, document.id, text, digest, &fixture->error));
        {
            const struct mizan_slice parts[] = {{document.id, 32}, {digest, 64},
                                                {"figures", 7},    {"10", 2},
                                                {"20", 2},         {"0", 1}};

            mz_hash_id(parts, MZ_COUNT(parts), ids[i]);
        }
        must(fixture,
             mz_db_upsert(fixture->db, "figure",
                          make_figure(fixture, ids[i], document.id, "money", "exact"),
                          &fixture->error));
    }
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    assert_string_not_equal(ids[0], ids[1]);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"), 2);
    assert_int_equal(
        ask_integer(fixture, "SELECT count(DISTINCT document_id) FROM figure"), 2);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM v_claim"), 1);
    assert_string_equal(ask_text(fixture, "SELECT url FROM v_claim"), urls[0]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_stop)
    const struct CMUnitTest tests[] = {
        TEST(every_kind_and_bound_comes_back),
        TEST(a_time_needs_no_number),
        TEST(the_decimal_is_the_truth),
        TEST(a_repeat_is_one_row),
        TEST(values_take_the_type_of_their_column),
        TEST(what_no_column_can_hold_is_refused),
        TEST(only_the_data_tables_take_rows),
        TEST(the_other_tables_take_rows),
        TEST(two_outlets_keep_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
