/* What is wrong with a pipeline: read from its runs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cron/cron.h"
#include "deliver/alert.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_RUNS    60 /* looked at for ten that did not fail */
#define USUAL_RUNS   10
#define LEAST_RUNS   3 /* before which nothing is usual */
#define DEFAULT_FEW  30
#define DEFAULT_LATE ((int64_t)60 * 60 * 1000)

/* ---- runs ---- */

/* The ended runs of the pipeline, the one at hand first, then the latest. */
static enum mz_code read_runs(struct mz_db *db, struct mz_watched_pipeline *watched,
                              struct mizan_value *rows, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(watched->name), mz_text(watched->run_id), mz_integer(MOST_RUNS)};
    return mz_db_rows(db,
                      "SELECT id, status, counts, error, started_at FROM run"
                      " WHERE pipeline = $1 AND kind IN('manual', 'tick')"
                      " AND status <> 'running' AND status <> 'cancelled'"
                      " ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END,"
                      " started_at DESC, ended_at DESC LIMIT $3",
                      arguments, sizeof arguments / sizeof arguments[0], watched->arena,
                      rows, error);
}

static bool has_failed(const struct mizan_value *run)
{
    return mz_value_is(mz_map_member(run, "status"), "failed");
}

/* Records that the run passed to its stores, documents left out; -1: not known. */
static int64_t records_of(struct mz_arena *arena, const struct mizan_value *run)
{
    const char *text = mz_map_text(run, "counts");
    struct mizan_value counts;
    int64_t sum = 0;
    if (text == NULL ||
        mz_json_parse(arena, text, strlen(text), &counts, NULL) != MZ_OK) {
        return -1;
    }
    const struct mizan_value *records = mz_map_member(&counts, "records");
    for (size_t i = 0;
         records != NULL && records->type == MIZAN_MAP && i < records->as.map.count;
         i++) {
        const struct mizan_field *field = &records->as.map.fields[i];
        if (strcmp(field->name.data, "document") != 0 &&
            field->value.type == MIZAN_INTEGER) {
            sum += field->value.as.integer;
        }
    }
    return sum;
}

/* ---- failure ---- */

static void judge_failure(struct mz_watched_pipeline *watched,
                          const struct mizan_value *runs)
{
    size_t count = runs->as.list.count, failed = 0;
    int64_t after = mz_alert_number(watched, "after", 1);
    if (count == 0) {
        return;
    }
    while (failed < count && has_failed(&runs->as.list.items[failed])) {
        failed++;
    }
    if (failed == 0) {
        watched->is[MZ_ALERT_FAILURE] = MZ_CONDITION_GOOD;
        watched->reason[MZ_ALERT_FAILURE] = "its last run did not fail";
    } else if (failed >= (size_t)after) {
        const char *why = mz_map_text(&runs->as.list.items[0], "error");
        watched->is[MZ_ALERT_FAILURE] = MZ_CONDITION_BAD;
        watched->reason[MZ_ALERT_FAILURE] =
            failed == 1
                ? why
                : mz_arena_printf(watched->arena, "%zu runs in a row failed: %s",
                                  failed, why == NULL ? "no reason" : why);
    }
}

/* ---- fewer figures than usual ---- */

static int compare_numbers(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* A run that failed says nothing of what is usual. */
static void judge_few(struct mz_watched_pipeline *watched,
                      const struct mizan_value *runs)
{
    int64_t usual[USUAL_RUNS];
    size_t count = 0;
    int64_t few = mz_alert_number(watched, "few", DEFAULT_FEW);
    if (runs->as.list.count == 0 || has_failed(&runs->as.list.items[0])) {
        return;
    }
    int64_t now = records_of(watched->arena, &runs->as.list.items[0]);
    for (size_t i = 1; i < runs->as.list.count && count < USUAL_RUNS; i++) {
        const struct mizan_value *run = &runs->as.list.items[i];
        usual[count] = has_failed(run) ? -1 : records_of(watched->arena, run);
        count += usual[count] >= 0 ? 1 : 0;
    }
    if (now < 0 || count < LEAST_RUNS) {
        return;
    }
    qsort(usual, count, sizeof usual[0], compare_numbers);
    int64_t twice = usual[(count - 1) / 2] + usual[count / 2];
    bool bad = now * 200 < twice * few;
    watched->is[MZ_ALERT_FEW] = bad ? MZ_CONDITION_BAD : MZ_CONDITION_GOOD;
    watched->reason[MZ_ALERT_FEW] = mz_arena_printf(
        watched->arena,
        "%" PRId64 " records; the median of the %zu runs before is %" PRId64 "%s", now,
        count, twice / 2, twice % 2 == 0 ? "" : ".5");
}

/* ---- lateness ---- */

/* The last tick that is so long past that its run should have ended; false: none. */
static bool last_tick(const struct mz_watched_pipeline *watched, int64_t late,
                      struct mz_tick *out)
{
    struct mz_cron cron;
    const struct mz_zone *zone = NULL;
    struct mz_error error;
    if (mz_cron_parse(watched->cron, watched->name, &cron, &error) != MZ_OK ||
        mz_zone_load(NULL, watched->tz == NULL ? "UTC" : watched->tz, watched->arena,
                     &zone, &error) != MZ_OK) {
        mz_log(MZ_LOG_WARNING, NULL, "whether %s is late cannot be told: %s",
               watched->name, error.message);
        return false;
    }
    return mz_cron_previous(&cron, zone, (watched->now - late) / 1000 + 1, out) &&
           out->time * 1000 > watched->watched_from;
}

static enum mz_code judge_late(struct mz_db *db, struct mz_watched_pipeline *watched,
                               struct mz_error *error)
{
    int64_t late = mz_alert_number(watched, "late", DEFAULT_LATE);
    struct mz_tick tick;
    struct mizan_value rows;
    char text[MZ_TIME_TEXT];
    if (watched->cron == NULL || !last_tick(watched, late, &tick)) {
        return MZ_OK;
    }
    const struct mizan_value arguments[] = {mz_text(watched->name),
                                            mz_time(tick.time * 1000)};
    enum mz_code code =
        mz_db_rows(db,
                   "SELECT 1 FROM run WHERE pipeline = $1 AND status <> 'running'"
                   " AND (started_at >= $2 OR tick_at >= $2)"
                   " UNION ALL SELECT 1 FROM pipeline"
                   " WHERE name = $1 AND paused_at IS NOT NULL LIMIT 1",
                   arguments, 2, watched->arena, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    bool bad = rows.as.list.count == 0;
    watched->is[MZ_ALERT_LATE] = bad ? MZ_CONDITION_BAD : MZ_CONDITION_GOOD;
    watched->reason[MZ_ALERT_LATE] =
        bad ? mz_arena_printf(watched->arena,
                              "no run has ended for the tick of %s, %" PRId64
                              " minutes ago",
                              mz_time_format(tick.time * 1000, text),
                              (watched->now / 1000 - tick.time) / 60)
            : "a run ended for its last tick";
    return MZ_OK;
}

enum mz_code mz_alert_judge(struct mz_db *db, struct mz_watched_pipeline *watched,
                            struct mz_error *error)
{
    struct mizan_value runs;
    enum mz_code code = judge_late(db, watched, error);
    if (code == MZ_OK && watched->run_id != NULL) {
        code = read_runs(db, watched, &runs, error);
        if (code == MZ_OK) {
            judge_failure(watched, &runs);
            judge_few(watched, &runs);
        }
    }
    return code;
}
