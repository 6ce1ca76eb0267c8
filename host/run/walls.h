/* The walls of a run's child: limits of the system, no new privileges, files by
 * Landlock and system calls by seccomp, all by what the pipeline needs. What the kernel
 * lacks is left out and logged. `walls = "off"` in the project's mizan.lua or
 * MIZAN_WALLS=off takes them away, which the run row shows. */
#ifndef MIZAN_RUN_WALLS_H
#define MIZAN_RUN_WALLS_H

#include <stdbool.h>

#include "run/run.h"
#include "run/stages.h"

struct mz_walls_settings {
    const struct mz_environment *environment;
    const struct mz_pipeline *pipeline;
    const char *input; /* a further file to read, or NULL */
    bool network;      /* also when no stage needs it */
};

/* Before anything is loaded: limits that need no pipeline (core, open files, files'
 * sizes), and no new privileges. */
void mz_walls_begin(void);
/* Does nothing where mz_walls_begin was not called, and the second time. When the
 * pipeline is loaded and before its stages open: the rest. The folder of the
 * database must be there. Fails only when memory runs out or the configuration is
 * wrong; what the kernel lacks is no failure. */
MZ_NODISCARD enum mz_code mz_walls_raise(const struct mz_walls_settings *settings,
                                         struct mz_error *error);

/* What stands, for the run row: "landlock 7, seccomp, offline"; "off (MIZAN_WALLS)". */
const char *mz_walls_text(void);
/* True when something is less than this program would do: off, or not in the kernel. */
bool mz_walls_lowered(void);
/* When `error` tells of a file or socket that the walls kept away, adds what to write
 * in mizan.lua; else leaves it. */
void mz_walls_explain(struct mz_error *error);

/* ---- the parts, one file each ---- */

/* Rules on files, collected before they are in force. */
struct mz_landlock;
enum mz_landlock_access { MZ_ACCESS_READ, MZ_ACCESS_WRITE, MZ_ACCESS_RUN };

/* NULL when the kernel has no Landlock, with *version 0, or no memory. */
struct mz_landlock *mz_landlock_create(int *version);
/* What does not exist is left out. */
void mz_landlock_allow(struct mz_landlock *landlock, const char *path,
                       enum mz_landlock_access access);
/* In force for this thread and all it starts; destroys the rules. False: it is not. */
bool mz_landlock_enforce(struct mz_landlock *landlock);

struct mz_filter_settings {
    bool network;  /* sockets, local ones and those of the internet */
    bool programs; /* fork and exec, and local sockets */
};
/* The system calls that a run needs; others answer EPERM. False: it is not in force. */
bool mz_filter_enforce(const struct mz_filter_settings *settings);

#endif
