/* The summaries hold what their views define, whatever was written and in what order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "db/engine.h"
#include "db/summary.h"
#include "generated_figures.h"
#include "support.h"

#define FIGURES      600
#define FILE_CEILING ((size_t)1 << 20)

static void compare(struct fixture *fixture, const char *after)
{
    char *sql = NULL;
    size_t size = 0;
    struct mizan_value rows;

    must(fixture,
         mz_file_read(MZ_COMPARE_SQL, FILE_CEILING, &sql, &size, &fixture->error));
    must(fixture,
         mz_db_rows(fixture->db, sql, NULL, 0, fixture->arena, &rows, &fixture->error));
    free(sql);
    assert_int_equal(rows.as.list.count, 9);
    for (size_t i = 0; i < rows.as.list.count; i++) {
        const struct mizan_value *table =
            mz_map_member(&rows.as.list.items[i], "of_table");
        const struct mizan_value *count =
            mz_map_member(&rows.as.list.items[i], "differences");

        if (count->as.integer != 0) {
            fail_msg("after %s: %d rows of %s differ", after, (int)count->as.integer,
                     table->as.text.data);
        }
    }
}

static int filled(void **state)
{
    struct generated generated = {.random = 7, .text_size = 200};
    struct fixture *fixture;

    if (fixture_open(state) != 0) {
        return -1;
    }
    fixture = *state;
    generated.db = fixture->db;
    must(fixture, generated_begin(&generated, FIGURES, &fixture->error));
    must(fixture, generated_fill(&generated, FIGURES, &fixture->error));
    return 0;
}

/* In one transaction: changes, marks on the documents that `touched` selects, refresh.
 */
static void change(struct fixture *fixture, const char *const *statements,
                   const char *touched)
{
    struct mizan_value rows;

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_db_rows(fixture->db, touched, NULL, 0, fixture->arena, &rows,
                             &fixture->error));
    assert_true(rows.as.list.count > 0);
    for (size_t i = 0; i < rows.as.list.count; i++) {
        const struct mizan_value *id = &rows.as.list.items[i].as.map.fields[0].value;

        must(fixture, mz_summary_touch(fixture->db, id->as.text.data, &fixture->error));
    }
    for (; *statements != NULL; statements++) {
        execute(fixture, *statements);
    }
    must(fixture, mz_summary_refresh(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
}

static void kept_while_it_grows(void **state)
{
    struct fixture *fixture = *state;

    compare(fixture, "inserts");
    assert_true(ask_integer(fixture, "SELECT count(*) FROM series") > 20);
    assert_true(ask_integer(fixture, "SELECT count(*) FROM distortion") > 0);
    assert_true(ask_integer(fixture, "SELECT count(*) FROM balance") > 0);
    assert_true(ask_integer(fixture, "SELECT count(*) FROM v_conflict") > 0);
    assert_true(ask_integer(fixture, "SELECT count(*) FROM v_revision") > 0);
}

#define SOME_DOCUMENTS "SELECT id FROM document WHERE substr(id, 1, 1) = 'a'"

static void superseded_figures_leave(void **state)
{
    static const char *const statements[] = {
        "UPDATE figure SET is_current = 0 WHERE document_id IN(" SOME_DOCUMENTS ")"
        " AND start_byte > 100",
        NULL};

    change(*state, statements, SOME_DOCUMENTS);
    compare(*state, "figures that are current no more");
}

static void deleted_documents_leave(void **state)
{
    static const char *const statements[] = {
        "UPDATE doc_text SET dup_of = NULL WHERE dup_of IN(" SOME_DOCUMENTS ")",
        "DELETE FROM attribution WHERE figure_id IN(SELECT id FROM figure WHERE"
        " document_id IN(" SOME_DOCUMENTS "))",
        "DELETE FROM figure_role WHERE figure_id IN(SELECT id FROM figure WHERE"
        " document_id IN(" SOME_DOCUMENTS "))",
        "DELETE FROM figure WHERE document_id IN(" SOME_DOCUMENTS ")",
        "DELETE FROM text_band WHERE document_id IN(" SOME_DOCUMENTS ")",
        "DELETE FROM doc_text WHERE document_id IN(" SOME_DOCUMENTS ")",
        "DELETE FROM document WHERE substr(id, 1, 1) = 'a'",
        NULL};

    change(*state, statements,
           SOME_DOCUMENTS
           " UNION SELECT document_id FROM doc_text WHERE dup_of IN(" SOME_DOCUMENTS
           ")");
    compare(*state, "a deletion");
}

static void all_deleted_leaves_nothing(void **state)
{
    static const char *const statements[] = {"UPDATE figure SET is_current = 0", NULL};
    struct fixture *fixture = *state;

    change(fixture, statements, "SELECT id FROM document");
    compare(fixture, "the end of all figures");
    assert_int_equal(ask_integer(fixture, "SELECT (SELECT count(*) FROM claim)"
                                          " + (SELECT count(*) FROM series)"
                                          " + (SELECT count(*) FROM quantity)"
                                          " + (SELECT count(*) FROM distortion)"
                                          " + (SELECT count(*) FROM balance)"),
                     0);
}

static void reviews_are_seen(void **state)
{
    static const char review[] =
        "INSERT INTO review(id, text_sha256, start_byte, end_byte, extractor, at, who,"
        " verdict) SELECT f.id, t.text_sha256, f.start_byte, f.end_byte, f.extractor,"
        " '2025-01-01T00:00:00Z', 'test', 'reject' FROM figure f JOIN doc_text t"
        " ON t.document_id = f.document_id WHERE f.id = (SELECT min(figure_id)"
        " FROM distortion)";
    struct fixture *fixture = *state;
    const char *digest;

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    execute(fixture, review);
    digest = ask_text(fixture, "SELECT text_sha256 FROM review");
    must(fixture, mz_summary_touch_text(fixture->db, digest, &fixture->error));
    must(fixture, mz_summary_refresh(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    compare(fixture, "a review");
}

static void a_new_publisher_moves_its_figures(void **state)
{
    struct fixture *fixture = *state;
    struct mizan_record *record = make_record(fixture, "work", "s id", "w0", "s title",
                                              "Study 0", "s publisher_id", "o9", NULL);

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_db_upsert(fixture->db, "work", record, &fixture->error));
    must(fixture, mz_summary_refresh(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    compare(fixture, "a change of publisher");
    assert_true(ask_integer(fixture, "SELECT count(*) FROM series"
                                     " WHERE edition = 'w0' AND origin_id = 'o9'") > 0);
}

static void a_new_return_makes_balances(void **state)
{
    struct fixture *fixture = *state;
    struct mizan_record *record =
        make_record(fixture, "topic", "s id", "t3", "s label", "t3", "s kind", "money",
                    "s returns", "t2", NULL);

    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM balance"
                                          " WHERE out_topic = 't3'"),
                     0);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_db_upsert(fixture->db, "topic", record, &fixture->error));
    must(fixture, mz_summary_refresh(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    compare(fixture, "a change of the flow back");
    assert_true(ask_integer(fixture, "SELECT count(*) FROM balance"
                                     " WHERE out_topic = 't3'") > 0);
}

static void made_anew_they_are_the_same(void **state)
{
    struct fixture *fixture = *state;

    execute(fixture, "DELETE FROM claim WHERE substr(figure_id, 1, 1) < '8'");
    execute(fixture, "DELETE FROM series");
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, mz_summary_rebuild(fixture->db, &fixture->error));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    compare(fixture, "a rebuilding");
}

int main(void)
{
#define FILLED(name) cmocka_unit_test_setup_teardown(name, filled, fixture_stop)
    const struct CMUnitTest tests[] = {
        FILLED(kept_while_it_grows),
        FILLED(superseded_figures_leave),
        FILLED(deleted_documents_leave),
        FILLED(all_deleted_leaves_nothing),
        FILLED(reviews_are_seen),
        FILLED(a_new_publisher_moves_its_figures),
        FILLED(a_new_return_makes_balances),
        FILLED(made_anew_they_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
