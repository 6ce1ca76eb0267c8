#include "run/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "run/commit.h"
#include "run/report.h"
#include "run/supervise.h"
#include "value/digest.h"
#include "value/json.h"

#define RUN_CEILING  ((size_t)256 << 20)
#define UNIT_CEILING ((size_t)512 << 20)
/* A source whose units fail beyond this share, and at least so often, keeps its cursor;
 * a run of which that is true has failed (ARCHITECTURE section 2). */
#define FAILED_PER_CENT 20
#define FAILED_AT_LEAST 5

/* One run in the child. */
struct run {
    const struct mz_run_settings *settings;
    struct mz_activity *activity;
    struct mz_loaded loaded;
    struct mz_arena *arena;
    struct mz_counts *counts;
    struct mz_stages stages;
    struct mz_db *db;
    struct mz_lease lease;
    struct mz_committer committer;
    char run_id[64];
    int64_t started;
    int64_t units, failed;               /* of the whole run */
    int64_t source_units, source_failed; /* since the last end of a source */
    int64_t sources, sources_failed;
    char first_failure[1024]; /* of a source */
    struct mz_map *retried;   /* addresses that failed again from their kept bodies */
};

/* ---- state for ctx.state ---- */

struct unit_owner {
    struct run *run;
    struct mz_unit *unit;
};

static bool state_get(void *owner, const char *key, struct mz_arena *arena,
                      struct mizan_slice *out)
{
    struct unit_owner *self = owner;
    struct mz_error error;
    bool found = false;
    for (struct mz_change *c = self->unit->changes; c != NULL; c = c->next) {
        if (strcmp(c->key, key) == 0) {
            *out = c->value;
            found = true;
        }
    }
    if (found) {
        return true;
    }
    enum mz_code code =
        mz_home_state_get(self->run->db, self->run->loaded.pipeline->name,
                          self->unit->source_id, key, arena, out, &found, &error);
    if (code != MZ_OK) {
        mz_log(MZ_LOG_ERROR, NULL, "%s", error.message);
    }
    return code == MZ_OK && found;
}

static void state_set(void *owner, const char *key, struct mizan_slice value)
{
    struct unit_owner *self = owner;
    /* A change without memory fails the unit rather than being lost. */
    if (!mz_unit_change(self->unit, key, value)) {
        struct mz_letter letter = {.outcome = MZ_ERROR,
                                   .stage = "state",
                                   .reason = "not enough memory for ctx.state"};
        (void)mz_unit_letter(self->unit, &letter);
    }
}

/* ---- units ---- */

static void count_end(struct run *run, const struct mz_unit *unit, enum mz_unit_end end)
{
    static const char *const names[] = {"unchanged", "new", "new", "failed"};
    mz_counts_add(run->counts, "documents", names[end], 1);
    if (end == MZ_UNIT_STORED_WITH_REJECTS || unit->rejected > 0) {
        mz_counts_add(run->counts, "documents", "rejected", (int64_t)unit->rejected);
    }
    run->units++;
    run->source_units++;
    if (end == MZ_UNIT_FAILED) {
        run->failed++;
        run->source_failed++;
        mz_log(MZ_LOG_ERROR, NULL, "%s failed (attempt %lld): %s", unit->url,
               (long long)unit->attempt,
               unit->letters == NULL ? "unknown" : unit->letters->reason);
        return;
    }
    if (end == MZ_UNIT_UNCHANGED) {
        return;
    }
    for (struct mz_delivery *d = unit->deliveries; d != NULL; d = d->next) {
        for (size_t i = 0; i < d->records.count && d->next == NULL; i++) {
            mz_counts_add(run->counts, "records", mz_record_type(d->records.items[i]),
                          1);
        }
    }
}

static enum mz_code pass_through(struct run *run, struct mz_unit *unit,
                                 struct mz_error *error)
{
    struct unit_owner owner = {run, unit};
    struct mz_unit_context context = {.document = unit->document,
                                      .source = unit->source,
                                      .run_id = run->run_id,
                                      .trigger = "manual",
                                      .attempt = unit->attempt,
                                      .owner = &owner,
                                      .state_get = state_get,
                                      .state_set = state_set};
    struct mizan_value id = mz_text(unit->row.id);
    if (mz_record_put(unit->document, "id", &id) != MIZAN_OK) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    return mz_stages_run(&run->stages, unit, 1, run->loaded.pipeline->stage_count - 1,
                         &context, error);
}

static enum mz_code process(struct run *run, struct mz_unit *unit,
                            struct mz_error *error)
{
    enum mz_unit_news news = MZ_UNIT_NEW;
    enum mz_unit_end end = MZ_UNIT_UNCHANGED;
    enum mz_code code = mz_unit_identify(&run->committer, unit, &news, error);
    if (code == MZ_OK && news == MZ_UNIT_SET_ASIDE) {
        mz_counts_add(run->counts, "documents", "set_aside", 1);
        return MZ_OK;
    }
    if (code == MZ_OK && news == MZ_UNIT_SAME) {
        code = mz_commit_unchanged(&run->committer, unit, error);
    } else if (code == MZ_OK) {
        code = pass_through(run, unit, error);
        if (code == MZ_OK) {
            code = mz_commit_unit(&run->committer, unit, &end, error);
        }
    }
    if (code == MZ_OK) {
        count_end(run, unit, end);
        if (end == MZ_UNIT_FAILED && unit->retried &&
            !mz_map_set(run->retried, unit->url, strlen(unit->url), run, NULL)) {
            code = mz_fail(error, MZ_MEMORY, "not enough memory for the run");
        }
    }
    return code;
}

/* ---- units that failed before ---- */

static const struct mizan_record *
source_by_id(const struct mizan_record *const *sources, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = mz_record_text(sources[i], "id");
        if (name != NULL && id != NULL && strcmp(name, id) == 0) {
            return sources[i];
        }
    }
    return NULL;
}

static bool copy_fields(struct mizan_record *document, const struct mizan_value *row)
{
    static const char *const names[] = {"url",         "media_type", "charset",
                                        "http_status", "etag",       "last_modified"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct mizan_value *value = mz_map_member(row, names[i]);
        if (value != NULL && mz_record_put(document, names[i], value) != MIZAN_OK) {
            return false;
        }
    }
    return true;
}

/* Makes the unit of a kept body; *out stays NULL when its source left the script. */
static enum mz_code revive(struct run *run, const struct mizan_value *row,
                           const struct mizan_record *source, struct mz_unit **out,
                           struct mz_error *error)
{
    struct mizan_slice body = {NULL, 0};
    struct mz_unit *unit = mz_unit_create(UNIT_CEILING);
    const struct mizan_value *digest = mz_map_member(row, "raw_sha256");
    const struct mizan_value *fetched = mz_map_member(row, "fetched_at");
    int64_t time = 0;
    if (unit == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    enum mz_code code = digest == NULL ? MZ_OK
                                       : mz_home_raw(run->db, digest->as.text.data,
                                                     unit->arena, &body, error);
    unit->document = mz_record_create(unit->arena, "document");
    if (code == MZ_OK &&
        (unit->document == NULL || !copy_fields(unit->document, row))) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    if (code != MZ_OK) {
        mz_unit_destroy(unit);
        return code;
    }
    if (fetched != NULL && fetched->type == MIZAN_TEXT) {
        (void)mz_time_parse(fetched->as.text.data, fetched->as.text.size, &time);
    }
    struct mizan_value at = mz_time(time);
    struct mizan_value bytes = mz_bytes(body.data, body.size);
    if (mz_record_put(unit->document, "fetched_at", &at) != MIZAN_OK ||
        mz_record_put(unit->document, "body", &bytes) != MIZAN_OK) {
        mz_unit_destroy(unit);
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    const struct mizan_value *attempts = mz_map_member(row, "attempts");
    unit->source = source;
    unit->source_id = mz_record_text(source, "id");
    unit->url = mz_record_text(unit->document, "url");
    unit->retried = true;
    unit->attempt = (attempts == NULL ? 0 : attempts->as.integer) + 1;
    *out = unit;
    return MZ_OK;
}

static enum mz_code retry_failed(struct run *run,
                                 const struct mizan_record *const *sources,
                                 size_t count, struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code =
        mz_home_retries(run->db, run->loaded.pipeline->name, run->arena, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *row = &rows.as.list.items[i];
        const struct mizan_value *id = mz_map_member(row, "source_id");
        const struct mizan_record *source =
            source_by_id(sources, count, id == NULL ? NULL : id->as.text.data);
        struct mz_unit *unit = NULL;
        if (source == NULL) {
            continue;
        }
        code = revive(run, row, source, &unit, error);
        if (code == MZ_OK) {
            mz_counts_add(run->counts, "documents", "retried", 1);
            code = process(run, unit, error);
        }
        mz_unit_destroy(unit);
    }
    return code;
}

/* ---- sources ---- */

static bool too_many(int64_t failed, int64_t units)
{
    return failed >= FAILED_AT_LEAST && failed * 100 > units * FAILED_PER_CENT;
}

static enum mz_code end_source(struct run *run, const struct mz_intake_item *item,
                               struct mz_error *error)
{
    bool advance = item->failure == MZ_OK;
    const char *failure = item->message;
    run->sources++;
    if (!advance) {
        run->sources_failed++;
        mz_counts_add(run->counts, "documents", "failed_sources", 1);
        mz_log(MZ_LOG_ERROR, NULL, "source %s: %s", item->source_id, item->message);
        if (run->first_failure[0] == '\0') {
            snprintf(run->first_failure, sizeof run->first_failure, "source %s: %s",
                     item->source_id, item->message);
        }
    } else if (too_many(run->source_failed, run->source_units)) {
        advance = false;
        failure = "more than 20 % of its documents failed: the cursor stays";
    }
    run->source_units = 0;
    run->source_failed = 0;
    return mz_commit_source(&run->committer, item, advance, failure, error);
}

/* A document that failed from its kept body and comes again unchanged from its source
 * is one failure, not two. */
static bool failed_already(const struct run *run, const struct mz_unit *unit)
{
    return mz_map_get(run->retried, unit->url, strlen(unit->url)) != NULL;
}

static enum mz_code take_all(struct run *run, struct mz_intake *intake,
                             struct mz_error *error)
{
    struct mz_intake_item item = {.kind = MZ_INTAKE_UNIT};
    enum mz_code code = MZ_OK;
    while (code == MZ_OK) {
        mz_intake_take(intake, &item);
        if (item.kind == MZ_INTAKE_END) {
            break;
        }
        if (item.kind == MZ_INTAKE_SOURCE_END) {
            code = end_source(run, &item, error);
            continue;
        }
        mz_counts_add(run->counts, "documents", "fetched", 1);
        if (!failed_already(run, item.unit)) {
            code = process(run, item.unit, error);
        }
        mz_unit_destroy(item.unit);
    }
    if (code == MZ_OK && mz_cancel_signal() != 0) {
        code = mz_fail(error, MZ_CANCELLED, "stopped by %s",
                       strsignal(mz_cancel_signal()));
    }
    return code;
}

static enum mz_code fetch_and_process(struct run *run, struct mz_error *error)
{
    const struct mizan_record *const *sources;
    struct mz_intake *intake;
    struct mz_intake_settings settings = {.stages = &run->stages,
                                          .database = run->loaded.environment.database,
                                          .document_limit = run->settings->limit};
    enum mz_code code = mz_sources_list(&run->loaded.pipeline->stages[0], run->arena,
                                        &sources, &settings.source_count, error);
    if (code == MZ_OK) {
        code = retry_failed(run, sources, settings.source_count, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    settings.sources = sources;
    run->source_units = 0;
    run->source_failed = 0;
    code = mz_intake_start(&settings, &intake, error);
    if (code == MZ_OK) {
        code = take_all(run, intake, error);
        mz_intake_destroy(intake);
    }
    return code;
}

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

static enum mz_code begin(struct run *run, struct mz_error *error)
{
    char host[256] = "unknown";
    struct mz_buffer plugins;
    struct mz_buffer settings;
    mz_buffer_init(&plugins, 1 << 16);
    mz_buffer_init(&settings, 1 << 20);
    describe_plugins(run->loaded.pipeline, &plugins);
    describe_settings(run->loaded.pipeline, &settings);
    (void)gethostname(host, sizeof host - 1);
    make_run_id(run->run_id);
    struct mz_run_row row = {.id = run->run_id,
                             .pipeline = run->loaded.pipeline->name,
                             .kind = "manual",
                             .script_hash = run->loaded.pipeline->script_hash,
                             .plugins = plugins.data,
                             .host_version = MIZAN_VERSION,
                             .host = host,
                             .settings = settings.data,
                             .started_at = run->started};
    enum mz_code code = mz_home_begin_run(run->db, &row, &run->lease, error);
    mz_buffer_finish(&plugins);
    mz_buffer_finish(&settings);
    if (code == MZ_OK) {
        snprintf(run->activity->run_id, sizeof run->activity->run_id, "%s",
                 run->run_id);
        snprintf(run->activity->pipeline, sizeof run->activity->pipeline, "%s",
                 run->loaded.pipeline->name);
        snprintf(run->activity->database, sizeof run->activity->database, "%s",
                 run->loaded.environment.database);
        atomic_store(&run->activity->run_started, 1);
    }
    return code;
}

/* The status word and the exit code of a run whose units are all dealt with. */
static enum mz_code judge(struct run *run, const char **status, struct mz_error *error)
{
    int64_t rejected = mz_counts_get(run->counts, "documents", "rejected");
    *status = "failed";
    if (run->sources > 0 && run->sources_failed == run->sources) {
        mz_fail(error, MZ_UNREACHABLE, "every source failed; %s", run->first_failure);
        return MZ_UNREACHABLE;
    }
    if (too_many(run->failed, run->units)) {
        return mz_fail(error, MZ_ITEMS_FAILED,
                       "%lld of %lld documents failed, more than 20 %%",
                       (long long)run->failed, (long long)run->units);
    }
    *status = run->failed > 0 || run->sources_failed > 0 || rejected > 0
                  ? "finished with failures"
                  : "ok";
    return *status[0] == 'o' ? MZ_OK : MZ_ITEMS_FAILED;
}

static enum mz_code end(struct run *run, enum mz_code code, struct mz_error *error)
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
    if (mz_home_end_run(run->db, &run->lease, status,
                        mz_buffer_ok(&counts) ? counts.data : "{}", failure,
                        &later) != MZ_OK) {
        mz_log(MZ_LOG_ERROR, NULL, "the end of the run could not be noted: %s",
               later.message);
        code = code == MZ_OK ? later.code : code;
    }
    struct mz_run_end summary = {.run_id = run->run_id,
                                 .pipeline = run->loaded.pipeline,
                                 .status = status,
                                 .database = run->loaded.environment.database,
                                 .failure = failure,
                                 .counts = run->counts,
                                 .counts_json = counts.data,
                                 .milliseconds = mz_clock_now() - run->started};
    mz_run_report(&summary, run->settings, run->db, run->arena);
    mz_buffer_finish(&counts);
    return code;
}

/* ---- the child ---- */

static enum mz_code open_run(struct run *run, struct mz_error *error)
{
    const struct mz_run_settings *settings = run->settings;
    run->arena = mz_arena_create(RUN_CEILING);
    run->counts = mz_counts_create();
    run->retried = mz_map_create();
    if (run->arena == NULL || run->counts == NULL || run->retried == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a run");
    }
    enum mz_code code =
        mz_loaded_init(&run->loaded, settings->file, settings->database,
                       settings->parameters, settings->parameter_count, error);
    if (code != MZ_OK) {
        return code;
    }
    run->stages = (struct mz_stages){.pipeline = run->loaded.pipeline,
                                     .lua = run->loaded.lua,
                                     .arena = run->arena,
                                     .counts = run->counts,
                                     .cancel = mz_cancel_flag()};
    code = mz_stages_open(&run->stages, error);
    if (code == MZ_OK) {
        code =
            mz_db_open(run->loaded.environment.database, MZ_DB_CREATE, &run->db, error);
    }
    return code;
}

static void close_run(struct run *run)
{
    if (run->stages.instances != NULL) {
        mz_stages_close(&run->stages);
    }
    mz_db_close(run->db);
    if (run->loaded.pipeline != NULL) {
        mz_loaded_finish(&run->loaded);
    }
    mz_map_destroy(run->retried, NULL);
    mz_counts_destroy(run->counts);
    mz_arena_destroy(run->arena);
}

static int run_child(void *argument, struct mz_activity *activity)
{
    struct run run = {.settings = argument, .activity = activity};
    struct mz_error error = {.code = MZ_OK};
    run.started = mz_clock_now();
    enum mz_code code = open_run(&run, &error);
    if (code == MZ_OK) {
        code = begin(&run, &error);
    }
    if (code == MZ_OK) {
        run.committer = (struct mz_committer){
            .db = run.db,
            .lease = &run.lease,
            .stages = &run.stages,
            .pipeline = run.loaded.pipeline->name,
            .run_id = run.run_id,
            .script_hash = run.loaded.pipeline->script_hash,
        };
        code = fetch_and_process(&run, &error);
        code = end(&run, code, &error);
    }
    if (error.message[0] != '\0' && code != MZ_OK) {
        error.code = code;
        mz_error_print(&error, stderr);
    }
    int status = mz_exit_status(code);
    if (code == MZ_CANCELLED && mz_cancel_signal() != 0) {
        status = 128 + mz_cancel_signal();
    }
    close_run(&run);
    return status;
}

/* In the parent: the child died. Its open unit was undone by the database itself. */
static void bury(void *argument, const struct mz_activity *activity,
                 const char *message)
{
    struct mz_db *db;
    struct mz_error error;
    (void)argument;
    if (!atomic_load(&activity->run_started)) {
        return;
    }
    if (mz_db_open(activity->database, MZ_DB_WRITE, &db, &error) != MZ_OK) {
        mz_error_print(&error, stderr);
        return;
    }
    if (mz_home_bury_run(db, activity->run_id, message, &error) != MZ_OK) {
        mz_error_print(&error, stderr);
    }
    mz_db_close(db);
}

int mz_run(const struct mz_run_settings *settings)
{
    struct mz_supervision supervision = {.died = bury};
    union {
        const struct mz_run_settings *in;
        void *out;
    } argument = {settings};
    return mz_supervise(run_child, argument.out, &supervision);
}
