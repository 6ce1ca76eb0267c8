#include "run/intake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/map.h"
#include "plug/activity.h"
#include "run/intake_script.h"
#include "run/intake_secret.h"
#include "run/network.h"
#include "run/slices.h"
#include "run/stage_secret.h"
#include "run/turns.h"

/* Units that may wait: enough to keep both sides busy, little memory. */
#define QUEUE_SIZE 8
/* Sources that are fetched side by side: most of them wait. */
#define FETCHERS_MOST               16
#define SOURCE_CEILING              ((size_t)512 << 20)
#define CANCEL_INTERVAL_NANOSECONDS 50000000L

/* A thread that fetches one source after the other. */
struct fetcher {
    struct mz_intake *intake;
    pthread_t thread;
    struct mz_past past; /* its own connection */
};

struct mz_intake {
    struct mz_intake_settings settings;
    struct fetcher fetchers[FETCHERS_MOST];
    size_t fetcher_count; /* that were started */
    size_t fetching;      /* that have not ended, under the lock */
    atomic_size_t next;   /* of the sources, to be fetched */
    struct mz_turns turns;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct mz_intake_item queue[QUEUE_SIZE];
    struct mz_arena *arenas[QUEUE_SIZE]; /* of source ends */
    size_t first, count;
    struct mz_arena *taken; /* of the source end that was taken last */
    /* Units of fetch plugins that went into the queue, and those of them that are
     * committed or have failed. */
    size_t pushed, settled;
    bool stop;
    atomic_int cancel;          /* what plugins and the client look at */
    struct mz_network *network; /* shared by both kinds of sources */
    _Atomic int64_t documents;
    /* used by the run's thread alone; NULL: no source is a function of the script */
    struct mz_script_intake *script;
    struct mz_arena *script_taken; /* of its source end that was taken last */
};

/* One source being fetched. */
struct visit {
    struct mz_intake *intake;
    struct mz_past *past;
    const struct mz_source *source;
    struct mz_pending pending; /* outlives the marks of plugins */
    bool cut;        /* a document was refused because of the command's limit */
    bool throttled;  /* its last request was put off by the host */
    bool has_secret; /* one was handed out: what is sent may hold it */
    /* Keys whose changes ride with documents that may not be settled yet. */
    struct mz_map *riding;
};

/* ---- the queue ---- */

static bool has_room(const void *owner)
{
    const struct mz_intake *intake = owner;
    return intake->count < QUEUE_SIZE || intake->stop;
}

/* Hands over what the source at this place of the list has. The end of all comes from
 * the place behind the last. */
static bool push(struct mz_intake *intake, size_t place_of_source,
                 const struct mz_intake_item *item, struct mz_arena *arena)
{
    pthread_mutex_lock(&intake->lock);
    mz_turns_wait(&intake->turns, &intake->lock, place_of_source, has_room, intake);
    bool accepted = !intake->stop;
    if (accepted) {
        size_t place = (intake->first + intake->count) % QUEUE_SIZE;
        intake->queue[place] = *item;
        intake->arenas[place] = arena;
        intake->count++;
        intake->pushed += item->kind == MZ_INTAKE_UNIT ? 1 : 0;
        pthread_cond_broadcast(&intake->changed);
    }
    if (place_of_source < intake->settings.source_count) {
        mz_turns_note(&intake->turns, place_of_source,
                      item->kind == MZ_INTAKE_SOURCE_END);
    }
    pthread_mutex_unlock(&intake->lock);
    return accepted;
}

static bool told_to_stop(const struct mz_intake *intake)
{
    const atomic_int *cancel = intake->settings.stages->cancel;
    return cancel != NULL && atomic_load(cancel) != 0;
}

/* Signals wake no condition, so the run's cancel flag is looked at in between. False
 * when the run is to stop, whatever still waits. */
static bool wait_for_item(struct mz_intake *intake, bool (*busy)(void *owner),
                          void *owner)
{
    while (intake->count == 0 && !told_to_stop(intake) &&
           (busy == NULL || !busy(owner))) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += CANCEL_INTERVAL_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_clockwait(&intake->changed, &intake->lock, CLOCK_MONOTONIC,
                               &until);
    }
    return !told_to_stop(intake);
}

void mz_intake_settled(struct mz_intake *intake, const struct mz_unit *unit)
{
    const struct mz_pipeline *pipeline = intake->settings.stages->pipeline;
    if (pipeline->stages[unit->stage].kind == MZ_STAGE_SOURCE) {
        return;
    }
    pthread_mutex_lock(&intake->lock);
    intake->settled++;
    pthread_cond_broadcast(&intake->changed);
    pthread_mutex_unlock(&intake->lock);
}

/* Waits until all that was pushed so far is settled, which happens in the order of
 * pushing; false when the run is to stop. */
static bool wait_until_settled(struct mz_intake *intake)
{
    pthread_mutex_lock(&intake->lock);
    size_t pushed = intake->pushed;
    while (intake->settled < pushed && !intake->stop) {
        pthread_cond_wait(&intake->changed, &intake->lock);
    }
    bool all = intake->settled >= pushed;
    pthread_mutex_unlock(&intake->lock);
    return all;
}

void mz_intake_wake(struct mz_intake *intake)
{
    pthread_mutex_lock(&intake->lock);
    pthread_cond_broadcast(&intake->changed);
    pthread_mutex_unlock(&intake->lock);
}

void mz_intake_take(struct mz_intake *intake, struct mz_intake_item *item)
{
    mz_intake_take_unless(intake, NULL, NULL, item);
}

void mz_intake_take_unless(struct mz_intake *intake, bool (*busy)(void *owner),
                           void *owner, struct mz_intake_item *item)
{
    mz_arena_destroy(intake->script_taken);
    intake->script_taken = NULL;
    if (intake->script != NULL && !told_to_stop(intake) &&
        mz_script_intake_take(intake->script, item, &intake->script_taken)) {
        return;
    }
    mz_arena_destroy(intake->taken);
    intake->taken = NULL;
    pthread_mutex_lock(&intake->lock);
    bool go_on = wait_for_item(intake, busy, owner);
    if (!go_on || intake->count == 0) {
        item->unit = NULL;
        item->kind = go_on ? MZ_INTAKE_NOTHING : MZ_INTAKE_END;
        pthread_mutex_unlock(&intake->lock);
        return;
    }
    *item = intake->queue[intake->first];
    intake->taken = intake->arenas[intake->first];
    intake->first = (intake->first + 1) % QUEUE_SIZE;
    intake->count--;
    mz_turns_wake(&intake->turns);
    pthread_mutex_unlock(&intake->lock);
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

static bool limit_reached(const struct mz_intake *intake)
{
    return intake->settings.document_limit > 0 &&
           intake->documents >= intake->settings.document_limit;
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

static size_t place_of(const struct visit *visit)
{
    return (size_t)(visit->source - visit->intake->settings.sources);
}

static int32_t emit_document(struct mizan_task *task, struct mizan_record *record)
{
    struct visit *visit = task->context;
    struct mz_intake *intake = visit->intake;
    struct mz_error error;
    visit->cut = visit->cut || limit_reached(intake);
    if (atomic_load(&intake->cancel) != 0 || visit->cut) {
        return MIZAN_ERROR_CANCELLED;
    }
    struct mz_unit *unit;
    if (!note_riding(visit)) {
        return MIZAN_ERROR_MEMORY;
    }
    enum mz_code code =
        mz_pending_unit(&visit->pending, record, task->plugin, &unit, &error);
    if (code != MZ_OK) {
        return fail_task(task, &error,
                         code == MZ_MEMORY ? MIZAN_ERROR_MEMORY : MIZAN_ERROR_FAILED);
    }
    mz_source_owns(visit->source, unit);
    mz_slices_claim_file(unit);
    struct mz_intake_item item = {.kind = MZ_INTAKE_UNIT, .unit = unit};
    intake->documents++;
    leave_plugin();
    bool accepted = push(intake, place_of(visit), &item, NULL);
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
    struct mz_pool *pool = mz_network_pool(intake->network);
    if (!visit->has_secret) {
        return mz_pool_request(pool, arena, request, &pair, response, error);
    }
    struct mizan_http_request private = {.size = sizeof private};
    memcpy(&private, request,
           request->size < sizeof private ? request->size : sizeof private);
    private.flags |= MZ_HTTP_PRIVATE_HEADERS;
    enum mz_code code = mz_intake_may_hold_secret(request->url, error);
    return code != MZ_OK
               ? code
               : mz_pool_request(pool, arena, &private, &pair, response, error);
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
    bool settled = wait_until_settled(visit->intake);
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

/* ---- the threads that fetch ---- */

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

static void visit_source(struct fetcher *fetcher, const struct mz_source *source)
{
    struct mz_intake *intake = fetcher->intake;
    struct mz_error error = {.code = MZ_OK};
    struct visit visit = {.intake = intake, .past = &fetcher->past, .source = source};
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
    if (visit.cut) {
        /* Whatever the plugin made of it: no failure, and no cursor moves. */
        mz_pending_forget(&visit.pending);
        code = MZ_OK;
    }
    /* What plugins say of it is only that it may pass. */
    code = code == MZ_UNREACHABLE && visit.throttled ? MZ_TRY_AGAIN : code;
    struct mz_intake_item item =
        mz_source_end(source, &visit.pending, code, error.message);
    if (!push(intake, place_of(&visit), &item, visit.pending.arena)) {
        mz_pending_finish(&visit.pending);
    }
}

static void *fetch_all(void *argument)
{
    struct fetcher *fetcher = argument;
    struct mz_intake *intake = fetcher->intake;
    size_t count = intake->settings.source_count;
    size_t i;
    while ((i = atomic_fetch_add(&intake->next, 1)) < count &&
           atomic_load(&intake->cancel) == 0 && !limit_reached(intake)) {
        if (!mz_source_is_script(&intake->settings, &intake->settings.sources[i])) {
            visit_source(fetcher, &intake->settings.sources[i]);
        }
    }
    mz_past_finish(&fetcher->past);
    pthread_mutex_lock(&intake->lock);
    bool last = --intake->fetching == 0;
    if (last) {
        /* Sources that a limit or the run's end left out hold nobody up. */
        intake->turns.front = count;
    }
    pthread_mutex_unlock(&intake->lock);
    if (last) {
        struct mz_intake_item end = {.kind = MZ_INTAKE_END};
        push(intake, count, &end, NULL);
    }
    return NULL;
}

/* As many as may work at once: one, when a plugin is not made for threads or only some
 * documents are wanted, which are to be the first ones. */
static size_t fetchers_wanted(const struct mz_intake *intake)
{
    const struct mz_stages *stages = intake->settings.stages;
    size_t wanted = 0;
    for (size_t i = 0; i < intake->settings.source_count; i++) {
        const struct mz_source *source = &intake->settings.sources[i];
        const struct mz_stage *stage = &stages->pipeline->stages[source->stage];
        if (mz_source_is_script(&intake->settings, source)) {
            continue;
        }
        wanted++;
        if ((mz_plugin_descriptor(stage->plugin)->flags & MIZAN_PLUGIN_THREAD_SAFE) ==
            0) {
            return 1;
        }
    }
    if (wanted == 0 || intake->settings.document_limit > 0) {
        return 1;
    }
    return wanted < FETCHERS_MOST ? wanted : FETCHERS_MOST;
}

/* Script sources are handed over elsewhere: here they count as done. */
static bool prepare_turns(struct mz_intake *intake)
{
    const struct mz_intake_settings *settings = &intake->settings;
    if (!mz_turns_init(&intake->turns, settings->source_count)) {
        return false;
    }
    for (size_t i = 0; i < settings->source_count; i++) {
        if (mz_source_is_script(settings, &settings->sources[i])) {
            mz_turns_note(&intake->turns, i, true);
        }
    }
    return true;
}

static enum mz_code start_fetchers(struct mz_intake *intake, struct mz_error *error)
{
    size_t wanted = fetchers_wanted(intake);
    enum mz_code code = MZ_OK;
    pthread_mutex_lock(&intake->lock);
    for (size_t i = 0; i < wanted && code == MZ_OK; i++) {
        struct fetcher *fetcher = &intake->fetchers[i];
        fetcher->intake = intake;
        fetcher->past = (struct mz_past){intake->settings.database,
                                         intake->settings.stages->pipeline->name, NULL};
        int failure = pthread_create(&fetcher->thread, NULL, fetch_all, fetcher);
        if (failure == 0) {
            intake->fetcher_count++;
            intake->fetching++;
        } else if (i == 0) {
            code =
                mz_fail(error, MZ_INTERNAL, "the thread that fetches cannot start: %s",
                        strerror(failure));
        } else {
            break; /* fewer do as well */
        }
    }
    pthread_mutex_unlock(&intake->lock);
    return code;
}

enum mz_code mz_intake_start(const struct mz_intake_settings *settings,
                             struct mz_intake **out, struct mz_error *error)
{
    struct mz_intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory to fetch");
    }
    intake->settings = *settings;
    pthread_mutex_init(&intake->lock, NULL);
    pthread_cond_init(&intake->changed, NULL);
    struct mz_network_settings network = {.pipeline = settings->stages->pipeline,
                                          .database = settings->database,
                                          .contact = settings->contact,
                                          .cancel = &intake->cancel};
    intake->network = mz_network_create(&network);
    enum mz_code code = intake->network == NULL
                            ? mz_fail(error, MZ_MEMORY, "not enough memory to fetch")
                            : mz_script_intake_create(
                                  &intake->settings, mz_network_pool(intake->network),
                                  &intake->cancel, &intake->script, error);
    if (code == MZ_OK && !prepare_turns(intake)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory to fetch");
    }
    if (code == MZ_OK) {
        code = start_fetchers(intake, error);
    }
    if (code != MZ_OK) {
        mz_intake_destroy(intake);
        return code;
    }
    *out = intake;
    return MZ_OK;
}

void mz_intake_destroy(struct mz_intake *intake)
{
    if (intake == NULL) {
        return;
    }
    atomic_store(&intake->cancel, 1);
    pthread_mutex_lock(&intake->lock);
    intake->stop = true;
    mz_turns_wake_all(&intake->turns);
    pthread_cond_broadcast(&intake->changed);
    pthread_mutex_unlock(&intake->lock);
    for (size_t i = 0; i < intake->fetcher_count; i++) {
        pthread_join(intake->fetchers[i].thread, NULL);
    }
    for (size_t i = 0; i < intake->count; i++) {
        size_t place = (intake->first + i) % QUEUE_SIZE;
        mz_unit_destroy(intake->queue[place].unit);
        mz_arena_destroy(intake->arenas[place]);
    }
    mz_arena_destroy(intake->taken);
    mz_arena_destroy(intake->script_taken);
    mz_script_intake_destroy(intake->script);
    mz_network_destroy(intake->network);
    mz_turns_finish(&intake->turns);
    pthread_cond_destroy(&intake->changed);
    pthread_mutex_destroy(&intake->lock);
    free(intake);
}
