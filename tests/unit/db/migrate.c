/* Migrations: forward, adding, whole steps, an SQLite file copied before. The steps are
 * the test's own; those that are compiled in are looked at too. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "db/engine.h"
#include "db/migrate.h"
#include "support.h"

static const struct mz_migration steps[] = {
    {MZ_SCHEMA_VERSION + 1, "one",
     "-- a table and a column\nCREATE TABLE extra(id TEXT PRIMARY KEY, n BIGINT);\n"
     "ALTER TABLE figure ADD COLUMN mood TEXT;\n"},
    {MZ_SCHEMA_VERSION + 2, "two",
     "INSERT INTO extra(id, n) VALUES('a', 1);\nCREATE INDEX extra_n ON extra(n);\n"
     "DROP VIEW v_flow_ratio;\nCREATE VIEW v_flow_ratio AS SELECT 1 AS one;\n"},
};
static const struct mz_migration failing[] = {
    {MZ_SCHEMA_VERSION + 1, "good", "CREATE TABLE extra(id TEXT PRIMARY KEY);\n"},
    {MZ_SCHEMA_VERSION + 2, "bad",
     "CREATE TABLE more(id TEXT PRIMARY KEY);\nINSERT INTO nowhere(id) VALUES('a');\n"},
};

static enum mz_code migrate(struct fixture *fixture, const struct mz_migration *list,
                            bool plan, struct mz_migrated *done)
{
    return mz_migrate(fixture->path, list, 2, plan, done, &fixture->error);
}

static int64_t version_of(struct fixture *fixture)
{
    int64_t version = ask_integer(fixture, "SELECT max(version) FROM schema_version");

    if (!on_postgres(fixture)) {
        assert_int_equal(ask_integer(fixture, "PRAGMA user_version"), version);
    }
    return version;
}

static void steps_are_run_once(void **state)
{
    struct fixture *fixture = *state;
    struct mz_migrated done;

    execute(fixture, "UPDATE fence SET epoch = 41");
    must(fixture, migrate(fixture, steps, true, &done));
    assert_int_equal(done.count, 2);
    assert_int_equal(done.to, MZ_SCHEMA_VERSION + 2);
    assert_int_equal(version_of(fixture), MZ_SCHEMA_VERSION);

    must(fixture, migrate(fixture, steps, false, &done));
    assert_int_equal(done.from, MZ_SCHEMA_VERSION);
    assert_int_equal(done.to, MZ_SCHEMA_VERSION + 2);
    assert_int_equal(version_of(fixture), MZ_SCHEMA_VERSION + 2);
    assert_int_equal(ask_integer(fixture, "SELECT n FROM extra"), 1);
    assert_int_equal(ask_integer(fixture, "SELECT count(mood) FROM figure"), 0);
    assert_int_equal(ask_integer(fixture, "SELECT one FROM v_flow_ratio"), 1);

    must(fixture, migrate(fixture, steps, false, &done));
    assert_int_equal(done.count, 0);
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 41);
}

static void a_file_is_copied_before(void **state)
{
    struct fixture *fixture = *state;
    struct mz_migrated done;
    struct mz_db *copy = NULL;

    execute(fixture, "UPDATE fence SET epoch = 41");
    must(fixture, migrate(fixture, steps, false, &done));
    if (on_postgres(fixture)) {
        assert_string_equal(done.backup, "");
        return;
    }
    assert_non_null(strstr(done.backup, "mizan.db.before-100"));
    must(fixture, mz_db_open(done.backup, MZ_DB_WRITE, &copy, &fixture->error));
    mz_db_close(fixture->db);
    fixture->db = copy;
    assert_int_equal(version_of(fixture), MZ_SCHEMA_VERSION);
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 41);
    assert_string_equal(ask_text(fixture, "PRAGMA integrity_check"), "ok");
}

static void a_step_is_whole_or_not_done(void **state)
{
    struct fixture *fixture = *state;
    struct mz_migrated done;

    assert_int_not_equal(migrate(fixture, failing, false, &done), MZ_OK);
    assert_non_null(strstr(fixture->error.message, "migration bad"));
    assert_int_equal(version_of(fixture), MZ_SCHEMA_VERSION + 1);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM extra"), 0);
    assert_int_not_equal(mz_db_execute(fixture->db, "SELECT * FROM more", NULL, 0, NULL,
                                       &fixture->error),
                         MZ_OK);
}

static void only_adding_is_allowed(void **state)
{
    static const char *const bad[] = {
        "DROP TABLE figure;\n",
        "ALTER TABLE figure DROP COLUMN text;\n",
        "ALTER TABLE figure RENAME COLUMN text TO words;\n",
        "DELETE FROM figure;\n",
        "CREATE TABLE x(a TEXT);\n-- a remark; with a sign\nDROP INDEX figure_topic;\n",
    };
    struct fixture *fixture = *state;
    const struct mz_migration *embedded;
    size_t count = mz_migrations(&embedded);
    int64_t before = 0;

    for (size_t i = 0; i < MZ_COUNT(bad); i++) {
        const struct mz_migration step = {MZ_SCHEMA_VERSION + 1, "wrong", bad[i]};
        struct mz_migrated done;

        assert_int_equal(
            mz_migrate(fixture->path, &step, 1, false, &done, &fixture->error),
            MZ_INTERNAL);
        assert_int_equal(version_of(fixture), MZ_SCHEMA_VERSION);
    }
    for (size_t i = 0; i < count; i++) {
        must(fixture, mz_migration_check(&embedded[i], &fixture->error));
        assert_true(embedded[i].version > before);
        before = embedded[i].version;
    }
    assert_true(before <= MZ_SCHEMA_VERSION);
}

static void a_newer_one_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct mz_migrated done;
    char sql[128];

    (void)snprintf(sql, sizeof sql, "UPDATE schema_version SET version = %d",
                   MZ_SCHEMA_VERSION + 100);
    execute(fixture, sql);
    if (!on_postgres(fixture)) {
        (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d",
                       MZ_SCHEMA_VERSION + 100);
        execute(fixture, sql);
    }
    assert_int_equal(migrate(fixture, steps, false, &done), MZ_CONFIGURATION);
    assert_non_null(strstr(fixture->error.message, "newer"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_stop)
    const struct CMUnitTest tests[] = {
        TEST(steps_are_run_once),          TEST(a_file_is_copied_before),
        TEST(a_step_is_whole_or_not_done), TEST(only_adding_is_allowed),
        TEST(a_newer_one_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
