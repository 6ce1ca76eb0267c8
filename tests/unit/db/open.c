/* Which files are opened, which are refused, and that a refused file stays as it was.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "db/engine.h"
#include "support.h"

#define FILE_CEILING ((size_t)16 << 20)

static void write_file(const char *path, const void *data, size_t size)
{
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, data, size), size);
    assert_int_equal(close(file), 0);
}

static char *read_file(const char *path, size_t *size)
{
    struct mz_error error;
    char *data = NULL;

    if (mz_file_read(path, FILE_CEILING, &data, size, &error) != MZ_OK) {
        fail_msg("%s", error.message);
    }
    return data;
}

static void poke(const char *path, off_t offset, const void *data, size_t size)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(pwrite(file, data, size, offset), size);
    assert_int_equal(close(file), 0);
}

/* Every mode refuses with this code and leaves file and folder as they were. */
static void refused(struct fixture *fixture, enum mz_code code, const char *words)
{
    static const enum mz_db_mode modes[] = {MZ_DB_CREATE, MZ_DB_WRITE, MZ_DB_READ,
                                            MZ_DB_RESTRICTED};
    char beside[TEST_PATH + 256];
    size_t before_size = 0, after_size = 0;
    char *before = read_file(fixture->path, &before_size);
    char *after;

    for (size_t i = 0; i < MZ_COUNT(modes); i++) {
        struct mz_db *db = NULL;

        assert_int_equal(mz_db_open(fixture->path, modes[i], &db, &fixture->error),
                         code);
        assert_null(db);
        assert_non_null(strstr(fixture->error.message, words));
        assert_true(fixture->error.help[0] != '\0');
    }
    after = read_file(fixture->path, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, after_size);
    (void)snprintf(beside, sizeof beside, "%s-wal", fixture->path);
    assert_false(mz_file_exists(beside));
    (void)snprintf(beside, sizeof beside, "%s-shm", fixture->path);
    assert_false(mz_file_exists(beside));
    free(before);
    free(after);
}

static void make(struct fixture *fixture)
{
    must(fixture,
         mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error));
    mz_db_close(fixture->db);
    fixture->db = NULL;
}

static void a_new_file_gets_the_schema(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;

    must(fixture,
         mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error));
    assert_string_equal(mz_db_location(fixture->db), fixture->path);
    assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM figure"), 0);
    assert_int_equal(ask_integer(fixture, "SELECT max(version) FROM schema_version"),
                     MZ_SCHEMA_VERSION);
    assert_int_equal(ask_integer(fixture, "PRAGMA user_version"), MZ_SCHEMA_VERSION);
    assert_int_equal(ask_integer(fixture, "PRAGMA application_id"), MZ_APPLICATION_ID);
    assert_int_equal(ask_integer(fixture, "PRAGMA synchronous"), 2);
    assert_int_equal(ask_integer(fixture, "PRAGMA foreign_keys"), 1);
    assert_int_equal(ask_integer(fixture, "PRAGMA trusted_schema"), 0);
    assert_int_equal(ask_integer(fixture, "PRAGMA cell_size_check"), 1);
    assert_string_equal(ask_text(fixture, "PRAGMA journal_mode"), "wal");
    assert_string_equal(ask_text(fixture, "PRAGMA integrity_check"), "ok");
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_missing_file_is_made_only_when_asked(void **state)
{
    static const enum mz_db_mode modes[] = {MZ_DB_WRITE, MZ_DB_READ, MZ_DB_RESTRICTED};
    struct fixture *fixture = *state;
    struct mz_db *db = NULL;
    char url[TEST_PATH + 256];

    for (size_t i = 0; i < MZ_COUNT(modes); i++) {
        assert_int_equal(mz_db_open(fixture->path, modes[i], &db, &fixture->error),
                         MZ_NO_FILE);
        assert_false(mz_file_exists(fixture->path));
    }
    (void)snprintf(url, sizeof url, "sqlite:%s/none/mizan.db", fixture->folder);
    assert_int_equal(mz_db_open(url, MZ_DB_CREATE, &db, &fixture->error),
                     MZ_CANNOT_CREATE);
    (void)snprintf(url, sizeof url, "sqlite:%s", fixture->path);
    must(fixture, mz_db_open(url, MZ_DB_CREATE, &fixture->db, &fixture->error));
    assert_true(mz_file_exists(fixture->path));
}

static void odd_names_are_only_names(void **state)
{
    static const char *const names[] = {
        "a b%20?c=d#e.db", ":memory:", "file:x?mode=memory", "\xd9\x85.db"};
    struct fixture *fixture = *state;
    char here[TEST_PATH];

    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(fixture->folder), 0);
    for (size_t i = 0; i < MZ_COUNT(names); i++) {
        struct mz_db *db = NULL;

        must(fixture, mz_db_open(names[i], MZ_DB_CREATE, &db, &fixture->error));
        mz_db_close(db);
        assert_true(mz_file_exists(names[i]));
        must(fixture, mz_db_open(names[i], MZ_DB_READ, &db, &fixture->error));
        mz_db_close(db);
    }
    assert_int_equal(chdir(here), 0);
}

/* The write-ahead log of a database that was removed must not reach a new one. */
static void a_leftover_log_is_not_played(void **state)
{
    struct fixture *fixture = *state;
    char log[TEST_PATH + 256];
    struct mz_db *db = NULL;

    (void)snprintf(log, sizeof log, "%s-wal", fixture->path);
    write_file(log, "frames", 6);
    assert_int_equal(mz_db_open(fixture->path, MZ_DB_CREATE, &db, &fixture->error),
                     MZ_INPUT);
    assert_non_null(strstr(fixture->error.message, "-wal"));
    assert_false(mz_file_exists(fixture->path));
    assert_int_equal(truncate(log, 0), 0);
    must(fixture, mz_db_open(fixture->path, MZ_DB_CREATE, &db, &fixture->error));
    mz_db_close(db);
}

static void other_schemes_are_a_configuration_error(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *db = NULL;

    assert_int_equal(mz_db_open("mysql://host/db", MZ_DB_WRITE, &db, &fixture->error),
                     MZ_CONFIGURATION);
    assert_int_equal(mz_db_open("sqlite:", MZ_DB_WRITE, &db, &fixture->error),
                     MZ_CONFIGURATION);
}

static void a_folder_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *db = NULL;

    assert_int_equal(mz_db_open(fixture->folder, MZ_DB_CREATE, &db, &fixture->error),
                     MZ_INPUT);
    assert_non_null(strstr(fixture->error.message, "folder"));
    assert_true(fixture->error.help[0] != '\0');
}

static void an_empty_file_is_refused(void **state)
{
    struct fixture *fixture = *state;

    write_file(fixture->path, "", 0);
    refused(fixture, MZ_INPUT, "empty");
}

static void another_kind_of_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char noise[5000];

    memset(noise, 'x', sizeof noise);
    write_file(fixture->path, noise, sizeof noise);
    refused(fixture, MZ_INPUT, "not an SQLite database");
    write_file(fixture->path, "hi", 2);
    refused(fixture, MZ_INPUT, "not an SQLite database");
}

static void another_programs_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const unsigned char other[4] = {0, 0, 0, 7};

    make(fixture);
    poke(fixture->path, 68, other, sizeof other);
    refused(fixture, MZ_INPUT, "another program");
}

static void a_newer_schema_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const unsigned char newer[4] = {0, 0, 0, MZ_SCHEMA_VERSION + 100};
    const unsigned char further[4] = {0, 0, 0, MZ_SCHEMA_VERSION + 1};
    const unsigned char older[4] = {0, 0, 0, 1};
    struct mz_db *db = NULL;

    make(fixture);
    poke(fixture->path, 60, newer, sizeof newer);
    refused(fixture, MZ_CONFIGURATION, "newer");
    poke(fixture->path, 60, older, sizeof older);
    refused(fixture, MZ_CONFIGURATION, "needs");
    must(fixture, mz_db_open(fixture->path, MZ_DB_MIGRATE, &db, &fixture->error));
    mz_db_close(db);
    /* Brought further within the major version: old and new side by side. */
    poke(fixture->path, 60, further, sizeof further);
    must(fixture, mz_db_open(fixture->path, MZ_DB_WRITE, &db, &fixture->error));
    mz_db_close(db);
}

static void a_read_only_file_is_not_written(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *db = NULL;

    make(fixture);
    assert_int_equal(chmod(fixture->path, 0400), 0);
    assert_int_equal(mz_db_open(fixture->path, MZ_DB_CREATE, &db, &fixture->error),
                     MZ_IO);
    assert_int_equal(mz_db_open(fixture->path, MZ_DB_WRITE, &db, &fixture->error),
                     MZ_IO);
    assert_non_null(strstr(fixture->error.message, "read-only"));
    must(fixture, mz_db_open(fixture->path, MZ_DB_READ, &db, &fixture->error));
    assert_int_not_equal(
        mz_db_execute(db, "UPDATE fence SET epoch = 5", NULL, 0, NULL, &fixture->error),
        MZ_OK);
    mz_db_close(db);
}

static void a_damaged_page_is_reported(void **state)
{
    struct fixture *fixture = *state;
    char noise[4096];
    size_t size = 0;

    make(fixture);
    free(read_file(fixture->path, &size));
    memset(noise, 0xa5, sizeof noise);
    for (size_t at = sizeof noise; at + sizeof noise <= size; at += sizeof noise) {
        poke(fixture->path, (off_t)at, noise, sizeof noise);
    }
    /* The schema spans pages too, so opening itself may find the damage. */
    if (mz_db_open(fixture->path, MZ_DB_WRITE, &fixture->db, &fixture->error) ==
        MZ_OK) {
        assert_int_equal(mz_db_execute(fixture->db, "SELECT * FROM fence", NULL, 0,
                                       NULL, &fixture->error),
                         MZ_IO);
    }
    assert_int_equal(fixture->error.code, MZ_IO);
    assert_non_null(strstr(fixture->error.message, "damaged"));
    assert_true(fixture->error.help[0] != '\0');
}

static void a_truncated_file_is_reported(void **state)
{
    struct fixture *fixture = *state;

    make(fixture);
    assert_int_equal(truncate(fixture->path, (off_t)3 * 4096), 0);
    assert_int_equal(
        mz_db_open(fixture->path, MZ_DB_WRITE, &fixture->db, &fixture->error), MZ_IO);
    assert_non_null(strstr(fixture->error.message, "damaged"));
}

/* Makes the database, removes it and so on, until killed. */
static void make_for_ever(const char *path)
{
    struct mz_db *db = NULL;

    for (;;) {
        (void)unlink(path);
        if (mz_db_open(path, MZ_DB_CREATE, &db, NULL) != MZ_OK) {
            _exit(1);
        }
        mz_db_close(db);
    }
}

/* Killed at any moment, what it leaves opens. */
static void a_kill_while_it_is_made_leaves_nothing_half(void **state)
{
    struct fixture *fixture = *state;

    for (int round = 0; round < 40; round++) {
        int status = 0;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            make_for_ever(fixture->path);
        }
        (void)usleep((useconds_t)(1000 + round * 350));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        must(fixture,
             mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error));
        assert_string_equal(ask_text(fixture, "PRAGMA integrity_check"), "ok");
        assert_int_equal(ask_integer(fixture, "SELECT count(*) FROM schema_version"),
                         1);
        mz_db_close(fixture->db);
        fixture->db = NULL;
    }
}

static void many_may_make_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    pid_t children[8];

    for (size_t i = 0; i < MZ_COUNT(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct mz_db *db = NULL;
            enum mz_code code = mz_db_open(fixture->path, MZ_DB_CREATE, &db, NULL);

            mz_db_close(db);
            _exit(code == MZ_OK ? 0 : 1);
        }
    }
    for (size_t i = 0; i < MZ_COUNT(children); i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    make(fixture);
}

static void a_busy_database_is_try_again(void **state)
{
    struct fixture *fixture = *state;
    struct mz_db *other = NULL;

    must(fixture,
         mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error));
    must(fixture, mz_db_open(fixture->path, MZ_DB_WRITE, &other, &fixture->error));
    mz_db_set_patience(other, 1);
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    assert_true(mz_db_in_transaction(fixture->db));
    assert_int_equal(mz_db_begin(fixture->db, &fixture->error), MZ_INTERNAL);
    assert_int_equal(mz_db_begin(other, &fixture->error), MZ_TRY_AGAIN);
    execute(fixture, "UPDATE fence SET epoch = 41");
    mz_db_rollback(fixture->db);
    assert_false(mz_db_in_transaction(fixture->db));
    assert_int_equal(mz_db_commit(fixture->db, &fixture->error), MZ_INTERNAL);
    assert_int_equal(ask_integer(fixture, "SELECT epoch FROM fence"), 0);
    must(fixture, mz_db_begin(other, &fixture->error));
    mz_db_close(other); /* with its transaction open */
    must(fixture, mz_db_begin(fixture->db, &fixture->error));
    mz_db_rollback(fixture->db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_stop)
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_gets_the_schema),
        TEST(a_missing_file_is_made_only_when_asked),
        TEST(odd_names_are_only_names),
        TEST(a_leftover_log_is_not_played),
        TEST(other_schemes_are_a_configuration_error),
        TEST(a_folder_is_refused),
        TEST(an_empty_file_is_refused),
        TEST(another_kind_of_file_is_refused),
        TEST(another_programs_database_is_refused),
        TEST(a_newer_schema_is_refused),
        TEST(a_read_only_file_is_not_written),
        TEST(a_damaged_page_is_reported),
        TEST(a_truncated_file_is_reported),
        TEST(a_kill_while_it_is_made_leaves_nothing_half),
        TEST(many_may_make_it_at_once),
        TEST(a_busy_database_is_try_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
