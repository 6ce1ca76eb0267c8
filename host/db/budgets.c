#include "db/budgets.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/engine.h"
#include "value/record.h"

#define TIME_SIZE 40

static const char *const pauses[] = {"none", "throttled", "failing"};

/* ---- times with milliseconds ---- */

static const char *format_time(int64_t time, char out[TIME_SIZE])
{
    char seconds[MZ_TIME_TEXT];
    int64_t part = ((time % 1000) + 1000) % 1000;
    mz_time_format(time, seconds);
    size_t size = strlen(seconds);
    snprintf(out, TIME_SIZE, "%.*s.%03dZ", (int)(size > 0 ? size - 1 : 0), seconds,
             (int)part);
    return out;
}

static int64_t read_time(const struct mizan_value *value)
{
    int64_t time = 0;
    if (value->type != MIZAN_TEXT ||
        !mz_time_parse(value->as.text.data, value->as.text.size, &time)) {
        return 0;
    }
    return time;
}

static int64_t read_integer(const struct mizan_value *value)
{
    return value->type == MIZAN_INTEGER ? value->as.integer : 0;
}

/* ---- the row of a host ---- */

/* A row is there and, in PostgreSQL, ours until the end of the transaction; in SQLite
 * the whole file is. */
static enum mz_code lock_row(struct mz_db *db, const char *host, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(host), mz_integer(MZ_TOKENS_FIRST)};
    enum mz_code code =
        mz_db_execute(db,
                      "INSERT INTO host_budget(host, tokens) VALUES($1, $2)"
                      " ON CONFLICT(host) DO NOTHING",
                      arguments, 2, NULL, error);
    return code == MZ_OK
               ? mz_db_execute(db, "UPDATE host_budget SET host = $1 WHERE host = $1",
                               arguments, 1, NULL, error)
               : code;
}

static enum mz_code read_row(struct mz_db *db, const char *host,
                             struct mz_host_row *row, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(host)};
    struct mizan_value values[9];
    struct mz_statement statement = {
        .sql = "SELECT next_ok, duration, delay, failures, tokens, requests, throttled,"
               " pause, wanted FROM host_budget WHERE host = $1",
        .arguments = arguments,
        .count = MZ_COUNT(arguments)};
    struct mz_arena *arena = mz_arena_create((size_t)1 << 16);
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the budget of a host");
    }
    enum mz_code code = mz_db_first(db, &statement, &first, error);
    memset(row, 0, sizeof *row);
    if (code == MZ_OK && first.found) {
        row->next_ok = read_time(&values[0]);
        row->duration = read_integer(&values[1]);
        row->delay = read_integer(&values[2]);
        row->failures = read_integer(&values[3]);
        row->tokens = read_integer(&values[4]);
        row->requests = read_integer(&values[5]);
        row->throttled = read_integer(&values[6]);
        row->wanted = read_integer(&values[8]);
        for (int i = 0; i < (int)MZ_COUNT(pauses); i++) {
            if (mz_value_is(&values[7], pauses[i])) {
                row->pause = (enum mz_host_pause)i;
            }
        }
    }
    mz_arena_destroy(arena);
    return code;
}

static enum mz_code write_row(struct mz_db *db, const char *host,
                              const struct mz_host_row *row, struct mz_error *error)
{
    char next[TIME_SIZE];
    const struct mizan_value arguments[] = {
        mz_text(host),
        row->next_ok > 0 ? mz_text(format_time(row->next_ok, next)) : mz_nil(),
        mz_integer(row->duration),
        mz_integer(row->delay),
        mz_integer(row->failures),
        mz_integer(row->tokens),
        mz_integer(row->requests),
        mz_integer(row->throttled),
        mz_text(pauses[row->pause]),
        mz_integer(row->wanted),
    };
    return mz_db_execute(
        db,
        "UPDATE host_budget SET next_ok = $2, duration = $3, delay = $4, failures = $5,"
        " tokens = $6, requests = $7, throttled = $8, pause = $9, wanted = $10"
        " WHERE host = $1",
        arguments, MZ_COUNT(arguments), NULL, error);
}

enum mz_code mz_home_host_change(struct mz_db *db, const char *host,
                                 mz_host_change change, void *context,
                                 struct mz_error *error)
{
    struct mz_host_row before, row;
    enum mz_code code = mz_db_begin(db, error);
    if (code != MZ_OK) {
        return code;
    }
    code = lock_row(db, host, error);
    if (code == MZ_OK) {
        code = read_row(db, host, &before, error);
    }
    if (code == MZ_OK) {
        row = before;
        /* After the lock: waiting for it took time. */
        change(context, mz_db_now(db), &row);
        if (memcmp(&row, &before, sizeof row) == 0) {
            mz_db_rollback(db);
            return MZ_OK;
        }
        code = write_row(db, host, &row, error);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

/* ---- robots.txt ---- */

enum mz_code mz_home_robots(struct mz_db *db, const char *origin,
                            struct mz_arena *arena, struct mizan_slice *text,
                            int64_t *milliseconds, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(origin)};
    struct mizan_value values[2];
    struct mz_statement statement = {
        .sql = "SELECT body, until FROM host_robots WHERE origin = $1",
        .arguments = arguments,
        .count = MZ_COUNT(arguments)};
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);
    bool found = code == MZ_OK && first.found && values[0].type == MIZAN_BYTES;
    *text = found ? values[0].as.text : (struct mizan_slice){0};
    *milliseconds = found ? read_time(&values[1]) - mz_db_now(db) : 0;
    return code;
}

enum mz_code mz_home_set_robots(struct mz_db *db, const char *origin,
                                struct mizan_slice text, int64_t milliseconds,
                                struct mz_error *error)
{
    char until[TIME_SIZE];
    const struct mizan_value arguments[] = {
        mz_text(origin),
        {.type = MIZAN_BYTES,
         .as.text = {text.data == NULL ? "" : text.data, text.size}},
        mz_text(format_time(mz_db_now(db) + milliseconds, until)),
    };
    return mz_db_execute(db,
                         "INSERT INTO host_robots(origin, body, until)"
                         " VALUES($1, $2, $3) ON CONFLICT(origin) DO UPDATE"
                         " SET body = excluded.body, until = excluded.until",
                         arguments, MZ_COUNT(arguments), NULL, error);
}
