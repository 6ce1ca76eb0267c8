/* One run of a pipeline, and one try of it. Both work in the watched child process. */
#ifndef MIZAN_RUN_RUN_H
#define MIZAN_RUN_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "plug/activity.h"
#include "run/environment.h"
#include "run/stages.h"

struct mz_run_settings {
    const char *file;              /* of the pipeline */
    const char *database;          /* --db, or NULL */
    const char *const *parameters; /* name=value */
    size_t parameter_count;
    int64_t limit; /* documents, 0: none */
    bool json;     /* the run object on standard output instead of the report */
    bool quiet;    /* no summary on standard error */
    /* The run of a tick: of `tick_at` (milliseconds), 0: of the last one that is due. A
     * tick that is done, or being run, is none of this run's business: exit 0 and a
     * sentence, unless `force`. */
    bool tick, force;
    int64_t tick_at;
    int64_t shard; /* of the tick, from 1: only its sources are asked; 0: all */
    /* Ids or causes of dead letters: their inputs alone are run, no source is asked. */
    const char *const *replay;
    size_t replay_count;
    /* Stored documents alone are run, from their kept bodies; those fetched from `from`
     * on and before `to` (YYYY-MM-DDTHH:MM:SSZ; NULL: open), the latest first when
     * `reverse`. */
    bool from_raw, reverse;
    const char *from, *to;
};

/* Runs in a watched child; returns the exit status. */
int mz_run(const struct mz_run_settings *settings);

struct mz_watched;

struct mz_try_settings {
    const char *file, *database;
    const char *const *parameters;
    size_t parameter_count;
    const char *from,
        *to; /* stage names, or NULL: the first after the fetch, the last */
    const char *document; /* id of a stored document to start from, or NULL */
    const char *letter;   /* id of a dead letter, or NULL */
    const char *input;    /* a file to start from ("-": standard input), or NULL */
    /* What the input is said to be; may be NULL. An address without input is that of a
     * stored document, or with `live` one to ask for. */
    const char *url, *media_type, *lang;
    bool live;
    bool watch;                 /* try again at every save */
    struct mz_watched *watched; /* the files of a try, for that; else NULL */
    int64_t limit;              /* documents; 0: 1 */
    bool json;
};

/* Shows what goes in and out of each stage; stores nothing, moves no cursor. */
int mz_try(const struct mz_try_settings *settings);

/* A pipeline that is loaded and ready: project, database address, plugins, script. */
struct mz_loaded {
    struct mz_environment environment;
    struct mz_lua *lua;
    struct mz_pipeline *pipeline;
};
/* In a child only: it loads plugins and runs the script's top level. */
MZ_NODISCARD enum mz_code mz_loaded_init(struct mz_loaded *loaded, const char *file,
                                         const char *database,
                                         const char *const *parameters,
                                         size_t parameter_count,
                                         struct mz_error *error);
void mz_loaded_finish(struct mz_loaded *loaded);
/* The index of a stage behind the fetch; MZ_USAGE when there is none of that name. */
MZ_NODISCARD enum mz_code mz_find_stage(const struct mz_pipeline *pipeline,
                                        const char *name, size_t *out,
                                        struct mz_error *error);

#endif
