/* What the process is doing, in memory shared with the process that watches it: so that
 * after a crash or a passed deadline the watcher can say which plugin, in which stage,
 * on which record. Each thread that calls plugins or Lua owns one slot. */
#ifndef MIZAN_PLUG_ACTIVITY_H
#define MIZAN_PLUG_ACTIVITY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MZ_ACTIVITY_SLOTS 48

struct mz_activity_slot {
    atomic_int busy;       /* 1 while a call is going on */
    atomic_llong deadline; /* monotonic milliseconds, 0: none */
    char what[64];         /* "plugin extract.figures", "script" */
    char function[24];     /* "open", "fetch", "extract", "store" … */
    char stage[64];
    char record[512]; /* address of the document, or empty */
};

struct mz_activity {
    atomic_int crashed_slot; /* index + 1 of the slot whose thread got a fatal signal */
    atomic_int run_started;
    atomic_int finished; /* the child's work returned: its exit status is its own */
    char run_id[64];
    char database[4352]; /* the URL */
    char pipeline[128];
    struct mz_activity_slot slots[MZ_ACTIVITY_SLOTS];
};

/* Maps the shared board before the fork; NULL when out of memory. */
struct mz_activity *mz_activity_create(void);
void mz_activity_destroy(struct mz_activity *activity);

/* Makes this the board of the process and catches SIGSEGV, SIGBUS, SIGILL, SIGFPE and
 * SIGABRT only to note the slot of the thread before dying of the same signal. NULL
 * (the default) turns the board off: all calls below are then no-ops. */
void mz_activity_attach(struct mz_activity *activity);
/* Begins a call on this thread; calls nest, the innermost shows. */
void mz_activity_begin(const char *what, const char *function, const char *stage,
                       const char *record, int64_t limit_milliseconds);
void mz_activity_end(void);
/* Before the end of a call into a plugin: ends the process, blaming it, when it closed
 * files that are not its own. What would come after is a database without its file. */
void mz_activity_check_files(void);
/* The slot whose deadline has passed by `now`, or NULL. */
const struct mz_activity_slot *mz_activity_overdue(const struct mz_activity *activity,
                                                   int64_t now);
/* Writes "plugin extract.figures (extract, stage figures, https://…)". */
void mz_activity_describe(const struct mz_activity_slot *slot, char *out, size_t size);

#endif
