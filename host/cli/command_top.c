/* `mizan top`: runs, what waits, hosts. A screen that is drawn anew on a terminal, one
 * look as plain text elsewhere. */
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/host_rows.h"
#include "cli/run_rows.h"
#include "value/record.h"
#include "value/table.h"

#define INTERVAL 2000
#define CLEAR    "\033[H\033[2J\033[3J"

static atomic_int stopped;

static void on_stop(int signal)
{
    atomic_store(&stopped, signal);
}

static const char running_sql[] =
    "SELECT r.pipeline, CASE WHEN r.shard = 0 THEN '' ELSE CAST(r.shard AS TEXT) END AS"
    " shard, r.host, r.kind, r.tick_at, r.started_at, r.attempt, substr(r.id, 1, 10) AS"
    " run FROM run r WHERE r.status = 'running' ORDER BY r.started_at, r.id LIMIT 40";
static const char waiting_sql[] =
    "SELECT pipeline, count(*) AS ticks, min(tick_at) AS since, max(owner) AS kept_by"
    " FROM tick WHERE state = 'ready' GROUP BY pipeline ORDER BY min(tick_at), pipeline"
    " LIMIT 20";
static const char ended_sql[] =
    "SELECT pipeline, host, status, tick_at, started_at, ended_at, error FROM run"
    " WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id LIMIT 8";
static const char totals_sql[] =
    "SELECT (SELECT count(*) FROM run WHERE status = 'running') AS running,"
    " (SELECT count(*) FROM tick WHERE state = 'ready') AS waiting,"
    " (SELECT min(tick_at) FROM tick WHERE state = 'ready') AS oldest,"
    " (SELECT count(*) FROM run WHERE ended_at >= $1) AS ended,"
    " (SELECT count(*) FROM run WHERE ended_at >= $1 AND status = 'failed') AS failed,"
    " (SELECT count(*) FROM pipeline WHERE state = 'ok') AS pipelines,"
    " (SELECT count(*) FROM pipeline WHERE state = 'broken') AS broken";

static int64_t number(const struct mizan_value *row, const char *name)
{
    const struct mizan_value *value = mz_map_member(row, name);
    return value != NULL && value->type == MIZAN_INTEGER ? value->as.integer : 0;
}

static enum mz_code print_totals(struct mz_db *db, struct mz_arena *arena,
                                 struct mz_error *error)
{
    int64_t now = mz_db_now(db), oldest = 0;
    const struct mizan_value hour = mz_time(now - 3600000);
    struct mizan_value rows;
    char time[MZ_TIME_TEXT];
    enum mz_code code = mz_db_rows(db, totals_sql, &hour, 1, arena, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *row = &rows.as.list.items[0];
    const char *since = mz_map_text(row, "oldest");
    if (since == NULL || !mz_time_parse(since, strlen(since), &oldest) ||
        oldest > now) {
        oldest = now;
    }
    printf("%s  %lld pipelines (%lld broken), %lld running, %lld waiting, lag %lld s, "
           "%lld ended in the last hour, %lld failed\n",
           mz_time_format(now, time), (long long)number(row, "pipelines"),
           (long long)number(row, "broken"), (long long)number(row, "running"),
           (long long)number(row, "waiting"), (long long)((now - oldest) / 1000),
           (long long)number(row, "ended"), (long long)number(row, "failed"));
    return MZ_OK;
}

static enum mz_code print_part(const char *title, const struct mizan_value *rows,
                               struct mz_error *error)
{
    if (rows->as.list.count == 0) {
        return MZ_OK;
    }
    printf("\n%s\n", title);
    return mz_table_print(stdout, rows, MZ_TABLE_ALIGNED, 2, error);
}

static enum mz_code print_all(struct mz_db *db, struct mz_arena *arena,
                              struct mz_error *error)
{
    static const struct {
        const char *title, *sql;
    } parts[] = {
        {"running", running_sql}, {"waiting", waiting_sql}, {"ended last", ended_sql}};
    struct mizan_value rows;
    enum mz_code code = print_totals(db, arena, error);
    if (code == MZ_OK) {
        code = mz_host_rows(db, arena, &rows, error);
    }
    if (code == MZ_OK) {
        code = print_part("hosts", &rows, error);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts && code == MZ_OK; i++) {
        code = mz_db_rows(db, parts[i].sql, NULL, 0, arena, &rows, error);
        if (code == MZ_OK) {
            code = print_part(parts[i].title, &rows, error);
        }
    }
    return code;
}

static enum mz_code look(struct mz_home *home, const struct mz_arguments *arguments,
                         int64_t interval, struct mz_error *error)
{
    bool live = isatty(STDOUT_FILENO) && mz_argument(arguments, "once") == NULL;
    enum mz_code code;
    do {
        struct mz_arena *arena = mz_arena_create((size_t)64 << 20);
        if (arena == NULL) {
            return mz_fail(error, MZ_MEMORY, "not enough memory");
        }
        if (live) {
            fputs(CLEAR, stdout);
        }
        code = print_all(home->db, arena, error);
        fflush(stdout);
        mz_arena_destroy(arena);
        if (live && (code == MZ_OK || code == MZ_TRY_AGAIN)) {
            (void)poll(NULL, 0, (int)interval);
        }
    } while (live && atomic_load(&stopped) == 0 &&
             (code == MZ_OK || code == MZ_TRY_AGAIN));
    return code;
}

int mz_command_top(const struct mz_arguments *arguments)
{
    struct mz_home home;
    struct mz_error error;
    const char *text = mz_argument(arguments, "interval");
    int64_t interval = INTERVAL;
    struct sigaction action = {.sa_handler = on_stop};
    if (text != NULL &&
        (!mz_parse_duration(text, &interval) || interval < 100 || interval > 3600000)) {
        mz_fail(&error, MZ_USAGE, "--interval takes a time from 100ms to 1h, not '%s'",
                text);
        return mz_command_fail(&error);
    }
    enum mz_code code = mz_home_open(&home, arguments, MZ_DB_READ, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    code = look(&home, arguments, interval, &error);
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
