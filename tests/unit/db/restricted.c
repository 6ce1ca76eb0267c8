/* SQL of users: it reads, within limits, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "db/engine.h"
#include "support.h"

static int restricted(void **state)
{
    struct fixture *fixture;

    if (fixture_open(state) != 0) {
        return -1;
    }
    fixture = *state;
    mz_db_close(fixture->db);
    fixture->db = NULL;
    return mz_db_open(fixture->path, MZ_DB_RESTRICTED, &fixture->db, &fixture->error) ==
                   MZ_OK
               ? 0
               : -1;
}

static enum mz_code try_sql(struct fixture *fixture, const char *sql)
{
    struct mizan_value rows;

    return mz_db_rows(fixture->db, sql, NULL, 0, fixture->arena, &rows,
                      &fixture->error);
}

static const char counting[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
    " SELECT sum(i), group_concat(i) FROM n";

static void it_reads(void **state)
{
    static const char *const good[] = {
        "SELECT count(*), max(value) FROM figure",
        "SELECT * FROM v_flow_ratio;",
    };
    static const char *const of_sqlite[] = {
        "SELECT name FROM sqlite_master -- a remark",
        counting,
        "SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')",
        "SELECT value FROM json_each('[1,2]')",
        "EXPLAIN QUERY PLAN SELECT * FROM v_claim",
    };
    static const char *const of_postgres[] = {
        "SELECT relname FROM pg_class /* a /* nested */ remark */",
        "SELECT sum(i), string_agg(CAST(i AS TEXT), ',') FROM generate_series(1, 9) i",
        "SELECT CAST('{\"a\":[1,2]}' AS json) -> 'a' ->> 1",
        "SELECT value FROM json_array_elements('[1,2]')",
        "EXPLAIN SELECT * FROM v_claim",
        "WITH x AS (SELECT 'it''s; fine' AS y) SELECT y FROM x",
        "VALUES(1, 2)",
        "(SELECT 1)",
    };
    const char *const *own = on_postgres(*state) ? of_postgres : of_sqlite;
    size_t count = on_postgres(*state) ? MZ_COUNT(of_postgres) : MZ_COUNT(of_sqlite);

    for (size_t i = 0; i < MZ_COUNT(good); i++) {
        must(*state, try_sql(*state, good[i]));
    }
    for (size_t i = 0; i < count; i++) {
        must(*state, try_sql(*state, own[i]));
    }
}

static void it_does_nothing_else(void **state)
{
    static const char *const bad[] = {
        "INSERT INTO fence VALUES(1, 9)",
        "UPDATE fence SET epoch = 9",
        "DELETE FROM fence",
        "DROP TABLE figure",
        "CREATE TABLE x(a)",
        "CREATE TEMP TABLE x(a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE VIRTUAL TABLE x USING fts5(a)",
        "ATTACH '/tmp/other.db' AS other",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "PRAGMA user_version",
        "PRAGMA query_only = OFF",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "SELECT * FROM pragma_database_list",
        "BEGIN",
        "BEGIN IMMEDIATE",
        "SAVEPOINT x",
        "VACUUM",
        "VACUUM INTO '/tmp/copy.db'",
        "REINDEX TABLE fence",
        "ANALYZE",
        "SELECT load_extension('x')",
        "SELECT zeroblob(10)",
        "SELECT randomblob(10)",
        "SELECT fts3_tokenizer('simple')",
        "REPLACE INTO fence VALUES(1, 9)",
        "WITH x AS (SELECT 1) INSERT INTO fence SELECT 2, 2",
        /* of PostgreSQL; in SQLite mistakes */
        "WITH x AS (DELETE FROM fence RETURNING epoch) SELECT * FROM x",
        "SELECT epoch INTO x FROM fence",
        "SELECT epoch FROM fence FOR UPDATE",
        "EXPLAIN ANALYZE DELETE FROM fence",
        "SELECT pg_sleep(10)",
        "SELECT pg_catalog.pg_read_file('/etc/passwd')",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SET transaction_read_only = off",
        "RESET ALL",
        "SHOW data_directory",
        "COPY fence TO STDOUT",
        "COPY fence TO PROGRAM 'true'",
        "DO 'BEGIN END'",
        "CALL x()",
        "LISTEN x",
        "LOCK fence",
        "COMMIT",
        "PREPARE x AS SELECT 1",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < MZ_COUNT(bad); i++) {
        enum mz_code code = try_sql(fixture, bad[i]);

        /* A table-valued pragma is refused where its own statement is made: in SQL. */
        if (code != MZ_NOT_PERMITTED && code != MZ_INPUT && code != MZ_IO) {
            fail_msg("%s gives %s", bad[i], mz_code_name(code));
        }
    }
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 0);
    assert_int_equal(try_sql(fixture, "ATTACH ':memory:' AS x"), MZ_NOT_PERMITTED);
    assert_int_equal(try_sql(fixture, "PRAGMA user_version"), MZ_NOT_PERMITTED);
    assert_int_equal(try_sql(fixture, "DELETE FROM fence"), MZ_NOT_PERMITTED);
}

static void one_statement_at_a_time(void **state)
{
    assert_int_equal(try_sql(*state, "SELECT 1; SELECT 2"), MZ_INPUT);
    assert_int_equal(try_sql(*state, ""), MZ_INPUT);
    assert_int_equal(try_sql(*state, " -- nothing"), MZ_INPUT);
    must(*state, try_sql(*state, "SELECT 1 ; -- done\n;"));
}

static void an_endless_query_is_stopped(void **state)
{
    static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                                  " SELECT i + 1 FROM n) SELECT count(*) FROM n";
    struct fixture *fixture = *state;

    mz_db_set_time_limit(fixture->db, 30);
    assert_int_equal(try_sql(fixture, endless), MZ_DEADLINE);
    assert_non_null(strstr(fixture->error.message, "30 ms"));
    /* The connection lives on. */
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"), 0);
}

static void mistakes_are_shown(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(try_sql(fixture, "SELECT * FROM figurs"), MZ_INPUT);
    assert_non_null(strstr(fixture->error.help, "'figure'"));
    assert_int_equal(try_sql(fixture, "SELECT\n  1 +* 2"), MZ_INPUT);
    /* The one points at the star, the other at the operator that two signs make. */
    assert_non_null(strstr(fixture->error.message, on_postgres(fixture)
                                                       ? "line 2, column 5"
                                                       : "line 2, column 6"));
    assert_int_equal(try_sql(fixture, "SELECT $1"), MZ_INPUT);
    assert_int_equal(try_sql(fixture, "SELECT ?"), MZ_INPUT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, restricted, fixture_stop)
    const struct CMUnitTest tests[] = {
        TEST(it_reads),
        TEST(it_does_nothing_else),
        TEST(one_statement_at_a_time),
        TEST(an_endless_query_is_stopped),
        TEST(mistakes_are_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
