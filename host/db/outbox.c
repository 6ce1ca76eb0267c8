#include "db/outbox.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/engine.h"
#include "value/record.h"

#define CLAIM_CEILING ((size_t)16 << 20)
/* Due, and claimed by nobody or for too long. */
#define DUE_AT(now)                                                                    \
    "state = 'due' AND next_at <= " now " AND (claim IS NULL OR claim_until < " now ")"
#define BEGINS_SO "id >= $1 AND id < $1 || 'g'"

enum mz_code mz_outbox_add(struct mz_db *db, const struct mz_message *message,
                           struct mz_error *error)
{
    int64_t now = mz_db_now(db);
    const struct mizan_value arguments[] = {
        mz_text(message->id),      mz_text(message->pipeline),
        mz_text(message->run_id),  mz_text(message->kind),
        mz_text(message->target),  mz_text(message->settings),
        mz_text(message->payload), mz_time(now),
    };

    return mz_db_execute(db,
                         "INSERT INTO outbox(id, pipeline, run_id, kind, target,"
                         " settings, payload, created_at, next_at)"
                         " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $8)"
                         " ON CONFLICT(id) DO NOTHING",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

/* ---- claims ---- */

void mz_outbox_claimant(char out[MZ_CLAIM_TEXT])
{
    static atomic_uint calls;
    struct mz_process self;

    mz_process_self(&self);
    (void)snprintf(out, MZ_CLAIM_TEXT, "%" PRId64 " %" PRId64 " %u %s %s", self.pid,
                   self.start, atomic_fetch_add(&calls, 1), self.boot, self.host);
}

/* False when the text is no claim: it is waited for. */
static bool is_gone(const char *claim)
{
    struct mz_process process;
    const char *boot;
    const char *host;
    char *end = NULL;

    memset(&process, 0, sizeof process);
    process.pid = strtoll(claim, &end, 10);
    process.start = strtoll(end, &end, 10);
    (void)strtoll(end, &end, 10);
    if (*end != ' ') {
        return false;
    }
    boot = end + 1;
    host = strchr(boot, ' ');
    if (host == NULL) {
        return false;
    }
    (void)snprintf(process.boot, sizeof process.boot, "%.*s", (int)(host - boot), boot);
    (void)snprintf(process.host, sizeof process.host, "%s", host + 1);
    return mz_process_state(&process) == MZ_PROCESS_GONE;
}

/* Runs the steps of `body` in one transaction. */
static enum mz_code transact(struct mz_db *db,
                             enum mz_code (*body)(struct mz_db *db, void *context,
                                                  struct mz_error *error),
                             void *context, struct mz_error *error)
{
    enum mz_code code = mz_db_begin(db, error);

    if (code != MZ_OK) {
        return code;
    }
    code = body(db, context, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

enum mz_code mz_outbox_free_claims(struct mz_db *db, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(CLAIM_CEILING);
    struct mizan_value rows;
    enum mz_code code =
        arena == NULL
            ? mz_fail(error, MZ_MEMORY, "no memory for the claims of messages")
            : mz_db_rows(db,
                         "SELECT DISTINCT claim FROM outbox"
                         " WHERE state = 'due' AND claim IS NOT NULL",
                         NULL, 0, arena, &rows, error);

    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *claim =
            mz_map_member(&rows.as.list.items[i], "claim");

        if (claim->type == MIZAN_TEXT && is_gone(claim->as.text.data)) {
            code = mz_db_execute(db,
                                 "UPDATE outbox SET claim = NULL, claim_until = NULL"
                                 " WHERE state = 'due' AND claim = $1",
                                 claim, 1, NULL, error);
        }
    }
    mz_arena_destroy(arena);
    return code;
}

struct claiming {
    const char *claim;
    int64_t lease, most;
    struct mz_arena *arena;
    struct mizan_value *rows;
};

/* The condition stands twice: of two that claim at once, the one that waited for the
 * other looks at the row again and finds it taken. */
static enum mz_code claim_rows(struct mz_db *db, void *context, struct mz_error *error)
{
    const struct claiming *claiming = context;
    int64_t now = mz_db_now(db);
    const struct mizan_value arguments[] = {mz_text(claiming->claim),
                                            mz_time(now + claiming->lease),
                                            mz_time(now), mz_integer(claiming->most)};
    enum mz_code code = mz_db_execute(
        db,
        "UPDATE outbox SET claim = $1, claim_until = $2 "
        "WHERE " DUE_AT("$3") " AND id IN (SELECT id FROM outbox "
                              "WHERE " DUE_AT("$3") " ORDER BY next_at, "
                                                    "created_at, id LIMIT $4)",
        arguments, MZ_COUNT(arguments), NULL, error);

    if (code != MZ_OK) {
        return code;
    }
    return mz_db_rows(db,
                      "SELECT id, pipeline, kind, target, settings, payload,"
                      " created_at, attempts FROM outbox"
                      " WHERE claim = $1 AND state = 'due'"
                      " ORDER BY next_at, created_at, id",
                      arguments, 1, claiming->arena, claiming->rows, error);
}

enum mz_code mz_outbox_claim(struct mz_db *db, const char *claim, int64_t lease,
                             int64_t most, struct mz_arena *arena,
                             struct mizan_value *rows, struct mz_error *error)
{
    struct claiming claiming = {claim, lease, most, arena, rows};
    int64_t due = 0;
    bool found = false;
    enum mz_code code = mz_outbox_next(db, &due, &found, error);

    *rows = (struct mizan_value){.type = MIZAN_LIST};
    /* Nothing due: nobody is kept from writing. */
    if (code != MZ_OK || !found || due > mz_db_now(db)) {
        return code;
    }
    return transact(db, claim_rows, &claiming, error);
}

/* ---- how it ended ---- */

enum mz_code mz_outbox_sent(struct mz_db *db, const char *id, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(id), mz_time(mz_db_now(db))};

    return mz_db_execute(db,
                         "UPDATE outbox SET state = 'sent', sent_at = $2,"
                         " attempts = attempts + 1, claim = NULL, claim_until = NULL,"
                         " last_error = NULL WHERE id = $1 AND state <> 'sent'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_outbox_failed(struct mz_db *db, const char *id, const char *claim,
                              const char *reason, int64_t next, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(id), mz_text(claim), mz_text(reason),
        mz_time(next > 0 ? next : mz_db_now(db)), mz_text(next > 0 ? "due" : "dead")};

    return mz_db_execute(db,
                         "UPDATE outbox SET last_error = $3, next_at = $4, state = $5,"
                         " attempts = attempts + 1, claim = NULL, claim_until = NULL"
                         " WHERE id = $1 AND claim = $2 AND state = 'due'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_outbox_postpone(struct mz_db *db, const char *id, const char *claim,
                                int64_t next, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(id), mz_text(claim), mz_time(next)};

    return mz_db_execute(db,
                         "UPDATE outbox SET next_at = $3, claim = NULL,"
                         " claim_until = NULL"
                         " WHERE id = $1 AND claim = $2 AND state = 'due'",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_outbox_next(struct mz_db *db, int64_t *time, bool *found,
                            struct mz_error *error)
{
    const struct mizan_value now = mz_time(mz_db_now(db));
    struct mz_arena *arena = mz_arena_create(CLAIM_CEILING);
    struct mizan_value value;
    struct mz_statement statement = {
        .sql = "SELECT min(next_at) FROM outbox WHERE state = 'due'"
               " AND (claim IS NULL OR claim_until < $1)",
        .arguments = &now,
        .count = 1};
    struct mz_first_row first = {.values = &value, .count = 1, .arena = arena};
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for the outbox")
                            : mz_db_first(db, &statement, &first, error);

    *found = code == MZ_OK && value.type == MIZAN_TEXT &&
             mz_time_parse(value.as.text.data, value.as.text.size, time);
    mz_arena_destroy(arena);
    return code;
}

/* ---- for people ---- */

enum mz_code mz_outbox_list(struct mz_db *db, const char *pipeline, const char *state,
                            int64_t limit, struct mz_arena *arena,
                            struct mizan_value *rows, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline == NULL ? "" : pipeline),
                                            mz_text(state == NULL ? "" : state),
                                            mz_integer(limit)};

    return mz_db_rows(db,
                      "SELECT created_at AS created, substr(id, 1, 10) AS id, pipeline,"
                      " kind, target, state, attempts,"
                      " CASE WHEN state = 'due' THEN next_at END AS next,"
                      " last_error AS reason FROM outbox"
                      " WHERE ($1 = '' OR pipeline = $1) AND ($2 = '' OR state = $2)"
                      " ORDER BY created_at DESC, id LIMIT $3",
                      arguments, MZ_COUNT(arguments), arena, rows, error);
}

static enum mz_code not_found(const char *id, struct mz_error *error)
{
    mz_fail(error, MZ_NOT_FOUND, "there is no such message with the id '%s'", id);
    mz_error_help(error, "mizan deliver list shows them");
    return MZ_NOT_FOUND;
}

enum mz_code mz_outbox_get(struct mz_db *db, const char *id, struct mz_arena *arena,
                           struct mizan_value *message, struct mz_error *error)
{
    const struct mizan_value key = mz_text(id);
    struct mizan_value rows;
    enum mz_code code =
        mz_db_rows(db,
                   "SELECT id, pipeline, run_id, kind, target, settings, state,"
                   " created_at, attempts, next_at, sent_at, claim, last_error,"
                   " payload FROM outbox WHERE " BEGINS_SO " ORDER BY id LIMIT 2",
                   &key, 1, arena, &rows, error);

    if (code != MZ_OK) {
        return code;
    }
    if (rows.as.list.count == 0 || id[0] == '\0') {
        return not_found(id, error);
    }
    if (rows.as.list.count > 1) {
        mz_fail(error, MZ_USAGE, "several messages have an id that begins with '%s'",
                id);
        mz_error_help(error, "write more of it");
        return MZ_USAGE;
    }
    *message = rows.as.list.items[0];
    return MZ_OK;
}

/* One message by the beginning of its id: no change for one that is ambiguous. */
static enum mz_code change_one(struct mz_db *db, const char *sql, const char *id,
                               int64_t *changed, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(CLAIM_CEILING);
    struct mizan_value message;
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for a message")
                            : mz_outbox_get(db, id, arena, &message, error);

    if (code == MZ_OK) {
        const struct mizan_value arguments[] = {*mz_map_member(&message, "id"),
                                                mz_time(mz_db_now(db))};

        code = mz_db_execute(db, sql, arguments, MZ_COUNT(arguments), changed, error);
    }
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_outbox_retry(struct mz_db *db, const char *id, int64_t *changed,
                             struct mz_error *error)
{
    static const char one[] =
        "UPDATE outbox SET state = 'due', attempts = 0, next_at = $2, sent_at = NULL,"
        " claim = NULL, claim_until = NULL WHERE id = $1";
    const struct mizan_value now = mz_time(mz_db_now(db));

    *changed = 0;
    if (strcmp(id, "dead") != 0) {
        return change_one(db, one, id, changed, error);
    }
    return mz_db_execute(db,
                         "UPDATE outbox SET state = 'due', attempts = 0, next_at = $1,"
                         " claim = NULL, claim_until = NULL WHERE state = 'dead'",
                         &now, 1, changed, error);
}

enum mz_code mz_outbox_drop(struct mz_db *db, const char *id, int64_t *changed,
                            struct mz_error *error)
{
    static const char sql[] =
        "UPDATE outbox SET state = 'dead', next_at = $2, claim = NULL,"
        " claim_until = NULL, last_error = 'given up by hand'"
        " WHERE id = $1 AND state = 'due'";

    *changed = 0;
    return change_one(db, sql, id, changed, error);
}
