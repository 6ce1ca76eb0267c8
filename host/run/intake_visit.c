/* One source of a fetch plugin: the call, and the services that it uses meanwhile. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "plug/activity.h"
#include "run/exchanges.h"
#include "run/intake_internal.h"
#include "run/intake_secret.h"
#include "run/slices.h"
#include "run/stage_secret.h"

#define SOURCE_CEILING ((size_t)512 << 20)

/* One source being fetched. */
struct visit {
    struct mz_intake *intake;
    struct mz_past *past;
    const struct mz_source *source;
    struct mz_pending pending; /* outlives the marks of plugins */
    struct mz_exchanges exchanges;
    bool cut;        /* a document was refused because of the command's limit */
    bool throttled;  /* its last request was put off by the host */
    bool has_secret; /* one was handed out: what is sent may hold it */
    /* Keys whose changes ride with documents that may not be settled yet. */
    struct mz_map *riding;
};

static size_t place_of(const struct visit *visit)
{
    return (size_t)(visit->source - visit->intake->settings.sources);
}

/* ---- the time of fetch plugins ---- */

/* A source may take hours, but not the plugin's own work between two calls of a
 * service: that has the time of any plugin call. The board shows two calls, the limit
 * and, inside it, what mz_instance_fetch shows; both are taken off it while the host
 * works for the plugin and put back with a new deadline. */
static void begin_fetch(const struct visit *visit, int calls)
{
    const struct mz_pipeline *pipeline = visit->intake->settings.stages->pipeline;
    const struct mz_stage *stage = &pipeline->stages[visit->source->stage];
    /* Work of its own that a stage limits by itself: a program, a query. */
    const struct mizan_value *timeout = mz_option(stage->options, "timeout");
    int64_t time =
        pipeline->plugin_time +
        (timeout != NULL && timeout->type == MIZAN_INTEGER ? timeout->as.integer : 0);
    char what[96];
    snprintf(what, sizeof what, "plugin %s", mz_plugin_label(stage->plugin));
    for (int i = 0; i < calls; i++) {
        mz_activity_begin(what, "fetch", stage->name, visit->source->id, time);
    }
}

static void leave_plugin(void)
{
    mz_activity_end();
    mz_activity_end();
}

static void enter_plugin(const struct visit *visit)
{
    begin_fetch(visit, 2);
}

/* ---- services of fetch plugins ---- */

static int32_t fail_task(struct mizan_task *task, const struct mz_error *error,
                         int32_t status)
{
    if (task->error != NULL) {
        *task->error = *error;
    }
    return status;
}

/* From now on the changes that wait ride with a document. */
static bool note_riding(struct visit *visit)
{
    bool noted = true;
    if (visit->pending.changes != NULL && visit->riding == NULL) {
        visit->riding = mz_map_create();
        noted = visit->riding != NULL;
    }
    for (const struct mz_change *c = visit->pending.changes; c != NULL && noted;
         c = c->next) {
        noted = mz_map_set(visit->riding, c->key, strlen(c->key), visit, NULL);
    }
    return noted;
}

static int32_t emit_document(struct mizan_task *task, struct mizan_record *record)
{
    struct visit *visit = task->context;
    struct mz_intake *intake = visit->intake;
    struct mz_error error;
    visit->cut = visit->cut || mz_intake_limit_reached(intake);
    if (atomic_load(&intake->cancel) != 0 || visit->cut) {
        return MIZAN_ERROR_CANCELLED;
    }
    struct mz_unit *unit;
    const char *url = mz_record_text(record, "url");
    const struct mz_exchange_note *note =
        url == NULL ? NULL : mz_exchanges_find(&visit->exchanges, url);
    if (note != NULL && mz_exchange_is_closed(note, intake->settings.stages)) {
        return MIZAN_OK;
    }
    if (!note_riding(visit)) {
        return MIZAN_ERROR_MEMORY;
    }
    enum mz_code code =
        mz_pending_unit(&visit->pending, record, task->plugin, &unit, &error);
    if (code != MZ_OK) {
        return fail_task(task, &error,
                         code == MZ_MEMORY ? MIZAN_ERROR_MEMORY : MIZAN_ERROR_FAILED);
    }
    if (note != NULL) {
        unit->headers = mz_arena_string(unit->arena, note->headers);
    }
    mz_source_owns(visit->source, unit);
    mz_slices_claim_file(unit);
    struct mz_intake_item item = {.kind = MZ_INTAKE_UNIT, .unit = unit};
    intake->documents++;
    leave_plugin();
    bool accepted = mz_intake_push(intake, place_of(visit), &item, NULL);
    enter_plugin(visit);
    if (!accepted) {
        mz_unit_destroy(unit);
        return MIZAN_ERROR_CANCELLED;
    }
    return MIZAN_OK;
}

static int32_t status_of(enum mz_code code)
{
    switch ((int)code) {
    case MZ_OK:
        return MIZAN_OK;
    case MZ_UNREACHABLE:
    case MZ_TRY_AGAIN:
    case MZ_DEADLINE:
        return MIZAN_ERROR_TRANSIENT;
    case MZ_NOT_FOUND:
        return MIZAN_ERROR_NOT_FOUND;
    case MZ_LIMIT:
        return MIZAN_ERROR_LIMIT;
    case MZ_MEMORY:
        return MIZAN_ERROR_MEMORY;
    case MZ_CANCELLED:
        return MIZAN_ERROR_CANCELLED;
    case MZ_USAGE:
        return MIZAN_ERROR_INPUT;
    default:
        return MIZAN_ERROR_FAILED;
    }
}

/* The request with the validators that are known of its address. */
static enum mz_code ask(struct visit *visit, struct mz_arena *arena,
                        const struct mizan_http_request *request,
                        struct mizan_http_response *response, struct mz_error *error)
{
    struct mz_intake *intake = visit->intake;
    struct mz_validator_pair pair = {0};
    if ((request->flags & MIZAN_HTTP_CONDITIONAL) != 0) {
        enum mz_code code = mz_past_validators(visit->past, visit->source->id,
                                               request->url, arena, &pair, error);
        if (code != MZ_OK) {
            return code;
        }
    }
    struct mizan_http_request whole = {.size = sizeof whole};
    memcpy(&whole, request,
           request->size < sizeof whole ? request->size : sizeof whole);
    enum mz_code code = MZ_OK;
    if (visit->has_secret) {
        whole.flags |= MZ_HTTP_PRIVATE_HEADERS;
        code = mz_intake_may_hold_secret(request->url, error);
    }
    if (code == MZ_OK) {
        code = mz_pool_request(mz_network_pool(intake->network), arena, &whole, &pair,
                               response, error);
    }
    if (code == MZ_OK && response->size >= sizeof *response) {
        mz_exchanges_note(&visit->exchanges, &whole, &pair, response);
    }
    return code;
}

static int32_t request(struct mizan_task *task,
                       const struct mizan_http_request *request,
                       struct mizan_http_response *response)
{
    struct visit *visit = task->context;
    struct mz_error error;
    leave_plugin();
    enum mz_code code = ask(visit, task->arena, request, response, &error);
    visit->throttled = code == MZ_TRY_AGAIN;
    enter_plugin(visit);
    mz_counts_add(visit->intake->settings.stages->counts, "documents", "requests", 1);
    if (code == MZ_OK) {
        return MIZAN_OK;
    }
    return fail_task(task, &error, status_of(code));
}

static int32_t unchanged(struct mizan_task *task, const char *url)
{
    struct visit *visit = task->context;
    (void)url;
    mz_counts_add(visit->intake->settings.stages->counts, "documents", "unchanged", 1);
    return MIZAN_OK;
}

static int32_t keep_validators(struct mizan_task *task,
                               const struct mizan_http_response *response)
{
    struct visit *visit = task->context;
    return mz_pending_keep(&visit->pending, response) ? MIZAN_OK : MIZAN_ERROR_MEMORY;
}

/* What rides with a document holds once it is committed, and not when it failed. A
 * trial commits nothing. */
static bool settle(struct visit *visit, const char *key)
{
    if (visit->riding == NULL || visit->intake->settings.database == NULL ||
        mz_map_get(visit->riding, key, strlen(key)) == NULL) {
        return true;
    }
    leave_plugin();
    bool settled = mz_intake_wait_settled(visit->intake);
    enter_plugin(visit);
    mz_map_destroy(visit->riding, NULL);
    visit->riding = NULL;
    return settled;
}

static int32_t state_get(struct mizan_task *task, const char *key,
                         struct mizan_slice *out)
{
    struct visit *visit = task->context;
    struct mz_error error;
    const struct mz_change *change = mz_pending_find(&visit->pending, key);
    bool found = change != NULL;
    memset(out, 0, sizeof *out);
    if (found) {
        *out = change->value;
        return out->data == NULL ? MIZAN_ERROR_NOT_FOUND : MIZAN_OK;
    }
    if (!settle(visit, key)) {
        return MIZAN_ERROR_CANCELLED;
    }
    if (mz_past_state(visit->past, visit->source->id, key, task->arena, out, &found,
                      &error) != MZ_OK) {
        return fail_task(task, &error, MIZAN_ERROR_FAILED);
    }
    return found ? MIZAN_OK : MIZAN_ERROR_NOT_FOUND;
}

static int32_t state_set(struct mizan_task *task, const char *key,
                         struct mizan_slice value)
{
    struct visit *visit = task->context;
    return mz_pending_change(&visit->pending, key, value) ? MIZAN_OK
                                                          : MIZAN_ERROR_MEMORY;
}

static int32_t secret(struct mizan_task *task, const char *name,
                      struct mizan_slice *out)
{
    struct visit *visit = task->context;
    const struct mz_stages *stages = visit->intake->settings.stages;
    int32_t status =
        mz_stage_secret(task, &stages->pipeline->stages[visit->source->stage],
                        stages->folder, name, out);
    visit->has_secret = visit->has_secret || status == MIZAN_OK;
    return status;
}

static void count_for_plugin(struct mizan_task *task, const char *name, int64_t delta)
{
    struct visit *visit = task->context;
    mz_counts_add_for_plugin(visit->intake->settings.stages->counts, task->stage, name,
                             delta);
}

static const struct mz_services fetch_services = {.emit = emit_document,
                                                  .http = request,
                                                  .unchanged = unchanged,
                                                  .keep_validators = keep_validators,
                                                  .state_get = state_get,
                                                  .state_set = state_set,
                                                  .secret = secret,
                                                  .count = count_for_plugin};

/* ---- the call ---- */

static enum mz_code call_fetch(struct visit *visit, struct mz_arena *arena,
                               struct mz_error *error)
{
    struct mz_stages *stages = visit->intake->settings.stages;
    struct mizan_task task = {.services = &fetch_services,
                              .context = visit,
                              .arena = arena,
                              .stage =
                                  stages->pipeline->stages[visit->source->stage].name,
                              .record = visit->source->id,
                              .cancel = &visit->intake->cancel,
                              .error = error};
    begin_fetch(visit, 1);
    enum mz_code code = mz_instance_fetch(stages->instances[visit->source->stage],
                                          &task, visit->source->record, 0, error);
    mz_activity_end();
    return code;
}

void mz_intake_visit(struct mz_intake *intake, struct mz_past *past,
                     const struct mz_source *source)
{
    struct mz_error error = {.code = MZ_OK};
    struct visit visit = {.intake = intake, .past = past, .source = source};
    struct mz_arena *arena = mz_arena_create(SOURCE_CEILING);
    bool ready = mz_pending_init(&visit.pending);
    enum mz_code code = MZ_MEMORY;
    if (arena != NULL && ready) {
        code = call_fetch(&visit, arena, &error);
    } else {
        mz_fail(&error, MZ_MEMORY, "not enough memory for the source '%s'", source->id);
    }
    mz_arena_destroy(arena);
    mz_map_destroy(visit.riding, NULL);
    mz_exchanges_finish(&visit.exchanges);
    if (visit.cut) {
        /* Whatever the plugin made of it: no failure, and no cursor moves. */
        mz_pending_forget(&visit.pending);
        code = MZ_OK;
    }
    /* What plugins say of it is only that it may pass. */
    code = code == MZ_UNREACHABLE && visit.throttled ? MZ_TRY_AGAIN : code;
    struct mz_intake_item item =
        mz_source_end(source, &visit.pending, code, error.message);
    if (!mz_intake_push(intake, place_of(&visit), &item, visit.pending.arena)) {
        mz_pending_finish(&visit.pending);
    }
}
