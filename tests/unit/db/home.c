/* The host's own rows: documents, texts, bodies, validators, state, what failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/engine.h"
#include "support.h"
#include "value/digest.h"

#define URL "https://example.org/page"

static int start(void **state)
{
    struct mz_lease lease;

    if (fixture_open(state) != 0) {
        return -1;
    }
    begin_run(*state, "run-1", &lease);
    return mz_db_begin(((struct fixture *)*state)->db, NULL) == MZ_OK ? 0 : -1;
}

static int stop(void **state)
{
    mz_clock_set(-1);
    return fixture_stop(state);
}

static void a_page_that_goes_back_is_three_versions(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row first, second, third, again;

    store_document(fixture, &first, URL, "A", NULL);
    store_document(fixture, &second, URL, "B", first.id);
    store_document(fixture, &third, URL, "A", second.id);
    assert_string_not_equal(first.id, third.id);
    store_document(fixture, &again, URL, "A", second.id); /* a repeat of the step */
    assert_string_equal(again.id, third.id);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM document"), 3);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM raw"), 2);
    assert_string_equal(
        ask_text(
            fixture,
            "WITH RECURSIVE c(id, n, bodies) AS (SELECT d.id, 1, substr(raw_sha256, 1,"
            " 3) FROM document d WHERE d.prev_id IS NULL UNION ALL"
            " SELECT d.id, c.n + 1, c.bodies || substr(d.raw_sha256, 1, 3) FROM c"
            " JOIN document d ON d.prev_id = c.id)"
            " SELECT bodies FROM c ORDER BY n DESC LIMIT 1"),
        "559df7559"); /* A, B, A by their digests */
}

static void a_document_belongs_to_its_source(void **state)
{
    struct mz_document_row a = {
        .pipeline = "p", .source = "s", .url = "u", .raw_sha256 = "0"};
    struct mz_document_row b = a;

    (void)state;
    b.source = "t";
    mz_home_document_id(&a);
    mz_home_document_id(&b);
    assert_int_equal(strlen(a.id), 32);
    assert_string_not_equal(a.id, b.id);
}

static void bodies_come_back_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    const size_t size = 300000;
    char *long_body = malloc(size + 1);
    struct mz_document_row row;
    struct mizan_slice back;

    assert_non_null(long_body);
    for (size_t i = 0; i < size; i++) {
        long_body[i] = "a line that repeats\n"[i % 20];
    }
    long_body[size] = '\0';
    store_document(fixture, &row, URL, long_body, NULL);
    must(fixture, mz_home_raw(fixture->db, row.raw_sha256, fixture->arena, &back,
                              &fixture->error));
    assert_int_equal(back.size, size);
    assert_memory_equal(back.data, long_body, size);
    free(long_body);
    assert_string_equal(ask_text(fixture, "SELECT encoding FROM raw"), "zstd");
    assert_true(ask_integer(fixture, "SELECT length(body) FROM raw") < 1000);
    assert_int_equal(ask_integer(fixture, "SELECT size FROM raw"), (int64_t)size);

    store_document(fixture, &row, URL "2", "short", NULL);
    must(fixture, mz_home_raw(fixture->db, row.raw_sha256, fixture->arena, &back,
                              &fixture->error));
    assert_memory_equal(back.data, "short", 5);
    assert_string_equal(
        ask_text(fixture,
                 on_postgres(fixture)
                     ? "SELECT encoding || CASE CAST(pg_typeof(body) AS TEXT)"
                       " WHEN 'bytea' THEN 'blob' END FROM raw WHERE size = 5"
                     : "SELECT encoding || typeof(body) FROM raw WHERE size = 5"),
        "noneblob");

    store_document(fixture, &row, URL "3", "", NULL);
    must(fixture, mz_home_raw(fixture->db, row.raw_sha256, fixture->arena, &back,
                              &fixture->error));
    assert_int_equal(back.size, 0);
    assert_int_equal(
        mz_home_raw(fixture->db, "none", fixture->arena, &back, &fixture->error),
        MZ_NOT_FOUND);
    execute(fixture, on_postgres(fixture)
                         ? "UPDATE raw SET body = CAST('\\x00' AS BYTEA) WHERE size = 5"
                         : "UPDATE raw SET body = x'00' WHERE size = 5");
    execute(fixture, "UPDATE raw SET body = substr(body, 1, 40) WHERE size > 5");
    store_document(fixture, &row, URL "2", "short", NULL);
    assert_int_equal(mz_home_raw(fixture->db, row.raw_sha256, fixture->arena, &back,
                                 &fixture->error),
                     MZ_IO);
    assert_non_null(strstr(fixture->error.message, "damaged"));
}

static struct mizan_record *make_text(struct fixture *fixture, const char *text,
                                      const char *version)
{
    return make_record(fixture, "document", "s:text", text, "s:title", "Title",
                       "s:outlet", "Outlet", "t:published", INT64_C(1757000000000),
                       "s:modified", "2025-09-05T10:00+02:00", "s:lang", "ar",
                       "d:lang_confidence", 0.75, "s:text_extractor", "article",
                       "s:text_version", version, "s:other", "ignored", NULL);
}

static void a_new_text_becomes_the_current_one(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row row;
    char first[65], second[65], expected[MZ_DIGEST_TEXT];

    store_document(fixture, &row, URL, "body", NULL);
    must(fixture, mz_home_text(fixture->db, row.id, make_text(fixture, "one", "1"),
                               first, &fixture->error));
    mz_digest("one", 3, expected);
    assert_string_equal(first, expected);
    must(fixture, mz_home_text(fixture->db, row.id, make_text(fixture, "two", "2"),
                               second, &fixture->error));
    assert_string_not_equal(first, second);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM doc_text"), 2);
    assert_string_equal(
        ask_text(fixture, "SELECT version FROM doc_text WHERE is_current = 1"), "2");
    /* Going back to the first version makes that the current one again. */
    must(fixture, mz_home_text(fixture->db, row.id, make_text(fixture, "one", "1"),
                               first, &fixture->error));
    assert_string_equal(
        ask_text(fixture,
                 "SELECT version || ' ' || published_at || ' ' || modified_at || ' '"
                 " || lang_confidence FROM doc_text WHERE is_current = 1"),
        "1 2025-09-04T15:33:20Z 2025-09-05T08:00:00Z 0.75");
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM doc_text WHERE dup_of IS NOT NULL"),
        0);
    assert_int_equal(mz_home_text(fixture->db, row.id,
                                  make_record(fixture, "document", "s:text", "x", NULL),
                                  first, &fixture->error),
                     MZ_INPUT);
    assert_int_equal(mz_home_text(fixture->db, row.id,
                                  make_text(fixture, "bad \xff", "3"), first,
                                  &fixture->error),
                     MZ_INPUT);
}

static void a_copy_names_the_first(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row rows[3];
    char digest[65];

    for (size_t i = 0; i < 3; i++) {
        char url[64];

        (void)snprintf(url, sizeof url, URL "%zu", i);
        store_document(fixture, &rows[i], url, "body", NULL);
        must(fixture,
             mz_home_text(fixture->db, rows[i].id, make_text(fixture, "same", "1"),
                          digest, &fixture->error));
    }
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM doc_text WHERE dup_of IS NULL"), 1);
    assert_string_equal(
        ask_text(fixture,
                 "SELECT DISTINCT dup_of FROM doc_text WHERE dup_of IS NOT NULL"),
        rows[0].id);
}

#define AGENCY                                                                         \
    "The port authority said on Monday that 41,300 tonnes of grain had left the new "  \
    "terminal in its first week, more than it had hoped for, and that a second ship "  \
    "was waiting at the quay. Farmers along the estuary expect to sell another third " \
    "of the harvest before winter, although the fees for a berth have gone up again."

/* One agency's report in five papers, each with a line of its own, is one report; the
 * next version of the first paper's page is news, and so is another number. */
static void papers_that_print_a_report_are_copies(void **state)
{
    static const char *const papers[] = {
        AGENCY, "KELLEN (Agency) " AGENCY, AGENCY " Read more in the evening edition.",
        AGENCY " (agency)", "From our newsroom: " AGENCY};
    struct fixture *fixture = *state;
    struct mz_document_row rows[5], version, other;
    char digest[65];

    for (size_t i = 0; i < MZ_COUNT(papers); i++) {
        char url[64];

        (void)snprintf(url, sizeof url, URL "%zu", i);
        store_document(fixture, &rows[i], url, papers[i], NULL);
        for (int again = 0; again < 2; again++) { /* a repeat finds no more */
            must(fixture, mz_home_text(fixture->db, rows[i].id,
                                       make_text(fixture, papers[i], "1"), digest,
                                       &fixture->error));
        }
    }
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM doc_text WHERE dup_of IS NULL"), 1);
    assert_string_equal(
        ask_text(fixture,
                 "SELECT DISTINCT dup_of FROM doc_text WHERE dup_of IS NOT NULL"),
        rows[0].id);
    assert_int_equal(
        ask_integer(fixture, "SELECT count(DISTINCT document_id) FROM text_band"), 1);
    assert_int_equal(
        ask_integer(fixture,
                    "SELECT count(*) FROM doc_text WHERE length(simhash) <> 16"),
        0);
    store_document(fixture, &version, URL "0", AGENCY " It rained.", rows[0].id);
    must(fixture, mz_home_text(fixture->db, version.id,
                               make_text(fixture, AGENCY " It rained.", "1"), digest,
                               &fixture->error));
    store_document(fixture, &other, URL "9", AGENCY " Some 17 came.", NULL);
    must(fixture, mz_home_text(fixture->db, other.id,
                               make_text(fixture, AGENCY " Some 17 came.", "1"), digest,
                               &fixture->error));
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM doc_text WHERE dup_of IS NULL"), 3);
}

static void validators_go_with_their_address(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row row;
    struct mz_validators out, in = {.etag = "\"1\"", .last_modified = "yesterday"};
    bool found = true;

    must(fixture, mz_home_validators(fixture->db, "test", "source", URL, fixture->arena,
                                     &out, &found, &fixture->error));
    assert_false(found);
    store_document(fixture, &row, URL, "body", NULL);
    in.document_id = row.id;
    must(fixture, mz_home_set_validators(fixture->db, "test", "source", URL, &in, 1000,
                                         &fixture->error));
    in = (struct mz_validators){.etag = "\"2\""};
    must(fixture, mz_home_set_validators(fixture->db, "test", "source", URL, &in, 2000,
                                         &fixture->error));
    must(fixture, mz_home_validators(fixture->db, "test", "source", URL, fixture->arena,
                                     &out, &found, &fixture->error));
    assert_true(found);
    assert_string_equal(out.etag, "\"2\"");
    assert_null(out.last_modified);
    assert_string_equal(out.document_id, row.id);
    assert_string_equal(out.raw_sha256, row.raw_sha256);
    must(fixture, mz_home_validators(fixture->db, "test", "other", URL, fixture->arena,
                                     &out, &found, &fixture->error));
    assert_false(found);
}

static void state_is_kept_by_key(void **state)
{
    struct fixture *fixture = *state;
    struct mizan_slice out;
    bool found = true;

    must(fixture, mz_home_state_get(fixture->db, "test", "s", "k", fixture->arena, &out,
                                    &found, &fixture->error));
    assert_false(found);
    for (int i = 0; i < 2; i++) {
        const char *value = i == 0 ? "" : "\xd9\xa1";

        must(fixture, mz_home_state_set(fixture->db, "test", "s", "k",
                                        (struct mizan_slice){value, strlen(value)},
                                        &fixture->error));
        must(fixture, mz_home_state_get(fixture->db, "test", "s", "k", fixture->arena,
                                        &out, &found, &fixture->error));
        assert_true(found);
        assert_int_equal(out.size, strlen(value));
        assert_memory_equal(out.data, value, out.size);
    }
    assert_int_equal(mz_home_state_set(fixture->db, "test", "s", "k",
                                       (struct mizan_slice){"\0", 1}, &fixture->error),
                     MZ_INPUT);
    must(fixture, mz_home_state_set(fixture->db, "test", "s", "k",
                                    (struct mizan_slice){NULL, 0}, &fixture->error));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM source_state"), 0);
}

static void a_source_counts_its_failures(void **state)
{
    struct fixture *fixture = *state;
    struct mizan_record *source =
        make_record(fixture, "source", "s:id", "sana", "s:lang", "ar", NULL);

    for (int i = 0; i < 3; i++) {
        must(fixture,
             mz_home_source(fixture->db, "test", source, "no answer", &fixture->error));
    }
    assert_int_equal(ask_integer(fixture, "SELECT fails FROM source"), 3);
    execute(fixture, "UPDATE source SET paused = 1");
    must(fixture, mz_home_source(fixture->db, "test", source, NULL, &fixture->error));
    assert_int_equal(
        ask_integer(fixture,
                    "SELECT fails + paused FROM source WHERE last_error IS NULL"
                    " AND ok_at IS NOT NULL AND lang = 'ar'"),
        1);
    assert_int_equal(mz_home_source(fixture->db, "test",
                                    make_record(fixture, "source", NULL), NULL,
                                    &fixture->error),
                     MZ_INPUT);
}

static void one_cause_has_one_fingerprint(void **state)
{
    static const char first[] = "it doesn't fit: 12 of 'a b' is over 1,000";
    static const char *const same[] = {first, first,
                                       "it doesn't fit: 7 of 'x' is over 9\nmore"};
    struct fixture *fixture = *state;
    struct mz_dead_letter letter = {.pipeline = "test",
                                    .run_id = "run-1",
                                    .source = "s",
                                    .url = URL,
                                    .outcome = "reject",
                                    .stage = "sure",
                                    .place = "p.lua:7",
                                    .raw_sha256 = "0"};

    for (size_t i = 0; i < MZ_COUNT(same); i++) {
        letter.reason = same[i];
        must(fixture, mz_home_dead_letter(fixture->db, &letter, &fixture->error));
    }
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM dead_letter"), 2);
    assert_int_equal(ask_integer(fixture, "SELECT max(attempts) FROM dead_letter"), 2);
    assert_int_equal(
        ask_integer(fixture, "SELECT count(DISTINCT fingerprint) FROM dead_letter"), 1);
    letter.place = "p.lua:8";
    must(fixture, mz_home_dead_letter(fixture->db, &letter, &fixture->error));
    letter.reason = "another thing";
    must(fixture, mz_home_dead_letter(fixture->db, &letter, &fixture->error));
    assert_int_equal(
        ask_integer(fixture, "SELECT count(DISTINCT fingerprint) FROM dead_letter"), 3);
    letter.outcome = "drop";
    enum mz_code code = mz_home_dead_letter(fixture->db, &letter, &fixture->error);
    if (code == MZ_OK) { /* PostgreSQL's refusal comes with the next answer */
        int64_t changed = 0;
        code = mz_db_execute(fixture->db, "UPDATE dead_letter SET attempts = attempts",
                             NULL, 0, &changed, &fixture->error);
    }
    assert_int_equal(code, MZ_INPUT);
}

static struct mizan_value retries(struct fixture *fixture)
{
    struct mizan_value rows;

    must(fixture,
         mz_home_retries(fixture->db, "test", fixture->arena, &rows, &fixture->error));
    return rows;
}

static void a_unit_is_set_aside_after_five(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row row;
    struct mizan_value rows;
    int64_t attempts = 0;

    store_document(fixture, &row, URL, "body", NULL);
    row.etag = "\"e\"";
    for (int64_t i = 1; i <= 5; i++) {
        rows = retries(fixture);
        assert_int_equal(rows.as.list.count, i == 1 ? 0 : 1);
        must(fixture,
             mz_home_attempt(fixture->db, &row, "broke", &attempts, &fixture->error));
        assert_int_equal(attempts, i);
    }
    assert_int_equal(retries(fixture).as.list.count, 0);
    assert_int_equal(ask_integer(fixture, "SELECT set_aside FROM attempt"), 1);

    /* Another body at the address is another unit. */
    row.raw_sha256 = "ffff";
    row.raw = (struct mizan_slice){"other", 5};
    must(fixture,
         mz_home_attempt(fixture->db, &row, "broke", &attempts, &fixture->error));
    assert_int_equal(attempts, 1);
    rows = retries(fixture);
    assert_int_equal(rows.as.list.count, 1);
    assert_true(
        mz_value_is(mz_map_member(&rows.as.list.items[0], "raw_sha256"), "ffff"));
    assert_true(mz_value_is(mz_map_member(&rows.as.list.items[0], "etag"), "\"e\""));
    assert_true(mz_value_is(mz_map_member(&rows.as.list.items[0], "url"), URL));
    must(fixture,
         mz_home_attempt_done(fixture->db, "test", "source", URL, &fixture->error));
    assert_int_equal(retries(fixture).as.list.count, 0);
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM raw WHERE sha256 = 'ffff'"), 1);
}

static void what_is_undone_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct mz_document_row row;

    store_document(fixture, &row, URL, "body", NULL);
    mz_db_rollback(fixture->db);
    assert_int_equal(
        ask_integer(
            fixture,
            "SELECT (SELECT count(*) FROM document) + (SELECT count(*) FROM raw)"),
        0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_page_that_goes_back_is_three_versions),
        TEST(a_document_belongs_to_its_source),
        TEST(bodies_come_back_as_they_were),
        TEST(a_new_text_becomes_the_current_one),
        TEST(a_copy_names_the_first),
        TEST(papers_that_print_a_report_are_copies),
        TEST(validators_go_with_their_address),
        TEST(state_is_kept_by_key),
        TEST(a_source_counts_its_failures),
        TEST(one_cause_has_one_fingerprint),
        TEST(a_unit_is_set_aside_after_five),
        TEST(what_is_undone_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
