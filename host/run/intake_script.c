#include "run/intake_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "lua/visit.h"
#include "net/pool.h"
#include "run/exchanges.h"

#define WINDOW        16 /* sources under way at once */
#define UNITS_WAITING 4  /* of one source, before it is made to wait */
#define WAIT          50 /* milliseconds between looks at the run's cancel flag */

/* One source under way. */
struct turn {
    struct mz_script_intake *script;
    const struct mz_source *source;
    struct mz_visit *visit; /* NULL: ended */
    struct mz_pending pending;
    struct mz_exchanges exchanges;
    struct mz_pending_request *request;     /* that it waits for, or NULL */
    const struct mizan_http_request *asked; /* the same as it was asked */
    struct mz_validator_pair validators;
    bool conditional;
    bool cut; /* a document was refused because of the command's limit */
    struct mz_unit *units[UNITS_WAITING];
    size_t first, count;
    enum mz_code failure;
    struct mz_error error;
};

struct mz_script_intake {
    const struct mz_intake_settings *settings;
    const atomic_int *cancel;
    struct mz_pool *pool;
    struct mz_past past;
    const struct mz_source **sources;
    size_t source_count;
    size_t next; /* of the sources, to begin */
    struct turn turns[WINDOW];
    size_t first, count; /* of the turns, in the order of their sources */
    int64_t documents;
};

/* ---- services of a visit ---- */

static enum mz_code emit(void *owner, const struct mizan_record *document,
                         struct mz_error *error)
{
    struct turn *turn = owner;
    struct mz_script_intake *script = turn->script;
    int64_t limit = script->settings->document_limit;
    struct mz_unit *unit;
    const char *url = mz_record_text(document, "url");
    const struct mz_exchange_note *note =
        url == NULL ? NULL : mz_exchanges_find(&turn->exchanges, url);
    if (note != NULL && mz_exchange_is_closed(note, script->settings->stages)) {
        return MZ_OK;
    }
    if (limit > 0 && script->documents >= limit) {
        turn->cut = true;
        return mz_fail(error, MZ_CANCELLED, "no more documents are wanted");
    }
    enum mz_code code =
        mz_pending_unit(&turn->pending, document, "the source", &unit, error);
    if (code == MZ_OK) {
        script->documents++;
        unit->headers =
            note == NULL ? NULL : mz_arena_string(unit->arena, note->headers);
        mz_source_owns(turn->source, unit);
        turn->units[(turn->first + turn->count++) % UNITS_WAITING] = unit;
    }
    return code;
}

static enum mz_code ask(void *owner, const struct mizan_http_request *request,
                        struct mz_error *error)
{
    struct turn *turn = owner;
    struct mz_script_intake *script = turn->script;
    turn->conditional = (request->flags & MIZAN_HTTP_CONDITIONAL) != 0;
    turn->validators = (struct mz_validator_pair){NULL, NULL};
    if (turn->conditional) {
        enum mz_code code =
            mz_past_validators(&script->past, turn->source->id, request->url,
                               turn->pending.arena, &turn->validators, error);
        if (code != MZ_OK) {
            return code;
        }
    }
    mz_counts_add(script->settings->stages->counts, "documents", "requests", 1);
    turn->asked = request;
    return mz_pool_begin(script->pool, request, &turn->validators, &turn->request,
                         error);
}

static enum mz_code answer(void *owner, struct mz_arena *arena,
                           struct mizan_http_response *response, struct mz_error *error)
{
    struct turn *turn = owner;
    struct mz_pending_request *request = turn->request;
    turn->request = NULL;
    enum mz_code code =
        mz_pool_take(turn->script->pool, request, arena, response, error);
    if (code == MZ_OK) {
        mz_exchanges_note(&turn->exchanges, turn->asked, &turn->validators, response);
    }
    if (code == MZ_OK && turn->conditional && response->status == 200 &&
        !mz_pending_keep(&turn->pending, response)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for validators");
    }
    return code;
}

static void drop(void *owner)
{
    struct turn *turn = owner;
    mz_pool_drop(turn->script->pool, turn->request);
    turn->request = NULL;
}

static void unchanged(void *owner)
{
    const struct turn *turn = owner;
    mz_counts_add(turn->script->settings->stages->counts, "documents", "unchanged", 1);
}

static enum mz_code state_get(void *owner, const char *key, struct mz_arena *arena,
                              struct mizan_slice *out, bool *found,
                              struct mz_error *error)
{
    struct turn *turn = owner;
    const struct mz_change *change = mz_pending_find(&turn->pending, key);
    if (change != NULL) {
        *out = change->value;
        *found = out->size > 0;
        return MZ_OK;
    }
    const struct mz_intake_settings *settings = turn->script->settings;
    if (settings->settle_state != NULL) {
        settings->settle_state(settings->owner, turn->source->id, key);
    }
    return mz_past_state(&turn->script->past, turn->source->id, key, arena, out, found,
                         error);
}

static void state_set(void *owner, const char *key, struct mizan_slice value)
{
    struct turn *turn = owner;
    if (!mz_pending_change(&turn->pending, key, value)) {
        turn->failure = mz_fail(&turn->error, MZ_MEMORY, "not enough memory for state");
    }
}

static const struct mz_visit_services services = {.emit = emit,
                                                  .ask = ask,
                                                  .answer = answer,
                                                  .drop = drop,
                                                  .unchanged = unchanged,
                                                  .state_get = state_get,
                                                  .state_set = state_set};

/* ---- turns ---- */

static struct turn *turn_at(struct mz_script_intake *script, size_t place)
{
    return &script->turns[(script->first + place) % WINDOW];
}

static void begin_turn(struct mz_script_intake *script)
{
    struct turn *turn = turn_at(script, script->count++);
    const struct mz_pipeline *pipeline = script->settings->stages->pipeline;
    memset(turn, 0, sizeof *turn);
    turn->script = script;
    turn->source = script->sources[script->next++];
    if (!mz_pending_init(&turn->pending)) {
        turn->failure =
            mz_fail(&turn->error, MZ_MEMORY, "not enough memory for the source '%s'",
                    turn->source->id);
        return;
    }
    turn->failure = mz_visit_begin(
        script->settings->stages->lua, pipeline, &pipeline->stages[turn->source->stage],
        turn->source->record, &services, turn, &turn->visit, &turn->error);
}

static void end_visit(struct turn *turn)
{
    mz_visit_end(turn->visit);
    turn->visit = NULL;
    mz_exchanges_finish(&turn->exchanges);
    if (turn->cut) {
        mz_pending_forget(&turn->pending); /* no failure, and no cursor moves */
        turn->failure = MZ_OK;
    }
}

static bool may_resume(const struct turn *turn)
{
    return turn->visit != NULL && turn->count < UNITS_WAITING &&
           (turn->request == NULL || mz_pool_ended(turn->request));
}

static void resume(struct turn *turn)
{
    enum mz_visit_state state = MZ_VISIT_ENDED;
    struct mz_error error;
    enum mz_code code = mz_visit_resume(turn->visit, &state, &error);
    if (code != MZ_OK) {
        turn->failure = code;
        turn->error = error;
    }
    if (code != MZ_OK || turn->failure != MZ_OK || turn->cut ||
        state == MZ_VISIT_ENDED) {
        end_visit(turn);
    }
}

static bool limit_reached(const struct mz_script_intake *script)
{
    int64_t limit = script->settings->document_limit;
    return limit > 0 && script->documents >= limit;
}

/* Lets everything that can go on do so once; false when nothing could. */
static bool go_on(struct mz_script_intake *script)
{
    bool any = false;
    while (script->count < WINDOW && script->next < script->source_count &&
           !limit_reached(script)) {
        begin_turn(script);
    }
    for (size_t i = 0; i < script->count; i++) {
        struct turn *turn = turn_at(script, i);
        if (turn->visit != NULL && limit_reached(script)) {
            turn->cut = true;
            end_visit(turn);
            any = true;
        } else if (may_resume(turn)) {
            resume(turn);
            any = true;
        }
    }
    return any;
}

/* The front source's next item; false when it has none yet. */
static bool hand_over(struct mz_script_intake *script, struct mz_intake_item *item,
                      struct mz_arena **arena)
{
    struct turn *turn = turn_at(script, 0);
    if (turn->count > 0) {
        *item = (struct mz_intake_item){.kind = MZ_INTAKE_UNIT,
                                        .unit = turn->units[turn->first]};
        turn->first = (turn->first + 1) % UNITS_WAITING;
        turn->count--;
        return true;
    }
    if (turn->visit != NULL) {
        return false;
    }
    *item =
        mz_source_end(turn->source, &turn->pending, turn->failure, turn->error.message);
    *arena = turn->pending.arena;
    script->first = (script->first + 1) % WINDOW;
    script->count--;
    return true;
}

static bool stopped(const struct mz_script_intake *script)
{
    const atomic_int *run = script->settings->stages->cancel;
    return atomic_load(script->cancel) != 0 || (run != NULL && atomic_load(run) != 0);
}

bool mz_script_intake_take(struct mz_script_intake *script, bool (*busy)(void *owner),
                           void *owner, struct mz_intake_item *item,
                           struct mz_arena **arena)
{
    *arena = NULL;
    while (!stopped(script)) {
        bool any = go_on(script);
        if (script->count == 0) {
            return false;
        }
        if (hand_over(script, item, arena)) {
            return true;
        }
        if (!any && busy != NULL && busy(owner)) {
            *item = (struct mz_intake_item){.kind = MZ_INTAKE_NOTHING};
            return true;
        }
        if (!any) {
            mz_pool_drive(script->pool, WAIT);
        }
    }
    return false;
}

/* ---- the whole ---- */

static enum mz_code list_sources(struct mz_script_intake *script,
                                 struct mz_error *error)
{
    const struct mz_intake_settings *settings = script->settings;
    script->sources = calloc(settings->source_count + 1, sizeof(struct mz_source *));
    if (script->sources == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory to fetch");
    }
    for (size_t i = 0; i < settings->source_count; i++) {
        if (mz_source_is_script(settings, &settings->sources[i])) {
            script->sources[script->source_count++] = &settings->sources[i];
        }
    }
    return MZ_OK;
}

enum mz_code mz_script_intake_create(const struct mz_intake_settings *settings,
                                     struct mz_pool *pool, const atomic_int *cancel,
                                     struct mz_script_intake **out,
                                     struct mz_error *error)
{
    const struct mz_pipeline *pipeline = settings->stages->pipeline;
    struct mz_script_intake *script = calloc(1, sizeof *script);
    *out = NULL;
    if (script == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory to fetch");
    }
    script->settings = settings;
    script->cancel = cancel;
    script->pool = pool;
    script->past = (struct mz_past){settings->database, pipeline->name, NULL};
    enum mz_code code = list_sources(script, error);
    if (code != MZ_OK || script->source_count == 0) {
        mz_script_intake_destroy(script);
        return code;
    }
    *out = script;
    return MZ_OK;
}

void mz_script_intake_destroy(struct mz_script_intake *script)
{
    if (script == NULL) {
        return;
    }
    for (size_t i = 0; i < script->count; i++) {
        struct turn *turn = turn_at(script, i);
        mz_pool_drop(script->pool, turn->request);
        mz_visit_end(turn->visit);
        mz_exchanges_finish(&turn->exchanges);
        for (size_t u = 0; u < turn->count; u++) {
            mz_unit_destroy(turn->units[(turn->first + u) % UNITS_WAITING]);
        }
        mz_pending_finish(&turn->pending);
    }
    mz_past_finish(&script->past);
    free(script->sources);
    free(script);
}
