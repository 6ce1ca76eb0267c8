#include "run/commit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/dead.h"
#include "db/review.h"
#include "db/summary.h"
#include "db/ticks.h"
#include "run/outbox_row.h"
#include "run/slices.h"
#include "run/stage_secret.h"
#include "value/digest.h"

/* A transaction that found the database busy is repeated from its start. */
#define BUSY_TRIES 3
/* Records that a store takes under one deadline. */
#define STORED_AT_ONCE ((size_t)256)

/* ---- services of home stores ---- */

/* The commit at hand: what the database said, where a status is too coarse. */
struct commit {
    struct mz_committer *committer;
    struct mz_unit *unit;
    enum mz_code code;
    struct mz_error *error;
};

static int32_t fail_store(struct mizan_task *task, struct commit *commit,
                          enum mz_code code, const struct mz_error *failure)
{
    commit->code = code;
    if (task->error != NULL) {
        *task->error = *failure;
    }
    return code == MZ_INPUT ? MIZAN_ERROR_INPUT : MIZAN_ERROR_FAILED;
}

static int32_t upsert(struct mizan_task *task, const char *table,
                      const mizan_record *record)
{
    struct commit *commit = task->context;
    struct mz_error failure;
    struct mz_db *db = commit->committer->db;
    enum mz_code code = strcmp(table, "outbox") == 0
                            ? mz_outbox_row(db, commit->committer->pipeline,
                                            commit->unit, record, &failure)
                            : mz_db_upsert(db, table, record, &failure);
    return code == MZ_OK ? MIZAN_OK : fail_store(task, commit, code, &failure);
}

static int32_t query(struct mizan_task *task, const char *name,
                     const struct mizan_value *arguments, struct mizan_value *rows)
{
    struct commit *commit = task->context;
    struct mz_error failure;
    const struct mz_named_query *named = mz_store_statement(name);
    if (named == NULL) {
        named = mz_named_query(name, NULL);
    }
    if (named == NULL) {
        mz_fail(&failure, MZ_NOT_FOUND, "there is no query named '%s'", name);
        return fail_store(task, commit, MZ_NOT_FOUND, &failure);
    }
    enum mz_code code = mz_db_named(commit->committer->db, named, arguments,
                                    task->arena, rows, &failure);
    return code == MZ_OK ? MIZAN_OK : fail_store(task, commit, code, &failure);
}

static void count_for_plugin(struct mizan_task *task, const char *name, int64_t delta)
{
    struct commit *commit = task->context;
    mz_counts_add_for_plugin(commit->committer->stages->counts, task->stage, name,
                             delta);
}

static int32_t secret(struct mizan_task *task, const char *name,
                      struct mizan_slice *out)
{
    struct commit *commit = task->context;
    const struct mz_stages *stages = commit->committer->stages;
    for (size_t i = 0; i < stages->pipeline->stage_count; i++) {
        const struct mz_stage *stage = &stages->pipeline->stages[i];
        if (strcmp(stage->name, task->stage) == 0) {
            return mz_stage_secret(task, stage, stages->folder, name, out);
        }
    }
    return MIZAN_ERROR_UNSUPPORTED;
}

static const struct mz_services home_services = {.db_upsert = upsert,
                                                 .db_query = query,
                                                 .secret = secret,
                                                 .count = count_for_plugin};
static const struct mz_services outside_services = {.secret = secret,
                                                    .count = count_for_plugin};

static void prepare_task(struct commit *commit, size_t stage, bool home,
                         struct mizan_task *task, struct mz_error *error)
{
    memset(task, 0, sizeof *task);
    task->services = home ? &home_services : &outside_services;
    task->context = commit;
    task->arena = commit->unit->arena;
    task->stage = commit->committer->stages->pipeline->stages[stage].name;
    task->record = commit->unit->url;
    task->error = error;
}

/* ---- giving records to stores ---- */

static void discard(struct commit *commit, bool home)
{
    struct mz_stages *stages = commit->committer->stages;
    for (struct mz_delivery *d = commit->unit->deliveries; d != NULL; d = d->next) {
        struct mizan_task task;
        if (mz_stage_is_home_store(&stages->pipeline->stages[d->stage]) == home) {
            prepare_task(commit, d->stage, home, &task, NULL);
            mz_instance_discard_unit(stages->instances[d->stage], &task);
        }
    }
}

static enum mz_code deliver_one(struct commit *commit, struct mz_delivery *delivery,
                                bool home)
{
    struct mz_stages *stages = commit->committer->stages;
    struct mz_instance *instance = stages->instances[delivery->stage];
    int64_t limit = stages->pipeline->plugin_time;
    struct mizan_task task;
    enum mz_code code = MZ_OK;
    prepare_task(commit, delivery->stage, home, &task, commit->error);
    for (size_t i = 0; i < delivery->records.count && code == MZ_OK;
         i += STORED_AT_ONCE) {
        size_t left = delivery->records.count - i;
        struct mizan_record *const *records = delivery->records.items + i;
        size_t count = left < STORED_AT_ONCE ? left : STORED_AT_ONCE;
        code = mz_instance_store(instance, &task, records, count, limit, commit->error);
        for (size_t k = 0; k < count && code == MZ_OK; k++) {
            if (mz_record_spoiled(records[k])) {
                code = mz_fail(commit->error, MZ_MEMORY, "%s", MZ_UNIT_TOO_LARGE);
            }
        }
    }
    if (code == MZ_OK) {
        code = mz_instance_finish_unit(instance, &task, limit, commit->error);
    }
    return code;
}

/* On failure nothing of the unit is left buffered in any store of this sort. */
static enum mz_code deliver(struct commit *commit, bool home)
{
    const struct mz_pipeline *pipeline = commit->committer->stages->pipeline;
    enum mz_code code = MZ_OK;
    commit->code = MZ_OK;
    for (struct mz_delivery *d = commit->unit->deliveries; d != NULL && code == MZ_OK;
         d = d->next) {
        if (mz_stage_is_home_store(&pipeline->stages[d->stage]) == home) {
            code = deliver_one(commit, d, home);
            if (code != MZ_OK) {
                mz_error_prefix(commit->error, "stage %s",
                                pipeline->stages[d->stage].name);
            }
        }
    }
    if (code != MZ_OK) {
        discard(commit, home);
    }
    /* What the database itself said decides over what the plugin made of it. */
    return code != MZ_OK && commit->code != MZ_OK ? commit->code : code;
}

/* ---- what the host adds to records ---- */

struct mark {
    const struct mz_name *name;
    struct mizan_value value;
};

/* The text lives as long as the unit. */
static struct mark mark_of(const char *name, const char *text)
{
    return (struct mark){mz_name_intern(name, strlen(name)), mz_text(text)};
}

static void put_marks(struct mizan_record *record, const struct mark *marks,
                      size_t count)
{
    /* A record without memory for an id fails at its store, which asks for it. */
    for (size_t i = 0; i < count; i++) {
        if (marks[i].name != NULL && marks[i].value.type != MIZAN_NIL) {
            (void)mz_record_borrow(record, marks[i].name, &marks[i].value);
        }
    }
}

static void mark_records(struct mz_committer *committer, struct mz_unit *unit)
{
    const struct mizan_value *text = mz_record_find(unit->document, "text");
    char *digest = mz_arena_zero(unit->arena, MZ_DIGEST_TEXT);
    if (digest != NULL && text != NULL && text->type == MIZAN_TEXT) {
        mz_digest(text->as.text.data, text->as.text.size, digest);
    }
    const struct mark all[] = {mark_of("document_id", unit->row.id),
                               mark_of("run_id", committer->run_id)};
    const struct mark of_figures[] = {
        mark_of("text_sha256", digest),
        mark_of("text_extractor", mz_record_text(unit->document, "text_extractor")),
        mark_of("text_version", mz_record_text(unit->document, "text_version"))};
    for (struct mz_delivery *d = unit->deliveries; d != NULL; d = d->next) {
        bool home =
            mz_stage_is_home_store(&committer->stages->pipeline->stages[d->stage]);
        const char *type = NULL; /* of the record before: types are interned */
        bool figure = false;
        bool document = false;
        for (size_t i = 0; i < d->records.count; i++) {
            struct mizan_record *record = d->records.items[i];
            if (mz_record_type(record) != type) {
                type = mz_record_type(record);
                figure = strcmp(type, "figure") == 0;
                document = strcmp(type, "document") == 0;
            }
            /* Rows of a home table have the columns that the script gives them. */
            if (figure || document || !home) {
                put_marks(record, all, sizeof all / sizeof all[0]);
            }
            if (figure) {
                put_marks(record, of_figures, sizeof of_figures / sizeof of_figures[0]);
            }
        }
    }
}

/* ---- identity ---- */

static void fill_row(struct mz_committer *committer, struct mz_unit *unit)
{
    struct mizan_record *document = unit->document;
    struct mz_document_row *row = &unit->row;
    const struct mizan_value *body = mz_record_find(document, "body");
    memset(row, 0, sizeof *row);
    row->pipeline = committer->pipeline;
    row->source = unit->source_id;
    row->run_id = committer->run_id;
    row->url = unit->url;
    row->fetched_at = mz_record_integer(document, "fetched_at", 0);
    row->http_status = mz_record_integer(document, "http_status", 0);
    row->media_type = mz_record_text(document, "media_type");
    row->charset_declared = mz_record_text(document, "charset");
    row->etag = mz_record_text(document, "etag");
    row->last_modified = mz_record_text(document, "last_modified");
    row->headers = unit->headers;
    row->raw = (struct mizan_slice){unit->body_file == NULL ? "" : NULL, 0};
    if (body != NULL && (body->type == MIZAN_BYTES || body->type == MIZAN_TEXT) &&
        body->as.text.size > 0) {
        row->raw = body->as.text;
    }
}

enum mz_code mz_unit_identify(struct mz_committer *committer, struct mz_unit *unit,
                              enum mz_unit_news *news, struct mz_error *error)
{
    struct mz_validators known = {0};
    bool found = false;
    char *digest = mz_arena_alloc(unit->arena, MZ_DIGEST_TEXT);
    if (digest == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    fill_row(committer, unit);
    unit->row.raw_sha256 = digest;
    enum mz_code code = mz_slices_digest(unit, unit->row.raw, digest, error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_validators(committer->db, committer->pipeline, unit->source_id,
                              unit->url, unit->arena, &known, &found, error);
    if (code != MZ_OK) {
        return code;
    }
    unit->row.previous = found ? known.document_id : NULL;
    bool same = found && known.document_id != NULL && known.raw_sha256 != NULL &&
                strcmp(known.raw_sha256, digest) == 0;
    bool set_aside = false;
    if (unit->stored_id != NULL) {
        unit->row.previous = unit->stored_previous;
        snprintf(unit->row.id, sizeof unit->row.id, "%s", unit->stored_id);
        *news = MZ_UNIT_NEW;
        return MZ_OK;
    }
    unit->current = true;
    mz_home_document_id(&unit->row);
    if (!same && !unit->replayed) {
        code = mz_home_is_set_aside(committer->db, &unit->row, &set_aside, error);
    }
    *news = same ? MZ_UNIT_SAME : set_aside ? MZ_UNIT_SET_ASIDE : MZ_UNIT_NEW;
    return code;
}

/* ---- transactions ---- */

typedef enum mz_code (*transaction_body)(struct commit *commit);

static enum mz_code once(struct commit *commit, transaction_body body)
{
    struct mz_db *db = commit->committer->db;
    enum mz_code code = mz_db_begin(db, commit->error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_check_lease(db, commit->committer->lease, commit->error);
    if (code == MZ_OK) {
        code = body(commit);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(db, commit->error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

static enum mz_code transact(struct commit *commit, transaction_body body)
{
    enum mz_code code = MZ_TRY_AGAIN;
    for (int i = 0; i < BUSY_TRIES && code == MZ_TRY_AGAIN; i++) {
        code = once(commit, body);
    }
    return code;
}

static enum mz_code write_changes(struct commit *commit, const char *source,
                                  const struct mz_change *changes)
{
    struct mz_committer *committer = commit->committer;
    enum mz_code code = MZ_OK;
    for (const struct mz_change *c = changes; c != NULL && code == MZ_OK; c = c->next) {
        code = mz_home_state_set(committer->db, committer->pipeline, source, c->key,
                                 c->value, commit->error);
    }
    return code;
}

static enum mz_code write_validators(struct commit *commit, bool new_version)
{
    struct mz_unit *unit = commit->unit;
    struct mz_validators validators = {
        .etag = mz_record_text(unit->document, "etag"),
        .last_modified = mz_record_text(unit->document, "last_modified"),
        .document_id = new_version ? unit->row.id : NULL};
    return mz_home_set_validators(commit->committer->db, commit->committer->pipeline,
                                  unit->source_id, unit->url, &validators,
                                  unit->row.fetched_at, commit->error);
}

static enum mz_code write_letters(struct commit *commit)
{
    struct mz_unit *unit = commit->unit;
    struct mz_committer *committer = commit->committer;
    enum mz_code code = MZ_OK;
    for (const struct mz_letter *l = unit->letters; l != NULL && code == MZ_OK;
         l = l->next) {
        struct mz_dead_letter letter = {
            .pipeline = committer->pipeline,
            .run_id = committer->run_id,
            .source = unit->source_id,
            .url = unit->url,
            .document_id = unit->failed ? NULL : unit->row.id,
            .outcome = l->outcome == MZ_REJECT ? "reject" : "error",
            .stage = l->stage,
            .place = l->place,
            .reason = l->reason,
            .traceback = l->traceback,
            .record = l->record,
            .script_hash = committer->script_hash,
            .raw_sha256 = unit->row.raw_sha256};
        code = mz_home_dead_letter(committer->db, &letter, commit->error);
    }
    return code;
}

static enum mz_code resolve(struct commit *commit)
{
    return mz_dead_resolve(commit->committer->db, commit->committer->pipeline,
                           commit->unit->url, commit->unit->row.raw_sha256,
                           commit->committer->run_id, commit->error);
}

static enum mz_code unchanged_body(struct commit *commit)
{
    enum mz_code code = write_validators(commit, false);
    if (code == MZ_OK) {
        code = write_changes(commit, commit->unit->source_id, commit->unit->changes);
    }
    if (code == MZ_OK && commit->unit->retried) {
        code = resolve(commit);
    }
    if (code == MZ_OK && commit->unit->retried) {
        code = mz_home_attempt_done(commit->committer->db, commit->committer->pipeline,
                                    commit->unit->source_id, commit->unit->url,
                                    commit->error);
    }
    return code;
}

enum mz_code mz_commit_unchanged(struct mz_committer *committer, struct mz_unit *unit,
                                 struct mz_error *error)
{
    struct commit commit = {committer, unit, MZ_OK, error};
    return transact(&commit, unchanged_body);
}

/* The tick's row of this unit. A commit whose answer was lost is repeated: it finds the
 * row that it wrote, and all that it would write stands already. */
static enum mz_code note_batch(struct commit *commit, bool *again)
{
    struct mz_committer *committer = commit->committer;
    char identity[160];
    int64_t rows = 0;
    if (committer->tick_at == 0) {
        return MZ_OK;
    }
    snprintf(identity, sizeof identity, "%s/%" PRId64 "/%" PRId64, commit->unit->row.id,
             committer->lease->epoch, committer->unit_count);
    for (const struct mz_delivery *d = commit->unit->deliveries; d != NULL;
         d = d->next) {
        rows += (int64_t)d->records.count;
    }
    return mz_home_batch(committer->db, committer->lease, committer->tick_at, identity,
                         rows, again, commit->error);
}

/* What people said of these figures before holds on; then the groups that they left and
 * joined. A document without a text has no figures. */
static enum mz_code summarise(struct commit *commit)
{
    struct mz_unit *unit = commit->unit;
    enum mz_code code = MZ_OK;
    if (mz_record_text(unit->document, "text") == NULL) {
        return MZ_OK;
    }
    code = mz_review_apply(commit->committer->db, unit->row.id, commit->error);
    if (code == MZ_OK) {
        code = mz_summary_touch(commit->committer->db, unit->row.id, commit->error);
    }
    return code == MZ_OK ? mz_summary_refresh(commit->committer->db, commit->error)
                         : code;
}

static enum mz_code write_unit(struct commit *commit)
{
    struct mz_committer *committer = commit->committer;
    struct mz_unit *unit = commit->unit;
    char digest[MZ_DIGEST_TEXT];
    unit->row.charset_used = mz_record_text(unit->document, "charset_used");
    const char *declared = mz_record_text(unit->document, "charset_declared");
    if (declared != NULL) { /* by the page, where HTTP was silent */
        unit->row.charset_declared = declared;
    }
    unit->row.canonical_url = mz_record_text(unit->document, "canonical_url");
    enum mz_code code = mz_home_document(committer->db, &unit->row, commit->error);
    if (code == MZ_OK && mz_record_text(unit->document, "text") != NULL) {
        code = mz_home_text(committer->db, unit->row.id, unit->document, digest,
                            commit->error);
    }
    if (code == MZ_OK) {
        code = deliver(commit, true);
    }
    if (code == MZ_OK) {
        code = summarise(commit);
    }
    if (code == MZ_OK) {
        code = write_letters(commit);
    }
    /* A replay of what was stored says nothing of the address as it is now, nor does a
     * document before its last slice, or of which one failed. */
    bool whole = !unit->more && !unit->failed_before;
    if (code == MZ_OK && unit->current && whole) {
        code = write_validators(commit, true);
    }
    if (code == MZ_OK && whole) {
        code = write_changes(commit, unit->source_id, unit->held);
    }
    if (code == MZ_OK) {
        code = write_changes(commit, unit->source_id, unit->changes);
    }
    if (code == MZ_OK && unit->retried && whole) {
        code = resolve(commit);
    }
    if (code == MZ_OK && unit->current && whole) {
        code = mz_home_attempt_done(committer->db, committer->pipeline, unit->source_id,
                                    unit->url, commit->error);
    }
    return code;
}

static enum mz_code stored_body(struct commit *commit)
{
    bool again = false;
    enum mz_code code = note_batch(commit, &again);
    return code != MZ_OK || again ? code : write_unit(commit);
}

static enum mz_code failed_body(struct commit *commit)
{
    struct mz_unit *unit = commit->unit;
    const char *reason = unit->letters == NULL ? "unknown" : unit->letters->reason;
    /* However many slices of it fail, it is one attempt. */
    enum mz_code code = unit->failed_before
                            ? MZ_OK
                            : mz_home_attempt(commit->committer->db, &unit->row, reason,
                                              &unit->attempt, commit->error);
    if (code == MZ_OK) {
        code = write_letters(commit);
    }
    /* Set aside: those behind it pass, and it is not asked for again until its address
     * changes; its raw body waits in the attempts. */
    if (code == MZ_OK && unit->attempt >= MZ_MOST_ATTEMPTS) {
        code = write_validators(commit, false);
        if (code == MZ_OK) {
            code = write_changes(commit, unit->source_id, unit->held);
        }
        if (code == MZ_OK) {
            code = write_changes(commit, unit->source_id, unit->changes);
        }
    }
    return code;
}

/* Failures of the database as such end the run; others are the unit's own. */
static bool ends_run(enum mz_code code)
{
    return code == MZ_IO || code == MZ_TRY_AGAIN || code == MZ_NOT_PERMITTED ||
           code == MZ_CANNOT_CREATE || code == MZ_UNREACHABLE ||
           code == MZ_CONFIGURATION;
}

static void note_failure(struct commit *commit, const struct mz_error *failure)
{
    struct mz_letter letter = {
        .outcome = MZ_ERROR, .stage = "store", .reason = failure->message};
    char cause[600];
    /* Without memory for the letter the unit still counts as failed. */
    (void)mz_unit_letter(commit->unit, &letter);
    snprintf(cause, sizeof cause, "store: %.500s", failure->message);
    mz_counts_add(commit->committer->stages->counts, "causes", cause, 1);
}

enum mz_code mz_commit_unit(struct mz_committer *committer, struct mz_unit *unit,
                            enum mz_unit_end *end, struct mz_error *error)
{
    struct mz_error failure = {.code = MZ_OK};
    struct commit commit = {committer, unit, MZ_OK, &failure};
    enum mz_code code = MZ_OK;
    committer->unit_count++;
    if (!unit->failed && !mz_slices_note(unit)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    if (!unit->failed) {
        mark_records(committer, unit);
        code = deliver(&commit, false);
        if (code == MZ_OK) {
            code = transact(&commit, stored_body);
        }
        if (code == MZ_OK) {
            *end = unit->rejected > 0 ? MZ_UNIT_STORED_WITH_REJECTS : MZ_UNIT_STORED;
            return MZ_OK;
        }
        if (ends_run(code)) {
            *error = failure;
            return code;
        }
        note_failure(&commit, &failure);
    }
    *end = MZ_UNIT_FAILED;
    commit.error = error;
    return transact(&commit, failed_body);
}

/* ---- the end of a source ---- */

struct source_end {
    struct commit commit; /* first member: the body gets a pointer to it */
    const struct mz_intake_item *item;
    bool advance;
    const char *failure;
};

static enum mz_code source_body(struct commit *commit)
{
    struct source_end *end = (struct source_end *)commit;
    struct mz_committer *committer = commit->committer;
    enum mz_code code = MZ_OK;
    if (end->item->failure != MZ_TRY_AGAIN) {
        code = mz_home_source(committer->db, committer->pipeline, end->item->source,
                              end->failure, commit->error);
    }
    if (code == MZ_OK && end->advance) {
        code = write_changes(commit, end->item->source_id, end->item->changes);
    }
    for (const struct mz_kept_validators *v = end->item->validators;
         v != NULL && end->advance && code == MZ_OK; v = v->next) {
        struct mz_validators validators = {v->etag, v->last_modified, NULL, NULL};
        code = mz_home_set_validators(committer->db, committer->pipeline,
                                      end->item->source_id, v->url, &validators,
                                      mz_clock_now(), commit->error);
    }
    return code;
}

enum mz_code mz_commit_source(struct mz_committer *committer,
                              const struct mz_intake_item *item, bool advance,
                              const char *failure, struct mz_error *error)
{
    struct source_end end = {.commit = {committer, NULL, MZ_OK, error},
                             .item = item,
                             .advance = advance,
                             .failure = failure};
    return transact(&end.commit, source_body);
}
