/* The engine of PostgreSQL: opening, values both ways, what happens when the server,
 * the connection or another session gets in the way. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/engine.h"
#include "db/postgres.h"
#include "support.h"

/* ---- opening ---- */

static void refused(struct fixture *fixture, enum mz_db_mode mode, enum mz_code code,
                    const char *words)
{
    struct mz_db *db = NULL;
    enum mz_code got = mz_db_open(fixture->path, mode, &db, &fixture->error);

    if (got != code) {
        fail_msg("mode %d: %s: %s", (int)mode, mz_code_name(got),
                 fixture->error.message);
    }
    assert_null(db);
    assert_non_null(strstr(fixture->error.message, words));
    assert_true(fixture->error.help[0] != '\0');
}

static int64_t server_tables(struct fixture *fixture)
{
    const char *const schema = fixture->schema;
    PGresult *result = PQexecParams(
        fixture->server,
        "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND"
        " relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)",
        1, NULL, &schema, NULL, NULL, 0);
    int64_t count = strtoll(PQgetvalue(result, 0, 0), NULL, 10);

    PQclear(result);
    return count;
}

static void a_new_one_gets_the_schema(void **state)
{
    struct fixture *fixture = *state;

    for (int mode = MZ_DB_WRITE; mode <= MZ_DB_RESTRICTED; mode++) {
        refused(fixture, (enum mz_db_mode)mode, MZ_NO_FILE, "empty");
    }
    must(fixture,
         mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"), 0);
    assert_int_equal(ask_integer(fixture, "SELECT max(version) FROM schema_version"),
                     MZ_SCHEMA_VERSION);
    mz_db_close(fixture->db);
    must(fixture,
         mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error));
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM schema_version"), 1);
}

static void another_programs_tables_are_refused(void **state)
{
    struct fixture *fixture = *state;

    server_execute(fixture, "CREATE TABLE %s.run(id text)", fixture->schema);
    for (int mode = MZ_DB_CREATE; mode <= MZ_DB_MIGRATE; mode++) {
        refused(fixture, (enum mz_db_mode)mode, MZ_INPUT, "another program");
    }
    server_execute(fixture,
                   "CREATE TABLE %s.schema_version(version bigint);"
                   " INSERT INTO %s.schema_version VALUES(100)",
                   fixture->schema, fixture->schema);
    refused(fixture, MZ_DB_CREATE, MZ_INPUT, "another program");
    assert_int_equal(server_tables(fixture), 2);
}

static void versions_are_kept_apart(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *db = NULL;

    must(fixture, mz_db_open(fixture->path, MZ_DB_CREATE, &db, &fixture->error));
    mz_db_close(db);
    server_execute(fixture, "UPDATE %s.schema_version SET version = %d",
                   fixture->schema, MZ_SCHEMA_VERSION + 100);
    for (int mode = MZ_DB_CREATE; mode <= MZ_DB_MIGRATE; mode++) {
        refused(fixture, (enum mz_db_mode)mode, MZ_CONFIGURATION, "newer");
    }
    server_execute(fixture, "UPDATE %s.schema_version SET version = %d",
                   fixture->schema, MZ_SCHEMA_VERSION - 1);
    refused(fixture, MZ_DB_CREATE, MZ_CONFIGURATION, "needs");
    /* Brought further within the major version: side by side. */
    server_execute(fixture, "UPDATE %s.schema_version SET version = %d",
                   fixture->schema, MZ_SCHEMA_VERSION + 1);
    must(fixture, mz_db_open(fixture->path, MZ_DB_WRITE, &db, &fixture->error));
    mz_db_close(db);
}

static void many_may_make_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    pid_t children[6];

    for (size_t i = 0; i < MZ_COUNT(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct mz_db *db = NULL;
            struct mz_error error;
            enum mz_code code = mz_db_open(fixture->path, MZ_DB_CREATE, &db, &error);

            if (code != MZ_OK) {
                (void)fprintf(stderr, "%s\n", error.message);
            }
            mz_db_close(db);
            _exit(code == MZ_OK ? 0 : 1);
        }
    }
    for (size_t i = 0; i < MZ_COUNT(children); i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void no_password_is_told(void **state)
{
    static const char *const urls[] = {
        "postgres://me:geheim@127.0.0.1:1/x",
        "postgresql://me:geheim@127.0.0.1:1/x?sslmode=disable",
        "postgres://me@127.0.0.1:1/x?password=geheim",
        "postgres://me:geheim@127.0.0.1:nonsense/x",
        "postgres://me:geheim%zz@127.0.0.1:1/x",
        "postgres://me:gehei@m@127.0.0.1:1/geheim?geheim=geheim"};
    struct fixture *fixture = *state;
    char shown[256];

    for (size_t i = 0; i < MZ_COUNT(urls); i++) {
        struct mz_db *db = NULL;
        enum mz_code code = mz_db_open(urls[i], MZ_DB_WRITE, &db, &fixture->error);

        assert_true(code == MZ_UNREACHABLE || code == MZ_CONFIGURATION);
        assert_null(strstr(fixture->error.message, "gehei"));
        assert_true(fixture->error.help[0] != '\0');
    }
    for (size_t i = 0; i < 3; i++) {
        mz_db_show_url(urls[i], shown, sizeof shown);
        assert_null(strstr(shown, "gehei"));
        assert_non_null(strstr(shown, "me@127.0.0.1:1/x"));
    }
    mz_db_show_url("sqlite:a:b@c", shown, sizeof shown);
    assert_string_equal(shown, "sqlite:a:b@c");
}

/* ---- values ---- */

static void values_come_back_as_they_went(void **state)
{
    static const double doubles[] = {0.1,    1e300,     -5e-324, 9007199254740993.0,
                                     1e-300, 0.1 + 0.2, 3.0};
    struct fixture *fixture = *state;
    static const char noise[] = {0, 1, '\\', (char)0xff, '\'', 0, 'x'};

    execute(fixture, "CREATE TABLE every(k BIGINT PRIMARY KEY, i BIGINT, s SMALLINT,"
                     " d DOUBLE PRECISION, t TEXT, b BYTEA)");
    for (size_t i = 0; i < MZ_COUNT(doubles); i++) {
        const struct mizan_value values[] = {
            mz_integer((int64_t)i),
            mz_integer(i % 2 == 0 ? INT64_MIN : INT64_MAX),
            mz_integer(-32768),
            mz_double(doubles[i]),
            mz_text("'\"\\ $1 \xd9\x85 \xf0\x9f\x8c\x8d\n"),
            mz_bytes(noise, i == 0 ? 0 : sizeof noise),
        };
        struct mizan_value rows;
        const struct mizan_field *fields;
        int64_t changed = 0;

        must(fixture, mz_db_execute(fixture->db,
                                    "INSERT INTO every VALUES($1, $2, $3, $4, $5, $6)",
                                    values, 6, &changed, &fixture->error));
        assert_int_equal(changed, 1);
        must(fixture, mz_db_rows(fixture->db, "SELECT * FROM every WHERE k = $1",
                                 values, 1, fixture->arena, &rows, &fixture->error));
        assert_int_equal(rows.as.list.count, 1);
        fields = rows.as.list.items[0].as.map.fields;
        for (size_t column = 0; column < 6; column++) {
            assert_true(mz_value_equal(&fields[column].value, &values[column]));
        }
    }
}

static void nothing_is_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct mizan_value values[] = {mz_nil(), mz_text_slice(NULL, 0)};
    struct mizan_value rows;

    must(fixture, mz_db_rows(fixture->db,
                             "SELECT CAST($1 AS TEXT) AS a,"
                             " CAST($2 AS TEXT) AS b",
                             values, 2, fixture->arena, &rows, &fixture->error));
    assert_int_equal(rows.as.list.items[0].as.map.fields[0].value.type, MIZAN_NIL);
    assert_int_equal(rows.as.list.items[0].as.map.fields[1].value.type, MIZAN_TEXT);
}

static void sums_are_numbers(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(ask_integer(fixture, "SELECT sum(CAST(x AS BIGINT)) FROM"
                                          " (VALUES(1), (2)) v(x)"),
                     3);
    assert_true(ask(fixture, "SELECT avg(x) FROM (VALUES(1), (2)) v(x)").as.number ==
                1.5);
    assert_int_equal(ask_integer(fixture, "SELECT 1 = 1"), 1);
}

static void text_with_nul_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct mizan_value value = mz_text_slice("a\0b", 3);

    assert_int_equal(mz_db_execute(fixture->db, "UPDATE run SET log = $1", &value, 1,
                                   NULL, &fixture->error),
                     MZ_INPUT);
    assert_non_null(strstr(fixture->error.message, "NUL"));
}

/* ---- statements ---- */

struct nest {
    struct fixture *fixture;
    int64_t outer, inner;
};

static bool count_inner(void *context, const struct mz_row *row)
{
    ((struct nest *)context)->inner += row->values[0].as.integer;
    return true;
}

static bool nest(void *context, const struct mz_row *row)
{
    struct nest *self = context;

    self->outer += row->values[0].as.integer;
    must(self->fixture,
         mz_db_query(self->fixture->db, "SELECT * FROM generate_series(1, 3)", NULL, 0,
                     count_inner, self, &self->fixture->error));
    return true;
}

static void queries_nest(void **state)
{
    struct nest self = {.fixture = *state};

    must(self.fixture,
         mz_db_query(self.fixture->db, "SELECT * FROM generate_series(1, 100)", NULL, 0,
                     nest, &self, &self.fixture->error));
    assert_int_equal(self.outer, 5050);
    assert_int_equal(self.inner, 600);
}

static bool stop_at_once(void *context, const struct mz_row *row)
{
    (void)row;
    ++*(int *)context;
    return false;
}

static void a_query_may_end_early(void **state)
{
    struct fixture *fixture = *state;
    int rows = 0;

    must(fixture, mz_db_query(fixture->db, "SELECT * FROM generate_series(1, 10000)",
                              NULL, 0, stop_at_once, &rows, &fixture->error));
    assert_int_equal(rows, 1);
    assert_int_equal(ask_integer(fixture, "SELECT 7"), 7);
}

/* More texts than are kept, and each of them twice. */
static void many_statements_are_prepared(void **state)
{
    struct fixture *fixture = *state;
    char sql[64];

    for (int i = 0; i < 3 * MZ_POSTGRES_CACHED; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT %d", i / 2);
        assert_int_equal(ask_integer(fixture, sql), i / 2);
    }
    assert_true(ask_integer(fixture, "SELECT count(*) FROM pg_prepared_statements") <=
                MZ_POSTGRES_CACHED);
}

/* A failed statement leaves the transaction to be undone, and says so to the end. */
static void a_broken_transaction_is_undone(void **state)
{
    struct fixture *fixture = *state;

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    execute(fixture, "UPDATE fence SET epoch = 7");
    assert_int_equal(mz_db_execute(fixture->db, "INSERT INTO fence VALUES(1, 1)", NULL,
                                   0, NULL, &fixture->error),
                     MZ_INPUT);
    assert_int_equal(mz_db_execute(fixture->db, "UPDATE fence SET epoch = 8", NULL, 0,
                                   NULL, &fixture->error),
                     MZ_INPUT);
    assert_int_equal(mz_db_commit(fixture->db, &fixture->error), MZ_INPUT);
    assert_false(mz_db_in_transaction(fixture->db));
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 0);
}

static enum mz_code put_entity(struct fixture *fixture, const char *id,
                               const char *name)
{
    struct mizan_record *record =
        make_record(fixture, "entity", "s id", id, "s kind", "x", "s name", name, NULL);

    return mz_db_upsert(fixture->db, "entity", record, &fixture->error);
}

static enum mz_code put_alias(struct fixture *fixture, const char *entity)
{
    struct mizan_record *record =
        make_record(fixture, "entity_alias", "s entity_id", entity, "s lang", "en",
                    "s norm", "x", NULL);

    return mz_db_upsert(fixture->db, "entity_alias", record, &fixture->error);
}

/* Rows are sent on without waiting; one that the server refuses is told by what
 * follows, and at the latest by the commit. */
static void rows_that_are_sent_on_fail_the_transaction(void **state)
{
    struct fixture *fixture = *state;
    char id[32];

    for (int round = 0; round < 2; round++) {
        must(fixture, mz_db_begin(fixture->db, &fixture->error));
        for (int i = 0; i < 600; i++) {
            (void)snprintf(id, sizeof id, "e%d", i);
            must(fixture, put_entity(fixture, id, "first"));
        }
        must(fixture, put_alias(fixture, "e7"));
        must(fixture, put_entity(fixture, "e7", "second"));
        assert_string_equal(
            ask_text(fixture, "SELECT name FROM entity WHERE id = 'e7'"), "second");
        must(fixture, mz_db_commit(fixture->db, &fixture->error));
    }
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM entity"), 600);

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, put_entity(fixture, "late", "x"));
    must(fixture, put_alias(fixture, "nobody"));
    assert_int_equal(mz_db_commit(fixture->db, &fixture->error), MZ_INPUT);
    assert_non_null(strstr(fixture->error.message, "nobody"));
    assert_false(mz_db_in_transaction(fixture->db));
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM entity WHERE id = 'late'"), 0);

    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, put_alias(fixture, "nobody"));
    assert_int_equal(mz_db_execute(fixture->db, "UPDATE fence SET epoch = 9", NULL, 0,
                                   NULL, &fixture->error),
                     MZ_INPUT);
    mz_db_rollback(fixture->db);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    must(fixture, put_entity(fixture, "kept", "x"));
    must(fixture, mz_db_commit(fixture->db, &fixture->error));
    assert_int_equal(
        ask_integer(fixture, "SELECT count(*) FROM entity WHERE id = 'kept'"), 1);
}

/* ---- others ---- */

static void a_row_held_by_another_is_try_again(void **state)
{
    struct fixture *fixture = *state;

    server_execute(fixture, "BEGIN; UPDATE %s.fence SET epoch = 1", fixture->schema);
    mz_db_set_patience(fixture->db, 50);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    assert_int_equal(mz_db_execute(fixture->db, "UPDATE fence SET epoch = 2", NULL, 0,
                                   NULL, &fixture->error),
                     MZ_TRY_AGAIN);
    mz_db_rollback(fixture->db);
    server_execute(fixture, "ROLLBACK");
    execute(fixture, "UPDATE fence SET epoch = 3");
}

static void terminate(struct fixture *fixture)
{
    server_execute(fixture, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE pid <> pg_backend_pid() AND datname ="
                            " current_database() AND application_name = 'tested'");
    (void)usleep(100000);
}

static void a_cut_connection_is_made_again(void **state)
{
    struct fixture *fixture = *state;

    mz_db_set_label(fixture->db, "tested");
    /* Between statements nothing is lost. */
    terminate(fixture);
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 0);
    terminate(fixture);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    execute(fixture, "UPDATE fence SET epoch = 5");
    /* Inside of a transaction all of it is. */
    terminate(fixture);
    assert_int_equal(mz_db_execute(fixture->db, "UPDATE fence SET epoch = 6", NULL, 0,
                                   NULL, &fixture->error),
                     MZ_TRY_AGAIN);
    assert_int_equal(mz_db_commit(fixture->db, &fixture->error), MZ_TRY_AGAIN);
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 0);
    /* Cut just before COMMIT: not made, and the engine knows. */
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    execute(fixture, "UPDATE fence SET epoch = 7");
    terminate(fixture);
    assert_int_equal(mz_db_commit(fixture->db, &fixture->error), MZ_TRY_AGAIN);
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 0);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM pg_stat_activity WHERE"
                                          " application_name = 'tested'"),
                     1);
}

static void the_session_is_fenced(void **state)
{
    static const struct {
        const char *name, *value;
    } settings[] = {{"idle_in_transaction_session_timeout", "20s"},
                    {"statement_timeout", "2min"},
                    {"lock_timeout", "10s"},
                    {"default_transaction_read_only", "off"}};
    struct fixture *fixture = *state;
    char sql[128];

    for (size_t i = 0; i < MZ_COUNT(settings); i++) {
        (void)snprintf(sql, sizeof sql, "SELECT current_setting('%s')",
                       settings[i].name);
        assert_string_equal(ask_text(fixture, sql), settings[i].value);
    }
}

static void readers_only_read(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *db = NULL;

    must(fixture, mz_db_open(fixture->path, MZ_DB_READ, &db, &fixture->error));
    assert_int_equal(
        mz_db_execute(db, "UPDATE fence SET epoch = 5", NULL, 0, NULL, &fixture->error),
        MZ_NOT_PERMITTED);
    mz_db_close(db);
}

static void the_clock_is_the_databases(void **state)
{
    struct fixture *fixture = *state;
    int64_t server = ask_integer(fixture, "SELECT CAST(extract(epoch FROM"
                                          " clock_timestamp()) * 1000 AS BIGINT)");
    int64_t now = mz_db_now(fixture->db);

    assert_true(now >= server - 50 && now < server + 2000);
}

/* ---- the look at SQL ---- */

static void sql_is_read_as_the_server_reads_it(void **state)
{
    static const struct {
        const char *sql;
        size_t statements, places;
        bool reads;
        const char *refused;
    } cases[] = {
        {"SELECT $1, '$2', \"$3\", $$ $4 $$, $a$;$5$a$ -- $6\n /* $7 /* */ $8 */", 1, 1,
         true, ""},
        {"SELECT 1;;  ; -- x\n", 1, 0, true, ""},
        {"SELECT 1; SELECT $12", 2, 12, true, ""},
        {" -- nothing\n /* at all */ ", 0, 0, false, ""},
        {"(SELECT 1)", 1, 0, true, ""},
        {"DELETE FROM x", 1, 0, false, ""},
        {"SELECT E'\\'pg_sleep(1)', 'it''s pg_sleep(1)'", 1, 0, true, ""},
        {"SELECT pg_sleep (1)", 1, 0, true, "pg_sleep"},
        {"SELECT pg_catalog . \"pg_read_file\"/**/('x')", 1, 0, true, "pg_read_file"},
        {"SELECT PG_Sleep(1)", 1, 0, true, "PG_Sleep"},
        {"SELECT U&\"\\0070g_sleep\"(1)", 1, 0, true, "U&"},
        {"SELECT pg_typeof(1), count(*) FROM pg_class", 1, 0, true, ""},
        {"SELECT 1e5, 10.5, a1.b FROM a1", 1, 0, true, ""},
    };

    (void)state;
    for (size_t i = 0; i < MZ_COUNT(cases); i++) {
        struct mz_sql_scan scan;

        mz_sql_scan(cases[i].sql, &scan);
        if (scan.statements != cases[i].statements || scan.places != cases[i].places ||
            scan.reads != cases[i].reads ||
            strcmp(scan.refused, cases[i].refused) != 0) {
            fail_msg("%s: %zu statements, %zu places, reads %d, refused '%s'",
                     cases[i].sql, scan.statements, scan.places, (int)scan.reads,
                     scan.refused);
        }
    }
}

int main(void)
{
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_stop)
#define TEST(name)  cmocka_unit_test_setup_teardown(name, fixture_open, fixture_stop)
    const struct CMUnitTest tests[] = {
        EMPTY(a_new_one_gets_the_schema),
        EMPTY(another_programs_tables_are_refused),
        EMPTY(versions_are_kept_apart),
        EMPTY(many_may_make_it_at_once),
        EMPTY(no_password_is_told),
        TEST(values_come_back_as_they_went),
        TEST(nothing_is_nothing),
        TEST(sums_are_numbers),
        TEST(text_with_nul_is_refused),
        TEST(queries_nest),
        TEST(a_query_may_end_early),
        TEST(many_statements_are_prepared),
        TEST(a_broken_transaction_is_undone),
        TEST(rows_that_are_sent_on_fail_the_transaction),
        TEST(a_row_held_by_another_is_try_again),
        TEST(a_cut_connection_is_made_again),
        TEST(the_session_is_fenced),
        TEST(readers_only_read),
        TEST(the_clock_is_the_databases),
        cmocka_unit_test(sql_is_read_as_the_server_reads_it),
    };

    if (getenv("MIZAN_TEST_POSTGRES") == NULL) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
