#include "run/quarantine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plug/plugin.h"

/* The rows of source_state that are the host's own: no pipeline has an empty name. */
#define PIPELINE ""
#define SOURCE   "plugins"
#define CEILING  ((size_t)1 << 20)
/* Between count, document and reason of a value. */
#define SEPARATOR '\n'

struct crashes {
    int64_t count;
    const char *document; /* of the last, or "" */
    const char *reason;
};

static enum mz_code read_crashes(struct mz_db *db, struct mz_arena *arena,
                                 const char *label, struct crashes *out,
                                 struct mz_error *error)
{
    struct mizan_slice value;
    bool found = false;
    *out = (struct crashes){0, "", ""};
    enum mz_code code =
        mz_home_state_get(db, PIPELINE, SOURCE, label, arena, &value, &found, error);
    if (code != MZ_OK || !found) {
        return code;
    }
    char *text = mz_arena_copy(arena, value.data, value.size);
    if (text == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the crashes of plugins");
    }
    out->count = strtoll(text, NULL, 10);
    char *document = strchr(text, SEPARATOR);
    char *reason = document == NULL ? NULL : strchr(document + 1, SEPARATOR);
    if (reason != NULL) {
        *reason = '\0';
        out->document = document + 1;
        out->reason = reason + 1;
    }
    return MZ_OK;
}

static enum mz_code write_crashes(struct mz_db *db, const char *label,
                                  struct mizan_slice value, struct mz_error *error)
{
    enum mz_code code = mz_db_begin(db, error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_state_set(db, PIPELINE, SOURCE, label, value, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
    }
    return code;
}

/* Calls `act` for the plugin of each stage until one fails. */
static enum mz_code for_each(const struct mz_pipeline *pipeline,
                             enum mz_code (*act)(void *context, const char *label,
                                                 struct mz_error *error),
                             void *context, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    for (size_t i = 0; i < pipeline->stage_count && code == MZ_OK; i++) {
        if (pipeline->stages[i].plugin != NULL) {
            code = act(context, mz_plugin_label(pipeline->stages[i].plugin), error);
        }
    }
    return code;
}

struct visit {
    struct mz_db *db;
    struct mz_arena *arena;
    int64_t most;
};

static enum mz_code refuse_disabled(void *context, const char *label,
                                    struct mz_error *error)
{
    const struct visit *visit = context;
    struct crashes crashes;
    enum mz_code code = read_crashes(visit->db, visit->arena, label, &crashes, error);
    if (code != MZ_OK || crashes.count < visit->most) {
        return code;
    }
    mz_fail(error, MZ_PLUGIN_REFUSED,
            "plugin %s is disabled: it crashed %lld times in a row, last: %s", label,
            (long long)crashes.count, crashes.reason);
    mz_error_help(error, "mend or replace it, then: mizan plugin enable %s", label);
    return MZ_PLUGIN_REFUSED;
}

static enum mz_code forget(void *context, const char *label, struct mz_error *error)
{
    const struct visit *visit = context;
    struct crashes crashes;
    enum mz_code code = read_crashes(visit->db, visit->arena, label, &crashes, error);
    if (code != MZ_OK || crashes.count == 0) {
        return code;
    }
    return write_crashes(visit->db, label, (struct mizan_slice){NULL, 0}, error);
}

static enum mz_code
visit_all(struct mz_db *db, const struct mz_pipeline *pipeline, int64_t most,
          enum mz_code (*act)(void *context, const char *label, struct mz_error *error),
          struct mz_error *error)
{
    struct visit visit = {db, mz_arena_create(CEILING), most};
    if (visit.arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the crashes of plugins");
    }
    enum mz_code code = for_each(pipeline, act, &visit, error);
    mz_arena_destroy(visit.arena);
    return code;
}

enum mz_code mz_quarantine_check(struct mz_db *db, const struct mz_pipeline *pipeline,
                                 int64_t most, struct mz_error *error)
{
    return visit_all(db, pipeline, most, refuse_disabled, error);
}

enum mz_code mz_quarantine_survived(struct mz_db *db,
                                    const struct mz_pipeline *pipeline,
                                    struct mz_error *error)
{
    return visit_all(db, pipeline, 0, forget, error);
}

enum mz_code mz_quarantine_note(struct mz_db *db, const struct mz_activity_slot *call,
                                const char *message, struct mz_error *error)
{
    static const char prefix[] = "plugin ";
    struct crashes crashes;
    if (!mz_starts_with(call->what, prefix)) {
        return MZ_OK; /* a script: it is the script's own */
    }
    const char *label = call->what + sizeof prefix - 1;
    struct mz_arena *arena = mz_arena_create(CEILING);
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the crashes of plugins");
    }
    enum mz_code code = read_crashes(db, arena, label, &crashes, error);
    bool again = crashes.count > 0 && call->record[0] != '\0' &&
                 strcmp(crashes.document, call->record) == 0;
    if (code == MZ_OK && !again) {
        const char *text =
            mz_arena_printf(arena, "%lld%c%s%c%s", (long long)crashes.count + 1,
                            SEPARATOR, call->record, SEPARATOR, message);
        code = text == NULL
                   ? mz_fail(error, MZ_MEMORY, "no memory for the crashes of plugins")
                   : write_crashes(db, label, (struct mizan_slice){text, strlen(text)},
                                   error);
    }
    mz_arena_destroy(arena);
    return code;
}

enum mz_code mz_quarantine_lift(struct mz_db *db, const char *label, bool *was,
                                struct mz_error *error)
{
    struct crashes crashes;
    struct mz_arena *arena = mz_arena_create(CEILING);
    *was = false;
    if (arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the crashes of plugins");
    }
    enum mz_code code = read_crashes(db, arena, label, &crashes, error);
    *was = crashes.count > 0;
    if (code == MZ_OK && *was) {
        code = write_crashes(db, label, (struct mizan_slice){NULL, 0}, error);
    }
    mz_arena_destroy(arena);
    return code;
}
