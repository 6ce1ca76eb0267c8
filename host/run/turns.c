#include "run/turns.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define SLICE 50 /* milliseconds between looks at the front source's silence */

struct mz_turn_wait {
    size_t source;
    pthread_cond_t may;
    struct mz_turn_wait *next;
};

bool mz_turns_init(struct mz_turns *turns, size_t count)
{
    *turns = (struct mz_turns){.done = calloc(count + 1, sizeof(bool)),
                               .count = count,
                               .quiet_since = mz_clock_monotonic()};
    return turns->done != NULL;
}

void mz_turns_finish(struct mz_turns *turns)
{
    free(turns->done);
    turns->done = NULL;
}

static bool may_go(const struct mz_turns *turns, size_t source)
{
    return source == turns->front ||
           mz_clock_monotonic() - turns->quiet_since >= MZ_TURN_PATIENCE;
}

static void sleep_a_slice(pthread_cond_t *condition, pthread_mutex_t *lock)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += SLICE * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_clockwait(condition, lock, CLOCK_MONOTONIC, &until);
}

void mz_turns_wait(struct mz_turns *turns, pthread_mutex_t *lock, size_t source,
                   bool (*ready)(const void *owner), const void *owner)
{
    struct mz_turn_wait wait = {.source = source, .next = turns->waiting};
    if (ready(owner) && may_go(turns, source)) {
        return;
    }
    pthread_cond_init(&wait.may, NULL);
    turns->waiting = &wait;
    while (!ready(owner) || !may_go(turns, source)) {
        sleep_a_slice(&wait.may, lock);
    }
    struct mz_turn_wait **place = &turns->waiting;
    while (*place != &wait) {
        place = &(*place)->next;
    }
    *place = wait.next;
    pthread_cond_destroy(&wait.may);
}

void mz_turns_note(struct mz_turns *turns, size_t source, bool last)
{
    size_t front = turns->front;
    if (last) {
        turns->done[source] = true;
        while (turns->front < turns->count && turns->done[turns->front]) {
            turns->front++;
        }
    }
    if (source == front || turns->front != front) {
        turns->quiet_since = mz_clock_monotonic();
    }
    if (turns->front != front) {
        mz_turns_wake(turns);
    }
}

void mz_turns_wake(struct mz_turns *turns)
{
    struct mz_turn_wait *first = turns->waiting;
    for (struct mz_turn_wait *w = first; w != NULL; w = w->next) {
        first = w->source < first->source ? w : first;
    }
    if (first != NULL) {
        pthread_cond_signal(&first->may);
    }
}

void mz_turns_wake_all(struct mz_turns *turns)
{
    for (struct mz_turn_wait *w = turns->waiting; w != NULL; w = w->next) {
        pthread_cond_signal(&w->may);
    }
}
