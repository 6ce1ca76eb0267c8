/* What the tests of the home database share: a folder that goes with the test, an open
 * database in it, rows that others refer to. */
#ifndef MIZAN_TESTS_DB_SUPPORT_H
#define MIZAN_TESTS_DB_SUPPORT_H

#include <libpq-fe.h>

#include "db/home.h"
#include "value/record.h"

#define TEST_PATH 512

struct fixture {
    char folder[TEST_PATH];
    char path[TEST_PATH + 200]; /* of the file, or the address */
    PGconn *server;             /* to look at it from outside; NULL: SQLite */
    char schema[64];            /* in PostgreSQL */
    struct mz_db *db;
    struct mz_arena *arena;
    struct mz_error error;
};

int fixture_start(void **state); /* folder only */
int fixture_open(void **state);  /* and a new database */
int fixture_stop(void **state);

/* True when the tests run on PostgreSQL: MIZAN_TEST_POSTGRES names a file with the
 * address of a server. */
bool on_postgres(const struct fixture *fixture);
/* SQL that the fixture's database does not see as its own. */
void server_execute(struct fixture *fixture, const char *format, ...) MZ_PRINTF(2, 3);
/* Lets time pass, for leases. */
void pass_time(struct fixture *fixture, int64_t milliseconds);

/* Fails the test with the sentence when `code` is not MZ_OK. */
void must(const struct fixture *fixture, enum mz_code code);
/* Runs one statement without arguments. */
void execute(struct fixture *fixture, const char *sql);
/* The first column of the first row, in the fixture's arena; nil when there is none. */
struct mizan_value ask(struct fixture *fixture, const char *sql);
int64_t ask_integer(struct fixture *fixture, const char *sql);
const char *ask_text(struct fixture *fixture, const char *sql);
/* A run of pipeline "test" whose lease is held by this process. */
void begin_run(struct fixture *fixture, const char *id, struct mz_lease *lease);
/* A document of that run, stored; fills row->id. */
void store_document(struct fixture *fixture, struct mz_document_row *row,
                    const char *url, const char *body, const char *previous);
/* Record fields by format: i integer, d double, m decimal, s text, t time, b boolean;
 * each is a name and a value of that type; ends with NULL. */
struct mizan_record *make_record(struct fixture *fixture, const char *type, ...);

#endif
