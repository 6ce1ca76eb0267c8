/* `mizan runs`: the last runs, what they counted, what departs from the usual. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/run_rows.h"
#include "value/record.h"
#include "value/table.h"

/* Shown to people: ids cut short, counters as columns. */
static const char short_sql[] =
    "SELECT substr(id, 1, 10) AS run, pipeline,"
    " CASE WHEN kind = 'tick' THEN coalesce(triggered_by, kind) ELSE kind END AS kind,"
    " tick_at, started_at, ended_at, status, attempt, counts, unusual, error";
static const char full_sql[] =
    "SELECT id, pipeline, kind, triggered_by, tick_at, attempt, data_from, data_to,"
    " started_at, ended_at, status, counts, unusual, cpu_ms, peak_kb, script_hash,"
    " plugins, settings, host, host_version, error";
static const char from_sql[] =
    " FROM run WHERE (CAST($1 AS TEXT) = '' OR pipeline = $1)"
    " AND (CAST($2 AS TEXT) = '' OR status = $2)"
    " AND (CAST($3 AS TEXT) = '' OR started_at >= $3)"
    " AND (CAST($4 AS TEXT) = '' OR kind = $4 OR triggered_by = $4)"
    " AND (CAST($5 AS TEXT) = '' OR unusual IS NOT NULL)"
    " ORDER BY started_at DESC, id LIMIT $6";

/* "2h" is so long ago, else a time. */
static bool read_since(const char *text, char out[MZ_TIME_TEXT])
{
    struct mz_error error;
    int64_t value;
    out[0] = '\0';
    if (text == NULL) {
        return true;
    }
    if (mz_parse_duration(text, &value)) {
        mz_time_format(mz_clock_now() - value, out);
        return true;
    }
    if (mz_time_parse(text, strlen(text), &value)) {
        mz_time_format(value, out);
        return true;
    }
    mz_fail(&error, MZ_USAGE, "--since takes a time or an age like 2h, not '%s'", text);
    mz_error_print(&error, stderr);
    return false;
}

static struct mizan_value or_empty(const char *text)
{
    return mz_text(text == NULL ? "" : text);
}

int mz_command_runs(const struct mz_arguments *arguments)
{
    struct mz_home home;
    struct mz_error error;
    struct mizan_value rows;
    char since[MZ_TIME_TEXT], sql[1600];
    int64_t limit;
    bool json = mz_argument(arguments, "json") != NULL;
    if (!mz_argument_number(arguments, "limit", 20, &limit) ||
        !read_since(mz_argument(arguments, "since"), since)) {
        return mz_exit_status(MZ_USAGE);
    }
    const struct mizan_value values[] = {
        or_empty(mz_operand(arguments, 0)),
        mz_argument(arguments, "failed") != NULL
            ? mz_text("failed")
            : or_empty(mz_argument(arguments, "status")),
        mz_text(since),
        or_empty(mz_argument(arguments, "kind")),
        mz_text(mz_argument(arguments, "unusual") == NULL ? "" : "1"),
        mz_integer(limit)};
    snprintf(sql, sizeof sql, "%s%s", json ? full_sql : short_sql, from_sql);
    enum mz_code code = mz_home_open(&home, arguments, MZ_DB_READ, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_db_rows(home.db, sql, values, sizeof values / sizeof values[0],
                      home.environment.arena, &rows, &error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "no runs\n");
    } else if (code == MZ_OK) {
        code = mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                              &error);
    }
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
