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
#include "run/deliveries.h"
#include "run/slices.h"

/* A transaction that found the database busy is repeated from its start. */
#define BUSY_TRIES 3

/* ---- what a unit leaves behind ---- */

static enum mz_code write_changes(struct mz_commit *commit, const char *source,
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

static enum mz_code write_validators(struct mz_commit *commit, bool new_version)
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

static enum mz_code write_letters(struct mz_commit *commit)
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

static enum mz_code resolve(struct mz_commit *commit)
{
    return mz_dead_resolve(commit->committer->db, commit->committer->pipeline,
                           commit->unit->url, commit->unit->row.raw_sha256,
                           commit->committer->run_id, commit->error);
}

static enum mz_code unchanged_body(struct mz_commit *commit)
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

static bool has_figures(const struct mz_unit *unit)
{
    return mz_record_text(unit->document, "text") != NULL;
}

/* What people said of these figures before holds on; the groups that they left and
 * joined are brought up to date with the commit. */
static enum mz_code review(struct mz_commit *commit)
{
    struct mz_unit *unit = commit->unit;
    struct mz_db *db = commit->committer->db;
    enum mz_code code = MZ_OK;
    if (has_figures(unit)) {
        code = mz_review_apply(db, unit->row.id, commit->error);
    }
    if (code == MZ_OK && has_figures(unit)) {
        code = mz_summary_touch(db, unit->row.id, commit->error);
    }
    return code;
}

static enum mz_code write_unit(struct mz_commit *commit)
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
    if (code == MZ_OK && has_figures(unit)) {
        code = mz_home_text(committer->db, unit->row.id, unit->document, digest,
                            commit->error);
    }
    if (code == MZ_OK) {
        code = mz_deliver_unit(commit, true);
    }
    if (code == MZ_OK) {
        code = review(commit);
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

static enum mz_code failed_body(struct mz_commit *commit)
{
    struct mz_unit *unit = commit->unit;
    const char *reason = unit->letters == NULL ? "unknown" : unit->letters->reason;
    /* However many slices of it fail, it is one attempt; and what is stored already is
     * not tried again by itself. */
    enum mz_code code = unit->failed_before || unit->stored_id != NULL
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

/* ---- transactions ---- */

/* What one transaction writes: of all items those from `first` up to `end`. */
struct transaction {
    struct mz_committer *committer;
    struct mz_commit_item *items;
    size_t first, end;
    struct mz_counts *counts;
    struct mz_error *error;
};

/* The tick's row of this commit. One whose answer was lost is repeated: it finds the
 * row that it wrote, and all that it would write stands already. */
static enum mz_code note_batch(struct transaction *transaction, bool *again)
{
    struct mz_committer *committer = transaction->committer;
    char identity[160];
    int64_t rows = 0;
    const struct mz_unit *first = NULL;
    for (size_t i = transaction->first; i < transaction->end && first == NULL; i++) {
        first = transaction->items[i].unit;
    }
    if (committer->tick_at == 0 || first == NULL) {
        return MZ_OK;
    }
    snprintf(identity, sizeof identity, "%s/%" PRId64 "/%" PRId64, first->row.id,
             committer->lease->epoch, committer->commit_count);
    for (size_t i = transaction->first; i < transaction->end; i++) {
        const struct mz_unit *unit = transaction->items[i].unit;
        const struct mz_delivery *d = unit == NULL ? NULL : unit->deliveries;
        for (; d != NULL; d = d->next) {
            rows += (int64_t)d->records.count;
        }
    }
    return mz_home_batch(committer->db, committer->lease, committer->tick_at, identity,
                         rows, again, transaction->error);
}

/* The units of the source so far, those before committed or in this transaction. */
static bool cursor_stays(const struct transaction *transaction, size_t end)
{
    const char *source = transaction->items[end].source.source_id;
    struct mz_committer *committer = transaction->committer;
    int64_t units = 0, failed = 0;
    for (size_t i = 0; i < end; i++) {
        const struct mz_unit *unit = transaction->items[i].unit;
        if (unit != NULL && strcmp(unit->source_id, source) == 0) {
            units++;
            failed += unit->failed ? 1 : 0;
        }
    }
    return committer->cursor_stays(committer->owner, source, units, failed);
}

static enum mz_code write_source(struct transaction *transaction, size_t place)
{
    struct mz_commit_item *item = &transaction->items[place];
    const struct mz_intake_item *source = &item->source;
    struct mz_commit commit = {.committer = transaction->committer,
                               .error = transaction->error};
    struct mz_committer *committer = commit.committer;
    enum mz_code code = MZ_OK;
    item->stays = source->failure == MZ_OK && cursor_stays(transaction, place);
    bool advance = source->failure == MZ_OK && !item->stays;
    if (source->failure != MZ_TRY_AGAIN) {
        code = mz_home_source(committer->db, committer->pipeline, source->source,
                              item->stays ? MZ_CURSOR_STAYS : source->message,
                              commit.error);
    }
    if (code == MZ_OK && advance) {
        code = write_changes(&commit, source->source_id, source->changes);
    }
    for (const struct mz_kept_validators *v = source->validators;
         v != NULL && advance && code == MZ_OK; v = v->next) {
        struct mz_validators validators = {v->etag, v->last_modified, NULL, NULL};
        code = mz_home_set_validators(committer->db, committer->pipeline,
                                      source->source_id, v->url, &validators,
                                      mz_clock_now(), commit.error);
    }
    return code;
}

static enum mz_code write_item(struct transaction *transaction, size_t place)
{
    struct mz_commit_item *item = &transaction->items[place];
    if (item->unit == NULL) {
        return write_source(transaction, place);
    }
    struct mz_commit commit = {.committer = transaction->committer,
                               .unit = item->unit,
                               .counts = transaction->counts,
                               .error = transaction->error};
    if (item->news != MZ_UNIT_NEW) {
        return unchanged_body(&commit);
    }
    return item->unit->failed ? failed_body(&commit) : write_unit(&commit);
}

/* The summaries are brought up to date once for all of them. */
static enum mz_code write_items(struct transaction *transaction)
{
    bool again = false, figures = false;
    enum mz_code code = note_batch(transaction, &again);
    for (size_t i = transaction->first; code == MZ_OK && !again && i < transaction->end;
         i++) {
        const struct mz_commit_item *item = &transaction->items[i];
        code = write_item(transaction, i);
        figures = figures || (item->unit != NULL && item->news == MZ_UNIT_NEW &&
                              !item->unit->failed && has_figures(item->unit));
    }
    return code == MZ_OK && figures
               ? mz_summary_refresh(transaction->committer->db, transaction->error)
               : code;
}

static enum mz_code once(struct transaction *transaction)
{
    struct mz_db *db = transaction->committer->db;
    enum mz_code code = mz_db_begin(db, transaction->error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_check_lease(db, transaction->committer->lease, transaction->error);
    if (code == MZ_OK) {
        code = write_items(transaction);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(db, transaction->error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

static enum mz_code transact(struct transaction *transaction)
{
    struct mz_counts *counts = transaction->committer->stages->counts;
    enum mz_code code = MZ_TRY_AGAIN;
    for (int i = 0; i < BUSY_TRIES && code == MZ_TRY_AGAIN; i++) {
        transaction->counts = mz_counts_create();
        code = transaction->counts == NULL ? mz_fail(transaction->error, MZ_MEMORY,
                                                     "not enough memory for a commit")
                                           : once(transaction);
        if (code == MZ_OK) {
            mz_counts_merge(counts, transaction->counts);
        }
        mz_counts_destroy(transaction->counts);
    }
    return code;
}

/* ---- units ---- */

/* Failures of the database as such end the run; others are the unit's own. */
static bool ends_run(enum mz_code code)
{
    return code == MZ_IO || code == MZ_TRY_AGAIN || code == MZ_NOT_PERMITTED ||
           code == MZ_CANNOT_CREATE || code == MZ_UNREACHABLE ||
           code == MZ_CONFIGURATION;
}

static void note_failure(struct mz_committer *committer, struct mz_unit *unit,
                         const struct mz_error *failure)
{
    struct mz_letter letter = {
        .outcome = MZ_ERROR, .stage = "store", .reason = failure->message};
    char cause[600];
    /* Without memory for the letter the unit still counts as failed. */
    (void)mz_unit_letter(unit, &letter);
    snprintf(cause, sizeof cause, "store: %.500s", failure->message);
    mz_counts_add(committer->stages->counts, "causes", cause, 1);
}

/* Stores outside of the home database get their rows before the transaction opens. */
static enum mz_code prepare(struct mz_committer *committer, struct mz_unit *unit,
                            struct mz_error *error)
{
    struct mz_error failure = {.code = MZ_OK};
    struct mz_commit commit = {.committer = committer,
                               .unit = unit,
                               .counts = committer->stages->counts,
                               .error = &failure};
    if (unit->failed) {
        return MZ_OK;
    }
    if (!mz_slices_note(unit)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    mz_deliveries_mark(committer, unit);
    enum mz_code code = mz_deliver_unit(&commit, false);
    if (code == MZ_OK) {
        return MZ_OK;
    }
    if (ends_run(code)) {
        *error = failure;
        return code;
    }
    note_failure(committer, unit, &failure);
    return MZ_OK;
}

static enum mz_code commit_together(struct mz_committer *committer,
                                    struct mz_commit_item *items, size_t first,
                                    size_t end, struct mz_error *error)
{
    struct transaction transaction = {.committer = committer,
                                      .items = items,
                                      .first = first,
                                      .end = end,
                                      .error = error};
    committer->commit_count++;
    return transact(&transaction);
}

/* A unit that its stores refuse fails, and its failure is what is committed. */
static enum mz_code commit_alone(struct mz_committer *committer,
                                 struct mz_commit_item *items, size_t place,
                                 struct mz_error *error)
{
    struct mz_commit_item *item = &items[place];
    struct mz_error failure = {.code = MZ_OK};
    enum mz_code code = commit_together(committer, items, place, place + 1, &failure);
    if (code == MZ_OK) {
        return MZ_OK;
    }
    if (ends_run(code) || item->unit == NULL || item->news != MZ_UNIT_NEW ||
        item->unit->failed) {
        *error = failure;
        return code;
    }
    note_failure(committer, item->unit, &failure);
    return commit_together(committer, items, place, place + 1, error);
}

static enum mz_unit_end end_of(const struct mz_commit_item *item)
{
    if (item->news != MZ_UNIT_NEW) {
        return MZ_UNIT_UNCHANGED;
    }
    if (item->unit->failed) {
        return MZ_UNIT_FAILED;
    }
    return item->unit->rejected > 0 ? MZ_UNIT_STORED_WITH_REJECTS : MZ_UNIT_STORED;
}

/* What the stores refuse of many units does not tell which of them it was: then each
 * has a commit of its own. */
static enum mz_code commit_all(struct mz_committer *committer,
                               struct mz_commit_item *items, size_t count, size_t *made,
                               struct mz_error *error)
{
    enum mz_code code = MZ_INTERNAL;
    if (count > 1) {
        code = commit_together(committer, items, 0, count, error);
        *made = code == MZ_OK ? count : 0;
        if (code == MZ_OK || ends_run(code)) {
            return code;
        }
    }
    code = MZ_OK;
    while (code == MZ_OK && *made < count) {
        code = commit_alone(committer, items, *made, error);
        *made += code == MZ_OK ? 1 : 0;
    }
    return code;
}

enum mz_code mz_commit_items(struct mz_committer *committer,
                             struct mz_commit_item *items, size_t count, size_t *made,
                             struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    *made = 0;
    for (size_t i = 0; code == MZ_OK && i < count; i++) {
        if (items[i].unit != NULL && items[i].news == MZ_UNIT_NEW) {
            code = prepare(committer, items[i].unit, error);
        }
    }
    if (code == MZ_OK) {
        code = commit_all(committer, items, count, made, error);
    }
    for (size_t i = 0; i < *made; i++) {
        if (items[i].unit != NULL) {
            items[i].end = end_of(&items[i]);
        }
    }
    return code;
}
