/* What went wrong in PostgreSQL, in the words and codes of the error table. The
 * server's own sentence is kept in the language it speaks; what is decided is decided
 * by its SQLSTATE. */
#include "db/postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MOST_TABLES 256

struct failure {
    struct mz_postgres *db;
    struct mz_error *error;
    const char *place; /* the database, for sentences */
    const char *state, *message, *detail, *hint;
};

static bool is_class(const struct failure *failure, const char *class)
{
    return mz_starts_with(failure->state, class);
}

static enum mz_code with_help(struct mz_error *error, enum mz_code code,
                              const char *help)
{
    mz_error_help(error, "%s", help);
    return code;
}

/* ---- the connection ---- */

static enum mz_code fail_lost(const struct failure *failure)
{
    failure->db->lost = true;
    mz_fail(failure->error, MZ_TRY_AGAIN,
            "the connection to the database %s was lost: %s", failure->place,
            failure->message);
    return with_help(failure->error, MZ_TRY_AGAIN,
                     "what was not committed is done again");
}

/* ---- SQL ---- */

static void suggest_table(const struct failure *failure, const char *wrong)
{
    static const char sql[] =
        "SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM"
        " pg_namespace WHERE nspname = current_schema()) AND relkind "
        "IN('r','v','p','m')"
        " ORDER BY relname";
    const struct mz_libpq *pq = failure->db->pq;
    const char *names[MOST_TABLES];
    const char *nearest = NULL;
    int count = 0;
    PGresult *result;

    if (failure->db->mode == MZ_DB_RESTRICTED) {
        /* It has failed, and would refuse the question. */
        pq->clear(pq->exec(failure->db->connection, "ROLLBACK"));
    }
    if (pq->transactionStatus(failure->db->connection) != PQTRANS_IDLE) {
        return;
    }
    result = pq->exec(failure->db->connection, sql);
    if (pq->resultStatus(result) == PGRES_TUPLES_OK) {
        for (; count < pq->ntuples(result) && count < MOST_TABLES; count++) {
            names[count] = pq->getvalue(result, count, 0);
        }
        nearest = mz_nearest(wrong, names, (size_t)count);
    }
    if (nearest != NULL) {
        mz_error_help(failure->error, "did you mean '%s'?", nearest);
    }
    pq->clear(result);
}

/* The server counts characters from 1; the place is told by line and column. */
static enum mz_code fail_sql(const struct failure *failure, const PGresult *result,
                             const char *sql)
{
    const char *text =
        failure->db->pq->resultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    long position = text == NULL ? 0 : strtol(text, NULL, 10);
    enum mz_code code = failure->db->mode == MZ_DB_RESTRICTED ? MZ_INPUT : MZ_INTERNAL;
    int line = 1, column = 1;
    size_t at = 0;
    char wrong[128];

    if (position < 1 || sql == NULL) {
        mz_fail(failure->error, code, "in SQL: %s", failure->message);
    } else {
        for (long i = 1; i < position && sql[at] != '\0'; i++) {
            size_t step = mz_utf8_decode(sql + at, strlen(sql + at), NULL);

            line += sql[at] == '\n' ? 1 : 0;
            column = sql[at] == '\n' ? 1 : column + 1;
            at += step == 0 ? 1 : step;
        }
        mz_fail(failure->error, code, "in SQL, line %d, column %d: %s", line, column,
                failure->message);
    }
    if (failure->hint != NULL) {
        mz_error_help(failure->error, "%s", failure->hint);
    }
    if (strcmp(failure->state, "42P01") == 0 && sql != NULL) {
        mz_sql_word(sql, at, wrong, sizeof wrong);
        suggest_table(failure, wrong);
    }
    return code;
}

/* ---- what the server refuses or cannot do ---- */

static enum mz_code fail_server(const struct failure *failure)
{
    struct mz_error *error = failure->error;

    if (strcmp(failure->state, "53100") == 0) {
        mz_fail(error, MZ_IO, "no space is left for the database %s", failure->place);
        return with_help(error, MZ_IO,
                         "free some space; what was not committed is done again");
    }
    if (strcmp(failure->state, "53200") == 0) {
        return mz_fail(error, MZ_MEMORY, "the server of %s has no memory for a query",
                       failure->place);
    }
    mz_fail(error, MZ_IO, "the database %s cannot be read or written: %s",
            failure->place, failure->message);
    return with_help(error, MZ_IO, "look at the server's log and its disk");
}

static enum mz_code fail_permission(const struct failure *failure)
{
    struct mz_error *error = failure->error;

    mz_fail(error, MZ_NOT_PERMITTED, "the database %s refuses: %s", failure->place,
            failure->message);
    if (strcmp(failure->state, "25006") == 0) {
        mz_error_help(error, "only reading is allowed here");
    } else if (is_class(failure, "28")) {
        mz_error_help(error, "look at user and password, and at the server's pg_hba");
    } else {
        mz_error_help(error, "its owner must grant this user the right");
    }
    return MZ_NOT_PERMITTED;
}

static enum mz_code fail_data(const struct failure *failure)
{
    return mz_fail(failure->error, MZ_INPUT, "%s%s%s", failure->message,
                   failure->detail == NULL ? "" : ": ",
                   failure->detail == NULL ? "" : failure->detail);
}

static enum mz_code fail_busy(const struct failure *failure)
{
    mz_fail(failure->error, MZ_TRY_AGAIN,
            "the database %s is in use by another process: %s", failure->place,
            failure->message);
    return with_help(failure->error, MZ_TRY_AGAIN, "try again when it is done");
}

static enum mz_code fail_deadline(const struct failure *failure)
{
    mz_fail(failure->error, MZ_DEADLINE, "the query ran longer than %" PRId64 " ms",
            failure->db->limit);
    return with_help(failure->error, MZ_DEADLINE, "ask for less, or give it more time");
}

/* The tables were altered, or a pooler gave the session away: prepared anew it works.
 */
static bool is_stale(const struct failure *failure, const PGresult *result)
{
    const char *place =
        failure->db->pq->resultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    return is_class(failure, "26") || (is_class(failure, "0A") && place != NULL &&
                                       strcmp(place, "RevalidateCachedQuery") == 0);
}

static enum mz_code decide(const struct failure *failure, const PGresult *result,
                           const char *sql)
{
    static const struct {
        const char *class;
        enum mz_code (*tell)(const struct failure *failure);
    } kinds[] = {{"57014", fail_deadline},   {"55P03", fail_busy},
                 {"40", fail_busy},          {"08", fail_lost},
                 {"57P", fail_lost},         {"25P03", fail_lost},
                 {"25P04", fail_lost},       {"25006", fail_permission},
                 {"42501", fail_permission}, {"28", fail_permission},
                 {"53", fail_server},        {"58", fail_server},
                 {"XX", fail_server},        {"22", fail_data},
                 {"23", fail_data}};

    for (size_t i = 0; i < MZ_COUNT(kinds); i++) {
        if (is_class(failure, kinds[i].class)) {
            return kinds[i].tell(failure);
        }
    }
    if (is_stale(failure, result)) {
        failure->db->stale = true;
        return fail_busy(failure);
    }
    if (is_class(failure, "54")) {
        return mz_fail(failure->error, MZ_LIMIT, "a value or a query is too large: %s",
                       failure->message);
    }
    return fail_sql(failure, result, sql);
}

static const char *field(const struct mz_postgres *db, const PGresult *result, int name)
{
    return result == NULL ? NULL : db->pq->resultErrorField(result, name);
}

enum mz_code mz_postgres_fail(struct mz_postgres *db, const PGresult *result,
                              const char *sql, struct mz_error *error)
{
    struct mz_error unused;
    struct failure failure = {.db = db,
                              .error = error == NULL ? &unused : error,
                              .place = db->base.location,
                              .state = field(db, result, PG_DIAG_SQLSTATE),
                              .message = field(db, result, PG_DIAG_MESSAGE_PRIMARY),
                              .detail = field(db, result, PG_DIAG_MESSAGE_DETAIL),
                              .hint = field(db, result, PG_DIAG_MESSAGE_HINT)};
    char line[512];

    if (failure.message == NULL) {
        /* Of several lines the last says most: those before it name the address. */
        (void)snprintf(line, sizeof line, "%s", db->pq->errorMessage(db->connection));
        line[strcspn(line, "\n")] = '\0';
        failure.message = line;
    }
    if (!mz_postgres_alive(db) || failure.state == NULL) {
        return fail_lost(&failure);
    }
    return decide(&failure, result, sql);
}
