/* Trying again at every save. */
#ifndef MIZAN_RUN_TRY_WATCH_H
#define MIZAN_RUN_TRY_WATCH_H

#include "run/run.h"

/* The files to look at: names that end with a NUL each, in memory that the child of a
 * try shares with its parent. Names that do not fit are left out. */
struct mz_watched {
    int stopped; /* the signal that ended the watching during a try, or 0 */
    size_t used;
    char names[65536];
};

void mz_watched_add(struct mz_watched *watched, const char *path); /* NULL is fine */

/* Calls `once`, then again after each change, until a signal; returns the exit status.
 */
int mz_try_watch(const struct mz_try_settings *settings,
                 int (*once)(const struct mz_try_settings *settings));

#endif
