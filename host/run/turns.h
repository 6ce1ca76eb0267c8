/* Whose turn it is to hand units over, among sources that are fetched side by side:
 * theirs in the order of the list, so that runs on the same answers are the same; but a
 * source that has nothing to hand over for a while lets the others pass. All functions
 * are called with the intake's lock held. */
#ifndef MIZAN_RUN_TURNS_H
#define MIZAN_RUN_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MZ_TURN_PATIENCE                                                               \
    250 /* milliseconds that the first source may keep the others */

struct mz_turn_wait; /* one thread that waits */

struct mz_turns {
    bool *done; /* by source */
    size_t count, front;
    int64_t quiet_since; /* the front source's last sign of life, monotonic */
    struct mz_turn_wait *waiting;
};

/* False when out of memory. Finish accepts a zeroed one. */
bool mz_turns_init(struct mz_turns *turns, size_t count);
void mz_turns_finish(struct mz_turns *turns);
/* Waits until the source may hand over and `ready` says so, too: that there is room, or
 * that the run stops. */
void mz_turns_wait(struct mz_turns *turns, pthread_mutex_t *lock, size_t source,
                   bool (*ready)(const void *owner), const void *owner);
/* The source handed something over; its last item when `last`. */
void mz_turns_note(struct mz_turns *turns, size_t source, bool last);
/* Room was made: wakes the one that comes first. */
void mz_turns_wake(struct mz_turns *turns);
void mz_turns_wake_all(struct mz_turns *turns);

#endif
