/* `mizan serve`: the scheduler. One small process that loads no plugin and no script:
 * pipelines are described, and run, by children. What happens is in the home database;
 * a daemon that was killed goes on where it stood. */
#ifndef MIZAN_SCHED_SERVE_H
#define MIZAN_SCHED_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* In the environment of a helper: the process that it ends with. */
#define MZ_SUPERVISED "MIZAN_SUPERVISED"

struct mz_serve_settings {
    const char *database; /* URL */
    const char *folder;   /* of the project: children work there */
    int64_t most_runs;    /* at once */
    int64_t grace;        /* milliseconds that runs get at the end */
    const char *labels;   /* of this host, ',eu,gpu,'; NULL: none */
    bool deliver;         /* start and watch `mizan deliver --follow` */
    const char *web; /* … `mizan web`, with this --listen or, empty, its own; NULL */
    int64_t port;    /* of /metrics on 127.0.0.1; negative: none, 0: any free */
    /* Calls `visit` for each file that makes a pipeline; nothing is run for it. */
    enum mz_code (*files)(void *owner,
                          enum mz_code (*visit)(void *context, const char *path,
                                                struct mz_error *error),
                          void *context, struct mz_error *error);
    void *owner;
};

/* Runs until a signal; returns the exit status. */
int mz_serve(const struct mz_serve_settings *settings);

#endif
