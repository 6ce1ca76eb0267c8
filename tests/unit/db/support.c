#include "support.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "db/engine.h"
#include "value/digest.h"

#define ARENA_CEILING ((size_t)64 << 20)
#define FETCHED_AT    INT64_C(1757000000000)

/* ---- PostgreSQL ---- */

/* A schema of the test's own in the server whose address the file holds that
 * MIZAN_TEST_POSTGRES names; the test is skipped where there is none. */
static bool use_postgres(struct fixture *fixture, const char *file)
{
    static int count;
    char *address = NULL;
    size_t size = 0;

    if (mz_file_read(file, 4096, &address, &size, &fixture->error) != MZ_OK) {
        exit(77);
    }
    address[strcspn(address, "\n")] = '\0';
    fixture->server = PQconnectdb(address);
    if (PQstatus(fixture->server) != CONNECTION_OK) {
        (void)fprintf(stderr, "%s", PQerrorMessage(fixture->server));
        return false;
    }
    (void)snprintf(fixture->schema, sizeof fixture->schema, "test_%ld_%d",
                   (long)getpid(), ++count);
    (void)snprintf(fixture->path, sizeof fixture->path,
                   "%s&options=-csearch_path%%3D%s", address, fixture->schema);
    free(address);
    server_execute(fixture, "SET client_min_messages = error");
    server_execute(fixture, "DROP SCHEMA IF EXISTS %s CASCADE", fixture->schema);
    server_execute(fixture, "CREATE SCHEMA %s", fixture->schema);
    return true;
}

void server_execute(struct fixture *fixture, const char *format, ...)
{
    char sql[2048];
    PGresult *result;
    va_list list;

    va_start(list, format);
    (void)vsnprintf(sql, sizeof sql, format, list);
    va_end(list);
    result = PQexec(fixture->server, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK &&
        PQresultStatus(result) != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "%s: %s", sql, PQerrorMessage(fixture->server));
        abort();
    }
    PQclear(result);
}

bool on_postgres(const struct fixture *fixture)
{
    return fixture->server != NULL;
}

static void drop_schema(struct fixture *fixture)
{
    if (fixture->server != NULL) {
        server_execute(fixture, "DROP SCHEMA IF EXISTS %s CASCADE", fixture->schema);
        PQfinish(fixture->server);
    }
}

/* The lease's times are the database's: there its rows are moved into the past. */
void pass_time(struct fixture *fixture, int64_t milliseconds)
{
    static const char *const columns[] = {"until", "taken_at"};

    if (!on_postgres(fixture)) {
        mz_clock_set(mz_clock_now() + milliseconds);
        return;
    }
    for (size_t i = 0; i < MZ_COUNT(columns); i++) {
        server_execute(fixture,
                       "UPDATE %s.lease SET %s = to_char(CAST(%s AS timestamptz)"
                       " AT TIME ZONE 'UTC' - interval '%lld ms',"
                       " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
                       fixture->schema, columns[i], columns[i],
                       (long long)milliseconds);
    }
}

/* ---- fixtures ---- */

int fixture_start(void **state)
{
    const char *postgres = getenv("MIZAN_TEST_POSTGRES");
    struct fixture *fixture = calloc(1, sizeof *fixture);

    if (fixture == NULL) {
        return -1;
    }
    (void)snprintf(fixture->folder, sizeof fixture->folder, "%s/mizan-db-XXXXXX",
                   P_tmpdir);
    fixture->arena = mz_arena_create(ARENA_CEILING);
    if (mkdtemp(fixture->folder) == NULL || fixture->arena == NULL) {
        free(fixture);
        return -1;
    }
    (void)snprintf(fixture->path, sizeof fixture->path, "%s/mizan.db", fixture->folder);
    *state = fixture;
    return postgres == NULL || use_postgres(fixture, postgres) ? 0 : -1;
}

int fixture_open(void **state)
{
    struct fixture *fixture;

    if (fixture_start(state) != 0) {
        return -1;
    }
    fixture = *state;
    if (mz_db_open(fixture->path, MZ_DB_CREATE, &fixture->db, &fixture->error) !=
        MZ_OK) {
        (void)fprintf(stderr, "%s\n", fixture->error.message);
        return -1;
    }
    return 0;
}

int fixture_stop(void **state)
{
    struct fixture *fixture = *state;
    struct dirent **entries = NULL;
    int count = scandir(fixture->folder, &entries, NULL, NULL);
    char path[TEST_PATH + 300];

    mz_db_close(fixture->db);
    drop_schema(fixture);
    mz_arena_destroy(fixture->arena);
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, entries[i]->d_name);
        (void)unlink(path);
        free(entries[i]);
    }
    free(entries);
    (void)rmdir(fixture->folder);
    free(fixture);
    return 0;
}

void must(const struct fixture *fixture, enum mz_code code)
{
    if (code != MZ_OK) {
        fail_msg("%s: %s", mz_code_name(code), fixture->error.message);
    }
}

void execute(struct fixture *fixture, const char *sql)
{
    must(fixture, mz_db_execute(fixture->db, sql, NULL, 0, NULL, &fixture->error));
}

struct mizan_value ask(struct fixture *fixture, const char *sql)
{
    struct mizan_value rows;

    must(fixture,
         mz_db_rows(fixture->db, sql, NULL, 0, fixture->arena, &rows, &fixture->error));
    if (rows.as.list.count == 0) {
        return mz_nil();
    }
    return rows.as.list.items[0].as.map.fields[0].value;
}

int64_t ask_integer(struct fixture *fixture, const char *sql)
{
    struct mizan_value value = ask(fixture, sql);

    assert_int_equal(value.type, MIZAN_INTEGER);
    return value.as.integer;
}

const char *ask_text(struct fixture *fixture, const char *sql)
{
    struct mizan_value value = ask(fixture, sql);

    return value.type == MIZAN_TEXT ? value.as.text.data : "(no text)";
}

void begin_run(struct fixture *fixture, const char *id, struct mz_lease *lease)
{
    const struct mz_run_row row = {
        .id = id,
        .pipeline = "test",
        .kind = "manual",
        .host_version = "0",
        .host = "here",
        .started_at = FETCHED_AT,
    };

    must(fixture, mz_home_begin_run(fixture->db, &row, lease, &fixture->error));
}

void store_document(struct fixture *fixture, struct mz_document_row *row,
                    const char *url, const char *body, const char *previous)
{
    char *digest = mz_arena_alloc(fixture->arena, MZ_DIGEST_TEXT);

    assert_non_null(digest);
    mz_digest(body, strlen(body), digest);
    *row = (struct mz_document_row){
        .pipeline = "test",
        .source = "source",
        .run_id = "run-1",
        .url = url,
        .fetched_at = FETCHED_AT,
        .http_status = 200,
        .media_type = "text/html",
        .raw_sha256 = digest,
        .previous = previous,
        .raw = {.data = body, .size = strlen(body)},
    };
    mz_home_document_id(row);
    must(fixture, mz_home_document(fixture->db, row, &fixture->error));
}

struct mizan_record *make_record(struct fixture *fixture, const char *type, ...)
{
    struct mizan_record *record = mz_record_create(fixture->arena, type);
    const char *name;
    va_list list;

    assert_non_null(record);
    va_start(list, type);
    while ((name = va_arg(list, const char *)) != NULL) {
        struct mizan_value value = mz_nil();

        switch (name[0]) {
        case 'i':
            value = mz_integer(va_arg(list, int64_t));
            break;
        case 'b':
            value = mz_boolean(va_arg(list, int) != 0);
            break;
        case 'd':
            value = mz_double(va_arg(list, double));
            break;
        case 't':
            value = mz_time(va_arg(list, int64_t));
            break;
        case 'm': {
            const char *digits = va_arg(list, const char *);

            value = mz_decimal_text(digits, strlen(digits));
            break;
        }
        default:
            value = mz_text(va_arg(list, const char *));
            break;
        }
        assert_int_equal(mz_record_put(record, name + 2, &value), MIZAN_OK);
    }
    va_end(list);
    return record;
}
