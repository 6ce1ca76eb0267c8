/* The outbox as rows: claims, ends, and who may touch what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/outbox.h"
#include "value/record.h"

#define NOON  INT64_C(1767268800000)
#define LEASE ((int64_t)60 * 1000)

struct box {
    char folder[64];
    struct mz_db *db;
    struct mz_arena *arena;
    struct mz_error error;
};

static int set_up(void **state)
{
    struct box *box = calloc(1, sizeof *box);
    char path[128];
    assert_non_null(box);
    snprintf(box->folder, sizeof box->folder, "/tmp/mizan-outbox.XXXXXX");
    assert_non_null(mkdtemp(box->folder));
    snprintf(path, sizeof path, "sqlite:%s/mizan.db", box->folder);
    assert_int_equal(mz_db_open(path, MZ_DB_CREATE, &box->db, &box->error), MZ_OK);
    box->arena = mz_arena_create((size_t)1 << 24);
    mz_clock_set(NOON);
    *state = box;
    return 0;
}

static int tear_down(void **state)
{
    struct box *box = *state;
    static const char *const names[] = {"mizan.db", "mizan.db-wal", "mizan.db-shm"};
    char path[128];
    mz_db_close(box->db);
    mz_arena_destroy(box->arena);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", box->folder, names[i]);
        unlink(path);
    }
    rmdir(box->folder);
    free(box);
    mz_clock_set(-1);
    return 0;
}

static void add(struct box *box, const char *id)
{
    struct mz_message message = {
        .id = id, .kind = "webhook", .target = "https://a.org", .payload = "{}"};
    assert_int_equal(mz_db_begin(box->db, &box->error), MZ_OK);
    assert_int_equal(mz_outbox_add(box->db, &message, &box->error), MZ_OK);
    assert_int_equal(mz_db_commit(box->db, &box->error), MZ_OK);
}

static size_t claim(struct box *box, const char *who, int64_t most)
{
    struct mizan_value rows;
    assert_int_equal(
        mz_outbox_claim(box->db, who, LEASE, most, box->arena, &rows, &box->error),
        MZ_OK);
    return rows.as.list.count;
}

static const char *text(struct box *box, const char *id, const char *column)
{
    struct mizan_value message;
    assert_int_equal(mz_outbox_get(box->db, id, box->arena, &message, &box->error),
                     MZ_OK);
    return mz_map_text(&message, column);
}

static void claimed_once_until_the_lease_is_over(void **state)
{
    struct box *box = *state;
    add(box, "aa1");
    add(box, "aa2");
    add(box, "bb3");
    assert_int_equal(claim(box, "one", 2), 2);
    assert_int_equal(claim(box, "two", 9), 1);
    assert_int_equal(claim(box, "three", 9), 0);
    mz_clock_set(NOON + LEASE + 1000);
    assert_int_equal(claim(box, "three", 9), 3);
    /* The first one is late: its failure changes nothing, its success does. */
    assert_int_equal(mz_outbox_failed(box->db, "aa1", "one", "late", 0, &box->error),
                     MZ_OK);
    assert_string_equal(text(box, "aa1", "state"), "due");
    assert_int_equal(mz_outbox_sent(box->db, "aa1", &box->error), MZ_OK);
    assert_string_equal(text(box, "aa1", "state"), "sent");
}

static void a_repeat_of_an_id_changes_nothing(void **state)
{
    struct box *box = *state;
    add(box, "aa1");
    assert_int_equal(claim(box, "one", 1), 1);
    assert_int_equal(mz_outbox_sent(box->db, "aa1", &box->error), MZ_OK);
    add(box, "aa1");
    assert_string_equal(text(box, "aa1", "state"), "sent");
}

static void what_failed_waits_what_is_dead_is_left(void **state)
{
    struct box *box = *state;
    int64_t due = 0, changed = 0;
    bool found = false;
    add(box, "aa1");
    assert_int_equal(claim(box, "one", 1), 1);
    assert_int_equal(mz_outbox_failed(box->db, "aa1", "one", "status 500", NOON + 20000,
                                      &box->error),
                     MZ_OK);
    assert_int_equal(claim(box, "one", 1), 0);
    assert_int_equal(mz_outbox_next(box->db, &due, &found, &box->error), MZ_OK);
    assert_true(found);
    assert_int_equal(due, NOON + 20000);
    mz_clock_set(NOON + 20000);
    assert_int_equal(claim(box, "one", 1), 1);
    assert_int_equal(
        mz_outbox_failed(box->db, "aa1", "one", "status 410", 0, &box->error), MZ_OK);
    assert_string_equal(text(box, "aa1", "state"), "dead");
    assert_string_equal(text(box, "aa1", "last_error"), "status 410");
    assert_int_equal(mz_outbox_next(box->db, &due, &found, &box->error), MZ_OK);
    assert_false(found);
    assert_int_equal(mz_outbox_retry(box->db, "dead", &changed, &box->error), MZ_OK);
    assert_int_equal(changed, 1);
    assert_int_equal(claim(box, "two", 1), 1);
}

static void postponed_without_an_attempt(void **state)
{
    struct box *box = *state;
    struct mizan_value message;
    add(box, "aa1");
    assert_int_equal(claim(box, "one", 1), 1);
    assert_int_equal(
        mz_outbox_postpone(box->db, "aa1", "one", NOON + 5000, &box->error), MZ_OK);
    assert_int_equal(claim(box, "one", 1), 0);
    assert_int_equal(mz_outbox_get(box->db, "aa1", box->arena, &message, &box->error),
                     MZ_OK);
    assert_int_equal(mz_map_member(&message, "attempts")->as.integer, 0);
}

static void claims_of_processes_that_are_gone_are_free(void **state)
{
    struct box *box = *state;
    char own[MZ_CLAIM_TEXT];
    char gone[MZ_CLAIM_TEXT];
    add(box, "aa1");
    add(box, "aa2");
    mz_outbox_claimant(own);
    /* The same machine and boot, a process number that no process has. */
    snprintf(gone, sizeof gone, "4194305%s", strchr(own, ' '));
    assert_int_equal(claim(box, own, 1), 1);
    assert_int_equal(claim(box, gone, 1), 1);
    assert_int_equal(mz_outbox_free_claims(box->db, &box->error), MZ_OK);
    assert_int_equal(claim(box, "next", 9), 1);
}

static void ids_by_their_beginning(void **state)
{
    struct box *box = *state;
    struct mizan_value message;
    int64_t changed = 0;
    add(box, "aa1");
    add(box, "aa2");
    assert_int_equal(mz_outbox_get(box->db, "aa", box->arena, &message, &box->error),
                     MZ_USAGE);
    assert_int_equal(mz_outbox_get(box->db, "", box->arena, &message, &box->error),
                     MZ_NOT_FOUND);
    assert_int_equal(mz_outbox_drop(box->db, "aa2", &changed, &box->error), MZ_OK);
    assert_int_equal(changed, 1);
    assert_int_equal(mz_outbox_drop(box->db, "aa2", &changed, &box->error), MZ_OK);
    assert_int_equal(changed, 0);
    assert_int_equal(claim(box, "one", 9), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(claimed_once_until_the_lease_is_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_repeat_of_an_id_changes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_failed_waits_what_is_dead_is_left, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(postponed_without_an_attempt, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(claims_of_processes_that_are_gone_are_free,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_by_their_beginning, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
