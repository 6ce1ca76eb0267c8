/* The process boundary. Whatever loads plugins or scripts runs in a child that is
 * watched by this small parent: the parent loads nothing, survives everything, ends
 * what runs past its deadline and says which plugin it was. */
#ifndef MIZAN_RUN_SUPERVISE_H
#define MIZAN_RUN_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "plug/activity.h"

/* The child's work: returns the exit status. `activity` is attached already. */
typedef int (*mz_child_function)(void *argument, struct mz_activity *activity);

struct mz_supervision {
    int64_t wall_limit; /* milliseconds for the whole child, 0: none */
    /* Becomes the signal that told this process to stop while the child ran, although
     * the child may have ended by itself; 0: none. May be NULL. */
    int *told_to_stop;
    /* Told to stop, the child ends by itself (mz_cancel_flag), within thirty seconds,
     * and it may write to sockets. Else signals end it as they end any program. */
    bool orderly;
    /* Called in the parent when the child crashed or was ended, before the message is
     * printed: may write what happened to the database. `call` is the call that is to
     * blame, NULL when none surely is; `why` holds code and message. May be NULL. */
    void (*died)(void *argument, const struct mz_activity *activity,
                 const struct mz_activity_slot *call, const struct mz_error *why);
};

/* Forks, runs, watches. Returns the exit status for the shell: the child's, or 70 after
 * a crash or a passed deadline (the sentence is printed on standard error), or 128 +
 * signal when this process was told to stop. */
int mz_supervise(mz_child_function function, void *argument,
                 const struct mz_supervision *supervision);

/* Where the environment names the process that watches this one (MIZAN_SUPERVISED), it
 * is told to stop (SIGTERM) when its parent ends, however that ends. */
void mz_end_with_parent(void);

/* In an orderly child: set by SIGTERM, SIGINT and SIGHUP. */
const atomic_int *mz_cancel_flag(void);
int mz_cancel_signal(void); /* the signal, or 0 */
/* In the child: the exit status for a code, 128 + signal when that is why. */
int mz_child_status(enum mz_code code);

/* Output that nobody could read is no success: `status`, or that of the failure, which
 * is printed unless it is only that nobody reads on. */
int mz_flush_output(int status);

#endif
