#include "run/intake_pending.h"

#include <string.h>
#include <unistd.h>

#include "db/home.h"

#define SOURCE_CEILING ((size_t)512 << 20)

bool mz_pending_init(struct mz_pending *pending)
{
    memset(pending, 0, sizeof *pending);
    mz_pending_forget(pending);
    pending->arena = mz_arena_create(SOURCE_CEILING);
    return pending->arena != NULL;
}

void mz_pending_finish(struct mz_pending *pending)
{
    mz_arena_destroy(pending->arena);
    pending->arena = NULL;
}

void mz_pending_forget(struct mz_pending *pending)
{
    pending->changes = NULL;
    pending->last_change = &pending->changes;
    pending->validators = NULL;
    pending->last_validators = &pending->validators;
}

bool mz_pending_change(struct mz_pending *pending, const char *key,
                       struct mizan_slice value)
{
    struct mz_change *change = mz_arena_zero(pending->arena, sizeof *change);
    if (change == NULL) {
        return false;
    }
    change->key = mz_arena_string(pending->arena, key);
    if (value.data != NULL) {
        change->value.data = mz_arena_copy(pending->arena, value.data, value.size);
        change->value.size = value.size;
    }
    if (change->key == NULL || (change->value.data == NULL && value.data != NULL)) {
        return false;
    }
    *pending->last_change = change;
    pending->last_change = &change->next;
    return true;
}

const struct mz_change *mz_pending_find(const struct mz_pending *pending,
                                        const char *key)
{
    const struct mz_change *found = NULL;
    for (const struct mz_change *c = pending->changes; c != NULL; c = c->next) {
        if (strcmp(c->key, key) == 0) {
            found = c;
        }
    }
    return found;
}

static const char *kept_text(struct mz_pending *pending, struct mizan_slice text)
{
    return text.size == 0 ? NULL : mz_arena_copy(pending->arena, text.data, text.size);
}

bool mz_pending_keep(struct mz_pending *pending,
                     const struct mizan_http_response *response)
{
    struct mz_kept_validators *kept = mz_arena_zero(pending->arena, sizeof *kept);
    if (kept == NULL) {
        return false;
    }
    kept->url = mz_arena_string(pending->arena, response->url);
    kept->etag = kept_text(pending, response->etag);
    kept->last_modified = kept_text(pending, response->last_modified);
    *pending->last_validators = kept;
    pending->last_validators = &kept->next;
    return kept->url != NULL;
}

/* Takes the changes that wait over to the unit they ride with. */
static bool move_changes(struct mz_pending *pending, struct mz_unit *unit)
{
    for (struct mz_change *c = pending->changes; c != NULL; c = c->next) {
        if (!mz_unit_change(unit, c->key, c->value)) {
            return false;
        }
    }
    pending->changes = NULL;
    pending->last_change = &pending->changes;
    return true;
}

enum mz_code mz_pending_unit(struct mz_pending *pending,
                             const struct mizan_record *document, const char *maker,
                             struct mz_unit **out, struct mz_error *error)
{
    struct mz_unit *unit = mz_unit_create(MZ_UNIT_CEILING);
    *out = NULL;
    if (unit != NULL) {
        unit->document = mz_record_copy(unit->arena, document);
    }
    if (unit == NULL || unit->document == NULL || !move_changes(pending, unit)) {
        mz_unit_destroy(unit);
        return mz_fail(error, MZ_MEMORY,
                       "a document is larger than the memory of one unit");
    }
    unit->url = mz_record_text(unit->document, "url");
    if (unit->url == NULL) {
        mz_unit_destroy(unit);
        return mz_fail(error, MZ_PLUGIN_REFUSED,
                       "%s emitted a document without the field 'url'", maker);
    }
    *out = unit;
    return MZ_OK;
}

/* ---- earlier runs ---- */

#define STATE_TRIES 5
#define STATE_DELAY 500000 /* microseconds */

void mz_past_finish(struct mz_past *past)
{
    mz_db_close(past->db);
    past->db = NULL;
}

static enum mz_code open_past(struct mz_past *past, struct mz_error *error)
{
    if (past->db != NULL || past->database == NULL) {
        return MZ_OK;
    }
    return mz_db_open(past->database, MZ_DB_READ, &past->db, error);
}

enum mz_code mz_past_validators(struct mz_past *past, const char *source_id,
                                const char *url, struct mz_arena *arena,
                                struct mz_validator_pair *out, struct mz_error *error)
{
    struct mz_validators known = {0};
    bool found = false;
    enum mz_code code = open_past(past, error);
    out->etag = NULL;
    out->last_modified = NULL;
    if (code == MZ_OK && past->db != NULL) {
        code = mz_home_validators(past->db, past->pipeline, source_id, url, arena,
                                  &known, &found, error);
    }
    if (code == MZ_OK && found) {
        out->etag = known.etag;
        out->last_modified = known.last_modified;
    }
    return code;
}

enum mz_code mz_past_state(struct mz_past *past, const char *source_id, const char *key,
                           struct mz_arena *arena, struct mizan_slice *out, bool *found,
                           struct mz_error *error)
{
    enum mz_code code = open_past(past, error);
    *found = false;
    if (code != MZ_OK || past->db == NULL) {
        return code;
    }
    code = mz_home_state_get(past->db, past->pipeline, source_id, key, arena, out,
                             found, error);
    /* A server that is started again answers soon. */
    for (int tries = 1; code == MZ_TRY_AGAIN && tries < STATE_TRIES; tries++) {
        (void)usleep(STATE_DELAY);
        code = mz_home_state_get(past->db, past->pipeline, source_id, key, arena, out,
                                 found, error);
    }
    return code;
}
