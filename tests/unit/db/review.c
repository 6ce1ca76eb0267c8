/* Verdicts of people: appended, applied to every copy, held through another reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "db/engine.h"
#include "db/review.h"
#include "db/summary.h"
#include "support.h"

#define FIGURE                                                                         \
    "INSERT INTO figure(id, document_id, run_id, topic_id, text_extractor,"            \
    " text_version, start_byte, end_byte, text, kind, bound, value, value_dec,"        \
    " confidence, extractor, extractor_version) VALUES"

static int with_figures(void **state)
{
    static const char *const statements[] = {
        "INSERT INTO run(id, pipeline, host_version, started_at)"
        " VALUES('r', 'p', '0', '2025-01-01T00:00:00Z')",
        "INSERT INTO topic(id, label, kind) VALUES('t', 'T', 'count')",
        "INSERT INTO document(id, pipeline, source_id, url, fetched_at, raw_sha256)"
        " VALUES('d', 'p', 's', 'http://a.example/', '2025-01-01T00:00:00Z', '0'),"
        " ('e', 'p', 's', 'http://b.example/', '2025-01-02T00:00:00Z', '0')",
        "INSERT INTO doc_text(document_id, extractor, version, text, text_sha256)"
        " VALUES('d', 'article', '1', 'x', 'aa'), ('e', 'article', '1', 'x', 'aa')",
        FIGURE "('f', 'd', 'r', 't', 'article', '1', 3, 9, 'x', 'count', 'exact', 5,"
               " '5', 0.5, 'figures', '1'),"
               " ('g', 'e', 'r', 't', 'article', '1', 3, 9, 'x', 'count', 'exact', 5,"
               " '5', 0.5, 'figures', '1')"};
    struct fixture *fixture;

    if (fixture_open(state) != 0) {
        return -1;
    }
    fixture = *state;
    for (size_t i = 0; i < MZ_COUNT(statements); i++) {
        execute(fixture, statements[i]);
    }
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_summary_rebuild(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    return 0;
}

static enum mz_code add(struct fixture *fixture, const char *verdict, const char *first,
                        const char *value)
{
    struct mizan_field field = {.value = mz_text(value == NULL ? "" : value)};
    struct mizan_value changes = {.type = MIZAN_MAP, .as.map = {&field, 1}};
    struct mz_review review = {.figure_id = "f", .verdict = verdict, .who = "me"};
    enum mz_code code;

    if (first != NULL) {
        field.name = (struct mizan_slice){first, strlen(first)};
        review.changes = &changes;
    }
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    code = mz_review_add(fixture->db, &review, &fixture->error);
    if (code == MZ_OK) {
        must(fixture, mz_db_commit(fixture->db, &fixture->error));
    } else {
        mz_db_rollback(fixture->db);
    }
    return code;
}

/* What a newer version of the extractor writes. */
static void read_again(struct fixture *fixture)
{
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    execute(fixture, "UPDATE figure SET bound = 'at_least', value = 6, value_dec = '6',"
                     " extractor_version = '2'");
    must(fixture, mz_review_apply(fixture->db, "d", &fixture->error));
    must(fixture, mz_summary_touch(fixture->db, "d", &fixture->error));
    must(fixture, mz_summary_refresh(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
}

static void a_rejected_figure_counts_no_more(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM claim"), 2);
    must(fixture, add(fixture, "reject", NULL, NULL));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM claim"), 0);
    read_again(fixture);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM claim"), 0);
    /* A later word of the same second holds all the same. */
    must(fixture, add(fixture, "confirm", NULL, NULL));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM claim"), 2);
    assert_int_equal(ask_integer(fixture, "SELECT count(DISTINCT at) FROM review"), 2);
}

static void a_correction_holds_for_copies_and_new_readings(void **state)
{
    struct fixture *fixture = *state;

    must(fixture, add(fixture, "correct", "value", "5000"));
    assert_string_equal(ask_text(fixture, "SELECT group_concat(value_dec) FROM figure"),
                        "5000,5000");
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure_history"
                                          " WHERE value_dec = '5'"),
                     2);
    read_again(fixture);
    assert_string_equal(ask_text(fixture, "SELECT bound || value_dec FROM figure"
                                          " WHERE id = 'f'"),
                        "exact5000");
    assert_int_equal(ask_integer(fixture, "SELECT CAST(m_low AS INTEGER) FROM series"
                                          " WHERE origin_id = 'doc:d'"),
                     5000);
    /* What each version had read is kept beside it. */
    assert_string_equal(ask_text(fixture, "SELECT bound || value_dec FROM"
                                          " figure_history WHERE figure_id = 'f'"
                                          " AND extractor_version = '2'"),
                        "at_least6");
    /* A second correction adds to the first. */
    must(fixture, add(fixture, "correct", "counted", "shells"));
    assert_string_equal(ask_text(fixture, "SELECT value_dec || counted FROM figure"
                                          " WHERE id = 'f'"),
                        "5000shells");
}

static void a_wrong_correction_changes_nothing(void **state)
{
    static const struct {
        const char *field, *value, *words;
    } wrong[] = {{"valu", "5", "'valu'"},
                 {"value", "many", "'many'"},
                 {"bound", "range", "the correction"},
                 {"kind", "money", "the correction"},
                 {"hedge", "perhaps", "the correction"}};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < MZ_COUNT(wrong); i++) {
        assert_int_equal(add(fixture, "correct", wrong[i].field, wrong[i].value),
                         MZ_INPUT);
        if (strstr(fixture->error.message, wrong[i].words) == NULL) {
            fail_msg("%s", fixture->error.message);
        }
    }
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM review"), 0);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure_history"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, with_figures, fixture_stop)
    const struct CMUnitTest tests[] = {
        TEST(a_rejected_figure_counts_no_more),
        TEST(a_correction_holds_for_copies_and_new_readings),
        TEST(a_wrong_correction_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
