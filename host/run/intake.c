#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/intake_internal.h"

#define CANCEL_INTERVAL_NANOSECONDS 50000000L

/* ---- the queue ---- */

static bool has_room(const void *owner)
{
    const struct mz_intake *intake = owner;
    return intake->count < MZ_QUEUE_SIZE || intake->stop;
}

bool mz_intake_push(struct mz_intake *intake, size_t place_of_source,
                    const struct mz_intake_item *item, struct mz_arena *arena)
{
    pthread_mutex_lock(&intake->lock);
    mz_turns_wait(&intake->turns, &intake->lock, place_of_source, has_room, intake);
    bool accepted = !intake->stop;
    if (accepted) {
        size_t place = (intake->first + intake->count) % MZ_QUEUE_SIZE;
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
           (busy == NULL || (intake->settled >= intake->wanted && !busy(owner)))) {
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

bool mz_intake_wait_settled(struct mz_intake *intake)
{
    pthread_mutex_lock(&intake->lock);
    size_t pushed = intake->pushed;
    intake->wanted = pushed;
    pthread_cond_broadcast(&intake->changed);
    while (intake->settled < pushed && !intake->stop) {
        pthread_cond_wait(&intake->changed, &intake->lock);
    }
    bool all = intake->settled >= pushed;
    pthread_mutex_unlock(&intake->lock);
    return all;
}

struct mz_arena *mz_intake_keep(struct mz_intake *intake)
{
    struct mz_arena *kept =
        intake->script_taken != NULL ? intake->script_taken : intake->taken;
    intake->script_taken = NULL;
    intake->taken = NULL;
    return kept;
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
        mz_script_intake_take(intake->script, busy, owner, item,
                              &intake->script_taken)) {
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
    intake->first = (intake->first + 1) % MZ_QUEUE_SIZE;
    intake->count--;
    mz_turns_wake(&intake->turns);
    pthread_mutex_unlock(&intake->lock);
}

/* ---- the threads that fetch ---- */

bool mz_intake_limit_reached(const struct mz_intake *intake)
{
    return intake->settings.document_limit > 0 &&
           intake->documents >= intake->settings.document_limit;
}

static void *fetch_all(void *argument)
{
    struct fetcher *fetcher = argument;
    struct mz_intake *intake = fetcher->intake;
    size_t count = intake->settings.source_count;
    size_t i;
    while ((i = atomic_fetch_add(&intake->next, 1)) < count &&
           atomic_load(&intake->cancel) == 0 && !mz_intake_limit_reached(intake)) {
        if (!mz_source_is_script(&intake->settings, &intake->settings.sources[i])) {
            mz_intake_visit(intake, &fetcher->past, &intake->settings.sources[i]);
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
        mz_intake_push(intake, count, &end, NULL);
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
    return wanted < MZ_FETCHERS_MOST ? wanted : MZ_FETCHERS_MOST;
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
        size_t place = (intake->first + i) % MZ_QUEUE_SIZE;
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
