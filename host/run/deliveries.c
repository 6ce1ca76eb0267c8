#include "run/deliveries.h"

#include <string.h>

#include "run/outbox_row.h"
#include "run/stage_secret.h"
#include "value/digest.h"

/* Records that a store takes under one deadline. */
#define STORED_AT_ONCE ((size_t)256)

/* ---- services of home stores ---- */

static int32_t fail_store(struct mizan_task *task, struct mz_commit *commit,
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
    struct mz_commit *commit = task->context;
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
    struct mz_commit *commit = task->context;
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
    struct mz_commit *commit = task->context;
    mz_counts_add_for_plugin(commit->counts, task->stage, name, delta);
}

static int32_t secret(struct mizan_task *task, const char *name,
                      struct mizan_slice *out)
{
    struct mz_commit *commit = task->context;
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

static void prepare_task(struct mz_commit *commit, size_t stage, bool home,
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

static void discard(struct mz_commit *commit, bool home)
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

static enum mz_code deliver_one(struct mz_commit *commit, struct mz_delivery *delivery,
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

enum mz_code mz_deliver_unit(struct mz_commit *commit, bool home)
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

void mz_deliveries_mark(struct mz_committer *committer, struct mz_unit *unit)
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
