#include "run/intake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "plug/activity.h"

/* Units that may wait: enough to keep both sides busy, little memory. */
#define QUEUE_SIZE                  8
#define SOURCE_CEILING              ((size_t)512 << 20)
#define CANCEL_INTERVAL_NANOSECONDS 50000000L

struct mz_intake {
    struct mz_intake_settings settings;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct mz_intake_item queue[QUEUE_SIZE];
    struct mz_arena *arenas[QUEUE_SIZE]; /* of source ends */
    size_t first, count;
    struct mz_arena *taken; /* of the source end that was taken last */
    bool stop;
    atomic_int cancel; /* what plugins and the client look at */
    /* used by the fetch thread alone */
    struct mz_client *client;
    struct mz_db *reader;
    int64_t documents;
};

/* One source being fetched. */
struct visit {
    struct mz_intake *intake;
    const struct mizan_record *source;
    const char *source_id;
    struct mz_arena *pending_arena; /* changes and validators; outlives plugin marks */
    struct mz_change *changes, **last_change;
    struct mz_kept_validators *validators, **last_validators;
    bool cut; /* a document was refused because of the command's limit */
};

/* ---- the queue ---- */

static bool push(struct mz_intake *intake, const struct mz_intake_item *item,
                 struct mz_arena *arena)
{
    pthread_mutex_lock(&intake->lock);
    while (intake->count == QUEUE_SIZE && !intake->stop) {
        pthread_cond_wait(&intake->changed, &intake->lock);
    }
    bool accepted = !intake->stop;
    if (accepted) {
        size_t place = (intake->first + intake->count) % QUEUE_SIZE;
        intake->queue[place] = *item;
        intake->arenas[place] = arena;
        intake->count++;
        pthread_cond_signal(&intake->changed);
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
static bool wait_for_item(struct mz_intake *intake)
{
    while (intake->count == 0 && !told_to_stop(intake)) {
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

void mz_intake_take(struct mz_intake *intake, struct mz_intake_item *item)
{
    mz_arena_destroy(intake->taken);
    intake->taken = NULL;
    pthread_mutex_lock(&intake->lock);
    if (!wait_for_item(intake)) {
        *item = (struct mz_intake_item){.kind = MZ_INTAKE_END};
        pthread_mutex_unlock(&intake->lock);
        return;
    }
    *item = intake->queue[intake->first];
    intake->taken = intake->arenas[intake->first];
    intake->first = (intake->first + 1) % QUEUE_SIZE;
    intake->count--;
    pthread_cond_signal(&intake->changed);
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
    const struct mz_stage *stage = &pipeline->stages[0];
    char what[96];
    snprintf(what, sizeof what, "plugin %s", mz_plugin_label(stage->plugin));
    for (int i = 0; i < calls; i++) {
        mz_activity_begin(what, "fetch", stage->name, visit->source_id,
                          pipeline->plugin_time);
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

/* Takes the changes that wait over to the unit they ride with. */
static bool move_changes(struct visit *visit, struct mz_unit *unit)
{
    for (struct mz_change *c = visit->changes; c != NULL; c = c->next) {
        if (!mz_unit_change(unit, c->key, c->value)) {
            return false;
        }
    }
    visit->changes = NULL;
    visit->last_change = &visit->changes;
    return true;
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
    struct mz_unit *unit = mz_unit_create(MZ_UNIT_CEILING);
    if (unit != NULL) {
        unit->document = mz_record_copy(unit->arena, record);
        unit->source = visit->source;
        unit->source_id = visit->source_id;
    }
    if (unit == NULL || unit->document == NULL || !move_changes(visit, unit)) {
        mz_unit_destroy(unit);
        mz_fail(&error, MZ_MEMORY, "a document is larger than the memory of one unit");
        return fail_task(task, &error, MIZAN_ERROR_MEMORY);
    }
    unit->url = mz_record_text(unit->document, "url");
    if (unit->url == NULL) {
        mz_unit_destroy(unit);
        mz_fail(&error, MZ_PLUGIN_REFUSED,
                "%s emitted a document without the field 'url'", task->plugin);
        return fail_task(task, &error, MIZAN_ERROR_FAILED);
    }
    struct mz_intake_item item = {.kind = MZ_INTAKE_UNIT, .unit = unit};
    intake->documents++;
    leave_plugin();
    bool accepted = push(intake, &item, NULL);
    enter_plugin(visit);
    if (!accepted) {
        mz_unit_destroy(unit);
        return MIZAN_ERROR_CANCELLED;
    }
    return MIZAN_OK;
}

static struct mz_db *reader(struct mz_intake *intake, struct mz_error *error)
{
    if (intake->reader == NULL && intake->settings.database != NULL &&
        mz_db_open(intake->settings.database, MZ_DB_READ, &intake->reader, error) !=
            MZ_OK) {
        return NULL;
    }
    return intake->reader;
}

static struct mz_client *client(struct mz_intake *intake)
{
    const struct mz_pipeline *pipeline = intake->settings.stages->pipeline;
    struct mz_client_settings settings = {.private_hosts = pipeline->private_hosts,
                                          .private_count = pipeline->private_count,
                                          .polite = pipeline->polite,
                                          .gap = pipeline->gap,
                                          .cancel = &intake->cancel};
    if (intake->client == NULL) {
        intake->client = mz_client_create(&settings);
    }
    return intake->client;
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
    const char *pipeline = intake->settings.stages->pipeline->name;
    struct mz_validators known = {0};
    struct mz_validator_pair pair = {0};
    bool found = false;
    enum mz_code code = MZ_OK;
    error->code = MZ_OK;
    if ((request->flags & MIZAN_HTTP_CONDITIONAL) != 0 &&
        reader(intake, error) != NULL) {
        code = mz_home_validators(intake->reader, pipeline, visit->source_id,
                                  request->url, arena, &known, &found, error);
    }
    if (code != MZ_OK || error->code != MZ_OK) {
        return error->code;
    }
    if (found) {
        pair.etag = known.etag;
        pair.last_modified = known.last_modified;
    }
    if (client(intake) == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for requests");
    }
    return mz_client_request(intake->client, arena, request, &pair, response, error);
}

static int32_t request(struct mizan_task *task,
                       const struct mizan_http_request *request,
                       struct mizan_http_response *response)
{
    struct visit *visit = task->context;
    struct mz_error error;
    leave_plugin();
    enum mz_code code = ask(visit, task->arena, request, response, &error);
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

static const char *pending_text(struct visit *visit, struct mizan_slice text)
{
    return text.size == 0 ? NULL
                          : mz_arena_copy(visit->pending_arena, text.data, text.size);
}

static int32_t keep_validators(struct mizan_task *task,
                               const struct mizan_http_response *response)
{
    struct visit *visit = task->context;
    struct mz_kept_validators *kept = mz_arena_zero(visit->pending_arena, sizeof *kept);
    if (kept == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    kept->url = mz_arena_string(visit->pending_arena, response->url);
    kept->etag = pending_text(visit, response->etag);
    kept->last_modified = pending_text(visit, response->last_modified);
    *visit->last_validators = kept;
    visit->last_validators = &kept->next;
    return kept->url == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

/* A value that was set and waits for its commit is what is read back. */
static const struct mz_change *waiting(const struct visit *visit, const char *key)
{
    const struct mz_change *found = NULL;
    for (const struct mz_change *c = visit->changes; c != NULL; c = c->next) {
        if (strcmp(c->key, key) == 0) {
            found = c;
        }
    }
    return found;
}

static int32_t state_get(struct mizan_task *task, const char *key,
                         struct mizan_slice *out)
{
    struct visit *visit = task->context;
    struct mz_error error = {.code = MZ_OK};
    const struct mz_change *change = waiting(visit, key);
    bool found = change != NULL;
    memset(out, 0, sizeof *out);
    if (found) {
        *out = change->value;
        return MIZAN_OK;
    }
    if (reader(visit->intake, &error) == NULL) {
        return error.code == MZ_OK ? MIZAN_ERROR_NOT_FOUND
                                   : fail_task(task, &error, MIZAN_ERROR_FAILED);
    }
    if (mz_home_state_get(
            visit->intake->reader, visit->intake->settings.stages->pipeline->name,
            visit->source_id, key, task->arena, out, &found, &error) != MZ_OK) {
        return fail_task(task, &error, MIZAN_ERROR_FAILED);
    }
    return found ? MIZAN_OK : MIZAN_ERROR_NOT_FOUND;
}

static int32_t state_set(struct mizan_task *task, const char *key,
                         struct mizan_slice value)
{
    struct visit *visit = task->context;
    struct mz_change *change = mz_arena_zero(visit->pending_arena, sizeof *change);
    if (change == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    change->key = mz_arena_string(visit->pending_arena, key);
    change->value.data = mz_arena_copy(visit->pending_arena, value.data, value.size);
    change->value.size = value.size;
    if (change->key == NULL || change->value.data == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    *visit->last_change = change;
    visit->last_change = &change->next;
    return MIZAN_OK;
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
                                                  .count = count_for_plugin};

/* ---- the fetch thread ---- */

static enum mz_code call_fetch(struct visit *visit, struct mz_arena *arena,
                               struct mz_error *error)
{
    struct mz_stages *stages = visit->intake->settings.stages;
    struct mizan_task task = {.services = &fetch_services,
                              .context = visit,
                              .arena = arena,
                              .stage = stages->pipeline->stages[0].name,
                              .record = visit->source_id,
                              .cancel = &visit->intake->cancel,
                              .error = error};
    begin_fetch(visit, 1);
    enum mz_code code =
        mz_instance_fetch(stages->instances[0], &task, visit->source, 0, error);
    mz_activity_end();
    return code;
}

static void visit_source(struct mz_intake *intake, const struct mizan_record *source)
{
    struct mz_error error = {.code = MZ_OK};
    struct visit visit = {.intake = intake, .source = source};
    visit.last_change = &visit.changes;
    visit.last_validators = &visit.validators;
    visit.source_id = mz_record_text(source, "id");
    struct mz_arena *arena = mz_arena_create(SOURCE_CEILING);
    visit.pending_arena = mz_arena_create(SOURCE_CEILING);
    enum mz_code code = MZ_MEMORY;
    if (arena != NULL && visit.pending_arena != NULL) {
        code = call_fetch(&visit, arena, &error);
    } else {
        mz_fail(&error, MZ_MEMORY, "not enough memory for the source '%s'",
                visit.source_id);
    }
    mz_arena_destroy(arena);
    if (visit.cut) {
        /* Whatever the plugin made of it: no failure, and no cursor moves. */
        visit.validators = NULL;
        visit.changes = NULL;
        code = MZ_OK;
    }
    struct mz_intake_item item = {
        .kind = MZ_INTAKE_SOURCE_END,
        .source = source,
        .source_id = visit.source_id,
        .changes = visit.changes,
        .validators = visit.validators,
        .failure = code,
    };
    if (code != MZ_OK) {
        item.message = visit.pending_arena == NULL
                           ? NULL
                           : mz_arena_string(visit.pending_arena, error.message);
        item.message = item.message == NULL ? "not enough memory" : item.message;
    }
    if (!push(intake, &item, visit.pending_arena)) {
        mz_arena_destroy(visit.pending_arena);
    }
}

static void *fetch_all(void *argument)
{
    struct mz_intake *intake = argument;
    for (size_t i = 0; i < intake->settings.source_count &&
                       atomic_load(&intake->cancel) == 0 && !limit_reached(intake);
         i++) {
        visit_source(intake, intake->settings.sources[i]);
    }
    struct mz_intake_item end = {.kind = MZ_INTAKE_END};
    push(intake, &end, NULL);
    mz_client_destroy(intake->client);
    mz_db_close(intake->reader);
    return NULL;
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
    int failure = pthread_create(&intake->thread, NULL, fetch_all, intake);
    if (failure != 0) {
        mz_intake_destroy(intake);
        return mz_fail(error, MZ_INTERNAL, "the thread that fetches cannot start: %s",
                       strerror(failure));
    }
    intake->started = true;
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
    pthread_cond_broadcast(&intake->changed);
    pthread_mutex_unlock(&intake->lock);
    if (intake->started) {
        pthread_join(intake->thread, NULL);
    }
    for (size_t i = 0; i < intake->count; i++) {
        size_t place = (intake->first + i) % QUEUE_SIZE;
        mz_unit_destroy(intake->queue[place].unit);
        mz_arena_destroy(intake->arenas[place]);
    }
    mz_arena_destroy(intake->taken);
    pthread_cond_destroy(&intake->changed);
    pthread_mutex_destroy(&intake->lock);
    free(intake);
}
