#include "run/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/reprocess.h"
#include "run/slices.h"
#include "run/sources_awake.h"
#include "run/supervise.h"
#include "run/tallies.h"

/* A source whose units fail beyond this share, and at least so often, keeps its cursor;
 * a run of which that is true has failed (ARCHITECTURE section 2). */
#define FAILED_PER_CENT 20
#define FAILED_AT_LEAST 5

/* ---- state for ctx.state ---- */

struct unit_owner {
    struct mz_run *run;
    struct mz_unit *unit;
};

static enum mz_code state_get(void *owner, const char *key, struct mz_arena *arena,
                              struct mizan_slice *out, bool *found,
                              struct mz_error *error)
{
    struct unit_owner *self = owner;
    bool changed = false;
    for (int later = 0; later < 2; later++) {
        struct mz_change *c = later ? self->unit->changes : self->unit->held;
        for (; c != NULL; c = c->next) {
            if (strcmp(c->key, key) == 0) {
                *out = c->value;
                changed = true;
            }
        }
    }
    if (changed) {
        *found = out->data != NULL;
        return MZ_OK;
    }
    /* A commit that fails here is told to whoever adds the next unit, too. */
    enum mz_code code =
        mz_group_settle_state(self->run->group, self->unit->source_id, key, error);
    if (code == MZ_OK) {
        code = mz_home_state_get(self->run->db, self->run->loaded.pipeline->name,
                                 self->unit->source_id, key, arena, out, found, error);
    }
    return code;
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

/* ---- documents that take the run down ---- */

/* Their bodies died with the run, so they have no attempts: their letters are counted,
 * which run.c writes without a source and a body, and as many are too many. While there
 * are any, a crash takes no other unit with it. */
static enum mz_code find_crashers(struct mz_run *run, struct mz_error *error)
{
    static const char sql[] =
        "SELECT url, CAST(sum(attempts) AS BIGINT) FROM dead_letter"
        " WHERE pipeline = $1 AND outcome = 'error'"
        " AND url IS NOT NULL AND source_id IS NULL AND raw_sha256 IS NULL"
        " AND resolved_at IS NULL GROUP BY url";
    const struct mizan_value name = mz_text(run->loaded.pipeline->name);
    struct mizan_value rows;
    enum mz_code code = mz_db_rows(run->db, sql, &name, 1, run->arena, &rows, error);
    if (code == MZ_OK && rows.as.list.count > 0) {
        mz_group_part(run->group);
    }
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_field *fields = rows.as.list.items[i].as.map.fields;
        const struct mizan_value *url = &fields[0].value;
        if (fields[1].value.as.integer >= MZ_MOST_ATTEMPTS &&
            !mz_map_set(run->crashers, url->as.text.data, url->as.text.size, run,
                        NULL)) {
            code = mz_fail(error, MZ_MEMORY, "not enough memory for the run");
        }
    }
    return code;
}

/* True for one that did so too often: it fails, so that those behind it pass. */
static bool is_kept_back(const struct mz_run *run, struct mz_unit *unit)
{
    if (mz_map_get(run->crashers, unit->url, strlen(unit->url)) == NULL) {
        return false;
    }
    struct mz_letter letter = {
        .outcome = MZ_ERROR,
        .stage = "run",
        .reason = "kept back: it crashed a plugin too often, see its other letters"};
    (void)mz_unit_letter(unit, &letter);
    return true;
}

/* ---- units ---- */

/* Types are interned: those of one type that follow one another are counted at once. */
static void count_records(struct mz_run *run, const struct mz_records *records)
{
    for (size_t i = 0, first = 0; i < records->count; i++) {
        const char *type = mz_record_type(records->items[i]);
        if (i + 1 == records->count || mz_record_type(records->items[i + 1]) != type) {
            mz_counts_add(run->counts, "records", type, (int64_t)(i + 1 - first));
            first = i + 1;
        }
    }
}

static void count_end(struct mz_run *run, const struct mz_unit *unit,
                      enum mz_unit_end end)
{
    static const char *const names[] = {"unchanged", "new", "new", "failed"};
    /* A document is new once, and failed once, however many slices it has. */
    if (unit->slice == 0 || (end == MZ_UNIT_FAILED && !unit->failed_before)) {
        mz_counts_add(run->counts, "documents", names[end], 1);
    }
    if (end == MZ_UNIT_STORED_WITH_REJECTS || unit->rejected > 0) {
        mz_counts_add(run->counts, "documents", "rejected", (int64_t)unit->rejected);
    }
    run->units++;
    mz_tally_count(&run->tallies, unit->source_id, end == MZ_UNIT_FAILED);
    if (end == MZ_UNIT_FAILED) {
        run->failed++;
        mz_log(MZ_LOG_ERROR, NULL, "%s failed (attempt %lld): %s", unit->url,
               (long long)unit->attempt,
               unit->letters == NULL ? "unknown" : unit->letters->reason);
        return;
    }
    if (end == MZ_UNIT_UNCHANGED) {
        return;
    }
    for (struct mz_delivery *d = unit->deliveries; d != NULL; d = d->next) {
        if (d->next == NULL) {
            count_records(run, &d->records);
        }
    }
}

static enum mz_code pass_through(struct mz_run *run, struct mz_unit *unit,
                                 struct mz_error *error)
{
    struct unit_owner owner = {run, unit};
    struct mz_unit_context context = {.document = unit->document,
                                      .source = unit->source,
                                      .attempt = unit->attempt,
                                      .owner = &owner,
                                      .state_get = state_get,
                                      .state_set = state_set};
    mz_run_describe(run, &context);
    return mz_stages_run(&run->stages, unit, mz_run_first_stage(run, unit),
                         run->loaded.pipeline->stage_count - 1, &context, error);
}

size_t mz_run_first_stage(const struct mz_run *run, const struct mz_unit *unit)
{
    return unit->first_stage != 0 ? unit->first_stage
                                  : run->loaded.pipeline->stages[unit->stage].next;
}

/* A document that failed from its kept body and comes again unchanged from its source
 * is one failure, not two. */
static bool failed_already(const struct mz_run *run, const struct mz_unit *unit)
{
    return !unit->retried &&
           mz_map_get(run->retried, unit->row.id, strlen(unit->row.id)) != NULL;
}

bool mz_run_wants(const struct mz_run *run, const struct mz_unit *unit,
                  enum mz_unit_news news)
{
    return news == MZ_UNIT_NEW && !unit->failed && !failed_already(run, unit);
}

enum mz_code mz_run_identify(struct mz_run *run, struct mz_unit *unit,
                             enum mz_unit_news *news, struct mz_error *error)
{
    /* What is known of an address changes with the commit of each unit of it. */
    enum mz_code code = mz_group_has(run->group, unit->url)
                            ? mz_group_commit(run->group, error)
                            : MZ_OK;
    if (code == MZ_OK) {
        code = mz_unit_identify(&run->committer, unit, news, error);
    }
    struct mizan_value id = mz_text(unit->row.id);
    if (code != MZ_OK || *news != MZ_UNIT_NEW || is_kept_back(run, unit)) {
        return code;
    }
    return mz_record_put(unit->document, "id", &id) == MIZAN_OK && mz_slices_begin(unit)
               ? MZ_OK
               : mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
}

/* Where an earlier run of this very document ended. */
static enum mz_code find_cursor(struct mz_run *run, struct mz_unit *unit,
                                struct mz_error *error)
{
    char key[MZ_SLICE_KEY];
    struct mizan_slice text;
    bool found = false;
    if (unit->body_file == NULL) {
        return MZ_OK;
    }
    mz_slices_key(unit, key);
    enum mz_code code =
        mz_home_state_get(run->db, run->loaded.pipeline->name, unit->source_id, key,
                          unit->arena, &text, &found, error);
    if (code == MZ_OK && found) {
        mz_slices_resume(unit, text);
    }
    return code;
}

/* A slice that others follow is committed by itself: its memory is theirs. */
static enum mz_code commit_slice(struct mz_run *run, struct mz_unit *unit,
                                 struct mz_error *error)
{
    struct mz_commit_item item = {.unit = unit, .news = MZ_UNIT_NEW};
    size_t made = 0;
    enum mz_code code = mz_group_commit(run->group, error);
    if (code == MZ_OK) {
        code = mz_commit_items(&run->committer, &item, 1, &made, error);
    }
    if (code == MZ_OK) {
        count_end(run, unit, item.end);
    }
    return code;
}

/* Takes all slices through the stages and commits all but the last. What its source
 * noted with the document is committed with the last slice. */
static enum mz_code pass_slices(struct mz_run *run, struct mz_unit *unit,
                                struct mz_error *error)
{
    enum mz_code code = find_cursor(run, unit, error);
    if (code == MZ_OK && !unit->failed) {
        code = pass_through(run, unit, error);
    }
    while (code == MZ_OK && unit->more) {
        code = commit_slice(run, unit, error);
        if (code == MZ_OK) {
            code = mz_run_may_go_on(run, error);
        }
        if (code == MZ_OK && !mz_slices_next(unit)) {
            code = mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
        }
        if (code == MZ_OK) {
            code = pass_through(run, unit, error);
        }
    }
    return code;
}

/* A unit of which nothing is to be committed; those before it are settled first. */
static enum mz_code let_go(struct mz_run *run, struct mz_unit *unit,
                           struct mz_error *error)
{
    enum mz_code code = mz_group_commit(run->group, error);
    if (code == MZ_OK && run->intake != NULL) {
        mz_intake_settled(run->intake, unit);
    }
    mz_unit_destroy(unit);
    return code;
}

enum mz_code mz_run_settle(struct mz_run *run, struct mz_unit *unit,
                           enum mz_unit_news news, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    if (failed_already(run, unit)) {
        return let_go(run, unit, error);
    }
    if (news == MZ_UNIT_NEW) {
        code = pass_slices(run, unit, error);
    }
    if (code != MZ_OK) {
        mz_unit_destroy(unit);
        return code;
    }
    return mz_group_add(run->group, unit, news, error);
}

enum mz_code mz_run_commit(struct mz_run *run, struct mz_error *error)
{
    return mz_group_commit(run->group, error);
}

enum mz_code mz_run_unit(struct mz_run *run, struct mz_unit *unit,
                         struct mz_error *error)
{
    enum mz_unit_news news = MZ_UNIT_NEW;
    enum mz_code code = mz_run_identify(run, unit, &news, error);
    if (code != MZ_OK) {
        mz_unit_destroy(unit);
        return code;
    }
    return mz_run_settle(run, unit, news, error);
}

enum mz_code mz_run_may_go_on(const struct mz_run *run, struct mz_error *error)
{
    int64_t limit = run->loaded.pipeline->run_time;
    if (mz_cancel_signal() != 0) {
        return mz_fail(error, MZ_CANCELLED, "stopped by %s",
                       strsignal(mz_cancel_signal()));
    }
    if (limit > 0 && mz_clock_monotonic() - run->started_monotonic > limit) {
        mz_fail(error, MZ_DEADLINE,
                "the run took longer than its limit of %" PRId64 " ms", limit);
        mz_error_help(error, "limits = { run = … } in the pipeline sets it; what was "
                             "stored stays, the next run goes on from there");
        return MZ_DEADLINE;
    }
    return MZ_OK;
}

/* ---- sources ---- */

bool mz_too_many_failed(int64_t failed, int64_t units)
{
    return failed >= FAILED_AT_LEAST && failed * 100 > units * FAILED_PER_CENT;
}

enum mz_code mz_run_end_source(struct mz_run *run, const struct mz_intake_item *item,
                               struct mz_error *error)
{
    return mz_group_add_source(run->group, item, mz_intake_keep(run->intake), error);
}

static bool cursor_stays(void *owner, const char *source_id, int64_t units,
                         int64_t failed)
{
    const struct mz_run *run = owner;
    struct mz_tally tally = mz_tally_of(run->tallies, source_id);
    return mz_too_many_failed(tally.failed + failed, tally.units + units);
}

/* After the commit of a source's end. */
static void note_source(struct mz_run *run, const struct mz_intake_item *item)
{
    (void)mz_tally_take(run->tallies, item->source_id);
    run->sources++;
    if (item->failure == MZ_TRY_AGAIN) {
        /* The host works and asks for patience: no failure of the source. */
        mz_counts_add(run->counts, "documents", "throttled_sources", 1);
        mz_log(MZ_LOG_WARNING, NULL, "source %s: %s", item->source_id, item->message);
    } else if (item->failure != MZ_OK) {
        run->sources_failed++;
        run->script_failed = run->script_failed || item->failure == MZ_SCRIPT ||
                             item->failure == MZ_CONFIGURATION;
        mz_counts_add(run->counts, "documents", "failed_sources", 1);
        mz_log(MZ_LOG_ERROR, NULL, "source %s: %s", item->source_id, item->message);
        if (run->first_failure[0] == '\0') {
            snprintf(run->first_failure, sizeof run->first_failure, "source %s: %s",
                     item->source_id, item->message);
        }
    }
}

/* After the commit of a unit. */
static enum mz_code note_unit(struct mz_run *run, const struct mz_commit_item *item,
                              struct mz_error *error)
{
    struct mz_unit *unit = item->unit;
    enum mz_unit_end end = unit->failed_before ? MZ_UNIT_FAILED : item->end;
    enum mz_code code = MZ_OK;
    if (item->news == MZ_UNIT_SET_ASIDE) {
        /* The state that rides with it is not lost. */
        mz_counts_add(run->counts, "documents", "set_aside", 1);
    } else {
        count_end(run, unit, item->end);
    }
    if (end == MZ_UNIT_FAILED && unit->retried &&
        !mz_map_set(run->retried, unit->row.id, strlen(unit->row.id), run, NULL)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for the run");
    }
    if (run->intake != NULL) {
        mz_intake_settled(run->intake, unit);
    }
    return code;
}

static enum mz_code note_made(void *owner, const struct mz_commit_item *item,
                              struct mz_error *error)
{
    struct mz_run *run = owner;
    if (item->unit == NULL) {
        note_source(run, &item->source);
        return MZ_OK;
    }
    return note_unit(run, item, error);
}

static bool is_due(void *owner)
{
    const struct mz_run *run = owner;
    return mz_group_is_due(run->group);
}

static enum mz_code take_all(struct mz_run *run, struct mz_error *error)
{
    struct mz_intake_item item = {.kind = MZ_INTAKE_UNIT};
    enum mz_code code = MZ_OK;
    while (code == MZ_OK && item.kind != MZ_INTAKE_END) {
        mz_intake_take_unless(run->intake, is_due, run, &item);
        switch (item.kind) {
        case MZ_INTAKE_SOURCE_END:
            code = mz_run_end_source(run, &item, error);
            break;
        case MZ_INTAKE_UNIT:
            mz_counts_add(run->counts, "documents", "fetched", 1);
            code = mz_run_unit(run, item.unit, error);
            if (code == MZ_OK) {
                code = mz_run_may_go_on(run, error);
            }
            break;
        case MZ_INTAKE_NOTHING:
        case MZ_INTAKE_END:
        default:
            code = mz_group_commit(run->group, error);
        }
    }
    return code == MZ_OK ? mz_run_may_go_on(run, error) : code;
}

/* What went through the stages is committed also when the run was told to stop. */
static enum mz_code commit_rest(struct mz_run *run, enum mz_code code,
                                struct mz_error *error)
{
    struct mz_error failure;
    if (code != MZ_OK && code != MZ_CANCELLED && code != MZ_DEADLINE) {
        return code;
    }
    enum mz_code last = mz_group_commit(run->group, &failure);
    if (last != MZ_OK) {
        *error = failure;
    }
    return last == MZ_OK ? code : last;
}

enum mz_code mz_run_create_group(struct mz_run *run, struct mz_error *error)
{
    const struct mz_group_settings settings = {
        .committer = &run->committer,
        .most = run->hooks != NULL ? 1 : (size_t)run->loaded.pipeline->commit_most,
        .made = note_made,
        .owner = run};
    run->committer.cursor_stays = cursor_stays;
    run->committer.owner = run;
    run->group = mz_group_create(&settings);
    return run->group != NULL
               ? MZ_OK
               : mz_fail(error, MZ_MEMORY, "not enough memory for the run");
}

static enum mz_code fetch_all(struct mz_run *run,
                              const struct mz_intake_settings *settings,
                              struct mz_error *error)
{
    enum mz_code code = mz_intake_start(settings, &run->intake, error);
    if (code == MZ_OK) {
        size_t threads = mz_run_threads(run);
        code = threads > 1 ? mz_run_take_ahead(run, run->intake, threads, error)
                           : take_all(run, error);
        code = commit_rest(run, code, error);
        mz_intake_destroy(run->intake);
        run->intake = NULL;
    }
    return code;
}

static void settle_state(void *owner, const char *source_id, const char *key)
{
    struct mz_run *run = owner;
    struct mz_error told_later;
    (void)!mz_group_settle_state(run->group, source_id, key, &told_later);
}

/* `contact` of mizan.lua: an address that people whose site is asked can write to. */
static const char *contact_of(const struct mz_run *run)
{
    return mz_map_text(&run->loaded.environment.project.all, "contact");
}

enum mz_code mz_run_work(struct mz_run *run, struct mz_error *error)
{
    const struct mz_source *sources;
    struct mz_intake_settings settings = {.stages = &run->stages,
                                          .database = run->loaded.environment.database,
                                          .document_limit = run->settings->limit,
                                          .contact = contact_of(run),
                                          .settle_state = settle_state,
                                          .owner = run};
    enum mz_code code = mz_sources_list(run->loaded.pipeline, run->arena, &sources,
                                        &settings.source_count, error);
    if (code == MZ_OK) {
        code = find_crashers(run, error);
    }
    if (code == MZ_OK) {
        code = mz_run_take_shard(run, &sources, &settings.source_count, error);
    }
    if (code == MZ_OK && run->settings->from_raw) {
        code = mz_run_reprocess(run, sources, settings.source_count, error);
        return commit_rest(run, code, error);
    }
    if (code == MZ_OK && run->settings->replay_count > 0) {
        code = mz_run_replay(run, sources, settings.source_count, error);
        return commit_rest(run, code, error);
    }
    if (code == MZ_OK) {
        code = mz_run_retry(run, sources, settings.source_count, error);
        code = commit_rest(run, code, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    code = mz_sources_awake(run->db, run->run_id, run->counts, run->arena, &sources,
                            &settings.source_count, run->loaded.pipeline->name, error);
    if (code != MZ_OK) {
        return code;
    }
    settings.sources = sources;
    /* What failed again from its kept body says nothing of its source now. */
    mz_tallies_destroy(run->tallies);
    run->tallies = NULL;
    return fetch_all(run, &settings, error);
}
