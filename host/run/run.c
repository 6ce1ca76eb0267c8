#include "run/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "db/raw.h"
#include "deliver/alerts.h"
#include "run/alert_rules.h"
#include "run/quarantine.h"
#include "run/report.h"
#include "run/supervise.h"
#include "run/tallies.h"
#include "run/walls.h"
#include "run/work.h"
#include "value/digest.h"
#include "value/json.h"

#define RUN_CEILING ((size_t)256 << 20)
/* A transaction that a lost connection or another writer undid is repeated. */
#define DATABASE_TRIES 3

/* ---- the run row ---- */

static void make_run_id(char out[64])
{
    uint64_t parts[4] = {0};
    char text[128];
    /* Without random bytes the time and the process still tell runs apart. */
    (void)!getrandom(parts, sizeof parts, 0);
    snprintf(text, sizeof text, "%llx%llx%llx%llx.%lld.%d",
             (unsigned long long)parts[0], (unsigned long long)parts[1],
             (unsigned long long)parts[2], (unsigned long long)parts[3],
             (long long)mz_clock_now(), (int)getpid());
    struct mizan_slice slice = {text, strlen(text)};
    mz_hash_id(&slice, 1, out);
}

static void describe_plugins(const struct mz_pipeline *pipeline, struct mz_buffer *out)
{
    bool first = true;
    mz_buffer_byte(out, '{');
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const struct mz_stage *stage = &pipeline->stages[i];
        if (stage->kind == MZ_STAGE_PLUGIN) {
            const char *label = mz_plugin_label(stage->plugin);
            const char *version = mz_plugin_descriptor(stage->plugin)->version;
            mz_buffer_text(out, first ? "" : ",");
            mz_json_text(out, label, strlen(label));
            mz_buffer_byte(out, ':');
            mz_json_text(out, version, strlen(version));
            first = false;
        }
    }
    mz_buffer_byte(out, '}');
}

/* What departs from the defaults, so that the run row shows it. */
static void describe_settings(const struct mz_pipeline *pipeline, struct mz_buffer *out)
{
    mz_buffer_printf(out, "{\"politeness\":\"%s\"", pipeline->polite ? "on" : "off");
    if (!pipeline->robots) {
        mz_buffer_text(out, ",\"robots\":\"off\"");
    }
    if (!pipeline->retries) {
        mz_buffer_text(out, ",\"retries\":\"off\"");
    }
    if (pipeline->cookies) {
        mz_buffer_text(out, ",\"cookies\":\"on\"");
    }
    if (mz_walls_lowered()) {
        mz_buffer_text(out, ",\"walls\":");
        mz_json_text(out, mz_walls_text(), strlen(mz_walls_text()));
    }
    if (pipeline->private_count > 0) {
        mz_buffer_text(out, ",\"private\":[");
        for (size_t i = 0; i < pipeline->private_count; i++) {
            const char *host = pipeline->private_hosts[i];
            mz_buffer_text(out, i == 0 ? "" : ",");
            mz_json_text(out, host, strlen(host));
        }
        mz_buffer_byte(out, ']');
    }
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct mz_parameter *parameter = &pipeline->parameters[i];
        mz_buffer_text(out, i == 0 ? ",\"parameters\":{" : ",");
        mz_json_text(out, parameter->name, strlen(parameter->name));
        mz_buffer_byte(out, ':');
        mz_json_value(out, &parameter->value);
        mz_buffer_text(out, i + 1 == pipeline->parameter_count ? "}" : "");
    }
    mz_buffer_byte(out, '}');
}

/* An object that did not fit is told as an empty one, never as half of one. */
static const char *whole(const struct mz_buffer *object)
{
    return mz_buffer_ok(object) && object->data != NULL ? object->data : "{}";
}

static enum mz_code begin(struct mz_run *run, struct mz_error *error)
{
    char host[256] = "unknown";
    struct mz_buffer plugins;
    struct mz_buffer settings;
    mz_buffer_init(&plugins, 1 << 16);
    mz_buffer_init(&settings, 1 << 20);
    describe_plugins(run->loaded.pipeline, &plugins);
    describe_settings(run->loaded.pipeline, &settings);
    mz_host_name(host, sizeof host);
    const char *given = mz_run_given_id();
    if (given != NULL && run->settings->tick) {
        snprintf(run->run_id, sizeof run->run_id, "%s", given);
    } else {
        make_run_id(run->run_id);
    }
    struct mz_run_row row = {.id = run->run_id,
                             .pipeline = run->loaded.pipeline->name,
                             .script_hash = run->loaded.pipeline->script_hash,
                             .plugins = whole(&plugins),
                             .host_version = MIZAN_VERSION,
                             .host = host,
                             .settings = whole(&settings),
                             .started_at = run->started};
    char label[320];
    snprintf(label, sizeof label, "%.30s/%s", host, run->run_id);
    mz_db_set_label(run->db, label);
    enum mz_code code = MZ_TRY_AGAIN;
    for (int i = 0; i < DATABASE_TRIES && code == MZ_TRY_AGAIN; i++) {
        code = mz_run_claim(run, &row, error);
    }
    mz_buffer_finish(&plugins);
    mz_buffer_finish(&settings);
    if (code == MZ_OK && !run->claimed.nothing) {
        snprintf(run->activity->run_id, sizeof run->activity->run_id, "%s",
                 run->run_id);
        snprintf(run->activity->pipeline, sizeof run->activity->pipeline, "%s",
                 run->loaded.pipeline->name);
        atomic_store(&run->activity->run_started, 1);
    }
    struct mz_error later;
    if (code == MZ_OK && run->hooks == NULL &&
        mz_alert_rules_note(run->db, &run->loaded, &later) != MZ_OK) {
        mz_log(MZ_LOG_WARNING, NULL, "the alerts of %s could not be noted: %s",
               run->loaded.pipeline->name, later.message);
    }
    return code;
}

/* The status word and the exit code of a run whose units are all dealt with. */
static enum mz_code judge(struct mz_run *run, const char **status,
                          struct mz_error *error)
{
    int64_t rejected = mz_counts_get(run->counts, "documents", "rejected");
    *status = "failed";
    if (run->sources > 0 && run->sources_failed == run->sources) {
        return mz_fail(error, run->script_failed ? MZ_SCRIPT : MZ_UNREACHABLE,
                       "every source failed; %s", run->first_failure);
    }
    if (mz_too_many_failed(run->failed, run->units)) {
        return mz_fail(error, MZ_ITEMS_FAILED,
                       "%lld of %lld documents failed, more than 20 %%",
                       (long long)run->failed, (long long)run->units);
    }
    *status = run->failed > 0 || run->sources_failed > 0 || rejected > 0
                  ? "finished with failures"
                  : "ok";
    return *status[0] == 'o' ? MZ_OK : MZ_ITEMS_FAILED;
}

/* The run is over whatever comes of this: what cannot be told is logged. */
static void judge_alerts(struct mz_db *db, const char *pipeline, const char *run_id)
{
    struct mz_error error;
    if (mz_alerts_run_ended(db, pipeline, run_id, NULL, &error) != MZ_OK) {
        mz_log(MZ_LOG_WARNING, NULL, "the alerts of %s could not be judged: %s",
               pipeline, error.message);
    }
}

static enum mz_code end(struct mz_run *run, enum mz_code code, struct mz_error *error)
{
    const char *status = "failed";
    struct mz_error later;
    struct mz_buffer counts;
    const char *failure = NULL;
    if (code == MZ_OK) {
        error->message[0] = '\0';
        code = judge(run, &status, error);
        failure = error->message[0] == '\0' ? NULL : error->message;
    } else {
        failure = error->message;
        status = code == MZ_CANCELLED ? "cancelled" : "failed";
    }
    mz_buffer_init(&counts, 1 << 22);
    mz_counts_json(run->counts, &counts);
    enum mz_code ended = MZ_TRY_AGAIN;
    for (int i = 0; i < DATABASE_TRIES && ended == MZ_TRY_AGAIN; i++) {
        ended = mz_run_finish(run, code, status, whole(&counts), failure, &later);
    }
    if (ended != MZ_OK) {
        status = "failed";
        if (code == MZ_OK || code == MZ_ITEMS_FAILED) {
            *error = later;
            mz_error_prefix(error, "the end of the run could not be noted");
            failure = error->message;
            code = later.code;
        }
    }
    char database[MZ_PATH];
    mz_db_show_url(run->loaded.environment.database, database, sizeof database);
    struct mz_run_end summary = {.run_id = run->run_id,
                                 .pipeline = run->loaded.pipeline,
                                 .status = status,
                                 .database = database,
                                 .failure = failure,
                                 .counts = run->counts,
                                 .counts_json = whole(&counts),
                                 .milliseconds =
                                     mz_clock_monotonic() - run->started_monotonic};
    run->status = status;
    if (run->hooks == NULL) {
        judge_alerts(run->db, run->loaded.pipeline->name, run->run_id);
        mz_run_report(&summary, run->settings, run->db, run->arena);
    }
    mz_buffer_finish(&counts);
    return code;
}

/* ---- the child ---- */

static enum mz_code open_run(struct mz_run *run, struct mz_error *error)
{
    const struct mz_run_settings *settings = run->settings;
    run->arena = mz_arena_create(RUN_CEILING);
    run->counts = mz_counts_create();
    run->retried = mz_map_create();
    run->crashers = mz_map_create();
    if (run->arena == NULL || run->counts == NULL || run->retried == NULL ||
        run->crashers == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a run");
    }
    enum mz_code code =
        mz_loaded_init(&run->loaded, settings->file, settings->database,
                       settings->parameters, settings->parameter_count, error);
    if (code == MZ_OK) {
        mz_run_limit_time(run);
        code = mz_run_find_tick(run, error);
    }
    if (code == MZ_OK && run->hooks != NULL && run->hooks->loaded != NULL) {
        code = run->hooks->loaded(run, run->hooks->owner, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    run->stages = (struct mz_stages){.pipeline = run->loaded.pipeline,
                                     .lua = run->loaded.lua,
                                     .folder = run->loaded.environment.project.folder,
                                     .arena = run->arena,
                                     .counts = run->counts,
                                     .cancel = mz_cancel_flag()};
    if (run->hooks != NULL) {
        run->stages.trace = run->hooks->trace;
        run->stages.verdict = run->hooks->verdict;
        run->stages.owner = run->hooks->owner;
    }
    struct mz_walls_settings walls = {.environment = &run->loaded.environment,
                                      .pipeline = run->loaded.pipeline};
    code = mz_environment_prepare(&run->loaded.environment, error);
    if (code == MZ_OK) {
        code = mz_walls_raise(&walls, error);
    }
    if (code == MZ_OK) {
        code =
            mz_db_open(run->loaded.environment.database, MZ_DB_CREATE, &run->db, error);
    }
    if (code == MZ_OK) {
        mz_db_set_raw_folder(run->db, run->loaded.environment.project.raw_folder);
        /* From here on whoever watches can write what happens. */
        snprintf(run->activity->database, sizeof run->activity->database, "%s",
                 run->loaded.environment.database);
        code = mz_quarantine_check(run->db, run->loaded.pipeline,
                                   run->loaded.environment.crash_limit, error);
    }
    if (code == MZ_OK) {
        code = mz_stages_open(&run->stages, error);
    }
    return code;
}

void mz_run_close(struct mz_run *run)
{
    mz_group_destroy(run->group);
    if (run->stages.instances != NULL) {
        mz_stages_close(&run->stages);
    }
    mz_db_close(run->db);
    if (run->loaded.pipeline != NULL) {
        mz_loaded_finish(&run->loaded);
    }
    mz_tallies_destroy(run->tallies);
    mz_map_destroy(run->retried, NULL);
    mz_map_destroy(run->crashers, NULL);
    mz_counts_destroy(run->counts);
    mz_arena_destroy(run->arena);
}

enum mz_code mz_run_perform(struct mz_run *run, struct mz_error *error)
{
    run->started = mz_clock_now();
    run->started_monotonic = mz_clock_monotonic();
    enum mz_code code = open_run(run, error);
    if (code == MZ_OK) {
        code = begin(run, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    if (run->claimed.nothing) {
        mz_run_report_nothing(run->loaded.pipeline, run->tick, run->claimed.sentence,
                              run->settings);
        return MZ_OK;
    }
    run->committer = (struct mz_committer){
        .db = run->db,
        .lease = &run->lease,
        .stages = &run->stages,
        .pipeline = run->loaded.pipeline->name,
        .run_id = run->run_id,
        .tick_at = run->tick_at,
        .script_hash = run->loaded.pipeline->script_hash,
    };
    code = mz_run_create_group(run, error);
    if (code == MZ_OK) {
        code = run->hooks != NULL && run->hooks->work != NULL
                   ? run->hooks->work(run, run->hooks->owner, error)
                   : mz_run_work(run, error);
    }
    code = end(run, code, error);
    struct mz_error later;
    if (mz_quarantine_survived(run->db, run->loaded.pipeline, &later) != MZ_OK) {
        mz_log(MZ_LOG_WARNING, NULL, "that no plugin crashed could not be noted: %s",
               later.message);
    }
    return code;
}

static int run_child(void *argument, struct mz_activity *activity)
{
    struct mz_run run = {.settings = argument, .activity = activity};
    struct mz_error error = {.code = MZ_OK};
    mz_walls_begin();
    enum mz_code code = mz_run_perform(&run, &error);
    if (error.message[0] != '\0' && code != MZ_OK) {
        error.code = code;
        mz_walls_explain(&error);
        mz_error_print(&error, stderr);
    }
    mz_run_close(&run);
    return mz_child_status(code);
}

/* ---- in the parent ---- */

/* A letter for the unit that a plugin took down with it: the crash shows where other
 * failures do. Its body died with the child, so it is fetched again; without source and
 * body the letter is recognised by the runs that follow (work.c). */
static enum mz_code write_letter(struct mz_db *db, const struct mz_activity *activity,
                                 const struct mz_activity_slot *call,
                                 const char *message, struct mz_error *error)
{
    bool fetching = strcmp(call->function, "fetch") == 0;
    struct mz_dead_letter letter = {.pipeline = activity->pipeline,
                                    .run_id = activity->run_id,
                                    .outcome = "error",
                                    .stage = call->stage,
                                    .reason = message};
    if (call->record[0] != '\0') {
        *(fetching ? &letter.source : &letter.url) = call->record;
    }
    enum mz_code code = mz_db_begin(db, error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_dead_letter(db, &letter, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

/* Notes what happened to a run that had begun, and which plugin crashed: that also when
 * it died while it was opened, before there was a run. */
static enum mz_code note_death(struct mz_db *db, const struct mz_activity *activity,
                               const struct mz_activity_slot *call,
                               const struct mz_error *why, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    bool started = atomic_load(&activity->run_started) != 0;
    if (call != NULL && why->code == MZ_PLUGIN_CRASHED) {
        code = mz_quarantine_note(db, call, why->message, error);
    }
    if (code == MZ_OK && started && call != NULL) {
        code = write_letter(db, activity, call, why->message, error);
    }
    if (code == MZ_OK && started) {
        code = mz_home_bury_run_as(db, activity->run_id,
                                   why->code == MZ_CANCELLED ? MZ_RUN_STOPPED
                                                             : MZ_RUN_FAILED,
                                   why->message, error);
    }
    if (code == MZ_OK && started) {
        judge_alerts(db, activity->pipeline, activity->run_id);
    }
    return code;
}

/* The child died. Its open unit was undone by the database itself. */
static void bury(void *argument, const struct mz_activity *activity,
                 const struct mz_activity_slot *call, const struct mz_error *why)
{
    struct mz_db *db = NULL;
    struct mz_error error;
    (void)argument;
    if (activity->database[0] == '\0') {
        return;
    }
    enum mz_code code = mz_db_open(activity->database, MZ_DB_WRITE, &db, &error);
    if (code == MZ_OK) {
        code = note_death(db, activity, call, why, &error);
    }
    if (code != MZ_OK) {
        mz_error_prefix(&error, "the end of the run could not be noted");
        mz_error_print(&error, stderr);
    }
    mz_db_close(db);
}

int mz_run(const struct mz_run_settings *settings)
{
    struct mz_supervision supervision = {.orderly = true, .died = bury};
    union {
        const struct mz_run_settings *in;
        void *out;
    } argument = {settings};
    return mz_supervise(run_child, argument.out, &supervision);
}
