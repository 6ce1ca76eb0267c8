/* Connecting: the session is set up the same way the first time and after a loss. */
#include "db/postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "db/home.h"

#define CLOCKS_APART  5000 /* milliseconds that two clocks may differ */
#define FIRST_PAUSE   50
#define LONGEST_PAUSE 1000
#define PLACE_CEILING ((size_t)4096)

/* ---- where it is ---- */

static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword != NULL; options++) {
        if (strcmp(options->keyword, keyword) == 0) {
            return options->val != NULL && options->val[0] != '\0' ? options->val
                                                                   : NULL;
        }
    }
    return NULL;
}

static void describe_place(const PQconninfoOption *options, struct mz_buffer *out)
{
    const char *user = option(options, "user");
    const char *host = option(options, "host");
    const char *port = option(options, "port");
    const char *name = option(options, "dbname");
    bool folder = host != NULL && host[0] == '/';

    mz_buffer_printf(out, "postgres://%s%s%s%s%s/%s", user == NULL ? "" : user,
                     user == NULL ? "" : "@", host == NULL || folder ? "" : host,
                     port == NULL ? "" : ":", port == NULL ? "" : port,
                     name == NULL ? "" : name);
    if (folder) {
        mz_buffer_printf(out, "?host=%s", host);
    }
}

/* libpq's own sentence may quote the address, and a password with it: it is not told.
 */
char *mz_postgres_place(const struct mz_libpq *pq, const char *url,
                        struct mz_arena *arena, struct mz_error *error)
{
    char *message = NULL;
    char *place = NULL;
    PQconninfoOption *options = pq->conninfoParse(url, &message);
    struct mz_buffer out;

    pq->freemem(message);
    if (options == NULL) {
        mz_fail(error, MZ_CONFIGURATION,
                "the address of the database is not well formed");
        mz_error_help(error, "write postgres://USER@HOST:PORT/DATABASE; signs that are "
                             "special in an address as %%XX");
        return NULL;
    }
    mz_buffer_init(&out, PLACE_CEILING);
    describe_place(options, &out);
    if (mz_buffer_ok(&out)) {
        place = mz_arena_copy(arena, out.data, out.size);
    }
    mz_buffer_finish(&out);
    pq->conninfoFree(options);
    if (place == NULL) {
        mz_fail(error, MZ_CONFIGURATION, "the address of the database is too long");
    }
    return place;
}

/* ---- the session ---- */

/* Whose clock is wrong shows in leases of several machines; one warning a process says
 * enough. */
static void compare_clocks(const struct mz_postgres *db, int64_t database)
{
    static bool told;
    struct timespec now;
    int64_t here, apart;

    if (told || clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return;
    }
    here = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    apart = here > database ? here - database : database - here;
    if (apart > CLOCKS_APART) {
        told = true;
        mz_log(MZ_LOG_WARNING, NULL,
               "the clock of this machine is %" PRId64 " s %s that of the database %s",
               apart / 1000, here > database ? "ahead of" : "behind",
               db->base.location);
    }
}

/* Who stands still inside of a transaction is cut off before its lease is over. */
static int idle_limit(void)
{
    int64_t half = mz_lease_time() / 2;

    return half < MZ_POSTGRES_IDLE ? (int)half : MZ_POSTGRES_IDLE;
}

/* All that statements rely on, in one question. The search path is what it was, and
 * nothing besides: temporary tables of others cannot stand before ours. */
static enum mz_code set_up(struct mz_postgres *db, struct mz_error *error)
{
    bool reads = db->mode == MZ_DB_READ || db->mode == MZ_DB_RESTRICTED;
    int64_t before = mz_clock_monotonic();
    int64_t time;
    PGresult *result = NULL;
    char sql[1024];
    enum mz_code code;

    (void)snprintf(
        sql, sizeof sql,
        "SET client_min_messages = warning; SET DateStyle = ISO; SET TimeZone = 'UTC';"
        " SET bytea_output = hex; SET extra_float_digits = 1;"
        " SET standard_conforming_strings = on; SET default_transaction_isolation ="
        " 'read committed'; SET default_transaction_read_only = %s;"
        " SET idle_in_transaction_session_timeout = %d; SET statement_timeout = "
        "%" PRId64 "; SET lock_timeout = %" PRId64 "; SELECT set_config('search_path',"
        " COALESCE(quote_ident(current_schema()), '\"\"') || ', pg_temp', false),"
        " CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        reads ? "on" : "off", idle_limit(), db->limit, db->patience);
    code = mz_postgres_text(db, sql, &result, error);
    if (code != MZ_OK) {
        return code;
    }
    time = strtoll(db->pq->getvalue(result, 0, 1), NULL, 10);
    db->pq->clear(result);
    db->set_limit = db->limit;
    db->set_patience = db->patience;
    db->clock_at = mz_clock_monotonic();
    db->clock_offset = time - (before + db->clock_at) / 2;
    compare_clocks(db, time);
    return MZ_OK;
}

/* ---- connecting ---- */

static void keep_quiet(void *argument, const char *message)
{
    (void)argument;
    (void)message;
}

/* What the address says, or libpq's own variables, stands before what is said here. */
static PGconn *connect_once(const struct mz_postgres *db)
{
    static const struct {
        const char *keyword, *value, *variable;
    } defaults[] = {{"connect_timeout", "10", "PGCONNECT_TIMEOUT"},
                    {"tcp_user_timeout", "30000", NULL},
                    {"keepalives_idle", "30", NULL},
                    {"keepalives_interval", "10", NULL},
                    {"keepalives_count", "3", NULL},
                    {"gssencmode", "disable", "PGGSSENCMODE"},
                    {"application_name", NULL, "PGAPPNAME"}};
    const char *keywords[MZ_COUNT(defaults) + 4];
    const char *values[MZ_COUNT(defaults) + 4];
    size_t count = 0;

    for (size_t i = 0; i < MZ_COUNT(defaults); i++) {
        if (defaults[i].variable == NULL || getenv(defaults[i].variable) == NULL) {
            keywords[count] = defaults[i].keyword;
            values[count++] = defaults[i].value == NULL ? db->label : defaults[i].value;
        }
    }
    keywords[count] = "dbname";
    values[count++] = db->url;
    keywords[count] = "client_encoding";
    values[count++] = "UTF8";
    keywords[count] = NULL;
    values[count] = NULL;
    return db->pq->connectdbParams(keywords, values, 1);
}

/* libpq tells each address that it tried in a line; the first is kept, less what would
 * name it a second time. */
static enum mz_code fail_connect(struct mz_postgres *db, struct mz_error *error)
{
    const char *text = db->pq->errorMessage(db->connection);
    const char *fatal = strstr(text, "FATAL:");
    char line[512];

    (void)snprintf(line, sizeof line, "%s", fatal == NULL ? text : fatal);
    line[strcspn(line, "\n")] = '\0';
    mz_fail(error, MZ_UNREACHABLE, "the database %s cannot be reached: %s",
            db->base.location, line);
    mz_error_help(error, "look at host, port, user and password of the address, and "
                         "whether the server runs");
    return MZ_UNREACHABLE;
}

static void drop_connection(struct mz_postgres *db)
{
    if (db->connection != NULL) {
        db->pq->finish(db->connection);
    }
    db->connection = NULL;
    db->lost = false;
    db->stale = false;
    db->piped = false;
    db->pending = 0;
    db->transaction = false;
    db->broken = false;
    mz_postgres_forget(db);
}

static void wait_a_little(int64_t *pause)
{
    const struct timespec time = {.tv_sec = (time_t)(*pause / 1000),
                                  .tv_nsec = (long)(*pause % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
    *pause = *pause * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : *pause * 2;
}

enum mz_code mz_postgres_connect(struct mz_postgres *db, int64_t wait,
                                 struct mz_error *error)
{
    int64_t until = mz_clock_monotonic() + wait;
    int64_t pause = FIRST_PAUSE;

    for (;;) {
        enum mz_code code = MZ_OK;

        drop_connection(db);
        db->connection = connect_once(db);
        if (db->connection == NULL) {
            return mz_fail(error, MZ_MEMORY, "no memory for the database");
        }
        if (mz_postgres_alive(db)) {
            (void)db->pq->setNoticeProcessor(db->connection, keep_quiet, NULL);
            code = set_up(db, error);
        } else {
            code = fail_connect(db, error);
        }
        if (code == MZ_OK || mz_clock_monotonic() >= until ||
            (code != MZ_UNREACHABLE && code != MZ_TRY_AGAIN)) {
            return code;
        }
        wait_a_little(&pause);
    }
}
