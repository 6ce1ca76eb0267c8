#include "deliver/alerts.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "deliver/alert.h"
#include "value/json.h"
#include "value/record.h"

#define CEILING      ((size_t)64 << 20)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *mz_alert_name(enum mz_alert_kind kind)
{
    static const char *const names[MZ_ALERT_KINDS] = {[MZ_ALERT_FAILURE] = "failure",
                                                      [MZ_ALERT_LATE] = "late",
                                                      [MZ_ALERT_FEW] = "few"};
    return names[kind];
}

int64_t mz_alert_number(const struct mz_watched_pipeline *watched, const char *name,
                        int64_t otherwise)
{
    const struct mizan_value *value = mz_map_member(&watched->rules, name);
    return value != NULL && value->type == MIZAN_INTEGER ? value->as.integer
                                                         : otherwise;
}

/* ---- what is watched ---- */

static bool same_text(const struct mizan_value *row, const char *name, const char *text)
{
    const char *known = mz_map_text(row, name);
    return known == NULL || text == NULL ? known == text : strcmp(known, text) == 0;
}

static enum mz_code forget(struct mz_db *db, const struct mz_alert_rule *rule,
                           struct mz_error *error)
{
    const struct mizan_value name = mz_text(rule->pipeline);
    enum mz_code code = mz_db_execute(db, "DELETE FROM alert WHERE pipeline = $1",
                                      &name, 1, NULL, error);
    return code != MZ_OK
               ? code
               : mz_db_execute(db, "DELETE FROM alert_rule WHERE pipeline = $1", &name,
                               1, NULL, error);
}

static enum mz_code remember(struct mz_db *db, const struct mz_alert_rule *rule,
                             bool new_times, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(rule->pipeline), mz_text(rule->rules),
        mz_text(rule->cron),     mz_text(rule->tz),
        mz_time(mz_clock_now()), mz_integer(new_times ? 1 : 0)};
    /* A tick of a schedule that was not in force then is not one that was missed. */
    return mz_db_execute(
        db,
        "INSERT INTO alert_rule(pipeline, rules, cron, tz, watched_from)"
        " VALUES($1, $2, $3, $4, $5) ON CONFLICT(pipeline) DO UPDATE SET"
        " rules = excluded.rules, cron = excluded.cron, tz = excluded.tz,"
        " watched_from = CASE WHEN $6 = 1 THEN excluded.watched_from"
        " ELSE alert_rule.watched_from END",
        arguments, COUNT(arguments), NULL, error);
}

static enum mz_code write_rule(struct mz_db *db, const struct mz_alert_rule *rule,
                               const struct mizan_value *known, struct mz_error *error)
{
    bool new_times = known == NULL || !same_text(known, "cron", rule->cron) ||
                     !same_text(known, "tz", rule->tz);
    enum mz_code code = mz_db_begin(db, error);
    if (code != MZ_OK) {
        return code;
    }
    code = rule->rules == NULL ? forget(db, rule, error)
                               : remember(db, rule, new_times, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

enum mz_code mz_alerts_watch(struct mz_db *db, const struct mz_alert_rule *rule,
                             struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(CEILING);
    const struct mizan_value name = mz_text(rule->pipeline);
    struct mizan_value rows;
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for alerts")
                            : mz_db_rows(db,
                                         "SELECT rules, cron, tz FROM alert_rule"
                                         " WHERE pipeline = $1",
                                         &name, 1, arena, &rows, error);
    if (code == MZ_OK) {
        const struct mizan_value *known =
            rows.as.list.count > 0 ? &rows.as.list.items[0] : NULL;
        bool same = known == NULL ? rule->rules == NULL
                                  : same_text(known, "rules", rule->rules) &&
                                        same_text(known, "cron", rule->cron) &&
                                        same_text(known, "tz", rule->tz);
        code = same ? MZ_OK : write_rule(db, rule, known, error);
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- one pipeline ---- */

static enum mz_code read_told(struct mz_db *db, struct mz_watched_pipeline *watched,
                              struct mz_error *error)
{
    const struct mizan_value name = mz_text(watched->name);
    struct mizan_value rows;
    enum mz_code code =
        mz_db_rows(db, "SELECT kind, since FROM alert WHERE pipeline = $1", &name, 1,
                   watched->arena, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *row = &rows.as.list.items[i];
        for (int kind = 0; kind < MZ_ALERT_KINDS; kind++) {
            if (mz_value_is(mz_map_member(row, "kind"), mz_alert_name(kind))) {
                watched->told[kind] = true;
                watched->since[kind] = mz_map_text(row, "since");
            }
        }
    }
    return code;
}

/* True when the rules want to hear of it. */
static bool is_wanted(const struct mz_watched_pipeline *watched, const char *name)
{
    const struct mizan_value *on = mz_map_member(&watched->rules, "on");
    if (on == NULL || on->type != MIZAN_LIST) {
        return true;
    }
    for (size_t i = 0; i < on->as.list.count; i++) {
        if (mz_value_is(&on->as.list.items[i], name)) {
            return true;
        }
    }
    return false;
}

static bool has_changed(const struct mz_watched_pipeline *watched, int kind)
{
    return is_wanted(watched, mz_alert_name(kind)) &&
           (watched->told[kind] ? watched->is[kind] == MZ_CONDITION_GOOD
                                : watched->is[kind] == MZ_CONDITION_BAD);
}

static enum mz_code note(struct mz_db *db, const struct mz_watched_pipeline *watched,
                         int kind, struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(watched->name), mz_text(mz_alert_name(kind)), mz_time(watched->now),
        mz_text(watched->run_id),
        mz_text(watched->reason[kind] == NULL ? "" : watched->reason[kind])};
    return watched->told[kind]
               ? mz_db_execute(db,
                               "DELETE FROM alert WHERE pipeline = $1 AND kind = $2",
                               arguments, 2, NULL, error)
               : mz_db_execute(
                     db,
                     "INSERT INTO alert(pipeline, kind, since, run_id, reason)"
                     " VALUES($1, $2, $3, $4, $5)",
                     arguments, COUNT(arguments), NULL, error);
}

static enum mz_code change(struct mz_db *db, const struct mz_watched_pipeline *watched,
                           int kind, struct mz_error *error)
{
    bool over = watched->told[kind];
    enum mz_code code = note(db, watched, kind, error);
    if (code == MZ_OK && (!over || is_wanted(watched, "recovery"))) {
        code = mz_alert_tell(db, watched, kind, over, error);
    }
    if (code == MZ_OK) {
        mz_log(over ? MZ_LOG_INFO : MZ_LOG_WARNING, NULL, "alert %s of %s %s: %s",
               mz_alert_name(kind), watched->name, over ? "is over" : "begins",
               watched->reason[kind] == NULL ? "" : watched->reason[kind]);
    }
    return code;
}

/* Judged inside the transaction, where nobody else tells the same. */
static enum mz_code judge_and_tell(struct mz_db *db,
                                   struct mz_watched_pipeline *watched, int64_t *told,
                                   struct mz_error *error)
{
    enum mz_code code = read_told(db, watched, error);
    if (code == MZ_OK) {
        code = mz_alert_judge(db, watched, error);
    }
    for (int kind = 0; code == MZ_OK && kind < MZ_ALERT_KINDS; kind++) {
        if (has_changed(watched, kind)) {
            code = change(db, watched, kind, error);
            *told += 1;
        }
    }
    return code;
}

static enum mz_code check(struct mz_db *db, const struct mizan_value *row,
                          const char *run_id, struct mz_arena *arena, int64_t *told,
                          struct mz_error *error)
{
    struct mz_watched_pipeline watched = {.arena = arena,
                                          .name = mz_map_text(row, "pipeline"),
                                          .run_id = run_id,
                                          .cron = mz_map_text(row, "cron"),
                                          .tz = mz_map_text(row, "tz"),
                                          .now = mz_clock_now()};
    const char *rules = mz_map_text(row, "rules");
    const char *from = mz_map_text(row, "watched_from");
    int64_t changes = 0;
    (void)mz_time_parse(from, strlen(from), &watched.watched_from);
    enum mz_code code =
        mz_json_parse(arena, rules, strlen(rules), &watched.rules, error);
    if (code != MZ_OK) {
        mz_error_prefix(error, "the rules of the alerts of %s", watched.name);
        return code;
    }
    struct mz_watched_pipeline before = watched;
    code = read_told(db, &before, error);
    if (code == MZ_OK) {
        code = mz_alert_judge(db, &before, error);
    }
    bool changed = false;
    for (int kind = 0; kind < MZ_ALERT_KINDS; kind++) {
        changed = changed || has_changed(&before, kind);
    }
    /* Nothing to write: nobody is kept from writing. */
    if (code != MZ_OK || !changed) {
        return code;
    }
    code = mz_db_begin(db, error);
    if (code != MZ_OK) {
        return code;
    }
    code = judge_and_tell(db, &watched, &changes, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
        return code;
    }
    *told += changes;
    return MZ_OK;
}

/* ---- when it is looked at ---- */

/* `pipeline` NULL: those with a schedule, and lateness alone. */
static enum mz_code check_all(struct mz_db *db, const char *pipeline,
                              const char *run_id, int64_t *told, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(CEILING);
    const struct mizan_value name = mz_text(pipeline == NULL ? "" : pipeline);
    struct mizan_value rows;
    int64_t changes = 0;
    enum mz_code code =
        arena == NULL
            ? mz_fail(error, MZ_MEMORY, "no memory for alerts")
            : mz_db_rows(db,
                         "SELECT pipeline, rules, cron, tz, watched_from"
                         " FROM alert_rule WHERE pipeline = $1"
                         " OR ($1 = '' AND cron IS NOT NULL) ORDER BY pipeline",
                         &name, 1, arena, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        uint64_t mark = mz_arena_mark(arena);
        code = check(db, &rows.as.list.items[i], run_id, arena, &changes, error);
        mz_arena_release(arena, mark);
    }
    mz_arena_destroy(arena);
    if (told != NULL) {
        *told = changes;
    }
    return code;
}

enum mz_code mz_alerts_run_ended(struct mz_db *db, const char *pipeline,
                                 const char *run_id, int64_t *told,
                                 struct mz_error *error)
{
    return check_all(db, pipeline, run_id, told, error);
}

enum mz_code mz_alerts_look(struct mz_db *db, int64_t *told, struct mz_error *error)
{
    return check_all(db, NULL, NULL, told, error);
}

enum mz_code mz_alerts_list(struct mz_db *db, struct mz_arena *arena,
                            struct mizan_value *rows, struct mz_error *error)
{
    return mz_db_rows(db,
                      "SELECT pipeline, kind AS alert, since, reason,"
                      " substr(run_id, 1, 12) AS run FROM alert"
                      " ORDER BY since DESC, pipeline, kind",
                      NULL, 0, arena, rows, error);
}
