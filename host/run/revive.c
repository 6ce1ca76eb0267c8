/* Units that are made of kept bodies: those that failed before and are tried again, and
 * those that `mizan dead replay` gives back. */
#include "run/revive.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/dead.h"

const struct mz_source *mz_source_by_id(const struct mz_source *sources, size_t count,
                                        const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (id != NULL && strcmp(sources[i].id, id) == 0) {
            return &sources[i];
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
static enum mz_code revive(struct mz_run *run, const struct mizan_value *row,
                           const struct mz_source *source, struct mz_unit **out,
                           struct mz_error *error)
{
    struct mizan_slice body = {NULL, 0};
    struct mz_unit *unit = mz_unit_create(MZ_UNIT_CEILING);
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
    mz_source_owns(source, unit);
    unit->url = mz_record_text(unit->document, "url");
    unit->retried = true;
    unit->attempt = (attempts == NULL ? 0 : attempts->as.integer) + 1;
    *out = unit;
    return MZ_OK;
}

enum mz_code mz_run_retry(struct mz_run *run, const struct mz_source *sources,
                          size_t count, struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code =
        mz_home_retries(run->db, run->loaded.pipeline->name, run->arena, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *row = &rows.as.list.items[i];
        const struct mizan_value *id = mz_map_member(row, "source_id");
        const struct mz_source *source =
            mz_source_by_id(sources, count, id == NULL ? NULL : id->as.text.data);
        struct mz_unit *unit = NULL;
        if (source == NULL) {
            continue;
        }
        code = revive(run, row, source, &unit, error);
        if (code == MZ_NOT_FOUND) {
            /* Retention took the body: nothing to try, and no reason to stop. */
            mz_log(MZ_LOG_WARNING, NULL, "not tried again: %s", error->message);
            code = MZ_OK;
            continue;
        }
        if (code == MZ_OK) {
            mz_counts_add(run->counts, "documents", "retried", 1);
            code = mz_run_unit(run, unit, error);
        } else {
            mz_unit_destroy(unit);
        }
        if (code == MZ_OK) {
            code = mz_run_may_go_on(run, error);
        }
    }
    return code;
}

/* ---- given back ---- */

/* An input that was stored keeps its document: the replay writes the same one again. */
static bool keep_document(struct mz_unit *unit, const struct mizan_value *row)
{
    const char *document = mz_map_text(row, "document_id");
    const char *previous = mz_map_text(row, "prev_id");

    unit->replayed = true;
    if (document == NULL) {
        return true;
    }
    unit->stored_id = mz_arena_string(unit->arena, document);
    if (previous != NULL) {
        unit->stored_previous = mz_arena_string(unit->arena, previous);
    }
    return unit->stored_id != NULL;
}

enum mz_code mz_revive_stored(struct mz_run *run, const struct mizan_value *row,
                              const struct mz_source *source, struct mz_unit **out,
                              struct mz_error *error)
{
    struct mz_unit *unit = NULL;
    enum mz_code code = revive(run, row, source, &unit, error);

    if (code == MZ_OK && !keep_document(unit, row)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    if (code != MZ_OK) {
        mz_unit_destroy(unit);
        unit = NULL;
    }
    *out = unit;
    return code;
}

static enum mz_code replay_input(struct mz_run *run, const struct mizan_value *row,
                                 const struct mz_source *source, struct mz_error *error)
{
    struct mz_unit *unit = NULL;
    enum mz_code code = mz_revive_stored(run, row, source, &unit, error);

    if (code == MZ_NOT_FOUND) {
        /* Retention took the body: the others of the cause go on. */
        mz_log(MZ_LOG_WARNING, NULL, "not replayed: %s", error->message);
        return MZ_OK;
    }
    if (code == MZ_OK) {
        mz_counts_add(run->counts, "documents", "replayed", 1);
        code = mz_run_unit(run, unit, error);
    }
    return code == MZ_OK ? mz_run_may_go_on(run, error) : code;
}

/* True when the address gave something else since, which went through. */
static bool is_overtaken(const struct mizan_value *row)
{
    const struct mizan_value *attempts = mz_map_member(row, "attempts");

    return mz_map_text(row, "document_id") == NULL &&
           (attempts == NULL || attempts->as.integer == 0);
}

/* A letter without a body is of a document that took its run down, or of a source: the
 * next run fetches it again once its letters are resolved. */
static enum mz_code replay_row(struct mz_run *run, const struct mizan_value *row,
                               const char *key, const struct mz_source *sources,
                               size_t count, struct mz_error *error)
{
    const char *pipeline = mz_map_text(row, "pipeline");
    const char *id = mz_map_text(row, "source_id");
    const char *url = mz_map_text(row, "url");
    const char *address = url == NULL ? "a source" : url;
    int64_t changed = 0;

    if (strcmp(pipeline, run->loaded.pipeline->name) != 0) {
        return mz_fail(error, MZ_USAGE, "the letter '%s' is of pipeline '%s', not '%s'",
                       key, pipeline, run->loaded.pipeline->name);
    }
    if (mz_map_text(row, "raw_sha256") == NULL) {
        mz_log(MZ_LOG_INFO, NULL, "%s: no body was kept; the next run fetches it",
               address);
        return mz_dead_dismiss(run->db, key, &changed, error);
    }
    if (is_overtaken(row)) {
        mz_log(MZ_LOG_INFO, NULL, "%s: a later version of it went through", address);
        return mz_dead_dismiss(run->db, key, &changed, error);
    }
    const struct mz_source *source = mz_source_by_id(sources, count, id);
    if (source == NULL) {
        mz_fail(error, MZ_NOT_FOUND, "the script has no source '%s' any more",
                id == NULL ? "" : id);
        mz_error_help(error, "mizan try %s --dead %s shows what would come of it",
                      run->loaded.pipeline->file, key);
        return MZ_NOT_FOUND;
    }
    return replay_input(run, row, source, error);
}

enum mz_code mz_run_replay(struct mz_run *run, const struct mz_source *sources,
                           size_t count, struct mz_error *error)
{
    enum mz_code code = MZ_OK;

    for (size_t i = 0; i < run->settings->replay_count && code == MZ_OK; i++) {
        const char *key = run->settings->replay[i];
        struct mizan_value rows;

        code = mz_dead_inputs(run->db, key, run->arena, &rows, error);
        for (size_t r = 0; code == MZ_OK && r < rows.as.list.count; r++) {
            code = replay_row(run, &rows.as.list.items[r], key, sources, count, error);
        }
    }
    return code;
}
