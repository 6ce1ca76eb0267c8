/* The process boundary. Whatever loads plugins or scripts runs in a child that is
 * watched by this small parent: the parent loads nothing, survives everything, ends
 * what runs past its deadline and says which plugin it was. */
#ifndef MIZAN_RUN_SUPERVISE_H
#define MIZAN_RUN_SUPERVISE_H

#include <stdint.h>

#include "base/error.h"
#include "plug/activity.h"

/* The child's work: returns the exit status. `activity` is attached already. */
typedef int (*mz_child_function)(void *argument, struct mz_activity *activity);

struct mz_supervision {
    int64_t wall_limit; /* milliseconds for the whole child, 0: none */
    /* Called in the parent when the child crashed or was ended, before the message is
     * printed: may write what happened to the database. May be NULL. */
    void (*died)(void *argument, const struct mz_activity *activity,
                 const char *message);
};

/* Forks, runs, watches. Returns the exit status for the shell: the child's, or 70 after
 * a crash or a passed deadline (the sentence is printed on standard error), or 128 +
 * signal when this process was told to stop. */
int mz_supervise(mz_child_function function, void *argument,
                 const struct mz_supervision *supervision);

/* In the child: set by SIGTERM and SIGINT. */
const atomic_int *mz_cancel_flag(void);
int mz_cancel_signal(void); /* the signal, or 0 */

#endif
